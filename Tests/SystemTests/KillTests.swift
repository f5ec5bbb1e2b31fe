import Connectors
import Foundation
import SyncCore
import Testing

extension SystemTests {
    @Suite("A sync that is ended")
    struct KillTests {
        static let kills = 30
        static let workers = 4

        @Test("by kill -9 thirty times comes to the same end, and does little twice")
        func kill9() async throws {
            var random = Seeded(state: 2026)
            let world = try MetaWorld.slow(milliseconds: 15, rowsPerPage: 2)
            let calm = try await undisturbed(world)
            try await Lab.with(world) { lab in
                var kills = 0
                var last: Outcome?
                while last == nil {
                    let running = try lab.startSync("--json", "--workers", "\(KillTests.workers)")
                    guard kills < KillTests.kills else {
                        last = await running.wait()
                        continue
                    }
                    // A moment of the sync, not of the clock: so many calls after the start.
                    let target = lab.requests + 3 + random.below(14)
                    try await eventually("\(target) calls or the end") { lab.requests >= target || !running.isRunning }
                    guard running.isRunning else {
                        last = await running.wait()
                        continue
                    }
                    running.send(SIGKILL)
                    let killed = await running.wait()
                    kills += 1
                    #expect(killed.code == -SIGKILL || killed.code == 0)
                    if try lab.files.contains("data.sqlite") {
                        #expect(try lab.stored { try $0.integrity } == "ok")
                    }
                }

                let outcome = try #require(last)
                #expect(kills == KillTests.kills, "the sync was over after \(kills) kills: make the world larger")
                #expect(outcome.code == 0, "\(outcome.err)")
                try lab.expectTruth()
                #expect(try lab.count("sync_chunks", where: "status <> 'completed'") == 0)
                // A kill costs one batch of each worker at most, and the question about the account at the new start.
                let most = calm + kills * (KillTests.workers + 1)
                #expect(lab.requests <= most, "\(lab.requests) calls, at most \(most); without a kill \(calm)")
                try lab.expectNothingInProgress()
                #expect(try lab.count("sync_jobs", where: "kind = 'initial'") == 1)
            }
        }

        /// Calls of a first sync that nothing disturbs.
        private func undisturbed(_ world: MetaWorld) async throws -> Int {
            var calls = 0
            try await Lab.with(world) { lab in
                let outcome = try await lab.sync("--workers", "\(KillTests.workers)")
                #expect(outcome.code == 0, "\(outcome.err)")
                calls = lab.requests
            }
            return calls
        }

        @Test("by a signal hands its chunks back, says how to go on, and goes on", arguments: [SIGTERM, SIGINT])
        func signals(_ signal: Int32) async throws {
            try await Lab.with(try .slow(milliseconds: 20)) { lab in
                let running = try lab.startSync("--workers", "4")
                try await eventually("some chunks are done") {
                    lab.requests > 12 && (try? lab.count("sync_chunks", where: "status = 'completed'")) ?? 0 > 2
                }
                running.send(signal)
                let stopped = await running.wait(atMost: .seconds(30))

                #expect(stopped.code == 130, "\(stopped.err)")
                #expect(stopped.err.contains("the same command goes on"), "\(stopped.err)")
                try lab.expectNothingInProgress()
                #expect(try lab.count("sync_chunks", where: "retry_count > 0 OR crash_count > 0") == 0)
                #expect(try lab.count("sync_jobs", where: "status IN ('pending', 'in_progress')") == 1)

                let resumed = try await lab.sync()

                #expect(resumed.code == 0, "\(resumed.err)")
                #expect(resumed.err.contains("going on where the last run stopped"))
                try lab.expectTruth()
            }
        }

        @Test("by a signal before its first chunk ends with code 130 too", arguments: [SIGTERM, SIGINT])
        func earlySignal(_ signal: Int32) async throws {
            var world = try MetaWorld.tiny()
            world.latency.base = 20_000_000
            try await Lab.with(world) { lab in
                let running = try lab.startSync()
                try await eventually("the first question is asked") { lab.requests > 0 }
                running.send(signal)
                let stopped = await running.wait(atMost: .seconds(30))

                #expect(stopped.code == 130, "\(stopped.err)")
                #expect(stopped.err == "Interrupted. The same command goes on from here.\n")
                #expect(stopped.out.isEmpty)
                #expect(try lab.files.isEmpty)
            }
        }

        @Test("by a signal in the first moment of a job ends with its object", arguments: [SIGTERM, SIGINT])
        func firstMoment(_ signal: Int32) async throws {
            try await Lab.with(try .slow(milliseconds: 20)) { lab in
                let running = try lab.startSync("--json")
                try await eventually("there is a job") {
                    (try? lab.count("sync_jobs")) ?? 0 == 1 || !running.isRunning
                }
                running.send(signal)
                let stopped = await running.wait(atMost: .seconds(30))

                #expect(stopped.code == 130, "\(stopped.err)")
                #expect(stopped.err.contains("the same command goes on"), "\(stopped.err)")
                #expect(try stopped.number("job_id") == 1)
                #expect(["pending", "in_progress"].contains(try stopped.json()["status"] as? String))
            }
        }
    }
}

/// A small seeded generator.
struct Seeded {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}
