import SyncCore

/// `certificates`: stored sums beside the platform's own totals, by account, stream and day. Of an account with several
/// currencies there is a row for each.
struct CertificateTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    func write(_ certificates: [Certificate], account: Int64) throws {
        guard !certificates.isEmpty else { return }
        // One that was written of all currencies together, by an older version or while the day had nothing, is over.
        try sql.runEach(
            "DELETE FROM certificates WHERE account_id = ? AND date = ? AND stream = ? AND currency = ''",
            certificates.filter { $0.currency != nil }.map {
                [.integer(account), .text($0.day.description), .text($0.stream.rawValue)]
            })
        try sql.runEach(
            """
            INSERT INTO certificates (account_id, stream, currency, date, state, rows, job_id, checked_at,
                stored_rows, source_rows, rest_rows, stored_impressions, source_impressions, rest_impressions,
                stored_clicks, source_clicks, rest_clicks, stored_orders, source_orders, rest_orders,
                stored_cost_micros, source_cost_micros, rest_cost_micros,
                stored_revenue_micros, source_revenue_micros, rest_revenue_micros)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (account_id, date, stream, currency) DO UPDATE SET
                state = excluded.state, rows = excluded.rows, job_id = excluded.job_id,
                checked_at = excluded.checked_at,
                stored_rows = excluded.stored_rows, source_rows = excluded.source_rows,
                rest_rows = excluded.rest_rows, stored_impressions = excluded.stored_impressions,
                source_impressions = excluded.source_impressions, rest_impressions = excluded.rest_impressions,
                stored_clicks = excluded.stored_clicks, source_clicks = excluded.source_clicks,
                rest_clicks = excluded.rest_clicks, stored_orders = excluded.stored_orders,
                source_orders = excluded.source_orders, rest_orders = excluded.rest_orders,
                stored_cost_micros = excluded.stored_cost_micros, source_cost_micros = excluded.source_cost_micros,
                rest_cost_micros = excluded.rest_cost_micros,
                stored_revenue_micros = excluded.stored_revenue_micros,
                source_revenue_micros = excluded.source_revenue_micros,
                rest_revenue_micros = excluded.rest_revenue_micros
            """,
            certificates.map { certificate in
                [
                    .integer(account), .text(certificate.stream.rawValue), .text(certificate.currency ?? ""),
                    .text(certificate.day.description), .text(certificate.state.rawValue), .integer(certificate.rows),
                    .integer(certificate.job?.value), .text(transaction.nowText),
                ]
                    + CertificateTable.measures.flatMap { measure -> [Bound] in
                        [
                            .integer(certificate.stored[measure]), .integer(certificate.source[measure]),
                            .integer(certificate.rest[measure]),
                        ]
                    }
            })
    }

    /// In the order of the table's columns.
    private static let measures: [Measure] = [.rows, .impressions, .clicks, .orders, .cost, .revenue]

    private static let columns = """
        stream, currency, date, state, rows, job_id, checked_at,
        stored_rows, source_rows, rest_rows, stored_impressions, source_impressions, rest_impressions,
        stored_clicks, source_clicks, rest_clicks, stored_orders, source_orders, rest_orders,
        stored_cost_micros, source_cost_micros, rest_cost_micros,
        stored_revenue_micros, source_revenue_micros, rest_revenue_micros
        """

    func certificates(account: AccountID, days: DayRange?, limit: Int) throws -> [Certificate] {
        var found: [Certificate] = []
        try sql.rows(
            built: """
                SELECT \(CertificateTable.columns) FROM certificates
                WHERE account_id = ? AND date BETWEEN ? AND ? ORDER BY date DESC, stream, currency LIMIT ?
                """,
            .integer(account.value), .text(days?.first.description ?? DigestTable.firstDay),
            .text(days?.last.description ?? DigestTable.lastDay), .integer(limit)
        ) { row in
            guard let day = try row.optionalDay(2) else { throw StoreError.inconsistent("a certificate without a day") }
            let currency = row.text(1)
            found.append(
                Certificate(
                    stream: StreamID(row.text(0)), day: day, currency: currency.isEmpty ? nil : currency,
                    state: try row.word(3), rows: row.int(4), stored: CertificateTable.figures(row, from: 7),
                    source: CertificateTable.figures(row, from: 8), rest: CertificateTable.figures(row, from: 9),
                    job: row.optionalInt64(5).map { JobID($0) }, checkedAt: try row.optionalInstant(6)))
        }
        return found
    }

    private static func figures(_ row: ResultRow, from first: Int32) -> Figures {
        var figures = Figures()
        for (place, measure) in measures.enumerated() {
            figures[measure] = row.optionalInt64(first + 3 * Int32(place))
        }
        return figures
    }

    func count(account: AccountID) throws -> ProofCount {
        try sql.first(
            """
            SELECT count(*), coalesce(sum(d.equal), 0), coalesce(sum(d.gap), 0), coalesce(sum(d.repairing), 0),
                max(d.checked_at)
            FROM (
                SELECT date, min(CASE WHEN state IN ('equal', 'repaired') THEN 1 ELSE 0 END) AS equal,
                    max(CASE WHEN state IN ('gap', 'repairing') THEN 1 ELSE 0 END) AS gap,
                    max(CASE WHEN state = 'repairing' THEN 1 ELSE 0 END) AS repairing,
                    max(checked_at) AS checked_at
                FROM certificates WHERE account_id = ? AND state <> 'not_comparable' GROUP BY date
            ) AS d
            """, .integer(account.value)
        ) { row in
            ProofCount(
                days: row.int(0), equal: row.int(1), gaps: row.int(2), repairing: row.int(3),
                checkedAt: try row.optionalInstant(4))
        } ?? ProofCount()
    }
}

extension DataCounts {
    func count(
        _ schema: StreamSchema, account: String, by moment: String, from: Instant, before: Instant
    ) throws -> Int {
        var count = 0
        try transaction.sql.rows(
            built: """
                SELECT count(*) FROM \(quoted(schema.table))
                WHERE account_id = ? AND \(quoted(moment)) >= ? AND \(quoted(moment)) < ?
                """, .text(account), .text(from.description), .text(before.description)
        ) { count = $0.int(0) }
        return count
    }

    func sums(
        _ schema: StreamSchema, account: String, days: DayRange, by column: String?, of entities: EntitySet?
    ) throws -> [Totals.Place: StoredSum] {
        guard let proof = schema.proof else { return [:] }
        let measures = proof.columns.keys.sorted { $0.rawValue < $1.rawValue }
        let sums = measures.map { measure in
            measure == .rows ? "count(*)" : "CAST(sum(\(quoted(proof.columns[measure] ?? ""))) AS BIGINT)"
        }
        var text = "SELECT date, \(column.map(quoted) ?? "NULL"), count(*)\(sums.map { ", " + $0 }.joined())"
        text += " FROM \(quoted(schema.table)) WHERE account_id = ? AND date BETWEEN ? AND ?"
        var values: [Bound] = [.text(account), .text(days.first.description), .text(days.last.description)]
        if let entities {
            let marks = Array(repeating: "?", count: entities.ids.count).joined(separator: ", ")
            text += " AND \(quoted(entities.column)) IN (\(marks))"
            values += entities.ids.map { Bound.text($0) }
        }
        text += " GROUP BY date" + (column.map { ", " + quoted($0) } ?? "")
        var found: [Totals.Place: StoredSum] = [:]
        _ = try transaction.sql.session.run(built: text, values) { row in
            guard let day = try row.optionalDay(0) else { return }
            var figures = Figures()
            for (place, measure) in measures.enumerated() {
                figures[measure] = row.optionalInt64(Int32(3 + place))
            }
            found[Totals.Place(day, row.optionalText(1))] = StoredSum(rows: row.int(2), figures: figures)
        }
        return found
    }
}
