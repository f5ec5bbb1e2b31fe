import FoundationEssentials
import SyncCore
import Wording

/// `logs.mustache`: what failed lately, what was it, where is the pattern.
struct LogsPage: Sendable {
    var headline: String
    var summary: String
    var hasExports = false
    var exports: [Link] = []
    var chart: Chart
    var query: String
    var kept: [Kept]
    var filters: [Filter]
    var menus: [Menu]
    /// Asks for days, while none are chosen.
    var daysForm: DaysForm?
    var isFiltered: Bool
    var count: String
    var clearHref = RunQuery.path
    var hasRuns: Bool
    var groups: [Group]
    var hasPages: Bool
    var pages: Pages?

    struct Kept: Sendable {
        var name: String
        var value: String
    }

    struct DaysForm: Sendable {
        var action: String
        var kept: [Kept]
    }

    struct Filter: Sendable {
        var name: String
        var value: String
        var clearHref: String
    }

    struct Menu: Sendable {
        var label: String
        var options: [Link]
    }

    struct Group: Sendable {
        var title: String
        var runs: [Run]
    }

    struct Run: Sendable {
        var id: String
        var href: String
        var state: RunWords.Mark
        var start: String
        var letter: String
        var platform: String
        var account: String
        var kind: String
        var days: String
        var rows: String
        var calls: String
        var took: String
        var note: String
        var isChosen = false
    }

    struct Pages: Sendable {
        var hasNewer: Bool
        var newerHref: String
        var hasOlder: Bool
        var olderHref: String
        var place: String
    }

    struct Chart: Sendable {
        var label: String
        /// The first hour by the zone's clocks.
        var start: String
        var hours: String
        var done: String
        var waited: String
        var failed: String
        var days: [Day]
        var selection: Selection?

        struct Day: Sendable {
            var label: String
            var x: String
            var href: String
            var hasLine: Bool
        }

        struct Selection: Sendable {
            var x: String
            var width: String
        }
    }
}

/// Everything that the page of runs is made from.
struct LogsView: Sendable {
    static let days = 7
    static let mostCounted = 10_000

    var query: RunQuery
    var told: RunWords
    var entries: [LogEntry]
    var hasMore: Bool
    /// No further than `mostCounted`.
    var count: Int
    var hours: [RunHour]
    var firstDay: CivilDate
    var lastFailure: Instant?
    var accounts: [Account]
    var schedules: [Schedule]
    /// Those of which only runs are left.
    var deleted: [DeletedSchedule] = []
    /// Names by platform.
    var platforms: [(id: PlatformID, name: String)]

    /// Files can be made here.
    var hasExports = false

    private var words: Words { told.words }

    func page() -> LogsPage {
        let total = hours.reduce(0) { $0 + $1.runs }
        let failed = hours.reduce(0) { $0 + $1.failed }
        return LogsPage(
            headline: headline(total, failed), summary: summary, hasExports: hasExports,
            exports: hasExports ? Link.files(RunQuery.path, query.given) : [], chart: chart(total, failed),
            query: query.filter.text ?? "",
            kept: query.given.filter { $0.name != "text" }.map { LogsPage.Kept(name: $0.name, value: $0.value) },
            filters: filters, menus: menus, daysForm: daysForm, isFiltered: query.isFiltered, count: counted,
            hasRuns: !entries.isEmpty,
            groups: groups, hasPages: hasMore || query.before != nil,
            pages: LogsPage.Pages(
                hasNewer: query.before != nil, newerHref: query.href(before: nil), hasOlder: hasMore,
                olderHref: query.href(before: entries.last?.job),
                place: words.pick(
                    "\(words.number(entries.count)) of \(counted)", "\(words.number(entries.count)) trên \(counted)")))
    }

    private func headline(_ total: Int, _ failed: Int) -> String {
        let runs = words.count(total, "run", "lượt chạy")
        let days = LogsView.days
        if total == 0 { return words.pick("Nothing ran in \(days) days", "Không có lượt chạy nào trong \(days) ngày") }
        guard failed > 0 else {
            return words.pick("\(runs) in \(days) days, none failed", "\(runs) trong \(days) ngày, không lượt nào lỗi")
        }
        let count = words.number(failed)
        return words.pick(
            "\(runs) in \(days) days, \(count) with failures", "\(runs) trong \(days) ngày, \(count) lượt có lỗi")
    }

    private var summary: String {
        let zone = words.pick("Times are \(told.zoneName).", "Giờ theo \(told.zoneName).")
        guard let lastFailure else {
            return words.pick("Nothing has failed so far. ", "Chưa có lượt nào bị lỗi. ") + zone
        }
        let when = told.near(lastFailure)
        return words.pick("The last failure was at \(when). ", "Lần lỗi gần nhất lúc \(when). ") + zone
    }

    private var counted: String {
        let runs = words.count(min(count, LogsView.mostCounted), "run", "lượt chạy")
        return count > LogsView.mostCounted ? words.pick("more than \(runs)", "hơn \(runs)") : runs
    }

    // MARK: The list

    private var groups: [LogsPage.Group] {
        var groups: [(day: CivilDate, runs: [LogsPage.Run])] = []
        for entry in entries {
            let day = CivilDate(entry.startedAt ?? entry.createdAt, in: told.zone)
            if groups.last?.day != day { groups.append((day: day, runs: [])) }
            groups[groups.count - 1].runs.append(run(entry))
        }
        return groups.map { LogsPage.Group(title: told.heading($0.day), runs: $0.runs) }
    }

    private func run(_ entry: LogEntry) -> LogsPage.Run {
        let platform = platforms.first { $0.id == entry.platform }?.name ?? entry.platform.rawValue
        return LogsPage.Run(
            id: "\(entry.job)", href: "\(RunQuery.path)/\(entry.job)", state: told.state(entry),
            start: told.clock(entry.startedAt ?? entry.createdAt), letter: String(platform.prefix(1)).uppercased(),
            platform: platform, account: entry.accountName, kind: told.kind(entry.kind), days: told.days(entry),
            rows: words.number(entry.rowsReceived), calls: words.number(entry.requests),
            took: told.length(entry).map(words.length) ?? "—", note: told.note(entry))
    }

    // MARK: Filters

    private var filters: [LogsPage.Filter] {
        var shown: [LogsPage.Filter] = []
        func add(_ name: String, _ value: String, _ clear: String) {
            shown.append(LogsPage.Filter(name: name, value: value, clearHref: clear))
        }
        let filter = query.filter
        if filter.from != nil || filter.to != nil {
            add(words.pick("When", "Khi"), span(filter.from, filter.to), query.hrefOfAnyTime)
        }
        for (name, value) in query.given {
            switch name {
            case "platform":
                let known = platforms.first { $0.id == filter.platform }?.name
                add(words.pick("Platform", "Nền tảng"), known ?? value, query.href(name, nil))
            case "account":
                let known = accounts.first { $0.id == filter.account }?.name
                add(words.pick("Account", "Tài khoản"), known ?? value, query.href(name, nil))
            case "status": add(words.pick("Status", "Trạng thái"), status(value), query.href(name, nil))
            case "kind":
                add(words.pick("Kind", "Loại"), filter.kind.map(told.kind) ?? value, query.href(name, nil))
            case "schedule":
                let known =
                    schedules.first { $0.id == filter.schedule }?.definition.name
                    ?? deleted.first { $0.id == filter.schedule }.map { self.name($0) }
                add(words.pick("Schedule", "Lịch chạy"), known ?? value, query.href(name, nil))
            default: break
            }
        }
        return shown
    }

    private func span(_ from: Instant?, _ to: Instant?) -> String {
        switch (from, to) {
        case (let from?, let to?):
            let day = CivilDate(from, in: told.zone)
            if to == day.adding(days: 1).start(in: told.zone), from == day.start(in: told.zone) {
                return words.day(day, today: told.today)
            }
            let isOneDay = CivilDate(to - .seconds(1), in: told.zone) == day
            return
                "\(words.day(day, today: told.today)) \(told.clock(from))–\(isOneDay ? told.clock(to) : told.near(to))"
        case (let from?, nil): return words.pick("since \(told.near(from))", "từ \(told.near(from))")
        case (nil, let to?): return words.pick("until \(told.near(to))", "đến \(told.near(to))")
        case (nil, nil): return ""
        }
    }

    private static let statuses = ["completed", "running", "pending", "waits", "failed", "cancelled"]

    private func status(_ word: String) -> String {
        switch word {
        case "completed": words.pick("Completed", "Hoàn tất")
        case "running", "processing", "in_progress": words.pick("Running", "Đang chạy")
        case "pending": words.pick("Queued", "Đang xếp hàng")
        case "waits", "waiting": words.pick("Waits", "Đang chờ")
        case "failed": words.pick("With failures", "Có phần lỗi")
        case "cancelled": words.pick("Cancelled", "Đã huỷ")
        default: words.said(word)
        }
    }

    private var menus: [LogsPage.Menu] {
        var menus: [LogsPage.Menu] = []
        func add(_ name: String, _ label: String, _ options: [(label: String, value: String)]) {
            guard !options.isEmpty, !query.given.contains(where: { $0.name == name }) else { return }
            menus.append(
                LogsPage.Menu(
                    label: label, options: options.map { Link(href: query.href(name, $0.value), label: $0.label) }))
        }
        add("platform", words.pick("Platform", "Nền tảng"), platforms.map { ($0.name, $0.id.rawValue) })
        // A menu is read by eyes: of more accounts one is found by its name.
        let others = query.path == RunQuery.path ? accounts.prefix(30) : []
        add("account", words.pick("Account", "Tài khoản"), others.map { ($0.name, "\($0.id)") })
        add("status", words.pick("Status", "Trạng thái"), LogsView.statuses.map { (status($0), $0) })
        let kinds: [JobKind] = [.initial, .incremental, .scheduled, .manual, .quick, .backfill]
        add("kind", words.pick("Kind", "Loại"), kinds.map { (told.kind($0), $0.rawValue) })
        add(
            "schedule", words.pick("Schedule", "Lịch chạy"),
            schedules.prefix(30).map { ($0.definition.name, "\($0.id)") } + deleted.map { (self.name($0), "\($0.id)") })
        return menus
    }

    private func name(_ gone: DeletedSchedule) -> String {
        words.pick("deleted schedule \(gone.name)", "lịch đã xoá \(gone.name)")
    }

    private var daysForm: LogsPage.DaysForm? {
        guard query.filter.from == nil, query.filter.to == nil else { return nil }
        return LogsPage.DaysForm(
            action: query.path, kept: query.given.map { LogsPage.Kept(name: $0.name, value: $0.value) })
    }

    // MARK: The chart

    private func chart(_ total: Int, _ failed: Int) -> LogsPage.Chart {
        let last = firstDay.adding(days: LogsView.days - 1)
        let days = "\(words.day(firstDay, today: told.today)) – \(words.day(last, today: told.today))"
        var paths = (done: "", waited: "", failed: "")
        let most = Double(max(1, hours.map(\.runs).max() ?? 1))
        for (index, hour) in hours.enumerated() where hour.runs > 0 {
            let whole = max(3, Int((Double(hour.runs) / most * 58).rounded()))
            // What is rare stays visible.
            let bad = hour.failed == 0 ? 0 : max(3, whole * hour.failed / hour.runs)
            let waited = min(hour.throttled, hour.runs - hour.failed)
            let slow = waited <= 0 ? 0 : max(3, (whole - bad) * waited / (hour.runs - hour.failed))
            let good = max(0, whole - bad - slow)
            let x = index * 6
            if good > 0 { paths.done += "M\(x) 64v-\(good)h5v\(good)z" }
            if slow > 0 { paths.waited += "M\(x) \(64 - good)v-\(slow)h5v\(slow)z" }
            if bad > 0 { paths.failed += "M\(x) \(64 - good - slow)v-\(bad)h5v\(bad)z" }
        }
        return LogsPage.Chart(
            label: words.pick(
                "Runs per hour, \(days): \(words.number(total)) in all, \(words.number(failed)) with failures.",
                "Số lượt mỗi giờ, \(days): tổng \(words.number(total)), \(words.number(failed)) lượt có lỗi."),
            start: "\(firstDay)T00:00", hours: "\(LogsView.days * 24)", done: paths.done, waited: paths.waited,
            failed: paths.failed,
            days: (0..<LogsView.days).map { index in
                let day = firstDay.adding(days: index)
                let pairs = query.given.filter { $0.name != "from" && $0.name != "to" }
                return LogsPage.Chart.Day(
                    label: told.short(day), x: LogsView.percent(Double(index) / Double(LogsView.days)),
                    href: query.href(pairs + [(name: "from", value: "\(day)"), (name: "to", value: "\(day)")]),
                    hasLine: index > 0)
            }, selection: selection)
    }

    /// What of the week the filter covers.
    private var selection: LogsPage.Chart.Selection? {
        guard query.filter.from != nil || query.filter.to != nil else { return nil }
        let start = firstDay.start(in: told.zone)
        let length = Double(LogsView.days * 86_400)
        func share(_ instant: Instant) -> Double { min(1, max(0, (instant - start).inSeconds / length)) }
        let from = query.filter.from.map(share) ?? 0
        let to = query.filter.to.map(share) ?? 1
        guard to > from else { return nil }
        return LogsPage.Chart.Selection(x: LogsView.percent(from), width: LogsView.percent(to - from))
    }

    static func percent(_ share: Double) -> String {
        let hundredths = Int((share * 10_000).rounded())
        let rest = hundredths % 100
        return rest == 0 ? "\(hundredths / 100)%" : "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)%"
    }
}
