import ConnectorKit
import StoreSQLite
import SyncCore
import SyncTestKit
import Testing

@testable import SyncEngine

@Suite("What an engine counts and tells")
struct CountingTests {
    @Test("agrees with the numbers of the job")
    func agrees() throws {
        let world = try EngineWorld([
            "/a/rows/0": [202], "/a/x/0": [206], "/a/x/1": [500, 200], "/a/y/0": [429, 200], "/a/z/0": [413],
            "/a/bad/0": [400],
        ])

        let job = try world.run { world, _ in try await world.wait(for: try await world.job("rows x y z bad")) }

        let tally = world.tally.tally
        let calls = tally.calls.values.reduce(0, +)
        #expect(calls == job.spent.requests)
        #expect(tally.calls[Tally.Call(WorkConnector.platform.id, .throttled)] == 1)
        // The one that broke, the one that was too big, and the one that was refused.
        #expect(tally.calls[Tally.Call(WorkConnector.platform.id, .error)] == 3)
        #expect(tally.chunks[.completed] == job.completedChunks)
        #expect(tally.chunks[.failed] == job.failedChunks)
        #expect(tally.chunks[.split] == 1)
        #expect(tally.rowsReceived == job.rowsReceived)
        #expect(tally.rowsWritten == job.rowsWritten)
        #expect(tally.claims.count > 0)
        #expect(tally.writes.count >= job.completedChunks)
    }

    @Test("holds an answer that serves several chunks once, as a call and in bytes")
    func sharedAnswer() throws {
        let world = try EngineWorld()

        let job = try world.run { world, _ in try await world.wait(for: try await world.job("same1 same2 same3")) }

        #expect(job.completedChunks == 3)
        #expect(world.calls == ["/same"])
        #expect(job.spent.requests == 1)
        #expect(world.tally.tally.bytesReceived == 2)
        #expect(world.tally.tally.calls == [Tally.Call(WorkConnector.platform.id, .ok): 1])
    }

    @Test("names the job's begin and end, the chunk that failed, and the connection that was parked, once each")
    func news() throws {
        let world = try EngineWorld(["/a/bad/0": [400], "/b/x/0": [401]])

        try world.run { world, _ in
            try await world.wait(for: try await world.job("a bad"))
            let other = try await world.connect(["first": "x"], name: "other")
            try await world.wait(for: try await world.job(other, account: "b"), toBe: [.waiting])
            try await world.clock.sleep(for: .seconds(120))
        }

        let told = world.news.map { news in
            switch news {
            case .jobStarted(let job): "started \(job.id)"
            case .jobFinished(let job): "finished \(job.id) \(job.state)"
            case .chunkFailed(let chunk, let failure): "failed \(chunk.spec.mode) \(failure.cause.code)"
            case .connectionParked(let connection, let cause): "parked \(connection.name) \(cause.code)"
            default: "\(news)"
            }
        }
        #expect(told == ["started 1", "failed bad 400", "finished 1 failed", "started 2", "parked other 401"])
    }

    @Test("A connection whose settings have changed is read anew for the next job")
    func changedSettings() throws {
        let world = try EngineWorld()

        let job = try world.run { world, _ in
            try await world.wait(for: try await world.job("a"))
            // The same connection with other chunks: an engine that remembers the old ones would call /a/a again.
            return try await world.wait(for: try await world.job("b c"))
        }

        #expect(job.state == .completed)
        #expect(job.totalChunks == 2)
        #expect(Set(world.calls) == ["/a/a/0", "/a/b/0", "/a/c/0"])
    }
}
