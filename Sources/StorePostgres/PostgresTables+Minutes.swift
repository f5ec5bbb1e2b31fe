extension PostgresTables {
    /// What was done for each job in each minute, as its writes come: a chunk or a job may take longer than what
    /// people ask for, the last hour. Minutes are counted from 1970, and go when that hour is over.
    static let minutes = """
        CREATE TABLE sync_minutes (
            minute bigint NOT NULL,
            job_id bigint NOT NULL,
            completed_chunks bigint NOT NULL,
            rows_received bigint NOT NULL,
            requests bigint NOT NULL,
            throttled bigint NOT NULL,
            retries bigint NOT NULL,
            PRIMARY KEY (minute, job_id)
        ) WITH (fillfactor = 30);

        """
}
