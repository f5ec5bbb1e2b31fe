package import FoundationEssentials

/// A day of the calendar without a time or a zone: what reports are about.
///
/// Arithmetic is on the proleptic Gregorian calendar; a day is never 24 hours long by assumption.
package struct CivilDate: Sendable, Hashable, Comparable, Codable {
    package let daysSince1970: Int32

    package init(daysSince1970: Int32) {
        self.daysSince1970 = daysSince1970
    }

    /// Nil unless the three numbers name a day that exists.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= CivilDate.days(inMonth: month, of: year)
        else { return nil }
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.floorDivided(by: 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        self.daysSince1970 = Int32(era * 146_097 + dayOfEra - 719_468)
    }

    /// Reads `2026-11-21` and nothing else: ten characters, a day that exists.
    package init?(_ text: some StringProtocol) {
        let day = Array(text.utf8).withUnsafeBufferPointer { CivilDate($0) }
        guard let day else { return nil }
        self = day
    }

    /// The same of bytes, for rows by the million.
    package init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else { return nil }
        guard let year = Int(digits: bytes[0..<4]), let month = Int(digits: bytes[5..<7]),
            let day = Int(digits: bytes[8..<10])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// The day on which `instant` falls in `zone`.
    package init(_ instant: Instant, in zone: TimeZone) {
        let date = Date(timeIntervalSince1970: Double(instant.seconds))
        let local = instant.seconds + Int64(zone.secondsFromGMT(for: date))
        self.daysSince1970 = Int32(truncatingIfNeeded: local.floorDivided(by: 86_400))
    }

    package var parts: (year: Int, month: Int, day: Int) {
        let shifted = Int(daysSince1970) + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// `21-11-2026`, with that separator.
    package func dayFirst(_ separator: String) -> String {
        "\(self)".split(separator: "-").reversed().joined(separator: separator)
    }

    package func adding(days: Int) -> CivilDate {
        CivilDate(daysSince1970: daysSince1970 + Int32(days))
    }

    /// Moves by calendar months; a day that the month does not have becomes its last day.
    package func adding(months: Int) -> CivilDate {
        let (year, month, day) = parts
        let total = year * 12 + (month - 1) + months
        let newYear = total.floorDivided(by: 12)
        let newMonth = total - newYear * 12 + 1
        let newDay = min(day, CivilDate.days(inMonth: newMonth, of: newYear))
        return CivilDate(year: newYear, month: newMonth, day: newDay) ?? self
    }

    /// Days from `other` to this day; negative when this day comes first.
    package func days(since other: CivilDate) -> Int {
        Int(daysSince1970 - other.daysSince1970)
    }

    /// The first moment of the day in `zone`. Where daylight saving leaves midnight out that is later, and where
    /// it shows midnight twice it is the first of the two.
    package func start(in zone: TimeZone) -> Instant { moment(0, in: zone) }

    /// When the clocks of `zone` show so many seconds after midnight on this day. A time that daylight saving leaves
    /// out is the first moment behind the gap; one that they show twice is the first of the two. A later time of the
    /// clock is never an earlier moment.
    package func moment(_ secondOfDay: Int, in zone: TimeZone) -> Instant {
        let local = Int64(daysSince1970) * 86_400 + Int64(secondOfDay)
        func offset(at seconds: Int64) -> Int64 {
            Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
        }
        let (before, after) = offsets(around: local, in: zone)
        if before == after { return Instant(seconds: local - before) }
        let valid = [local - before, local - after].filter { $0 + offset(at: $0) == local }
        if let first = valid.min() { return Instant(seconds: first) }
        // No clock showed it: the gap ends when the offset changes.
        var early = local - max(before, after)
        var late = local - min(before, after)
        while late - early > 1 {
            let middle = early + (late - early) / 2
            if offset(at: middle) == before { early = middle } else { late = middle }
        }
        return Instant(seconds: late)
    }

    /// When the clocks of `zone` show that the second time, because they were set back; nil where they show it once.
    func secondMoment(_ secondOfDay: Int, in zone: TimeZone) -> Instant? {
        let local = Int64(daysSince1970) * 86_400 + Int64(secondOfDay)
        let (before, after) = offsets(around: local, in: zone)
        guard before > after else { return nil }
        let first = moment(secondOfDay, in: zone)
        let second = Instant(seconds: local - after)
        let shown =
            second.seconds + Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second.seconds))))
        return shown == local && first < second ? second : nil
    }

    /// Offsets lie between -12 and +14 hours: these two are in force before and after any moment whose clocks show
    /// `local`.
    private func offsets(around local: Int64, in zone: TimeZone) -> (before: Int64, after: Int64) {
        func offset(at seconds: Int64) -> Int64 {
            Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
        }
        return (offset(at: local - 16 * 3600), offset(at: local + 14 * 3600))
    }

    /// 0 is Sunday.
    package var weekday: Int { (Int(daysSince1970) + 4) - (Int(daysSince1970) + 4).floorDivided(by: 7) * 7 }

    package static func < (left: CivilDate, right: CivilDate) -> Bool {
        left.daysSince1970 < right.daysSince1970
    }

    package static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let day = CivilDate(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a day: \(text)")
        }
        self = day
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension CivilDate: CustomStringConvertible {
    package var description: String {
        let (year, month, day) = parts
        var text = String(year)
        while text.utf8.count < 4 { text = "0" + text }
        text += month < 10 ? "-0\(month)" : "-\(month)"
        return text + (day < 10 ? "-0\(day)" : "-\(day)")
    }
}

/// Days from `first` to `last`, both included; never empty.
package struct DayRange: Sendable, Hashable, Codable {
    package let first: CivilDate
    package let last: CivilDate

    private enum CodingKeys: CodingKey {
        case first, last
    }

    /// Nil when `first` comes after `last`.
    package init?(_ first: CivilDate, _ last: CivilDate) {
        guard first <= last else { return nil }
        self.first = first
        self.last = last
    }

    /// Refuses a range that ends before it begins.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.first = try container.decode(CivilDate.self, forKey: .first)
        self.last = try container.decode(CivilDate.self, forKey: .last)
        guard first <= last else {
            throw DecodingError.dataCorruptedError(
                forKey: .last, in: container, debugDescription: "\(last) comes before \(first)")
        }
    }

    package init(_ day: CivilDate) {
        self.first = day
        self.last = day
    }

    package var count: Int { last.days(since: first) + 1 }

    package func contains(_ day: CivilDate) -> Bool { first <= day && day <= last }

    package var days: [CivilDate] { (0..<count).map { first.adding(days: $0) } }

    /// The part that both ranges have, or nil.
    package func intersection(_ other: DayRange) -> DayRange? {
        DayRange(max(first, other.first), min(last, other.last))
    }

    /// Two halves of a range of two days or more; the earlier one first.
    package var halves: (DayRange, DayRange)? {
        guard count > 1 else { return nil }
        let middle = first.adding(days: count / 2 - 1)
        guard let early = DayRange(first, middle), let late = DayRange(middle.adding(days: 1), last) else {
            return nil
        }
        return (early, late)
    }
}

extension DayRange {
    /// As few pieces as a `size` in days allows, as equal as they can be: a rest of one day would cost as many calls as
    /// a whole piece. The newest first.
    package func pieces(of size: Int) -> [DayRange] {
        let pieces = (count - 1) / size + 1
        var last = last
        return (0..<pieces).compactMap { index in
            let days = count / pieces + (index < count % pieces ? 1 : 0)
            defer { last = last.adding(days: -days) }
            return DayRange(last.adding(days: 1 - days), last)
        }
    }
}

extension [CivilDate] {
    /// As few ranges of at most so many days as hold them all, with the days between them; the newest first.
    package func ranges(atMost most: Int) -> [DayRange] {
        var ranges: [DayRange] = []
        for day in sorted(by: >) {
            if let newest = ranges.last, newest.last.days(since: day) < most, let longer = DayRange(day, newest.last) {
                ranges[ranges.count - 1] = longer
            } else {
                ranges.append(DayRange(day))
            }
        }
        return ranges
    }

    /// Runs of consecutive days, the newest first.
    package var runs: [DayRange] {
        var runs: [DayRange] = []
        for day in sorted() {
            if let last = runs.last, last.last.adding(days: 1) == day, let longer = DayRange(last.first, day) {
                runs[runs.count - 1] = longer
            } else if runs.last?.last != day {
                runs.append(DayRange(day))
            }
        }
        return runs.reversed()
    }
}

extension DayRange: CustomStringConvertible {
    package var description: String { first == last ? "\(first)" : "\(first)…\(last)" }
}

/// Named time zones, looked up strictly.
package enum AccountZone {
    /// Throws for a name that the system does not know, never falls back to UTC: a wrong zone would put
    /// money on the wrong day.
    package static func named(_ name: String) throws(UnknownZone) -> TimeZone {
        guard let zone = TimeZone(identifier: name) else { throw UnknownZone(name: name) }
        return zone
    }

    package struct UnknownZone: Error, CustomStringConvertible {
        package let name: String
        package var description: String { "The time zone \(name) is unknown on this machine" }
    }
}
