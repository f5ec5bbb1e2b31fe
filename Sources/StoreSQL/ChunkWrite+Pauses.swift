import SyncCore

/// Outcomes after which the chunk is still open: it goes on, waits or is tried again.
extension ChunkWrite {
    /// Failures are counted until the chunk gets further: a call that only makes ready for the next, as one for a
    /// token does, is no progress.
    func proceed(_ chunk: Held, cursor: String, _ effect: Effect) throws {
        try keepKeys(chunk, effect)
        try sql.run(
            """
            UPDATE sync_chunks SET cursor = ?1, batches = batches + 1,
                crash_count = CASE WHEN cursor IS NOT DISTINCT FROM ?1 THEN crash_count ELSE 0 END,
                retry_count = CASE WHEN cursor IS NOT DISTINCT FROM ?1 THEN retry_count ELSE 0 END,
                rows = rows + ?, rows_written = rows_written + ?, requests = requests + ?,
                throttled = throttled + ?, retries = retries + ?, bytes = bytes + ?,
                actual_duration_seconds = actual_duration_seconds + ?
            WHERE id = ?
            """,
            .text(cursor), .integer(effect.written.received), .integer(effect.written.changed),
            .integer(update.spent.requests), .integer(update.spent.throttled), .integer(update.spent.retries),
            .integer(update.spent.bytes), .real(update.spent.busy.inSeconds), .integer(chunk.id))
    }

    func wait(_ chunk: Held, cursor: String?, after: Duration?, reason: WaitReason, _ effect: Effect) throws {
        try keepKeys(chunk, effect)
        var pause = Pause(status: .waiting, reason: reason, cursor: cursor)
        // What is paused waits for a person. A credential that nobody parked was renewed meanwhile.
        if reason != .paused || after != nil { pause.runAfter = transaction.now + (after ?? .seconds(30)) }
        pause.clearsAttempts = cursor != nil
        try leave(chunk, pause, effect)
        guard update.spent.throttled > 0, let until = pause.runAfter,
            transaction.memory.shouldTellThrottle(of: chunk.facts.account, until: until, at: transaction.now)
        else { return }
        tell("throttled", "\(chunk.facts.platform) asks to wait until \(until)", of: chunk)
    }

    func handBack(_ chunk: Held, _ effect: Effect) throws {
        try keepKeys(chunk, effect)
        try leave(chunk, Pause(status: .pending, keepsCrashes: true), effect)
    }

    func retry(_ chunk: Held, after: Duration, _ failure: Failure, _ effect: Effect) throws {
        try keepKeys(chunk, effect)
        try leave(chunk, Pause(status: .pending, runAfter: transaction.now + after, attempts: 1), effect)
        try setError(chunk, failure)
        tell("chunk_retried", "\(chunk.name): \(failure.cause.message)", of: chunk)
    }

    /// How a chunk leaves its worker without being done.
    struct Pause {
        var status: WorkState
        var reason: WaitReason?
        var runAfter: Instant?
        var cursor: String?
        var attempts = 0
        /// A batch was stored: earlier failures do not count any more.
        var clearsAttempts = false
        var keepsCrashes = false
    }

    /// Of a paused job a chunk always waits for who paused it, and under a parked connection for the credential,
    /// whatever its worker says.
    private func leave(_ chunk: Held, _ pause: Pause, _ effect: Effect) throws {
        var pause = pause
        if let standstill = try JobTable(transaction: transaction).standstill(of: chunk.job) {
            pause.status = .waiting
            pause.reason = standstill
            pause.runAfter = nil
        } else if let runAfter = pause.runAfter, runAfter <= transaction.now {
            pause.status = .pending
            pause.reason = nil
            pause.runAfter = nil
        }
        try sql.run(
            """
            UPDATE sync_chunks SET status = ?, wait_reason = ?, run_after = ?, cursor = coalesce(?, cursor),
                worker = NULL, lease_until = NULL, retry_count = CASE WHEN ? THEN 0 ELSE retry_count END + ?,
                batches = batches + 1, crash_count = CASE WHEN ? THEN crash_count ELSE 0 END, rows = rows + ?,
                rows_written = rows_written + ?, requests = requests + ?, throttled = throttled + ?,
                retries = retries + ?, bytes = bytes + ?, actual_duration_seconds = actual_duration_seconds + ?
            WHERE id = ?
            """,
            .text(pause.status.rawValue), .text(pause.reason?.rawValue), .integer(pause.runAfter?.microseconds),
            .text(pause.cursor), .flag(pause.clearsAttempts), .integer(pause.attempts), .flag(pause.keepsCrashes),
            .integer(effect.written.received), .integer(effect.written.changed), .integer(update.spent.requests),
            .integer(update.spent.throttled), .integer(update.spent.retries), .integer(update.spent.bytes),
            .real(update.spent.busy.inSeconds), .integer(chunk.id))
    }

    /// All of the chunk is read once more, from that cursor.
    func startOver(_ chunk: Held, cursor: String, _ effect: Effect) throws {
        try removeKeys(chunk)
        try leave(chunk, Pause(status: .pending, cursor: cursor, clearsAttempts: true), effect)
        tell("chunk_started_over", "\(chunk.name): rows have moved while they were read", of: chunk)
    }

    func setError(_ chunk: Held, _ failure: Failure) throws {
        try sql.run(
            """
            UPDATE sync_chunks SET error_class = ?, error_code = ?, error_message = ?, advice = ?, error_trace = ?
            WHERE id = ?
            """,
            .text(failure.name), .text(failure.cause.code), .text(failure.cause.message),
            .text(failure.cause.advice), .text(failure.cause.trace), .integer(chunk.id))
    }
}
