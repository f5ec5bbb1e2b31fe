import SyncCore

/// `sync_minutes`: the numbers of a job as they stood before what a minute brought. One row for a job and minute,
/// however many writes there are, so that these cost nothing more.
struct MinuteTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }
    private var present: Int64 { transaction.now.microseconds / 60_000_000 }

    /// To be called before the numbers of these jobs change.
    func mark(_ jobs: [Int64]) throws {
        let unmarked = jobs.filter { !transaction.memory.isMarked($0, in: present) }
        try sql.runAtOnce(
            """
            INSERT INTO sync_minutes (minute, job_id, rows_received, requests, throttled, retries)
            SELECT CAST(? AS BIGINT), id, rows_received, requests, throttled, retries FROM sync_jobs
            WHERE id = ? ORDER BY id ON CONFLICT DO NOTHING
            """, unmarked.map { [.integer(present), .integer($0)] })
        transaction.ending.mark(unmarked, in: present)
    }

    /// The numbers of a job only grow: the least of a time are the first.
    func work(of workspace: WorkspaceID, _ minutes: Int) throws -> WorkDone {
        try sql.first(
            """
            SELECT CAST(coalesce(sum(j.rows_received - m.rows_received), 0) AS BIGINT),
                CAST(coalesce(sum(j.requests - m.requests), 0) AS BIGINT),
                CAST(coalesce(sum(j.throttled - m.throttled), 0) AS BIGINT),
                CAST(coalesce(sum(j.retries - m.retries), 0) AS BIGINT)
            FROM (
                SELECT job_id, min(rows_received) AS rows_received, min(requests) AS requests,
                    min(throttled) AS throttled, min(retries) AS retries
                FROM sync_minutes WHERE minute > ? GROUP BY job_id
            ) AS m JOIN sync_jobs AS j ON j.id = m.job_id
            WHERE j.workspace_id = ?
            """, .integer(present - Int64(minutes)), .integer(workspace.value)
        ) { WorkDone(rows: $0.int(0), requests: $0.int(1), throttled: $0.int(2), retries: $0.int(3)) } ?? WorkDone()
    }

    /// Nobody asks for more than the last hour.
    func prune() throws {
        try sql.run("DELETE FROM sync_minutes WHERE minute < ?", .integer(present - 120))
    }
}
