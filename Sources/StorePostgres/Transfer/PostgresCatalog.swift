import StoreSQL
import StoreTransfer

/// The tables of the database's schema as they travel.
struct PostgresCatalog {
    let connection: PostgresConnection

    /// All tables that are ours, in their order.
    func layouts() throws -> [TableLayout] {
        var columns: [String: [TableLayout.Column]] = [:]
        let keys = try keys()
        var strange: [String: TransferError] = [:]
        // Partitions are part of their table; what is computed is not stored.
        try connection.execute(
            """
            SELECT c.relname::text, a.attname::text, format_type(a.atttypid, NULL)
            FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
            WHERE c.relnamespace = quote_ident(current_schema())::regnamespace
                AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            ORDER BY c.relname, a.attnum
            """
        ) { row in
            let (table, column, type) = (row.text(0), row.text(1), row.text(2))
            let kind = ValueKind(postgres: type)
            if kind == nil { strange[table] = .strangeColumn(table: table, column: column, type: type) }
            columns[table, default: []].append(TableLayout.Column(column, kind ?? .text))
        }
        var layouts: [TableLayout] = []
        for (table, columns) in columns where !TransferCatalog.local.contains(table) {
            let isControl = TransferCatalog.control.contains(table)
            let key = keys[table] ?? []
            guard isControl || TableLayout.isStream(columns: columns.map(\.name), key: key) else { continue }
            if let error = strange[table] { throw error }
            layouts.append(TableLayout(table, columns: columns, key: key, isControl: isControl))
        }
        return TransferCatalog.sorted(layouts)
    }

    private func keys() throws -> [String: [String]] {
        var keys: [String: [String]] = [:]
        try connection.execute(
            """
            SELECT c.relname::text, a.attname::text FROM pg_index AS i
            JOIN pg_class AS c ON c.oid = i.indrelid
            CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (number, place)
            JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number
            WHERE c.relnamespace = quote_ident(current_schema())::regnamespace
                AND i.indisprimary ORDER BY c.relname, k.place
            """
        ) { keys[$0.text(0), default: []].append($0.text(1)) }
        return keys
    }

    /// How many bytes the integers of a table's columns have.
    func widths(of table: String) throws -> [String: Int] {
        var widths: [String: Int] = [:]
        try connection.execute(
            """
            SELECT attname::text, attlen::integer FROM pg_attribute
            WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
            """, [.text(quoted(table))]
        ) { widths[$0.text(0)] = $0.int(1) }
        return widths
    }

    /// A table of ours that has rows; nil when there is none. A new database has one workspace.
    func tableWithRows() throws -> String? {
        for layout in try layouts() where layout.name != "workspaces" {
            var hasRows = false
            try connection.execute(.once("SELECT EXISTS (SELECT FROM \(quoted(layout.name)))")) { hasRows = $0.bool(0) }
            if hasRows { return layout.name }
        }
        return nil
    }

    func has(_ table: String) throws -> Bool {
        var isThere = false
        try connection.execute("SELECT to_regclass($1) IS NOT NULL", [.text(quoted(table))]) { isThere = $0.bool(0) }
        return isThere
    }

    /// Whether the schema in which tables are made has something of that name.
    func isTaken(_ name: String) throws -> Bool {
        var isTaken = false
        try connection.execute(
            "SELECT to_regclass(quote_ident(current_schema()) || '.' || $1) IS NOT NULL", [.text(quoted(name))]
        ) { isTaken = $0.bool(0) }
        return isTaken
    }
}

extension ValueKind {
    /// Nil for a type that no column of ours has.
    fileprivate init?(postgres type: String) {
        switch type {
        case "bigint", "integer", "smallint": self = .integer
        case "double precision": self = .real
        case "boolean": self = .boolean
        case "text", "character varying": self = .text
        case "json": self = .json
        case "date": self = .day
        case "timestamp with time zone": self = .instant
        case "bytea": self = .bytes
        default: return nil
        }
    }
}
