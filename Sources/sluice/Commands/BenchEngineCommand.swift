import ArgumentParser
import ConnectorKit
import Foundation
import HTTPTypes
import StoreSQL
import StoreSQLite
import SyncCore
import SyncEngine
import Synchronization

/// Measures the engine itself: chunks that read nothing and store nothing go through plan, claim, permit, call,
/// commit and settle, each durably. On a server several processes share them. Printed for docs/benchmarks.md.
struct BenchEngineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench-engine", abstract: "Measure the engine with chunks that do nothing.",
        shouldDisplay: false)

    @Option(help: "The file to fill, which must not exist, or an empty database of a server.") var database: String
    @Option(help: "How many chunks.") var chunks: Int = 100_000
    @Option(help: "Over how many accounts they are spread.") var accounts: Int = 1
    @Option(help: "Most chunks in work at once in each process.") var workers: Int = 16
    @Option(help: "How many processes work; more than one needs a server.") var processes: Int = 1
    @Flag(help: "Work on what another process has planned, and print what was seen.") var join = false
    @Flag(help: "Print one JSON object.") var json = false

    func run() async throws {
        try await offMainActor {
            if self.join { try await self.help() } else { try await self.measure() }
        }
    }

    private func measure() async throws {
        let location = try DatabaseLocation(database)
        guard try await Database.isMissing(at: location) else {
            throw Exit.usage("\(location) exists already. Name one that does not.")
        }
        let bench = try await EngineBench(location, processes > 1 ? .visit : .work, creating: true)
        let jobs = try await bench.plan(chunks: chunks, accounts: accounts)
        let begun = ContinuousClock.now
        let waits =
            processes > 1
            ? try await helpers(bench, jobs) : try await bench.work(jobs, workers: workers, name: "bench")
        let seconds = begun.duration(to: .now).inSeconds
        try await bench.close()
        guard waits.count == chunks else { throw Exit.failedChunks("\(waits.count) of \(chunks) chunks were started.") }
        let result = BenchEngineResult(seconds: seconds, waits: waits.sorted())
        Console.out(json ? result.json : result.sentence)
    }

    private func help() async throws {
        let bench = try await EngineBench(try DatabaseLocation(database), .work, creating: false)
        let jobs = try await bench.store.jobs(limit: 10_000).map(\.id)
        let waits = try await bench.work(jobs, workers: workers, name: "\(ProcessInfo.processInfo.processIdentifier)")
        try await bench.close()
        Console.out(waits.map { "\($0)" }.joined(separator: " "))
    }

    /// Waits of all chunks, from other processes of this program.
    private func helpers(_ bench: EngineBench, _ jobs: [JobID]) async throws -> [Double] {
        let helpers = try (0..<processes).map { _ in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            process.arguments = ["bench-engine", "--join", "--database", database, "--workers", "\(workers)"]
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            return (process, output)
        }
        return helpers.flatMap { process, output in
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        }
    }
}

/// An engine over a platform that does nothing.
private struct EngineBench {
    let database: Database
    let environment: EngineEnvironment
    private let line: StartLine
    var store: any SyncStore & HealthStore { database.store }

    init(_ location: DatabaseLocation, _ mode: SQLiteStore.Mode, creating: Bool) async throws {
        if creating { try await Database.open(location, .work).close() }
        database = try await Database.open(location, mode)
        let line = StartLine(clock: database.clock)
        self.line = line
        let random = RandomSource()
        environment = EngineEnvironment(
            store: database.store, clock: ContinuousClock(), wallClock: database.clock, random: random,
            // There is nothing to keep secret, and all processes need the same.
            vault: try Vault(master: Secret([UInt8](repeating: 7, count: 32)), random: random),
            connectors: [IdleConnector.self], transport: { _ in line }, logger: Workplace.log)
    }

    func close() async throws { try await database.close() }

    /// Jobs with all their chunks, before the time starts to count.
    func plan(chunks: Int, accounts: Int) async throws -> [JobID] {
        let control = Control(environment)
        let connection = try await control.store(
            Access(
                platform: IdleConnector.platform.id, name: "bench", baseURL: IdleConnector.platform.baseURL,
                credential: Credential([:]), configuration: ["chunks": "\(chunks / accounts)"]))
        var jobs: [JobID] = []
        for number in 1...accounts {
            let facts = AccountFacts(
                externalID: "\(number)", name: "Bench", currency: "VND", zoneName: "Asia/Ho_Chi_Minh")
            jobs.append(try await control.start(Control.Order(), of: facts, connection: connection).job)
        }
        // An engine that may run nothing only plans.
        let planner = Engine(environment, options: .init(workers: 0, name: "planner"))
        async let planning: Void = planner.run()
        while try await store.queueDepth().chunks[.pending, default: 0] < chunks / accounts * accounts {
            try await ContinuousClock().sleep(for: .milliseconds(20))
        }
        planner.stop()
        try await planning
        return jobs
    }

    /// Works until the jobs are done. For each chunk that was started here: from the moment of its claim, by the
    /// store's clock, to its call; in seconds.
    func work(_ jobs: [JobID], workers: Int, name: String) async throws -> [Double] {
        let engine = Engine(environment, options: .init(workers: workers, name: name))
        async let working: Void = engine.run()
        for job in jobs {
            while let found = try await store.job(job), !found.state.isTerminal {
                try await ContinuousClock().sleep(for: .milliseconds(50))
            }
        }
        engine.stop()
        try await working
        let starts = line.starts
        var waits: [Double] = []
        for job in jobs {
            let account = try await store.job(job)?.definition.account ?? AccountID(0)
            for chunk in try await store.chunks(of: job, in: [.completed], limit: .max) {
                guard let start = starts["\(account) \(chunk.spec.mode)"], let claimed = chunk.startedAt else {
                    continue
                }
                waits.append((start - claimed).inSeconds)
            }
        }
        return waits
    }
}

private struct BenchEngineResult {
    var perSecond: Double
    /// 99 % of the chunks started within that many milliseconds of their claim.
    var startP99: Double

    /// `waits` ascending, in seconds, one of each chunk.
    init(seconds: Double, waits: [Double]) {
        perSecond = Double(waits.count) / seconds
        startP99 = waits.isEmpty ? 0 : waits[min(waits.count - 1, waits.count * 99 / 100)] * 1000
    }

    var sentence: String {
        "\(Int(perSecond)) chunks a second, claim to start p99 \(String(format: "%.1f", startP99)) ms"
    }

    var json: String {
        """
        {"chunks_per_second": \(Int(perSecond)), "claim_to_start_p99_ms": \(String(format: "%.3f", startP99))}
        """
    }
}

/// A platform whose chunks take one call and bring nothing.
private struct IdleConnector: Connector {
    static let platform = Platform(
        id: PlatformID("idle"), name: "Idle", baseURL: "http://localhost", credentialFields: [], stages: ["idle"],
        steps: [JobStep("idle", phase: .recent)],
        quotas: ["app": QuotaLimit(points: 10_000_000, per: .seconds(1), burst: 10_000_000)])

    let streams = [
        StreamSchema(
            platform: platform.id, id: StreamID("nothing"), stage: "idle", grain: .event,
            columns: [
                Column(context: "account_id", .text, "The account."), Column("id", .text, "id", "The event."),
            ],
            key: ["account_id", "id"], summary: "Never holds a row.")
    ]
    private let chunks: Int

    init(configuration: [String: String]) throws {
        chunks = configuration["chunks"].flatMap { Int($0) } ?? 0
    }

    func quotaKeys(of account: String) -> [QuotaKey] { [QuotaKey(Self.platform.id, "app", "1")] }

    /// The mode is the chunk's number, by which its start is found again.
    func plan(_ request: PlanRequest) -> [ChunkSpec] {
        (0..<chunks).map { ChunkSpec(stream: streams[0].id, phase: .recent, mode: "\($0)") }
    }

    func call(for work: ChunkWork) -> Call {
        Call(
            WireRequest(.get, "\(work.account.id) \(work.spec.mode)"),
            costs: [QuotaCost(QuotaKey(Self.platform.id, "app", "1"), points: 1)])
    }

    func read(_ response: WireResponse, to call: Call, of work: ChunkWork) -> Reading {
        Reading(.finished(.init()))
    }

    func recheck(_ ids: [String], of spec: ChunkSpec, _ learned: Learned) -> [ChunkSpec] { [] }

    func call(for question: Question, cursor: String?, credential: Credential, at now: Instant) -> Call {
        Call(WireRequest(.get, "/"), costs: [])
    }

    func answer(
        _ response: WireResponse, to question: Question, cursor: String?, credential: Credential, at now: Instant
    ) -> Answer {
        .failed(.bug(Failure.Cause(code: "", "This platform has nothing to ask.")))
    }
}

/// Answers at once, and notes when each chunk's call came.
private final class StartLine: Transport {
    private let noted = Mutex<[String: Instant]>([:])
    private let clock: any WallClock

    init(clock: any WallClock) { self.clock = clock }

    var starts: [String: Instant] { noted.withLock { $0 } }

    func send(_ request: WireRequest) async throws -> WireResponse {
        let now = clock.now
        noted.withLock { $0[request.target] = now }
        return WireResponse(status: 200, body: [])
    }
}
