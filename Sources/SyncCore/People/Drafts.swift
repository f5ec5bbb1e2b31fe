/// What a person gave of a connection that is not stored yet, sealed. It outlives a page that is closed, and nobody
/// else can use it.
package struct ConnectionDraft: Sendable, Hashable {
    /// Random, so that nobody guesses it: it is also the word by which an answer of another site is known to be ours.
    package var id: String
    package var workspace: WorkspaceID
    package var user: UserID
    package var platform: PlatformID
    package var sealed: [UInt8]
    package var expiresAt: Instant

    package init(
        id: String, workspace: WorkspaceID, user: UserID, platform: PlatformID, sealed: [UInt8], expiresAt: Instant
    ) {
        self.id = id
        self.workspace = workspace
        self.user = user
        self.platform = platform
        self.sealed = sealed
        self.expiresAt = expiresAt
    }
}

/// The rules of `Ports.swift` hold here, too.
package protocol DraftStore: Sendable {
    /// Stores one, or puts it in the place of the one with its id; those that are too old go.
    func keep(_ draft: ConnectionDraft) async throws
    /// Nil for one that is unknown or too old.
    func draft(_ id: String) async throws -> ConnectionDraft?
    /// The same, and it is gone: of two at once one gets it.
    func takeDraft(_ id: String) async throws -> ConnectionDraft?
}
