import ConnectorKit
import StoreSQL
import SyncCore
import SyncEngine
import SyncTestKit
import Testing

/// Tokens that lapse: `t0` is refused everywhere, `/renew/1` works once.
@Suite("Renewal of credentials")
struct RenewalTests {
    private static let old = ["token": "t0", "number": "1"]
    private static let refused = Dictionary(
        uniqueKeysWithValues: ["a", "b", "c", "d"].map { ("/a/\($0)/0?t0", [498]) })

    private func world(_ more: [String: [Int]] = [:], seed: UInt64 = 1) throws -> EngineWorld {
        try EngineWorld(seed: seed, Self.refused.merging(["/renew/1": [200, 409]]) { $1 }.merging(more) { $1 })
    }

    @Test("Chunks that are refused together renew the credential once and go on", arguments: 1...8 as ClosedRange)
    func together(seed: UInt64) throws {
        let world = try world(seed: seed)
        try world.run { world, _ in
            let id = try await world.connect(["first": "a b c d"], credential: Self.old)
            let job = try await world.wait(for: try await world.job(id))

            #expect(job.state == .completed)
            #expect(world.calls.filter { $0.hasPrefix("/renew") } == ["/renew/1"])
            let stored = try await world.credential(of: id)
            #expect(stored["token"] == "t1")
            #expect(stored["number"] == "2")
            #expect(try await world.store.connection(id)?.version == 2)
        }
    }

    @Test("Two processes that share a connection renew it once", arguments: 1...12 as ClosedRange)
    func twoProcesses(seed: UInt64) throws {
        let world = try world(seed: seed)
        try world.run(workers: 2) { world, _ in
            var environment = try world.environment()
            environment.random = RandomSource(SeededGenerator(seed: 1000 + seed))
            let other = Engine(environment, options: .init(workers: 2, name: "other"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await other.run() }
                let id = try await world.connect(["first": "a b c d"], credential: Self.old)
                let job = try await world.wait(for: try await world.job(id))
                other.stop()
                try await group.waitForAll()

                #expect(job.state == .completed)
                #expect(world.calls.filter { $0.hasPrefix("/renew") } == ["/renew/1"])
                #expect(try await world.credential(of: id)["token"] == "t1")
            }
        }
    }

    @Test("A credential that lacks its token gets one before the first call")
    func due() throws {
        let world = try world()
        try world.run { world, _ in
            let id = try await world.connect(["first": "a"], credential: ["number": "1"])
            _ = try await world.wait(for: try await world.job(id))

            #expect(world.calls == ["/renew/1", "/a/a/0?t1"])
        }
    }

    @Test("A renewal that is refused parks the connection; nothing is called any more")
    func refusedForGood() throws {
        let world = try world(["/renew/1": [401]])
        try world.run { world, _ in
            let id = try await world.connect(["first": "a b c d"], credential: Self.old)
            let job = try await world.job(id)
            _ = try await world.wait(for: job, toBe: [.waiting])
            try await world.clock.sleep(for: .seconds(3600))

            #expect(world.calls.filter { $0.hasPrefix("/renew") } == ["/renew/1"])
            #expect(world.calls.count <= 5)
            #expect(try await world.store.connection(id)?.parked?.message == "The platform said 401.")
            #expect(try await world.credential(of: id)["token"] == "t0")
        }
    }

    @Test("A token that is refused as soon as it is renewed is not renewed again and again")
    func refusedAgain() throws {
        let world = try world(["/a/a/0?t1": [498], "/renew/2": [200]])
        try world.run { world, _ in
            let id = try await world.connect(["first": "a"], credential: Self.old)
            _ = try await world.wait(for: try await world.job(id), toBe: [.waiting])
            try await world.clock.sleep(for: .seconds(3600))

            #expect(world.calls == ["/a/a/0?t0", "/renew/1", "/a/a/0?t1"])
            #expect(try await world.store.connection(id)?.parked != nil)
        }
    }

    /// The owner stores t7 while a call with t0 is on its way; then both lapse. The chunk finds t7 stored when t0 is
    /// refused, and nobody has renewed anything yet when t7 is.
    @Test("A token that was stored meanwhile and is refused as well is renewed, and parks nothing")
    func storedMeanwhile() throws {
        let world = try world(
            ["/a/a/0?t0": [206], "/a/a/1?t0": [498], "/a/a/1?t7": [498], "/renew/8": [200, 409]])
        try world.run { world, _ in
            let id = try await world.connect(["first": "a"], credential: Self.old)
            let job = try await world.job(id)
            while !world.calls.contains("/a/a/0?t0") { try await world.clock.sleep(for: .milliseconds(5)) }
            _ = try await world.connect(["first": "a"], credential: ["token": "t7", "number": "8"])

            #expect(try await world.wait(for: job, toBe: [.completed, .failed, .waiting]).state == .completed)
            #expect(world.calls == ["/a/a/0?t0", "/a/a/1?t0", "/a/a/1?t7", "/renew/8", "/a/a/1?t8"])
            #expect(try await world.store.connection(id)?.parked == nil)
        }
    }

    /// This process: t0 is refused -> /renew/1 leaves ............... t1 comes, is stored, and the connection goes on
    /// Another:                        t0 is refused for good -> parked
    @Test("A renewal that succeeds brings back a connection that was parked while it was on its way")
    func parkedMeanwhile() throws {
        let world = try world()
        try world.run { world, _ in
            let id = try await world.connect(["first": "a b c d"], credential: Self.old)
            let job = try await world.job(id)
            while !world.calls.contains("/renew/1") { try await world.clock.sleep(for: .milliseconds(5)) }
            #expect(try await world.store.park(id, version: 1, cause: Failure.Cause(code: "498", "Refused.")))

            #expect(try await world.wait(for: job).state == .completed)
            #expect(try await world.store.connection(id)?.parked == nil)
            #expect(try await world.credential(of: id)["token"] == "t1")
        }
    }

    @Test(
        "Once a token is refused no other call is made with it, and the renewal passes those that stand in line",
        arguments: 1...8 as ClosedRange)
    func passesTheLine(seed: UInt64) throws {
        let world = try world(seed: seed)
        try world.run { world, _ in
            let slow = QuotaLimit(points: 1, per: .milliseconds(300), burst: 1)
            try await world.store.withQuota(WorkConnector.quota, limit: slow) { $0.choose(slow, at: $1) }
            let id = try await world.connect(["first": "a b c d"], credential: Self.old)
            let job = try await world.wait(for: try await world.job(id))

            #expect(job.state == .completed)
            #expect(world.calls.filter { $0.hasSuffix("?t0") }.count == 1)
            #expect(world.calls.dropFirst().first == "/renew/1")
            #expect(world.calls.count == 6)
        }
    }

    @Test("A renewal that fails for a moment is tried again")
    func passingTrouble() throws {
        let world = try world(["/renew/1": [503, 429, 200, 409]])
        try world.run { world, _ in
            let id = try await world.connect(["first": "a"], credential: Self.old)
            let job = try await world.wait(for: try await world.job(id))

            #expect(job.state == .completed)
            #expect(job.spent.throttled == 1)
            #expect(try await world.credential(of: id)["token"] == "t1")
        }
    }

    @Test(
        "What was got while the database was away is kept, and stored when it is back", arguments: 1...4 as ClosedRange)
    func databaseAway(seed: UInt64) throws {
        let world = try world(seed: seed)
        try world.run(outlastsTrouble: true) { world, _ in
            let id = try await world.connect(["first": "a"], credential: Self.old)
            let job = try await world.job(id)
            while !world.calls.contains("/renew/1") { try await world.clock.sleep(for: .milliseconds(5)) }
            world.process.storeTrouble = .unavailable("away")
            try await world.clock.sleep(for: .seconds(120))
            #expect(try await world.credential(of: id)["token"] == "t0")
            world.process.storeTrouble = nil

            #expect(try await world.wait(for: job).state == .completed)
            #expect(world.calls.filter { $0.hasPrefix("/renew") } == ["/renew/1"])
            #expect(try await world.credential(of: id)["token"] == "t1")
        }
    }

    @Test("Who gives worn-out tokens again means the credential that was got with them")
    func givenAgain() throws {
        let world = try world()
        try world.run { world, _ in
            let id = try await world.connect(["first": "a"], credential: Self.old)
            _ = try await world.wait(for: try await world.job(id))

            #expect(try await world.connect(["first": "a b"], credential: Self.old) == id)
            #expect(try await world.credential(of: id)["token"] == "t1")
            #expect(try await world.connect(["first": "a b"], credential: ["token": "t7", "number": "8"]) == id)
            #expect(try await world.credential(of: id)["token"] == "t7")
        }
    }

    @Test("Chunks that learn together that nothing comes ask once, and their connection is parked")
    func denied() throws {
        let world = try world(["/renew/1": [401]])
        try world.run { world, _ in
            let id = try await world.connect(["first": "a b c d"], credential: Self.old)
            let job = try await world.wait(for: try await world.job(id), toBe: [.waiting])

            #expect(job.waitReason == .credential)
            #expect(world.calls.filter { $0.hasPrefix("/renew") } == ["/renew/1"])
            #expect(try await world.store.connection(id)?.parked?.message == "The platform said 401.")
        }
    }

    @Test("A person gets another credential for a parked connection, and its job goes on when that is stored")
    func mendedByItsOwner() throws {
        let world = try world(["/renew/1": [401, 200]])
        try world.run { world, _ in
            let id = try await world.connect(["first": "a"], credential: Self.old)
            let job = try await world.job(id)
            _ = try await world.wait(for: job, toBe: [.waiting])
            let environment = try world.environment()
            let connection = try #require(try await world.store.connection(id))
            #expect(connection.parked != nil)

            let access = Access(
                platform: WorkConnector.platform.id, baseURL: "http://work",
                credential: Credential(Self.old.mapValues { Secret($0) }), configuration: ["first": "a"])
            let got = try await Control(environment)
                .renew(access, for: "a", because: .refused, over: environment.transport(connection))
            #expect(got["token"] == "t1")
            #expect(try await world.store.connection(id)?.parked != nil)
            _ = try await Control(environment).store(access)

            #expect(try await world.wait(for: job).state == .completed)
            #expect(try await world.credential(of: id)["token"] == "t1")
        }
    }
}
