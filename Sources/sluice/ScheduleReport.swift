import FoundationEssentials
import SyncCore
import SyncEngine
import Wording

/// One schedule as `sluice schedules` tells it.
struct ScheduleReport {
    private let entry: ScheduleBook.Entry
    private var definition: ScheduleDefinition { entry.schedule.definition }

    init(_ entry: ScheduleBook.Entry) {
        self.entry = entry
    }

    /// With all that was decided and the next five runs when it `isWhole`.
    func tell(json: Bool, isWhole: Bool) {
        Console.out(json ? self.json : text(isWhole: isWhole))
    }

    // MARK: For people

    private func text(isWhole: Bool) -> String {
        let words = Words.current
        var lines = ["\(entry.schedule.id)  \(definition.name)" + (definition.isActive ? "" : "  (\(said("off")))")]
        func tell(_ name: String, _ what: String) { lines.append("  \(said(name).padding(to: 10))\(what)") }
        tell("when", "\(words.recurrence(definition.recurrence)), \(definition.zoneName)")
        tell("does", does)
        if let most = definition.mostRunsPerDay { tell("limit", words.limit(most, soFar: entry.runsToday)) }
        if isWhole { tell("missed", words.policy(definition.missed)) }
        if let last = entry.lastRun { tell("last run", lastRun(last)) }
        if let next = entry.next.first { tell("next run", moment(next)) }
        if isWhole { for later in entry.next.dropFirst() { tell("", moment(later)) } }
        return lines.joined(separator: "\n")
    }

    private var does: String {
        let words = Words.current
        guard definition.task == .sync else { return words.task(definition.task) }
        let streams =
            definition.streams.isEmpty
            ? words.pick("all streams", "mọi luồng") : definition.streams.joined(separator: ", ")
        return [accounts, streams, words.days(definition.days)].joined(separator: " · ")
    }

    /// By name while they are few.
    private var accounts: String {
        let words = Words.current
        let names = entry.accounts.map { "\($0.platform)/\($0.externalID)" }
        guard (1...3).contains(names.count) else { return words.count(names.count, "account", "tài khoản") }
        return names.joined(separator: ", ")
    }

    private func lastRun(_ run: ScheduleRun) -> String {
        let jobs = run.jobs.map { "\($0.id)" }.joined(separator: ", ")
        let what = [moment(run.startedAt), said(run.state.rawValue), run.isManual ? said("by hand") : nil]
        return what.compactMap(\.self).joined(separator: "  ") + (jobs.isEmpty ? "" : "  (\(said("job")) \(jobs))")
    }

    private func moment(_ instant: Instant) -> String {
        guard let zone = try? definition.zone() else { return Words.current.moment(instant) }
        return Words.current.moment(instant, in: zone)
    }

    // MARK: For machines

    private var json: String {
        var custom: DayRange?
        let range: String
        switch definition.days {
        case .due: range = "due"
        case .named(let named): range = named.rawValue
        case .custom(let days): (range, custom) = ("custom", days)
        }
        return JSONLine([
            ("schedule_id", .number(Int(entry.schedule.id.value))), ("name", .text(definition.name)),
            ("task", .text(definition.task.rawValue)), ("is_active", .flag(definition.isActive)),
            ("targets", .list(definition.targets.map { .text($0.description) })),
            ("accounts", .list(entry.accounts.map { .text("\($0.platform)/\($0.externalID)") })),
            ("streams", .list(definition.streams.map { .text($0) })),
            ("recurrence", .text(definition.recurrence.description)), ("time_zone", .text(definition.zoneName)),
            ("date_range", .text(range)), ("from", .text(custom?.first.description)),
            ("to", .text(custom?.last.description)), ("missed", .text(definition.missed.rawValue)),
            ("max_runs_per_day", .number(definition.mostRunsPerDay)), ("runs_today", .number(entry.runsToday)),
            ("next_run_at", .instant(entry.schedule.nextRunAt)),
            ("next_runs", .list(entry.next.map { .instant($0) })),
            ("last_run_at", .instant(entry.lastRun?.startedAt)),
            ("last_run_status", .text(entry.lastRun?.state.rawValue)),
            ("last_run_jobs", .list((entry.lastRun?.jobs ?? []).map { .number(Int($0.id.value)) })),
        ]).text
    }

    static func json(_ run: ScheduleRun) -> String {
        JSONLine([
            ("run_id", .number(Int(run.id.value))), ("schedule_id", .number(Int(run.schedule.value))),
            ("status", .text(run.state.rawValue)), ("started_at", .instant(run.startedAt)),
            ("jobs", .list(run.jobs.map { .number(Int($0.id.value)) })),
        ]).text
    }
}
