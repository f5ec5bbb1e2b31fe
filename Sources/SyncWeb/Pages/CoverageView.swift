import SyncCore
import Wording

/// `part-coverage.mustache` and `part-weeks.mustache`: streams down, days across.
struct CoverageView: Sendable {
    var range: String
    var tableHref: String
    var tableLabel: String
    var isTable: Bool
    var first: String
    var clip: String
    var offset: String
    var width: String
    var axis: [Tick]
    var rows: [Row]
    var streams: [Choice]
    var chosen: String
    var weekdays: [String]
    var weeks: [Week]

    struct Tick: Sendable {
        var x: String
        var label: String
        var isEnd: Bool
    }

    struct Row: Sendable {
        var label: String
        var stream: String
        var clip: String
        var width: String
        var height: String
        /// For the script: `s14 f28`, and the rows of each day.
        var states: String
        var rowCounts: String
        var notes: String
        var summary: String
        var selected: Selection?
        var cells: Shapes.Cells
    }

    struct Selection: Sendable {
        var x: String
        var span: String
    }

    struct Choice: Sendable {
        var href: String
        var label: String
        var isChosen: Bool
    }

    struct Week: Sendable {
        var label: String
        var href: String
        var summary: String
        var cells: Shapes.Cells
    }

    /// Days from Monday on: 0 for a Monday.
    static func offset(_ day: CivilDate) -> Int { (day.weekday + 6) % 7 }

    static func make(
        _ standing: Standing, _ days: DayRange, _ size: Shapes.CellSize, chosen: String?, _ words: Words
    ) -> CoverageView {
        let offset = offset(days.first)
        let xs = Shapes.lefts(size, days.count, offset: offset)
        let streams = standing.order.filter { standing.byStream[$0]?.isEmpty == false }
        let rows = streams.map { row($0, standing, days, size, offset, words) }
        let picked = streams.first { $0.rawValue == chosen } ?? streams.last
        let width = Shapes.n((xs.last ?? 0) + size.box.width)
        return CoverageView(
            range: words.pick(
                "\(words.day(days.first, today: days.last)) to \(words.day(days.last, today: days.last))",
                "\(words.day(days.first, today: days.last)) đến \(words.day(days.last, today: days.last))"),
            tableHref: "?table=1", tableLabel: words.pick("As a table", "Dạng bảng"), isTable: false,
            first: days.first.description, clip: size.rawValue, offset: "\(offset)", width: width,
            axis: axis(
                days, today: standing.today, xs, (xs.last ?? 0) + size.box.width, byWeek: size == .account, words),
            rows: rows,
            streams: streams.map { stream in
                Choice(
                    href: "?stream=\(stream)", label: words.stage(stream.rawValue), isChosen: stream == picked)
            }, chosen: picked.map { words.stage($0.rawValue) } ?? "",
            weekdays: (0..<7).map { words.weekday(of: days.first.adding(days: $0 - offset)) },
            weeks: picked.map { weeks(states(standing.byStream[$0] ?? [], days), $0, days, words) } ?? [])
    }

    /// One state for each day; what has no cell is missing.
    static func states(_ cells: [CoverageCell], _ days: DayRange) -> [CoverageState] {
        let byDay = Dictionary(cells.map { ($0.day, $0.state) }, uniquingKeysWith: { first, _ in first })
        return days.days.map { byDay[$0] ?? .missing }
    }

    private static func row(
        _ stream: StreamID, _ standing: Standing, _ days: DayRange, _ size: Shapes.CellSize, _ offset: Int,
        _ words: Words
    ) -> Row {
        let cells = standing.byStream[stream] ?? []
        let states = states(cells, days)
        let counts = Dictionary(cells.map { ($0.day, $0.rows) }, uniquingKeysWith: { first, _ in first })
        let drawn = Shapes.cells(states, size, offset: offset)
        let label = words.stage(stream.rawValue)
        let told = Dictionary(grouping: states, by: { $0 }).mapValues(\.count)
            .sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
            .map { "\(words.number($0.value)) \(words.cell($0.key))" }
        return Row(
            label: label, stream: stream.rawValue, clip: size.rawValue, width: drawn.width, height: drawn.height,
            states: Shapes.short(states),
            rowCounts: days.days.map { "\(counts[$0] ?? 0)" }.joined(separator: " "), notes: "{}",
            summary: "\(label): \(told.joined(separator: ", "))", cells: drawn)
    }

    /// The first day, the first of each month or week, and today.
    private static func axis(
        _ days: DayRange, today: CivilDate, _ xs: [Double], _ width: Double, byWeek: Bool, _ words: Words
    ) -> [Tick] {
        var ticks = [Tick(x: "0%", label: words.day(days.first, today: days.last), isEnd: false)]
        for (index, day) in days.days.enumerated() where index > 5 && index < days.count - 8 {
            let label: String
            if byWeek {
                guard offset(day) == 0 else { continue }
                label = words.day(day, today: days.last)
            } else {
                guard day.parts.day == 1 else { continue }
                label = words.pick(
                    String(words.day(day, today: day).split(separator: " ").last ?? ""), "T\(day.parts.month)")
            }
            ticks.append(Tick(x: "\(Shapes.n(xs[index] / width * 100))%", label: label, isEnd: false))
        }
        let end = days.last == today ? words.pick("today", "nay") : words.day(days.last, today: today)
        ticks.append(Tick(x: "100%", label: end, isEnd: true))
        return ticks
    }

    /// The newest first; a phone shows one week a row.
    private static func weeks(
        _ states: [CoverageState], _ stream: StreamID, _ days: DayRange, _ words: Words
    ) -> [Week] {
        let offset = offset(days.first)
        var weeks: [Week] = []
        var index = -offset
        while index < states.count {
            let first = max(0, index)
            let week = Array(states[first..<min(states.count, index + 7)])
            // Days before the first one are not shown as missing.
            let padded = [CoverageState](repeating: .notOffered, count: first - index) + week
            let monday = days.first.adding(days: index)
            let label = words.day(monday, today: days.last)
            weeks.append(
                Week(
                    label: label, href: "?stream=\(stream)&week=\(monday)", summary: label,
                    cells: Shapes.cells(padded, .week)))
            index += 7
        }
        return weeks.reversed()
    }
}
