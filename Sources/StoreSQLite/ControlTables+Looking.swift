extension ControlTables {
    /// For those who look at runs: how often one was cut smaller, the platform's number of a call that failed, and ways
    /// to the runs of some hours, of a schedule, of what was asked for at once.
    static let looking = """
        ALTER TABLE sync_jobs ADD COLUMN splits INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE sync_chunks ADD COLUMN splits INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE sync_chunks ADD COLUMN error_trace TEXT;
        CREATE INDEX sync_jobs_hours ON sync_jobs (workspace_id, created_at, status);
        CREATE INDEX sync_jobs_throttled ON sync_jobs (workspace_id, created_at) WHERE throttled > 0;
        CREATE INDEX schedule_run_jobs_job ON schedule_run_jobs (job_id);
        CREATE INDEX sync_request_jobs_job ON sync_request_jobs (job_id);
        CREATE INDEX accounts_external ON accounts (platform, external_id);

        """
}
