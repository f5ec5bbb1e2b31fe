import GRDB
import StoreSQL
import SyncCore

/// The views of `ViewText` in a file.
enum DataViews {
    /// Makes the views that the schemas ask for; costs a look when nothing is new.
    static func create(for schemas: [StreamSchema], in db: Database) throws {
        var isNew = false
        let views = ViewText.all(
            of: schemas, minutesSince: { "(julianday('now') - julianday(\($0))) * 1440" },
            text: { "CAST(\($0) AS TEXT)" })
        for view in views {
            if try replace(view, in: db), view.isPerformance { isNew = true }
        }
        guard isNew else { return }
        let parts = try String.fetchAll(
            db,
            sql: """
                SELECT name FROM sqlite_master WHERE type = 'view' AND name LIKE ?
                    AND sql LIKE 'CREATE VIEW "' || name || '" AS ' || ? || '%' ORDER BY name
                """, arguments: ["%\(PerformanceText.suffix)", PerformanceText.beginning])
        _ = try replace(PerformanceText.join(of: parts), in: db)
    }

    /// True when the view was not there in this form.
    private static func replace(_ view: ViewText, in db: Database) throws -> Bool {
        let wanted = "CREATE VIEW \(quoted(view.name)) AS \(view.select)"
        let present = try Row.fetchOne(
            db, sql: "SELECT type, sql FROM sqlite_master WHERE type IN ('view', 'table') AND name = ? COLLATE NOCASE",
            arguments: [view.name])
        if let present {
            if present["sql"] == wanted { return false }
            try view.refuseOthers(
                isView: present["type"] == "view", columns: try db.columns(in: view.name).map(\.name))
        }
        try db.execute(sql: "DROP VIEW IF EXISTS \(quoted(view.name)); \(wanted)")
        return true
    }
}
