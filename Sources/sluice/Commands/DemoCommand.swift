import ArgumentParser
import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import StoreSQLite
import SyncCore
import SyncEngine
import SyncHTTP

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: said("Sync a simulated ad account of two years over real HTTP, and prove that every row arrived."),
        discussion: said("All data is simulated. Run it again: it reads only what changed."))

    @Option(help: .said("The file to fill.")) var database: String = "sluice-demo.sqlite"
    @Option(help: .said("The sandbox's port on this machine; another one when it is taken.")) var port: Int = 7801
    @Option(help: .said("Most calls in flight.")) var workers: Int = 16
    @Flag(help: .said("Exit after the sync.")) var once = false

    /// What the demo's connection is stored under, whatever its port: at another one it is the same account.
    private static let address = "http://127.0.0.1:7801"

    func validate() throws {
        if !(1...512).contains(workers) { throw ValidationError(said("--workers takes 1 to 512.")) }
        try checkPort(port)
    }

    func run() async throws {
        try await offMainActor { try await self.show() }
    }

    private func show() async throws {
        Console.leaveAtInterrupts()
        let database = DatabaseLocation.file(DatabasePlace.resolved(database))
        try DatabasePlace.check(database)
        let sandbox = try SandboxProcess.start(port: port)
        defer { sandbox.stop() }
        Console.error(Words.current.simulated(url: sandbox.url))
        let access = Access(
            platform: PlatformID("meta"), name: "demo", baseURL: DemoCommand.address,
            credential: Credential(["token": Secret(sandbox.token), "app_secret": Secret(sandbox.appSecret)]))
        let moved = [DemoCommand.address: sandbox.url]
        let transports = Transports(moved: moved)
        let facts = try await Questioner(transports).facts(of: sandbox.account, with: access)
        await transports.shutdown()

        let workplace = try await Workplace.open(database, .work, Transports(moved: moved))
        do {
            let exit = try await sync(in: workplace, access, facts, sandbox, database)
            await workplace.close()
            if exit.code != 0 { throw exit }
        } catch {
            await workplace.close()
            throw error
        }
    }

    private func sync(
        in workplace: Workplace, _ access: Access, _ facts: AccountFacts, _ sandbox: SandboxProcess,
        _ database: DatabaseLocation
    ) async throws -> Exit {
        let connection = try await workplace.control.store(access)
        let signals = await SyncSession.signals()
        let started = try await workplace.control.start(Control.Order(), of: facts, connection: connection)
        let session = SyncSession(
            workplace: workplace, job: started.job, facts: facts, platform: access.platform, database: database,
            json: false, truth: { try await sandbox.truth(of: facts.externalID) })
        session.greet(started, warnings: [facts.warning].compactMap(\.self))
        return try await session.run(workers: workers, until: signals)
    }
}

/// The sandbox in a process of its own, so that its work and memory are not counted as ours.
// Unchecked: the process and the pipe are only held, and stopped once, by the command that started them.
final class SandboxProcess: @unchecked Sendable {
    let url: String
    let token: String
    let appSecret: String
    let account: String
    private let process: Process
    /// Ends with this process, however that ends, and the sandbox with it.
    private let leash: Pipe

    private init(_ facts: [String: String], _ process: Process, _ leash: Pipe) throws {
        guard let url = facts["url"], let token = facts["token"], let account = facts["account"] else {
            throw Exit.failedChunks(said("The sandbox did not start."))
        }
        self.url = url
        self.token = token
        self.appSecret = facts["app_secret"] ?? ""
        self.account = account
        self.process = process
        self.leash = leash
    }

    /// Starts on `port`, or on a free one when that is taken. Returns when it answers.
    static func start(port: Int) throws -> SandboxProcess {
        for attempt in [port, 0] {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            process.arguments = ["sandbox", "meta", "--world", "demo", "--port", "\(attempt)", "--until-input-ends"]
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
    func truth(of account: String) async throws -> Truth {
        try await HTTPTransport.with(baseURL: url) { transport in
            let answer = try await transport.send(WireRequest(.get, "/sandbox/truth?account=\(account)"))
            return try JSONDecoder().decode(Truth.self, from: Data(answer.body))
        }
    }
}

/// What the sandbox says a complete sync holds.
struct Truth: Decodable, Sendable {
    var rows: [String: Int]
    var fewestCalls: Int
}
