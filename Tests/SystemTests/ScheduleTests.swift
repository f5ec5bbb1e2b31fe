import Connectors
import Foundation
import GRDB
import StorePostgres
import SyncCore
import Testing

@testable import sluice

extension SystemTests {
    @Suite("A schedule")
    struct ScheduleTests {
        private static let nightly = [
            "schedules", "create", "--name", "Nightly", "--account", "meta/all", "--streams", "campaigns",
        ]

        @Test("is made, shown, changed, turned off and on, and deleted")
        func life() async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync("--detach").code == 0)
                let none = try await lab.command("schedules", "list")
                let made = try await lab.run(
                    ScheduleTests.nightly
                        + ["--at", "02:30", "--on", "mon,fri", "--zone", "Asia/Ho_Chi_Minh", "--json"]
                        + ["--range", "last_7_days", "--max-runs-per-day", "2", "--database", lab.database])
                let again = try await lab.run(
                    ScheduleTests.nightly + ["--every", "1h", "--database", lab.database])
                let edited = try await lab.command(
                    "schedules", "edit", "Nightly", "--cron", "0 6 L * *", "--missed", "all", "--range", "due", "--json"
                )
                let off = try await lab.command("schedules", "disable", "1")
                let on = try await lab.command("schedules", "enable", "1")
                let listed = try await lab.command("schedules")
                let deleted = try await lab.command("schedules", "delete", "Nightly")
                let gone = try await lab.command("schedules", "show", "Nightly")

                #expect(none.out.contains("There is no schedule in"))
                #expect(made.code == 0, "\(made.err)")
                let object = try made.json()
                #expect(object["recurrence"] as? String == "at 02:30 on mon,fri")
                #expect((object["next_runs"] as? [String])?.count == 5)
                #expect((object["next_runs"] as? [String])?.allSatisfy { $0.hasSuffix("T19:30:00.000Z") } == true)
                #expect(object["accounts"] as? [String] == ["meta/\(lab.world.mainAccountID)"])
                #expect(object["max_runs_per_day"] as? Int == 2)
                #expect(again.code == 2)
                #expect(again.err.contains("There is a schedule Nightly already."))
                #expect(try edited.json()["recurrence"] as? String == "cron 0 6 L * *")
                #expect(try edited.json()["date_range"] as? String == "due")
                #expect(try edited.json()["time_zone"] as? String == "Asia/Ho_Chi_Minh")
                #expect(off.out.contains("1  Nightly  (off)") && !off.out.contains("next run"))
                #expect(on.out.contains("next run"))
                #expect(listed.out.contains("cron 0 6 L * *, Asia/Ho_Chi_Minh"))
                #expect(deleted.out == "The schedule Nightly is deleted. No data was deleted.\n")
                #expect(gone.code == 2)
                #expect(gone.err.contains("There is no schedule Nightly."))
            }
        }

        @Test("takes the zone of its first account, and refuses accounts and streams that are not there")
        func checks() async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync("--detach").code == 0)
                func create(_ more: String...) async throws -> Outcome {
                    try await lab.run(
                        ["schedules", "create", "--name", "a", "--every", "1h", "--database", lab.database] + more)
                }
                let stranger = try await create("--account", "meta/act_7")
                let malformed = try await create("--account", "act_7")
                let stream = try await create("--account", "meta/all", "--streams", "unicorns")
                let zone = try await create("--account", "meta/all", "--zone", "Mars/Base")
                let made = try await create("--account", "meta/\(lab.account)", "--type", "all", "--json")

                #expect(stranger.err.contains("The account meta/act_7 is not stored."))
                #expect(malformed.err.contains("\"act_7\" is no account"))
                #expect(stream.err.contains("unicorns"))
                #expect(zone.err.contains("There is no time zone Mars/Base."))
                #expect([stranger, malformed, stream, zone].allSatisfy { $0.code == 2 })
                #expect(try made.json()["time_zone"] as? String == QuarterClock.noonZone)
                #expect(try made.json()["streams"] as? [String] == [])
            }
        }

        @Test("runs by hand at once, once at a time, and a worker does its jobs")
        func byHand() async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync().code == 0)
                let made = try await lab.run(
                    ScheduleTests.nightly
                        + ["--cron", "0 0 1 1 *", "--range", "last_7_days", "--database", lab.database])
                let run = try await lab.command("schedules", "run", "Nightly", "--json")
                let second = try await lab.command("schedules", "run", "Nightly")
                let worker = try lab.startWorker()
                try await eventually("the job is done") {
                    worker.text.contains("is completed") || !worker.isRunning
                }
                worker.send(SIGTERM)
                #expect(await worker.wait(atMost: .seconds(30)).code == 0)
                let shown = try await lab.command("schedules", "show", "Nightly", "--json")
                let third = try await lab.command("schedules", "run", "Nightly", "--json")

                #expect(made.code == 0, "\(made.err)")
                #expect(try run.json()["jobs"] as? [Int] == [2])
                #expect(second.code == 2)
                #expect(second.err.contains("The last run of the schedule Nightly still goes on: job 2."))
                #expect(
                    try lab.texts("SELECT kind || ' ' || status FROM sync_jobs WHERE id = 2") == ["backfill completed"])
                #expect(try shown.json()["runs_today"] as? Int == 0)
                #expect(try third.json()["jobs"] as? [Int] == [3])
            }
        }

        @Test("that was due while nobody worked is made up for by the next worker, once")
        func due() async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync().code == 0)
                _ = try await lab.run(ScheduleTests.nightly + ["--every", "24h", "--database", lab.database])
                try lab.setNextRun(hoursAgo: 30)
                let worker = try lab.startWorker()
                try await eventually("the job is done") {
                    worker.text.contains("is completed") || !worker.isRunning
                }
                worker.send(SIGTERM)
                #expect(await worker.wait(atMost: .seconds(30)).code == 0)

                #expect(
                    try lab.texts("SELECT kind || ' ' || status FROM sync_jobs WHERE id > 1") == ["scheduled completed"]
                )
                #expect(try lab.number("SELECT count(*) FROM schedule_runs") == 1)
                #expect(
                    try lab.number("SELECT next_run_at > strftime('%s', 'now') * 1000000 FROM schedules") == 1)
                #expect(
                    try lab.texts("SELECT kind FROM events WHERE kind LIKE 'schedule%' ORDER BY id") == [
                        "schedule_created", "schedule_missed", "schedule_started",
                    ])
            }
        }

        @Test("on a server is started once by two workers", .enabled(if: TargetDatabase.server != nil))
        func server() async throws {
            try await Lab.with(try .tiny()) { lab in
                try await TargetDatabase.with { database in
                    let environment = lab.credentials.merging(
                        ["SLUICE_SECRET_KEY": Data(repeating: 7, count: 32).base64EncodedString()]) { $1 }
                    func run(_ words: [String]) async throws -> Outcome {
                        try await lab.run(words + ["--database", database.url], environment: environment)
                    }
                    let sync = ["sync", "meta", "--account", lab.account, "--base-url", lab.url]
                    #expect(try await run(sync).code == 0)
                    // No key is needed to plan.
                    let made = try await lab.run(
                        ScheduleTests.nightly + ["--every", "24h", "--database", database.url], environment: [:])
                    try PostgresConnection(database.address).script(
                        "UPDATE schedules SET next_run_at = next_run_at - 30 * 3600000000::bigint")
                    let workers = try (0..<2).map { _ in
                        try lab.start(["worker", "--database", database.url], environment: environment)
                    }
                    try await eventually("the job is done") {
                        try database.texts("SELECT status FROM sync_jobs WHERE id > 1") == ["completed"]
                    }
                    for worker in workers { worker.send(SIGTERM) }
                    for worker in workers { #expect(await worker.wait(atMost: .seconds(30)).code == 0) }

                    #expect(made.code == 0, "\(made.err)")
                    #expect(try database.number("SELECT count(*)::text FROM schedule_runs") == 1)
                    #expect(try database.number("SELECT count(*)::text FROM sync_jobs") == 2)
                }
            }
        }
    }
}

extension Lab {
    /// Sets the plan of all schedules back: nobody has worked since.
    fileprivate func setNextRun(hoursAgo hours: Int) throws {
        let queue = try DatabaseQueue(path: database)
        try queue.write { db in
            try db.execute(
                sql: "UPDATE schedules SET next_run_at = (strftime('%s', 'now') / 86400 * 86400 - ? * 3600) * 1000000",
                arguments: [hours])
        }
        try queue.close()
    }
}
