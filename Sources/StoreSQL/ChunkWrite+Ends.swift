import SyncCore

/// Outcomes that end a chunk, or this form of it.
extension ChunkWrite {
    func finish(_ chunk: Held, _ finish: ChunkUpdate.Finish, _ effect: inout Effect) throws {
        let hasMoved =
            update.isSecondListing
            ? try SeenTable(transaction: transaction).hasMoved(chunk.id, last: effect.seen) : false
        if hasMoved, let cursor = finish.startOver { return try startOver(chunk, cursor: cursor, effect) }
        if finish.isComplete, !hasMoved { try replaceScope(chunk, finish, &effect) }
        try removeKeys(chunk)
        try end(chunk, "completed", effect)
        try add(finish.follow, beside: chunk, &effect)
        if let first = chunk.first, let last = chunk.last {
            let coverage = CoverageTable(transaction: transaction)
            try coverage.read(
                stream: chunk.stream, first: first, last: last, job: chunk.job, facts: chunk.facts,
                stored: effect.stored)
            if finish.notOffered {
                try coverage.foundNotOffered(
                    stream: chunk.stream, first: first, last: last, job: chunk.job, account: chunk.facts.account)
            }
        }
        if let listed = finish.listed {
            for stream in [chunk.stream] + finish.alongside.map(\.rawValue) {
                try StreamStateTable(transaction: transaction)
                    .save(listed, account: chunk.facts.account, stream: stream)
            }
        }
        effect.job.open -= 1
        effect.job.completed += 1
        let rows = chunk.rows + effect.written.received
        tell("chunk_completed", "\(chunk.name): \(rows) \(rows == 1 ? "row" : "rows") read", of: chunk)
    }

    /// Rows in the chunk's scope that did not come are gone from the platform: of days they are deleted, of
    /// entities somebody has to look (design.md, rule 2).
    private func replaceScope(_ chunk: Held, _ finish: ChunkUpdate.Finish, _ effect: inout Effect) throws {
        guard keepsKeys(chunk),
            let schema = transaction.memory.schema(StreamID(chunk.stream), of: chunk.facts.platform)
        else { return }
        let seen = try SeenTable(transaction: transaction).all(of: chunk.id, and: effect.seen)
        if schema.grain == .daily {
            // Days on which nothing happened are common; there is nothing to compare then.
            if seen.keys.isEmpty, try !hasRows(schema, of: chunk) { return effect.stored = [:] }
            try replaceDays(chunk, schema, seen, sparing: finish.sparing, &effect)
        } else if let recheck = finish.recheck {
            let ids = try sql.session.unseenIDs(
                RowScope(schema, account: chunk.facts.externalID), seen.keys)
            if !ids.isEmpty { try add(recheck(ids), beside: chunk, &effect) }
        }
    }

    private func replaceDays(
        _ chunk: Held, _ schema: StreamSchema, _ seen: SeenRows, sparing: String?, _ effect: inout Effect
    ) throws {
        guard let first = chunk.first, let last = chunk.last else { return }
        // Whom nobody has disturbed need not look through its days when there are as many rows as came.
        if try digests(chunk).isReadAlone(by: chunk.id, first, last) {
            effect.stored = try DataCounts(transaction: transaction)
                .days(schema, account: chunk.facts.externalID, first: first, last: last)
        }
        let areAllThere = effect.stored.map { $0.values.reduce(0, +) == Set(seen.keys).count } ?? false
        if !areAllThere {
            let spec = try spec(of: chunk)
            let deleted = try sql.session.delete(
                RowScope(schema, account: chunk.facts.externalID, days: spec.days, entities: spec.entities),
                unseen: seen.keys, sparing: sparing)
            effect.written.deleted += deleted
            if deleted > 0 {
                effect.stored = nil
                try digests(chunk).changed(by: chunk.id, first, last)
            }
        }
        guard !chunk.hasEntities else { return }
        try digests(chunk).settle(seen, of: chunk.id, first, last)
    }

    private func hasRows(_ schema: StreamSchema, of chunk: Held) throws -> Bool {
        guard let first = chunk.first, let last = chunk.last else { return true }
        return try DataCounts(transaction: transaction)
            .hasRows(schema, account: chunk.facts.externalID, first: first, last: last)
    }

    func split(_ chunk: Held, _ specs: [ChunkSpec], reason: String, _ effect: inout Effect) throws {
        guard let narrowed = specs.first else { throw StoreError.inconsistent("a split into nothing") }
        let before = try spec(of: chunk)
        try removeKeys(chunk)
        try ChunkTable(transaction: transaction).narrow(chunk.id, to: narrowed)
        let standstill = try JobTable(transaction: transaction).standstill(of: chunk.job)
        try sql.run(
            """
            UPDATE sync_chunks SET status = ?, wait_reason = ?, run_after = NULL, cursor = NULL, worker = NULL,
                lease_until = NULL, batches = batches + 1, splits = splits + 1, crash_count = 0, rows = rows + ?,
                rows_written = rows_written + ?, requests = requests + ?, throttled = throttled + ?,
                retries = retries + ?, bytes = bytes + ?, actual_duration_seconds = actual_duration_seconds + ?
            WHERE id = ?
            """,
            .text(standstill == nil ? "pending" : "waiting"), .text(standstill?.rawValue),
            .integer(effect.written.received), .integer(effect.written.changed), .integer(update.spent.requests),
            .integer(update.spent.throttled), .integer(update.spent.retries), .integer(update.spent.bytes),
            .real(update.spent.busy.inSeconds), .integer(chunk.id))
        try add(Array(specs.dropFirst()), beside: chunk, stage: chunk.stage, &effect)
        try moveDays(of: chunk, from: before, to: narrowed)
        effect.job.splits += 1
        tell("chunk_split", "\(chunk.name): split into \(specs.count), \(reason)", of: chunk)
    }

    /// The chunk's own days changed. The new ones are counted before the old ones are given up, so that no
    /// day seems to be read in between; days that no part takes over were read before the split.
    private func moveDays(of chunk: Held, from before: ChunkSpec, to narrowed: ChunkSpec) throws {
        guard before.days != narrowed.days, let first = chunk.first, let last = chunk.last else { return }
        var days = DaysOfStreams()
        days.add(1, narrowed)
        try NewChunks(transaction: transaction).open(days, job: chunk.job, facts: chunk.facts)
        try CoverageTable(transaction: transaction)
            .read(stream: chunk.stream, first: first, last: last, job: chunk.job, facts: chunk.facts)
    }

    func fail(_ chunk: Held, _ failure: Failure, _ effect: inout Effect) throws {
        try removeKeys(chunk)
        try end(chunk, "failed", effect)
        try ChunkWrite.writeEnds(transaction)
        try setError(chunk, failure)
        if let first = chunk.first, let last = chunk.last {
            try CoverageTable(transaction: transaction).failed(
                stream: chunk.stream, first: first, last: last, job: chunk.job, account: chunk.facts.account)
        }
        try JobTable(transaction: transaction)
            .noteFailure(chunk.job, errorClass: failure.name, message: failure.cause.message)
        effect.job.open -= 1
        effect.job.failed += 1
        tell("chunk_failed", "\(chunk.name): \(failure.cause.message)", of: chunk)
    }

    // MARK: Parts

    private func end(_ chunk: Held, _ status: String, _ effect: Effect) throws {
        transaction.ending.end(
            chunk.id,
            [
                .text(status), .text(transaction.nowText), .integer(effect.written.received),
                .integer(effect.written.changed), .integer(update.spent.requests), .integer(update.spent.throttled),
                .integer(update.spent.retries), .integer(update.spent.bytes), .real(update.spent.busy.inSeconds),
                .integer(chunk.id),
            ])
        if !transaction.held.isWhole { try ChunkWrite.writeEnds(transaction) }
    }

    /// Ends chunks whose writes had nothing more to say of them.
    static func writeEnds(_ transaction: Transaction) throws {
        try transaction.sql.runAtOnce(
            """
            UPDATE sync_chunks SET status = ?, cursor = NULL, worker = NULL, lease_until = NULL,
                batches = batches + 1, crash_count = 0, error_class = NULL, error_code = NULL,
                error_message = NULL, advice = NULL, error_trace = NULL, finished_at = ?, rows = rows + ?,
                rows_written = rows_written + ?, requests = requests + ?, throttled = throttled + ?,
                retries = retries + ?, bytes = bytes + ?, actual_duration_seconds = actual_duration_seconds + ?
            WHERE id = ?
            """, transaction.ending.takeEnds())
    }

    func removeKeys(_ chunk: Held) throws {
        // The first batch has no keys behind it.
        if chunk.batches > 0 { try SeenTable(transaction: transaction).remove(chunk.id) }
    }

    /// Adds chunks to the same job, in the place of this one in the order of work. Without a stage of their
    /// own they are counted under their stream's.
    func add(
        _ specs: [ChunkSpec], beside chunk: Held, stage: String? = nil, _ effect: inout Effect
    ) throws {
        let placed = specs.map { spec in
            let own = transaction.memory.schema(spec.stream, of: chunk.facts.platform)?.stage
            return NewChunks.Placed(
                spec: spec, stage: stage ?? own ?? chunk.stage, workClass: chunk.workClass,
                orderKey: chunk.orderKey)
        }
        let added = try NewChunks(transaction: transaction)
            .insert(placed, job: chunk.job, maxRetries: chunk.maxRetries)
        effect.job.open += added
        effect.job.total += added
    }

    private func spec(of chunk: Held) throws -> ChunkSpec {
        let spec = try sql.first(
            """
            SELECT stream, phase, start_date, end_date, mode, entity_column, entities, fields
            FROM sync_chunks WHERE id = ?
            """, .integer(chunk.id)
        ) { try ChunkTable.spec($0, from: 0) }
        guard let spec else { throw StoreError.inconsistent("chunk \(chunk.id) is gone") }
        return spec
    }
}
