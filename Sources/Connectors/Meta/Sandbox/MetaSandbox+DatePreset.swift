import SyncCore

extension MetaSandbox {
    /// Days of a `date_preset`; weeks begin on Sunday or Monday as the name says.
    static func preset(_ name: String, _ today: CivilDate, _ oldest: Int32) throws(GraphError) -> Query.Period {
        let (year, month, _) = today.parts
        let weekday = Int((today.daysSince1970 + 4) % 7)
        let firstOfMonth = CivilDate(year: year, month: month, day: 1) ?? today
        let firstOfQuarter = CivilDate(year: year, month: (month - 1) / 3 * 3 + 1, day: 1) ?? today
        let firstOfYear = CivilDate(year: year, month: 1, day: 1) ?? today
        func days(_ from: CivilDate, _ to: CivilDate) -> Query.Period {
            Query.Period(from: from.daysSince1970, to: to.daysSince1970)
        }
        let sunday = today.adding(days: -weekday)
        let monday = today.adding(days: -((weekday + 6) % 7))
        switch name {
        case "today": return days(today, today)
        case "yesterday": return days(today.adding(days: -1), today.adding(days: -1))
        case "this_month": return days(firstOfMonth, today)
        case "last_month": return days(firstOfMonth.adding(months: -1), firstOfMonth.adding(days: -1))
        case "this_quarter": return days(firstOfQuarter, today)
        case "last_quarter": return days(firstOfQuarter.adding(months: -3), firstOfQuarter.adding(days: -1))
        case "this_year": return days(firstOfYear, today)
        case "last_year": return days(firstOfYear.adding(months: -12), firstOfYear.adding(days: -1))
        case "this_week_sun_today": return days(sunday, today)
        case "this_week_mon_today": return days(monday, today)
        case "last_week_sun_sat": return days(sunday.adding(days: -7), sunday.adding(days: -1))
        case "last_week_mon_sun": return days(monday.adding(days: -7), monday.adding(days: -1))
        case "maximum", "data_maximum": return Query.Period(from: oldest + 1, to: today.daysSince1970)
        default:
            guard name.hasPrefix("last_"), name.hasSuffix("d"), let count = Int(name.dropFirst(5).dropLast()),
                [3, 7, 14, 28, 30, 90].contains(count)
            else { throw .parameter("date_preset must be one of the documented values", blame: "date_preset") }
            return days(today.adding(days: -count), today.adding(days: -1))
        }
    }
}
