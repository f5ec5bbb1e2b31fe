import SyncCore

/// `coverage`: what is known of each account, stream and day.
///
/// A cell counts the chunks of the job that planned it last: open ones and failed ones. A day is read when
/// the last open one ends, whatever the chunks were split into. A day that was read once keeps its state
/// until it is read again, or fails.
struct CoverageTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    /// Chunks of `job` more (or fewer, but not down to none) on these days.
    func opened(_ counts: DayCounts, stream: StreamID, account: Int64, job: Int64) throws {
        try sql.runEach(
            """
            INSERT INTO coverage (account_id, stream, date, state, job_id, open_chunks)
            VALUES (?1, ?2, ?3, 'queued', ?4, ?5)
            ON CONFLICT (account_id, stream, date) DO UPDATE SET
                state = CASE
                    WHEN coverage.read_at IS NOT NULL OR coverage.state = 'running' THEN coverage.state
                    WHEN coverage.job_id = excluded.job_id AND coverage.failed_chunks > 0 THEN coverage.state
                    ELSE 'queued' END,
                open_chunks = greatest(0, excluded.open_chunks
                    + CASE WHEN coverage.job_id = excluded.job_id THEN coverage.open_chunks ELSE 0 END),
                failed_chunks =
                    CASE WHEN coverage.job_id = excluded.job_id THEN coverage.failed_chunks ELSE 0 END,
                job_id = excluded.job_id
            """,
            counts.runs.flatMap { days, count in
                days.days.map { day in
                    [
                        .integer(account), .text(stream.rawValue), .text(day.description), .integer(job),
                        .integer(count),
                    ]
                }
            })
    }

    func running(_ work: [(account: AccountID, stream: StreamID, days: DayRange)]) throws {
        try sql.runEach(
            """
            UPDATE coverage SET state = 'running'
            WHERE account_id = ?1 AND stream = ?2 AND date IN (
                SELECT c.date FROM coverage AS c
                WHERE c.account_id = ?1 AND c.stream = ?2 AND c.date BETWEEN ?3 AND ?4 AND c.state = 'queued'
                FOR UPDATE SKIP LOCKED)
            """,
            work.map { account, stream, days in
                [
                    .integer(account.value), .text(stream.rawValue), .text(days.first.description),
                    .text(days.last.description),
                ]
            })
    }

    /// A chunk has read these days: those that no other open chunk covers are done, and their rows counted, unless
    /// it is known what is `stored` of each.
    func read(
        stream: String, first: String, last: String, job: Int64, facts: JobFacts, stored: [String: Int]? = nil
    ) throws {
        let schema = transaction.memory.schema(StreamID(stream), of: facts.platform)
        let settled = facts.anchor.adding(days: -(schema?.reread ?? RereadSchedule()).settledAfter)
        var done: (first: String, last: String)?
        try sql.rows(
            """
            UPDATE coverage SET
                open_chunks = greatest(0, open_chunks - 1),
                state = CASE
                    WHEN open_chunks > 1 THEN state
                    WHEN failed_chunks > 0 THEN 'failed'
                    WHEN date < ?6 THEN 'settled'
                    ELSE 'fresh' END,
                rows = CASE WHEN open_chunks > 1 OR failed_chunks > 0 THEN rows ELSE 0 END,
                read_at = CASE WHEN open_chunks > 1 OR failed_chunks > 0 THEN read_at ELSE ?7 END,
                settled_at = CASE
                    WHEN open_chunks > 1 OR failed_chunks > 0 THEN settled_at
                    WHEN date < ?6 THEN ?7 END
            WHERE account_id = ?1 AND stream = ?2 AND date BETWEEN ?3 AND ?4 AND job_id = ?5
            RETURNING date, open_chunks = 0 AND failed_chunks = 0
            """,
            .integer(facts.account), .text(stream), .text(first), .text(last), .integer(job),
            .text(settled.description), .text(transaction.nowText)
        ) { row in
            guard row.int(1) == 1 else { return }
            let day = row.text(0)
            done = (min(done?.first ?? day, day), max(done?.last ?? day, day))
        }
        guard let done, let schema else { return }
        // By the table's key: exact whatever came twice, changed or vanished, and at less cost than looking at the day
        // of each row on its way in.
        let counts =
            try stored
            ?? DataCounts(transaction: transaction)
            .days(schema, account: facts.externalID, first: done.first, last: done.last)
        try setRows(counts.filter { done.first <= $0.key && $0.key <= done.last }, schema, job, facts)
    }

    private func setRows(_ counts: [String: Int], _ schema: StreamSchema, _ job: Int64, _ facts: JobFacts) throws {
        try sql.runEach(
            """
            UPDATE coverage SET rows = ?
            WHERE account_id = ? AND stream = ? AND date = ? AND job_id = ? AND open_chunks = 0 AND failed_chunks = 0
            """,
            counts.sorted { $0.key < $1.key }.map { day, rows in
                [.integer(rows), .integer(facts.account), .text(schema.id.rawValue), .text(day), .integer(job)]
            })
    }

    func failed(stream: String, first: String, last: String, job: Int64, account: Int64) throws {
        try sql.run(
            """
            UPDATE coverage SET
                open_chunks = greatest(0, open_chunks - 1), failed_chunks = failed_chunks + 1, state = 'failed'
            WHERE account_id = ? AND stream = ? AND date BETWEEN ? AND ? AND job_id = ?
            """, .integer(account), .text(stream), .text(first), .text(last), .integer(job))
    }

    /// A failed chunk is to be tried again; `opened` follows for the same days.
    func revived(stream: String, first: String, last: String, job: Int64, account: Int64) throws {
        try sql.run(
            """
            UPDATE coverage SET failed_chunks = greatest(0, failed_chunks - 1)
            WHERE account_id = ? AND stream = ? AND date BETWEEN ? AND ? AND job_id = ?
            """, .integer(account), .text(stream), .text(first), .text(last), .integer(job))
    }

    /// No chunk of the job will read its days any more.
    func cancelled(job: Int64, account: Int64) throws {
        try sql.run(
            """
            UPDATE coverage SET
                open_chunks = 0,
                state = CASE WHEN read_at IS NULL AND state IN ('queued', 'running') THEN 'missing' ELSE state END
            WHERE account_id = ? AND job_id = ?
            """, .integer(account), .integer(job))
    }

    /// A chunk that has just `read` these days found that the platform does not offer them. Days with rows stay as they
    /// are: those were read while they were offered.
    func foundNotOffered(stream: String, first: String, last: String, job: Int64, account: Int64) throws {
        try sql.run(
            """
            UPDATE coverage SET state = 'not_offered', read_at = NULL, settled_at = NULL
            WHERE account_id = ? AND stream = ? AND date BETWEEN ? AND ? AND job_id = ? AND open_chunks = 0
                AND failed_chunks = 0 AND rows = 0
            """, .integer(account), .text(stream), .text(first), .text(last), .integer(job))
    }

    func notOffered(_ days: DayRange, stream: StreamID, account: Int64) throws {
        try sql.runEach(
            """
            INSERT INTO coverage (account_id, stream, date, state) VALUES (?, ?, ?, 'not_offered')
            ON CONFLICT (account_id, stream, date) DO UPDATE SET state = 'not_offered'
            WHERE coverage.read_at IS NULL AND coverage.open_chunks = 0
            """, days.days.map { [.integer(account), .text(stream.rawValue), .text($0.description)] })
    }

    func cells(account: AccountID, stream: StreamID) throws -> [CoverageCell] {
        try sql.all(
            """
            SELECT date, state, rows, read_at FROM coverage WHERE account_id = ? AND stream = ? ORDER BY date
            """, .integer(account.value), .text(stream.rawValue)
        ) { row in
            guard let day = try row.optionalDay(0) else { throw StoreError.inconsistent("a cell without a day") }
            return CoverageCell(
                day: day, state: try row.word(1), rows: row.int(2), readAt: try row.optionalInstant(3))
        }
    }
}
