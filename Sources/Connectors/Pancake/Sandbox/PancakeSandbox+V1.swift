import SyncCore

extension PancakeSandbox {
    /// The first version's lists, with their demands (platforms.md 2.3, 2.5, 2.7).
    func listV1(_ name: String, of page: Int, _ call: SandboxCall) throws(Refusal) -> SandboxJSON {
        let conversations = inbox.pages[page].sorted { ($0.updatedAt, $0.id) > ($1.updatedAt, $1.id) }
        switch name {
        case "conversations":
            let window = try window(call, mostDays: 31)
            let found = conversations.filter { window.contains($0.updatedAt / 1_000_000) }
            return try paged("conversations", found.map { row($0, of: page) }, call, usual: 60, most: 60)
        case "page_customers":
            let window = try window(call, mostDays: nil)
            let isByInsertion = call["order_by"] == "inserted_at"
            func key(_ conversation: Conversation) -> Int64 {
                isByInsertion ? conversation.insertedAt : conversation.updatedAt
            }
            let found = conversations.filter { $0.hasCustomer && window.contains(key($0) / 1_000_000) }
                .sorted { (key($0), $0.id) > (key($1), $1.id) }
            return try paged("customers", found.map(customer), call, usual: 50, most: 100)
        case "posts":
            return try posts(of: conversations, page, call)
        case "tags":
            let rows = Conversation.knownTags.map { tag in
                SandboxJSON.object([
                    ("id", .int(Int64(tag.id))), ("text", .text(tag.text)), ("color", .text("#f28809")),
                ])
            }
            return .object([("success", .bool(true)), ("tags", .list(rows))])
        case "users", "round_robin_users":
            let row = SandboxJSON.object([
                ("id", .text("u-1")), ("name", .text("Minh")), ("status", .text("available")),
            ])
            return .object([("success", .bool(true)), (name, .list([row]))])
        case "sip_call_logs": return try paged(name, [], call, usual: 30, most: 30)
        case "ads":
            let ids = call.values("ad_ids").flatMap { $0.split(separator: ",").map(String.init) }
            guard (1...20).contains(ids.count) else { throw .parameter("ad_ids must be 1 to 20 ids") }
            return .object([("success", .bool(true)), ("ads", .list(ids.map { .object([("id", .text($0))]) }))])
        default: throw .notFound
        }
    }

    /// `statistics/{name}`: what they ask for; what they answer is not documented, and they are empty.
    func statistics(_ name: String, _ call: SandboxCall) throws(Refusal) -> SandboxJSON {
        switch name {
        case "users":
            let form = "00/00/0000 00:00:00 - 00/00/0000 00:00:00"
            let range = call["date_range"] ?? ""
            let hasForm = zip(range, form).allSatisfy { pair in
                pair.1 == "0" ? pair.0.isWholeNumber : pair.0 == pair.1
            }
            guard hasForm, range.count == form.count else { throw .parameter("date_range is invalid") }
        case "customer_feedbacks": _ = try window(call, mostDays: 30)
        case "pages_campaigns", "ads", "customer_engagements", "pages", "tags": break
        default: throw .notFound
        }
        return .object([("success", .bool(true)), ("data", .list([]))])
    }

    private func posts(
        of conversations: [Conversation], _ page: Int, _ call: SandboxCall
    ) throws(Refusal) -> SandboxJSON {
        let window = try window(call, mostDays: nil)
        let kinds = ["photo", "video", "text", "livestream"]
        if let type = call["type"], !kinds.contains(type) { throw .parameter("type is invalid") }
        let found = conversations.filter { $0.isComment && window.contains($0.insertedAt / 1_000_000) }
        let rows = Set(found.map { $0.post(of: world.pages[page].id) }).sorted()
            .map { (id: $0, kind: kinds[Mix.below(kinds.count, Mix.hash($0, world.seed))]) }
            .filter { call["type"] == nil || call["type"] == $0.kind }
            .map { SandboxJSON.object([("id", .text($0.id)), ("type", .text($0.kind))]) }
        return try paged("posts", rows, call, usual: 30, most: 30)
    }

    /// The window that first-version lists demand.
    private func window(_ call: SandboxCall, mostDays: Int64?) throws(Refusal) -> ClosedRange<Int64> {
        guard let since = try seconds(call, "since"), let until = try seconds(call, "until") else {
            throw .parameter("since and until are required")
        }
        guard since <= until else { throw .parameter("since must come before until") }
        if let mostDays, until - since > mostDays * 86_400 {
            throw .parameter("The range must not exceed one month")
        }
        return since...until
    }

    private func paged(
        _ name: String, _ rows: [SandboxJSON], _ call: SandboxCall, usual: Int, most: Int
    ) throws(Refusal) -> SandboxJSON {
        let number = call.int("page_number") ?? 0
        guard number >= 1 else { throw .parameter("page_number must be 1 or more") }
        let size = call["page_size"] == nil ? usual : call.int("page_size") ?? 0
        guard (1...most).contains(size) else { throw .parameter("page_size must be 1 to \(most)") }
        let slice = rows.dropFirst((number - 1) * size).prefix(size)
        return .object([
            ("success", .bool(true)), ("total", .int(Int64(rows.count))), (name, .list(Array(slice))),
        ])
    }

    private func customer(_ conversation: Conversation) -> SandboxJSON {
        .object([
            ("id", .text("pc-\(conversation.number)")), ("psid", .text(conversation.psid)),
            ("customer_id", conversation.customer.map { .text($0) } ?? .null), ("name", .text(conversation.name)),
            ("gender", .null), ("birthday", .null),
            ("phone_numbers", .list(conversation.phone.map { [.text($0)] } ?? [])),
            ("inserted_at", time(conversation.insertedAt, conversation.chance)),
            ("updated_at", time(conversation.updatedAt, conversation.chance)), ("recent_orders", .null),
            ("notes", .list([])),
        ]).merged(with: conversation.customerChanges)
    }
}
