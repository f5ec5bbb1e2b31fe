extension ShopeeSandbox {
    /// What happened in an hour, or sums of that. Money is in smallest units of the currency.
    struct Cell: Sendable {
        var impressions: Int64 = 0
        var clicks: Int64 = 0
        var expense: Int64 = 0
        var broadOrders: Int64 = 0
        var broadUnits: Int64 = 0
        var broadGMV: Int64 = 0
        var directOrders: Int64 = 0
        var directUnits: Int64 = 0
        var directGMV: Int64 = 0

        /// A row exists only where something happened.
        var isEmpty: Bool { impressions == 0 }

        @inline(__always)
        mutating func add(_ other: Cell) {
            impressions &+= other.impressions
            clicks &+= other.clicks
            expense &+= other.expense
            broadOrders &+= other.broadOrders
            broadUnits &+= other.broadUnits
            broadGMV &+= other.broadGMV
            directOrders &+= other.directOrders
            directUnits &+= other.directUnits
            directGMV &+= other.directGMV
        }
    }

    /// Thousandths of an hour's orders that are known 0, 1 … 7 days after its day (platforms.md 1.12: attribution lasts
    /// seven days).
    private static let arrivals: [Int64] = [460, 660, 760, 830, 885, 930, 970, 1000]
    /// Thousandths of a day's impressions by hour.
    private static let rhythm: [Int64] = [
        28, 16, 10, 8, 8, 12, 24, 36, 44, 48, 50, 54, 58, 52, 46, 44, 44, 46, 50, 60, 74, 80, 66, 42,
    ]
    private static let weekdays: [Int64] = [1000, 940, 960, 980, 1010, 1120, 1180]

    /// What a campaign does on a day, in hours: the hash of the day and its impressions; nil when it delivers nothing.
    @inline(__always)
    private static func whole(_ campaign: Campaign, _ day: Int32, isFlat: Bool) -> (hash: UInt64, impressions: Int64)? {
        let hash = Mix.hash(campaign.seed, UInt64(truncatingIfNeeded: Int64(day)))
        // Days without delivery occur in the middle of a life too.
        if !isFlat, hash & 31 == 0 { return nil }
        let swing = 512 + Int64((hash >> 16) & 1023)
        let weekday = weekdays[Int((day % 7 + 7) % 7)]
        return (hash, campaign.base * swing / 1024 * weekday / 1000)
    }

    /// One hour as reports show it at `clock`, given its day's hash and impressions.
    @inline(__always)
    private static func hour(
        _ campaign: Campaign, _ whole: (hash: UInt64, impressions: Int64), _ hour: Int, age: Int32, clock: ShopClock
    ) -> Cell {
        var cell = Cell()
        let dice = Mix.hash(whole.hash, UInt64(hour))
        let parts: Int64 = age == 0 && hour == clock.hour ? clock.quarters : 4
        let impressions = whole.impressions * rhythm[hour] * Int64(768 + (dice & 511)) / 1_024_000
        cell.impressions = impressions * parts / 4
        guard cell.impressions > 0 else { return cell }
        let clicks = (impressions * campaign.clickRate + Int64((dice >> 9) % 1_000_000)) / 1_000_000
        cell.clicks = clicks * parts / 4
        guard cell.clicks > 0 else { return cell }
        cell.expense = cell.clicks * campaign.clickPrice * Int64(900 + (dice >> 30) % 200) / 1000
        // What clicks of today cost is only settled when the day is over.
        if age == 0 { cell.expense -= cell.expense * Int64(dice >> 59) / 1000 }
        let second = Mix.hash(dice, 1)
        let orders = (clicks * campaign.orderRate + Int64(second % 1_000_000)) / 1_000_000 * parts / 4
        guard orders > 0 else { return cell }
        let known = age >= clock.attributionDays ? 1000 : arrivals[min(Int(age), 6)]
        cell.broadOrders = (orders * known + Int64((second >> 20) % 1000)) / 1000
        cell.directOrders = (cell.broadOrders * 620 + Int64((second >> 30) % 1000)) / 1000
        // Every so many orders hold a second piece; where the count begins is chance, as an hour has few of them.
        let every = Int64(3 + (second >> 40) % 5)
        let begun = Int64((second >> 44) & 1023) % every
        cell.broadUnits = cell.broadOrders + (cell.broadOrders + begun) / every
        cell.directUnits = cell.directOrders + (cell.directOrders + begun) / every
        let price = max(1, campaign.unitPrice * Int64(850 + (second >> 50) % 300) / 1000)
        cell.broadGMV = cell.broadUnits * price
        cell.directGMV = cell.directUnits * price
        return cell
    }

    /// Hands over the hours of a day with delivery, as reports show them at `clock`.
    ///
    /// A function of (seed, shop, campaign, day, hour) and of the clock: a day is the sum of its hours because it is
    /// computed so, and nothing is stored.
    @inline(__always)
    static func eachHour(
        of campaign: Campaign, _ edits: Edits?, on day: Int32, isFlat: Bool, clock: ShopClock,
        _ body: (Int, Cell) -> Void
    ) {
        let age = clock.today - day
        guard age >= 0 else { return }
        let isInside = campaign.first <= day && day <= campaign.last
        let switches = edits?.switches ?? []
        guard isInside || !switches.isEmpty, let whole = whole(campaign, day, isFlat: isFlat) else { return }
        let last = age == 0 ? clock.hour : 23
        for hour in 0...last {
            if !switches.isEmpty {
                let moment = Int64(day) * 24 + Int64(hour)
                let isOn = switches.last { $0.hour <= moment }?.isOn ?? isInside
                if !isOn { continue }
            }
            let cell = Self.hour(campaign, whole, hour, age: age, clock: clock)
            if !cell.isEmpty { body(hour, cell) }
        }
    }

    /// A whole day: the sum of its hours.
    @inline(__always)
    static func dayCell(
        of campaign: Campaign, _ edits: Edits?, on day: Int32, isFlat: Bool, clock: ShopClock
    ) -> Cell {
        var sum = Cell()
        eachHour(of: campaign, edits, on: day, isFlat: isFlat, clock: clock) { sum.add($1) }
        return sum
    }
}
