import GRDB
import SyncCore

/// The one connection to a database, with its prepared statements.
package final class StoreConnection: Sendable {
    let path: String
    private let database: DatabaseQueue
    private let statements = StatementCache()

    init(path: String, database: DatabaseQueue) {
        self.path = path
        self.database = database
        database.writeWithoutTransaction { $0.add(function: SQLiteDialect.folding) }
    }

    deinit {
        // Statements and the virtual tables of rows must go before the connection does.
        database.writeWithoutTransaction { _ in statements.removeAll() }
    }

    /// Runs `body` in an immediate transaction.
    func write(_ body: (SQLiteSession) throws -> Void) throws {
        try database.writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                try body(SQLiteSession(db: db, cache: statements))
                return .commit
            }
        }
    }

    func read<Value>(_ body: (SQLiteSession) throws -> Value) throws -> Value {
        try database.writeWithoutTransaction { db in
            var value: Value?
            try db.inTransaction(.deferred) {
                value = try body(SQLiteSession(db: db, cache: statements))
                return .commit
            }
            guard let value else { throw StoreError.inconsistent("a read without a result") }
            return value
        }
    }

    /// Runs `body` outside of any transaction.
    func bare<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try database.writeWithoutTransaction(body)
    }

    func checkpoint() throws {
        try bare { _ = try $0.checkpoint(.truncate) }
    }

    func close() throws {
        try bare { _ in statements.removeAll() }
        try database.close()
    }

    /// The errno of the last failed system call, for I/O errors.
    var systemError: Int32 { database.writeWithoutTransaction { $0.systemError } }
}
