package import SyncCore

/// Runs with their accounts, and what was asked for at once.
struct LogTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    private static let columns = """
        j.id, j.account_id, a.platform, a.name, a.time_zone, j.kind, j.status, j.wait_reason, j.phase,
            j.requested_from, j.requested_to, coalesce(j.requested_from, j.history_from, j.recent_from),
            coalesce(j.requested_to, j.recent_to, j.history_to), j.total_chunks, j.completed_chunks,
            j.failed_chunks, j.progress_percentage, j.rows_received, j.rows_written, j.requests, j.throttled,
            j.retries, j.error_class, j.error_message, j.created_at, j.started_at, j.finished_at,
            j.schedule_id, j.splits, j.schedule_name
        """

    func logs(_ filter: LogFilter, before: JobID?, limit: Int) throws -> [LogEntry] {
        var conditions = LogTable.conditions(filter)
        if let before { conditions.add("j.id < ?", .integer(before.value)) }
        var found: [LogEntry] = []
        let text = """
            SELECT \(LogTable.columns)
            FROM sync_jobs AS j JOIN accounts AS a ON a.id = j.account_id
            WHERE \(conditions.text) ORDER BY j.id DESC LIMIT \(limit)
            """
        _ = try sql.session.run(built: text, conditions.values) { found.append(try entry($0)) }
        return found
    }

    func logs(of jobs: [JobID], in workspace: WorkspaceID) throws -> [LogEntry] {
        var found: [LogEntry] = []
        let text = """
            SELECT \(LogTable.columns)
            FROM sync_jobs AS j JOIN accounts AS a ON a.id = j.account_id WHERE j.id = ? AND j.workspace_id = ?
            """
        for job in Set(jobs).sorted(by: >) {
            let values: [Bound] = [.integer(job.value), .integer(workspace.value)]
            _ = try sql.session.run(built: text, values) { found.append(try entry($0)) }
        }
        return found
    }

    /// Only open jobs are in that index.
    func open(in workspace: WorkspaceID) throws -> [LogEntry] {
        var found: [LogEntry] = []
        let text = """
            SELECT \(LogTable.columns)
            FROM sync_jobs AS j INDEXED BY sync_jobs_open JOIN accounts AS a ON a.id = j.account_id
            WHERE j.workspace_id = ? AND j.status IN ('pending', 'in_progress', 'waiting')
            """
        _ = try sql.session.run(built: text, [.integer(workspace.value)]) { found.append(try entry($0)) }
        return found.sorted { $0.job > $1.job }
    }

    func count(_ filter: LogFilter, upTo most: Int) throws -> Int {
        let conditions = LogTable.conditions(filter)
        var count = 0
        let text = """
            SELECT count(*) FROM (
                SELECT 1 FROM sync_jobs AS j JOIN accounts AS a ON a.id = j.account_id WHERE \(conditions.text)
                LIMIT \(most)) AS counted
            """
        _ = try sql.session.run(built: text, conditions.values) { count = $0.int(0) }
        return count
    }

    /// An index holds all that is looked at.
    func deletedSchedules(of workspace: WorkspaceID, limit: Int) throws -> [DeletedSchedule] {
        try sql.all(
            """
            SELECT schedule_id, max(schedule_name) FROM sync_jobs AS j
            WHERE workspace_id = ? AND schedule_id IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM schedules AS s WHERE s.id = j.schedule_id)
            GROUP BY schedule_id ORDER BY schedule_id DESC LIMIT ?
            """, .integer(workspace.value), .integer(limit)
        ) { DeletedSchedule(id: ScheduleID($0.int64(0)), name: $0.text(1)) }
    }

    /// An index holds all that is counted.
    func hours(of workspace: WorkspaceID, from start: Instant, _ hours: Int) throws -> [RunHour] {
        let edges = (0..<hours).map { hour -> [Bound] in
            let begin = start + .seconds(3600 * hour)
            return [
                .integer(workspace.value), .text(begin.description), .text((begin + .seconds(3600)).description),
            ]
        }
        let runs = try sql.allEach(
            """
            SELECT count(*), count(*) FILTER (WHERE status = 'failed') FROM sync_jobs INDEXED BY sync_jobs_hours
            WHERE workspace_id = ? AND created_at >= ? AND created_at < ?
            """, edges
        ) { RunHour(runs: $0.int(0), failed: $0.int(1)) }
        let throttled = try sql.allEach(
            """
            SELECT count(*) FROM sync_jobs INDEXED BY sync_jobs_throttled
            WHERE workspace_id = ? AND created_at >= ? AND created_at < ? AND throttled > 0
            """, edges
        ) { $0.int(0) }
        return zip(runs, throttled).map { RunHour(runs: $0.runs, failed: $0.failed, throttled: $1) }
    }

    private struct Conditions {
        var texts: [String] = []
        var values: [Bound] = []
        var text: String { texts.joined(separator: " AND ") }
        mutating func add(_ text: String, _ bounds: Bound...) {
            texts.append(text)
            values += bounds
        }
    }

    private static func conditions(_ filter: LogFilter) -> Conditions {
        var all = Conditions()
        all.add("j.workspace_id = ?", .integer(filter.workspace.value))
        if let job = filter.job { all.add("j.id = ?", .integer(job.value)) }
        if let platform = filter.platform { all.add("a.platform = ?", .text(platform.rawValue)) }
        if let account = filter.account { all.add("j.account_id = ?", .integer(account.value)) }
        if let kind = filter.kind { all.add("j.kind = ?", .text(kind.rawValue)) }
        if !filter.states.isEmpty {
            // Words of a closed list.
            all.add("j.status IN (\(filter.states.map { "'\($0.rawValue)'" }.joined(separator: ", ")))")
        }
        if let schedule = filter.schedule {
            all.add(
                """
                (j.schedule_id = ? OR j.id IN (SELECT x.job_id FROM schedule_run_jobs AS x
                    JOIN schedule_runs AS r ON r.id = x.run_id WHERE r.schedule_id = ?))
                """, .integer(schedule.value), .integer(schedule.value))
        }
        if let from = filter.from { all.add("j.created_at >= ?", .text(from.description)) }
        if let to = filter.to { all.add("j.created_at < ?", .text(to.description)) }
        if let text = filter.text {
            let pattern = "%\(LogTable.escaped(text.lowercased()))%"
            // Names are looked through once, not again for each of their runs.
            all.add(
                """
                (j.account_id IN (SELECT n.id FROM accounts AS n
                        WHERE n.workspace_id = ? AND sluice_folded(n.name) LIKE ? ESCAPE '\\')
                    OR j.error_message IS NOT NULL AND sluice_folded(j.error_message) LIKE ? ESCAPE '\\'
                    OR CAST(j.id AS TEXT) = ?)
                """, .integer(filter.workspace.value), .text(pattern), .text(pattern), .text(text))
        }
        return all
    }

    static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_")
    }

    private func entry(_ row: ResultRow) throws -> LogEntry {
        var entry = LogEntry(
            job: JobID(row.int64(0)), account: AccountID(row.int64(1)), platform: PlatformID(row.text(2)),
            accountName: row.text(3), zoneName: row.text(4), kind: try row.word(5), state: try row.word(6),
            waitReason: try row.optionalWord(7), phase: try row.word(8), requested: try row.optionalDays(9, 10),
            days: try row.optionalDays(11, 12), totalChunks: row.int(13), completedChunks: row.int(14),
            failedChunks: row.int(15), percent: row.int(16), rowsReceived: row.int(17), rowsWritten: row.int(18),
            requests: row.int(19), throttled: row.int(20), retries: row.int(21), errorClass: row.optionalText(22),
            errorMessage: row.optionalText(23), createdAt: try row.instant(24), startedAt: try row.optionalInstant(25),
            finishedAt: try row.optionalInstant(26), schedule: row.optionalInt64(27).map { ScheduleID($0) })
        entry.splits = row.int(28)
        entry.scheduleName = row.optionalText(29)
        return entry
    }

    // MARK: What was asked for at once

    func request(_ request: SyncRequest, _ jobs: [NewJob]) throws -> [JobID] {
        let table = JobTable(transaction: transaction)
        let ids = try jobs.map { try table.enqueue($0).id }
        try sql.run(
            """
            INSERT INTO sync_requests (id, workspace_id, kind, actor, days, created_at, promised_points, promised_until)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .text(request.id), .integer(request.workspace.value), .text(request.kind.rawValue), .text(request.actor),
            .text(request.range), .text(transaction.nowText), .integer(request.promised.map { Int64($0.points) }),
            .text(request.promised?.until.description))
        try sql.runEach(
            "INSERT INTO sync_request_jobs (request_id, job_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
            ids.map { [.text(request.id), .integer($0.value)] })
        return ids
    }

    func requests(of workspace: WorkspaceID, kind: SyncRequest.Kind?, limit: Int) throws -> [SyncRequest] {
        try with(
            try sql.all(
                """
                SELECT id, workspace_id, kind, actor, days, created_at, promised_points, promised_until
                FROM sync_requests
                WHERE workspace_id = ?1 AND kind = coalesce(?2, kind) ORDER BY number DESC LIMIT ?3
                """, .integer(workspace.value), .text(kind?.rawValue), .integer(limit), body: request))
    }

    func request(_ id: String, of workspace: WorkspaceID) throws -> SyncRequest? {
        try with(
            try sql.all(
                """
                SELECT id, workspace_id, kind, actor, days, created_at, promised_points, promised_until
                FROM sync_requests
                WHERE id = ? AND workspace_id = ?
                """, .text(id), .integer(workspace.value), body: request)
        ).first
    }

    /// The first, where more than one met the same open job.
    func request(with job: JobID) throws -> SyncRequest? {
        try with(
            try sql.all(
                """
                SELECT r.id, r.workspace_id, r.kind, r.actor, r.days, r.created_at, r.promised_points, r.promised_until
                FROM sync_request_jobs AS x JOIN sync_requests AS r ON r.id = x.request_id
                WHERE x.job_id = ? ORDER BY r.number LIMIT 1
                """, .integer(job.value), body: request)
        ).first
    }

    private func request(_ row: ResultRow) throws -> SyncRequest {
        SyncRequest(
            id: row.text(0), workspace: WorkspaceID(row.int64(1)), kind: try row.word(2), actor: row.text(3),
            range: row.text(4), createdAt: try row.instant(5), promised: try promise(row))
    }

    private func promise(_ row: ResultRow) throws -> SyncRequest.Promise? {
        guard let points = row.optionalInt(6), let until = try row.optionalInstant(7) else { return nil }
        return SyncRequest.Promise(points: points, until: until)
    }

    private func with(_ requests: [SyncRequest]) throws -> [SyncRequest] {
        try requests.map { request in
            var request = request
            request.jobs = try sql.all(
                "SELECT job_id FROM sync_request_jobs WHERE request_id = ? ORDER BY job_id", .text(request.id)
            ) { JobID($0.int64(0)) }
            return request
        }
    }
}

extension SQLStore {
    package func logs(_ filter: LogFilter, before: JobID?, limit: Int) async throws -> [LogEntry] {
        try await read { try LogTable(transaction: $0).logs(filter, before: before, limit: limit) }
    }

    package func logCount(_ filter: LogFilter, upTo most: Int) async throws -> Int {
        try await read { try LogTable(transaction: $0).count(filter, upTo: most) }
    }

    package func runHours(of workspace: WorkspaceID, from start: Instant, hours: Int) async throws -> [RunHour] {
        try await read { try LogTable(transaction: $0).hours(of: workspace, from: start, hours) }
    }

    package func deletedSchedules(of workspace: WorkspaceID, limit: Int) async throws -> [DeletedSchedule] {
        try await read { try LogTable(transaction: $0).deletedSchedules(of: workspace, limit: limit) }
    }

    package func slowestChunks(of job: JobID, limit: Int) async throws -> [ChunkSummary] {
        try await read { try ChunkTable(transaction: $0).slowest(of: job, limit: limit) }
    }

    package func request(with job: JobID) async throws -> SyncRequest? {
        try await read { try LogTable(transaction: $0).request(with: job) }
    }

    package func request(_ request: SyncRequest, _ jobs: [NewJob]) async throws -> [JobID] {
        try await write(.accounts(jobs.map(\.account))) { try LogTable(transaction: $0).request(request, jobs) }
    }

    package func requests(
        of workspace: WorkspaceID, kind: SyncRequest.Kind?, limit: Int
    ) async throws -> [SyncRequest] {
        try await read { try LogTable(transaction: $0).requests(of: workspace, kind: kind, limit: limit) }
    }

    package func request(_ id: String, of workspace: WorkspaceID) async throws -> SyncRequest? {
        try await read { try LogTable(transaction: $0).request(id, of: workspace) }
    }
}
