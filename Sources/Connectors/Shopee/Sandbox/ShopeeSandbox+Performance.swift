extension ShopeeSandbox {
    /// `get_product_campaign_daily_performance` (platforms.md 1.11).
    func campaignDaily(_ visit: Visit) throws(Refusal) -> Answer {
        let campaigns = try namedCampaigns(visit)
        let days = try days(visit)
        return campaignRows(visit, campaigns, estimate: campaigns.count * days.count) { campaign, edits, list in
            for day in days {
                let cell = Self.dayCell(
                    of: campaign, edits, on: day, isFlat: shops[visit.shop].isFlat, clock: visit.clock)
                if !cell.isEmpty { list.write(day, nil, cell) }
            }
        }
    }

    /// `get_product_campaign_hourly_performance`.
    func campaignHourly(_ visit: Visit) throws(Refusal) -> Answer {
        let campaigns = try namedCampaigns(visit)
        let day = try performanceDay(visit)
        return campaignRows(visit, campaigns, estimate: campaigns.count * 24) { campaign, edits, list in
            Self.eachHour(of: campaign, edits, on: day, isFlat: shops[visit.shop].isFlat, clock: visit.clock) {
                list.write(day, $0, $1)
            }
        }
    }

    /// `get_all_cpc_ads_daily_performance`: product campaigns and GMS together.
    func shopDaily(_ visit: Visit) throws(Refusal) -> Answer {
        let days = try days(visit)
        var out = ByteWriter(capacity: 400 * days.count)
        out.byte(0x5B)
        var rows = 0
        for day in days {
            let cell = shopDay(visit.shop, day, visit.clock)
            if cell.isEmpty { continue }
            writeShopRow(day, nil, cell, &rows, visit, &out)
        }
        out.byte(0x5D)
        return Answer(content: .response(out.bytes()), rows: rows)
    }

    /// `get_all_cpc_ads_hourly_performance`.
    func shopHourly(_ visit: Visit) throws(Refusal) -> Answer {
        let day = try performanceDay(visit)
        var out = ByteWriter(capacity: 400 * 24)
        out.byte(0x5B)
        var rows = 0
        for (hour, cell) in shopHours(visit.shop, day, visit.clock).enumerated() where !cell.isEmpty {
            writeShopRow(day, hour, cell, &rows, visit, &out)
        }
        out.byte(0x5D)
        return Answer(content: .response(out.bytes()), rows: rows)
    }

    private func writeShopRow(
        _ day: Int32, _ hour: Int?, _ cell: Cell, _ rows: inout Int, _ visit: Visit, _ out: inout ByteWriter
    ) {
        for _ in 0..<(visit.repeatsRow && rows == 0 ? 2 : 1) {
            if rows > 0 { out.byte(0x2C) }
            out.shopRow(
                day, hour, cell, places: shops[visit.shop].region.places, hasItemSold: world.performance.hasItemSold)
            rows += 1
        }
    }

    /// The hours of a shop's day: all campaigns that ever were, and GMS.
    func shopHours(_ shop: Int, _ day: Int32, _ clock: ShopClock) -> [Cell] {
        var hours = [Cell](repeating: Cell(), count: 24)
        let model = shops[shop]
        for campaign in model.advertised {
            let edits = model.edits.isEmpty ? nil : model.edits[campaign.id]
            Self.eachHour(of: campaign, edits, on: day, isFlat: model.isFlat, clock: clock) { hours[$0].add($1) }
        }
        return hours
    }

    func shopDay(_ shop: Int, _ day: Int32, _ clock: ShopClock) -> Cell {
        shopHours(shop, day, clock).reduce(into: Cell()) { $0.add($1) }
    }

    /// Campaigns with their `metrics_list`, wrapped as the world says: an object, or an array of one.
    private func campaignRows(
        _ visit: Visit, _ campaigns: [Campaign], estimate: Int,
        _ rows: (_ campaign: Campaign, _ edits: Edits?, _ list: inout RowList) -> Void
    ) -> Answer {
        let model = shops[visit.shop]
        let empty = world.performance.emptyCampaigns
        var list = RowList(places: model.region.places, repeatsRow: visit.repeatsRow, capacity: 420 * estimate)
        for campaign in campaigns {
            let isKept = empty == .empty || empty == .mixed && campaign.seed & 2 == 0
            list.begin(campaign, keepsEmpty: isKept)
            rows(campaign, model.edits.isEmpty ? nil : model.edits[campaign.id], &list)
            list.end()
        }
        let rows = list.rows
        let body = SandboxJSON.object([
            ("shop_id", .int(model.facts.id)), ("region", .text(model.region.code)),
            ("campaign_list", .raw(list.finished())),
        ])
        let isArray = isArray(world.envelope.performance, visit.chance)
        return .response(isArray ? .list([body]) : body, rows: rows)
    }

    func isArray(_ shape: ShopeeWorld.Envelope.Shape, _ chance: UInt64) -> Bool {
        shape == .array || shape == .mixed && Mix.hash(chance, 51) & 1 == 0
    }
}

extension ShopeeSandbox.ShopModel {
    /// All that spends: the product campaigns, and GMS.
    var advertised: [ShopeeSandbox.Campaign] { campaigns + gms }
}
