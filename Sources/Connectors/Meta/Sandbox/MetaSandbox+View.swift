import SyncCore

extension MetaSandbox {
    /// Anything with an id.
    enum Node: Hashable, Sendable {
        case me
        case business(Int)
        case account(Int)
        case campaign(Int, Int)
        case adSet(Int, Int)
        case ad(Int, Int)
        case creative(Int, Int)
        case page(Int)
        case post(Int, Int)
        case run(Int64)

        /// The account whose limits a call on the node counts against.
        var account: Int? {
            switch self {
            case .account(let account), .campaign(let account, _), .adSet(let account, _), .ad(let account, _),
                .creative(let account, _):
                account
            default: nil
            }
        }

        /// Name of the node type in error messages.
        var type: String {
            switch self {
            case .me: "User"
            case .business: "Business"
            case .account: "AdAccount"
            case .campaign: "Campaign"
            case .adSet: "AdSet"
            case .ad: "Ad"
            case .creative: "AdCreative"
            case .page: "Page"
            case .post: "Post"
            case .run: "AdReportRun"
            }
        }
    }

    /// What callers changed.
    struct Written: Sendable {
        var name: String?
        var status: Status?
        var dailyBudget: Int64?
        var lifetimeBudget: Int64?
        var bid: Int64?
        var updated: Int64
        var by: String
    }

    /// The world at one moment.
    struct View: Sendable {
        let model: Model
        let written: [Int64: Written]
        let now: Int64

        func account(_ index: Int) -> Account { model.accounts[index] }

        private func written(_ kind: Model.Kind, _ account: Int, _ index: Int) -> Written? {
            written.isEmpty ? nil : written[Model.id(kind, account, index)]
        }

        /// The status that the object itself has (`status`, `configured_status`).
        func configured(campaign index: Int, of account: Int) -> Status {
            written(.campaign, account, index)?.status ?? model.accounts[account].campaigns[index].life.status(at: now)
        }

        func configured(adSet index: Int, of account: Int) -> Status {
            written(.adSet, account, index)?.status ?? model.accounts[account].adSets[index].life.status(at: now)
        }

        func configured(ad index: Int, of account: Int) -> Status {
            written(.ad, account, index)?.status ?? model.accounts[account].ads[index].life.status(at: now)
        }

        /// Whether listings leave the object out: its own status or that of a parent.
        func unlisted(adSet index: Int, of account: Int) -> Status? {
            worse(
                configured(adSet: index, of: account),
                configured(campaign: model.accounts[account].adSets[index].campaign, of: account))
        }

        func unlisted(ad index: Int, of account: Int) -> Status? {
            let above = unlisted(adSet: model.accounts[account].ads[index].adSet, of: account) ?? .active
            return worse(configured(ad: index, of: account), above)
        }

        private func worse(_ own: Status, _ above: Status) -> Status? {
            if own == .deleted || above == .deleted { return .deleted }
            return own == .archived || above == .archived ? .archived : nil
        }

        /// `effective_status`: a parent's state shows in its children without moving their `updated_time`.
        func effective(campaign index: Int, of account: Int) -> String {
            configured(campaign: index, of: account).rawValue
        }

        func effective(adSet index: Int, of account: Int) -> String {
            if let status = unlisted(adSet: index, of: account) { return status.rawValue }
            if configured(adSet: index, of: account) == .paused { return "PAUSED" }
            let campaign = model.accounts[account].adSets[index].campaign
            return configured(campaign: campaign, of: account) == .paused ? "CAMPAIGN_PAUSED" : "ACTIVE"
        }

        func effective(ad index: Int, of account: Int) -> String {
            if let status = unlisted(ad: index, of: account) { return status.rawValue }
            if configured(ad: index, of: account) == .paused { return "PAUSED" }
            let ad = model.accounts[account].ads[index]
            if configured(adSet: ad.adSet, of: account) == .paused { return "ADSET_PAUSED" }
            if configured(campaign: ad.campaign, of: account) == .paused { return "CAMPAIGN_PAUSED" }
            return now - ad.life.created < 3600 ? "PENDING_REVIEW" : "ACTIVE"
        }

        func life(_ node: Node) -> Life? {
            switch node {
            case .campaign(let account, let index): model.accounts[account].campaigns[index].life
            case .adSet(let account, let index): model.accounts[account].adSets[index].life
            case .ad(let account, let index): model.accounts[account].ads[index].life
            case .creative(let account, let index): model.accounts[account].ads[index].life
            default: nil
            }
        }

        func written(_ node: Node) -> Written? {
            guard !written.isEmpty else { return nil }
            return switch node {
            case .campaign(let account, let index): written(.campaign, account, index)
            case .adSet(let account, let index): written(.adSet, account, index)
            case .ad(let account, let index): written(.ad, account, index)
            default: nil
            }
        }

        func updated(_ node: Node) -> Int64 {
            max(life(node)?.updated(at: now) ?? 0, written(node)?.updated ?? 0)
        }

        func exists(_ node: Node) -> Bool {
            life(node).map { $0.created <= now } ?? true
        }
    }
}

extension MetaSandbox.View {
    /// The node that an id names, whether it exists already or not.
    func node(_ id: String) -> MetaSandbox.Node? {
        if id == "me" { return .me }
        if id.hasPrefix("act_") {
            let digits = id.dropFirst(4)
            return model.accounts.firstIndex { $0.spec.id == digits }.map { .account($0) }
        }
        if let mark = id.firstIndex(of: "_") {
            guard let page = page(String(id[..<mark])), let post = Int64(id[id.index(after: mark)...]) else {
                return nil
            }
            let index = Int(post - MetaSandbox.Model.postID(0))
            let known = 0..<posts.count(of: page)
            return known.contains(index) ? .post(page, index) : nil
        }
        if let page = page(id) { return .page(page) }
        if let business = model.world.businesses.firstIndex(where: { $0.id == id }) { return .business(business) }
        guard let number = Int64(id), String(number) == id else { return nil }
        return adObject(number) ?? (MetaSandbox.RunState.isRun(number) ? .run(number) : nil)
    }

    private func page(_ id: String) -> Int? {
        guard let number = Int64(id) else { return nil }
        let index = number - MetaSandbox.Model.pageID(0)
        return index >= 0 && index < Int64(model.world.pages.count) ? Int(index) : nil
    }

    private func adObject(_ number: Int64) -> MetaSandbox.Node? {
        guard let (kind, account, index) = MetaSandbox.Model.parse(number), account < model.accounts.count else {
            return nil
        }
        let owner = model.accounts[account]
        let node: MetaSandbox.Node
        switch kind {
        case .campaign: node = .campaign(account, index)
        case .adSet: node = .adSet(account, index)
        case .ad: node = .ad(account, index)
        case .creative: node = .creative(account, index)
        }
        let bound =
            kind == .campaign ? owner.campaigns.count : kind == .adSet ? owner.adSets.count : owner.ads.count
        return index < bound && exists(node) ? node : nil
    }

    var posts: MetaSandbox.Posts { MetaSandbox.Posts(model: model, now: now) }
}
