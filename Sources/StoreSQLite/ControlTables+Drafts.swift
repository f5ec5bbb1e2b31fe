extension ControlTables {
    /// Connections that are about to be made.
    static let drafts = """
        ALTER TABLE connections ADD COLUMN is_guarded INTEGER NOT NULL DEFAULT 0;

        CREATE TABLE connection_drafts (
            id TEXT PRIMARY KEY,
            workspace_id INTEGER NOT NULL REFERENCES workspaces(id),
            user_id INTEGER NOT NULL REFERENCES users(id),
            platform TEXT NOT NULL,
            sealed BLOB NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX connection_drafts_expiry ON connection_drafts (expires_at);

        """
}
