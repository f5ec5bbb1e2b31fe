import GRDB
import SyncCore

/// The one connection to a database, with its prepared statements.
package final class StoreConnection: Sendable {
    let path: String
    private let database: DatabaseQueue
    private let statements = StatementCache()
    private let upsert = RowUpsert()

    init(path: String, database: DatabaseQueue) {
        self.path = path
        self.database = database
    }

    /// Runs `body` in an immediate transaction.
    func write(_ body: (SQL) throws -> Void) throws {
        try database.writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                try body(SQL(db: db, cache: statements, upsert: upsert))
                return .commit
            }
        }
    }

    func read<Value>(_ body: (SQL) throws -> Value) throws -> Value {
        try database.writeWithoutTransaction { db in
            var value: Value?
            try db.inTransaction(.deferred) {
                value = try body(SQL(db: db, cache: statements, upsert: upsert))
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
        try bare { _ in
            statements.removeAll()
            upsert.finish()
        }
        try database.close()
    }

    /// The errno of the last failed system call, for I/O errors.
    var systemError: Int32 { database.writeWithoutTransaction { $0.systemError } }
}
