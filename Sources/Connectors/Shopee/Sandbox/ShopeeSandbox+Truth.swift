import SyncCore

extension ShopeeSandbox {
    /// What a sync of one shop must end up with, by the names of the tables that it fills.
    struct Truth: Encodable {
        var rows: [String: Int]
        /// Days of the window on which GMS delivered: shop total minus product campaigns is not zero there.
        var gmsDays = 0
        var from: CivilDate
        var to: CivilDate
        var today: CivilDate
        /// Calls of each stream with 100 ids and 30 days a call.
        var fewestCallsByTable: [String: Int]
        /// Sum of those.
        var fewestCalls: Int { fewestCallsByTable.values.reduce(0, +) }

        private enum CodingKeys: CodingKey { case rows, gmsDays, from, to, today, fewestCallsByTable, fewestCalls }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(rows, forKey: .rows)
            try container.encode(gmsDays, forKey: .gmsDays)
            try container.encode(from, forKey: .from)
            try container.encode(to, forKey: .to)
            try container.encode(today, forKey: .today)
            try container.encode(fewestCallsByTable, forKey: .fewestCallsByTable)
            try container.encode(fewestCalls, forKey: .fewestCalls)
        }
    }

    /// Rows of `days`, as far as reports reach: without days, all of those.
    func truth(of shop: Int, days asked: DayRange?, at now: Instant) -> Truth {
        let clock = time(of: shop, at: now)
        let days = reachable(asked, clock)
        let model = shops[shop]
        let listed = model.campaigns.count { $0.created <= clock.today }
        var counts = (daily: 0, hourly: 0, shopDaily: 0, shopHourly: 0, gms: 0)
        for day in days {
            var hours: Set<Int> = []
            for (place, campaign) in model.advertised.enumerated() {
                var rows = 0
                Self.eachHour(of: campaign, model.edits[campaign.id], on: day, isFlat: model.isFlat, clock: clock) {
                    hours.insert($0)
                    rows += $1.isEmpty ? 0 : 1
                }
                guard rows > 0 else { continue }
                if place < model.campaigns.count {
                    counts.daily += 1
                    counts.hourly += rows
                } else {
                    counts.gms += 1
                }
            }
            counts.shopDaily += hours.isEmpty ? 0 : 1
            counts.shopHourly += hours.count
        }
        return Truth(
            rows: [
                "shopee_shops": 1, "shopee_campaigns": listed, "shopee_campaign_daily": counts.daily,
                "shopee_campaign_hourly": counts.hourly, "shopee_shop_daily": counts.shopDaily,
                "shopee_shop_hourly": counts.shopHourly,
            ],
            gmsDays: counts.gms, from: CivilDate(daysSince1970: days.first ?? clock.today),
            to: CivilDate(daysSince1970: days.last ?? clock.today), today: CivilDate(daysSince1970: clock.today),
            fewestCallsByTable: fewestCalls(listed: listed, days: days.count))
    }

    private func fewestCalls(listed: Int, days: Int) -> [String: Int] {
        let pages = max(1, (listed + world.reading.mostLimit - 1) / max(1, world.reading.mostLimit))
        let calls = (listed + 99) / 100
        let windows = (days + 29) / 30
        return [
            "shopee_shops": 1, "shopee_campaigns": pages + calls, "shopee_campaign_daily": calls * windows,
            "shopee_campaign_hourly": calls * days, "shopee_shop_daily": windows, "shopee_shop_hourly": days,
        ]
    }

    /// The part of the asked days that reports have; one empty range of today when there is none.
    func reachable(_ asked: DayRange?, _ clock: ShopClock) -> Range<Int32> {
        let first = max(oldestDay(clock), asked?.first.daysSince1970 ?? .min)
        let last = min(clock.today, asked?.last.daysSince1970 ?? .max)
        return first <= last ? first..<last + 1 : clock.today..<clock.today
    }

    /// Sums of a day under the names of the tables' columns.
    struct Sums: Encodable {
        var impression: Int64 = 0
        var clicks: Int64 = 0
        var expense_micros: Int64 = 0
        var broad_order: Int64 = 0
        var broad_gmv_micros: Int64 = 0
        var direct_order: Int64 = 0
        var direct_gmv_micros: Int64 = 0

        init(_ cell: Cell, _ region: Region) {
            impression = cell.impressions
            clicks = cell.clicks
            expense_micros = cell.expense * region.micros
            broad_order = cell.broadOrders
            broad_gmv_micros = cell.broadGMV * region.micros
            direct_order = cell.directOrders
            direct_gmv_micros = cell.directGMV * region.micros
        }
    }

    /// Sums per day of `level`: `campaign` (all product campaigns, or the one with that id), `gms`, or `shop` (both).
    func sums(
        of shop: Int, level: String, campaign id: Int64?, days asked: DayRange?, at now: Instant
    ) -> [String: Sums] {
        let clock = time(of: shop, at: now)
        let model = shops[shop]
        var campaigns = level == "gms" ? model.gms : level == "shop" ? model.advertised : model.campaigns
        if let id { campaigns = campaigns.filter { $0.id == id } }
        var sums: [String: Sums] = [:]
        for day in reachable(asked, clock) {
            var cell = Cell()
            for campaign in campaigns {
                cell.add(
                    Self.dayCell(
                        of: campaign, model.edits[campaign.id], on: day, isFlat: model.isFlat, clock: clock))
            }
            if !cell.isEmpty { sums[CivilDate(daysSince1970: day).description] = Sums(cell, model.region) }
        }
        return sums
    }

    /// What every campaign is set to, and all that was changed.
    struct Budgets: Encodable {
        struct State: Encodable {
            var budget_micros: Int64
            var status: String
            var kind: String
            var roas_target_tenths: Int64?
        }

        var campaigns: [String: State] = [:]
        var writes: [Write]
    }

    func budgets(of shop: Int, at now: Instant) -> Budgets {
        let clock = time(of: shop, at: now)
        let model = shops[shop]
        var budgets = Budgets(writes: writes.filter { $0.shopID == model.facts.id })
        for (place, campaign) in model.advertised.enumerated() where campaign.created <= clock.today {
            let isGMS = place >= model.campaigns.count
            budgets.campaigns[String(campaign.id)] = Budgets.State(
                budget_micros: model.budget(campaign) * model.region.micros, status: model.status(campaign, clock),
                kind: isGMS ? "gms" : campaign.isAuto ? "auto" : "manual",
                roas_target_tenths: model.roasTenths(campaign))
        }
        return budgets
    }
}
