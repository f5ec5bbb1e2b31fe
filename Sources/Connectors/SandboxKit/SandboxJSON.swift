/// JSON of parameters and of small answers. Objects keep the order of their keys.
indirect enum SandboxJSON: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    /// A number that is no 64-bit integer, as it stands.
    case number(String)
    case text(String)
    case list([SandboxJSON])
    case object([(key: String, value: SandboxJSON)])
    /// Finished JSON.
    case raw([UInt8])

    subscript(_ key: String) -> SandboxJSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    var list: [SandboxJSON]? {
        if case .list(let items) = self { items } else { nil }
    }

    /// Strings as they are and numbers as digits: callers send both.
    var text: String? {
        switch self {
        case .text(let text), .number(let text): text
        case .int(let value): String(value)
        case .bool(let value): value ? "true" : "false"
        default: nil
        }
    }

    var int: Int64? {
        switch self {
        case .int(let value): value
        case .text(let text): Int64(text)
        default: nil
        }
    }

    func write(to out: inout ByteWriter) {
        switch self {
        case .null: out.literal("null")
        case .bool(let value): out.literal(value ? "true" : "false")
        case .int(let value): out.integer(value)
        case .number(let digits): out.append(Array(digits.utf8))
        case .text(let text): out.quoted(text)
        case .raw(let bytes): out.append(bytes)
        case .list(let items):
            out.byte(0x5B)
            for (index, item) in items.enumerated() {
                if index > 0 { out.byte(0x2C) }
                item.write(to: &out)
            }
            out.byte(0x5D)
        case .object(let members):
            out.byte(0x7B)
            for (index, member) in members.enumerated() {
                if index > 0 { out.byte(0x2C) }
                out.quoted(member.key)
                out.byte(0x3A)
                member.value.write(to: &out)
            }
            out.byte(0x7D)
        }
    }

    var bytes: [UInt8] {
        var out = ByteWriter()
        write(to: &out)
        return out.bytes()
    }

    /// This object with the members of `other` over it, at every depth; lists are replaced.
    func merged(with other: SandboxJSON) -> SandboxJSON {
        guard case .object(var members) = self, case .object(let changes) = other else { return other }
        for change in changes {
            if let index = members.firstIndex(where: { $0.key == change.key }) {
                members[index].value = members[index].value.merged(with: change.value)
            } else {
                members.append(change)
            }
        }
        return .object(members)
    }

    /// Numbers as strings and short strings of digits as numbers, as the platform sometimes has it.
    var loosened: SandboxJSON {
        switch self {
        case .int(let value): .text(String(value))
        case .text(let text):
            if text.utf8.count < 12, let value = Int64(text) { .int(value) } else { self }
        case .list(let items): .list(items.map(\.loosened))
        case .object(let members): .object(members.map { ($0.key, $0.value.loosened) })
        default: self
        }
    }
}

extension SandboxJSON {
    /// Nil unless `bytes` are one whole JSON value.
    init?(parsing bytes: [UInt8]) {
        var parser = Parser(bytes: bytes)
        guard let value = parser.value(depth: 0) else { return nil }
        parser.skipSpace()
        guard parser.isAtEnd else { return nil }
        self = value
    }

    init?(parsing text: String) { self.init(parsing: Array(text.utf8)) }

    private struct Parser {
        let bytes: [UInt8]
        var place = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { place >= bytes.count }
        private var next: UInt8 { place < bytes.count ? bytes[place] : 0 }

        mutating func skipSpace() {
            while next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 { place += 1 }
        }

        private mutating func take(_ byte: UInt8) -> Bool {
            skipSpace()
            guard next == byte else { return false }
            place += 1
            return true
        }

        mutating func value(depth: Int) -> SandboxJSON? {
            skipSpace()
            guard depth < 60 else { return nil }
            switch next {
            case 0x7B: return object(depth)
            case 0x5B: return list(depth)
            case 0x22: return string().map { .text($0) }
            case 0x74: return word("true", .bool(true))
            case 0x66: return word("false", .bool(false))
            case 0x6E: return word("null", .null)
            default: return number()
            }
        }

        private mutating func word(_ word: String, _ value: SandboxJSON) -> SandboxJSON? {
            guard bytes[place...].starts(with: word.utf8) else { return nil }
            place += word.utf8.count
            return value
        }

        private mutating func number() -> SandboxJSON? {
            let start = place
            while [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(next) || (0x30...0x39).contains(next) { place += 1 }
            guard place > start else { return nil }
            let digits = String(decoding: bytes[start..<place], as: UTF8.self)
            if let value = Int64(digits) { return .int(value) }
            return Double(digits) == nil ? nil : .number(digits)
        }

        private mutating func list(_ depth: Int) -> SandboxJSON? {
            place += 1
            var items: [SandboxJSON] = []
            if take(0x5D) { return .list(items) }
            repeat {
                guard let item = value(depth: depth + 1) else { return nil }
                items.append(item)
            } while take(0x2C)
            return take(0x5D) ? .list(items) : nil
        }

        private mutating func object(_ depth: Int) -> SandboxJSON? {
            place += 1
            var members: [(key: String, value: SandboxJSON)] = []
            if take(0x7D) { return .object(members) }
            repeat {
                skipSpace()
                guard next == 0x22, let key = string(), take(0x3A), let item = value(depth: depth + 1) else {
                    return nil
                }
                members.append((key, item))
            } while take(0x2C)
            return take(0x7D) ? .object(members) : nil
        }

        private mutating func string() -> String? {
            place += 1
            var units: [UInt16] = []
            var run: [UInt8] = []
            func flush() {
                units.append(contentsOf: String(decoding: run, as: UTF8.self).utf16)
                run.removeAll(keepingCapacity: true)
            }
            while place < bytes.count {
                let byte = bytes[place]
                place += 1
                if byte == 0x22 {
                    if units.isEmpty { return String(decoding: run, as: UTF8.self) }
                    flush()
                    return String(decoding: units, as: UTF16.self)
                }
                guard byte == 0x5C else {
                    run.append(byte)
                    continue
                }
                flush()
                guard let unit = escape() else { return nil }
                units.append(unit)
            }
            return nil
        }

        private mutating func escape() -> UInt16? {
            let byte = next
            place += 1
            switch byte {
            case 0x22, 0x5C, 0x2F: return UInt16(byte)
            case 0x6E: return 0x0A
            case 0x72: return 0x0D
            case 0x74: return 0x09
            case 0x62: return 0x08
            case 0x66: return 0x0C
            case 0x75:
                guard place + 4 <= bytes.count else { return nil }
                let digits = String(decoding: bytes[place..<place + 4], as: UTF8.self)
                place += 4
                return UInt16(digits, radix: 16)
            default: return nil
            }
        }
    }
}
