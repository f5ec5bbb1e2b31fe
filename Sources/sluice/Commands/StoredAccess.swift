import ConnectorKit
import Connectors
import Foundation
import StoreSQLite
import SyncCore
import SyncEngine

extension PlatformArguments {
    /// The credential from the environment, else the one that `connect` has stored in `database`. Throws what
    /// `access(known:)` throws when there is neither.
    func access(known: [Connection], storedIn database: DatabaseLocation) throws -> Access {
        do {
            return try access(known: known)
        } catch let missing as EngineError {
            guard case .missingCredential = missing, let found = connection(among: known) else { throw missing }
            return try unsealed(found, storedIn: database)
        }
    }

    private func unsealed(_ found: Connection, storedIn database: DatabaseLocation) throws -> Access {
        guard let key = try MasterKey.existing(beside: database) else {
            throw EngineError.sealed(
                "The key of the stored credential is missing. Put the key back (SLUICE_SECRET_KEY or the key "
                    + "file), or connect again.")
        }
        let vault = try Vault(master: key, random: RandomSource())
        return Access(
            platform: found.platform, name: found.name, baseURL: found.baseURL,
            credential: Credential(try vault.open(found.sealed, for: found.sealSubject)),
            configuration: try configuration(over: found.configuration))
    }

    /// The newest to the address that was given, or to the platform's own where several would do.
    private func connection(among all: [Connection]) -> Connection? {
        let mine = all.filter { $0.platform.rawValue == platform && (baseURL == nil || $0.baseURL == baseURL) }
        let own = Catalog.connectors.first { $0.platform.id.rawValue == platform }?.platform.baseURL
        return (mine.filter { $0.baseURL == own } + mine).first
    }
}

/// What a database knows before the first call to a platform.
struct StoredFacts {
    var accounts: [Account] = []
    var connections: [Connection] = []
    /// Limits that are reached now.
    var blocked: [QuotaKey: Instant] = [:]

    /// Nothing where there is no database yet; throws what opening it would throw.
    static func read(from database: DatabaseLocation) async throws -> StoredFacts {
        guard try await !Database.isMissing(at: database) else { return StoredFacts() }
        if let path = database.path { try SQLiteTransfer.refusePromoted(path) }
        return try await visiting(database, .look) { store in
            StoredFacts(
                accounts: try await store.accounts(), connections: try await store.connections(),
                blocked: try await store.quotas(.blocked).blocks(at: SystemWallClock().now))
        }
    }

    func facts(of id: String, on platform: PlatformID) -> AccountFacts? {
        accounts.lazy.filter { $0.platform == platform }.map { account in
            AccountFacts(
                externalID: account.externalID, name: account.name, currency: account.currency,
                zoneName: account.zoneName, createdOn: account.createdOn)
        }.first { $0.isMeant(by: id) }
    }
}

extension [(key: QuotaKey, quota: Quota)] {
    /// The ends of those blocks that are not over.
    func blocks(at now: Instant) -> [QuotaKey: Instant] {
        let open = compactMap { entry in
            entry.quota.blockedUntil.flatMap { $0 > now ? (entry.key, $0) : nil }
        }
        return Dictionary(uniqueKeysWithValues: open)
    }
}
