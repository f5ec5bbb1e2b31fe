import ConnectorKit
import Connectors
import Foundation
import GRDB
import SyncCore
import Testing

extension SystemTests {
    @Suite("A sync that goes on")
    struct ResumeTests {
        /// Runs `body` in a lab whose first sync was interrupted, so many minutes ago. Some answers are lost, so that
        /// there are calls that were made again.
        private func afterBreak(_ minutes: Int, _ body: (Lab) async throws -> Void) async throws {
            let script: Stage.Script = { request, number in
                number % 15 == 14 && request.path.contains("/insights") ? .graphError(2, status: 500) : nil
            }
            try await Lab.with(try .slow(milliseconds: 20), script: script) { lab in
                let running = try lab.startSync("--workers", "4")
                try await eventually("some chunks are done") {
                    lab.requests > 12 && (try? lab.count("sync_chunks", where: "status = 'completed'")) ?? 0 > 2
                }
                running.send(SIGTERM)
                let stopped = await running.wait(atMost: .seconds(30))
                #expect(stopped.code == 130, "\(stopped.err)")

                let begun = SystemWallClock().now - .seconds(60 * minutes)
                let database = try DatabaseQueue(path: lab.database)
                try database.inDatabase {
                    try $0.execute(sql: "UPDATE sync_jobs SET created_at = ?", arguments: ["\(begun)"])
                }
                try database.close()
                try await body(lab)
            }
        }

        /// The figures of the last line are those of all jobs of the table, and the two calls before them.
        private func expectSums(_ outcome: Outcome, _ lab: Lab) throws {
            for (figure, before) in [("requests", 2), ("retries", 0), ("throttled", 0)] {
                let stored = try #require(try lab.number("SELECT sum(\(figure)) FROM sync_jobs"))
                #expect(try outcome.number(figure) == stored + before)
            }
            let chunks = try outcome.json()["chunks"] as? [String: Int]
            #expect(chunks == ["completed": try lab.count("sync_chunks"), "failed": 0])
            #expect(try outcome.json()["status"] as? String == "completed")
        }

        @Test("of an account that another workspace has is refused: its rows are kept once")
        func elsewhere() async throws {
            try await Lab.with(try .tiny()) { lab in
                _ = try await lab.sync("--streams", "campaigns")
                let database = try DatabaseQueue(path: lab.database)
                try database.inDatabase { db in
                    try db.execute(sql: "INSERT INTO workspaces (id, name, created_at) VALUES (2, 'Secret Ltd', '')")
                    try db.execute(sql: "UPDATE accounts SET workspace_id = 2")
                    try db.execute(sql: "UPDATE connections SET workspace_id = 2")
                }
                try database.close()

                let outcome = try await lab.sync("--streams", "campaigns")

                #expect(outcome.code == 2)
                #expect(outcome.err.contains("Another workspace of this server has \(lab.world.mainAccountID)"))
                #expect(outcome.err.contains("or use a database of your own."))
                #expect(!outcome.err.contains("Secret"))
                #expect(try lab.count("accounts") == 1 && lab.count("sync_jobs") == 1)
            }
        }

        @Test("within the hour is one job", arguments: [0, 55])
        func withinTheHour(minutes: Int) async throws {
            try await afterBreak(minutes) { lab in
                let resumed = try await lab.sync("--json")

                #expect(resumed.code == 0, "\(resumed.err)")
                #expect(try lab.texts("SELECT kind || ' ' || status FROM sync_jobs") == ["initial completed"])
                #expect(try resumed.number("job_id") == 1)
                try expectSums(resumed, lab)
                try lab.expectTruth()
            }
        }

        @Test(
            "after more than an hour is followed by a job for what came since, and tells of both", arguments: [61, 900])
        func later(minutes: Int) async throws {
            try await afterBreak(minutes) { lab in
                let resumed = try await lab.sync("--json")

                #expect(resumed.code == 0, "\(resumed.err)")
                #expect(
                    try lab.texts("SELECT kind || ' ' || status FROM sync_jobs ORDER BY id") == [
                        "initial completed", "incremental completed",
                    ])
                #expect(try resumed.number("job_id") == 2)
                // So that the sums are those of two.
                #expect(try lab.count("sync_jobs", where: "requests > 0 AND completed_chunks > 0") == 2)
                try expectSums(resumed, lab)
                try lab.expectTruth()
            }
        }
    }
}
