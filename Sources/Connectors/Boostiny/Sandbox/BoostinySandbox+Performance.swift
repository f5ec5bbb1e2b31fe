import SyncCore

extension BoostinySandbox {
    /// A row of a report before it is written: a campaign with a coupon or a link, in a window or on a day.
    struct Row: Sendable {
        var campaign: Campaign
        var coupon: Coupon
        var name: String
        /// Nil for a sum of the window.
        var day: Int32?
        var customerType: String?
        var orderID: String?
        var cell: Cell
        /// A summary that stands among the rows.
        var isSummary = false
    }

    func performancePage(_ visit: Visit) throws(Refusal) -> Answer {
        let days = try days(visit)
        var rows = filtered(rows(days, visit, splits: world.performance.split) { $0.coupons }, visit)
        let summary = summary(rows)
        if world.performance.hasSummaryRows, var extra = rows.first {
            extra.isSummary = true
            extra.cell = rows.reduce(into: Cell()) { $0.add($1.cell) }
            rows.insert(extra, at: rows.count / 2)
            rows.insert(extra, at: 0)
        }
        let count = rows.count
        return page(of: rows, visit, summary: summary) { row in
            row.isSummary ? summaryRow(row.cell, days) : performanceRow(row, count: count, visit)
        }
    }

    func linkPage(_ visit: Visit) throws(Refusal) -> Answer {
        let rows = filtered(rows(try days(visit), visit, splits: .none) { [linkCoupon(of: $0)] }, visit)
        return page(of: rows, visit, summary: summary(rows)) {
            performanceRow($0, count: rows.count, visit, isLink: true)
        }
    }

    /// The report builder: asked dimensions and metrics, gross.
    func reportPage(_ visit: Visit) throws(Refusal) -> Answer {
        let rows = rows(try days(visit), visit, splits: .none) { [linkCoupon(of: $0)] }
        return page(of: rows, visit) { row in
            .object([
                ("campaign_networks", .text(row.name)), ("traffic_source", .text("direct")),
                ("orders", .text(String(row.cell.orders))), ("revenue", .text(Self.fixed(row.cell.revenue, places: 2))),
                ("sales_amount_usd", .text(Self.fixed(row.cell.sales, places: 2))),
            ])
        }
    }

    /// What goes through a campaign's link instead of a coupon.
    private func linkCoupon(of campaign: Campaign) -> Coupon {
        Coupon(
            id: 0, seed: Mix.hash(campaign.seed, 0x71AC), code: "", isCodeless: true, first: campaign.first,
            last: .max, delay: 0, base: 900, basket: 6_000, cancelRate: 120)
    }

    /// `from` to `to`, both included, no later than today.
    private func days(_ visit: Visit) throws(Refusal) -> Range<Int32> {
        guard let from = visit.query["from"].flatMap({ CivilDate($0) }),
            let to = visit.query["to"].flatMap({ CivilDate($0) })
        else { throw Refusal(world.reading.badDateStatus, "The from and to dates must be valid (YYYY-MM-DD).") }
        guard from <= to else {
            throw Refusal(world.reading.badDateStatus, "The to date must be a date after or equal to from.")
        }
        let first = from.daysSince1970
        return first..<max(first, min(to.daysSince1970, visit.today) + 1)
    }

    private func filtered(_ rows: [Row], _ visit: Visit) -> [Row] {
        let id = visit.query["campaign_id"] ?? ""
        let name = visit.query["campaign_name"] ?? ""
        guard !id.isEmpty || !name.isEmpty else { return rows }
        return rows.filter { row in
            (id.isEmpty || String(row.campaign.id) == id) && (name.isEmpty || row.name == name)
        }
    }

    /// All rows of a window in the grain of the world.
    private func rows(
        _ days: Range<Int32>, _ visit: Visit, splits split: BoostinyWorld.Performance.Split,
        _ coupons: (Campaign) -> [Coupon]
    ) -> [Row] {
        var rows: [Row] = []
        for campaign in campaigns {
            let moment = Self.lastImport(of: campaign, at: visit.now)
            for coupon in coupons(campaign) {
                var sums: [String: Cell] = [:]
                var names: [String] = []
                for day in days {
                    let cell = cell(campaign, coupon, day, importedAt: moment)
                    if cell.isEmpty { continue }
                    let name = campaign.name(on: day)
                    if world.performance.hasDate || split == .order {
                        let row = Row(
                            campaign: campaign, coupon: coupon, name: name,
                            day: world.performance.hasDate ? day : nil, cell: cell)
                        rows += parts(of: row, split, day)
                    } else {
                        if sums[name] == nil { names.append(name) }
                        sums[name, default: Cell()].add(cell)
                    }
                }
                for name in names {
                    let row = Row(campaign: campaign, coupon: coupon, name: name, cell: sums[name] ?? Cell())
                    rows += parts(of: row, split, 0)
                }
            }
        }
        return rows
    }

    private func parts(of row: Row, _ split: BoostinyWorld.Performance.Split, _ day: Int32) -> [Row] {
        func part(_ low: Int64, _ high: Int64, _ whole: Int64, _ type: String?, _ order: String?) -> Row {
            var part = row
            part.cell = row.cell.part(from: low, to: high, of: whole)
            part.customerType = type
            part.orderID = order
            return part
        }
        switch split {
        case .none: return [row]
        case .customerType:
            // Cut between orders, so that no money is where no order is.
            let all = row.cell.orders
            let new = all * 7 / 10
            return [part(0, new, all, "new", nil), part(new, all, all, "returning", nil)].filter { !$0.cell.isEmpty }
        case .order:
            return (0..<row.cell.orders).map { index in
                part(index, index + 1, row.cell.orders, nil, "\(row.coupon.id)-\(day)-\(index)")
            }
        }
    }
}
