package import SyncCore

/// A platform that Sluice reads. A connector is pure: it turns a chunk into the next call and an answer
/// into rows and the next cursor. It never waits, never stores and never looks at a clock; the engine does
/// all that (design.md, rule 12).
package protocol Connector: Sendable {
    static var platform: Platform { get }

    /// `configuration` is the connection's own settings (custom reports, page sizes), JSON objects by name, and under
    /// `identity` whose credential it is. Throws `ConfigurationError` for a setting that makes no sense.
    init(configuration: [String: String]) throws

    /// All streams that this connection can sync, custom ones included, in the order of their stages.
    var streams: [StreamSchema] { get }

    /// Every quota that calls for an account (its external id) can touch, by which users set its limits.
    func quotaKeys(of account: String) -> [QuotaKey]

    // MARK: Credentials that are renewed

    /// The name under which a credential is kept: a newer one of the same name takes its place. `default`, unless an
    /// account (its external id, nil when none is meant yet) has tokens of its own.
    static func name(of credential: Credential, account: String?) -> String

    /// Names of secrets that a connection makes for itself: random, made once, and kept when its credential is
    /// replaced. Keys of hashes.
    static var ownSecrets: [String] { get }

    /// Whose a credential is, for limits that all its calls share: an app's id, no secret. Nil when one connection is
    /// as good as another.
    static func identity(of credential: Credential) -> String?

    /// The call that gets what `credential` lacks for calls of an account, tokens that are missing or about to end.
    /// Nil when nothing is to be got; after a refusal also when only the owner can help.
    func renewal(of credential: Credential, account: String, because reason: RenewalReason, at now: Instant) -> Call?

    /// Reads the answer to a renewal.
    func renewed(
        _ response: WireResponse, of credential: Credential, account: String, at now: Instant
    ) -> Renewed

    // MARK: Credentials that a person gives in the browser

    /// What `credential` lacks for calls although it is not required of people: a consent may bring it. Nil when it has
    /// all.
    static func missing(from credential: Credential) -> CredentialField?

    /// What is wrong with what a person typed, as a sentence, where that can be told without a call.
    static func objection(to credential: Credential, account: String?) -> String?

    /// `credential` with what it has to know of the account that it is for, as a person typed it; nil for none yet.
    static func bound(_ credential: Credential, to account: String?) -> Credential

    /// The page on which a person opens accounts to the app; the browser comes back to `redirect`, which holds our
    /// state. Nil for a platform whose credentials come otherwise.
    func consent(_ credential: Credential, redirect: String, at now: Instant) -> Consent?

    /// The call that gets tokens for what the browser came back with, to be made once; nil where that is not all that
    /// it takes.
    func exchange(_ returned: [(name: String, value: String)], of credential: Credential, at now: Instant) -> Call?

    /// Reads the answer to it.
    func granted(
        _ response: WireResponse, to returned: [(name: String, value: String)], of credential: Credential,
        at now: Instant
    ) -> Granted

    /// Signing in with an app of the operator's, where that brings a credential for all that a person reaches.
    static var login: (any BrowserLogin.Type)? { get }

    /// The account (its external id) whose tokens `question` is asked with; empty when what a person gave is enough.
    func account(for question: Question) -> String

    // MARK: Getting to know an account

    /// The call that asks `question`; `cursor` is what the last answer to it gave.
    func call(for question: Question, cursor: String?, credential: Credential, at now: Instant) -> Call

    /// Reads the answer to `question`.
    func answer(
        _ response: WireResponse, to question: Question, cursor: String?, credential: Credential, at now: Instant
    ) -> Answer

    // MARK: Syncing

    /// The chunks of one step of a job, frozen from now on. An empty list closes the step at once.
    func plan(_ request: PlanRequest) -> [ChunkSpec]

    /// The next call of a chunk, from its spec and cursor. The same work gives the same call.
    func call(for work: ChunkWork) -> Call

    /// For a platform that receives: what of the outbox goes with the next call of a chunk.
    func sent(with work: ChunkWork) -> [OutboxItem]

    /// Reads the answer to `call` into rows and what comes next. Never throws: whatever arrives has a
    /// meaning in `Reading`.
    func read(_ response: WireResponse, to call: Call, of work: ChunkWork) -> Reading

    /// What it means that no whole answer to `call` came; nil where that says nothing of the call, so that it is
    /// simply made again.
    func read(_ error: TransportError, to call: Call, of work: ChunkWork) -> Reading?

    /// Chunks that look after entities which a complete listing did not return any more (`ids` by external
    /// id); empty when the platform has no way to ask, or when it was learned before that they are gone.
    func recheck(_ ids: [String], of spec: ChunkSpec, _ learned: Learned) -> [ChunkSpec]
}

extension Connector {
    package func sent(with work: ChunkWork) -> [OutboxItem] { work.outbox }
    package func read(_ error: TransportError, to call: Call, of work: ChunkWork) -> Reading? { nil }
}

/// What is known of a platform before any connection exists.
package struct Platform: Sendable {
    package let id: PlatformID
    /// The name people use: `Meta`.
    package let name: String
    /// Scheme and host of the real platform.
    package let baseURL: String
    package let credentialFields: [CredentialField]
    /// Stages in the order in which they are shown.
    package let stages: [String]
    /// Steps of a job in order; the next begins when all chunks of the last are terminal.
    package let steps: [JobStep]
    /// What to assume of each limit family until the platform tells more.
    package let quotas: [String: QuotaLimit]
    /// How long to stay away after a throttle that names no end, by family; doubles up to an hour.
    package let leastBlock: [String: Duration]
    /// Limits that count calls within a sliding time, by family: beside the quota, which all machines share, no process
    /// lets more calls leave in any such time.
    package let sliding: [String: SlidingLimit]
    /// The text column of an entity stream by whose values a plan wants its rows counted.
    package let tallies: [StreamID: String]
    /// Other words for streams on the command line: `insights` for three of them.
    package let aliases: [StreamID: [StreamID]]
    /// How many months back the platform offers numbers; nil for no limit.
    package let retentionMonths: Int?
    /// The platform takes what others give (`--into`): its chunks empty the outbox, at most so many items with a call.
    package let receives: Int?
    /// Some of what is read of it may go on to a platform that receives.
    package let passesOn: Bool
    /// The environment variable of its address, where each customer has another.
    package let addressVariable: String?
    /// The standing jobs of the platform: made with a connection, and changeable like all schedules.
    package let schedules: [ScheduleTemplate]
    /// Where a plan of budgets (`BudgetPlan`, under the setting of that name) can be kept to.
    package let budgets: BudgetStreams?

    package init(
        id: PlatformID, name: String, baseURL: String, credentialFields: [CredentialField], stages: [String],
        steps: [JobStep], quotas: [String: QuotaLimit], leastBlock: [String: Duration] = [:],
        sliding: [String: SlidingLimit] = [:], tallies: [StreamID: String] = [:], aliases: [StreamID: [StreamID]] = [:],
        retentionMonths: Int? = nil, schedules: [ScheduleTemplate] = [], receives: Int? = nil,
        passesOn: Bool = false, addressVariable: String? = nil, budgets: BudgetStreams? = nil
    ) {
        self.id = id
        self.name = name
        self.baseURL = baseURL
        self.credentialFields = credentialFields
        self.stages = stages
        self.steps = steps
        self.quotas = quotas
        self.leastBlock = leastBlock
        self.sliding = sliding
        self.tallies = tallies
        self.aliases = aliases
        self.retentionMonths = retentionMonths
        self.schedules = schedules
        self.receives = receives
        self.passesOn = passesOn
        self.addressVariable = addressVariable
        self.budgets = budgets
    }
}

/// So many calls within any time of that length.
package struct SlidingLimit: Sendable, Hashable {
    package var calls: Int
    package var period: Duration

    package init(_ calls: Int, per period: Duration) {
        self.calls = calls
        self.period = period
    }
}

/// One part of a job that is planned as a whole. The names are the connector's; the phase is what the
/// job shows while it runs.
package struct JobStep: Sendable, Hashable, Codable {
    package let name: String
    package let phase: Phase
    package init(_ name: String, phase: Phase) {
        self.name = name
        self.phase = phase
    }
}

package struct CredentialField: Sendable, Hashable {
    package let name: String
    /// The environment variable that holds it: `SLUICE_META_TOKEN`.
    package let variable: String
    package let isRequired: Bool
    /// One sentence: what it is and where to get it.
    package let summary: String

    package init(_ name: String, variable: String, isRequired: Bool, summary: String) {
        self.name = name
        self.variable = variable
        self.isRequired = isRequired
        self.summary = summary
    }
}

/// The secrets of a connection in a worker's memory: what people gave, by the names of the platform's fields, and
/// what was got with it since. They are never stored in this form.
package struct Credential: Sendable, Equatable {
    package var values: [String: Secret<String>]
    package init(_ values: [String: Secret<String>]) { self.values = values }
    package subscript(_ name: String) -> String? {
        get { values[name]?.reveal() }
        set { values[name] = newValue.map { Secret($0) } }
    }
}

package struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

// MARK: - Planning

/// All that a plan may depend on.
package struct PlanRequest: Sendable {
    package var step: JobStep
    package var kind: JobKind
    package var account: Account
    /// The job's day of today in the account's zone, fixed once.
    package var anchor: CivilDate
    /// The step's days, clamped to what the platform offers; nil when there are none.
    package var window: DayRange?
    /// The streams that the job syncs.
    package var streams: [StreamID]
    /// For streams of days: the days of the window that are due, ascending.
    package var due: [StreamID: [CivilDate]]
    /// For entity streams: when the last complete listing began, and up to which change it has read.
    package var listed: [StreamID: ListingState]
    /// Stored rows by value of the platform's tally column, for streams that have one.
    package var tallies: [StreamID: [String: Int]]
    /// What was learned of each stream of the account.
    package var learned: [StreamID: Learned]
    package var now: Instant

    package init(
        step: JobStep, kind: JobKind, account: Account, anchor: CivilDate, window: DayRange?,
        streams: [StreamID], due: [StreamID: [CivilDate]], listed: [StreamID: ListingState],
        tallies: [StreamID: [String: Int]], learned: [StreamID: Learned], now: Instant
    ) {
        self.step = step
        self.kind = kind
        self.account = account
        self.anchor = anchor
        self.window = window
        self.streams = streams
        self.due = due
        self.listed = listed
        self.tallies = tallies
        self.learned = learned
        self.now = now
    }
}

// MARK: - Calls

/// One request with its price.
package struct Call: Sendable {
    package var request: WireRequest
    /// Every limit that the call touches.
    package var costs: [QuotaCost]
    /// The limit under which no two calls may be on their way at once, on any machine; nil where several may.
    package var alone: QuotaKey?
    /// For how long the answer serves whoever makes the same call; nil where each call wants its own.
    package var reusable: Duration?
    /// Calls that the platform counts for it: more than one for a batch or a list of ids.
    package var weight: Int

    package init(_ request: WireRequest, costs: [QuotaCost], weight: Int = 1) {
        self.request = request
        self.costs = costs
        self.weight = weight
    }

    package func reusable(for age: Duration) -> Call {
        var call = self
        call.reusable = age
        return call
    }
}

/// A chunk with all that a connector may know while it works on it.
package struct ChunkWork: Sendable {
    package var account: Account
    package var spec: ChunkSpec
    /// Where the last committed batch ended; nil at the start.
    package var cursor: String?
    package var anchor: CivilDate
    package var credential: Credential
    /// What was learned of this stream of this account.
    package var learned: Learned
    /// Secrets that live as long as the worker holds the chunk and are never stored: page tokens.
    package var keepsakes: [String: Secret<String>]
    /// Rows of the chunk's days that are stored already; its reader may leave them out.
    package var known: KnownRows?
    package var now: Instant
    /// When the answer came that is being read: what it says of times to come counts from there.
    package var answeredAt: Instant
    /// For a platform that receives: what may be sent now, never empty.
    package var outbox: [OutboxItem] = []
    /// Of a stream that acts: all its stored rows of the account.
    package var stored: [StoredRow] = []

    package init(
        account: Account, spec: ChunkSpec, cursor: String?, anchor: CivilDate, credential: Credential,
        learned: Learned = Learned(), keepsakes: [String: Secret<String>] = [:], known: KnownRows? = nil, now: Instant
    ) {
        self.account = account
        self.spec = spec
        self.cursor = cursor
        self.anchor = anchor
        self.credential = credential
        self.learned = learned
        self.keepsakes = keepsakes
        self.known = known
        self.now = now
        self.answeredAt = now
    }
}

/// What an answer means.
package struct Reading: Sendable {
    /// Rows to store; usually one table, several when an answer nests streams.
    package var tables: [RowTable]
    package var next: Next
    /// What the answer told about limits, on errors too.
    package var signals: [QuotaSignal]
    /// Things that people should know: a field dropped, a row isolated.
    package var notes: [Note]
    /// Replaces the chunk's keepsakes when not nil.
    package var keepsakes: [String: Secret<String>]?
    /// What it teaches of the stream: page size, dropped fields.
    package var learned: [Learned.Change]
    /// Chunks that the answer shows to be needed while this one goes on: a listing need not end before the work on
    /// what it lists begins.
    package var follow: [ChunkSpec] = []
    /// The rows are those of a second listing, which has what the first leaves out.
    package var isSecondListing = false
    /// Items of a batch that were refused and are asked for again, as throttled or retried.
    package var spent = Spent()
    /// What goes on to another platform, where the account has a destination.
    package var deliveries: [Delivery] = []
    /// What this platform, which receives, has taken or refused of `ChunkWork.outbox`.
    package var handled: [Handled] = []

    package enum Next: Sendable {
        /// Go on at once with the call for that cursor.
        case more(cursor: String)
        /// Come back after that long with that cursor; uses no attempt and holds no worker.
        case later(Duration, cursor: String)
        /// The chunk is done.
        case finished(Finish)
        /// Too big: the chunk becomes the first of these, the others are added beside it.
        case split([ChunkSpec], reason: String)
        case failed(Failure)

        /// Another call of the same chunk follows.
        package var goesOn: Bool {
            switch self {
            case .more, .later: true
            case .finished, .split, .failed: false
            }
        }
    }

    package struct Finish: Sendable {
        /// All rows of the spec were read, so stored rows that did not come are gone.
        package var isComplete: Bool
        /// Chunks that this one found to be needed.
        package var follow: [ChunkSpec]
        /// The cursor with which to read all of it once more when rows have moved between two listings meanwhile.
        package var startOver: String?
        /// The platform does not offer the spec's days (any more).
        package var notOffered = false
        /// The column of ids whose rows stay where none of an id's rows came: the platform leaves some out.
        package var sparing: String?
        /// Up to when all changes of the stream were read, where the connector keeps that mark itself.
        package var changedUpTo: Instant?
        /// What was read, in the units that the connector learns the size of its chunks in, where those are not the
        /// days of whole streams: ids.
        package var units: Int?
        /// Streams that were read with this one: how far its listing has come holds for them too.
        package var alongside: [StreamID]

        package init(
            isComplete: Bool = true, follow: [ChunkSpec] = [], startOver: String? = nil, notOffered: Bool = false,
            sparing: String? = nil, changedUpTo: Instant? = nil, alongside: [StreamID] = []
        ) {
            self.isComplete = isComplete
            self.follow = follow
            self.startOver = startOver
            self.notOffered = notOffered
            self.sparing = sparing
            self.changedUpTo = changedUpTo
            self.alongside = alongside
        }
    }

    package init(
        _ next: Next, tables: [RowTable] = [], signals: [QuotaSignal] = [], notes: [Note] = [],
        keepsakes: [String: Secret<String>]? = nil, learned: [Learned.Change] = []
    ) {
        self.next = next
        self.tables = tables
        self.signals = signals
        self.notes = notes
        self.keepsakes = keepsakes
        self.learned = learned
    }
}
