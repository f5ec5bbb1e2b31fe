package import SyncCore

/// What finished jobs took, and jobs by their numbers.
struct PastWork {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    func jobs(of accounts: [AccountID], limit: Int) throws -> [PastJob] {
        var jobs = try sql.allEach(
            """
            SELECT id, account_id, kind, streams, requested_from, requested_to, requests, throttled, started_at,
                finished_at
            FROM sync_jobs INDEXED BY sync_jobs_account
            WHERE account_id = ? AND status = 'completed' AND started_at IS NOT NULL AND finished_at IS NOT NULL
            ORDER BY id DESC LIMIT ?
            """, accounts.map { [.integer($0.value), .integer(limit)] }
        ) { row in
            let (begin, end) = (try row.instant(8), try row.instant(9))
            return PastJob(
                job: JobID(row.int64(0)), account: AccountID(row.int64(1)), kind: try row.word(2),
                streams: try TextColumn.value([StreamID].self, from: row.text(3)),
                requested: try row.optionalDays(4, 5), requests: row.int(6), throttled: row.int(7),
                length: max(.zero, end - begin), finishedAt: end)
        }
        let parts = try parts(of: jobs.map(\.job))
        for index in jobs.indices { jobs[index].parts = parts[jobs[index].job] ?? [:] }
        return jobs
    }

    /// Chunks of one stream may read the same days of different entities: a day counts once.
    private func parts(of jobs: [JobID]) throws -> [JobID: [StreamID: PastJob.Part]] {
        var parts: [JobID: [StreamID: PastJob.Part]] = [:]
        var days: [JobID: [StreamID: Set<CivilDate>]] = [:]
        _ = try sql.allEach(
            """
            SELECT job_id, stream, start_date, end_date, CAST(sum(requests) AS BIGINT)
            FROM sync_chunks INDEXED BY sync_chunks_job WHERE job_id = ?
            GROUP BY job_id, stream, start_date, end_date
            """, jobs.map { [.integer($0.value)] }
        ) { row in
            let (job, stream) = (JobID(row.int64(0)), StreamID(row.text(1)))
            parts[job, default: [:]][stream, default: PastJob.Part(requests: 0, days: 0)].requests += row.int(4)
            guard let range = try row.optionalDays(2, 3) else { return }
            days[job, default: [:]][stream, default: []].formUnion(range.days)
            parts[job]?[stream]?.days = days[job]?[stream]?.count ?? 0
        }
        return parts
    }
}

extension SQLStore {
    package func pastJobs(of accounts: [AccountID], limit: Int) async throws -> [PastJob] {
        try await read { try PastWork(transaction: $0).jobs(of: accounts, limit: limit) }
    }

    package func openLogs(in workspace: WorkspaceID) async throws -> [LogEntry] {
        try await read { try LogTable(transaction: $0).open(in: workspace) }
    }

    package func logs(of jobs: [JobID], in workspace: WorkspaceID) async throws -> [LogEntry] {
        try await read { try LogTable(transaction: $0).logs(of: jobs, in: workspace) }
    }

    package func runs(of schedules: [ScheduleID], since moment: Instant) async throws -> [ScheduleRun] {
        try await read { try ScheduleRunTable(transaction: $0).runs(of: schedules, since: moment) }
    }
}
