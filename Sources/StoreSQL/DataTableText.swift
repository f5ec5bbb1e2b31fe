package import SyncCore

/// A name as both engines read it.
package func quoted(_ identifier: String) -> String {
    "\"\(identifier.replacing("\"", with: "\"\""))\""
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
    private static let columns = [
        "platform", "account", "campaign", "day", "impressions", "clicks", "cost", "orders", "revenue", "currency",
    ]

    /// The view of a stream of campaigns by day; nil for other streams.
    package static func view(of schema: StreamSchema) -> (name: String, select: String)? {
        guard let performance = schema.performance else { return nil }
        let ofAccount = """
            (SELECT a.currency FROM accounts AS a
                    WHERE a.platform = '\(schema.platform)' AND a.external_id = t.account_id LIMIT 1)
            """
        let condition = performance.condition.map { " WHERE \($0)" } ?? ""
        func number(_ column: String?, else missing: String = "NULL") -> String {
            "CAST(\(column ?? missing) AS BIGINT)"
        }
        // A type that no platform can change: people build on these columns.
        let select = """
            \(beginning)\(schema.platform)' AS TEXT) AS platform, account_id AS account,
                CAST(\(performance.campaign) AS TEXT) AS campaign, date AS day,
                \(number(performance.impressions)) AS impressions,
                \(number(performance.clicks)) AS clicks, \(number(performance.cost)) AS cost,
                \(number(performance.orders, else: "1")) AS orders, \(number(performance.revenue)) AS revenue,
                \(performance.currency ?? ofAccount) AS currency
            FROM \(quoted(schema.table)) AS t\(condition)
            """
        return (name: "\(schema.platform)\(suffix)", select: select)
    }

    /// Throws unless what has the view's name may be replaced: a view of other columns is somebody's own.
    package static func refuseOthers(_ view: String, isView: Bool, columns present: [String]) throws {
        guard !isView || present != columns else { return }
        throw StoreError.refused(
            "The database has a table or view \(view) that is not Sluice's; rename it, or give Sluice a database or a "
                + "schema of its own.")
    }

    /// All of these views as one.
    package static func join(of views: [String]) -> String {
        views.map { "SELECT \(columns.joined(separator: ", ")) FROM \(quoted($0))" }.joined(separator: " UNION ALL ")
    }
}
