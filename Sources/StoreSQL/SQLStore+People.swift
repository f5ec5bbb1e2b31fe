package import SyncCore

extension SQLStore {
    package func workspaces(of user: UserID) async throws -> [(workspace: Workspace, role: Role)] {
        try await read { try UserTable(transaction: $0).workspaces(of: user) }
    }

    package func workspace(_ id: WorkspaceID) async throws -> Workspace? {
        try await read { try UserTable(transaction: $0).workspace(id) }
    }

    package func addWorkspace(_ name: String, owner: UserID) async throws -> WorkspaceID? {
        try await write(.nothing) { try UserTable(transaction: $0).addWorkspace(name, owner: owner) }
    }

    package func rename(_ workspace: WorkspaceID, to name: String) async throws -> Bool {
        try await write(.nothing) { try UserTable(transaction: $0).rename(workspace, to: name) }
    }

    package func hasUsers() async throws -> Bool {
        try await read { try !UserTable(transaction: $0).isEmpty() }
    }

    package func addFirst(_ user: User, to workspace: WorkspaceID) async throws -> UserID? {
        try await write(.nothing) { try UserTable(transaction: $0).addFirst(user, to: workspace) }
    }

    package func add(_ user: User, to workspace: WorkspaceID, as role: Role) async throws -> UserID? {
        try await write(.nothing) { try UserTable(transaction: $0).add(user, to: workspace, as: role) }
    }

    package func user(_ id: UserID) async throws -> User? {
        try await read { try UserTable(transaction: $0).user(id) }
    }

    package func user(email: String) async throws -> User? {
        try await read { try UserTable(transaction: $0).user(email: email) }
    }

    package func set(_ preferences: User.Preferences, of user: UserID) async throws {
        try await write(.nothing) { try UserTable(transaction: $0).set(preferences, of: user) }
    }

    package func set(passwordHash: String, of user: UserID, keeping session: String?) async throws {
        try await write(.nothing) {
            try UserTable(transaction: $0).set(passwordHash: passwordHash, of: user, keeping: session)
        }
    }

    package func set(name: String, of user: UserID) async throws {
        try await write(.nothing) { try UserTable(transaction: $0).set(name: name, of: user) }
    }

    package func members(of workspace: WorkspaceID) async throws -> [Member] {
        try await read { try UserTable(transaction: $0).members(of: workspace) }
    }

    package func role(of user: UserID, in workspace: WorkspaceID) async throws -> Role? {
        try await read { try UserTable(transaction: $0).role(of: user, in: workspace) }
    }

    package func set(_ role: Role?, of user: UserID, in workspace: WorkspaceID) async throws -> Bool {
        try await write(.nothing) { try UserTable(transaction: $0).set(role, of: user, in: workspace) }
    }
}

extension SQLStore {
    package func begin(_ session: Session) async throws {
        try await write(.nothing) { try EntryTable(transaction: $0).begin(session) }
    }

    package func session(
        _ hash: String
    ) async throws -> (session: Session, user: User, role: Role, workspace: Workspace)? {
        try await read { try EntryTable(transaction: $0).session(hash) }
    }

    package func touch(_ hash: String, workspace: WorkspaceID?) async throws {
        try await write(.nothing) { try EntryTable(transaction: $0).touch(hash, workspace: workspace) }
    }

    package func sessions(of user: UserID) async throws -> [Session] {
        try await read { try EntryTable(transaction: $0).sessions(of: user) }
    }

    package func end(session hash: String) async throws {
        try await write(.nothing) { try EntryTable(transaction: $0).end(session: hash) }
    }

    package func offer(_ link: OneTimeLink) async throws {
        try await write(.nothing) { try EntryTable(transaction: $0).offer(link) }
    }

    package func link(_ hash: String) async throws -> OneTimeLink? {
        try await read { try EntryTable(transaction: $0).link(hash) }
    }

    package func take(_ hash: String) async throws -> OneTimeLink? {
        try await write(.nothing) { try EntryTable(transaction: $0).take(hash) }
    }

    package func links(of workspace: WorkspaceID, kind: OneTimeLink.Kind) async throws -> [OneTimeLink] {
        try await read { try EntryTable(transaction: $0).links(of: workspace, kind: kind) }
    }

    package func withdraw(
        _ kind: OneTimeLink.Kind, for email: String, in workspace: WorkspaceID
    ) async throws -> Bool {
        try await write(.nothing) { try EntryTable(transaction: $0).withdraw(kind, for: email, in: workspace) }
    }

    package func add(_ token: APIToken) async throws -> APITokenID {
        try await write(.nothing) { try EntryTable(transaction: $0).add(token) }
    }

    package func tokens(of workspace: WorkspaceID) async throws -> [APIToken] {
        try await read { try EntryTable(transaction: $0).tokens(of: workspace) }
    }

    package func token(
        _ hash: String
    ) async throws -> (token: APIToken, user: User, role: Role, workspace: Workspace)? {
        try await read { try EntryTable(transaction: $0).token(hash) }
    }

    package func touch(_ token: APITokenID) async throws {
        try await write(.nothing) { try EntryTable(transaction: $0).touch(token) }
    }

    package func revoke(_ token: APITokenID, in workspace: WorkspaceID) async throws -> Bool {
        try await write(.nothing) { try EntryTable(transaction: $0).revoke(token, in: workspace) }
    }

    package func failures(_ key: String) async throws -> SignInFailures {
        try await read { try EntryTable(transaction: $0).failures(key) }
    }

    package func noteFailure(_ key: String) async throws -> SignInFailures {
        try await write(.nothing) { try EntryTable(transaction: $0).noteFailure(key) }
    }

    package func takeBackFailure(_ key: String, last: Instant?) async throws {
        try await write(.nothing) { try EntryTable(transaction: $0).takeBackFailure(key, last: last) }
    }

    package func forgetFailures(_ key: String) async throws {
        try await write(.nothing) { try EntryTable(transaction: $0).forgetFailures(key) }
    }
}

extension SQLStore {
    package func record(_ entry: AuditEntry) async throws {
        try await write(.nothing) { try AuditTable(transaction: $0).record(entry) }
    }

    package func audit(of workspace: WorkspaceID, before: Int64?, limit: Int) async throws -> [AuditEntry] {
        try await read { try AuditTable(transaction: $0).newest(of: workspace, before: before, limit: limit) }
    }

    package func audit(_ filter: AuditFilter, before: Int64?, limit: Int) async throws -> [AuditEntry] {
        try await read { try AuditTable(transaction: $0).entries(filter, before: before, limit: limit) }
    }

    package func verifyAudit(of workspace: WorkspaceID) async throws -> AuditChain {
        try await read { try AuditTable(transaction: $0).verify(workspace) }
    }
}
