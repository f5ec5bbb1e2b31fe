extension MetaSandbox {
    /// One entry of a `fields` parameter: `adsets.limit(10){id,name}`.
    struct Field: Sendable {
        var name: String
        var arguments: [String: String] = [:]
        var children: [Field] = []

        /// Reads a `fields` parameter; throws code 2500 for text that is no field list.
        static func parse(_ text: String?) throws(GraphError) -> [Field] {
            guard let text, !text.isEmpty else { return [] }
            if text.hasPrefix("["), let items = JSON(parsing: text)?.list {
                var fields: [Field] = []
                for item in items { fields += try parse(item.text) }
                return fields
            }
            var parser = Parser(text: Array(text.utf8))
            let fields = try parser.list(depth: 0)
            guard parser.place == parser.text.count else { throw parser.syntax }
            return fields
        }
    }

    private struct Parser {
        let text: [UInt8]
        var place = 0

        init(text: [UInt8]) { self.text = text }

        private var next: UInt8 { place < text.count ? text[place] : 0 }

        var syntax: GraphError {
            GraphError(2500, nil, "Syntax error \"Expected end of string\" at character \(place)")
        }

        private mutating func skipSpace() {
            while next == 0x20 { place += 1 }
        }

        mutating func list(depth: Int) throws(GraphError) -> [Field] {
            var fields: [Field] = []
            guard depth < 8 else { throw syntax }
            while true {
                skipSpace()
                if next == 0x7D || place == text.count, !fields.isEmpty || depth > 0 { return fields }
                fields.append(try field(depth: depth))
                skipSpace()
                guard next == 0x2C else { return fields }
                place += 1
            }
        }

        private mutating func name() -> String {
            let start = place
            while (0x61...0x7A).contains(next) || (0x41...0x5A).contains(next) || (0x30...0x39).contains(next)
                || next == 0x5F || next == 0x3A
            {
                place += 1
            }
            return String(decoding: text[start..<place], as: UTF8.self)
        }

        private mutating func field(depth: Int) throws(GraphError) -> Field {
            var field = Field(name: name())
            guard !field.name.isEmpty else { throw syntax }
            while next == 0x2E {
                place += 1
                let key = name()
                guard !key.isEmpty, next == 0x28 else { throw syntax }
                field.arguments[key] = try argument()
            }
            if next == 0x7B {
                place += 1
                field.children = try list(depth: depth + 1)
                guard next == 0x7D else { throw syntax }
                place += 1
            }
            return field
        }

        /// The text between balanced parentheses; brackets inside strings do not count.
        private mutating func argument() throws(GraphError) -> String {
            place += 1
            let start = place
            var depth = 1
            var isQuoted = false
            while place < text.count {
                let byte = text[place]
                if byte == 0x22, text[place - 1] != 0x5C { isQuoted.toggle() }
                if !isQuoted {
                    if byte == 0x28 { depth += 1 }
                    if byte == 0x29 { depth -= 1 }
                }
                if depth == 0 {
                    let value = String(decoding: text[start..<place], as: UTF8.self)
                    place += 1
                    return value
                }
                place += 1
            }
            throw syntax
        }
    }
}
