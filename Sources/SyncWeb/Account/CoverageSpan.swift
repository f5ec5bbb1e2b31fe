import SyncCore
import Wording

/// Days of a stream in one state: a line of `part-coverage-table.mustache`, which can be picked.
struct CoverageSpan: Sendable {
    /// `ads:2026-11-15:2026-11-21`.
    var value: String
    var days: String
    var stream: String
    var tone: String
    var icon: String
    var state: String
    var rows: String
    var read: String

    /// Of all streams, the newest days first.
    static func all(_ standing: Standing, _ days: DayRange, _ words: Words, _ now: Instant) -> [CoverageSpan] {
        standing.order.flatMap { stream -> [CoverageSpan] in
            let cells = standing.byStream[stream] ?? []
            guard !cells.isEmpty else { return [] }
            let states = CoverageView.states(cells, days)
            return Shapes.runs(states).reversed().map { run in
                let first = days.first.adding(days: run.lowerBound)
                let span = DayRange(first, days.first.adding(days: run.upperBound - 1)) ?? DayRange(first)
                return CoverageSpan(stream, span, states[run.lowerBound], cells, standing, words, now)
            }
        }
    }

    /// Day by day, the newest first.
    static func days(
        _ cells: [CoverageCell], of stream: StreamID, _ days: DayRange, _ standing: Standing, _ words: Words,
        _ now: Instant
    ) -> [CoverageSpan] {
        let states = CoverageView.states(cells, days)
        return zip(days.days, states).reversed().map { day, state in
            CoverageSpan(stream, DayRange(day), state, cells, standing, words, now)
        }
    }

    private init(
        _ stream: StreamID, _ days: DayRange, _ state: CoverageState, _ cells: [CoverageCell], _ standing: Standing,
        _ words: Words, _ now: Instant
    ) {
        let mine = cells.filter { days.first <= $0.day && $0.day <= days.last }
        value = "\(stream):\(days.first):\(days.last)"
        self.days = words.days(days, today: standing.today)
        self.stream = words.stage(stream.rawValue)
        (tone, icon) =
            switch state {
            case .settled: ("ok", "done")
            case .fresh: ("run", "done")
            case .running: ("run", "run")
            case .queued: ("", "clock")
            case .missing: ("warn", "warn")
            case .failed: ("bad", "bad")
            case .notOffered: ("", "minus")
            }
        self.state = words.cell(state)
        rows = words.number(mine.reduce(0) { $0 + $1.rows })
        read = mine.compactMap(\.readAt).max().map { words.near($0, in: standing.zone, now: now) } ?? "—"
    }
}
