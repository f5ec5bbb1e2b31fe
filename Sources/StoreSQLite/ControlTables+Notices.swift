extension ControlTables {
    /// What people are told of, who is told, and what became of the messages.
    static let notices = """
        -- When credentials end, NULL where that is not known, and when their platform was asked.
        CREATE TABLE credential_ends (
            connection_id INTEGER PRIMARY KEY REFERENCES connections(id),
            ends_at INTEGER,
            asked_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE notice_targets (
            id INTEGER PRIMARY KEY,
            workspace_id INTEGER NOT NULL REFERENCES workspaces(id),
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            -- As it may be shown.
            address TEXT NOT NULL,
            topics TEXT NOT NULL,
            language TEXT NOT NULL,
            is_on INTEGER NOT NULL,
            off_reason TEXT,
            -- The whole address and the secret.
            sealed BLOB NOT NULL,
            version INTEGER NOT NULL,
            created_at TEXT NOT NULL,
            UNIQUE (workspace_id, name)
        ) STRICT;

        -- One for each cause, from when it was first seen until it is gone.
        CREATE TABLE notices (
            id INTEGER PRIMARY KEY,
            workspace_id INTEGER NOT NULL REFERENCES workspaces(id),
            cause TEXT NOT NULL,
            kind TEXT NOT NULL,
            -- The connection, schedule or account that it is about.
            subject_id INTEGER NOT NULL,
            facts TEXT NOT NULL,
            opened_at INTEGER NOT NULL,
            closed_at INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX notices_open ON notices (workspace_id, cause) WHERE closed_at IS NULL;
        CREATE UNIQUE INDEX notices_moments ON notices (workspace_id, cause) WHERE kind = 'history';
        CREATE INDEX notices_workspace ON notices (workspace_id, id);
        CREATE INDEX notices_closed ON notices (closed_at) WHERE closed_at IS NOT NULL;

        CREATE TABLE notice_reads (
            workspace_id INTEGER NOT NULL REFERENCES workspaces(id),
            user_id INTEGER NOT NULL REFERENCES users(id),
            -- The newest that was seen.
            notice_id INTEGER NOT NULL,
            PRIMARY KEY (workspace_id, user_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE notice_deliveries (
            id INTEGER PRIMARY KEY,
            workspace_id INTEGER NOT NULL REFERENCES workspaces(id),
            target_id INTEGER NOT NULL REFERENCES notice_targets(id),
            -- NULL for a message that only tries the way.
            notice_id INTEGER,
            -- The same with every try.
            message_id TEXT NOT NULL,
            status TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            -- Whoever has it in hand moves that on.
            next_at INTEGER,
            fence INTEGER NOT NULL DEFAULT 0,
            answer TEXT NOT NULL DEFAULT '',
            took_microseconds INTEGER,
            tried_at INTEGER,
            created_at TEXT NOT NULL
        ) STRICT;
        CREATE INDEX notice_deliveries_due ON notice_deliveries (next_at) WHERE status = 'pending';
        CREATE INDEX notice_deliveries_workspace ON notice_deliveries (workspace_id, id);
        CREATE INDEX notice_deliveries_target ON notice_deliveries (target_id, id);
        CREATE INDEX notice_deliveries_notice ON notice_deliveries (notice_id);
        CREATE INDEX notice_deliveries_ended ON notice_deliveries (tried_at) WHERE status <> 'pending';

        """
}
