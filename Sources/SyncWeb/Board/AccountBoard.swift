import ConnectorKit
import FoundationEssentials
import SyncCore
import SyncEngine
import Synchronization

/// How all accounts stand. What was computed of one stands until its account is heard of in the journal: a page with
/// fifty accounts costs what has changed since the last one.
final class AccountBoard: Sendable {
    private struct Entry {
        var standing: Standing
        var madeAt: Instant
    }

    private struct State {
        var entries: [AccountID: Entry] = [:]
        var estimates: [JobID: Estimate] = [:]
        /// Up to here the journal was read; nil before the first look.
        var heard: Int64?
        /// The newest job that is known: the journal does not tell of those that wait to begin.
        var job = JobID(0)
    }

    private let store: any WebStore
    private let environment: EngineEnvironment
    private let state = Mutex(State())
    private let elapsed: @Sendable () -> Duration

    init(_ store: any WebStore, _ environment: EngineEnvironment) {
        self.store = store
        self.environment = environment
        elapsed = AccountBoard.reading(environment.clock)
    }

    private static func reading<Time: Clock<Duration>>(_ clock: Time) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }

    /// All accounts of a workspace that are read; those that only receive are shown with what feeds them.
    func standings(of workspace: WorkspaceID) async throws -> [Standing] {
        let accounts = try await store.accounts().filter { account in
            guard account.workspace == workspace else { return false }
            return (try? environment.connectors.type(of: account.platform))?.platform.receives == nil
        }
        return try await standings(of: accounts)
    }

    func standing(of account: Account) async throws -> Standing? { try await standings(of: [account]).first }

    private func standings(of accounts: [Account]) async throws -> [Standing] {
        let changed = try await changes()
        let now = environment.wallClock.now
        let connections = Dictionary(
            uniqueKeysWithValues: try await store.connections().map { ($0.id, $0) })
        let schedules = try await store.schedules().filter { $0.nextRunAt != nil }
        var standings: [Standing] = []
        for account in accounts {
            guard let connection = connections[account.connection] else { continue }
            var standing: Standing
            if let known = known(account, connection, changed, now) {
                standing = known
            } else {
                guard let made = try await make(account, connection, now) else { continue }
                state.withLock { $0.entries[account.id] = Entry(standing: made, madeAt: now) }
                standing = made
            }
            standing.connection = connection
            standing.nextRun = schedules.filter { $0.definition.covers(account) }.compactMap(\.nextRunAt).min()
            standings.append(standing)
        }
        return standings
    }

    /// Accounts that the journal tells of since the last look; nil for all.
    private func changes() async throws -> Set<AccountID>? {
        let (known, job) = state.withLock { ($0.heard, $0.job) }
        var changed: Set<AccountID> = []
        if let started = try await store.jobs(after: job) {
            changed = started.accounts
            state.withLock { $0.job = max($0.job, started.last) }
        }
        guard let heard = known else {
            let last = try await store.lastEvent()
            state.withLock { $0.heard = last }
            return nil
        }
        var mark = heard
        while true {
            let events = try await store.events(after: mark, limit: 500)
            changed.formUnion(events.compactMap(\.account))
            guard let last = events.last else { break }
            mark = last.id
            if events.count < 500 { break }
        }
        let end = mark
        state.withLock { state in
            state.heard = max(state.heard ?? 0, end)
            for account in changed { state.entries[account]?.madeAt = Instant(microseconds: 0) }
        }
        return changed
    }

    /// What was computed, while it is good: work that goes on counts calls without telling the journal.
    private func known(
        _ account: Account, _ connection: Connection, _ changed: Set<AccountID>?, _ now: Instant
    ) -> Standing? {
        guard changed != nil, let entry = state.withLock({ $0.entries[account.id] }) else { return nil }
        var known = entry.standing
        let age: Duration = known.open.isEmpty ? .seconds(60) : .milliseconds(500)
        guard now - entry.madeAt < age, known.account == account,
            known.connection.parked == connection.parked
        else { return nil }
        known.account = account
        return known
    }

    private func make(_ account: Account, _ connection: Connection, _ now: Instant) async throws -> Standing? {
        guard let type = try? environment.connectors.type(of: account.platform), let zone = try? account.zone() else {
            return nil
        }
        let today = CivilDate(now, in: zone)
        var standing = Standing(
            account: account, connection: connection, platform: type.platform, zone: zone, today: today)
        let jobs = try await store.jobs(of: account.id, limit: 8)
        standing.open = jobs.filter { !$0.state.isTerminal }
        standing.newest = jobs.first
        standing.last = jobs.first { $0.state.isTerminal && $0.state != .cancelled }
        guard let days = DayRange(today.adding(days: -89), today) else { return nil }
        let streams = (try? type.init(configuration: connection.configuration).streams) ?? []
        let covered = streams.filter { $0.grain != .entity && !$0.isActing }.map(\.id)
        standing.order = covered
        standing.streams = Dictionary(grouping: streams.filter { !$0.isActing }, by: \.stage).mapValues { $0.map(\.id) }
        standing.byStream = try await store.coverage(of: account.id, streams: covered, days: days)
        standing.days = Standing.joined(standing.byStream, days, createdOn: account.createdOn)
        if !jobs.isEmpty, let month = DayRange(today.adding(days: -30), today) {
            standing.figures = try await store.figures(of: account, days: month)
            if standing.figures.isEmpty { standing.rows = AccountBoard.rows(standing.byStream, month) }
        }
        try await addProgress(&standing)
        return standing
    }

    private static func rows(_ cells: [StreamID: [CoverageCell]], _ days: DayRange) -> [Int64] {
        var byDay: [CivilDate: Int] = [:]
        for cells in cells.values { for cell in cells { byDay[cell.day, default: 0] += cell.rows } }
        return days.days.map { Int64(byDay[$0] ?? 0) }
    }

    private func addProgress(_ standing: inout Standing) async throws {
        guard let job = standing.shown else { return }
        if job.state == .waiting { standing.wakes = try await store.wakes(job.id) }
        let stages = try await store.stages(of: job.id)
        standing.stages = stages
        let at = elapsed()
        standing.left = state.withLock { state in
            // Jobs that ended leave their estimates behind.
            if state.estimates.count > 512 { state.estimates.removeAll() }
            var estimate = state.estimates[job.id] ?? Estimate()
            estimate.note(requests: job.spent.requests, at: at)
            state.estimates[job.id] = estimate
            return estimate.left(stages, phase: job.phase)
        }
        if job.phase == .history, let recent = job.definition.recent {
            let counts = try await store.coverageCounts(of: standing.account.id, before: recent.first)
            let all = counts.filter { $0.key != .notOffered }.values.reduce(0, +)
            let read = (counts[.settled] ?? 0) + (counts[.fresh] ?? 0)
            standing.history = all == 0 ? 0 : Double(read) / Double(all)
        }
    }
}
