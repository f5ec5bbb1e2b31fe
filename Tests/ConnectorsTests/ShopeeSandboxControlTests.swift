import ConnectorKit
import Foundation
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

@Suite("Shopee sandbox: worlds, oracles and switches")
struct ShopeeSandboxControlTests {
    private let today = ShopeeWorld.usualDay

    @Test("The demo is a Vietnamese group of three shops, two years old, one credential for all")
    func demo() throws {
        let world = try #require(ShopeeWorld.named("demo", seed: 7, sizes: [:], today: today))
        var probe = ShopeeSandboxProbe(world)
        let sizes = world.shops.map { shop in
            probe.shop = "\(shop.id)"
            return probe.send(.get, "shop/get_shop_info").json["region"] as? String == "VN" ? shop.campaigns : -1
        }

        #expect(sizes == [335, 917, 14])
        #expect(world.shops.allSatisfy { $0.days == 730 })
        #expect(world.credential.map(\.field) == ["partner_id", "partner_key", "access_token", "refresh_token"])
        #expect(world.account == "220011")
        #expect(ShopeeWorld.named("moon", seed: 7, sizes: [:], today: today) == nil)
    }

    @Test("Small worlds of some seeds hold all three regions and every variant")
    func small() {
        let worlds = (0..<30).compactMap { ShopeeWorld.named("small", seed: $0, sizes: [:], today: today) }

        #expect(Set(worlds.map { $0.shops[0].region }) == ["VN", "SG", "BR"])
        #expect(Set(worlds.map(\.envelope.performance)) == Set(ShopeeWorld.Envelope.Shape.allCases))
        #expect(Set(worlds.map(\.envelope.success)) == Set(ShopeeWorld.Envelope.Success.allCases))
        #expect(Set(worlds.map(\.performance.hasItemSold)) == [true, false])
        #expect(worlds.allSatisfy { (try? $0.check()) != nil })
    }

    @Test("The bench world has the sizes that were asked for, and every campaign delivers on every day")
    func bench() throws {
        let sizes = ["campaigns": 150, "shops": 2, "days": 12, "latency": 300, "rate": 5]
        let world = try #require(ShopeeWorld.named("bench", seed: 1, sizes: sizes, today: today))
        var probe = ShopeeSandboxProbe(world)
        let truth = probe.control("truth", ["account": "220012"]).json
        let rows = truth["rows"] as? [String: Int]
        _ = probe.ads("get_total_balance")

        #expect(rows?["shopee_campaigns"] == 150)
        #expect(rows?["shopee_campaign_daily"] == 150 * 12)
        #expect(rows?["shopee_campaign_hourly"] == 150 * 12 * 24)
        #expect(rows?["shopee_shop_daily"] == 12)
        #expect(probe.lastReply.delay == .milliseconds(300))
        #expect([world.limits.appRate, world.limits.appBurst] == [5, 5] as [Int])
        let usual = try #require(ShopeeWorld.named("bench", seed: 1, sizes: [:], today: today))
        #expect(usual.shops.map(\.campaigns) == [335] && usual.limits.appRate == 0)
    }

    @Test("The fewest calls are those with 100 ids and 30 days each")
    func fewest() {
        var probe = ShopeeSandboxProbe(.bench(campaigns: 335, days: 30))
        let window = ["account": "220011", "from": "2026-10-22", "to": "2026-11-20"]
        let truth = probe.control("truth", window).json
        let calls = truth["fewestCallsByTable"] as? [String: Int]

        #expect(calls?["shopee_campaigns"] == 1 + 4)
        #expect(calls?["shopee_campaign_daily"] == 4)
        #expect(calls?["shopee_campaign_hourly"] == 120)
        #expect(calls?["shopee_shop_daily"] == 1)
        #expect(calls?["shopee_shop_hourly"] == 30)
        #expect(calls?["shopee_shops"] == 1)
        #expect(truth["fewestCalls"] as? Int == calls?.values.reduce(0, +))
    }

    @Test("A window is cut to what reports still have")
    func window() {
        var probe = ShopeeSandboxProbe.calm()
        let truth = probe.control("truth", ["from": "2020-01-01", "to": "2030-01-01"]).json

        #expect(truth["from"] as? String == "2026-05-21")
        #expect(truth["to"] as? String == "2026-11-21")
        #expect(probe.control("truth", ["account": "5"]).status == 400)
        #expect(probe.control("truth", ["from": "2026-02-01", "to": "2026-01-01"]).status == 400)
    }

    @Test("The catalog knows the world by its platform")
    func catalog() {
        #expect(Catalog.worlds.contains { $0.platform == PlatformID("shopee") })
        let names = Catalog.worlds.map { $0.platform.rawValue }
        #expect(names == names.sorted())
    }

    @Test("A world survives its own JSON, changes by naming what differs, and refuses nonsense")
    func json() throws {
        let world = ShopeeWorld.small(seed: 8)

        #expect(try world.changed(by: Array("{}".utf8)) == world)
        #expect(try world.changed(by: Array("{\"printedApp\":1}".utf8)).credential[0].value == "1000002")
        #expect(try world.changed(by: Array("{\"limits\":{\"appRate\":9}}".utf8)).limits.appRate == 9)
        for text in ["[]", "{\"printedApp\":7}", "{\"shops\":[]}", "{\"limits\":{\"appRate\":\"x\"}}"] {
            #expect(throws: WorldError.self) { try world.changed(by: Array(text.utf8)) }
        }
    }

    @Test("Control calls count for nothing; a reset begins again, a new world changes all")
    func switches() {
        var probe = ShopeeSandboxProbe.calm()
        _ = probe.ads("get_total_balance")
        _ = probe.renew()
        let counted = probe.control("counters").json
        _ = probe.control("reset", post: [:] as [String: Any])
        probe = {
            var fresh = ShopeeSandboxProbe.calm(); fresh.sandbox = probe.sandbox; return fresh
        }()
        let again = probe.ads("get_total_balance").error
        _ = probe.control("world", post: ["printedApp": 1])

        #expect(counted["calls"] as? Int == 2)
        #expect(counted["refreshes"] as? Int == 1)
        #expect((counted["byEndpoint"] as? [String: Int])?["ads/get_total_balance"] == 1)
        #expect(again == "")
        #expect(probe.control("world").json["printedApp"] as? Int == 1)
        #expect(probe.control("nothing").status == 400)
        #expect(probe.control("nothing", post: [:] as [String: Any]).status == 400)
    }

    @Test("Drawn failures spare token calls and leave a shop readable")
    func drawn() {
        var kinds: Set<ShopeeWorld.Faults.Kind> = []
        for seed in 0..<40 as Range<UInt64> {
            let faults = ShopeeWorld.Faults.drawn(seed: seed)
            kinds.formUnion(faults.rules.map(\.kind))
            #expect(faults.rules.allSatisfy { $0.target == "/api/v2/ads/" && $0.share < 40 })
        }
        #expect(kinds == Set(ShopeeWorld.Faults.Kind.allCases))
    }

    @Test("A page of 100 campaigns and 30 days is whole, and nothing of it is kept")
    func page() {
        var probe = ShopeeSandboxProbe(.bench(campaigns: 100, days: 170))
        let ids = probe.campaignIDs()
        let rows = probe.daily(ids, from: 31, to: 2).metrics.count

        #expect(rows == 3000)
        #expect(probe.sandbox.shops[0].edits.isEmpty)
    }
}
