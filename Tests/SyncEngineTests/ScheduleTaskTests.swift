import ConnectorKit
import StoreSQL
import SyncCore
import SyncEngine
import SyncTestKit
import Testing

@Suite("What schedules do beside syncs")
struct ScheduleTaskTests {
    /// Runs a task by hand, as a person does.
    private func run(_ task: ScheduleTask, _ world: EngineWorld) async throws -> WorkState {
        let book = ScheduleBook(try world.environment())
        let entry = try await book.create(
            ScheduleDefinition(
                name: "\(task) \(world.wallClock.now)", task: task, targets: [], recurrence: .every(.minutes10),
                zoneName: "Etc/UTC"),
            by: "a test")
        return try await book.run(entry.schedule.id).state
    }

    @Test("What is long done is cleared: chunks of old jobs, not their numbers, and nothing that is young or failed")
    func prune() throws {
        let world = try EngineWorld(["/a/bad/0": [400]])
        func job(_ chunks: String, thenDays days: Int64) throws -> Job {
            let job = try world.run { world, _ in try await world.wait(for: try await world.job(chunks)) }
            try world.prepare { try await $0.clock.sleep(for: .seconds(days * 86_400)) }
            return job
        }
        let old = try job("a b bad", thenDays: 20)
        let young = try job("c d", thenDays: 9)

        let states = try world.prepare { world in
            var states: [[String]] = []
            // A day too early, then a day later.
            for _ in 0..<2 {
                #expect(try await run(.prune, world) == .completed)
                states.append(try await world.chunks(old.id).map { "\($0.spec.mode) \($0.state)" }.sorted())
                #expect(try await world.chunks(young.id).map(\.state) == [.completed, .completed])
                try await world.clock.sleep(for: .seconds(2 * 86_400))
            }
            #expect(try await world.store.job(old.id)?.completedChunks == 2)
            return states
        }

        #expect(states == [["a completed", "b completed", "bad failed"], ["bad failed"]])
    }

    @Test("What stuck is taken over, and what is being worked on is not")
    func rescue() throws {
        let world = try EngineWorld()

        let (states, left) = try world.prepare { world in
            let job = try await world.job("a b")
            func claim(_ worker: String) async throws -> [ClaimedChunk] {
                try await world.store.claim(ClaimRequest(worker: worker, limit: 1, perAccount: 9))
            }
            let specs = ["a", "b"].map { ChunkSpec(stream: WorkConnector.things.id, phase: .recent, mode: $0) }
            let planned = specs.map { PlannedChunk(spec: $0, stage: "things", workClass: .recent) }
            _ = try await world.store.addStep(0, of: job, chunks: planned, notOffered: [:], notes: [])
            let lost = try await claim("gone")
            try await world.clock.sleep(for: .seconds(40))
            let held = try await claim("here")
            try await world.clock.sleep(for: .seconds(10))

            #expect(try await run(.rescue, world) == .completed)
            let chunks = try await world.chunks(job)
            return (
                [lost, held].map { claimed in chunks.first { $0.id == claimed.first?.id }?.state },
                try await world.store.renew([held[0].id: held[0].fence], lease: .seconds(45)).count
            )
        }

        #expect(states == [.pending, .inProgress])
        #expect(left == 1)
    }
}
