import ArgumentParser
import ConnectorKit
import Connectors
import StoreSQLite
import SyncCore
import SyncEngine
import SyncHTTP
import Wording

struct ConnectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract: said("Check a credential, list the accounts that it reaches, and store it encrypted."),
        discussion: said(
            "The credential comes from the environment; it is never an argument. Where a platform wants a person to "
                + "allow the app in the browser, the address of that page is printed, and the one that the browser "
                + "came back to is taken from the terminal."))

    @OptionGroup var target: PlatformArguments
    @OptionGroup var database: DatabaseOption
    @OptionGroup var cut: PartitionsOption

    @Option(help: .said("The account that the tokens in the environment are of, where each has its own.", "id"))
    var account: String?

    @Option(
        help: .said(
            "Where the browser comes back to when a person has allowed the app: an address that is entered for the app "
                + "at the platform.", "url"))
    var redirect: String = "https://localhost/"

    @Option(
        help: .said(
            "The address that the browser came back to, whole; nothing is asked then. It holds a code that works once.",
            "url"))
    var callback: String?

    func run() async throws {
        try await offMainActor { try await self.connect() }
    }

    private func connect() async throws {
        let location = try database.location
        try cut.check(location)
        try DatabasePlace.check(location)
        let stored = try await StoredFacts.read(from: location)
        let given = try target.access(for: account, known: stored.connections)
        if try ConsentDialogue.isNeeded(for: given, of: account) {
            return try await open(given, stored, location)
        }
        let calls = QuestionCalls(SystemWallClock())
        let standing = try stored.standing(of: given, in: location)
        let (accounts, facts) = try await calls.charging(in: location) {
            try await Transports.using { transports in
                let questioner = Questioner(
                    transports, storingIn: location, blocked: stored.blocked, calls: calls, standing: standing)
                var accounts = try await questioner.reachable(with: given)
                if let account, !accounts.contains(where: { $0.isMeant(by: account) }) {
                    accounts.append(try await questioner.facts(of: account, with: given))
                }
                var facts = try await questioner.credentialFacts(with: given)
                // What was lacking when it was got may have been granted since.
                if standing == .stored, facts?.warnings.isEmpty == false, try await questioner.renew(given) {
                    facts = try await questioner.credentialFacts(with: given)
                }
                try await keep(questioner.current(given), in: location, until: facts?.expiresAt)
                return (accounts, facts)
            }
        }
        tell(accounts, facts, location)
    }

    /// A person opens accounts in the browser. What that brings is stored before anything else is done with it.
    private func open(_ given: Access, _ stored: StoredFacts, _ location: DatabaseLocation) async throws {
        let dialogue = try ConsentDialogue(given, redirect: redirect)
        let returned = try await dialogue.returned(callback)
        let calls = QuestionCalls(SystemWallClock())
        let accounts = try await calls.charging(in: location) {
            try await Transports.using { transports in
                let opened = try await Questioner(transports, blocked: stored.blocked, calls: calls)
                    .granted(returned, with: given)
                for (_, access) in opened { try await keep(access, in: location) }
                var accounts: [AccountFacts] = []
                for (account, access) in opened {
                    let questioner = Questioner(
                        transports, storingIn: location, blocked: stored.blocked, calls: calls)
                    accounts.append(try await questioner.facts(of: account, with: access))
                }
                return accounts
            }
        }
        tell(accounts, nil, location)
    }

    private func keep(
        _ access: Access, in location: DatabaseLocation, until end: Instant? = nil
    ) async throws {
        try await Workplace.visiting(location) { workplace in
            if let partitions = cut.partitions { try await workplace.database.partition(by: partitions) }
            let id = try await workplace.control.store(access)
            if let end { try await workplace.database.store.note(end: end, of: id) }
        }
    }

    private func tell(_ accounts: [AccountFacts], _ facts: CredentialFacts?, _ location: DatabaseLocation) {
        let words = Words.current
        Console.out(said("This token works. It is kept encrypted in \(location) and never shown again."))
        if let expiry = facts?.expiresAt { Console.out(said("It expires on \(words.moment(expiry)).")) }
        for sentence in (facts?.warnings ?? []) + (facts?.endings ?? []) { Console.out(said(sentence)) }
        guard !accounts.isEmpty else {
            Console.out(said("It reaches no account. Ask the owner of one to give it access."))
            return
        }
        Console.out(words.reaches(accounts.count))
        for account in accounts.sorted(by: { $0.externalID < $1.externalID }) {
            let state = account.warning.map { "  \(said($0))" } ?? ""
            Console.out("  \(account.externalID)  \(account.name)  \(account.terms)\(state)")
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
