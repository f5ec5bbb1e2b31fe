/// A job to be created. At most one open job exists per account and set of streams: a second enqueue of
/// the same is told the existing one.
package struct NewJob: Sendable, Hashable {
    package var account: AccountID
    package var kind: JobKind
    package var workClass: WorkClass
    package var streams: [StreamID]
    /// Only some of the connector's streams: such a job says nothing of how far the account is.
    package var isPartial: Bool
    /// What the user asked for, nil for "all that is due".
    package var requested: DayRange?
    /// Today in the account's zone, fixed here for the whole job.
    package var anchor: CivilDate
    /// The last 90 days to the anchor, or the requested days; nil when it has no days to read.
    package var recent: DayRange?
    /// What is older and still offered, up to the day before `recent`.
    package var history: DayRange?
    /// Days that were asked for, or that the account has, and that the platform does not offer any more.
    package var notOffered: DayRange?
    /// Names of the steps in order, with the phase each belongs to.
    package var steps: [Step]
    package var maxRetries: Int

    package struct Step: Sendable, Hashable, Codable {
        package var name: String
        package var phase: Phase
        package init(name: String, phase: Phase) {
            self.name = name
            self.phase = phase
        }
    }

    package init(
        account: AccountID, kind: JobKind, workClass: WorkClass, streams: [StreamID], isPartial: Bool = false,
        requested: DayRange?, anchor: CivilDate, recent: DayRange?, history: DayRange?, notOffered: DayRange? = nil,
        steps: [Step], maxRetries: Int = 6
    ) {
        self.account = account
        self.kind = kind
        self.workClass = workClass
        self.streams = streams
        self.isPartial = isPartial
        self.requested = requested
        self.anchor = anchor
        self.recent = recent
        self.history = history
        self.notOffered = notOffered
        self.steps = steps
        self.maxRetries = maxRetries
    }
}

extension Job {
    /// Steps of the present phase are not planned yet: nobody knows how much is in them. The looks at totals that end
    /// each phase are few, and do not count.
    package var plansMore: Bool {
        !state.isTerminal
            && definition.steps.dropFirst(plannedSteps).contains { $0.phase == phase && !$0.isProof }
    }
}

extension NewJob {
    /// All that is due of all streams: when it is done, so is the account.
    package var isWhole: Bool { requested == nil && !isPartial }
}

/// A job as stored.
package struct Job: Sendable, Hashable {
    package var id: JobID
    package var definition: NewJob
    package var state: WorkState
    package var waitReason: WaitReason?
    package var phase: Phase
    /// Steps planned so far; the next to plan is `definition.steps[plannedSteps]`.
    package var plannedSteps: Int
    /// Chunks that are not terminal.
    package var openChunks: Int
    package var totalChunks: Int
    package var completedChunks: Int
    package var failedChunks: Int
    package var cancelledChunks: Int
    package var rowsReceived: Int
    package var rowsWritten: Int
    package var spent: Spent
    package var errorClass: String?
    package var errorMessage: String?
    package var createdAt: Instant
    package var startedAt: Instant?
    package var finishedAt: Instant?

    package init(
        id: JobID, definition: NewJob, state: WorkState, waitReason: WaitReason? = nil, phase: Phase,
        plannedSteps: Int, openChunks: Int, totalChunks: Int, completedChunks: Int, failedChunks: Int,
        cancelledChunks: Int, rowsReceived: Int, rowsWritten: Int, spent: Spent, errorClass: String? = nil,
        errorMessage: String? = nil, createdAt: Instant, startedAt: Instant? = nil, finishedAt: Instant? = nil
    ) {
        self.id = id
        self.definition = definition
        self.state = state
        self.waitReason = waitReason
        self.phase = phase
        self.plannedSteps = plannedSteps
        self.openChunks = openChunks
        self.totalChunks = totalChunks
        self.completedChunks = completedChunks
        self.failedChunks = failedChunks
        self.cancelledChunks = cancelledChunks
        self.rowsReceived = rowsReceived
        self.rowsWritten = rowsWritten
        self.spent = spent
        self.errorClass = errorClass
        self.errorMessage = errorMessage
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }
}

extension Job {
    /// The class of error of an open job whose next step cannot be planned.
    package static let notPlanned = "not_planned"

    /// Why that is so; chunks that failed while others go on hold nothing up.
    package var stuck: String? {
        !state.isTerminal && openChunks == 0 && errorClass == Job.notPlanned ? errorMessage : nil
    }
}

/// One write of a worker about its chunk: rows, cursor, counters and state together, guarded by chunk id,
/// `in_progress` and fence (design.md, rule 1).
package struct ChunkUpdate: Sendable {
    package var chunk: ChunkID
    package var account: AccountID
    package var fence: Int64
    /// Writes about the chunk before this one: a write that comes again after an unknown outcome is known by it, and
    /// done once.
    package var batches: Int
    package var outcome: Outcome
    package var tables: [RowTable]
    package var spent: Spent
    package var notes: [Note]
    package var learned: Learned?
    /// The rows are those of a second listing, which has what the first leaves out.
    package var isSecondListing: Bool
    /// What is to go on to another platform, where the account has a destination.
    package var deliveries: [Delivery] = []
    /// What a platform that receives has taken or refused.
    package var handled: [Handled] = []
    /// Chunks of the same job that come with this write, whatever its outcome.
    package var follow: [ChunkSpec]
    /// What a chunk of totals was compared to, and lines for the journal about it.
    package var certificates: [Certificate] = []
    package var events: [Note] = []

    package enum Outcome: Sendable {
        /// A batch is stored and the chunk goes on in the same hands.
        case proceed(cursor: String)
        /// Comes back after that long by the store's clock (`nil`: when somebody wakes it); no attempt used. The
        /// cursor is kept when nil.
        case wait(cursor: String?, after: Duration?, reason: WaitReason)
        /// Given back at once without an attempt, at shutdown.
        case handBack
        /// A real failure that is tried again after that long; an attempt is used. A batch that is stored
        /// afterwards clears the count: attempts are failures in a row.
        case retry(after: Duration, Failure)
        case finish(Finish)
        /// The chunk becomes the first of these and starts over; the others are added beside it.
        case split([ChunkSpec], reason: String)
        case fail(Failure)
    }

    package struct Finish: Sendable {
        /// Rows in the chunk's scope that did not come are gone from the platform.
        package var isComplete: Bool
        package var follow: [ChunkSpec]
        /// For entity streams: makes chunks for the ids that a complete listing did not return. Pure; called
        /// inside the transaction.
        package var recheck: (@Sendable ([String]) -> [ChunkSpec])?
        /// How far the stream's listing has come with this chunk: merged into what is stored, nil members
        /// change nothing and `changedUpTo` only grows.
        package var listed: ListingState?
        /// Other streams of the account for which `listed` holds.
        package var alongside: [StreamID]
        /// Where to read all of it once more when rows have moved from the first listing to the second while they
        /// were read: others were passed over then. Nil to leave it at that, and to delete nothing.
        package var startOver: String?
        /// The platform does not offer the chunk's days: those without rows become that instead of read.
        package var notOffered: Bool
        /// The column of ids whose rows stay where none of an id's rows came: the platform leaves some out.
        package var sparing: String?

        package init(
            isComplete: Bool, follow: [ChunkSpec] = [], recheck: (@Sendable ([String]) -> [ChunkSpec])? = nil,
            listed: ListingState? = nil, alongside: [StreamID] = [], startOver: String? = nil, notOffered: Bool = false,
            sparing: String? = nil
        ) {
            self.isComplete = isComplete
            self.follow = follow
            self.recheck = recheck
            self.listed = listed
            self.alongside = alongside
            self.startOver = startOver
            self.notOffered = notOffered
            self.sparing = sparing
        }
    }

    package init(
        _ chunk: ClaimedChunk, _ outcome: Outcome, tables: [RowTable] = [], spent: Spent = Spent(),
        notes: [Note] = [], learned: Learned? = nil, isSecondListing: Bool = false, follow: [ChunkSpec] = []
    ) {
        self.chunk = chunk.id
        self.account = chunk.account
        self.fence = chunk.fence
        self.batches = chunk.batches
        self.outcome = outcome
        self.tables = tables
        self.spent = spent
        self.notes = notes
        self.learned = learned
        self.isSecondListing = isSecondListing
        self.follow = follow
    }
}

/// What a guarded write did.
package enum UpdateResult: Sendable, Hashable {
    /// The lease was lost or the job cancelled: nothing was written, the worker stops.
    case stale
    /// Rows were taken for known that somebody else has changed since: nothing was written, the answer is to be read
    /// again without them.
    case outdated
    case written(Written)

    package struct Written: Sendable, Hashable {
        package var received: Int
        /// Rows inserted or changed.
        package var changed: Int
        package var deleted: Int
        /// No chunk of the job is open any more: the next step may be planned.
        package var stepClosed: Bool
        /// The job was paused: what came is stored, and the chunk is in nobody's hands any more.
        package var isPaused = false

        package init(received: Int = 0, changed: Int = 0, deleted: Int = 0, stepClosed: Bool = false) {
            self.received = received
            self.changed = changed
            self.deleted = deleted
            self.stepClosed = stepClosed
        }
    }
}

/// What a worker process asks for.
package struct ClaimRequest: Sendable, Hashable {
    /// The process, for people who look.
    package var worker: String
    package var limit: Int
    /// At most that many chunks of one account in this claim.
    package var perAccount: Int
    /// Accounts that get nothing now: at their own limit, or blocked.
    package var skipping: Set<AccountID>
    package var lease: Duration

    package init(
        worker: String, limit: Int, perAccount: Int, skipping: Set<AccountID> = [], lease: Duration = .seconds(45)
    ) {
        self.worker = worker
        self.limit = limit
        self.perAccount = perAccount
        self.skipping = skipping
        self.lease = lease
    }
}

/// What the rescuer found (design.md, rule 8).
package struct RescueReport: Sendable, Hashable {
    /// Chunks whose lease had run out and that are pending again.
    package var rescued: [ChunkID]
    /// Chunks that crashed their worker for the third time and are failed now.
    package var quarantined: [ChunkID]
    /// Jobs whose last open chunk was quarantined.
    package var closedJobs: [JobID]

    package init(rescued: [ChunkID] = [], quarantined: [ChunkID] = [], closedJobs: [JobID] = []) {
        self.rescued = rescued
        self.quarantined = quarantined
        self.closedJobs = closedJobs
    }
}

/// Progress of one stage of a job, for people.
package struct StageProgress: Sendable, Hashable {
    package var stage: String
    package var phase: Phase
    package var total: Int
    package var completed: Int
    package var failed: Int
    package var running: Int
    package var waiting: Int
    package var rows: Int
    package var requests: Int

    package init(
        stage: String, phase: Phase, total: Int = 0, completed: Int = 0, failed: Int = 0, running: Int = 0,
        waiting: Int = 0, rows: Int = 0, requests: Int = 0
    ) {
        self.stage = stage
        self.phase = phase
        self.total = total
        self.completed = completed
        self.failed = failed
        self.running = running
        self.waiting = waiting
        self.rows = rows
        self.requests = requests
    }
}

/// A chunk for lists and causes.
package struct ChunkSummary: Sendable, Hashable {
    package var id: ChunkID
    package var spec: ChunkSpec
    package var state: WorkState
    package var waitReason: WaitReason?
    package var runAfter: Instant?
    /// When it was claimed for the first time.
    package var startedAt: Instant?
    package var retryCount: Int
    package var errorClass: String?
    package var errorCode: String?
    package var errorMessage: String?
    package var advice: String?
    /// The platform's own number of the call that failed.
    package var errorTrace: String?
    package var finishedAt: Instant?
    /// In a worker's hands and not waiting, over all tries.
    package var busy: Duration = .zero
    package var rows = 0
    package var requests = 0
    package var throttled = 0
    /// How often it was cut smaller.
    package var splits = 0

    package init(
        id: ChunkID, spec: ChunkSpec, state: WorkState, waitReason: WaitReason? = nil, runAfter: Instant? = nil,
        startedAt: Instant? = nil, retryCount: Int = 0, errorClass: String? = nil, errorCode: String? = nil,
        errorMessage: String? = nil, advice: String? = nil
    ) {
        self.id = id
        self.spec = spec
        self.state = state
        self.waitReason = waitReason
        self.runAfter = runAfter
        self.startedAt = startedAt
        self.retryCount = retryCount
        self.errorClass = errorClass
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.advice = advice
    }
}

/// A line of the append-only `events` table.
package struct Event: Sendable, Hashable {
    package var id: Int64
    package var at: Instant
    package var job: JobID?
    package var account: AccountID?
    /// `job_started`, `chunk_completed`, `chunk_split`, `chunk_started_over`, `chunk_retried`, `chunk_failed`,
    /// `throttled`, `connection_parked`, `phase_completed`, `job_completed`, `certificate_equal`, `certificate_gap`,
    /// `certificate_repaired`, `note` and the like.
    package var kind: String
    /// A sentence, without secrets.
    package var text: String
    /// The process that did it, where one did.
    package var worker: String?

    package init(
        id: Int64, at: Instant, job: JobID?, account: AccountID?, kind: String, text: String, worker: String? = nil
    ) {
        self.id = id
        self.at = at
        self.job = job
        self.account = account
        self.kind = kind
        self.text = text
        self.worker = worker
    }
}

/// A stored connection. The secrets are sealed; only the engine's vault opens them.
package struct Connection: Sendable, Hashable {
    package var id: ConnectionID
    package var workspace: WorkspaceID
    package var platform: PlatformID
    package var name: String
    package var baseURL: String
    /// Sealed credential; opaque to the store.
    package var sealed: [UInt8]
    /// Grows with every change of the credential; compare-and-set.
    package var version: Int
    /// Connector settings, JSON by name.
    package var configuration: [String: String]
    /// Why it is parked, nil while it works.
    package var parked: Failure.Cause?
    /// Since when.
    package var parkedAt: Instant?
    /// A person gave the address on the web page, so it may lead to the internet alone.
    package var isGuarded: Bool

    /// Its credential was taken away by a person; what it brought stays.
    package var isRemoved: Bool { parked == Connection.removed }
    package static let removed = Failure.Cause(
        code: "removed", "The connection was removed.", advice: "Connect again to go on.")

    package init(
        id: ConnectionID, workspace: WorkspaceID = .first, platform: PlatformID, name: String, baseURL: String,
        sealed: [UInt8], version: Int, configuration: [String: String] = [:], parked: Failure.Cause? = nil,
        parkedAt: Instant? = nil, isGuarded: Bool = false
    ) {
        self.id = id
        self.workspace = workspace
        self.platform = platform
        self.name = name
        self.baseURL = baseURL
        self.sealed = sealed
        self.version = version
        self.configuration = configuration
        self.parked = parked
        self.parkedAt = parkedAt
        self.isGuarded = isGuarded
    }
}

/// One row of `coverage` in short.
package struct CoverageCell: Sendable, Hashable {
    package var day: CivilDate
    package var state: CoverageState
    package var rows: Int
    package var readAt: Instant?

    package init(day: CivilDate, state: CoverageState, rows: Int = 0, readAt: Instant? = nil) {
        self.day = day
        self.state = state
        self.rows = rows
        self.readAt = readAt
    }
}
