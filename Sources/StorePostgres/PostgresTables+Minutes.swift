extension PostgresTables {
    /// The numbers of a job as they stood before what a minute brought, of each minute in which they changed: a run
    /// may take longer than what people ask for, the last hour. Minutes are counted from 1970, and go when that hour is
    /// over.
    static let minutes = """
        CREATE TABLE sync_minutes (
            minute bigint NOT NULL,
            job_id bigint NOT NULL,
            rows_received bigint NOT NULL,
            requests bigint NOT NULL,
            throttled bigint NOT NULL,
            retries bigint NOT NULL,
            PRIMARY KEY (minute, job_id)
        );

        """
}
