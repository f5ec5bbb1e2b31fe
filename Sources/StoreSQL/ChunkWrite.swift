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
        var facts: JobFacts

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
    }

    func run() throws -> UpdateResult {
        guard let chunk = try held() else { return try repeated() ?? .stale }
        guard try isCurrent(chunk) else { return .outdated }
        var effect = Effect()
        effect.job.spent = update.spent
        try storeRows(of: chunk, &effect)
        switch update.outcome {
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
        let open = try JobTable(transaction: transaction).apply(effect.job, to: chunk.job)
        effect.written.stepClosed = open == 0
        return .written(effect.written)
    }

    /// The guard. The transaction is the only one that writes, so what it finds holds to its end; a job that
    /// was cancelled has no chunk in progress any more.
    private func held() throws -> Held? {
        try sql.first(
            """
            SELECT job_id, stage, work_class, order_key, max_retries, batches, rows, stream, start_date, end_date,
                entities IS NOT NULL, fields IS NOT NULL, worker
            FROM sync_chunks WHERE id = ? AND status = 'in_progress' AND fence = ? AND batches = ?
            """, .integer(update.chunk.value), .integer(update.fence), .integer(update.batches)
        ) { row in
            Held(
                id: update.chunk.value, job: row.int64(0), stage: row.text(1), workClass: try row.word(2),
                orderKey: row.int64(3), maxRetries: row.int(4), batches: row.int(5), rows: row.int(6),
                stream: row.text(7), worker: row.optionalText(12), first: row.optionalText(8),
                last: row.optionalText(9),
                hasEntities: row.int(10) == 1, hasFields: row.int(11) == 1,
                facts: try JobTable(transaction: transaction).facts(of: row.int64(0)))
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
        if let learned = update.learned {
            try StreamStateTable(transaction: transaction)
                .save(learned, account: chunk.facts.account, stream: chunk.stream)
        }
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
