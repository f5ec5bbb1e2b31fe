extension PostgresTables {
    /// Stored sums beside the platform's own totals. `rest` is what the platform counts and has no row for, as it
    /// should be. Money is in millionths of the account's currency.
    static let certificates = """
        CREATE TABLE certificates (
            account_id bigint NOT NULL REFERENCES accounts(id),
            stream text COLLATE "C" NOT NULL,
            date date NOT NULL,
            state text NOT NULL,
            -- Stored for the day.
            rows bigint NOT NULL,
            stored_rows bigint, source_rows bigint, rest_rows bigint,
            stored_impressions bigint, source_impressions bigint, rest_impressions bigint,
            stored_clicks bigint, source_clicks bigint, rest_clicks bigint,
            stored_orders bigint, source_orders bigint, rest_orders bigint,
            stored_cost_micros bigint, source_cost_micros bigint, rest_cost_micros bigint,
            stored_revenue_micros bigint, source_revenue_micros bigint, rest_revenue_micros bigint,
            job_id bigint,
            checked_at timestamptz NOT NULL,
            PRIMARY KEY (account_id, date, stream)
        );

        """

    /// The currency has a column of its own. Of an account that is known to have several, what was proven of all of
    /// them together is proven of none.
    static let currencies = """
        -- Of an account with several; '' where there is only one, and of days without any.
        ALTER TABLE certificates ADD COLUMN currency text COLLATE "C" NOT NULL DEFAULT '',
            DROP CONSTRAINT certificates_pkey, ADD PRIMARY KEY (account_id, date, stream, currency);
        \(currenciesApart)
        """

    /// For what was written before: `actions EUR` was a stream then. Backups of that time are still restored.
    static let currenciesApart = """
        UPDATE certificates SET stream = split_part(stream, ' ', 1), currency = split_part(stream, ' ', 2)
        WHERE strpos(stream, ' ') > 0;
        DELETE FROM certificates WHERE currency = '' AND rows > 0 AND (account_id, stream) IN (
            SELECT account_id, stream FROM certificates WHERE currency <> ''
            GROUP BY account_id, stream HAVING count(DISTINCT currency) > 1);

        """
}
