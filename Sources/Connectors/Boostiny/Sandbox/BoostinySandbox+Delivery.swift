import SyncCore

extension BoostinySandbox {
    /// What a coupon sold on a day, or sums of that. Money is in cents of a dollar.
    struct Cell: Sendable {
        var orders: Int64 = 0
        var netOrders: Int64 = 0
        var sales: Int64 = 0
        var netSales: Int64 = 0
        var revenue: Int64 = 0
        var netRevenue: Int64 = 0

        /// A row exists only where something was sold.
        var isEmpty: Bool { orders == 0 }

        mutating func add(_ other: Cell) {
            orders += other.orders
            netOrders += other.netOrders
            sales += other.sales
            netSales += other.netSales
            revenue += other.revenue
            netRevenue += other.netRevenue
        }

        /// The part from `low` to `high` of `whole`; parts that cover all of it add up to the cell.
        func part(from low: Int64, to high: Int64, of whole: Int64) -> Cell {
            func cut(_ value: Int64) -> Int64 { value * high / whole - value * low / whole }
            return Cell(
                orders: cut(orders), netOrders: cut(netOrders), sales: cut(sales), netSales: cut(netSales),
                revenue: cut(revenue), netRevenue: cut(netRevenue))
        }
    }

    /// Thousandths of a day's orders that the advertiser has reported 0, 1 … 5 days after it.
    private static let arrivals: [Int64] = [550, 780, 890, 950, 985, 1000]
    /// Days until the last order is cancelled.
    private static let settling: Int64 = 42
    /// The day of the month on which the month before is corrected.
    private static let correctionDay = 12

    /// When the advertiser's data of a campaign was last imported: steps of three to thirteen hours. Nothing of the
    /// campaign changes in between.
    static func lastImport(of campaign: Campaign, at seconds: Int64) -> Int64 {
        let block: Int64 = 8 * 3600
        var number = seconds / block
        while true {
            let moment = number * block + Int64(Mix.hash(campaign.seed, UInt64(bitPattern: number)) % UInt64(block))
            if moment <= seconds { return moment }
            number -= 1
        }
    }

    /// One coupon on one day, as imported at `moment` (platforms.md 5.7.4): gross grows for days, net falls through
    /// cancellations for weeks, and a closed month may be corrected.
    func cell(_ campaign: Campaign, _ coupon: Coupon, _ day: Int32, importedAt moment: Int64) -> Cell {
        var cell = Cell()
        let today = Int32(moment / 86_400)
        let age = today - day
        guard age >= coupon.delay, day >= coupon.first, day <= coupon.last else { return cell }
        let hash = Mix.hash(coupon.seed, UInt64(bitPattern: Int64(day)))
        // Every few days nothing is sold.
        guard isFlat || hash & 7 != 0 else { return cell }
        let swing = 500 + Int64((hash >> 8) & 1023)
        var orders = (coupon.base * swing / 1000 + Int64((hash >> 20) % 1000)) / 1000
        if isFlat { orders = max(1, orders) }
        if age == 0 { orders = orders * (moment % 86_400 / 3600) / 24 }
        let known = Self.arrivals[min(Int(age), Self.arrivals.count - 1)]
        cell.orders = (orders * known + Int64((hash >> 30) % 1000)) / 1000
        if isFlat { cell.orders = max(1, cell.orders) }
        let share = coupon.cancelRate * min(Int64(age), Self.settling)
        cell.netOrders =
            cell.orders - (cell.orders * share + Int64((hash >> 40) % 1000) * Self.settling) / (1000 * Self.settling)
        let basket = coupon.basket * (800 + Int64((hash >> 52) % 400)) / 1000
        cell.sales = cell.orders * basket
        cell.netSales = cell.netOrders * basket
        let payout = campaign.payout * Int64(isCorrected(campaign, day, today) ? 93 : 100)
        cell.revenue = cell.sales * payout / 100_000
        cell.netRevenue = cell.netSales * payout / 100_000
        return cell
    }

    private var isFlat: Bool { world.shape == .flat }

    /// Whether the month of `day` was taken down after it was closed.
    private func isCorrected(_ campaign: Campaign, _ day: Int32, _ today: Int32) -> Bool {
        let (year, month, _) = CivilDate(daysSince1970: day).parts
        guard
            Mix.strikes(world.performance.corrected, Mix.hash(campaign.seed, 0xC044 + year * 12 + month)),
            let first = CivilDate(year: year, month: month, day: 1)
        else { return false }
        return today >= first.adding(months: 1).adding(days: Self.correctionDay - 1).daysSince1970
    }
}
