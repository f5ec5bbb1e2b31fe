import StoreSQL
import StoreSQLite
import SyncCore
import SyncTestKit
import Testing

/// Each class of failure has one outcome (design.md, rule 11).
@Suite("Outcomes of a call")
struct OutcomeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var status: Int
        var state: WorkState
        var reason: WaitReason?
        /// From now to when the chunk comes back.
        var pause: ClosedRange<Int>?
        var attempts = 0
        var errorClass: String?
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "a report is not ready", status: 202, state: .waiting, reason: .report, pause: 29...30),
        Case(name: "a limit", status: 429, state: .waiting, reason: .quota, pause: 59...76),
        Case(name: "a named moment", status: 425, state: .waiting, reason: .quota, pause: 89...90),
        Case(
            name: "a passing failure", status: 500, state: .pending, pause: 0...2, attempts: 1,
            errorClass: "retry_now"),
        Case(name: "too big to be cut", status: 414, state: .failed, errorClass: "too_big"),
        Case(name: "gone", status: 404, state: .failed, errorClass: "gone"),
        Case(name: "a refused request", status: 400, state: .failed, errorClass: "permanent_request"),
        Case(name: "a missing permission", status: 403, state: .failed, errorClass: "permanent_configuration"),
        Case(name: "a bug", status: 418, state: .failed, errorClass: "bug"),
        Case(name: "a refused credential", status: 401, state: .waiting, reason: .credential),
        Case(name: "a lapsed credential", status: 498, state: .waiting, reason: .credential),
    ]

    @Test("A failure has one outcome", arguments: cases)
    func outcome(_ expected: Case) throws {
        let world = try EngineWorld(["/a/x/0": [expected.status]])

        let (chunk, now) = try world.run { world, _ in
            let job = try await world.job("x")
            // Three quick tries take less than that, and the first pause is longer than what is left.
            while world.calls.isEmpty { try await world.clock.sleep(for: .milliseconds(10)) }
            while try await world.chunks(job)[0].state == .inProgress {
                try await world.clock.sleep(for: .milliseconds(10))
            }
            return (try await world.chunks(job)[0], world.wallClock.now)
        }

        #expect(chunk.state == expected.state)
        #expect(chunk.waitReason == expected.reason)
        #expect(chunk.retryCount == expected.attempts)
        #expect(chunk.errorClass == expected.errorClass)
        #expect((chunk.runAfter != nil) == (expected.pause != nil))
        if let runAfter = chunk.runAfter, let pause = expected.pause {
            #expect(pause.contains(Int((runAfter - now).inSeconds)))
        }
    }

    @Test("A chunk that keeps failing fails after its attempts, and its siblings go on")
    func attempts() throws {
        let world = try EngineWorld(["/a/x/0": [500]])

        let (job, chunks) = try world.run { world, _ in
            let id = try await world.job("x y", maxRetries: 3)
            return (try await world.wait(for: id), try await world.chunks(id))
        }

        #expect(job.state == .failed)
        #expect(chunks.map(\.state) == [.failed, .completed])
        #expect(chunks[0].retryCount == 3)
        // Three tries at once for each of the four times that it was claimed.
        #expect(world.calls.count { $0 == "/a/x/0" } == 12)
    }

    @Test("A batch that is stored clears the count of failures")
    func progress() throws {
        let world = try EngineWorld(["/a/x/0": [500, 500, 500, 206], "/a/x/1": [500, 500, 500, 206]])

        let job = try world.run { world, _ in try await world.wait(for: try await world.job("x", maxRetries: 1)) }

        #expect(job.state == .completed)
    }

    @Test("What is too big becomes its parts")
    func split() throws {
        let world = try EngineWorld(["/a/x/0": [413]])

        let (job, chunks) = try world.run { world, _ in
            let id = try await world.job("x")
            return (try await world.wait(for: id), try await world.chunks(id))
        }

        #expect(job.state == .completed)
        #expect(chunks.map(\.spec.mode).sorted() == ["xl", "xr"])
    }

    @Test("A listing that had to wait knows of changes up to its beginning: its first page may have changed since")
    func listingWithPause() throws {
        let world = try EngineWorld(["/a/rows/0": [202], "/a/rows/1": [202]])

        let (begun, state) = try world.run { world, _ in
            let id = try await world.job("rows")
            let job = try await world.wait(for: id)
            return (job.startedAt, try await world.store.listed(account: job.definition.account))
        }

        let swept = try #require(state[WorkConnector.things.id]?.sweptAt)
        let changed = try #require(state[WorkConnector.things.id]?.changedUpTo)
        #expect(swept == begun)
        #expect(abs((changed - swept).inSeconds) < 0.1)
        #expect(world.wallClock.now - swept > .seconds(60))
    }

    @Test("A chunk of a stream that is not configured any more fails without a call")
    func unknownStream() throws {
        let world = try EngineWorld()

        let id = try world.prepare { world in
            let id = try await world.job("x")
            // Planned by an earlier configuration.
            let gone = ChunkSpec(stream: StreamID("gone"), phase: .recent, mode: "y")
            let planned = [PlannedChunk(spec: gone, stage: "things", workClass: .recent)]
            _ = try await world.store.addStep(0, of: id, chunks: planned, notOffered: [:], notes: [])
            return id
        }

        let (job, chunks) = try world.run { world, _ in
            (try await world.wait(for: id), try await world.chunks(id))
        }

        #expect(job.state == .failed)
        #expect(chunks.map(\.errorMessage) == ["The stream gone is not configured any more."])
        #expect(world.calls.isEmpty)
    }
}
