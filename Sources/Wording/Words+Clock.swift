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

    /// `4 s`, `3 min 6 s`, `1 h 20 min`, `2 d 4 h`.
    package func length(_ duration: Duration) -> String {
        let total = max(0, Int(duration.inSeconds.rounded()))
        let (days, hours, minutes, seconds) = (total / 86_400, total / 3600 % 24, total / 60 % 60, total % 60)
        let (d, h, m, s) = (pick("d", "ngày"), pick("h", "giờ"), pick("min", "phút"), pick("s", "giây"))
        if days > 0 { return hours > 0 ? "\(days) \(d) \(hours) \(h)" : "\(days) \(d)" }
        if hours > 0 { return minutes > 0 ? "\(hours) \(h) \(minutes) \(m)" : "\(hours) \(h)" }
        if minutes > 0 { return seconds > 0 ? "\(minutes) \(m) \(seconds) \(s)" : "\(minutes) \(m)" }
        return "\(seconds) \(s)"
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
