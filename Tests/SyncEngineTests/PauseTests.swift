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
}
