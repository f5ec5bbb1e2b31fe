/// A JSON value of the document.
indirect enum Node: Sendable, Encodable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([Node])
    case object([String: Node])

    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int) { self = .number(value) }
    init(booleanLiteral value: Bool) { self = .flag(value) }
    init(arrayLiteral elements: Node...) { self = .list(elements) }
    init(dictionaryLiteral elements: (String, Node)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .flag(let flag): try container.encode(flag)
        case .list(let list): try container.encode(list)
        case .object(let object): try container.encode(object)
        }
    }

    static func reference(_ name: String) -> Node { ["$ref": .text("#/components/schemas/\(name)")] }
}

/// Fields in one line: `id:id name:text state:open|slowed started_at:moment? jobs:[id] counts:{count} account:Account`.
/// A question mark marks what may be missing, braces an object by name, a capital another schema.
enum SchemaText {
    static func fields(_ text: String) -> [(name: String, type: String, isRequired: Bool)] {
        text.split(whereSeparator: \.isWhitespace).map { word in
            let parts = word.split(separator: ":", maxSplits: 1)
            let type = parts.count > 1 ? String(parts[1]) : "text"
            let isOptional = type.hasSuffix("?")
            return (
                name: String(parts[0]), type: isOptional ? String(type.dropLast()) : type, isRequired: !isOptional
            )
        }
    }

    /// Nothing beside its fields is in an answer; a body may hold more.
    static func object(_ text: String, isClosed: Bool = true) -> Node {
        let fields = fields(text)
        var node: [String: Node] = [
            "type": "object",
            "properties": .object(
                Dictionary(fields.map { ($0.name, type($0.type)) }, uniquingKeysWith: { $1 })),
        ]
        let required = fields.filter(\.isRequired).map { Node.text($0.name) }
        if !required.isEmpty { node["required"] = .list(required) }
        if isClosed { node["additionalProperties"] = false }
        return .object(node)
    }

    static func type(_ text: String) -> Node {
        if text.hasPrefix("["), text.hasSuffix("]") {
            return ["type": "array", "items": type(String(text.dropFirst().dropLast()))]
        }
        if text.hasPrefix("{"), text.hasSuffix("}") {
            return ["type": "object", "additionalProperties": type(String(text.dropFirst().dropLast()))]
        }
        if text.contains("|") {
            return ["type": "string", "enum": .list(text.split(separator: "|").map { .text(String($0)) })]
        }
        switch text {
        case "id": return ["type": "integer", "format": "int64", "minimum": 1]
        case "count": return ["type": "integer", "format": "int64", "minimum": 0]
        case "int": return ["type": "integer", "format": "int64"]
        case "any": return [:]
        case "number": return ["type": "number"]
        case "flag": return ["type": "boolean"]
        case "true": return ["const": true]
        case "false": return ["const": false]
        case "day": return ["type": "string", "format": "date"]
        case "moment": return ["type": "string", "format": "date-time"]
        case "momentornull": return ["type": ["string", "null"], "format": "date-time"]
        case "secret": return ["type": "string", "format": "password"]
        case "text": return ["type": "string"]
        // Another schema; a word in small letters stands for itself.
        default: return text.first?.isUppercase == true ? Node.reference(text) : ["const": .text(text)]
        }
    }
}
