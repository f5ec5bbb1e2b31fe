import SyncCore

extension ShopeeSandbox {
    /// Calls that advise or tell a single thing (platforms.md 1.10).
    func advice(_ endpoint: Endpoint, _ visit: Visit) throws(Refusal) -> Answer {
        let moment = ("data_timestamp", SandboxJSON.int(visit.now.seconds))
        let region = shops[visit.shop].region
        func money(_ amount: Int64) -> SandboxJSON { shops[visit.shop].money(amount) }
        switch endpoint {
        case .totalBalance: return .response(.object([moment, ("total_balance", money(region.leastBudget * 37))]))
        case .toggleInfo:
            return .response(.object([moment, ("auto_top_up", .bool(false)), ("campaign_surge", .bool(true))]))
        case .recommendedKeywords: return try keywordAdvice(visit)
        case .recommendedItems: return itemAdvice(visit)
        case .budgetSuggestion: return try budgetAdvice(visit)
        case .roiTarget:
            try need(visit, ["reference_id", "item_id"])
            func bound(_ tenths: Int64, _ percentile: Int64) -> SandboxJSON {
                .object([("value", .decimal(tenths, places: 1)), ("percentile", .int(percentile))])
            }
            return .response(
                .object([("lower_bound", bound(42, 20)), ("exact", bound(65, 50)), ("upper_bound", bound(98, 80))]))
        case .facilShopRate:
            guard region.code == "BR" else { throw Refusal(code: "error_permission") }
            return Answer(content: .top([("rate", .decimal(15, places: 2)), ("update_at", .int(visit.now.seconds))]))
        default: return eligibility(visit)
        }
    }

    private func budgetAdvice(_ visit: Visit) throws(Refusal) -> Answer {
        try need(visit, ["reference_id", "product_selection", "campaign_placement", "bidding_method"])
        let values = [
            ("product_selection", ["auto", "manual"]), ("campaign_placement", ["search", "discovery", "all"]),
            ("bidding_method", ["auto", "manual"]), ("enhanced_cpc", ["true", "false"]),
        ]
        for (name, allowed) in values {
            let value = visit.call.query[name] ?? ""
            guard value.isEmpty || allowed.contains(value) else { throw .parameter("\(name) is invalid.") }
        }
        let model = shops[visit.shop]
        let least = model.region.leastBudget
        let budget = SandboxJSON.object([
            ("recommended_budget", model.money(least * 3)), ("min_budget", model.money(least)),
            ("max_budget", model.money(Region.mostBudget * model.region.units)),
        ])
        return .response(.object([("budget", budget)]))
    }

    private func need(_ visit: Visit, _ names: [String]) throws(Refusal) {
        for name in names where (visit.call.query[name] ?? "").isEmpty { throw .parameter("There is no \(name).") }
    }

    /// Often empty without a word to begin with.
    private func keywordAdvice(_ visit: Visit) throws(Refusal) -> Answer {
        guard let item = visit.call.int("item_id") else { throw .parameter("There is no item_id.") }
        let input = visit.call.query["input_keyword"] ?? ""
        let keywords = (0..<(input.isEmpty ? 0 : 5)).map { index -> SandboxJSON in
            let hash = Mix.hash(Mix.hash(input, shops[visit.shop].seed), index)
            return .object([
                ("keyword", .text("\(input) \(index + 1)")), ("quality_score", .int(Int64(1 + hash % 10))),
                ("search_volume", .int(Int64(hash >> 20) % 90_000)),
                ("suggested_bid", shops[visit.shop].money(shops[visit.shop].region.clickPrice * Int64(1 + hash % 4))),
            ])
        }
        return .response(
            .object([
                ("item_id", .int(item)), ("input_keyword", .text(input)), ("suggested_keywords", .list(keywords)),
            ]), rows: keywords.count)
    }

    private func itemAdvice(_ visit: Visit) -> Answer {
        let items = shops[visit.shop].campaigns.prefix(20).flatMap(\.items).enumerated().map { index, item in
            SandboxJSON.object([
                ("item_id", .int(item)), ("item_status_list", .list([.text("normal")])),
                ("sku_tag_list", .list(index % 3 == 0 ? [.text("best_selling")] : [])),
                (
                    "ongoing_ad_type_list",
                    .list([.text(index % 2 == 0 ? "product_ads" : "no_ongoing_promotion")])
                ),
            ])
        }
        return .response(.list(items), rows: items.count)
    }

    private func eligibility(_ visit: Visit) -> Answer {
        let model = shops[visit.shop]
        let reason: String
        if !model.facts.isWhitelistedForGMS {
            reason = "not_whitelisted"
        } else if model.activeGMS(visit.clock) != nil {
            reason = "active_campaign"
        } else {
            reason = model.campaigns.count < 2 ? "not_have_enough_sku" : ""
        }
        return .response(.object([("is_eligible", .bool(reason.isEmpty)), ("reason", .text(reason))]))
    }
}
