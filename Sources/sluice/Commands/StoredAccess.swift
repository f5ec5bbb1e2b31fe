import ConnectorKit
import Connectors
import Foundation
import StoreSQLite
import SyncCore
import SyncEngine
import SyncHTTP

extension PlatformArguments {
    /// The credential from the environment, else the one that `connect` has stored in `database`. Of a credential whose
    /// tokens were renewed since it was given, the newest. Throws what `access(for:known:)` throws when there is
    /// neither.
    func access(
        for account: String?, known: [Connection], storedIn database: DatabaseLocation
    ) throws -> Access {
        do {
            let given = try access(for: account, known: known)
            let vault = try Vault.existing(of: database)
            let stored = known.lazy.filter { $0.platform == given.platform && $0.name == given.name }
                .first { $0.baseURL == given.baseURL }
            let type = try Catalog.connectors.type(of: given.platform)
            if let account, type.missing(from: given.credential) != nil {
                guard let vault, let stored else {
                    throw EngineError.unconnected(given.platform, platform: type.platform.name, account: account)
                }
                return given.completed(by: Credential(try vault.open(stored.sealed, for: stored.sealSubject)))
            }
            guard let vault, let stored, let values = try? vault.open(stored.sealed, for: stored.sealSubject),
                given.isOrigin(of: Credential(values))
            else { return given }
            var newest = given
            newest.credential = Credential(values)
            return newest
        } catch let missing as EngineError {
            guard case .missingCredential = missing, !candidates(among: known).isEmpty else { throw missing }
            guard let vault = try Vault.existing(of: database) else {
                throw EngineError.sealed(
                    "The key of the stored credential is missing. Put the key back (SLUICE_SECRET_KEY or the key "
                        + "file), or connect again.")
            }
            guard let found = try stored(for: account, among: known, vault) else { throw missing }
            return found
        }
    }

    /// The account's own connection; where it has none yet, what a person gave for the one without an account, under
    /// the account's own name: what was got with that is not for this account.
    private func stored(for account: String?, among known: [Connection], _ vault: Vault) throws -> Access? {
        let type = try Catalog.connectors.type(of: PlatformID(platform))
        let opened = try candidates(among: known).map { found in
            (connection: found, credential: Credential(try vault.open(found.sealed, for: found.sealSubject)))
        }
        if let own = opened.first(where: { type.name(of: $0.credential, account: account) == $0.connection.name }) {
            return try access(own.connection, own.connection.name, own.credential)
        }
        guard let common = opened.first(where: { type.name(of: $0.credential, account: nil) == $0.connection.name })
        else { return try account == nil ? opened.first.map { try access($0, $0.name, $1) } : nil }
        let given = common.credential.given(by: type.platform)
        return try access(common.connection, type.name(of: given, account: account), given)
    }

    private func access(_ stored: Connection, _ name: String, _ credential: Credential) throws -> Access {
        Access(
            platform: stored.platform, name: name, baseURL: stored.baseURL, credential: credential,
            configuration: try configuration(over: stored.configuration))
    }

    /// Those to the address that was given, or to the platform's own before others.
    private func candidates(among all: [Connection]) -> [Connection] {
        let address = baseURL.flatMap { try? BaseURL($0).text }
        let mine = all.filter { stored in
            guard stored.platform.rawValue == platform else { return false }
            return baseURL == nil || (try? BaseURL(stored.baseURL).text) == address
        }
        let own = Catalog.connectors.first { $0.platform.id.rawValue == platform }?.platform.baseURL
        return mine.filter { $0.baseURL == own } + mine.filter { $0.baseURL != own }
    }
}

extension Vault {
    /// Nil when there is no key: looking must not make one.
    static func existing(of database: DatabaseLocation) throws -> Vault? {
        try MasterKey.existing(beside: database).map { try Vault(master: $0, random: RandomSource()) }
    }
}

extension QuestionCalls {
    /// Counts what was taken in a database that is there; where none is nobody shares a limit.
    func charge(in location: DatabaseLocation) async throws {
        guard try await !Database.isMissing(at: location) else { return }
        try await Workplace.visiting(location) { try await $0.control.charge(self) }
    }
}

extension Questioner {
    /// Asks over real HTTP, and stores in `location` what a credential gets meanwhile.
    init(
        _ transports: Transports, storingIn location: DatabaseLocation, blocked: [QuotaKey: Instant] = [:],
        calls: QuestionCalls, standing: Standing = .new
    ) {
        let makingInTurn: MakingInTurn = { call, send in
            guard try await !Database.isMissing(at: location) else { return nil }
            return try await Workplace.visiting(location) { workplace in
                try await workplace.control.charge(calls)
                return try await workplace.control.makeInTurn(call, send)
            }
        }
        let renewing: Renewing = { access, account, reason in
            let transport = try transports.open(access.baseURL)
            if try await Database.isMissing(at: location) {
                // Nothing is made for a credential that does not work.
                let connector = try Catalog.connectors.type(of: access.platform)
                    .init(configuration: access.configuration)
                var renewed = access
                renewed.credential = try await Control.renewal(
                    of: access, for: account, because: reason, by: connector, over: transport, SystemWallClock())
                return try await Workplace.visiting(location) { workplace in
                    _ = try await workplace.control.store(renewed)
                    return renewed.credential
                }
            }
            return try await Workplace.visiting(location) { workplace in
                try await workplace.control.renew(access, for: account, because: reason, over: transport)
            }
        }
        self.init(
            transports, blocked: blocked, calls: calls, makingInTurn: makingInTurn, renewing: renewing,
            standing: standing)
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
            // The command line works in the first workspace; others are people's on the web page.
            StoredFacts(
                accounts: try await store.accounts().filter { $0.workspace == .first },
                connections: try await store.connections().filter { $0.workspace == .first && !$0.isRemoved },
                blocked: try await store.quotas(.blocked).blocks(at: SystemWallClock().now))
        }
    }

    /// Of the very credential of `access`, whatever was renewed of it since.
    func standing(of access: Access, in database: DatabaseLocation) throws -> Questioner.Standing {
        guard let vault = try Vault.existing(of: database) else { return .new }
        return vault.standing(of: access, among: connections)
    }

    func facts(of id: String, on platform: PlatformID) -> AccountFacts? {
        accounts.lazy.filter { $0.platform == platform }.map { account in
            AccountFacts(
                externalID: account.externalID, name: account.name, currency: account.currency,
                zoneName: account.zoneName, createdOn: account.createdOn)
        }.first { $0.isMeant(by: id) }
    }
}
