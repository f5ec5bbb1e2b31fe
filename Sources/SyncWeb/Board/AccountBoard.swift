import ConnectorKit
import FoundationEssentials
import SyncCore
import SyncEngine

/// How all accounts stand. What was computed of one stands until its account is heard of in the journal: a page with
/// a thousand accounts costs what has changed since the last one.
///
/// One pass at a time looks through all accounts. Those who ask while it runs share the one behind it, which sees
/// whatever was there before they asked.
actor AccountBoard {
    typealias Standings = [WorkspaceID: [Standing]]

    private struct Entry {
        var standing: Standing
        var madeAt: Instant
    }

    private let store: any WebStore
    private let environment: EngineEnvironment
    private let elapsed: @Sendable () -> Duration
    private var journal: JournalReader
    private var entries: [AccountID: Entry] = [:]
    private var estimates: [JobID: Estimate] = [:]
    private var latest: (standings: Standings, at: Duration)?
    /// How many times all accounts were looked through.
    private(set) var passes = 0
    private var running: Task<Standings, any Error>?
    private var next: Task<Standings, any Error>?

    /// Of accounts that stand still so many are looked at again in a pass, when their day is over or this time is.
    private static let idlePerPass = 16
    private static let idleAge: Duration = .seconds(600)

    init(_ store: any WebStore, _ environment: EngineEnvironment) {
        self.store = store
        self.environment = environment
        journal = JournalReader(store)
        elapsed = AccountBoard.reading(environment.clock)
    }

    private static func reading<Time: Clock<Duration>>(_ clock: Time) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }

    /// All accounts of a workspace that are read; those that only receive are shown with what feeds them.
    func standings(of workspace: WorkspaceID) async throws -> [Standing] {
        let pass: Task<Standings, any Error>
        if let running {
            pass =
                next
                ?? Task { [self] in
                    _ = await running.result
                    return try await lead()
                }
            next = pass
        } else {
            // Shared by all who ask, so it belongs to none of them.
            pass = Task { [self] in try await look() }
            running = pass
        }
        return try await pass.value[workspace] ?? []
    }

    /// The same, up to a second old: for what stands around a page.
    func recentStandings(of workspace: WorkspaceID) async throws -> [Standing] {
        if let latest, elapsed() - latest.at < .seconds(1) { return latest.standings[workspace] ?? [] }
        return try await standings(of: workspace)
    }

    func standing(of account: Account) async throws -> Standing? {
        try await standings(of: account.workspace).first { $0.account.id == account.id }
    }

    /// The pass that waited is the one that runs.
    private func lead() async throws -> Standings {
        running = next
        next = nil
        return try await look()
    }

    private func look() async throws -> Standings {
        defer { if next == nil { running = nil } }
        passes += 1
        var reader = journal
        let changed = try await reader.changes()
        journal = reader
        if let changed {
            for account in changed { entries[account]?.madeAt = Instant(microseconds: 0) }
        } else {
            entries = [:]
        }
        let now = environment.wallClock.now
        let connections = Dictionary(uniqueKeysWithValues: try await store.connections().map { ($0.id, $0) })
        let schedules = try await store.schedules().filter { $0.nextRunAt != nil }
        let busyAge = Duration.milliseconds(500 + 5 * entries.values.count { !$0.standing.open.isEmpty })
        var idle = AccountBoard.idlePerPass
        var kept: [AccountID: Entry] = [:]
        var standings: Standings = [:]
        for account in try await store.accounts() {
            guard let connection = connections[account.connection],
                let type = try? environment.connectors.type(of: account.platform), type.platform.receives == nil
            else { continue }
            var entry: Entry
            if let known = entries[account.id], isGood(known, account, connection, now, busyAge, &idle) {
                entry = known
            } else {
                guard let standing = try await make(account, connection, type, now) else { continue }
                entry = Entry(standing: standing, madeAt: now)
            }
            kept[account.id] = entry
            entry.standing.connection = connection
            entry.standing.nextRun = schedules.filter { $0.definition.covers(account) }.compactMap(\.nextRunAt).min()
            standings[account.workspace, default: []].append(entry.standing)
        }
        entries = kept
        let open = Set(kept.values.flatMap { $0.standing.open.map(\.id) })
        estimates = estimates.filter { open.contains($0.key) }
        latest = (standings, elapsed())
        return standings
    }

    /// Work that goes on counts calls without telling the journal.
    private func isGood(
        _ entry: Entry, _ account: Account, _ connection: Connection, _ now: Instant, _ busyAge: Duration,
        _ idle: inout Int
    ) -> Bool {
        let known = entry.standing
        guard known.account == account, known.connection.parked == connection.parked else { return false }
        if !known.open.isEmpty { return now - entry.madeAt < busyAge }
        // Heard of in the journal.
        guard entry.madeAt > Instant(microseconds: 0) else { return false }
        let isOver = now - entry.madeAt >= AccountBoard.idleAge || known.due != AccountBoard.due(now, known.zone)
        guard isOver || known.today != CivilDate(now, in: known.zone) else { return true }
        idle -= 1
        return idle < 0
    }

    /// A day that ended twelve hours ago is there, however seldom it is read.
    private static func due(_ now: Instant, _ zone: TimeZone) -> CivilDate {
        CivilDate(now - .seconds(12 * 3600), in: zone).adding(days: -1)
    }

    private func make(
        _ account: Account, _ connection: Connection, _ type: any Connector.Type, _ now: Instant
    ) async throws -> Standing? {
        guard let zone = try? account.zone() else { return nil }
        let today = CivilDate(now, in: zone)
        var standing = Standing(
            account: account, connection: connection, platform: type.platform, zone: zone, today: today,
            due: AccountBoard.due(now, zone))
        let jobs = try await store.jobs(of: account.id, limit: 8)
        standing.open = jobs.filter { !$0.state.isTerminal }
        standing.newest = jobs.first
        standing.last = jobs.first { $0.state.isTerminal && $0.state != .cancelled }
        guard let days = DayRange(today.adding(days: -89), today) else { return nil }
        let streams = (try? type.init(configuration: connection.configuration).streams) ?? []
        let covered = streams.filter { $0.grain != .entity && !$0.isActing }
        standing.order = covered.map(\.id)
        standing.changesFor = covered.map(\.reread.settledAfter).max() ?? 0
        standing.streams = Dictionary(grouping: streams.filter { !$0.isActing }, by: \.stage).mapValues { $0.map(\.id) }
        standing.byStream = try await store.coverage(of: account.id, streams: standing.order, days: days)
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
        var estimate = estimates[job.id] ?? Estimate()
        estimate.note(requests: job.spent.requests, at: elapsed())
        estimates[job.id] = estimate
        standing.left = estimate.left(stages, phase: job.phase)
        if job.phase == .history, let recent = job.definition.recent {
            let counts = try await store.coverageCounts(of: standing.account.id, before: recent.first)
            let all = counts.filter { $0.key != .notOffered }.values.reduce(0, +)
            let read = (counts[.settled] ?? 0) + (counts[.fresh] ?? 0)
            standing.history = all == 0 ? 0 : Double(read) / Double(all)
        }
    }
}
