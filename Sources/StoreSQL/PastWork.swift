package import SyncCore

/// What finished jobs took, and jobs by their numbers.
struct PastWork {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    private static let newest: StaticString = """
        SELECT id, account_id, kind, streams, requested_from, requested_to, requests, throttled, started_at, finished_at
        FROM sync_jobs INDEXED BY sync_jobs_account
        WHERE account_id = ? AND status = 'completed' AND started_at IS NOT NULL AND finished_at IS NOT NULL
        ORDER BY id DESC LIMIT ?
        """

    private static let first: StaticString = """
        SELECT id, account_id, kind, streams, requested_from, requested_to, requests, throttled, started_at, finished_at
        FROM sync_jobs INDEXED BY sync_jobs_account
        WHERE account_id = ? AND status = 'completed' AND started_at IS NOT NULL AND finished_at IS NOT NULL
            AND kind = 'initial'
        ORDER BY id LIMIT ?
        """

    func newest(of accounts: [AccountID], limit: Int) throws -> [PastJob] {
        try jobs(PastWork.newest, accounts, limit)
    }

    func first(of accounts: [AccountID]) throws -> [PastJob] { try jobs(PastWork.first, accounts, 1) }

    private func jobs(_ query: StaticString, _ accounts: [AccountID], _ limit: Int) throws -> [PastJob] {
        var jobs = try sql.allEach(query, accounts.map { [.integer($0.value), .integer(limit)] }) { row in
            let (begin, end) = (try row.instant(8), try row.instant(9))
            return PastJob(
                job: JobID(row.int64(0)), account: AccountID(row.int64(1)), kind: try row.word(2),
                streams: try TextColumn.value([StreamID].self, from: row.text(3)),
                requested: try row.optionalDays(4, 5), requests: row.int(6), throttled: row.int(7),
                length: max(.zero, end - begin), finishedAt: end)
        }
        let chunks = try chunks(of: jobs.map(\.job))
        for index in jobs.indices {
            guard let chunks = chunks[jobs[index].job] else { continue }
            (jobs[index].parts, jobs[index].pieces) = (chunks.parts, Array(chunks.pieces.values))
        }
        return jobs
    }

    /// What the chunks of a job took, as they are added up.
    private struct Chunks {
        struct Way: Hashable {
            var stream: StreamID
            var way: ChunkWay
        }

        var parts: [StreamID: PastJob.Part] = [:]
        var days: [StreamID: Set<CivilDate>] = [:]
        var pieces: [Way: PastJob.Piece] = [:]

        mutating func add(_ piece: PastJob.Piece, _ range: DayRange?) {
            let stream = piece.stream
            if let range { days[stream, default: []].formUnion(range.days) }
            parts[stream, default: PastJob.Part(requests: 0, days: 0)].requests += piece.requests
            // Chunks of one stream may read the same days of different entities: a day counts once.
            parts[stream]?.days = days[stream]?.count ?? 0
            let way = Way(stream: stream, way: piece.way)
            guard var sum = pieces[way] else {
                pieces[way] = piece
                return
            }
            sum.chunks += piece.chunks
            sum.days += piece.days
            sum.requests += piece.requests
            sum.least = min(sum.least, piece.least)
            pieces[way] = sum
        }
    }

    /// Of a mode as many letters as hold its word and its moment (`ChunkWay`); names may follow.
    private func chunks(of jobs: [JobID]) throws -> [JobID: Chunks] {
        var chunks: [JobID: Chunks] = [:]
        _ = try sql.allEach(
            """
            SELECT job_id, stream, start_date, end_date, substr(mode, 1, 18),
                count(*), CAST(sum(requests) AS BIGINT), min(requests)
            FROM sync_chunks INDEXED BY sync_chunks_job WHERE job_id = ?
            GROUP BY 1, 2, 3, 4, 5
            """, jobs.map { [.integer($0.value)] }
        ) { row in
            let range = try row.optionalDays(2, 3)
            let piece = PastJob.Piece(
                stream: StreamID(row.text(1)), way: ChunkWay(mode: row.text(4)), chunks: row.int(5),
                days: (range?.count ?? 0) * row.int(5), requests: row.int(6), least: row.int(7))
            chunks[JobID(row.int64(0)), default: Chunks()].add(piece, range)
        }
        return chunks
    }
}

extension SQLStore {
    package func pastJobs(of accounts: [AccountID], limit: Int) async throws -> [PastJob] {
        try await read { try PastWork(transaction: $0).newest(of: accounts, limit: limit) }
    }

    package func firstJobs(of accounts: [AccountID]) async throws -> [PastJob] {
        try await read { try PastWork(transaction: $0).first(of: accounts) }
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
