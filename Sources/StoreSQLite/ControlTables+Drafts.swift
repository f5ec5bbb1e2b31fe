extension ControlTables {
    /// Connections that are about to be made.
    static let drafts = """
        ALTER TABLE connections ADD COLUMN is_guarded INTEGER NOT NULL DEFAULT 0;

        -- For an hour, and of this database alone: it refers to nothing that another one may take the place of.
        CREATE TABLE connection_drafts (
            id TEXT PRIMARY KEY,
            workspace_id INTEGER NOT NULL,
            user_id INTEGER NOT NULL,
            platform TEXT NOT NULL,
            sealed BLOB NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX connection_drafts_expiry ON connection_drafts (expires_at);

        """
}
