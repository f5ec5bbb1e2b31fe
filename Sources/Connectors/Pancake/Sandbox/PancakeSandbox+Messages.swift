import SyncCore

extension PancakeSandbox {
    /// `GET {v1}/pages/{id}/conversations/{id}/messages` (platforms.md 2.4): pages by how many of the newest to skip.
    func messages(
        of page: Int, conversation id: String, _ call: SandboxCall, at now: Instant
    ) throws(Refusal) -> SandboxJSON {
        guard let index = inbox.index(of: id, page: page) else { throw .parameter("Conversation not found") }
        let conversation = inbox.pages[page][index]
        if world.reading.needsCustomer, call["customer_id"] == nil { throw .parameter("customer_id is required") }
        guard let skip = call["current_count"].map({ Int($0) }) ?? 0, skip >= 0 else {
            throw .parameter("current_count must be a number")
        }
        var list = Array(conversation.listed(at: now).dropFirst(skip).prefix(world.reading.messagePage))
        if world.reading.oldestFirst { list.reverse() }
        let newest = conversation.listed(at: now).first
        let customers = SandboxJSON.list(conversation.customer.map { [.object([("id", .text($0))])] } ?? [])
        var members: [(key: String, value: SandboxJSON)] = [
            ("success", .bool(true)), ("conversation_id", .text(id)),
            ("messages", .list(list.map { row($0, of: conversation, page) })), ("customers", customers),
            ("can_inbox", .bool(true)), ("is_banned", .bool(false)),
        ]
        let isLean = !world.content.isSteady && Mix.strikes(world.content.lean, Mix.hash(conversation.chance, 40))
        if !isLean { members += extras(conversation, newest, customers) }
        return .object(members)
    }

    private func extras(
        _ conversation: Conversation, _ newest: Message?, _ customers: SandboxJSON
    ) -> [(key: String, value: SandboxJSON)] {
        let mark = newest.map { message in
            SandboxJSON.object([
                ("psid", .text(conversation.psid)), ("message_id", .text(conversation.messageID(message))),
                ("watermark", .int(message.at / 1000)),
            ])
        }
        return [
            ("conv_customers", customers), ("conv_phone_numbers", .list([])),
            ("conv_recent_phone_numbers", .list([])), ("read_watermarks", .list(mark.map { [$0] } ?? [])),
            ("activities", .list([])), ("notes", .list([])), ("recent_orders", .list([])), ("post", .null),
            ("banned_count", .int(0)), ("reported_count", .int(0)), ("comment_count", .int(0)), ("gender", .null),
            ("birthday", .null), ("lives_in", .null), ("reports_by_phone", .object([])), ("extra_info", .object([])),
        ]
    }

    private func row(_ message: Message, of conversation: Conversation, _ page: Int) -> SandboxJSON {
        let isFromPage = message.reply != nil || message.number % 2 == 1
        let text = conversation.text(of: message)
        let chance = Mix.hash(conversation.chance, 300_000 + message.number)
        let from = SandboxJSON.object([
            ("id", .text(isFromPage ? world.pages[page].id : conversation.psid)),
            ("name", .text(isFromPage ? world.pages[page].name : conversation.name)), ("email", .null),
            ("admin_id", isFromPage ? .text("a-1") : .null), ("admin_name", isFromPage ? .text("Minh") : .null),
            ("ai_generated", .bool(false)),
        ])
        var members: [(key: String, value: SandboxJSON)] = [
            ("id", .text(conversation.messageID(message))), ("conversation_id", .text(conversation.id)),
            ("page_id", .text(world.pages[page].id)), ("type", .text(conversation.type)),
            ("message", .text("<div>\(text)</div>")), ("original_message", .text(text)), ("from", from),
            ("inserted_at", time(message.at, chance)), ("seen", .bool(conversation.isSeen)),
            ("has_phone", .bool(false)), ("is_hidden", .bool(message.isHidden)),
            ("is_removed", .bool(message.isRemoved)), ("parent_id", .null), ("attachments", attachments(chance)),
        ]
        guard world.content.isSteady || !Mix.strikes(world.content.lean, Mix.hash(chance, 2)) else {
            return .object(members)
        }
        let edits = (0..<message.edits).map { _ in
            SandboxJSON.object([
                ("message", .text("...")), ("edited_at", .text(NaiveTime.micros(message.at, digits: 6))),
            ])
        }
        members += [
            ("phone_info", .list([])), ("message_tags", .list([])),
            ("edit_history", edits.isEmpty ? .null : .list(edits)),
        ]
        return .object(members)
    }

    private func attachments(_ chance: UInt64) -> SandboxJSON {
        guard Mix.strikes(150, Mix.hash(chance, 3)) else { return .list([]) }
        let kinds = ["photo", "video", "sticker", "template", "system_message", "link"]
        return .list([
            .object([
                ("type", .text(kinds[Mix.below(kinds.count, Mix.hash(chance, 4))])),
                ("url", .text("https://cdn.sandbox.example/\(chance % 1000).jpg")), ("id", .text("a\(chance % 1000)")),
            ])
        ])
    }
}
