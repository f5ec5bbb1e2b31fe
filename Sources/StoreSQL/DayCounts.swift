import SyncCore

/// How many of something lie on each day, kept as edges: a thousand chunks of ninety days cost two
/// thousand entries, not ninety thousand.
struct DayCounts {
    private var edges: [CivilDate: Int] = [:]

    mutating func add(_ count: Int, on days: DayRange) {
        edges[days.first, default: 0] += count
        edges[days.last.adding(days: 1), default: 0] -= count
    }

    /// Ranges of days with the same count, ascending, without those of zero.
    var runs: [(days: DayRange, count: Int)] {
        var found: [(days: DayRange, count: Int)] = []
        var count = 0
        var start: CivilDate?
        for day in edges.keys.sorted() {
            guard let change = edges[day], change != 0 else { continue }
            if count != 0, let start, let days = DayRange(start, day.adding(days: -1)) {
                found.append((days: days, count: count))
            }
            count += change
            start = day
        }
        return found
    }
}
