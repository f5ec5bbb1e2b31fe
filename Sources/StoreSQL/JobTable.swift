import SyncCore

/// `sync_jobs`: jobs as people ask for them and see them.
struct JobTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    // MARK: Creating

    func enqueue(_ job: NewJob) throws -> (id: JobID, isNew: Bool) {
        let key = JobTable.uniqueKey(job)
        let open = try sql.first(
            """
            SELECT id FROM sync_jobs INDEXED BY sync_jobs_open
            WHERE account_id = ? AND unique_key = ? AND status IN ('pending', 'in_progress', 'waiting')
            """, .integer(job.account.value), .text(key)
        ) { JobID($0.int64(0)) }
        if let open { return (id: open, isNew: false) }
        transaction.ending.announce(.work)
        let isParked = try ConnectionTable(transaction: transaction).isParked(account: job.account.value)
        let id = try sql.first(
            """
            INSERT INTO sync_jobs (account_id, workspace_id, kind, work_class, status, wait_reason, phase, streams,
                steps, requested_from, requested_to, anchor_date, recent_from, recent_to, history_from, history_to,
                not_offered_from, not_offered_to, unique_key, total_steps, max_retries, is_partial, created_at)
            VALUES (?1, (SELECT workspace_id FROM accounts WHERE id = ?1), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                ?, ?, ?, ?, ?, ?)
            RETURNING id
            """,
            .integer(job.account.value), .text(job.kind.rawValue), .text(job.workClass.rawValue),
            .text(isParked ? "waiting" : "pending"), .text(isParked ? "credential" : nil),
            .text((job.steps.first?.phase ?? .recent).rawValue), .text(try TextColumn.json(job.streams)),
            .text(try TextColumn.json(job.steps)), .text(job.requested?.first.description),
            .text(job.requested?.last.description), .text(job.anchor.description),
            .text(job.recent?.first.description), .text(job.recent?.last.description),
            .text(job.history?.first.description), .text(job.history?.last.description),
            .text(job.notOffered?.first.description), .text(job.notOffered?.last.description), .text(key),
            .integer(job.steps.count), .integer(job.maxRetries), .integer(job.isPartial ? 1 : 0),
            .text(transaction.nowText)
        ) { JobID($0.int64(0)) }
        guard let id else { throw StoreError.inconsistent("a job was not stored") }
        let orders = WorkOrderTable(transaction: transaction)
        let workspace = try orders.enter(workspaceOf: job.account.value)
        if try orders.pause(in: workspace, job.steps.first?.phase ?? .recent) != nil {
            try sql.run(
                "UPDATE sync_jobs SET status = 'waiting', wait_reason = 'paused' WHERE id = ?", .integer(id.value))
        }
        return (id: id, isNew: true)
    }

    /// Streams in order and the range: what makes two open jobs of an account the same.
    private static func uniqueKey(_ job: NewJob) -> String {
        let streams = Set(job.streams).sorted().map(\.rawValue).joined(separator: ",")
        guard let requested = job.requested else { return streams }
        return "\(streams) \(requested.first)/\(requested.last)"
    }

    // MARK: Reading

    private static let columns = """
        id, account_id, kind, work_class, status, wait_reason, phase, streams, steps, requested_from,
            requested_to, anchor_date, recent_from, recent_to, history_from, history_to, max_retries,
            planned_steps, open_chunks, total_chunks, completed_chunks, failed_chunks, cancelled_chunks,
            rows_received, rows_written, requests, throttled, retries, bytes, busy_microseconds, error_class,
            error_message, created_at, started_at, finished_at, not_offered_from, not_offered_to, is_partial
        """

    func job(_ id: JobID) throws -> Job? {
        try transaction.countJobs()
        var found: Job?
        try sql.rows(built: "SELECT \(JobTable.columns) FROM sync_jobs WHERE id = ?", .integer(id.value)) {
            found = try job($0)
        }
        return found
    }

    /// The newest first.
    func newest(_ limit: Int) throws -> [Job] {
        var found: [Job] = []
        try sql.rows(
            built: "SELECT \(JobTable.columns) FROM sync_jobs ORDER BY id DESC LIMIT ?", .integer(limit)
        ) { found.append(try job($0)) }
        return found
    }

    /// Those of an account, the newest first; beyond the limit only those that are open.
    func newest(_ limit: Int, of account: AccountID) throws -> [Job] {
        var found: [Job] = []
        try sql.rows(
            built: """
                SELECT \(JobTable.columns) FROM sync_jobs WHERE id IN (
                    SELECT id FROM sync_jobs INDEXED BY sync_jobs_open
                    WHERE account_id = ? AND status IN ('pending', 'in_progress', 'waiting')
                    UNION ALL
                    SELECT id FROM (
                        SELECT id FROM sync_jobs INDEXED BY sync_jobs_account
                        WHERE account_id = ? ORDER BY id DESC LIMIT ?) AS newest)
                ORDER BY id DESC
                """, .integer(account.value), .integer(account.value), .integer(limit)
        ) { found.append(try job($0)) }
        return found
    }

    /// Open jobs without an open chunk, the oldest first.
    func idle() throws -> [JobID] {
        try sql.all(
            """
            SELECT id FROM sync_jobs INDEXED BY sync_jobs_idle
            WHERE open_chunks = 0 AND status IN ('pending', 'in_progress', 'waiting') ORDER BY id
            """
        ) { JobID($0.int64(0)) }
    }

    /// What never changes of a job, from memory when it was read before; not when that was another job with the same
    /// number, as a standby that lacks the last commits may give out again.
    func facts(of job: Int64, account: Int64? = nil) throws -> JobFacts {
        try transaction.memory.facts(of: job, account: account) {
            let facts = try sql.first(
                """
                SELECT a.id, a.connection_id, a.platform, a.external_id, j.anchor_date
                FROM sync_jobs AS j JOIN accounts AS a ON a.id = j.account_id WHERE j.id = ?
                """, .integer(job)
            ) { row -> JobFacts in
                guard let anchor = try row.optionalDay(4) else {
                    throw StoreError.inconsistent("a job without its day")
                }
                return JobFacts(
                    account: row.int64(0), connection: row.int64(1), platform: PlatformID(row.text(2)),
                    externalID: row.text(3), anchor: anchor)
            }
            guard let facts else { throw StoreError.inconsistent("job \(job) does not exist") }
            return facts
        }
    }

    /// Why no chunk of the job may be worked on; nil when they may. Who paused it, everything or history has the last
    /// word.
    func standstill(of job: Int64) throws -> WaitReason? {
        try sql.first(
            """
            SELECT CASE WHEN j.wait_reason = 'paused' OR s.name IS NOT NULL OR h.name IS NOT NULL
                    THEN 'paused'
                WHEN c.parked_at IS NOT NULL THEN 'credential' END
            FROM sync_jobs AS j JOIN accounts AS a ON a.id = j.account_id
                JOIN connections AS c ON c.id = a.connection_id
                LEFT JOIN settings AS s ON s.name = 'paused_all_' || CAST(j.workspace_id AS TEXT)
                LEFT JOIN settings AS h
                    ON h.name = 'paused_history_' || CAST(j.workspace_id AS TEXT) AND j.phase = 'history'
            WHERE j.id = ?
            """, .integer(job)
        ) { try $0.optionalWord(0) } ?? nil
    }

    private func job(_ row: ResultRow) throws -> Job {
        guard let anchor = try row.optionalDay(11) else { throw StoreError.inconsistent("a job without its day") }
        let definition = NewJob(
            account: AccountID(row.int64(1)), kind: try row.word(2), workClass: try row.word(3),
            streams: try TextColumn.value([StreamID].self, from: row.text(7)), isPartial: row.int(37) != 0,
            requested: try row.optionalDays(9, 10), anchor: anchor, recent: try row.optionalDays(12, 13),
            history: try row.optionalDays(14, 15), notOffered: try row.optionalDays(35, 36),
            steps: try TextColumn.value([NewJob.Step].self, from: row.text(8)), maxRetries: row.int(16))
        return Job(
            id: JobID(row.int64(0)), definition: definition, state: try row.word(4),
            waitReason: try row.optionalWord(5), phase: try row.word(6), plannedSteps: row.int(17),
            openChunks: row.int(18), totalChunks: row.int(19), completedChunks: row.int(20),
            failedChunks: row.int(21), cancelledChunks: row.int(22), rowsReceived: row.int(23),
            rowsWritten: row.int(24),
            spent: Spent(
                requests: row.int(25), throttled: row.int(26), retries: row.int(27), bytes: row.int(28),
                busy: .microseconds(row.int64(29))),
            errorClass: row.optionalText(30), errorMessage: row.optionalText(31), createdAt: try row.instant(32),
            startedAt: try row.optionalInstant(33), finishedAt: try row.optionalInstant(34))
    }

    // MARK: Counting

    /// What writes change of a job's numbers.
    struct Change: Equatable {
        var open = 0
        var total = 0
        var completed = 0
        var failed = 0
        var received = 0
        var written = 0
        var splits = 0
        var spent = Spent()

        static func += (left: inout Change, right: Change) {
            left.open += right.open
            left.total += right.total
            left.completed += right.completed
            left.failed += right.failed
            left.received += right.received
            left.written += right.written
            left.splits += right.splits
            left.spent += right.spent
        }
    }

    /// Adds `change` at the end of the transaction, with those of other writes about the job; how many chunks of the
    /// job are open then. `stored` is how many there were when the transaction began, where that is known.
    func apply(_ change: Change, to job: Int64, stored: Int? = nil) throws -> Int {
        let open = try transaction.ending.add(change, to: job) {
            if let stored { return stored }
            return try sql.first("SELECT open_chunks FROM sync_jobs WHERE id = ?", .integer(job)) { $0.int(0) }
        }
        guard let open, open >= 0 else { throw StoreError.inconsistent("job \(job) counts its chunks wrongly") }
        return open
    }

    /// Whoever stands at a claim passes by a job that another has in hand: then it begins with its first chunk.
    func count(_ changes: [(job: Int64, change: Change)]) throws {
        try sql.runAtOnce(
            """
            UPDATE sync_jobs SET
                open_chunks = open_chunks + ?, total_chunks = total_chunks + ?2, step_chunks = step_chunks + ?2,
                completed_chunks = completed_chunks + ?, failed_chunks = failed_chunks + ?,
                rows_received = rows_received + ?, rows_written = rows_written + ?, requests = requests + ?,
                throttled = throttled + ?, retries = retries + ?, bytes = bytes + ?,
                busy_microseconds = busy_microseconds + ?, splits = splits + ?,
                status = CASE WHEN status = 'pending' AND ?13 THEN 'in_progress' ELSE status END,
                started_at = CASE WHEN ?13 THEN coalesce(started_at, ?) ELSE started_at END
            WHERE id = ?
            """,
            changes.map { job, change in
                [
                    .integer(change.open), .integer(change.total), .integer(change.completed), .integer(change.failed),
                    .integer(change.received), .integer(change.written), .integer(change.spent.requests),
                    .integer(change.spent.throttled), .integer(change.spent.retries), .integer(change.spent.bytes),
                    .integer(change.spent.busy.microseconds), .integer(change.splits),
                    .flag(change.completed + change.failed > 0),
                    .text(transaction.nowText), .integer(job),
                ]
            })
    }

    /// The first cause that made a chunk fail stands for the job.
    func noteFailure(_ job: Int64, errorClass: String, message: String) throws {
        try sql.run(
            """
            UPDATE sync_jobs SET error_message = CASE WHEN error_class IS NULL THEN ? ELSE error_message END,
                error_class = coalesce(error_class, ?)
            WHERE id = ?
            """, .text(message), .text(errorClass), .integer(job))
    }

    /// The first of those that are still failed stands for the job.
    func noteFailureLeft(_ job: Int64) throws {
        let left = try sql.first(
            """
            SELECT coalesce(error_class, ''), coalesce(error_message, '')
            FROM sync_chunks INDEXED BY sync_chunks_failed WHERE job_id = ? AND status = 'failed'
            ORDER BY finished_at, id LIMIT 1
            """, .integer(job)
        ) { (errorClass: $0.text(0), message: $0.text(1)) }
        if let left { try noteFailure(job, errorClass: left.errorClass, message: left.message) }
    }
}
