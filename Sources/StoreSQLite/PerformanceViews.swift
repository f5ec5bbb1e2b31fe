import GRDB
import SyncCore

/// `ad_performance_daily`: campaigns by day of all platforms in common words, so that a chart needs no knowledge
/// of a platform (design.md, section 5). It joins one view per platform, `meta_performance_daily` and so on, for
/// a process knows only the schemas of the platforms that it works on.
enum PerformanceViews {
    private static let name = "ad_performance_daily"
    private static let suffix = "_performance_daily"
    private static let columns =
        "platform, account, campaign, day, impressions, clicks, cost, orders, revenue, currency"

    /// Makes the views that the schemas ask for; costs a look when nothing is new.
    static func create(for schemas: [StreamSchema], in db: Database) throws {
        var isNew = false
        for schema in schemas {
            guard let performance = schema.performance else { continue }
            let view = "\(schema.platform)\(suffix)"
            if try replace(view, select(schema, performance), in: db) { isNew = true }
        }
        guard isNew else { return }
        let parts = try String.fetchAll(
            db,
            sql: "SELECT name FROM sqlite_master WHERE type = 'view' AND name LIKE ? AND name <> ? ORDER BY name",
            arguments: ["%\(suffix)", name])
        let selects = parts.map { "SELECT \(columns) FROM \(DataTables.quoted($0))" }
        _ = try replace(name, selects.joined(separator: " UNION ALL "), in: db)
    }

    private static func select(_ schema: StreamSchema, _ performance: StreamSchema.Performance) -> String {
        """
        SELECT '\(schema.platform)' AS platform, account_id AS account, \(performance.campaign) AS campaign,
            date AS day, \(performance.impressions) AS impressions, \(performance.clicks) AS clicks,
            \(performance.cost) AS cost, \(performance.orders) AS orders, \(performance.revenue) AS revenue,
            (SELECT a.currency FROM accounts AS a
                WHERE a.platform = '\(schema.platform)' AND a.external_id = t.account_id LIMIT 1) AS currency
        FROM \(DataTables.quoted(schema.table)) AS t
        """
    }

    /// True when the view was not there in this form.
    private static func replace(_ view: String, _ select: String, in db: Database) throws -> Bool {
        let wanted = "CREATE VIEW \(DataTables.quoted(view)) AS \(select)"
        let present = try String.fetchOne(
            db, sql: "SELECT sql FROM sqlite_master WHERE type = 'view' AND name = ?", arguments: [view])
        guard present != wanted else { return false }
        try db.execute(sql: "DROP VIEW IF EXISTS \(DataTables.quoted(view)); \(wanted)")
        return true
    }
}
