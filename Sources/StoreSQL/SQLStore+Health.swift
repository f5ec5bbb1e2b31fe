package import SyncCore

extension SQLStore {
    package func queueDepth() async throws -> QueueDepth {
        try await read { try DepthReading(transaction: $0).depth() }
    }

    package func hands() async throws -> [String: Int] {
        try await read { transaction in
            var hands: [String: Int] = [:]
            try transaction.sql.rows(
                """
                SELECT worker, count(*) FROM sync_chunks INDEXED BY sync_chunks_leased
                WHERE status = 'in_progress' GROUP BY worker
                """
            ) { hands[$0.text(0)] = $0.int(1) }
            return hands
        }
    }

    /// Takes a lock that only writers get and gives it back: SQLite's one, or that of a row. A standby refuses it.
    package func checkWritable() async throws {
        try await write(.nothing) {
            _ = try $0.sql.first("SELECT id FROM workspaces WHERE id = 1 FOR UPDATE SKIP LOCKED") { _ in true }
        }
    }
}

/// Counts work by the indexes of open chunks and by the numbers of the jobs: finished chunks are never looked at, and
/// jobs that ended only now and then.
private struct DepthReading {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }
    private var now: Int64 { transaction.now.microseconds }

    private struct Jobs {
        var open = 0
        var openChunks = 0
        var ended: [WorkState: Int] = [:]
    }

    func depth() throws -> QueueDepth {
        let jobs = try self.jobs()
        let ready = try self.ready()
        let timed = try self.timed()
        let held = try self.held()
        let pending = ready.count + timed.pending
        var depth = QueueDepth(chunks: jobs.ended, openJobs: jobs.open)
        depth.chunks[.pending] = pending
        depth.chunks[.inProgress] = held.count
        // What waits for a credential or a person has neither a moment nor a lease.
        depth.chunks[.waiting] = max(0, jobs.openChunks - pending - held.count)
        depth.due = ready.count + timed.due + held.lost
        depth.oldestDue = [ready.since, timed.since, held.since].compactMap { $0 }.min().map {
            max(.zero, transaction.now - $0)
        }
        depth.promises = try promises()
        return depth
    }

    /// Of the last hundred whose price was told; a job that goes on, failed or was stopped says nothing.
    private func promises() throws -> [Double] {
        try sql.all(
            """
            SELECT r.promised_points, CAST(sum(j.requests) AS BIGINT)
            FROM (SELECT id, promised_points FROM sync_requests ORDER BY number DESC LIMIT 100) AS r
                JOIN sync_request_jobs AS x ON x.request_id = r.id JOIN sync_jobs AS j ON j.id = x.job_id
            WHERE r.promised_points > 0
            GROUP BY r.id, r.promised_points
            HAVING min(j.status) = 'completed' AND max(j.status) = 'completed'
            """
        ) { Double($0.int(1)) / Double($0.int(0)) }
    }

    private func jobs() throws -> Jobs {
        let open = try sql.first(
            """
            SELECT count(*), CAST(sum(open_chunks) AS BIGINT) FROM sync_jobs INDEXED BY sync_jobs_open
            WHERE status IN ('pending', 'in_progress', 'waiting')
            """
        ) { (jobs: $0.int(0), chunks: $0.optionalInt(1) ?? 0) }
        let newest = try sql.first("SELECT id FROM sync_jobs ORDER BY id DESC LIMIT 1") { $0.int64(0) } ?? 0
        let ended = try transaction.memory.endedChunks(ofJobs: newest, at: transaction.now) { try self.ended() }
        return Jobs(open: open?.jobs ?? 0, openChunks: open?.chunks ?? 0, ended: ended)
    }

    private func ended() throws -> [WorkState: Int] {
        let found = try sql.first(
            """
            SELECT CAST(sum(completed_chunks) AS BIGINT), CAST(sum(failed_chunks) AS BIGINT),
                CAST(sum(cancelled_chunks) AS BIGINT)
            FROM sync_jobs
            """
        ) { row -> [WorkState: Int] in
            [
                .completed: row.optionalInt(0) ?? 0, .failed: row.optionalInt(1) ?? 0,
                .cancelled: row.optionalInt(2) ?? 0,
            ]
        }
        return found ?? [:]
    }

    /// Since when the one at the front has been there.
    private func ready() throws -> (count: Int, since: Instant?) {
        let count = try sql.first(
            """
            SELECT count(*) FROM sync_chunks INDEXED BY sync_chunks_ready
            WHERE status = 'pending' AND run_after IS NULL
            """
        ) { $0.int(0) }
        guard let count, count > 0 else { return (0, nil) }
        let since = try sql.first(
            """
            SELECT created_at FROM sync_chunks WHERE id = (
                SELECT id FROM sync_chunks INDEXED BY sync_chunks_ready
                WHERE status = 'pending' AND run_after IS NULL ORDER BY order_key LIMIT 1)
            """
        ) { try $0.instant(0) }
        return (count, since)
    }

    private func timed() throws -> (pending: Int, due: Int, since: Instant?) {
        let found = try sql.first(
            """
            SELECT count(*) FILTER (WHERE status = 'pending'), count(*) FILTER (WHERE run_after <= ?1), min(run_after)
            FROM sync_chunks INDEXED BY sync_chunks_timed WHERE run_after IS NOT NULL
            """, .integer(now)
        ) { (pending: $0.int(0), due: $0.int(1), since: $0.optionalMoment(2)) }
        guard let found else { return (0, 0, nil) }
        return (found.pending, found.due, found.due > 0 ? found.since : nil)
    }

    private func held() throws -> (count: Int, lost: Int, since: Instant?) {
        let found = try sql.first(
            """
            SELECT count(*), count(*) FILTER (WHERE lease_until < ?1), min(lease_until)
            FROM sync_chunks INDEXED BY sync_chunks_leased WHERE status = 'in_progress'
            """, .integer(now)
        ) { (count: $0.int(0), lost: $0.int(1), since: $0.optionalMoment(2)) }
        guard let found else { return (0, 0, nil) }
        return (found.count, found.lost, found.lost > 0 ? found.since : nil)
    }
}
