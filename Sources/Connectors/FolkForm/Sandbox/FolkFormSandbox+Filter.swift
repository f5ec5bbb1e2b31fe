import SyncCore

extension FolkFormSandbox {
    /// The parameter `filter` (platforms.md 3.2): a JSON object of at most ten fields, with a few operators.
    struct Filter: Sendable {
        private struct Condition: Sendable {
            let field: String
            let operation: String
            let value: SandboxJSON
        }

        private var conditions: [Condition] = []
        private static let operations: Set<String> = [
            "$eq", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists",
        ]
        private static let secrets = ["password", "token", "secret", "key", "hash"]

        /// Finds everything.
        init() {}

        init(field: String, equals value: String) {
            conditions = [Condition(field: field, operation: "$eq", value: .text(value))]
        }

        /// Nothing given is a filter that finds everything.
        init(_ text: String?) throws(Refusal) {
            guard let text else { return }
            guard let json = SandboxJSON(parsing: text), case .object(let fields) = json else {
                throw .field("filter must be a JSON object")
            }
            guard fields.count <= 10 else { throw .field("filter has more than 10 fields") }
            for field in fields {
                let name = field.key.lowercased()
                guard !field.key.hasPrefix("$"), !Self.secrets.contains(where: name.contains) else {
                    throw .field("filter must not name \(field.key)")
                }
                try add(field.key, field.value)
            }
        }

        private mutating func add(_ field: String, _ value: SandboxJSON) throws(Refusal) {
            guard case .object(let operators) = value, operators.contains(where: { $0.key.hasPrefix("$") }) else {
                conditions.append(Condition(field: field, operation: "$eq", value: value))
                return
            }
            for item in operators {
                guard Self.operations.contains(item.key) else { throw .field("\(item.key) is not allowed in filter") }
                let isList = item.key == "$in" || item.key == "$nin"
                guard !isList || item.value.list != nil else { throw .field("\(item.key) takes a list") }
                conditions.append(Condition(field: field, operation: item.key, value: item.value))
            }
        }

        var isEmpty: Bool { conditions.isEmpty }

        /// The text that a filter of one field alone wants there.
        func onlyValue(of field: String) -> String? {
            guard conditions.count == 1, conditions[0].field == field, conditions[0].operation == "$eq",
                case .text(let value) = conditions[0].value
            else { return nil }
            return value
        }

        /// What a new document gets from the filter by which it was not found.
        var equalities: [(key: String, value: SandboxJSON)] {
            conditions.filter { $0.operation == "$eq" && !$0.field.contains(".") }.map { ($0.field, $0.value) }
        }

        func matches(_ document: Document) -> Bool {
            conditions.allSatisfy { condition in
                let own = document[condition.field] ?? .null
                switch condition.operation {
                case "$eq": return Self.compare(own, condition.value) == 0
                case "$gt": return Self.compare(own, condition.value).map { $0 > 0 } ?? false
                case "$gte": return Self.compare(own, condition.value).map { $0 >= 0 } ?? false
                case "$lt": return Self.compare(own, condition.value).map { $0 < 0 } ?? false
                case "$lte": return Self.compare(own, condition.value).map { $0 <= 0 } ?? false
                case "$in": return condition.value.list?.contains { Self.compare(own, $0) == 0 } ?? false
                case "$nin": return !(condition.value.list?.contains { Self.compare(own, $0) == 0 } ?? false)
                default:
                    let isThere = document[condition.field] != nil
                    if case .bool(let wanted) = condition.value { return isThere == wanted }
                    return isThere
                }
            }
        }

        /// Nil for values of different kinds. Lists and objects are alike when their bytes are.
        static func compare(_ left: SandboxJSON, _ right: SandboxJSON) -> Int? {
            switch (left, right) {
            case (.int(let left), .int(let right)): return left < right ? -1 : left > right ? 1 : 0
            case (.text(let left), .text(let right)): return left < right ? -1 : left > right ? 1 : 0
            case (.bool(let left), .bool(let right)): return left == right ? 0 : left ? 1 : -1
            case (.null, .null): return 0
            case (.int, .number), (.number, .int), (.number, .number):
                guard let left = left.text.flatMap(Double.init), let right = right.text.flatMap(Double.init) else {
                    return nil
                }
                return left < right ? -1 : left > right ? 1 : 0
            case (.list, .list), (.object, .object): return left.bytes == right.bytes ? 0 : nil
            default: return nil
            }
        }
    }
}
