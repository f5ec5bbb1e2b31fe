import FoundationEssentials
package import SyncCore

/// A small answer of a platform as a tree: errors, headers, report states, batch items. Rows never come through
/// here. Tolerant on purpose: the same value arrives as a number today and as a string tomorrow.
package enum JSONTree: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case real(Double)
    case text(String)
    case list([JSONTree])
    case object([String: JSONTree])

    /// Nil for anything that is not JSON. Bytes that are not UTF-8 are repaired first.
    package static func parse(_ body: [UInt8]) -> JSONTree? {
        parse(String(decoding: body, as: UTF8.self))
    }

    package static func parse(_ text: String) -> JSONTree? {
        JSONTreeParser.tree(Array(text.utf8))
    }

    /// A member of an object; nil for anything else and for null.
    package subscript(_ name: String) -> JSONTree? {
        guard case .object(let members) = self, let value = members[name], value != .null else { return nil }
        return value
    }

    package var items: [JSONTree]? {
        if case .list(let items) = self { items } else { nil }
    }

    /// A text, or a number as text: ids come as both.
    package var string: String? {
        switch self {
        case .text(let text): text
        case .integer(let number): String(number)
        case .real(let number) where number == number.rounded() && abs(number) < 1e18: String(Int64(number))
        case .real(let number): String(number)
        default: nil
        }
    }

    /// A finite number.
    package var double: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .real(let number): number
        case .text(let text): Double(text).flatMap { $0.isFinite ? $0 : nil }
        default: nil
        }
    }

    package var int: Int? {
        switch self {
        case .integer(let number): Int(number)
        case .text(let text): Int(text) ?? Double(text).flatMap { Int(exactly: $0) }
        case .real(let number): Int(exactly: number)
        default: nil
        }
    }

    /// Seconds since 1970, within the years that a date can have.
    package var moment: Instant? {
        int.flatMap { (0...253_402_300_799).contains($0) ? Instant(seconds: Int64($0)) : nil }
    }

    package var isTrue: Bool {
        switch self {
        case .bool(let bool): bool
        case .text(let text): text.lowercased() == "true"
        default: false
        }
    }
}

/// JSON texts that go into parameters: compact, with sorted keys.
package enum JSONText {
    package static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case let control where control.value < 0x20:
                let hex = String(control.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }

    package static func list(_ texts: [String]) -> String {
        "[" + texts.map(quoted).joined(separator: ",") + "]"
    }
}

/// Where a chunk stands, as the text that the engine keeps. A cursor that an older program wrote in another
/// form reads as nil, and the chunk starts over.
package enum CursorText {
    package static func encode(_ state: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(state) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }

    package static func decode<State: Decodable>(_ type: State.Type, _ text: String?) -> State? {
        text.flatMap { try? JSONDecoder().decode(type, from: Data($0.utf8)) }
    }
}
