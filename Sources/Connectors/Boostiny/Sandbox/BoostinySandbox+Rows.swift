import SyncCore

extension BoostinySandbox {
    /// Counts and amounts are strings (platforms.md 5.3).
    func performanceRow(_ row: Row, count: Int, _ visit: Visit, isLink: Bool = false) -> SandboxJSON {
        let moment = Instant(seconds: Self.lastImport(of: row.campaign, at: visit.now)).description
        var members: [(key: String, value: SandboxJSON)] = [
            ("full_count", .text(String(count))), ("campaign_id", .text(String(row.campaign.id))),
            ("campaign_name", .text(row.name)), ("campaign_logo", .text(logo(row.campaign))),
            ("automation", .text(row.campaign.seed & 1 == 0 ? "api" : "manual")),
            // `2026-11-21T03:04:05.678Z` without what Boostiny does not have.
            ("last_updated_at", .text(moment.prefix(10) + " " + moment.dropFirst(11).prefix(8))),
        ]
        if isLink {
            members.append(("link", .text(link(row.campaign))))
        } else if !row.coupon.isCodeless {
            members += [("code", .text(row.coupon.code)), ("code_id", .text(String(row.coupon.id)))]
        } else if row.campaign.seed & 1 == 0 {
            members += [("code", .null), ("code_id", .null)]
        }
        members += amounts(row.cell, row.campaign)
        if let day = row.day { members.append(("date", .text(CivilDate(daysSince1970: day).description))) }
        if world.performance.hasCountry, !isLink {
            let hash = Mix.hash(row.coupon.seed, Int(row.day ?? 0))
            let isMissing = Mix.strikes(world.performance.missingCountries, hash)
            members.append(("country", isMissing ? .null : .text(row.campaign.countries[0])))
        }
        if let type = row.customerType { members.append(("customer_type", .text(type))) }
        if let order = row.orderID {
            members += [("order_id", .text(order)), ("network_order_id", .text("N\(order)"))]
        }
        return .object(members)
    }

    private func amounts(_ cell: Cell, _ campaign: Campaign) -> [(key: String, value: SandboxJSON)] {
        func local(_ cents: Int64) -> SandboxJSON { .text(Self.fixed(cents * campaign.rate / 1000, places: 2)) }
        let sales = rate(cell.sales, cell.netSales)
        let average = quotient(cell.sales, cell.orders)
        let netAverage = quotient(cell.netSales, cell.netOrders)
        return [
            ("orders", .text(String(cell.orders))), ("net_orders", .text(String(cell.netOrders))),
            ("orders_cancellation_rate", rate(cell.orders, cell.netOrders)),
            ("revenue", cents(cell.revenue)), ("net_revenue", cents(cell.netRevenue)),
            ("revenue_cancellation_rate", rate(cell.revenue, cell.netRevenue)),
            ("sales_amount", local(cell.sales)), ("net_sales_amount", local(cell.netSales)),
            ("sales_amount_cancellation_rate", sales), ("sales_amount_usd", cents(cell.sales)),
            ("net_sales_amount_usd", cents(cell.netSales)), ("sales_amount_usd_cancellation_rate", sales),
            ("aov_usd", cents(average)), ("net_aov_usd", cents(netAverage)),
            ("aov_usd_cancellation_rate", rate(average, netAverage)),
        ]
    }

    private func cents(_ value: Int64) -> SandboxJSON { .text(Self.fixed(value, places: 2)) }
    private func quotient(_ value: Int64, _ count: Int64) -> Int64 { count == 0 ? 0 : value / count }

    /// Percent of the gross that is gone, with one decimal; 0 of nothing.
    private func rate(_ gross: Int64, _ net: Int64) -> SandboxJSON {
        .text(Self.decimal(gross == 0 ? 0 : max(0, (gross - net) * 1000 / gross), places: 1))
    }

    /// What stands beside `data`: all pages together.
    func summary(_ rows: [Row]) -> SandboxJSON {
        let cell = rows.reduce(into: Cell()) { $0.add($1.cell) }
        return .object([
            ("full_count", .text(String(rows.count))), ("orders", .text(String(cell.orders))),
            ("net_orders", .text(String(cell.netOrders))), ("revenue", cents(cell.revenue)),
            ("net_revenue", cents(cell.netRevenue)), ("sales_amount_usd", cents(cell.sales)),
            ("net_sales_amount_usd", cents(cell.netSales)), ("aov_usd", cents(quotient(cell.sales, cell.orders))),
        ])
    }

    /// A summary that stands among the rows: a period and no campaign (5.4).
    func summaryRow(_ cell: Cell, _ days: Range<Int32>) -> SandboxJSON {
        .object([
            ("report_type", .text("summary")),
            ("period_from", .text(CivilDate(daysSince1970: days.lowerBound).description)),
            ("period_to", .text(CivilDate(daysSince1970: max(days.lowerBound, days.upperBound - 1)).description)),
            ("orders", .text(String(cell.orders))), ("net_orders", .text(String(cell.netOrders))),
            ("revenue", cents(cell.revenue)), ("net_revenue", cents(cell.netRevenue)),
        ])
    }
}
