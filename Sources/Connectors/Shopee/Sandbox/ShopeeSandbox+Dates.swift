import SyncCore

/// Which days reports give, by the shop's own calendar (platforms.md 1.8, 1.12).
extension ShopeeSandbox {
    /// The days from `start_date` to `end_date`; throws what the platform says of bad ones (1.8, 1.12).
    func days(_ visit: Visit) throws(Refusal) -> ClosedRange<Int32> {
        try days(visit.call.query["start_date"], visit.call.query["end_date"], visit.clock)
    }

    /// `isDaily` is false for reports of one sum, which are asked day by day (1.14).
    func days(
        _ start: String?, _ end: String?, _ clock: ShopClock, isDaily: Bool = true
    ) throws(Refusal) -> ClosedRange<Int32> {
        guard let first = start.flatMap(Self.day), let last = end.flatMap(Self.day) else {
            throw .parameter("start_date and end_date must be dates as DD-MM-YYYY.")
        }
        if first > last { throw .date("start_later_than_end") }
        if first == last, isDaily, world.performance.refusesSameDay { throw .date("same_start_end_dates") }
        try checkAge(first, last, clock)
        if last - first >= Int32(world.performance.mostDays) { throw .date("date_range_too_long") }
        return first...last
    }

    func performanceDay(_ visit: Visit) throws(Refusal) -> Int32 {
        guard let day = visit.call.query["performance_date"].flatMap(Self.day) else {
            throw .parameter("performance_date must be a date as DD-MM-YYYY.")
        }
        try checkAge(day, day, visit.clock)
        return day
    }

    private func checkAge(_ first: Int32, _ last: Int32, _ clock: ShopClock) throws(Refusal) {
        if last > clock.today { throw .date("date_in_future") }
        if first < oldestDay(clock) { throw .date("date_too_old") }
    }

    /// The first day that reports have.
    func oldestDay(_ clock: ShopClock) -> Int32 {
        CivilDate(daysSince1970: clock.today).adding(months: -world.performance.oldestMonths).daysSince1970
    }
}
