import StoreSQL
import StoreSQLite
import SyncCore
import SyncEngine
import SyncTestKit
import Testing

@Suite("A paused job")
struct PauseTests {
    @Test("makes no call behind the answer that is under way, and goes on from there")
    func pause() throws {
        let world = try EngineWorld(["/a/x/0": [206], "/a/x/1": [206], "/a/x/2": [206]], latency: .seconds(10))

        let (paused, calls, job) = try world.run { world, _ in
            let id = try await world.job("x", second: "y")
            while world.calls.isEmpty { try await world.clock.sleep(for: .seconds(1)) }
            #expect(try await world.store.pause(id, by: "An"))
            try await world.clock.sleep(for: .seconds(600))
            let paused = try await world.store.job(id)
            let calls = world.calls
            #expect(try await world.store.resume(id, by: "An"))
            return (paused, calls, try await world.wait(for: id))
        }

        #expect(paused?.waitReason == .paused)
        #expect(calls == ["/a/x/0"])
        #expect(job.state == .completed)
        #expect(world.calls == ["/a/x/0", "/a/x/1", "/a/x/2", "/a/x/3", "/a/y/0"])
    }

    @Test(
        "All work stands still behind the answers under way, also what is asked for meanwhile, and goes on from there")
    func everything() throws {
        let world = try EngineWorld(["/a/x/0": [206], "/a/x/1": [206]], latency: .seconds(10))

        let (paused, calls, jobs) = try world.run { world, _ in
            let connection = try await world.connect(["first": "x", "second": "y"])
            let first = try await world.job(connection)
            while world.calls.isEmpty { try await world.clock.sleep(for: .seconds(1)) }
            #expect(try await world.store.pause(.all, of: .first, by: "An"))
            let second = try await world.job(connection, account: "b")
            try await world.clock.sleep(for: .seconds(3600))
            let paused = try await [world.store.job(first), world.store.job(second)]
            let calls = world.calls
            #expect(try await world.store.resume(.all, of: .first, by: "An"))
            return (paused, calls, try await [world.wait(for: first), world.wait(for: second)])
        }

        #expect(paused.map { $0?.waitReason } == [.paused, .paused])
        #expect(calls == ["/a/x/0"])
        #expect(jobs.map(\.state) == [.completed, .completed])
        #expect(Set(world.calls).isSuperset(of: ["/a/x/0", "/a/x/1", "/a/x/2", "/a/y/0", "/b/x/0", "/b/y/0"]))
    }
}
