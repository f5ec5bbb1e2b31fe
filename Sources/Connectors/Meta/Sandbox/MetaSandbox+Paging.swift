import ConnectorKit
import FoundationEssentials

extension MetaSandbox {
    /// Edges that list ad objects.
    enum Edge: String, Sendable {
        case campaigns
        case adSets = "adsets"
        case ads
        case creatives = "adcreatives"

        init?(_ name: String) { self.init(rawValue: name) }

        /// Values that the edge's `effective_status` takes (meta.md 2.3).
        var statuses: [String] {
            let all = ["ACTIVE", "PAUSED", "ARCHIVED", "DELETED", "IN_PROCESS", "WITH_ISSUES"]
            let review = ["PENDING_REVIEW", "DISAPPROVED", "PREAPPROVED", "PENDING_BILLING_INFO"]
            return switch self {
            case .campaigns: all
            case .adSets: all + ["CAMPAIGN_PAUSED"]
            case .ads, .creatives: all + ["CAMPAIGN_PAUSED", "ADSET_PAUSED"] + review
            }
        }

        func node(_ account: Int, _ index: Int) -> Node {
            switch self {
            case .campaigns: .campaign(account, index)
            case .adSets: .adSet(account, index)
            case .ads: .ad(account, index)
            case .creatives: .creative(account, index)
            }
        }
    }
}

extension MetaSandbox.Reader {
    /// What an edge could list, in its order. A cursor names an item, not a place, so that changes between
    /// two pages move nothing.
    struct Source {
        private let range: Range<Int>
        private let order: [Int]?
        private let accepts: (Int) -> Bool

        init(_ range: Range<Int>, accepts: @escaping (Int) -> Bool) {
            self.range = range
            order = nil
            self.accepts = accepts
        }

        init(_ count: Int) { self.init(0..<count) { _ in true } }

        init(_ order: [Int]) {
            range = order.indices
            self.order = order
            accepts = { _ in true }
        }

        var places: Range<Int> { range }
        func item(at place: Int) -> Int { order?[place] ?? place }
        func isListed(_ place: Int) -> Bool { accepts(item(at: place)) }

        /// The place after an item; nil when the item is not known any more.
        func place(after item: Int) -> Int? {
            guard let order else { return item + 1 }
            return order.firstIndex(of: item).map { $0 + 1 }
        }
    }

    struct Paging {
        var limit: Int?
        var after: String?
        var wantsSummary: Bool

        init(_ params: [String: String]) throws(GraphError) {
            after = params["after"].flatMap { $0.isEmpty ? nil : $0 }
            wantsSummary = params["summary"].map { $0 != "false" && $0 != "0" } ?? false
            guard let text = params["limit"] else { return }
            guard let value = Int(text), value >= 0 else {
                throw .parameter("Param limit must be a positive integer", blame: "limit")
            }
            limit = value
        }
    }

    /// Renders one page: data, cursors, `next` when there is more, a summary when asked.
    mutating func page(
        _ source: Source, _ paging: Paging, _ fields: [Field], check: Bool = false, node: (Int) -> Node
    ) throws(GraphError) -> JSON {
        let limit = min(paging.limit ?? world.reading.defaultLimit, world.reading.mostLimit)
        let key = listingKey()
        var place = source.places.lowerBound
        var came = -1
        if let after = paging.after {
            came = try decode(after)
            guard let found = came < 0 ? place : source.place(after: came) else { throw .invalidCursor }
            place = max(place, found)
        }
        let size = pageSize(limit, short: world.reading.shortPages, empty: world.reading.emptyPages)
        var items: [Int] = []
        while place < source.places.upperBound, items.count < size {
            if source.isListed(place) { items.append(source.item(at: place)) }
            place += 1
        }
        var hasMore = false
        while place < source.places.upperBound, !hasMore {
            hasMore = source.isListed(place)
            place += 1
        }
        var data: [JSON] = []
        for item in items {
            if check, case .creative(let account, let index) = node(item) { try refuseBroken(account, index) }
            data.append(try object(node(item), fields))
        }
        try refuseHeavy(rows: data.count, fields: fields)
        rows += data.count
        if listing == nil { listing = key }
        var last = items.last ?? came
        if flaws.duplicatesRow, hasMore, items.count > 1 { last = items[items.count - 2] }
        var members: [(key: String, value: JSON)] = [("data", .list(data))]
        if !data.isEmpty || hasMore {
            let after = cursor(last, key: key)
            members.append(("paging", self.paging(before: cursor(items.first ?? last, key: key), after, hasMore)))
        }
        if paging.wantsSummary {
            let total = source.places.count { source.isListed($0) }
            members.append(("summary", .object([("total_count", .int(Int64(total)))])))
        }
        return .object(members)
    }

    /// Fewer rows than asked, with more to come: the platform does that, and no client may stop there.
    func pageSize(_ limit: Int, short: Int, empty: Int) -> Int {
        if flaws.emptyPage || Mix.strikes(empty, Mix.hash(chance, 90)) { return 0 }
        guard limit > 1, flaws.shortPage || Mix.strikes(short, Mix.hash(chance, 91)) else { return limit }
        return 1 + Mix.below(limit - 1, Mix.hash(chance, 92))
    }

    func paging(before: String, _ after: String, _ hasMore: Bool) -> JSON {
        var members: [(key: String, value: JSON)] = [
            ("cursors", .object([("before", .text(before)), ("after", .text(after))]))
        ]
        if hasMore { members.append(("next", .text(next(after)))) }
        return .object(members)
    }

    /// The whole address of the next page, with the token in it when the call had it in its query.
    private func next(_ after: String) -> String {
        var items = request.params.filter { $0.key != "after" }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        if request.isTokenInQuery { items.insert(("access_token", grant.token), at: 0) }
        items.append(("after", after))
        let base = request.host.map { "http://\($0)" } ?? "https://graph.facebook.com"
        let version = request.version ?? world.versions.newest
        return "\(base)/v\(version).0/\(request.path.joined(separator: "/"))?\(FormCoding.encode(items))"
    }

    /// Names a listing whatever the page: path, fields and filters.
    func listingKey() -> String {
        var hash = Mix.hash(request.path.joined(separator: "/"))
        for (name, value) in request.params.sorted(by: { $0.key < $1.key })
        where !["after", "limit", "summary", "before"].contains(name) {
            hash = Mix.hash(value, Mix.hash(name, hash))
        }
        return "\(request.path.joined(separator: "/"))#\(String(hash, radix: 16))"
    }

    private func refuseHeavy(rows: Int, fields: [Field]) throws(GraphError) {
        let heavy: Set<String> = ["object_story_spec", "asset_feed_spec", "targeting", "creative", "insights"]
        let weight = fields.reduce(12) { sum, field in
            sum + (heavy.contains(field.name) ? 40 : 1) + field.children.count * 2
        }
        if rows * weight / 24 > world.size.pageRows { throw .reduce(99) }
    }

    // MARK: Cursors

    /// Opaque to callers: the listing, the item and the moment of issue.
    private func cursor(_ item: Int, key: String) -> String {
        let text = "\(Mix.hash(key) % 1_000_000):\(item):\(view.now)"
        return "QVFIU" + Data(text.utf8).base64EncodedString().filter { $0 != "=" }
    }

    private func decode(_ cursor: String) throws(GraphError) -> Int {
        var text = String(cursor.dropFirst(5))
        while text.utf8.count % 4 != 0 { text += "=" }
        guard cursor.hasPrefix("QVFIU"), let data = Data(base64Encoded: text) else { throw .invalidCursor }
        let parts = String(decoding: data, as: UTF8.self).split(separator: ":").compactMap { Int($0) }
        guard parts.count == 3 else { throw .invalidCursor }
        guard Int64(parts[2]) + world.reading.cursorLife >= view.now else { throw .invalidCursor }
        if world.reading.deepestRow > 0, parts[1] >= world.reading.deepestRow {
            throw .parameter("The After Cursor specified exceeds the max limit supported by this endpoint")
        }
        return parts[1]
    }
}

extension MetaSandbox.GraphError {
    static var invalidCursor: Self { .init(2642, nil, "(#2642) Invalid cursors values") }
}
