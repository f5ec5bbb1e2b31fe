package import ConnectorKit
package import SyncCore

extension ShopeeWorld: SandboxWorld {
    package static var platform: PlatformID { PlatformID("shopee") }
    package static let names = ["demo", "small", "bench"]

    package static func named(_ name: String, seed: UInt64, sizes: [String: Int], today: CivilDate) -> ShopeeWorld? {
        switch name {
        case "demo": demo(seed: seed, today: today)
        case "small": small(seed: seed, today: today)
        case "bench":
            bench(
                campaigns: sizes["campaigns"] ?? 335, shops: sizes["shops"] ?? 1, days: sizes["days"] ?? 30,
                latency: sizes["latency"] ?? 0, rate: sizes["rate"] ?? 0, today: today)
        default: nil
        }
    }

    package func sandbox() -> any Sandbox { ShopeeSandbox(self) }

    package var credential: [(field: String, value: String)] {
        let app = apps[printedApp]
        return [
            ("partner_id", String(app.id)), ("partner_key", app.key),
            ("access_token", firstToken(.access, app: printedApp, shop: shops[0].id)),
            ("refresh_token", firstToken(.refresh, app: printedApp, shop: shops[0].id)),
        ]
    }

    package var account: String { String(shops[0].id) }

    package enum TokenKind: UInt64 { case access = 0xACCE, refresh = 0x4EF4 }

    /// The token that an app has for a shop before any refresh.
    package func firstToken(_ kind: TokenKind, app: Int, shop: Int64) -> String {
        let owner = auth.mainAccount ?? shop
        let word = Mix.hash(Mix.hash(seed, kind.rawValue), UInt64(bitPattern: owner &* 31 &+ Int64(app)))
        return ShopeeSandbox.token(word)
    }
}

extension ShopeeWorld {
    /// What `sluice demo` syncs: a Vietnamese group of three shops under one main account, the two big ones as large
    /// as those that used to time out (platforms.md 1.15).
    ///
    /// The anchor is the first day of `today`'s month, so that two starts in one month show one world.
    package static func demo(seed: UInt64 = 7, today: CivilDate = ShopeeWorld.usualDay) -> ShopeeWorld {
        let (year, month, _) = today.parts
        let anchor = CivilDate(year: year, month: month, day: 1) ?? today
        var big = Shop(id: 220_011, name: "Tiệm Mẫu", region: "VN", campaigns: 335, days: 730)
        big.newEvery = 3
        big.merchantID = 330_022
        var bigger = Shop(id: 220_012, name: "Tiệm Mẫu Outlet", region: "VN", campaigns: 917, days: 730)
        bigger.firstCampaign = 2_000_001
        bigger.newEvery = 2
        bigger.merchantID = 330_022
        var little = Shop(id: 220_013, name: "Góc Nhỏ", region: "VN", campaigns: 14, days: 730)
        little.firstCampaign = 5_000_001
        little.hasGMS = false
        var world = ShopeeWorld(seed: seed, anchor: anchor, shops: [big, bigger, little])
        world.auth.mainAccount = 440_033
        world.latency.base = 60_000
        world.latency.jitter = 60_000
        world.latency.row = 20
        return world
    }

    /// A world for simulations: a whole sync of it costs a few milliseconds, yet everything odd occurs. `today` is the
    /// anchor; regions, sizes and variants follow from the seed.
    package static func small(seed: UInt64, today: CivilDate = ShopeeWorld.usualDay) -> ShopeeWorld {
        func pick(_ salt: Int, _ bound: Int) -> Int { Mix.below(bound, Mix.hash(Mix.hash(seed, salt), 0x5409)) }
        func one<T>(_ salt: Int, _ cases: [T]) -> T { cases[pick(salt, cases.count)] }
        let regions = ["VN", "SG", "BR"]
        let turn = pick(1, 3)
        let shops = (0..<3).map { index in
            var shop = Shop(
                id: 220_011 + Int64(index), name: "Small “\(seed % 1000)/\(index)”",
                region: regions[(turn + index) % 3], campaigns: index == 0 ? 14 + pick(2, 20) : 1 + pick(3 + index, 6),
                days: 90 + pick(6, 200))
            // Ids above 2^53, which no double holds.
            shop.firstCampaign = 9_007_199_254_740_993 + Int64(index) * 1_000_000_000
            shop.hasGMS = pick(7 + index, 3) > 0
            shop.newEvery = 2 + pick(10, 4)
            return shop
        }
        var world = ShopeeWorld(seed: seed, anchor: today, shops: shops)
        world.auth.mainAccount = 440_033
        world.envelope.success = one(11, Envelope.Success.allCases)
        world.envelope.hasWarning = pick(12, 2) == 0
        world.envelope.performance = one(13, Envelope.Shape.allCases)
        world.envelope.writes = one(14, Envelope.Shape.allCases)
        if pick(15, 2) == 0 { world.envelope.statuses = ["*": 200] }
        world.reading.order = one(16, [.fixed, .perListing])
        world.reading.mostLimit = one(17, [7, 20, 5000])
        world.reading.repeats = pick(18, 2) * 300
        world.reading.groups = one(19, Reading.Groups.allCases)
        world.performance.refusesSameDay = pick(20, 2) == 0
        world.performance.hasItemSold = pick(21, 2) == 0
        world.performance.emptyCampaigns = one(22, Performance.Empty.allCases)
        world.limits.appRate = 50
        world.limits.appBurst = 50
        world.limits.bare = pick(23, 2) * 200
        world.limits.retryAfter = Int64(pick(24, 2) * 2)
        world.latency.base = 15_000
        world.latency.jitter = 60_000
        return world
    }

    /// A flat world for benchmarks: `shops` shops from 220011 on, each with `campaigns x days` campaign days, all
    /// before `today`. `latency` is milliseconds per call, `rate` calls per second and app, 0 without a limit.
    package static func bench(
        campaigns: Int, shops: Int = 1, days: Int = 30, latency: Int = 0, rate: Int = 0,
        today: CivilDate = ShopeeWorld.usualDay
    ) -> ShopeeWorld {
        let flat = (0..<max(1, shops)).map { index in
            var shop = Shop(
                id: 220_011 + Int64(index), name: "Bench", region: "VN", campaigns: max(1, campaigns),
                days: max(1, days))
            shop.firstCampaign = 1_000_000_001 + Int64(index) * 100_000_000
            shop.shape = .flat
            return shop
        }
        var world = ShopeeWorld(seed: 7, anchor: today, shops: flat)
        world.auth.mainAccount = 440_033
        world.latency.base = Int64(latency) * 1000
        world.limits.appRate = rate
        world.limits.appBurst = rate
        world.limits.lockAfter = 0
        return world
    }
}
