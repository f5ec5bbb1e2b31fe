package import ConnectorKit
package import SyncCore

/// Shopee: the shop, its product campaigns and their numbers by day and hour, through the Ads module of the Open
/// Platform.
package struct ShopeeConnector: Connector {
    package static let id = PlatformID("shopee")
    package static var platform: Platform { ShopeePlatform.platform }

    package let streams: [StreamSchema]
    /// The partner id that the connection is of, where it is known.
    private let partner: String
    private let budgets: BudgetPlan?
    private let readers: [StreamID: RowReader]
    private let listingReader: RowReader

    package init(configuration: [String: String] = [:]) throws {
        for name in configuration.keys.sorted() where !["identity", BudgetPlan.setting].contains(name) {
            throw ConfigurationError("Shopee has no setting \(name).")
        }
        partner = configuration["identity"] ?? ""
        budgets = try configuration[BudgetPlan.setting].map(BudgetPlan.init(json:))
        streams = ShopeeSchemas.all
        readers = Dictionary(uniqueKeysWithValues: streams.map { ($0.id, RowReader(schema: $0)) })
        listingReader = RowReader(schema: ShopeeSchemas.listedCampaigns, fields: ShopeeSchemas.listedFields)
    }

    /// Limits of the app are shared by all its shops.
    package static func identity(of credential: Credential) -> String? { credential["partner_id"] }

    package func quotaKeys(of account: String) -> [QuotaKey] { ShopeeQuotas(app: partner, shop: account).keys }

    package func plan(_ request: PlanRequest) -> [ChunkSpec] {
        ShopeePlanner(request: request, budgets: budgets).specs()
    }

    // MARK: Work

    /// The part of the connector that does a chunk.
    private enum Duty {
        case shop(ShopeeShop)
        case listing(ShopeeListing)
        case settings(ShopeeSettings)
        case performance(ShopeePerformance)
        case budgets(ShopeeBudgets)
    }

    private func duty(_ work: ChunkWork) -> Duty? {
        let stream = work.spec.stream
        guard let schema = streams.first(where: { $0.id == stream }), let reader = readers[stream] else { return nil }
        let task = ShopeeTask(work: work, schema: schema, reader: reader)
        if let kind = ShopeePerformance.Kind.of(stream) {
            return .performance(ShopeePerformance(task: task, kind: kind))
        }
        if stream == ShopeeStream.budgets { return budgetDuty(work) }
        guard stream == ShopeeStream.campaigns else { return .shop(ShopeeShop(task: task)) }
        return work.spec.entities == nil
            ? .listing(ShopeeListing(task: task, reader: listingReader)) : .settings(ShopeeSettings(task: task))
    }

    private func budgetDuty(_ work: ChunkWork) -> Duty? {
        guard let budgets, let zone = try? work.account.zone(),
            let campaigns = readers[ShopeeStream.campaigns], let states = readers[ShopeeStream.budgets],
            let changes = readers[ShopeeStream.budgetChanges]
        else { return nil }
        let task = ShopeeTask(work: work, schema: ShopeeSchemas.campaigns, reader: campaigns)
        return .budgets(ShopeeBudgets(task: task, plan: budgets, zone: zone, states: states, changes: changes))
    }

    package func call(for work: ChunkWork) -> Call {
        switch duty(work) {
        case .shop(let duty): duty.call()
        case .listing(let duty): duty.call()
        case .settings(let duty): duty.call()
        case .performance(let duty): duty.call()
        case .budgets(let duty): duty.call()
        case nil:
            ShopeeRequests(credential: work.credential, shop: work.account.externalID, now: work.now).get(.shop)
        }
    }

    package func read(_ response: WireResponse, to call: Call, of work: ChunkWork) -> Reading {
        switch duty(work) {
        case .shop(let duty): duty.read(response)
        case .listing(let duty): duty.read(response)
        case .settings(let duty): duty.read(response)
        case .performance(let duty): duty.read(response)
        case .budgets(let duty): duty.read(response, to: call)
        case nil where work.spec.stream == ShopeeStream.budgets:
            // Its plan was taken away meanwhile.
            Reading(.finished(.init(isComplete: false)))
        case nil: Reading(.failed(.bug(.init(code: "", "Shopee has no stream \(work.spec.stream)."))))
        }
    }

    /// No answer in time, and one that is larger than the client takes, mean that less is to be asked for.
    package func read(_ error: TransportError, to call: Call, of work: ChunkWork) -> Reading? {
        switch error {
        case .connectionRefused, .connectionReset, .unreachable, .forbidden: return nil
        case .timedOut, .tooLarge: break
        }
        return switch duty(work) {
        case .settings(let duty): duty.smaller()
        case .performance(let duty): duty.smaller()
        case .shop, .listing, .budgets, nil: nil
        }
    }

    /// Campaigns that are not listed are still shown by their ids, as long as they exist.
    package func recheck(_ ids: [String], of spec: ChunkSpec, _ learned: Learned) -> [ChunkSpec] {
        guard spec.stream == ShopeeStream.campaigns else { return [] }
        return ids.filter { !learned.isGone(campaign: $0) }.slices(of: ShopeeBatch.most).map { slice in
            ChunkSpec(
                stream: spec.stream, phase: spec.phase,
                entities: EntitySet(column: ShopeeSchemas.campaignID, ids: slice), mode: ShopeeMode.recheck)
        }
    }
}

/// Campaigns that Shopee says are none of the shop any more are remembered, so that no sync asks for them again.
extension Learned {
    private static func name(_ campaign: String) -> String { "campaign \(campaign)" }

    func isGone(campaign: String) -> Bool { dropped[Learned.name(campaign)] != nil }

    static func gone(campaign: String) -> Learned.Change {
        .dropped([name(campaign)], reason: "none of the shop")
    }

    static func back(campaigns: [String]) -> Learned.Change { .healed(campaigns.map(name)) }
}
