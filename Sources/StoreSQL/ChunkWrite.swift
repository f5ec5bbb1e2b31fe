import SyncCore

/// One write of a worker about its chunk: rows, cursor, counters, days and state together (design.md,
/// rule 1).
struct ChunkWrite {
    let transaction: Transaction
    let update: ChunkUpdate
    var sql: SQL { transaction.sql }

    /// The chunk as it was claimed, with what its job says.
    struct Held {
        var id: Int64
        var job: Int64
        var stage: String
        var workClass: WorkClass
        var orderKey: Int64
        var maxRetries: Int
        var batches: Int
        var rows: Int
        var stream: String
        var worker: String?
        var first: String?
        var last: String?
        var hasEntities: Bool
        var hasFields: Bool
        var isInProgress: Bool
        var fence: Int64
        /// Of the job, when the transaction began.
        var openChunks: Int
        var facts: JobFacts
        /// The account that its rows go on to, and whether they are kept here.
        var destination: Int64?
        var keepsRows: Bool
        /// A person has paused the job.
        var isPaused: Bool

        /// `ad_insights 2026-01-01…2026-01-07`
        var name: String {
            guard let first, let last else { return stream }
            return first == last ? "\(stream) \(first)" : "\(stream) \(first)…\(last)"
        }
    }

    /// What the update has done so far.
    struct Effect {
        var written = UpdateResult.Written()
        var job = JobTable.Change()
        /// This batch's rows of the chunk's own stream.
        var seen = SeenRows()
        /// What is stored of each of the chunk's days, where it was counted.
        var stored: [String: Int]?
    }

    func run() throws -> UpdateResult {
        guard let chunk = try held() else { return try repeated() ?? .stale }
        guard try isCurrent(chunk) else { return .outdated }
        var effect = Effect()
        effect.job.spent = update.spent
        if chunk.keepsRows { try storeRows(of: chunk, &effect) } else { passRows(&effect) }
        try passOn(chunk, &effect)
        if let learned = update.learned {
            transaction.ending.learn(learned, account: chunk.facts.account, stream: chunk.stream)
        }
        try add(update.follow, beside: chunk, &effect)
        switch update.outcome {
        case .proceed(let cursor) where chunk.isPaused:
            try wait(chunk, cursor: cursor, after: nil, reason: .paused, effect)
            effect.written.isPaused = true
        case .proceed(let cursor): try proceed(chunk, cursor: cursor, effect)
        case .wait(let cursor, let pause, let reason):
            try wait(chunk, cursor: cursor, after: pause, reason: reason, effect)
        case .handBack: try handBack(chunk, effect)
        case .retry(let pause, let failure): try retry(chunk, after: pause, failure, effect)
        case .finish(let finish): try self.finish(chunk, finish, &effect)
        case .split(let specs, let reason): try split(chunk, specs, reason: reason, &effect)
        case .fail(let failure): try fail(chunk, failure, &effect)
        }
        try tell(chunk)
        let open = try JobTable(transaction: transaction).apply(effect.job, to: chunk.job, stored: chunk.openChunks)
        effect.written.stepClosed = open == 0
        return .written(effect.written)
    }

    /// The guard. What it finds holds to the end of the transaction: a rescue passes by. A job that was cancelled has
    /// no chunk in progress any more.
    private func held() throws -> Held? {
        let id = update.chunk.value
        // The same write twice in one transaction: the second has to see the first.
        if transaction.ending.isEnding(id) { try ChunkWrite.writeEnds(transaction) }
        let found = try transaction.held.take(id) ?? ChunkWrite.hold([id], transaction).first
        guard let found, found.isInProgress, found.fence == update.fence, found.batches == update.batches else {
            return nil
        }
        return found
    }

    /// Reads chunks and keeps others from changing them, in order, so that two who hold some do not wait for each
    /// other.
    static func hold(_ chunks: [Int64], _ transaction: Transaction) throws -> [Held] {
        let jobs = JobTable(transaction: transaction)
        return try transaction.sql.allAtOnce(
            """
            SELECT c.id, c.job_id, c.stage, c.work_class, c.order_key, c.max_retries, c.batches, c.rows, c.stream,
                c.start_date, c.end_date, c.entities IS NOT NULL, c.fields IS NOT NULL, c.worker,
                c.status = 'in_progress', c.fence, j.open_chunks, c.account_id, a.destination_id, a.keeps_rows,
                coalesce(j.wait_reason, '') = 'paused'
            FROM sync_chunks AS c JOIN sync_jobs AS j ON j.id = c.job_id JOIN accounts AS a ON a.id = c.account_id
            WHERE c.id = ? ORDER BY c.id FOR UPDATE OF c
            """, chunks.map { [.integer($0)] }
        ) { row in
            let job = row.int64(1)
            return Held(
                id: row.int64(0), job: job, stage: row.text(2), workClass: try row.word(3),
                orderKey: row.int64(4), maxRetries: row.int(5), batches: row.int(6), rows: row.int(7),
                stream: row.text(8), worker: row.optionalText(13), first: row.optionalText(9),
                last: row.optionalText(10), hasEntities: row.int(11) == 1, hasFields: row.int(12) == 1,
                isInProgress: row.int(14) == 1, fence: row.int64(15), openChunks: row.int(16),
                facts: try jobs.facts(of: job, account: row.int64(17)), destination: row.optionalInt64(18),
                keepsRows: row.int(19) != 0, isPaused: row.int(20) != 0)
        }
    }

    /// The same write was done already, and only its answer was lost: it is told that it was done.
    private func repeated() throws -> UpdateResult? {
        let stepClosed = try sql.first(
            """
            SELECT j.open_chunks = 0 FROM sync_chunks AS c JOIN sync_jobs AS j ON j.id = c.job_id
            WHERE c.id = ? AND c.fence = ? AND c.batches = ?
            """, .integer(update.chunk.value), .integer(update.fence), .integer(update.batches + 1)
        ) { $0.int(0) == 1 }
        return stepClosed.map { .written(UpdateResult.Written(stepClosed: $0)) }
    }

    private func storeRows(of chunk: Held, _ effect: inout Effect) throws {
        for table in update.tables {
            effect.written.received += table.received
            if table.schema.id.rawValue == chunk.stream, table.schema.grain == .daily {
                try storeDays(table, of: chunk, &effect)
                continue
            }
            let result = try sql.session.upsert(table, keys: nil, syncedAt: transaction.now)
            effect.written.changed += result.inserted + result.changed
            if table.schema.id.rawValue == chunk.stream { effect.seen.append(SeenRows(keys: result.keyHashes)) }
        }
        effect.job.received = effect.written.received
        effect.job.written = effect.written.changed
    }

    /// Rows of an account that only go on to another are counted and not kept.
    private func passRows(_ effect: inout Effect) {
        effect.written.received = update.tables.reduce(0) { $0 + $1.received }
        effect.job.received = effect.written.received
    }

    /// What a platform that receives has taken counts as the rows of its job.
    private func passOn(_ chunk: Held, _ effect: inout Effect) throws {
        let outbox = OutboxTable(transaction: transaction)
        if let destination = chunk.destination {
            try outbox.add(update.deliveries, from: chunk.facts.account, to: destination)
        }
        guard !update.handled.isEmpty else { return }
        try outbox.settle(update.handled, of: chunk.facts.account)
        effect.written.received += update.handled.count { $0.isTaken && !$0.item.item.isEmpty }
        effect.job.received = effect.written.received
    }

    /// Whether the keys that come are to be kept for the end of the chunk: the end replaces what is stored in
    /// its scope, or looks for entities that have vanished.
    func keepsKeys(_ chunk: Held) -> Bool {
        guard !chunk.hasFields else { return false }
        switch transaction.memory.schema(StreamID(chunk.stream), of: chunk.facts.platform)?.grain {
        case .daily: return true
        case .entity: return !chunk.hasEntities
        case .event, nil: return false
        }
    }

    func keepKeys(_ chunk: Held, _ effect: Effect) throws {
        guard keepsKeys(chunk) else { return }
        try SeenTable(transaction: transaction).append(
            effect.seen, chunk: chunk.id, batch: chunk.batches, isSecond: update.isSecondListing)
    }

    /// For the journal.
    func tell(_ kind: String, _ text: String, of chunk: Held) {
        EventTable(transaction: transaction)
            .append(kind, text, job: chunk.job, account: chunk.facts.account, worker: chunk.worker)
    }

    private func tell(_ chunk: Held) throws {
        guard !update.notes.isEmpty else { return }
        let events = EventTable(transaction: transaction)
        for note in update.notes {
            events.appendOnce(note.kind, note.text, job: chunk.job, account: chunk.facts.account)
        }
    }
}
