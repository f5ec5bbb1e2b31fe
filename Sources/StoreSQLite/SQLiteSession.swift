import GRDB
import GRDBSQLite
import StoreSQL
import SyncCore

/// The row under a running statement of SQLite.
struct SQLiteRow: RowValues {
    fileprivate let statement: SQLiteStatement

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }
    func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
    func real(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }
    func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(statement, column) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }
    func withBytes<Value>(_ column: Int32, _ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
        let start = sqlite3_column_blob(statement, column)
        let count = start == nil ? 0 : Int(sqlite3_column_bytes(statement, column))
        return try body(UnsafeRawBufferPointer(start: start, count: count))
    }
}

/// Statements of one connection, prepared once and then found by the address of their literal: hashing
/// hundreds of characters of SQL would cost as much as running it.
///
/// Unchecked, because it is used only inside the serial access of the connection's `DatabaseQueue`.
final class StatementCache: @unchecked Sendable {
    private var statements: [UnsafePointer<UInt8>: Statement] = [:]
    /// Writes rows into data tables, with statements of its own.
    private(set) lazy var upsert = RowUpsert()

    fileprivate func statement(_ text: StaticString, in db: Database) throws -> SQLiteStatement {
        if let known = statements[text.utf8Start] { return known.sqliteStatement }
        let made = try db.makeStatement(sql: SQLiteDialect.statement(text.description))
        statements[text.utf8Start] = made
        return made.sqliteStatement
    }

    /// Gives everything back to SQLite; to be called before the connection is closed.
    func removeAll() {
        statements.removeAll()
        upsert = RowUpsert()
    }
}

/// The common dialect (`SQLSession`) in SQLite's words.
enum SQLiteDialect {
    /// SQLite itself knows upper and lower case of English letters only.
    static let folding = DatabaseFunction("sluice_folded", argumentCount: 1, pure: true) { values in
        String.fromDatabaseValue(values[0])?.lowercased()
    }

    static func statement(_ text: String) -> String {
        text.replacing("greatest(", with: "max(").replacing("least(", with: "min(")
            .replacing(" FOR UPDATE SKIP LOCKED", with: "").replacing("FOR UPDATE SKIP LOCKED", with: "")
            .replacing(/\ FOR UPDATE( OF \w+)?/, with: "")
    }
}

/// Runs statements inside one access to the database.
struct SQLiteSession: SQLSession {
    let db: Database
    let cache: StatementCache

    func run(_ text: StaticString, _ values: [Bound], _ body: (ResultRow) throws -> Void) throws -> Int {
        let statement = try cache.statement(text, in: db)
        try step(statement, values, body)
        return Int(sqlite3_changes(db.sqliteConnection))
    }

    func run(built text: String, _ values: [Bound], _ body: (ResultRow) throws -> Void) throws -> Int {
        try step(db.cachedStatement(sql: text).sqliteStatement, values, body)
        return Int(sqlite3_changes(db.sqliteConnection))
    }

    func runEach(_ text: StaticString, _ lists: [[Bound]], _ body: (ResultRow) throws -> Void) throws -> Int {
        try lists.reduce(0) { $0 + (try run(text, $1, body)) }
    }

    func later(_ text: StaticString, _ lists: [[Bound]]) throws {
        for values in lists { _ = try run(text, values) { _ in } }
    }

    func runAtOnce(_ text: StaticString, _ lists: [[Bound]], _ body: (ResultRow) throws -> Void) throws {
        _ = try runEach(text, lists, body)
    }

    func laterAtOnce(_ text: StaticString, _ lists: [[Bound]]) throws { try later(text, lists) }

    func hasView(_ name: String) throws -> Bool {
        var found = false
        _ = try run("SELECT 1 FROM sqlite_master WHERE type = 'view' AND name = ?", [.text(name)]) { _ in found = true }
        return found
    }

    func enterJournal() throws {}

    func prepare(_ schemas: [StreamSchema]) throws {
        for schema in schemas { try DataTables.create(schema, in: db) }
        try DataViews.create(for: schemas, in: db)
    }

    func upsert(_ table: RowTable, keys: [UInt64]?, syncedAt: Instant) throws -> UpsertResult {
        try cache.upsert.upsert(table, keys: keys, syncedAt: syncedAt, in: db)
    }

    func delete(_ scope: RowScope, unseen hashes: [UInt64], sparing: String?) throws -> Int {
        try cache.upsert.delete(
            unseen: hashes, from: scope.schema, account: scope.account, days: scope.days, entities: scope.entities,
            sparing: sparing, in: db)
    }

    func unseenIDs(_ scope: RowScope, _ hashes: [UInt64]) throws -> [String] {
        try cache.upsert.unseenIDs(
            hashes, of: scope.schema, account: scope.account, days: scope.days, entities: scope.entities, in: db)
    }

    private func step(_ statement: SQLiteStatement, _ values: [Bound], _ body: (ResultRow) throws -> Void) throws {
        defer { sqlite3_reset(statement) }
        for (index, value) in values.enumerated() {
            try check(bind(value, to: statement, at: Int32(index + 1)))
        }
        let row = ResultRow(SQLiteRow(statement: statement))
        while true {
            let code = sqlite3_step(statement)
            if code == SQLITE_DONE { return }
            guard code == SQLITE_ROW else { throw failure(code) }
            try body(row)
        }
    }

    private func bind(_ value: Bound, to statement: SQLiteStatement, at index: Int32) -> Int32 {
        // SQLite copies the bytes before the call returns.
        let transient = unsafeBitCast(OpaquePointer(bitPattern: -1), to: sqlite3_destructor_type.self)
        switch value {
        case .null: return sqlite3_bind_null(statement, index)
        case .integer(let number): return sqlite3_bind_int64(statement, index, number)
        case .real(let number): return sqlite3_bind_double(statement, index, number)
        case .text(var text):
            // An empty string may come without an address, which SQLite would take for NULL.
            if text.isEmpty { return sqlite3_bind_text(statement, index, "", 0, transient) }
            return text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) {
                    sqlite3_bind_text(statement, index, $0.baseAddress, Int32($0.count), transient)
                }
            }
        case .blob(let bytes):
            return bytes.withUnsafeBytes {
                guard let start = $0.baseAddress, !$0.isEmpty else { return sqlite3_bind_zeroblob(statement, index, 0) }
                return sqlite3_bind_blob(statement, index, start, Int32($0.count), transient)
            }
        }
    }

    private func check(_ code: Int32) throws {
        if code != SQLITE_OK { throw failure(code) }
    }

    private func failure(_ code: Int32) -> DatabaseError {
        let message = sqlite3_errmsg(db.sqliteConnection).map { String(cString: $0) }
        return DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }
}
