import StoreSQL
import StoreSQLite
import SyncCore
import SyncEngine
import SyncTestKit
import Testing

@Suite("Engine")
struct EngineTests {
    // MARK: Steps

    @Test("A step is planned when all chunks of the last are done, and an empty one is passed over")
    func steps() throws {
        let world = try EngineWorld()

        let job = try world.run { world, _ in
            let second = try await world.wait(for: try await world.job("a b c", second: "d e"))
            let connection = try await world.connect(["first": "", "second": "f"], name: "other")
            try await world.wait(for: try await world.job(connection, account: "b"))
            return second
        }

        #expect(job.state == .completed)
        #expect(job.totalChunks == 5)
        #expect(Set(world.calls.prefix(3)) == ["/a/a/0", "/a/b/0", "/a/c/0"])
        #expect(Set(world.calls.dropFirst(3)) == ["/a/d/0", "/a/e/0", "/b/f/0"])
    }

    @Test("Accounts share the workers, however many chunks one of them has")
    func fairness() throws {
        let world = try EngineWorld(latency: .seconds(1))

        try world.run(workers: 1) { world, _ in
            let many = try await world.job(
                try await world.connect(["first": (0..<60).map { "m\($0)" }.joined(separator: " ")]), account: "many")
            while world.calls.count < 5 { try await world.clock.sleep(for: .milliseconds(10)) }
            let few = try await world.job(try await world.connect(["first": "x y z"], name: "few"), account: "few")
            try await world.wait(for: few)
            try await world.wait(for: many)
        }

        let last = try #require(world.calls.lastIndex { $0.hasPrefix("/few") })
        let first = try #require(world.calls.firstIndex { $0.hasPrefix("/few") })
        #expect(last - first <= 6)
    }

    // MARK: Credentials

    @Test("A refused credential parks its connection: no further call, one word to the owner, and on at the same place")
    func park() throws {
        var script: [String: [Int]] = ["/a/x/0": [206], "/a/x/1": [206], "/a/x/2": [401, 200]]
        for call in 0..<50 { script["/a/y/\(call)"] = [206] }
        let world = try EngineWorld(script)

        let (parked, job, events) = try world.run { world, _ in
            let id = try await world.job("x y")
            try await world.wait(for: id, toBe: [.waiting])
            try await world.clock.sleep(for: .seconds(3600))
            let parked = world.calls
            _ = try await world.connect(["first": "x y", "second": ""])
            let job = try await world.wait(for: id)
            return (parked, job, try await world.store.events(after: 0, limit: 100))
        }

        #expect(job.state == .completed)
        #expect(events.count { $0.kind == "connection_parked" } == 1)
        // A call of the other chunk may be on its way with the refused one; nobody starts another.
        #expect(parked.drop { $0 != "/a/x/2" }.count <= 3)
        // Both go on where they stood: no call is made twice but the refused one.
        #expect(world.calls.count == 3 + 1 + 51)
        #expect(Set(world.calls).count == 3 + 51)
    }

    @Test("A worker that cannot open a credential leaves its chunks to others, without an attempt")
    func otherKey() throws {
        let world = try EngineWorld(latency: .seconds(100))
        let job = try world.run { world, _ in
            let id = try await world.job("x y")
            while world.calls.count < 2 { try await world.clock.sleep(for: .seconds(1)) }
            return id
        }

        world.takeKey(of: 2)
        let (chunks, lastClaim) = try world.run { world, _ in
            try await world.clock.sleep(for: .seconds(300))
            return (try await world.chunks(job), world.tally.tally.claims.count)
        }
        world.takeKey(of: 1)
        let done = try world.run { world, _ in try await world.wait(for: job) }

        #expect(chunks.map(\.state) == [.pending, .pending])
        #expect(chunks.map(\.retryCount) == [0, 0])
        #expect(lastClaim > 0)
        #expect(world.news.count { if case .jobStuck(job, .otherKey) = $0 { true } else { false } } == 1)
        #expect(done.state == .completed)
        #expect(world.calls.count == 4)
    }

    @Test("Why a job cannot be planned stands on it until it can, and holds up no other job")
    func notPlanned() throws {
        let world = try EngineWorld()
        let (job, connection) = try world.prepare { world in
            let connection = try await world.connect(["first": "x", "second": ""])
            let job = try await world.job(connection)
            _ = try await world.store.configure(
                connection, from: ["first": "x", "second": ""], to: ["first": "!", "second": ""])
            return (job, connection)
        }

        let (stuck, other) = try world.run { world, _ in
            let id = try await world.job(
                try await world.connect(["first": "y", "second": ""], name: "other"), account: "b")
            let other = try await world.wait(for: id)
            try await world.clock.sleep(for: .seconds(90))
            return (try await world.store.job(job), other)
        }
        let done = try world.run { world, _ in
            _ = try await world.store.configure(
                connection, from: ["first": "!", "second": ""], to: ["first": "x", "second": ""])
            return try await world.wait(for: job)
        }

        #expect(other.state == .completed)
        #expect(stuck?.errorMessage == "Outdated()")
        #expect(stuck?.errorClass == "not_planned")
        #expect(world.news.count { if case .jobStuck(job, .configuration) = $0 { true } else { false } } == 1)
        #expect(done.state == .completed)
        #expect(done.errorMessage == nil)
    }

    @Test("Of a job that goes on within a minute nothing is noted")
    func plannedMeanwhile() throws {
        let world = try EngineWorld()
        let (job, events) = try world.run { world, _ in
            let connection = try await world.connect(["first": "x", "second": ""])
            let (good, bad) = (["first": "x", "second": ""], ["first": "!", "second": ""])
            _ = try await world.store.configure(connection, from: good, to: bad)
            let id = try await world.job(connection)
            while !world.news.contains(where: { if case .jobStuck = $0 { true } else { false } }) {
                try await world.clock.sleep(for: .milliseconds(100))
            }
            try await world.clock.sleep(for: .seconds(50))
            _ = try await world.store.configure(connection, from: bad, to: good)
            return (try await world.wait(for: id), try await world.store.events(after: 0, limit: 100))
        }

        #expect(job.state == .completed)
        #expect(!events.contains { $0.kind == "job_stuck" })
    }

    @Test("A credential that is damaged fails its chunks: no other key would open it")
    func damaged() throws {
        let world = try EngineWorld(latency: .seconds(100))
        let job = try world.run { world, _ in
            let id = try await world.job("x")
            while world.calls.count < 1 { try await world.clock.sleep(for: .seconds(1)) }
            return id
        }

        try world.prepare { world in
            for each in try await world.store.connections() {
                _ = try await world.store.save(
                    each.workspace, platform: each.platform, name: each.name, baseURL: each.baseURL, sealed: [1, 2, 3],
                    configuration: each.configuration)
            }
        }
        let chunks = try world.run { world, _ in
            try await world.clock.sleep(for: .seconds(100))
            return try await world.chunks(job)
        }

        #expect(chunks.map(\.state) == [.failed])
        #expect(chunks.map(\.errorClass) == ["permanent_configuration"])
    }

    // MARK: Stopping and leases

    @Test("A stop gives running chunks back at once, without an attempt and where they stood")
    func stop() throws {
        let world = try EngineWorld(["/a/x/0": [206]], latency: .seconds(100))

        let (chunk, took) = try world.run { world, engine in
            let id = try await world.job("x")
            while world.calls.count < 2 { try await world.clock.sleep(for: .seconds(1)) }
            let asked = world.clock.now
            engine.stop()
            while engine.runningCount > 0 { try await world.clock.sleep(for: .milliseconds(10)) }
            return (try await world.chunks(id)[0], asked.duration(to: world.clock.now))
        }

        #expect(chunk.state == .pending)
        #expect(chunk.retryCount == 0)
        #expect(took < .seconds(1))
        try world.run { world, _ in
            while world.calls.count < 3 { try await world.clock.sleep(for: .seconds(1)) }
        }
        #expect(world.calls == ["/a/x/0", "/a/x/1", "/a/x/1"])
    }

    @Test("A worker that cannot renew its leases stops before they end")
    func selfFence() throws {
        let world = try EngineWorld(latency: .seconds(600), faults: StoreFaults(noRenewal: 1))

        let (chunk, took) = try world.run { world, _ in
            let id = try await world.job("x")
            while world.calls.isEmpty { try await world.clock.sleep(for: .milliseconds(10)) }
            let claimed = world.clock.now
            // Given back, it is claimed and called for again.
            while world.calls.count < 2 { try await world.clock.sleep(for: .milliseconds(100)) }
            return (try await world.chunks(id)[0], claimed.duration(to: world.clock.now))
        }

        #expect(took > .seconds(20))
        #expect(took < .seconds(45))
        #expect(chunk.retryCount == 0)
    }

    @Test("A renewal keeps the lease of a call that takes long")
    func renewal() throws {
        let world = try EngineWorld(latency: .seconds(250))

        let job = try world.run { world, _ in try await world.wait(for: try await world.job("x")) }

        #expect(job.state == .completed)
        #expect(world.calls.count == 1)
    }

    @Test("A cancelled job is dropped by its worker within five seconds")
    func cancel() throws {
        let world = try EngineWorld(latency: .seconds(600))

        let took = try world.run { world, engine in
            let id = try await world.job("x")
            while world.calls.isEmpty { try await world.clock.sleep(for: .milliseconds(10)) }
            let asked = world.clock.now
            _ = try await world.store.cancel(id, by: "An")
            while engine.runningCount > 0 { try await world.clock.sleep(for: .milliseconds(10)) }
            return asked.duration(to: world.clock.now)
        }

        #expect(took <= .seconds(5))
    }

    // MARK: Retries

    @Test("When an account has used up its retries, failed chunks wait their turn in the queue")
    func retryBudget() throws {
        let names = (0..<40).map { "x\($0)" }
        var script: [String: [Int]] = [:]
        for name in names { script["/a/\(name)/0"] = [500] }
        let world = try EngineWorld(script)

        let calls = try world.run(workers: 40) { world, _ in
            _ = try await world.job(names.joined(separator: " "))
            while world.calls.isEmpty { try await world.clock.sleep(for: .milliseconds(10)) }
            try await world.clock.sleep(for: .seconds(120))
            return world.calls.count
        }

        // Without a budget each of the 40 would be tried three times at once for each of its seven attempts.
        #expect(calls < 40 * 7 * 3 / 2)
        #expect(calls >= 40 + 30)
    }

    @Test("A store that does not answer costs no attempt")
    func busyStore() throws {
        let world = try EngineWorld(faults: StoreFaults(busy: 0.3))

        let (job, chunks) = try world.run { world, _ in
            let id = try await world.job((0..<20).map { "x\($0)" }.joined(separator: " "))
            return (try await world.wait(for: id), try await world.chunks(id))
        }

        #expect(job.state == .completed)
        #expect(chunks.allSatisfy { $0.retryCount == 0 })
    }
}
