package import FoundationEssentials

/// An account as the control tables hold it.
package struct Account: Sendable, Hashable {
    package var id: AccountID
    /// Its connection's.
    package var workspace: WorkspaceID
    package var connection: ConnectionID
    package var platform: PlatformID
    /// The platform's own id in its shortest form (`1000001`, without `act_`): the value of `account_id`.
    package var externalID: String
    package var name: String
    /// Its short name in addresses, where the platform has one.
    package var handle: String?
    /// ISO 4217.
    package var currency: String
    package var zoneName: String
    /// The day the account came into being, in its own zone; nil when the platform does not say.
    package var createdOn: CivilDate?
    package var recentCompletedAt: Instant?
    package var historyCompletedAt: Instant?
    package var lastSyncedAt: Instant?
    /// The account of a platform that receives to which its rows go on.
    package var destination: AccountID?
    /// Since when: what was read before did not go there.
    package var routedAt: Instant?
    /// False when rows only go on.
    package var keepsRows: Bool

    package init(
        id: AccountID, workspace: WorkspaceID = .first, connection: ConnectionID, platform: PlatformID,
        externalID: String, name: String, currency: String, zoneName: String, createdOn: CivilDate? = nil,
        recentCompletedAt: Instant? = nil,
        historyCompletedAt: Instant? = nil, lastSyncedAt: Instant? = nil, destination: AccountID? = nil,
        keepsRows: Bool = true, handle: String? = nil, routedAt: Instant? = nil
    ) {
        self.id = id
        self.workspace = workspace
        self.connection = connection
        self.platform = platform
        self.externalID = externalID
        self.name = name
        self.currency = currency
        self.zoneName = zoneName
        self.createdOn = createdOn
        self.recentCompletedAt = recentCompletedAt
        self.historyCompletedAt = historyCompletedAt
        self.lastSyncedAt = lastSyncedAt
        self.destination = destination
        self.routedAt = routedAt
        self.keepsRows = keepsRows
        self.handle = handle
    }

    package func zone() throws -> TimeZone { try AccountZone.named(zoneName) }
}

extension Account {
    /// People and programs may write an ad account of Meta as its node, `act_1000001`; no other ids begin so.
    package static func fits(_ text: String, _ externalID: String) -> Bool {
        text == externalID || text == "act_" + externalID
    }

    /// By its number here, or by the platform's.
    package func isCalled(_ text: String) -> Bool { text == "\(id)" || Account.fits(text, externalID) }
}

/// What a chunk is to do: frozen when it is planned, narrowed only by a split.
package struct ChunkSpec: Sendable, Hashable, Codable {
    package var stream: StreamID
    package var phase: Phase
    /// Days to read, for streams of days and for posts.
    package var days: DayRange?
    /// Ids to read and no others.
    package var entities: EntitySet?
    /// Row columns to read beside the key, when a report was split by fields; nil for all.
    package var fields: [String]?
    /// The connector's own word for how to read (`list`, `changed`, `report`); empty for the usual way.
    package var mode: String

    package init(
        stream: StreamID, phase: Phase, days: DayRange? = nil, entities: EntitySet? = nil, fields: [String]? = nil,
        mode: String = ""
    ) {
        self.stream = stream
        self.phase = phase
        self.days = days
        self.entities = entities
        self.fields = fields
        self.mode = mode
    }
}

/// Some entities by external id. `column` is the column of the stream's table that holds such ids.
package struct EntitySet: Sendable, Hashable, Codable {
    package var column: String
    package var ids: [String]

    package init(column: String, ids: [String]) {
        self.column = column
        self.ids = ids
    }
}

/// A chunk in the hands of a worker.
package struct ClaimedChunk: Sendable, Hashable {
    package var id: ChunkID
    package var job: JobID
    package var account: AccountID
    package var spec: ChunkSpec
    /// Where the last committed batch ended, in the connector's own form; nil at the start.
    package var cursor: String?
    package var workClass: WorkClass
    /// The job's day of today.
    package var anchor: CivilDate
    /// Of the first claim.
    package var startedAt: Instant
    /// Guards every write of this claim.
    package var fence: Int64
    /// Writes about the chunk so far, of all its claims.
    package var batches: Int
    /// Real failures so far.
    package var retryCount: Int
    package var maxRetries: Int

    package init(
        id: ChunkID, job: JobID, account: AccountID, spec: ChunkSpec, cursor: String? = nil,
        workClass: WorkClass, anchor: CivilDate, startedAt: Instant, fence: Int64, batches: Int = 0,
        retryCount: Int = 0,
        maxRetries: Int = 6
    ) {
        self.id = id
        self.job = job
        self.account = account
        self.spec = spec
        self.cursor = cursor
        self.workClass = workClass
        self.anchor = anchor
        self.startedAt = startedAt
        self.fence = fence
        self.batches = batches
        self.retryCount = retryCount
        self.maxRetries = maxRetries
    }
}

/// What an attempt used up; added to the chunk's and the job's counters in the same transaction.
package struct Spent: Sendable, Hashable {
    package var requests = 0
    package var throttled = 0
    package var retries = 0
    package var bytes = 0
    package var busy: Duration = .zero

    package init(requests: Int = 0, throttled: Int = 0, retries: Int = 0, bytes: Int = 0, busy: Duration = .zero) {
        self.requests = requests
        self.throttled = throttled
        self.retries = retries
        self.bytes = bytes
        self.busy = busy
    }

    package static func += (left: inout Spent, right: Spent) {
        left.requests += right.requests
        left.throttled += right.throttled
        left.retries += right.retries
        left.bytes += right.bytes
        left.busy += right.busy
    }
}
