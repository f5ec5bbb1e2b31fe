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
/// commit and settle, each durably. Printed for docs/benchmarks.md.
struct BenchEngineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench-engine", abstract: "Measure the engine with chunks that do nothing.",
        shouldDisplay: false)

    @Option(help: "The file to fill; must not exist.") var database: String
    @Option(help: "How many chunks.") var chunks: Int = 100_000
    @Option(help: "Most chunks in work at once.") var workers: Int = 16
    @Flag(help: "Print one JSON object.") var json = false

    func run() async throws {
        try await offMainActor { try await self.measure() }
    }

    private func measure() async throws {
        guard !FileManager.default.fileExists(atPath: database) else {
            throw Exit.usage("\(database) exists already. Name a file that does not.")
        }
        let store = try SQLiteStore.open(path: database, mode: .work, clock: SystemWallClock())
        let line = StartLine()
        let random = RandomSource()
        let environment = EngineEnvironment(
            store: store, clock: ContinuousClock(), wallClock: SystemWallClock(), random: random,
            vault: try Vault(master: Secret(random.bytes(32)), random: random), connectors: [IdleConnector.self],
            transport: { _ in line }, logger: Workplace.log)
        let (job, seconds) = try await work(environment)
        let waits = try await waits(of: job, in: store, line).sorted()
        try await store.close()
        report(BenchEngineResult(seconds: seconds, waits: waits))
    }

    /// Runs the whole job; its chunks are planned before the time starts to count.
    private func work(_ environment: EngineEnvironment) async throws -> (JobID, seconds: Double) {
        let control = Control(environment)
        let connection = try await control.store(
            Access(
                platform: IdleConnector.platform.id, name: "bench", baseURL: IdleConnector.platform.baseURL,
                credential: Credential([:]), configuration: ["chunks": "\(chunks)"]))
        let facts = AccountFacts(externalID: "1", name: "Bench", currency: "VND", zoneName: "Asia/Ho_Chi_Minh")
        let job = try await control.start(Control.Order(), of: facts, connection: connection).job
        let engine = Engine(environment, options: .init(workers: workers, name: "bench"))
        let clock = ContinuousClock()
        let begun = clock.now
        async let working: Void = engine.run()
        while let found = try await environment.store.job(job), !found.state.isTerminal {
            try await clock.sleep(for: .milliseconds(50))
        }
        let taken = begun.duration(to: clock.now)
        engine.stop()
        try await working
        return (job, taken.inSeconds)
    }

    /// From the moment of each claim, by the store's clock, to the chunk's call; in seconds.
    private func waits(of job: JobID, in store: SQLiteStore, _ line: StartLine) async throws -> [Double] {
        let starts = line.starts
        let done = try await store.chunks(of: job, in: [.completed], limit: chunks)
        guard done.count == chunks, starts.count == chunks else {
            throw Exit.failedChunks("\(done.count) of \(chunks) chunks were completed, \(starts.count) started.")
        }
        return done.compactMap { chunk in
            guard let start = starts[chunk.spec.mode], let claimed = chunk.startedAt else { return nil }
            return (start - claimed).inSeconds
        }
    }

    private func report(_ result: BenchEngineResult) {
        guard json else { return Console.out(result.sentence) }
        Console.out(result.json)
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

    /// The mode is the chunk's number, by which its start is found again.
    func plan(_ request: PlanRequest) -> [ChunkSpec] {
        (0..<chunks).map { ChunkSpec(stream: streams[0].id, phase: .recent, mode: "\($0)") }
    }

    func call(for work: ChunkWork) -> Call {
        Call(
            WireRequest(.get, work.spec.mode),
            costs: [QuotaCost(QuotaKey(Self.platform.id, "app", "1"), points: 1)])
    }

    func read(_ response: WireResponse, to call: Call, of work: ChunkWork) -> Reading {
        Reading(.finished(.init()))
    }

    func recheck(_ ids: [String], of spec: ChunkSpec) -> [ChunkSpec] { [] }

    func call(for question: Question, cursor: String?, credential: Credential) -> Call {
        Call(WireRequest(.get, "/"), costs: [])
    }

    func answer(
        _ response: WireResponse, to question: Question, credential: Credential, at now: Instant
    ) -> Answer {
        .failed(.bug(Failure.Cause(code: "", "This platform has nothing to ask.")))
    }
}

/// Answers at once, and notes when each chunk's call came.
private final class StartLine: Transport {
    private let noted = Mutex<[String: Instant]>([:])
    private let clock = SystemWallClock()

    var starts: [String: Instant] { noted.withLock { $0 } }

    func send(_ request: WireRequest) async throws -> WireResponse {
        let now = clock.now
        noted.withLock { $0[request.target] = now }
        return WireResponse(status: 200, body: [])
    }
}
