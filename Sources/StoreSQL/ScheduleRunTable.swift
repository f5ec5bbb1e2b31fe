import SyncCore

/// `schedule_runs`, and `schedule_run_jobs`: what was started for a schedule, and which jobs do it.
struct ScheduleRunTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    // MARK: Reading

    /// Those that have not ended, the oldest first; of one schedule, or of all.
    func open(of schedule: ScheduleID? = nil) throws -> [ScheduleRun] {
        try runs(
            """
            INDEXED BY schedule_runs_unended WHERE r.finished_at IS NULL
                AND (CAST(?1 AS BIGINT) IS NULL OR r.schedule_id = CAST(?1 AS BIGINT)) ORDER BY r.id
            """, .integer(schedule?.value))
    }

    func newest(of schedule: ScheduleID, limit: Int) throws -> [ScheduleRun] {
        try runs("WHERE r.schedule_id = ? ORDER BY r.id DESC LIMIT ?", .integer(schedule.value), .integer(limit))
    }

    /// Those that were started since then, without their jobs.
    func runs(of schedules: [ScheduleID], since moment: Instant) throws -> [ScheduleRun] {
        try sql.allEach(
            """
            SELECT id, schedule_id, planned_at, started_at, status, is_manual, finished_at
            FROM schedule_runs INDEXED BY schedule_runs_started
            WHERE schedule_id = ? AND started_at >= ? ORDER BY started_at, id
            """, schedules.map { [.integer($0.value), .text(moment.description)] }, body: run)
    }

    private func run(_ row: ResultRow) throws -> ScheduleRun {
        ScheduleRun(
            id: ScheduleRunID(row.int64(0)), schedule: ScheduleID(row.int64(1)),
            plannedAt: Instant(microseconds: row.int64(2)), startedAt: try row.instant(3),
            state: try row.word(4), isManual: row.int(5) != 0, finishedAt: try row.optionalInstant(6))
    }

    private func runs(_ rest: String, _ values: Bound...) throws -> [ScheduleRun] {
        var found: [ScheduleRun] = []
        _ = try sql.session.run(
            built: """
                SELECT r.id, r.schedule_id, r.planned_at, r.started_at, r.status, r.is_manual, r.finished_at
                FROM schedule_runs AS r \(rest)
                """, values
        ) { found.append(try run($0)) }
        for index in found.indices { found[index].jobs = try jobs(of: found[index].id) }
        return found
    }

    private func jobs(of run: ScheduleRunID) throws -> [ScheduleRun.RunJob] {
        try sql.all(
            """
            SELECT j.id, j.status, j.wait_reason
            FROM schedule_run_jobs AS l JOIN sync_jobs AS j ON j.id = l.job_id WHERE l.run_id = ? ORDER BY j.id
            """, .integer(run.value)
        ) {
            ScheduleRun.RunJob(
                id: JobID($0.int64(0)), state: try $0.word(1), waitReason: try $0.optionalWord(2))
        }
    }

    func openCount() throws -> Int {
        try sql.first(
            "SELECT count(*) FROM schedule_runs INDEXED BY schedule_runs_unended WHERE finished_at IS NULL"
        ) { $0.int(0) } ?? 0
    }

    /// Planned runs that were started since then.
    func count(of schedule: ScheduleID, since moment: Instant) throws -> Int {
        try sql.first(
            """
            SELECT count(*) FROM schedule_runs INDEXED BY schedule_runs_started
            WHERE schedule_id = ? AND started_at >= ? AND is_manual = 0
            """, .integer(schedule.value), .text(moment.description)
        ) { $0.int(0) } ?? 0
    }

    /// Its last run goes on, or goes on again because somebody has asked for a retry.
    func isBusy(_ schedule: ScheduleID) throws -> Bool {
        guard let last = try newest(of: schedule, limit: 1).first else { return false }
        let goesOn = try open(of: schedule).contains { $0.state != .waiting }
        return goesOn || last.jobs.contains(where: \.isBusy)
    }

    // MARK: Writing

    /// Nil when that moment had its run already.
    func insert(_ schedule: ScheduleID, plannedAt: Instant, isManual: Bool) throws -> ScheduleRun? {
        try sql.first(
            """
            INSERT INTO schedule_runs (schedule_id, planned_at, is_manual, status, started_at)
            VALUES (?, ?, ?, 'pending', ?) ON CONFLICT DO NOTHING RETURNING id
            """, .integer(schedule.value), .integer(plannedAt.microseconds), .flag(isManual),
            .text(transaction.nowText)
        ) {
            ScheduleRun(
                id: ScheduleRunID($0.int64(0)), schedule: schedule, plannedAt: plannedAt, startedAt: transaction.now,
                state: .pending, isManual: isManual)
        }
    }

    func enqueue(_ job: NewJob, for run: ScheduleRunID) throws -> (id: JobID, isNew: Bool)? {
        let isThere = try sql.first(
            "SELECT id FROM schedule_runs WHERE id = ? FOR UPDATE", .integer(run.value)
        ) { _ in true }
        guard isThere == true else { return nil }
        let known = try sql.first(
            "SELECT job_id FROM schedule_run_jobs WHERE run_id = ? AND account_id = ?", .integer(run.value),
            .integer(job.account.value)
        ) { JobID($0.int64(0)) }
        if let known { return (id: known, isNew: false) }
        let made = try JobTable(transaction: transaction).enqueue(job)
        try sql.run(
            """
            UPDATE sync_jobs SET (schedule_id, schedule_name) =
                (SELECT s.id, s.name FROM schedule_runs AS r JOIN schedules AS s ON s.id = r.schedule_id WHERE r.id = ?)
            WHERE id = ? AND schedule_id IS NULL
            """, .integer(run.value), .integer(made.id.value))
        try sql.run(
            "INSERT INTO schedule_run_jobs (run_id, account_id, job_id) VALUES (?, ?, ?)", .integer(run.value),
            .integer(job.account.value), .integer(made.id.value))
        return made
    }

    func move(_ run: ScheduleRunID, to state: WorkState) throws -> Bool {
        try sql.changes(
            "UPDATE schedule_runs SET status = ?, finished_at = ? WHERE id = ? AND finished_at IS NULL",
            .text(state.rawValue), .text(state.isTerminal ? transaction.nowText : nil), .integer(run.value)) == 1
    }

    /// Brings runs to where their jobs are, of one schedule or of all.
    func settle(_ schedule: ScheduleID? = nil) throws {
        for run in try open(of: schedule) where run.state != .pending && !run.jobs.isEmpty {
            // One that waits for a credential is over for the schedule: when it goes on, it does so beside later ones.
            guard let outcome = run.outcome, outcome != run.state else { continue }
            _ = try move(run.id, to: outcome)
        }
    }

    func prune(before moment: Instant, limit: Int) throws -> Int {
        let old = try sql.all(
            """
            SELECT r.id FROM schedule_runs AS r
            WHERE r.finished_at IS NOT NULL AND r.started_at < ?
                AND EXISTS (SELECT 1 FROM schedule_runs AS n WHERE n.schedule_id = r.schedule_id AND n.id > r.id)
            ORDER BY r.id LIMIT ?
            """, .text(moment.description), .integer(limit)
        ) { Bound.integer($0.int64(0)) }
        try sql.runEach("DELETE FROM schedule_run_jobs WHERE run_id = ?", old.map { [$0] })
        try sql.runEach("DELETE FROM schedule_runs WHERE id = ?", old.map { [$0] })
        return old.count
    }
}
