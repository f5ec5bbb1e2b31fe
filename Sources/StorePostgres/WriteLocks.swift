import StoreSQL
import SyncCore

/// The advisory locks of a transaction (`WriteSubject`): accounts by id, each with its connection, which writers of
/// accounts share and who parks or renews it has alone.
struct WriteLocks {
    private var accounts: Set<Int64> = []
    private var jobs: Set<Int64> = []
    private var connections: Set<Int64> = []
    private var wantsSchemas = false

    init(_ subjects: [WriteSubject]) {
        for subject in subjects {
            switch subject {
            case .chunk(_, let account), .account(let account): accounts.insert(account.value)
            case .job(let job): jobs.insert(job.value)
            case .connection(let connection): connections.insert(connection.value)
            case .schemas: wantsSchemas = true
            case .nothing: break
            }
        }
    }

    func take(on connection: PostgresConnection) throws {
        if wantsSchemas { try lock(PostgresLock.schemas, on: connection) }
        for id in connections.sorted() { try lock(PostgresLock.connections + id, on: connection) }
        if accounts.isEmpty, jobs.isEmpty { return }
        // The inner query sorts before the outer one locks.
        try connection.execute(
            """
            SELECT count(pg_advisory_xact_lock($1 + id)), count(pg_advisory_xact_lock_shared($2 + connection_id))
            FROM (
                SELECT id, connection_id FROM accounts
                WHERE id = ANY($3::bigint[])
                    OR id IN (SELECT account_id FROM sync_jobs WHERE id = ANY($4::bigint[]))
                ORDER BY id OFFSET 0
            ) AS wanted
            """,
            [
                .integer(PostgresLock.accounts), .integer(PostgresLock.connections), .integers(accounts.sorted()),
                .integers(jobs.sorted()),
            ])
    }

    private func lock(_ number: Int64, on connection: PostgresConnection) throws {
        try connection.execute("SELECT pg_advisory_xact_lock($1)", [.integer(number)])
    }
}
