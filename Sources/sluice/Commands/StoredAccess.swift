import ConnectorKit
import Connectors
import Foundation
import StoreSQLite
import SyncCore
import SyncEngine

extension PlatformArguments {
    /// The credential from the environment, else the one that `connect` has stored in `database`. Throws what
    /// `access()` throws when there is neither.
    func access(storedIn database: String) async throws -> Access {
        do {
            return try access()
        } catch let missing as EngineError {
            guard case .missingCredential = missing, let stored = try await stored(in: database) else { throw missing }
            return stored
        }
    }

    private func stored(in database: String) async throws -> Access? {
        guard FileManager.default.fileExists(atPath: database), let key = try MasterKey.existing(beside: database)
        else { return nil }
        let vault = try Vault(master: key, random: RandomSource())
        return try await visiting(database, .look) { store in
            guard let found = connection(among: try await store.connections()) else { return nil }
            return Access(
                platform: found.platform, name: found.name, baseURL: found.baseURL,
                credential: Credential(try vault.open(found.sealed, for: found.sealSubject)),
                configuration: try configuration(orElse: found.configuration))
        }
    }

    /// The newest to the address that was given, or to the platform's own where several would do.
    private func connection(among all: [Connection]) -> Connection? {
        let mine = all.filter { $0.platform.rawValue == platform && (baseURL == nil || $0.baseURL == baseURL) }
        let own = Catalog.connectors.first { $0.platform.id.rawValue == platform }?.platform.baseURL
        return (mine.filter { $0.baseURL == own } + mine).first
    }
}
