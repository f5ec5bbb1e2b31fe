import SyncCore

extension MetaSandbox {
    enum Level: Int, Sendable {
        case account, campaign, adSet, ad

        init?(_ name: String) {
            switch name {
            case "account": self = .account
            case "campaign": self = .campaign
            case "adset": self = .adSet
            case "ad": self = .ad
            default: return nil
            }
        }

        /// The level that a node's own report has.
        init(_ node: Node) {
            switch node {
            case .campaign: self = .campaign
            case .adSet: self = .adSet
            case .ad: self = .ad
            default: self = .account
            }
        }
    }

    /// A report that was asked for and makes sense (meta.md 3).
    struct Query: Sendable {
        var account: Int
        var scope: Node
        var level: Level
        /// Ads in scope.
        var ads: Range<Int>
        var periods: [Period]
        var fields: [String]
        var breakdowns: [String]
        var segments: [Segment]
        var windows: [Window]
        var actionBreakdowns: [String]
        var filters: [Filter]
        /// By ad of the account; nil lets all pass.
        var allowed: [Bool]?
        var hidesUnlisted: Bool
        /// Moment whose truth the report shows.
        var asOf: Int64
        /// Shows reach with breakdowns beyond 13 months: ten asynchronous reports a day may (meta.md 3).
        var keepsOldReach = false

        struct Period: Sendable {
            var from: Int32
            var to: Int32
        }

        /// Attribution windows whose values the world has.
        enum Window: Sendable {
            case click1, click7, click28, view1
        }
    }
}

extension MetaSandbox.Query {
    /// Whether the report wants reach by breakdown of days older than 13 months.
    func asksOldReach(today: Int32) -> Bool {
        let oldest = CivilDate(daysSince1970: today).adding(months: -13).daysSince1970
        return fields.contains("reach") && !breakdowns.isEmpty && periods.contains { $0.from < oldest }
    }
}

extension MetaSandbox.Reader {
    typealias Query = MetaSandbox.Query

    /// Reads and checks the parameters of `{node}/insights`.
    func query(of node: Node, _ params: [String: String], asOf: Int64) throws(GraphError) -> Query {
        guard let account = node.account else { throw .missing(id(node)) }
        var request = self.request
        request.params = params
        let own = MetaSandbox.Level(node)
        let level = try level(params["level"], above: own)
        let fields = request.list("fields") ?? ["account_id", "impressions", "spend"]
        let breakdowns = request.list("breakdowns") ?? []
        try check(fields: fields, breakdowns: breakdowns)
        let actionBreakdowns = (request.list("action_breakdowns") ?? []).filter { $0 != "action_type" }
        if !actionBreakdowns.isEmpty, !fields.contains("actions") {
            throw .parameter("action_breakdowns require actions among the fields", blame: "action_breakdowns")
        }
        let filters = try MetaSandbox.Filter.parse(params["filtering"])
        for filter in filters where value(filter, .ad(account, 0), probe: true) == nil {
            throw .parameter("Filtering field '\(filter.field)' is invalid", blame: "filtering")
        }
        let scope = adRange(node)
        let asksStatus = filters.contains(where: \.isAboutStatus)
        return Query(
            account: account, scope: node, level: level, ads: narrowed(scope, by: filters, account),
            periods: try periods(request, account), fields: fields, breakdowns: breakdowns,
            segments: try MetaSandbox.Segment.all(breakdowns), windows: try windows(request),
            actionBreakdowns: actionBreakdowns, filters: filters, allowed: allowed(filters, account, scope),
            hidesUnlisted: world.insights.hidesUnlisted && !asksStatus && level.rawValue > own.rawValue, asOf: asOf)
    }

    /// The asked level, the node's own without; one above the node is an error that explains nothing.
    private func level(_ name: String?, above own: MetaSandbox.Level) throws(GraphError) -> MetaSandbox.Level {
        guard let name else { return own }
        guard let asked = MetaSandbox.Level(name) else {
            throw .parameter("level must be one of the following values: account, campaign, adset, ad", blame: "level")
        }
        guard asked.rawValue >= own.rawValue else {
            throw GraphError(1, nil, "An unknown error occurred", status: 500)
        }
        return asked
    }

    private func adRange(_ node: Node) -> Range<Int> {
        switch node {
        case .campaign(let account, let index): view.account(account).campaigns[index].ads
        case .adSet(let account, let index): view.account(account).adSets[index].ads
        case .ad(_, let index): index..<index + 1
        case .account(let account): 0..<view.account(account).ads.count
        default: 0..<0
        }
    }

    private func check(fields: [String], breakdowns: [String]) throws(GraphError) {
        for field in fields {
            if breakdowns.contains(field) || MetaSandbox.Segment.names.contains(field) {
                throw .parameter("\(field) is a breakdown and not valid for fields param", blame: "fields")
            }
            guard MetaSandbox.FieldTable.insights.contains(field) else {
                throw .parameter(
                    "\(field) is not valid for fields param. please check "
                        + "https://developers.facebook.com/docs/marketing-api/reference/ads-insights/ for all values",
                    blame: field)
            }
        }
        if breakdowns.contains("frequency_value"), fields.contains(where: { $0 != "reach" && !$0.hasSuffix("_id") }) {
            throw GraphError(2, 1_504_041, "There is no data for the selected metrics and breakdowns")
        }
    }

    private func windows(_ request: MetaSandbox.Request) throws(GraphError) -> [Query.Window] {
        var windows: [Query.Window] = []
        for name in request.list("action_attribution_windows") ?? [] {
            switch name {
            case "1d_click": windows.append(.click1)
            case "7d_click": windows.append(.click7)
            case "28d_click": windows.append(.click28)
            case "1d_view": windows.append(.view1)
            case "7d_view", "28d_view":
                if world.insights.refusesRemovedWindows {
                    throw .parameter("The attribution window \(name) is no longer supported", blame: name)
                }
            case "default", "dda", "1d_ev", "custom", "incrementality", "skan_click", "skan_view": continue
            default:
                throw .parameter(
                    "action_attribution_windows[0] must be one of the following values: 1d_view, 7d_view, 28d_view, "
                        + "1d_click, 7d_click, 28d_click, 1d_ev, dda, default", blame: "action_attribution_windows")
            }
        }
        return windows
    }

    // MARK: Days

    private func day(_ text: String?, _ name: String) throws(GraphError) -> Int32 {
        guard let text, let day = CivilDate(text) else {
            throw .parameter("Must be a date representation in the format YYYY-MM-DD", blame: name)
        }
        return day.daysSince1970
    }

    private func range(_ value: JSON) throws(GraphError) -> Query.Period {
        let from = try day(value["since"]?.text, "time_range")
        let to = try day(value["until"]?.text, "time_range")
        guard from <= to else { throw .parameter("time_range: since must not be after until", blame: "time_range") }
        return Query.Period(from: from, to: to)
    }

    private func periods(_ request: MetaSandbox.Request, _ account: Int) throws(GraphError) -> [Query.Period] {
        let zone = view.account(account).zone
        let today = CivilDate(daysSince1970: zone.day(at: view.now))
        let oldest = today.adding(months: -world.insights.months).daysSince1970
        if let text = request.params["time_ranges"] {
            guard let items = JSON(parsing: text)?.list, !items.isEmpty else {
                throw .parameter("time_ranges must be an array", blame: "time_ranges")
            }
            var ranges: [Query.Period] = []
            for item in items { ranges.append(try checked(try range(item), oldest)) }
            return ranges
        }
        var whole: Query.Period
        if let text = request.params["time_range"] {
            guard let value = JSON(parsing: text), case .object = value else {
                throw .parameter("time_range must be an object", blame: "time_range")
            }
            whole = try checked(try range(value), oldest)
        } else {
            whole = try MetaSandbox.preset(request.params["date_preset"] ?? "last_30d", today, oldest)
        }
        let first = zone.day(at: view.account(account).created)
        return try slices(&whole, request.params["time_increment"], first: first, today: today.daysSince1970)
    }

    private func checked(_ period: Query.Period, _ oldest: Int32) throws(GraphError) -> Query.Period {
        guard period.from > oldest else {
            throw GraphError(
                3018, nil,
                "(#3018) The start date of the time range cannot be beyond \(world.insights.months) months from the "
                    + "current date")
        }
        return period
    }

    /// Cuts the range into the asked increments, skipping those in which nothing can have happened.
    private func slices(
        _ whole: inout Query.Period, _ increment: String?, first: Int32, today: Int32
    ) throws(GraphError) -> [Query.Period] {
        guard let increment, increment != "all_days" else { return [whole] }
        var slices: [Query.Period] = []
        var from = whole.from
        if increment == "monthly" {
            while from <= min(whole.to, today) {
                let (year, month, _) = CivilDate(daysSince1970: from).parts
                let next = CivilDate(year: year, month: month, day: 1)?.adding(months: 1).daysSince1970 ?? from + 31
                slices.append(.init(from: from, to: min(whole.to, next - 1)))
                from = next
            }
            return slices
        }
        guard let days = Int32(increment), (1...90).contains(days) else {
            throw .parameter("time_increment must be monthly, all_days or a number of days from 1 to 90")
        }
        if from < first { from += (first - from) / days * days }
        while from <= min(whole.to, today) {
            slices.append(.init(from: from, to: min(whole.to, from + days - 1)))
            from += days
        }
        return slices
    }

    // MARK: Filters

    /// Ids in filters bound what must be looked at.
    private func narrowed(_ scope: Range<Int>, by filters: [MetaSandbox.Filter], _ account: Int) -> Range<Int> {
        var range = scope
        for filter in filters where filter.field == "id" && (filter.test == .isIn || filter.test == .equal) {
            let ranges = filter.values.compactMap { view.node($0) }.filter { $0.account == account }.map(adRange)
            let low = ranges.map(\.lowerBound).min() ?? scope.lowerBound
            let high = ranges.map(\.upperBound).max() ?? scope.lowerBound
            range = range.clamped(to: low..<max(low, high))
        }
        return range
    }

    private func allowed(_ filters: [MetaSandbox.Filter], _ account: Int, _ scope: Range<Int>) -> [Bool]? {
        let ofObjects = filters.filter { !Self.metrics.contains($0.field) }
        guard !ofObjects.isEmpty else { return nil }
        var allowed = [Bool](repeating: false, count: view.account(account).ads.count)
        let range = narrowed(scope, by: filters, account)
        let sets = ofObjects.map { $0.field == "id" && $0.test == .isIn ? Set($0.values) : nil }
        for ad in range {
            allowed[ad] = zip(ofObjects, sets).allSatisfy { filter, ids in
                let words = value(filter, .ad(account, ad), probe: false) ?? []
                if let ids { return words.contains(where: ids.contains) }
                return filter.accepts(any: words)
            }
        }
        return allowed
    }

    static let metrics: Set<String> = ["impressions", "spend", "clicks"]
}
