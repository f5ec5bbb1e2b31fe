import SyncCore

/// Time-limited claims: renewing them, and taking back those that ran out (design.md, rule 8).
struct Leases {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    /// A chunk that ended its worker so often, without getting on between, is set aside.
    static let mostCrashes = 3

    func renew(worker: String, lease: Duration) throws -> Set<ChunkID> {
        var held: Set<ChunkID> = []
        try sql.rows(
            """
            UPDATE sync_chunks INDEXED BY sync_chunks_leased SET lease_until = ?
            WHERE status = 'in_progress' AND worker = ? RETURNING id
            """, .integer((transaction.now + lease).microseconds), .text(worker)
        ) { held.insert(ChunkID($0.int64(0))) }
        return held
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

    func rescue() throws -> RescueReport {
        var report = RescueReport()
        let lost = try sql.all(
            """
            SELECT id, job_id, account_id, stream, start_date, end_date, crash_count
            FROM sync_chunks INDEXED BY sync_chunks_leased
            WHERE status = 'in_progress' AND lease_until < ? ORDER BY lease_until, id
            """, .integer(transaction.now.microseconds)
        ) { row in
            Lost(
                id: row.int64(0), job: row.int64(1), account: row.int64(2), stream: row.text(3),
                first: row.optionalText(4), last: row.optionalText(5), crashes: row.int(6) + 1)
        }
        var suspects = 0
        for chunk in lost {
            if chunk.crashes >= Leases.mostCrashes {
                try quarantine(chunk, &report)
                continue
            }
            // The chunk that ends the process and those that only were there come back one by one, so that
            // the third crash tells which it is.
            if chunk.crashes == Leases.mostCrashes - 1 { suspects += 1 }
            let pause = chunk.crashes == Leases.mostCrashes - 1 ? (suspects - 1) * 2 : 0
            try release(chunk, after: .seconds(pause))
            report.rescued.append(ChunkID(chunk.id))
        }
        return report
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

    private func release(_ chunk: Lost, after pause: Duration) throws {
        let isParked = try ConnectionTable(transaction: transaction).isParked(account: chunk.account)
        let runAfter = isParked || pause == .zero ? nil : transaction.now + pause
        try sql.run(
            """
            UPDATE sync_chunks
            SET status = ?, wait_reason = ?, run_after = ?, worker = NULL, lease_until = NULL, crash_count = ?
            WHERE id = ?
            """,
            .text(isParked ? "waiting" : "pending"), .text(isParked ? "credential" : nil),
            .integer(runAfter?.microseconds), .integer(chunk.crashes), .integer(chunk.id))
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
        try EventTable(transaction: transaction)
            .append("chunk_failed", "\(chunk.stream): \(message)", job: chunk.job, account: chunk.account)
        report.quarantined.append(ChunkID(chunk.id))
        if open == 0 { report.closedJobs.append(JobID(chunk.job)) }
    }
}
