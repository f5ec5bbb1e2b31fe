import SyncCore

/// Outcomes after which the chunk is still open: it goes on, waits or is tried again.
extension ChunkWrite {
    func proceed(_ chunk: Held, cursor: String, _ effect: Effect) throws {
        try keepKeys(chunk, effect)
        try sql.run(
            """
            UPDATE sync_chunks SET cursor = ?, batches = batches + 1, crash_count = 0, rows = rows + ?,
                rows_written = rows_written + ?, requests = requests + ?, throttled = throttled + ?,
                retries = retries + ?, bytes = bytes + ?, actual_duration_seconds = actual_duration_seconds + ?
            WHERE id = ?
            """,
            .text(cursor), .integer(effect.written.received), .integer(effect.written.changed),
            .integer(update.spent.requests), .integer(update.spent.throttled), .integer(update.spent.retries),
            .integer(update.spent.bytes), .real(update.spent.busy.inSeconds), .integer(chunk.id))
    }

    func wait(_ chunk: Held, cursor: String?, until: Instant, reason: WaitReason, _ effect: Effect) throws {
        try keepKeys(chunk, effect)
        var pause = Pause(status: "waiting", reason: reason.rawValue, runAfter: until, cursor: cursor)
        if reason == .credential {
            // Not parked means that the owner has signed in meanwhile: back soon, whatever `until` says.
            pause.runAfter = min(until, transaction.now + .seconds(30))
        }
        try leave(chunk, pause, effect)
        guard update.spent.throttled > 0,
            transaction.memory.shouldTellThrottle(of: chunk.facts.account, at: transaction.now)
        else { return }
        try EventTable(transaction: transaction).append(
            "throttled", "\(chunk.facts.platform) asks to wait until \(until)", job: chunk.job,
            account: chunk.facts.account)
    }

    func handBack(_ chunk: Held, _ effect: Effect) throws {
        try keepKeys(chunk, effect)
        try leave(chunk, Pause(status: "pending", keepsCrashes: true), effect)
    }

    func retry(_ chunk: Held, at: Instant, _ failure: Failure, _ effect: Effect) throws {
        try keepKeys(chunk, effect)
        try leave(chunk, Pause(status: "pending", runAfter: at, attempts: 1), effect)
        try setError(chunk, failure)
        try EventTable(transaction: transaction).append(
            "chunk_retried", "\(chunk.name): \(failure.cause.message)", job: chunk.job,
            account: chunk.facts.account)
    }

    /// How a chunk leaves its worker without being done.
    struct Pause {
        var status: String
        var reason: String?
        var runAfter: Instant?
        var cursor: String?
        var attempts = 0
        var keepsCrashes = false
    }

    /// Under a parked connection a chunk always waits for the credential, whatever its worker says.
    private func leave(_ chunk: Held, _ pause: Pause, _ effect: Effect) throws {
        let isParked = try ConnectionTable(transaction: transaction).isParked(account: chunk.facts.account)
        let runAfter = isParked ? nil : pause.runAfter.flatMap { $0 > transaction.now ? $0 : nil }
        // A wait that is over already is none: what may run at once is pending.
        let status = isParked ? "waiting" : runAfter == nil ? "pending" : pause.status
        let reason = isParked ? "credential" : runAfter == nil ? nil : pause.reason
        try sql.run(
            """
            UPDATE sync_chunks SET status = ?, wait_reason = ?, run_after = ?, cursor = coalesce(?, cursor),
                worker = NULL, lease_until = NULL, retry_count = retry_count + ?, batches = batches + 1,
                crash_count = iif(?, crash_count, 0), rows = rows + ?, rows_written = rows_written + ?,
                requests = requests + ?, throttled = throttled + ?, retries = retries + ?, bytes = bytes + ?,
                actual_duration_seconds = actual_duration_seconds + ?
            WHERE id = ?
            """,
            .text(status), .text(reason), .integer(runAfter?.microseconds), .text(pause.cursor),
            .integer(pause.attempts), .flag(pause.keepsCrashes), .integer(effect.written.received),
            .integer(effect.written.changed), .integer(update.spent.requests), .integer(update.spent.throttled),
            .integer(update.spent.retries), .integer(update.spent.bytes), .real(update.spent.busy.inSeconds),
            .integer(chunk.id))
    }

    func setError(_ chunk: Held, _ failure: Failure) throws {
        try sql.run(
            """
            UPDATE sync_chunks SET error_class = ?, error_code = ?, error_message = ?, advice = ? WHERE id = ?
            """,
            .text(failure.name), .text(failure.cause.code), .text(failure.cause.message),
            .text(failure.cause.advice), .integer(chunk.id))
    }
}
