import FoundationEssentials

/// Days of the calendar and times of the day: what cron expressions and times of day come down to.
struct CalendarPattern: Sendable, Hashable {
    private let months: UInt32
    private let days: UInt32
    private let weekdays: UInt32
    /// A day of the month or of the week is enough; else it has to be both.
    private let isEitherDay: Bool
    /// Minutes after midnight, ascending.
    private let minutes: [Int]
    /// Hours that the clocks show twice count twice.
    private let isOfEveryHour: Bool

    /// `days` may hold `CronExpression.lastDay`; Sunday is 0 among the weekdays.
    init(
        months: Set<Int>, days: Set<Int>, weekdays: Set<Int>, isEitherDay: Bool, minutes: [Int],
        isOfEveryHour: Bool = false
    ) {
        self.months = CalendarPattern.bits(months)
        self.days = CalendarPattern.bits(days)
        self.weekdays = CalendarPattern.bits(weekdays)
        self.isEitherDay = isEitherDay
        self.minutes = minutes
        self.isOfEveryHour = isOfEveryHour
    }

    init(_ times: DayTimes) {
        self.init(
            months: Set(1...12), days: Set(1...31), weekdays: Set(times.weekdays.map(\.number)), isEitherDay: false,
            minutes: times.minutes)
    }

    private static func bits(_ numbers: Set<Int>) -> UInt32 { numbers.reduce(0) { $0 | 1 << UInt32($1) } }

    private static func has(_ bits: UInt32, _ number: Int) -> Bool { bits & 1 << UInt32(number) != 0 }

    /// No month that is meant has a day that is meant, and no day of the week would do instead.
    var isNever: Bool {
        if isEitherDay || CalendarPattern.has(days, CronExpression.lastDay) { return false }
        // In a leap year.
        return !(1...12).contains { month in
            CalendarPattern.has(months, month)
                && (1...CivilDate.days(inMonth: month, of: 2000)).contains { CalendarPattern.has(days, $0) }
        }
    }

    /// The 29th of February may be eight years away, and may have to be a certain day of the week in other patterns.
    private static let reach = 30 * 366

    func next(after instant: Instant, in zone: TimeZone) -> Instant? {
        let first = nextFirst(after: instant, in: zone)
        guard isOfEveryHour else { return first }
        // Only the days of the two have such an hour between them: any other would have come first.
        let days = Set([instant, first ?? instant].map { CivilDate($0, in: zone) })
        let second = days.compactMap { nextSecond(after: instant, on: $0, in: zone) }.min()
        return [first, second].compactMap(\.self).min()
    }

    /// The next minute that the clocks show the second time.
    private func nextSecond(after instant: Instant, on day: CivilDate, in zone: TimeZone) -> Instant? {
        let (year, month, number) = day.parts
        let isLast = number == CivilDate.days(inMonth: month, of: year)
        let length = day.adding(days: 1).start(in: zone) - day.start(in: zone)
        guard length > .seconds(86_400), CalendarPattern.has(months, month), fits(day, number, isLast: isLast) else {
            return nil
        }
        return minutes.lazy.compactMap { day.secondMoment($0 * 60, in: zone) }.first { $0 > instant }
    }

    private func nextFirst(after instant: Instant, in zone: TimeZone) -> Instant? {
        var day = CivilDate(instant, in: zone)
        let end = day.adding(days: CalendarPattern.reach)
        // Earlier times of that day are over, and so is the minute that the clocks show now.
        let isOver = { [day] (minute: Int) in day.moment(minute * 60, in: zone) <= instant }
        var upcoming = minutes[...]
        if let clock = CalendarPattern.minute(of: instant, on: day, in: zone) {
            upcoming = upcoming[upcoming.partition(at: { $0 > clock })...]
        }
        // Where clocks show an hour again, what it brought the first time does not come a second time.
        upcoming = upcoming.drop(while: isOver)
        while day < end {
            let (year, month, number) = day.parts
            let length = CivilDate.days(inMonth: month, of: year)
            guard CalendarPattern.has(months, month) else {
                day = day.adding(days: length - number + 1)
                upcoming = minutes[...]
                continue
            }
            if let minute = upcoming.first, fits(day, number, isLast: number == length) {
                return day.moment(minute * 60, in: zone)
            }
            day = day.adding(days: 1)
            upcoming = minutes[...]
        }
        return nil
    }

    private func fits(_ day: CivilDate, _ number: Int, isLast: Bool) -> Bool {
        let byMonth =
            CalendarPattern.has(days, number) || isLast && CalendarPattern.has(days, CronExpression.lastDay)
        let byWeek = CalendarPattern.has(weekdays, day.weekday)
        return isEitherDay ? byMonth || byWeek : byMonth && byWeek
    }

    /// What the clocks show, in minutes.
    private static func minute(of instant: Instant, on day: CivilDate, in zone: TimeZone) -> Int? {
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.seconds)))
        let second = instant.seconds + Int64(offset) - Int64(day.daysSince1970) * 86_400
        return (0..<86_400).contains(second) ? Int(second / 60) : nil
    }
}

extension ArraySlice {
    /// The first index whose element is so; all behind it are, too.
    fileprivate func partition(at isBehind: (Element) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
