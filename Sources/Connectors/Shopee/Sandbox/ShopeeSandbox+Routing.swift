import SyncCore

extension ShopeeSandbox {
    /// Everything between the transport and the answer, in the platform's order (platforms.md 1.16, item 1): signature,
    /// token, permission, limits, parameters.
    mutating func serve(
        _ call: Call, injected: String?, _ kinds: Set<ShopeeWorld.Faults.Kind>, chance: UInt64, at now: Instant
    ) throws(Refusal) -> Answer {
        guard let endpoint = call.endpoint else {
            throw Refusal("error_not_found", "There is no API \(call.path).")
        }
        let app = try verify(call, endpoint, at: now.seconds)
        if world.apps[app].isAddressUndeclared { throw Refusal(code: "source_ip_undeclared") }
        switch endpoint.signing {
        case .open:
            if let injected { throw limits.refusal(injected, 0) }
            try checkMethod(call, endpoint)
            return try open(call, endpoint, app, at: now.seconds)
        case .merchant:
            let merchant = call.int("merchant_id") ?? 0
            let key = Grants.Key(app: app, owner: .merchant(merchant))
            try grants.check(call.query["access_token"] ?? "", key, at: now.seconds)
            if let injected { throw limits.refusal(injected, 0) }
            try checkMethod(call, endpoint)
            return merchantInfo(merchant, key)
        case .shop:
            guard let id = call.int("shop_id") else { throw Refusal(code: "invalid_shop_id") }
            try grants.check(
                call.query["access_token"] ?? "", Grants.Key(app: app, owner: .shop(id)), at: now.seconds)
            guard let shop = world.shops.firstIndex(where: { $0.id == id }) else {
                throw Refusal(code: "invalid_shop_id")
            }
            if let injected { throw limits.refusal(injected, 0) }
            if endpoint.isAds { try enterAds(app, shop, chance, at: now) }
            try checkMethod(call, endpoint)
            return try serve(
                endpoint,
                Visit(
                    call: call, app: app, shop: shop, clock: clock(of: shop, at: now),
                    repeatsRow: kinds.contains(.duplicateRow), chance: chance, now: now))
        }
    }

    /// A call of a shop that has passed all that comes before its parameters.
    struct Visit: Sendable {
        let call: Call
        let app: Int
        /// Index of the shop.
        let shop: Int
        let clock: ShopClock
        /// A row or an id comes twice.
        let repeatsRow: Bool
        let chance: UInt64
        let now: Instant
    }

    /// The app of a call with a right signature of this moment; nothing is looked at before it.
    private mutating func verify(_ call: Call, _ endpoint: Endpoint, at seconds: Int64) throws(Refusal) -> Int {
        guard let partner = call.query["partner_id"], let number = Int64(partner),
            let app = world.apps.firstIndex(where: { $0.id == number })
        else { throw Refusal(code: "invalid_partner_id") }
        let stamp = call.query["timestamp"] ?? ""
        var parts = [partner, call.path, stamp]
        switch endpoint.signing {
        case .open: break
        case .shop: parts += [call.query["access_token"] ?? "", call.query["shop_id"] ?? ""]
        case .merchant: parts += [call.query["access_token"] ?? "", call.query["merchant_id"] ?? ""]
        }
        let right = Signer.sign(parts, key: world.apps[app].key)
        let isRight = Signer.matches(call.query["sign"] ?? "", right)
        let isFresh = Int64(stamp).map { abs($0.subtractingReportingOverflow(seconds).partialValue) } ?? .max
        guard isRight, isFresh <= world.auth.signWindow else {
            tally.rejectedSignatures += 1
            throw .sign
        }
        return app
    }

    private func checkMethod(_ call: Call, _ endpoint: Endpoint) throws(Refusal) {
        guard call.method == endpoint.method else {
            throw Refusal("ads.api.http_method_not_allowed", "This API takes \(endpoint.method) only.")
        }
    }

    private mutating func enterAds(_ app: Int, _ shop: Int, _ chance: UInt64, at now: Instant) throws(Refusal) {
        guard world.apps[app].hasAds else { throw Refusal(code: world.auth.permissionCode) }
        let facts = world.shops[shop]
        switch facts.status {
        case "BANNED": throw Refusal(code: "shop_banned")
        case "NORMAL": break
        default: throw Refusal("ads.shop.status_not_normal", "The status of the shop is not normal.")
        }
        try limits.admit(app: app, shop: facts.id, chance: chance, at: now.microseconds)
        tally.admit(at: now.microseconds)
    }

    private mutating func serve(_ endpoint: Endpoint, _ visit: Visit) throws(Refusal) -> Answer {
        switch endpoint {
        case .shopInfo: shopInfo(visit)
        case .profile: profile(visit)
        case .campaignIDs: try campaignIDs(visit)
        case .campaignSettings: try campaignSettings(visit)
        case .campaignDaily: try campaignDaily(visit)
        case .campaignHourly: try campaignHourly(visit)
        case .shopDaily: try shopDaily(visit)
        case .shopHourly: try shopHourly(visit)
        case .gmsPerformance: try gmsPerformance(visit)
        case .gmsItemPerformance: try gmsItemPerformance(visit)
        case .gmsDeletedItems: try gmsDeletedItems(visit)
        case .totalBalance, .toggleInfo, .recommendedKeywords, .recommendedItems, .budgetSuggestion, .roiTarget,
            .facilShopRate, .gmsEligibility:
            try advice(endpoint, visit)
        default: try change(endpoint, visit)
        }
    }
}
