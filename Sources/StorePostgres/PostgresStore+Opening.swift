package import Logging
import StoreTransfer
package import SyncCore

extension PostgresStore {
    /// Opens a database and brings its schema up to date. Throws `StoreError.refused` with a sentence for the user when
    /// a person has to do something first (password, host, privileges, version), `newerSchema` when it belongs to
    /// newer programs, `notADatabase` when it has none of our tables and `creates` is false, and `unavailable` when it
    /// did not answer for a second or so, or only reads. Time is the server's, unless an exercise brings a clock.
    package static func open(
        _ address: PostgresAddress, creates: Bool = true, connections: Int = 8, clock: (any WallClock)? = nil,
        logger: Logger
    ) async throws -> PostgresStore {
        var settings = PostgresPoolStateMachine.Settings()
        settings.size = connections
        settings.firstContact = firstContact
        let pool = PostgresPool(address, settings: settings, logger: logger)
        let time = StoreClock(instead: clock)
        do {
            try await pool.withConnection { connection in
                try connection.checkServer()
                try PostgresTransfer.refuseUnfinished(connection)
                let migrations = PostgresMigrations.released
                if !creates, try migrations.version(connection) == nil {
                    throw StoreError.notADatabase(address.description)
                }
                try migrations.apply(on: connection, at: address)
                _ = time.present(try connection.begin(.snapshot))
                connection.rollback()
            }
        } catch {
            throw abandoned(pool, error)
        }
        return PostgresStore(address: address, pool: pool, clock: time, logger: logger)
    }

    /// Whether the database has none of our tables. Throws as `open` does.
    package static func isMissing(at address: PostgresAddress, logger: Logger) async throws -> Bool {
        var settings = PostgresPoolStateMachine.Settings()
        settings.size = 1
        settings.firstContact = firstContact
        let pool = PostgresPool(address, settings: settings, logger: logger)
        do {
            let isMissing = try await pool.withConnection { connection in
                try connection.checkServer()
                return try PostgresMigrations.released.version(connection) == nil
            }
            await pool.shutdown()
            return isMissing
        } catch {
            throw abandoned(pool, error)
        }
    }

    /// Long enough for a server that is just being started anew.
    private static let firstContact: Duration = .seconds(1)

    private static func abandoned(_ pool: PostgresPool, _ error: any Error) -> any Error {
        pool.abandon()
        return error is CancellationError ? error : StoreError(error)
    }
}
