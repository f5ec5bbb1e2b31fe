import ConnectorKit
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

/// A platform that answers late, not at all, or with the same error for a while.
@Suite("Meta in trouble")
struct MetaOutageTests {
    private func insights(_ mode: String = "sync", days: DayRange = MetaInsightsTests.week) throws -> MetaRun {
        try MetaRun(.adInsights, mode: mode, days: days)
    }

    // MARK: No answer

    @Test("Insights that do not come in time are asked for once more, then they are too much")
    func timeout() throws {
        var run = try insights()

        #expect(run.fail(.timedOut)?.wait != nil)

        #expect(run.fail(.timedOut)?.split?.count == 2)
    }

    @Test("A single day that does not come in time goes on as a report")
    func timeoutOfDay() throws {
        var run = try insights(days: MetaInsightsTests.day)

        run.fail(.timedOut)
        run.fail(.timedOut)

        #expect(run.call.request.method == .post)
        #expect(run.path == "/v26.0/act_1000001/insights")
    }

    @Test("Behind the first page the page is what is too much")
    func timeoutOfPage() throws {
        var run = try insights()
        run.answer(metaPage(MetaInsightsTests.adRow, after: "A", next: true))

        run.fail(.timedOut)
        run.fail(.timedOut)

        #expect(run.parameter("limit") == "250")
        #expect(run.parameter("after") == "A")
    }

    @Test("An answer that is larger than the client takes is made smaller at once")
    func answerTooLarge() throws {
        var run = try insights()

        #expect(run.fail(.tooLarge(limit: 1000))?.split?.count == 2)
    }

    @Test("Pages of a listing that do not come in time are halved after one more try")
    func timeoutOfListing() throws {
        var run = try MetaRun(.ads)

        run.fail(.timedOut)
        #expect(run.parameter("limit") == "200")
        run.fail(.timedOut)

        #expect(run.parameter("limit") == "100")
    }

    @Test(
        "A connection that was lost or never came about says nothing of the call",
        arguments: [TransportError.connectionReset, .connectionRefused, .unreachable("x")])
    func noConnection(error: TransportError) throws {
        var run = try insights()

        #expect(run.fail(error) == nil)
    }

    // MARK: Code 1

    private func unknown(_ run: inout MetaRun, _ subcode: Int? = nil) -> Reading {
        run.error(1, subcode, "An unknown error occurred", status: 500)
    }

    @Test("Code 1 alone is waited for half a minute before several days are split, and no size is learned from it")
    func bareUnknown() throws {
        var run = try insights()

        let waits = (0..<3).map { _ in unknown(&run).wait }
        let specs = unknown(&run).split

        #expect(waits == [1, 5, 20].map { .seconds($0) })
        #expect(specs?.count == 2)
        #expect(run.learned == Learned())
    }

    @Test("A subcode that points to size is believed sooner, and teaches no size either")
    func unknownWithSubcode() throws {
        var week = try insights()
        #expect(unknown(&week, 99).wait == .seconds(1))
        #expect(unknown(&week, 99).split?.count == 2)
        #expect(week.learned == Learned())

        var day = try insights(days: MetaInsightsTests.day)
        let waits = (0..<2).map { _ in unknown(&day, 99).wait }
        #expect(waits == [.seconds(4), .seconds(16)])
        #expect(unknown(&day, 99).isMore)
        #expect(day.call.request.method == .post)
        #expect(day.learned == Learned())
    }

    @Test("Code 1 alone says nothing of size where a day has one page of rows: the engine repeats it")
    func unknownOfSmallDay() throws {
        for (density, isLarge) in [(40.0, false), (900.0, true)] {
            var day = try insights(days: MetaInsightsTests.day)
            day.learned.density = density
            for _ in 0..<2 { #expect(unknown(&day).wait != nil) }

            let reading = unknown(&day)

            #expect(reading.isMore == isLarge)
            #expect((reading.failure?.name == "retry_now") == !isLarge)
        }
    }

    @Test("Behind the first page code 1 is waited for before the page is halved, for this chunk only")
    func unknownOfPage() throws {
        var run = try insights()
        run.answer(metaPage(MetaInsightsTests.adRow, after: "A", next: true))

        for _ in 0..<3 {
            #expect(unknown(&run).wait != nil)
            #expect(run.parameter("limit") == "500")
        }
        #expect(unknown(&run).isMore)

        #expect(run.parameter("limit") == "250")
        #expect(run.learned == Learned())
        #expect(unknown(&run).wait != nil)
    }

    @Test("A report that is refused as perhaps too much is made smaller like one that failed so")
    func refusedSubmission() throws {
        var run = try insights("report", days: MetaInsightsTests.day)

        for _ in 0..<2 { #expect(unknown(&run, 99).wait != nil) }
        #expect(unknown(&run, 99).isMore)

        #expect(run.fields == ["campaign_id"])
    }

    @Test("Few rows of few days are no matter of size: one bad day does not make others small")
    func badDayTeachesNothing() throws {
        for (density, learns) in [(2.0, false), (900.0, true)] {
            for days in [MetaInsightsTests.week, MetaInsightsTests.day] {
                var run = try insights(days: days)
                run.learned.density = density

                run.error(100, 1_487_534)

                #expect((run.learned != Learned(density: density)) == learns)
            }
        }
    }

    // MARK: Outages

    @Test("A report that is never accepted is no reason to give up entities or fields")
    func submission() throws {
        for error in [(1, nil), (2, nil), (960, nil)] as [(Int, Int?)] {
            var run = try insights("report", days: MetaInsightsTests.day)

            for _ in 0..<20 { #expect(run.error(error.0, error.1, status: 500).failure?.name == "retry_now") }

            #expect(run.call.request.method == .post)
        }
        var run = try insights("report", days: MetaInsightsTests.day)
        #expect(run.fail(.timedOut)?.failure?.name == "retry_now")
    }

    @Test("A row is not stepped over for an outage of a minute")
    func noIsolation() throws {
        var run = try MetaRun(.ads)
        let start = run.now

        while (run.now - start).inSeconds < 60 {
            run.error(1, nil, "An unknown error occurred", status: 500)
            #expect(run.fields.count > 1)
        }

        #expect(run.answer(metaPage("{\"id\":\"1\",\"name\":\"A\"}")).text("name") == "A")
    }

    @Test("A row that cannot be shown, whatever the error, is stepped over in the end")
    func isolation() throws {
        var run = try MetaRun(.ads)

        for _ in 0..<20 where run.fields != ["id"] { run.error(1, nil, "An unknown error occurred", status: 500) }

        #expect(run.fields == ["id"])
    }

    // MARK: Lost places

    @Test("Insights whose pages are lost again and again are made smaller")
    func lostPlace() throws {
        var run = try insights()

        var reading = run.answer(metaPage(MetaInsightsTests.adRow, after: "A", next: true))
        var turns = 0
        while reading.split == nil, turns < 50 {
            turns += 1
            reading =
                run.parameter("after") == nil
                ? run.answer(metaPage(MetaInsightsTests.adRow, after: "A", next: true)) : run.error(2642)
        }

        #expect(reading.split?.count == 2)
        #expect(turns < 10)
    }

    @Test("A search for ids whose pages are lost again and again gives way to fewer fields")
    func lostSearch() throws {
        var run = try insights("report", days: MetaInsightsTests.day)
        run.error(100, 1_487_534)
        #expect(run.parameter("level") == "campaign")

        var turns = 0
        var reading = run.answer(metaPage("{\"campaign_id\":\"1\"}", after: "A", next: true))
        while reading.split == nil, turns < 50 {
            turns += 1
            reading =
                run.parameter("after") == nil
                ? run.answer(metaPage("{\"campaign_id\":\"1\"}", after: "A", next: true)) : run.error(2642)
        }

        #expect(reading.split?.first?.fields != nil)
        #expect(turns < 10)
    }

    // MARK: What is not known

    @Test("Zeros of people for days older than 13 months leave what is stored where there were impressions")
    func falseZeros() throws {
        let row = """
            {"ad_id":"1","date_start":"2025-03-01","impressions":"1532","clicks":"0","reach":"0","frequency":"0"},
            {"ad_id":"2","date_start":"2025-03-01","impressions":"10","clicks":"1","reach":"9","frequency":"1.1"},
            {"ad_id":"3","date_start":"2025-03-01","impressions":"0","reach":"0"},
            {"ad_id":"4","date_start":"2025-03-01","impressions":"7"}
            """
        var old = try insights(days: DayRange(MetaRun.anchor.adding(months: -14)))
        var new = try insights()

        let reading = old.answer(metaPage(row))

        #expect((0..<2).map { reading.text("ad_id", row: $0) } == ["2", "3"])
        #expect((0..<2).map { reading.integer("reach", row: $0) } == [9, 0])
        let bare = reading.tables[1]
        let filled = bare.filled.map { bare.schema.columns[$0].name }
        #expect(!filled.contains("reach") && !filled.contains("frequency") && filled.contains("clicks"))
        #expect((0..<2).map { reading.text("ad_id", row: $0, table: 1) } == ["1", "4"])
        #expect((0..<2).map { reading.integer("impressions", row: $0, table: 1) } == [1532, 7])
        #expect(reading.integer("clicks", table: 1) == 0)
        let fresh = new.answer(metaPage(row))
        #expect(fresh.tables.count == 1 && fresh.integer("reach") == 0)
    }

    @Test("Reach that is refused for old days is left out of this chunk only")
    func reachByBreakdown() throws {
        var run = try insights()

        let message = "Reach-related metric breakdowns are unavailable due to rate limit threshold"
        #expect(run.error(100, nil, message).kinds == ["field_dropped"])

        #expect(!run.fields.contains("reach"))
        #expect(run.learned.dropped.isEmpty)
    }
}

extension MetaRun {
    /// No whole answer comes to the present call; nil where the connector has nothing to say to that.
    @discardableResult
    fileprivate mutating func fail(_ error: TransportError) -> Reading? {
        guard let reading = connector.read(error, to: call, of: work) else { return nil }
        follow(reading)
        return reading
    }
}
