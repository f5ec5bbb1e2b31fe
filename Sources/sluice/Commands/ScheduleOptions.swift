import ArgumentParser
import SyncCore
import SyncEngine

/// What people may decide of a schedule; the same to make one and to change it.
struct ScheduleOptions: ParsableArguments {
    @Option(
        help: .said(
            "A stored account, like meta/act_1000001, or meta/all for all accounts of a platform, later ones too. May "
                + "be given again.", "platform/id"))
    var account: [String] = []

    @Option(help: .said("Only these streams, with commas between; all for all.", "names")) var streams: String?

    @Option(help: .said("Another word for --streams: all, campaigns, coupons, purchases.", "type")) var type: String?

    @Option(help: .said("Again and again: 10m, 15m, 30m, 1h, 2h, 6h, 12h, 24h, counted from midnight.", "interval"))
    var every: String?

    @Option(help: .said("At times of the day: 08:00,14:30.", "times")) var at: String?

    @Option(help: .said("With --at: only on these days of the week, mon,fri.", "days")) var on: String?

    @Option(
        help: .said(
            "A cron expression of five fields: minute, hour, day of month (L is the last), month, day of week.",
            "expression"))
    var cron: String?

    @Option(
        help: .said(
            "The time zone of all this, like Asia/Ho_Chi_Minh; that of the first account when it is not given.", "zone")
    )
    var zone: String?

    @Option(
        help: .said(
            "Days that a run reads: today, yesterday, last_7_days, last_30_days, last_90_days, current_month, "
                + "previous_month, or due for all that is due.", "range"))
    var range: String?

    @Option(help: .said("First day that a run reads.", "day")) var from: DayArgument?
    @Option(help: .said("Last day that a run reads.", "day")) var to: DayArgument?

    @Option(help: .said("At most so many runs in a day of its zone; none for no limit.", "number"))
    var maxRunsPerDay: String?

    @Option(help: .said("What becomes of runs that were missed: skip, once, all.", "policy")) var missed: MissedPolicy?

    @Option(help: .said("What it does: sync, rescue (of what stuck), prune (of what is long done).", "task"))
    var task: ScheduleTask?

    // MARK: Reading

    /// What can be said without a database.
    func check() throws {
        if [every, at, cron].compactMap(\.self).count > 1 {
            throw ValidationError(said("Give one of --every, --at and --cron."))
        }
        if on != nil, at == nil { throw ValidationError(said("--on belongs to --at.")) }
        if streams != nil, type != nil { throw ValidationError(said("Give either --streams or --type.")) }
        if range != nil, from != nil || to != nil {
            throw ValidationError(said("Give either --range or --from and --to."))
        }
        if (from == nil) != (to == nil) { throw ValidationError(said("--from and --to belong together.")) }
        _ = try recurrence()
        _ = try days()
        _ = try mostRuns()
    }

    func recurrence() throws -> Recurrence? {
        do {
            if let every { return try Recurrence("every \(every)") }
            if let at { return .at(try DayTimes(times: at, days: on ?? "")) }
            return try cron.map { .cron(try CronExpression($0)) }
        } catch let error as RecurrenceError {
            throw ValidationError(said(error.description))
        }
    }

    private func days() throws -> ScheduleDays? {
        if let from, let to {
            guard let days = DayRange(from.day, to.day) else {
                throw ValidationError(
                    said("The first day is after the last. Did you mean --from \(to.day) --to \(from.day)?"))
            }
            return .custom(days)
        }
        guard let range else { return nil }
        if range == "due" { return .due }
        guard let named = NamedRange(rawValue: range) else {
            let known = NamedRange.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError(said("There is no range \(range). Known: due, \(known)."))
        }
        return .named(named)
    }

    /// Nil when it was not given; a nil inside for no limit.
    private func mostRuns() throws -> Int?? {
        guard let maxRunsPerDay else { return nil }
        if maxRunsPerDay == "none" { return .some(nil) }
        guard let most = Int(maxRunsPerDay), most > 0 else {
            throw ValidationError(said("--max-runs-per-day takes 1 or more, or none."))
        }
        return .some(most)
    }

    /// Changes what was named; what was not stays.
    func apply(to definition: inout ScheduleDefinition, _ stored: StoredTargets) throws {
        if !account.isEmpty { definition.targets = try account.map { try stored.target($0) } }
        if let names = streams ?? type {
            let list = names.split(separator: ",").map(String.init)
            definition.streams = list == ["all"] ? [] : list
        }
        if let recurrence = try recurrence() { definition.recurrence = recurrence }
        if let zone { definition.zoneName = zone }
        if let days = try days() { definition.days = days }
        if let most = try mostRuns() { definition.mostRunsPerDay = most }
        if let missed { definition.missed = missed }
        if let task { definition.task = task }
        if !definition.task.isAboutAccounts, account.isEmpty, streams == nil, type == nil, try days() == nil {
            // It was about accounts before.
            (definition.targets, definition.streams, definition.days) = ([], [], .due)
        }
    }
}

extension MissedPolicy: ExpressibleByArgument {}
extension ScheduleTask: ExpressibleByArgument {
    package static var allValueStrings: [String] { [ScheduleTask.sync, .rescue, .prune].map(\.rawValue) }
}

/// What `--account` may mean.
struct StoredTargets {
    let accounts: [Account]
    let connections: [Connection]

    init(_ store: any ConnectionStore) async throws {
        accounts = try await store.accounts()
        connections = try await store.connections()
    }

    /// That of its first account; UTC without one.
    func zone(of definition: ScheduleDefinition) -> String {
        accounts.first { account in definition.targets.contains { $0.covers(account) } }?.zoneName ?? "Etc/UTC"
    }

    func target(_ text: String) throws -> ScheduleTarget {
        let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2, !parts[1].isEmpty else {
            throw Exit.usage(said("\"\(text)\" is no account; write it like meta/act_1000001 or meta/all."))
        }
        let platform = PlatformID(parts[0])
        if parts[1] == "all" {
            guard connections.contains(where: { $0.platform == platform }) else {
                throw Exit.usage(
                    said("No connection to \(parts[0]) is stored. `sluice connect \(parts[0])` makes one."))
            }
            return .platform(platform)
        }
        guard let account = accounts.first(where: { $0.platform == platform && isMeant($0, by: parts[1]) }) else {
            throw Exit.usage(
                said(
                    "The account \(text) is not stored. Sync it once: `sluice sync \(parts[0]) --account \(parts[1])`.")
            )
        }
        return .account(account.id)
    }

    private func isMeant(_ account: Account, by id: String) -> Bool {
        id == account.externalID || id.hasSuffix("_\(account.externalID)")
    }
}
