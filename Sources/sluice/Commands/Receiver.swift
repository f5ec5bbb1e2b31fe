import ConnectorKit
import Connectors
import SyncCore
import SyncEngine

/// The platform that rows go on to (`--into`).
struct Receiver {
    /// Nil for `none`: they go nowhere any more.
    private let platform: (access: Access, facts: AccountFacts)?

    /// Asks it once whether the credential of the environment works. Nil when nothing is said of where rows go; throws
    /// for a platform of which nothing can go on.
    static func lookUp(
        _ name: String?, for source: PlatformID, _ stored: StoredFacts, _ calls: QuestionCalls,
        storingIn location: DatabaseLocation
    ) async throws -> Receiver? {
        guard let name else { return nil }
        if name == "none" { return Receiver(platform: nil) }
        let receivers = Catalog.connectors.filter { $0.platform.receives != nil }
        guard let type = receivers.first(where: { $0.platform.id.rawValue == name.lowercased() }) else {
            let known = receivers.map { $0.platform.id.rawValue }.joined(separator: ", ")
            throw Exit.usage(said("Nothing can go on to \(name). Known: \(known), none."))
        }
        let from = try Catalog.connectors.type(of: source).platform
        guard from.passesOn else {
            let some = Catalog.connectors.filter { $0.platform.passesOn }.map { $0.platform.name }.joined(
                separator: ", ")
            throw Exit.usage(
                said(
                    "\(from.name) has nothing that could go on to \(type.platform.name). Leave out --into. "
                        + "These have: \(some)."))
        }
        let access = Access(
            platform: type.platform.id,
            baseURL: try stored.connections.address(type.platform.address, of: type.platform.id),
            credential: try Credential.given(for: type.platform))
        let facts = try await Transports.using { transports in
            try await Questioner(transports, storingIn: location, blocked: stored.blocked, calls: calls)
                .facts(of: "me", with: access)
        }
        return Receiver(platform: (access, facts))
    }

    /// The account that receives, stored; nil for none.
    func account(in workplace: Workplace) async throws -> AccountID? {
        guard let platform else { return nil }
        let connection = try await workplace.control.store(platform.access)
        return try await workplace.control.save(platform.facts, connection: connection)
    }
}
