package import FoundationEssentials

/// The moments at which a recurrence is due.
///
/// Daylight saving: a time that the clocks leave out is due at the first moment behind the gap, one that they show
/// twice is due the first time, but for cron expressions whose hour begins with `*`: they are due both times.
/// Intervals count what has passed: a day of 25 hours has more of them, and the last one of a day ends with the day,
/// half its length shorter or longer at most.
extension Recurrence {
    /// The first one after a moment; nil when there is none within thirty years.
    package func next(after instant: Instant, in zone: TimeZone) -> Instant? {
        switch self {
        case .every(let interval): Recurrence.next(interval, after: instant, in: zone)
        case .at(let times): CalendarPattern(times).next(after: instant, in: zone)
        case .cron(let expression): expression.pattern.next(after: instant, in: zone)
        }
    }

    private static func next(_ interval: Interval, after instant: Instant, in zone: TimeZone) -> Instant {
        let day = CivilDate(instant, in: zone)
        let begin = day.start(in: zone).seconds
        let end = day.adding(days: 1).start(in: zone).seconds
        let length = Int64(interval.minutes) * 60
        let next = begin + ((instant.seconds - begin).floorDivided(by: length) + 1) * length
        return Instant(seconds: next + length / 2 < end ? next : end)
    }

    /// The next ones after a moment, in order. Of a day of the zone at most so many, and so many less on the day of the
    /// moment as were `done` on it; none where no day may have one.
    package func next(
        _ count: Int, after instant: Instant, in zone: TimeZone, aDay most: Int? = nil, done: Int = 0
    ) -> [Instant] {
        if let most, most < 1 { return [] }
        var all: [Instant] = []
        var taken = [CivilDate(instant, in: zone): done]
        var last = instant
        while all.count < count, let next = next(after: last, in: zone) {
            let day = CivilDate(next, in: zone)
            if let most, taken[day, default: 0] >= most {
                last = day.adding(days: 1).start(in: zone) - .seconds(1)
                continue
            }
            taken[day, default: 0] += 1
            all.append(next)
            last = next
        }
        return all
    }

    /// The last one up to a moment that comes after `other`, which is one or comes before one; nil when there is none.
    package func latest(through instant: Instant, after other: Instant, in zone: TimeZone) -> Instant? {
        guard let first = next(after: other, in: zone), first <= instant else { return nil }
        // From the last one on, and from no earlier moment, the next one is still to come.
        var (low, high) = (first.seconds - 1, instant.seconds)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            let isBefore = next(after: Instant(seconds: middle), in: zone).map { $0 <= instant } ?? false
            if isBefore { low = middle } else { high = middle }
        }
        return Instant(seconds: high)
    }

    /// How many come after `other` and not after `instant`, counted up to `limit`.
    package func count(after other: Instant, through instant: Instant, upTo limit: Int, in zone: TimeZone) -> Int {
        var (count, last) = (0, other)
        while count < limit, let next = next(after: last, in: zone), next <= instant {
            (count, last) = (count + 1, next)
        }
        return count
    }
}
