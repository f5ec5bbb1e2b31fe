extension MetaSandbox.Reader {
    /// One page of an edge, or nil when the node has no such edge.
    mutating func edge(
        _ name: String, of node: Node, fields: [Field], params: [String: String], depth: Int
    ) throws(GraphError) -> JSON? {
        switch (node, name) {
        case (.me, "permissions"): return permissions()
        case (.me, "businesses"):
            try need("business_management")
            return try page(.init(world.businesses.count), .init(params), fields) { .business($0) }
        case (.me, "adaccounts"):
            try need("ads_read", or: "ads_management")
            return try page(.init(world.accounts.count), .init(params), fields) { .account($0) }
        case (.me, "accounts"), (.business, "owned_pages"), (.business, "client_pages"), (.account, "promote_pages"):
            return try pages(name, of: node, fields: fields, params: params)
        case (.business(let business), "owned_ad_accounts"):
            return try accounts([.owned, .both], of: business, fields: fields, params: params)
        case (.business(let business), "client_ad_accounts"):
            return try accounts([.client, .both], of: business, fields: fields, params: params)
        case (.account(let index), "activities"): return try activities(index, params: params)
        case (.page(let page), "posts"), (.page(let page), "published_posts"), (.page(let page), "feed"):
            return try posts(name, of: page, fields: fields, params: params)
        default: return try adObjects(name, of: node, fields: fields, params: params, depth: depth)
        }
    }

    private func permissions() -> JSON {
        let granted = MetaSandbox.AuthState.allScopes.map { scope -> JSON in
            .object([
                ("permission", .text(scope)),
                ("status", .text(grant.scopes.contains(scope) ? "granted" : "declined")),
            ])
        }
        return .object([("data", .list(granted))])
    }

    private mutating func accounts(
        _ relations: [MetaWorld.Account.Relation], of business: Int, fields: [Field], params: [String: String]
    ) throws(GraphError) -> JSON {
        try need("business_management")
        let matching = world.accounts.indices.filter { index in
            world.accounts[index].business == business && relations.contains(world.accounts[index].relation)
        }
        return try page(.init(matching), .init(params), fields) { .account($0) }
    }

    /// Pages belong to the first business; the last one of three or more is a client's.
    private mutating func pages(
        _ edge: String, of node: Node, fields: [Field], params: [String: String]
    ) throws(GraphError) -> JSON {
        try need("pages_show_list")
        let all = Array(0..<world.pages.count)
        let clients = all.count > 2 ? 1 : 0
        var matching = all
        if case .business(let business) = node {
            matching = business > 0 ? [] : edge == "owned_pages" ? all.dropLast(clients) : Array(all.suffix(clients))
        }
        var asked = fields
        if asked.isEmpty, edge == "accounts" {
            asked = ["access_token", "category", "category_list", "name", "tasks"].map { Field(name: $0) }
        }
        return try page(.init(matching), .init(params), asked) { .page($0) }
    }

    private mutating func posts(
        _ edge: String, of page: Int, fields: [Field], params: [String: String]
    ) throws(GraphError) -> JSON {
        if world.pages.needPageToken, grant.page != page {
            throw GraphError(210, nil, "(#210) A page access token is required to request this resource.")
        }
        try need("pages_read_engagement")
        if let limit = params["limit"].flatMap(Int.init), limit > world.pages.mostPosts {
            throw .parameter("The 'limit' parameter should not exceed \(world.pages.mostPosts)", blame: "limit")
        }
        let listed = view.posts.listed(
            of: page, edge: edge, since: moment(params["since"]), until: moment(params["until"]))
        return try self.page(.init(listed), .init(params), fields) { .post(page, $0) }
    }

    private mutating func adObjects(
        _ edge: String, of node: Node, fields: [Field], params: [String: String], depth: Int
    ) throws(GraphError) -> JSON? {
        guard let account = node.account, let kind = MetaSandbox.Edge(edge) else { return nil }
        let owner = view.account(account)
        let range: Range<Int>
        switch (node, kind) {
        case (.account, .campaigns): range = 0..<owner.campaigns.count
        case (.account, .adSets): range = 0..<owner.adSets.count
        case (.account, .ads), (.account, .creatives): range = 0..<owner.ads.count
        case (.campaign(_, let index), .adSets): range = owner.campaigns[index].adSets
        case (.campaign(_, let index), .ads): range = owner.campaigns[index].ads
        case (.adSet(_, let index), .ads), (.adSet(_, let index), .creatives): range = owner.adSets[index].ads
        case (.ad(_, let index), .creatives): range = index..<index + 1
        default: return nil
        }
        let filters = try EntityFilter(params, edge: kind, reader: self)
        let view = self.view
        let source = Source(range) { view.exists(kind.node(account, $0)) && filters.accepts($0, of: account) }
        if kind == .creatives {
            return try page(source, .init(params), fields, check: true) { .creative(account, $0) }
        }
        return try page(source, .init(params), fields) { kind.node(account, $0) }
    }

    /// Change history: edits and ends of life between two moments, the last 7 days without (meta.md 2.5).
    private mutating func activities(_ account: Int, params: [String: String]) throws(GraphError) -> JSON {
        let since = moment(params["since"]) ?? view.now - 7 * 86_400
        let until = min(view.now, moment(params["until"]) ?? view.now)
        var events: [(at: Int64, type: String, node: Node, kind: String)] = []
        let owner = view.account(account)
        func collect(_ node: Node, _ life: MetaSandbox.Life, _ kind: String) {
            let from = max(life.created, since)
            if life.created >= since, life.created <= until {
                events.append((life.created, "create_\(kind)", node, kind))
            }
            var at = life.created + (max(0, from - life.created) / life.editEvery) * life.editEvery
            while at <= min(until, life.retired) {
                if at >= since, at > life.created { events.append((at, "update_\(kind)_name", node, kind)) }
                at += life.editEvery
            }
            if life.retired >= since, life.retired <= until {
                events.append((life.retired, "update_\(kind)_run_status", node, kind))
            }
        }
        for index in owner.campaigns.indices {
            collect(.campaign(account, index), owner.campaigns[index].life, "campaign")
        }
        for index in owner.adSets.indices { collect(.adSet(account, index), owner.adSets[index].life, "ad_set") }
        for index in owner.ads.indices { collect(.ad(account, index), owner.ads[index].life, "ad") }
        events.sort { $0.at > $1.at }
        let limit = try Paging(params).limit ?? world.reading.defaultLimit
        let rows = events.prefix(min(limit, world.reading.mostLimit)).map { event -> JSON in
            .object([
                ("event_time", time(event.at, nil)), ("event_type", .text(event.type)),
                ("actor_name", .text("Sandbox User")), ("application_name", .text("Sluice sandbox")),
                ("object_id", .text(id(event.node))), ("object_type", .text(event.kind.uppercased())),
                ("extra_data", .text("{\"by\":\"\(world.auth.appID)\"}")),
            ])
        }
        self.rows += rows.count
        return .object([("data", .list(Array(rows)))])
    }
}
