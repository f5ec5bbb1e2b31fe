import SyncCore

/// What people do to a job: cancel it, let it stand still, and have its failed chunks tried again.
struct JobControl {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    func cancel(_ id: JobID, by who: String) throws -> Bool {
        guard let job = try JobTable(transaction: transaction).job(id), !job.state.isTerminal else { return false }
        // Keys that were seen go with their chunks.
        try sql.run(
            """
            DELETE FROM sync_seen WHERE chunk_id IN (
                SELECT id FROM sync_chunks INDEXED BY sync_chunks_job
                WHERE job_id = ? AND status IN ('pending', 'in_progress', 'waiting'))
            """, .integer(id.value))
        let cancelled = try sql.changes(
            """
            UPDATE sync_chunks INDEXED BY sync_chunks_job
            SET status = 'cancelled', wait_reason = NULL, run_after = NULL, worker = NULL, lease_until = NULL,
                finished_at = ?
            WHERE job_id = ? AND status IN ('pending', 'in_progress', 'waiting')
            """, .text(transaction.nowText), .integer(id.value))
        try sql.run(
            """
            UPDATE sync_jobs SET status = 'cancelled', wait_reason = NULL, open_chunks = 0,
                cancelled_chunks = cancelled_chunks + ?1, error_class = 'cancelled', error_message = ?2,
                finished_at = ?3, actual_duration_seconds = ?4
            WHERE id = ?5
            """,
            .integer(cancelled), .text("Cancelled by \(who)"), .text(transaction.nowText),
            .real((transaction.now - (job.startedAt ?? transaction.now)).inSeconds), .integer(id.value))
        transaction.ending.announce(.cancelled)
        let account = job.definition.account.value
        if job.phase == .history { try WorkOrderTable(transaction: transaction).isLikeOthers(account) }
        try CoverageTable(transaction: transaction).cancelled(job: id.value, account: account)
        EventTable(transaction: transaction)
            .append("job_cancelled", "Cancelled by \(who)", job: id.value, account: account)
        return true
    }

    func pause(_ id: JobID, by who: String) throws -> Bool {
        guard let job = try JobTable(transaction: transaction).job(id), !job.state.isTerminal,
            job.waitReason != .paused
        else { return false }
        // The job first: who claims one of its chunks at this moment leaves it paused.
        try sql.run(
            "UPDATE sync_jobs SET status = 'waiting', wait_reason = 'paused' WHERE id = ?", .integer(id.value))
        try sql.run(
            """
            UPDATE sync_chunks INDEXED BY sync_chunks_job
            SET status = 'waiting', wait_reason = 'paused', run_after = NULL
            WHERE job_id = ? AND status IN ('pending', 'waiting')
            """, .integer(id.value))
        EventTable(transaction: transaction)
            .append("job_paused", "Paused by \(who)", job: id.value, account: job.definition.account.value)
        return true
    }

    func resume(_ id: JobID, by who: String) throws -> Bool {
        guard let job = try JobTable(transaction: transaction).job(id), !job.state.isTerminal,
            job.waitReason == .paused,
            // What holds more than this job is lifted as a whole.
            try WorkOrderTable(transaction: transaction)
                .pause(ofAccount: job.definition.account.value, in: job.phase) == nil
        else { return false }
        try sql.run("UPDATE sync_jobs SET wait_reason = NULL WHERE id = ?", .integer(id.value))
        let standstill = try JobTable(transaction: transaction).standstill(of: id.value)
        let state: WorkState = standstill != nil ? .waiting : job.startedAt == nil ? .pending : .inProgress
        try sql.run(
            "UPDATE sync_jobs SET status = ?, wait_reason = ? WHERE id = ?", .text(state.rawValue),
            .text(standstill?.rawValue), .integer(id.value))
        try sql.run(
            """
            UPDATE sync_chunks INDEXED BY sync_chunks_job SET status = ?, wait_reason = ?
            WHERE job_id = ? AND status = 'waiting' AND wait_reason = 'paused'
            """, .text(standstill == nil ? "pending" : "waiting"), .text(standstill?.rawValue), .integer(id.value))
        if standstill == nil { transaction.ending.announce(.work) }
        EventTable(transaction: transaction)
            .append("job_resumed", "Resumed by \(who)", job: id.value, account: job.definition.account.value)
        return true
    }

    /// Nothing when another open job does the same work already. With a cause only what failed for it; what was
    /// cancelled would stay behind then, so a cancelled job goes on as a whole.
    func retry(_ id: JobID, _ cause: FailedCause?) throws -> Int {
        guard let job = try JobTable(transaction: transaction).job(id), cause == nil || job.state != .cancelled
        else { return 0 }
        if job.state.isTerminal, try hasOpenTwin(id) { return 0 }
        let facts = try JobTable(transaction: transaction).facts(of: id.value)
        _ = try WorkOrderTable(transaction: transaction).enter(workspaceOf: facts.account)
        let revived = try reviveDays(of: id, cause, facts: facts)
        // A job that was cancelled between two steps has no such chunk, and its next step still to plan.
        guard revived.failed + revived.cancelled > 0 || job.state == .cancelled else { return 0 }
        transaction.ending.announce(.work)
        let standstill = try JobTable(transaction: transaction).standstill(of: id.value)
        // The keys seen so far are gone, so the chunks start over.
        try sql.run(
            """
            UPDATE sync_chunks INDEXED BY sync_chunks_job
            SET status = ?1, wait_reason = ?2, cursor = NULL, retry_count = 0, crash_count = 0,
                error_class = NULL, error_code = NULL, error_message = NULL, advice = NULL, error_trace = NULL,
                finished_at = NULL
            WHERE job_id = ?3 AND status IN ('failed', 'cancelled')
                AND (CAST(?4 AS TEXT) IS NULL OR coalesce(error_class, '') = ?4 AND coalesce(error_code, '') = ?5
                    AND coalesce(error_message, '') = ?6)
            """,
            .text(standstill == nil ? "pending" : "waiting"), .text(standstill?.rawValue), .integer(id.value),
            .text(cause?.errorClass), .text(cause?.code), .text(cause?.message))
        try OutboxTable(transaction: transaction).retry(facts.account)
        let state = standstill != nil ? "waiting" : job.state.isTerminal ? "pending" : job.state.rawValue
        try sql.run(
            """
            UPDATE sync_jobs SET status = ?1, wait_reason = ?2, retry_count = retry_count + 1,
                open_chunks = open_chunks + ?3 + ?4, failed_chunks = failed_chunks - ?3,
                cancelled_chunks = cancelled_chunks - ?4, error_class = NULL, error_message = NULL,
                finished_at = NULL, actual_duration_seconds = NULL
            WHERE id = ?5
            """,
            .text(state), .text(standstill?.rawValue), .integer(revived.failed),
            .integer(revived.cancelled), .integer(id.value))
        if revived.failed < job.failedChunks { try JobTable(transaction: transaction).noteFailureLeft(id.value) }
        let count = revived.failed + revived.cancelled
        EventTable(transaction: transaction)
            .append(
                "job_retried", count == 1 ? "1 chunk is tried again" : "\(count) chunks are tried again", job: id.value,
                account: facts.account)
        return count
    }

    private func hasOpenTwin(_ id: JobID) throws -> Bool {
        try sql.first(
            """
            SELECT 1 FROM sync_jobs AS mine JOIN sync_jobs AS other INDEXED BY sync_jobs_open
                ON other.account_id = mine.account_id AND other.unique_key = mine.unique_key
                    AND other.status IN ('pending', 'in_progress', 'waiting')
            WHERE mine.id = ? AND other.id <> mine.id
            """, .integer(id.value)
        ) { _ in true } ?? false
    }

    /// Puts the days of failed and cancelled chunks back to be read; how many chunks there are of each.
    private func reviveDays(of id: JobID, _ cause: FailedCause?, facts: JobFacts) throws -> (
        failed: Int, cancelled: Int
    ) {
        var count = (failed: 0, cancelled: 0)
        var failedDays: [(stream: String, days: DayRange)] = []
        var days: [StreamID: DayCounts] = [:]
        try sql.rows(
            """
            SELECT status, stream, start_date, end_date FROM sync_chunks INDEXED BY sync_chunks_job
            WHERE job_id = ?1 AND status IN ('failed', 'cancelled')
                AND (CAST(?2 AS TEXT) IS NULL OR coalesce(error_class, '') = ?2 AND coalesce(error_code, '') = ?3
                    AND coalesce(error_message, '') = ?4)
            """, .integer(id.value), .text(cause?.errorClass), .text(cause?.code), .text(cause?.message)
        ) { row in
            let isFailed = row.text(0) == "failed"
            if isFailed { count.failed += 1 } else { count.cancelled += 1 }
            guard let range = try row.optionalDays(2, 3) else { return }
            if isFailed { failedDays.append((stream: row.text(1), days: range)) }
            days[StreamID(row.text(1)), default: DayCounts()].add(1, on: range)
        }
        let coverage = CoverageTable(transaction: transaction)
        for (stream, days) in failedDays {
            try coverage.revived(
                stream: stream, first: days.first.description, last: days.last.description, job: id.value,
                account: facts.account)
        }
        for stream in days.keys.sorted() {
            // A stream that has cells has some on these days; a visitor knows no schemas.
            guard let counts = days[stream], try hasCells(stream, account: facts.account) else { continue }
            try coverage.opened(counts, stream: stream, account: facts.account, job: id.value)
        }
        return count
    }

    private func hasCells(_ stream: StreamID, account: Int64) throws -> Bool {
        try sql.first(
            "SELECT 1 FROM coverage WHERE account_id = ? AND stream = ? LIMIT 1", .integer(account),
            .text(stream.rawValue)
        ) { _ in true } ?? false
    }
}
