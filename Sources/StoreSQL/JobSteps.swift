import SyncCore

/// A job's way through its steps to its end.
struct JobSteps {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }
    private var jobs: JobTable { JobTable(transaction: transaction) }
    private var accounts: AccountTable { AccountTable(transaction: transaction) }
    private var events: EventTable { EventTable(transaction: transaction) }

    func add(
        _ step: Int, of id: JobID, chunks: [PlannedChunk], notOffered: [StreamID: DayRange], notes: [Note]
    ) throws -> Bool {
        guard let job = try jobs.job(id), !job.state.isTerminal, job.openChunks == 0, job.plannedSteps == step,
            step < job.definition.steps.count
        else { return false }
        let phase = job.definition.steps[step].phase
        if step > 0, job.phase == .recent, phase == .history { try endRecent(job) }
        try sql.run(
            """
            UPDATE sync_jobs SET planned_steps = ?, phase = ?, step_chunks = 0, error_class = NULL, error_message = NULL
            WHERE id = ?
            """, .integer(step + 1), .text(phase.rawValue), .integer(id.value))
        if job.failedChunks > 0 { try jobs.noteFailureLeft(id.value) }
        for stream in notOffered.keys.sorted() {
            guard let days = notOffered[stream] else { continue }
            try CoverageTable(transaction: transaction)
                .notOffered(days, stream: stream, account: job.definition.account.value)
        }
        for note in notes {
            events.appendOnce(note.kind, note.text, job: id.value, account: job.definition.account.value)
        }
        let placed = chunks.map {
            NewChunks.Placed(
                spec: $0.spec, stage: $0.stage, workClass: $0.workClass,
                orderKey: (transaction.now + $0.workClass.standsBack).microseconds)
        }
        let added = try NewChunks(transaction: transaction)
            .insert(placed, job: id.value, maxRetries: job.definition.maxRetries)
        _ = try jobs.apply(JobTable.Change(open: added, total: added), to: id.value)
        if phase == .history {
            let orders = WorkOrderTable(transaction: transaction)
            let account = job.definition.account.value
            if job.waitReason == .paused {
                if job.phase != .history { try orders.keepsAlone(id, of: account) }
            } else if let pause = try orders.pause(ofAccount: account, in: phase) {
                _ = try JobControl(transaction: transaction).pause(id, by: pause.by)
            }
        }
        return true
    }

    func cannotGoOn(_ id: JobID, because why: String) throws {
        guard let job = try jobs.job(id), !job.state.isTerminal, job.openChunks == 0, job.errorMessage != why else {
            return
        }
        try sql.run(
            "UPDATE sync_jobs SET error_class = ?, error_message = ? WHERE id = ?",
            .text(Job.notPlanned), .text(why), .integer(id.value))
        events.append("job_stuck", why, job: id.value, account: job.definition.account.value)
    }

    func finish(_ id: JobID) throws -> Bool {
        guard let job = try jobs.job(id), !job.state.isTerminal, job.openChunks == 0,
            job.plannedSteps == job.definition.steps.count
        else { return false }
        let state: WorkState = job.failedChunks > 0 ? .failed : .completed
        try sql.run(
            """
            UPDATE sync_jobs SET status = ?1, wait_reason = NULL, started_at = coalesce(started_at, ?2),
                finished_at = ?2, actual_duration_seconds = ?3
            WHERE id = ?4
            """,
            .text(state.rawValue), .text(transaction.nowText),
            .real((transaction.now - (job.startedAt ?? transaction.now)).inSeconds), .integer(id.value))
        if job.phase == .history {
            try WorkOrderTable(transaction: transaction).isLikeOthers(job.definition.account.value)
        }
        try mark(job, as: state)
        events.append(
            state == .completed ? "job_completed" : "job_failed", sentence(job, state), job: id.value,
            account: job.definition.account.value)
        return true
    }

    /// What a finished job means for its account.
    private func mark(_ job: Job, as state: WorkState) throws {
        let account = job.definition.account.value
        let phases = Set(job.definition.steps.map(\.phase))
        if job.phase == .recent, phases.contains(.recent) {
            try endRecent(job)
        } else if phases.contains(.history) {
            events.append("phase_completed", "The history is in", job: job.id.value, account: account)
        }
        guard job.definition.isWhole, state == .completed else { return }
        // Chunks of the recent phase may have failed when it ended, and come to their end later.
        if phases.contains(.recent) { try accounts.recentCompleted(account) }
        // A young account has no history: its initial sync has both phases behind it.
        if phases.contains(.history) || job.definition.kind == .initial { try accounts.historyCompleted(account) }
        try accounts.synced(account)
    }

    private func endRecent(_ job: Job) throws {
        let failed = try sql.first(
            """
            SELECT count(*) FROM sync_chunks INDEXED BY sync_chunks_failed
            WHERE job_id = ? AND status = 'failed' AND phase = 'recent'
            """, .integer(job.id.value)
        ) { $0.int(0) }
        if failed == 0, job.definition.isWhole {
            try accounts.recentCompleted(job.definition.account.value)
        }
        let text = failed == 0 ? "Recent data is ready" : "Recent data is ready, \(failed ?? 0) chunks failed"
        events.append("phase_completed", text, job: job.id.value, account: job.definition.account.value)
    }

    private func sentence(_ job: Job, _ state: WorkState) -> String {
        let chunks = "\(job.completedChunks) of \(job.totalChunks) chunks, \(job.rowsReceived) rows"
        return state == .completed ? "Finished: \(chunks)" : "Finished with failures: \(chunks)"
    }
}
