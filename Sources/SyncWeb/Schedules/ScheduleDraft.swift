import SyncCore

/// A schedule as somebody types it: kept as it was typed, so that a form can be shown again, and read from there.
struct ScheduleDraft: Sendable {
    enum Mode: String, Sendable { case every, at, cron }

    var name = ""
    /// `account:7`, `connection:1`, `platform:meta`.
    var targets: [String] = []
    var isAll = true
    var streams: [String] = []
    var mode: String = Mode.every.rawValue
    var interval = Recurrence.Interval.hour1.text
    var weekdays = Weekday.allCases.map(\.rawValue)
    var times = ["06:00"]
    var cron = ""
    var zone: String
    /// `due`, a named range, or `custom`.
    var days = ScheduleDraft.due
    var from = ""
    var to = ""
    var missed = MissedPolicy.once.rawValue
    var most = ""
    var isActive = true
    /// Of the schedule that was shown when it was typed.
    var version = ""
    var task = ScheduleTask.sync
    /// What a program calls a field that has several names, by the name that errors have.
    private var sent: [String: String] = [:]
    /// Fields that a program has sent of which one says what the other does not.
    private(set) var clashes: [String: String] = [:]

    static let due = "due"
    static let custom = "custom"
    /// The scope of streams that are named.
    static let chosen = "chosen"

    init(zone: String) { self.zone = zone }

    init(_ schedule: Schedule) {
        let definition = schedule.definition
        zone = definition.zoneName
        version = "\(schedule.version)"
        name = definition.name
        task = definition.task
        targets = definition.targets.map(\.description)
        (isAll, streams) = (definition.streams.isEmpty, definition.streams)
        switch definition.recurrence {
        case .every(let interval): self.interval = interval.text
        case .at(let times):
            mode = Mode.at.rawValue
            (self.times, weekdays) = (ScheduleDraft.parts(times.times), ScheduleDraft.parts(times.days))
        case .cron(let expression): (mode, cron) = (Mode.cron.rawValue, expression.text)
        }
        switch definition.days {
        case .due: days = ScheduleDraft.due
        case .named(let range): days = range.rawValue
        case .custom(let range): (days, from, to) = (ScheduleDraft.custom, "\(range.first)", "\(range.last)")
        }
        missed = definition.missed.rawValue
        most = definition.mostRunsPerDay.map(String.init) ?? ""
        isActive = definition.isActive
    }

    private static func parts(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }

    // MARK: Taking over

    /// Only the page's form says `scope`, and it always does: whatever else asks is a program.
    mutating func take(_ form: Form) {
        if form.has("scope") { take(page: form) } else { take(api: form) }
    }

    /// All that the page's form has: a box that is not ticked is not sent.
    private mutating func take(page form: Form) {
        name = form["name"] ?? ""
        targets = form.list("target")
        isAll = form["scope"] != ScheduleDraft.chosen
        streams = form.list("stream")
        mode = form["recurrence"] ?? mode
        interval = form["interval"] ?? interval
        weekdays = form.list("weekday")
        times = form.list("time")
        cron = form["cron"] ?? ""
        zone = form["zone"] ?? zone
        days = form["days"] ?? days
        from = form["from"] ?? ""
        to = form["to"] ?? ""
        missed = form["missed"] ?? missed
        most = form["most"] ?? ""
        isActive = form.flag("active") ?? false
        version = form["version"] ?? ""
        apply(step: form["step"] ?? "")
    }

    /// What a button of the form does to it where there is no script.
    private mutating func apply(step: String) {
        switch step {
        case "swap": (from, to) = (to, from)
        case "time": times.append("")
        default: break
        }
    }

    /// What a program names; what it does not name stays.
    private mutating func take(api form: Form) {
        if form.has("name") { name = form["name"] ?? "" }
        takeTargets(form)
        if form.says("sync_type") || form.says("streams") {
            let names = form.list("streams").isEmpty ? form.list("sync_type") : form.list("streams")
            isAll = names.isEmpty || names == ["all"]
            streams = isAll ? [] : names
            sent["streams"] = form.says("streams") ? nil : "sync_type"
        }
        takeRecurrence(form)
        zone = form["time_zone"] ?? form["zone"] ?? zone
        if let first = form["date_from"] ?? form["from"] { (from, days) = (first, ScheduleDraft.custom) }
        if let last = form["date_to"] ?? form["to"] { (to, days) = (last, ScheduleDraft.custom) }
        if let range = form["date_range"] ?? form["range"] { days = range }
        clashes.merge(form.daysApart) { first, _ in first }
        missed = form["missed_policy"] ?? form["missed"] ?? missed
        for (name, other) in [
            ("time_zone", "zone"), ("date_from", "from"), ("date_to", "to"), ("date_range", "range"),
            ("missed_policy", "missed"),
        ] where !form.has(name) && form.has(other) { sent[name] = other }
        if form.has("max_runs_per_day") { most = form["max_runs_per_day"] ?? "" }
        isActive = form.flag("is_active") ?? form.flag("active") ?? isActive
        version = form["version"] ?? ""
    }

    private mutating func takeTargets(_ form: Form) {
        if let name = ["targets", "target"].first(where: form.says) {
            sent["targets"] = name
            targets = form.list(name)
        } else if let name = ["accounts", "connections", "networks"].first(where: form.says) {
            sent["targets"] = name
            targets =
                form.list("accounts").map { "account:\($0)" } + form.list("connections").map { "connection:\($0)" }
                + form.list("networks").map { "platform:\($0)" }
        }
    }

    private mutating func takeRecurrence(_ form: Form) {
        if let text = form["recurrence"] {
            let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
            mode = parts.first ?? ""
            let rest = parts.count > 1 ? parts[1] : ""
            switch Mode(rawValue: mode) {
            case .every: interval = rest
            case .cron: cron = rest
            case .at:
                let halves = rest.split(separator: " ").map(String.init)
                times = ScheduleDraft.parts(halves.first ?? "")
                weekdays = halves.count > 1 ? ScheduleDraft.parts(halves.last ?? "") : Weekday.allCases.map(\.rawValue)
            case nil: break
            }
        }
        if let text = form["interval"] {
            // Minutes, or as the list has them.
            interval = Int(text).flatMap { Recurrence.Interval(rawValue: $0)?.text } ?? text
            mode = Mode.every.rawValue
        }
        if form.says("times") {
            (times, mode) = (form.list("times"), Mode.at.rawValue)
            weekdays = Weekday.allCases.map(\.rawValue)
        }
        if form.says("weekdays") {
            weekdays = form.list("weekdays")
            if !times.isEmpty, weekdays.isEmpty || !form.says("times") { sent["times"] = "weekdays" }
        }
        if let text = form["cron"] { (cron, mode) = (text, Mode.cron.rawValue) }
        // Days of the week belong to times.
        for (left, right) in [
            ("interval", "cron"), ("interval", "times"), ("times", "cron"), ("interval", "weekdays"),
            ("weekdays", "cron"),
        ] { clashes.merge(form.apart(left, right)) { first, _ in first } }
    }

    /// Errors under the names that a program has sent.
    func asSent(_ errors: [String: String]) -> [String: String] {
        Dictionary(errors.map { (sent[$0.key] ?? $0.key, $0.value) }) { first, _ in first }
    }
}
