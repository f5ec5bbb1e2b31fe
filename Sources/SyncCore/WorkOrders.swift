/// What people order of all work of a workspace at once. The rules of `Ports.swift` hold here, too. Orders are kept in
/// the database: every worker on every machine follows them, and so does the one that begins tomorrow.
package protocol WorkOrderStore: Sendable {
    /// Lets all work of a workspace stand still, or that on history: open jobs are paused, and those that come
    /// meanwhile begin so. False where that is so already, and for history alone while everything stands still.
    func pause(_ work: WorkOrders.Work, of workspace: WorkspaceID, by: String) async throws -> Bool
    /// Lets it go on, but for jobs that were paused one by one before. False where nothing of it stands still.
    func resume(_ work: WorkOrders.Work, of workspace: WorkspaceID, by: String) async throws -> Bool
    /// Serves an account's history before that of the others of its workspace until its job ends; the last one that is
    /// named is the first. False when no history of it is being filled in.
    func runFirst(_ account: AccountID) async throws -> Bool
    func workOrders(of workspace: WorkspaceID) async throws -> WorkOrders
}

package struct WorkOrders: Sendable, Hashable {
    package enum Work: String, Sendable, Hashable, CaseIterable {
        case all, history
    }

    package struct Pause: Sendable, Hashable, Codable {
        package var by: String
        package var since: Instant
        /// Jobs that stood still before, each by itself.
        package var alone: [Int64]

        package init(by: String, since: Instant, alone: [Int64]) {
            self.by = by
            self.since = since
            self.alone = alone
        }
    }

    package var pauses: [Work: Pause]
    /// Whose history is served before that of others.
    package var first: AccountID?

    package init(pauses: [Work: Pause] = [:], first: AccountID? = nil) {
        self.pauses = pauses
        self.first = first
    }

    /// What holds history: its own order, or that for everything.
    package var holdsHistory: Pause? { pauses[.all] ?? pauses[.history] }
}
