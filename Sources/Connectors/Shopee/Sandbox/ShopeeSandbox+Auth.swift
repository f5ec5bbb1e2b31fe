import ConnectorKit

extension ShopeeSandbox {
    /// Calls with a public signature (platforms.md 1.4, 1.5).
    mutating func open(_ call: Call, _ endpoint: Endpoint, _ app: Int, at now: Int64) throws(Refusal) -> Answer {
        switch endpoint {
        case .authPartner: try consentPage(call, app, at: now)
        case .cancelAuthPartner: try cancelPage(call, app)
        case .tokenGet: try exchange(call, app, at: now)
        case .accessTokenGet: try refresh(call, app, at: now)
        case .tokenByResendCode: try resend(call, app, at: now)
        default: try shopsByPartner(call, app, at: now)
        }
    }

    /// The page on which a person agrees: here at once. The browser goes back with a code.
    private mutating func consentPage(_ call: Call, _ app: Int, at now: Int64) throws(Refusal) -> Answer {
        let redirect = try redirect(call, app)
        let consent = consent(app: app, shop: world.auth.consentShop, at: now)
        return Answer(content: .redirect(redirect + consent))
    }

    /// The query that the browser brings back: a code, and the shop or the main account it is for.
    mutating func consent(app: Int, shop: Int64?, at now: Int64) -> String {
        let all = world.shops.map { Grants.Owner.shop($0.id) }
        let merchants = world.shops.compactMap(\.merchantID).map { Grants.Owner.merchant($0) }
        if shop == nil, let main = world.auth.mainAccount {
            let owners = all + Set(merchants).sorted { "\($0)" < "\($1)" }
            let code = grants.consent(app: app, owners: owners, mainAccount: main, at: now)
            return FormCoding.encode([("code", code), ("main_account_id", String(main))])
        }
        let id = shop ?? world.shops[0].id
        let code = grants.consent(app: app, owners: [.shop(id)], mainAccount: nil, at: now)
        return FormCoding.encode([("code", code), ("shop_id", String(id))])
    }

    /// The redirect with a mark behind which parameters go; only its domain is compared.
    private func redirect(_ call: Call, _ app: Int) throws(Refusal) -> String {
        guard let redirect = call.query["redirect"], !redirect.isEmpty else {
            throw .parameter("There is no redirect.")
        }
        let domain = world.apps[app].redirectDomain
        let afterScheme = redirect.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).dropFirst(2)
        let host = afterScheme.first?.prefix { !"/:?#".contains($0) } ?? ""
        guard !host.isEmpty, domain.isEmpty || host == domain else {
            throw .parameter("The redirect URL does not match the domain of this app.")
        }
        return redirect + (redirect.contains("?") ? "&" : "?")
    }

    private mutating func cancelPage(_ call: Call, _ app: Int) throws(Refusal) -> Answer {
        let redirect = try redirect(call, app)
        let id = world.auth.consentShop ?? world.shops[0].id
        grants.revoke(Grants.Key(app: app, owner: .shop(id)))
        return Answer(content: .redirect(redirect + FormCoding.encode([("shop_id", String(id))])))
    }

    private mutating func exchange(_ call: Call, _ app: Int, at now: Int64) throws(Refusal) -> Answer {
        guard let code = call.field("code") else { throw .parameter("There is no code.") }
        try checkPartner(call, app)
        let shop = call.number("shop_id")
        let main = call.number("main_account_id")
        guard (shop == nil) != (main == nil) else {
            throw .parameter("Exactly one of shop_id and main_account_id is needed.")
        }
        let (pair, held) = try grants.exchange(
            code, app: app, owner: shop.map { .shop($0) }, mainAccount: main, at: now)
        var members: [(key: String, value: SandboxJSON)] = [
            ("access_token", .text(pair.access)), ("refresh_token", .text(pair.refresh)),
            ("expire_in", .int(pair.accessUntil - now)),
        ]
        if held.mainAccount != nil {
            var shops: [SandboxJSON] = []
            var merchants: [SandboxJSON] = []
            for owner in held.owners {
                switch owner {
                case .shop(let id): shops.append(.int(id))
                case .merchant(let id): merchants.append(.int(id))
                }
            }
            members += [("shop_id_list", .list(shops)), ("merchant_id_list", .list(merchants))]
        }
        return Answer(content: .top(members))
    }

    private mutating func refresh(_ call: Call, _ app: Int, at now: Int64) throws(Refusal) -> Answer {
        guard let token = call.field("refresh_token") else { throw .parameter("There is no refresh_token.") }
        try checkPartner(call, app)
        let names = ["shop_id", "merchant_id", "supplier_id", "user_id"]
        let given = names.filter { call.body?[$0] != nil }
        guard given.count == 1, let id = call.number(given[0]) else {
            throw .parameter("Exactly one of \(names.joined(separator: ", ")) is needed.")
        }
        let owner: Grants.Owner
        switch given[0] {
        case "shop_id": owner = .shop(id)
        case "merchant_id": owner = .merchant(id)
        default: throw .refreshToken
        }
        let pair = try grants.refresh(token, Grants.Key(app: app, owner: owner), at: now)
        return tokens(pair, app, owner, at: now)
    }

    private func tokens(_ pair: Grants.Lineage, _ app: Int, _ owner: Grants.Owner, at now: Int64) -> Answer {
        let named: (key: String, value: SandboxJSON)
        switch owner {
        case .shop(let id): named = ("shop_id", .int(id))
        case .merchant(let id): named = ("merchant_id", .int(id))
        }
        return Answer(
            content: .top([
                ("partner_id", .int(world.apps[app].id)), named, ("access_token", .text(pair.access)),
                ("refresh_token", .text(pair.refresh)), ("expire_in", .int(max(0, pair.accessUntil - now))),
            ]))
    }

    private mutating func resend(_ call: Call, _ app: Int, at now: Int64) throws(Refusal) -> Answer {
        guard let code = call.field("resend_code") else { throw .parameter("There is no resend_code.") }
        let (pair, owner) = try grants.resend(code, app: app)
        return tokens(pair, app, owner, at: now)
    }

    private func checkPartner(_ call: Call, _ app: Int) throws(Refusal) {
        guard call.number("partner_id") == world.apps[app].id else {
            throw .parameter("partner_id in the body differs from the one in the query.")
        }
    }

    /// Shops whose consent lasts (1.5, last line).
    private func shopsByPartner(_ call: Call, _ app: Int, at now: Int64) throws(Refusal) -> Answer {
        let size = call.int("page_size") ?? 100
        let page = call.int("page_no") ?? 1
        guard (1...100).contains(size), (1...1_000_000).contains(page) else {
            throw .parameter("page_no or page_size is out of range.")
        }
        let authed: [SandboxJSON] = shops.compactMap { shop in
            let key = Grants.Key(app: app, owner: .shop(shop.facts.id))
            guard let lineage = grants.lineages[key], !lineage.isRevoked, now < lineage.consentUntil else { return nil }
            return .object([
                ("shop_id", .int(shop.facts.id)), ("region", .text(shop.region.code)),
                ("auth_time", .int(lineage.consentedAt)), ("expire_time", .int(lineage.consentUntil)),
                ("sip_affi_shop_list", .list([])),
            ])
        }
        let from = min(authed.count, Int((page - 1) * size))
        let until = min(authed.count, from + Int(size))
        return Answer(
            content: .top([
                ("authed_shop_list", .list(Array(authed[from..<until]))), ("more", .bool(until < authed.count)),
            ]), rows: until - from)
    }
}

extension ShopeeSandbox {
    /// What stands at the top, not under `response` (platforms.md 1.6).
    func shopInfo(_ visit: Visit) -> Answer {
        let facts = world.shops[visit.shop]
        let lineage = grants.lineages[Grants.Key(app: visit.app, owner: .shop(facts.id))]
        return Answer(
            content: .top([
                ("shop_name", .text(facts.name)), ("region", .text(facts.region)), ("status", .text(facts.status)),
                ("auth_time", .int(lineage?.consentedAt ?? 0)), ("expire_time", .int(lineage?.consentUntil ?? 0)),
                ("is_cb", .bool(false)), ("is_sip", .bool(false)), ("sip_affi_shops", .list([])),
                ("merchant_id", facts.merchantID.map { .int($0) } ?? .null), ("is_main_shop", .bool(false)),
                ("is_direct_shop", .bool(false)), ("is_upgraded_cbsc", .bool(false)),
                ("shop_fulfillment_flag", .text("Others")),
            ]), rows: 1)
    }

    func profile(_ visit: Visit) -> Answer {
        .response(
            .object([
                ("shop_logo", .text("https://cf.shop.example/logo.png")), ("description", .text("Sandbox")),
                ("shop_name", .text(world.shops[visit.shop].name)), ("invoice_issuer", .text("")),
            ]), rows: 1)
    }

    func merchantInfo(_ merchant: Int64, _ key: Grants.Key) -> Answer {
        let lineage = grants.lineages[key]
        return Answer(
            content: .top([
                ("merchant_name", .text("Merchant \(merchant)")), ("is_cnsc", .bool(false)),
                ("auth_time", .int(lineage?.consentedAt ?? 0)), ("expire_time", .int(lineage?.consentUntil ?? 0)),
            ]), rows: 1)
    }
}
