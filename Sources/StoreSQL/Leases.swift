import SyncCore

/// Time-limited claims: renewing them, and taking back those that ran out (design.md, rule 8).
struct Leases {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    /// A chunk that ended its worker so often, alone and without getting on between, is set aside.
    static let mostCrashes = 3
    /// Between chunks that were lost together.
    static let apart: Duration = .milliseconds(300)
    /// Rescued in one transaction.
    private static let mostAtOnce = 1000

    func renew(_ claims: [ChunkID: Int64], lease: Duration) throws -> Set<ChunkID> {
        let until = (transaction.now + lease).microseconds
        // In order, so that two who renew do not wait for each other.
        return Set(
            try sql.allEach(
                """
                UPDATE sync_chunks SET lease_until = ? WHERE id = ? AND status = 'in_progress' AND fence = ?
                RETURNING id
                """,
                claims.sorted { $0.key < $1.key }.map { id, fence in
                    [.integer(until), .integer(id.value), .integer(fence)]
                }
            ) { ChunkID($0.int64(0)) })
    }

    /// When a chunk is ready: the present moment, else the first at which one will be.
    func nextDue() throws -> Instant? {
        let isReady = try sql.first(
            """
            SELECT 1 FROM sync_chunks INDEXED BY sync_chunks_ready
            WHERE status = 'pending' AND run_after IS NULL LIMIT 1
            """
        ) { _ in true }
        if isReady == true { return transaction.now }
        return try sql.first(
            """
            SELECT run_after FROM sync_chunks INDEXED BY sync_chunks_timed
            WHERE run_after IS NOT NULL ORDER BY run_after LIMIT 1
            """
        ) { Instant(microseconds: $0.int64(0)) }
    }

    func disown(_ worker: String, except held: Set<ChunkID>) throws -> Int {
        let lost = try sql.all(
            """
            SELECT id, job_id, account_id, stream, start_date, end_date, crash_count
            FROM sync_chunks INDEXED BY sync_chunks_leased
            WHERE status = 'in_progress' AND worker = ? ORDER BY id FOR UPDATE SKIP LOCKED
            """, .text(worker)
        ) { row in
            Lost(
                id: row.int64(0), job: row.int64(1), account: row.int64(2), stream: row.text(3),
                first: row.optionalText(4), last: row.optionalText(5), crashes: row.int(6))
        }.filter { !held.contains(ChunkID($0.id)) }
        for chunk in lost { try release(chunk, crashes: chunk.crashes, after: .zero) }
        return lost.count
    }

    func rescue() throws -> RescueReport {
        let last = transaction.memory.rescues(at: transaction.now)
        if last.map({ transaction.now < $0 }) ?? true { try endWaits() }
        var report = RescueReport()
        // A worker that renews at this moment has the row, or waits for it and learns that its lease was lost.
        let lost = try sql.all(
            """
            SELECT id, job_id, account_id, stream, start_date, end_date, crash_count
            FROM sync_chunks INDEXED BY sync_chunks_leased
            WHERE status = 'in_progress' AND lease_until < ? ORDER BY lease_until, id LIMIT ?
            FOR UPDATE SKIP LOCKED
            """, .integer(transaction.now.microseconds), .integer(Leases.mostAtOnce)
        ) { row in
            Lost(
                id: row.int64(0), job: row.int64(1), account: row.int64(2), stream: row.text(3),
                first: row.optionalText(4), last: row.optionalText(5), crashes: row.int(6) + 1)
        }
        for (index, chunk) in lost.enumerated() {
            if chunk.crashes >= Leases.mostCrashes, lost.count == 1 {
                try quarantine(chunk, &report)
                continue
            }
            // Of several that were lost together nobody knows which one ended the process, if any did: none is
            // blamed, and they come back one by one in a turning order, so that a guilty one is alone in the end.
            let turn = (index + Int(transaction.now.seconds)) % lost.count
            let crashes = lost.count == 1 ? chunk.crashes : chunk.crashes - 1
            try release(chunk, crashes: crashes, after: Leases.apart * turn)
            report.rescued.append(ChunkID(chunk.id))
        }
        return report
    }

    /// Nothing waits longer but for a limit: neither a report nor a repeated try.
    private static let longestWait: Duration = .seconds(600)

    /// Chunks that wait were told a moment by the clock of then, and nobody knows whether it was right: whoever begins,
    /// or sees that the clock was set back, ends waits that cannot be, and has those for a limit ask again, which costs
    /// no call.
    private func endWaits() throws {
        let woken = try sql.changes(
            """
            UPDATE sync_chunks SET status = 'pending', wait_reason = NULL, run_after = NULL
            WHERE id IN (
                SELECT c.id FROM sync_chunks AS c INDEXED BY sync_chunks_timed
                WHERE c.run_after IS NOT NULL AND c.run_after > ?1 AND (c.wait_reason = 'quota' OR c.run_after > ?2)
                FOR UPDATE SKIP LOCKED)
            """, .integer(transaction.now.microseconds),
            .integer((transaction.now + Leases.longestWait).microseconds))
        if woken > 0 { transaction.ending.announce(.work) }
    }

    private struct Lost {
        var id: Int64
        var job: Int64
        var account: Int64
        var stream: String
        var first: String?
        var last: String?
        var crashes: Int
    }

    private func release(_ chunk: Lost, crashes: Int, after pause: Duration) throws {
        transaction.ending.announce(.work)
        // Whoever lets the job go on meanwhile did not see this chunk.
        _ = try sql.first("SELECT id FROM sync_jobs WHERE id = ? FOR UPDATE", .integer(chunk.job)) { _ in true }
        let standstill = try JobTable(transaction: transaction).standstill(of: chunk.job)
        let runAfter = standstill != nil || pause == .zero ? nil : transaction.now + pause
        try sql.run(
            """
            UPDATE sync_chunks
            SET status = ?, wait_reason = ?, run_after = ?, worker = NULL, lease_until = NULL, crash_count = ?
            WHERE id = ?
            """,
            .text(standstill == nil ? "pending" : "waiting"), .text(standstill?.rawValue),
            .integer(runAfter?.microseconds), .integer(crashes), .integer(chunk.id))
    }

    private func quarantine(_ chunk: Lost, _ report: inout RescueReport) throws {
        let message = "Its worker ended \(chunk.crashes) times in a row while it was at this chunk; it is set aside"
        try sql.run(
            """
            UPDATE sync_chunks
            SET status = 'failed', worker = NULL, lease_until = NULL, crash_count = ?, error_class = 'quarantined',
                error_code = 'quarantined', error_message = ?, advice = ?, finished_at = ?
            WHERE id = ?
            """,
            .integer(chunk.crashes), .text(message),
            .text("Look for a lack of memory or a crash in the log, then retry the failed chunks."),
            .text(transaction.nowText), .integer(chunk.id))
        try SeenTable(transaction: transaction).remove(chunk.id)
        if let first = chunk.first, let last = chunk.last {
            try CoverageTable(transaction: transaction)
                .failed(stream: chunk.stream, first: first, last: last, job: chunk.job, account: chunk.account)
        }
        let jobs = JobTable(transaction: transaction)
        try jobs.noteFailure(chunk.job, errorClass: "quarantined", message: message)
        let open = try jobs.apply(JobTable.Change(open: -1, failed: 1), to: chunk.job)
        EventTable(transaction: transaction)
            .append("chunk_failed", "\(chunk.stream): \(message)", job: chunk.job, account: chunk.account)
        report.quarantined.append(ChunkID(chunk.id))
        if open == 0 { report.closedJobs.append(JobID(chunk.job)) }
    }
}
