import GRDB
import GRDBSQLite

/// A value on its way into a statement. An enum and no protocol: nothing is boxed.
enum Bound: Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    static func integer(_ value: Int) -> Bound { .integer(Int64(value)) }
    static func text(_ value: String?) -> Bound { value.map { .text($0) } ?? .null }
    static func integer(_ value: Int64?) -> Bound { value.map { .integer($0) } ?? .null }
    static func real(_ value: Double?) -> Bound { value.map { .real($0) } ?? .null }
    static func flag(_ value: Bool) -> Bound { .integer(value ? 1 : 0) }
}

/// The row under a running statement; good only inside the closure that gets it.
struct ResultRow {
    fileprivate let statement: SQLiteStatement

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }
    func int(_ column: Int32) -> Int { Int(sqlite3_column_int64(statement, column)) }
    func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
    func real(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }
    func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(statement, column) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }
    func bytes(_ column: Int32) -> [UInt8] { withBytes(column) { Array($0) } }
    func withBytes<Value>(_ column: Int32, _ body: (UnsafeRawBufferPointer) -> Value) -> Value {
        let start = sqlite3_column_blob(statement, column)
        let count = start == nil ? 0 : Int(sqlite3_column_bytes(statement, column))
        return body(UnsafeRawBufferPointer(start: start, count: count))
    }
    func optionalInt(_ column: Int32) -> Int? { isNull(column) ? nil : int(column) }
    func optionalInt64(_ column: Int32) -> Int64? { isNull(column) ? nil : int64(column) }
    func optionalReal(_ column: Int32) -> Double? { isNull(column) ? nil : real(column) }
    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }
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
        let made = try db.makeStatement(sql: text.description)
        statements[text.utf8Start] = made
        return made.sqliteStatement
    }

    /// Gives everything back to SQLite; to be called before the connection is closed.
    func removeAll() {
        statements.removeAll()
        upsert = RowUpsert()
    }
}

/// Runs statements inside one access to the database.
struct SQL {
    let db: Database
    let cache: StatementCache
    /// Writes rows into data tables.
    var upsert: RowUpsert { cache.upsert }

    /// Runs a statement to its end; how many rows it changed.
    @discardableResult
    func run(_ text: StaticString, _ values: Bound...) throws -> Int {
        let statement = try cache.statement(text, in: db)
        try step(statement, values) { _ in }
        return Int(sqlite3_changes(db.sqliteConnection))
    }

    /// Calls `body` for each row.
    func rows(_ text: StaticString, _ values: Bound..., body: (ResultRow) throws -> Void) throws {
        try step(cache.statement(text, in: db), values, body)
    }

    /// The first row, read by `body`; nil when there is none. Runs the statement to its end.
    func first<Value>(_ text: StaticString, _ values: Bound..., body: (ResultRow) throws -> Value) throws -> Value? {
        var found: Value?
        try step(cache.statement(text, in: db), values) { row in
            if found == nil { found = try body(row) }
        }
        return found
    }

    /// All rows, read by `body`.
    func all<Value>(_ text: StaticString, _ values: Bound..., body: (ResultRow) throws -> Value) throws -> [Value] {
        var found: [Value] = []
        try step(cache.statement(text, in: db), values) { row in found.append(try body(row)) }
        return found
    }

    /// For text that is put together at run time (names of data tables, lists of states).
    func rows(built text: String, _ values: Bound..., body: (ResultRow) throws -> Void) throws {
        try step(db.cachedStatement(sql: text).sqliteStatement, values, body)
    }

    var lastInsertedID: Int64 { sqlite3_last_insert_rowid(db.sqliteConnection) }

    private func step(_ statement: SQLiteStatement, _ values: [Bound], _ body: (ResultRow) throws -> Void) throws {
        defer { sqlite3_reset(statement) }
        for (index, value) in values.enumerated() {
            try check(bind(value, to: statement, at: Int32(index + 1)))
        }
        let row = ResultRow(statement: statement)
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
