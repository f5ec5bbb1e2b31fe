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
            let found = conversations.filter {
                $0.hasCustomer && window.contains((isByInsertion ? $0.insertedAt : $0.updatedAt) / 1_000_000)
            }
            return try paged("customers", found.map(customer), call, usual: 50, most: 100)
        case "posts":
            let window = try window(call, mostDays: nil)
            let found = conversations.filter { $0.isComment && window.contains($0.insertedAt / 1_000_000) }
            let ids = Set(found.map { $0.post(of: world.pages[page].id) }).sorted()
            let rows = ids.map { SandboxJSON.object([("id", .text($0)), ("type", .text("photo"))]) }
            return try paged("posts", rows, call, usual: 30, most: 30)
        case "tags":
            let rows = [(12, "VIP"), (13, "Khách quen"), (14, "Chưa trả lời")].map {
                SandboxJSON.object([("id", .int(Int64($0.0))), ("text", .text($0.1)), ("color", .text("#f28809"))])
            }
            return .object([("success", .bool(true)), ("tags", .list(rows))])
        case "users":
            let row = SandboxJSON.object([
                ("id", .text("u-1")), ("name", .text("Minh")), ("status", .text("available")),
            ])
            return .object([("success", .bool(true)), ("users", .list([row]))])
        default: throw .notFound
        }
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
        ])
    }
}
