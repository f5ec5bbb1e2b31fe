import ConnectorKit
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

@Suite("Insights of Meta, at once")
struct MetaInsightsTests {
    static let week = MetaRun.days(-40, -34)
    static let day = DayRange(MetaRun.anchor.adding(days: -40))
    static let tooMuch = "Please reduce the amount of data you're asking for, then retry your request"

    static let adRow = """
        {"account_id":"1000001","campaign_id":"1202100000000001","adset_id":"1202100000000002",
        "ad_id":"1202100000000003","ad_name":"Video A","date_start":"2026-09-01","date_stop":"2026-09-01",
        "impressions":"1532","clicks":"41","spend":"12.37","reach":"1401","frequency":"1.093505","ctr":"2.676240",
        "cpm":"8.074413","cpc":"0.301707","actions":[{"action_type":"link_click","value":"33"},
        {"action_type":"offsite_conversion.fb_pixel_purchase","value":"3"}],
        "action_values":[{"action_type":"offsite_conversion.fb_pixel_purchase","value":"184.50"}]}
        """

    private func run(_ days: DayRange = week, mode: String = "sync", stream: StreamID = .adInsights) throws -> MetaRun {
        try MetaRun(stream, mode: mode, days: days)
    }

    @Test("A row of the fact sheet is read exactly")
    func row() throws {
        var run = try run()

        let reading = run.answer(metaPage(Self.adRow))

        #expect(reading.rows == 1)
        #expect(reading.text("date") == "2026-09-01")
        #expect(reading.text("ad_id") == "1202100000000003")
        #expect(reading.integer("impressions") == 1532)
        #expect(reading.integer("spend_micros") == 12_370_000)
        #expect(reading.integer("cpm_micros") == 8_074_413)
        #expect(reading.integer("purchases") == 3)
        #expect(reading.integer("purchase_value_micros") == 184_500_000)
        #expect(reading.tables[0].unknown.isEmpty)
        #expect(reading.notes.isEmpty)
        #expect(reading.finish?.isComplete == true)
    }

    @Test("Of several purchase types the first in the documented order counts, and none is added")
    func purchases() throws {
        var run = try run()

        let reading = run.answer(
            metaPage(
                """
                {"ad_id":"1","date_start":"2026-09-01","actions":[
                {"action_type":"offsite_conversion.fb_pixel_purchase","value":"3"},
                {"action_type":"omni_purchase","value":"5"},{"action_type":"purchase","value":"4"}]},
                {"ad_id":"2","date_start":"2026-09-01"}
                """))

        #expect(reading.integer("purchases") == 5)
        #expect(reading.integer("purchases", row: 1) == nil)
        #expect(reading.rows == 2)
    }

    @Test("Numbers may be strings or numbers")
    func looseNumbers() throws {
        var run = try run()

        let reading = run.answer(
            metaPage("{\"ad_id\":12021,\"date_start\":\"2026-09-01\",\"impressions\":7,\"spend\":0.1}"))

        #expect(reading.text("ad_id") == "12021")
        #expect(reading.integer("impressions") == 7)
        #expect(reading.integer("spend_micros") == 100_000)
    }

    @Test("Pages follow each other by cursor, empty ones included")
    func paging() throws {
        var run = try run()

        #expect(run.answer(metaPage(Self.adRow, after: "MjQZD", next: true)).isMore)
        #expect(run.parameter("after") == "MjQZD")
        #expect(run.answer(metaPage(after: "OTkZD", next: true, cursors: false)).isMore)
        #expect(run.parameter("after") == "OTkZD")
        #expect(run.answer(metaPage()).isFinished)
    }

    @Test("Archived and deleted entities are read in a second pass, with a filter of their own")
    func archived() throws {
        var run = try run(mode: "sync+archived")
        #expect(run.parameter("filtering") == nil)

        #expect(run.answer(metaPage(Self.adRow)).isMore)

        #expect(
            run.parameter("filtering")
                == "[{\"field\":\"ad.effective_status\",\"operator\":\"IN\",\"value\":[\"ARCHIVED\",\"DELETED\"]}]")
        #expect(run.parameter("after") == nil)
        let same = run.answer(metaPage(Self.adRow))
        #expect(same.isSecondListing)
        #expect(run.learned.dropped.isEmpty)

        // All of it may have been archived in between: only reading once more tells that the filter is not known there.
        run.cursor = same.finish?.startOver
        let again = run.answer(metaPage(Self.adRow))
        #expect(again.finish?.isComplete == true && again.finish?.startOver == nil)
        #expect(run.learned.dropped.count == 1)
    }

    @Test("Where all of a listing was archived before the second pass, the pass is not taken for useless")
    func allMoved() throws {
        var run = try run(mode: "sync+archived")
        run.answer(metaPage(Self.adRow))
        run.cursor = run.answer(metaPage(Self.adRow)).finish?.startOver

        #expect(run.answer(metaPage()).isMore)
        #expect(run.parameter("filtering") != nil)
        #expect(run.answer(metaPage(Self.adRow)).finish?.isComplete == true)
        #expect(run.learned.dropped.isEmpty)
    }

    private static func row(_ ad: String) -> String { "{\"ad_id\":\"\(ad)\",\"date_start\":\"2026-09-01\"}" }

    @Test("Rows that moved to the second pass meanwhile have both passes read again, twice at most")
    func moved() throws {
        var run = try run(mode: "sync+archived")
        for (time, live) in [("1,2", true), ("1,3", true), ("4,3", false)].enumerated() {
            let rows = live.0.split(separator: ",").map { Self.row(String($0)) }.joined(separator: ",")
            let first = run.answer(metaPage(rows))
            let second = run.answer(metaPage(Self.row("2\(time)")))

            #expect(!first.isSecondListing && second.isSecondListing)
            #expect((second.finish?.startOver != nil) == live.1)
            run.cursor = second.finish?.startOver
            #expect(run.parameter("filtering") == nil && run.parameter("after") == nil)
        }
    }

    @Test(
        "Where the second pass has the rows of a longer first one, all is read once more before anything is said of it")
    func repeatsAll() throws {
        var run = try run(mode: "sync+archived")
        run.answer(metaPage(Self.row("1"), after: "MAZDZD", next: true))
        run.answer(metaPage(Self.row("2")))

        #expect(run.answer(metaPage(Self.row("2"), after: "MAZDZD", next: true)).isMore)
        let second = run.answer(metaPage(Self.row("1")))

        #expect(second.isSecondListing && second.finish?.startOver != nil)
        #expect(run.learned.dropped.isEmpty)
        // In another order, and on one page.
        run.cursor = second.finish?.startOver
        #expect(run.answer(metaPage(Self.row("2") + "," + Self.row("1"))).finish?.isComplete == true)
        run.cursor = nil
        #expect(run.answer(metaPage(Self.row("1"))).isFinished)
    }

    @Test("A platform that lists archived rows in both passes is asked for those of deleted entities all the same")
    func listedTwice() throws {
        var run = try run(mode: "sync+archived")
        run.answer(metaPage(Self.row("1") + "," + Self.row("2"), after: "MQZDZD", next: true))
        run.answer(metaPage(Self.row("3")))
        let archived = metaPage(Self.row("2") + "," + Self.row("4"))
        run.cursor = run.answer(archived).finish?.startOver
        // The same rows in another order, and on one page: nothing has moved.
        #expect(run.answer(metaPage([3, 2, 1].map { Self.row("\($0)") }.joined(separator: ","))).isMore)
        let again = run.answer(archived)

        #expect(!again.isSecondListing && again.finish?.isComplete == true && again.finish?.startOver == nil)
        #expect(run.learned.dropped == [MetaInsights.overlap: "in both listings"])
        // So other chunks know that it says nothing.
        run.cursor = nil
        #expect(run.answer(metaPage(Self.row("2"))).isMore)
        let next = run.answer(archived)
        #expect(!next.isSecondListing && next.finish?.isComplete == true && next.rows == 2)
    }

    @Test("Today asks anew whether a second pass is needed: with the rows of the first it is not, with others it is")
    func neededAgain() throws {
        for (rows, reason) in [("1", "same rows"), ("2", MetaInsights.acceptedAgain)] {
            var run = try MetaRun(.adInsights, mode: "sync+archived", days: DayRange(MetaRun.anchor))
            run.learned.dropped = [MetaInsights.statusFilter: "same rows"]
            run.answer(metaPage(Self.row("1")))
            let second = run.answer(metaPage(Self.row(rows)))

            #expect(second.finish?.isComplete == true)
            #expect(run.learned.dropped == [MetaInsights.statusFilter: reason])
        }
    }

    @Test("A second pass that was left out because some of its rows came in the first, too, is read again")
    func repeating() throws {
        var run = try run(mode: "sync+archived")
        run.learned.dropped = [MetaInsights.statusFilter: "brings nothing"]

        #expect(run.answer(metaPage(Self.row("1"))).isMore)
    }

    @Test("A permission that is lost in the second pass fails the chunk, and the pass is asked for again")
    func archivedForbidden() throws {
        var run = try run(mode: "sync+archived")
        run.answer(metaPage(Self.adRow))

        let reading = run.error(200, nil, "(#200) Requires ads_read permission to manage the object")

        #expect(reading.failure?.name == "permanent_configuration")
        #expect(run.learned.dropped.isEmpty)
    }

    // MARK: Smaller and smaller

    @Test("Too many days are halved, the later half first, and the size is remembered")
    func days() throws {
        var run = try run()

        let specs = try #require(run.error(100, 1_487_534).split)

        #expect(specs.map { "\($0.days!)" } == ["2026-08-15…2026-08-18", "2026-08-12…2026-08-14"])
        #expect(specs.allSatisfy { $0.mode == "sync" && $0.stream == .adInsights })
        #expect(run.learned.size == 3.5)
        #expect(run.learned.ceiling == 7)
    }

    @Test(
        "Every way to say that it is too much splits at once",
        arguments: [
            (100, 1_487_534, "x", 400), (100, 1_504_018, "x", 400), (2, 1_504_038, "x", 500),
            (1, nil, tooMuch, 500), (1, 99, tooMuch, 200), (1_487_534, nil, "x", 400),
        ] as [(Int, Int?, String, Int)])
    func tooBig(code: Int, subcode: Int?, message: String, status: Int) throws {
        var run = try run()

        #expect(run.error(code, subcode, message, status: status).split?.count == 2)
    }

    @Test("Passing errors of insights are tried three times before the chunk is made smaller")
    func flaky() throws {
        var run = try run()

        for _ in 0..<3 { #expect(run.error(2, 1_504_044, "x", status: 500).wait != nil) }

        #expect(run.error(2, 1_504_044, "x", status: 500).split?.count == 2)
    }

    @Test("A single day that is too much goes on as a report")
    func dayBecomesReport() throws {
        var run = try run(Self.day)

        #expect(run.error(2, 1_504_038).isMore)

        #expect(run.call.request.method == .post)
        #expect(run.path == "/v26.0/act_1000001/insights")
        #expect(run.parameter("time_range") == "{\"since\":\"2026-08-12\",\"until\":\"2026-08-12\"}")
        #expect(run.parameter("fields")?.hasPrefix("[\"ad_id\",") == true)
    }

    @Test("Once not even a day came at once, chunks that begin are reports of all their days, until today comes")
    func reportsLearned() throws {
        var day = try run(Self.day)
        #expect(day.error(100, 1_504_018).isMore)
        #expect(day.learned.dropped == [MetaInsights.answersAtOnce: "100/1504018"])

        var sibling = try run()
        sibling.learned = day.learned
        #expect(sibling.call.request.method == .post)
        #expect(sibling.parameter("time_range")?.contains("2026-08-18") == true)
        sibling.answer("{\"report_run_id\":\"7\"}")
        sibling.learned = Learned()
        #expect(sibling.path == "/v26.0/7")

        var today = try run(DayRange(MetaRun.anchor))
        today.learned = day.learned
        #expect(today.call.request.method == .get)
        today.answer(metaPage(Self.adRow))
        #expect(today.learned.dropped.isEmpty)
    }

    @Test("An unknown error of several days is tried once more, soon; of one day with patience")
    func unknown() throws {
        var week = try run()
        #expect(week.error(1, 99, "An unknown error occurred", status: 500).wait == .seconds(1))
        #expect(week.error(1, 99, "An unknown error occurred", status: 500).split?.count == 2)

        var day = try run(Self.day)
        for _ in 0..<2 {
            #expect(day.error(1, nil, "An unknown error occurred", status: 500).wait ?? .zero >= .seconds(4))
        }
        #expect(day.error(1, nil, "An unknown error occurred", status: 500).isMore)
    }

    @Test("Behind the first page the page is halved before the chunk is")
    func smallerPages() throws {
        var run = try run()
        run.answer(metaPage(Self.adRow, after: "A", next: true))

        #expect(run.error(1, nil, Self.tooMuch, status: 500).isMore)

        #expect(run.parameter("limit") == "250")
        #expect(run.parameter("after") == "A")
        #expect(run.learned.pageSize == 250)
    }

    // MARK: Refusals

    @Test("An invalid cursor starts the pages over")
    func invalidCursor() throws {
        var run = try run()
        run.answer(metaPage(Self.adRow, after: "A", next: true))

        #expect(run.error(2642).isMore)

        #expect(run.parameter("after") == nil)
    }

    @Test("A field that is gone is dropped and remembered")
    func field() throws {
        var run = try run()

        let reading = run.error(100, nil, "(#100) inline_link_clicks is not valid for fields param")

        #expect(reading.kinds == ["field_dropped"])
        #expect(!run.fields.contains("inline_link_clicks"))
        #expect(run.learned.dropped["inline_link_clicks"] == "100")
        run.cursor = nil
        #expect(!run.fields.contains("inline_link_clicks"))
    }

    @Test("A chunk with today in it tries refused fields anew")
    func healing() throws {
        var run = try run(DayRange(MetaRun.anchor))
        run.learned.dropped = ["reach": "100"]
        #expect(run.fields.contains("reach"))

        run.answer(metaPage(Self.adRow))

        #expect(run.learned.dropped.isEmpty)
    }

    @Test("Breakdowns that cannot be combined and missing permissions are matters of set-up")
    func configuration() throws {
        #expect(
            try {
                var run = try run(); return run.error(2, 1_504_041).failure?.name
            }() == "permanent_configuration")
        var denied = try run()
        let failure = denied.error(100, 3_191_001).failure
        #expect(failure?.name == "permanent_configuration")
        #expect(failure?.cause.advice.contains("ads_read") == true)
    }

    @Test("Days that are too old are left out one by one, and said")
    func clamped() throws {
        var several = try run()
        #expect(several.error(3018).split?.count == 2)

        var one = try run(Self.day)
        let reading = one.error(3018)
        #expect(reading.finish?.isComplete == false && reading.finish?.notOffered == true)
        #expect(reading.kinds == ["clamped"])
    }

    @Test("Outages and cut answers are the engine's to repeat")
    func outage() throws {
        var run = try run()

        #expect(run.answer("Service Unavailable", status: 503).failure?.name == "retry_now")
        #expect(run.answer("{\"data\":[{\"ad_id\"").failure?.name == "retry_now")
        #expect(run.error(2, nil, "x", status: 500).failure?.name == "retry_now")
        #expect(run.error(190, 460, "x", status: 401).failure?.name == "owner_must_act")
    }
}
