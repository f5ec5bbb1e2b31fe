import ConnectorKit
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

/// What Meta refuses must not take away what is stored.
@Suite("Insights of Meta, refused")
struct MetaInsightsRefusalTests {
    private static let row = "{\"ad_id\":\"1\",\"date_start\":\"2026-08-12\",\"impressions\":\"7\"}"
    private static let archivedRow = "{\"ad_id\":\"2\",\"date_start\":\"2026-08-12\",\"impressions\":\"3\"}"
    private static let both = "\"value\":[\"ARCHIVED\",\"DELETED\"]"
    private static let alone = "\"value\":[\"ARCHIVED\"]"

    private func run(_ mode: String = "sync+archived", days: DayRange = MetaInsightsTests.week) throws -> MetaRun {
        try MetaRun(.adInsights, mode: mode, days: days)
    }

    /// A chunk at the beginning of its second pass.
    private func second(_ mode: String = "sync+archived", days: DayRange = MetaInsightsTests.week) throws -> MetaRun {
        var run = try run(mode, days: days)
        run.answer(metaPage(Self.row))
        return run
    }

    private func refuse(_ run: inout MetaRun) -> Reading { run.error(100, nil, "(#100) Invalid parameter") }

    // MARK: Fields

    @Test("A field that is refused leaves its columns as they are, and those that are taken from it")
    func field() throws {
        var run = try run()
        run.error(100, nil, "(#100) Tried accessing nonexisting field (actions) on node type (AdsInsights)")

        let reading = run.answer(metaPage(Self.row))

        let filled = Self.columns(reading)
        #expect(!filled.contains("actions") && !filled.contains("purchases"))
        #expect(filled.contains("action_values") && filled.contains("purchase_value_micros"))
        #expect(reading.integer("impressions") == 7)
        #expect(reading.text("date") == "2026-08-12" && reading.text("account_id") == "1000001")
        #expect(reading.finish == nil)
    }

    @Test("So do later chunks that do not ask for it; where all is asked for all columns are written")
    func fieldLearned() throws {
        var run = try run()
        run.learned.dropped = ["ctr": "100"]
        var whole = try self.run()

        #expect(!Self.columns(run.answer(metaPage(Self.row))).contains("ctr"))
        let reading = whole.answer(metaPage(Self.row))

        #expect(reading.tables[0].filled.count == reading.tables[0].schema.columns.count)
    }

    @Test("Rows of a report have the columns that it was asked for, whatever is learned before they are read")
    func fieldOfReport() throws {
        for (before, after) in [(["ctr": "100"], [:]), ([:], ["ctr": "100"])] as [([String: String], [String: String])]
        {
            var run = try run("report", days: MetaInsightsTests.day)
            run.learned.dropped = before
            run.answer("{\"report_run_id\":\"9\"}")
            run.learned.dropped = after
            run.answer("{\"async_status\":\"Job Completed\",\"async_percent_completion\":100}")

            #expect(Self.columns(run.answer(metaPage(Self.row))).contains("ctr") == before.isEmpty)
        }
    }

    @Test("Rows that lack a column are not known as whole rows the next time")
    func notWhole() throws {
        var run = try run()
        run.learned.dropped = ["ctr": "100"]

        let table = run.answer(metaPage(Self.row)).tables[0]

        #expect(!SeenRows(of: table).isWhole)
    }

    private static func columns(_ reading: Reading) -> [String] {
        reading.tables[0].filled.map { reading.tables[0].schema.columns[$0].name }
    }

    // MARK: The second pass

    @Test("One refusal of the filter is not believed: the same is asked once more")
    func refusedOnce() throws {
        var run = try second()

        #expect(refuse(&run).wait != nil)
        #expect(run.parameter("filtering")?.contains(Self.both) == true)
        let reading = run.answer(metaPage(Self.archivedRow))

        #expect(reading.rows == 1)
        #expect(reading.finish?.isComplete == true && reading.finish?.sparing == nil)
        #expect(reading.notes.isEmpty)
        #expect(run.learned.dropped.isEmpty)
    }

    @Test("Where naming deleted entities is the error archived ones are read alone, and so they are from then on")
    func deletedRefused() throws {
        var run = try second()

        #expect(refuse(&run).wait != nil)
        #expect(refuse(&run).isMore)
        #expect(run.parameter("filtering")?.contains(Self.alone) == true)
        let reading = run.answer(metaPage(Self.archivedRow))

        #expect(reading.finish?.isComplete == true)
        // Rows of deleted ads may be stored that no listing brings any more.
        #expect(reading.finish?.sparing == "ad_id")
        #expect(reading.notes.isEmpty)
        #expect(run.learned.dropped.keys.sorted() == [MetaInsights.deletedStatus])
        run.cursor = nil
        run.answer(metaPage(Self.row))
        #expect(run.parameter("filtering")?.contains(Self.alone) == true)
        let next = run.answer(metaPage(Self.archivedRow)).finish
        #expect(next?.isComplete == true && next?.sparing == "ad_id")
    }

    @Test("Today asks for deleted entities anew, and says when they are accepted again")
    func deletedHeals() throws {
        var run = try second(days: DayRange(MetaRun.anchor))
        run.learned.dropped = [MetaInsights.deletedStatus: "refused"]

        #expect(run.parameter("filtering")?.contains(Self.both) == true)
        run.answer(metaPage(Self.archivedRow))

        #expect(run.learned.dropped.isEmpty)
    }

    @Test("The filter of a listing stays the same over its pages, whatever is learned meanwhile")
    func filterStays() throws {
        var run = try second()
        run.answer(metaPage(Self.archivedRow, after: "A", next: true))

        run.learned.dropped = [MetaInsights.deletedStatus: "refused"]

        #expect(run.parameter("after") == "A")
        #expect(run.parameter("filtering")?.contains(Self.both) == true)
    }

    @Test("Where the filter is refused whatever it names the chunk is done, and nothing stored is gone because of that")
    func archivedRefused() throws {
        var run = try second()

        for _ in 0..<3 { #expect(!refuse(&run).isFinished) }
        let reading = refuse(&run)

        #expect(reading.finish?.isComplete == false)
        #expect(reading.kinds == ["not_permitted"])
        #expect(run.learned.dropped == [MetaInsights.statusFilter: "100"])
        for mode in ["sync+archived", "sync"] {
            var later = try self.run(mode)
            later.learned = run.learned
            #expect(later.answer(metaPage(Self.row)).finish?.isComplete == false)
        }
    }

    @Test("A refusal behind the first page is not one of the filter: nothing is learned, and nothing is gone")
    func refusedPage() throws {
        var run = try second()
        run.answer(metaPage(Self.archivedRow, after: "A", next: true))

        #expect(refuse(&run).wait != nil)
        #expect(run.parameter("after") == "A")
        let reading = refuse(&run)

        #expect(reading.finish?.isComplete == false)
        #expect(run.learned.dropped.isEmpty)
    }

    @Test("A report whose second pass is refused goes the same way")
    func refusedReport() throws {
        var run = try run("report+archived", days: MetaInsightsTests.day)
        run.finishReport(metaPage(Self.row))

        for _ in 0..<2 { #expect(!refuse(&run).isFinished) }
        #expect(run.call.request.method == .post)
        #expect(run.parameter("filtering")?.contains(Self.alone) == true)

        #expect(run.finishReport(metaPage(Self.archivedRow)).finish?.isComplete == true)
        #expect(run.learned.dropped.keys.sorted() == [MetaInsights.deletedStatus])
    }

    @Test("When today has the filter accepted again, a chunk that was planned without it still takes nothing away")
    func healedMeanwhile() throws {
        var today = try second(days: DayRange(MetaRun.anchor))
        today.learned.dropped = [MetaInsights.statusFilter: "100"]
        today.answer(metaPage())

        var planned = try run("sync")
        planned.learned = today.learned
        #expect(planned.answer(metaPage(Self.row)).finish?.isComplete == false)
        var next = try run()
        next.learned = today.learned
        #expect(next.answer(metaPage(Self.row)).isMore)
    }

    @Test("A second pass that brings nothing is left out, and the chunk is complete, today's answer included")
    func useless() throws {
        var run = try second()
        run.answer(metaPage(Self.row))
        var later = try self.run("sync")
        later.learned = run.learned
        #expect(later.answer(metaPage(Self.row)).finish?.isComplete == true)

        var today = try second(days: DayRange(MetaRun.anchor))
        today.learned = run.learned
        today.answer(metaPage())
        #expect(today.learned.dropped == run.learned.dropped)
    }

    @Test("The search for archived ids is not given up for one refusal, and it is said when it is")
    func refusedSearch() throws {
        var run = try run("report+archived", days: MetaInsightsTests.day)
        run.error(100, 1_487_534)
        run.answer(metaPage("{\"campaign_id\":\"1\"},{\"campaign_id\":\"3\"}"))

        for _ in 0..<3 { #expect(refuse(&run).split == nil) }
        #expect(run.parameter("filtering")?.contains(Self.alone) == true)
        let reading = refuse(&run)

        #expect(reading.split?.map { $0.entities?.ids ?? [] } == [["1"], ["3"]])
        #expect(reading.kinds == ["not_permitted"])
    }
}

extension MetaRun {
    /// The report that the present call submits, from its submission to its last page.
    @discardableResult
    mutating func finishReport(_ page: String) -> Reading {
        answer("{\"report_run_id\":\"9\"}")
        answer("{\"async_status\":\"Job Completed\",\"async_percent_completion\":100}")
        return answer(page)
    }
}
