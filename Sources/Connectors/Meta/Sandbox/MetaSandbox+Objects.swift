extension MetaSandbox.Reader {
    typealias JSON = SandboxJSON
    typealias Node = MetaSandbox.Node
    typealias Field = MetaSandbox.Field
    typealias GraphError = MetaSandbox.GraphError

    /// An object with the asked fields and always its id.
    mutating func object(_ node: Node, _ asked: [Field], depth: Int = 0) throws(GraphError) -> JSON {
        guard depth < 5 else { throw GraphError(2500, nil, "Too many levels of nested fields") }
        let fields = asked.isEmpty ? defaults(node) : asked
        var members: [(key: String, value: JSON)] = []
        for field in fields where field.name != "id" {
            if let value = try self.value(field, of: node, depth: depth) { members.append((field.name, value)) }
        }
        if let surprise = world.reading.surpriseField { members.append((surprise, .text("new"))) }
        members.append(("id", .text(id(node))))
        return .object(members)
    }

    private func defaults(_ node: Node) -> [Field] {
        let names: [String] =
            switch node {
            case .me: ["name"]
            case .account: ["account_id"]
            case .business: ["name"]
            case .page: ["name"]
            case .post: ["created_time", "message", "story"]
            case .run:
                [
                    "account_id", "time_ref", "time_completed", "async_status", "async_percent_completion",
                    "date_start",
                    "date_stop", "error_code", "error_subcode", "error_message", "error_user_title", "error_user_msg",
                ]
            default: []
            }
        return names.map { Field(name: $0) }
    }

    func id(_ node: Node) -> String {
        typealias Model = MetaSandbox.Model
        return switch node {
        case .me: grant.userID
        case .business(let index): world.businesses[index].id
        case .account(let index): "act_\(view.account(index).spec.id)"
        case .campaign(let account, let index): String(Model.id(.campaign, account, index))
        case .adSet(let account, let index): String(Model.id(.adSet, account, index))
        case .ad(let account, let index): String(Model.id(.ad, account, index))
        case .creative(let account, let index): String(Model.id(.creative, account, index))
        case .page(let index): String(Model.pageID(index))
        case .post(let page, let post): "\(Model.pageID(page))_\(Model.postID(post))"
        case .run(let id): String(id)
        }
    }

    /// The value of one field: an edge, a related object, or a plain value. Nil leaves the key out.
    private mutating func value(_ field: Field, of node: Node, depth: Int) throws(GraphError) -> JSON? {
        if field.name == "insights", node.account != nil {
            var reader = self
            let answer = try reader.nestedInsights(of: node, field: field)
            scans = reader.scans
            return answer
        }
        if !related(field.name, of: node),
            let page = try edge(field.name, of: node, fields: field.children, params: field.arguments, depth: depth + 1)
        {
            if let data = page["data"]?.list, data.isEmpty, page["summary"] == nil { return nil }
            return page
        }
        guard table(node).contains(field.name) else { throw .unknownField(field.name, on: node.type) }
        if let other = relation(field.name, of: node) {
            if case .creative(let account, let index) = other, field.children.count > 1 {
                try refuseBroken(account, index)
            }
            return try object(other, field.children.isEmpty ? [Field(name: "id")] : field.children, depth: depth + 1)
        }
        let value: JSON? =
            switch node {
            case .campaign(let account, let index): campaign(field.name, account, index)
            case .adSet(let account, let index): adSet(field.name, account, index)
            case .ad(let account, let index): ad(field.name, account, index)
            case .creative(let account, let index): creative(field.name, account, index)
            case .account(let index): try account(field.name, index)
            case .business(let index): business(field.name, index)
            case .page(let index): page(field.name, index)
            case .post(let page, let post): self.post(field, page, post)
            case .me: field.name == "name" ? .text("Sandbox User") : nil
            case .run: nil
            }
        return value
    }

    /// Fields that are both an object here and an edge elsewhere.
    private func related(_ name: String, of node: Node) -> Bool {
        switch node {
        case .ad: name == "creative" || name == "adset" || name == "campaign"
        case .post: true
        default: false
        }
    }

    private func relation(_ name: String, of node: Node) -> Node? {
        switch (node, name) {
        case (.adSet(let account, let index), "campaign"):
            .campaign(account, view.account(account).adSets[index].campaign)
        case (.ad(let account, let index), "campaign"): .campaign(account, view.account(account).ads[index].campaign)
        case (.ad(let account, let index), "adset"): .adSet(account, view.account(account).ads[index].adSet)
        case (.ad(let account, let index), "creative"): .creative(account, index)
        case (.account(let index), "business"): view.account(index).spec.business.map { .business($0) }
        default: nil
        }
    }

    /// A creative whose post is gone fails every page that holds it (meta.md 2.5b).
    func refuseBroken(_ account: Int, _ index: Int) throws(GraphError) {
        let share = view.account(account).spec.brokenCreatives
        guard Mix.strikes(share, Mix.hash(view.account(account).ads[index].seed, 60)) else { return }
        throw GraphError(
            100, 2_446_289, "Invalid parameter", title: "Ad Creative Is Incomplete",
            blame: "creative")
    }

    private func table(_ node: Node) -> Set<String> {
        typealias Table = MetaSandbox.FieldTable
        return switch node {
        case .me: Table.user
        case .business: Table.business
        case .account: Table.account
        case .campaign: Table.campaign
        case .adSet: Table.adSet
        case .ad: Table.ad
        case .creative: Table.creative
        case .page: Table.page
        case .post: Table.post
        case .run: Table.run
        }
    }
}
