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
        /// When its jobs were looked at, and its days and figures, which cost more.
        var jobsAt = Instant(microseconds: 0)
        var daysAt = Instant(microseconds: 0)
        var isNew = true
        /// Heard of since then.
        var hasNewJobs = false
        var hasNewDays = false

        var isBusy: Bool { !standing.open.isEmpty }
    }

    private let store: any WebStore
    private let environment: EngineEnvironment
    private let stopwatch: Stopwatch
    private var journal: JournalReader
    private var entries: [AccountID: Entry] = [:]
    private var estimates: [JobID: Estimate] = [:]
    private var reached: [JobID: Reached] = [:]
    private var latest: (standings: Standings, at: Duration)?
    /// How many times all accounts were looked through.
    private(set) var passes = 0
    /// How many times the jobs of one were.
    private(set) var looks = 0
    private var running: Task<Standings, any Error>?
    private var next: Task<Standings, any Error>?

    /// So many accounts are looked at again in a pass of which nothing was heard, those first that waited longest: a
    /// page costs the same, however many accounts there are.
    private static let perPass = 32
    /// How old the jobs and days of an account at work may be, and the days of one that stands still.
    private static let busyAge: Duration = .milliseconds(500)
    private static let idleAge: Duration = .seconds(600)

    init(_ store: any WebStore, _ environment: EngineEnvironment) {
        self.store = store
        self.environment = environment
        journal = JournalReader(store)
        stopwatch = Stopwatch(environment.clock)
    }

    /// All accounts of a workspace that are read; those that only receive are shown with what feeds them.
    func standings(of workspace: WorkspaceID) async throws -> [Standing] {
        try await lookThrough()[workspace] ?? []
    }

    func lookThrough() async throws -> Standings {
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
        return try await pass.value
    }

    /// The same, up to a second old: for what stands around a page.
    func recentStandings(of workspace: WorkspaceID) async throws -> [Standing] {
        if let latest, stopwatch.elapsed - latest.at < .seconds(1) { return latest.standings[workspace] ?? [] }
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
        for account in changed ?? Set(entries.keys) {
            entries[account]?.hasNewJobs = true
            entries[account]?.hasNewDays = true
        }
        let now = environment.wallClock.now
        let accounts = try await present(now)
        // Work that goes on counts calls without telling the journal.
        let jobsDue = longest(\.jobsAt) {
            now - $0.jobsAt >= ($0.isBusy ? AccountBoard.busyAge : AccountBoard.idleAge)
        }
        let daysDue = longest(\.daysAt) { AccountBoard.isDue($0, now) }
        let nextRuns = try await nextRuns()
        var standings: Standings = [:]
        for id in accounts {
            guard var entry = entries[id] else { continue }
            let wasBusy = entry.isBusy
            if entry.isNew || entry.hasNewJobs || jobsDue.contains(id) {
                try await addJobs(&entry.standing)
                (entry.jobsAt, entry.hasNewJobs) = (now, false)
            }
            if entry.isNew || daysDue.contains(id) || wasBusy && !entry.isBusy {
                try await addDays(&entry.standing, now)
                (entry.daysAt, entry.hasNewDays) = (now, false)
            }
            entry.isNew = false
            // Schedules pass over what is signed out.
            entry.standing.nextRun =
                entry.standing.connection.parked == nil ? nextRuns(entry.standing.account) : nil
            entries[id] = entry
            standings[entry.standing.account.workspace, default: []].append(entry.standing)
        }
        let open = Set(entries.values.flatMap { $0.standing.open.map(\.id) })
        estimates = estimates.filter { open.contains($0.key) }
        reached = reached.filter { open.contains($0.key) }
        latest = (standings, stopwatch.elapsed)
        return standings
    }

    private func nextRuns() async throws -> (Account) -> Instant? {
        var first: [WorkspaceID: [ScheduleTarget: Instant]] = [:]
        for schedule in try await store.schedules() {
            guard let at = schedule.nextRunAt else { continue }
            for target in schedule.definition.targets {
                let known = first[schedule.definition.workspace]?[target] ?? at
                first[schedule.definition.workspace, default: [:]][target] = min(known, at)
            }
        }
        return { account in
            let targets: [ScheduleTarget] = [
                .account(account.id), .connection(account.connection), .platform(account.platform),
            ]
            return targets.compactMap { first[account.workspace]?[$0] }.min()
        }
    }

    /// Accounts that are read, in their order, each with its entry.
    private func present(_ now: Instant) async throws -> [AccountID] {
        let connections = Dictionary(uniqueKeysWithValues: try await store.connections().map { ($0.id, $0) })
        var present: [AccountID: Entry] = [:]
        var order: [AccountID] = []
        var streams: [ConnectionID: [StreamSchema]] = [:]
        for account in try await store.accounts() {
            guard let connection = connections[account.connection],
                var entry = known(account, connection) ?? begun(account, connection, now, &streams)
            else { continue }
            if entry.standing.account != account || entry.standing.connection.parked != connection.parked {
                entry.hasNewJobs = true
            }
            (entry.standing.account, entry.standing.connection) = (account, connection)
            present[account.id] = entry
            order.append(account.id)
        }
        entries = present
        return order
    }

    private func known(_ account: Account, _ connection: Connection) -> Entry? {
        guard let entry = entries[account.id], entry.standing.account.zoneName == account.zoneName,
            entry.standing.connection.configuration == connection.configuration
        else { return nil }
        return entry
    }

    /// With what does not change with work; nil for one that only receives, or whose platform or zone is unknown.
    private func begun(
        _ account: Account, _ connection: Connection, _ now: Instant, _ known: inout [ConnectionID: [StreamSchema]]
    ) -> Entry? {
        guard let zone = try? account.zone(), let type = try? environment.connectors.type(of: account.platform),
            type.platform.receives == nil
        else { return nil }
        var standing = Standing(
            account: account, connection: connection, platform: type.platform, zone: zone,
            today: CivilDate(now, in: zone), due: AccountBoard.due(now, zone))
        let streams = known[connection.id] ?? (try? type.init(configuration: connection.configuration).streams) ?? []
        known[connection.id] = streams
        let covered = streams.filter { $0.grain != .entity && !$0.isActing }
        standing.order = covered.map(\.id)
        standing.hasDays = covered.contains { $0.grain == .daily }
        standing.changesFor = covered.map(\.reread.settledAfter).max() ?? 0
        standing.streams = Dictionary(grouping: streams.filter { !$0.isActing }, by: \.stage).mapValues { $0.map(\.id) }
        return Entry(standing: standing)
    }

    /// Of those that are due the ones that waited longest.
    private func longest(_ lookedAt: (Entry) -> Instant, where isDue: (Entry) -> Bool) -> Set<AccountID> {
        let due = entries.filter { !$0.value.isNew && isDue($0.value) }
        let first = due.sorted { (lookedAt($0.value), $0.key) < (lookedAt($1.value), $1.key) }
        return Set(first.prefix(AccountBoard.perPass).map(\.key))
    }

    /// Something came in, a day began there, or nobody has looked for long.
    private static func isDue(_ entry: Entry, _ now: Instant) -> Bool {
        let known = entry.standing
        let age = now - entry.daysAt
        return entry.hasNewDays && (!entry.isBusy || age >= busyAge) || age >= idleAge
            || known.today != CivilDate(now, in: known.zone) || known.due != due(now, known.zone)
    }

    /// A day that ended twelve hours ago is there, however seldom it is read.
    private static func due(_ now: Instant, _ zone: TimeZone) -> CivilDate {
        CivilDate(now - .seconds(12 * 3600), in: zone).adding(days: -1)
    }

    private func addJobs(_ standing: inout Standing) async throws {
        looks += 1
        let jobs = try await store.jobs(of: standing.account.id, limit: 8)
        standing.open = jobs.filter { !$0.state.isTerminal }
        standing.newest = jobs.first
        standing.last = jobs.first { $0.state.isTerminal && $0.state != .cancelled }
        (standing.wakes, standing.stages, standing.left, standing.history) = (nil, [], nil, nil)
        standing.failures = []
        if standing.open.isEmpty, let last = standing.last, last.state == .failed {
            standing.failures = try await store.failures(of: last.id)
        }
        try await addProgress(&standing)
    }

    private func addDays(_ standing: inout Standing, _ now: Instant) async throws {
        let today = CivilDate(now, in: standing.zone)
        (standing.today, standing.due) = (today, AccountBoard.due(now, standing.zone))
        guard let days = DayRange(today.adding(days: -89), today), let month = DayRange(today.adding(days: -30), today)
        else { return }
        let account = standing.account
        standing.byStream = try await store.coverage(of: account.id, streams: standing.order, days: days)
        standing.days = Standing.joined(standing.byStream, days, createdOn: account.createdOn)
        guard standing.newest != nil else { return }
        standing.proof = try await store.proofCount(account: account.id)
        standing.figures = try await store.figures(of: account, days: month)
        standing.rows = standing.figures.isEmpty ? AccountBoard.rows(standing.byStream, month) : []
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
        reached[job.id, default: Reached()].note(
            stages.filter { $0.phase == job.phase }.percent(plansMore: job.plansMore), in: job.phase)
        standing.percent = reached[job.id]?.percent ?? 0
        var estimate = estimates[job.id] ?? Estimate()
        estimate.note(requests: job.spent.requests, at: stopwatch.elapsed)
        estimates[job.id] = estimate
        standing.left = job.plansMore ? nil : estimate.left(stages, phase: job.phase)
        // Behind the first time what is older is looked through like all else.
        let isFilling = standing.account.historyCompletedAt == nil
        if job.phase == .history, isFilling, let recent = job.definition.recent {
            let counts = try await store.coverageCounts(of: standing.account.id, before: recent.first)
            let all = counts.filter { $0.key != .notOffered }.values.reduce(0, +)
            let read = (counts[.settled] ?? 0) + (counts[.fresh] ?? 0)
            standing.history = all == 0 ? 0 : Double(read) / Double(all)
        }
    }
}
