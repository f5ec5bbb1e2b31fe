import SyncCore

extension MetaSandbox {
    /// One entry of a `filtering` parameter with its operator (meta.md 1).
    struct Filter: Sendable {
        /// `campaign`, `adset`, `ad`, or empty when the field has no prefix.
        var level: String
        var field: String
        var test: Test
        var values: [String]

        enum Test: String, Sendable {
            case all = "ALL"
            case any = "ANY"
            case none = "NONE"
            case contain = "CONTAIN"
            case notContain = "NOT_CONTAIN"
            case startsWith = "STARTS_WITH"
            case equal = "EQUAL"
            case notEqual = "NOT_EQUAL"
            case greater = "GREATER_THAN"
            case greaterOrEqual = "GREATER_THAN_OR_EQUAL"
            case less = "LESS_THAN"
            case lessOrEqual = "LESS_THAN_OR_EQUAL"
            case isIn = "IN"
            case isNotIn = "NOT_IN"
            case inRange = "IN_RANGE"
            case notInRange = "NOT_IN_RANGE"
        }

        static let statusFields: Set<String> = ["effective_status", "delivery_info", "status", "configured_status"]
        var isAboutStatus: Bool { Filter.statusFields.contains(field) }
        var asksForDeleted: Bool { isAboutStatus && field != "delivery_info" && values.contains("DELETED") }

        /// Reads the parameter; throws (#100) for anything that is no list of filters.
        static func parse(_ text: String?) throws(GraphError) -> [Filter] {
            guard let text, !text.isEmpty else { return [] }
            guard let items = JSON(parsing: text)?.list else {
                throw .parameter("Param filtering must be an array.", blame: "filtering")
            }
            var filters: [Filter] = []
            for item in items {
                guard let name = item["field"]?.text, let word = item["operator"]?.text, let value = item["value"]
                else {
                    throw .parameter("Filtering field, operator and value are required", blame: "filtering")
                }
                guard let test = Test(rawValue: word.uppercased()) else {
                    throw .parameter("Filtering operator '\(word)' is not supported", blame: "filtering")
                }
                let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
                let values = value.list?.compactMap(\.text) ?? value.text.map { [$0] } ?? []
                if test == .inRange || test == .notInRange, values.count != 2 {
                    throw .parameter("Filtering operator '\(word)' needs two values", blame: "filtering")
                }
                filters.append(
                    Filter(
                        level: parts.count > 1 ? parts[0] : "", field: parts.last ?? "", test: test, values: values))
            }
            return filters
        }

        /// Whether a value passes. Numbers compare as numbers, words without regard to case.
        func accepts(_ value: String) -> Bool {
            let first = values.first ?? ""
            switch test {
            case .equal: return same(value, first)
            case .notEqual: return !same(value, first)
            case .isIn, .any, .all: return values.contains { same(value, $0) }
            case .isNotIn, .none: return !values.contains { same(value, $0) }
            case .contain: return value.lowercased().contains(first.lowercased())
            case .notContain: return !value.lowercased().contains(first.lowercased())
            case .startsWith: return value.lowercased().hasPrefix(first.lowercased())
            case .greater: return compare(value, first) > 0
            case .greaterOrEqual: return compare(value, first) >= 0
            case .less: return compare(value, first) < 0
            case .lessOrEqual: return compare(value, first) <= 0
            case .inRange: return compare(value, first) >= 0 && compare(value, values[1]) <= 0
            case .notInRange: return compare(value, first) < 0 || compare(value, values[1]) > 0
            }
        }

        /// The same over an object's several words for one thing: negations must hold for each of them.
        func accepts(any words: [String]) -> Bool {
            switch test {
            case .notEqual, .isNotIn, .none, .notContain: words.allSatisfy(accepts)
            default: words.contains(where: accepts)
            }
        }

        private func same(_ left: String, _ right: String) -> Bool {
            left == right || left.lowercased() == right.lowercased()
        }

        private func compare(_ left: String, _ right: String) -> Int {
            if let left = Int64(left), let right = Int64(right) { return left < right ? -1 : left > right ? 1 : 0 }
            if let left = Double(left), let right = Double(right) { return left < right ? -1 : left > right ? 1 : 0 }
            return left < right ? -1 : left > right ? 1 : 0
        }
    }

    /// What a status is called in `delivery_info`.
    static func delivery(_ effective: String) -> [String] {
        switch effective {
        case "ACTIVE": ["active"]
        case "ARCHIVED": ["archived"]
        case "DELETED": ["deleted", "permanently_deleted"]
        case "PENDING_REVIEW": ["pending_review"]
        default: ["inactive", "completed", "recently_completed", "not_delivering"]
        }
    }
}

extension MetaSandbox.Reader {
    /// Decides which objects an edge lists: filters, and the rule that archived ones come only when asked
    /// for and deleted ones never (meta.md 2.3).
    struct EntityFilter {
        private let filters: [MetaSandbox.Filter]
        private let statuses: Set<String>?
        private let updatedSince: Int64?
        private let edge: MetaSandbox.Edge
        private let reader: MetaSandbox.Reader
        private let ids: Set<String>?

        init(_ params: [String: String], edge: MetaSandbox.Edge, reader: MetaSandbox.Reader) throws(GraphError) {
            filters = try MetaSandbox.Filter.parse(params["filtering"])
            var request = reader.request
            request.params = params
            statuses = request.list("effective_status").map { Set($0.map { $0.uppercased() }) }
            for status in (statuses ?? []).sorted() where !edge.statuses.contains(status) {
                throw .parameter(
                    "effective_status[0] must be one of the following values: "
                        + edge.statuses.joined(separator: ", "), blame: "effective_status")
            }
            let refuses = reader.world.reading.refusesDeleted
            if refuses, statuses?.contains("DELETED") == true || filters.contains(where: \.asksForDeleted) {
                throw .parameter(
                    "Filtering for DELETED objects is not supported on this edge", blame: "effective_status")
            }
            updatedSince = edge == .adSets || edge == .ads ? params["updated_since"].flatMap(Int64.init) : nil
            self.edge = edge
            self.reader = reader
            ids = filters.first { $0.field == "id" && ($0.test == .isIn) && $0.level == Self.level(edge) }
                .map { Set($0.values) }
            for filter in filters where reader.value(filter, edge.node(0, 0), probe: true) == nil {
                throw .parameter("Filtering field '\(filter.field)' is invalid", blame: "filtering")
            }
        }

        private static func level(_ edge: MetaSandbox.Edge) -> String {
            switch edge {
            case .campaigns: "campaign"
            case .adSets: "adset"
            case .ads, .creatives: "ad"
            }
        }

        func accepts(_ index: Int, of account: Int) -> Bool {
            let node = edge.node(account, index)
            if let ids, !ids.contains(reader.id(node)) { return false }
            if edge == .creatives { return reader.view.unlisted(ad: index, of: account) != .deleted }
            let status = reader.effective(node)
            if status == "DELETED" { return false }
            if let statuses, !statuses.contains(status) { return false }
            if status == "ARCHIVED", statuses == nil, !filters.contains(where: \.isAboutStatus) { return false }
            if let updatedSince, reader.view.updated(node) <= updatedSince { return false }
            return filters.allSatisfy { filter in
                filter.accepts(any: reader.value(filter, node, probe: false) ?? [])
            }
        }
    }

    func effective(_ node: Node) -> String {
        switch node {
        case .campaign(let account, let index): view.effective(campaign: index, of: account)
        case .adSet(let account, let index): view.effective(adSet: index, of: account)
        case .ad(let account, let index), .creative(let account, let index): view.effective(ad: index, of: account)
        default: "ACTIVE"
        }
    }

    /// The object that a filter's prefix means, seen from `node`.
    private func subject(_ filter: MetaSandbox.Filter, _ node: Node) -> Node {
        switch (filter.level, node) {
        case ("campaign", .adSet(let account, let index)):
            .campaign(account, view.account(account).adSets[index].campaign)
        case ("campaign", .ad(let account, let index)): .campaign(account, view.account(account).ads[index].campaign)
        case ("adset", .ad(let account, let index)): .adSet(account, view.account(account).ads[index].adSet)
        default: node
        }
    }

    /// The values that a filter looks at; nil when the field cannot be filtered. A probe only asks that.
    func value(_ filter: MetaSandbox.Filter, _ node: Node, probe: Bool) -> [String]? {
        let node = subject(filter, node)
        switch filter.field {
        case "id": return [probe ? "" : id(node)]
        case "name": return [probe ? "" : name(node)]
        case "updated_time": return [probe ? "" : String(view.updated(node))]
        case "created_time": return [probe ? "" : String(view.life(node)?.created ?? 0)]
        case "effective_status": return [probe ? "" : effective(node)]
        case "delivery_info": return probe ? [] : MetaSandbox.delivery(effective(node))
        case "status", "configured_status": return [probe ? "" : configured(node)]
        case "objective":
            guard case .campaign(let account, let index) = node else { return probe ? [""] : [] }
            return [Self.objective(view.account(account).campaigns[index].seed)]
        case "impressions", "spend", "clicks":
            return [probe ? "" : lifetime(node, filter.field)]
        default: return nil
        }
    }

    private func configured(_ node: Node) -> String {
        switch node {
        case .campaign(let account, let index): view.configured(campaign: index, of: account).rawValue
        case .adSet(let account, let index): view.configured(adSet: index, of: account).rawValue
        case .ad(let account, let index): view.configured(ad: index, of: account).rawValue
        default: "ACTIVE"
        }
    }

    /// All-time sums, for filters such as `ad.impressions GREATER_THAN 0`.
    private func lifetime(_ node: Node, _ field: String) -> String {
        guard let index = node.account else { return "0" }
        let account = view.account(index)
        let ads: Range<Int> =
            switch node {
            case .campaign(_, let campaign): account.campaigns[campaign].ads
            case .adSet(_, let adSet): account.adSets[adSet].ads
            case .ad(_, let ad): ad..<ad + 1
            default: 0..<0
            }
        let clock = MetaSandbox.LocalClock(account.zone, at: Instant(seconds: view.now))
        let sum = account.sum(ads, clock.today - 1200, clock.today, clock)
        return field == "impressions"
            ? String(sum.impressions)
            : field == "clicks" ? String(sum.clicks) : String(sum.spend / 1_000_000)
    }
}
