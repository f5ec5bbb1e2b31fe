extension ControlTables {
    /// What was done for each job in each minute, as its writes come: a chunk or a job may take longer than what
    /// people ask for, the last hour. Minutes are counted from 1970, and go when that hour is over.
    static let minutes = """
        CREATE TABLE sync_minutes (
            minute INTEGER NOT NULL,
            job_id INTEGER NOT NULL,
            completed_chunks INTEGER NOT NULL,
            rows_received INTEGER NOT NULL,
            requests INTEGER NOT NULL,
            throttled INTEGER NOT NULL,
            retries INTEGER NOT NULL,
            PRIMARY KEY (minute, job_id)
        ) STRICT, WITHOUT ROWID;

        """
}
