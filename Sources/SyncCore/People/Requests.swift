/// What people or programs asked for at once: jobs of several accounts under one id.
package struct SyncRequest: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Everything of Meta, by the route of the system that Sluice replaces.
        case facebook
        case manual
        case quick
    }

    /// A UUID.
    package var id: String
    package var workspace: WorkspaceID
    package var kind: Kind
    /// Who asked.
    package var actor: String
    /// The days by name (`yesterday`), or as `2026-11-01/2026-11-21`; empty for all that is due.
    package var range: String
    package var createdAt: Instant
    package var jobs: [JobID]
    /// What was told beforehand; nil when nothing was known.
    package var promised: Promise?

    package struct Promise: Sendable, Hashable {
        /// Calls, or points where the platform counts those.
        package var points: Int
        package var until: Instant
        package init(points: Int, until: Instant) {
            self.points = points
            self.until = until
        }
    }

    package init(
        id: String, workspace: WorkspaceID, kind: Kind, actor: String, range: String, createdAt: Instant,
        jobs: [JobID] = [], promised: Promise? = nil
    ) {
        self.id = id
        self.workspace = workspace
        self.kind = kind
        self.actor = actor
        self.range = range
        self.createdAt = createdAt
        self.jobs = jobs
        self.promised = promised
    }
}

/// One run as lists show it: a row of `sync_logs`.
package struct LogEntry: Sendable, Hashable {
    package var job: JobID
    package var account: AccountID
    package var platform: PlatformID
    package var accountName: String
    package var zoneName: String
    package var kind: JobKind
    package var state: WorkState
    package var waitReason: WaitReason?
    package var phase: Phase
    package var requested: DayRange?
    package var days: DayRange?
    package var totalChunks: Int
    package var completedChunks: Int
    package var failedChunks: Int
    package var percent: Int
    package var rowsReceived: Int
    package var rowsWritten: Int
    package var requests: Int
    package var throttled: Int
    package var retries: Int
    package var errorClass: String?
    package var errorMessage: String?
    package var createdAt: Instant
    package var startedAt: Instant?
    package var finishedAt: Instant?
    /// The schedule that started it.
    package var schedule: ScheduleID?
    /// What that was called then.
    package var scheduleName: String?
    /// How often chunks were cut smaller.
    package var splits = 0

    package init(
        job: JobID, account: AccountID, platform: PlatformID, accountName: String, zoneName: String, kind: JobKind,
        state: WorkState, waitReason: WaitReason?, phase: Phase, requested: DayRange?, days: DayRange?,
        totalChunks: Int, completedChunks: Int, failedChunks: Int, percent: Int, rowsReceived: Int, rowsWritten: Int,
        requests: Int, throttled: Int, retries: Int, errorClass: String?, errorMessage: String?, createdAt: Instant,
        startedAt: Instant?, finishedAt: Instant?, schedule: ScheduleID?
    ) {
        self.job = job
        self.account = account
        self.platform = platform
        self.accountName = accountName
        self.zoneName = zoneName
        self.kind = kind
        self.state = state
        self.waitReason = waitReason
        self.phase = phase
        self.requested = requested
        self.days = days
        self.totalChunks = totalChunks
        self.completedChunks = completedChunks
        self.failedChunks = failedChunks
        self.percent = percent
        self.rowsReceived = rowsReceived
        self.rowsWritten = rowsWritten
        self.requests = requests
        self.throttled = throttled
        self.retries = retries
        self.errorClass = errorClass
        self.errorMessage = errorMessage
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.schedule = schedule
    }
}

extension LogEntry {
    /// As `Job.stuck`.
    package var stuck: String? {
        let isIdle = completedChunks + failedChunks == totalChunks
        return !state.isTerminal && isIdle && errorClass == Job.notPlanned ? errorMessage : nil
    }
}

/// Which runs are shown. Everything that is nil matches all.
package struct LogFilter: Sendable, Hashable {
    package var workspace: WorkspaceID
    package var job: JobID?
    package var platform: PlatformID?
    package var account: AccountID?
    package var states: [WorkState]
    package var kind: JobKind?
    package var schedule: ScheduleID?
    package var from: Instant?
    package var to: Instant?
    /// In the account's name, the cause, or the number of the run.
    package var text: String?

    package init(
        workspace: WorkspaceID, job: JobID? = nil, platform: PlatformID? = nil, account: AccountID? = nil,
        states: [WorkState] = [], kind: JobKind? = nil, schedule: ScheduleID? = nil, from: Instant? = nil,
        to: Instant? = nil, text: String? = nil
    ) {
        self.workspace = workspace
        self.job = job
        self.platform = platform
        self.account = account
        self.states = states
        self.kind = kind
        self.schedule = schedule
        self.from = from
        self.to = to
        self.text = text
    }
}

/// The runs that were asked for within one hour.
package struct RunHour: Sendable, Hashable {
    package var runs: Int
    /// Ended with failures.
    package var failed: Int
    /// Were told by a platform to wait.
    package var throttled: Int
    package init(runs: Int = 0, failed: Int = 0, throttled: Int = 0) {
        self.runs = runs
        self.failed = failed
        self.throttled = throttled
    }
}

/// A schedule that is gone, whose runs are not.
package struct DeletedSchedule: Sendable, Hashable {
    package var id: ScheduleID
    package var name: String

    package init(id: ScheduleID, name: String) {
        self.id = id
        self.name = name
    }
}

/// Runs as people look for them, and what was asked for at once. The rules of `Ports.swift` hold here, too.
package protocol LogStore: Sendable {
    /// The newest first, those before a run.
    func logs(_ filter: LogFilter, before: JobID?, limit: Int) async throws -> [LogEntry]
    /// Counts no further than `most`.
    func logCount(_ filter: LogFilter, upTo most: Int) async throws -> Int
    /// The runs of a workspace by the hour in which they were asked for: `hours` of them, the first from `start` on.
    func runHours(of workspace: WorkspaceID, from start: Instant, hours: Int) async throws -> [RunHour]
    /// Those of which runs of a workspace are there, the newest first.
    func deletedSchedules(of workspace: WorkspaceID, limit: Int) async throws -> [DeletedSchedule]
    /// The chunks of a run that took longest, the slowest first.
    func slowestChunks(of job: JobID, limit: Int) async throws -> [ChunkSummary]
    /// What was asked for at once with the run; nil when nobody asked.
    func request(with job: JobID) async throws -> SyncRequest?
    /// Those of `jobs` that are the workspace's, the newest first.
    func logs(of jobs: [JobID], in workspace: WorkspaceID) async throws -> [LogEntry]
    /// Runs of schedules that were started since then, without their jobs.
    func runs(of schedules: [ScheduleID], since moment: Instant) async throws -> [ScheduleRun]
    /// Enqueues all of it and notes it under one id, in one transaction; the ids of the jobs in the order of `jobs`.
    /// Where the same work is open already that job counts.
    func request(_ request: SyncRequest, _ jobs: [NewJob]) async throws -> [JobID]
    /// The newest first.
    func requests(of workspace: WorkspaceID, kind: SyncRequest.Kind?, limit: Int) async throws -> [SyncRequest]
    func request(_ id: String, of workspace: WorkspaceID) async throws -> SyncRequest?
}
