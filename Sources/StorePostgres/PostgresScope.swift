import StoreSQL
import SyncCore

/// What is stored in a scope and did not come (design.md, rule 2).
struct PostgresScope {
    private let connection: PostgresConnection
    private let schema: StreamSchema
    private let condition: String
    private let values: [PostgresValue]
    /// The scope asks for days of a stream that has none.
    private let isEmpty: Bool

    init(connection: PostgresConnection, _ scope: RowScope) {
        self.connection = connection
        schema = scope.schema
        var condition = "\"account_id\" = $1"
        var values: [PostgresValue] = [.text(scope.account)]
        if let days = scope.days {
            condition += " AND \"date\" BETWEEN $2 AND $3"
            values += [.text(days.first.description), .text(days.last.description)]
        }
        if let entities = scope.entities {
            condition += " AND \(quoted(entities.column)) = ANY(CAST($\(values.count + 1) AS text[]))"
            values.append(.texts(entities.ids))
        }
        self.condition = condition
        self.values = values
        isEmpty = scope.days != nil && schema.column("date") == nil
    }

    /// See `SQLSession.delete`.
    func delete(unseen hashes: [UInt64], sparing: String?) throws -> Int {
        var listed: Set<String> = []
        var unseen: [(row: String, id: String)] = []
        let id = sparing.map(quoted) ?? "''"
        try compare(hashes, returning: "tableoid::text || ctid::text, \(id)") { row, isSeen in
            let id = row.optionalText(1) ?? ""
            if isSeen { listed.insert(id) } else { unseen.append((row: row.text(0), id: id)) }
        }
        if sparing == nil { listed.insert("") }
        let rows = unseen.filter { listed.contains($0.id) }.map(\.row)
        guard !rows.isEmpty else { return 0 }
        // Nobody else changes the account's rows in this transaction, so places hold; each is of a partition.
        let places = "tableoid::text || ctid::text = ANY(CAST($\(values.count + 1) AS text[]))"
        return try connection.execute(
            .built("DELETE FROM \(quoted(schema.table)) WHERE \(condition) AND \(places)"), values + [.texts(rows)])
    }

    /// See `SQLSession.unseenIDs`.
    func unseenIDs(_ hashes: [UInt64]) throws -> [String] {
        guard let column = schema.column("id")?.name ?? schema.key.last else { return [] }
        var found: [String] = []
        try compare(hashes, returning: "\(quoted(column)), 0") { row, isSeen in
            if !isSeen { found.append(row.text(0)) }
        }
        return found.sorted()
    }

    /// Calls `body` for each row of the scope, with two values and whether its key is among `hashes`.
    private func compare(
        _ hashes: [UInt64], returning values: String, _ body: (PostgresRow, Bool) throws -> Void
    ) throws {
        guard !isEmpty else { return }
        let seen = Set(hashes)
        let key = schema.key.compactMap { schema.column($0) }
        let columns = key.map { quoted($0.name) }.joined(separator: ", ")
        let text = "SELECT \(values), \(columns) FROM \(quoted(schema.table)) WHERE \(condition)"
        try connection.execute(.built(text), self.values) { row in
            var hash = KeyHash()
            for (index, column) in key.enumerated() { hash.add(row, Int32(2 + index), column.type) }
            try body(row, seen.contains(hash.value))
        }
    }
}

extension KeyHash {
    /// The value as a cell of a `RowTable` has it: days and instants are text there.
    fileprivate mutating func add(_ row: PostgresRow, _ column: Int32, _ type: ColumnType) {
        switch type {
        case _ where row.isNull(column): add(0)
        case .integer, .money, .minorMoney, .boolean: add(UInt64(bitPattern: row.int64(column)))
        case .real: add(row.real(column).bitPattern)
        case .date, .instant: Array(row.text(column).utf8).withUnsafeBytes { add($0) }
        case .text, .json: row.withBytes(column) { add($0) }
        }
    }

    /// Of some names, in order.
    static func hash(of names: [String]) -> UInt64 {
        var hash = KeyHash()
        for name in names { Array(name.utf8).withUnsafeBytes { hash.add($0) } }
        return hash.value
    }
}
