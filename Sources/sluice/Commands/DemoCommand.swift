import ArgumentParser
import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import StoreSQLite
import SyncCore
import SyncEngine
import SyncHTTP
import SyncWeb
import Wording

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: said(
            "Sync simulated platforms over real HTTP, a Meta account of two years first, prove that every row "
                + "arrived, then show it all on the web page."),
        discussion: said("All data is simulated. Run it again: of Meta it reads only what may have changed."))

    @Option(help: .said("The file to fill.")) var database: String = "sluice-demo.sqlite"
    @Option(
        help: .said(
            "The port of the first sandbox on this machine; the others take those behind it, or a free one."))
    var port: Int = 7801
    @Option(help: .said("Most calls in flight.")) var workers: Int = 16
    @Option(
        help: .said("Where the page answers: 127.0.0.1:8080, or a free port where that is taken.", "host:port"))
    var listen: String?
    @Flag(help: .said("Exit after the sync.")) var once = false

    func validate() throws {
        if !(1...512).contains(workers) { throw ValidationError(said("--workers takes 1 to 512.")) }
        try checkPort(port)
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
        try await offMainActor { try await self.show() }
    }

    /// One platform's part: Meta whole, of the others a month or a little, so that all is over in a minute or two.
    private struct Part {
        var platform: String
        /// What its connection is stored under, whatever its port: at another one it is the same account.
        var address: String
        var streams: [String] = []
        var range: NamedRange?
        var world = ["demo"]
        var receiver: Receiver?

        /// A platform that gets what is read.
        struct Receiver {
            var platform: String
            var address: String
            var world: [String]
            /// Its own limit would make a demo wait for minutes.
            var limits: [String: QuotaLimit]
        }
    }

    private static let parts = [
        Part(platform: "meta", address: "http://127.0.0.1:7801"),
        Part(
            platform: "shopee", address: "http://127.0.0.1:7802",
            streams: ["shops", "campaigns", "campaign_daily", "shop_daily"], range: .last30Days),
        Part(platform: "admitad", address: "http://127.0.0.1:7803", range: .last30Days),
        Part(platform: "boostiny", address: "http://127.0.0.1:7804", streams: ["campaigns", "coupons"]),
        Part(
            platform: "pancake", address: "http://127.0.0.1:7805",
            world: ["demo", "--size", "conversations=15"],
            receiver: Part.Receiver(
                platform: "folkform", address: "http://127.0.0.1:7806",
                world: ["bench", "--size", "rate=0,latency=30"],
                limits: ["client": QuotaLimit(points: 20, per: .seconds(1), burst: 5)])),
    ]

    private func show() async throws {
        Console.leaveAtInterrupts()
        let database = DatabaseLocation.file(DatabasePlace.resolved(database))
        try DatabasePlace.check(database)
        var running: [SandboxProcess] = []
        var moved: [String: String] = [:]
        defer { for sandbox in running { sandbox.stop() } }
        for (index, part) in DemoCommand.parts.enumerated() {
            let wanted = port == 0 ? 0 : port + index
            let sandbox = try start(part.platform, part.world, port: wanted)
            running.append(sandbox)
            moved[part.address] = sandbox.url
            var receiver: SandboxProcess?
            if let told = part.receiver {
                let started = try start(told.platform, told.world, port: wanted == 0 ? 0 : wanted + 1)
                running.append(started)
                moved[told.address] = started.url
                receiver = started
            }
            try await show(part, sandbox, receiver, database)
        }
        if !once { try await serve(database, moved) }
    }

    /// The page over what was read, with workers and schedules, until somebody ends it.
    private func serve(_ database: DatabaseLocation, _ moved: [String: String]) async throws {
        let signals = await SyncSession.signals()
        func session(_ address: ListenAddress) -> WorkerSession {
            WorkerSession(
                database: database, workers: workers, listen: address, stall: .seconds(120),
                log: WorkerLog(json: false),
                page: ServedPage(
                    isDemo: true, moved: moved,
                    backups: ServedBackups(of: database, given: self.database, into: nil, clock: SystemWallClock())))
        }
        let exit: Exit
        do {
            exit = try await session(try address() ?? ListenAddress(host: "127.0.0.1", port: 8080)).run(until: signals)
        } catch ListenError.taken where listen == nil {
            exit = try await session(ListenAddress(host: "127.0.0.1", port: 0)).run(until: signals)
        }
        if exit.code != 0 { throw exit }
    }

    private func show(
        _ part: Part, _ sandbox: SandboxProcess, _ receiver: SandboxProcess?, _ database: DatabaseLocation
    ) async throws {
        let type = try Catalog.connectors.type(of: PlatformID(part.platform))
        let credential = Credential(sandbox.credential.mapValues { Secret($0) })
        // One account of its own each: the usual name is the demo's.
        let name = type.name(of: credential, account: sandbox.account)
        var given = Access(
            platform: type.platform.id, name: name == "default" ? "demo" : name, baseURL: part.address,
            credential: credential)
        given.configuration["identity"] = type.identity(of: credential)
        var moved = [part.address: sandbox.url]
        if let receiver, let told = part.receiver { moved[told.address] = receiver.url }
        let calls = QuestionCalls(SystemWallClock())
        let (facts, access) = try await Transports.using(moved: moved) { transports in
            let questioner = Questioner(transports, storingIn: database, calls: calls)
            return (try await questioner.facts(of: sandbox.account, with: given), questioner.current(given))
        }

        let workplace = try await Workplace.open(database, .work, Transports(moved: moved))
        do {
            try await workplace.control.charge(calls)
            let destination = try await route(part, facts, access, to: receiver, in: workplace)
            var exit = try await sync(part, in: workplace, access, facts, sandbox, database)
            if exit.code == 0, let destination, let receiver {
                exit = try await passOn(to: destination, receiver, in: workplace, facts, sandbox, database)
            }
            await workplace.close()
            if exit.code != 0 { throw exit }
        } catch {
            await workplace.close()
            throw error
        }
    }

    private func start(_ platform: String, _ world: [String], port: Int) throws -> SandboxProcess {
        let sandbox = try SandboxProcess.start(platform, world: world, port: port)
        let name = try Catalog.connectors.type(of: PlatformID(platform)).platform.name
        Console.error(Words.current.simulated(name, url: sandbox.url))
        return sandbox
    }

    private func sync(
        _ part: Part, in workplace: Workplace, _ access: Access, _ facts: AccountFacts, _ sandbox: SandboxProcess,
        _ database: DatabaseLocation
    ) async throws -> Exit {
        let connection = try await workplace.control.store(access)
        let signals = await SyncSession.signals()
        let today = CivilDate(SystemWallClock().now, in: try AccountZone.named(facts.zoneName))
        let days = part.range?.days(today: today)
        let order = Control.Order(streams: part.streams, days: days)
        let started = try await workplace.control.start(order, of: facts, connection: connection)
        let session = SyncSession(
            workplace: workplace, parts: [SyncSession.Part(job: started.job, facts: facts)],
            platform: access.platform, database: database, json: false,
            truth: { try await sandbox.truth(of: facts.externalID, days) })
        session.greet(started, facts, warnings: [facts.warning].compactMap(\.self))
        return try await session.run(workers: workers, until: signals)
    }
}

/// What is read goes on to a platform that receives.
extension DemoCommand {
    /// An account that receives.
    private struct Destination {
        var account: AccountID
        var facts: AccountFacts
        /// Else it got things in an earlier demo, of which its new sandbox knows nothing.
        var isNew: Bool
    }

    private func route(
        _ part: Part, _ source: AccountFacts, _ access: Access, to sandbox: SandboxProcess?, in workplace: Workplace
    ) async throws -> Destination? {
        guard let told = part.receiver, let sandbox else { return nil }
        let control = workplace.control
        let given = Access(
            platform: PlatformID(told.platform), name: "demo", baseURL: told.address,
            credential: Credential(sandbox.credential.mapValues { Secret($0) }))
        let facts = AccountFacts(
            externalID: "me", name: try Catalog.connectors.type(of: given.platform).platform.name,
            currency: AccountFacts.severalCurrencies, zoneName: "UTC")
        let account = try await control.save(facts, connection: try await control.store(given))
        _ = try await control.set(told.limits.mapValues(\.self), of: facts.externalID, with: given)
        let read = try await control.save(source, connection: try await control.store(access))
        try await workplace.store.route(read, to: account, keepsRows: true)
        let sent = try await workplace.store.outboxCount(of: account).sent
        return Destination(account: account, facts: facts, isNew: sent == 0)
    }

    /// What the sync has not passed on itself, and what the other side then has.
    private func passOn(
        to destination: Destination, _ receiver: SandboxProcess, in workplace: Workplace, _ source: AccountFacts,
        _ sandbox: SandboxProcess, _ database: DatabaseLocation
    ) async throws -> Exit {
        let signals = await SyncSession.signals()
        let job = try await workplace.control.deliver(to: destination.account)
        Console.error(Words.current.passesOn(destination.facts.name))
        let session = SyncSession(
            workplace: workplace, parts: [SyncSession.Part(job: job, facts: destination.facts)],
            platform: PlatformID("folkform"), database: database, json: false)
        let exit = try await session.run(workers: workers, isLast: false, until: signals)
        guard exit.code == 0 else { return exit }
        let got = try await receiver.truth(of: receiver.account)
        let there = try await sandbox.truth(of: source.externalID)
        Console.out(
            Words.current.received(
                destination.facts.name, conversations: got.rows["facebook/conversation"] ?? 0,
                messages: got.rows["facebook/message-item"] ?? 0,
                of: destination.isNew
                    ? (there.rows["pancake_conversations"] ?? 0, there.rows["pancake_messages"] ?? 0) : nil))
        return exit
    }
}

/// The sandbox in a process of its own, so that its work and memory are not counted as ours.
// Unchecked: the process and the pipe are only held, and stopped once, by the command that started them.
final class SandboxProcess: @unchecked Sendable {
    let url: String
    /// By the names of the connector's fields.
    let credential: [String: String]
    let account: String
    private let process: Process
    /// Ends with this process, however that ends, and the sandbox with it.
    private let leash: Pipe

    private init(_ facts: [String: String], _ process: Process, _ leash: Pipe) throws {
        guard let url = facts["url"], let account = facts["account"] else {
            throw Exit.failedChunks(said("The sandbox did not start."))
        }
        self.url = url
        self.credential = facts.filter { !["url", "account"].contains($0.key) }
        self.account = account
        self.process = process
        self.leash = leash
    }

    /// Starts on `port`, or on a free one when that is taken. Returns when it answers.
    static func start(_ platform: String, world: [String], port: Int) throws -> SandboxProcess {
        for attempt in [port, 0] {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            process.arguments =
                ["sandbox", platform, "--port", "\(attempt)", "--until-input-ends", "--world"] + world
            let output = Pipe()
            let leash = Pipe()
            process.standardInput = leash
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
            if let facts = read(output.fileHandleForReading) {
                return try SandboxProcess(facts, process, leash)
            }
            process.waitUntilExit()
        }
        throw Exit.failedChunks(said("The sandbox did not start."))
    }

    /// The lines that it prints at its start, name and value each; nil when it ended before the last one.
    private static func read(_ handle: FileHandle) -> [String: String]? {
        var text = ""
        var facts: [String: String] = [:]
        while facts["account"] == nil {
            let piece = handle.availableData
            guard !piece.isEmpty else { return nil }
            text += String(decoding: piece, as: UTF8.self)
            for line in text.split(separator: "\n").dropLast(text.hasSuffix("\n") ? 0 : 1) {
                let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
                if parts.count == 2 { facts[parts[0]] = parts[1] }
            }
        }
        return facts
    }

    /// Returns when its port is free again.
    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// Rows that a complete sync holds, by table, and the fewest calls for them.
    func truth(of account: String, _ days: DayRange? = nil) async throws -> Truth {
        try await HTTPTransport.with(baseURL: url) { transport in
            let range = days.map { "&from=\($0.first)&to=\($0.last)" } ?? ""
            let answer = try await transport.send(WireRequest(.get, "/sandbox/truth?account=\(account)\(range)"))
            return try JSONDecoder().decode(Truth.self, from: Data(answer.body))
        }
    }
}

/// What the sandbox says a complete sync holds.
struct Truth: Decodable, Sendable {
    var rows: [String: Int]
    var fewestCalls: Int?
}
