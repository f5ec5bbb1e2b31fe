package struct WorkspaceID: RowID {
    package let value: Int64
    package init(_ value: Int64) { self.value = value }
    /// The one that every database has: what the command line works in.
    package static let first = WorkspaceID(1)
}

package struct UserID: RowID {
    package let value: Int64
    package init(_ value: Int64) { self.value = value }
}

package struct APITokenID: RowID {
    package let value: Int64
    package init(_ value: Int64) { self.value = value }
}

/// The tenant: whose connections, accounts, schedules and people belong together.
package struct Workspace: Sendable, Hashable {
    package var id: WorkspaceID
    package var name: String
    package init(id: WorkspaceID, name: String) {
        self.id = id
        self.name = name
    }
}

/// What a person may do in a workspace; each may do what those before it may.
package enum Role: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Looks and exports.
    case viewer
    /// Starts, stops, retries, schedules, connects.
    case `operator`
    /// Settings, people, tokens.
    case owner

    package static func < (left: Role, right: Role) -> Bool {
        let order = allCases
        return order.firstIndex(of: left) ?? 0 < order.firstIndex(of: right) ?? 0
    }
}

package struct User: Sendable, Hashable {
    package var id: UserID
    /// In small letters; different from that of all others.
    package var email: String
    package var name: String
    /// What a password is checked against, in the form that the web server gives it.
    package var passwordHash: String
    package var preferences: Preferences

    package struct Preferences: Sendable, Hashable, Codable {
        /// `en` or `vi`; nil for what the browser asks for.
        package var language: String?
        /// `light` or `dark`; nil for what the system has.
        package var theme: String?
        /// Single keys do nothing.
        package var keysAreOff: Bool?
        package init(language: String? = nil, theme: String? = nil, keysAreOff: Bool? = nil) {
            self.language = language
            self.theme = theme
            self.keysAreOff = keysAreOff
        }
    }

    package init(id: UserID, email: String, name: String, passwordHash: String, preferences: Preferences) {
        self.id = id
        self.email = email
        self.name = name
        self.passwordHash = passwordHash
        self.preferences = preferences
    }
}

package struct Member: Sendable, Hashable {
    package var user: User
    package var role: Role
    package var seenAt: Instant?
    package init(user: User, role: Role, seenAt: Instant?) {
        self.user = user
        self.role = role
        self.seenAt = seenAt
    }
}

/// A browser that is signed in. Known by the hash of a random id: the id itself is only in the browser.
package struct Session: Sendable, Hashable {
    package var hash: String
    package var user: UserID
    package var workspace: WorkspaceID
    package var createdAt: Instant
    package var seenAt: Instant
    /// Ends then at the latest, however busy it is.
    package var expiresAt: Instant
    package var agent: String
    package var address: String

    package init(
        hash: String, user: UserID, workspace: WorkspaceID, createdAt: Instant, seenAt: Instant, expiresAt: Instant,
        agent: String, address: String
    ) {
        self.hash = hash
        self.user = user
        self.workspace = workspace
        self.createdAt = createdAt
        self.seenAt = seenAt
        self.expiresAt = expiresAt
        self.agent = agent
        self.address = address
    }
}

/// A link that works once: the first set-up, an invitation, a new password.
package struct OneTimeLink: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        /// Makes the first user, an owner.
        case setup
        /// Makes a user with that role, or adds a known one.
        case invitation
        /// Lets a known user choose another password.
        case password
        /// Signs in: the demo's own link.
        case signIn = "sign_in"
    }

    package var hash: String
    package var kind: Kind
    package var workspace: WorkspaceID
    package var user: UserID?
    package var email: String
    package var role: Role
    package var createdAt: Instant
    package var expiresAt: Instant

    package init(
        hash: String, kind: Kind, workspace: WorkspaceID, user: UserID? = nil, email: String = "", role: Role,
        createdAt: Instant, expiresAt: Instant
    ) {
        self.hash = hash
        self.kind = kind
        self.workspace = workspace
        self.user = user
        self.email = email
        self.role = role
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// What a program may do with an API token.
package enum TokenScope: String, Sendable, Hashable, Codable, CaseIterable {
    case read, run, admin

    /// The least role that may give it.
    package var role: Role {
        switch self {
        case .read: .viewer
        case .run: .operator
        case .admin: .owner
        }
    }
}

package struct APIToken: Sendable, Hashable {
    package var id: APITokenID
    package var workspace: WorkspaceID
    /// Who made it.
    package var user: UserID
    package var name: String
    /// The first characters, by which people tell it from others.
    package var prefix: String
    package var hash: String
    package var scopes: [TokenScope]
    package var createdAt: Instant
    package var expiresAt: Instant?
    package var usedAt: Instant?

    package init(
        id: APITokenID, workspace: WorkspaceID, user: UserID, name: String, prefix: String, hash: String,
        scopes: [TokenScope], createdAt: Instant, expiresAt: Instant?, usedAt: Instant? = nil
    ) {
        self.id = id
        self.workspace = workspace
        self.user = user
        self.name = name
        self.prefix = prefix
        self.hash = hash
        self.scopes = scopes
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.usedAt = usedAt
    }
}
