import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncCore
import Synchronization
import Testing

extension SystemTests {
    @Suite("A sync")
    struct FirstSyncTests {
        @Test("brings every row of an account into a new file, and says so in one JSON line")
        func complete() async throws {
            try await Lab.with(try .tiny()) { lab in
                let outcome = try await lab.sync("--json")

                #expect(outcome.code == 0, "\(outcome.err)")
                #expect(outcome.err.isEmpty)
                let line = try outcome.json()
                #expect(
                    line.keys.sorted()
                        == ["chunks", "job_id", "requests", "retries", "rows", "seconds", "status", "throttled"])
                #expect(line["status"] as? String == "completed")
                let truth = try lab.oracle.truth.rows.map { ("meta_\($0.key)", $0.value) }
                #expect(line["rows"] as? [String: Int] == Dictionary(uniqueKeysWithValues: truth))
                let chunks = try #require(line["chunks"] as? [String: Int])
                #expect(chunks == ["completed": try lab.count("sync_chunks"), "failed": 0])
                #expect(try outcome.number("requests") == lab.requests)
                // The account's facts and the token's end are asked for before there is a job.
                #expect(lab.requests == (try lab.countedCalls) + 2)
                try lab.expectTruth()
            }
        }

        @Test("leaves control tables that tell what happened")
        func controlTables() async throws {
            try await Lab.with(try .tiny()) { lab in
                let outcome = try await lab.sync()

                #expect(outcome.code == 0, "\(outcome.err)")
                #expect(try lab.texts("SELECT kind || ' ' || status FROM sync_jobs") == ["initial completed"])
                #expect(try lab.texts("SELECT DISTINCT status FROM sync_chunks") == ["completed"])
                #expect(
                    try lab.texts("SELECT DISTINCT phase FROM sync_chunks ORDER BY phase") == ["history", "recent"])
                try lab.expectNothingInProgress()
                #expect(try lab.count("accounts", where: "phase_1_completed_at <= phase_2_completed_at") == 1)
                #expect(try lab.texts("SELECT external_id FROM accounts") == [lab.world.mainAccountID])
                #expect(try lab.count("quotas") > 0)
                #expect(try lab.count("sync_seen") == 0)
                let log = "sync_type = 'initial' AND progress_percentage = 100 AND finished_at IS NOT NULL"
                #expect(try lab.count("sync_logs", where: log) == 1)
                let events = try lab.texts("SELECT DISTINCT kind FROM events")
                #expect(
                    Set(events).isSuperset(of: ["job_started", "chunk_completed", "phase_completed", "job_completed"]))
                let days = try lab.oracle.days
                for stream in ["campaign_insights", "ad_set_insights", "ad_insights"] {
                    let covered = "stream = '\(stream)' AND state IN ('fresh', 'settled') AND open_chunks = 0"
                    let range = "date BETWEEN '\(days.first)' AND '\(days.last)'"
                    #expect(try lab.count("coverage", where: "\(covered) AND \(range)") == days.count)
                }
                #expect(try lab.count("coverage", where: "state IN ('queued', 'running', 'failed', 'missing')") == 0)
            }
        }

        @Test("of some streams leaves the rest to the next one, and does not call the account complete")
        func partly() async throws {
            try await Lab.with(try .tiny()) { lab in
                let partly = try await lab.sync("--streams", "campaigns,ads")
                #expect(partly.code == 0, "\(partly.err)")
                let unmarked = "phase_1_completed_at IS NULL AND last_synced_at IS NULL"
                #expect(try lab.count("accounts", where: unmarked) == 1)

                let whole = try await lab.sync()

                #expect(whole.code == 0, "\(whole.err)")
                #expect(try lab.texts("SELECT kind FROM sync_jobs") == ["initial", "initial"])
                #expect(try lab.count("accounts", where: "phase_2_completed_at IS NOT NULL") == 1)
                try lab.expectTruth()
            }
        }

        @Test("brings the whole past of posts that the token may read only since the first one")
        func grantedLater() async throws {
            let isGranted = Mutex(false)
            let script: Stage.Script = { request, _ in
                guard request.method == .post, !isGranted.withLock({ $0 }) else { return nil }
                let body = String(decoding: request.body, as: UTF8.self)
                let items = body.components(separatedBy: "published_posts").count - 1
                let refusal = #"{"code":403,"body":"{\"error\":{\"code\":10,\"message\":\"no\"}}"}"#
                return items == 0 ? nil : .text("[\(Array(repeating: refusal, count: items).joined(separator: ","))]")
            }
            try await Lab.with(try .tiny(), script: script) { lab in
                let first = try await lab.sync()
                #expect(first.code == 0, "\(first.err)")
                #expect(first.out.contains("the token lacks pages_read_engagement"))
                #expect(try lab.count("meta_posts") == 0)

                isGranted.withLock { $0 = true }
                let second = try await lab.sync()
                let posts = try lab.count("sync_chunks", where: "stream = 'posts' AND job_id = 2")
                let third = try await lab.sync()

                #expect(second.code == 0 && third.code == 0, "\(second.err)\(third.err)")
                try lab.expectTruth()
                #expect(posts > 1)
                #expect(try lab.count("sync_chunks", where: "stream = 'posts' AND job_id = 3") == 1)
            }
        }

        @Test("reads only what is due when it is run again")
        func again() async throws {
            try await Lab.with(try .tiny()) { lab in
                let first = try await lab.sync("--json")
                let before = try lab.stored { try $0.lines(["ad_id", "date", "synced_at"], of: "meta_ad_insights") }
                let second = try await lab.sync("--json")

                #expect(second.code == 0, "\(second.err)")
                #expect(try second.number("requests") * 2 < first.number("requests"))
                #expect(try lab.texts("SELECT kind FROM sync_jobs ORDER BY id") == ["initial", "incremental"])
                let days = try lab.texts(
                    "SELECT DISTINCT end_date FROM sync_chunks WHERE job_id = 2 AND stage = 'insights'")
                #expect(days == ["\(try QuarterClock.today)"])
                let after = try lab.stored { try $0.lines(["ad_id", "date", "synced_at"], of: "meta_ad_insights") }
                #expect(before == after, "rows that did not change were written again")
                try lab.expectTruth()
            }
        }

        @Test("of named days reads these days and no others", arguments: ["days", "range"])
        func namedDays(_ form: String) async throws {
            try await Lab.with(try .tiny()) { lab in
                let today = try QuarterClock.today
                let days = try #require(DayRange(today.adding(days: -6), today))
                let named =
                    form == "range" ? ["--range", "last_7_days"] : ["--from", "\(days.first)", "--to", "\(days.last)"]
                let outcome = try await lab.run(lab.syncArguments(named + ["--json"]))

                #expect(outcome.code == 0, "\(outcome.err)")
                #expect(
                    try lab.texts("SELECT kind || ' ' || requested_from || ' ' || requested_to FROM sync_jobs")
                        == ["manual \(days.first) \(days.last)"])
                try lab.stored { try lab.expectInsights($0, lab.oracle, days) }
                #expect(try lab.count("coverage", where: "date < '\(days.first)'") == 0)
                #expect(try lab.count("accounts", where: "phase_1_completed_at IS NOT NULL") == 0)
            }
        }

        @Test("of some streams fills only their tables")
        func someStreams() async throws {
            try await Lab.with(try .tiny()) { lab in
                let outcome = try await lab.sync("--streams", "campaigns, campaign_insights", "--json")

                #expect(outcome.code == 0, "\(outcome.err)")
                let rows = try #require(try outcome.json()["rows"] as? [String: Int])
                #expect(rows.keys.sorted() == ["meta_campaign_insights", "meta_campaigns"])
                #expect(
                    try lab.texts("SELECT DISTINCT stream FROM sync_chunks ORDER BY stream") == [
                        "campaign_insights", "campaigns", "totals",
                    ])
                let real = try lab.oracle.insights("campaign", try lab.oracle.days)
                expectSame(
                    "meta_campaign_insights",
                    try lab.stored {
                        try $0.lines(
                            ["date", "campaign_id", "spend_micros", "impressions", "clicks"],
                            of: "meta_campaign_insights")
                    }, real)
            }
        }

        @Test("of days before the platform's memory is cut to it, says so, and marks them as not offered")
        func beforeMemory() async throws {
            try await Lab.with(try .aged(days: 1_200)) { lab in
                let today = try QuarterClock.today
                let edge = today.adding(months: -37).adding(days: 1)
                let first = edge.adding(days: -10)
                let outcome = try await lab.sync(
                    "--from", "\(first)", "--to", "\(edge.adding(days: 9))", "--streams", "insights")

                #expect(outcome.code == 0, "\(outcome.err)")
                #expect(
                    outcome.err.contains("does not offer \(named(first, edge.adding(days: -1)))"),
                    "\(outcome.err)")
                for stream in ["campaign_insights", "ad_set_insights", "ad_insights"] {
                    let days = try lab.texts(
                        "SELECT date FROM coverage WHERE stream = '\(stream)' AND state = 'not_offered' ORDER BY date")
                    #expect(days == (0..<10).map { "\(first.adding(days: $0))" })
                }
            }
        }

        @Test("of days that the platform turns out not to have any more marks them as not offered, too")
        func foundNotOffered() async throws {
            var world = try MetaWorld.tiny()
            world.insights.months = 36
            try await Lab.with(world) { lab in
                let first = try QuarterClock.today.adding(months: -37).adding(days: 1)
                let outcome = try await lab.sync(
                    "--from", "\(first)", "--to", "\(first.adding(days: 2))", "--streams", "campaign_insights")

                #expect(outcome.code == 0, "\(outcome.err)")
                let cells = try lab.texts(
                    "SELECT state || coalesce(read_at, '') FROM coverage WHERE stream = 'campaign_insights'")
                #expect(cells == ["not_offered", "not_offered", "not_offered"])
            }
        }

        @Test("of a report with a shorter memory asks for the days that there are, and marks the others as not offered")
        func shorterMemory() async throws {
            try await Lab.with(try .tiny()) { lab in
                let edge = try QuarterClock.today.adding(months: -13).adding(days: 1)
                let reports = lab.folder.appending(path: "reports.json")
                let report =
                    #"[{"name":"by_hour","level":"campaign","fields":["clicks"],"#
                    + #""breakdowns":["hourly_stats_aggregated_by_advertiser_time_zone"]}]"#
                try Data(report.utf8).write(to: reports)
                let outcome = try await lab.sync(
                    "--from", "\(edge.adding(days: -2))", "--to", "\(edge)", "--streams", "by_hour", "--reports",
                    reports.path)

                #expect(outcome.code == 0, "\(outcome.err)")
                let states = try lab.texts("SELECT state FROM coverage WHERE stream = 'by_hour' ORDER BY date")
                #expect(states == ["not_offered", "not_offered", "settled"])
                let notes = try lab.texts("SELECT text FROM events WHERE kind = 'clamped'")
                #expect(notes == ["Meta has no days of by_hour before \(edge)."])
            }
        }

        /// Days of one month name it once.
        private func named(_ first: CivilDate, _ last: CivilDate) -> String {
            let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
            func month(_ day: CivilDate) -> String { "\(months[day.parts.month - 1]) \(day.parts.year)" }
            return month(first) == month(last)
                ? "\(first.parts.day)–\(last.parts.day) \(month(last))"
                : "\(first.parts.day) \(month(first)) – \(last.parts.day) \(month(last))"
        }

        @Test("of days that are all before the platform's memory says so, marks them, and asks for no numbers")
        func allBeforeMemory() async throws {
            try await Lab.with(try .aged(days: 4_400)) { lab in
                let outcome = try await lab.sync(
                    "--from", "2015-01-01", "--to", "2015-01-10", "--streams", "insights", "--json")
                let told = try await lab.sync(
                    "--from", "2015-01-01", "--to", "2015-01-10", "--streams", "insights")

                #expect(outcome.code == 0, "\(outcome.err)")
                #expect(told.code == 0, "\(told.err)")
                for said in [outcome, told] {
                    #expect(said.err.contains("does not offer 1–10 Jan 2015"), "\(said.err)")
                }
                #expect(try lab.count("coverage", where: "state = 'not_offered'") == 30)
                let edge = try QuarterClock.today.adding(months: -37).adding(days: 1)
                let notes = try lab.texts("SELECT DISTINCT text FROM events WHERE kind = 'clamped' AND once = 1")
                #expect(notes == ["Meta has no days before \(edge) any more: they are left out."])
                #expect(try lab.count("coverage", where: "state <> 'not_offered'") == 0)
                #expect(!lab.stage { $0.asked }.contains { $0.contains("/insights") })
            }
        }

        @Test("of days before the account began marks none of these")
        func beforeAccount() async throws {
            try await Lab.with(try .aged(days: 1_200)) { lab in
                let edge = try QuarterClock.today.adding(months: -37)
                let outcome = try await lab.sync(
                    "--from", "0001-01-01", "--to", "\(edge)", "--streams", "campaign_insights")

                #expect(outcome.code == 0, "\(outcome.err)")
                let began = try #require(try lab.texts("SELECT created_on FROM accounts").first)
                #expect(try lab.texts("SELECT min(date) || ' ' || max(date) FROM coverage") == ["\(began) \(edge)"])
            }
        }

        @Test("brings the posts of pages that are older than the ad account")
        func oldPosts() async throws {
            var world = try MetaWorld.tiny()
            world.pages.days = 400
            try await Lab.with(world) { lab in
                let outcome = try await lab.sync("--streams", "pages,posts")

                #expect(outcome.code == 0, "\(outcome.err)")
                let own = try lab.stored { try $0.lines(["id"], of: "meta_posts") }
                let real = try lab.oracle.posts()
                expectSame("meta_posts", own, real)
            }
        }
    }
}
