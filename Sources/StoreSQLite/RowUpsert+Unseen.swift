import FoundationEssentials
package import GRDB
import GRDBSQLite
import StoreSQL
package import SyncCore

extension RowUpsert {
    /// Deletes the stored rows of a scope that a complete read did not return (design.md, rule 2), and
    /// returns how many. The scope is an account, and of it some days and some entities where they are given;
    /// `hashes` are those of all rows that the read returned, in any order, all of them within the scope.
    ///
    /// Where none of the rows of an id in the column `sparing` came, all of them stay.
    ///
    /// Days are those of the `date` column: a stream without one loses nothing when days are given.
    package func delete(
        unseen hashes: some Sequence<UInt64>, from schema: StreamSchema, account: String, days: DayRange? = nil,
        entities: EntitySet? = nil, sparing: String? = nil, in db: Database
    ) throws -> Int {
        guard let scope = try ScopeStatement(schema, account: account, days: days, entities: entities) else { return 0 }
        var listed: Set<String> = []
        // Without a column to spare by, all rows are of one that is listed.
        let id = sparing.map(quoted) ?? "''"
        if sparing == nil { listed = [""] }
        let unseen = try scope.unseen(
            hashes, returning: ["_rowid_", id], in: db,
            seen: { if sparing != nil { listed.insert(text($0, 1)) } },
            read: { (row: sqlite3_column_int64($0, 0), id: text($0, 1)) })
        let rows = unseen.filter { listed.contains($0.id) }.map(\.row)
        let statement = try db.makeStatement(
            sql: "DELETE FROM \(quoted(schema.table)) WHERE _rowid_ = ?")
        for row in rows { try statement.execute(arguments: [row]) }
        return rows.count
    }

    /// The ids of stored entities in a scope that a complete listing did not return, sorted: archived, deleted
    /// or out of reach. An entity's id is its `id` column, or the last of its key. Deletes nothing.
    package func unseenIDs(
        _ hashes: some Sequence<UInt64>, of schema: StreamSchema, account: String, days: DayRange? = nil,
        entities: EntitySet? = nil, in db: Database
    ) throws -> [String] {
        guard let scope = try ScopeStatement(schema, account: account, days: days, entities: entities),
            let column = schema.column("id")?.name ?? schema.key.last
        else { return [] }
        return try scope.unseen(hashes, returning: [quoted(column)], in: db) { text($0, 0) }.sorted()
    }
}

private func text(_ statement: OpaquePointer, _ column: CInt) -> String {
    let start = sqlite3_column_text(statement, column)
    let count = Int(sqlite3_column_bytes(statement, column))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
}

/// The condition for some rows of a stream's table (`RowScope`).
private struct ScopeStatement {
    let schema: StreamSchema
    let condition: String
    let arguments: StatementArguments

    /// Nil when days are asked for and the stream has none.
    init?(_ schema: StreamSchema, account: String, days: DayRange?, entities: EntitySet?) throws {
        self.schema = schema
        var condition = "\"account_id\" = ?"
        var arguments: StatementArguments = [account]
        if let days {
            guard schema.column("date") != nil else { return nil }
            condition += " AND \"date\" BETWEEN ? AND ?"
            arguments += [days.first.description, days.last.description]
        }
        if let entities {
            condition += " AND \(quoted(entities.column)) IN (SELECT value FROM json_each(?))"
            arguments += [String(decoding: try JSONEncoder().encode(entities.ids), as: UTF8.self)]
        }
        self.condition = condition
        self.arguments = arguments
    }

    /// `values` of each row of the scope whose key hash is not among `hashes`; the others are shown to `seen`.
    func unseen<Value>(
        _ hashes: some Sequence<UInt64>, returning values: [String], in db: Database,
        seen show: (OpaquePointer) -> Void = { _ in }, read: (OpaquePointer) -> Value
    ) throws -> [Value] {
        let seen = Set(hashes)
        let from = "FROM \(quoted(schema.table)) WHERE \(condition)"
        let key = schema.key.map(quoted).joined(separator: ", ")
        let statement = try db.makeStatement(sql: "SELECT \(values.joined(separator: ", ")), \(key) \(from)")
        try statement.setArguments(arguments)
        let raw = statement.sqliteStatement
        defer { sqlite3_reset(raw) }
        var found: [Value] = []
        while true {
            let code = sqlite3_step(raw)
            if code == SQLITE_DONE { return found }
            guard code == SQLITE_ROW else {
                throw DatabaseError(
                    resultCode: ResultCode(rawValue: code),
                    message: String(cString: sqlite3_errmsg(db.sqliteConnection)))
            }
            let hash = KeyHash.hash(of: raw, first: CInt(values.count), count: schema.key.count)
            if seen.contains(hash) { show(raw) } else { found.append(read(raw)) }
        }
    }
}
