/// When a schedule is due, by the clocks of its zone.
package enum Recurrence: Sendable, Hashable {
    /// Again and again, counted from the midnight with which each local day begins, so that a restart moves nothing.
    case every(Interval)
    /// At times of the day, on some days of the week.
    case at(DayTimes)
    case cron(CronExpression)

    /// The lengths that are offered. All divide a day.
    package enum Interval: Int, Sendable, Hashable, CaseIterable {
        case minutes10 = 10
        case minutes15 = 15
        case minutes30 = 30
        case hour1 = 60
        case hours2 = 120
        case hours6 = 360
        case hours12 = 720
        case hours24 = 1440

        package var minutes: Int { rawValue }

        /// `15m`, `2h`: as it stands on the command line and in the database.
        package var text: String { rawValue < 60 ? "\(rawValue)m" : "\(rawValue / 60)h" }

        package init?(text: String) {
            guard let interval = Interval.allCases.first(where: { $0.text == text }) else { return nil }
            self = interval
        }
    }
}

/// Times of a day on days of the week; neither is empty.
package struct DayTimes: Sendable, Hashable {
    /// Minutes after midnight, ascending.
    package let minutes: [Int]
    /// All of them for every day.
    package let weekdays: Set<Weekday>

    /// Throws `RecurrenceError` for a list without a time, or without a day.
    package init(minutes: some Sequence<Int>, weekdays: Set<Weekday> = Set(Weekday.allCases)) throws(RecurrenceError) {
        self.minutes = Set(minutes).sorted()
        self.weekdays = weekdays
        guard !self.minutes.isEmpty, !weekdays.isEmpty else { throw .notATime("") }
    }

    /// One time on every day.
    package init(daily time: Duration) {
        minutes = [Int(time.inSeconds / 60) % 1440]
        weekdays = Set(Weekday.allCases)
    }

    /// `08:00,14:30` and `mon,fri`, an empty list for all days.
    package init(times: String, days: String) throws(RecurrenceError) {
        var minutes: [Int] = []
        for text in times.split(separator: ",", omittingEmptySubsequences: false) {
            minutes.append(try DayTimes.minute(String(text)))
        }
        var weekdays: Set<Weekday> = []
        for text in days.split(separator: ",") {
            guard let day = Weekday(rawValue: text.lowercased()) else { throw .notAWeekday(String(text)) }
            weekdays.insert(day)
        }
        try self.init(minutes: minutes, weekdays: days.isEmpty ? Set(Weekday.allCases) : weekdays)
    }

    /// Minutes after midnight, from `08:00` and nothing else.
    package static func minute(_ text: String) throws(RecurrenceError) -> Int {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2, (1...2).contains(parts[0].count), parts[1].count == 2,
            let hour = Int(digits: parts[0]), let minute = Int(digits: parts[1]), hour < 24, minute < 60
        else { throw .notATime(text) }
        return hour * 60 + minute
    }

    package var isEveryDay: Bool { weekdays.count == Weekday.allCases.count }

    /// `08:00,14:30`
    package var times: String {
        minutes.map(DayTimes.clock).joined(separator: ",")
    }

    /// `08:00`, of minutes after midnight; `24:00` at its end.
    package static func clock(_ minute: Int) -> String {
        let (hour, rest) = minute.quotientAndRemainder(dividingBy: 60)
        return "\(hour < 10 ? "0" : "")\(hour):\(rest < 10 ? "0" : "")\(rest)"
    }

    /// `mon,fri`
    package var days: String {
        Weekday.allCases.filter(weekdays.contains).map(\.rawValue).joined(separator: ",")
    }
}

/// In the order of a week that begins on Monday.
package enum Weekday: String, Sendable, Hashable, CaseIterable {
    case mon, tue, wed, thu, fri, sat, sun

    /// 0 is Sunday, as in cron and in `CivilDate.weekday`.
    var number: Int { ((Weekday.allCases.firstIndex(of: self) ?? 0) + 1) % 7 }

    package init(_ day: CivilDate) { self = Weekday.allCases[(day.weekday + 6) % 7] }

    /// The day of the week before it.
    package var before: Weekday { Weekday.allCases[(number + 5) % 7] }
}

/// Why something is no recurrence, as a whole sentence.
package enum RecurrenceError: Error, Sendable, Hashable {
    case notAnInterval(String)
    case notATime(String)
    case notAWeekday(String)
    /// A cron expression has so many fields, and not five.
    case fields(Int)
    /// What is wrong in which field of a cron expression.
    case field(CronExpression.Field, String)
    /// A cron expression that fits no day of any year.
    case never(String)
}

extension RecurrenceError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notAnInterval(let text):
            "\"\(text)\" is no interval. There are \(Recurrence.Interval.allCases.map(\.text).joined(separator: ", "))."
        case .notATime(let text): "\"\(text)\" is no time of day; write it like 08:00."
        case .notAWeekday(let text):
            "\"\(text)\" is no day of the week. There are \(Weekday.allCases.map(\.rawValue).joined(separator: ", "))."
        case .fields(let count):
            "A cron expression has five fields (minute, hour, day of month, month, day of week), and this has \(count)."
        case .field(let field, let text):
            "The \(field.rawValue) of the cron expression cannot be \"\(text)\"; it takes \(field.takes)."
        case .never(let text): "The cron expression \"\(text)\" is never due: no month has that day."
        }
    }
}

extension Recurrence: CustomStringConvertible {
    /// `every 15m`, `at 08:00,14:30 on mon,fri`, `cron 0 6 1 * *`: as it is stored.
    package var description: String {
        switch self {
        case .every(let interval): "every \(interval.text)"
        case .at(let times): "at \(times.times)" + (times.isEveryDay ? "" : " on \(times.days)")
        case .cron(let expression): "cron \(expression.text)"
        }
    }

    /// Reads what `description` writes.
    package init(_ text: String) throws(RecurrenceError) {
        let (kind, rest) = Recurrence.halves(text)
        switch kind {
        case "every":
            guard let interval = Interval(text: rest) else { throw .notAnInterval(rest) }
            self = .every(interval)
        case "at":
            let (times, days) = Recurrence.halves(rest)
            self = .at(try DayTimes(times: times, days: days.hasPrefix("on ") ? String(days.dropFirst(3)) : days))
        case "cron": self = .cron(try CronExpression(rest))
        default: throw .notAnInterval(text)
        }
    }

    private static func halves(_ text: String) -> (String, String) {
        let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
        return (parts.first ?? "", parts.count > 1 ? parts[1] : "")
    }
}
