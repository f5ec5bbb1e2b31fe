import SyncCore

extension ShopeeSandbox {
    /// `edit_manual_product_ad_keywords` (platforms.md 1.13): some edits may fail while the call succeeds.
    mutating func editKeywords(_ visit: Visit) throws(Refusal) -> Answer {
        let campaign = try bodyCampaign(visit)
        guard !campaign.isAuto, campaign.bidding == "manual",
            ["scheduled", "ongoing", "paused"].contains(shops[visit.shop].status(campaign, visit.clock))
        else { throw .invalidAction }
        guard let edits = visit.call.body?["selected_keywords"]?.list, !edits.isEmpty else {
            throw .parameter("selected_keywords is empty.")
        }
        try limits.admitWrite(campaign.id, at: visit.now.seconds)
        var keywords = shops[visit.shop].keywords(campaign)
        var failed: [SandboxJSON] = []
        for edit in edits {
            do throws(Refusal) {
                try apply(edit, to: &keywords, visit)
            } catch {
                failed.append(
                    .object([
                        ("keyword", .text(edit["keyword"]?.text ?? "")), ("error", .text(error.code)),
                        ("message", .text(error.message)),
                    ]))
            }
        }
        var own = shops[visit.shop].edits[campaign.id] ?? Edits()
        own.keywords = keywords
        shops[visit.shop].edits[campaign.id] = own
        log(campaign, "edit_keywords", visit, before: "", after: "\(edits.count - failed.count) of \(edits.count)")
        return .response(.object([("campaign_id", .int(campaign.id)), ("failed_edits", .list(failed))]))
    }

    private func apply(
        _ edit: SandboxJSON, to keywords: inout [Edits.Keyword], _ visit: Visit
    ) throws(Refusal) {
        guard let text = edit["keyword"]?.text, !text.isEmpty else { throw .parameter("There is no keyword.") }
        let place = keywords.firstIndex { $0.keyword == text }
        let isLive = place.map { keywords[$0].status == "normal" } ?? false
        let bid = amount(edit["bid_price_per_click"], visit)
        let least = shops[visit.shop].region.clickPrice / 2
        if let bid, bid < least { throw .keyword("price_too_low") }
        if let bid, bid > least * 2000 { throw .keyword("price_too_high") }
        switch edit["edit_action"]?.text {
        case "add":
            if isLive { throw .keyword("already_exists") }
            if text == Edits.Keyword.reserved { throw .keyword("is_reserved") }
            if text == Edits.Keyword.blacklisted { throw .keyword("is_blacklisted") }
            guard let bid else { throw .parameter("There is no bid_price_per_click.") }
            let match = edit["match_type"]?.text ?? "broad"
            if let place { keywords.remove(at: place) }
            keywords.append(Edits.Keyword(keyword: text, match: match, bid: bid))
        case "delete":
            guard let place, isLive else { throw .keyword("not_found") }
            keywords[place].status = "deleted"
        case "restore":
            guard let place else { throw .keyword("not_found") }
            if keywords[place].status != "deleted" { throw .keyword("no_update") }
            keywords[place].status = "normal"
        case "change_bid_price":
            guard let place, isLive else { throw .keyword("not_found") }
            guard let bid else { throw .parameter("There is no bid_price_per_click.") }
            if keywords[place].bid == bid { throw .keyword("no_update") }
            keywords[place].bid = bid
        case "change_match_type":
            guard let place, isLive else { throw .keyword("not_found") }
            guard let match = edit["match_type"]?.text, ["exact", "broad"].contains(match) else {
                throw .parameter("match_type must be exact or broad.")
            }
            if keywords[place].match == match { throw .keyword("no_update") }
            keywords[place].match = match
        default: throw .parameter("edit_action is unknown.")
        }
    }
}

extension ShopeeSandbox.Refusal {
    fileprivate static func keyword(_ name: String) -> Self { Self(code: "ads.keyword.\(name)") }
}
