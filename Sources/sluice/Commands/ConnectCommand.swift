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
        abstract: said("Check a credential, list the accounts that it reaches, and store it encrypted."),
        discussion: said("The credential comes from the environment; it is never an argument."))

    @OptionGroup var target: PlatformArguments
    @OptionGroup var database: DatabaseOption
    @OptionGroup var cut: PartitionsOption

    func run() async throws {
        try await offMainActor { try await self.connect() }
    }

    private func connect() async throws {
        let location = try database.location
        try cut.check(location)
        try DatabasePlace.check(location)
        let stored = try await StoredFacts.read(from: location)
        let given = try target.access(for: nil, known: stored.connections)
        let (accounts, facts, access) = try await Transports.using { transports in
            let questioner = Questioner(transports, storingIn: location, blocked: stored.blocked)
            let accounts = try await questioner.reachable(with: given)
            let facts = try await questioner.credentialFacts(with: given)
            return (accounts, facts, questioner.current(given))
        }
        try await keep(access, in: location)
        tell(accounts, facts, location)
    }

    private func keep(_ access: Access, in location: DatabaseLocation) async throws {
        try await Workplace.visiting(location) { workplace in
            if let partitions = cut.partitions { try await workplace.database.partition(by: partitions) }
            _ = try await workplace.control.store(access)
        }
    }

    private func tell(_ accounts: [AccountFacts], _ facts: CredentialFacts?, _ location: DatabaseLocation) {
        let words = Words.current
        Console.out(said("This token works. It is kept encrypted in \(location) and never shown again."))
        if let expiry = facts?.expiresAt { Console.out(said("It expires on \(words.moment(expiry)).")) }
        for sentence in (facts?.warnings ?? []) + (facts?.endings ?? []) { Console.out(said(sentence)) }
        guard !accounts.isEmpty else {
            Console.out(said("It reaches no account. Ask the owner of the ad account to add its user."))
            return
        }
        Console.out(words.reaches(accounts.count))
        for account in accounts.sorted(by: { $0.externalID < $1.externalID }) {
            let state = account.warning.map { "  \(said($0))" } ?? ""
            Console.out("  \(account.externalID)  \(account.name)  \(account.currency)  \(account.zoneName)\(state)")
        }
        if let first = accounts.first {
            Console.out(said("Next: \(sync(of: first.externalID, in: location))"))
        }
    }

    /// The command that goes on from what was stored here; a server's address without its password.
    private func sync(of account: String, in location: DatabaseLocation) -> String {
        let place = database.database.map { location.path == nil ? location.description : $0 }
        let options = [("--base-url", target.baseURL), ("--database", place)]
            .compactMap { name, value in value.map { " \(name) \(quoted($0))" } }
        return "sluice sync \(target.platform) --account \(account)" + options.joined()
    }

    /// One word to a shell.
    private func quoted(_ text: String) -> String {
        text.wholeMatch(of: /[A-Za-z0-9_.\/:@%+=,-]+/) == nil ? "'\(text.replacing("'", with: "'\\''"))'" : text
    }
}
