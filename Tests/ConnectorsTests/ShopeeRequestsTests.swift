import ConnectorKit
import SyncCore
import Testing

@testable import Connectors

@Suite("Calls to Shopee")
struct ShopeeRequestsTests {
    private func requests(token: String, shop: String) -> ShopeeRequests {
        var credential = ShopeeRun.credential
        credential["access_token"] = token
        return ShopeeRequests(credential: credential, shop: shop, now: Instant(seconds: 1_700_000_000))
    }

    @Test(
        "Signatures are those of the sheet (platforms.md 1.3)",
        arguments: [
            ("/api/v2/auth/token/get", "", "b4c5250b326989181fde34988272fa477f8cf15a65d16abab047c7c67b6ac431"),
            (
                "/api/v2/ads/get_total_balance", "acc-tok-A220011",
                "95b440c5aec4a3f429ecf788914046d73de13dfe4f396fef5f1fabbf06bc3d8d"
            ),
            (
                "/api/v2/merchant/get_merchant_info", "acc-tok-M330022",
                "24d79213c3c4112ef0b10889f826424017a8e3b91dfaf0b75eb635757daf4946"
            ),
        ])
    func signatures(path: String, owner: String, expected: String) {
        #expect(requests(token: "acc-tok-A", shop: "220011").signature(of: path, owner: owner) == expected)
    }

    @Test("A call of a shop names it in its query, and what is secret stands in no address that is shown")
    func shopCall() throws {
        let call = requests(token: "acc-tok-A", shop: "220011").get(
            .settings, [("campaign_id_list", "1,2"), ("info_type_list", "1,2,3,4")])
        let request = call.request

        #expect(request.path == "/api/v2/ads/get_product_level_campaign_setting_info")
        #expect(!request.target.contains("acc-tok-A") && !request.target.contains("sign="))
        let query = Dictionary(uniqueKeysWithValues: request.query.map { ($0.name, $0.value) })
        #expect(query["partner_id"] == "1000001" && query["timestamp"] == "1700000000")
        #expect(query["shop_id"] == "220011" && query["access_token"] == "acc-tok-A")
        #expect(query["campaign_id_list"] == "1,2" && query["info_type_list"] == "1,2,3,4")
        #expect(query["sign"]?.count == 64 && query.count == 7)
        #expect(
            call.costs.map(\.key.rawValue) == [
                "shopee/app/1000001", "shopee/shop/1000001/220011",
                "shopee/endpoint/1000001/220011/get_product_level_campaign_setting_info",
            ])
        let known = try ShopeeRun(ShopeeStream.shops).connector.quotaKeys(of: "220011")
        #expect(Set(call.costs.map(\.key)).isSubset(of: known))
    }

    @Test("A call of the app has neither token nor shop, and touches the app's limit alone")
    func publicCall() {
        let call = requests(token: "acc-tok-A", shop: "220011").post(.renewal, body: "{}")

        #expect(call.request.path == "/api/v2/auth/access_token/get")
        #expect(call.request.query.map(\.name).sorted() == ["partner_id", "sign", "timestamp"])
        #expect(call.costs.map(\.key.rawValue) == ["shopee/app/1000001"])
    }

    @Test("What a person typed as the shop cannot change the address")
    func strangeShop() {
        let request = requests(token: "t", shop: "1&x=2").get(.shop).request

        #expect(request.query.contains { $0.name == "shop_id" && $0.value == "1&x=2" })
        #expect(!request.query.contains { $0.name == "x" })
    }

    @Test(
        "Days are written with the day first", arguments: [("2026-01-05", "05-01-2026"), ("0999-12-31", "31-12-0999")])
    func days(iso: String, text: String) throws {
        #expect(try #require(CivilDate(iso)).dayFirst("-") == text)
    }

    @Test(
        "Moments in headers",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Fri, 27 Nov 2026 00:00:00 GMT", 1_795_737_600),
            ("Sun, 31 Feb 1994 08:49:37 GMT", nil), ("1994-11-06", nil), ("", nil),
            ("Sun, 06 Nov 1994 08:49 GMT", nil),
        ] as [(String, Int64?)])
    func dates(text: String, seconds: Int64?) {
        #expect(WireTime.date(text)?.seconds == seconds)
    }

    @Test(
        "When to come back",
        arguments: [
            ("120", 120), ("0", 0), ("1.5", 2), ("999999999", 86_400), ("-1", nil), ("soon", nil),
            ("Tue, 22 Sep 2026 00:00:00 GMT", 35_200),
        ] as [(String, Int64?)])
    func retryAfter(text: String, seconds: Int64?) {
        let now = Instant(seconds: 1_790_000_000)
        let response = WireResponse(status: 429, headers: MetaRun.fields(["Retry-After": text]), body: [])

        let wait = WireTime.retryAfter(response, at: now).map { $0 - now }
        #expect(wait.map { Int64($0.inSeconds.rounded(.up)) } == seconds)
    }
}
