import SyncCore

extension FolkFormSandbox {
    /// `upsert-messages` (platforms.md 3.3): metadata first, then each message by its id. Not one transaction, and
    /// whatever is older overwrites whatever is newer.
    mutating func uploadMessages(_ body: SandboxJSON, _ moment: Moment) throws(Refusal) -> SandboxJSON {
        for name in ["pageId", "pageUsername", "conversationId", "customerId"] {
            guard case .text(let value)? = body[name], !value.isEmpty else { throw .field("\(name) is required") }
        }
        guard let id = body["conversationId"]?.text, case .object(let data)? = body["panCakeData"] else {
            throw .field("panCakeData is required")
        }
        let messages = body["panCakeData"]?["messages"]?.list ?? []
        log.note(conversation: id, messages, updatedAt: body["panCakeData"]?["updated_at"]?.text, at: moment.now)
        let place = try writeMetadata(id, body, data.filter { $0.key != "messages" }, moment)
        if moment.kinds.contains(.halfway) { throw .database("DB") }
        for message in messages { writeItem(message, of: id, moment) }
        let items = store["facebook/message-item"].find(
            Filter(field: "conversationId", equals: id), in: moment.organization)
        store.set(
            .object([("totalMessages", .int(Int64(items.count)))]), of: place, in: "facebook/message", moment)
        return store["facebook/message"].documents[place].json
    }

    private mutating func writeMetadata(
        _ id: String, _ body: SandboxJSON, _ data: [(key: String, value: SandboxJSON)], _ moment: Moment
    ) throws(Refusal) -> Int {
        let name = "facebook/message"
        let known = store[name].place(of: id, in: moment.organization)
        let stored = known.flatMap { store[name].documents[$0]["panCakeData"] } ?? .object([])
        let more = body["hasMore"].map { json in
            if case .bool(true) = json { true } else { false }
        }
        let members = SandboxJSON.object([
            ("pageId", body["pageId"] ?? .null), ("pageUsername", body["pageUsername"] ?? .null),
            ("conversationId", .text(id)), ("customerId", body["customerId"] ?? .null),
            ("panCakeData", Self.merged(stored, with: data)), ("lastSyncedAt", .int(moment.milliseconds)),
            ("hasMore", .bool(more ?? false)),
        ])
        let crud = Crud(name: name, argument: nil, moment: moment)
        _ = try upsert(members, by: Filter(field: "conversationId", equals: id), crud)
        guard let place = store[name].place(of: id, in: moment.organization) else { throw .database("DB") }
        return place
    }

    /// Members of `data` over those of `stored`; of objects that both have, their members again, and no deeper.
    private static func merged(_ stored: SandboxJSON, with data: [(key: String, value: SandboxJSON)]) -> SandboxJSON {
        guard case .object(var own) = stored else { return .object(data) }
        for item in data {
            guard let place = own.firstIndex(where: { $0.key == item.key }) else {
                own.append(item)
                continue
            }
            if case .object(var inner) = own[place].value, case .object(let fresh) = item.value {
                for member in fresh {
                    inner.removeAll { $0.key == member.key }
                    inner.append(member)
                }
                own[place].value = .object(inner)
            } else {
                own[place].value = item.value
            }
        }
        return .object(own)
    }

    /// Items without an id that is text are left out without a word.
    private mutating func writeItem(_ message: SandboxJSON, of conversation: String, _ moment: Moment) {
        let name = "facebook/message-item"
        guard case .text(let id)? = message["id"], !id.isEmpty else { return }
        let members = SandboxJSON.object([
            ("conversationId", .text(conversation)), ("messageId", .text(id)), ("messageData", message),
            ("insertedAt", .int(StrictTime.seconds(message["inserted_at"]?.text))),
        ])
        if let place = store[name].place(of: id, in: moment.organization) {
            store.set(members, of: place, in: name, moment)
        } else {
            _ = store.insert(members, into: name, moment)
        }
    }

    /// Every upload that was taken, in order.
    struct UploadLog: Sendable {
        struct Upload: Sendable, Encodable {
            /// `messages` or `conversation`.
            let kind: String
            let at: Instant
            let conversationId: String
            let messageIds: [String]
            let updatedAt: String?
        }

        private(set) var uploads: [Upload] = []

        mutating func note(
            conversation id: String, _ messages: [SandboxJSON], updatedAt: String?, at now: Instant
        ) {
            uploads.append(
                Upload(
                    kind: "messages", at: now, conversationId: id, messageIds: messages.compactMap { $0["id"]?.text },
                    updatedAt: updatedAt))
        }

        mutating func note(conversation data: SandboxJSON, at now: Instant) {
            uploads.append(
                Upload(
                    kind: "conversation", at: now, conversationId: data["id"]?.text ?? "", messageIds: [],
                    updatedAt: data["updated_at"]?.text))
        }

        /// Ids of messages that came more than once, with how often.
        var duplicates: [String: Int] {
            Dictionary(uploads.flatMap(\.messageIds).map { ($0, 1) }, uniquingKeysWith: +).filter { $0.value > 1 }
        }
    }
}
