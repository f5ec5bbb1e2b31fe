extension ControlTables {
    /// Stored sums beside the platform's own totals. `rest` is what the platform counts and has no row for, as it
    /// should be. Money is in millionths of the account's currency.
    static let certificates = """
        CREATE TABLE certificates (
            account_id INTEGER NOT NULL REFERENCES accounts(id),
            stream TEXT NOT NULL,
            date TEXT NOT NULL,
            state TEXT NOT NULL,
            -- Stored for the day.
            rows INTEGER NOT NULL,
            stored_rows INTEGER, source_rows INTEGER, rest_rows INTEGER,
            stored_impressions INTEGER, source_impressions INTEGER, rest_impressions INTEGER,
            stored_clicks INTEGER, source_clicks INTEGER, rest_clicks INTEGER,
            stored_orders INTEGER, source_orders INTEGER, rest_orders INTEGER,
            stored_cost_micros INTEGER, source_cost_micros INTEGER, rest_cost_micros INTEGER,
            stored_revenue_micros INTEGER, source_revenue_micros INTEGER, rest_revenue_micros INTEGER,
            job_id INTEGER,
            checked_at TEXT NOT NULL,
            PRIMARY KEY (account_id, date, stream)
        ) STRICT, WITHOUT ROWID;

        """

    /// The currency has a column of its own. Of an account that is known to have several, what was proven of all of
    /// them together is proven of none.
    static let currencies = """
        ALTER TABLE certificates RENAME TO certificates_before;
        CREATE TABLE certificates (
            account_id INTEGER NOT NULL REFERENCES accounts(id),
            stream TEXT NOT NULL,
            -- Of an account with several; '' where there is only one, and of days without any.
            currency TEXT NOT NULL DEFAULT '',
            date TEXT NOT NULL,
            state TEXT NOT NULL,
            -- Stored for the day.
            rows INTEGER NOT NULL,
            stored_rows INTEGER, source_rows INTEGER, rest_rows INTEGER,
            stored_impressions INTEGER, source_impressions INTEGER, rest_impressions INTEGER,
            stored_clicks INTEGER, source_clicks INTEGER, rest_clicks INTEGER,
            stored_orders INTEGER, source_orders INTEGER, rest_orders INTEGER,
            stored_cost_micros INTEGER, source_cost_micros INTEGER, rest_cost_micros INTEGER,
            stored_revenue_micros INTEGER, source_revenue_micros INTEGER, rest_revenue_micros INTEGER,
            job_id INTEGER,
            checked_at TEXT NOT NULL,
            PRIMARY KEY (account_id, date, stream, currency)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO certificates
        SELECT account_id, stream, '', date, state, rows,
            stored_rows, source_rows, rest_rows, stored_impressions, source_impressions, rest_impressions,
            stored_clicks, source_clicks, rest_clicks, stored_orders, source_orders, rest_orders,
            stored_cost_micros, source_cost_micros, rest_cost_micros,
            stored_revenue_micros, source_revenue_micros, rest_revenue_micros, job_id, checked_at
        FROM certificates_before;
        DROP TABLE certificates_before;
        \(currenciesApart)
        """

    /// For what was written before: `actions EUR` was a stream then. Backups of that time are still restored.
    static let currenciesApart = """
        UPDATE certificates
        SET stream = substr(stream, 1, instr(stream, ' ') - 1), currency = substr(stream, instr(stream, ' ') + 1)
        WHERE instr(stream, ' ') > 0;
        DELETE FROM certificates WHERE currency = '' AND rows > 0 AND (account_id, stream) IN (
            SELECT account_id, stream FROM certificates WHERE currency <> ''
            GROUP BY account_id, stream HAVING count(DISTINCT currency) > 1);

        """
}
