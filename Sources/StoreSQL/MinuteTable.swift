import SyncCore

/// `sync_minutes`: what was done for each job in each minute. A row belongs to a job that this transaction writes
/// anyway, so nobody waits for another because of it.
struct MinuteTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }
    private var present: Int64 { transaction.now.microseconds / 60_000_000 }

    func add(_ changes: [(job: Int64, change: JobTable.Change)]) throws {
        try sql.runAtOnce(
            """
            INSERT INTO sync_minutes (minute, job_id, completed_chunks, rows_received, requests, throttled, retries)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (minute, job_id) DO UPDATE SET
                completed_chunks = sync_minutes.completed_chunks + excluded.completed_chunks,
                rows_received = sync_minutes.rows_received + excluded.rows_received,
                requests = sync_minutes.requests + excluded.requests,
                throttled = sync_minutes.throttled + excluded.throttled,
                retries = sync_minutes.retries + excluded.retries
            """,
            changes.compactMap { job, change in
                let numbers = [
                    change.completed, change.received, change.spent.requests, change.spent.throttled,
                    change.spent.retries,
                ]
                guard numbers.contains(where: { $0 != 0 }) else { return nil }
                return [.integer(present), .integer(job)] + numbers.map { .integer($0) }
            })
    }

    func chunks(_ minutes: Int) throws -> [Int] {
        var counts = Array(repeating: 0, count: minutes)
        let first = present - Int64(minutes) + 1
        try sql.rows(
            """
            SELECT minute, CAST(sum(completed_chunks) AS BIGINT) FROM sync_minutes WHERE minute BETWEEN ? AND ?
            GROUP BY minute
            """, .integer(first), .integer(present)
        ) { counts[Int($0.int64(0) - first)] = $0.int(1) }
        return counts
    }

    func work(of workspace: WorkspaceID, _ minutes: Int) throws -> WorkDone {
        try sql.first(
            """
            SELECT CAST(coalesce(sum(m.rows_received), 0) AS BIGINT), CAST(coalesce(sum(m.requests), 0) AS BIGINT),
                CAST(coalesce(sum(m.throttled), 0) AS BIGINT), CAST(coalesce(sum(m.retries), 0) AS BIGINT)
            FROM sync_minutes AS m JOIN sync_jobs AS j ON j.id = m.job_id
            WHERE m.minute > ? AND j.workspace_id = ?
            """, .integer(present - Int64(minutes)), .integer(workspace.value)
        ) { WorkDone(rows: $0.int(0), requests: $0.int(1), throttled: $0.int(2), retries: $0.int(3)) } ?? WorkDone()
    }

    /// Nobody asks for more than the last hour.
    func prune() throws {
        try sql.run("DELETE FROM sync_minutes WHERE minute < ?", .integer(present - 120))
    }
}
