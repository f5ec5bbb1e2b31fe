import StoreSQL

extension PostgresTables {
    /// Which schedule started a run, and what it was called then: it may be deleted, the run stays.
    static let origins = """
        ALTER TABLE sync_jobs ADD COLUMN schedule_id bigint;
        ALTER TABLE sync_jobs ADD COLUMN schedule_name text;
        \(SyncLogs.origins)
        \(SyncLogs.view("CREATE OR REPLACE VIEW", more: SyncLogs.scheduleColumns))

        """
}
