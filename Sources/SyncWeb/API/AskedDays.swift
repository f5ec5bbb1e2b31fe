import SyncCore

/// Days that somebody asks for: no more than can be worth it, of a time that platforms know.
enum AskedDays {
    /// More than the 37 months of Meta.
    static let most = 1200
    private static let first = CivilDate("2004-01-01")

    /// What is wrong with them, by the field of which end; nil for days that are in order. `upTo` is the last day
    /// that may be asked for: none that has not begun is to be read.
    static func error(
        _ days: DayRange, upTo last: CivilDate? = nil, from: String = "from", to: String = "to"
    ) -> [String: String]? {
        if let first, days.first < first { return [from: "No platform knows days before 2004."] }
        if let last, days.last > last { return [to: "A day that has begun."] }
        return days.count > most ? [from: "At most 1,200 days at once."] : nil
    }

    static func ordered(_ from: CivilDate, _ to: CivilDate) throws -> DayRange {
        guard let days = DayRange(from, to) else {
            throw WebError.invalid(["from": "The first day is after the last."])
        }
        return days
    }

    static func checked(_ from: CivilDate, _ to: CivilDate, upTo last: CivilDate? = nil) throws -> DayRange {
        let days = try ordered(from, to)
        if let error = error(days, upTo: last) { throw WebError.invalid(error) }
        return days
    }
}
