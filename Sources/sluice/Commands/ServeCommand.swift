import ArgumentParser
import SyncCore
import SyncWeb
import Wording

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: said("Serve the web page, keep the schedules, and work on whatever jobs there are."),
        discussion: [
            said(
                "One process is all that it takes: page, scheduler and workers. `sluice worker` on other machines "
                    + "helps with a PostgreSQL database."),
            said(
                "Beside another process that works the same SQLite file it serves the page alone, and goes on with the "
                    + "work when that one ends."),
            said(
                "SIGTERM or Ctrl-C: running chunks are handed back and the program ends, with exit code 0 after a "
                    + "SIGTERM. A second signal ends it at once."),
            NoticePost.variables + "\nSLUICE_META_APP_ID SLUICE_META_APP_SECRET: "
                + said("people sign in at Meta on the page"),
        ].joined(separator: "\n\n"))

    @OptionGroup var database: DatabaseOption

    @Option(
        help: .said(
            "Where the page answers: 127.0.0.1:8080; 0.0.0.0:8080 for all addresses of the machine, port 0 takes a "
                + "free one.", "host:port"))
    var listen: String?

    @Option(
        help: .said(
            "The address that people type, when a proxy with TLS stands before it: https://sluice.example.com.", "url"))
    var url: String?

    @Option(
        help: .said(
            "The folder for backups that are asked for on the page; it is made where there is none. Beside an SQLite "
                + "file unless told; a server's database has no backups on the page without it.", "folder"))
    var backups: String?

    @Option(help: .said("Most calls in flight.", "number"))
    var workers: Int = 16

    @Option(help: .said("How long work may stand still before /flowing says so, in seconds.", "seconds"))
    var stalledAfter: Int = 120

    @Flag(
        help: .said(
            "People may give the address of any platform on the page, also one in your own network, and webhooks may "
                + "lead there. For tests."))
    var allowBaseUrls = false

    @Flag(help: .said("One JSON object a line.")) var json = false

    func validate() throws {
        if !(1...512).contains(workers) { throw ValidationError(said("--workers takes 1 to 512.")) }
        if stalledAfter < 1 { throw ValidationError(said("--stalled-after takes 1 or more.")) }
        _ = try publicURL()
        _ = try address()
    }

    private func publicURL() throws -> String? {
        let name = url == nil ? "SLUICE_URL" : "--url"
        guard let text = url ?? Console.variable("SLUICE_URL") else { return nil }
        guard let address = PublicURL.normal(text) else {
            throw ValidationError(
                said("\(name) takes a scheme and a host, and no path: https://sluice.example.com."))
        }
        return address
    }

    private func address() throws -> ListenAddress {
        do {
            return try ListenAddress(listen ?? Console.variable("SLUICE_LISTEN") ?? "127.0.0.1:8080")
        } catch {
            throw ValidationError(said(error.description))
        }
    }

    private func servedBackups(_ location: DatabaseLocation) throws -> ServedBackups {
        let name = backups == nil ? "SLUICE_BACKUPS" : "--backups"
        let folder = try (backups ?? Console.variable("SLUICE_BACKUPS")).map {
            try ServedBackups.folder($0, named: name)
        }
        return ServedBackups(of: location, given: database.text, into: folder, clock: SystemWallClock())
    }

    func run() async throws {
        try await offMainActor { try await self.work() }
    }

    private func work() async throws {
        let signals = await SyncSession.signals()
        let location = try database.location
        try DatabasePlace.check(location)
        let page = ServedPage(
            publicURL: try publicURL(), backups: try servedBackups(location), allowsAddresses: allowBaseUrls)
        let session = WorkerSession(
            database: location, workers: workers, listen: try address(), stall: .seconds(stalledAfter),
            log: WorkerLog(json: json), page: page, notices: try NoticePost.read(allowsAddresses: allowBaseUrls),
            endsProgram: true)
        let exit = try await session.run(until: signals)
        if exit.code != 0 { throw exit }
    }
}
