import StoreSQL
import StoreTransfer
import SyncCore

/// The numbered steps from an empty database to the present one. A step that was released is never edited; each only
/// adds.
///
/// Old and new programs share a database while an upgrade rolls over the machines, so a change comes in two steps: one
/// that adds (old programs go on beside it), and, releases later, one that takes away what nobody uses any more. The
/// database tells the oldest program that may work on it: `compatible_from` of its newest step.
struct PostgresMigrations {
    struct Step: Sendable {
        /// The schema version of the oldest program that can work on the database after this step.
        var compatibleFrom: Int
        var sql: String
    }

    static let released = PostgresMigrations(steps: [
        Step(compatibleFrom: 1, sql: PostgresTables.first), Step(compatibleFrom: 1, sql: PostgresTables.refusals),
        Step(compatibleFrom: 1, sql: PostgresTables.setLimits),
        Step(compatibleFrom: 1, sql: PostgresTables.schedules), Step(compatibleFrom: 1, sql: PostgresTables.outbox),
        Step(compatibleFrom: 1, sql: PostgresTables.people),
        Step(
            compatibleFrom: 1,
            sql: PostgresTables.looking + PostgresTables.promises + PostgresTables.certificates
                + PostgresTables.drafts + PostgresTables.notices),
        // Programs before it know certificates by a shorter key.
        Step(compatibleFrom: 8, sql: PostgresTables.currencies + PostgresTables.minutes + PostgresTables.origins),
    ])

    var steps: [Step]
    /// The schema version that this program writes.
    var newest: Int { steps.count }

    /// Applies what is missing, all or nothing; one process at a time. Throws `newerSchema` when the database has
    /// changed in a way that this program does not know how to live with, and `TransferError.foreignTable` when others
    /// use our names in it.
    func apply(on connection: PostgresConnection, at address: PostgresAddress) throws {
        if let found = try version(connection), try isEnough(found) { return }
        try connection.begin()
        do {
            try connection.execute("SELECT pg_advisory_xact_lock($1)", [.integer(PostgresLock.migration)])
            // Again, for another process may have been faster.
            let found = try version(connection)
            if let found, try isEnough(found) { return connection.rollback() }
            if found == nil {
                try PostgresMigrations.refuseOthers(connection, address)
                try create(connection)
            }
            // Fails soon instead of standing in line behind a backup, with all workers behind it; it is tried again.
            try connection.script("SET LOCAL lock_timeout = '3s'")
            for (index, step) in steps.enumerated().dropFirst(found?.newest ?? 0) {
                try connection.script(step.sql)
                try connection.execute(
                    "INSERT INTO schema_versions (version, compatible_from, applied_at) VALUES ($1, $2, now())",
                    [.integer(Int64(index + 1)), .integer(Int64(step.compatibleFrom))])
            }
            try connection.commit()
        } catch {
            connection.rollback()
            throw error
        }
    }

    struct Found {
        var newest: Int
        var compatibleFrom: Int
    }

    /// Nil for a database without our tables.
    func version(_ connection: PostgresConnection) throws -> Found? {
        var isOurs = false
        try connection.execute(
            "SELECT to_regclass('schema_versions') IS NOT NULL AND to_regclass('sync_chunks') IS NOT NULL"
        ) {
            isOurs = $0.bool(0)
        }
        return isOurs ? try found(connection) : nil
    }

    /// Throws `newerSchema` when a newer program has changed the database beyond this one.
    func checkCompatible(_ connection: PostgresConnection) throws {
        if let found = try found(connection) { _ = try isEnough(found) }
    }

    private func found(_ connection: PostgresConnection) throws -> Found? {
        var found: Found?
        try connection.execute(
            "SELECT version, compatible_from FROM schema_versions ORDER BY version DESC LIMIT 1"
        ) { found = Found(newest: $0.int(0), compatibleFrom: $0.int(1)) }
        return found
    }

    private func isEnough(_ found: Found) throws -> Bool {
        if found.compatibleFrom > newest { throw StoreError.newerSchema(found: found.newest, known: newest) }
        return found.newest >= newest
    }

    /// Throws when the control tables cannot be made: there is no schema for them, or others use our names in it.
    static func refuseOthers(_ connection: PostgresConnection, _ address: PostgresAddress) throws {
        var place: String?
        try connection.execute("SELECT current_schema()::text") { place = $0.optionalText(0) }
        guard place != nil else {
            throw PostgresError(
                .unsupported,
                sentence: "The schema that search_path names does not exist; create it, or correct the address or the "
                    + "settings of the user.")
        }
        let own = TransferCatalog.control + TransferCatalog.local.sorted() + [SyncLogs.name, PerformanceText.name]
        for table in own where try PostgresCatalog(connection: connection).isTaken(table) {
            throw TransferError.foreignTable(address.description, table: table)
        }
    }

    private func create(_ connection: PostgresConnection) throws {
        try connection.script(
            """
            CREATE TABLE schema_versions (
                version integer PRIMARY KEY, compatible_from integer NOT NULL, applied_at timestamptz NOT NULL)
            """)
    }
}
