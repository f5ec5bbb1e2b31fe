/// Bytes to a tree. `JSONDecoder` would cost more for the usage headers of one page than all of its rows: it
/// throws an error for each type that a value does not have.
struct JSONTreeParser {
    private let bytes: [UInt8]
    private var at = 0
    private var depth = 0

    /// Deeper than anything that a platform sends, and no danger for the stack.
    private static let deepest = 128

    /// Nil unless the whole text, in UTF-8, is one JSON value.
    static func tree(_ bytes: [UInt8]) -> JSONTree? {
        var parser = JSONTreeParser(bytes: bytes)
        guard let tree = parser.value() else { return nil }
        parser.skipSpace()
        return parser.at == bytes.count ? tree : nil
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { at += 1 }
    }

    /// Steps over one character, after spaces, if it is there.
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    private mutating func value() -> JSONTree? {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return object()
        case UInt8(ascii: "["): return list()
        case UInt8(ascii: "\""): return text().map { .text($0) }
        default: return word()
        }
    }

    private mutating func object() -> JSONTree? {
        var members: [String: JSONTree] = [:]
        let isWhole = elements(to: "}") { parser in
            parser.skipSpace()
            guard let name = parser.text(), parser.take(":"), let value = parser.value() else { return false }
            members[name] = value
            return true
        }
        return isWhole ? .object(members) : nil
    }

    private mutating func list() -> JSONTree? {
        var items: [JSONTree] = []
        let isWhole = elements(to: "]") { parser in
            guard let value = parser.value() else { return false }
            items.append(value)
            return true
        }
        return isWhole ? .list(items) : nil
    }

    /// What stands between an opening bracket and its end, apart by commas.
    private mutating func elements(to end: Unicode.Scalar, _ element: (inout JSONTreeParser) -> Bool) -> Bool {
        at += 1
        depth += 1
        defer { depth -= 1 }
        guard depth <= JSONTreeParser.deepest else { return false }
        if take(end) { return true }
        repeat {
            guard element(&self) else { return false }
        } while take(",")
        return take(end)
    }

    /// `null`, `true`, `false` or a number.
    private mutating func word() -> JSONTree? {
        let start = at
        while let byte = next,
            byte >= 0x2B && byte <= 0x39 && byte != 0x2C || byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A
        {
            at += 1
        }
        let word = bytes[start..<at]
        switch String(decoding: word, as: UTF8.self) {
        case "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        case let text: return JSONTreeParser.mayBeNumber(word) ? JSONTreeParser.number(text) : nil
        }
    }

    /// Nil for what is too large for a number: nobody can reckon with an infinity.
    private static func number(_ text: String) -> JSONTree? {
        if let whole = Int64(text) { return .integer(whole) }
        return Double(text).flatMap { $0.isFinite ? .real($0) : nil }
    }

    /// Not one of those that only Swift reads: "+1", "01", ".5", "1.", "inf", "nan", "0x1".
    private static func mayBeNumber(_ word: ArraySlice<UInt8>) -> Bool {
        func isDigit(_ byte: UInt8?) -> Bool { byte.map { $0 >= 0x30 && $0 <= 0x39 } ?? false }
        let digits = word.first == UInt8(ascii: "-") ? word.dropFirst() : word
        guard isDigit(digits.first) else { return false }
        if digits.first == UInt8(ascii: "0"), isDigit(digits.dropFirst().first) { return false }
        if let point = digits.firstIndex(of: UInt8(ascii: ".")), !isDigit(digits[point...].dropFirst().first) {
            return false
        }
        return digits.allSatisfy { isDigit($0) || "+-.eE".utf8.contains($0) }
    }

    private mutating func text() -> String? {
        guard next == UInt8(ascii: "\"") else { return nil }
        at += 1
        var out: [UInt8] = []
        var start = at
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                out += bytes[start..<at]
                at += 1
                return String(decoding: out, as: UTF8.self)
            case UInt8(ascii: "\\"):
                out += bytes[start..<at]
                at += 1
                guard let scalar = escape() else { return nil }
                out += Array(String(Character(scalar)).utf8)
                start = at
            case ..<0x20: return nil
            default: at += 1
            }
        }
        return nil
    }

    /// Behind a backslash.
    private mutating func escape() -> Unicode.Scalar? {
        guard let byte = next else { return nil }
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: return nil
        }
        guard let first = unit() else { return nil }
        guard UTF16.isLeadSurrogate(first) else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
        let behind = at
        guard next == UInt8(ascii: "\\") else { return "\u{FFFD}" }
        at += 1
        guard next == UInt8(ascii: "u") else {
            at = behind
            return "\u{FFFD}"
        }
        at += 1
        guard let second = unit() else { return nil }
        guard UTF16.isTrailSurrogate(second) else {
            at = behind
            return "\u{FFFD}"
        }
        return Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + UInt32(second) - 0xDC00)
    }

    /// Four hexadecimal digits, and no sign, which Swift would take for one of them.
    private mutating func unit() -> UInt16? {
        guard at + 4 <= bytes.count else { return nil }
        defer { at += 4 }
        let digits = bytes[at..<at + 4]
        guard digits.first != UInt8(ascii: "+"), digits.first != UInt8(ascii: "-") else { return nil }
        return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
