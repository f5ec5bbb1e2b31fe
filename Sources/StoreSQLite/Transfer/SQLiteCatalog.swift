import GRDB
import StoreSQL
import StoreTransfer

/// The tables of a file as they travel.
struct SQLiteCatalog {
    let db: Database
    let known: KnownKinds

    /// All tables that are ours, in their order.
    func layouts() throws -> [TableLayout] { TransferCatalog.sorted(try tables().compactMap(layout)) }

    /// Names of those that are not.
    func strangers() throws -> [String] {
        try tables().filter { try layout($0) == nil && !TransferCatalog.local.contains($0) }
    }

    private func tables() throws -> [String] {
        try String.fetchAll(
            db,
            sql: """
                SELECT name FROM sqlite_master
                WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name
                """)
    }

    /// Nil for a table of somebody else.
    private func layout(_ name: String) throws -> TableLayout? {
        guard !TransferCatalog.local.contains(name) else { return nil }
        let isControl = TransferCatalog.control.contains(name)
        // Columns that are computed have another number there than 0.
        let rows = try Row.fetchAll(
            db, sql: "SELECT name, type, pk FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid", arguments: [name]
        )
        let columns: [TableLayout.Column] = rows.map { row in
            let column: String = row[0]
            let stored = kind(stored: row[1])
            let kind =
                isControl
                ? stored == .text ? TransferCatalog.kind(ofText: column) : stored
                : known.kind(of: column, in: name, stored: stored)
            return TableLayout.Column(column, kind)
        }
        let parts = rows.map { (name: $0[0] as String, place: $0[2] as Int) }
        let key = parts.filter { $0.place > 0 }.sorted { $0.place < $1.place }.map(\.name)
        guard isControl || TableLayout.isStream(columns: columns.map(\.name), key: key) else { return nil }
        return TableLayout(name, columns: columns, key: key, isControl: isControl)
    }

    /// By the types of STRICT tables.
    private func kind(stored: String) -> ValueKind {
        switch stored.uppercased() {
        case "INTEGER", "INT": .integer
        case "REAL": .real
        case "BLOB": .bytes
        default: .text
        }
    }

    /// The columns by which the table's rows are in order and apart.
    func order(of table: TableLayout) throws -> [String] {
        let hasRowID = try Bool.fetchOne(db, sql: "SELECT wr = 0 FROM pragma_table_list(?)", arguments: [table.name])
        return hasRowID ?? true ? ["t.rowid"] : table.key.map { "t.\(quoted($0))" }
    }
}
