import SyncCore

extension MetaSandbox {
    /// `POST` and `DELETE` on campaigns, ad sets and ads: name, status, budget, bid (meta.md 10).
    mutating func write(_ node: Node, _ request: Request, by grant: Grant, view: View) throws(GraphError) -> Answer {
        guard grant.scopes.contains("ads_management") else {
            throw GraphError(
                200, nil, "(#200) Requires ads_management permission to manage the object", status: 403)
        }
        guard let id = writable(node), let account = node.account else {
            throw .missing(request.path.first ?? "", method: request.method.lowercased())
        }
        var change = written[id] ?? Written(updated: 0, by: world.auth.appID)
        let current = effectiveStatus(node, view)
        if request.method == "DELETE" {
            change.status = .deleted
        } else {
            try read(request, into: &change, current: current, node: node)
            if request.params["daily_budget"] != nil || request.params["lifetime_budget"] != nil,
                case .adSet = node
            {
                try limits.admitBudget(of: id, account, view.now)
            }
        }
        let isDryRun = request.params["execution_options"]?.contains("validate_only") == true
        if !isDryRun {
            change.updated = view.now
            written[id] = change
        }
        return Answer(.object([("success", .bool(true))]))
    }

    private func writable(_ node: Node) -> Int64? {
        switch node {
        case .campaign(let account, let index): Model.id(.campaign, account, index)
        case .adSet(let account, let index): Model.id(.adSet, account, index)
        case .ad(let account, let index): Model.id(.ad, account, index)
        default: nil
        }
    }

    private func effectiveStatus(_ node: Node, _ view: View) -> String {
        switch node {
        case .campaign(let account, let index): view.effective(campaign: index, of: account)
        case .adSet(let account, let index): view.effective(adSet: index, of: account)
        case .ad(let account, let index): view.effective(ad: index, of: account)
        default: "ACTIVE"
        }
    }

    private func read(
        _ request: Request, into change: inout Written, current: String, node: Node
    ) throws(GraphError) {
        let isGone = current == "DELETED" || current == "ARCHIVED"
        if let text = request.params["status"] {
            guard let status = Status(rawValue: text) else {
                throw .parameter("status must be one of ACTIVE, PAUSED, DELETED, ARCHIVED", blame: "status")
            }
            if isGone, status != .deleted || current == "DELETED" {
                throw GraphError(100, 1_487_056, "Invalid parameter", title: "Object is archived or deleted")
            }
            change.status = status
        }
        if let name = request.params["name"] {
            guard !name.isEmpty else { throw .parameter("Param name must be non-empty", blame: "name") }
            change.name = name
        }
        for (key, path) in [
            ("daily_budget", \Written.dailyBudget), ("lifetime_budget", \Written.lifetimeBudget),
            ("bid_amount", \Written.bid),
        ] {
            guard let text = request.params[key] else { continue }
            if isGone {
                throw GraphError(100, 1_487_566, "Invalid parameter", title: "Object is archived or deleted")
            }
            guard let amount = Int64(text), amount > 0 else {
                throw .parameter("Param \(key) must be a positive integer", blame: key)
            }
            change[keyPath: path] = amount
            try checkBudget(amount, key, node)
        }
    }

    private func checkBudget(_ amount: Int64, _ key: String, _ node: Node) throws(GraphError) {
        guard key == "daily_budget", let index = node.account else { return }
        let account = model.accounts[index]
        guard amount >= (account.places == 0 ? 25_000 : 100) else {
            throw GraphError(
                100, 1_885_272, "Invalid parameter", title: "Budget is too low", blame: "daily_budget")
        }
        guard case .adSet(_, let adSet) = node else { return }
        let campaign = account.campaigns[account.adSets[adSet].campaign]
        if Reader.hasCampaignBudget(campaign.seed) {
            throw GraphError(
                100, 1_885_621, "Invalid parameter", title: "You can only set an ad set budget or a campaign budget",
                blame: "daily_budget")
        }
    }
}
