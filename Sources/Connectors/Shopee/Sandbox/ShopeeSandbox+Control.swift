import ConnectorKit
import SyncCore

extension ShopeeSandbox {
    /// The control endpoint under `/sandbox`: oracles and switches for tests. It needs no signature and touches no
    /// limit.
    mutating func control(_ question: ControlRequest, at now: Instant) -> SandboxReply {
        for shop in shops.indices { _ = clock(of: shop, at: now) }
        return ControlRequest.reply {
            question.isChange ? try change(question, at: now) : try oracle(question, at: now)
        }
    }

    private func oracle(_ question: ControlRequest, at now: Instant) throws -> [UInt8] {
        let query = question.query
        let at = question.moment(or: now)
        switch question.path {
        case "truth": return try ControlRequest.json(truth(of: try shop(query), days: try question.days(), at: at))
        case "sums":
            let level = query["level"] ?? "shop"
            guard ["campaign", "gms", "shop"].contains(level) else { throw WorldError("There is no level \(level)") }
            return try ControlRequest.json(
                sums(
                    of: try shop(query), level: level, campaign: query["campaign_id"].flatMap(Int64.init),
                    days: try question.days(), at: at))
        case "ids":
            let model = shops[try shop(query)]
            let today = time(of: model.index, at: at).today
            return try ControlRequest.json(model.campaigns.filter { $0.created <= today }.map { String($0.id) })
        case "budgets": return try ControlRequest.json(budgets(of: try shop(query), at: at))
        case "counters": return try ControlRequest.json(counters)
        case "blocked": return try ControlRequest.json(limits.locked(at: now.seconds, apps: world.apps.map(\.id)))
        case "credentials": return try ControlRequest.json(try credentials(query))
        case "world": return try ControlRequest.json(world)
        default: throw WorldError("There is no oracle \(question.path)")
        }
    }

    /// Index of the shop `account`, else of the first.
    private func shop(_ query: [String: String]) throws -> Int {
        guard let account = query["account"] else { return 0 }
        guard let shop = world.shops.firstIndex(where: { String($0.id) == account }) else {
            throw WorldError("There is no shop \(account)")
        }
        return shop
    }

    /// Index of the app: `ads`, `erp` or a partner id; else the printed one.
    private func app(_ name: String?) throws -> Int {
        guard let name else { return world.printedApp }
        let index = world.apps.firstIndex { app in
            String(app.id) == name || name == "ads" && app.hasAds || name == "erp" && !app.hasAds
        }
        guard let index else { throw WorldError("There is no app \(name)") }
        return index
    }

    /// What an app holds for a shop right now, by the names of the credential's fields.
    private func credentials(_ query: [String: String]) throws -> [String: String] {
        let app = try app(query["app"])
        let owner = Grants.Owner.shop(world.shops[try shop(query)].id)
        let lineage = grants.lineages[Grants.Key(app: app, owner: owner)]
        return [
            "partner_id": String(world.apps[app].id), "partner_key": world.apps[app].key,
            "access_token": lineage?.access ?? "", "refresh_token": lineage?.refresh ?? "",
        ]
    }

    private mutating func change(_ question: ControlRequest, at now: Instant) throws -> [UInt8] {
        let body = SandboxJSON(parsing: question.body) ?? .object([])
        switch question.path {
        case "reset": reset()
        case "world": reset(to: try world.changed(by: question.body))
        case "faults": try changeFaults(question)
        case "budget": try changeByHand(body) { try $0.setByHand(campaign: $1, shop: $2, body, at: now) }
        case "status": try changeByHand(body) { try $0.moveByHand(campaign: $1, shop: $2, body, at: now) }
        case "unlock": limits.unlock()
        case "revoke": for key in try keys(body) { grants.revoke(key) }
        case "expire": try expire(body, at: now)
        case "consent":
            let shop = body["shop_id"]?.int
            let query = consent(app: try app(body["app"]?.text), shop: shop, at: now.seconds)
            return try ControlRequest.json(["query": query])
        case "resend":
            let code = grants.announceResend(try keys(body)[0])
            return try ControlRequest.json(["resend_code": code])
        default: throw WorldError("There is no switch \(question.path)")
        }
        return ControlRequest.done
    }

    private mutating func changeFaults(_ question: ControlRequest) throws {
        if let seed = question.query["seed"].flatMap(UInt64.init) { return inject(.drawn(seed: seed)) }
        var faults = ShopeeWorld.Faults()
        faults.rules = try question.faultRules()
        inject(faults)
    }

    /// The lineages that a body means: of `shop_id` (else all shops) and `app` (else all apps).
    private func keys(_ body: SandboxJSON) throws -> [Grants.Key] {
        let shops = world.shops.map(\.id).filter { body["shop_id"]?.int == nil || body["shop_id"]?.int == $0 }
        guard !shops.isEmpty else { throw WorldError("There is no such shop") }
        let apps = try body["app"]?.text.map { [try app($0)] } ?? Array(world.apps.indices)
        return apps.flatMap { app in shops.map { Grants.Key(app: app, owner: .shop($0)) } }
    }

    /// `what` is `access`, `refresh` or `grant`.
    private mutating func expire(_ body: SandboxJSON, at now: Instant) throws {
        let what = body["what"]?.text ?? "access"
        guard ["access", "refresh", "grant"].contains(what) else { throw WorldError("There is no \(what) to expire") }
        for key in try keys(body) {
            grants.expire(
                key, access: what == "access", refresh: what == "refresh", consent: what == "grant", at: now.seconds)
        }
    }
}

/// What a person does in the seller's own pages, past the API.
extension ShopeeSandbox {
    /// Finds the campaign that a person changes.
    fileprivate mutating func changeByHand(
        _ body: SandboxJSON, _ change: (inout Self, Campaign, Int) throws -> Void
    ) throws {
        guard let id = body["campaign_id"]?.int else { throw WorldError("There is no campaign_id") }
        for shop in shops.indices {
            if let campaign = shops[shop].advertised.first(where: { $0.id == id }) {
                return try change(&self, campaign, shop)
            }
        }
        throw WorldError("There is no campaign \(id)")
    }

    fileprivate mutating func setByHand(campaign: Campaign, shop: Int, _ body: SandboxJSON, at now: Instant) throws {
        let budget = body["budget"]?.text.flatMap { Self.scaled($0, places: shops[shop].region.places) }
        guard let budget, budget >= 0 else { throw WorldError("There is no valid budget") }
        let before = shops[shop].budget(campaign)
        shops[shop].edits[campaign.id, default: Edits()].budget = budget
        logByHand(campaign, "change_budget", shop, String(before), String(budget), now)
    }

    fileprivate mutating func moveByHand(campaign: Campaign, shop: Int, _ body: SandboxJSON, at now: Instant) throws {
        guard let status = body["status"]?.text, ["ongoing", "paused", "ended", "deleted"].contains(status) else {
            throw WorldError("status must be ongoing, paused, ended or deleted")
        }
        let clock = clock(of: shop, at: now)
        let before = shops[shop].status(campaign, clock)
        move(campaign, to: status, shop, clock)
        logByHand(campaign, "status", shop, before, status, now)
    }

    private mutating func logByHand(
        _ campaign: Campaign, _ action: String, _ shop: Int, _ before: String, _ after: String, _ now: Instant
    ) {
        writes.append(
            Write(
                at: now.seconds, shopID: world.shops[shop].id, campaignID: campaign.id, action: action, before: before,
                after: after, by: "hand"))
    }
}

extension ShopeeSandbox.LimitState {
    /// Seconds until each locked app is free, by partner id; -1 until it is unlocked.
    func locked(at seconds: Int64, apps ids: [Int64]) -> [String: Int64] {
        var locked: [String: Int64] = [:]
        for (app, meter) in apps where meter.lockedUntil > seconds {
            locked[String(ids[app])] = meter.lockedUntil == .max ? -1 : meter.lockedUntil - seconds
        }
        return locked
    }
}
