import ConnectorKit
import FoundationEssentials
import SyncCore

/// How an account stands at a moment: what the dashboard and its page show of it.
struct Standing: Sendable {
    var account: Account
    var connection: Connection
    var platform: Platform
    var zone: TimeZone
    /// In the account's zone.
    var today: CivilDate
    /// The last day of which something should be there by now: a day that ended twelve hours ago.
    var due: CivilDate
    /// Those that are not at their end, the newest first.
    var open: [Job] = []
    /// The newest that is at its end, but for those that were cancelled.
    var last: Job?
    /// The newest of all.
    var newest: Job?
    /// What failed in `last`, while nothing goes on.
    var failures: [FailedChunks] = []
    /// When the first waiting chunk comes back.
    var wakes: Instant?
    var nextRun: Instant?
    /// The last 90 days to today, all streams together.
    var days: [CoverageState] = []
    var byStream: [StreamID: [CoverageCell]] = [:]
    /// Streams as the platform shows them, and those of each stage.
    var streams: [String: [StreamID]] = [:]
    var order: [StreamID] = []
    /// Some of it are numbers by day.
    var hasDays = true
    /// Days of this age may still change.
    var changesFor = 0
    /// How far it equals its platform's own totals.
    var proof = ProofCount()
    /// The last 31 days to today, by day and currency.
    var figures: [DayFigures] = []
    /// Rows of the last 31 days by day, for platforms without figures.
    var rows: [Int64] = []
    var stages: [StageProgress] = []
    /// How far `shown` was told to be in its phase.
    var percent = 0
    var left: Estimate.Left?
    /// How much of what is older than 90 days is there, 0...1; nil when nobody fills it in.
    var history: Double?

    enum State: Sendable, Equatable {
        /// Its credential was rejected.
        case signedOut
        /// Chunks of the last run failed, and none goes on.
        case failed(chunks: Int)
        /// The next step of an open run cannot be planned, and why.
        case stuck(String)
        case paused
        case waits(until: Instant?)
        /// The first 90 days are coming.
        case arriving
        case queued
        /// Current, but some days failed or lack something, and are read again.
        case repairing(days: Int)
        /// Days that should be there are being read.
        case catchingUp(days: Int)
        /// Since this day nothing was read; nothing is on the way, or not before the next run.
        case behind(since: CivilDate, isPlanned: Bool)
        /// Current, but some days differ from the platform's own totals, and reading them again did not change it.
        case differs(days: Int)
        case complete
        /// Only what was asked for is there: some days, some streams.
        case partial
        /// Nothing was ever asked for.
        case untouched
    }

    enum Group: Sendable { case needs, waits, complete }

    var state: State {
        if connection.parked != nil { return .signedOut }
        let isPaused = open.contains { $0.waitReason == .paused }
        if isPaused { return .paused }
        if let why = open.lazy.compactMap(\.stuck).first { return .stuck(why) }
        if account.recentCompletedAt == nil {
            if let job = open.first {
                if job.state == .waiting, job.waitReason == .quota { return .waits(until: wakes) }
                return job.state == .pending ? .queued : .arriving
            }
            if let last, last.state == .failed { return .failed(chunks: last.failedChunks) }
            return last == nil ? .untouched : .partial
        }
        if open.contains(where: { $0.state == .waiting && $0.waitReason == .quota }) { return .waits(until: wakes) }
        let bad = days.count { $0 == .failed }
        if open.isEmpty, let last, last.state == .failed { return .failed(chunks: last.failedChunks) }
        if bad > 0 { return .repairing(days: bad) }
        let unread = unread
        guard let first = unread.first else {
            if proof.repairing > 0, !open.isEmpty { return .repairing(days: proof.repairing) }
            return proof.gaps > 0 ? .differs(days: proof.gaps) : .complete
        }
        return open.isEmpty ? .behind(since: first, isPlanned: nextRun != nil) : .catchingUp(days: unread.count)
    }

    /// Days that the platform offers, that are due, and that were never read. A platform without days is as current as
    /// its last sync.
    private var unread: [CivilDate] {
        guard !days.isEmpty else {
            guard let last = account.lastSyncedAt.map({ CivilDate($0, in: zone) }), last < due else { return [] }
            return DayRange(last.adding(days: 1), due)?.days ?? []
        }
        let first = today.adding(days: 1 - days.count)
        return days.indices.filter { !days[$0].isRead && days[$0] != .notOffered && days[$0] != .failed }
            .map { first.adding(days: $0) }.filter { $0 <= due }
    }

    var group: Group {
        switch state {
        case .signedOut, .failed, .stuck, .behind(_, isPlanned: false): .needs
        case .paused, .waits, .arriving, .queued, .repairing, .catchingUp, .behind, .differs, .partial, .untouched:
            .waits
        case .complete: .complete
        }
    }

    /// The open job whose progress is worth showing.
    var shown: Job? { open.first { $0.definition.kind == .initial } ?? open.first }

    /// One state for a day of several streams: what is worst, and what is not there at all is missing. None for a
    /// platform without days.
    static func joined(_ cells: [StreamID: [CoverageCell]], _ days: DayRange, createdOn: CivilDate?) -> [CoverageState]
    {
        let streams = cells.values.filter { !$0.isEmpty }
        var byDay: [CivilDate: [CoverageState]] = [:]
        for cells in streams { for cell in cells { byDay[cell.day, default: []].append(cell.state) } }
        guard !byDay.isEmpty else { return [] }
        let order: [CoverageState] = [.failed, .running, .queued, .missing, .fresh, .settled]
        return days.days.map { day in
            if let createdOn, day < createdOn { return .notOffered }
            let states = byDay[day] ?? []
            return order.first(where: states.contains) ?? (states.isEmpty ? .missing : .notOffered)
        }
    }
}

extension CoverageState {
    /// Read, whether it may still change or not.
    var isRead: Bool { self == .fresh || self == .settled }
}
