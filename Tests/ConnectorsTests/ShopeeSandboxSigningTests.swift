import ConnectorKit
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

@Suite("Shopee sandbox: signatures and the order of checks")
struct ShopeeSandboxSigningTests {
    @Test(
        "The test vectors of the fact sheet",
        arguments: [
            (
                ["1000001", "/api/v2/auth/token/get", "1700000000"],
                "b4c5250b326989181fde34988272fa477f8cf15a65d16abab047c7c67b6ac431"
            ),
            (
                ["1000001", "/api/v2/ads/get_total_balance", "1700000000", "acc-tok-A", "220011"],
                "95b440c5aec4a3f429ecf788914046d73de13dfe4f396fef5f1fabbf06bc3d8d"
            ),
            (
                ["1000001", "/api/v2/merchant/get_merchant_info", "1700000000", "acc-tok-M", "330022"],
                "24d79213c3c4112ef0b10889f826424017a8e3b91dfaf0b75eb635757daf4946"
            ),
        ])
    func vectors(parts: [String], sign: String) {
        #expect(ShopeeSandbox.Signer.sign(parts, key: "testkey-0123456789abcdef") == sign)
    }

    @Test("Each class of calls is signed over its own parts")
    func classes() {
        var probe = ShopeeSandboxProbe.calm { $0.auth.mainAccount = 440_033 }

        #expect(probe.send(.get, "public/get_shops_by_partner", as: .open).status == 200)
        #expect(probe.send(.get, "shop/get_shop_info").status == 200)
        #expect(probe.send(.get, "merchant/get_merchant_info", as: .merchant("330022")).status == 200)
        #expect(probe.send(.get, "public/get_shops_by_partner", as: .shop).error == "error_sign")
        let open = ShopeeSandbox.Signer.sign(
            [probe.partnerID, "/api/v2/shop/get_shop_info", "\(probe.now.seconds)"], key: probe.key)
        #expect(probe.send(.get, "shop/get_shop_info", sign: open).error == "error_sign")
        #expect(probe.sandbox.counters.rejectedSignatures == 2)
    }

    @Test("Parameters and bodies are not signed")
    func unsigned() {
        var probe = ShopeeSandboxProbe.calm()

        #expect(probe.send(.get, "shop/get_shop_info", ["anything": "x y&z"]).error == "")
        #expect(probe.write("edit_manual_product_ads", ["reference_id": "r"]).error == "error_param")
    }

    @Test("A timestamp may be five minutes off and no second more", arguments: [300, -300, 301, -301] as [Int64])
    func window(skew: Int64) {
        var probe = ShopeeSandboxProbe.calm()
        probe.skew = skew

        #expect(probe.send(.get, "shop/get_shop_info").error == (abs(skew) == 300 ? "" : "error_sign"))
    }

    @Test("A wrong key, a sign of another length and no sign at all are wrong signs")
    func wrong() {
        var probe = ShopeeSandboxProbe.calm()
        let right = ShopeeSandbox.Signer.sign(
            [
                probe.partnerID, "/api/v2/shop/get_shop_info", "\(probe.now.seconds)", probe.access, probe.shop,
            ], key: probe.key)

        let upper = probe.send(.get, "shop/get_shop_info", sign: right.uppercased())
        let short = probe.send(.get, "shop/get_shop_info", sign: String(right.dropLast()))
        let none = probe.send(.get, "shop/get_shop_info", sign: "")
        probe.key = "another key"
        let key = probe.send(.get, "shop/get_shop_info")

        #expect([upper.error, short.error, none.error, key.error] == Array(repeating: "error_sign", count: 4))
        #expect(key.message == "Wrong sign.")
        #expect(key.status == 400)
    }

    @Test("Signature, then token, then permission, then parameters")
    func order() {
        var probe = ShopeeSandboxProbe.calm { $0.printedApp = 1 }
        let bad = ["campaign_id_list": "x"]
        let name = "get_product_campaign_daily_performance"
        let access = probe.access

        probe.access = "nobody's"
        let sign = probe.send(.get, "ads/\(name)", bad, sign: "0")
        let token = probe.ads(name, bad)
        probe.access = access
        let permission = probe.ads(name, bad)
        var granted = ShopeeSandboxProbe.calm()
        let parameter = granted.ads(name, bad)

        #expect(sign.error == "error_sign")
        #expect(token.error == "invalid_acceess_token")
        #expect(token.status == 403)
        #expect(token.message == "Invalid access_token, please have a check.")
        #expect(permission.error == "error_permission_denied")
        #expect(parameter.error == "ads.shop.campaign_not_match" || parameter.error == "error_param")
    }

    @Test("Foreign partner ids, undeclared addresses, unknown paths and wrong methods have codes of their own")
    func codes() {
        var probe = ShopeeSandboxProbe.calm()
        let method = probe.send(.post, "ads/get_total_balance", body: ["a": 1])
        let path = probe.send(.get, "ads/get_nothing")
        probe.partnerID = "999"
        let partner = probe.send(.get, "shop/get_shop_info")
        var undeclared = ShopeeSandboxProbe.calm { $0.apps[0].isAddressUndeclared = true }

        #expect(method.error == "ads.api.http_method_not_allowed")
        #expect(path.error == "error_not_found")
        #expect(partner.error == "invalid_partner_id")
        #expect(undeclared.ads("get_total_balance").error == "source_ip_undeclared")
    }

    @Test("Banned and frozen shops tell so, yet their info can be read", arguments: ["BANNED", "FROZEN"])
    func status(_ status: String) {
        var probe = ShopeeSandboxProbe.calm { $0.shops[0].status = status }

        #expect(probe.send(.get, "shop/get_shop_info").json["status"] as? String == status)
        let code = status == "BANNED" ? "shop_banned" : "ads.shop.status_not_normal"
        #expect(probe.ads("get_total_balance").error == code)
    }
}
