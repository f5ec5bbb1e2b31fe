import ConnectorKit
import SyncCore

/// One worker's hold on one chunk: what it knows, what it used up since its last write.
struct Attempt {
    private(set) var chunk: ClaimedChunk
    let context: AccountContexts.Context
    let startedAt: Instant
    private let beganAtStart: Bool
    /// Used since the last write.
    var spent = Spent()
    var failuresInRow = 0
    private var keepsakes: [String: Secret<String>] = [:]
    private var known: KnownRows?
    private var askedWhatIsKnown = false
    private var rows = 0
    private var alongside = 0
    private var changedUpTo: Instant?
    private var learnedChange: Learned?
    /// For a platform that receives: what the present call may send.
    var outbox: [OutboxItem] = []
    /// Of a stream that acts: what is stored of it.
    var stored: [StoredRow] = []
    /// The call that was sent last: behind a wait it is not the one that was asked for.
    var sent: Call?
    /// What the present call is made with.
    private(set) var credential: Keyring.Held
    /// How many renewals this process had made when a call was refused, while none has gone well since.
    private var refusedAfter: Int?

    init(chunk: ClaimedChunk, context: AccountContexts.Context, startedAt: Instant) {
        self.chunk = chunk
        self.context = context
        self.startedAt = startedAt
        self.beganAtStart = chunk.cursor == nil
        self.credential = context.keys.held
    }

    private var stream: StreamID { chunk.spec.stream }

    func work(at now: Instant) -> ChunkWork {
        var work = ChunkWork(
            account: context.account, spec: chunk.spec, cursor: chunk.cursor, anchor: chunk.anchor,
            credential: credential.credential, learned: context.with { $0.learned[stream] ?? Learned() },
            keepsakes: keepsakes, known: known, now: now)
        work.outbox = outbox
        work.stored = stored
        return work
    }

    /// Whether it is worth asking what is known before `response` is read: it may hold rows of whole days. Smaller
    /// answers are questions about reports, or read in no time.
    func mayHaveKnownRows(_ response: WireResponse) -> Bool {
        !askedWhatIsKnown && response.body.count >= 2048 && chunk.spec.days != nil && chunk.spec.entities == nil
            && chunk.spec.fields == nil && context.schemas[stream]?.grain == .daily
    }

    mutating func takeKnown(_ known: KnownRows?) {
        askedWhatIsKnown = true
        self.known = known
    }

    /// The learned duration sets a deadline well before the connector's own bound (design.md, rule 8).
    func deadline(for timeout: Duration) -> Duration {
        guard let worst = context.with({ $0.learned[stream]?.worstSeconds }) else { return timeout }
        return min(timeout, max(.seconds(120), .seconds(worst * 4)))
    }

    mutating func called() {
        spent.requests += 1
        context.with { $0.budget.called() }
    }

    /// Sends, and notes how many calls of the account were on the wire with this one: chunks that stand in line
    /// for a permit say nothing about what the platform bears.
    mutating func send(_ request: WireRequest) async throws -> WireResponse {
        alongside = context.with { state in
            state.onWire += 1
            return state.onWire
        }
        defer { context.with { $0.onWire -= 1 } }
        return try await context.transport.send(request)
    }

    var isOutdated: Bool { context.keys.isOutdated(credential.version) }

    /// The newest credential, renewed when that is due. Throws `Failure`.
    mutating func takeCredential(_ limiter: Limiter) async throws {
        credential = try await context.keys.credential(for: context.account.externalID, limiter)
    }

    /// The present call was refused. Whether that is final: it was made with the newest credential, and that was
    /// renewed after a call had been refused. What others stored meanwhile may be worn out as well, and is renewed
    /// first.
    mutating func isRefusedForGood() -> Bool {
        guard let refusedAfter, credential.renewal > refusedAfter, context.keys.held.version == credential.version
        else {
            refusedAfter = refusedAfter ?? context.keys.renewals
            return false
        }
        return true
    }

    /// Another credential than the one that was refused. Throws `Failure`.
    mutating func renewCredential(_ limiter: Limiter) async throws {
        credential = try await context.keys.renew(
            .refused, after: credential.version, for: context.account.externalID, limiter)
    }

    mutating func succeeded() {
        failuresInRow = 0
        refusedAfter = nil
        let alongside = alongside
        context.with { state in state.concurrency.succeeded(inFlight: alongside) }
    }

    mutating func throttled(at now: Instant) {
        spent.throttled += 1
        context.with { $0.concurrency.overloaded(at: now) }
    }

    /// Takes over what an answer changed in memory.
    mutating func absorb(_ reading: Reading, at now: Instant) {
        if let replaced = reading.keepsakes { keepsakes = replaced }
        if !reading.learned.isEmpty {
            learnedChange = context.with { state in
                var learned = state.learned[stream] ?? Learned()
                for change in reading.learned { learned.take(change, at: now) }
                state.learned[stream] = learned
                return learned
            }
        }
        for table in reading.tables {
            rows += table.received
            noteNewestChange(in: table, at: now)
            if table.schema.id == stream { known?.overtake(table) }
        }
    }

    /// Where the next incremental listing starts: at the newest `updated_time` seen, by the platform's own clock, so
    /// that ours may be wrong without harm. What an earlier page showed may have changed since the listing began:
    /// that time is taken off.
    private mutating func noteNewestChange(in table: RowTable, at now: Instant) {
        guard table.schema.id == stream, table.schema.grain == .entity,
            let column = table.schema.columns.firstIndex(where: { $0.name == "updated_time" }),
            let offset = table.filled.firstIndex(of: column)
        else { return }
        let texts = (0..<table.rowCount).lazy.compactMap { table.string(table.cells[$0 * table.width + offset]) }
        guard let newest = texts.max().flatMap(Instant.init(iso:)) else { return }
        let mark = newest - max(.zero, now - chunk.startedAt)
        changedUpTo = max(changedUpTo ?? mark, mark)
    }

    /// The write for `outcome`, with what was used since the last one.
    func update(_ outcome: ChunkUpdate.Outcome, _ reading: Reading? = nil) -> ChunkUpdate {
        var update = ChunkUpdate(
            chunk, outcome, tables: reading?.tables ?? [], spent: spent, notes: reading?.notes ?? [],
            learned: learnedChange, isSecondListing: reading?.isSecondListing ?? false, follow: reading?.follow ?? [])
        update.deliveries = reading?.deliveries ?? []
        update.handled = reading?.handled ?? []
        return update
    }

    mutating func wrote(cursor: String) {
        if chunk.cursor != cursor { chunk.retryCount = 0 }
        chunk.cursor = cursor
        chunk.batches += 1
        spent = Spent()
        learnedChange = nil
    }

    /// The size of a chunk as it is learned; nil where it teaches nothing. Sizes are learned from chunks that were read
    /// from their beginning in one go, over all entities unless the connector counts those.
    private func units(of spec: ChunkSpec, _ finish: Reading.Finish) -> Int? {
        guard beganAtStart, spec.fields == nil else { return nil }
        if let counted = finish.units { return counted }
        let isDaily = context.schemas[spec.stream]?.grain == .daily
        return spec.entities == nil && (spec.days != nil || !isDaily) ? spec.days?.count ?? 1 : nil
    }

    /// The closing write: sizes are learned, and the stream's listing moves on.
    mutating func finish(_ finish: Reading.Finish, _ reading: Reading, now: Instant) -> ChunkUpdate {
        let spec = chunk.spec
        let seconds = (now - startedAt).inSeconds
        let units = units(of: spec, finish)
        let rows = self.rows
        learnedChange = context.with { state in
            var learned = state.learned[spec.stream] ?? Learned()
            if let units {
                learned.finished(units: units, rows: rows, seconds: seconds, at: now)
            }
            state.learned[spec.stream] = learned
            return learned
        }
        var closing = ChunkUpdate.Finish(
            isComplete: finish.isComplete, follow: finish.follow, startOver: finish.startOver,
            notOffered: finish.notOffered, sparing: finish.sparing)
        if context.schemas[spec.stream]?.grain == .entity, spec.entities == nil {
            let connector = context.connector
            let learned = learnedChange ?? Learned()
            if finish.isComplete { closing.recheck = { connector.recheck($0, of: spec, learned) } }
            closing.listed = ListingState(
                sweptAt: finish.isComplete ? chunk.startedAt : nil, changedUpTo: changedUpTo)
        }
        if let mark = finish.changedUpTo {
            closing.listed = ListingState(sweptAt: closing.listed?.sweptAt, changedUpTo: mark)
        }
        closing.alongside = finish.alongside
        var update = update(.finish(closing), reading)
        update.spent.busy = now - startedAt
        return update
    }
}
