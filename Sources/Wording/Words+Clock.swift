package import FoundationEssentials
package import SyncCore

/// What the clocks of a zone show.
extension TimeZone {
    /// Seconds after midnight.
    package func secondOfDay(_ moment: Instant) -> Int {
        let local = moment.seconds + Int64(secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment.seconds))))
        return Int(local - Int64(CivilDate(moment, in: self).daysSince1970) * 86_400)
    }

    /// `14:07`, `14:07:02`.
    package func clock(_ moment: Instant, seconds: Bool = false) -> String {
        let second = secondOfDay(moment)
        let text = DayTimes.clock(second / 60)
        guard seconds else { return text }
        return "\(text):\(second % 60 < 10 ? "0" : "")\(second % 60)"
    }

    /// `UTC+7`, `UTC−3:30`, as it is at a moment.
    package func utcOffset(at moment: Instant) -> String {
        let minutes = secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment.seconds))) / 60
        if minutes == 0 { return "UTC" }
        let (hours, rest) = abs(minutes).quotientAndRemainder(dividingBy: 60)
        return "UTC\(minutes < 0 ? "−" : "+")\(hours)" + (rest == 0 ? "" : rest < 10 ? ":0\(rest)" : ":\(rest)")
    }

    /// `Asia/Ho_Chi_Minh (UTC+7)`; `UTC` for that itself.
    package func label(at moment: Instant) -> String {
        ["GMT", "UTC", "Etc/UTC"].contains(identifier) ? "UTC" : "\(identifier) (\(utcOffset(at: moment)))"
    }
}

/// Times as they are near: `14:07` today, `Sun 02:00` within a week, `1 Dec` beyond.
extension Words {
    package func near(_ moment: Instant, in zone: TimeZone, now: Instant) -> String {
        let (day, today) = (CivilDate(moment, in: zone), CivilDate(now, in: zone))
        let clock = zone.clock(moment)
        if day == today { return clock }
        let away = abs(day.days(since: today))
        return away < 7 ? "\(weekday(of: day)) \(clock)" : self.day(day, today: today)
    }

    /// How long something took or takes: `5.2 s`, `34 s`, `3 min 06 s`, `41 min`, `1 h 20 min`, `1 day 16 h`, `9 days`.
    package func length(_ duration: Duration) -> String {
        let exact = max(0, duration.inSeconds)
        let total = Int(exact.rounded())
        let (minutes, hours, days) = (total / 60, total / 3600, total / 86_400)
        let (minute, hour) = (pick("min", "phút"), pick("h", "giờ"))
        func with(_ rest: Int, _ unit: String) -> String { rest == 0 ? "" : " \(rest < 10 ? "0" : "")\(rest) \(unit)" }
        switch total {
        // Tenths where there are some.
        case ..<10: return (exact == Double(total) ? "\(total)" : decimal(exact)) + pick(" s", " giây")
        case ..<60: return "\(total) \(pick("s", "giây"))"
        case ..<600: return "\(minutes) \(minute)" + with(total % 60, pick("s", "giây"))
        case ..<3600: return "\(minutes) \(minute)"
        case ..<86_400: return "\(hours) \(hour)" + with(minutes % 60, minute)
        case ..<(3 * 86_400): return count(days, "day", "ngày") + (hours % 24 == 0 ? "" : " \(hours % 24) \(hour)")
        default: return count(days, "day", "ngày")
        }
    }

    package func weekday(of day: CivilDate) -> String {
        // The week of the list begins on Monday, that of the number on Sunday.
        weekdays([Weekday.allCases[(day.weekday + 6) % 7]])
    }

    /// `Mar 2025`, `03/2025`.
    package func month(_ day: CivilDate) -> String {
        let (year, month, _) = day.parts
        let english = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][month - 1]
        return pick("\(english) \(year)", "\(month < 10 ? "0" : "")\(month)/\(year)")
    }
}
