import ConnectorKit
import FoundationEssentials
package import SyncCore

/// What people gave of connections that are not stored yet, between one page and the next. Nothing of it lies anywhere
/// in the clear: it is sealed as what is stored is.
package struct DraftBook: Sendable {
    private let store: any DraftStore
    private let environment: EngineEnvironment

    package static let life: Duration = .seconds(3600)

    package init(_ store: any DraftStore, _ environment: EngineEnvironment) {
        self.store = store
        self.environment = environment
    }

    /// A draft, opened.
    package struct Content: Sendable {
        package var access: Access
        /// That is to get another credential by it.
        package var connection: ConnectionID?
        /// Where the browser was told to come back to.
        package var redirect: String?
        package var check: Check?

        package init(_ access: Access, connection: ConnectionID? = nil, redirect: String? = nil, check: Check? = nil) {
            self.access = access
            self.connection = connection
            self.redirect = redirect
            self.check = check
        }
    }

    /// What the platform said of it, for the page that shows it.
    package struct Check: Sendable, Codable, Equatable {
        package var at: Instant
        package var calls: Int
        package var accounts: [String]
        package var expiresAt: Instant?
        package var scopes: [String]
        package var sentences: [String]
        package var app: String?
        package var isOfSystem: Bool

        package init(_ checked: ConnectionBook.Checked, at moment: Instant) {
            at = moment
            calls = checked.calls
            accounts = checked.accounts.map(\.externalID)
            expiresAt = checked.facts?.expiresAt
            scopes = checked.facts?.scopes ?? []
            sentences = (checked.facts?.warnings ?? []) + (checked.facts?.endings ?? [])
            app = checked.facts?.app
            isOfSystem = checked.facts?.isOfSystem ?? false
        }
    }

    /// The id of what is kept: a new one where none is given.
    package func keep(_ content: Content, for user: UserID, as known: String? = nil) async throws -> String {
        let id = known ?? HexText.of(environment.random.bytes(32))
        let draft = ConnectionDraft(
            id: id, workspace: content.access.workspace, user: user, platform: content.access.platform,
            sealed: try environment.vault.seal(
                try DraftBook.values(of: content),
                for: DraftBook.subject(id, content.access.workspace, user, content.access.platform)),
            expiresAt: environment.wallClock.now + DraftBook.life)
        try await store.keep(draft)
        return id
    }

    /// Nil for one that is unknown, too old, or of another platform, person or workspace.
    package func open(
        _ id: String, of user: UserID, in workspace: WorkspaceID, platform: PlatformID
    ) async throws -> Content? {
        guard let draft = try await store.draft(id), draft.user == user, draft.workspace == workspace,
            draft.platform == platform
        else { return nil }
        return try content(of: draft)
    }

    /// By its id alone, which only who was given it has: a consent may come back in the browser of somebody else.
    package func open(_ id: String, platform: PlatformID) async throws -> (draft: ConnectionDraft, content: Content)? {
        guard let draft = try await store.draft(id), draft.platform == platform else { return nil }
        return (draft, try content(of: draft))
    }

    /// Uses it up; false when somebody else did, or it is too old.
    package func use(_ id: String) async throws -> Bool { try await store.takeDraft(id) != nil }

    // MARK: In the database

    private static func subject(
        _ id: String, _ workspace: WorkspaceID, _ user: UserID, _ platform: PlatformID
    ) -> String { "draft/\(workspace)/\(user)/\(platform)/\(id)" }

    private static func values(of content: Content) throws -> [String: Secret<String>] {
        let access = content.access
        var values = [
            "name": access.name, "base_url": access.baseURL,
            "credential": try text(access.credential.values.mapValues { $0.reveal() }),
            "configuration": try text(access.configuration),
        ]
        if access.isGuarded { values["is_guarded"] = "true" }
        values["connection"] = content.connection.map { "\($0.value)" }
        values["redirect"] = content.redirect
        values["check"] = try content.check.map(text)
        return values.mapValues { Secret($0) }
    }

    private func content(of draft: ConnectionDraft) throws -> Content {
        let subject = DraftBook.subject(draft.id, draft.workspace, draft.user, draft.platform)
        let values = try environment.vault.open(draft.sealed, for: subject).mapValues { $0.reveal() }
        let credential = try DraftBook.value([String: String].self, values["credential"]) ?? [:]
        var access = Access(
            workspace: draft.workspace, platform: draft.platform, name: values["name"] ?? "",
            baseURL: values["base_url"] ?? "", credential: Credential(credential.mapValues { Secret($0) }),
            configuration: try DraftBook.value([String: String].self, values["configuration"]) ?? [:])
        access.isGuarded = values["is_guarded"] != nil
        return Content(
            access, connection: values["connection"].flatMap { Int64($0) }.map { ConnectionID($0) },
            redirect: values["redirect"], check: try DraftBook.value(Check.self, values["check"]))
    }

    private static func text(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    private static func value<Value: Decodable>(_ type: Value.Type, _ text: String?) throws -> Value? {
        try text.map { try JSONDecoder().decode(type, from: Data($0.utf8)) }
    }
}
