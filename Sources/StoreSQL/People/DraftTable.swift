package import SyncCore

/// `connection_drafts`: what people gave of connections that are not stored yet.
struct DraftTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    func keep(_ draft: ConnectionDraft) throws {
        try sql.run(
            "DELETE FROM connection_drafts WHERE expires_at <= ?", .integer(transaction.now.microseconds))
        try sql.run(
            """
            INSERT INTO connection_drafts (id, workspace_id, user_id, platform, sealed, expires_at)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed, expires_at = excluded.expires_at
            """,
            .text(draft.id), .integer(draft.workspace.value), .integer(draft.user.value),
            .text(draft.platform.rawValue), .blob(draft.sealed), .integer(draft.expiresAt.microseconds))
    }

    func draft(_ id: String) throws -> ConnectionDraft? {
        try sql.first(
            """
            SELECT id, workspace_id, user_id, platform, sealed, expires_at FROM connection_drafts
            WHERE id = ? AND expires_at > ?
            """, .text(id), .integer(transaction.now.microseconds), body: draft)
    }

    func take(_ id: String) throws -> ConnectionDraft? {
        try sql.first(
            """
            DELETE FROM connection_drafts WHERE id = ? AND expires_at > ?
            RETURNING id, workspace_id, user_id, platform, sealed, expires_at
            """, .text(id), .integer(transaction.now.microseconds), body: draft)
    }

    private func draft(_ row: ResultRow) -> ConnectionDraft {
        ConnectionDraft(
            id: row.text(0), workspace: WorkspaceID(row.int64(1)), user: UserID(row.int64(2)),
            platform: PlatformID(row.text(3)), sealed: row.bytes(4), expiresAt: Instant(microseconds: row.int64(5)))
    }
}

extension SQLStore {
    package func keep(_ draft: ConnectionDraft) async throws {
        try await write(.nothing) { try DraftTable(transaction: $0).keep(draft) }
    }

    package func draft(_ id: String) async throws -> ConnectionDraft? {
        try await read { try DraftTable(transaction: $0).draft(id) }
    }

    package func takeDraft(_ id: String) async throws -> ConnectionDraft? {
        try await write(.nothing) { try DraftTable(transaction: $0).take(id) }
    }
}
