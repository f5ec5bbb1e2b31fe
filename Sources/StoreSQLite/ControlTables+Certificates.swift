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
}
