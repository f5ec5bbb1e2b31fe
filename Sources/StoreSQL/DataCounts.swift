import SyncCore

/// What is asked of data tables: counts, and the rows of small ones.
struct DataCounts {
    let transaction: Transaction

    func count(_ schema: StreamSchema, account: String?) throws -> Int {
        var count = 0
        let all = "SELECT count(*) FROM \(quoted(schema.table))"
        if let account {
            try transaction.sql.rows(built: "\(all) WHERE account_id = ?", .text(account)) { count = $0.int(0) }
        } else {
            try transaction.sql.rows(built: all) { count = $0.int(0) }
        }
        return count
    }

    /// Things of a stream that accounts share, by their ids.
    func things(_ schema: StreamSchema, in workspace: WorkspaceID) throws -> Int {
        var count = 0
        try transaction.sql.rows(
            built: """
                SELECT count(DISTINCT \(quoted(schema.key[1]))) FROM \(quoted(schema.table)) WHERE account_id IN
                    (SELECT external_id FROM accounts WHERE workspace_id = ? AND platform = ?)
                """, .integer(workspace.value), .text(schema.platform.rawValue)
        ) { count = $0.int(0) }
        return count
    }

    /// Whether a stream of days has rows of an account on any of some days.
    func hasRows(_ schema: StreamSchema, account: String, first: String, last: String) throws -> Bool {
        var isFound = false
        try transaction.sql.rows(
            built: "SELECT 1 FROM \(quoted(schema.table)) WHERE account_id = ? AND date BETWEEN ? AND ? LIMIT 1",
            .text(account), .text(first), .text(last)
        ) { _ in isFound = true }
        return isFound
    }

    /// Rows of an account by day; days without a row are left out.
    func days(_ schema: StreamSchema, account: String, first: String, last: String) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        try transaction.sql.rows(
            built: """
                SELECT date, count(*) FROM \(quoted(schema.table))
                WHERE account_id = ? AND date BETWEEN ? AND ? GROUP BY date
                """, .text(account), .text(first), .text(last)
        ) { counts[$0.text(0)] = $0.int(1) }
        return counts
    }

    /// Rows without a value are not counted.
    func tally(_ schema: StreamSchema, account: String, column: String) throws -> [String: Int] {
        guard let type = schema.column(column)?.type else {
            throw StoreError.inconsistent("\(schema.table) has no column \(column)")
        }
        // JSON has no equality; its text has.
        let name = type == .json ? "CAST(\(quoted(column)) AS TEXT)" : quoted(column)
        var counts: [String: Int] = [:]
        try transaction.sql.rows(
            built: """
                SELECT \(name), count(*) FROM \(quoted(schema.table))
                WHERE account_id = ? AND \(name) IS NOT NULL GROUP BY \(name)
                """, .text(account)
        ) { counts[$0.text(0)] = $0.int(1) }
        return counts
    }

    func rows(_ schema: StreamSchema, account: String, by column: String, limit: Int) throws -> [StoredRow] {
        // JSON has no order, and a caller that reads it wants its text.
        let names = schema.columns.map { column in
            column.type == .json ? "CAST(\(quoted(column.name)) AS TEXT)" : quoted(column.name)
        }
        var rows: [StoredRow] = []
        try transaction.sql.rows(
            built: """
                SELECT \(names.joined(separator: ", ")) FROM \(quoted(schema.table))
                WHERE account_id = ? ORDER BY \(quoted(column)) DESC LIMIT ?
                """, .text(account), .integer(Int64(limit))
        ) { row in
            var values: [String: String] = [:]
            for (position, column) in schema.columns.enumerated() {
                values[column.name] = row.optionalText(Int32(position))
            }
            rows.append(StoredRow(values))
        }
        return rows
    }
}
