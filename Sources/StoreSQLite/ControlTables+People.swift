extension ControlTables {
    /// People, and their ways in.
    static let people = """
        CREATE TABLE users (
            id INTEGER PRIMARY KEY,
            email TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            password_hash TEXT NOT NULL,
            preferences TEXT NOT NULL,
            created_at TEXT NOT NULL
        ) STRICT;

        CREATE TABLE members (
            workspace_id INTEGER NOT NULL REFERENCES workspaces(id),
            user_id INTEGER NOT NULL REFERENCES users(id),
            role TEXT NOT NULL,
            created_at TEXT NOT NULL,
            PRIMARY KEY (workspace_id, user_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX members_user ON members (user_id);

        -- Ids of sessions, links and tokens are random, and only their hashes are here.
        CREATE TABLE sessions (
            hash TEXT PRIMARY KEY,
            user_id INTEGER NOT NULL REFERENCES users(id),
            workspace_id INTEGER NOT NULL REFERENCES workspaces(id),
            created_at INTEGER NOT NULL,
            seen_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            agent TEXT NOT NULL,
            address TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX sessions_user ON sessions (user_id);
        CREATE INDEX sessions_expiry ON sessions (expires_at);

        CREATE TABLE links (
            workspace_id INTEGER NOT NULL REFERENCES workspaces(id),
            kind TEXT NOT NULL,
            email TEXT NOT NULL,
            hash TEXT NOT NULL UNIQUE,
            user_id INTEGER REFERENCES users(id),
            role TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            PRIMARY KEY (workspace_id, kind, email)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE api_tokens (
            id INTEGER PRIMARY KEY,
            workspace_id INTEGER NOT NULL REFERENCES workspaces(id),
            user_id INTEGER NOT NULL REFERENCES users(id),
            name TEXT NOT NULL,
            prefix TEXT NOT NULL,
            hash TEXT NOT NULL UNIQUE,
            scopes TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER,
            used_at INTEGER
        ) STRICT;
        CREATE INDEX api_tokens_workspace ON api_tokens (workspace_id);

        -- By address and by network.
        CREATE TABLE sign_in_failures (
            key TEXT PRIMARY KEY,
            count INTEGER NOT NULL,
            last_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX audit_log_workspace ON audit_log (workspace_id, id);

        -- Jobs that were asked for at once.
        CREATE TABLE sync_requests (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            workspace_id INTEGER NOT NULL REFERENCES workspaces(id),
            kind TEXT NOT NULL,
            actor TEXT NOT NULL,
            -- By name, or the first and the last; empty for what is due.
            days TEXT NOT NULL,
            created_at TEXT NOT NULL
        ) STRICT;
        CREATE INDEX sync_requests_workspace ON sync_requests (workspace_id, kind, number);

        CREATE TABLE sync_request_jobs (
            request_id TEXT NOT NULL REFERENCES sync_requests(id),
            job_id INTEGER NOT NULL REFERENCES sync_jobs(id),
            PRIMARY KEY (request_id, job_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX sync_jobs_workspace ON sync_jobs (workspace_id, id);

        """
}
