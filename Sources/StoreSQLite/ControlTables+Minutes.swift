extension ControlTables {
    /// The numbers of a job as they stood before what a minute brought, of each minute in which they changed: a run
    /// may take longer than what people ask for, the last hour. Minutes are counted from 1970, and go when that hour is
    /// over.
    static let minutes = """
        CREATE TABLE sync_minutes (
            minute INTEGER NOT NULL,
            job_id INTEGER NOT NULL,
            rows_received INTEGER NOT NULL,
            requests INTEGER NOT NULL,
            throttled INTEGER NOT NULL,
            retries INTEGER NOT NULL,
            PRIMARY KEY (minute, job_id)
        ) STRICT, WITHOUT ROWID;

        """
}
