package import SyncCore

/// A view as it is to be.
package struct ViewText: Sendable, Hashable {
    package let name: String
    package let select: String
    package let columns: [String]

    /// The views that these streams ask for, those first which others stand on. `minutesSince` says how an engine
    /// reckons the minutes from a moment until now, and `text` how it turns a value into text that is compared byte by
    /// byte: of all platforms alike, for their views are joined.
    package static func all(
        of schemas: [StreamSchema], minutesSince: (String) -> String, text: (String) -> String
    ) -> [ViewText] {
        let tables = Set(schemas.filter(\.isStored).map { $0.table })
        var views: [ViewText] = []
        var performances = schemas.compactMap { PerformanceText.view(of: $0, text) }
        for schema in schemas {
            for derived in schema.views {
                guard derived.streams.allSatisfy({ tables.contains("\(schema.platform)_\($0)") }) else { continue }
                let select = filled(derived.select, minutesSince)
                views.append(ViewText(name: derived.name, select: select, columns: derived.columns.map(\.name)))
                performances += [PerformanceText.view(of: derived, schema.platform, text)].compactMap(\.self)
            }
        }
        return views + performances
    }

    private static func filled(_ select: String, _ minutesSince: (String) -> String) -> String {
        var text = ""
        var rest = select[...]
        while let begin = rest.firstRange(of: "{minutes since "),
            let end = rest[begin.upperBound...].firstIndex(of: "}")
        {
            text += rest[..<begin.lowerBound] + minutesSince(String(rest[begin.upperBound..<end]))
            rest = rest[rest.index(after: end)...]
        }
        return text + rest
    }

    /// Whether it is one of those that `ad_performance_daily` joins.
    package var isPerformance: Bool { name.hasSuffix(PerformanceText.suffix) && name != PerformanceText.name }

    /// Throws unless what has the view's name may be replaced: a view of other columns is somebody's own.
    package func refuseOthers(isView: Bool, columns present: [String]) throws {
        guard !isView || present != columns else { return }
        throw StoreError.refused(
            "The database has a table or view \(name) that is not Sluice's; rename it, or give Sluice a database or a "
                + "schema of its own.")
    }
}

/// `ad_performance_daily`: campaigns by day of all platforms in common words, so that a chart needs no knowledge
/// of a platform (design.md, section 5). It joins one view per platform, `meta_performance_daily` and so on, for
/// a process knows only the schemas of the platforms that it works on.
package enum PerformanceText {
    package static let name = "ad_performance_daily"
    /// Of the names of all these views.
    package static let suffix = "_performance_daily"
    /// How the views of the platforms begin, by which they are told from those of others.
    package static let beginning = "SELECT CAST('"
    package static let all = [
        Column(context: "platform", .text), Column(context: "account", .text), Column(context: "campaign", .text),
        Column(context: "day", .date), Column(context: "impressions", .integer), Column(context: "clicks", .integer),
        Column(context: "cost", .money), Column(context: "orders", .integer), Column(context: "revenue", .money),
        Column(context: "currency", .text),
    ]
    private static let columns = all.map(\.name)

    /// The view of a stream of campaigns by day; nil for other streams.
    static func view(of schema: StreamSchema, _ text: (String) -> String) -> ViewText? {
        schema.performance.map { view("\(schema.platform)", schema.platform, schema.table, $0, text) }
    }

    /// The same of a view that follows from such rows.
    static func view(of derived: DerivedView, _ platform: PlatformID, _ text: (String) -> String) -> ViewText? {
        derived.performance.map { view(derived.name, platform, derived.name, $0, text) }
    }

    private static func view(
        _ name: String, _ platform: PlatformID, _ table: String, _ performance: StreamSchema.Performance,
        _ text: (String) -> String
    ) -> ViewText {
        let ofAccount = """
            (SELECT a.currency FROM accounts AS a
                    WHERE a.platform = '\(platform)' AND a.external_id = t.account_id LIMIT 1)
            """
        let condition = performance.condition.map { " WHERE \($0)" } ?? ""
        func number(_ column: String?, else missing: String = "NULL") -> String {
            "CAST(\(column ?? missing) AS BIGINT)"
        }
        // A type that no platform can change: people build on these columns.
        let select = """
            \(beginning)\(platform)' AS TEXT) AS platform, account_id AS account,
                \(text(performance.campaign)) AS campaign, date AS day,
                \(number(performance.impressions)) AS impressions,
                \(number(performance.clicks)) AS clicks, \(number(performance.cost)) AS cost,
                \(number(performance.orders, else: "1")) AS orders, \(number(performance.revenue)) AS revenue,
                \(performance.currency ?? ofAccount) AS currency
            FROM \(quoted(table)) AS t\(condition)
            """
        return ViewText(name: name + suffix, select: select, columns: columns)
    }

    /// All of these views as one.
    package static func join(of views: [String]) -> ViewText {
        let parts = views.map { "SELECT \(columns.joined(separator: ", ")) FROM \(quoted($0))" }
        return ViewText(name: name, select: parts.joined(separator: " UNION ALL "), columns: columns)
    }
}
