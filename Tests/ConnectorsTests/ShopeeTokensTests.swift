import ConnectorKit
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

@Suite("Tokens of Shopee")
struct ShopeeTokensTests {
    private let now = Instant(seconds: 1_790_000_000)
    private let connector: ShopeeConnector

    init() throws { connector = try ShopeeConnector() }

    private func response(_ body: String, status: Int = 200) -> WireResponse {
        WireResponse(status: status, body: Array(body.utf8))
    }

    private func renewed(_ body: String, status: Int = 200) -> Renewed {
        connector.renewed(response(body, status: status), of: ShopeeRun.credential, account: "220011", at: now)
    }

    private static let pair = """
        {"error":"","message":"","request_id":"r2","partner_id":1000001,"shop_id":220011,"access_token":"A2",
        "refresh_token":"R2","expire_in":14400}
        """

    @Test("Each connection is of one app and one shop")
    func names() {
        #expect(ShopeeConnector.name(of: ShopeeRun.credential, account: " 220011 ") == "1000001/220011")
        #expect(ShopeeConnector.name(of: ShopeeRun.credential, account: nil) == "1000001")
        let bound = ShopeeConnector.bound(ShopeeRun.credential, to: "220011")
        #expect(ShopeeConnector.name(of: bound, account: nil) == "1000001/220011")
        #expect(ShopeeConnector.bound(ShopeeRun.credential, to: nil) == ShopeeRun.credential)
        #expect(ShopeeConnector.identity(of: bound) == "1000001")
    }

    @Test("Without any token a consent is missing; one to renew with is enough")
    func missing() {
        var credential = ShopeeRun.credential
        #expect(ShopeeConnector.missing(from: credential) == nil)
        credential["access_token"] = nil
        #expect(ShopeeConnector.missing(from: credential) == nil)
        #expect(connector.renewal(of: credential, account: "220011", because: .due, at: now) != nil)
        credential["refresh_token"] = nil
        #expect(ShopeeConnector.missing(from: credential)?.variable == "SLUICE_SHOPEE_ACCESS_TOKEN")
        #expect(connector.renewal(of: credential, account: "220011", because: .refused, at: now) == nil)
    }

    @Test("A renewal names the shop in its body and is signed for the app")
    func call() throws {
        let call = try #require(
            connector.renewal(of: ShopeeRun.credential, account: "220011", because: .refused, at: now))

        #expect(call.request.method == .post && call.request.path == "/api/v2/auth/access_token/get")
        #expect(
            String(decoding: call.request.body, as: UTF8.self)
                == #"{"refresh_token":"ref-tok-A","partner_id":1000001,"shop_id":220011}"#)
        #expect(!call.request.target.contains("ref-tok"))
    }

    @Test("A pair of tokens takes the place of the last one, with its life")
    func rotation() throws {
        guard case .credential(let fresh) = renewed(Self.pair) else {
            Issue.record("no tokens")
            return
        }
        #expect(fresh["access_token"] == "A2" && fresh["refresh_token"] == "R2" && fresh["shop_id"] == "220011")
        #expect(fresh["partner_key"] == "testkey-0123456789abcdef")
        #expect(fresh["renewed_at"] == "1790000000" && fresh["expires_at"] == "1790014400")
        let next = try #require(connector.renewal(of: fresh, account: "220011", because: .refused, at: now))
        #expect(String(decoding: next.request.body, as: UTF8.self).contains("\"R2\""))
    }

    @Test("Tokens are renewed after three quarters of their life, some shops a little later, never without a known end")
    func due() {
        guard case .credential(let fresh) = renewed(Self.pair) else {
            Issue.record("the pair was not taken")
            return
        }
        func isDue(_ seconds: Int64, _ shop: String = "220011", _ credential: Credential? = nil) -> Bool {
            let moment = now + .seconds(seconds)
            return connector.renewal(of: credential ?? fresh, account: shop, because: .due, at: moment) != nil
        }

        #expect(!isDue(0) && !isDue(10_799) && isDue(11_521))
        let begins = Set((1...40).map { shop in (10_800...11_520).first { isDue($0, "\(shop)") } })
        #expect(begins.count > 20)
        #expect(!isDue(9_999_999, "220011", ShopeeRun.credential))
    }

    @Test(
        "A pair that was used already, or whose shop is another's, is the owner's to mend",
        arguments: [
            (#"{"error":"error_param","message":"Your refresh token or shop_id is wrong, please check it"}"#, 403),
            (#"{"error":"error_shop_refresh_token","message":""}"#, 200),
            (#"{"error":"refresh_token_expired","message":""}"#, 403),
            (#"{"error":"error_auth","message":"Invalid access_token, please have a check."}"#, 403),
            (#"{"error":"error_param","message":"no"}"#, 400), (#"{"error":"shop_access_expired"}"#, 403),
            (#"{"error":"error_sign","message":"Wrong sign."}"#, 403),
        ])
    func refused(body: String, status: Int) {
        guard case .failed(.ownerMustAct(let cause)) = renewed(body, status: status) else {
            Issue.record("\(renewed(body, status: status))")
            return
        }
        #expect(!cause.advice.isEmpty)
    }

    @Test(
        "An answer that is none, or lacks a token, is asked for again; limits are waited for",
        arguments: [
            ("<html>", 502, "retry_now"), ("", 200, "retry_now"), (#"{"error":"error_server"}"#, 500, "retry_now"),
            (#"{"error":"","access_token":"A"}"#, 200, "retry_now"), ("", 429, "throttled"),
        ])
    func passing(body: String, status: Int, name: String) {
        guard case .failed(let failure) = renewed(body, status: status) else {
            Issue.record("tokens")
            return
        }
        #expect(failure.name == name)
    }

    // MARK: Consent

    private let app = Credential([
        "partner_id": Secret("1000001"), "partner_key": Secret("testkey-0123456789abcdef"),
    ])

    @Test("The link of a consent is signed for the app and leads back with our state")
    func link() throws {
        let moment = Instant(seconds: 1_700_000_000)
        let consent = try #require(
            connector.consent(app, redirect: "https://shop.example/back?a=1&state=S", at: moment))

        let request = WireRequest(.get, consent.target)
        #expect(request.path == "/api/v2/shop/auth_partner")
        let query = Dictionary(uniqueKeysWithValues: request.query.map { ($0.name, $0.value) })
        #expect(query["redirect"] == "https://shop.example/back?a=1&state=S")
        #expect(query["partner_id"] == "1000001" && query["timestamp"] == "1700000000")
        let sign = ShopeeRequests(credential: app, shop: "", now: moment).signature(of: "/api/v2/shop/auth_partner")
        #expect(query["sign"] == sign && query.count == 4)
    }

    @Test("The code is exchanged for the shop or the main account that came with it")
    func exchange() throws {
        func body(_ returned: [(name: String, value: String)]) -> String? {
            connector.exchange(returned, of: app, at: now).map { String(decoding: $0.request.body, as: UTF8.self) }
        }

        #expect(
            body([("state", "S"), ("code", "c-1"), ("shop_id", "220011")])
                == #"{"code":"c-1","partner_id":1000001,"shop_id":220011}"#)
        #expect(
            body([("code", "c"), ("main_account_id", "7")]) == #"{"code":"c","partner_id":1000001,"main_account_id":7}"#
        )
        #expect(body([("code", ""), ("shop_id", "1")]) == nil && body([("code", "c")]) == nil)
    }

    @Test("A main account opens several shops, each with the first pair and its own connection from then on")
    func mainAccount() {
        let body =
            #"{"error":"","access_token":"A1","refresh_token":"R1","shop_id_list":[1,2],"merchant_id_list":[9]}"#
        let granted = connector.granted(response(body), to: [("main_account_id", "7")], of: app, at: now)
        guard case .accounts(let shops) = granted else {
            Issue.record("\(granted)")
            return
        }
        #expect(shops.map(\.id) == ["1", "2"])
        #expect(shops.map { ShopeeConnector.name(of: $0.credential, account: nil) } == ["1000001/1", "1000001/2"])
        #expect(shops.allSatisfy { $0.credential["refresh_token"] == "R1" })
        guard
            case .accounts(let one) = connector.granted(
                response(Self.pair), to: [("shop_id", "220011")], of: app, at: now)
        else { return }
        #expect(one.map(\.id) == ["220011"])
    }

    @Test(
        "A code that was used, and a consent without a shop, are the owner's to mend",
        arguments: [
            #"{"error":"invalid_code","message":"Invalid code"}"#,
            #"{"error":"","access_token":"A1","refresh_token":"R1","shop_id_list":[]}"#,
        ])
    func refusedCode(body: String) {
        guard
            case .failed(.ownerMustAct(let cause)) = connector.granted(
                response(body), to: [("main_account_id", "7")], of: app, at: now)
        else {
            Issue.record("accepted")
            return
        }
        #expect(cause.advice.contains("sluice connect shopee"))
    }
}
