import ConnectorKit
import SyncCore
import Testing

@testable import Connectors

@Suite("Shopee's list of campaigns and their settings")
struct ShopeeListingTests {
    @Test("One page is the whole list, and its settings follow in pieces")
    func onePage() throws {
        var run = try ShopeeRun(ShopeeStream.campaigns, mode: "list")
        #expect(run.parameter("limit") == "5000" && run.parameter("offset") == "0")

        let reading = run.answer(shopeeIDs(ShopeeRun.ids(335), next: false))

        #expect(reading.finish?.isComplete == true)
        #expect(reading.rows == 335)
        #expect(reading.text("ad_type") == "manual" && reading.text("campaign_id") == "9001")
        let follow = try #require(reading.finish?.follow)
        #expect(follow.map { $0.entities?.ids.count } == [100, 100, 100, 35])
        #expect(follow.flatMap { $0.entities?.ids ?? [] } == ShopeeRun.ids(335))
        #expect(follow.allSatisfy { $0.mode == "settings" && $0.stream == ShopeeStream.campaigns && $0.days == nil })
    }

    @Test("The ids alone have nothing that follows; an empty shop has no campaigns")
    func idsAlone() throws {
        var run = try ShopeeRun(ShopeeStream.campaigns, mode: "ids")
        #expect(run.answer(shopeeIDs(["1", "2"], next: false)).finish?.follow.isEmpty == true)

        for body in [
            shopeeIDs([], next: false), #"{"error":"-","response":{"has_next_page":false}}"#,
            #"{"response":{"campaign_list":null,"has_next_page":false}}"#, #"{"error":"","response":[]}"#,
        ] {
            var empty = try ShopeeRun(ShopeeStream.campaigns, mode: "list")
            let finish = empty.answer(body).finish
            #expect(finish?.isComplete == true && finish?.follow.isEmpty == true)
        }
    }

    /// Plays a list whose pages come from `page`, until the listing ends.
    private func play(_ page: (_ pass: Int, _ offset: Int) -> (ids: [String], next: Bool)) throws -> (
        Reading, calls: Int
    ) {
        var run = try ShopeeRun(ShopeeStream.campaigns, mode: "list")
        var pass = 0
        for calls in 1...400 {
            let offset = Int(run.parameter("offset") ?? "") ?? -1
            if offset == 0 { pass += 1 }
            let (ids, next) = page(pass, offset)
            let reading = run.answer(shopeeIDs(ids, next: next))
            if !reading.isMore { return (reading, calls) }
        }
        throw ContractRun.Trouble.endless
    }

    private func found(_ reading: Reading) -> [String] {
        reading.finish?.follow.flatMap { $0.entities?.ids ?? [] } ?? []
    }

    @Test("Several pages are read twice, by what came and not by what was asked for")
    func pages() throws {
        let ids = ShopeeRun.ids(250)
        let (reading, calls) = try play { _, offset in
            (Array(ids.dropFirst(offset).prefix(100)), offset + 100 < 250)
        }

        #expect(calls == 6)
        #expect(reading.finish?.isComplete == true && found(reading) == ids)
    }

    @Test("A campaign that slips past because another one went is found by reading again")
    func drift() throws {
        let ids = ShopeeRun.ids(200)
        // Between the pages of the first pass the first campaign goes: the 101st moves to where was read already.
        let (reading, _) = try play { pass, offset in
            let list = pass == 1 && offset == 0 ? ids : Array(ids.dropFirst())
            return (Array(list.dropFirst(offset).prefix(100)), offset + 100 < list.count)
        }

        #expect(Set(found(reading)) == Set(ids))
        #expect(found(reading).count == 200)
        #expect(reading.finish?.isComplete == true)
    }

    @Test("A list in another order with every call is read until nothing new comes three times", arguments: 1...5)
    func shuffled(seed: Int) throws {
        let ids = ShopeeRun.ids(300)
        var calls: UInt64 = 0
        let (reading, _) = try play { _, offset in
            calls += 1
            func rank(_ id: String) -> UInt64 {
                var hash = KeyHash()
                hash.add(calls &* 7919 &+ UInt64(seed))
                Array(id.utf8).withUnsafeBytes { hash.add($0) }
                return hash.value
            }
            let order = ids.sorted { rank($0) < rank($1) }
            return (Array(order.dropFirst(offset).prefix(200)), offset + 200 < 300)
        }

        #expect(found(reading) == ids)
    }

    @Test("A list that never ends or breaks off deletes nothing, and says so")
    func endless() throws {
        var fresh = 0
        let (reading, calls) = try play { _, offset in
            fresh += 1
            return (["\(fresh)"], offset == 0)
        }
        #expect(calls == 40)
        #expect(reading.finish?.isComplete == false)
        #expect(reading.kinds == ["incomplete"])

        let (broken, _) = try play { _, offset in offset == 0 ? (["1"], true) : ([], true) }
        #expect(broken.failure?.name == "retry_now")
        #expect(broken.failure?.cause.message.contains("breaks off") == true)
        // The same page again and again.
        let (again, count) = try play { _, _ in (ShopeeRun.ids(100), true) }
        #expect(again.failure?.cause.message.contains("does not end") == true)
        #expect(count < 60)
    }

    @Test("Where pages of 5000 are refused smaller ones are asked for, from then on")
    func smallerPages() throws {
        var run = try ShopeeRun(ShopeeStream.campaigns, mode: "list")

        #expect(run.error("error_param", "limit").isMore)
        #expect(run.parameter("limit") == "100" && run.learned.pageSize == 100)
        #expect(run.error("error_param", "limit").failure?.name == "permanent_request")
    }

    // MARK: Settings

    private let settings = """
        {"error":"","message":"","warning":"","request_id":"r4","response":{"shop_id":220011,"region":"VN",
        "campaign_list":[{"campaign_id":9001,"common_info":{"ad_type":"manual","ad_name":"Ao gio 01",
        "campaign_status":"ongoing","bidding_method":"auto","campaign_placement":"all","campaign_budget":150000.0,
        "campaign_duration":{"start_time":1730394000,"end_time":0},"item_id_list":[77001]},
        "manual_bidding_info":{"enhanced_cpc":false,"selected_keywords":[{"keyword":"ao gio"}],
        "discovery_ads_locations":[]},"auto_bidding_info":{"roas_target":6.5},"auto_product_ads_info":null},
        {"campaign_id":9002,"common_info":{"ad_type":"auto","campaign_duration":{"start_time":1,"end_time":1761922800}},
        "new_info":{"x":1}}]}}
        """

    @Test("Settings become columns; what is unlimited, open or missing is told")
    func columns() throws {
        var run = try ShopeeRun(ShopeeStream.campaigns, mode: "settings", ids: ["9001", "9002"])
        #expect(run.asked == ["9001", "9002"] && run.parameter("info_type_list") == "1,2,3,4")

        let reading = run.answer(settings)

        #expect(reading.finish?.isComplete == false && reading.finish?.units == 2)
        #expect(reading.text("ad_name") == "Ao gio 01" && reading.text("campaign_status") == "ongoing")
        #expect(reading.integer("campaign_budget_micros") == 150_000_000_000)
        #expect(reading.text("start_time") == "2024-10-31T17:00:00.000Z" && reading.text("end_time") == nil)
        #expect(reading.text("item_id_list") == "[77001]" && reading.integer("enhanced_cpc") == 0)
        #expect(reading.text("selected_keywords") == #"[{"keyword":"ao gio"}]"#)
        #expect(reading.tables[0].cell(row: 0, column: "roas_target")?.real == 6.5)
        #expect(reading.text("auto_product_ads_info") == nil)
        #expect(reading.text("end_time", row: 1) == "2025-10-31T15:00:00.000Z")
        #expect(reading.kinds == ["field_unknown"] && reading.tables[0].unknown == ["new_info"])
    }

    @Test("Two hundred campaigns are two calls of one chunk")
    func twoCalls() throws {
        var run = try ShopeeRun(ShopeeStream.campaigns, mode: "settings", ids: ShopeeRun.ids(150))

        #expect(run.asked.count == 100)
        #expect(run.answer(settings).isMore)
        #expect(run.asked == Array(ShopeeRun.ids(150).suffix(50)))
        #expect(run.answer(settings).isFinished)
    }

    @Test("A campaign that is none of the shop is found by halving, and left out")
    func foreign() throws {
        var run = try ShopeeRun(ShopeeStream.campaigns, mode: "settings", ids: ShopeeRun.ids(100))
        var shown: [String] = []
        var notes: [Note] = []
        for _ in 0..<60 {
            let asked = run.asked
            let reading: Reading
            if asked.contains("9042") {
                reading = run.error("ads.shop.campaign_not_match")
            } else {
                shown += asked
                reading = run.answer(settings)
            }
            notes += reading.notes.filter { $0.kind == "row_missing" }
            if !reading.isMore { break }
        }

        #expect(Set(shown) == Set(ShopeeRun.ids(100)).subtracting(["9042"]))
        #expect(shown.count == 99)
        #expect(notes.map(\.text) == ["Shopee lists the campaign 9042 and does not show it."])
    }

    @Test("Campaigns that are not listed any more are asked for by id: what does not come is gone")
    func recheck() throws {
        let connector = try ShopeeConnector()
        let listing = ChunkSpec(stream: ShopeeStream.campaigns, phase: .recent, mode: "list")
        let specs = connector.recheck(ShopeeRun.ids(150), of: listing, Learned())
        #expect(specs.map { $0.entities?.ids.count } == [100, 50] && specs.allSatisfy { $0.mode == "recheck" })

        var run = try ShopeeRun(ShopeeStream.campaigns, mode: "recheck", ids: ["9001", "9002", "9003"])
        #expect(run.answer(settings).finish?.isComplete == true)
        var gone = try ShopeeRun(ShopeeStream.campaigns, mode: "recheck", ids: ["9003"])
        let reading = gone.error("ads.shop.campaign_not_match")
        #expect(reading.finish?.isComplete == true && reading.notes.isEmpty)

        // They are not asked for again until they are listed again.
        gone.learned = Learned()
        gone.follow(reading)
        #expect(connector.recheck(["9002", "9003"], of: listing, gone.learned).first?.entities?.ids == ["9002"])
        var back = try ShopeeRun(ShopeeStream.campaigns, mode: "list")
        back.learned = gone.learned
        back.follow(back.answer(shopeeIDs(["9003"], next: false)))
        #expect(connector.recheck(["9003"], of: listing, back.learned).count == 1)
    }

    // MARK: The shop

    @Test("The shop is the whole answer, with what its region decides")
    func shop() throws {
        var run = try ShopeeRun(ShopeeStream.shops)
        #expect(run.call.request.path == "/api/v2/shop/get_shop_info")

        let reading = run.answer(
            """
            {"error":"","message":"","request_id":"r3","shop_name":"Tiem Mau","region":"VN","status":"NORMAL",
            "auth_time":1730000000,"expire_time":1761536000,"is_cb":false,"is_sip":false,"sip_affi_shops":[],
            "merchant_id":null,"is_main_shop":false,"is_direct_shop":false,"is_upgraded_cbsc":false,
            "shop_fulfillment_flag":"Others"}
            """)

        #expect(reading.isFinished && reading.rows == 1 && reading.notes.isEmpty)
        #expect(reading.text("account_id") == "220011" && reading.text("shop_name") == "Tiem Mau")
        #expect(reading.text("currency") == "VND" && reading.text("time_zone") == "Asia/Ho_Chi_Minh")
        #expect(reading.text("expire_time") == "2025-10-27T03:33:20.000Z" && reading.text("merchant_id") == nil)
        #expect(reading.integer("is_cb") == 0 && reading.text("sip_affi_shops") == "[]")
    }
}
