package import SyncCore

/// Runs with their accounts, and what was asked for at once.
struct LogTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    func logs(_ filter: LogFilter, before: JobID?, limit: Int) throws -> [LogEntry] {
        var conditions = LogTable.conditions(filter)
        if let before { conditions.add("j.id < ?", .integer(before.value)) }
        var found: [LogEntry] = []
        let text = """
            SELECT j.id, j.account_id, a.platform, a.name, a.time_zone, j.kind, j.status, j.wait_reason, j.phase,
                j.requested_from, j.requested_to, coalesce(j.requested_from, j.history_from, j.recent_from),
                coalesce(j.requested_to, j.recent_to, j.history_to), j.total_chunks, j.completed_chunks,
                j.failed_chunks, j.progress_percentage, j.rows_received, j.rows_written, j.requests, j.throttled,
                j.retries, j.error_class, j.error_message, j.created_at, j.started_at, j.finished_at,
                (SELECT min(r.schedule_id) FROM schedule_run_jobs AS x JOIN schedule_runs AS r ON r.id = x.run_id
                    WHERE x.job_id = j.id)
            FROM sync_jobs AS j JOIN accounts AS a ON a.id = j.account_id
            WHERE \(conditions.text) ORDER BY j.id DESC LIMIT \(limit)
            """
        _ = try sql.session.run(built: text, conditions.values) { found.append(try entry($0)) }
        return found
    }

    func count(_ filter: LogFilter) throws -> Int {
        let conditions = LogTable.conditions(filter)
        var count = 0
        let text = """
            SELECT count(*) FROM sync_jobs AS j JOIN accounts AS a ON a.id = j.account_id WHERE \(conditions.text)
            """
        _ = try sql.session.run(built: text, conditions.values) { count = $0.int(0) }
        return count
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
                j.id IN (SELECT x.job_id FROM schedule_run_jobs AS x JOIN schedule_runs AS r ON r.id = x.run_id
                    WHERE r.schedule_id = ?)
                """, .integer(schedule.value))
        }
        if let from = filter.from { all.add("j.created_at >= ?", .text(from.description)) }
        if let to = filter.to { all.add("j.created_at < ?", .text(to.description)) }
        if let text = filter.text {
            let pattern = "%\(LogTable.escaped(text.lowercased()))%"
            all.add(
                """
                (lower(a.name) LIKE ? ESCAPE '\\' OR lower(coalesce(j.error_message, '')) LIKE ? ESCAPE '\\'
                    OR CAST(j.id AS TEXT) = ?)
                """, .text(pattern), .text(pattern), .text(text))
        }
        return all
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_")
    }

    private func entry(_ row: ResultRow) throws -> LogEntry {
        LogEntry(
            job: JobID(row.int64(0)), account: AccountID(row.int64(1)), platform: PlatformID(row.text(2)),
            accountName: row.text(3), zoneName: row.text(4), kind: try row.word(5), state: try row.word(6),
            waitReason: try row.optionalWord(7), phase: try row.word(8), requested: try row.optionalDays(9, 10),
            days: try row.optionalDays(11, 12), totalChunks: row.int(13), completedChunks: row.int(14),
            failedChunks: row.int(15), percent: row.int(16), rowsReceived: row.int(17), rowsWritten: row.int(18),
            requests: row.int(19), throttled: row.int(20), retries: row.int(21), errorClass: row.optionalText(22),
            errorMessage: row.optionalText(23), createdAt: try row.instant(24), startedAt: try row.optionalInstant(25),
            finishedAt: try row.optionalInstant(26), schedule: row.optionalInt64(27).map { ScheduleID($0) })
    }

    // MARK: What was asked for at once

    func request(_ request: SyncRequest, _ jobs: [NewJob]) throws -> [JobID] {
        let table = JobTable(transaction: transaction)
        let ids = try jobs.map { try table.enqueue($0).id }
        try sql.run(
            """
            INSERT INTO sync_requests (id, workspace_id, kind, actor, days, created_at) VALUES (?, ?, ?, ?, ?, ?)
            """,
            .text(request.id), .integer(request.workspace.value), .text(request.kind.rawValue), .text(request.actor),
            .text(request.range), .text(transaction.nowText))
        try sql.runEach(
            "INSERT INTO sync_request_jobs (request_id, job_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
            ids.map { [.text(request.id), .integer($0.value)] })
        return ids
    }

    func requests(of workspace: WorkspaceID, kind: SyncRequest.Kind?, limit: Int) throws -> [SyncRequest] {
        try with(
            try sql.all(
                """
                SELECT id, workspace_id, kind, actor, days, created_at FROM sync_requests
                WHERE workspace_id = ?1 AND kind = coalesce(?2, kind) ORDER BY number DESC LIMIT ?3
                """, .integer(workspace.value), .text(kind?.rawValue), .integer(limit), body: request))
    }

    func request(_ id: String, of workspace: WorkspaceID) throws -> SyncRequest? {
        try with(
            try sql.all(
                """
                SELECT id, workspace_id, kind, actor, days, created_at FROM sync_requests
                WHERE id = ? AND workspace_id = ?
                """, .text(id), .integer(workspace.value), body: request)
        ).first
    }

    private func request(_ row: ResultRow) throws -> SyncRequest {
        SyncRequest(
            id: row.text(0), workspace: WorkspaceID(row.int64(1)), kind: try row.word(2), actor: row.text(3),
            range: row.text(4), createdAt: try row.instant(5))
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

    package func logCount(_ filter: LogFilter) async throws -> Int {
        try await read { try LogTable(transaction: $0).count(filter) }
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
