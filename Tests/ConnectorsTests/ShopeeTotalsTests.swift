import ConnectorKit
import SyncCore
import Testing

@testable import Connectors

@Suite("Shopee's own totals")
struct ShopeeTotalsTests {
    private static let days = ShopeeRun.days(-3, -2)

    private func run(_ mode: String, days: DayRange = ShopeeTotalsTests.days) throws -> ShopeeRun {
        try ShopeeRun(.totals, mode: mode, days: days)
    }

    private func metrics(_ day: Int, expense: String) -> String {
        let date = ShopeeRun.anchor.adding(days: day).dayFirst("-")
        return "{\"date\":\"\(date)\",\"impression\":10,\"clicks\":2,\"expense\":\(expense)}"
    }

    private func shop(_ rows: [String]) -> String {
        "{\"error\":\"\",\"message\":\"\",\"response\":[\(rows.joined(separator: ","))],\"request_id\":\"r\"}"
    }

    private func campaigns(_ rows: [(id: String, metrics: [String])]) -> String {
        let list = rows.map { "{\"campaign_id\":\($0.id),\"metrics_list\":[\($0.metrics.joined(separator: ","))]}" }
        return "{\"error\":\"\",\"message\":\"\",\"response\":{\"shop_id\":220011,\"campaign_list\":["
            + list.joined(separator: ",") + "]},\"request_id\":\"r\"}"
    }

    private func figures(_ cost: Int64) -> Figures { Figures([.impressions: 10, .clicks: 2, .cost: cost]) }
    private func place(_ day: Int, _ id: String? = nil) -> Totals.Place {
        Totals.Place(ShopeeRun.anchor.adding(days: day), id)
    }

    @Test("of a first look are the shop's days, in one call")
    func first() throws {
        var run = try run("first")

        #expect(run.call.request.path.hasSuffix("/get_all_cpc_ads_daily_performance"))
        #expect(run.parameter("start_date") == "18-09-2026")
        #expect(run.parameter("end_date") == "19-09-2026")
        let reading = run.answer(shop([metrics(-3, expense: "21600.5"), metrics(-9, expense: "1")]))

        #expect(reading.totals?.sums == [place(-3): figures(21_600_500_000)])
        #expect(reading.totals?.rest == nil)
    }

    @Test("of a second look have what GMV Max had in all days together")
    func second() throws {
        var run = try run("second")
        run.answer(shop([metrics(-3, expense: "100")]))

        #expect(run.call.request.path.hasSuffix("/get_gms_campaign_performance"))
        #expect(
            String(decoding: run.call.request.body, as: UTF8.self)
                == #"{"end_date":"19-09-2026","start_date":"18-09-2026"}"#)
        let reading = run.answer(
            "{\"error\":\"\",\"response\":{\"campaign_id\":5,\"report\":"
                + "{\"impression\":4,\"clicks\":1,\"expense\":12.5}},\"request_id\":\"r\"}")

        #expect(reading.totals?.rest == Figures([.impressions: 4, .clicks: 1, .cost: 12_500_000]))
        #expect(reading.totals?.sums == [place(-3): figures(100_000_000)])
    }

    @Test("of a shop without GMV Max have no such part")
    func withoutRest() throws {
        var run = try run("last")
        run.answer(shop([metrics(-3, expense: "100")]))

        let reading = run.error("ads_error_product_gms_campaign_not_found")

        #expect(reading.totals?.sums.count == 1)
        #expect(reading.totals?.rest == nil)
    }

    @Test("of campaigns are those of all that Shopee lists, a hundred for each call")
    func campaigns() throws {
        var run = try run("search:campaign_id")

        #expect(run.call.request.path.hasSuffix("/get_product_level_campaign_id_list"))
        run.answer(shopeeIDs(ShopeeRun.ids(60), next: true))
        #expect(run.parameter("offset") == "60")
        run.answer(shopeeIDs(Array(ShopeeRun.ids(120).dropFirst(60)), next: false))
        #expect(run.asked == Array(ShopeeRun.ids(120).prefix(100)))
        run.answer(campaigns([("9001", [metrics(-3, expense: "7")])]))
        #expect(run.asked == Array(ShopeeRun.ids(120).dropFirst(100)))
        let reading = run.answer(campaigns([("9101", [metrics(-2, expense: "8")])]))

        #expect(
            reading.totals?.sums
                == [place(-3, "9001"): figures(7_000_000), place(-2, "9101"): figures(8_000_000)])
    }

    @Test("of one day are asked for with the day before, and of days that are too old not at all")
    func range() throws {
        var single = try run("first", days: ShopeeRun.days(-2, -2))
        var old = try run("first")

        #expect(single.parameter("start_date") == "18-09-2026")
        let reading = single.answer(shop([metrics(-3, expense: "1"), metrics(-2, expense: "2")]))
        let split = old.error("ads.performance.error_date_too_old")

        #expect(reading.totals?.sums == [place(-2): figures(2_000_000)])
        guard case .split(let specs, _) = split.next else { return #expect(Bool(false), "\(split.next)") }
        #expect(specs.count == 2)
    }

    @Test("that Shopee does not give fail no sync; a hollow answer is asked for again")
    func refused() throws {
        var refused = try run("first")
        var hollow = try run("first")

        let reading = refused.error("error_param")
        let again = hollow.answer("{\"error\":\"\",\"response\":null,\"request_id\":\"r\"}")

        guard case .finished = reading.next else { return #expect(Bool(false), "\(reading.next)") }
        #expect(reading.notes.map(\.kind) == ["totals_unread"])
        guard case .failed(.retryNow) = again.next else { return #expect(Bool(false), "\(again.next)") }
    }

    @Test("are compared with the shop's days and hours, and with those of its campaigns beside GMV Max")
    func streams() throws {
        let proofs = try ShopeeConnector().streams.compactMap { schema in schema.proof.map { (schema.id.rawValue, $0) }
        }

        #expect(proofs.map(\.0) == ["campaign_daily", "campaign_hourly", "shop_daily", "shop_hourly"])
        #expect(proofs.map(\.1.hasRest) == [true, true, false, false])
        #expect(proofs.map(\.1.path) == [["campaign_id"], ["campaign_id"], [], []])
    }
}
