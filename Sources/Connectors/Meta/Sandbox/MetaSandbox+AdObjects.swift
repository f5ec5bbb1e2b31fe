extension MetaSandbox.Reader {
    private static let objectives = [
        "OUTCOME_SALES", "OUTCOME_TRAFFIC", "OUTCOME_ENGAGEMENT", "OUTCOME_LEADS", "OUTCOME_AWARENESS",
    ]
    private static let goals = ["OFFSITE_CONVERSIONS", "LINK_CLICKS", "POST_ENGAGEMENT", "LEAD_GENERATION", "REACH"]

    static func objective(_ seed: UInt64) -> String { objectives[Mix.below(5, Mix.hash(seed, 80))] }
    static func goal(_ seed: UInt64) -> String { goals[Mix.below(5, Mix.hash(seed, 80))] }

    private func text(_ amount: Int64) -> JSON { .text(String(amount)) }

    /// Units of the currency's smallest part for about a hundred thousand dong or five dollars.
    private func budget(_ seed: UInt64, _ account: Int) -> Int64 {
        let unit: Int64 = view.account(account).places == 0 ? 50_000 : 500
        return unit * Int64(1 + Mix.below(20, Mix.hash(seed, 81)))
    }

    static func hasCampaignBudget(_ seed: UInt64) -> Bool { Mix.hash(seed, 82) & 1 == 0 }

    /// What campaigns, ad sets and ads share.
    private func common(_ name: String, _ node: Node, _ account: Int, configured: MetaSandbox.Status, effective: String)
        -> JSON?
    {
        switch name {
        case "account_id": .text(view.account(account).spec.id)
        case "status", "configured_status": .text(configured.rawValue)
        case "effective_status": .text(effective)
        case "created_time": view.life(node).map { time($0.created, account) }
        case "updated_time": time(view.updated(node), account)
        case "name": .text(self.name(node))
        case "special_ad_categories": .list([])
        default: nil
        }
    }

    /// Names hold letters beyond ASCII, quotes and slashes; a rename once in a while comes with an edit.
    func name(_ node: Node) -> String {
        if let name = view.written(node)?.name { return name }
        let edits = view.life(node)?.edits(until: view.now) ?? 0
        let version = edits >= 3 ? " v\(edits / 3 + 1)" : ""
        return switch node {
        case .campaign(_, let index): "Chiến dịch \(index + 1) – \"Sale\" 50%/ngày\(version)"
        case .adSet(_, let index): "Nhóm \(index + 1) | 25-34 \\ Hà Nội\(version)"
        case .ad(_, let index): "Quảng cáo \(index + 1) 🎯\(version)"
        case .creative(_, let index): "Creative \(index + 1)"
        default: ""
        }
    }

    func campaign(_ name: String, _ account: Int, _ index: Int) -> JSON? {
        let node = Node.campaign(account, index)
        let campaign = view.account(account).campaigns[index]
        let written = view.written(node)
        switch name {
        case "objective": return .text(Self.objective(campaign.seed))
        case "buying_type": return .text("AUCTION")
        case "bid_strategy": return Self.hasCampaignBudget(campaign.seed) ? .text("LOWEST_COST_WITHOUT_CAP") : nil
        case "daily_budget":
            if let amount = written?.dailyBudget { return text(amount) }
            return Self.hasCampaignBudget(campaign.seed) ? text(budget(campaign.seed, account)) : nil
        case "lifetime_budget": return written?.lifetimeBudget.map(text)
        case "budget_remaining": return text(budget(campaign.seed, account) / 3)
        case "special_ad_category": return .text("NONE")
        case "start_time": return time(campaign.life.created + 3600, account)
        case "stop_time":
            return campaign.life.retired < view.now ? time(campaign.life.retired, account) : nil
        case "smart_promotion_type": return .text("GUIDED_CREATION")
        case "is_adset_budget_sharing_enabled": return .bool(false)
        case "pacing_type": return .list([.text("standard")])
        case "source_campaign_id", "topline_id": return .text("0")
        case "promoted_object": return promoted(campaign.seed)
        default:
            return common(
                name, node, account, configured: view.configured(campaign: index, of: account),
                effective: view.effective(campaign: index, of: account))
        }
    }

    private func promoted(_ seed: UInt64) -> JSON? {
        guard world.pages.count > 0 else { return nil }
        let page = MetaSandbox.Model.pageID(Mix.below(world.pages.count, Mix.hash(seed, 83)))
        return .object([("page_id", .text(String(page)))])
    }

    func adSet(_ name: String, _ account: Int, _ index: Int) -> JSON? {
        let node = Node.adSet(account, index)
        let adSet = view.account(account).adSets[index]
        let isFree = !Self.hasCampaignBudget(view.account(account).campaigns[adSet.campaign].seed)
        let written = view.written(node)
        switch name {
        case "campaign_id": return .text(id(.campaign(account, adSet.campaign)))
        case "daily_budget":
            if let amount = written?.dailyBudget { return text(amount) }
            return text(isFree ? budget(adSet.seed, account) : 0)
        case "lifetime_budget": return text(written?.lifetimeBudget ?? 0)
        case "budget_remaining": return text(isFree ? budget(adSet.seed, account) / 4 : 0)
        case "bid_amount": return written?.bid.map { .int($0) }
        case "bid_strategy": return .text("LOWEST_COST_WITHOUT_CAP")
        case "billing_event": return .text("IMPRESSIONS")
        case "optimization_goal": return .text(Self.goal(adSet.seed))
        case "destination_type": return .text("WEBSITE")
        case "start_time": return time(adSet.life.created + 3600, account)
        case "end_time": return adSet.life.retired < view.now ? time(adSet.life.retired, account) : nil
        case "is_dynamic_creative": return .bool(adSet.seed & 7 == 0)
        case "pacing_type": return .list([.text("standard")])
        case "attribution_spec":
            return .list([
                .object([("event_type", .text("CLICK_THROUGH")), ("window_days", .int(7))]),
                .object([("event_type", .text("VIEW_THROUGH")), ("window_days", .int(1))]),
            ])
        case "promoted_object": return promoted(adSet.seed)
        case "targeting": return targeting(adSet.seed)
        case "learning_stage_info":
            return .object([("status", .text("SUCCESS")), ("conversions", .int(Int64(adSet.seed & 63)))])
        default:
            return common(
                name, node, account, configured: view.configured(adSet: index, of: account),
                effective: view.effective(adSet: index, of: account))
        }
    }

    private func targeting(_ seed: UInt64) -> JSON {
        let low = 18 + Int64(Mix.below(20, seed))
        let places: [(key: String, value: JSON)] = [
            ("countries", .list([.text("VN")])), ("location_types", .list([.text("home"), .text("recent")])),
        ]
        let interests = (0..<3).map { place -> JSON in
            .object([
                ("id", .text("600300\(Mix.hash(seed, place) % 10_000_000)")), ("name", .text("Interest \(place)")),
            ])
        }
        return .object([
            ("age_min", .int(low)), ("age_max", .int(65)), ("geo_locations", .object(places)),
            ("flexible_spec", .list([.object([("interests", .list(interests))])])),
            ("brand_safety_content_filter_levels", .list([.text("FACEBOOK_STANDARD")])),
        ])
    }

    func ad(_ name: String, _ account: Int, _ index: Int) -> JSON? {
        let node = Node.ad(account, index)
        let ad = view.account(account).ads[index]
        switch name {
        case "campaign_id": return .text(id(.campaign(account, ad.campaign)))
        case "adset_id": return .text(id(.adSet(account, ad.adSet)))
        case "bid_amount": return view.written(node)?.bid.map { .int($0) }
        case "bid_type": return .text("ABSOLUTE_OCPM")
        case "source_ad_id": return .text("0")
        case "last_updated_by_app_id": return .text(world.auth.appID)
        case "preview_shareable_link": return .text("https://fb.me/\(String(ad.seed & 0xFFFF_FFFF, radix: 36))")
        case "conversion_domain": return .text("shop.example")
        case "tracking_specs":
            return .list([.object([("action.type", .list([.text("offsite_conversion")]))])])
        case "issues_info":
            guard ad.seed % 50 == 0 else { return nil }
            return .list([
                .object([
                    ("level", .text("AD")), ("error_code", .int(1_815_869)), ("error_type", .text("SOFT_ERROR")),
                    ("error_summary", .text("Ad is not delivering")), ("error_message", .text("Check the budget")),
                ])
            ])
        default:
            return common(
                name, node, account, configured: view.configured(ad: index, of: account),
                effective: view.effective(ad: index, of: account))
        }
    }

    func creative(_ name: String, _ account: Int, _ index: Int) -> JSON? {
        let seed = view.account(account).ads[index].seed
        switch name {
        case "account_id": return .text(view.account(account).spec.id)
        case "name": return .text(self.name(.creative(account, index)))
        case "status": return .text("ACTIVE")
        case "title": return .text("Ưu đãi \(index % 90)%")
        case "body": return .text("Mua ngay hôm nay!\nMiễn phí giao hàng.")
        case "object_type": return .text("SHARE")
        case "call_to_action_type": return .text("SHOP_NOW")
        case "image_hash": return .text(String(seed, radix: 16))
        case "thumbnail_url", "image_url":
            return .text("https://scontent.example/v/t45/\(String(seed, radix: 36)).jpg?oh=0")
        case "effective_object_story_id", "object_story_id":
            guard world.pages.count > 0 else { return nil }
            return .text(id(.post(Mix.below(world.pages.count, seed), Mix.below(max(1, world.pages.postsEach), seed))))
        case "object_story_spec":
            return .object([
                (
                    "link_data",
                    .object([("link", .text("https://shop.example/p/\(index)")), ("message", .text("Mua ngay"))])
                )
            ])
        default: return nil
        }
    }
}
