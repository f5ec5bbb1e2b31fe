import Connectors
import Foundation
import SyncCore
import Testing

@testable import sluice

extension SystemTests {
    @Suite("A worker")
    struct WorkerTests {
        @Test("takes the job that --detach left, brings it to its end, and counts what the job counts")
        func detached() async throws {
            try await Lab.with(try .tiny()) { lab in
                let worker = try lab.startWorker("--listen", "127.0.0.1:0")
                let url = try await worker.listening()
                let idle = try await ProbeAnswer.get("/flowing", at: url)
                #expect(try await lab.sync("--detach").code == 0)
                let asked = lab.requests
                try await eventually("the job is done") {
                    worker.text.contains("is completed") || !worker.isRunning
                }
                let page = try await ProbeAnswer.get("/metrics", at: url).text
                let metrics = try Metrics(page)
                let ready = try await ProbeAnswer.get("/readyz", at: url)
                worker.send(SIGTERM)
                let ended = await worker.wait(atMost: .seconds(30))

                #expect(idle.code == 200)
                #expect(try idle.reason == "Nothing is due.")
                #expect(ready.code == 200)
                #expect(ended.code == 0, "\(ended.err)")
                #expect(ended.err.isEmpty)
                try lab.expectTruth()
                #expect(metrics.sum("sluice_api_calls_total") == lab.requests - asked)
                try lab.expect(metrics, agreeWith: 1)
                #expect(!page.contains(lab.world.token) && !page.contains(lab.world.accounts[0].name))
                #expect(metrics["sluice_jobs_open"] == 0)
                #expect(metrics["sluice_workers"] == 16)
                #expect(metrics["sluice_build_info{version=\"\(Sluice.version)\"}"] == 1)
            }
        }

        @Test("keeps to the limits that came with the job, until they are given back")
        func setLimits() async throws {
            try await Lab.with(try .tiny()) { lab in
                let set = try await lab.sync("--detach", "--streams", "insights", "--quota", "account=4/s:1")
                #expect(set.code == 0)
                #expect(set.err.contains("Limits that you set: account=4/s:1. --quota account=default"), "\(set.err)")
                let asked = lab.requests
                let begun = ContinuousClock.now
                let worker = try lab.startWorker()
                try await eventually("the job is done") {
                    worker.text.contains("is completed") || !worker.isRunning
                }
                let seconds = begun.duration(to: .now).inSeconds
                let calls = lab.requests - asked
                let row = "SELECT coalesce(set_points, 'none') FROM quotas WHERE key LIKE 'meta/account/%'"
                let kept = try lab.texts(row)
                let back = try await lab.sync("--detach", "--quota", "account=default")
                worker.send(SIGTERM)
                #expect(await worker.wait(atMost: .seconds(30)).code == 0)

                #expect(calls > 8)
                #expect(seconds > Double(calls - 1) / 4 * 0.95, "\(calls) calls in \(seconds) s")
                #expect(kept == ["4.0"])
                #expect(!back.err.contains("Limits that you set"), "\(back.err)")
                #expect(try lab.texts(row) == ["none"])
            }
        }

        @Test("says in lines what matters: where it works, which job began and ended")
        func lines() async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync("--detach").code == 0)
                let worker = try lab.startWorker("--workers", "3")
                try await eventually("the job is done") {
                    worker.text.contains("is completed") || !worker.isRunning
                }
                worker.send(SIGTERM)
                let ended = await worker.wait(atMost: .seconds(30))

                let said = ended.out.split(separator: "\n").map { $0.drop { $0 != " " }.dropFirst() }
                #expect(ended.code == 0, "\(ended.err)")
                try #require(said.count == 5, "\(ended.out)")
                #expect(said[0] == "Working on \(lab.database), 3 calls at once.")
                #expect(said[1] == "Job 1 (meta \(lab.world.mainAccountID)) has started: initial.")
                #expect(said[2].hasPrefix("Job 1 (meta \(lab.world.mainAccountID)) is completed: "))
                #expect(said[3].hasPrefix("Draining: "))
                #expect(said[4] == "Ended; nothing is in hand.")
            }
        }

        @Test("speaks JSON to machines and Vietnamese to those who want it")
        func languages() async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync("--detach").code == 0)
                let worker = try lab.startWorker(
                    "--json", "--listen", "127.0.0.1:0", environment: ["SLUICE_LANG": "vi"])
                try await eventually("the job is done") {
                    worker.text.contains("job_finished") || !worker.isRunning
                }
                let flow = try await ProbeAnswer.get("/flowing", at: try await worker.listening())
                worker.send(SIGTERM)
                let ended = await worker.wait(atMost: .seconds(30))

                let lines = try ended.out.split(separator: "\n").map { line in
                    try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
                }
                #expect(
                    lines.map { $0["event"] as? String } == [
                        "started", "job_started", "job_finished", "draining", "ended",
                    ])
                #expect(lines[2]["job_id"] as? Int == 1)
                #expect(lines[2]["status"] as? String == "completed")
                #expect(lines[1]["text"] as? String != nil)
                #expect(ended.out.contains("đã bắt đầu"))
                #expect(try flow.reason == "Không có việc đến hạn.")
            }
        }

        @Test("drains at SIGTERM, is not ready meanwhile, and a second one brings the job to its end")
        func drains() async throws {
            try await Lab.with(try .slow(milliseconds: 20)) { lab in
                #expect(try await lab.sync("--detach").code == 0)
                let first = try lab.startWorker("--workers", "4", "--listen", "127.0.0.1:0")
                let url = try await first.listening()
                try await eventually("some chunks are done") {
                    (try? lab.count("sync_chunks", where: "status = 'completed'")) ?? 0 > 2
                }
                let ready = try await ProbeAnswer.get("/readyz", at: url)
                // What it has in hand cannot be handed back for a while.
                let holder = try Holder(lab.database)
                first.send(SIGTERM)
                var draining: ProbeAnswer?
                try await eventually("it says that it drains") {
                    draining = try await ProbeAnswer.get("/readyz", at: url)
                    return try draining?.status == "draining"
                }
                let alive = try await ProbeAnswer.get("/healthz", at: url)
                try holder.letGo()
                let stopped = await first.wait(atMost: .seconds(30))

                #expect(ready.code == 200)
                #expect(draining?.code == 503)
                #expect(alive.code == 200)
                #expect(stopped.code == 0, "\(stopped.err)")
                try lab.expectNothingInProgress()
                #expect(try lab.count("sync_chunks", where: "retry_count > 0 OR crash_count > 0") == 0)
                #expect(try lab.count("sync_jobs", where: "status IN ('pending', 'in_progress')") == 1)

                let second = try lab.startWorker()
                try await eventually("the job is done", atMost: .seconds(120)) {
                    second.text.contains("is completed") || !second.isRunning
                }
                second.send(SIGTERM)
                #expect(await second.wait(atMost: .seconds(30)).code == 0)
                try lab.expectTruth()
            }
        }

        @Test("that is killed leaves nothing that the next one does not finish")
        func killed() async throws {
            try await Lab.with(try .slow(milliseconds: 15, rowsPerPage: 5)) { lab in
                #expect(try await lab.sync("--detach").code == 0)
                for kill in 1...5 {
                    let worker = try lab.startWorker("--workers", "4")
                    let target = lab.requests + 10 + kill * 3
                    try await eventually("\(target) calls") { lab.requests >= target || !worker.isRunning }
                    worker.send(SIGKILL)
                    #expect(await worker.wait().code == -SIGKILL)
                }
                let last = try lab.startWorker()
                try await eventually("the job is done", atMost: .seconds(120)) {
                    last.text.contains("is completed") || !last.isRunning
                }
                last.send(SIGTERM)
                #expect(await last.wait(atMost: .seconds(30)).code == 0)

                try lab.expectTruth()
                #expect(try lab.count("sync_chunks", where: "status <> 'completed'") == 0)
                #expect(try lab.count("sync_jobs") == 1)
            }
        }

        @Test("works for a sync that only watches")
        func watched() async throws {
            try await Lab.with(try .tiny()) { lab in
                let worker = try lab.startWorker()
                try await eventually("it works") { worker.text.contains("Working on") || !worker.isRunning }
                let watched = try await lab.sync("--workers", "0", "--json")
                worker.send(SIGTERM)

                #expect(watched.code == 0, "\(watched.err)")
                #expect(try watched.json()["status"] as? String == "completed")
                #expect(await worker.wait(atMost: .seconds(30)).code == 0)
                try lab.expectTruth()
            }
        }

        @Test("is told that another process works on the file, and a wrong or taken address, each in one sentence")
        func refused() async throws {
            try await Lab.with(try .tiny()) { lab in
                let worker = try lab.startWorker("--listen", "127.0.0.1:0")
                let url = try await worker.listening()
                let second = try await lab.run(["worker", "--database", lab.database], environment: [:])
                let other = lab.folder.appendingPathComponent("other.sqlite").path
                let taken = try await lab.run(
                    ["worker", "--database", other, "--listen", "\(url.dropFirst(7))"], environment: [:])
                let wrong = try await lab.run(
                    ["worker", "--database", other, "--listen", "everywhere"], environment: [:])
                let none = try await lab.run(["worker", "--database", other, "--workers", "0"], environment: [:])
                worker.send(SIGINT)
                let ended = await worker.wait(atMost: .seconds(30))

                for outcome in [second, taken, wrong, none] {
                    #expect(outcome.code == 2)
                    #expect(outcome.out.isEmpty)
                }
                #expect(second.err.contains("in use by another sluice process (\(worker.processID))"), "\(second.err)")
                #expect(taken.err.hasPrefix("Another program listens on 127.0.0.1:"), "\(taken.err)")
                #expect(taken.err.split(separator: "\n").count == 1)
                #expect(wrong.err.contains("\"everywhere\" is no address to listen on"), "\(wrong.err)")
                #expect(none.err.contains("--workers takes 1 to 512."))
                #expect(try !lab.files.contains("other.sqlite"))
                #expect(ended.code == 130)
            }
        }
    }
}

extension Lab {
    /// The counters of the one process that did all of a job, and the job's own numbers.
    fileprivate func expect(
        _ metrics: Metrics, agreeWith job: Int, _ sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        func number(_ column: String) throws -> Int? {
            try self.number("SELECT \(column) FROM sync_jobs WHERE id = \(job)")
        }
        let pairs = try [
            (metrics.sum("sluice_api_calls_total"), number("requests")),
            (metrics["sluice_rows_received_total"], number("rows_received")),
            (metrics["sluice_rows_written_total"], number("rows_written")),
            (metrics["sluice_received_bytes_total"], number("bytes")),
            (metrics[#"sluice_chunk_outcomes_total{outcome="completed"}"#], number("completed_chunks")),
            (metrics[#"sluice_chunks{state="completed"}"#], number("completed_chunks")),
            (metrics[#"sluice_chunk_outcomes_total{outcome="failed"}"#], number("failed_chunks")),
        ]
        for (counted, stored) in pairs { #expect(counted == stored, sourceLocation: sourceLocation) }
    }
}
