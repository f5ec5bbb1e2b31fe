package import SyncCore

/// A fresh store with a clock, and words to set a scene: an imaginary platform `acme` with things, their
/// daily numbers and messages.
package struct StoreScene: Sendable {
    package let store: any SyncStore
    package let clock: ManualWallClock
    let differences: StoreDifferences
    private let writes = WriteCounts()
    private let reopening: @Sendable () async throws -> any SyncStore

    /// `reopen` ends the store and opens its database anew, as the next process would.
    package init(
        store: any SyncStore, clock: ManualWallClock, differences: StoreDifferences = StoreDifferences(),
        reopen: @escaping @Sendable () async throws -> any SyncStore
    ) {
        self.store = store
        self.clock = clock
        self.differences = differences
        self.reopening = reopen
    }

    /// The same scene after the process has ended and another has begun.
    func reopened() async throws -> StoreScene {
        let store = try await reopening()
        try await store.prepare(StoreScene.schemas)
        return StoreScene(store: store, clock: clock, differences: differences, reopen: reopening)
    }

    /// Another process on the same database, where the engine lets one.
    func another() async throws -> any SyncStore { try await reopening() }

    // MARK: The platform

    static let platform = PlatformID("acme")
    static let schemas = [things, numbers, messages]

    static let things = StreamSchema(
        platform: platform, id: StreamID("things"), stage: "things", grain: .entity,
        columns: [
            Column(context: "account_id", .text), Column("id", .text, "id"), Column("name", .text, "name"),
        ], key: ["account_id", "id"], summary: "Things.")

    static let numbers = StreamSchema(
        platform: platform, id: StreamID("numbers"), stage: "figures", grain: .daily,
        columns: [
            Column(context: "account_id", .text), Column("date", .date, "date"),
            Column("thing_id", .text, "thing_id"), Column("clicks", .integer, "clicks"),
        ], key: ["account_id", "date", "thing_id"], summary: "Numbers of a thing per day.")

    static let messages = StreamSchema(
        platform: platform, id: StreamID("messages"), stage: "messages", grain: .event,
        columns: [
            Column(context: "account_id", .text), Column("id", .text, "id"), Column("sent_at", .instant, "at"),
        ], key: ["account_id", "id"], summary: "Messages.")

    /// The job's day of today in every scene.
    static let today = day("2026-11-21")

    static func day(_ text: String) -> CivilDate {
        guard let day = CivilDate(text) else { preconditionFailure("not a day: \(text)") }
        return day
    }

    static func days(_ first: String, _ last: String) -> DayRange {
        guard let days = DayRange(day(first), day(last)) else { preconditionFailure("\(first) after \(last)") }
        return days
    }

    // MARK: Setting the scene

    /// An account `name` with a connection of its own.
    func account(_ name: String = "1") async throws -> Account {
        try await store.prepare(StoreScene.schemas)
        let connection = try await store.save(
            .first, platform: StoreScene.platform, name: "connection \(name)", baseURL: "https://acme.example",
            sealed: [1, 2, 3], configuration: ["size": "5"])
        let id = try await store.save(
            Account(
                id: AccountID(0), connection: connection, platform: StoreScene.platform, externalID: name,
                name: "Account \(name)", currency: "VND", zoneName: "Asia/Ho_Chi_Minh",
                createdOn: StoreScene.day("2025-01-01")))
        return try require(try await store.account(id), "the account")
    }

    static func definition(
        _ account: Account, streams: [StreamID] = schemas.map(\.id), requested: DayRange? = nil,
        steps: [Phase] = [.recent], maxRetries: Int = 6
    ) -> NewJob {
        NewJob(
            account: account.id, kind: .initial, workClass: .recent, streams: streams, requested: requested,
            anchor: today, recent: days("2026-08-24", "2026-11-21"), history: days("2025-01-01", "2026-08-23"),
            notOffered: days("2024-12-01", "2024-12-31"),
            steps: steps.enumerated().map { NewJob.Step(name: "step \($0.offset)", phase: $0.element) },
            maxRetries: maxRetries)
    }

    /// A job with its first step planned.
    func job(
        of account: Account, chunks: [ChunkSpec], workClass: WorkClass = .recent, steps: [Phase] = [.recent],
        requested: DayRange? = nil, isPartial: Bool = false
    ) async throws -> JobID {
        var definition = StoreScene.definition(account, requested: requested, steps: steps)
        definition.isPartial = isPartial
        let job = try await store.enqueue(definition).id
        let isAdded = try await add(chunks, to: job, step: 0, workClass: workClass)
        try expect(isAdded, "the first step was not added")
        return job
    }

    func add(
        _ chunks: [ChunkSpec], to job: JobID, step: Int, workClass: WorkClass = .recent
    ) async throws -> Bool {
        let planned = chunks.map { PlannedChunk(spec: $0, stage: StoreScene.stage($0), workClass: workClass) }
        return try await store.addStep(step, of: job, chunks: planned, notOffered: [:], notes: [])
    }

    private static func stage(_ spec: ChunkSpec) -> String {
        schemas.first { $0.id == spec.stream }?.stage ?? spec.stream.rawValue
    }

    static func listing(_ mode: String = "list") -> ChunkSpec {
        ChunkSpec(stream: things.id, phase: .recent, mode: mode)
    }

    static func reading(_ days: DayRange, of ids: [String]? = nil, phase: Phase = .recent) -> ChunkSpec {
        ChunkSpec(
            stream: numbers.id, phase: phase, days: days,
            entities: ids.map { EntitySet(column: "thing_id", ids: $0) })
    }

    // MARK: Acting

    func claim(_ limit: Int = 100, worker: String = "w", perAccount: Int = 1000, skipping: Set<AccountID> = [])
        async throws -> [ClaimedChunk]
    {
        try await store.claim(
            ClaimRequest(worker: worker, limit: limit, perAccount: perAccount, skipping: skipping))
    }

    func claimOne(worker: String = "w", line: Int = #line) async throws -> ClaimedChunk {
        try require(try await claim(1, worker: worker).first, "a chunk to claim", line: line)
    }

    func update(
        _ chunk: ClaimedChunk, _ outcome: ChunkUpdate.Outcome, tables: [RowTable] = [], spent: Spent = Spent(),
        notes: [Note] = [], learned: Learned? = nil, isSecondListing: Bool = false, follow: [ChunkSpec] = []
    ) async throws -> UpdateResult {
        // Like a worker: it counts what it has written, and its claim does not.
        var chunk = chunk
        chunk.batches += writes.count(of: chunk)
        let result = try await store.update(
            ChunkUpdate(
                chunk, outcome, tables: tables, spent: spent, notes: notes, learned: learned,
                isSecondListing: isSecondListing, follow: follow))
        if case .written = result { writes.add(chunk) }
        return result
    }

    @discardableResult
    func complete(
        _ chunk: ClaimedChunk, rows tables: [RowTable] = [], follow: [ChunkSpec] = [], line: Int = #line
    ) async throws -> UpdateResult.Written {
        let finish = ChunkUpdate.Finish(isComplete: true, follow: follow)
        return try written(try await update(chunk, .finish(finish), tables: tables), line: line)
    }

    /// A job that reads the days from the first to the last of `rows`, from its claim to its end.
    func read(
        _ account: Account, _ rows: [(day: String, thing: String, clicks: Int64)]
    ) async throws -> UpdateResult.Written {
        let days = rows.map(\.day).sorted()
        guard let first = days.first, let last = days.last else { preconditionFailure("no rows") }
        let job = try await job(of: account, chunks: [StoreScene.reading(StoreScene.days(first, last))])
        let chunk = try await claimOne()
        let known = try await store.known(of: chunk)
        let written = try await complete(chunk, rows: [StoreScene.numbers(rows, account: account, known: known)])
        _ = try await store.finish(job)
        return written
    }

    func written(_ result: UpdateResult, line: Int = #line) throws -> UpdateResult.Written {
        guard case .written(let written) = result else {
            throw ExerciseFailure(description: "a write was refused as stale (line \(line))")
        }
        return written
    }

    static let broken = Failure.retryNow(Failure.Cause(code: "500", "The platform broke.", advice: "Wait."))

    // MARK: Looking

    func jobNow(_ id: JobID) async throws -> Job { try require(try await store.job(id), "the job") }

    func chunks(_ job: JobID, _ states: Set<WorkState> = Set(WorkState.allCases)) async throws -> [ChunkSummary] {
        try await store.chunks(of: job, in: states, limit: 1000)
    }

    func state(of chunk: ChunkID, in job: JobID) async throws -> WorkState {
        try require(try await chunks(job).first { $0.id == chunk }, "the chunk").state
    }

    /// The states of days, in order.
    func cells(_ account: Account) async throws -> [String: CoverageState] {
        let cells = try await store.coverage(account: account.id, stream: StoreScene.numbers.id)
        return Dictionary(uniqueKeysWithValues: cells.map { ($0.day.description, $0.state) })
    }

    func eventKinds(of job: JobID) async throws -> [String] {
        try await store.events(after: 0, limit: 10_000).filter { $0.job == job }.map(\.kind)
    }
}
