import ConnectorKit
import Foundation
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

@Suite("Shopee sandbox: envelopes, statuses and answers that are none")
struct ShopeeSandboxEnvelopeTests {
    @Test("Success is an empty error, a dash, null or nothing", arguments: ShopeeWorld.Envelope.Success.allCases)
    func success(_ style: ShopeeWorld.Envelope.Success) {
        var probe = ShopeeSandboxProbe.calm { $0.envelope.success = style }
        let seen = Set(
            (0..<40).map { _ -> String in
                let error = probe.ads("get_total_balance").json["error"]
                return error == nil ? "absent" : error is NSNull ? "null" : error as? String ?? "?"
            })

        switch style {
        case .empty: #expect(seen == [""])
        case .dash: #expect(seen == ["-"])
        case .null: #expect(seen == ["null"])
        case .absent: #expect(seen == ["absent"])
        case .mixed: #expect(seen == ["", "-", "null", "absent"])
        }
    }

    @Test("The warning may be missing", arguments: [true, false])
    func warning(isThere: Bool) {
        var probe = ShopeeSandboxProbe.calm { $0.envelope.hasWarning = isThere }
        let answer = probe.ads("get_total_balance")

        #expect((answer.json["warning"] as? String == "") == isThere)
        #expect((answer.json["request_id"] as? String ?? "").utf8.count == 32)
    }

    @Test("Reports of campaigns come as an object, as an array of one, or now so, now so")
    func performanceShape() {
        func isArray(_ shape: ShopeeWorld.Envelope.Shape) -> Set<Bool> {
            var probe = ShopeeSandboxProbe.calm { $0.envelope.performance = shape }
            let ids = Array(probe.campaignIDs().prefix(3))
            return Set(
                (0..<30).map { $0 % 2 == 0 ? probe.daily(ids, from: 9, to: 1) : probe.hourly(ids, on: 1) }
                    .map { $0.json["response"] is [Any] })
        }

        #expect(isArray(.object) == [false])
        #expect(isArray(.array) == [true])
        #expect(isArray(.mixed) == [true, false])
    }

    @Test("Answers to writes take the same shapes", arguments: [ShopeeWorld.Envelope.Shape.object, .array])
    func writeShape(_ shape: ShopeeWorld.Envelope.Shape) {
        var probe = ShopeeSandboxProbe.calm { $0.envelope.writes = shape }
        let answer = probe.write("edit_gms_product_campaign", ["edit_action": "pause"])

        #expect((answer.json["response"] is [Any]) == (shape == .array))
        #expect(answer.object["campaign_id"] is Int)
    }

    @Test("Shop info stands at the top, the profile under response")
    func top() {
        var probe = ShopeeSandboxProbe.calm()
        let info = probe.send(.get, "shop/get_shop_info").json
        let profile = probe.send(.get, "shop/get_profile")

        #expect(info["response"] == nil)
        #expect(info["shop_name"] as? String == "Tiem Mau")
        #expect(info["region"] as? String == "VN")
        #expect(profile.object["shop_name"] as? String == "Tiem Mau")
    }

    @Test("Statuses follow from the code, and can be set by code or for all")
    func statuses() {
        func status(_ statuses: [String: Int]) -> [Int] {
            var probe = ShopeeSandboxProbe.calm { $0.envelope.statuses = statuses }
            let bad = probe.ads("get_product_level_campaign_id_list", ["offset": "-1"])
            probe.access = "x"
            return [bad.status, probe.ads("get_total_balance").status]
        }

        #expect(status([:]) == [400, 403])
        #expect(status(["error_param": 200]) == [200, 403])
        #expect(status(["*": 200, "invalid_acceess_token": 401]) == [200, 401])
    }

    @Test("Shop rows may lack the pieces sold", arguments: [true, false])
    func itemSold(isThere: Bool) {
        var probe = ShopeeSandboxProbe.calm { $0.performance.hasItemSold = isThere }
        let rows = probe.shopDaily(from: 9, to: 1).rows

        #expect(rows.count == 9)
        for row in rows {
            #expect((row["direct_item_sold"] != nil) == isThere)
            #expect((row["broad_item_sold"] != nil) == isThere)
        }
    }

    @Test(
        "Gateways answer HTML and nothing at all",
        arguments: [
            (ShopeeWorld.Faults.Kind.html502, 502, "<html>"), (.html429, 429, "<html>"), (.empty429, 429, ""),
        ])
    func foreign(kind: ShopeeWorld.Faults.Kind, status: Int, start: String) {
        var probe = ShopeeSandboxProbe.calm { $0.faults.rules = [.init(kind, times: 1)] }
        let answer = probe.ads("get_total_balance")

        #expect(answer.status == status)
        #expect(answer.text.hasPrefix(start) && (start.isEmpty == answer.body.isEmpty))
        #expect(probe.ads("get_total_balance").error == "")
    }

    @Test("Any code can be asked for, after the signature was checked")
    func injected() {
        var probe = ShopeeSandboxProbe.calm {
            var rule = ShopeeWorld.Faults.Rule(.error, target: "get_total_balance")
            rule.code = "error_system_busy"
            $0.faults.rules = [rule]
        }
        let busy = probe.ads("get_total_balance")
        let unsigned = probe.send(.get, "ads/get_total_balance", sign: "0")

        #expect(busy.error == "error_system_busy")
        #expect(busy.status == 500)
        #expect(unsigned.error == "error_sign")
    }

    @Test(
        "Failures of transport",
        arguments: [
            ShopeeWorld.Faults.Kind.reset, .refused, .truncated, .slow, .late,
        ])
    func transport(kind: ShopeeWorld.Faults.Kind) {
        var probe = ShopeeSandboxProbe.calm { $0.faults.rules = [.init(kind)] }
        _ = probe.write("edit_gms_product_campaign", ["edit_action": "pause"])
        let reply = probe.lastReply
        let isApplied = !probe.sandbox.writes.isEmpty

        #expect(isApplied == (kind != .refused))
        switch (kind, reply.delivery) {
        case (.reset, .reset), (.refused, .reset), (.truncated, .cut), (.slow, .slow): break
        case (.late, .whole): #expect(reply.delay > .seconds(50))
        default: Issue.record("\(kind) is delivered as \(reply.delivery)")
        }
    }

    @Test("Rows and ids can come twice")
    func duplicates() {
        var probe = ShopeeSandboxProbe.calm { $0.shops[0].shape = .flat }
        let ids = Array(probe.campaignIDs().prefix(2))
        let once = probe.daily(ids, from: 5, to: 2).metrics.count
        _ = probe.control("faults", ["rule": "duplicateRow"], post: [:] as [String: Any])

        #expect(once == 8)
        #expect(probe.daily(ids, from: 5, to: 2).metrics.count == 9)
        #expect(probe.shopDaily(from: 5, to: 2).rows.count == 5)
        #expect(probe.ads("get_product_level_campaign_id_list", ["limit": "5000"]).campaigns.count == 25)
    }
}
