package import FoundationEssentials

package struct ScheduleID: RowID {
    package let value: Int64
    package init(_ value: Int64) { self.value = value }
}

package struct ScheduleRunID: RowID {
    package let value: Int64
    package init(_ value: Int64) { self.value = value }
}

/// What a schedule does when it is due.
package enum ScheduleTask: String, Sendable, Hashable, CaseIterable {
    /// A job for each of its accounts.
    case sync
    /// Gives back what workers hold that are gone.
    case rescue
    /// Takes out of the queue what was finished long ago.
    case prune

    package var isAboutAccounts: Bool { self == .sync }
}

/// What becomes of runs that were not started in time: nobody worked, or the run before still went on.
package enum MissedPolicy: String, Sendable, Hashable, CaseIterable {
    /// They are left out.
    case skip
    /// One run makes up for all of them, as soon as can be.
    case once
    /// Each is made up for, one after the other.
    case all
}

/// Which accounts a schedule is for. Whole connections and platforms bring accounts along that are stored later.
package enum ScheduleTarget: Sendable, Hashable {
    case account(AccountID)
    case connection(ConnectionID)
    case platform(PlatformID)
}

extension ScheduleTarget: CustomStringConvertible {
    /// `account:7`, `connection:1`, `platform:meta`: as it is stored.
    package var description: String {
        switch self {
        case .account(let id): "account:\(id)"
        case .connection(let id): "connection:\(id)"
        case .platform(let id): "platform:\(id)"
        }
    }

    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        switch parts[0] {
        case "account":
            guard let id = Int64(parts[1]) else { return nil }
            self = .account(AccountID(id))
        case "connection":
            guard let id = Int64(parts[1]) else { return nil }
            self = .connection(ConnectionID(id))
        case "platform": self = .platform(PlatformID(parts[1]))
        default: return nil
        }
    }

    package func covers(_ account: Account) -> Bool {
        switch self {
        case .account(let id): account.id == id
        case .connection(let id): account.connection == id
        case .platform(let id): account.platform == id
        }
    }
}

/// Which days a run reads.
package enum ScheduleDays: Sendable, Hashable {
    /// All that is due, as a sync without dates does.
    case due
    /// Counted from the day on which the run was due, in the account's zone.
    case named(NamedRange)
    case custom(DayRange)

    package func days(today: CivilDate) -> DayRange? {
        switch self {
        case .due: nil
        case .named(let range): range.days(today: today)
        case .custom(let days): days
        }
    }

    /// Days that were read before are read again.
    package var isBackfill: Bool {
        switch self {
        case .due, .named(.today), .named(.yesterday): false
        case .named, .custom: true
        }
    }
}

/// What people decide of a schedule.
package struct ScheduleDefinition: Sendable, Hashable {
    package var workspace: WorkspaceID
    /// Different from that of all others in the workspace.
    package var name: String
    package var task: ScheduleTask
    /// Empty only for tasks that are about no account.
    package var targets: [ScheduleTarget]
    /// Names or aliases; empty for all.
    package var streams: [String]
    package var recurrence: Recurrence
    package var zoneName: String
    package var days: ScheduleDays
    package var missed: MissedPolicy
    /// Planned runs in a day of its zone; nil for no limit.
    package var mostRunsPerDay: Int?
    package var isActive: Bool

    package init(
        workspace: WorkspaceID = .first, name: String, task: ScheduleTask = .sync, targets: [ScheduleTarget] = [],
        streams: [String] = [], recurrence: Recurrence, zoneName: String, days: ScheduleDays = .due,
        missed: MissedPolicy = .once,
        mostRunsPerDay: Int? = nil, isActive: Bool = true
    ) {
        self.workspace = workspace
        self.name = name
        self.task = task
        self.targets = targets
        self.streams = streams
        self.recurrence = recurrence
        self.zoneName = zoneName
        self.days = days
        self.missed = missed
        self.mostRunsPerDay = mostRunsPerDay
        self.isActive = isActive
    }

    package func zone() throws(AccountZone.UnknownZone) -> TimeZone { try AccountZone.named(zoneName) }

    package func covers(_ account: Account) -> Bool {
        account.workspace == workspace && targets.contains { $0.covers(account) }
    }
}

/// A schedule as stored.
package struct Schedule: Sendable, Hashable {
    package var id: ScheduleID
    package var definition: ScheduleDefinition
    /// Grows with every change by a person; compare-and-set.
    package var version: Int
    /// When it is due next; in the past when it waits for its last run to end. Nil while it is off.
    package var nextRunAt: Instant?
    /// Parked connections that were told of.
    package var held: Set<ConnectionID>
    package var createdAt: Instant

    package init(
        id: ScheduleID, definition: ScheduleDefinition, version: Int, nextRunAt: Instant?,
        held: Set<ConnectionID> = [], createdAt: Instant
    ) {
        self.id = id
        self.definition = definition
        self.version = version
        self.nextRunAt = nextRunAt
        self.held = held
        self.createdAt = createdAt
    }
}

/// One run of a schedule. The run before never still goes on when one begins.
package struct ScheduleRun: Sendable, Hashable {
    package var id: ScheduleRunID
    package var schedule: ScheduleID
    /// When it was due; of a schedule no two runs are for the same moment.
    package var plannedAt: Instant
    package var startedAt: Instant
    /// `pending` until all its jobs are there, `waiting` when what is left of it waits for credentials.
    package var state: WorkState
    /// A person asked for it, beside the plan.
    package var isManual: Bool
    package var finishedAt: Instant?
    package var jobs: [RunJob]

    package struct RunJob: Sendable, Hashable {
        package var id: JobID
        package var state: WorkState
        package var waitReason: WaitReason?

        package init(id: JobID, state: WorkState, waitReason: WaitReason? = nil) {
            self.id = id
            self.state = state
            self.waitReason = waitReason
        }

        /// A job that waits for a credential may wait for days, and holds up no other account.
        package var isBusy: Bool { !state.isTerminal && waitReason != .credential }
    }

    package init(
        id: ScheduleRunID, schedule: ScheduleID, plannedAt: Instant, startedAt: Instant, state: WorkState,
        isManual: Bool, finishedAt: Instant? = nil, jobs: [RunJob] = []
    ) {
        self.id = id
        self.schedule = schedule
        self.plannedAt = plannedAt
        self.startedAt = startedAt
        self.state = state
        self.isManual = isManual
        self.finishedAt = finishedAt
        self.jobs = jobs
    }

    /// The state to which its jobs have brought it, once they are all there; nil while one of them goes on.
    package var outcome: WorkState? {
        if jobs.contains(where: \.isBusy) { return nil }
        if jobs.contains(where: { !$0.state.isTerminal }) { return .waiting }
        if jobs.contains(where: { $0.state == .failed }) { return .failed }
        return jobs.contains { $0.state == .completed } ? .completed : .cancelled
    }
}
