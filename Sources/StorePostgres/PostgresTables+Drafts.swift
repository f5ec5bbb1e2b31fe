extension PostgresTables {
    /// Connections that are about to be made.
    static let drafts = """
        ALTER TABLE connections ADD COLUMN is_guarded integer NOT NULL DEFAULT 0;

        CREATE TABLE connection_drafts (
            id text PRIMARY KEY,
            workspace_id bigint NOT NULL REFERENCES workspaces(id),
            user_id bigint NOT NULL REFERENCES users(id),
            platform text NOT NULL,
            sealed bytea NOT NULL,
            expires_at bigint NOT NULL
        );
        CREATE INDEX connection_drafts_expiry ON connection_drafts (expires_at);

        """
}
