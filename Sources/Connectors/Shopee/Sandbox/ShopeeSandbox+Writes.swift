import SyncCore

extension ShopeeSandbox {
    /// A change that was carried out, by a call or by hand.
    struct Write: Encodable, Sendable {
        /// Seconds since 1970.
        var at: Int64
        var shopID: Int64
        var campaignID: Int64
        var action: String
        var before: String
        var after: String
        var referenceID: String?
        /// `api` or `hand`.
        var by = "api"
    }

    /// Calls that change something (platforms.md 1.13, 1.14).
    mutating func change(_ endpoint: Endpoint, _ visit: Visit) throws(Refusal) -> Answer {
        guard visit.call.body != nil else { throw .parameter("The body must be a JSON object.") }
        if world.shops[visit.shop].isInHolidayMode {
            throw Refusal("ads.shop.in_holiday_mode", "The shop is in holiday mode.")
        }
        let reference = visit.call.field("reference_id")
        let isGMS = [Endpoint.createGMS, .editGMS, .editGMSItems].contains(endpoint)
        if reference == nil, !isGMS { throw .parameter("There is no reference_id.") }
        if let reference, shops[visit.shop].references.contains(reference) {
            throw Refusal(world.writing.duplicateCode, "The reference_id has been used.")
        }
        let answer: Answer
        switch endpoint {
        case .createManual: answer = try createManual(visit)
        case .editManual: answer = try editManual(visit)
        case .editKeywords: answer = try editKeywords(visit)
        case .createGMS: answer = try createGMS(visit)
        case .editGMS: answer = try editGMS(visit)
        case .editGMSItems: answer = try editGMSItems(visit)
        default:
            guard world.writing.allowsAutoAds else { throw Refusal(code: "ads_deprecated") }
            answer = try endpoint == .createAuto ? createAuto(visit) : editManual(visit, auto: true)
        }
        if let reference { shops[visit.shop].references.insert(reference) }
        return answer
    }

    func written(_ campaign: Int64, _ visit: Visit) -> Answer {
        let body = SandboxJSON.object([("campaign_id", .int(campaign))])
        return .response(isArray(world.envelope.writes, visit.chance) ? .list([body]) : body)
    }

    mutating func log(_ campaign: Campaign, _ action: String, _ visit: Visit, before: String, after: String) {
        writes.append(
            Write(
                at: visit.now.seconds, shopID: world.shops[visit.shop].id, campaignID: campaign.id, action: action,
                before: before, after: after, referenceID: visit.call.field("reference_id")))
    }

    /// A campaign of the shop's product list by the body's `campaign_id`.
    func bodyCampaign(_ visit: Visit) throws(Refusal) -> Campaign {
        guard let id = visit.call.number("campaign_id") else { throw .parameter("There is no campaign_id.") }
        guard let index = shops[visit.shop].index(of: id) else { throw .notMatch }
        let campaign = shops[visit.shop].campaigns[index]
        guard campaign.created <= visit.clock.today else { throw .notMatch }
        return campaign
    }

    private mutating func createManual(_ visit: Visit) throws(Refusal) -> Answer {
        let call = visit.call
        guard let item = call.number("item_id") else { throw .parameter("There is no item_id.") }
        guard let bidding = call.field("bidding_method"), ["auto", "manual"].contains(bidding) else {
            throw .parameter("bidding_method must be auto or manual.")
        }
        var campaign = try draft(visit, items: [item])
        campaign.isAuto = false
        campaign.bidding = bidding
        var edits = Edits()
        edits.roasTenths = .some(try roas(call.body?["roas_target"]))
        edits.enhancedCPC = call.body?["enhanced_cpc"]?.text == "true"
        edits.smartCreative = try smartCreative(visit)
        edits.locations = locations(visit, campaign)
        edits.keywords = (call.body?["selected_keywords"]?.list ?? []).map { keyword in
            Edits.Keyword(
                keyword: keyword["keyword"]?.text ?? "", match: keyword["match_type"]?.text ?? "broad",
                bid: amount(keyword["bid_price_per_click"], visit) ?? campaign.clickPrice)
        }
        return add(campaign, edits, visit)
    }

    /// `create_auto_product_ads`, which takes five items at most.
    private mutating func createAuto(_ visit: Visit) throws(Refusal) -> Answer {
        let items = (visit.call.body?["item_id_list"]?.list ?? []).compactMap(\.int)
        guard (1...5).contains(items.count) else { throw .parameter("item_id_list takes 1 to 5 ids.") }
        var campaign = try draft(visit, items: items)
        campaign.isAuto = true
        campaign.bidding = "auto"
        return add(campaign, Edits(), visit)
    }

    /// A new campaign with the budget and the schedule of the body.
    private func draft(_ visit: Visit, items: [Int64]) throws(Refusal) -> Campaign {
        let budget = try budget(visit.call.body?["budget"], visit)
        let (start, end) = try schedule(visit)
        let model = shops[visit.shop]
        var campaign = model.made(model.campaigns.count, created: visit.clock.today)
        campaign.items = items
        campaign.budget = budget
        campaign.name = "SP \(items[0])"
        campaign.first = start
        campaign.last = end ?? .max
        campaign.fate = end == nil ? .ongoing : .ended
        campaign.roasTenths = nil
        return campaign
    }

    /// Puts a new campaign into the shop's list; it delivers from now on, or from its first day.
    private mutating func add(_ campaign: Campaign, _ edits: Edits, _ visit: Visit) -> Answer {
        var edits = edits
        edits.switches = [(.min, false), (max(visit.clock.hours, Int64(campaign.first) * 24), true)]
        if campaign.last < .max { edits.switches.append((Int64(campaign.last + 1) * 24, false)) }
        shops[visit.shop].campaigns.append(campaign)
        shops[visit.shop].edits[campaign.id] = edits
        log(campaign, "create", visit, before: "", after: String(campaign.budget))
        return written(campaign.id, visit)
    }

    private mutating func editManual(_ visit: Visit, auto: Bool = false) throws(Refusal) -> Answer {
        let campaign = try bodyCampaign(visit)
        guard let action = visit.call.field("edit_action") else { throw .parameter("There is no edit_action.") }
        guard campaign.isAuto == auto else { throw .invalidAction }
        try limits.admitWrite(campaign.id, at: visit.now.seconds)
        try edit(campaign, action, visit)
        return written(campaign.id, visit)
    }

    /// What actions make of a status; an action that is not there is illegal in it.
    private static let transitions: [String: (from: Set<String>, to: String?)] = [
        "start": (["scheduled"], "ongoing"), "pause": (["ongoing"], "paused"), "resume": (["paused"], "ongoing"),
        "stop": (["ongoing", "paused"], "ended"),
        "delete": (["scheduled", "ongoing", "paused", "ended", "closed"], "deleted"),
        "change_budget": (alive, nil), "change_duration": (alive, nil), "change_smart_creative": (alive, nil),
        "change_location": (alive, nil), "change_enhanced_cpc": (alive, nil), "change_roas_target": (alive, nil),
    ]
    private static let alive: Set<String> = ["scheduled", "ongoing", "paused"]

    /// One action on a product or GMS campaign.
    mutating func edit(_ campaign: Campaign, _ action: String, _ visit: Visit) throws(Refusal) {
        let shop = visit.shop
        let status = shops[shop].status(campaign, visit.clock)
        guard let transition = Self.transitions[action] else { throw .parameter("edit_action \(action) is unknown.") }
        guard transition.from.contains(status) else { throw .invalidAction }
        if let next = transition.to {
            move(campaign, to: next, shop, visit.clock)
            return log(campaign, action, visit, before: status, after: next)
        }
        var edits = shops[shop].edits[campaign.id] ?? Edits()
        var before = ""
        var after = visit.call.body.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
        switch action {
        case "change_budget":
            let budget = try budget(visit.call.body?["budget"] ?? visit.call.body?["daily_budget"], visit)
            (before, after) = (String(shops[shop].budget(campaign)), String(budget))
            edits.budget = budget
        case "change_duration":
            let (start, end) = try schedule(visit)
            edits.start = start
            edits.end = end ?? 0
            edits.switches.removeAll { $0.hour > visit.clock.hours }
            if status == "scheduled" { edits.switches = [(.min, false), (Int64(start) * 24, true)] }
            if let end { edits.switches.append((Int64(end + 1) * 24, false)) }
        case "change_roas_target":
            let target = visit.call.body?["roas_target"]
            // Only for GMS no target is automatic bidding (1.14).
            if target == nil, visit.call.endpoint != .editGMS { throw .parameter("There is no roas_target.") }
            let roas = try roas(target)
            before = shops[shop].roasTenths(campaign).map(String.init) ?? ""
            after = roas.map(String.init) ?? ""
            edits.roasTenths = .some(roas)
        case "change_enhanced_cpc": edits.enhancedCPC = visit.call.body?["enhanced_cpc"]?.text == "true"
        case "change_smart_creative": edits.smartCreative = try smartCreative(visit)
        default: edits.locations = locations(visit, campaign)
        }
        shops[shop].edits[campaign.id] = edits
        log(campaign, action, visit, before: before, after: after)
    }

    /// Puts a campaign into a status; it delivers until the end of the running hour, or from it on.
    mutating func move(_ campaign: Campaign, to status: String, _ shop: Int, _ clock: ShopClock) {
        var edits = shops[shop].edits[campaign.id] ?? Edits()
        edits.status = status
        if status == "ongoing" {
            if clock.today < (edits.start ?? campaign.first) { edits.start = clock.today }
            edits.switches.removeAll { !$0.isOn && $0.hour == clock.hours + 1 }
            edits.switches.append((clock.hours, true))
        } else {
            edits.switches.removeAll { $0.hour > clock.hours }
            edits.switches.append((clock.hours + 1, false))
        }
        shops[shop].edits[campaign.id] = edits
    }
}

extension ShopeeSandbox {
    /// Empty is the default.
    private func smartCreative(_ visit: Visit) throws(Refusal) -> String? {
        guard let setting = visit.call.field("smart_creative_setting") else { return nil }
        guard ["default", "on", "off"].contains(setting) else {
            throw .parameter("smart_creative_setting must be default, on or off.")
        }
        return setting
    }

    /// The places of a body with their bids; none without any.
    private func locations(_ visit: Visit, _ campaign: Campaign) -> [(location: String, bid: Int64)] {
        (visit.call.body?["discovery_ads_locations"]?.list ?? []).map { place in
            (place["location"]?.text ?? "", amount(place["bid_price"], visit) ?? campaign.clickPrice)
        }
    }

    /// An amount of a body in smallest units; nil for what is no amount. Decimals beyond the currency's are cut.
    func amount(_ json: SandboxJSON?, _ visit: Visit) -> Int64? {
        guard let text = json?.text else { return nil }
        return Self.scaled(text, places: shops[visit.shop].region.places)
    }

    /// A plain decimal number times ten to the power of `places`, cut.
    static func scaled(_ text: String, places: Int) -> Int64? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = Int64(parts[0]), parts[0].utf8.count < 14 else { return nil }
        let fraction = parts.count > 1 ? parts[1] : ""
        guard fraction.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        var value = whole
        var digits = fraction.utf8.makeIterator()
        for _ in 0..<places {
            let digit = digits.next().map { Int64($0 - 0x30) } ?? 0
            value = value * 10 + (text.hasPrefix("-") ? -digit : digit)
        }
        return value
    }

    /// A daily budget within the bounds of the region; 0 is unlimited.
    func budget(_ json: SandboxJSON?, _ visit: Visit) throws(Refusal) -> Int64 {
        guard let budget = amount(json, visit) else { throw .parameter("There is no valid budget.") }
        let region = shops[visit.shop].region
        guard budget == 0 || budget >= region.leastBudget && budget <= Region.mostBudget * region.units else {
            throw Refusal(
                "ads.campaign.error_daily_budget_range",
                "The daily budget must be 0 or at least \(region.leastBudget / region.units) \(region.currency).")
        }
        return budget
    }

    /// Tenths of a ROAS target, cut to one decimal (platforms.md 1.14); nil for 0 and for none.
    func roas(_ json: SandboxJSON?) throws(Refusal) -> Int64? {
        guard let json, json.text != "" else { return nil }
        guard let tenths = json.text.flatMap({ Self.scaled($0, places: 1) }), (0...1000).contains(tenths) else {
            throw Refusal("ads_invalid_roas_target", "The ROAS target is invalid.")
        }
        return tenths == 0 ? nil : tenths
    }

    /// Start and end of a body's schedule; without an end it must start today.
    func schedule(_ visit: Visit) throws(Refusal) -> (start: Int32, end: Int32?) {
        guard let start = visit.call.field("start_date").flatMap(Self.day) else {
            throw .parameter("start_date must be a date as DD-MM-YYYY.")
        }
        let wrong = Refusal("ads.campaign.error_date_setting", "The dates of the campaign are invalid.")
        if start < visit.clock.today { throw wrong }
        guard let text = visit.call.field("end_date") else {
            guard start == visit.clock.today else {
                throw Refusal(
                    "ads.campaign.invalid_start_date", "A campaign without an end date must start today.")
            }
            return (start, nil)
        }
        guard let end = Self.day(text) else { throw .parameter("end_date must be a date as DD-MM-YYYY.") }
        if end < start { throw wrong }
        return (start, end)
    }
}
