package import Logging
import StoreTransfer
package import SyncCore

extension PostgresStore {
    /// Opens a database and brings its schema up to date. Throws `StoreError.refused` with a sentence for the user when
    /// a person has to do something first (password, host, privileges, version, a standby), `newerSchema` when it
    /// belongs to newer programs, and `unavailable` when it does not answer. Time is the server's, unless an exercise
    /// brings a clock.
    package static func open(
        _ address: PostgresAddress, connections: Int = 8, clock: (any WallClock)? = nil, logger: Logger
    ) async throws -> PostgresStore {
        var settings = PostgresPoolStateMachine.Settings()
        settings.size = connections
        let pool = PostgresPool(address, settings: settings, logger: logger)
        do {
            try await pool.withConnection { connection in
                try connection.checkServer()
                try PostgresTransfer.refuseUnfinished(connection)
                try PostgresMigrations.released.apply(on: connection)
            }
        } catch {
            await pool.shutdown()
            throw StoreError(error)
        }
        return PostgresStore(address: address, pool: pool, clock: StoreClock(instead: clock), logger: logger)
    }
}
