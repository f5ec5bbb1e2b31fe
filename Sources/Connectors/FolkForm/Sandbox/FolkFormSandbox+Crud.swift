import SyncCore

extension FolkFormSandbox {
    /// A generic call on a collection (platforms.md 3.2).
    struct Crud {
        let name: String
        /// What follows the verb in the address: an id.
        let argument: String?
        let moment: Moment
    }

    mutating func serve(_ verb: String, _ crud: Crud, _ call: SandboxCall) throws(Refusal) -> SandboxJSON {
        switch verb {
        case "insert-one": return Self.success(try insert(try body(call), crud).json)
        case "insert-many":
            var documents: [SandboxJSON] = []
            for item in try items(call) { documents.append(try insert(item, crud).json) }
            return Self.success(.list(documents))
        case "upsert-one":
            let filter = try Filter(call["filter"])
            guard !filter.isEmpty else { throw .field("filter is required") }
            return Self.success(try upsert(try body(call), by: filter, crud).document.json)
        case "upsert-many":
            // One filter for all items: each of them overwrites the one before.
            let filter = try Filter(call["filter"])
            guard !filter.isEmpty else { throw .field("filter is required") }
            var documents: [SandboxJSON] = []
            for item in try items(call) { documents.append(try upsert(item, by: filter, crud).document.json) }
            return Self.success(.list(documents))
        case "find", "find-one", "find-by-id", "find-by-ids", "find-with-pagination", "count", "distinct", "exists":
            return Self.success(try read(verb, crud, call))
        default: return Self.success(try change(verb, crud, call))
        }
    }

    private func items(_ call: SandboxCall) throws(Refusal) -> [SandboxJSON] {
        guard let list = SandboxJSON(parsing: call.body)?.list else { throw .badJSON }
        return list
    }

    private mutating func insert(_ item: SandboxJSON, _ crud: Crud) throws(Refusal) -> Document {
        guard case .object = item else { throw .badJSON }
        guard let document = store.insert(begun(item, crud.name), into: crud.name, crud.moment) else {
            throw .duplicate
        }
        return document
    }

    /// Changes the first document that the filter finds, or inserts one. Two calls that insert the same key at the
    /// same time: the second sees the clash as 500 `DB` (platforms.md 3.1).
    mutating func upsert(
        _ item: SandboxJSON, by filter: Filter, _ crud: Crud
    ) throws(Refusal) -> (document: Document, isNew: Bool) {
        guard case .object(let members) = item else { throw .badJSON }
        let shelf = store[crud.name]
        let fields = SandboxJSON.object(filter.equalities).merged(with: extracted(.object(members), crud.name))
        let key = shelf.unique.flatMap { fields[$0]?.text }.map { "\(crud.name)|\(crud.moment.organization)|\($0)" }
        if let key, let until = racing[key], crud.moment.now.microseconds < until { throw .database("DB") }
        if let place = shelf.find(filter, in: crud.moment.organization).first {
            store.set(extracted(item, crud.name), of: place, in: crud.name, crud.moment)
            return (store[crud.name].documents[place], false)
        }
        if crud.moment.kinds.contains(.duplicateKey) { throw .database("DB") }
        guard let document = store.insert(begun(fields, crud.name), into: crud.name, crud.moment) else {
            throw .database("DB")
        }
        if let key {
            racing = racing.filter { $0.value > crud.moment.now.microseconds }
            racing[key] = crud.moment.done
        }
        return (document, true)
    }

    /// A new document, with what its model sets from the beginning (platforms.md 3.3).
    private func begun(_ item: SandboxJSON, _ name: String) -> SandboxJSON {
        let usual: [(key: String, value: SandboxJSON)] = name == "facebook/page" ? [("isSync", .bool(true))] : []
        return SandboxJSON.object(usual).merged(with: extracted(item, name))
    }

    /// What the server takes out of `panCakeData` for itself.
    private func extracted(_ item: SandboxJSON, _ name: String) -> SandboxJSON {
        guard let data = item["panCakeData"] else { return item }
        var own: [(key: String, value: SandboxJSON)] = []
        func take(_ field: String, _ value: SandboxJSON?) {
            if let value = value?.text, !value.isEmpty { own.append((field, .text(value))) }
        }
        switch name {
        case "facebook/conversation":
            take("conversationId", data["id"])
            take("customerId", data["customer_id"])
            if let time = data["updated_at"] { own.append(("panCakeUpdatedAt", .int(StrictTime.seconds(time.text)))) }
        case "facebook/page": take("pageId", data["id"])
        case "facebook/post": take("postId", data["id"])
        case "fb-customer": take("customerId", data["id"])
        default: break
        }
        return item.merged(with: .object(own))
    }

    private func read(_ verb: String, _ crud: Crud, _ call: SandboxCall) throws(Refusal) -> SandboxJSON {
        let shelf = store[crud.name]
        let options = try Options(call["options"])
        func found() throws(Refusal) -> [Document] {
            let filter = try Filter(call["filter"])
            return options.sorted(shelf.find(filter, in: crud.moment.organization).map { shelf.documents[$0] })
        }
        switch verb {
        case "find": return .list(options.cut(try found()).map(options.project))
        case "find-one":
            guard let one = try found().first else { throw .notFound }
            return options.project(one)
        case "find-by-id":
            guard let one = byID([crud.argument ?? ""], crud).first else { throw .notFound }
            return options.project(one)
        case "find-by-ids":
            let ids = SandboxJSON(parsing: call.body).flatMap { $0.list ?? $0["ids"]?.list }
            guard let ids else { throw .badJSON }
            return .list(byID(ids.compactMap(\.text), crud).map(options.project))
        case "find-with-pagination":
            return page(try found(), call, options.project)
        case "count": return .int(Int64(try found().count))
        case "exists": return .bool(try !found().isEmpty)
        default:
            guard let field = call["field"] else { throw .field("field is required") }
            let known = try found().compactMap { $0[field] }.map { ($0.bytes, $0) }
            let values = Dictionary(known) { first, _ in first }.values
            return .list(values.sorted { ($0.int ?? 0, $0.text ?? "") < ($1.int ?? 0, $1.text ?? "") })
        }
    }

    private func byID(_ ids: [String], _ crud: Crud) -> [Document] {
        store[crud.name].documents.filter { $0.organization == crud.moment.organization && ids.contains($0.id) }
    }

    /// `data` of a listing by pages, which are counted from 1.
    func page(
        _ documents: [Document], _ call: SandboxCall, _ row: (Document) -> SandboxJSON = { $0.json }
    ) -> SandboxJSON {
        let number = max(1, call.int("page") ?? 1)
        let limit = min(1000, max(1, call.int("limit") ?? 10))
        let items = documents.dropFirst((number - 1) * limit).prefix(limit).map(row)
        return .object([
            ("page", .int(Int64(number))), ("limit", .int(Int64(limit))), ("itemCount", .int(Int64(items.count))),
            ("items", .list(items)), ("total", .int(Int64(documents.count))),
            ("totalPage", .int(Int64((documents.count + limit - 1) / limit))),
        ])
    }

    private mutating func change(_ verb: String, _ crud: Crud, _ call: SandboxCall) throws(Refusal) -> SandboxJSON {
        let isByID = verb.hasSuffix("by-id")
        let filter = isByID ? Filter(field: "id", equals: crud.argument ?? "") : try Filter(call["filter"])
        var places = store[crud.name].find(filter, in: crud.moment.organization)
        if !verb.hasSuffix("many") {
            places = Array(places.prefix(1))
            guard !places.isEmpty else { throw .notFound }
        }
        guard !verb.contains("delete") else {
            let gone = places.map { store[crud.name].documents[$0].json }
            store.remove(places, from: crud.name)
            return verb == "find-one-and-delete" ? gone[0] : .object([("deletedCount", .int(Int64(places.count)))])
        }
        let changes = extracted(try body(call), crud.name)
        for place in places { store.set(changes, of: place, in: crud.name, crud.moment) }
        guard !verb.hasSuffix("many") else { return .object([("modifiedCount", .int(Int64(places.count)))]) }
        return store[crud.name].documents[places[0]].json
    }
}
