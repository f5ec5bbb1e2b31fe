extension PostgresTables {
    /// Connections that are about to be made.
    static let drafts = """
        ALTER TABLE connections ADD COLUMN is_guarded integer NOT NULL DEFAULT 0;

        -- For an hour, and of this database alone: it refers to nothing that another one may take the place of.
        CREATE TABLE connection_drafts (
            id text PRIMARY KEY,
            workspace_id bigint NOT NULL,
            user_id bigint NOT NULL,
            platform text NOT NULL,
            sealed bytea NOT NULL,
            expires_at bigint NOT NULL
        );
        CREATE INDEX connection_drafts_expiry ON connection_drafts (expires_at);

        """
}
