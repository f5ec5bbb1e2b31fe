import FoundationEssentials
import SyncCore
import Wording

/// `dashboard.mustache`: is everything complete and current, what must I press, what did I spend today.
struct DashboardPage: Sendable {
    var grid: Grid
    var canAct: Bool
    var headline: Headline
    var figures: [Figure]
    var groups: [Group]
    var more: Link?
    /// What was looked for, where only that is shown.
    var found: String? = nil
    var legend: [LegendItem]

    struct Headline: Sendable {
        var lead: String
        var alert: String?
        var detail: String
    }

    struct Figure: Sendable {
        var label: String
        var value: String
        var second: String?
        var before: String
        var strong = ""
        var after = ""
        /// On a phone.
        var brief = ""
        var onPhone = false
    }

    struct Group: Sendable {
        var kind: String
        var isAlert: Bool
        var label: String
        var count: String
        var accounts: [AccountRow]
    }

    static let perPage = 50
    private static let stripDays = 42

    static func make(
        _ standings: [Standing], lastHour: WorkDone, canAct: Bool, page: Int, _ words: Words, at now: Instant
    ) -> DashboardPage {
        let zone = PageZone(standings.map(\.account)).zone
        let sorted = order(standings)
        let shown = sorted.dropFirst(page * perPage).prefix(perPage)
        let left = sorted.count - page * perPage - shown.count
        return DashboardPage(
            grid: Grid(.strip, stripDays), canAct: canAct, headline: headline(standings, zone, words, now),
            figures: figures(once(standings), lastHour, words), groups: groups(Array(shown), sorted, words, zone, now),
            more: left > 0
                ? Link(
                    href: "/?page=\(page + 2)",
                    label: words.pick("\(words.number(left)) more accounts", "\(words.number(left)) tài khoản nữa"))
                : nil,
            legend: LegendItem.all(words, with: LegendItem.usual))
    }

    /// Problems first; by name within a group.
    private static func order(_ standings: [Standing]) -> [Standing] {
        func rank(_ standing: Standing) -> Int {
            switch standing.group {
            case .needs: 0
            case .waits: 1
            case .complete: 2
            }
        }
        return standings.sorted {
            (rank($0), $0.account.name, $0.account.id) < (rank($1), $1.account.name, $1.account.id)
        }
    }

    private static func headline(
        _ standings: [Standing], _ zone: TimeZone, _ words: Words, _ now: Instant
    ) -> Headline {
        let complete = standings.count { $0.group == .complete }
        let needs = standings.count { $0.group == .needs }
        var parts: [String] = []
        func count(_ one: String, _ several: String, _ vietnamese: String, _ matches: (Standing.State) -> Bool) {
            let number = standings.count { matches($0.state) }
            let english = number == 1 ? one : several
            if number > 0 { parts.append("\(words.number(number)) \(words.pick(english, vietnamese))") }
        }
        count("waits for a quota", "wait for a quota", "chờ hạn mức") { if case .waits = $0 { true } else { false } }
        count("is arriving", "are arriving", "đang tải về") { $0 == .arriving || $0 == .queued }
        count("repairs itself", "repair themselves", "đang tự bù") { if case .repairing = $0 { true } else { false } }
        count("catches up", "catch up", "đang đuổi kịp") { if case .catchingUp = $0 { true } else { false } }
        count("is behind", "are behind", "bị chậm") { if case .behind(_, isPlanned: true) = $0 { true } else { false } }
        count("differs from its platform’s totals", "differ from their platforms’ totals", "lệch số của nền tảng") {
            if case .differs = $0 { true } else { false }
        }
        count("is paused", "are paused", "đang tạm dừng") { $0 == .paused }
        count("is there in part", "are there in part", "mới có một phần") { $0 == .partial }
        count("was never synced", "were never synced", "chưa đồng bộ lần nào") { $0 == .untouched }
        let name = zone.label(at: now)
        let all = words.count(standings.count, "account", "")
        let verb = complete == 1 || standings.count == 1 ? "is" : "are"
        let times = words.pick("Times are \(name).", "Giờ hiển thị: \(name).")
        return Headline(
            lead: words.pick(
                "\(words.number(complete)) of \(all) \(verb) complete and current.",
                "\(words.number(complete)) trên \(words.number(standings.count)) tài khoản đủ và mới."),
            alert: needs == 0
                ? nil
                : words.pick(
                    needs == 1 ? "1 needs you." : "\(words.number(needs)) need you.",
                    "\(words.number(needs)) tài khoản cần bạn xử lý."),
            detail: parts.isEmpty ? times : "\(parts.joined(separator: ", ")). \(times)")
    }

    // MARK: Figures

    /// Of an account that two connections reach the rows are there once: so is it in sums.
    private static func once(_ standings: [Standing]) -> [Standing] {
        var seen: Set<[String]> = []
        return standings.filter { seen.insert([$0.account.platform.rawValue, $0.account.externalID]).inserted }
    }

    private static func figures(_ standings: [Standing], _ done: WorkDone, _ words: Words) -> [Figure] {
        var figures: [Figure] = []
        let spend = sums(standings, \.cost)
        if let first = spend.first {
            // An amount and its currency stay on one line.
            let rest = spend.dropFirst().map { words.money($0.today, $0.currency).replacing(" ", with: "\u{A0}") }
            figures.append(
                Figure(
                    label: words.pick("Spend today", "Chi tiêu hôm nay"),
                    value: words.money(first.today, first.currency),
                    second: rest.isEmpty ? nil : rest.joined(separator: " · "),
                    before: yesterday(first.yesterday, first.currency, words),
                    brief: rest.isEmpty
                        ? words.pick("yesterday ", "hôm qua ") + words.shortMoney(first.yesterday, first.currency)
                        : words.pick("and ", "và ") + rest.joined(separator: ", "), onPhone: true))
        }
        let orders = standings.flatMap { standing in
            standing.figures.compactMap { $0.day == standing.today ? $0.orders : nil }
        }
        if !orders.isEmpty {
            let before = standings.flatMap { standing in
                standing.figures.compactMap { $0.day == standing.today.adding(days: -1) ? $0.orders : nil }
            }.reduce(0, +)
            let text = words.pick(
                "\(words.number(Int(before))) yesterday, the whole day", "hôm qua cả ngày \(words.number(Int(before)))")
            figures.append(
                Figure(
                    label: words.pick("Orders today", "Đơn hàng hôm nay"),
                    value: words.number(Int(orders.reduce(0, +))), before: text,
                    brief: words.pick("yesterday ", "hôm qua ") + words.number(Int(before)), onPhone: true))
        }
        figures.append(days(standings, words))
        figures.append(lastHour(done, words))
        return figures
    }

    private struct Sum: Sendable {
        var currency: String
        var today: Int64
        var yesterday: Int64
    }

    /// Currencies are never added together; the one with the most accounts first.
    private static func sums(_ standings: [Standing], _ value: (DayFigures) -> Int64?) -> [Sum] {
        var sums: [String: (today: Int64, yesterday: Int64)] = [:]
        for standing in standings {
            for figure in standing.figures {
                guard let amount = value(figure) else { continue }
                let isToday = figure.day == standing.today
                guard isToday || figure.day == standing.today.adding(days: -1) else { continue }
                var sum = sums[figure.currency] ?? (0, 0)
                if isToday { sum.today += amount } else { sum.yesterday += amount }
                sums[figure.currency] = sum
            }
        }
        let accounts = Dictionary(grouping: standings, by: \.account.currency).mapValues(\.count)
        return sums.sorted { (accounts[$1.key] ?? 0, $0.key) < (accounts[$0.key] ?? 0, $1.key) }
            .map { Sum(currency: $0.key, today: $0.value.today, yesterday: $0.value.yesterday) }
    }

    private static func yesterday(_ amount: Int64, _ currency: String, _ words: Words) -> String {
        let money = words.money(amount, currency)
        return words.pick("\(money) yesterday, the whole day", "hôm qua cả ngày \(money)")
    }

    private static func days(_ standings: [Standing], _ words: Words) -> Figure {
        let all = standings.flatMap { $0.days.filter { $0 != .notOffered } }
        let read = all.count(where: \.isRead)
        let coming = all.count { $0 == .queued || $0 == .running }
        let share = all.isEmpty ? 0 : Double(read) / Double(all.count)
        let of = words.pick(
            "\(words.number(read)) of \(words.number(all.count))",
            "\(words.number(read)) trên \(words.number(all.count))")
        let onTheWay = words.pick("\(words.number(coming)) on the way", "\(words.number(coming)) đang về")
        return Figure(
            label: words.pick("Days complete, last 90", "Số ngày đủ dữ liệu, 90 ngày"),
            value: words.percent(share, places: 1), before: coming == 0 ? of : "\(of), \(onTheWay)")
    }

    private static func lastHour(_ done: WorkDone, _ words: Words) -> Figure {
        Figure(
            label: words.pick("Last hour", "Một giờ qua"), value: words.count(done.rows, "row", "dòng"),
            before: words.pick(
                "\(words.count(done.requests, "call", "")), ", "\(words.number(done.requests)) lượt gọi, "),
            strong: words.pick(
                "\(words.number(done.throttled)) over a limit", "\(words.number(done.throttled)) vượt hạn mức"),
            after: words.pick(
                ", \(words.number(done.retries)) retried", ", \(words.number(done.retries)) thử lại"))
    }

    // MARK: Groups

    private static func groups(
        _ shown: [Standing], _ all: [Standing], _ words: Words, _ zone: TimeZone, _ now: Instant
    ) -> [Group] {
        let kinds: [(Standing.Group, String, String, String)] = [
            (.needs, "needs", "Needs you", "Cần bạn xử lý"),
            (.waits, "waits", "Waiting and arriving", "Đang chờ và đang về"),
            (.complete, "complete", "Complete and current", "Đủ và mới"),
        ]
        return kinds.compactMap { group, kind, english, vietnamese in
            let rows = shown.filter { $0.group == group }
            guard !rows.isEmpty else { return nil }
            return Group(
                kind: kind, isAlert: group == .needs, label: words.pick(english, vietnamese),
                count: words.number(all.count { $0.group == group }),
                accounts: rows.map { AccountRow.make($0, words, zone, now, stripDays: stripDays) })
        }
    }
}
