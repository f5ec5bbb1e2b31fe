import ConnectorKit
import FoundationEssentials
import SyncCore
import Wording

/// `account.mustache`: which days are there, how do the numbers go, what is it made of.
struct AccountPage: Sendable {
    var account: Head
    var canAct: Bool
    var pause: Act?
    var sync: Post?
    var menu: [MenuItem]
    var tabs: [Tab]
    var grid: Grid
    var weekGrid: Grid
    var monthGrid: Months?
    var hasDays: Bool
    var coverage: Coverage?
    var legend: [LegendItem]
    var selection: Selection?
    var hasCertificates: Bool
    var certificates: ProofBrief?
    var charts: [Chart]
    var freshFor: String
    var lastPeriod: String?
    var basis: String
    /// What the first days' stream is made of; nil where there is none, and where a database is too slow for it.
    var data: DataPage.Table?

    struct Head: Sendable {
        var mark: String
        var name: String
        var tone: String
        var icon: String
        var state: String
        var facts: String
        var brief: String
        var times: String
        var problem: AccountRow.Problem?
    }

    struct Act: Sendable {
        var action: String
        var icon: String
        var label: String
    }

    struct MenuItem: Sendable {
        var href: String
        var icon: String
        var label: String
    }

    struct Tab: Sendable {
        var href: String
        var label: String
        var isCurrent: Bool
        var hasCount = false
        var count = ""
    }

    /// The days of `CoverageView` with what stands around them.
    struct Coverage: Sendable {
        var total: String
        var tableHref: String
        var tableLabel: String
        var isTable: Bool
        var resyncHref: String
        var first: String
        var clip: String
        var offset: String
        var width: String
        var axis: [CoverageView.Tick]
        var rows: [CoverageView.Row]
        var hasMonths: Bool
        var months: MonthsView?
        var streams: [CoverageView.Choice]
        var chosen: String
        var weekdays: [String]
        var weeks: [CoverageView.Week]
        var alarm: Alarm?
        /// As a table: runs of days in one state.
        var spans: [CoverageSpan]
        /// Only a week of one stream, for which a phone has no other place.
        var isWeek: Bool
    }

    /// The outlines of the months; templates know them as `km`.
    struct Months: Sendable {
        var id = "km"
        var d: String
    }

    struct Alarm: Sendable {
        var lead: String
        var rest: String
    }

    struct Selection: Sendable {
        var action: String
        var priceHref: String
        var isEmpty: Bool
        var stream = ""
        var from = ""
        var to = ""
        var lead = ""
        var cost = ""
        var clearHref: String
    }

    struct Chart: Sendable {
        var settled: String
        var fresh: String
        var tops: String
        var before: String
        var count: String
        var label: String
        var total: String
        var change: String
        var tone: String
        var top: String
        var first: String
        /// For the script: the value of each day, as text.
        var values: String
        var summary: String
        var peak: String?
        var firstLabel: String
        var freshX: String
        /// On which side of its place the label has room.
        var freshAnchor: String
        var freshLabel: String
        var lastLabel: String
    }

    /// Eight weeks from a Monday on: the last ones, or those from the week of a day on.
    static func days(_ today: CivilDate, from: CivilDate? = nil) -> DayRange {
        let last = today.adding(days: -CoverageView.offset(today) - 49)
        let start = min(from.map { $0.adding(days: -CoverageView.offset($0)) } ?? last, last)
        return DayRange(start, min(start.adding(days: 55), today)) ?? DayRange(today)
    }

    /// What the address says of the page.
    struct Choice: Sendable {
        var stream: String?
        /// Coverage as a table.
        var isTable = false
        /// The Monday of a week that is shown day by day.
        var week: CivilDate?
        /// A day of the first week that is shown; nil for the last weeks.
        var from: CivilDate?
        /// Days of the stream that are picked to be read again.
        var picked: DayRange?

        init(_ form: Form) throws {
            stream = form["stream"]
            isTable = form.flag("table") ?? false
            week = try form.day("week")
            // A selection of days has a begin, too.
            let (first, last) = (try form.day("from"), try form.day("to"))
            from = last == nil ? first : nil
            if let first, let last { picked = DayRange(first, last) }
        }
    }

    static func make(
        _ standing: Standing, _ figures: [DayFigures], read: Set<CivilDate>, _ frame: AccountFrame, _ choice: Choice,
        proof: ProofBrief?, months: MonthsView?, _ words: Words, at now: Instant
    ) -> AccountPage {
        let days = days(standing.today, from: choice.from)
        let view = CoverageView.make(standing, days, .account, chosen: choice.stream, words)
        let path = "/accounts/\(standing.account.id)"
        let charts = charts(standing, figures, days, read: read, words)
        let hasCoverage = !standing.byStream.allSatisfy(\.value.isEmpty)
        return AccountPage(
            account: frame.head, canAct: frame.canAct, pause: frame.pause, sync: frame.sync, menu: frame.menu,
            tabs: frame.tabs, grid: Grid(.account, days.count), weekGrid: Grid(.week, 7),
            monthGrid: months.map { _ in Months(d: MonthsView.outlines(standing)) },
            hasDays: standing.hasDays,
            coverage: hasCoverage ? coverage(view, standing, days, choice, months, path, words, now) : nil,
            legend: LegendItem.all(words, with: LegendItem.usual + [.notOffered]),
            selection: frame.canAct && !view.rows.isEmpty && !choice.isTable
                ? selection(choice, standing, days, path, words) : nil,
            hasCertificates: proof != nil, certificates: proof, charts: charts,
            freshFor: words.pick(
                "may still change (\(standing.changesFor) days)", "còn có thể thay đổi (\(standing.changesFor) ngày)"),
            lastPeriod: charts.contains { !$0.before.isEmpty }
                ? words.pick("the 8 weeks before", "8 tuần trước đó") : nil,
            basis: basis(standing, words))
    }

    static func head(_ standing: Standing, _ words: Words, _ now: Instant) -> Head {
        let account = standing.account
        let look = AccountRow.Look(standing, words, standing.zone, now)
        let last = account.lastSyncedAt.map { words.near($0, in: standing.zone, now: now) }
        let next = standing.nextRun.map { words.near($0, in: standing.zone, now: now) }
        let times = [
            last.map { words.pick("last sync \($0)", "lần cuối \($0)") },
            next.map { words.pick("next \($0)", "kế tiếp \($0)") },
        ].compactMap(\.self).joined(separator: ", ")
        let currency = account.currency == AccountFacts.severalCurrencies ? nil : account.currency
        var why: String?
        if case .stuck(let cause) = standing.state { why = words.whole(cause) }
        return Head(
            mark: String(standing.platform.name.prefix(1)), name: account.name, tone: look.tone, icon: look.icon,
            state: look.state,
            facts: [
                why, "\(standing.platform.name) \(account.externalID)", currency, account.zoneName,
                times.isEmpty ? nil : times,
            ].compactMap(\.self).joined(separator: " · "),
            brief: [account.externalID, currency, standing.zone.utcOffset(at: now)].compactMap(\.self)
                .joined(separator: " · "),
            times: [last, next.map { words.pick("next \($0)", "kế tiếp \($0)") }].compactMap(\.self)
                .joined(separator: ", "),
            // Who is signed out has a page of its own for it.
            problem: standing.state == .signedOut ? nil : AccountRow.problem(standing, words, standing.zone, now))
    }

    /// What the address has picked of the days that are shown, so that it can be sent and loaded again.
    private static func selection(
        _ choice: Choice, _ standing: Standing, _ days: DayRange, _ path: String, _ words: Words
    ) -> Selection {
        var selection = Selection(
            action: "\(path)/resync", priceHref: "\(path)/price", isEmpty: true, clearHref: path)
        guard let picked = choice.picked, days.contains(picked.first), days.contains(picked.last),
            let stream = standing.order.first(where: { $0.rawValue == choice.stream })
        else { return selection }
        selection.isEmpty = false
        (selection.stream, selection.from, selection.to) = (stream.rawValue, "\(picked.first)", "\(picked.last)")
        let name = words.stage(stream.rawValue)
        selection.lead = words.pick(
            "\(picked.count) days of \(name) selected", "Đã chọn \(picked.count) ngày \(name)")
        return selection
    }

    private static func coverage(
        _ view: CoverageView, _ standing: Standing, _ days: DayRange, _ choice: Choice, _ months: MonthsView?,
        _ path: String,
        _ words: Words, _ now: Instant
    ) -> Coverage {
        var spans: [CoverageSpan] = []
        let week = choice.week.flatMap { DayRange($0, min($0.adding(days: 6), standing.today)) }
        if let week, let stream = standing.order.first(where: { $0.rawValue == choice.stream }) {
            spans = CoverageSpan.days(standing.byStream[stream] ?? [], of: stream, week, standing, words, now)
        } else if choice.isTable {
            spans = CoverageSpan.all(standing, days, words, now)
        }
        let rows = standing.byStream.values.joined().reduce(0) { $0 + $1.rows }
        let failed = standing.days.lastIndex(of: .failed).map {
            standing.today.adding(days: $0 - standing.days.count + 1)
        }
        return Coverage(
            total: words.pick("\(words.count(rows, "row", "")) in 90 days", "\(words.number(rows)) dòng trong 90 ngày"),
            tableHref: choice.isTable ? path : "?table=1",
            tableLabel: choice.isTable
                ? words.pick("As a calendar", "Dạng lịch") : words.pick("As a table", "Dạng bảng"),
            isTable: choice.isTable && week == nil, resyncHref: "\(path)/resync", first: view.first, clip: view.clip,
            offset: view.offset, width: view.width,
            axis: view.axis, rows: view.rows, hasMonths: months != nil, months: months, streams: view.streams,
            chosen: view.chosen, weekdays: view.weekdays,
            weeks: view.weeks,
            alarm: failed.map { day in
                Alarm(lead: words.pick("\(words.day(day)) failed", "\(words.day(day)) bị lỗi"), rest: "")
            }, spans: spans, isWeek: week != nil && !spans.isEmpty)
    }

    static func basis(_ standing: Standing, _ words: Words) -> String {
        let currency = standing.account.currency
        guard currency != AccountFacts.severalCurrencies else {
            return words.pick("Days in \(standing.account.zoneName).", "Ngày theo \(standing.account.zoneName).")
        }
        return words.pick(
            "Amounts in \(currency), days in \(standing.account.zoneName).",
            "Số tiền \(currency), ngày theo \(standing.account.zoneName).")
    }

    // MARK: Charts

    private static let mostCurrencies = 6

    private struct Measure {
        var label: String
        var isMoney: Bool
        var value: (DayFigures) -> Int64?
    }

    static func charts(
        _ standing: Standing, _ figures: [DayFigures], _ days: DayRange, read: Set<CivilDate>, _ words: Words
    ) -> [Chart] {
        let currencies = AccountRow.currencies(figures, standing)
        let measures = [
            Measure(label: words.pick("Spend", "Chi tiêu"), isMoney: true) { $0.cost },
            Measure(label: words.pick("Clicks", "Lượt nhấp"), isMoney: false) { $0.clicks },
            Measure(label: words.pick("Orders", "Đơn hàng"), isMoney: false) { $0.orders },
            Measure(label: words.pick("Revenue", "Doanh thu"), isMoney: true) { $0.revenue },
        ]
        let fresh = firstFresh(standing, days)
        // Money of several currencies is never one sum.
        return measures.flatMap { measure in
            (measure.isMoney ? currencies.prefix(mostCurrencies) : [""]).compactMap { currency in
                let mine = measure.isMoney ? figures.filter { $0.currency == currency } : figures
                var drawn = chart(measure, mine, currency, days, today: standing.today, read: read, fresh: fresh, words)
                if measure.isMoney, currencies.count > 1 { drawn?.label += " · \(currency)" }
                return drawn
            }
        }
    }

    /// The first of the days at the end that may still change.
    private static func firstFresh(_ standing: Standing, _ days: DayRange) -> Int {
        let states = standing.days.suffix(days.count)
        return states.lastIndex(of: .settled).map { $0 - states.startIndex + 1 } ?? 0
    }

    private static func chart(
        _ measure: Measure, _ figures: [DayFigures], _ currency: String, _ days: DayRange, today: CivilDate,
        read: Set<CivilDate>, fresh: Int, _ words: Words
    ) -> Chart? {
        var byDay: [CivilDate: Int64] = [:]
        for figure in figures { if let value = measure.value(figure) { byDay[figure.day, default: 0] += value } }
        guard !byDay.isEmpty else { return nil }
        let values = days.days.map { byDay[$0] ?? 0 }
        // Days that were never read compare with nothing.
        let earlier = days.days.map { $0.adding(days: -days.count) }
        let before = earlier.allSatisfy(read.contains) ? earlier.map { byDay[$0] ?? 0 } : []
        guard let top = (values + before).max(), top > 0 else { return nil }
        func said(_ value: Int64) -> String {
            measure.isMoney ? words.money(value, currency) : words.number(Int(value))
        }
        let (sum, last) = (values.reduce(0, +), before.reduce(0, +))
        let change = words.change(sum, from: last)
        let drawn = Shapes.chart(
            values.map(Double.init), settled: fresh, top: Double(top) * 1.05,
            before: last > 0 ? before.map(Double.init) : [])
        let freshDay = days.first.adding(days: fresh)
        return Chart(
            settled: drawn.settled, fresh: drawn.fresh, tops: drawn.tops, before: drawn.before, count: drawn.count,
            label: measure.label, total: said(sum), change: change ?? "",
            tone: measure.label == words.pick("Spend", "Chi tiêu") || change?.hasPrefix("−") == true ? "t3" : "ok",
            top: measure.isMoney ? words.shortMoney(top, currency) : words.number(Int(top)),
            first: days.first.description,
            values: zip(days.days, values).map { read.contains($0) || $1 > 0 ? said($1) : "—" }.joined(separator: "|"),
            summary: "\(measure.label): \(said(sum))", firstLabel: words.day(days.first, today: days.last),
            freshX: "\(Shapes.n(Double(fresh) / Double(days.count) * 100))%",
            freshAnchor: fresh * 3 > days.count * 2 ? "end" : "start",
            freshLabel: fresh > 6 && fresh < days.count - 8 ? words.day(freshDay, today: days.last) : "",
            lastLabel: days.last == today ? words.pick("today", "nay") : words.day(days.last, today: today))
    }
}
