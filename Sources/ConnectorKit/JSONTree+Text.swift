extension JSONTree {
    /// JSON without spaces, members in the order of their names.
    package var compact: String {
        switch self {
        case .null: "null"
        case .bool(let bool): bool ? "true" : "false"
        case .integer(let number): String(number)
        case .real(let number): number.isFinite ? String(number) : "null"
        case .text(let text): JSONText.quoted(text)
        case .list(let items): "[" + items.map(\.compact).joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.sorted { $0.key < $1.key }
                .map { "\(JSONText.quoted($0.key)):\($0.value.compact)" }.joined(separator: ",") + "}"
        }
    }
}
