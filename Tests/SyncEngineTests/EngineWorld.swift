import ConnectorKit
import HTTPTypes
import Logging
import StoreSQL
import StoreSQLite
import SyncCore
import SyncEngine
import SyncTestKit
import Synchronization
import Testing

/// A platform whose chunks are named by their mode. The status of an answer says what it means; the cursor counts
/// the calls of a chunk that went well.
struct WorkConnector: Connector {
    static let quota = QuotaKey(platform.id, "app", "1")
    static let platform = Platform(
        id: PlatformID("work"), name: "Work", baseURL: "http://work", credentialFields: [], stages: ["things"],
        steps: [JobStep("first", phase: .recent), JobStep("second", phase: .recent)],
        quotas: ["app": QuotaLimit(points: 1000, per: .seconds(1), burst: 1000)], leastBlock: ["app": .seconds(60)])

    static let things = StreamSchema(
        platform: platform.id, id: StreamID("things"), stage: "things", grain: .entity,
        columns: [
            Column(context: "account_id", .text), Column("id", .text, "id"),
            Column("updated_time", .instant, "updated_time"),
        ], key: ["account_id", "id"],
        summary: "Things.")

    private let chunks: [String: [String]]

    /// `first` and `second` are the chunks of these steps: `a b c`.
    struct Outdated: Error {}

    init(configuration: [String: String]) throws {
        if configuration["first"] == "!" { throw Outdated() }
        chunks = configuration.mapValues { $0.split(separator: " ").map(String.init) }
    }

    var streams: [StreamSchema] { [WorkConnector.things] }

    func quotaKeys(of account: String) -> [QuotaKey] { [WorkConnector.quota] }

    func plan(_ request: PlanRequest) -> [ChunkSpec] {
        (chunks[request.step.name] ?? []).map {
            // A name with a question mark is of a stream that is not configured any more.
            let stream = $0.hasSuffix("?") ? StreamID("gone") : WorkConnector.things.id
            return ChunkSpec(stream: stream, phase: .recent, mode: $0)
        }
    }

    func call(for work: ChunkWork) -> Call {
        // One answer serves all chunks whose name begins so.
        if work.spec.mode.hasPrefix("same") {
            return Call(WireRequest(.get, "/same"), costs: []).reusable(for: .seconds(60))
        }
        let token = work.credential["token"].map { "?\($0)" } ?? ""
        return Call(
            WireRequest(.get, "/\(work.account.externalID)/\(work.spec.mode)/\(work.cursor ?? "0")\(token)"),
            costs: [QuotaCost(WorkConnector.quota)])
    }

    /// A credential with a number can be renewed: `/renew/1` gives the token `t1` and the number 2.
    func renewal(
        of credential: Credential, account: String, because reason: RenewalReason, at now: Instant
    ) -> Call? {
        guard let number = credential["number"], reason == .refused || credential["token"] == nil else { return nil }
        return Call(WireRequest(.post, "/renew/\(number)"), costs: [QuotaCost(WorkConnector.quota)])
    }

    func renewed(
        _ response: WireResponse, of credential: Credential, account: String, at now: Instant
    ) -> Renewed {
        guard response.status == 200, let number = credential["number"].flatMap({ Int($0) }) else {
            return .failed(failure(response.status, now))
        }
        var renewed = credential
        renewed["token"] = "t\(number)"
        renewed["number"] = "\(number + 1)"
        return .credential(renewed)
    }

    func read(_ response: WireResponse, to call: Call, of work: ChunkWork) -> Reading {
        let next = String((work.cursor.flatMap { Int($0) } ?? 0) + 1)
        return switch response.status {
        case 200: Reading(.finished(.init()), tables: rows(work))
        case 202: Reading(.later(.seconds(30), cursor: next), tables: rows(work))
        case 206: Reading(.more(cursor: next))
        case 413: Reading(.split([part(work, "l"), part(work, "r")], reason: "too much"))
        default: Reading(.failed(failure(response.status, work.now)))
        }
    }

    /// A chunk called `rows` brings one with each answer, changed just now.
    private func rows(_ work: ChunkWork) -> [RowTable] {
        guard work.spec.mode == "rows" else { return [] }
        let body = #"[{"id":"\#(work.cursor ?? "0")","updated_time":"\#(work.answeredAt)"}]"#
        let page = try? RowReader(schema: WorkConnector.things).read(
            Array(body.utf8), at: .list(""), context: ["account_id": "a"], currency: "VND")
        return page.map { [$0.table] } ?? []
    }

    private func part(_ work: ChunkWork, _ name: String) -> ChunkSpec {
        ChunkSpec(stream: work.spec.stream, phase: .recent, mode: work.spec.mode + name)
    }

    private func failure(_ status: Int, _ now: Instant) -> Failure {
        let cause = Failure.Cause(code: "\(status)", "The platform said \(status).")
        return switch status {
        case 400: .permanentRequest(cause)
        case 401: .ownerMustAct(cause)
        case 403: .permanentConfiguration(cause)
        case 404: .gone(cause)
        case 414: .tooBig(cause)
        case 418: .bug(cause)
        case 425: .retryAt(now + .seconds(90), cause)
        case 429: .throttled(WorkConnector.quota, until: nil, cause)
        case 498: .refreshCredential(cause)
        default: .retryNow(cause)
        }
    }

    // MARK: Never asked for here

    func call(for question: Question, cursor: String?, credential: Credential, at now: Instant) -> Call {
        Issue.record("nobody asks this connector")
        return Call(WireRequest(.get, "/"), costs: [])
    }

    func answer(
        _ response: WireResponse, to question: Question, cursor: String?, credential: Credential, at now: Instant
    ) -> Answer {
        Issue.record("nobody asks this connector")
        return .failed(.bug(Failure.Cause(code: "", "unexpected")))
    }

    func recheck(_ ids: [String], of spec: ChunkSpec, _ learned: Learned) -> [ChunkSpec] { [] }
}

/// An engine over a store in memory and a scripted platform, under the seeded executor and the manual clock.
final class EngineWorld: Sendable {
    let executor: SimExecutor
    let clock = SimClock()
    let wallClock: SimWallClock
    let store: SQLiteStore
    /// Answers by path, the last one again and again; 200 for a path that is not named.
    private let script: Mutex<[String: [Int]]>
    private let sent = Mutex<[String]>([])
    /// How long every answer takes.
    let latency: Duration
    private let faults: StoreFaults
    /// The process that the engine runs in.
    let process = SimProcess()
    /// What the engine counts.
    let tally: EngineTally
    private let told = Mutex<[EngineNews]>([])
    /// Of the master key of engines and connections from now on.
    private let secret = Mutex(Secret([UInt8](repeating: 1, count: 32)))

    init(
        seed: UInt64 = 1, _ script: [String: [Int]] = [:], latency: Duration = .milliseconds(50),
        faults: StoreFaults = StoreFaults()
    ) throws {
        executor = SimExecutor(seed: seed)
        wallClock = SimWallClock(clock, start: Instant(seconds: 1_795_000_000))
        store = try SQLiteStore.inMemory(clock: wallClock, executor: executor)
        self.script = Mutex(script)
        self.latency = latency
        self.faults = faults
        tally = EngineTally(clock: clock)
    }

    /// Paths that were asked for, in order.
    var calls: [String] { sent.withLock { $0 } }
    /// What the engine told, in order.
    var news: [EngineNews] { told.withLock { $0 } }
    func takeKey(of byte: UInt8) { secret.withLock { $0 = Secret([UInt8](repeating: byte, count: 32)) } }
    func answer(_ path: String, with statuses: [Int]) { script.withLock { $0[path] = statuses } }

    /// Runs an engine beside `body`; when that returns the engine is stopped.
    func run<Result: Sendable>(
        workers: Int = 4, outlastsTrouble: Bool = false, keepsSchedules: Bool = false,
        _ body: @escaping @Sendable (EngineWorld, Engine) async throws -> Result
    ) throws -> Result {
        try executor.run(clock: clock) {
            let options = Engine.Options(
                workers: workers, name: "test", poll: keepsSchedules ? .seconds(20) : .seconds(1),
                outlastsTrouble: outlastsTrouble, keepsSchedules: keepsSchedules)
            let engine = Engine(try self.environment(), options: options)
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await engine.run() }
                let result = try await body(self, engine)
                engine.stop()
                try await group.waitForAll()
                return result
            }
        }
    }

    /// Does something before an engine runs.
    func prepare<Result: Sendable>(
        _ body: @escaping @Sendable (EngineWorld) async throws -> Result
    ) throws -> Result {
        try executor.run(clock: clock) { try await body(self) }
    }

    /// As `process` sees it, when that is another than the world's.
    func environment(
        of process: SimProcess? = nil, dice: SimDice = SimDice(seed: 1), states: RareStates = RareStates()
    ) throws -> EngineEnvironment {
        let random = RandomSource(SeededGenerator(seed: 1))
        var environment = EngineEnvironment(
            store: SimStore(
                store, process: process ?? self.process, clock: clock, faults: faults, random: dice,
                tally: states, ledger: Ledger(clock: clock, leasesAreLong: true)),
            clock: clock, wallClock: wallClock, random: random,
            vault: try Vault(master: secret.withLock { $0 }, random: random),
            connectors: [WorkConnector.self], transport: { _ in WorkTransport(world: self) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            news: { news in self.told.withLock { $0.append(news) } })
        environment.tally = tally
        return environment
    }

    // MARK: Scenes

    func connect(
        _ steps: [String: String], name: String = "default", credential: [String: String] = [:]
    ) async throws -> ConnectionID {
        let access = Access(
            platform: WorkConnector.platform.id, name: name, baseURL: "http://work",
            credential: Credential(credential.mapValues { Secret($0) }), configuration: steps)
        return try await Control(environment()).store(access)
    }

    /// The stored credential, opened.
    func credential(of id: ConnectionID) async throws -> Credential {
        let connection = try await store.connection(id)
        guard let connection else { throw StoreError.inconsistent("no connection") }
        return Credential(try environment().vault.open(connection.sealed, for: connection.sealSubject))
    }

    /// A job over the chunks of the connection's steps.
    func job(_ connection: ConnectionID, account: String = "a", maxRetries: Int = 6) async throws -> JobID {
        let id = try await store.save(
            Account(
                id: AccountID(0), connection: connection, platform: WorkConnector.platform.id, externalID: account,
                name: account, currency: "VND", zoneName: "Asia/Ho_Chi_Minh"))
        return try await store.enqueue(
            NewJob(
                account: id, kind: .initial, workClass: .recent, streams: [WorkConnector.things.id], requested: nil,
                anchor: CivilDate(daysSince1970: 20_778), recent: nil, history: nil,
                steps: WorkConnector.platform.steps.map { .init(name: $0.name, phase: $0.phase) },
                maxRetries: maxRetries)
        ).id
    }

    func job(_ first: String, second: String = "", maxRetries: Int = 6) async throws -> JobID {
        try await job(try await connect(["first": first, "second": second]), maxRetries: maxRetries)
    }

    /// Waits until the job is in one of these states.
    @discardableResult
    func wait(for id: JobID, toBe states: Set<WorkState> = [.completed, .failed]) async throws -> Job {
        for _ in 0..<10_000 {
            if let job = try await store.job(id), states.contains(job.state) { return job }
            try await clock.sleep(for: .milliseconds(200))
        }
        throw TimedOut()
    }

    struct TimedOut: Error {}

    func chunks(_ job: JobID) async throws -> [ChunkSummary] {
        try await store.chunks(of: job, in: Set(WorkState.allCases), limit: 100)
    }

    fileprivate func exchange(_ request: WireRequest) async throws -> WireResponse {
        try Task.checkCancellation()
        sent.withLock { $0.append(request.target) }
        let status = script.withLock { script -> Int in
            guard let statuses = script[request.target], let first = statuses.first else { return 200 }
            if statuses.count > 1 { script[request.target] = Array(statuses.dropFirst()) }
            return first
        }
        try await clock.sleep(for: latency)
        return WireResponse(status: status, body: Array("[]".utf8))
    }
}

private struct WorkTransport: Transport {
    let world: EngineWorld
    func send(_ request: WireRequest) async throws -> WireResponse { try await world.exchange(request) }
}
