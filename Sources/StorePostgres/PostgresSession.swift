import StoreSQL
import SyncCore

extension PostgresRow: RowValues {}

/// The common statements inside one transaction of a connection.
struct PostgresSession: SQLSession {
    let connection: PostgresConnection

    func run(_ text: StaticString, _ values: [Bound], _ body: (ResultRow) throws -> Void) throws -> Int {
        try connection.execute(.common(text), values.map(\.value)) { try body(ResultRow($0)) }
    }

    func run(built text: String, _ values: [Bound], _ body: (ResultRow) throws -> Void) throws -> Int {
        let text = try text.contains("sluice_folded") ? PostgresDialect.folded(text, by: connection.folding()) : text
        let statement = PostgresStatement.built(PostgresDialect.translation(of: text))
        return try connection.execute(statement, values.map(\.value)) { try body(ResultRow($0)) }
    }

    func runEach(_ text: StaticString, _ lists: [[Bound]], _ body: (ResultRow) throws -> Void) throws -> Int {
        // One alone costs less without a pipeline around it.
        if lists.count == 1 { return try run(text, lists[0], body) }
        return try connection.executeEach(.common(text), rows: lists.map { $0.map(\.value) }) { _, row in
            try body(ResultRow(row))
        }
    }

    func later(_ text: StaticString, _ lists: [[Bound]]) throws {
        try connection.later(PostgresRun(.common(text), lists.map { $0.map(\.value) }))
    }

    func runAtOnce(_ text: StaticString, _ lists: [[Bound]], _ body: (ResultRow) throws -> Void) throws {
        if lists.count == 1 { return _ = try run(text, lists[0], body) }
        let statement = try connection.setStatement(of: text)
        _ = try connection.execute(statement, PostgresSession.columns(lists)) { try body(ResultRow($0)) }
    }

    func laterAtOnce(_ text: StaticString, _ lists: [[Bound]]) throws {
        if lists.count == 1 { return try later(text, lists) }
        let statement = try connection.setStatement(of: text)
        try connection.later(PostgresRun(statement, [PostgresSession.columns(lists)]))
    }

    /// One list for each value of the statement.
    private static func columns(_ lists: [[Bound]]) -> [PostgresValue] {
        lists[0].indices.map { index in .list(lists.map { $0[index].value }) }
    }

    func hasView(_ name: String) throws -> Bool {
        var isThere = false
        _ = try connection.execute("SELECT to_regclass($1) IS NOT NULL", [.text(name)]) { isThere = $0.int64(0) == 1 }
        return isThere
    }

    func enterJournal() throws {
        try connection.later(PostgresRun("SELECT pg_advisory_xact_lock_shared($1)", .integer(PostgresLock.journal)))
    }

    func prepare(_ schemas: [StreamSchema]) throws {
        for schema in schemas { try PostgresDataTables(connection: connection).create(schema) }
        try PostgresViews(connection: connection).create(for: schemas)
    }

    func upsert(_ table: RowTable, keys: [UInt64]?, syncedAt: Instant) throws -> UpsertResult {
        try PostgresRows(connection: connection).upsert(table, keys: keys, syncedAt: syncedAt)
    }

    func delete(_ scope: RowScope, unseen hashes: [UInt64], sparing: String?) throws -> Int {
        try PostgresScope(connection: connection, scope).delete(unseen: hashes, sparing: sparing)
    }

    func unseenIDs(_ scope: RowScope, _ hashes: [UInt64]) throws -> [String] {
        try PostgresScope(connection: connection, scope).unseenIDs(hashes)
    }
}

extension Bound {
    fileprivate var value: PostgresValue {
        switch self {
        case .null: .null
        case .integer(let number): .integer(number)
        case .real(let number): .real(number)
        case .text(let text): .text(text)
        case .blob(let bytes): .bytes(bytes)
        }
    }
}

/// Numbers of advisory locks, all held to the end of a transaction: a pooler may stand in between.
enum PostgresLock {
    /// `SLUC`, so that another program's locks in the same database are not ours.
    private static let base: Int64 = 0x534C_5543 << 31
    static let migration = base | 1
    static let journal = base | 2
    static let schemas = base | 3
    /// Of an account or a connection, added to its id. Ids stay far below the distances.
    static let accounts: Int64 = 1 << 62
    static let connections: Int64 = 1 << 61
}
