import ConnectorKit
package import SyncCore

/// What people do with schedules: the command line, and a web page. Says what is wrong in sentences
/// (`EngineError.configuration`), and changes nothing then.
package struct ScheduleBook: Sendable {
    private let environment: EngineEnvironment

    package init(_ environment: EngineEnvironment) {
        self.environment = environment
    }

    /// A schedule with what people want to know of it.
    package struct Entry: Sendable {
        package var schedule: Schedule
        /// Those that it is for at the moment.
        package var accounts: [Account]
        package var lastRun: ScheduleRun?
        /// Planned ones, on the present day of its zone.
        package var runsToday: Int
        /// The next runs; none while it is off.
        package var next: [Instant]
    }

    /// How many of the next runs are shown.
    package static let shown = 5

    // MARK: Looking

    package func list(in workspace: WorkspaceID = .first) async throws -> [Entry] {
        let accounts = try await environment.store.accounts()
        var entries: [Entry] = []
        for schedule in try await environment.store.schedules() where schedule.definition.workspace == workspace {
            entries.append(try await entry(schedule, accounts))
        }
        return entries
    }

    package func entry(_ id: ScheduleID) async throws -> Entry {
        guard let schedule = try await environment.store.schedule(id) else { throw ScheduleBook.gone(id) }
        return try await entry(schedule, try await environment.store.accounts())
    }

    /// The schedule of that name, or with that number.
    package func find(_ text: String, in workspace: WorkspaceID = .first) async throws -> Schedule {
        let all = try await environment.store.schedules().filter { $0.definition.workspace == workspace }
        guard let found = all.first(where: { $0.definition.name == text || "\($0.id)" == text }) else {
            throw EngineError.configuration("There is no schedule \(text). `sluice schedules list` shows all.")
        }
        return found
    }

    private func entry(_ schedule: Schedule, _ accounts: [Account]) async throws -> Entry {
        let definition = schedule.definition
        let now = environment.wallClock.now
        var entry = Entry(
            schedule: schedule,
            accounts: accounts.filter(definition.covers),
            lastRun: try await environment.store.runs(of: schedule.id, limit: 1).first, runsToday: 0, next: [])
        guard let zone = try? definition.zone() else { return entry }
        let today = CivilDate(now, in: zone).start(in: zone)
        entry.runsToday = try await environment.store.runCount(of: schedule.id, since: today)
        if let next = schedule.nextRunAt {
            // One in the past is due, and waits for a worker or for the run before.
            let from = max(next, now)
            let done = CivilDate(from, in: zone) == CivilDate(now, in: zone) ? entry.runsToday : 0
            // The day's runs are used up: what is planned is passed over.
            let isSpent = definition.mostRunsPerDay.map { done >= $0 } ?? false
            let later = definition.recurrence.next(
                ScheduleBook.shown - (isSpent ? 0 : 1), after: from, in: zone, aDay: definition.mostRunsPerDay,
                done: isSpent ? done : done + 1)
            entry.next = isSpent ? later : [next] + later
        }
        return entry
    }

    private static func gone(_ id: ScheduleID) -> EngineError {
        .configuration("There is no schedule \(id). `sluice schedules list` shows all.")
    }

    // MARK: Changing

    package func create(_ definition: ScheduleDefinition, by actor: String) async throws -> Entry {
        let definition = try await checked(definition)
        guard let id = try await environment.store.add(definition, nextRunAt: try first(definition), by: actor) else {
            throw ScheduleBook.taken(definition)
        }
        return try await entry(id)
    }

    /// Applies `change` to what is stored now, also when somebody else changes it at the same time.
    package func edit(
        _ id: ScheduleID, by actor: String, _ change: (inout ScheduleDefinition) throws -> Void
    ) async throws -> Entry {
        while true {
            guard let before = try await environment.store.schedule(id) else { throw ScheduleBook.gone(id) }
            var definition = before.definition
            try change(&definition)
            if definition == before.definition { return try await entry(id) }
            definition = try await checked(definition)
            let old = before.definition
            let moves =
                definition.recurrence != old.recurrence || definition.zoneName != old.zoneName
                || definition.isActive != old.isActive || definition.mostRunsPerDay != old.mostRunsPerDay
            let result = try await environment.store.change(
                id, version: before.version, to: definition, nextRunAt: try first(definition), moves: moves, by: actor)
            switch result {
            case .done: return try await entry(id)
            case .nameTaken: throw ScheduleBook.taken(definition)
            case .outdated: continue
            }
        }
    }

    package func setActive(_ isActive: Bool, _ id: ScheduleID, by actor: String) async throws -> Entry {
        try await edit(id, by: actor) { $0.isActive = isActive }
    }

    package func delete(_ id: ScheduleID, by actor: String) async throws {
        guard try await environment.store.delete(id, by: actor) else { throw ScheduleBook.gone(id) }
    }

    /// Starts a run beside the plan; with its jobs. One that was started and has no jobs yet is brought to its end.
    package func run(_ id: ScheduleID) async throws -> ScheduleRun {
        guard let schedule = try await environment.store.schedule(id) else { throw ScheduleBook.gone(id) }
        let name = schedule.definition.name
        let launcher = RunLauncher(environment, worker: "\(name)")
        let reach = try await launcher.reach(of: schedule.definition)
        if reach.isAboutAccounts, reach.accounts.isEmpty {
            throw EngineError.configuration(
                reach.parked.isEmpty
                    ? "The schedule \(name) is for accounts that are not stored yet. Sync one of them first."
                    : "Every connection of the schedule \(name) is parked. Connect again.")
        }
        let started = try await environment.store.turn(id, epoch: nil) {
            $0.byHand.map { reach.limit($0, of: schedule) }
        }
        let last = try await environment.store.runs(of: id, limit: 1).first
        guard let run = started ?? last.flatMap({ $0.state == .pending ? $0 : nil }) else {
            let jobs = (last?.jobs ?? []).filter(\.isBusy).map { "\($0.id)" }.joined(separator: ", ")
            throw EngineError.configuration("The last run of the schedule \(name) still goes on: job \(jobs).")
        }
        try await launcher.launch(run)
        return try await environment.store.runs(of: id, limit: 10).first { $0.id == run.id } ?? run
    }

    /// Makes the standing jobs of a platform, once for a connection, whatever becomes of them. Those that are about no
    /// account come with the platform's first connection only.
    func make(_ templates: [ScheduleTemplate], of connection: ConnectionID) async throws {
        var offered = templates
        if offered.isEmpty { return }
        let all = try await environment.store.connections()
        guard let stored = all.first(where: { $0.id == connection }) else { return }
        let platform = stored.platform
        if all.contains(where: { $0.platform == platform && $0.id < connection }) {
            offered.removeAll { !$0.task.isAboutAccounts }
        }
        let drafts = try offered.map { template in
            var definition = template.definition(of: connection)
            definition.workspace = stored.workspace
            return (definition: definition, nextRunAt: try first(definition))
        }
        _ = try await environment.store.addOnce(drafts, of: connection)
    }

    private func first(_ definition: ScheduleDefinition) throws -> Instant? {
        guard definition.isActive else { return nil }
        return definition.recurrence.next(after: environment.wallClock.now, in: try definition.zone())
    }

    private static func taken(_ definition: ScheduleDefinition) -> EngineError {
        .configuration("There is a schedule \(definition.name) already. Give this one another name.")
    }
}

// MARK: - Checking

extension ScheduleBook {
    /// The same without what is said twice. Throws what is wrong with it.
    private func checked(_ definition: ScheduleDefinition) async throws -> ScheduleDefinition {
        var definition = definition
        definition.name = ScheduleBook.trimmed(definition.name)
        if definition.name.isEmpty || definition.name.count > GivenName.most || Int(definition.name) != nil {
            throw EngineError.configuration("The name of a schedule has 1 to \(GivenName.most) signs and is no number.")
        }
        do {
            _ = try definition.zone()
        } catch {
            throw EngineError.configuration(
                "There is no time zone \(definition.zoneName). Write it like Asia/Ho_Chi_Minh.")
        }
        if let most = definition.mostRunsPerDay, most < 1 {
            throw EngineError.configuration("A schedule runs at least once a day, or has no limit.")
        }
        guard definition.task.isAboutAccounts else {
            guard definition.targets.isEmpty, definition.streams.isEmpty, definition.days == .due else {
                throw EngineError.configuration(
                    "The task \(definition.task.rawValue) is about no account, no stream and no days.")
            }
            return definition
        }
        definition.targets = ScheduleBook.unique(definition.targets)
        definition.streams = ScheduleBook.unique(definition.streams)
        try await checkTargets(definition)
        return definition
    }

    private func checkTargets(_ definition: ScheduleDefinition) async throws {
        if definition.targets.isEmpty {
            throw EngineError.configuration("A schedule needs at least one account.")
        }
        let accounts = try await environment.store.accounts().filter { $0.workspace == definition.workspace }
        let connections = try await environment.store.connections()
            .filter { $0.workspace == definition.workspace }
        var reached: [Connection] = []
        for target in definition.targets {
            let meant: [Connection] =
                switch target {
                case .account(let id):
                    accounts.filter { $0.id == id }.flatMap { account in
                        connections.filter { $0.id == account.connection }
                    }
                case .connection(let id): connections.filter { $0.id == id }
                case .platform(let id): connections.filter { $0.platform == id }
                }
            if meant.isEmpty {
                throw EngineError.configuration("Nothing is stored of \(target). Connect it first.")
            }
            reached += meant
        }
        try checkStreams(definition.streams, reached)
    }

    /// Each name means something to one of the platforms, and each platform has something to read.
    private func checkStreams(_ names: [String], _ connections: [Connection]) throws {
        if names.isEmpty { return }
        var known: Set<String> = []
        var error: (any Error)?
        for connection in connections {
            let type = try environment.connectors.type(of: connection.platform)
            let connector = try type.init(configuration: connection.configuration)
            var isRead = false
            for name in names {
                do {
                    _ = try Control.streams([name], of: connector)
                    known.insert(name)
                    isRead = true
                } catch let unknown {
                    error = unknown
                }
            }
            if !isRead {
                throw EngineError.configuration(
                    "\(type.platform.name) has none of the streams \(names.joined(separator: ", ")).")
            }
        }
        if let error, known.count < names.count { throw error }
    }

    private static func trimmed(_ text: String) -> String {
        let isBlank = { (character: Character) in character.isWhitespace }
        return String(text.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }

    private static func unique<Value: Hashable>(_ values: [Value]) -> [Value] {
        var seen: Set<Value> = []
        return values.filter { seen.insert($0).inserted }
    }
}
