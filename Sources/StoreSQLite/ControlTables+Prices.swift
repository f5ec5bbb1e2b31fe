extension ControlTables {
    /// What was told beforehand of what was asked for.
    static let promises = """
        -- Calls, or points where the platform counts those, and when all was to be there; NULL when nobody knew.
        ALTER TABLE sync_requests ADD COLUMN promised_points INTEGER;
        ALTER TABLE sync_requests ADD COLUMN promised_until TEXT;

        """
}
