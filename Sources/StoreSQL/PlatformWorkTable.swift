package import SyncCore

/// Sums over all jobs of a platform that belong together: pages and programs ask for them all the time.
struct PlatformWorkTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    /// Chunks are counted one by one up to so many; beyond that the counters of their jobs tell enough.
    static let mostCounted = 20_000

    /// The jobs that are open, and those that were asked for at once with one of them; when none is open those that
    /// were asked for last, or what ended behind them.
    func work(on platform: PlatformID, in workspace: WorkspaceID, kind: SyncRequest.Kind) throws -> PlatformWork? {
        let asked = try sql.first(
            "SELECT id FROM sync_requests WHERE workspace_id = ? AND kind = ? ORDER BY number DESC LIMIT 1",
            .integer(workspace.value), .text(kind.rawValue)
        ) { $0.text(0) }
        let chosen = Source(
            text: PlatformWorkTable.chosen,
            bounds: [.text(platform.rawValue), .integer(workspace.value), .text(asked)])
        var found = try groups(of: chosen)
        if found.contains(where: { !$0.sums.state.isTerminal }) {
            let isAskedOpen = found.contains { !$0.sums.state.isTerminal && $0.isAsked }
            if !isAskedOpen { found.removeAll { $0.sums.state.isTerminal } }
            return try work(found, chosen, withEnded: isAskedOpen)
        }
        let last = try last(on: platform, in: workspace)
        let end = found.compactMap(\.finishedAt).max()
        let isLast = last.map { last in end.map { $0 >= last.finishedAt } ?? false } ?? true
        if !found.isEmpty, isLast { return try work(found, chosen, withEnded: true) }
        guard let last else { return nil }
        let batch = Source(
            text: PlatformWorkTable.batch,
            bounds: [
                .text(platform.rawValue), .integer(workspace.value), .text(last.kind),
                .text((last.createdAt - PlatformWorkTable.apart).description),
                .text((last.createdAt + PlatformWorkTable.apart).description),
            ])
        return try work(try groups(of: batch), batch, withEnded: true)
    }

    private struct Last {
        var kind: String
        var createdAt: Instant
        var finishedAt: Instant
    }

    /// The one of the newest jobs that ended last.
    private func last(on platform: PlatformID, in workspace: WorkspaceID) throws -> Last? {
        try sql.all(
            """
            SELECT j.kind, j.created_at, j.finished_at FROM sync_jobs AS j JOIN accounts AS a ON a.id = j.account_id
            WHERE j.workspace_id = ? AND a.platform = ? AND j.finished_at IS NOT NULL ORDER BY j.id DESC LIMIT 64
            """, .integer(workspace.value), .text(platform.rawValue)
        ) { Last(kind: $0.text(0), createdAt: try $0.instant(1), finishedAt: try $0.instant(2)) }
        .max { $0.finishedAt < $1.finishedAt }
    }

    /// Jobs of a kind that were made no further apart began together: accounts that were connected, a schedule's run.
    private static let apart: Duration = .seconds(30)

    // MARK: Which

    private struct Source {
        var text: String
        var bounds: [Bound]
    }

    /// Only open jobs are in that index. One that is open and was asked for counts once.
    private static let chosen = """
        (SELECT id, max(asked) AS asked FROM (
            SELECT id, 0 AS asked FROM sync_jobs INDEXED BY sync_jobs_open
            WHERE workspace_id = ?2 AND status IN ('pending', 'in_progress', 'waiting')
            UNION ALL SELECT job_id, 1 FROM sync_request_jobs WHERE request_id = ?3) AS both_kinds
        GROUP BY id) AS x
            JOIN sync_jobs AS j ON j.id = x.id
            JOIN accounts AS a ON a.id = j.account_id AND a.platform = ?1
        """

    private static let batch = """
        (SELECT id, 0 AS asked FROM sync_jobs
            WHERE workspace_id = ?2 AND kind = ?3 AND created_at BETWEEN ?4 AND ?5) AS x
            JOIN sync_jobs AS j ON j.id = x.id
            JOIN accounts AS a ON a.id = j.account_id AND a.platform = ?1
        """

    // MARK: Sums

    private struct Group {
        var isAsked: Bool
        var isFirstStep: Bool
        var sums: PlatformWork.Jobs
        var failed: Int
        var startedAt: Instant?
        var finishedAt: Instant?
    }

    private func groups(of source: Source) throws -> [Group] {
        var groups: [Group] = []
        let text = """
            SELECT j.status, x.asked, CASE WHEN j.planned_steps < 2 THEN 1 ELSE 0 END, count(*),
                count(*) FILTER (WHERE j.planned_steps = 0), count(*) FILTER (WHERE j.planned_steps < j.total_steps),
                CAST(sum(j.total_chunks) AS BIGINT), CAST(sum(j.completed_chunks) AS BIGINT),
                CAST(sum(j.failed_chunks) AS BIGINT), CAST(sum(j.progress_percentage) AS BIGINT),
                min(j.started_at), max(j.finished_at), CASE WHEN j.status = 'waiting' THEN j.wait_reason END AS reason
            FROM \(source.text) GROUP BY 1, 2, 3, 13
            """
        _ = try sql.session.run(built: text, source.bounds) { row in
            let state: WorkState = try row.word(0)
            let reason: WaitReason? = try row.optionalWord(12)
            groups.append(
                Group(
                    isAsked: row.int(1) == 1, isFirstStep: row.int(2) == 1,
                    sums: PlatformWork.Jobs(
                        state: state, count: row.int(3), waits: reason.map { [$0: row.int(3)] } ?? [:],
                        unbegun: row.int(4),
                        unplanned: row.int(5),
                        chunks: row.int(6), completed: row.int(7), percent: row.int(9)), failed: row.int(8),
                    startedAt: try row.optionalInstant(10), finishedAt: try row.optionalInstant(11)))
        }
        return groups
    }

    private func work(_ groups: [Group], _ source: Source, withEnded: Bool) throws -> PlatformWork {
        var work = PlatformWork()
        for group in groups {
            if let index = work.jobs.firstIndex(where: { $0.state == group.sums.state }) {
                work.jobs[index].add(group.sums)
            } else {
                work.jobs.append(group.sums)
            }
        }
        work.jobs.sort { $0.state.rawValue < $1.state.rawValue }
        work.startedAt = groups.compactMap(\.startedAt).min()
        work.finishedAt = work.isOpen ? nil : groups.compactMap(\.finishedAt).max()
        work.isWhole = work.jobs.reduce(0) { $0 + $1.chunks } <= PlatformWorkTable.mostCounted
        let these = withEnded ? "" : " AND j.status IN ('pending', 'in_progress', 'waiting')"
        let steps = work.isWhole ? "" : " AND j.planned_steps < 2"
        let counted = """
            SELECT c.stage, count(*),
                count(*) FILTER (WHERE c.status IN ('pending', 'in_progress', 'waiting') AND c.phase = 'recent'),
                count(*) FILTER (WHERE c.status = 'failed'), count(*) FILTER (WHERE c.status = 'cancelled'),
                count(*) FILTER (WHERE c.status = 'in_progress'),
                count(*) FILTER (WHERE c.status = 'waiting' AND c.wait_reason = 'quota')
            FROM \(source.text) JOIN sync_chunks AS c INDEXED BY sync_chunks_job ON c.job_id = j.id
            WHERE j.total_chunks > 0\(these)\(steps) GROUP BY c.stage
            """
        _ = try sql.session.run(built: counted, source.bounds) { row in
            work.stages[row.text(0)] = PlatformWork.Stage(
                chunks: row.int(1), open: row.int(2), failed: row.int(3), cancelled: row.int(4), running: row.int(5),
                blocked: row.int(6))
        }
        if !work.isWhole, groups.contains(where: { $0.failed > 0 && !$0.isFirstStep }) {
            let failed = """
                SELECT c.stage, count(*)
                FROM \(source.text) JOIN sync_chunks AS c INDEXED BY sync_chunks_failed
                    ON c.job_id = j.id AND c.status = 'failed'
                WHERE j.failed_chunks > 0 AND j.planned_steps > 1\(these) GROUP BY c.stage
                """
            _ = try sql.session.run(built: failed, source.bounds) { row in
                work.stages[row.text(0), default: PlatformWork.Stage()].chunks += row.int(1)
                work.stages[row.text(0), default: PlatformWork.Stage()].failed += row.int(1)
            }
        }
        return work
    }
}

extension PlatformWork.Jobs {
    fileprivate mutating func add(_ other: PlatformWork.Jobs) {
        count += other.count
        waits.merge(other.waits, uniquingKeysWith: +)
        unbegun += other.unbegun
        unplanned += other.unplanned
        chunks += other.chunks
        completed += other.completed
        percent += other.percent
    }
}

extension SQLStore {
    package func work(
        on platform: PlatformID, in workspace: WorkspaceID, kind: SyncRequest.Kind
    ) async throws -> PlatformWork? {
        try await read { try PlatformWorkTable(transaction: $0).work(on: platform, in: workspace, kind: kind) }
    }
}
