import ArgumentParser
import ConnectorKit
import Connectors
import StoreSQLite
import SyncCore
import SyncEngine
import SyncHTTP

struct ConnectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract: "Check a credential, list the accounts that it reaches, and store it encrypted.",
        discussion: "The credential comes from the environment or from a file; it is never an argument.")

    @OptionGroup var target: PlatformArguments
    @OptionGroup var database: DatabaseOption

    func run() async throws {
        try await offMainActor { try await self.connect() }
    }

    private func connect() async throws {
        let access = try target.access()
        try DatabasePlace.check(database.location)
        let transports = Transports()
        let questioner = Questioner(transports)
        do {
            let accounts = try await questioner.reachable(with: access)
            let facts = try await questioner.credentialFacts(with: access)
            await transports.shutdown()
            try await keep(access)
            tell(accounts, facts)
        } catch {
            await transports.shutdown()
            throw error
        }
    }

    private func keep(_ access: Access) async throws {
        let workplace = try await Workplace.open(database.location, Workplace.visitingOrCreating(database.location))
        do {
            _ = try await workplace.control.store(access)
            await workplace.close()
        } catch {
            await workplace.close()
            throw error
        }
    }

    private func tell(_ accounts: [AccountFacts], _ facts: CredentialFacts?) {
        Console.out("This token works. It is kept encrypted in \(database.location) and never shown again.")
        if let expiry = facts?.expiresAt { Console.out("It expires on \("\(expiry)".prefix(10)).") }
        for warning in facts?.warnings ?? [] { Console.out(warning) }
        guard !accounts.isEmpty else {
            Console.out("It reaches no account. Ask the owner of the ad account to add its user.")
            return
        }
        Console.out("It reaches \(accounts.count) account\(accounts.count == 1 ? "" : "s"):")
        for account in accounts.sorted(by: { $0.externalID < $1.externalID }) {
            let state = account.warning.map { "  \($0)" } ?? ""
            Console.out("  \(account.externalID)  \(account.name)  \(account.currency)  \(account.zoneName)\(state)")
        }
        if let first = accounts.first {
            Console.out("Next: sluice sync \(target.platform) --account \(first.externalID)")
        }
    }
}
