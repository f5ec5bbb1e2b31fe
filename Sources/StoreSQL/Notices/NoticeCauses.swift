import SyncCore

/// What people should know of, read from the tables of the engine.
struct NoticeCauses {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    /// A credential is told of so long before its end.
    static let notice: Duration = .seconds(7 * 86_400)
    /// A run that begins within that time is not late: workers may have been restarted.
    static let grace: Duration = .seconds(900)
    /// So long a run may keep the next one from starting.
    static let patience: Duration = .seconds(3600)
    /// Runs that do not keep another from starting may take that long.
    static let longestRun: Duration = .seconds(6 * 3600)
    /// Moments that are older are no news.
    static let news: Duration = .seconds(86_400)

    func all() throws -> [NoticeCause] {
        try rejected() + expiring() + failed() + stuck() + late() + history()
    }

    private func rejected() throws -> [NoticeCause] {
        let causes = try sql.all(
            """
            SELECT c.workspace_id, c.id, c.platform, c.name, c.parked_at, c.parked_code, c.parked_message,
                c.parked_advice
            FROM connections AS c WHERE c.parked_at IS NOT NULL ORDER BY c.id
            """
        ) { row in
            NoticeCause(
                workspace: WorkspaceID(row.int64(0)), key: "rejected/\(row.int64(1))", kind: .rejected,
                subject: row.int64(1),
                facts: NoticeFacts(
                    name: row.text(3), platform: row.text(2), code: row.optionalText(5) ?? "",
                    message: row.optionalText(6) ?? "", advice: row.optionalText(7) ?? "", at: try row.instant(4)))
        }
        return try causes.filter { $0.facts.code != Connection.removed.code }.map(named)
    }

    private func expiring() throws -> [NoticeCause] {
        try sql.all(
            """
            SELECT c.workspace_id, c.id, c.platform, c.name, e.ends_at
            FROM credential_ends AS e JOIN connections AS c ON c.id = e.connection_id
            WHERE c.parked_at IS NULL AND e.ends_at <= ? ORDER BY c.id
            """, .integer((transaction.now + NoticeCauses.notice).microseconds)
        ) { row in
            NoticeCause(
                workspace: WorkspaceID(row.int64(0)), key: "expiring/\(row.int64(1))", kind: .expiring,
                subject: row.int64(1),
                facts: NoticeFacts(
                    name: row.text(3), platform: row.text(2), at: Instant(microseconds: row.int64(4))))
        }.map(named)
    }

    /// With the names of its connection's accounts.
    private func named(_ cause: NoticeCause) throws -> NoticeCause {
        var cause = cause
        let names = try sql.all(
            "SELECT name FROM accounts WHERE connection_id = ? ORDER BY id", .integer(cause.subject)
        ) { $0.text(0) }
        cause.facts.accounts = Array(names.prefix(NoticeFacts.mostNames))
        cause.facts.accountCount = names.count
        return cause
    }

    /// Failed chunks that no later run has made good, by connection and reason: a platform that breaks is one cause for
    /// all accounts behind a credential. Totals are no stream of a run, but steps of it.
    private func failed() throws -> [NoticeCause] {
        struct Part {
            var account: String
            var chunks: Int
            var job: Int64
        }
        var causes: [String: NoticeCause] = [:]
        var parts: [String: [Int64: Part]] = [:]
        try sql.rows(
            """
            SELECT c.workspace_id, c.id, c.platform, c.name, f.error_class, f.error_code, f.message, f.advice,
                a.id, a.name, f.chunks, f.job_id
            FROM (
                SELECT job_id, account_id, stream, coalesce(error_class, '') AS error_class,
                    coalesce(error_code, '') AS error_code, coalesce(min(error_message), '') AS message,
                    coalesce(min(advice), '') AS advice, count(*) AS chunks, min(start_date) AS first_date,
                    max(end_date) AS last_date
                FROM sync_chunks INDEXED BY sync_chunks_failed WHERE status = 'failed'
                GROUP BY job_id, account_id, stream, coalesce(error_class, ''), coalesce(error_code, '')
            ) AS f
            JOIN accounts AS a ON a.id = f.account_id
            JOIN connections AS c ON c.id = a.connection_id
            WHERE coalesce(c.parked_code, '') <> 'removed' AND NOT EXISTS (
                SELECT 1 FROM sync_jobs AS j
                WHERE j.account_id = f.account_id AND j.id > f.job_id AND j.status = 'completed'
                    AND (CAST(j.streams AS TEXT) LIKE '%"' || f.stream || '"%'
                        OR f.stream = 'totals' AND CAST(j.steps AS TEXT) LIKE '%_totals"%')
                    AND (f.first_date IS NULL OR j.requested_from IS NULL
                        OR (j.requested_from <= f.first_date AND j.requested_to >= f.last_date)))
            ORDER BY a.id, f.job_id
            """
        ) { row in
            let key = "failed/\(row.int64(1))/\(row.text(4))/\(row.text(5))"
            if causes[key] == nil {
                causes[key] = NoticeCause(
                    workspace: WorkspaceID(row.int64(0)), key: key, kind: .failed, subject: row.int64(1),
                    facts: NoticeFacts(
                        name: row.text(3), platform: row.text(2), code: row.text(5), message: row.text(6),
                        advice: row.text(7)))
            }
            var part = parts[key, default: [:]][row.int64(8)] ?? Part(account: row.text(9), chunks: 0, job: 0)
            part.chunks += row.int(10)
            part.job = max(part.job, row.int64(11))
            parts[key, default: [:]][row.int64(8)] = part
        }
        return causes.sorted { $0.key < $1.key }.map { key, cause in
            var cause = cause
            let accounts = (parts[key] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
            cause.facts.accounts = accounts.prefix(NoticeFacts.mostNames).map(\.account)
            cause.facts.accountCount = accounts.count
            cause.facts.chunks = accounts.reduce(0) { $0 + $1.chunks }
            cause.facts.job = accounts.map(\.job).max()
            return cause
        }
    }

    /// Open jobs whose next step cannot be planned, by connection and reason.
    private func stuck() throws -> [NoticeCause] {
        var causes: [String: NoticeCause] = [:]
        var newest: [String: Int64] = [:]
        try sql.rows(
            """
            SELECT c.workspace_id, c.id, c.platform, c.name, j.error_message, a.name, j.id, a.id
            FROM sync_jobs AS j INDEXED BY sync_jobs_idle
            JOIN accounts AS a ON a.id = j.account_id
            JOIN connections AS c ON c.id = a.connection_id
            WHERE j.open_chunks = 0 AND j.status IN ('pending', 'in_progress', 'waiting')
                AND j.error_class = ?
            ORDER BY a.id, j.id
            """, .text(Job.notPlanned)
        ) { row in
            let key = "failed/\(row.int64(1))/stuck/\(row.text(4))"
            var cause =
                causes[key]
                ?? NoticeCause(
                    workspace: WorkspaceID(row.int64(0)), key: key, kind: .failed, subject: row.int64(1),
                    facts: NoticeFacts(name: row.text(3), platform: row.text(2), message: row.text(4)))
            if newest.updateValue(row.int64(7), forKey: key) != row.int64(7) {
                cause.facts.accountCount += 1
                if cause.facts.accounts.count < NoticeFacts.mostNames { cause.facts.accounts.append(row.text(5)) }
            }
            cause.facts.job = row.int64(6)
            causes[key] = cause
        }
        return causes.sorted { $0.key < $1.key }.map(\.value)
    }

    /// A run that waits for a person does not count as one that is stuck: that person is told already.
    private func late() throws -> [NoticeCause] {
        let waits = """
            EXISTS (SELECT 1 FROM schedule_run_jobs AS l JOIN sync_jobs AS j ON j.id = l.job_id
                WHERE l.run_id = r.id AND j.wait_reason IN ('credential', 'paused'))
            """
        var causes: [NoticeCause] = []
        try sql.rows(
            built: """
                SELECT s.workspace_id, s.id, s.name, s.next_run_at, r.started_at, CASE WHEN \(waits) THEN 1 ELSE 0 END
                FROM schedules AS s LEFT JOIN schedule_runs AS r
                    ON r.schedule_id = s.id AND r.status IN ('pending', 'in_progress')
                WHERE s.is_active = 1 ORDER BY s.id
                """
        ) { row in
            let next = row.optionalMoment(3)
            let startedAt = try row.optionalInstant(4)
            guard let (kind, since) = standing(next: next, startedAt: startedAt, waits: row.int(5) != 0) else { return }
            causes.append(
                NoticeCause(
                    workspace: WorkspaceID(row.int64(0)), key: "schedule/\(row.int64(1))", kind: kind,
                    subject: row.int64(1), facts: NoticeFacts(name: row.text(2), at: since)))
        }
        return causes
    }

    private func standing(next: Instant?, startedAt: Instant?, waits: Bool) -> (NoticeKind, Instant)? {
        let delay = next.map { transaction.now - $0 } ?? .zero
        guard let startedAt else { return delay > NoticeCauses.grace ? next.map { (.late, $0) } : nil }
        let isStuck = delay > NoticeCauses.patience || transaction.now - startedAt > NoticeCauses.longestRun
        return isStuck && !waits ? (.stuck, startedAt) : nil
    }

    /// Not of those that only receive: what they have was passed on to them.
    private func history() throws -> [NoticeCause] {
        try sql.all(
            """
            SELECT a.workspace_id, a.id, a.platform, a.name, a.phase_2_completed_at FROM accounts AS a
            WHERE a.phase_2_completed_at >= ?
                AND NOT EXISTS (SELECT 1 FROM accounts AS feeder WHERE feeder.destination_id = a.id)
            ORDER BY a.id
            """, .text((transaction.now - NoticeCauses.news).description)
        ) { row in
            let at = try row.instant(4)
            return NoticeCause(
                workspace: WorkspaceID(row.int64(0)), key: "history/\(row.int64(1))/\(at)", kind: .history,
                subject: row.int64(1),
                facts: NoticeFacts(
                    name: row.text(3), platform: row.text(2), accounts: [row.text(3)], accountCount: 1, at: at))
        }
    }
}
