import StoreSQL
import SyncCore

/// The tables that rows live in, made from the schemas of the streams (design.md, section 5). Keyed by account first,
/// so that a distributed PostgreSQL can shard them by account.
struct PostgresDataTables {
    let connection: PostgresConnection

    /// Makes the stream's table, or adds the columns that a newer schema has. Throws `StoreError.misfit` when it cannot
    /// be brought there without losing data.
    func create(_ schema: StreamSchema) throws {
        let present = try columns(of: schema.table)
        guard !present.isEmpty else {
            let isCut = try PostgresPartitions(connection: connection).chosen() != nil
            try connection.script(PostgresDataTables.definition(of: schema, isCut: isCut))
            return
        }
        let key = try key(of: schema.table)
        guard key == schema.key else {
            throw StoreError.misfit(
                table: schema.table,
                "its key is (\(key.joined(separator: ", "))), not (\(schema.key.joined(separator: ", ")))")
        }
        for column in PostgresDataTables.columns(of: schema) {
            guard let type = present[column.name] else {
                try add(column.name, column.type, to: schema.table)
                continue
            }
            guard type == column.type else {
                throw StoreError.misfit(
                    table: schema.table, "its column \(column.name) is \(type), not \(column.type)")
            }
        }
    }

    /// Fails soon instead of standing in line behind a long query, with everybody else behind it; it is tried again.
    private func add(_ column: String, _ type: String, to table: String) throws {
        try connection.script("SET LOCAL lock_timeout = '3s'")
        try connection.script("ALTER TABLE \(quoted(table)) ADD COLUMN IF NOT EXISTS \(quoted(column)) \(type)")
        try connection.script("SET LOCAL lock_timeout = 0")
    }

    private func columns(of table: String) throws -> [String: String] {
        var found: [String: String] = [:]
        try connection.execute(
            """
            SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute
            WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
            """, [.text(quoted(table))]
        ) { found[$0.text(0)] = $0.text(1) }
        return found
    }

    private func key(of table: String) throws -> [String] {
        var found: [String] = []
        try connection.execute(
            """
            SELECT a.attname::text FROM pg_index AS i
            CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (number, place)
            JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number
            WHERE i.indrelid = to_regclass($1) AND i.indisprimary ORDER BY k.place
            """, [.text(quoted(table))]
        ) { found.append($0.text(0)) }
        return found
    }

    /// The statement that makes the stream's table, in partitions if they are wanted and it is one of days.
    static func definition(of schema: StreamSchema, isCut: Bool = false) -> String {
        let lines = columns(of: schema).map { column in
            let isKey = schema.key.contains(column.name)
            // Ids are compared byte by byte: that is exact, the same everywhere and faster than by a language's rules.
            let collation = isKey && column.type == "text" ? " COLLATE \"C\"" : ""
            return
                "    \(quoted(column.name)) \(column.type)\(collation)"
                + (isKey || column.name == "synced_at" ? " NOT NULL" : "")
        }
        let key = schema.key.map(quoted).joined(separator: ", ")
        return """
            CREATE TABLE \(quoted(schema.table)) (
            \(lines.joined(separator: ",\n")),
                PRIMARY KEY (\(key))
            )\(isCut && PostgresPartitions.fits(schema) ? " PARTITION BY RANGE (\(PostgresPartitions.column))" : "")
            """
    }

    static func columns(of schema: StreamSchema) -> [(name: String, type: String)] {
        schema.columns.map { ($0.name, $0.type.postgresType) } + [
            ("extra", "json"), ("synced_at", "timestamp with time zone"),
        ]
    }
}

extension ColumnType {
    /// As `format_type` names it. `json` and not `jsonb`: it keeps numbers, order and escapes as the platform sent
    /// them, and costs two thirds to write.
    var postgresType: String {
        switch self {
        case .text: "text"
        case .integer, .money, .minorMoney: "bigint"
        case .real: "double precision"
        case .boolean: "boolean"
        case .date: "date"
        case .instant: "timestamp with time zone"
        case .json: "json"
        }
    }
}

/// The views of `ViewText` on a server.
struct PostgresViews {
    let connection: PostgresConnection

    /// Makes the views that the schemas ask for; costs a look when nothing is new.
    func create(for schemas: [StreamSchema]) throws {
        var isNew = false
        let views = ViewText.all(
            of: schemas, minutesSince: { "extract(epoch FROM now() - (\($0))) / 60" },
            text: { "CAST(\($0) AS TEXT) COLLATE \"C\"" })
        for view in views {
            if try replace(view), view.isPerformance { isNew = true }
        }
        guard isNew else { return }
        var parts: [String] = []
        try connection.execute(
            """
            SELECT c.relname::text FROM pg_class AS c
            WHERE c.relkind = 'v' AND c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relname LIKE $1
                AND c.relname <> $2 AND obj_description(c.oid, 'pg_class') LIKE $3
            ORDER BY c.relname
            """,
            [
                .text("%\\\(PerformanceText.suffix)"), .text(PerformanceText.name),
                .text(PerformanceText.beginning + "%"),
            ]
        ) { parts.append($0.text(0)) }
        _ = try replace(PerformanceText.join(of: parts))
    }

    /// True when the view was not there in this form. The server rewrites what it is told, so the form is kept as the
    /// view's comment. It is replaced and not made anew, for people build views of their own on it.
    private func replace(_ view: ViewText) throws -> Bool {
        var present: (isView: Bool, columns: [String], form: String?)?
        try connection.execute(
            """
            SELECT c.relkind = 'v', obj_description(c.oid, 'pg_class'),
                (SELECT string_agg(a.attname::text, ',' ORDER BY a.attnum) FROM pg_attribute AS a
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
            FROM pg_class AS c
            WHERE c.relname = $1 AND c.relnamespace = quote_ident(current_schema())::regnamespace
            """, [.text(view.name)]
        ) {
            let columns = $0.optionalText(2) ?? ""
            present = ($0.bool(0), columns.split(separator: ",").map(String.init), $0.optionalText(1))
        }
        if let present {
            if present.form == view.select { return false }
            try view.refuseOthers(isView: present.isView, columns: present.columns)
        }
        let comment = view.select.replacing("'", with: "''")
        try connection.script(
            """
            CREATE OR REPLACE VIEW \(quoted(view.name)) AS \(view.select);
            COMMENT ON VIEW \(quoted(view.name)) IS '\(comment)'
            """)
        return true
    }
}
