import ArgumentParser
import SyncCore
import SyncHTTP
import SyncWeb

struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: said("Work on whatever jobs there are, for ever; a server or another process hands them over."),
        discussion: [
            said(
                "Takes the jobs of all connections that are stored in the database, as `sluice sync --detach` leaves "
                    + "them there, and waits when there are none. A database that goes away is waited for."),
            said(
                "One process works an SQLite file: beside another one this ends with exit code 2 and names it. Any "
                    + "number work on a PostgreSQL database."),
            said(
                "SIGTERM or Ctrl-C: running chunks are handed back and the program ends, with exit code 0 after a "
                    + "SIGTERM. A second signal ends it at once."),
            NoticePost.variables,
        ].joined(separator: "\n\n"))

    @OptionGroup var database: DatabaseOption

    @Option(help: .said("Most calls in flight.", "number"))
    var workers: Int = 16

    @Option(
        help: .said(
            "Where /healthz, /readyz, /flowing and /metrics answer: 127.0.0.1:9464; port 0 takes a free one.",
            "host:port"))
    var listen: String?

    @Option(help: .said("How long work may stand still before /flowing says so, in seconds.", "seconds"))
    var stalledAfter: Int = 120

    @Flag(help: .said("One JSON object a line.")) var json = false

    func validate() throws {
        if !(1...512).contains(workers) { throw ValidationError(said("--workers takes 1 to 512.")) }
        if stalledAfter < 1 { throw ValidationError(said("--stalled-after takes 1 or more.")) }
        _ = try address()
    }

    private func address() throws -> ListenAddress? {
        do {
            return try listen.map { text throws(ListenError) in try ListenAddress(text) }
        } catch {
            throw ValidationError(said(error.description))
        }
    }

    func run() async throws {
        try await offMainActor { try await self.work() }
    }

    private func work() async throws {
        let signals = await SyncSession.signals()
        let location = try database.location
        try DatabasePlace.check(location)
        let session = WorkerSession(
            database: location, workers: workers, listen: try address(), stall: .seconds(stalledAfter),
            log: WorkerLog(json: json), notices: try NoticePost.read(), endsProgram: true)
        let exit = try await session.run(until: signals)
        if exit.code != 0 { throw exit }
    }
}
