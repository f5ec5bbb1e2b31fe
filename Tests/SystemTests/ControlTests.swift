import Connectors
import Foundation
import SyncCore
import Testing
import Wording

@testable import sluice

extension SystemTests {
    @Suite("Commands beside a sync")
    struct ControlTests {
        @Test("--detach fills an empty file as sync does")
        func detachIntoEmptyFile() async throws {
            try await Lab.with(try .tiny()) { lab in
                try Data().write(to: URL(fileURLWithPath: lab.database))

                let detached = try await lab.sync("--streams", "campaigns", "--detach", "--json")

                #expect(detached.code == 0, "\(detached.err)")
                #expect(try detached.number("job_id") == 1)
            }
        }

        @Test("--detach stores a job; --workers 0 watches it while another process does it")
        func detachAndWatch() async throws {
            try await Lab.with(try .slow(milliseconds: 10)) { lab in
                let detached = try await lab.sync("--detach", "--json")
                let stored = try lab.texts("SELECT status FROM sync_jobs")
                let watcher = try lab.startSync("--workers", "0", "--json")
                try await eventually("the watcher has asked for the account") { lab.requests >= 2 }
                let calls = lab.requests
                #expect(calls == 2, "a watcher called the platform")
                let worker = try await lab.sync("--json")
                let watched = await watcher.wait(atMost: .seconds(60))

                #expect(detached.code == 0, "\(detached.err)")
                #expect(try detached.number("job_id") == 1)
                #expect(stored == ["pending"])
                #expect(worker.code == 0, "\(worker.err)")
                #expect(watched.code == 0, "\(watched.err)")
                #expect(watched.err == Words(language: .english).onlyWatches + "\n")
                #expect(try watched.number("job_id") == 1)
                #expect(try watched.json()["status"] as? String == "completed")
                try lab.expectTruth()
            }
        }

        @Test("--detach hands a job to the process that works, which brings it to its end")
        func handOver() async throws {
            try await Lab.with(try .slow(milliseconds: 10)) { lab in
                let other = lab.world.accounts[1].id
                let working = try lab.startSync("--streams", "campaigns,adsets,ads,insights", "--workers", "2")
                try await eventually("it works") { lab.requests > 10 || !working.isRunning }
                let detached = try await lab.run(
                    lab.syncArguments(["--detach", "--streams", "ads,insights"], account: "act_\(other)"))
                let ended = await working.wait(atMost: .seconds(120))

                #expect(detached.code == 0, "\(detached.err)")
                #expect(ended.code == 0, "\(ended.err)")
                #expect(ended.err.contains("Job 2 (\(other)) was handed over"), "\(ended.err)")
                #expect(try lab.texts("SELECT DISTINCT status FROM sync_jobs") == ["completed"])
            }
        }

        @Test(
            "--workers 0 says once that others have to work",
            arguments: [("en", "Only watching: this waits for another process"), ("vi", "Chỉ theo dõi: lệnh này chờ")])
        func onlyWatches(language: String, says: String) async throws {
            try await Lab.with(try .tiny()) { lab in
                let environment = lab.credentials.merging(["SLUICE_LANG": language]) { $1 }
                let watcher = try lab.startSync("--workers", "0", environment: environment)
                try await eventually("it says so") { watcher.complaint.contains(says) || !watcher.isRunning }
                try await eventually("it shows the job") { watcher.complaint.contains("0 %") || !watcher.isRunning }
                watcher.send(SIGTERM)
                let ended = await watcher.wait(atMost: .seconds(20))

                #expect(ended.code == 130, "\(ended.err)")
                #expect(ended.err.ranges(of: says).count == 1, "\(ended.err)")
                #expect(lab.requests == 1)
                #expect(try lab.texts("SELECT status FROM sync_jobs") == ["pending"])
            }
        }

        @Test("--workers 0 makes the database where there is none, and another process works on it")
        func watcherFirst() async throws {
            try await Lab.with(try .tiny()) { lab in
                let watcher = try lab.startSync("--workers", "0", "--json")
                try await eventually("there is a job") {
                    (try? lab.count("sync_jobs")) ?? 0 == 1 || !watcher.isRunning
                }
                let worker = try await lab.sync()
                let watched = await watcher.wait(atMost: .seconds(60))

                #expect(worker.code == 0, "\(worker.err)")
                #expect(watched.code == 0, "\(watched.err)")
                #expect(try watched.number("job_id") == 1)
                try lab.expectTruth()
            }
        }

        @Test("status and jobs tell people and machines what there is")
        func reports() async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync().code == 0)
                let status = try await lab.command("status")
                let statusJSON = try await lab.command("status", "--json")
                let jobs = try await lab.command("jobs")
                let jobsJSON = try await lab.command("jobs", "--json")

                for outcome in [status, statusJSON, jobs, jobsJSON] { #expect(outcome.code == 0, "\(outcome.err)") }
                #expect(status.out.contains(lab.world.mainAccountID) && status.out.contains("complete since"))
                let account = try statusJSON.json()
                #expect(account["account"] as? String == lab.world.mainAccountID)
                #expect(account["phase_1_completed_at"] as? String != nil)
                #expect(account["status"] as? String == "completed")
                #expect(jobs.out.contains("completed"))
                let job = try jobsJSON.json()
                #expect(job["kind"] as? String == "initial")
                #expect(job["requests"] as? Int == (try lab.countedCalls))
                #expect(job["failed_chunks"] as? Int == 0)
            }
        }

        @Test("cancel stops a running job within five seconds, from another process")
        func cancel() async throws {
            try await Lab.with(try .slow(milliseconds: 100)) { lab in
                let working = try lab.startSync("--workers", "2")
                try await eventually("chunks are under way") {
                    lab.requests > 5 && (try? lab.count("sync_chunks", where: "status = 'completed'")) ?? 0 > 0
                }
                let clock = ContinuousClock()
                let cancelled = try await lab.command("cancel", "1")
                // How long a program takes to start is another matter.
                let begun = clock.now
                let ended = await working.wait(atMost: .seconds(30))
                let took = clock.now - begun
                let calls = lab.requests

                #expect(cancelled.code == 0, "\(cancelled.err)")
                #expect(cancelled.out.contains("Job 1 is cancelled"))
                #expect(ended.code == 1, "\(ended.err)")
                #expect(ended.err.contains("cancelled"))
                #expect(took < .seconds(5), "it took \(took)")
                try lab.expectNothingInProgress()
                #expect(try lab.texts("SELECT status FROM sync_jobs") == ["cancelled"])
                #expect(try lab.count("sync_chunks", where: "status = 'pending'") == 0)
                #expect(lab.requests == calls)

                let again = try await lab.command("cancel", "1")
                let unknown = try await lab.command("cancel", "77")
                #expect(again.code == 0 && again.out.contains("had ended before"))
                #expect(unknown.code == 2 && unknown.err.contains("There is no job 77"))
            }
        }

        @Test("a cancelled job does not stand in the way of the next sync")
        func syncAfterCancel() async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync("--detach").code == 0)
                #expect(try await lab.command("cancel", "1").code == 0)
                let outcome = try await lab.sync()

                #expect(outcome.code == 0, "\(outcome.err)")
                try lab.expectTruth()
            }
        }

        @Test(
            "retry says that a cancelled job goes on, also when none of its chunks was planned",
            arguments: [
                ("en", "Job 1 goes on where it was cancelled", "Job 1 has no failed chunk", "Job 1 stays cancelled"),
                ("vi", "Lượt chạy 1 tiếp tục", "Lượt chạy 1 không có phần nào", "Lượt chạy 1 vẫn bị huỷ"),
            ])
        func retryCancelled(_ told: (language: String, goesOn: String, isFine: String, stays: String)) async throws {
            try await Lab.with(try .tiny()) { lab in
                func retry() async throws -> String {
                    let outcome = try await lab.run(
                        ["retry", "1", "--database", lab.database], environment: ["SLUICE_LANG": told.language])
                    #expect(outcome.code == 0, "\(outcome.err)")
                    return outcome.out
                }
                #expect(try await lab.sync("--detach").code == 0)
                #expect(try await lab.command("cancel", "1").code == 0)
                let revived = try await retry()
                #expect(revived.contains(told.goesOn), "\(revived)")
                #expect(try lab.texts("SELECT status FROM sync_jobs") == ["pending"])
                let fine = try await retry()
                #expect(fine.contains(told.isFine), "\(fine)")

                #expect(try await lab.command("cancel", "1").code == 0)
                #expect(try await lab.sync("--detach").code == 0)
                let stays = try await retry()
                #expect(stays.contains(told.stays), "\(stays)")
            }
        }

        @Test("connect names a next command that works as it stands")
        func connectNext() async throws {
            try await Lab.with(try .tiny()) { lab in
                let connect = try await lab.run(
                    ["connect", "meta", "--base-url", lab.url, "--database", "Ann's data.sqlite"])
                let next = try #require(connect.out.firstMatch(of: /Next: sluice (.*)\n/)).1
                let sync = try await lab.run([], environment: [:], through: ["bash", "-c", "\"$0\" \(next)"])

                #expect(sync.code == 0, "\(next): \(sync.err)")
                #expect(try lab.files == ["Ann's data.sqlite", "Ann's data.sqlite.key"])
            }
        }

        @Test("connect checks a credential, lists its accounts, and stores it sealed")
        func connect() async throws {
            try await Lab.with(try .tiny()) { lab in
                let words = ["connect", "meta", "--base-url", lab.url, "--database", lab.database]
                let outcome = try await lab.run(words)
                let rejected = try await lab.run(words, environment: ["SLUICE_META_TOKEN": "EAAGwrong"])

                #expect(outcome.code == 0, "\(outcome.err)")
                for account in lab.world.accounts { #expect(outcome.out.contains("\(account.id)  \(account.name)")) }
                #expect(try lab.count("connections") == 1)
                #expect(rejected.code == 3, "\(rejected.err)")
                #expect(try lab.count("connections", where: "version > 1") == 0)
            }
        }

        @Test("doctor examines the machine, the database and every connection")
        func doctor() async throws {
            try await Lab.with(try .tiny()) { lab in
                let empty = try await lab.command("doctor")
                #expect(try lab.files.isEmpty)
                #expect(try await lab.sync("--streams", "campaigns").code == 0)
                let good = try await lab.command("doctor")
                lab.stage { $0.script = { _, _ in .graphError(190, 463, status: 401) } }
                let bad = try await lab.command("doctor")

                #expect(empty.code == 0, "\(empty.out)")
                #expect(good.code == 0, "\(good.out)")
                #expect(good.out.contains("reaches 2 accounts"))
                #expect(bad.code == 1, "\(bad.out)")
                #expect(bad.out.contains("bad ") && bad.out.contains("expired"), "\(bad.out)")
            }
        }

        @Test("a demo that is killed leaves no sandbox behind")
        func killedDemo() async throws {
            try await Lab.with(try .tiny()) { lab in
                let demo = try lab.start(["demo", "--port", "0", "--database", lab.database], environment: [:])
                let address = /at (http:\S+:\d+)\./
                try await eventually("its sandbox answers") { demo.complaint.contains(address) }
                let url = try #require(demo.complaint.firstMatch(of: address)).1
                demo.send(SIGKILL)
                await demo.wait()

                try await eventually("the sandbox is gone", atMost: .seconds(20)) {
                    let asked = try await lab.run(
                        ["connect", "meta", "--base-url", String(url), "--database", lab.database],
                        environment: ["SLUICE_META_TOKEN": "EAAGwrong"])
                    return asked.err.contains("refused")
                }
            }
        }

        @Test("a demo on another port goes on with the same account")
        func movedDemo() async throws {
            try await Lab.with(try .tiny()) { lab in
                for run in 1...2 {
                    let demo = try lab.start(["demo", "--port", "0", "--database", lab.database], environment: [:])
                    try await eventually("demo \(run) reads") {
                        (try? lab.countedCalls) ?? 0 >= run * 20 || !demo.isRunning
                    }
                    #expect(demo.isRunning, "\(demo.complaint)")
                    demo.send(SIGKILL)
                    await demo.wait()
                }

                #expect(try lab.count("connections") == 1)
                #expect(try lab.count("accounts") == 1)
                #expect(try lab.count("sync_jobs") == 1)
            }
        }

        @Test("sandbox serves what it prints, and ends at a signal")
        func sandbox() async throws {
            try await Lab.with(try .tiny()) { lab in
                let sandbox = try lab.start(["sandbox", "meta", "--world", "small"], environment: [:])
                try await eventually("it says where it is") {
                    sandbox.text.contains("account act_") && sandbox.text.hasSuffix("\n")
                }
                var facts: [String: String] = [:]
                for line in sandbox.text.split(separator: "\n") {
                    let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
                    facts[parts[0]] = parts[1]
                }
                let outcome = try await lab.run(
                    [
                        "sync", "meta", "--account", facts["account"] ?? "", "--base-url", facts["url"] ?? "",
                        "--database", lab.database, "--streams", "campaigns",
                    ], environment: ["SLUICE_META_TOKEN": facts["token"] ?? ""])
                sandbox.send(SIGTERM)
                let ended = await sandbox.wait(atMost: .seconds(20))

                #expect(outcome.code == 0, "\(outcome.err)")
                #expect(try lab.count("meta_campaigns") > 0)
                #expect(ended.code == 0)
            }
        }
    }
}
