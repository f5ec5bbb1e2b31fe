/// What pages show of accounts. The rules of `Ports.swift` hold here, too; each call is cheap however much was read.
package protocol OverviewStore: Sendable {
    /// The newest first; those that are open whatever their number.
    func jobs(of account: AccountID, limit: Int) async throws -> [Job]
    /// Accounts with jobs behind `mark`, and the newest job; nil when there is none.
    func jobs(after mark: JobID) async throws -> (accounts: Set<AccountID>, last: JobID)?
    /// The cells that exist on these days, by stream, ascending.
    func coverage(
        of account: AccountID, streams: [StreamID], days: DayRange
    ) async throws -> [StreamID: [CoverageCell]]
    /// How many days of all streams are in which state before `day`, and the first day of them.
    func coverageCounts(of account: AccountID, before day: CivilDate) async throws -> [CoverageState: Int]
    /// How many days of all streams are in which state, by month (its first day), from `day` on.
    func coverageMonths(of account: AccountID, from day: CivilDate) async throws -> [CivilDate: [CoverageState: Int]]
    /// How many rows are stored of these streams, of one account. Their tables exist.
    func stored(_ schemas: [StreamSchema], of account: Account) async throws -> [StreamID: Int]
    /// How many things are stored of a stream that accounts share, each counted once. Its table exists.
    func stored(shared schema: StreamSchema, in workspace: WorkspaceID) async throws -> Int
    /// Sums over the open jobs of a platform and those that were asked for with them (`kind`), else over what went on
    /// last; nil when there was never a job.
    func work(
        on platform: PlatformID, in workspace: WorkspaceID, kind: SyncRequest.Kind
    ) async throws -> PlatformWork?
    /// Sums of `ad_performance_daily` by day and currency, ascending; none where nothing was read yet.
    func figures(of account: Account, days: DayRange) async throws -> [DayFigures]
    /// When the first waiting chunk of a job comes back; nil when none is known to.
    func wakes(_ job: JobID) async throws -> Instant?
    /// Chunks of a job that come back at a moment that is known, by stage.
    func waits(of job: JobID) async throws -> [StageWait]
    /// All failed chunks of a job by cause and stream, the cause with the most first.
    func failures(of job: JobID) async throws -> [FailedChunks]
    /// Chunks of a workspace that workers have in hand.
    func inHand(of workspace: WorkspaceID) async throws -> Int
    /// As `JobStore.stages`, by stream instead of stage.
    func streams(of job: JobID) async throws -> [StageProgress]
    /// Chunks of a job that are in hand, and behind them those that ended last, the newest first.
    func tape(of job: JobID, limit: Int) async throws -> [ChunkResult]
}

/// What an account's campaigns did on a day, in one currency.
package struct DayFigures: Sendable, Hashable {
    package var day: CivilDate
    package var currency: String
    /// Millionths of the currency; nil where the platform knows no costs.
    package var cost: Int64?
    package var revenue: Int64?
    package var impressions: Int64?
    package var clicks: Int64?
    package var orders: Int64?

    package init(
        day: CivilDate, currency: String, cost: Int64? = nil, revenue: Int64? = nil, impressions: Int64? = nil,
        clicks: Int64? = nil, orders: Int64? = nil
    ) {
        self.day = day
        self.currency = currency
        self.cost = cost
        self.revenue = revenue
        self.impressions = impressions
        self.clicks = clicks
        self.orders = orders
    }
}

/// What chunks that failed alike have in common; empty where nothing was told.
package struct FailedCause: Sendable, Hashable {
    package var errorClass: String
    package var code: String
    package var message: String

    package init(errorClass: String?, code: String?, message: String?) {
        self.errorClass = errorClass ?? ""
        self.code = code ?? ""
        self.message = message ?? ""
    }
}

/// Chunks of a stream that failed for one cause.
package struct FailedChunks: Sendable, Hashable {
    package var cause: FailedCause
    package var advice: String
    package var stream: StreamID
    package var count: Int
    /// When the first and the last of them gave up.
    package var firstAt: Instant?
    package var lastAt: Instant?

    package init(
        _ cause: FailedCause, advice: String = "", stream: StreamID, count: Int, firstAt: Instant? = nil,
        lastAt: Instant? = nil
    ) {
        self.cause = cause
        self.advice = advice
        self.stream = stream
        self.count = count
        self.firstAt = firstAt
        self.lastAt = lastAt
    }
}

/// Chunks of a stage that come back at a moment that is known.
package struct StageWait: Sendable, Hashable {
    package var stage: String
    /// When the first of them does.
    package var until: Instant
    /// How many failed and are tried again, and when the first of them is.
    package var retries: Int
    package var retryAt: Instant?

    package init(stage: String, until: Instant, retries: Int = 0, retryAt: Instant? = nil) {
        self.stage = stage
        self.until = until
        self.retries = retries
        self.retryAt = retryAt
    }
}

/// What became of a chunk, or what it is at.
package struct ChunkResult: Sendable, Hashable {
    package var id: ChunkID
    package var spec: ChunkSpec
    package var state: WorkState
    package var rows: Int
    package var retryCount: Int
    package var duration: Duration
    /// When it ended; when it began for one that is in hand.
    package var at: Instant

    package init(
        id: ChunkID, spec: ChunkSpec, state: WorkState, rows: Int, retryCount: Int, duration: Duration, at: Instant
    ) {
        self.id = id
        self.spec = spec
        self.state = state
        self.rows = rows
        self.retryCount = retryCount
        self.duration = duration
        self.at = at
    }
}
