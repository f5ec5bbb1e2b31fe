import ConnectorKit
import Logging
import SyncCore

/// Does what a run of a schedule is for: a job for each account, or a task of the engine. May be told again after a
/// crash: no job is made twice.
struct RunLauncher: Sendable {
    let environment: EngineEnvironment
    let worker: String
    let isStopping: @Sendable () -> Bool

    init(_ environment: EngineEnvironment, worker: String, isStopping: @escaping @Sendable () -> Bool = { false }) {
        self.environment = environment
        self.worker = worker
        self.isStopping = isStopping
    }

    // MARK: Whom it reaches

    /// What a schedule can be started for at the moment.
    struct Reach: Sendable {
        var accounts: [Account] = []
        /// Of those that it is for.
        var parked: [Connection] = []
        var isAboutAccounts: Bool

        /// Starts nothing where nobody is reached, and tells once of each connection that is parked.
        func limit(_ turn: ScheduleTurn, of schedule: Schedule) -> ScheduleTurn {
            var turn = turn
            if isAboutAccounts, accounts.isEmpty {
                turn.start = nil
                turn.news = []
            }
            turn.held = Set(parked.map(\.id))
            turn.news += parked.filter { !schedule.held.contains($0.id) }
                .map { .held(schedule.definition.name, connection: "\($0.platform)/\($0.name)") }
            return turn
        }
    }

    func reach(of definition: ScheduleDefinition) async throws -> Reach {
        guard definition.task.isAboutAccounts else { return Reach(isAboutAccounts: false) }
        let accounts = try await environment.store.accounts()
            .filter(definition.covers)
        let connections = Set(accounts.map(\.connection))
        let parked = try await environment.store.connections()
            .filter { connections.contains($0.id) && $0.parked != nil }
        let held = Set(parked.map(\.id))
        return Reach(
            accounts: accounts.filter { !held.contains($0.connection) }, parked: parked, isAboutAccounts: true)
    }

    // MARK: Doing it

    func launch(_ run: ScheduleRun) async throws {
        guard let definition = try await environment.store.schedule(run.schedule)?.definition else { return }
        switch definition.task {
        case .sync: try await sync(run, definition)
        case .rescue:
            _ = try await environment.store.rescue()
            try await environment.store.move(run.id, to: .completed, news: [])
        case .prune:
            try await Upkeep(environment, worker: worker).prune(until: isStopping)
            try await environment.store.move(run.id, to: .completed, news: [])
        }
    }

    private func sync(_ run: ScheduleRun, _ definition: ScheduleDefinition) async throws {
        let accounts = try await reach(of: definition).accounts
        var news: [ScheduleNews] = []
        var jobs = run.jobs.count
        let byConnection = Dictionary(grouping: accounts, by: \.connection)
        for connection in byConnection.keys.sorted() {
            let accounts = byConnection[connection] ?? []
            do {
                jobs += try await sync(run, definition, connection, accounts)
            } catch let error where RunLauncher.isTold(error) {
                news.append(.failed(definition.name, account: accounts.first?.id, why: "\(error)"))
                environment.logger.error("schedule failed", metadata: ["run": "\(run.id)", "error": "\(error)"])
            }
        }
        let state: WorkState = jobs > 0 ? .inProgress : news.isEmpty ? .cancelled : .failed
        try await environment.store.move(run.id, to: state, news: news)
    }

    /// Trouble with what was asked for does not pass by itself; that of the database comes up, and is tried again.
    private static func isTold(_ error: any Error) -> Bool {
        switch error {
        case is EngineError, is ConfigurationError, is AccountZone.UnknownZone: true
        case StoreError.refused, StoreError.misfit, StoreError.inconsistent: true
        default: false
        }
    }

    /// How many jobs there are for the accounts of a connection.
    private func sync(
        _ run: ScheduleRun, _ definition: ScheduleDefinition, _ connection: ConnectionID, _ accounts: [Account]
    ) async throws -> Int {
        guard let stored = try await environment.store.connection(connection) else { return 0 }
        let connector = try environment.connectors.type(of: stored.platform).init(configuration: stored.configuration)
        // Of streams of several platforms those that this one has.
        let names = definition.streams.filter { (try? Control.streams([$0], of: connector)) != nil }
        if names.isEmpty, !definition.streams.isEmpty { return 0 }
        let streams = try Control.streams(names, of: connector)
        try Control.checkPlan(streams, of: stored, type(of: connector).platform)
        try await environment.store.prepare(connector.streams)
        let control = Control(environment)
        var count = 0
        for account in accounts {
            let today = CivilDate(run.plannedAt, in: try account.zone())
            let order = Control.Order(
                streams: names, days: definition.days.days(today: today),
                kind: definition.days.isBackfill ? .backfill : .scheduled)
            let (job, _) = try control.newJob(order, account, streams, of: connector)
            if try await environment.store.enqueue(job, for: run.id) != nil { count += 1 }
        }
        return count
    }
}
