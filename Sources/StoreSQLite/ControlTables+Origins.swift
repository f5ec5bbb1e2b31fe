import StoreSQL

extension ControlTables {
    /// Which schedule started a run, and what it was called then: it may be deleted, the run stays.
    static let origins = """
        ALTER TABLE sync_jobs ADD COLUMN schedule_id INTEGER;
        ALTER TABLE sync_jobs ADD COLUMN schedule_name TEXT;
        UPDATE sync_jobs SET schedule_id =
            (SELECT min(r.schedule_id) FROM schedule_run_jobs AS x JOIN schedule_runs AS r ON r.id = x.run_id
                WHERE x.job_id = sync_jobs.id)
        WHERE id IN (SELECT job_id FROM schedule_run_jobs);
        UPDATE sync_jobs SET schedule_name = (SELECT s.name FROM schedules AS s WHERE s.id = sync_jobs.schedule_id)
        WHERE schedule_id IS NOT NULL;
        CREATE INDEX sync_jobs_schedule ON sync_jobs (schedule_id, workspace_id, schedule_name)
        WHERE schedule_id IS NOT NULL;
        DROP VIEW \(SyncLogs.name);
        \(SyncLogs.view(more: SyncLogs.scheduleColumns))

        """
}
