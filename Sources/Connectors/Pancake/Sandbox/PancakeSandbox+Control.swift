import SyncCore

extension PancakeSandbox {
    /// Oracles for tests, under `/sandbox`.
    func oracle(_ question: ControlRequest, at now: Instant) throws -> [UInt8] {
        switch question.path {
        case "truth":
            return try ControlRequest.json(
                truth(question.query["account"] ?? "all", at: question.moment(or: now)))
        case "messages":
            let page = try page(question)
            let listed = inbox.pages[page].map { conversation in
                (conversation.id, conversation.listed(at: now).reversed().map { conversation.messageID($0) })
            }
            return try ControlRequest.json(Dictionary(uniqueKeysWithValues: listed))
        case "texts":
            let page = try page(question)
            let listed = inbox.pages[page].map { conversation in
                let texts = conversation.listed(at: now).map { (conversation.messageID($0), conversation.text(of: $0)) }
                return (conversation.id, Dictionary(uniqueKeysWithValues: texts))
            }
            return try ControlRequest.json(Dictionary(uniqueKeysWithValues: listed))
        case "token": return try ControlRequest.json(["page_access_token": tokens.current(try page(question))])
        case "counters": return try ControlRequest.json(counters)
        case "world": return try ControlRequest.json(world)
        case "webhooks":
            let state = SandboxJSON.object([
                ("waiting", .int(Int64(inbox.events.count))), ("suspended", .bool(inbox.events.isSuspended)),
            ])
            return state.bytes
        default: throw WorldError("There is no oracle \(question.path)")
        }
    }

    /// Switches for tests.
    mutating func change(_ question: ControlRequest, at now: Instant) throws -> [UInt8] {
        let query = question.query
        switch question.path {
        case "reset": reset()
        case "world": reset(to: try world.changed(by: question.body))
        case "faults": inject(try question.faultRules())
        case "regenerate": return try ControlRequest.json(["page_access_token": tokens.regenerate(try page(question))])
        case "admin": tokens.set(try page(question), isAdmin: query["granted"] == "true")
        case "conversation":
            let page = try page(question)
            return try ControlRequest.json(["id": inbox.addConversation(page: page, at: now.microseconds)])
        case "message":
            let (page, index) = try conversation(question)
            for _ in 0..<(question.int("count") ?? 1) { inbox.addMessage(page: page, index: index, at: now) }
        case "edit", "hide", "remove", "delete": try changeMessage(question)
        case "webhooks":
            return SandboxJSON.object([("events", .list(inbox.events.take(question.int("take") ?? 50)))]).bytes
        case "webhooks/outcome":
            inbox.events.report(delivered: question.int("ok") ?? 0, failed: question.int("failed") ?? 0, at: now)
        default: throw WorldError("There is no switch \(question.path)")
        }
        return ControlRequest.done
    }

    private func page(_ question: ControlRequest) throws -> Int {
        let id = question.query["page"] ?? ""
        guard let page = world.pages.firstIndex(where: { $0.id == id }) else {
            throw WorldError("There is no page \(id)")
        }
        return page
    }

    private func conversation(_ question: ControlRequest) throws -> (page: Int, index: Int) {
        let page = try page(question)
        let id = question.query["conversation"] ?? ""
        guard let index = inbox.index(of: id, page: page) else { throw WorldError("There is no conversation \(id)") }
        return (page, index)
    }

    /// `edit`, `hide` and `remove` leave the message in the list; `delete` takes it away.
    private mutating func changeMessage(_ question: ControlRequest) throws {
        let (page, index) = try conversation(question)
        let id = question.query["message"] ?? ""
        let isKnown =
            question.path == "delete"
            ? inbox.delete(page: page, index: index, message: id)
            : inbox.change(page: page, index: index, message: id) { message in
                switch question.path {
                case "edit": message.edits += 1
                case "hide": message.isHidden = true
                default: message.isRemoved = true
                }
            }
        guard isKnown else { throw WorldError("There is no message \(id)") }
    }

    /// Rows by table of a page, or of all pages that the user may read, as they were at a moment that is not to come;
    /// and the fewest calls for them, without those for tokens.
    private func truth(_ account: String, at moment: Instant) throws -> PancakeTruth {
        let chosen = world.pages.indices.filter { account == "all" || world.pages[$0].id == account }
        guard !chosen.isEmpty else { throw WorldError("There is no page \(account)") }
        var truth = PancakeTruth(rows: ["pancake_pages": chosen.count], fewestCalls: 1)
        var conversations = 0
        var messages = 0
        for page in chosen where tokens.isAdmin[page] {
            let known = inbox.pages[page].filter { $0.insertedAt <= moment.microseconds }
            conversations += known.count
            // An empty page ends the conversations, a short one the messages.
            let size = world.reading.conversationPage
            truth.fewestCalls += (known.count + size - 1) / size + 1
            for conversation in known {
                let count = conversation.listed(at: moment).count
                messages += count
                truth.fewestCalls += count / world.reading.messagePage + 1
            }
        }
        truth.rows["pancake_conversations"] = conversations
        truth.rows["pancake_messages"] = messages
        return truth
    }
}

/// What a complete sync holds.
private struct PancakeTruth: Encodable {
    var rows: [String: Int]
    var fewestCalls: Int
}
