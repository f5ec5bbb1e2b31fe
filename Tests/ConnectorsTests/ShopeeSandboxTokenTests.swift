import ConnectorKit
import Foundation
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

@Suite("Shopee sandbox: consent and tokens")
struct ShopeeSandboxTokenTests {
    @Test("An access token works for four hours and not a second longer")
    func accessLife() {
        var probe = ShopeeSandboxProbe.calm()
        let first = probe.ads("get_total_balance").error
        probe.wait(.seconds(14_399))
        let last = probe.ads("get_total_balance").error
        probe.wait(.seconds(1))
        let late = probe.ads("get_total_balance")

        #expect([first, last] == ["", ""])
        #expect(late.error == "invalid_acceess_token")
        #expect(late.status == 403)
    }

    @Test("A refresh answers a new pair; the old access token works five more minutes, the old refresh token never")
    func rotation() {
        var probe = ShopeeSandboxProbe.calm()
        _ = probe.ads("get_total_balance")
        let (access, refresh) = (probe.access, probe.refresh)
        let answer = probe.renew()
        let (newAccess, newRefresh) = (probe.access, probe.refresh)

        #expect(answer.json["expire_in"] as? Int == 14_400)
        #expect(answer.json["partner_id"] as? Int == 1_000_001)
        #expect(answer.json["shop_id"] as? Int == 220_011)
        #expect(newAccess != access && newRefresh != refresh)
        #expect(probe.ads("get_total_balance").error == "")
        probe.access = access
        probe.wait(.seconds(299))
        #expect(probe.ads("get_total_balance").error == "")
        probe.wait(.seconds(1))
        #expect(probe.ads("get_total_balance").error == "invalid_acceess_token")
        probe.refresh = refresh
        let reuse = probe.renew()
        #expect(reuse.error == "error_param")
        #expect(reuse.message.hasPrefix("Your refresh token or shop_id is wrong"))
        probe.refresh = newRefresh
        #expect(probe.renew().error == "")
        #expect(probe.sandbox.counters.refreshes == 2)
        #expect(probe.sandbox.counters.refusedRefreshes == 1)
    }

    @Test("The grace of an old access token never outlasts its own life")
    func graceIsBounded() {
        var probe = ShopeeSandboxProbe.calm()
        _ = probe.ads("get_total_balance")
        let access = probe.access
        probe.wait(.seconds(14_390))
        _ = probe.renew()
        probe.access = access
        probe.wait(.seconds(10))

        #expect(probe.ads("get_total_balance").error == "invalid_acceess_token")
    }

    @Test("A refresh token lives thirty days; the shop's grant a year")
    func lives() {
        var probe = ShopeeSandboxProbe.calm {
            $0.auth.grantAge = 0
            $0.auth.grantDays = 60
        }
        let info = probe.send(.get, "shop/get_shop_info").json
        let until = (info["expire_time"] as? Int64) ?? 0
        let from = (info["auth_time"] as? Int64) ?? 0
        probe.wait(days: 29)
        let inTime = probe.renew().error
        probe.wait(days: 30)
        let late = probe.renew()
        var other = ShopeeSandboxProbe.calm { $0.auth.grantDays = 100 }
        let grant = other.send(.get, "shop/get_shop_info")

        #expect(until - from == 60 * 86_400)
        #expect(inTime == "")
        #expect(late.error == "refresh_token_expired")
        #expect(grant.error == "shop_access_expired")
        #expect(other.renew().error == "shop_access_expired")
    }

    @Test("The answer to a refresh can be lost after the rotation: only the announced code helps")
    func lostRotation() throws {
        var probe = ShopeeSandboxProbe.calm {
            $0.faults.rules = [.init(.reset, target: "access_token/get", times: 1)]
        }
        let refresh = probe.refresh
        _ = probe.renew()
        let delivery = probe.lastReply.delivery
        probe.refresh = refresh
        let again = probe.renew()
        let push = probe.control("resend", post: ["shop_id": 220_011, "app": "ads"])
        let code = try #require(push.json["resend_code"] as? String)
        let resent = probe.send(.post, "public/get_token_by_resend_code", body: ["resend_code": code], as: .open)

        #expect(delivery == .reset)
        #expect(again.error == "error_param")
        probe.access = try #require(resent.json["access_token"] as? String)
        #expect(probe.ads("get_total_balance").error == "")
        #expect(
            probe.send(.post, "public/get_token_by_resend_code", body: ["resend_code": code], as: .open).status == 400)
    }

    @Test("The consent link leads back with a code that is good once, for ten minutes, for its shop and its app")
    func code() throws {
        var probe = ShopeeSandboxProbe.calm()
        func consent(_ probe: inout ShopeeSandboxProbe) throws -> [String: String] {
            let page = probe.send(
                .get, "shop/auth_partner", ["redirect": "https://me.example/back?state=7"], as: .open)
            let place = try #require(page.headers[.location])
            #expect(page.status == 302)
            #expect(place.hasPrefix("https://me.example/back?state=7&code="))
            let items = FormCoding.decode(String(place.split(separator: "?")[1]))
            return Dictionary(uniqueKeysWithValues: items.map { ($0.name, $0.value) })
        }
        func exchange(_ probe: inout ShopeeSandboxProbe, _ code: String, shop: Int = 220_011) -> String? {
            let answer = probe.send(
                .post, "auth/token/get",
                body: ["code": code, "partner_id": Int(probe.partnerID) ?? 0, "shop_id": shop], as: .open)
            probe.access = answer.json["access_token"] as? String ?? probe.access
            return answer.error
        }

        let first = try consent(&probe)
        let code = try #require(first["code"])
        #expect(first["shop_id"] == "220011")
        #expect(exchange(&probe, code, shop: 5) == "error_param")
        #expect(exchange(&probe, code) == "")
        #expect(probe.ads("get_total_balance").error == "")
        #expect(exchange(&probe, code) == "invalid_code")
        let second = try #require(try consent(&probe)["code"])
        probe.wait(.seconds(600))
        #expect(exchange(&probe, second) == "invalid_code")
        let third = try #require(try consent(&probe)["code"])
        (probe.partnerID, probe.key) = ("1000002", ShopeeWorld.App.erp.key)
        #expect(exchange(&probe, third) == "invalid_code")
    }

    @Test("Only the domain of the redirect is compared")
    func domain() {
        var probe = ShopeeSandboxProbe.calm { $0.apps[0].redirectDomain = "me.example" }

        let right = probe.send(.get, "shop/auth_partner", ["redirect": "https://me.example:8443/any/path"], as: .open)
        let wrong = probe.send(.get, "shop/auth_partner", ["redirect": "https://me.example.org/"], as: .open)

        #expect(right.status == 302)
        #expect(wrong.error == "error_param")
    }

    @Test("A main account's first pair is shared, and each shop and merchant goes its own way from its first refresh")
    func mainAccount() throws {
        var probe = ShopeeSandboxProbe.calm {
            var second = $0.shops[0]
            second.id = 220_012
            second.firstCampaign = 500_001
            $0.shops.append(second)
            $0.auth.mainAccount = 440_033
        }
        let page = probe.send(.get, "shop/auth_partner", ["redirect": "https://me.example/"], as: .open)
        let place = try #require(page.headers[.location])
        let items = Dictionary(
            uniqueKeysWithValues: FormCoding.decode(String(place.split(separator: "?")[1])).map { ($0.name, $0.value) })
        let answer = probe.send(
            .post, "auth/token/get",
            body: ["code": items["code"] ?? "", "partner_id": 1_000_001, "main_account_id": 440_033], as: .open)
        let shared = try #require(answer.json["refresh_token"] as? String)
        probe.access = try #require(answer.json["access_token"] as? String)
        let sharedAccess = probe.access

        #expect(items["main_account_id"] == "440033")
        #expect(answer.json["shop_id_list"] as? [Int] == [220_011, 220_012])
        #expect(answer.json["merchant_id_list"] as? [Int] == [330_022])
        probe.refresh = shared
        #expect(probe.renew().error == "")
        let first = probe.access
        (probe.shop, probe.access) = ("220012", sharedAccess)
        #expect(probe.send(.get, "shop/get_shop_info").error == "")
        probe.access = first
        #expect(probe.send(.get, "shop/get_shop_info").error == "invalid_acceess_token")
        probe.refresh = shared
        #expect(probe.renew().error == "")
        let merchant = probe.send(
            .post, "auth/access_token/get",
            body: ["refresh_token": shared, "partner_id": 1_000_001, "merchant_id": 330_022], as: .open)
        probe.access = try #require(merchant.json["access_token"] as? String)
        #expect(merchant.json["merchant_id"] as? Int == 330_022)
        #expect(probe.send(.get, "merchant/get_merchant_info", as: .merchant("330022")).error == "")
        #expect(probe.send(.get, "shop/get_shop_info").error == "invalid_acceess_token")
    }

    @Test("A single shop's exchange has no lists; a refresh names exactly one owner")
    func shapes() {
        var probe = ShopeeSandboxProbe.calm()
        let query = probe.control("consent", post: ["shop_id": 220_011]).json["query"] as? String ?? ""
        let code = FormCoding.decode(query).first { $0.name == "code" }?.value ?? ""
        let answer = probe.send(
            .post, "auth/token/get", body: ["code": code, "partner_id": 1_000_001, "shop_id": 220_011], as: .open)
        let both = probe.send(
            .post, "auth/access_token/get",
            body: ["refresh_token": probe.refresh, "partner_id": 1_000_001, "shop_id": 1, "merchant_id": 2], as: .open)

        #expect(answer.error == "")
        #expect(answer.json["shop_id_list"] == nil)
        #expect(both.error == "error_param")
    }

    @Test("Two apps hold their own tokens for one shop, and the ERP app reads no ads")
    func apps() {
        var ads = ShopeeSandboxProbe.calm()
        var erp = ShopeeSandboxProbe.calm { $0.printedApp = 1 }
        let foreign = erp.access
        let refusal = erp.ads("get_total_balance")

        #expect(erp.partnerID == "1000002")
        #expect(erp.send(.get, "shop/get_shop_info").error == "")
        #expect(refusal.error == "error_permission_denied")
        #expect(refusal.status == 403)
        ads.access = foreign
        #expect(ads.send(.get, "shop/get_shop_info").error == "invalid_acceess_token")
        #expect(ads.control("credentials", ["app": "erp"]).json["access_token"] as? String == foreign)
    }

    @Test("A shop that takes its consent back is not linked, and is missing among the app's shops")
    func revoked() {
        var probe = ShopeeSandboxProbe.calm()
        func shops() -> Int {
            let answer = probe.send(
                .get, "public/get_shops_by_partner", ["page_no": "1", "page_size": "10"], as: .open)
            return (answer.json["authed_shop_list"] as? [Any])?.count ?? -1
        }
        let before = shops()
        _ = probe.control("revoke", post: ["shop_id": 220_011, "app": "ads"])

        #expect(before == 1)
        #expect(shops() == 0)
        #expect(probe.ads("get_total_balance").error == "shop_no_linked")
        #expect(probe.renew().error == "shop_no_linked")
    }

    @Test("The cancel link revokes")
    func cancel() {
        var probe = ShopeeSandboxProbe.calm()
        let page = probe.send(.get, "shop/cancel_auth_partner", ["redirect": "https://me.example/"], as: .open)

        #expect(page.headers[.location] == "https://me.example/?shop_id=220011")
        #expect(probe.ads("get_total_balance").error == "shop_no_linked")
    }

    @Test(
        "Tests can end what they like before its time",
        arguments: [
            ("access", "invalid_acceess_token", ""), ("refresh", "", "refresh_token_expired"),
            ("grant", "shop_access_expired", "shop_access_expired"),
        ])
    func expire(what: String, call: String, renewal: String) {
        var probe = ShopeeSandboxProbe.calm()
        _ = probe.control("expire", post: ["what": what])

        #expect(probe.ads("get_total_balance").error == call)
        #expect(probe.renew().error == renewal)
    }

    @Test("Shops of an app come in pages")
    func shopPages() {
        var probe = ShopeeSandboxProbe(.bench(campaigns: 1, shops: 5))
        let first = probe.send(.get, "public/get_shops_by_partner", ["page_no": "1", "page_size": "3"], as: .open)
        let second = probe.send(.get, "public/get_shops_by_partner", ["page_no": "2", "page_size": "3"], as: .open)

        #expect([first, second].map { ($0.json["authed_shop_list"] as? [Any])?.count } == [3, 2])
        #expect([first, second].map { $0.json["more"] as? Bool } == [true, false])
    }
}
