import SyncCore

/// `workspaces`, `users` and `members`: who works in which.
struct UserTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    // MARK: Workspaces

    func workspaces(of user: UserID) throws -> [(workspace: Workspace, role: Role)] {
        try sql.all(
            """
            SELECT w.id, w.name, m.role FROM members AS m JOIN workspaces AS w ON w.id = m.workspace_id
            WHERE m.user_id = ? ORDER BY w.name, w.id
            """, .integer(user.value)
        ) { (workspace: Workspace(id: WorkspaceID($0.int64(0)), name: $0.text(1)), role: try $0.word(2)) }
    }

    func workspace(_ id: WorkspaceID) throws -> Workspace? {
        try sql.first("SELECT id, name FROM workspaces WHERE id = ?", .integer(id.value)) {
            Workspace(id: WorkspaceID($0.int64(0)), name: $0.text(1))
        }
    }

    func addWorkspace(_ name: String, owner: UserID) throws -> WorkspaceID? {
        let id = try sql.first(
            "INSERT INTO workspaces (name, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING id", .text(name),
            .text(transaction.nowText)
        ) { WorkspaceID($0.int64(0)) }
        if let id { try join(owner, id, as: .owner) }
        return id
    }

    func rename(_ workspace: WorkspaceID, to name: String) throws -> Bool {
        let isTaken = try sql.first(
            "SELECT id FROM workspaces WHERE name = ? AND id <> ?", .text(name), .integer(workspace.value)
        ) { _ in true }
        guard isTaken == nil else { return false }
        try sql.run("UPDATE workspaces SET name = ? WHERE id = ?", .text(name), .integer(workspace.value))
        return true
    }

    // MARK: Users

    func isEmpty() throws -> Bool { try sql.first("SELECT id FROM users LIMIT 1") { _ in true } == nil }

    /// Of two at once the second waits for the first at the workspace's row, and finds a user then.
    func addFirst(_ user: User, to workspace: WorkspaceID) throws -> UserID? {
        try hold(workspace)
        guard try isEmpty() else { return nil }
        return try add(user, to: workspace, as: .owner)
    }

    func add(_ user: User, to workspace: WorkspaceID, as role: Role) throws -> UserID? {
        let id = try sql.first(
            """
            INSERT INTO users (email, name, password_hash, preferences, created_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING RETURNING id
            """,
            .text(user.email), .text(user.name), .text(user.passwordHash),
            .text(try TextColumn.json(user.preferences)), .text(transaction.nowText)
        ) { UserID($0.int64(0)) }
        if let id { try join(id, workspace, as: role) }
        return id
    }

    func user(_ id: UserID) throws -> User? {
        try sql.first(
            "SELECT id, email, name, password_hash, preferences FROM users WHERE id = ?", .integer(id.value)
        ) { try UserTable.user($0) }
    }

    func user(email: String) throws -> User? {
        try sql.first(
            "SELECT id, email, name, password_hash, preferences FROM users WHERE email = ?", .text(email)
        ) { try UserTable.user($0) }
    }

    /// From five columns on.
    static func user(_ row: ResultRow, from first: Int32 = 0) throws -> User {
        User(
            id: UserID(row.int64(first)), email: row.text(first + 1), name: row.text(first + 2),
            passwordHash: row.text(first + 3),
            preferences: try TextColumn.value(User.Preferences.self, from: row.text(first + 4)))
    }

    func set(_ preferences: User.Preferences, of user: UserID) throws {
        try sql.run(
            "UPDATE users SET preferences = ? WHERE id = ?", .text(try TextColumn.json(preferences)),
            .integer(user.value))
    }

    func set(passwordHash: String, of user: UserID, keeping session: String?) throws {
        try sql.run("UPDATE users SET password_hash = ? WHERE id = ?", .text(passwordHash), .integer(user.value))
        try sql.run("DELETE FROM sessions WHERE user_id = ? AND hash <> ?", .integer(user.value), .text(session ?? ""))
    }

    func set(name: String, of user: UserID) throws {
        try sql.run("UPDATE users SET name = ? WHERE id = ?", .text(name), .integer(user.value))
    }

    // MARK: Members

    func members(of workspace: WorkspaceID) throws -> [Member] {
        try sql.all(
            """
            SELECT u.id, u.email, u.name, u.password_hash, u.preferences, m.role,
                (SELECT max(s.seen_at) FROM sessions AS s
                    WHERE s.user_id = u.id AND s.workspace_id = m.workspace_id)
            FROM members AS m JOIN users AS u ON u.id = m.user_id WHERE m.workspace_id = ? ORDER BY u.name, u.id
            """, .integer(workspace.value)
        ) { Member(user: try UserTable.user($0), role: try $0.word(5), seenAt: $0.optionalMoment(6)) }
    }

    func role(of user: UserID, in workspace: WorkspaceID) throws -> Role? {
        try sql.first(
            "SELECT role FROM members WHERE workspace_id = ? AND user_id = ?", .integer(workspace.value),
            .integer(user.value)
        ) { try $0.word(0) }
    }

    func set(_ role: Role?, of user: UserID, in workspace: WorkspaceID) throws -> Bool {
        try hold(workspace)
        if role != .owner, try self.role(of: user, in: workspace) == .owner {
            let others = try sql.first(
                "SELECT count(*) FROM members WHERE workspace_id = ? AND role = 'owner' AND user_id <> ?",
                .integer(workspace.value), .integer(user.value)
            ) { $0.int(0) }
            guard others ?? 0 > 0 else { return false }
        }
        if let role {
            try join(user, workspace, as: role)
            return true
        }
        try sql.run(
            "DELETE FROM members WHERE workspace_id = ? AND user_id = ?", .integer(workspace.value),
            .integer(user.value))
        try sql.run(
            "DELETE FROM sessions WHERE workspace_id = ? AND user_id = ?", .integer(workspace.value),
            .integer(user.value))
        return true
    }

    private func join(_ user: UserID, _ workspace: WorkspaceID, as role: Role) throws {
        try sql.run(
            """
            INSERT INTO members (workspace_id, user_id, role, created_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (workspace_id, user_id) DO UPDATE SET role = excluded.role
            """, .integer(workspace.value), .integer(user.value), .text(role.rawValue), .text(transaction.nowText))
    }

    /// Changes of a workspace's people come one after the other.
    private func hold(_ workspace: WorkspaceID) throws {
        _ = try sql.first("SELECT id FROM workspaces WHERE id = ? FOR UPDATE", .integer(workspace.value)) { _ in true }
    }
}
