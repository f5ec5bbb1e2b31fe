import SyncCore

extension FolkFormSandbox {
    /// The endpoints that only some collections have (platforms.md 3.3); nil for all else.
    mutating func special(
        _ name: String, _ verb: String, _ argument: String?, _ call: SandboxCall, _ role: FolkFormWorld.Auth.Role,
        _ moment: Moment
    ) throws(Refusal) -> SandboxJSON? {
        let crud = Crud(name: name, argument: argument, moment: moment)
        switch (call.method, name, verb) {
        case ("GET", "facebook/page", "find-by-page-id"), ("GET", "facebook/post", "find-by-post-id"),
            ("GET", "facebook/message-item", "find-by-message-id"):
            try need("Read", on: name, role)
            guard let place = store[name].place(of: argument ?? "", in: moment.organization) else { throw .notFound }
            return Self.success(store[name].documents[place].json)
        case ("PUT", "facebook/page", "update-token"):
            try need("Update", on: name, role)
            return Self.success(try updateToken(try body(call), crud))
        case ("GET", "facebook/conversation", "sort-by-api-update"):
            try need("Read", on: name, role)
            return Self.success(newestFirst(call, crud))
        case ("POST", "facebook/conversation", "upsert-one"):
            try need("Update", on: name, role)
            return try logged(call, crud)
        case ("POST", "facebook/conversation", "batch-upsert") where world.features.batchUpsert:
            try need("Update", on: name, role)
            return Self.success(try batch(try body(call), crud))
        case ("POST", "facebook/message", "upsert-messages") where !world.features.cioIngest:
            try need("Update", on: name, role)
            return Self.success(try uploadMessages(try body(call), moment))
        case ("GET", "facebook/message-item", "find-by-conversation"):
            try need("Read", on: name, role)
            return Self.success(items(of: argument ?? "", call, moment))
        case ("POST", "agent", "check-in"), ("POST", "agent", "check-out"):
            let state = SandboxJSON.object([("status", .text(verb == "check-in" ? "online" : "offline"))])
            // An agent that nobody has inserted comes into being with its first sign of life.
            let own = Filter(field: "id", equals: argument ?? "")
            let isKnown = !store[name].find(own, in: moment.organization).isEmpty
            let filter = isKnown ? own : Filter(field: "agentId", equals: argument ?? "")
            return Self.success(try upsert(state, by: filter, crud).document.json)
        default: return nil
        }
    }

    /// `{pageId, pageAccessToken}`: the token that all agents share.
    private mutating func updateToken(_ body: SandboxJSON, _ crud: Crud) throws(Refusal) -> SandboxJSON {
        guard let id = body["pageId"]?.text, let token = body["pageAccessToken"]?.text, !token.isEmpty else {
            throw .field("pageId and pageAccessToken are required")
        }
        guard let place = store[crud.name].place(of: id, in: crud.moment.organization) else { throw .notFound }
        store.set(.object([("pageAccessToken", .text(token))]), of: place, in: crud.name, crud.moment)
        return store[crud.name].documents[place].json
    }

    /// Conversations by `panCakeUpdatedAt`, the newest first.
    private func newestFirst(_ call: SandboxCall, _ crud: Crud) -> SandboxJSON {
        let filter = call["pageId"].map { Filter(field: "pageId", equals: $0) } ?? Filter()
        let shelf = store[crud.name]
        let found = shelf.find(filter, in: crud.moment.organization).map { shelf.documents[$0] }
        return page(
            found.sorted { ($0["panCakeUpdatedAt"]?.int ?? 0, $0.id) > ($1["panCakeUpdatedAt"]?.int ?? 0, $1.id) }, call
        )
    }

    private func items(of conversation: String, _ call: SandboxCall, _ moment: Moment) -> SandboxJSON {
        let number = max(1, call.int("page") ?? 1)
        let limit = min(100, max(1, call.int("limit") ?? 50))
        let shelf = store["facebook/message-item"]
        let found = shelf.find(Filter(field: "conversationId", equals: conversation), in: moment.organization)
            .map { shelf.documents[$0] }
            .sorted { ($0["insertedAt"]?.int ?? 0, $0.id) > ($1["insertedAt"]?.int ?? 0, $1.id) }
        return .object([
            ("data", .list(found.dropFirst((number - 1) * limit).prefix(limit).map(\.json))),
            (
                "pagination",
                .object([
                    ("page", .int(Int64(number))), ("limit", .int(Int64(limit))), ("total", .int(Int64(found.count))),
                ])
            ),
        ])
    }

    /// `upsert-one` of a conversation, with a line in the log of uploads.
    private mutating func logged(_ call: SandboxCall, _ crud: Crud) throws(Refusal) -> SandboxJSON {
        let answer = try serve("upsert-one", crud, call)
        if let data = SandboxJSON(parsing: call.body)?["panCakeData"] {
            log.note(conversation: data, at: crud.moment.now)
        }
        return answer
    }

    /// Proposed only, so the answer is of our own making: what became of each item (platforms.md 3.4).
    private mutating func batch(_ body: SandboxJSON, _ crud: Crud) throws(Refusal) -> SandboxJSON {
        guard let pageID = body["pageId"]?.text, let pageName = body["pageUsername"]?.text,
            let list = body["conversations"]?.list
        else { throw .field("pageId, pageUsername and conversations are required") }
        var counts = ["upserted": Int64(0), "modified": 0, "skipped": 0]
        var failed: [SandboxJSON] = []
        func note(_ index: Int, _ refusal: Refusal) {
            failed.append(
                .object([
                    ("index", .int(Int64(index))), ("code", .text(refusal.code)), ("message", .text(refusal.message)),
                ]))
        }
        for (index, item) in list.enumerated() {
            let data = item["panCakeData"] ?? item
            guard let id = data["id"]?.text, !id.isEmpty else {
                note(index, .field("panCakeData.id is required"))
                continue
            }
            log.note(conversation: data, at: crud.moment.now)
            let filter = Filter(field: "conversationId", equals: id)
            if isStale(data, filter, crud) {
                counts["skipped", default: 0] += 1
                continue
            }
            let members = SandboxJSON.object([
                ("pageId", .text(pageID)), ("pageUsername", .text(pageName)), ("panCakeData", data),
            ])
            do throws(Refusal) {
                let isNew = try upsert(members, by: filter, crud).isNew
                counts[isNew ? "upserted" : "modified", default: 0] += 1
            } catch {
                note(index, error)
            }
        }
        let sums = ["upserted", "modified", "skipped"].map { ($0, SandboxJSON.int(counts[$0] ?? 0)) }
        return .object(sums + [("failed", .list(failed))])
    }

    /// Whether what is stored is as new as what comes.
    private func isStale(_ data: SandboxJSON, _ filter: Filter, _ crud: Crud) -> Bool {
        let shelf = store[crud.name]
        guard let place = shelf.find(filter, in: crud.moment.organization).first,
            let stored = shelf.documents[place]["panCakeData.updated_at"]?.text, let coming = data["updated_at"]?.text
        else { return false }
        return stored >= coming
    }

    /// Where a domain's documents are; those of Meta have no other address.
    private func collection(ofDomain domain: String) -> String? {
        let names = [
            "interaction_conversation": "facebook/conversation", "interaction_message": "facebook/message",
            "fb_customer": "fb-customer", "order": "pancake/order", "pos_customer": "pc-pos-customer",
        ]
        if let name = names[domain] { return name }
        if domain.hasPrefix("meta_") { return domain }
        let name = "pancake-pos/\(domain.dropFirst(4))"
        return domain.hasPrefix("pos_") && store.shelves[name] != nil ? name : nil
    }

    /// `/cio/ingest` of the newest backend: what is not newer than the stored is skipped.
    mutating func ingest(
        _ call: SandboxCall, _ role: FolkFormWorld.Auth.Role, _ moment: Moment
    ) throws(Refusal) -> SandboxJSON {
        let body = try body(call)
        guard let domain = body["domain"]?.text, let name = collection(ofDomain: domain), let data = body["data"] else {
            throw .field("domain and data are required")
        }
        store.open(name)
        try need("Update", on: name, role)
        let filter = try Filter(body["filter"].map { String(decoding: $0.bytes, as: UTF8.self) })
        guard !filter.isEmpty else { throw .field("filter is required") }
        let crud = Crud(name: name, argument: nil, moment: moment)
        if let incoming = data["panCakeData"], isStale(incoming, filter, crud) {
            return .object([
                ("code", .int(200)), ("data", .null), ("skipped", .bool(true)), ("status", .text("success")),
            ])
        }
        if domain == "interaction_message" { return Self.success(try uploadMessages(data, moment)) }
        if domain == "interaction_conversation", let incoming = data["panCakeData"] {
            log.note(conversation: incoming, at: moment.now)
        }
        return Self.success(try upsert(data, by: filter, crud).document.json)
    }
}
