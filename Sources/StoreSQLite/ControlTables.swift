import StoreSQL

/// The control tables (design.md, section 4).
///
/// Moments that the engine compares (`lease_until`, `run_after`, `order_key`, `arrival`, `blocked_until` and
/// the like) are INTEGER microseconds since 1970. Moments that people read (`created_at`, `finished_at`) are
/// TEXT in UTC with milliseconds. Days are TEXT, `2026-11-21`. Lists are JSON text.
enum ControlTables {
    static let first =
        workspaces + connections + accounts + jobs + chunks + quotas + coverage + journal + SyncLogs.view()

    /// What is stored of days that were read whole, so that rows which come again unchanged cost no look-up.
    static let digests = """
        -- Hashes of the rows stored for a day, key and contents; none while a chunk changes the day.
        CREATE TABLE sync_digests (
            account_id INTEGER NOT NULL REFERENCES accounts(id),
            stream TEXT NOT NULL,
            date TEXT NOT NULL,
            hashes BLOB NOT NULL,
            PRIMARY KEY (account_id, stream, date)
        ) STRICT;
        -- The chunk that has read the day from its begin and knows of every change since.
        ALTER TABLE coverage ADD COLUMN reader INTEGER;
        -- Beside each key hash that of the row's contents and its day.
        ALTER TABLE sync_seen ADD COLUMN contents BLOB;

        """

    /// Which rows came in a second listing, so that those which moved between the two are noticed.
    static let listings = """
        ALTER TABLE sync_seen ADD COLUMN is_second INTEGER NOT NULL DEFAULT 0;

        """

    /// What was read of only some streams, or of only some entities of a stream.
    static let partialJobs = """
        ALTER TABLE sync_jobs ADD COLUMN is_partial INTEGER NOT NULL DEFAULT 0;
        -- Ids whose past is read or planned, where coverage does not tell.
        ALTER TABLE stream_states ADD COLUMN begun TEXT NOT NULL DEFAULT '[]';

        """

    /// Who does what, who does upkeep for all, and which jobs have no finished chunks left.
    static let upkeep = """
        CREATE TABLE leaders (
            name TEXT PRIMARY KEY,
            holder TEXT NOT NULL,
            epoch INTEGER NOT NULL,
            lease_until INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        -- The process that did it.
        ALTER TABLE events ADD COLUMN worker TEXT;
        ALTER TABLE sync_jobs ADD COLUMN is_pruned INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX sync_jobs_prunable ON sync_jobs (finished_at) WHERE finished_at IS NOT NULL AND is_pruned = 0;

        """

    /// When a size was refused.
    static let refusals = """
        ALTER TABLE stream_states ADD COLUMN refused_at INTEGER;

        """

    /// Limits that the user has set, and a way to those that are blocked among those of all accounts.
    static let setLimits = """
        ALTER TABLE quotas ADD COLUMN set_points REAL;
        ALTER TABLE quotas ADD COLUMN set_period INTEGER;
        ALTER TABLE quotas ADD COLUMN set_burst REAL;
        CREATE INDEX quotas_blocked ON quotas(blocked_until) WHERE blocked_until IS NOT NULL;

        """

    /// What is done by the clock, and what was done so far.
    static let schedules = """
        CREATE TABLE schedules (
            id INTEGER PRIMARY KEY,
            workspace_id INTEGER NOT NULL DEFAULT 1 REFERENCES workspaces(id),
            name TEXT NOT NULL,
            task TEXT NOT NULL,
            -- Accounts, connections, platforms.
            targets TEXT NOT NULL,
            streams TEXT NOT NULL,
            -- `every 15m`, `at 08:00 on mon,fri`, `cron 0 6 1 * *`, by the clocks of the zone.
            recurrence TEXT NOT NULL,
            time_zone TEXT NOT NULL,
            date_range TEXT NOT NULL,
            start_date TEXT,
            end_date TEXT,
            missed_policy TEXT NOT NULL,
            max_runs_per_day INTEGER,
            is_active INTEGER NOT NULL,
            -- NULL while it is off.
            next_run_at INTEGER,
            -- Parked connections that were told of.
            held TEXT NOT NULL DEFAULT '[]',
            version INTEGER NOT NULL DEFAULT 1,
            created_at TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            UNIQUE (workspace_id, name)
        ) STRICT;
        CREATE INDEX schedules_due ON schedules (next_run_at) WHERE next_run_at IS NOT NULL;

        CREATE TABLE schedule_runs (
            id INTEGER PRIMARY KEY,
            schedule_id INTEGER NOT NULL REFERENCES schedules(id),
            -- The moment that it is for.
            planned_at INTEGER NOT NULL,
            is_manual INTEGER NOT NULL DEFAULT 0,
            status TEXT NOT NULL,
            started_at TEXT NOT NULL,
            finished_at TEXT,
            UNIQUE (schedule_id, planned_at)
        ) STRICT;
        -- No two runs of one schedule at once.
        CREATE UNIQUE INDEX schedule_runs_busy ON schedule_runs (schedule_id)
        WHERE status IN ('pending', 'in_progress');
        CREATE INDEX schedule_runs_unended ON schedule_runs (id) WHERE finished_at IS NULL;
        CREATE INDEX schedule_runs_started ON schedule_runs (schedule_id, started_at);

        CREATE TABLE schedule_run_jobs (
            run_id INTEGER NOT NULL REFERENCES schedule_runs(id),
            account_id INTEGER NOT NULL REFERENCES accounts(id),
            job_id INTEGER NOT NULL REFERENCES sync_jobs(id),
            PRIMARY KEY (run_id, account_id)
        ) STRICT, WITHOUT ROWID;

        """

    /// Where rows go on to, and what waits for that.
    static let outbox = """
        ALTER TABLE accounts ADD COLUMN destination_id INTEGER;
        ALTER TABLE accounts ADD COLUMN keeps_rows INTEGER NOT NULL DEFAULT 1;
        -- Since when rows go on to the destination.
        ALTER TABLE accounts ADD COLUMN routed_at TEXT;
        -- Its short name in addresses.
        ALTER TABLE accounts ADD COLUMN handle TEXT;

        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY,
            -- The one that receives, and the one from which it comes.
            account_id INTEGER NOT NULL REFERENCES accounts(id),
            source_id INTEGER NOT NULL REFERENCES accounts(id),
            kind TEXT NOT NULL,
            subject TEXT NOT NULL,
            item TEXT NOT NULL,
            version TEXT NOT NULL,
            hash INTEGER NOT NULL,
            body TEXT NOT NULL,
            -- 0 while the rest of its subject is about to come.
            is_ready INTEGER NOT NULL,
            tries INTEGER NOT NULL DEFAULT 0,
            -- Calls in a row that got no answer to it; whether the last of them is still to be counted as a try:
            -- it is when the receiver takes another thing of the kind.
            failures INTEGER NOT NULL DEFAULT 0,
            is_doubted INTEGER NOT NULL DEFAULT 0,
            run_after INTEGER,
            failed_at TEXT,
            error_code TEXT,
            error_message TEXT,
            created_at TEXT NOT NULL,
            UNIQUE (account_id, kind, subject, item)
        ) STRICT;
        CREATE INDEX outbox_waiting ON outbox (account_id, id) WHERE failed_at IS NULL;
        CREATE INDEX outbox_failing ON outbox (account_id, kind, subject) WHERE failures > 0;

        -- The state in which things were sent last.
        CREATE TABLE outbox_sent (
            account_id INTEGER NOT NULL REFERENCES accounts(id),
            kind TEXT NOT NULL,
            subject TEXT NOT NULL,
            item TEXT NOT NULL,
            version TEXT NOT NULL,
            hash INTEGER NOT NULL,
            sent_at TEXT NOT NULL,
            PRIMARY KEY (account_id, kind, subject, item)
        ) STRICT, WITHOUT ROWID;

        """

    private static let workspaces = """
        CREATE TABLE workspaces (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            -- The fair queue's clock: the virtual time of the account that was served last.
            virtual_time REAL NOT NULL DEFAULT 0,
            created_at TEXT NOT NULL
        ) STRICT;
        INSERT INTO workspaces (id, name, created_at)
        VALUES (1, 'default', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));

        CREATE TABLE settings (
            name TEXT PRIMARY KEY,
            value TEXT NOT NULL,
            updated_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        """

    private static let connections = """
        CREATE TABLE connections (
            id INTEGER PRIMARY KEY,
            workspace_id INTEGER NOT NULL DEFAULT 1 REFERENCES workspaces(id),
            platform TEXT NOT NULL,
            name TEXT NOT NULL,
            base_url TEXT NOT NULL,
            sealed BLOB NOT NULL,
            version INTEGER NOT NULL,
            configuration TEXT NOT NULL,
            parked_at TEXT,
            parked_code TEXT,
            parked_message TEXT,
            parked_advice TEXT,
            parked_trace TEXT,
            created_at TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            UNIQUE (workspace_id, platform, name, base_url)
        ) STRICT;

        """

    private static let accounts = """
        CREATE TABLE accounts (
            id INTEGER PRIMARY KEY,
            workspace_id INTEGER NOT NULL DEFAULT 1 REFERENCES workspaces(id),
            connection_id INTEGER NOT NULL REFERENCES connections(id),
            platform TEXT NOT NULL,
            external_id TEXT NOT NULL,
            name TEXT NOT NULL,
            currency TEXT NOT NULL,
            time_zone TEXT NOT NULL,
            created_on TEXT,
            phase_1_completed_at TEXT,
            phase_2_completed_at TEXT,
            last_synced_at TEXT,
            -- Weighted fair queueing: each claimed chunk moves the account on by 1 / weight.
            virtual_time REAL NOT NULL DEFAULT 0,
            weight REAL NOT NULL DEFAULT 1 CHECK (weight > 0),
            created_at TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            UNIQUE (connection_id, external_id)
        ) STRICT;

        CREATE TABLE stream_states (
            account_id INTEGER NOT NULL REFERENCES accounts(id),
            stream TEXT NOT NULL,
            size REAL,
            ceiling REAL,
            density REAL,
            page_size INTEGER,
            good_pages INTEGER NOT NULL DEFAULT 0,
            dropped TEXT NOT NULL DEFAULT '{}',
            seconds REAL,
            worst_seconds REAL,
            fixed_size REAL,
            learned_at TEXT,
            swept_at INTEGER,
            changed_up_to INTEGER,
            PRIMARY KEY (account_id, stream)
        ) STRICT, WITHOUT ROWID;

        """

    private static let jobs = """
        CREATE TABLE sync_jobs (
            id INTEGER PRIMARY KEY,
            workspace_id INTEGER NOT NULL DEFAULT 1 REFERENCES workspaces(id),
            account_id INTEGER NOT NULL REFERENCES accounts(id),
            kind TEXT NOT NULL,
            work_class TEXT NOT NULL,
            status TEXT NOT NULL,
            wait_reason TEXT,
            phase TEXT NOT NULL,
            streams TEXT NOT NULL,
            steps TEXT NOT NULL,
            requested_from TEXT,
            requested_to TEXT,
            anchor_date TEXT NOT NULL,
            recent_from TEXT,
            recent_to TEXT,
            history_from TEXT,
            history_to TEXT,
            not_offered_from TEXT,
            not_offered_to TEXT,
            -- Streams and range: of two open jobs of an account they differ.
            unique_key TEXT NOT NULL,
            total_steps INTEGER NOT NULL,
            planned_steps INTEGER NOT NULL DEFAULT 0,
            -- Chunks of the step that was planned last.
            step_chunks INTEGER NOT NULL DEFAULT 0,
            open_chunks INTEGER NOT NULL DEFAULT 0,
            total_chunks INTEGER NOT NULL DEFAULT 0,
            completed_chunks INTEGER NOT NULL DEFAULT 0,
            failed_chunks INTEGER NOT NULL DEFAULT 0,
            cancelled_chunks INTEGER NOT NULL DEFAULT 0,
            progress_percentage INTEGER GENERATED ALWAYS AS (
                CASE
                    WHEN status = 'completed' THEN 100
                    WHEN planned_steps = 0 OR total_steps = 0 THEN 0
                    WHEN step_chunks = 0 THEN min(99, 100 * planned_steps / total_steps)
                    ELSE min(99, (100 * (planned_steps - 1)
                        + 100 * max(0, step_chunks - open_chunks) / step_chunks) / total_steps)
                END) VIRTUAL,
            max_retries INTEGER NOT NULL,
            retry_count INTEGER NOT NULL DEFAULT 0,
            rows_received INTEGER NOT NULL DEFAULT 0,
            rows_written INTEGER NOT NULL DEFAULT 0,
            requests INTEGER NOT NULL DEFAULT 0,
            throttled INTEGER NOT NULL DEFAULT 0,
            retries INTEGER NOT NULL DEFAULT 0,
            bytes INTEGER NOT NULL DEFAULT 0,
            busy_microseconds INTEGER NOT NULL DEFAULT 0,
            error_class TEXT,
            error_message TEXT,
            created_at TEXT NOT NULL,
            started_at TEXT,
            finished_at TEXT,
            actual_duration_seconds REAL
        ) STRICT;

        CREATE UNIQUE INDEX sync_jobs_open ON sync_jobs (account_id, unique_key)
        WHERE status IN ('pending', 'in_progress', 'waiting');
        CREATE INDEX sync_jobs_idle ON sync_jobs (id)
        WHERE open_chunks = 0 AND status IN ('pending', 'in_progress', 'waiting');
        CREATE INDEX sync_jobs_account ON sync_jobs (account_id);

        """

    private static let chunks = """
        CREATE TABLE sync_chunks (
            id INTEGER PRIMARY KEY,
            job_id INTEGER NOT NULL REFERENCES sync_jobs(id),
            account_id INTEGER NOT NULL REFERENCES accounts(id),
            stream TEXT NOT NULL,
            stage TEXT NOT NULL,
            phase TEXT NOT NULL,
            work_class TEXT NOT NULL,
            status TEXT NOT NULL,
            wait_reason TEXT,
            -- Not before that moment; NULL for at once, and while the connection is parked.
            run_after INTEGER,
            -- Creation time plus what the class stands back: everything ages towards the front.
            order_key INTEGER NOT NULL,
            fence INTEGER NOT NULL DEFAULT 0,
            worker TEXT,
            lease_until INTEGER,
            retry_count INTEGER NOT NULL DEFAULT 0,
            max_retries INTEGER NOT NULL,
            -- Leases that ran out since the chunk last got on; the third sets it aside.
            crash_count INTEGER NOT NULL DEFAULT 0,
            batches INTEGER NOT NULL DEFAULT 0,
            rows INTEGER NOT NULL DEFAULT 0,
            rows_written INTEGER NOT NULL DEFAULT 0,
            requests INTEGER NOT NULL DEFAULT 0,
            throttled INTEGER NOT NULL DEFAULT 0,
            retries INTEGER NOT NULL DEFAULT 0,
            bytes INTEGER NOT NULL DEFAULT 0,
            actual_duration_seconds REAL NOT NULL DEFAULT 0,
            start_date TEXT,
            end_date TEXT,
            mode TEXT NOT NULL DEFAULT '',
            entity_column TEXT,
            entities TEXT,
            fields TEXT,
            cursor TEXT,
            error_class TEXT,
            error_code TEXT,
            error_message TEXT,
            advice TEXT,
            created_at TEXT NOT NULL,
            started_at TEXT,
            finished_at TEXT
        ) STRICT;

        -- What may be claimed now, by account in order. Finished chunks are in none of these but the second.
        CREATE INDEX sync_chunks_ready ON sync_chunks (account_id, order_key)
        WHERE status = 'pending' AND run_after IS NULL;
        CREATE INDEX sync_chunks_job ON sync_chunks (job_id);
        CREATE INDEX sync_chunks_timed ON sync_chunks (run_after) WHERE run_after IS NOT NULL;
        CREATE INDEX sync_chunks_leased ON sync_chunks (lease_until) WHERE status = 'in_progress';
        CREATE INDEX sync_chunks_parked ON sync_chunks (account_id) WHERE wait_reason = 'credential';
        CREATE INDEX sync_chunks_failed ON sync_chunks (job_id) WHERE status = 'failed';

        -- Hashes of the keys that a chunk has read so far, a row per batch; gone when the chunk is done.
        CREATE TABLE sync_seen (
            chunk_id INTEGER NOT NULL REFERENCES sync_chunks(id),
            batch INTEGER NOT NULL,
            key_hashes BLOB NOT NULL,
            PRIMARY KEY (chunk_id, batch)
        ) STRICT;

        """

    private static let quotas = """
        CREATE TABLE quotas (
            key TEXT PRIMARY KEY,
            limit_points REAL NOT NULL,
            limit_period INTEGER NOT NULL,
            limit_burst REAL NOT NULL,
            arrival INTEGER NOT NULL,
            blocked_until INTEGER,
            pace REAL NOT NULL,
            paced_at INTEGER NOT NULL,
            strikes INTEGER NOT NULL,
            reported_use REAL,
            updated_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        """

    private static let coverage = """
        CREATE TABLE coverage (
            account_id INTEGER NOT NULL REFERENCES accounts(id),
            stream TEXT NOT NULL,
            date TEXT NOT NULL,
            state TEXT NOT NULL,
            rows INTEGER NOT NULL DEFAULT 0,
            read_at TEXT,
            settled_at TEXT,
            -- The last job that planned the day, and its chunks that still cover it or failed to read it.
            job_id INTEGER,
            open_chunks INTEGER NOT NULL DEFAULT 0,
            failed_chunks INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (account_id, stream, date)
        ) STRICT, WITHOUT ROWID;

        """

    private static let journal = """
        CREATE TABLE events (
            id INTEGER PRIMARY KEY,
            workspace_id INTEGER NOT NULL DEFAULT 1,
            at TEXT NOT NULL,
            job_id INTEGER,
            account_id INTEGER,
            kind TEXT NOT NULL,
            text TEXT NOT NULL,
            -- 1 when a job says this only once.
            once INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE UNIQUE INDEX events_once ON events (job_id, kind, text) WHERE once = 1;

        CREATE TABLE audit_log (
            id INTEGER PRIMARY KEY,
            workspace_id INTEGER NOT NULL DEFAULT 1,
            at TEXT NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            detail TEXT NOT NULL DEFAULT '',
            previous_hash TEXT NOT NULL DEFAULT '',
            hash TEXT NOT NULL DEFAULT ''
        ) STRICT;

        """
}
