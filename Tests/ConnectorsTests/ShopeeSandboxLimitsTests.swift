import ConnectorKit
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

@Suite("Shopee sandbox: limits")
struct ShopeeSandboxLimitsTests {
    private func burst(_ probe: inout ShopeeSandboxProbe, _ calls: Int) -> [String] {
        (0..<calls).map { _ in probe.ads("get_total_balance").error ?? "?" }
    }

    @Test("As it comes, an app has three calls a second, and three at once")
    func app() {
        var probe = ShopeeSandboxProbe.calm { $0.limits = ShopeeWorld.Limits() }
        let first = burst(&probe, 5)
        probe.wait(.milliseconds(333))
        let early = burst(&probe, 1)
        probe.wait(.milliseconds(1))
        let one = burst(&probe, 2)
        var paced: Set<String> = []
        for _ in 0..<30 {
            probe.wait(.milliseconds(334))
            paced.formUnion(burst(&probe, 1))
        }

        let code = "ads.rate_limit.exceed_partner_api"
        #expect(first == ["", "", "", code, code])
        #expect(early == [code])
        #expect(one == ["", code])
        #expect(paced == [""])
        #expect(probe.sandbox.counters.throttledByScope == ["app": 4])
        #expect(probe.sandbox.counters.mostAdmittedInAnySecond == 5)
        #expect(probe.sandbox.counters.admitted == 34)
    }

    @Test(
        "Each scope has its own code",
        arguments: [
            ("api", "ads.rate_limit.exceed_api"), ("app", "ads.rate_limit.exceed_partner_api"),
            ("shop", "ads.rate_limit.exceed_shop_api"),
        ])
    func scopes(scope: String, code: String) {
        var probe = ShopeeSandboxProbe.calm {
            switch scope {
            case "api": ($0.limits.apiRate, $0.limits.apiBurst) = (2, 2)
            case "app": ($0.limits.appRate, $0.limits.appBurst) = (2, 2)
            default: ($0.limits.shopRate, $0.limits.shopBurst) = (2, 2)
            }
        }

        #expect(burst(&probe, 3) == ["", "", code])
        #expect(probe.sandbox.counters.throttledByScope == [scope: 1])
    }

    @Test("Shops of one app share its bucket, and each has its own besides")
    func nested() {
        func codes(_ change: @escaping (inout ShopeeWorld.Limits) -> Void) -> [String] {
            var world = ShopeeWorld.bench(campaigns: 1, shops: 2)
            change(&world.limits)
            var probe = ShopeeSandboxProbe(world)
            return ["220011", "220012", "220011", "220012"].map { shop in
                probe.shop = shop
                return probe.ads("get_total_balance").error ?? "?"
            }
        }
        let app = "ads.rate_limit.exceed_partner_api"
        let shop = "ads.rate_limit.exceed_shop_api"

        #expect(codes { ($0.appRate, $0.appBurst) = (2, 2) } == ["", "", app, app])
        #expect(codes { ($0.shopRate, $0.shopBurst) = (1, 1) } == ["", "", shop, shop])
    }

    @Test("Calls of other modules are not limited; neither are refused signatures")
    func others() {
        var probe = ShopeeSandboxProbe.calm { ($0.limits.appRate, $0.limits.appBurst) = (1, 1) }
        for _ in 0..<5 {
            #expect(probe.send(.get, "shop/get_shop_info").error == "")
            #expect(probe.send(.get, "ads/get_total_balance", sign: "0").error == "error_sign")
        }
        #expect(burst(&probe, 1) == [""])
    }

    @Test("Retry-After is there or not, and a throttle may come without any JSON")
    func retryAfter() {
        var silent = ShopeeSandboxProbe.calm { $0.limits.appRate = 1 }
        var telling = ShopeeSandboxProbe.calm {
            $0.limits.appRate = 1
            $0.limits.retryAfter = 9
        }
        var bare = ShopeeSandboxProbe.calm {
            $0.limits.appRate = 1
            $0.limits.bare = 1000
        }
        func second(_ probe: inout ShopeeSandboxProbe) -> ShopeeSandboxProbe.Answer {
            _ = burst(&probe, 3)
            return probe.ads("get_total_balance")
        }

        let (one, two, three) = (second(&silent), second(&telling), second(&bare))
        #expect([one, two, three].map(\.status) == [429, 429, 429])
        #expect([one, two].map { $0.headers[.retryAfter] } == [nil, "9"])
        #expect(one.error?.hasPrefix("ads.rate_limit.") == true)
        #expect(three.body.isEmpty)
    }

    @Test("An app's hour can be used up: the long quota says 120 seconds")
    func hourly() {
        var probe = ShopeeSandboxProbe.calm { $0.limits.appPerHour = 4 }
        let codes = burst(&probe, 5)
        let refused = probe.ads("get_total_balance")
        probe.wait(.seconds(3600))

        #expect(codes == ["", "", "", "", "ads_rate_limit_total_api"])
        #expect(refused.headers[.retryAfter] == "120")
        #expect(burst(&probe, 1) == [""])
    }

    @Test("Sustained abuse locks the app until a person unlocks it")
    func lockOut() {
        var probe = ShopeeSandboxProbe.calm {
            $0.limits.appRate = 1
            $0.limits.lockAfter = 10
        }
        _ = burst(&probe, 13)
        probe.wait(.seconds(10_000))
        let locked = probe.ads("get_total_balance")
        let blocked = probe.control("blocked").json
        _ = probe.control("unlock", post: [:] as [String: Any])

        #expect(locked.error == "error_api_call_restricted")
        #expect(locked.status == 403)
        #expect(blocked["1000001"] as? Int == -1)
        #expect(probe.sandbox.counters.whileLocked > 0)
        #expect(burst(&probe, 1) == [""])
    }

    @Test("A lock-out can be one of time, and throttles far apart are no abuse")
    func timedLock() {
        var probe = ShopeeSandboxProbe.calm {
            $0.limits.appRate = 1
            $0.limits.appBurst = 1
            $0.limits.lockAfter = 5
            $0.limits.lockWindow = 60
            $0.limits.lockSeconds = 300
        }
        for _ in 0..<12 {
            _ = burst(&probe, 2)
            probe.wait(.seconds(30))
        }
        let patient = burst(&probe, 1)
        _ = burst(&probe, 9)
        probe.wait(.seconds(299))
        let locked = burst(&probe, 1)
        probe.wait(.seconds(2))

        #expect(patient == [""])
        #expect(locked == ["error_api_call_restricted"])
        #expect(burst(&probe, 1) == [""])
    }

    @Test("Changes of one campaign can have a limit of their own")
    func campaignLevel() {
        var probe = ShopeeSandboxProbe.calm { $0.limits.campaignWritesPerHour = 2 }
        let codes = ["pause", "resume", "pause"].map {
            probe.write("edit_gms_product_campaign", ["edit_action": $0]).error
        }

        #expect(codes == ["", "", "ads.rate_limit.campaign_level"])
    }

    @Test("Most calls within any second are counted over a sliding second")
    func mostInASecond() {
        var probe = ShopeeSandboxProbe.calm()
        _ = burst(&probe, 2)
        probe.wait(.milliseconds(600))
        _ = burst(&probe, 3)
        probe.wait(.milliseconds(600))
        _ = burst(&probe, 1)

        #expect(probe.sandbox.counters.mostInAnySecond == 5)
    }
}
