import ConnectorKit
import Connectors
import SyncCore
import SyncEngine

/// The platform that rows go on to (`--into`).
struct Receiver {
    let access: Access
    let facts: AccountFacts

    /// Asks it once whether the credential of the environment works. Nil when no platform is named.
    static func lookUp(
        _ name: String?, _ stored: StoredFacts, storingIn location: DatabaseLocation
    ) async throws -> Receiver? {
        guard let name else { return nil }
        let receivers = Catalog.connectors.filter { $0.platform.receives != nil }
        guard let type = receivers.first(where: { $0.platform.id.rawValue == name.lowercased() }) else {
            let known = receivers.map { $0.platform.id.rawValue }.joined(separator: ", ")
            throw Exit.usage(said("Nothing can go on to \(name). Known: \(known)."))
        }
        let access = Access(
            platform: type.platform.id, baseURL: type.platform.address,
            credential: try Credential.given(for: type.platform))
        let facts = try await Transports.using { transports in
            try await Questioner(transports, storingIn: location, blocked: stored.blocked)
                .facts(of: "me", with: access)
        }
        return Receiver(access: access, facts: facts)
    }

    /// From now on the rows of `source` go there; the job that sends them.
    func join(_ source: AccountID, keepsRows: Bool, in workplace: Workplace) async throws -> JobID {
        let connection = try await workplace.control.store(access)
        let account = try await workplace.control.save(facts, connection: connection)
        try await workplace.store.route(source, to: account, keepsRows: keepsRows)
        return try await workplace.control.deliver(to: account)
    }
}
