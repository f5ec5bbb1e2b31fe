/// Ranges of days that people name instead of two dates. All end with today or before it.
package enum NamedRange: String, Sendable, Hashable, CaseIterable {
    case today
    case yesterday
    case last7Days = "last_7_days"
    case last30Days = "last_30_days"
    case last90Days = "last_90_days"
    /// The month to today.
    case currentMonth = "current_month"
    /// The whole month before.
    case previousMonth = "previous_month"

    package func days(today: CivilDate) -> DayRange {
        let firstOfMonth = today.adding(days: 1 - today.parts.day)
        let range: DayRange? =
            switch self {
            case .today: DayRange(today)
            case .yesterday: DayRange(today.adding(days: -1))
            case .last7Days: DayRange(today.adding(days: -6), today)
            case .last30Days: DayRange(today.adding(days: -29), today)
            case .last90Days: DayRange(today.adding(days: -89), today)
            case .currentMonth: DayRange(firstOfMonth, today)
            case .previousMonth: DayRange(firstOfMonth.adding(months: -1), firstOfMonth.adding(days: -1))
            }
        return range ?? DayRange(today)
    }
}
