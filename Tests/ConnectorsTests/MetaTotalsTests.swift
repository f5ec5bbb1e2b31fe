import ConnectorKit
import SyncCore
import Testing

@testable import Connectors

@Suite("Meta's own totals")
struct MetaTotalsTests {
    private static let days = MetaRun.days(-3, -2)

    private func run(_ mode: String = "first", _ entities: EntitySet? = nil) throws -> MetaRun {
        try MetaRun(.totals, mode: mode, days: Self.days, entities: entities)
    }

    private func row(_ day: Int, _ more: String = "", spend: String = "12.37") -> String {
        let date = MetaRun.anchor.adding(days: day)
        return "{\"date_start\":\"\(date)\",\"date_stop\":\"\(date)\",\"impressions\":\"10\",\"clicks\":\"2\","
            + "\"spend\":\"\(spend)\"\(more)}"
    }

    private func page(_ rows: [String], after: String? = nil) -> String {
        let next = after.map {
            ",\"paging\":{\"cursors\":{\"after\":\"\($0)\"},\"next\":\"https://graph.facebook.com/x?after=\($0)\"}"
        }
        return "{\"data\":[\(rows.joined(separator: ","))]\(next ?? "")}"
    }

    private func figures(_ cost: Int64 = 12_370_000) -> Figures {
        Figures([.impressions: 10, .clicks: 2, .cost: cost])
    }

    @Test("are asked for by day of the whole account, without a filter, in one call")
    func account() throws {
        var run = try run()

        #expect(run.path.hasSuffix("/act_1000001/insights"))
        #expect(run.parameter("level") == "account")
        #expect(run.parameter("time_increment") == "1")
        #expect(run.parameter("time_range") == "{\"since\":\"2026-09-18\",\"until\":\"2026-09-19\"}")
        #expect(run.fields == ["impressions", "clicks", "spend"])
        #expect(run.parameter("filtering") == nil)
        let reading = run.answer(page([row(-3)]))
        guard case .finished = reading.next else { return #expect(Bool(false), "\(reading.next)") }
        let totals = try #require(reading.totals)
        #expect(totals[Totals.Place(MetaRun.anchor.adding(days: -3))] == figures())
        #expect(totals[Totals.Place(MetaRun.anchor.adding(days: -2))].isZero)
        #expect(reading.tables.isEmpty)
    }

    @Test("of campaigns are put together over pages and a second pass of archived and deleted ones")
    func campaigns() throws {
        var run = try run("search:campaign_id")

        #expect(run.parameter("level") == "campaign")
        #expect(run.fields == ["campaign_id", "impressions", "clicks", "spend"])
        run.answer(page([row(-3, ",\"campaign_id\":\"1\"")], after: "A"))
        #expect(run.parameter("after") == "A")
        let live = run.answer(page([row(-2, ",\"campaign_id\":\"1\"", spend: "5")]))
        #expect(live.totals == nil)
        #expect(run.parameter("after") == nil)
        #expect(run.parameter("filtering")?.contains("campaign.effective_status") ?? false)
        let reading = run.answer(page([row(-3, ",\"campaign_id\":\"2\"")]))

        let day = MetaRun.anchor.adding(days: -3)
        #expect(
            reading.totals?.sums == [
                Totals.Place(day, "1"): figures(), Totals.Place(day, "2"): figures(),
                Totals.Place(MetaRun.anchor.adding(days: -2), "1"): figures(5_000_000),
            ])
    }

    @Test("of ads are asked for of the campaigns that differ alone")
    func ads() throws {
        let run = try run("search:ad_id", EntitySet(column: "campaign_id", ids: ["1", "2"]))

        #expect(run.parameter("level") == "ad")
        #expect(
            run.parameter("filtering")
                == "[{\"field\":\"campaign.id\",\"operator\":\"IN\",\"value\":[\"1\",\"2\"]}]")
    }

    @Test("that Meta does not list of archived campaigns end the search with what came")
    func notListed() throws {
        var run = try run("search:campaign_id")
        run.answer(page([row(-3, ",\"campaign_id\":\"1\"")]))

        let reading = run.answer("{\"error\":{\"code\":100,\"message\":\"Invalid filter\"}}", status: 400)

        #expect(reading.totals?.sums.count == 1)
    }

    @Test("that Meta does not give fail no sync: it is told that days cannot be proven")
    func refused() throws {
        var run = try run()

        let reading = run.answer("{\"error\":{\"code\":100,\"message\":\"(#100) No\"}}", status: 400)

        guard case .finished = reading.next else { return #expect(Bool(false), "\(reading.next)") }
        #expect(reading.totals == nil)
        #expect(reading.notes.map(\.kind) == ["totals_unread"])
    }

    @Test("that are too much at once are asked for in two halves; what passes by itself is tried again first")
    func tooMuch() throws {
        var large = try run()
        var passing = try run()

        let split = large.answer(
            "{\"error\":{\"code\":100,\"error_subcode\":1487534,\"message\":\"Reduce\"}}", status: 400)
        let later = passing.answer("{\"error\":{\"code\":1,\"message\":\"An unknown error occurred\"}}", status: 500)

        guard case .split(let specs, _) = split.next else { return #expect(Bool(false), "\(split.next)") }
        #expect(specs.map(\.days) == [MetaRun.days(-2, -2), MetaRun.days(-3, -3)])
        #expect(specs.allSatisfy { $0.mode == "first" })
        guard case .later = later.next else { return #expect(Bool(false), "\(later.next)") }
    }

    @Test("are compared with all three levels of insights, gaps of ads being searched by campaign and ad")
    func streams() throws {
        let proofs = try MetaConnector().streams.compactMap { schema in schema.proof.map { (schema.id, $0) } }

        #expect(proofs.map(\.0) == [.campaignInsights, .adSetInsights, .adInsights])
        #expect(
            proofs.map(\.1.path) == [["campaign_id"], ["campaign_id", "adset_id"], ["campaign_id", "ad_id"]])
        #expect(proofs.allSatisfy { $0.1.columns[.cost] == "spend_micros" && !$0.1.hasRest })
    }
}
