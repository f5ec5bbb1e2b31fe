import ConnectorKit
import SyncCore
import Wording

/// The months of an account as a map: one cell each, the days below show one stretch of them.
struct MonthsView: Sendable {
    var axis: [CoverageView.Tick]
    var width: String
    var summary: String
    var cells: Shapes.Cells
    var links: [Place]
    /// The frame around what is shown below.
    var from: String
    var span: String
    var history: String
    var left: String

    struct Place: Sendable {
        var href: String
        var label: String
        var x: String
    }

    /// Few months stay small.
    private static let least = 640.0

    /// Nil for less than two months.
    init?(
        _ standing: Standing, _ counts: [CivilDate: [CoverageState: Int]], shown: DayRange, _ words: Words
    ) {
        let months = MonthsView.months(standing)
        guard months.count > 1, !counts.isEmpty else { return nil }
        let states = months.map { MonthsView.state(counts[$0] ?? [:]) }
        let offset = (months[0].parts.month + 11) % 12
        let xs = Shapes.lefts(.months, months.count, offset: offset)
        let box = Shapes.CellSize.months.box
        let total = max((xs.last ?? 0) + box.width, MonthsView.least)
        cells = Shapes.cells(states, .months, offset: offset)
        width = Shapes.n(total)
        let path = "/accounts/\(standing.account.id)"
        links = zip(months, xs).map { month, x in
            Place(href: "\(path)?from=\(month)", label: words.monthName(month), x: Shapes.n(x))
        }
        let read = states.count { $0.isRead }
        summary = words.pick(
            "History: \(words.number(read)) of \(words.number(months.count)) months",
            "Lịch sử: \(words.number(read)) trên \(words.number(months.count)) tháng")
        axis = zip(months, xs).enumerated().compactMap { index, place in
            let (month, x) = place
            guard index == 0 || month.parts.month == 1 else { return nil }
            // The first one's name needs room.
            if index > 0, index < 4 { return nil }
            let label = index == 0 ? words.monthName(month) : "\(month.parts.year)"
            return CoverageView.Tick(x: "\(Shapes.n(x / total * 100))%", label: label, isEnd: false)
        }
        let first = months.lastIndex { $0 <= shown.first } ?? 0
        let last = months.lastIndex { $0 <= shown.last } ?? months.count - 1
        from = Shapes.n(xs[first] - 3)
        span = Shapes.n(xs[last] + box.width + 6 - xs[first])
        history = standing.history.map { words.pick("History ", "Lịch sử ") + words.percent($0) } ?? summary
        left = standing.history == nil ? "" : words.timeLeft(standing.left)
    }

    /// Those that the platform offers, since the account began.
    static func months(_ standing: Standing) -> [CivilDate] {
        let today = standing.today
        let month = today.adding(days: 1 - today.parts.day)
        let oldest = month.adding(months: 1 - (standing.platform.retentionMonths ?? 37))
        let created = standing.account.createdOn.map { $0.adding(days: 1 - $0.parts.day) } ?? oldest
        var months = [max(oldest, min(created, month))]
        while let last = months.last, last < month { months.append(last.adding(months: 1)) }
        return months
    }

    /// One for all days of a month: what goes on or is bad before what is there.
    static func state(_ counts: [CoverageState: Int]) -> CoverageState {
        let order: [CoverageState] = [.running, .failed, .queued, .missing, .fresh, .settled, .notOffered]
        return order.first { counts[$0] ?? 0 > 0 } ?? .missing
    }

    static func outlines(_ standing: Standing) -> String {
        let months = months(standing)
        return Shapes.grid(.months, months.count, offset: (months[0].parts.month + 11) % 12)
    }

    /// Where the months begin, for the store.
    static func first(_ standing: Standing) -> CivilDate { months(standing)[0] }
}

extension Words {
    /// `Sep 2024`, `9/2024`.
    func monthName(_ month: CivilDate) -> String {
        let short = day(month, today: month).split(separator: " ").last.map(String.init) ?? ""
        return pick("\(short) \(month.parts.year)", "\(month.parts.month)/\(month.parts.year)")
    }
}
