import SyncCore

extension PancakeSandbox {
    /// `GET {v2}/pages/{id}/conversations` (platforms.md 2.3).
    func conversations(of page: Int, _ call: SandboxCall, _ chance: UInt64) throws(Refusal) -> SandboxJSON {
        let order = call["order_by"] ?? "updated_at"
        guard ["updated_at", "inserted_at"].contains(order) else { throw .parameter("order_by is invalid") }
        func key(_ conversation: Conversation) -> Int64 {
            order == "updated_at" ? conversation.updatedAt : conversation.insertedAt
        }
        let since = try seconds(call, "since") ?? .min
        let until = try seconds(call, "until") ?? .max
        let isWindow = call["since"] != nil || call["until"] != nil
        let types = Set(call.values("type[]"))
        let posts = Set(call.values("post_ids[]"))
        let tags = Set(call.values("tags").flatMap { $0.split(separator: ",").map(String.init) })
        var list = inbox.pages[page].filter { conversation in
            let second = key(conversation) / 1_000_000
            guard since <= second, second <= until else { return false }
            if isWindow, misses(conversation) { return false }
            if !types.isEmpty, !types.contains(conversation.type) { return false }
            if !posts.isEmpty, conversation.isComment, !posts.contains(conversation.post(of: world.pages[page].id)) {
                return false
            }
            return tags.isEmpty || conversation.tags.contains { tags.contains(String($0.id)) }
        }
        let isUnreadFirst = ["true", "1"].contains(call["unread_first"])
        list.sort { left, right in
            if isUnreadFirst, left.isSeen != right.isSeen { return !left.isSeen }
            return (key(left), left.id) > (key(right), right.id)
        }
        var rest = list[...]
        if let cursor = call["last_conversation_id"] {
            if let place = list.firstIndex(where: { $0.id == cursor }) {
                rest = list[(place + 1)...]
            } else if !world.reading.unknownCursorRestarts {
                rest = []
            }
        }
        var size = world.reading.conversationPage
        if Mix.strikes(world.reading.shortPages, Mix.hash(chance, 500)) { size = max(1, size / 2) }
        let rows = rest.prefix(size).map { row($0, of: page) }
        return .object([("success", .bool(true)), ("conversations", .list(Array(rows)))])
    }

    func seconds(_ call: SandboxCall, _ name: String) throws(Refusal) -> Int64? {
        guard let text = call[name] else { return nil }
        guard let value = Int64(text), value < 100_000_000_000 else {
            throw .parameter("\(name) must be a timestamp in seconds")
        }
        return value
    }

    /// Whether windows do not find a conversation until it changes again.
    private func misses(_ conversation: Conversation) -> Bool {
        Mix.strikes(world.reading.windowMisses, Mix.hash(conversation.chance, Int(conversation.updatedAt)))
    }

    /// A conversation as lists have it.
    func row(_ conversation: Conversation, of page: Int) -> SandboxJSON {
        let content = world.content
        func strikes(_ share: Int, _ salt: Int) -> Bool {
            !content.isSteady && Mix.strikes(share, Mix.hash(conversation.chance, salt))
        }
        let pageRow = SandboxJSON.object([
            ("id", .text(world.pages[page].id)), ("name", .text(world.pages[page].name)), ("admin_id", .text("a-1")),
            ("admin_name", .text("Minh")), ("ai_generated", .bool(false)), ("is_automated", .bool(false)),
        ])
        let snippet = conversation.messages.last.map { conversation.text(of: $0) }
        let count = Int64(conversation.messages.count)
        let isFromPage = conversation.messages.last?.reply != nil || count % 2 == 0
        var members: [(key: String, value: SandboxJSON)] = [
            ("id", .text(conversation.id)), ("page_id", .text(world.pages[page].id)),
            ("type", .text(conversation.type)),
            ("snippet", strikes(content.nulls, 31) ? .null : snippet.map { .text($0) } ?? .null),
            ("message_count", .int(count)), ("seen", .bool(conversation.isSeen)),
            ("has_phone", .bool(conversation.phone != nil)),
            ("inserted_at", time(conversation.insertedAt, conversation.chance)),
            ("updated_at", time(conversation.updatedAt, conversation.chance)), ("from", conversation.person),
            ("last_sent_by", isFromPage ? pageRow : conversation.person),
            ("customer_id", conversation.customer.map { .text($0) } ?? .null),
            ("customers", .list(conversation.customer.map { [conversation.customerRow($0)] } ?? [])),
            ("tags", .list(tags(conversation, hasNull: strikes(content.nulls * 2, 32)))),
            ("assignee_ids", .list(conversation.assignees.map { .text($0) })),
            ("post_id", conversation.isComment ? .text(conversation.post(of: world.pages[page].id)) : .null),
        ]
        if !strikes(content.lean, 33) { members += blocks(conversation) }
        return .object(members)
    }

    private func tags(_ conversation: Conversation, hasNull: Bool) -> [SandboxJSON] {
        let tags = conversation.tags.map { tag in
            SandboxJSON.object([
                ("id", .int(Int64(tag.id))), ("text", .text(tag.text)), ("color", .text("#f28809")),
                ("is_deactive", .bool(false)), ("is_lead_event", .bool(false)),
            ])
        }
        return tags + (hasNull ? [.null] : [])
    }

    /// What need not be there.
    private func blocks(_ conversation: Conversation) -> [(key: String, value: SandboxJSON)] {
        let phones = conversation.phone.map { phone in
            [SandboxJSON.object([("phone_number", .text(phone)), ("order_id", .null)])]
        }
        return [
            (
                "page_customer",
                .object([
                    ("id", .text("pc-\(conversation.number)")), ("psid", .text(conversation.psid)),
                    ("name", .text(conversation.name)), ("gender", .null), ("birthday", .null), ("notes", .list([])),
                    ("recent_orders", .null),
                ]).merged(with: conversation.customerChanges)
            ),
            ("tag_histories", .list([])), ("assignee_group_id", .null), ("current_assign_users", .list([])),
            ("assignee_histories", .list([])), ("recent_phone_numbers", .list(phones ?? [])), ("ad_ids", .list([])),
            ("ads", .list([])),
        ]
    }

    /// A time: naive, six digits, and now and then something else.
    func time(_ micros: Int64, _ chance: UInt64) -> SandboxJSON {
        let hash = Mix.hash(chance, Int(micros))
        guard !world.content.isSteady, Mix.strikes(world.content.oddTimes, hash) else {
            return .text(NaiveTime.micros(micros, digits: 6))
        }
        let digits = Mix.below(6, Mix.hash(hash, 1))
        return .text(NaiveTime.micros(micros, digits: digits) + (hash % 2 == 0 ? "Z" : ""))
    }
}

extension PancakeSandbox.Conversation {
    private static let names = ["Lan", "Hùng", "Mai", "Tuấn", "Ngọc", "Thảo", "Quân", "Vy"]

    var type: String { isComment ? "COMMENT" : "INBOX" }
    var name: String { "\(Self.names[Mix.below(8, Mix.hash(chance, 10))]) \(number)" }
    /// The last part of the id.
    var psid: String { id.split(separator: "_").last.map(String.init) ?? id }

    /// A UUID, as it looks.
    var customer: String? {
        guard hasCustomer else { return nil }
        let digits = String(Mix.hash(chance, 11) | 1 << 63, radix: 16)
        return "\(digits.prefix(8))-0000-4000-8000-\(digits.suffix(12))"
    }

    var phone: String? {
        Mix.strikes(350, Mix.hash(chance, 12)) ? "09\(10_000_000 + Mix.below(89_999_999, Mix.hash(chance, 13)))" : nil
    }

    static let knownTags = [(id: 12, text: "VIP"), (id: 13, text: "Khách quen"), (id: 14, text: "Chưa trả lời")]

    var tags: [(id: Int, text: String)] {
        if let changedTags { return Self.knownTags.filter { changedTags.contains($0.id) } }
        let number = Mix.below(6, Mix.hash(chance, 14))
        return number < 3 ? [Self.knownTags[number]] : []
    }

    func post(of page: String) -> String { "\(page)_\(880_000 + Mix.below(20, Mix.hash(chance, 6)))" }

    var person: SandboxJSON {
        .object([("id", .text(psid)), ("name", .text(name)), ("email", .null)])
    }

    func customerRow(_ id: String) -> SandboxJSON {
        .object([("id", .text(id)), ("fb_id", .text(psid)), ("name", .text(name))])
    }

    func text(of message: PancakeSandbox.Message) -> String {
        if let reply = message.reply { return reply }
        let words = [
            "còn hàng không shop", "dạ còn ạ", "giá bao nhiêu", "cho mình xem mẫu", "ok shop", "gửi về Huế nhé",
        ]
        let text = words[Mix.below(words.count, Mix.hash(chance, 200_000 + message.number))]
        return message.edits == 0 ? text : "\(text) (sửa \(message.edits))"
    }
}
