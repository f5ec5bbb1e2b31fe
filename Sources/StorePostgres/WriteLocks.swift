import StoreSQL
import SyncCore

/// The advisory locks of a transaction (`WriteSubject`): accounts by id, each with its connection, which writers of
/// accounts share and who parks or renews it has alone. A server has room for some 6,400 locks of all transactions
/// together, so that far apart ids share one: an order may be about any number of accounts.
struct WriteLocks {
    private var accounts: Set<Int64> = []
    private var jobs: Set<Int64> = []
    private var connections: Set<Int64> = []
    private var wantsSchemas = false

    init(_ subjects: [WriteSubject]) {
        for subject in subjects {
            switch subject {
            case .chunk(_, let account), .account(let account): accounts.insert(account.value)
            case .accounts(let all): accounts.formUnion(all.map(\.value))
            case .job(let job): jobs.insert(job.value)
            case .connection(let connection): connections.insert(connection.value)
            case .schemas: wantsSchemas = true
            case .nothing: break
            }
        }
    }

    private static let stripes: Int64 = 2048

    /// The statements that take them, at the begin of the transaction.
    var runs: [PostgresRun] {
        var runs: [PostgresRun] = []
        if wantsSchemas { runs.append(WriteLocks.one(PostgresLock.schemas)) }
        for line in Set(connections.map { $0 % WriteLocks.stripes }).sorted() {
            runs.append(WriteLocks.one(PostgresLock.connections + line))
        }
        if accounts.isEmpty, jobs.isEmpty { return runs }
        // The inner query sorts before the outer one locks.
        runs.append(
            PostgresRun(
                """
                SELECT count(pg_advisory_xact_lock($1 + stripe)), count(pg_advisory_xact_lock_shared($2 + line))
                FROM (
                    SELECT DISTINCT id % $5 AS stripe, connection_id % $5 AS line
                    FROM accounts
                    WHERE id = ANY($3::bigint[])
                        OR id IN (SELECT account_id FROM sync_jobs WHERE id = ANY($4::bigint[]))
                    ORDER BY stripe, line OFFSET 0
                ) AS wanted
                """,
                .integer(PostgresLock.accounts), .integer(PostgresLock.connections), .integers(accounts.sorted()),
                .integers(jobs.sorted()), .integer(WriteLocks.stripes)))
        return runs
    }

    private static func one(_ number: Int64) -> PostgresRun {
        PostgresRun("SELECT pg_advisory_xact_lock($1)", .integer(number))
    }
}
