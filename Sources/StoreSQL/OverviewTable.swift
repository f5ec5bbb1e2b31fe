package import SyncCore

/// Accounts as pages show them, from all tables.
struct OverviewTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    func coverage(
        of account: AccountID, streams: [StreamID], days: DayRange
    ) throws -> [StreamID: [CoverageCell]] {
        var cells: [StreamID: [CoverageCell]] = [:]
        // A range of the primary key for each stream.
        for stream in streams {
            cells[stream] = try sql.all(
                """
                SELECT date, state, rows, read_at FROM coverage
                WHERE account_id = ? AND stream = ? AND date BETWEEN ? AND ? ORDER BY date
                """, .integer(account.value), .text(stream.rawValue), .text(days.first.description),
                .text(days.last.description)
            ) { row in
                guard let day = try row.optionalDay(0) else { throw StoreError.inconsistent("a cell without its day") }
                return CoverageCell(
                    day: day, state: try row.word(1), rows: row.int(2), readAt: try row.optionalInstant(3))
            }
        }
        return cells
    }

    func coverageCounts(of account: AccountID, before day: CivilDate) throws -> [CoverageState: Int] {
        var counts: [CoverageState: Int] = [:]
        try sql.rows(
            "SELECT state, count(*) FROM coverage WHERE account_id = ? AND date < ? GROUP BY state",
            .integer(account.value), .text(day.description)
        ) { counts[try $0.word(0)] = $0.int(1) }
        return counts
    }

    func coverageMonths(of account: AccountID, from day: CivilDate) throws -> [CivilDate: [CoverageState: Int]] {
        var months: [CivilDate: [CoverageState: Int]] = [:]
        try sql.rows(
            """
            SELECT substr(CAST(date AS TEXT), 1, 7), state, count(*) FROM coverage
            WHERE account_id = ? AND date >= ? GROUP BY 1, 2
            """, .integer(account.value), .text(day.description)
        ) { row in
            guard let month = CivilDate(row.text(0) + "-01") else { throw StoreError.inconsistent("no month") }
            months[month, default: [:]][try row.word(1)] = row.int(2)
        }
        return months
    }

    /// Rows of days are counted by their cells: there are too many to count one by one.
    func stored(_ schemas: [StreamSchema], of account: Account) throws -> [StreamID: Int] {
        var counts: [StreamID: Int] = [:]
        for schema in schemas where schema.isStored {
            counts[schema.id] =
                schema.grain == .daily
                ? try sql.first(
                    "SELECT CAST(sum(rows) AS BIGINT) FROM coverage WHERE account_id = ? AND stream = ?",
                    .integer(account.id.value), .text(schema.id.rawValue)
                ) { $0.optionalInt(0) ?? 0 }
                : try DataCounts(transaction: transaction).count(schema, account: account.externalID)
        }
        return counts
    }

    func figures(of account: Account, days: DayRange) throws -> [DayFigures] {
        // The view comes with the first job of a platform.
        guard try transaction.sql.session.hasView(PerformanceText.name) else { return [] }
        return try sql.all(
            """
            SELECT day, currency, CAST(sum(cost) AS BIGINT), CAST(sum(revenue) AS BIGINT),
                CAST(sum(impressions) AS BIGINT), CAST(sum(clicks) AS BIGINT), CAST(sum(orders) AS BIGINT)
            FROM ad_performance_daily WHERE platform = ? AND account = ? AND day BETWEEN ? AND ?
            GROUP BY day, currency ORDER BY day, currency
            """, .text(account.platform.rawValue), .text(account.externalID), .text(days.first.description),
            .text(days.last.description)
        ) { row in
            guard let day = try row.optionalDay(0) else { throw StoreError.inconsistent("a sum without its day") }
            return DayFigures(
                day: day, currency: row.optionalText(1) ?? account.currency, cost: row.optionalInt64(2),
                revenue: row.optionalInt64(3), impressions: row.optionalInt64(4), clicks: row.optionalInt64(5),
                orders: row.optionalInt64(6))
        }
    }

    func jobs(after mark: JobID) throws -> (accounts: Set<AccountID>, last: JobID)? {
        var accounts: Set<AccountID> = []
        var last = mark
        try sql.rows(
            "SELECT account_id, max(id) FROM sync_jobs WHERE id > ? GROUP BY account_id", .integer(mark.value)
        ) { row in
            accounts.insert(AccountID(row.int64(0)))
            last = max(last, JobID(row.int64(1)))
        }
        return accounts.isEmpty ? nil : (accounts, last)
    }

    func wakes(_ job: JobID) throws -> Instant? {
        try sql.first(
            """
            SELECT min(run_after) FROM sync_chunks INDEXED BY sync_chunks_job
            WHERE job_id = ? AND status = 'waiting' AND run_after IS NOT NULL
            """, .integer(job.value)
        ) { $0.optionalMoment(0) } ?? nil
    }

    func failures(of job: JobID) throws -> [FailedChunks] {
        try sql.all(
            """
            SELECT coalesce(error_class, ''), coalesce(error_code, ''), coalesce(error_message, ''), stream,
                coalesce(min(advice), ''), count(*), min(finished_at), max(finished_at)
            FROM sync_chunks INDEXED BY sync_chunks_failed WHERE job_id = ? AND status = 'failed'
            GROUP BY 1, 2, 3, 4 ORDER BY 6 DESC, 3, 2, 1, 4
            """, .integer(job.value)
        ) { row in
            FailedChunks(
                FailedCause(errorClass: row.text(0), code: row.text(1), message: row.text(2)), advice: row.text(4),
                stream: StreamID(row.text(3)), count: row.int(5), firstAt: try row.optionalInstant(6),
                lastAt: try row.optionalInstant(7))
        }
    }

    func waits(of job: JobID) throws -> [StageWait] {
        try sql.all(
            """
            SELECT stage, min(run_after), count(*) FILTER (WHERE retry_count > 0 AND wait_reason IS NULL),
                min(run_after) FILTER (WHERE retry_count > 0 AND wait_reason IS NULL)
            FROM sync_chunks INDEXED BY sync_chunks_job
            WHERE job_id = ? AND status IN ('pending', 'waiting') AND run_after IS NOT NULL
            GROUP BY stage ORDER BY stage
            """, .integer(job.value)
        ) { row in
            StageWait(
                stage: row.text(0), until: Instant(microseconds: row.int64(1)), retries: row.int(2),
                retryAt: row.optionalMoment(3))
        }
    }

    /// As few as there are workers.
    func inHand(of workspace: WorkspaceID) throws -> Int {
        try sql.first(
            """
            SELECT count(*) FROM sync_chunks AS c INDEXED BY sync_chunks_leased JOIN sync_jobs AS j ON j.id = c.job_id
            WHERE c.status = 'in_progress' AND j.workspace_id = ?
            """, .integer(workspace.value)
        ) { $0.int(0) } ?? 0
    }

    func tape(of job: JobID, limit: Int) throws -> [ChunkResult] {
        try sql.all(
            """
            SELECT id, status, rows, retry_count, actual_duration_seconds, coalesce(finished_at, started_at),
                stream, phase, start_date, end_date, mode, entity_column, entities, fields
            FROM sync_chunks INDEXED BY sync_chunks_job
            WHERE job_id = ? AND started_at IS NOT NULL AND (finished_at IS NOT NULL OR status = 'in_progress')
            ORDER BY CASE WHEN finished_at IS NULL THEN 0 ELSE 1 END, coalesce(finished_at, started_at) DESC, id DESC
            LIMIT ?
            """, .integer(job.value), .integer(limit)
        ) { row in
            ChunkResult(
                id: ChunkID(row.int64(0)), spec: try ChunkTable.spec(row, from: 6), state: try row.word(1),
                rows: row.int(2), retryCount: row.int(3), duration: .seconds(row.real(4)), at: try row.instant(5))
        }
    }
}

extension SQLStore {
    package func jobs(of account: AccountID, limit: Int) async throws -> [Job] {
        try await read { try JobTable(transaction: $0).newest(limit, of: account) }
    }

    package func coverage(
        of account: AccountID, streams: [StreamID], days: DayRange
    ) async throws -> [StreamID: [CoverageCell]] {
        try await read { try OverviewTable(transaction: $0).coverage(of: account, streams: streams, days: days) }
    }

    package func coverageMonths(
        of account: AccountID, from day: CivilDate
    ) async throws -> [CivilDate: [CoverageState: Int]] {
        try await read { try OverviewTable(transaction: $0).coverageMonths(of: account, from: day) }
    }

    package func coverageCounts(of account: AccountID, before day: CivilDate) async throws -> [CoverageState: Int] {
        try await read { try OverviewTable(transaction: $0).coverageCounts(of: account, before: day) }
    }

    package func stored(_ schemas: [StreamSchema], of account: Account) async throws -> [StreamID: Int] {
        try await read { try OverviewTable(transaction: $0).stored(schemas, of: account) }
    }

    package func stored(shared schema: StreamSchema, in workspace: WorkspaceID) async throws -> Int {
        try await read { try DataCounts(transaction: $0).things(schema, in: workspace) }
    }

    package func figures(of account: Account, days: DayRange) async throws -> [DayFigures] {
        try await read { try OverviewTable(transaction: $0).figures(of: account, days: days) }
    }

    package func jobs(after mark: JobID) async throws -> (accounts: Set<AccountID>, last: JobID)? {
        try await read { try OverviewTable(transaction: $0).jobs(after: mark) }
    }

    package func wakes(_ job: JobID) async throws -> Instant? {
        try await read { try OverviewTable(transaction: $0).wakes(job) }
    }

    package func failures(of job: JobID) async throws -> [FailedChunks] {
        try await read { try OverviewTable(transaction: $0).failures(of: job) }
    }

    package func waits(of job: JobID) async throws -> [StageWait] {
        try await read { try OverviewTable(transaction: $0).waits(of: job) }
    }

    package func inHand(of workspace: WorkspaceID) async throws -> Int {
        try await read { try OverviewTable(transaction: $0).inHand(of: workspace) }
    }

    package func streams(of job: JobID) async throws -> [StageProgress] {
        try await read { try ChunkTable(transaction: $0).streams(of: job) }
    }

    package func tape(of job: JobID, limit: Int) async throws -> [ChunkResult] {
        try await read { try OverviewTable(transaction: $0).tape(of: job, limit: limit) }
    }
}
