import ConnectorKit
import HTTPTypes
import StoreSQL
import StoreSQLite
import SyncCore
import SyncEngine
import Synchronization
import Testing

/// A platform that receives. The path of a call names the subject and the items that it brings: `/chat/a,b`.
struct SinkConnector: Connector {
    static let quota = QuotaKey(platform.id, "app", "1")
    static let platform = Platform(
        id: PlatformID("sink"), name: "Sink", baseURL: "http://sink", credentialFields: [], stages: ["deliveries"],
        steps: [JobStep("deliver", phase: .recent)],
        quotas: ["app": QuotaLimit(points: 1000, per: .seconds(1), burst: 1000)], receives: 10)
    static let deliveries = StreamSchema(
        platform: platform.id, id: StreamID("deliveries"), stage: "deliveries", grain: .event,
        columns: [Column(context: "account_id", .text), Column("id", .text, "id")], key: ["account_id", "id"],
        summary: "What comes.", isStored: false)

    init(configuration: [String: String]) throws {}

    var streams: [StreamSchema] { [SinkConnector.deliveries] }
    func quotaKeys(of account: String) -> [QuotaKey] { [SinkConnector.quota] }
    func plan(_ request: PlanRequest) -> [ChunkSpec] { [ChunkSpec(stream: StreamID("deliveries"), phase: .recent)] }

    func sent(with work: ChunkWork) -> [OutboxItem] {
        work.outbox.filter { $0.subject == work.outbox.first?.subject }
    }

    func call(for work: ChunkWork) -> Call {
        let items = sent(with: work)
        let path = "/\(items.first?.subject ?? "")/\(items.map(\.item).joined(separator: ","))"
        return Call(WireRequest(.post, path), costs: [QuotaCost(SinkConnector.quota)])
    }

    func read(_ response: WireResponse, to call: Call, of work: ChunkWork) -> Reading {
        let cause = Failure.Cause(code: "\(response.status)", "It said \(response.status).")
        let next = String((work.cursor.flatMap { Int($0) } ?? 0) + 1)
        guard response.status == 200 || response.status == 400 else { return Reading(.failed(.retryNow(cause))) }
        var reading = Reading(.more(cursor: next))
        reading.handled = sent(with: work).map { Handled($0, refusal: response.status == 400 ? cause : nil) }
        return reading
    }

    // MARK: Never asked for here

    func call(for question: Question, cursor: String?, credential: Credential, at now: Instant) -> Call {
        Call(WireRequest(.get, "/"), costs: [])
    }

    func answer(
        _ response: WireResponse, to question: Question, cursor: String?, credential: Credential, at now: Instant
    ) -> Answer {
        .failed(.bug(Failure.Cause(code: "", "unexpected")))
    }

    func recheck(_ ids: [String], of spec: ChunkSpec, _ learned: Learned) -> [ChunkSpec] { [] }
}

/// What waits is sent whatever becomes of one of it.
@Suite("Deliveries")
struct DeliveryTests {
    /// A receiver whose answers `status` gives by path.
    private final class Sink: Transport {
        private let paths = Mutex<[String]>([])
        private let status: Mutex<@Sendable (String) -> Int>
        let clock: any Clock<Duration>

        init(_ clock: any Clock<Duration>, _ status: @escaping @Sendable (String) -> Int) {
            self.clock = clock
            self.status = Mutex(status)
        }

        var calls: [String] { paths.withLock { $0 } }
        func answer(_ status: @escaping @Sendable (String) -> Int) { self.status.withLock { $0 = status } }

        func send(_ request: WireRequest) async throws -> WireResponse {
            try Task.checkCancellation()
            paths.withLock { $0.append(request.target) }
            try await clock.sleep(for: .milliseconds(50))
            return WireResponse(status: status.withLock { $0 }(request.target), body: [])
        }
    }

    private struct Scene: Sendable {
        let world: EngineWorld
        let sink: Sink
        let environment: EngineEnvironment
        let receiver: AccountID
        let source: AccountID

        /// The source has these messages in its conversations, and passes them on.
        func pass(_ chats: [String: [String]], version: String = "1") async throws {
            let store = world.store
            let job = try await store.enqueue(
                NewJob(
                    account: source, kind: .initial, workClass: .recent, streams: [WorkConnector.things.id],
                    requested: nil, anchor: CivilDate(daysSince1970: 20_778), recent: nil, history: nil,
                    steps: [.init(name: "first", phase: .recent)])
            ).id
            let spec = ChunkSpec(stream: WorkConnector.things.id, phase: .recent, mode: "x")
            _ = try await store.addStep(
                0, of: job, chunks: [PlannedChunk(spec: spec, stage: "things", workClass: .recent)], notOffered: [:],
                notes: [])
            let chunk = try #require(try await store.claim(ClaimRequest(worker: "w", limit: 1, perAccount: 1)).first)
            var update = ChunkUpdate(chunk, .finish(.init(isComplete: false)))
            update.deliveries = chats.sorted { $0.key < $1.key }.flatMap { chat, items in
                items.map {
                    Delivery(kind: "message", subject: chat, item: $0, version: version, body: "\"\(version)\"")
                }
            }
            _ = try await store.update(update)
            _ = try await store.finish(job)
        }

        func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
            let engine = Engine(environment, options: Engine.Options(workers: 2, name: "test", poll: .seconds(1)))
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await engine.run() }
                let result = try await body()
                engine.stop()
                try await group.waitForAll()
                return result
            }
        }

        func deliver() async throws -> Job {
            let job = try await Control(environment).deliver(to: receiver)
            return try await run { try await world.wait(for: job) }
        }
    }

    private func scene<Result: Sendable>(
        _ status: @escaping @Sendable (String) -> Int, _ body: @escaping @Sendable (Scene) async throws -> Result
    ) throws -> Result {
        let world = try EngineWorld()
        let sink = Sink(world.clock, status)
        return try world.prepare { world in
            var environment = try world.environment()
            environment.connectors = [WorkConnector.self, SinkConnector.self]
            environment.transport = { _ in sink }
            let control = Control(environment)
            func account(_ platform: PlatformID) async throws -> AccountID {
                let access = Access(platform: platform, baseURL: "http://\(platform)", credential: Credential([:]))
                let facts = AccountFacts(externalID: "me", name: "me", currency: "VND", zoneName: "UTC")
                return try await control.save(facts, connection: try await control.store(access))
            }
            let source = try await account(WorkConnector.platform.id)
            let receiver = try await account(SinkConnector.platform.id)
            try await world.store.route(source, to: receiver, keepsRows: true)
            return try await body(
                Scene(world: world, sink: sink, environment: environment, receiver: receiver, source: source))
        }
    }

    @Test("A subject that never gets an answer holds up no other; it is tried to the end, and with the next job")
    func poison() throws {
        let chats = Dictionary(uniqueKeysWithValues: (1...9).map { ("c\($0)", ["a", "b"]) })
        try scene({ $0.hasPrefix("/c3/") ? 500 : 200 }) { scene in
            try await scene.pass(chats)
            let job = try await scene.deliver()

            #expect(job.state == .failed && job.errorMessage?.contains("It said 500.") == true)
            #expect(try await scene.world.store.outboxCount(of: scene.receiver) == OutboxCount(waiting: 2, sent: 16))
            #expect(job.rowsReceived == 16)
            #expect(scene.sink.calls.filter { !$0.hasPrefix("/c3/") }.count == 8)

            // The next job has others to send, and takes them before it despairs of this one again.
            try await scene.pass(["c4": ["new"]])
            let before = scene.sink.calls.count
            let next = try await scene.deliver()
            #expect(next.state == .failed)
            #expect(scene.sink.calls[before...].contains("/c4/new"))
            scene.sink.answer { _ in 200 }
            #expect(try await scene.deliver().state == .completed)
            #expect(try await scene.world.store.outboxCount(of: scene.receiver).waiting == 0)
        }
    }

    @Test("While all of the receiver is down nothing is given up")
    func down() throws {
        try scene({ _ in 500 }) { scene in
            try await scene.pass(Dictionary(uniqueKeysWithValues: (1...9).map { ("c\($0)", ["a"]) }))
            for _ in 1...4 { #expect(try await scene.deliver().state == .failed) }
            #expect(try await scene.world.store.outboxCount(of: scene.receiver) == OutboxCount(waiting: 9))
            scene.sink.answer { _ in 200 }

            #expect(try await scene.deliver().state == .completed)
            #expect(try await scene.world.store.outboxCount(of: scene.receiver) == OutboxCount(sent: 9))
        }
    }

    @Test("What is refused for good fails its job when all else is sent, and goes with a retry of that")
    func refused() throws {
        try scene({ $0 == "/bad/a" ? 400 : 200 }) { scene in
            try await scene.pass(["bad": ["a"], "good": ["a"]])
            let job = try await scene.deliver()
            let chunks = try await scene.world.chunks(job.id)

            #expect(job.state == .failed && job.failedChunks == 1)
            #expect(chunks.first?.errorMessage == "Sink refused 1 item. It said 400.")
            #expect(
                try await scene.world.store.outboxCount(of: scene.receiver) == OutboxCount(sent: 1, refused: 1))
            // Later jobs are not to blame for it.
            try await scene.pass(["other": ["a"]])
            #expect(try await scene.deliver().state == .completed)

            scene.sink.answer { _ in 200 }
            #expect(try await scene.world.store.retry(job.id) == 1)
            let again = try await scene.run { try await scene.world.wait(for: job.id) }
            #expect(again.state == .completed)
            #expect(try await scene.world.store.outboxCount(of: scene.receiver) == OutboxCount(sent: 3))
        }
    }
}
