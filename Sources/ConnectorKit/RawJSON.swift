/// JSON as it came, where a tree would change it: numbers keep their digits, members their order.
package enum RawJSON {
    /// The text of a member's value in an object; nil where there is none. `object` is valid JSON.
    package static func member(_ name: String, of object: String) -> String? {
        let bytes = Array(object.utf8)
        var found: String?
        forEachMember(of: bytes) { member, value in
            guard found == nil, String(decoding: bytes[member], as: UTF8.self) == name else { return }
            found = String(decoding: bytes[value], as: UTF8.self)
        }
        return found
    }

    /// The members of an object but those of these names, as an object.
    package static func object(_ object: String, without names: Set<String>) -> String {
        let bytes = Array(object.utf8)
        var kept: [String] = []
        forEachMember(of: bytes) { member, value in
            let name = String(decoding: bytes[member], as: UTF8.self)
            guard !names.contains(name) else { return }
            kept.append("\"\(name)\":\(String(decoding: bytes[value], as: UTF8.self))")
        }
        return "{\(kept.joined(separator: ","))}"
    }

    /// The elements of an array, as texts.
    package static func elements(of array: String) -> [String] {
        let bytes = Array(array.utf8)
        var scanner = Scanner(bytes: bytes)
        guard scanner.take("[") else { return [] }
        var elements: [String] = []
        while let value = scanner.value() {
            elements.append(String(decoding: bytes[value], as: UTF8.self))
            guard scanner.take(",") else { break }
        }
        return elements
    }

    private static func forEachMember(of bytes: [UInt8], _ body: (Range<Int>, Range<Int>) -> Void) {
        var scanner = Scanner(bytes: bytes)
        guard scanner.take("{") else { return }
        while let name = scanner.text(), scanner.take(":"), let value = scanner.value() {
            body(name, value)
            guard scanner.take(",") else { return }
        }
    }

    /// Steps over values without looking into them.
    private struct Scanner {
        let bytes: [UInt8]
        var at = 0

        private mutating func skipSpace() {
            while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
        }

        mutating func take(_ sign: Unicode.Scalar) -> Bool {
            skipSpace()
            guard at < bytes.count, bytes[at] == UInt8(ascii: sign) else { return false }
            at += 1
            return true
        }

        /// What stands between the quotes.
        mutating func text() -> Range<Int>? {
            guard take("\"") else { return nil }
            let start = at
            while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
                at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
            }
            guard at < bytes.count else { return nil }
            at += 1
            return start..<at - 1
        }

        mutating func value() -> Range<Int>? {
            skipSpace()
            let start = at
            var depth = 0
            while at < bytes.count {
                switch bytes[at] {
                case UInt8(ascii: "\""):
                    guard text() != nil else { return nil }
                    if depth == 0 { return start..<at }
                    continue
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    if depth == 0 { return at > start ? start..<at : nil }
                    depth -= 1
                    if depth == 0 {
                        at += 1
                        return start..<at
                    }
                case UInt8(ascii: ","), 0x20, 0x09, 0x0A, 0x0D:
                    if depth == 0 { return at > start ? start..<at : nil }
                default: break
                }
                at += 1
            }
            return at > start ? start..<at : nil
        }
    }
}
