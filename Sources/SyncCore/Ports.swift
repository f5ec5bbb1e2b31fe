/// What the engine needs of a database, in small protocols. These seams are ours alone and may change with
/// any commit; one exercise suite runs on every engine behind them.
///
/// Unless a method says otherwise: it is one transaction; it throws `StoreError` and nothing else beside
/// `CancellationError`; repeating it after an unknown outcome does no harm. Leases and due times are
/// compared by the store's own clock.
package protocol JobStore: Sendable {
    /// Creates a job, or answers the open job of the same account, streams and range. Inserts no chunks.
    func enqueue(_ job: NewJob) async throws -> (id: JobID, isNew: Bool)

    /// Adds the chunks of step number `step` and moves the job on, if that step is indeed the next and no
    /// chunk is open; false when somebody else was faster. Days of the chunks become `queued` where nothing
    /// was read yet; days in `notOffered` become that. Each note is said once of the job.
    func addStep(
        _ step: Int, of job: JobID, chunks: [PlannedChunk], notOffered: [StreamID: DayRange], notes: [Note]
    ) async throws -> Bool

    /// Notes why the next step of a job cannot be planned, for people to see; the step that is planned after all takes
    /// it back. Nothing where a chunk is open or the job is over.
    func cannotGoOn(_ job: JobID, because why: String) async throws

    /// Ends a job of which no step is left and no chunk is open: `completed`, or `failed` when chunks failed.
    /// False when that is not so (any more).
    func finish(_ job: JobID) async throws -> Bool

    /// Due chunks, fairly over accounts and in order of age and class, each with a new fence and a lease.
    func claim(_ request: ClaimRequest) async throws -> [ClaimedChunk]

    /// Gives back what this worker has claimed and does not hold: claims whose answer it never got. How many. No crash
    /// and no attempt is counted.
    func disown(_ worker: String, except held: Set<ChunkID>) async throws -> Int

    /// Extends the leases of these claims, each a chunk with its fence; the ids of those still held. A chunk that
    /// its worker does not name any more is left to be rescued.
    func renew(_ claims: [ChunkID: Int64], lease: Duration) async throws -> Set<ChunkID>

    /// What is known of the rows of a chunk that reads days whole; nil when nothing is. A worker asks before it reads
    /// the chunk's first rows: from then on a change of these days by anybody else makes what is known outdated.
    func known(of chunk: ClaimedChunk) async throws -> KnownRows?

    /// The one write of a worker about its chunk. See `ChunkUpdate`.
    func update(_ update: ChunkUpdate) async throws -> UpdateResult

    /// Gives back chunks whose lease ran out; the third crash of one quarantines it.
    func rescue() async throws -> RescueReport

    /// Jobs that are open with no open chunk: their next step is to be planned, or they are to be finished.
    func idleJobs() async throws -> [JobID]

    /// The moment at which the next chunk becomes due, nil when none will.
    func nextDue() async throws -> Instant?

    func job(_ id: JobID) async throws -> Job?
    func jobs(limit: Int) async throws -> [Job]
    func stages(of job: JobID) async throws -> [StageProgress]
    func chunks(of job: JobID, in states: Set<WorkState>, limit: Int) async throws -> [ChunkSummary]

    /// Cancels the job and its open chunks; running workers find out at their next write or renewal.
    func cancel(_ job: JobID, by: String) async throws -> Bool

    /// Lets a job stand still until somebody resumes it: its chunks wait, and those in hand are given back with their
    /// next write. False for a job that has ended or is paused.
    func pause(_ job: JobID, by: String) async throws -> Bool

    /// Brings a paused job back to work with its chunks; false for one that is not paused.
    func resume(_ job: JobID, by: String) async throws -> Bool

    /// Removes finished chunks of jobs that ended before `moment`, at most `limit` of them; how many. Failed ones stay,
    /// for they may be tried again, and so do the jobs.
    func prune(before moment: Instant, limit: Int) async throws -> Int

    /// Makes the failed (and cancelled) chunks of a job pending again with fresh attempts; how many. With a cause only
    /// those that failed for it, and none of a job that was cancelled: that one goes on as a whole.
    func retry(_ job: JobID, cause: FailedCause?) async throws -> Int
}

extension JobStore {
    package func retry(_ job: JobID) async throws -> Int { try await retry(job, cause: nil) }
}

/// A chunk about to be stored.
package struct PlannedChunk: Sendable, Hashable {
    package var spec: ChunkSpec
    /// The stage under which it is counted.
    package var stage: String
    package var workClass: WorkClass
    package init(spec: ChunkSpec, stage: String, workClass: WorkClass) {
        self.spec = spec
        self.stage = stage
        self.workClass = workClass
    }
}

/// Data tables and what is known about them.
package protocol FactStore: Sendable {
    /// Creates or widens the tables of these streams, and registers the schemas for `JobStore.update`.
    func prepare(_ schemas: [StreamSchema]) async throws
    /// Rows of an account in a stream's table; all rows when `account` is nil.
    func count(_ schema: StreamSchema, account: String?) async throws -> Int
    /// Rows of an account by value of a text column.
    func tally(_ schema: StreamSchema, account: String, column: String) async throws -> [String: Int]
    /// Rows of an account, of a table that stays small or the newest of a large one: those with the greatest values of
    /// `column` come first.
    func rows(_ schema: StreamSchema, account: String, by column: String, limit: Int) async throws -> [StoredRow]
    /// The cells of one account and stream that exist, by day.
    func coverage(account: AccountID, stream: StreamID) async throws -> [CoverageCell]
    func learned(account: AccountID) async throws -> [StreamID: Learned]
    func listed(account: AccountID) async throws -> [StreamID: ListingState]
}

/// The quotas that all workers share.
package protocol LimiterStore: Sendable {
    /// Changes one quota in a transaction of its own; creates it with `limit` first when it is new. `change`
    /// gets the store's present moment, is pure, and may run again after a conflict.
    func withQuota<Result: Sendable>(
        _ key: QuotaKey, limit: QuotaLimit, _ change: @Sendable (inout Quota, Instant) -> Result
    ) async throws -> Result
    /// By key. There are as many as accounts times limits, so nobody reads them all.
    func quotas(_ selection: QuotaSelection) async throws -> [(key: QuotaKey, quota: Quota)]
}

/// Some of the quotas.
package enum QuotaSelection: Sendable, Hashable {
    /// Those that nobody may call before some moment to come.
    case blocked
    case of([QuotaKey])
}

/// Connections and the accounts that they reach.
package protocol ConnectionStore: Sendable {
    /// Stores a connection, or replaces the credential of the one with the same platform, name and base URL, whose
    /// settings stay; a parked one comes back to work with its chunks. One that was not
    /// guarded once stays so.
    func save(
        _ workspace: WorkspaceID, platform: PlatformID, name: String, baseURL: String, sealed: [UInt8],
        configuration: [String: String], isGuarded: Bool
    ) async throws -> ConnectionID
    /// Brings a parked connection back to work with its chunks; its credential stays.
    func resume(_ id: ConnectionID) async throws
    /// Puts settings in the place of others; false when those are not current any more.
    func configure(_ id: ConnectionID, from old: [String: String], to new: [String: String]) async throws -> Bool
    /// Stores a credential that was renewed in place of `version`; false when that is not current any more.
    func renew(_ id: ConnectionID, version: Int, sealed: [UInt8]) async throws -> Bool
    func connection(_ id: ConnectionID) async throws -> Connection?
    func connections() async throws -> [Connection]
    /// Stops all work of a connection until its credential is renewed; false when it was parked already or
    /// `version` is not current any more.
    func park(_ id: ConnectionID, version: Int, cause: Failure.Cause) async throws -> Bool
    /// Puts `sealed`, which holds nothing, in the place of the credential, parks the connection, and cancels the open
    /// jobs of its accounts; how many. What was read stays.
    func forget(_ id: ConnectionID, sealed: [UInt8], by actor: String) async throws -> Int
    /// Stores or refreshes what a platform says of an account.
    func save(_ account: Account) async throws -> AccountID
    /// The same of an account that one workspace alone may have, by however many connections; nil when another has it.
    func saveAlone(_ account: Account) async throws -> AccountID?
    func account(_ id: AccountID) async throws -> Account?
    func accounts() async throws -> [Account]
}

extension ConnectionStore {
    package func save(
        _ workspace: WorkspaceID, platform: PlatformID, name: String, baseURL: String, sealed: [UInt8],
        configuration: [String: String]
    ) async throws -> ConnectionID {
        try await save(
            workspace, platform: platform, name: name, baseURL: baseURL, sealed: sealed, configuration: configuration,
            isGuarded: false)
    }
}

/// The append-only journal.
package protocol EventStore: Sendable {
    func append(_ events: [Event]) async throws
    /// Events after `id`, oldest first.
    func events(after id: Int64, limit: Int) async throws -> [Event]
    /// The newest event's id, 0 when there is none.
    func lastEvent() async throws -> Int64
    /// What people should know of a job, in the order in which it was said first.
    func notes(of job: JobID) async throws -> [Note]
    func setting(_ name: String) async throws -> String?
    func set(_ name: String, to value: String?) async throws
    /// Takes or keeps the lead in some upkeep that one process does for all. The epoch when it is `holder`'s until
    /// then: it grows with each change of hands. Nil when another leads.
    func lead(_ name: String, as holder: String, for lease: Duration) async throws -> Int64?
}

/// What has changed for others: a reason to look, never more. Who misses a hint finds the same by polling.
package enum StoreHint: String, Sendable, Hashable, CaseIterable {
    /// Chunks may be claimed, or a job has a step to plan.
    case work
    /// A job was cancelled: whoever works on it may stop.
    case cancelled
    /// The journal has grown.
    case events
}

/// A store on a server: it hears of what other processes have changed, and notices that the server is away while
/// callers still wait for it.
package protocol HintStore: Sendable {
    /// Hints until nobody reads them any more; ends at once where nothing can be heard.
    func hints() -> AsyncStream<StoreHint>
    /// Why the server is not reached, and for how long that is; nil while it is.
    var absence: (error: StoreError, length: Duration)? { get }
}

/// Sums of stored rows, and what the platforms' own totals say of them.
package protocol ProofStore: Sendable {
    /// Sums of an account's rows by day, and by the values of `column` where it is given; days and values without a row
    /// are left out. Only measures that `schema.proof` has; one of which no row has a value is left out.
    func sums(
        _ schema: StreamSchema, account: String, days: DayRange, by column: String?, of entities: EntitySet?
    ) async throws -> [Totals.Place: StoredSum]
    /// Rows of an account whose `moment`, a column of instants, lies in each of these spans.
    func counts(
        _ schema: StreamSchema, account: String, by moment: String, in spans: [(from: Instant, before: Instant)]
    ) async throws -> [Int]
    /// The newest days first; of a day the streams by name. All days where none are given.
    func certificates(account: AccountID, days: DayRange?, limit: Int) async throws -> [Certificate]
    func proofCount(account: AccountID) async throws -> ProofCount
}

/// All that pages show.
package typealias WebStore = SyncStore & HealthStore & PeopleStore & AuditStore & LogStore & OverviewStore
    & SystemStore & PriceStore & DraftStore & NoticeStore & WorkOrderStore

package typealias SyncStore = JobStore & FactStore & LimiterStore & ConnectionStore & EventStore & OutboxStore
    & ScheduleStore & ProofStore

/// A database that does not do what was asked.
package enum StoreError: Error, Sendable, Hashable {
    /// Another process works on the file; its process id and where it answers, when known.
    case inUse(pid: Int?, address: String? = nil)
    case notADatabase(String)
    /// Written by a newer program: its schema version and the newest known here.
    case newerSchema(found: Int, known: Int)
    case notWritable(String)
    case diskFull
    /// Busy or cut off, and why, as a whole sentence; the same call may succeed later.
    case unavailable(String)
    /// It will not be used as it is until a person has done something, and what: a password, a privilege, an upgrade.
    case refused(String)
    case corrupt(String)
    /// A table that was made for another key or other columns than its stream has now, and why.
    case misfit(table: String, String)
    /// A row or a state that cannot be: our mistake.
    case inconsistent(String)
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .inUse(let pid, let address):
            "The database is in use by another sluice process"
                + (pid.map { " (\($0)\(address.map { ", \($0)" } ?? ""))" } ?? "")
        case .notADatabase(let path): "\(path) is not a Sluice database"
        case .newerSchema(let found, let known):
            "The database was written by a newer sluice (schema \(found), this program knows \(known))"
        case .notWritable(let path): "\(path) cannot be written"
        case .diskFull: "The disk is full"
        case .unavailable(let why), .refused(let why): why
        case .corrupt(let why): "The database is damaged: \(why)"
        case .misfit(let table, let why): "The table \(table) holds something else: \(why)"
        case .inconsistent(let why): "The database holds what cannot be: \(why)"
        }
    }
}
