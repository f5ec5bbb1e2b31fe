import SyncCore

/// `sessions`, `links`, `api_tokens` and `sign_in_failures`: the ways in.
struct EntryTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    // MARK: Sessions

    /// Those that are over go with it.
    func begin(_ session: Session) throws {
        try sql.run("DELETE FROM sessions WHERE expires_at <= ?", .integer(transaction.now.microseconds))
        try sql.run(
            """
            INSERT INTO sessions (hash, user_id, workspace_id, created_at, seen_at, expires_at, agent, address)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """,
            .text(session.hash), .integer(session.user.value), .integer(session.workspace.value),
            .integer(session.createdAt.microseconds), .integer(session.seenAt.microseconds),
            .integer(session.expiresAt.microseconds), .text(session.agent), .text(session.address))
    }

    func session(_ hash: String) throws -> (session: Session, user: User, role: Role, workspace: Workspace)? {
        try sql.first(
            """
            SELECT u.id, u.email, u.name, u.password_hash, u.preferences, m.role, w.id, w.name, s.created_at,
                s.seen_at, s.expires_at, s.agent, s.address
            FROM sessions AS s JOIN users AS u ON u.id = s.user_id
                JOIN members AS m ON m.workspace_id = s.workspace_id AND m.user_id = s.user_id
                JOIN workspaces AS w ON w.id = s.workspace_id
            WHERE s.hash = ? AND s.expires_at > ?
            """, .text(hash), .integer(transaction.now.microseconds)
        ) { row in
            let user = try UserTable.user(row)
            let workspace = Workspace(id: WorkspaceID(row.int64(6)), name: row.text(7))
            let session = Session(
                hash: hash, user: user.id, workspace: workspace.id, createdAt: Instant(microseconds: row.int64(8)),
                seenAt: Instant(microseconds: row.int64(9)), expiresAt: Instant(microseconds: row.int64(10)),
                agent: row.text(11), address: row.text(12))
            return (session: session, user: user, role: try row.word(5), workspace: workspace)
        }
    }

    func touch(_ hash: String, workspace: WorkspaceID?) throws {
        try sql.run(
            "UPDATE sessions SET seen_at = ?, workspace_id = coalesce(?, workspace_id) WHERE hash = ?",
            .integer(transaction.now.microseconds), .integer(workspace?.value), .text(hash))
    }

    func sessions(of user: UserID) throws -> [Session] {
        try sql.all(
            """
            SELECT hash, workspace_id, created_at, seen_at, expires_at, agent, address FROM sessions
            WHERE user_id = ? AND expires_at > ? ORDER BY seen_at DESC, hash
            """, .integer(user.value), .integer(transaction.now.microseconds)
        ) { row in
            Session(
                hash: row.text(0), user: user, workspace: WorkspaceID(row.int64(1)),
                createdAt: Instant(microseconds: row.int64(2)), seenAt: Instant(microseconds: row.int64(3)),
                expiresAt: Instant(microseconds: row.int64(4)), agent: row.text(5), address: row.text(6))
        }
    }

    func end(session hash: String) throws {
        try sql.run("DELETE FROM sessions WHERE hash = ?", .text(hash))
    }

    // MARK: Links

    func offer(_ link: OneTimeLink) throws {
        try sql.run(
            """
            INSERT INTO links (kind, email, workspace_id, hash, user_id, role, created_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (workspace_id, kind, email) DO UPDATE SET
                hash = excluded.hash, user_id = excluded.user_id, role = excluded.role,
                created_at = excluded.created_at, expires_at = excluded.expires_at
            """,
            .text(link.kind.rawValue), .text(link.email), .integer(link.workspace.value), .text(link.hash),
            .integer(link.user?.value), .text(link.role.rawValue), .integer(link.createdAt.microseconds),
            .integer(link.expiresAt.microseconds))
    }

    func link(_ hash: String) throws -> OneTimeLink? {
        try sql.first(
            """
            SELECT kind, email, workspace_id, hash, user_id, role, created_at, expires_at FROM links
            WHERE hash = ? AND expires_at > ?
            """, .text(hash), .integer(transaction.now.microseconds)
        ) { try link($0) }
    }

    func take(_ hash: String) throws -> OneTimeLink? {
        try sql.first(
            """
            DELETE FROM links WHERE hash = ? AND expires_at > ?
            RETURNING kind, email, workspace_id, hash, user_id, role, created_at, expires_at
            """, .text(hash), .integer(transaction.now.microseconds)
        ) { try link($0) }
    }

    func links(of workspace: WorkspaceID, kind: OneTimeLink.Kind) throws -> [OneTimeLink] {
        try sql.all(
            """
            SELECT kind, email, workspace_id, hash, user_id, role, created_at, expires_at FROM links
            WHERE workspace_id = ? AND kind = ? AND expires_at > ? ORDER BY email
            """, .integer(workspace.value), .text(kind.rawValue), .integer(transaction.now.microseconds)
        ) { try link($0) }
    }

    func withdraw(_ kind: OneTimeLink.Kind, for email: String, in workspace: WorkspaceID) throws -> Bool {
        try sql.changes(
            "DELETE FROM links WHERE workspace_id = ? AND kind = ? AND email = ?", .integer(workspace.value),
            .text(kind.rawValue), .text(email)) == 1
    }

    private func link(_ row: ResultRow) throws -> OneTimeLink {
        OneTimeLink(
            hash: row.text(3), kind: try row.word(0), workspace: WorkspaceID(row.int64(2)),
            user: row.optionalInt64(4).map { UserID($0) }, email: row.text(1), role: try row.word(5),
            createdAt: Instant(microseconds: row.int64(6)), expiresAt: Instant(microseconds: row.int64(7)))
    }

    // MARK: Tokens

    func add(_ token: APIToken) throws -> APITokenID {
        let id = try sql.first(
            """
            INSERT INTO api_tokens (workspace_id, user_id, name, prefix, hash, scopes, created_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
            """,
            .integer(token.workspace.value), .integer(token.user.value), .text(token.name), .text(token.prefix),
            .text(token.hash), .text(try TextColumn.json(token.scopes)), .integer(token.createdAt.microseconds),
            .integer(token.expiresAt?.microseconds)
        ) { APITokenID($0.int64(0)) }
        guard let id else { throw StoreError.inconsistent("a token was not stored") }
        return id
    }

    func tokens(of workspace: WorkspaceID) throws -> [APIToken] {
        try sql.all(
            """
            SELECT id, workspace_id, user_id, name, prefix, hash, scopes, created_at, expires_at, used_at
            FROM api_tokens WHERE workspace_id = ? ORDER BY name, id
            """, .integer(workspace.value)
        ) { try token($0) }
    }

    func token(_ hash: String) throws -> (token: APIToken, user: User, role: Role, workspace: Workspace)? {
        try sql.first(
            """
            SELECT t.id, t.workspace_id, t.user_id, t.name, t.prefix, t.hash, t.scopes, t.created_at, t.expires_at,
                t.used_at, u.id, u.email, u.name, u.password_hash, u.preferences, m.role, w.name
            FROM api_tokens AS t JOIN users AS u ON u.id = t.user_id
                JOIN members AS m ON m.workspace_id = t.workspace_id AND m.user_id = t.user_id
                JOIN workspaces AS w ON w.id = t.workspace_id
            WHERE t.hash = ? AND (t.expires_at IS NULL OR t.expires_at > ?)
            """, .text(hash), .integer(transaction.now.microseconds)
        ) { row in
            let token = try token(row)
            return (
                token: token, user: try UserTable.user(row, from: 10), role: try row.word(15),
                workspace: Workspace(id: token.workspace, name: row.text(16))
            )
        }
    }

    private func token(_ row: ResultRow) throws -> APIToken {
        APIToken(
            id: APITokenID(row.int64(0)), workspace: WorkspaceID(row.int64(1)), user: UserID(row.int64(2)),
            name: row.text(3), prefix: row.text(4), hash: row.text(5),
            scopes: try TextColumn.value([TokenScope].self, from: row.text(6)),
            createdAt: Instant(microseconds: row.int64(7)), expiresAt: row.optionalMoment(8),
            usedAt: row.optionalMoment(9))
    }

    func touch(_ token: APITokenID) throws {
        try sql.run(
            "UPDATE api_tokens SET used_at = ? WHERE id = ?", .integer(transaction.now.microseconds),
            .integer(token.value))
    }

    func revoke(_ token: APITokenID, in workspace: WorkspaceID) throws -> Bool {
        try sql.changes(
            "DELETE FROM api_tokens WHERE id = ? AND workspace_id = ?", .integer(token.value),
            .integer(workspace.value)) == 1
    }

    // MARK: Sign-in in vain

    func failures(_ key: String) throws -> SignInFailures {
        try sql.first("SELECT count, last_at FROM sign_in_failures WHERE key = ?", .text(key)) {
            SignInFailures(count: $0.int(0), lastAt: $0.optionalMoment(1))
        } ?? SignInFailures()
    }

    /// What is older than a day is forgotten, so that guesses of addresses fill no table.
    func noteFailure(_ key: String) throws -> SignInFailures {
        let now = transaction.now
        try sql.run("DELETE FROM sign_in_failures WHERE last_at < ?", .integer((now - .seconds(86_400)).microseconds))
        return try sql.first(
            """
            INSERT INTO sign_in_failures (key, count, last_at) VALUES (?, 1, ?)
            ON CONFLICT (key) DO UPDATE SET last_at = excluded.last_at,
                count = CASE WHEN sign_in_failures.last_at < ? THEN 1 ELSE sign_in_failures.count + 1 END
            RETURNING count, last_at
            """, .text(key), .integer(now.microseconds), .integer((now - .seconds(3600)).microseconds)
        ) { SignInFailures(count: $0.int(0), lastAt: $0.optionalMoment(1)) } ?? SignInFailures(count: 1, lastAt: now)
    }

    /// As if the try had not been: the one before it was at `last`.
    func takeBackFailure(_ key: String, last: Instant?) throws {
        try sql.run(
            "UPDATE sign_in_failures SET count = count - 1, last_at = coalesce(?, last_at) WHERE key = ? AND count > 0",
            .integer(last?.microseconds), .text(key))
    }

    func forgetFailures(_ key: String) throws {
        try sql.run("DELETE FROM sign_in_failures WHERE key = ?", .text(key))
    }
}
