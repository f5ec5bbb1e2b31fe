import StoreSQL
import StoreSQLite
import SyncCore
import SyncTestKit
import Synchronization
import Testing

@testable import SyncEngine

@Suite("The health of a worker")
struct WorkerHealthTests {
    @Test("is good while it works, and not while it drains")
    func draining() throws {
        let world = try EngineWorld(latency: .seconds(1))

        try world.run { world, engine in
            try await world.withHealth(of: engine, world.store) { health in
                let working = await health.readiness()
                engine.stop()
                let draining = await health.readiness()

                #expect(working == .ok)
                #expect(!draining.isGood)
                #expect(draining.status == "draining")
            }
        }
    }

    @Test("is bad with the reason while the database refuses writes, and good again by itself")
    func unavailable() throws {
        let world = try EngineWorld()
        let store = FakeHealthStore(world.store, clock: world.clock)

        try world.run { world, engine in
            try await world.withHealth(of: engine, store) { health in
                store.trouble = .unavailable("the server is gone")
                let away = await health.readiness()
                let flow = await health.flow()
                let vitals = await health.vitals()
                store.trouble = nil
                try await world.clock.sleep(for: .seconds(1))
                let back = await health.readiness()

                #expect(away.status == "unavailable")
                #expect(away.reason == "the server is gone")
                #expect(!flow.isGood)
                #expect(vitals.depth == nil)
                #expect(back == .ok)
            }
        }
    }

    @Test("is asked of the database once a second at most, however many ask")
    func cached() throws {
        let world = try EngineWorld()
        let store = FakeHealthStore(world.store, clock: world.clock)

        try world.run { world, engine in
            try await world.withHealth(of: engine, store) { health in
                for _ in 0..<10 {
                    await withDiscardingTaskGroup { group in
                        for _ in 0..<20 { group.addTask { _ = await health.readiness() } }
                    }
                    try await world.clock.sleep(for: .milliseconds(300))
                }

                // Three seconds and a tenth look.
                #expect((1...4).contains(store.checks))
            }
        }
    }

    @Test("is told after two seconds when the database hangs, to each who asks")
    func hanging() throws {
        let world = try EngineWorld()
        let store = FakeHealthStore(world.store, clock: world.clock)

        try world.run { world, engine in
            try await world.withHealth(of: engine, store) { health in
                store.delay = .seconds(60)
                let begun = world.clock.now
                async let first = health.readiness()
                async let second = health.readiness()
                let answers = await [first, second]
                let took = begun.duration(to: world.clock.now)

                #expect(answers == [.unanswered, .unanswered])
                #expect(took == .seconds(2))
                #expect(store.checks == 1)
            }
        }
    }

    @Test("says that work stands still when every call fails")
    func stalled() throws {
        let chunks = (0..<60).map { "c\($0)" }
        // Slow enough that there is always one more that was not tried yet.
        let world = try EngineWorld(
            Dictionary(uniqueKeysWithValues: chunks.map { ("/a/\($0)/0", [500]) }), latency: .seconds(5))

        let (first, stalled, since) = try world.run(workers: 2) { world, engine in
            var first: Health?
            var stalled: Health?
            try await world.withHealth(of: engine, world.store) { health in
                _ = try await world.job(chunks.joined(separator: " "))
                while world.calls.isEmpty { try await world.clock.sleep(for: .milliseconds(100)) }
                first = await health.flow()
                while stalled == nil, world.clock.now.offset < .seconds(1000) {
                    try await world.clock.sleep(for: .seconds(1))
                    let flow = await health.flow()
                    if !flow.isGood { stalled = flow }
                }
            }
            return (first, stalled, world.clock.now.offset)
        }

        #expect(first == Health(isGood: true, status: "ok", reason: "Work moves."))
        #expect(stalled?.status == "stalled")
        #expect(stalled?.reason.contains("due and none got on for 2 minutes.") == true)
        #expect(since > .seconds(120) && since < .seconds(150))
    }

    @Test("is good while a limit is waited for, and when nothing is due")
    func flow() throws {
        let world = try EngineWorld(["/b/y/0": [429, 200]])

        try world.run { world, engine in
            try await world.withHealth(of: engine, world.store) { health in
                let limited = try await world.connect(["first": "y"], name: "limited")
                let second = try await world.job(limited, account: "b")
                while world.calls.isEmpty { try await world.clock.sleep(for: .milliseconds(100)) }
                try await world.clock.sleep(for: .seconds(50))
                let waiting = await health.flow()
                try await world.wait(for: second)
                let idle = await health.flow()

                #expect(waiting.isGood)
                #expect(idle == Health(isGood: true, status: "ok", reason: "Nothing is due."))
            }
        }
    }

    @Test("of a guest is good while the work is in other hands, and not when it lies there")
    func guest() throws {
        let world = try EngineWorld()
        let store = FakeHealthStore(world.store, clock: world.clock)

        try world.run { world, engine in
            try await world.withHealth(of: engine, store, isGuest: true) { health in
                store.depth = QueueDepth(chunks: [.pending: 3, .inProgress: 1], due: 3, oldestDue: .seconds(500))
                let working = await health.flow()
                store.depth = QueueDepth(chunks: [.pending: 3], due: 3, oldestDue: .seconds(500))
                try await world.clock.sleep(for: .seconds(2))
                let lying = await health.flow()

                #expect(working.isGood && working.reason.hasPrefix("Another process does the work"))
                #expect(!lying.isGood && lying.reason == "3 chunks are due and none got on for 8 minutes.")
            }
        }
    }

    static let sentences: [(Flow.Verdict, String)] = [
        (.stalled(due: 37, for: .seconds(250)), "37 chunks are due and none got on for 4 minutes."),
        (.stalled(due: 1, for: .seconds(90)), "1 chunk is due and has not got on for 90 seconds."),
        (.stuck(running: 2, for: .seconds(660)), "2 chunks are in hand and none got on for 11 minutes."),
        (.stuck(running: 1, for: .seconds(660)), "1 chunk is in hand and has not got on for 11 minutes."),
        (.moves, "Work moves."),
    ]

    @Test("is told in one sentence", arguments: sentences)
    func sentence(_ told: (verdict: Flow.Verdict, sentence: String)) {
        #expect(Health(told.verdict).reason == told.sentence)
    }

    @Test("What is measured counts the work that there is")
    func vitals() throws {
        let world = try EngineWorld(latency: .seconds(10))

        try world.run(workers: 2) { world, engine in
            try await world.withHealth(of: engine, world.store) { health in
                _ = try await world.job("a b c d e")
                while world.calls.count < 2 { try await world.clock.sleep(for: .milliseconds(100)) }
                let vitals = await health.vitals()

                #expect(vitals.busyWorkers == 2)
                #expect(vitals.workers == 2)
                #expect(vitals.depth?.chunks[.pending] == 3)
                #expect(vitals.depth?.chunks[.inProgress] == 2)
                #expect(vitals.depth?.due == 3)
                #expect(vitals.depth?.openJobs == 1)
                #expect(vitals.quotas.map(\.key) == [WorkConnector.quota])
                #expect(vitals.version == "1.2.3")
            }
        }
    }
}

extension EngineWorld {
    /// Runs `body` with the health of an engine over `store`.
    func withHealth(
        of engine: Engine, _ store: any WorkerHealth.Store, isGuest: Bool = false,
        _ body: (WorkerHealth) async throws -> Void
    ) async throws {
        let health = WorkerHealth(
            engine: engine, store: store, environment: try environment(),
            options: .init(version: "1.2.3", isGuest: isGuest))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await health.run() }
            defer { group.cancelAll() }
            try await body(health)
        }
    }
}

/// A database whose answers about itself come late or not at all.
private final class FakeHealthStore: HealthStore, LimiterStore {
    private struct State {
        var trouble: StoreError?
        var delay: Duration = .zero
        var checks = 0
        var depth: QueueDepth?
    }

    private let state = Mutex(State())
    private let base: SQLiteStore
    private let clock: SimClock

    init(_ base: SQLiteStore, clock: SimClock) {
        self.base = base
        self.clock = clock
    }

    var trouble: StoreError? {
        get { state.withLock { $0.trouble } }
        set { state.withLock { $0.trouble = newValue } }
    }

    var delay: Duration {
        get { state.withLock { $0.delay } }
        set { state.withLock { $0.delay = newValue } }
    }

    var checks: Int { state.withLock { $0.checks } }

    /// In place of what there is.
    var depth: QueueDepth? {
        get { state.withLock { $0.depth } }
        set { state.withLock { $0.depth = newValue } }
    }

    private func answer() async throws {
        let (trouble, delay) = state.withLock { ($0.trouble, $0.delay) }
        if delay > .zero { try await clock.sleep(for: delay) }
        if let trouble { throw trouble }
    }

    func checkWritable() async throws {
        state.withLock { $0.checks += 1 }
        try await answer()
        try await base.checkWritable()
    }

    func hands() async throws -> [String: Int] {
        try await answer()
        return try await base.hands()
    }

    func queueDepth() async throws -> QueueDepth {
        try await answer()
        if let depth { return depth }
        return try await base.queueDepth()
    }

    func quotas(_ selection: QuotaSelection) async throws -> [(key: QuotaKey, quota: Quota)] {
        try await base.quotas(selection)
    }

    func withQuota<Result: Sendable>(
        _ key: QuotaKey, limit: QuotaLimit, _ change: @Sendable (inout Quota, Instant) -> Result
    ) async throws -> Result {
        Issue.record("nobody asks for a permit here")
        return try await base.withQuota(key, limit: limit, change)
    }
}
