import ConnectorKit
import SyncCore
import Testing

@testable import Connectors

@Suite("Questions to Shopee")
struct ShopeeQuestionsTests {
    private let now = Instant(seconds: 1_790_000_000)

    private func info(_ region: String = "VN", status: String = "NORMAL", expires: Int64 = 1_800_000_000) -> String {
        "{\"error\":\"\",\"shop_name\":\"Tiem Mau\",\"region\":\"\(region)\",\"status\":\"\(status)\","
            + "\"auth_time\":1780000000,\"expire_time\":\(expires),\"request_id\":\"r3\"}"
    }

    private func answer(
        _ body: String, _ question: Question, status: Int = 200, of credential: Credential = ShopeeRun.credential
    ) throws -> Answer {
        try ShopeeConnector().answer(
            WireResponse(status: status, body: Array(body.utf8)), to: question, cursor: nil, credential: credential,
            at: now)
    }

    @Test(
        "The region decides currency and time zone",
        arguments: [
            ("VN", "VND", "Asia/Ho_Chi_Minh"), ("TH", "THB", "Asia/Bangkok"), ("ID", "IDR", "Asia/Jakarta"),
            ("SG", "SGD", "Asia/Singapore"), ("my", "MYR", "Asia/Kuala_Lumpur"), ("PH", "PHP", "Asia/Manila"),
            ("TW", "TWD", "Asia/Taipei"), ("BR", "BRL", "America/Sao_Paulo"), ("XX", "USD", "Etc/UTC"),
        ])
    func regions(region: String, currency: String, zone: String) throws {
        guard case .account(let facts) = try answer(info(region), .account(" 220011 ")) else {
            Issue.record("no facts")
            return
        }
        #expect(facts.externalID == "220011" && facts.name == "Tiem Mau")
        #expect(facts.currency == currency && facts.zoneName == zone)
        #expect((facts.warning != nil) == (region == "XX"))
        #expect((try? AccountZone.named(zone)) != nil)
    }

    @Test("A shop that is not in order is told of", arguments: ["BANNED", "FROZEN", "ODD"])
    func states(status: String) throws {
        guard case .account(let facts) = try answer(info(status: status), .account("220011")) else {
            Issue.record("the shop was refused")
            return
        }
        #expect(facts.warning?.hasSuffix("shop.") == true || facts.warning?.hasSuffix("state.") == true)
    }

    @Test("What is no number where one has to be is told without a call")
    func objections() {
        var credential = ShopeeRun.credential
        #expect(ShopeeConnector.objection(to: credential, account: "220011") == nil)
        #expect(ShopeeConnector.objection(to: credential, account: "all") == nil)
        #expect(ShopeeConnector.objection(to: credential, account: "shop_220011")?.contains("shop_220011") == true)
        credential["partner_id"] = "12ab"
        #expect(ShopeeConnector.objection(to: credential, account: nil)?.contains("PARTNER_ID is no number") == true)
    }

    @Test("The shop that is asked about is the one that was named, else the one whose tokens these are")
    func calls() throws {
        let connector = try ShopeeConnector()
        func call(_ question: Question, _ credential: Credential, cursor: String? = nil) -> WireRequest {
            connector.call(for: question, cursor: cursor, credential: credential, at: now).request
        }
        let bound = ShopeeConnector.bound(ShopeeRun.credential, to: "220011")

        #expect(call(.account("5"), bound).query.contains { $0.name == "shop_id" && $0.value == "5" })
        for question in [Question.accounts, .credential] {
            #expect(call(question, bound).path == "/api/v2/shop/get_shop_info")
            #expect(call(question, bound).query.contains { $0.name == "shop_id" && $0.value == "220011" })
        }
        let list = call(.accounts, ShopeeRun.credential, cursor: "3")
        #expect(list.path == "/api/v2/public/get_shops_by_partner")
        #expect(list.query.contains { $0.name == "page_no" && $0.value == "3" })
        #expect(!list.query.contains { $0.name == "access_token" || $0.name == "shop_id" })
    }

    @Test("The app's shops are listed page by page")
    func shops() throws {
        let body = #"{"error":"","authed_shop_list":[{"shop_id":1,"region":"BR"},{"shop_id":2}],"more":true}"#
        guard case .accounts(let facts, let next) = try answer(body, .accounts) else {
            Issue.record("no list")
            return
        }
        #expect(facts.map(\.externalID) == ["1", "2"] && facts.map(\.currency) == ["BRL", "USD"])
        #expect(next == "2")
        guard case .accounts(_, nil) = try answer(#"{"error":"","authed_shop_list":[],"more":false}"#, .accounts) else {
            Issue.record("goes on")
            return
        }
    }

    @Test("The end of the year's grant is told of beforehand")
    func endings() throws {
        func endings(in days: Int64) throws -> [String] {
            guard
                case .credential(let facts) = try answer(
                    info(expires: now.seconds + days * 86_400), .credential,
                    of: ShopeeConnector.bound(ShopeeRun.credential, to: "220011"))
            else { return ["?"] }
            return facts.endings
        }

        #expect(try endings(in: 40).isEmpty)
        #expect(try endings(in: 10) == ["The shop is open to the app for 10 more days: connect it again before."])
        #expect(try endings(in: -1).first?.contains("has ended") == true)
    }

    @Test(
        "Bad credentials are one sentence with one next step",
        arguments: [
            ("error_sign", 400), ("invalid_partner_id", 403), ("source_ip_undeclared", 403),
            ("error_permission_denied", 403), ("shop_no_linked", 200), ("shop_access_expired", 403),
        ])
    func rejected(code: String, status: Int) throws {
        let body = "{\"error\":\"\(code)\",\"message\":\"Wrong sign.\"}"
        guard case .failed(.ownerMustAct(let cause)) = try answer(body, .account("220011"), status: status) else {
            Issue.record("accepted")
            return
        }
        #expect(cause.message.hasSuffix(".") && cause.advice.hasSuffix("."))
    }

    @Test("What is no answer is asked again", arguments: [("<html>", 502), ("{}", 200), ("", 200)])
    func foreign(body: String, status: Int) throws {
        guard case .failed(.retryNow) = try answer(body, .account("220011"), status: status) else {
            Issue.record("accepted")
            return
        }
    }
}
