import GRDB
import StoreSQL
import SyncCore

/// The views of `PerformanceText` in a file.
enum PerformanceViews {
    /// Makes the views that the schemas ask for; costs a look when nothing is new.
    static func create(for schemas: [StreamSchema], in db: Database) throws {
        var isNew = false
        for view in schemas.compactMap(PerformanceText.view) {
            if try replace(view.name, view.select, in: db) { isNew = true }
        }
        guard isNew else { return }
        let parts = try String.fetchAll(
            db,
            sql: """
                SELECT name FROM sqlite_master WHERE type = 'view' AND name LIKE ?
                    AND sql LIKE 'CREATE VIEW "' || name || '" AS ' || ? || '%' ORDER BY name
                """, arguments: ["%\(PerformanceText.suffix)", PerformanceText.beginning])
        _ = try replace(PerformanceText.name, PerformanceText.join(of: parts), in: db)
    }

    /// True when the view was not there in this form.
    private static func replace(_ view: String, _ select: String, in db: Database) throws -> Bool {
        let wanted = "CREATE VIEW \(quoted(view)) AS \(select)"
        let present = try Row.fetchOne(
            db, sql: "SELECT type, sql FROM sqlite_master WHERE type IN ('view', 'table') AND name = ? COLLATE NOCASE",
            arguments: [view])
        if let present {
            if present["sql"] == wanted { return false }
            try PerformanceText.refuseOthers(
                view, isView: present["type"] == "view", columns: try db.columns(in: view).map(\.name))
        }
        try db.execute(sql: "DROP VIEW IF EXISTS \(quoted(view)); \(wanted)")
        return true
    }
}
