import SyncCore

extension ShopeeSandbox {
    /// `create_gms_product_campaign` (platforms.md 1.14): one active campaign per shop.
    mutating func createGMS(_ visit: Visit) throws(Refusal) -> Answer {
        let shop = visit.shop
        guard world.shops[shop].isWhitelistedForGMS else {
            throw Refusal(code: "ads_error_not_whitelisted_for_product_gms")
        }
        guard shops[shop].activeGMS(visit.clock) == nil else {
            throw Refusal(world.writing.activeGMSCode, "There is an active GMS campaign in this shop.")
        }
        let budget = try budget(visit.call.body?["daily_budget"], visit)
        let roas = try roas(visit.call.body?["roas_target"])
        let (start, end) = try schedule(visit)
        var campaign = shops[shop].madeGMS()
        campaign.created = visit.clock.today
        campaign.first = start
        campaign.last = end ?? .max
        campaign.fate = end == nil ? .ongoing : .ended
        campaign.budget = budget
        campaign.roasTenths = roas
        var edits = Edits()
        edits.switches = [(.min, false), (max(visit.clock.hours, Int64(start) * 24), true)]
        if let end { edits.switches.append((Int64(end + 1) * 24, false)) }
        shops[shop].gms.append(campaign)
        shops[shop].edits[campaign.id] = edits
        log(campaign, "create_gms", visit, before: "", after: String(budget))
        return written(campaign.id, visit)
    }

    mutating func editGMS(_ visit: Visit) throws(Refusal) -> Answer {
        let actions = ["change_budget", "change_duration", "pause", "resume", "start", "change_roas_target"]
        guard let action = visit.call.field("edit_action"), actions.contains(action) else {
            throw .parameter("edit_action is unknown.")
        }
        let campaign = try gms(visit)
        try limits.admitWrite(campaign.id, at: visit.now.seconds)
        try edit(campaign, action, visit)
        return written(campaign.id, visit)
    }

    mutating func editGMSItems(_ visit: Visit) throws(Refusal) -> Answer {
        let campaign = try gms(visit)
        let items = (visit.call.body?["item_id_list"]?.list ?? []).compactMap(\.int)
        guard (1...30).contains(items.count) else { throw .parameter("item_id_list takes 1 to 30 ids.") }
        var edits = shops[visit.shop].edits[campaign.id] ?? Edits()
        let action = visit.call.field("edit_action") ?? ""
        switch action {
        case "remove":
            edits.removedItems.removeAll { items.contains($0) }
            edits.removedItems += items
        case "add": edits.removedItems.removeAll { items.contains($0) }
        default: throw .parameter("edit_action must be add or remove.")
        }
        shops[visit.shop].edits[campaign.id] = edits
        log(campaign, "\(action)_items", visit, before: "", after: items.map(String.init).joined(separator: ","))
        return written(campaign.id, visit)
    }

    /// The GMS campaign that a body names, else the active one.
    private func gms(_ visit: Visit) throws(Refusal) -> Campaign {
        let model = shops[visit.shop]
        let campaign: Campaign?
        if let id = visit.call.number("campaign_id") {
            campaign = model.gms.first { $0.id == id }
        } else {
            campaign = model.activeGMS(visit.clock)
        }
        guard let campaign else { throw Refusal(code: "ads_error_product_gms_campaign_not_found") }
        return campaign
    }

    func gmsDeletedItems(_ visit: Visit) throws(Refusal) -> Answer {
        let campaign = try gms(visit)
        let items = shops[visit.shop].edits[campaign.id]?.removedItems ?? []
        let page = try page(of: items, visit)
        return .response(
            .object([
                ("campaign_id", .int(campaign.id)), ("item_id_list", .list(page.items.map { .int($0) })),
                ("total", .int(Int64(items.count))), ("has_next_page", .bool(page.hasNext)),
            ]), rows: page.items.count)
    }

    private func page<T>(of all: [T], _ visit: Visit) throws(Refusal) -> (items: ArraySlice<T>, hasNext: Bool) {
        let offset = try whole("offset", or: 0, visit)
        let limit = try whole("limit", or: 50, visit)
        guard offset >= 0, (1...100).contains(limit) else { throw .parameter("offset or limit is invalid.") }
        let from = min(all.count, Int(offset))
        let until = min(all.count, from + Int(limit))
        return (all[from..<until], until < all.count)
    }

    private func whole(_ name: String, or usual: Int64, _ visit: Visit) throws(Refusal) -> Int64 {
        guard let text = visit.call.field(name) else { return usual }
        guard let number = Int64(text) else { throw .parameter("\(name) must be a number.") }
        return number
    }

    private func gmsDays(_ visit: Visit) throws(Refusal) -> ClosedRange<Int32> {
        try days(visit.call.field("start_date"), visit.call.field("end_date"), visit.clock, isDaily: false)
    }

    /// ONE aggregate of the window, without `direct_gmv` and `ctr`.
    func gmsPerformance(_ visit: Visit) throws(Refusal) -> Answer {
        let campaign = try gms(visit)
        let days = try gmsDays(visit)
        let report = report(gmsCell(campaign, days, visit), visit)
        return .response(.object([("campaign_id", .int(campaign.id)), ("report", report)]), rows: 1)
    }

    func gmsItemPerformance(_ visit: Visit) throws(Refusal) -> Answer {
        let campaign = try gms(visit)
        let days = try gmsDays(visit)
        let whole = gmsCell(campaign, days, visit)
        let shares = campaign.items.count
        let delivered = campaign.items.sorted().enumerated().compactMap { place, item -> (Int64, Cell)? in
            let cell = whole.part(place, of: shares)
            return cell.isEmpty ? nil : (item, cell)
        }
        let page = try page(of: delivered, visit)
        let list = page.items.map { item, cell in
            SandboxJSON.object([("item_id", .int(item)), ("report", report(cell, visit))])
        }
        return .response(
            .object([
                ("campaign_id", .int(campaign.id)), ("result_list", .list(list)),
                ("total", .int(Int64(delivered.count))), ("has_next_page", .bool(page.hasNext)),
            ]), rows: list.count)
    }

    private func gmsCell(_ campaign: Campaign, _ days: ClosedRange<Int32>, _ visit: Visit) -> Cell {
        let model = shops[visit.shop]
        return days.reduce(into: Cell()) { sum, day in
            sum.add(
                Self.dayCell(
                    of: campaign, model.edits[campaign.id], on: day, isFlat: model.isFlat, clock: visit.clock))
        }
    }

    private func report(_ cell: Cell, _ visit: Visit) -> SandboxJSON {
        let places = shops[visit.shop].region.places
        var out = ByteWriter()
        out.literal("{\"impression\":")
        out.integer(cell.impressions)
        out.field(",\"clicks\":", cell.clicks)
        out.money(",\"expense\":", cell.expense, places)
        out.metrics(of: cell, places: places)
        out.byte(0x7D)
        return .raw(out.bytes())
    }
}

extension ShopeeSandbox.ShopModel {
    /// The GMS campaign that runs, waits or pauses.
    func activeGMS(_ clock: ShopeeSandbox.ShopClock) -> ShopeeSandbox.Campaign? {
        gms.last { ["ongoing", "paused", "scheduled"].contains(status($0, clock)) }
    }
}

extension ShopeeSandbox.Cell {
    /// The part of one of `shares` items; the parts add up to the whole. Units and sales are where orders are, and
    /// direct orders are some of them.
    func part(_ place: Int, of shares: Int) -> Self {
        let share = Part(from: Int64(place), to: Int64(place + 1), of: Int64(shares))
        let broad = Part(from: share.before(broadOrders), to: share.behind(broadOrders), of: broadOrders)
        let direct = Part(from: broad.before(directOrders), to: broad.behind(directOrders), of: directOrders)
        return Self(
            impressions: share.cut(impressions), clicks: share.cut(clicks), expense: share.cut(expense),
            broadOrders: broad.to - broad.from, broadUnits: broad.cut(broadUnits), broadGMV: broad.cut(broadGMV),
            directOrders: direct.to - direct.from, directUnits: direct.cut(directUnits),
            directGMV: direct.cut(directGMV))
    }

    /// From where to where of a whole.
    private struct Part {
        let from: Int64
        let to: Int64
        let of: Int64

        func before(_ value: Int64) -> Int64 { of == 0 ? 0 : value * from / of }
        func behind(_ value: Int64) -> Int64 { of == 0 ? 0 : value * to / of }
        func cut(_ value: Int64) -> Int64 { behind(value) - before(value) }
    }
}
