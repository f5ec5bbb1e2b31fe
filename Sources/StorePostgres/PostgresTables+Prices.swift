extension PostgresTables {
    /// What was told beforehand of what was asked for, and the newest jobs of an account.
    static let promises = """
        -- Calls, or points where the platform counts those, and when all was to be there; NULL when nobody knew.
        ALTER TABLE sync_requests ADD COLUMN promised_points bigint;
        ALTER TABLE sync_requests ADD COLUMN promised_until timestamptz;
        CREATE INDEX sync_jobs_newest ON sync_jobs (account_id, id);

        """
}
