import ConnectorKit
import SyncCore
import Testing

@testable import Connectors

@Suite("Numbers of Shopee")
struct ShopeePerformanceTests {
    @Test("Days of campaigns are a hundred ids and a range in each call")
    func calls() throws {
        var run = try ShopeeRun(ShopeeStream.campaignDaily, days: ShopeeRun.days(-29, 0), ids: ShopeeRun.ids(150))
        #expect(run.call.request.path == "/api/v2/ads/get_product_campaign_daily_performance")
        #expect(run.parameter("start_date") == "23-08-2026" && run.parameter("end_date") == "21-09-2026")
        #expect(run.asked.count == 100)

        let first = run.answer(shopeeNumbers([("9001", ["20-09-2026", "21-09-2026"]), ("9002", [])]))
        #expect(first.isMore && first.rows == 2)
        #expect(run.asked == Array(ShopeeRun.ids(150).suffix(50)))
        let second = run.answer(shopeeNumbers([("9101", ["20-09-2026"])]))

        #expect(second.finish?.isComplete == true && second.finish?.units == 150 && second.finish?.sparing == nil)
        #expect(first.text("campaign_id") == "9001" && first.text("date", row: 1) == "2026-09-21")
        #expect(first.text("ad_name") == "Áo 01" && first.integer("expense_micros") == 21_600_000_000)
        #expect(first.integer("broad_gmv_micros") == 240_000_500_000 && first.integer("broad_order_amount") == 4)
        #expect(first.integer("direct_gmv_micros") == 160_000_000_000 && first.integer("cpdc_micros") == nil)
    }

    @Test(
        "Answers are read as an object or as an array, and without rows as zeros",
        arguments: [
            (#"{"error":"","response":{"campaign_list":[]}}"#, 0), (#"{"error":"-","response":[]}"#, 0),
            (#"{"error":null,"response":{"shop_id":1,"campaign_list":null}}"#, 0), (#"{"response":null}"#, 0),
            (
                #"{"response":{"campaign_list":[{"campaign_id":9001},{"campaign_id":9002,"metrics_list":null}]}}"#,
                0
            ),
            (
                #"{"response":[{"campaign_list":[{"campaign_id":9001,"metrics_list":[{"date":"20-09-2026"}]}]}]}"#,
                1
            ),
            (
                #"{"response":[{"campaign_list":[{"metrics_list":[{"date":"20-09-2026"}],"campaign_id":9001}]},"#
                    + #"{"campaign_list":[{"campaign_id":"9002","metrics_list":[{"date":"19-09-2026"}]}]}]}"#, 2
            ),
        ])
    func shapes(body: String, rows: Int) throws {
        var run = try ShopeeRun(ShopeeStream.campaignDaily, days: ShopeeRun.days(-7, 0), ids: ["9001", "9002"])

        let reading = run.answer(body)

        #expect(reading.finish?.isComplete == true && reading.rows == rows)
    }

    @Test(
        "A day alone is asked for with its neighbour, whose rows are left out",
        arguments: [
            (0, "20-09-2026", "21-09-2026"), (-5, "15-09-2026", "16-09-2026"), (-183, "22-03-2026", "23-03-2026"),
        ])
    func oneDay(offset: Int, first: String, last: String) throws {
        for stream in [ShopeeStream.campaignDaily, ShopeeStream.shopDaily] {
            let ids = stream == ShopeeStream.campaignDaily ? ["9001"] : nil
            var run = try ShopeeRun(stream, days: ShopeeRun.days(offset, offset), ids: ids)
            #expect(run.parameter("start_date") == first && run.parameter("end_date") == last)
            let rows = [first, last].map { "{\"date\":\"\($0)\",\"clicks\":1}" }.joined(separator: ",")

            let reading = run.answer(
                ids == nil ? "{\"error\":\"\",\"response\":[\(rows)]}" : shopeeNumbers([("9001", [first, last])]))

            #expect(reading.rows == 1 && reading.isFinished)
            #expect(reading.text("date") == "\(ShopeeRun.anchor.adding(days: offset))")
        }
    }

    @Test("Hours are one day for each call, a hundred ids at a time")
    func hours() throws {
        var run = try ShopeeRun(ShopeeStream.campaignHourly, days: ShopeeRun.days(-1, 0), ids: ShopeeRun.ids(150))
        var calls: [String] = []
        for call in 0..<4 {
            calls.append("\(run.parameter("performance_date") ?? "") \(run.asked.count)")
            let day = run.parameter("performance_date") ?? ""
            let reading = run.answer(
                """
                {"error":"","response":{"campaign_list":[{"campaign_id":\(run.asked[0]),"metrics_list":[
                {"date":"\(day)","hour":0,"clicks":1},{"date":"\(day)","hour":23,"clicks":2},{"date":"\(day)"}]}]}}
                """)
            #expect(reading.rows == 2 && reading.integer("hour", row: 1) == 23)
            #expect(reading.kinds == ["row_rejected"])
            #expect(reading.isFinished == (call == 3))
        }

        #expect(calls == ["20-09-2026 100", "20-09-2026 50", "21-09-2026 100", "21-09-2026 50"])
    }

    @Test("Rows of the shop lie in the answer itself; what is missing of them is empty")
    func shop() throws {
        var run = try ShopeeRun(ShopeeStream.shopHourly, days: ShopeeRun.days(0, 0))
        #expect(run.call.request.path == "/api/v2/ads/get_all_cpc_ads_hourly_performance")
        #expect(run.parameter("campaign_id_list") == nil)

        let reading = run.answer(
            """
            {"error":"","response":[{"hour":7,"date":"21-09-2026","impression":10,"clicks":2,"ctr":0.2,"direct_order":1,
            "broad_order":1,"direct_conversions":0.5,"broad_conversions":0.5,"direct_gmv":0.1,"broad_gmv":1e2,
            "expense":12345678901.123456,"cost_per_conversion":7,"direct_roas":1,"broad_roas":1}]}
            """)

        #expect(reading.isFinished && reading.rows == 1 && reading.notes.isEmpty)
        #expect(reading.integer("expense_micros") == 12_345_678_901_123_456)
        #expect(reading.integer("direct_gmv_micros") == 100_000 && reading.integer("broad_gmv_micros") == 100_000_000)
        #expect(reading.integer("broad_item_sold") == nil)
    }

    // MARK: Refusals

    @Test("A range that is too long, or reaches too far, is cut; a day that is too old is not offered")
    func ranges() throws {
        for code in ["error_date_range_too_long", "error_date_too_old", "error_date_in_future"] {
            var run = try ShopeeRun(ShopeeStream.campaignDaily, days: ShopeeRun.days(-9, 0), ids: ["9001"])
            let split = run.error("ads.performance.\(code)").split
            #expect(split?.map(\.days) == [ShopeeRun.days(-4, 0), ShopeeRun.days(-9, -5)])
            #expect(split?.allSatisfy { $0.entities?.ids == ["9001"] } == true)
        }
        var old = try ShopeeRun(ShopeeStream.shopDaily, days: ShopeeRun.days(-183, -183))
        let reading = old.error("ads.performance.error_date_too_old")
        #expect(reading.finish?.notOffered == true && reading.finish?.isComplete == false)
        #expect(reading.kinds == ["clamped"])
        // The oldest day that is offered may come with the day before it, which is not.
        var edge = try ShopeeRun(ShopeeStream.campaignDaily, days: ShopeeRun.days(-179, -179), ids: ["9001"])
        #expect(edge.error("ads.performance.error_date_too_old").isMore)
        #expect(edge.parameter("start_date") == "26-03-2026" && edge.parameter("end_date") == "27-03-2026")
        #expect(edge.answer(shopeeNumbers([("9001", ["26-03-2026", "27-03-2026"])])).rows == 1)
        // Shopee's clock may be behind when a day has just begun.
        var young = try ShopeeRun(ShopeeStream.shopDaily, days: ShopeeRun.days(0, 0))
        young.now = ShopeeRun.anchor.start(in: try ShopeeRun.account.zone()) + .seconds(20)
        #expect(young.error("ads.performance.error_date_in_future").failure?.name == "retry_at")
        var future = try ShopeeRun(ShopeeStream.shopDaily, days: ShopeeRun.days(0, 0))
        #expect(future.error("ads.performance.error_date_in_future").failure?.name == "permanent_request")
    }

    @Test("No answer in time means fewer campaigns, then fewer days, and more again when it goes well")
    func timeouts() throws {
        var run = try ShopeeRun(ShopeeStream.campaignDaily, days: ShopeeRun.days(-9, 0), ids: ShopeeRun.ids(3))
        for asked in [3, 1] {
            #expect(run.asked.count == asked)
            guard asked > 1 else { break }
            run.follow(try #require(run.connector.read(.timedOut, to: run.call, of: run.work)))
        }
        #expect(run.connector.read(.tooLarge(limit: 1), to: run.call, of: run.work)?.split?.count == 2)
        #expect(run.connector.read(.connectionReset, to: run.call, of: run.work) == nil)

        #expect(run.answer(shopeeNumbers([])).isMore)
        #expect(run.asked == ["9002", "9003"])
        #expect(run.answer(shopeeNumbers([])).isFinished)
    }

    @Test("The stored numbers of a campaign that Shopee says is another's stay")
    func foreign() throws {
        var run = try ShopeeRun(ShopeeStream.campaignDaily, days: ShopeeRun.days(-9, 0), ids: ["9001", "9002"])
        #expect(run.error("ads.shop.campaign_not_match", status: 403).isMore)
        #expect(run.asked == ["9001"])
        #expect(run.error("ads.shop.campaign_not_match", status: 403).isMore)
        #expect(run.asked == ["9002"])

        let reading = run.answer(shopeeNumbers([("9002", ["20-09-2026"])]))

        #expect(reading.finish?.sparing == "campaign_id" && reading.rows == 1)
        // The list of campaigns and their settings tell who is gone.
        #expect(!run.learned.isGone(campaign: "9001"))
    }

    @Test(
        "An answer without the list that it should have takes no rows away",
        arguments: [#"{"error":"","response":null}"#, #"{"error":"","response":{}}"#])
    func hollow(body: String) throws {
        for stream in [ShopeeStream.shopDaily, ShopeeStream.shopHourly] {
            var run = try ShopeeRun(stream, days: ShopeeRun.days(0, 0))
            #expect(run.answer(body).finish?.sparing == "account_id")
        }
        var campaigns = try ShopeeRun(ShopeeStream.campaignDaily, days: ShopeeRun.days(-3, 0), ids: ShopeeRun.ids(101))
        #expect(campaigns.answer(body).isMore)
        #expect(campaigns.answer(shopeeNumbers([])).finish?.sparing == "campaign_id")
        var empty = try ShopeeRun(ShopeeStream.shopDaily, days: ShopeeRun.days(-3, 0))
        #expect(empty.answer(#"{"error":"","response":[]}"#).finish?.sparing == nil)
    }

    @Test("A list that is refused without a reason is halved once, not for ever")
    func refusedLists() throws {
        var run = try ShopeeRun(ShopeeStream.campaignDaily, days: ShopeeRun.days(-9, 0), ids: ShopeeRun.ids(100))

        #expect(run.error("error_param", "too many").isMore)
        #expect(run.asked.count == 50)
        #expect(run.error("error_param", "too many").failure?.name == "permanent_request")
    }
}
