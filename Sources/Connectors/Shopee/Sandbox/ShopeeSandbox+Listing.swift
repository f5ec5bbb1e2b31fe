import SyncCore

extension ShopeeSandbox {
    /// A walk through the id list, which begins with offset 0.
    struct Listing: Sendable {
        /// How many have begun before.
        var number = 0
        /// Campaigns that came in front since it began, less those that went.
        var shift = 0
    }

    /// `get_product_level_campaign_id_list` (platforms.md 1.10): no order that anybody could rely on.
    mutating func campaignIDs(_ visit: Visit) throws(Refusal) -> Answer {
        let query = visit.call.query
        let type = query["ad_type"] ?? ""
        guard ["", "all", "auto", "manual"].contains(type) else { throw .parameter("ad_type is invalid.") }
        let offset = query["offset"].map { Int($0) ?? -1 } ?? 0
        let limit = query["limit"].map { Int($0) ?? 0 } ?? world.reading.defaultLimit
        guard offset >= 0, limit > 0 else { throw .parameter("offset or limit is invalid.") }
        advance(visit.shop, offset, visit.chance)
        let order = order(of: visit.shop).filter { index in
            let campaign = shops[visit.shop].campaigns[index]
            guard campaign.created <= visit.clock.today else { return false }
            return type.isEmpty || type == "all" || campaign.isAuto == (type == "auto")
        }
        let start = offset - (listings[visit.shop]?.shift ?? 0)
        let from = min(order.count, max(0, start))
        let until = min(order.count, max(0, start + min(limit, world.reading.mostLimit)))
        var items = order[from..<until].map { index -> SandboxJSON in
            let campaign = shops[visit.shop].campaigns[index]
            return .object([
                ("ad_type", .text(campaign.isAuto ? "auto" : "manual")), ("campaign_id", .int(campaign.id)),
            ])
        }
        if visit.repeatsRow, let first = items.first { items.append(first) }
        return .response(
            .object([
                ("shop_id", .int(world.shops[visit.shop].id)), ("region", .text(world.shops[visit.shop].region)),
                ("has_next_page", .bool(until < order.count)), ("campaign_list", .list(items)),
            ]), rows: items.count)
    }

    /// Indices of the shop's campaigns in the order of the listing at hand.
    private func order(of shop: Int) -> [Int] {
        let all = shops[shop].campaigns.indices
        let salt: Int
        switch world.reading.order {
        case .ascending: return Array(all)
        case .fixed: salt = 0
        case .perListing: salt = listings[shop]?.number ?? 0
        }
        let seed = Mix.hash(shops[shop].seed, 0x04DE4 + salt)
        return all.map { (Mix.hash(seed, $0), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// Later pages may find that a campaign came or went in front of them since the page before.
    private mutating func advance(_ shop: Int, _ offset: Int, _ chance: UInt64) {
        var listing = listings[shop] ?? Listing()
        if offset == 0 {
            listing = Listing(number: listing.number + 1)
        } else if Mix.strikes(world.reading.repeats, Mix.hash(chance, 41)) {
            listing.shift += 1
        } else if Mix.strikes(world.reading.skips, Mix.hash(chance, 42)) {
            listing.shift -= 1
        }
        listings[shop] = listing
    }

    /// The campaigns that a call names, each once; throws for too many, for what is no id, and for foreign ones.
    func namedCampaigns(_ visit: Visit) throws(Refusal) -> [Campaign] {
        let parts = (visit.call.query["campaign_id_list"] ?? "").split(separator: ",")
        guard !parts.isEmpty else { throw .parameter("campaign_id_list is empty.") }
        guard parts.count <= world.reading.mostIDs else {
            throw .parameter("campaign_id_list has more than \(world.reading.mostIDs) ids.")
        }
        var seen: Set<Int64> = []
        var campaigns: [Campaign] = []
        for part in parts {
            guard let id = Int64(part.trimming(" ")) else { throw .parameter("campaign_id_list has no valid id.") }
            guard let index = shops[visit.shop].index(of: id) else { throw .notMatch }
            let campaign = shops[visit.shop].campaigns[index]
            guard campaign.created <= visit.clock.today else { throw .notMatch }
            if seen.insert(id).inserted { campaigns.append(campaign) }
        }
        return campaigns
    }

    /// `get_product_level_campaign_setting_info` (1.11): only the groups that were asked for.
    func campaignSettings(_ visit: Visit) throws(Refusal) -> Answer {
        let campaigns = try namedCampaigns(visit)
        var groups: Set<Int> = []
        for part in (visit.call.query["info_type_list"] ?? "").split(separator: ",") {
            guard let group = Int(part.trimming(" ")), (1...4).contains(group) else {
                throw .parameter("info_type_list is invalid.")
            }
            groups.insert(group)
        }
        guard !groups.isEmpty else { throw .parameter("info_type_list is empty.") }
        let kinds = world.reading.groups
        let isNull = kinds == .null || kinds == .mixed && visit.chance & 1 == 0
        var items = campaigns.map { setting($0, groups, nullGroups: isNull, visit) }
        if visit.repeatsRow, let first = items.first { items.append(first) }
        return .response(
            .object([
                ("shop_id", .int(world.shops[visit.shop].id)), ("region", .text(world.shops[visit.shop].region)),
                ("campaign_list", .list(items)),
            ]), rows: items.count)
    }

    private func setting(_ campaign: Campaign, _ groups: Set<Int>, nullGroups: Bool, _ visit: Visit) -> SandboxJSON {
        let shop = shops[visit.shop]
        var members: [(key: String, value: SandboxJSON)] = [("campaign_id", .int(campaign.id))]
        func add(_ key: String, _ group: Int, _ value: SandboxJSON?) {
            guard groups.contains(group) else { return }
            if let value { members.append((key, value)) } else if nullGroups { members.append((key, .null)) }
        }
        add("common_info", 1, shop.commonInfo(campaign, visit.clock))
        add("manual_bidding_info", 2, campaign.bidding == "manual" ? shop.manualBidding(campaign) : nil)
        let roas = shop.roasTenths(campaign)
        add(
            "auto_bidding_info", 3,
            campaign.bidding == "auto" ? .object([("roas_target", .decimal(roas ?? 0, places: 1))]) : nil)
        add("auto_product_ads_info", 4, campaign.isAuto ? shop.autoProducts(campaign, visit.clock) : nil)
        return .object(members)
    }
}

extension ShopeeSandbox.ShopModel {
    /// Seconds since 1970 of a day's first moment in the shop's zone.
    func start(of day: Int32) -> Int64 { Int64(day) * 86_400 - region.offset }

    func budget(_ campaign: ShopeeSandbox.Campaign) -> Int64 { edits[campaign.id]?.budget ?? campaign.budget }

    func roasTenths(_ campaign: ShopeeSandbox.Campaign) -> Int64? {
        edits[campaign.id]?.roasTenths ?? campaign.roasTenths
    }

    /// What a campaign is on a day, after all that calls and people did to it.
    func status(_ campaign: ShopeeSandbox.Campaign, _ clock: ShopeeSandbox.ShopClock) -> String {
        let edits = edits[campaign.id]
        let start = edits?.start ?? campaign.first
        if let status = edits?.status, status == "deleted" || status == "ended" { return status }
        if let end = edits?.end, end > 0, clock.today > end { return "ended" }
        if let status = edits?.status { return status == "ongoing" && clock.today < start ? "scheduled" : status }
        if clock.today < start { return "scheduled" }
        if edits?.end == nil, clock.today > campaign.last { return campaign.fate.rawValue }
        return "ongoing"
    }

    func commonInfo(_ campaign: ShopeeSandbox.Campaign, _ clock: ShopeeSandbox.ShopClock) -> SandboxJSON {
        let edits = edits[campaign.id]
        let hasEnd = campaign.fate == .ended || campaign.fate == .closed
        let end = edits?.end ?? (hasEnd ? campaign.last : 0)
        return .object([
            ("ad_type", .text(campaign.isAuto ? "auto" : "manual")), ("ad_name", .text(campaign.name)),
            ("campaign_status", .text(status(campaign, clock))), ("bidding_method", .text(campaign.bidding)),
            ("campaign_placement", .text(campaign.placement)), ("campaign_budget", money(budget(campaign))),
            (
                "campaign_duration",
                .object([
                    ("start_time", .int(start(of: edits?.start ?? campaign.first))),
                    ("end_time", .int(end > 0 ? start(of: end + 1) - 1 : 0)),
                ])
            ),
            ("item_id_list", .list(campaign.items.map { .int($0) })),
        ])
    }

    /// An amount in the shop's currency, as a float is written.
    func money(_ amount: Int64) -> SandboxJSON { .decimal(amount, places: region.places) }

    func manualBidding(_ campaign: ShopeeSandbox.Campaign) -> SandboxJSON {
        let edits = edits[campaign.id]
        let keywords = keywords(campaign).map { keyword -> SandboxJSON in
            .object([
                ("keyword", .text(keyword.keyword)), ("status", .text(keyword.status)),
                ("match_type", .text(keyword.match)), ("bid_price_per_click", money(keyword.bid)),
            ])
        }
        let locations = edits?.locations ?? [("daily_discover", campaign.clickPrice)]
        return .object([
            ("enhanced_cpc", .bool(edits?.enhancedCPC ?? (campaign.seed & 1 == 0))),
            ("selected_keywords", .list(keywords)),
            (
                "discovery_ads_locations",
                .list(
                    locations.map { place in
                        .object([
                            ("location", .text(place.location)), ("status", .text("active")),
                            ("bid_price", money(place.bid)),
                        ])
                    })
            ),
        ])
    }

    func keywords(_ campaign: ShopeeSandbox.Campaign) -> [ShopeeSandbox.Edits.Keyword] {
        if let keywords = edits[campaign.id]?.keywords { return keywords }
        var keywords: [ShopeeSandbox.Edits.Keyword] = [
            .init(keyword: campaign.name.lowercased(), match: "broad", bid: campaign.clickPrice),
            .init(keyword: "khuyến mãi", match: "exact", bid: campaign.clickPrice * 2),
        ]
        // A few have words from before nobody could buy these.
        switch (campaign.seed >> 8) & 15 {
        case 0:
            keywords.append(
                .init(keyword: ShopeeSandbox.Edits.Keyword.reserved, status: "reserved", bid: campaign.clickPrice))
        case 1:
            keywords.append(
                .init(keyword: ShopeeSandbox.Edits.Keyword.blacklisted, status: "blacklist", bid: campaign.clickPrice))
        default: break
        }
        return keywords
    }

    func autoProducts(_ campaign: ShopeeSandbox.Campaign, _ clock: ShopeeSandbox.ShopClock) -> SandboxJSON {
        let status = status(campaign, clock)
        return .list(
            campaign.items.map { item in
                .object([
                    ("product_name", .text("SP \(item)")),
                    ("status", .text(["ongoing", "paused", "ended"].contains(status) ? status : "unavailable")),
                    ("item_id", .int(item)),
                ])
            })
    }
}

extension SandboxJSON {
    /// A number with decimals, as a float is written: `12.5`, `150000.0`.
    static func decimal(_ value: Int64, places: Int) -> SandboxJSON {
        var out = ByteWriter(capacity: 64)
        out.float(value, places: places)
        return .raw(out.bytes())
    }
}

extension Substring {
    /// Without that character at both ends.
    fileprivate func trimming(_ character: Character) -> Substring {
        var text = self
        while text.first == character { text.removeFirst() }
        while text.last == character { text.removeLast() }
        return text
    }
}
