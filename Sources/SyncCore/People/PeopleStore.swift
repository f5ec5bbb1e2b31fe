/// People and their ways in. The rules of `Ports.swift` hold here, too. Passwords, session ids, links and tokens come
/// hashed: a database that is stolen opens nothing.
package protocol PeopleStore: Sendable {
    // MARK: Workspaces

    /// Those of a user, by name, with the user's role in each.
    func workspaces(of user: UserID) async throws -> [(workspace: Workspace, role: Role)]
    func workspace(_ id: WorkspaceID) async throws -> Workspace?
    /// Nil when another has that name.
    func addWorkspace(_ name: String, owner: UserID) async throws -> WorkspaceID?
    /// False when another has that name.
    func rename(_ workspace: WorkspaceID, to name: String) async throws -> Bool

    // MARK: Users

    func hasUsers() async throws -> Bool
    /// Makes the first user of a database; nil when there is one.
    func addFirst(_ user: User, to workspace: WorkspaceID) async throws -> UserID?
    /// `user.id` counts for nothing. Nil when another has that address.
    func add(_ user: User, to workspace: WorkspaceID, as role: Role) async throws -> UserID?
    func user(_ id: UserID) async throws -> User?
    func user(email: String) async throws -> User?
    func set(_ preferences: User.Preferences, of user: UserID) async throws
    /// Ends all sessions of the user but one.
    func set(passwordHash: String, of user: UserID, keeping session: String?) async throws
    func set(name: String, of user: UserID) async throws

    // MARK: Members

    func members(of workspace: WorkspaceID) async throws -> [Member]
    func role(of user: UserID, in workspace: WorkspaceID) async throws -> Role?
    /// Adds a member or changes its role; nil takes it out, with its sessions in the workspace. False when the last
    /// owner would go.
    func set(_ role: Role?, of user: UserID, in workspace: WorkspaceID) async throws -> Bool

    // MARK: Sessions

    func begin(_ session: Session) async throws
    /// Nil for one that is unknown or over, or whose user is no member any more.
    func session(_ hash: String) async throws -> (session: Session, user: User, role: Role, workspace: Workspace)?
    /// Notes that it is used; in another workspace from now on when one is given.
    func touch(_ hash: String, workspace: WorkspaceID?) async throws
    func sessions(of user: UserID) async throws -> [Session]
    func end(session hash: String) async throws

    // MARK: Links

    /// One of its kind and address takes the place of the one before.
    func offer(_ link: OneTimeLink) async throws
    /// Nil for one that is unknown, used, or too old.
    func link(_ hash: String) async throws -> OneTimeLink?
    /// Uses it up; of two at once one gets it.
    func take(_ hash: String) async throws -> OneTimeLink?

    /// Those of a kind that still work, by address.
    func links(of workspace: WorkspaceID, kind: OneTimeLink.Kind) async throws -> [OneTimeLink]
    /// False when there is none.
    func withdraw(_ kind: OneTimeLink.Kind, for email: String, in workspace: WorkspaceID) async throws -> Bool

    // MARK: Tokens

    func add(_ token: APIToken) async throws -> APITokenID
    func tokens(of workspace: WorkspaceID) async throws -> [APIToken]
    /// Nil for one that is unknown or over, or whose maker is no member any more; `role` is the maker's.
    func token(_ hash: String) async throws -> (token: APIToken, user: User, role: Role, workspace: Workspace)?
    /// At most once a minute is enough.
    func touch(_ token: APITokenID) async throws
    func revoke(_ token: APITokenID, in workspace: WorkspaceID) async throws -> Bool

    // MARK: Sign-in in vain

    /// How often in a row for `key` (an address, a network), and since when none may be tried: the moment of the next
    /// try that is answered.
    func failures(_ key: String) async throws -> SignInFailures
    /// One more; the present number with it.
    func noteFailure(_ key: String) async throws -> SignInFailures
    func forgetFailures(_ key: String) async throws
    /// One less, as if the one before it, at `last`, were the newest.
    func takeBackFailure(_ key: String, last: Instant?) async throws
}

package struct SignInFailures: Sendable, Hashable {
    package var count: Int
    package var lastAt: Instant?
    package init(count: Int = 0, lastAt: Instant? = nil) {
        self.count = count
        self.lastAt = lastAt
    }

    /// So many tries are free; then each costs twice the last, from a second up to `most`: slow for who guesses, and
    /// nobody is locked out. After an hour all is forgotten.
    package func wait(at now: Instant, free: Int, most: Duration) -> Duration {
        guard count > free, let lastAt, now - lastAt < .seconds(3600) else { return .zero }
        let pause = min(most, Duration.seconds(1 << min(count - free - 1, 10)))
        return max(.zero, pause - (now - lastAt))
    }
}

/// The record of who did what: append-only, each entry holding the hash of the one before it in its workspace, so that
/// nothing can be taken out or changed unseen.
package protocol AuditStore: Sendable {
    func record(_ entry: AuditEntry) async throws
    /// The newest first; those with an id below `before`.
    func audit(of workspace: WorkspaceID, before: Int64?, limit: Int) async throws -> [AuditEntry]
    /// The newest first, those that fit.
    func audit(_ filter: AuditFilter, before: Int64?, limit: Int) async throws -> [AuditEntry]
    /// Goes over the whole chain.
    func verifyAudit(of workspace: WorkspaceID) async throws -> AuditChain
}

package struct AuditEntry: Sendable, Hashable {
    package var id: Int64
    package var workspace: WorkspaceID
    package var at: Instant
    /// A person's name and address, a token's name, or `Sluice`.
    package var actor: String
    /// A sentence: `Started the first sync`.
    package var action: String
    /// What it was done to.
    package var subject: String
    package var detail: String
    package var hash: String

    package init(
        id: Int64 = 0, workspace: WorkspaceID, at: Instant = Instant(microseconds: 0), actor: String, action: String,
        subject: String, detail: String = "", hash: String = ""
    ) {
        self.id = id
        self.workspace = workspace
        self.at = at
        self.actor = actor
        self.action = action
        self.subject = subject
        self.detail = detail
        self.hash = hash
    }
}

/// Which entries are shown. Everything that is nil matches all.
package struct AuditFilter: Sendable, Hashable {
    package var workspace: WorkspaceID
    package var actor: String?
    /// In what was done, to what, or in the detail.
    package var text: String?
    package var from: Instant?
    package var to: Instant?

    package init(
        workspace: WorkspaceID, actor: String? = nil, text: String? = nil, from: Instant? = nil, to: Instant? = nil
    ) {
        self.workspace = workspace
        self.actor = actor
        self.text = text
        self.from = from
        self.to = to
    }
}

package struct AuditChain: Sendable, Hashable {
    package var count: Int
    /// The first entry that does not fit; nil when all do.
    package var brokenAt: Int64?
    /// So many were taken off its end, at least.
    package var missing: Int
    package init(count: Int, brokenAt: Int64?, missing: Int = 0) {
        self.count = count
        self.brokenAt = brokenAt
        self.missing = missing
    }

    package var isIntact: Bool { brokenAt == nil && missing == 0 }
}
