/// A JSON value of the document.
indirect enum Node: Sendable, Encodable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([Node])
    case object([String: Node])
    case null

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
        case .null: try container.encodeNil()
        }
    }

    static func reference(_ name: String) -> Node { ["$ref": .text("#/components/schemas/\(name)")] }
}

/// Fields in one line: `id:id name:text state:open|slowed started_at:moment? jobs:[id] counts:{count} account:Account`.
/// A question mark marks what may be missing, braces an object by name, a capital another schema, `1...200` a whole
/// number of the range, a plus a list that is not empty.
enum SchemaText {
    struct Field: Sendable, Equatable {
        var name: String
        var type: String
        var isRequired: Bool
    }

    static func fields(_ text: String) -> [Field] {
        text.split(whereSeparator: \.isWhitespace).map { word in
            let parts = word.split(separator: ":", maxSplits: 1)
            let type = parts.count > 1 ? String(parts[1]) : "text"
            let isOptional = type.hasSuffix("?")
            return Field(
                name: String(parts[0]), type: isOptional ? String(type.dropLast()) : type, isRequired: !isOptional)
        }
    }

    /// An answer: nothing beside its fields is in it.
    static func object(_ text: String) -> Node {
        var node = object(fields(text)) { type($0.type) }
        node["additionalProperties"] = false
        return .object(node)
    }

    /// A body, which may hold more. One thing stands for a list of it, and what may be missing may also be null, or in
    /// a form empty.
    static func body(_ fields: [Field], isJSON: Bool) -> [String: Node] {
        object(fields) { field in
            let node = type(field.type)
            let item = item(of: field.type)
            var choices = [node]
            if let item { choices.append(type(item)) }
            if field.type == "flag" {
                choices.append(["type": "string", "enum": ["true", "false", "1", "0", "on", "off", "yes", "no"]])
            }
            if !field.isRequired, isJSON || !["text", "loose"].contains(item ?? field.type) {
                choices.append(isJSON ? ["type": "null"] : ["const": ""])
            }
            return choices.count == 1 ? node : ["anyOf": .list(choices)]
        }
    }

    private static func object(_ fields: [Field], _ type: (Field) -> Node) -> [String: Node] {
        var node: [String: Node] = [
            "type": "object",
            "properties": .object(Dictionary(fields.map { ($0.name, type($0)) }, uniquingKeysWith: { $1 })),
        ]
        let required = fields.filter(\.isRequired).map { Node.text($0.name) }
        if !required.isEmpty { node["required"] = .list(required) }
        return node
    }

    /// What a list is of; nil for what is none.
    static func item(of text: String) -> String? {
        let list = text.hasSuffix("+") ? text.dropLast() : text[...]
        return list.hasPrefix("[") && list.hasSuffix("]") ? String(list.dropFirst().dropLast()) : nil
    }

    /// `1...200`
    static func range(_ text: some StringProtocol) -> ClosedRange<Int>? {
        guard let dots = text.firstRange(of: "..."), let low = Int(text[..<dots.lowerBound]),
            let high = Int(text[dots.upperBound...]), low <= high
        else { return nil }
        return low...high
    }

    static func type(_ text: String) -> Node {
        if let item = item(of: text) {
            let list: [String: Node] = ["type": "array", "items": type(item)]
            return .object(text.hasSuffix("+") ? list.merging(["minItems": 1]) { $1 } : list)
        }
        if text.hasPrefix("{"), text.hasSuffix("}") {
            return ["type": "object", "additionalProperties": type(String(text.dropFirst().dropLast()))]
        }
        if text.contains("|") { return choice(text.split(separator: "|")) }
        if let range = range(text) {
            return [
                "type": "integer", "format": "int64", "minimum": .number(range.lowerBound),
                "maximum": .number(range.upperBound),
            ]
        }
        return plain[text] ?? (text.first?.isUppercase == true ? Node.reference(text) : ["const": .text(text)])
    }

    /// Words; beside them there may be numbers, alone or of a range.
    private static func choice(_ words: [Substring]) -> Node {
        let ranges = words.filter { range($0) != nil }
        let numbers = words.compactMap { Int($0) }
        let texts = words.filter { range($0) == nil && Int($0) == nil }
        var choices = ranges.map { type(String($0)) }
        if !numbers.isEmpty { choices.append(["type": "integer", "enum": .list(numbers.map { .number($0) })]) }
        if !texts.isEmpty {
            choices.append(["type": "string", "enum": .list(texts.map { .text(String($0)) })])
        }
        return choices.count == 1 ? choices[0] : ["anyOf": .list(choices)]
    }

    /// Another schema begins with a capital; a word in small letters that is none of these stands for itself.
    private static let plain: [String: Node] = [
        "id": ["type": "integer", "format": "int64", "minimum": 1],
        "count": ["type": "integer", "format": "int64", "minimum": 0],
        "int": ["type": "integer", "format": "int64"],
        "any": [:],
        "number": ["type": "number"],
        "amount": ["type": "number", "exclusiveMinimum": 0],
        "flag": ["type": "boolean"],
        "true": ["const": true],
        "false": ["const": false],
        "day": ["type": "string", "format": "date"],
        "moment": ["type": "string", "format": "date-time"],
        "momentornull": ["type": ["string", "null"], "format": "date-time"],
        "numberornull": ["type": ["number", "null"]],
        "secret": ["type": "string", "format": "password"],
        "text": ["type": "string"],
        // Judged by what comes of it.
        "loose": ["type": ["string", "integer"]],
        // Not only blanks.
        "filled": ["type": "string", "pattern": "\\S"],
        // A day or a moment of one.
        "when": [
            "type": "string",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?Z?)?$",
        ],
    ]
}

extension CaseIterable where Self: RawRepresentable<String> {
    /// Its words as a field's type: `skip|once|all`.
    static var words: String { allCases.map(\.rawValue).joined(separator: "|") }
}
