package import ConnectorKit
package import SyncCore

extension BoostinyWorld: SandboxWorld {
    package static var platform: PlatformID { PlatformID("boostiny") }
    package static let names = ["demo", "small", "bench"]

    package static func named(
        _ name: String, seed: UInt64, sizes: [String: Int], today: CivilDate
    ) -> BoostinyWorld? {
        switch name {
        case "demo": demo(seed: seed, today: today)
        case "small": small(seed: seed, today: today)
        case "bench": bench(campaigns: sizes["campaigns"] ?? 100, days: sizes["days"] ?? 60, today: today)
        default: nil
        }
    }

    package func sandbox() -> any Sandbox { BoostinySandbox(self) }
    package var credential: [(field: String, value: String)] { [("key", key)] }
    /// The network has one account per key.
    package var account: String { "me" }
}

extension BoostinyWorld {
    /// What `sluice demo` syncs: 24 programmes of a year and a half, rows per day, a thousand on a page, the usual
    /// burst detector.
    ///
    /// The anchor is the first day of `today`'s month, so that two starts in one month show one world.
    package static func demo(seed: UInt64 = 7, today: CivilDate = BoostinyWorld.usualDay) -> BoostinyWorld {
        let (year, month, _) = today.parts
        let anchor = CivilDate(year: year, month: month, day: 1) ?? today
        var world = BoostinyWorld(seed: seed, anchor: anchor, campaigns: 24, days: 540)
        world.reading.mostPerPage = 1000
        world.performance.hasDate = true
        world.performance.hasCountry = true
        world.performance.lateCodes = 100
        world.performance.corrected = 60
        world.latency.base = 120_000
        world.latency.jitter = 80_000
        return world
    }

    /// A world for simulations in which everything odd occurs; what rows look like follows from the seed. `today` is
    /// the anchor.
    package static func small(seed: UInt64, today: CivilDate = BoostinyWorld.usualDay) -> BoostinyWorld {
        func pick(_ salt: Int, _ bound: Int) -> Int { Mix.below(bound, Mix.hash(Mix.hash(seed, salt), 0xB057)) }
        var world = BoostinyWorld(seed: seed, anchor: today, campaigns: 5 + pick(1, 5), days: 60 + pick(2, 60))
        world.reading.mostPerPage = [4, 20, 100][pick(3, 3)]
        world.reading.couponKey = pick(4, 2) == 0 ? "coupon" : "code"
        world.performance.hasDate = pick(5, 2) == 0
        world.performance.hasCountry = pick(6, 2) == 0
        world.performance.hasSummaryRows = pick(7, 2) == 0
        world.performance.missingCodes = 150
        world.performance.missingCountries = 200
        world.performance.sameNames = 200
        world.performance.renamed = 250
        world.performance.lateCodes = 250
        world.performance.corrected = 200
        world.latency.base = 15_000
        world.latency.jitter = 60_000
        return world
    }

    /// A flat world for benchmarks: `campaigns x days` rows per campaign, code and day, all before `today`, rows with
    /// a date, no burst detector and no latency.
    package static func bench(
        campaigns: Int, days: Int, today: CivilDate = BoostinyWorld.usualDay
    ) -> BoostinyWorld {
        var world = BoostinyWorld(seed: 7, anchor: today, campaigns: max(1, campaigns), days: max(1, days))
        world.shape = .flat
        world.reading.mostPerPage = 1000
        world.performance.hasDate = true
        world.limits.mostInFlight = 0
        world.limits.perMinute = 0
        return world
    }
}
