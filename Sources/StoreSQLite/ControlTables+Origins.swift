import StoreSQL

extension ControlTables {
    /// Which schedule started a run, and what it was called then: it may be deleted, the run stays.
    static let origins = """
        ALTER TABLE sync_jobs ADD COLUMN schedule_id INTEGER;
        ALTER TABLE sync_jobs ADD COLUMN schedule_name TEXT;
        \(SyncLogs.origins)
        DROP VIEW \(SyncLogs.name);
        \(SyncLogs.view(more: SyncLogs.scheduleColumns))

        """
}
