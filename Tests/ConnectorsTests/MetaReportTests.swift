import ConnectorKit
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

@Suite("Insights of Meta, as reports")
struct MetaReportTests {
    private func run(_ mode: String = "report", stream: StreamID = .adInsights) throws -> MetaRun {
        try MetaRun(stream, mode: mode, days: MetaInsightsTests.day)
    }

    private func submitted(_ mode: String = "report", stream: StreamID = .adInsights) throws -> MetaRun {
        var run = try run(mode, stream: stream)
        run.answer("{\"report_run_id\":\"7301200000000001\"}")
        return run
    }

    private func status(_ status: String, _ percent: Int, _ more: String = "") -> String {
        "{\"id\":\"7301200000000001\",\"async_status\":\"\(status)\",\"async_percent_completion\":\(percent)\(more)}"
    }

    private func failed(_ code: Int, _ subcode: Int?) -> String {
        let sub = subcode.map { ",\"error_subcode\":\($0)" } ?? ""
        return status("Job Failed", 0, ",\"error_code\":\(code)\(sub),\"error_message\":\"x\"")
    }

    @Test("A report is submitted as a form with lists in JSON")
    func submission() throws {
        let run = try run()

        #expect(run.call.request.method == .post)
        #expect(run.call.request.headers[.contentType] == "application/x-www-form-urlencoded")
        #expect(run.parameter("level") == "ad")
        #expect(run.parameter("time_increment") == "1")
        #expect(run.parameter("fields")?.hasPrefix("[\"ad_id\",\"campaign_id\"") == true)
        #expect(run.call.costs.allSatisfy { $0.points == ($0.key.family == "account" ? 3 : 1) })
        #expect(!run.call.request.target.contains("TOK"))
    }

    @Test("The run's id may be a string or a number", arguments: ["\"7301200000000001\"", "7301200000000001"])
    func runID(id: String) throws {
        var run = try run()

        #expect(run.answer("{\"report_run_id\":\(id)}").wait == .seconds(10))

        #expect(run.path == "/v26.0/7301200000000001")
    }

    @Test("It is looked at every 10 to 30 s by what it should still take, and read when it is completed at 100 %")
    func life() throws {
        var run = try submitted()

        var waits: [Duration] = []
        for percent in [0, 5, 20, 40, 60, 80, 90, 99] {
            waits.append(try #require(run.answer(status("Job Running", percent)).wait))
        }
        #expect(waits == [10, 30, 30, 30, 30, 30, 18, 10].map { .seconds($0) })
        #expect(run.answer(status("Job Completed", 99)).wait != nil)
        #expect(run.answer(status("Job Completed", 100)).isMore)

        #expect(run.path == "/v26.0/7301200000000001/insights")
        #expect(run.parameter("limit") == "500")
        #expect(run.answer(metaPage(MetaInsightsTests.adRow, after: "MQZDZD", next: true)).isMore)
        #expect(run.parameter("after") == "MQZDZD")
        #expect(run.answer(metaPage(MetaInsightsTests.adRow)).finish?.isComplete == true)
    }

    @Test("A run goes on after a restart from its stored id")
    func restart() throws {
        var before = try submitted()
        before.answer(status("Job Running", 40))

        var after = try run()
        after.cursor = before.cursor

        #expect(after.path == "/v26.0/7301200000000001")
        #expect(after.call.request.method == .get)
    }

    @Test("Nothing is known of a report at 0 %: the looks get rarer as it stands")
    func polite() throws {
        var run = try submitted()

        let waits = try (0..<5).map { _ in try #require(run.answer(status("Job Not Started", 0)).wait) }

        #expect(waits == [10, 10, 15, 22, 30].map { .seconds($0) })
    }

    @Test("A completed report need not say its percentage")
    func silentPercentage() throws {
        var run = try submitted()

        run.answer("{\"id\":\"7301200000000001\",\"async_status\":\"Job Completed\"}")

        #expect(run.path == "/v26.0/7301200000000001/insights")
    }

    @Test("Beginning a report has a limit of its own, looking at it has not, and slow ones lower the pace")
    func pace() throws {
        let key = QuotaKey(rawValue: "meta/reports/1000001")
        #expect(try run().call.costs.contains(QuotaCost(key)))
        var run = try submitted()
        #expect(!run.call.costs.contains(QuotaCost(key)))

        run.now = run.now + .seconds(260)
        let reading = run.answer(status("Job Running", 50))

        #expect(reading.signals == [.use(key, 0.9)])
    }

    // MARK: Watchdogs

    @Test("Five minutes at 0 % mean stuck: two new runs, then smaller")
    func stuckAtZero() throws {
        var run = try submitted()
        var submissions = 1
        var split: [ChunkSpec]?
        for _ in 0..<400 where split == nil {
            if run.call.request.method == .post {
                submissions += 1
                run.answer("{\"report_run_id\":\"8\"}")
            } else if run.parameter("level") == "campaign" {
                break
            } else {
                split = run.answer(status("Job Started", 0)).split
            }
        }

        #expect(submissions == 3)
        #expect(run.parameter("level") == "campaign")
        #expect((run.now - Instant(seconds: 1_790_000_000)).inSeconds < 1200)
    }

    @Test("A run that still moves is left alone, and one at 99 % that does not move is given up")
    func movement() throws {
        var run = try submitted()
        for percent in 1...80 { #expect(run.answer(status("Job Running", percent)).wait != nil) }
        #expect(run.path == "/v26.0/7301200000000001")

        var polls = 0
        while run.call.request.method == .get, polls < 100 {
            run.answer(status("Job Running", 99))
            polls += 1
        }
        #expect(run.call.request.method == .post)
        #expect(polls < 40)
    }

    @Test("After an hour the chunk is made smaller whatever the run says")
    func anHour() throws {
        var run = try submitted()

        run.now = run.now + .seconds(3600)
        run.answer(status("Job Running", 50))

        #expect(run.parameter("level") == "campaign")
    }

    // MARK: Ends

    @Test(
        "Reports that are too large are split at once",
        arguments: [(100, 1_487_534), (-3, 1_504_045), (2, 1_504_038), (100, 1_504_018), (1_504_045, nil)]
            as [(Int, Int?)])
    func tooLarge(code: Int, subcode: Int?) throws {
        var run = try submitted()

        run.answer(failed(code, subcode))

        #expect(run.parameter("level") == "campaign")
        #expect(run.fields == ["campaign_id"])
    }

    @Test(
        "Other failures are submitted once more and then split",
        arguments: [(-2, 2_490_547), (2, 1_504_043), (2, 1_504_044), (1, nil), (100, nil), (.min, nil)] as [(Int, Int?)]
    )
    func failure(code: Int, subcode: Int?) throws {
        var run = try submitted()

        #expect(run.answer(failed(code, subcode)).wait != nil)
        #expect(run.call.request.method == .post)
        run.answer("{\"report_run_id\":\"8\"}")
        run.answer(failed(code, subcode))

        #expect(run.parameter("level") == "campaign")
    }

    @Test("A part by fields that fails is split at once: it comes of runs that failed twice")
    func failureOfFields() throws {
        var run = try run()
        run.spec.fields = ["impressions", "reach"]
        run.answer("{\"report_run_id\":\"8\"}")

        let specs = run.answer(failed(1, 99)).split

        #expect(specs?.map { $0.fields ?? [] } == [["impressions"], ["reach"]])
    }

    @Test("A failure without any reason is submitted once more")
    func silentFailure() throws {
        var run = try submitted()

        #expect(run.answer(status("Job Failed", 0)).wait != nil)

        #expect(run.call.request.method == .post)
    }

    @Test("A skipped report is submitted again")
    func skipped() throws {
        var run = try submitted()

        #expect(run.answer(status("Job Skipped", 0)).wait != nil)

        #expect(run.call.request.method == .post)
    }

    @Test("A report that failed for the load of the platform waits for its limit and is submitted anew")
    func load() throws {
        var run = try submitted()

        let reading = run.answer(failed(4, 1_504_022))

        #expect(reading.signals == [.blocked(QuotaKey(rawValue: "meta/appinsights/default"), until: nil)])
        #expect(reading.wait != nil)
        #expect(run.call.request.method == .post)
    }

    @Test("Breakdowns that cannot be combined end it")
    func badReport() throws {
        var run = try submitted()

        #expect(run.answer(failed(2, 1_504_041)).failure?.name == "permanent_configuration")
    }

    // MARK: Races

    @Test("Right after the submission the run may be unknown: five looks a second apart, then a new run")
    func notYetVisible() throws {
        var run = try submitted()

        for _ in 0..<5 { #expect(run.error(100, 33).wait == .seconds(1)) }
        #expect(run.error(100, 33).wait != nil)

        #expect(run.call.request.method == .post)
    }

    @Test("A run that is unknown later has expired")
    func expired() throws {
        var run = try submitted()
        run.now = run.now + .seconds(31 * 86_400)

        run.error(100, 33)

        #expect(run.call.request.method == .post)
    }

    @Test(
        "A complete report that cannot be read yet is asked for five times, then submitted anew",
        arguments: [
            (2601, 1_815_107, "Error accessing adreport job"),
            (100, nil, "(#100) Cannot include spend in summary param because they weren't there"),
            (100, nil, "(#100) Cannot include inline_link_clicks, account_id in summary param because they weren't"),
            (100, nil, "(#100) Không thể bao gồm inline_link_clicks"),
            (100, nil, "(#100) Không thể bao gồm"),
        ] as [(Int, Int?, String)])
    func unreadable(code: Int, subcode: Int?, message: String) throws {
        var run = try submitted()
        run.answer(status("Job Completed", 100))

        for _ in 0..<5 {
            #expect(run.error(code, subcode, message).wait != nil)
            #expect(run.path == "/v26.0/7301200000000001/insights")
        }
        run.error(code, subcode, message)

        #expect(run.call.request.method == .post)
    }

    @Test("Pages of results are halved when they are too much, and start over when the cursor is invalid")
    func resultPages() throws {
        var run = try submitted()
        run.answer(status("Job Completed", 100))
        run.error(1, nil, MetaInsightsTests.tooMuch, status: 500)
        #expect(run.parameter("limit") == "250")

        run.answer(metaPage(MetaInsightsTests.adRow, after: "A", next: true))
        run.error(2642)

        #expect(run.parameter("after") == nil)
        #expect(run.path == "/v26.0/7301200000000001/insights")
    }

    @Test("The second pass is a report of its own")
    func archived() throws {
        var run = try submitted("report+archived")
        run.answer(status("Job Completed", 100))

        #expect(run.answer(metaPage(MetaInsightsTests.adRow)).isMore)

        #expect(run.call.request.method == .post)
        #expect(run.parameter("filtering")?.contains("ad.effective_status") == true)
    }

    @Test("A throttled look is no failure of the run")
    func throttled() throws {
        var run = try submitted()

        #expect(run.error(17, 2_446_079).failure?.name == "throttled")
        #expect(run.error(4, 1_504_022).failure?.name == "throttled")

        #expect(run.path == "/v26.0/7301200000000001")
    }
}
