import SyncCore

extension PancakeSandbox {
    /// What is done to a conversation and what is sent to it (platforms.md 2.3, 2.4).
    mutating func act(
        _ name: String, on id: String, of page: Int, _ call: SandboxCall, at now: Instant
    ) throws(Refusal) -> SandboxJSON {
        guard let index = inbox.index(of: id, page: page) else { throw .parameter("Conversation not found") }
        let body = SandboxJSON(parsing: call.body) ?? .object([])
        switch name {
        case "tags": return try changeTags(page, index, body, at: now)
        case "assign":
            guard let ids = body["assignee_ids"]?.list else { throw .parameter("assignee_ids is required") }
            inbox.change(page: page, index: index) { $0.assignees = ids.compactMap { $0.text } }
        case "read": inbox.change(page: page, index: index) { $0.isSeen = true }
        case "unread": inbox.change(page: page, index: index) { $0.isSeen = false }
        case "messages": try send(page, index, body, at: now)
        default: throw .notFound
        }
        return .object([("success", .bool(true))])
    }

    private mutating func changeTags(
        _ page: Int, _ index: Int, _ body: SandboxJSON, at now: Instant
    ) throws(Refusal) -> SandboxJSON {
        let number = body["tag_id"]?.int
        guard let tag = Conversation.knownTags.first(where: { Int64($0.id) == number }) else {
            throw .parameter("tag_id is invalid")
        }
        var ids = inbox.pages[page][index].tags.map { $0.id }.filter { $0 != tag.id }
        switch body["action"]?.text {
        case "add": ids.append(tag.id)
        case "remove": break
        default: throw .parameter("action must be add or remove")
        }
        inbox.change(page: page, index: index) { [ids] in $0.changedTags = ids }
        return .object([
            ("success", .bool(true)), ("data", .list(ids.map { .int(Int64($0)) })), ("timestamp", .int(now.seconds)),
        ])
    }

    private mutating func send(
        _ page: Int, _ index: Int, _ body: SandboxJSON, at now: Instant
    ) throws(Refusal) {
        let text = body["message"]?.text
        switch body["action"]?.text {
        case "reply_inbox":
            let contents = body["content_ids"]?.list ?? []
            guard text == nil || contents.isEmpty else { throw Refusal(nil, "Internal server error", status: 500) }
            guard text != nil || !contents.isEmpty else { throw .parameter("message or content_ids is required") }
        case "reply_comment":
            _ = try message(body, of: page, index)
        case "private_replies":
            let message = try message(body, of: page, index)
            guard now.microseconds - message.at <= 7 * 86_400_000_000 else {
                throw .parameter("The comment is older than 7 days")
            }
            // It goes to the person's inbox, which need not be there yet.
            let person = "\(world.pages[page].id)_\(inbox.pages[page][index].psid)"
            if let index = inbox.index(of: person, page: page) {
                inbox.addReply(page: page, index: index, text: text ?? "", at: now)
            }
            return
        default: throw .parameter("action is invalid")
        }
        inbox.addReply(page: page, index: index, text: text ?? "", at: now)
    }

    /// The message that a reply is about; replies to comments need it and a text.
    private func message(_ body: SandboxJSON, of page: Int, _ index: Int) throws(Refusal) -> Message {
        guard body["message"]?.text != nil else { throw .parameter("message is required") }
        let conversation = inbox.pages[page][index]
        let id = body["message_id"]?.text
        guard let message = conversation.messages.first(where: { conversation.messageID($0) == id }) else {
            throw .parameter("Message not found")
        }
        return message
    }

    /// `PUT {v1}/pages/{id}/page_customers/{id}` (platforms.md 2.5).
    mutating func changeCustomer(_ id: String, of page: Int, _ call: SandboxCall) throws(Refusal) -> SandboxJSON {
        guard let index = inbox.pages[page].firstIndex(where: { $0.hasCustomer && "pc-\($0.number)" == id }) else {
            throw .parameter("Customer not found")
        }
        guard let changes = SandboxJSON(parsing: call.body)?["changes"], case .object = changes else {
            throw .parameter("changes is required")
        }
        inbox.change(page: page, index: index) { $0.customerChanges = $0.customerChanges.merged(with: changes) }
        return .object([("success", .bool(true))])
    }
}
