import GRDB
import StoreSQL
package import SyncCore

/// A database in memory that outlives the stores over it: a simulated crash drops the store, and a new one
/// over the same database finds what was committed.
package struct MemoryDatabase: Sendable {
    let connection: StoreConnection

    package init() throws {
        do {
            let database = try DatabaseQueue()
            connection = StoreConnection(path: ":memory:", database: database)
            try connection.bare { db in
                try Migrations.checkLibrary(db)
                try db.execute(sql: "PRAGMA temp_store = MEMORY")
                try Migrations.apply(to: db)
            }
        } catch {
            throw StoreError(error, path: ":memory:")
        }
    }
}

extension SQLiteStore {
    /// A store without a file, for tests and simulations; shares `database` with others when given one.
    package static func inMemory(
        _ database: MemoryDatabase? = nil, clock: any WallClock, executor: (any SerialExecutor)? = nil
    ) throws -> SQLiteStore {
        SQLiteStore(
            connection: try (database ?? MemoryDatabase()).connection, mode: nil, lock: nil, clock: clock,
            executor: executor ?? SerialQueueExecutor(label: "sluice.store.memory"))
    }
}
