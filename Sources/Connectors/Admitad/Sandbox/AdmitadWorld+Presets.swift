package import ConnectorKit
package import SyncCore

extension AdmitadWorld: SandboxWorld {
    package static var platform: PlatformID { PlatformID("admitad") }
    package static let names = ["demo", "small", "bench"]

    package static func named(
        _ name: String, seed: UInt64, sizes: [String: Int], today: CivilDate
    ) -> AdmitadWorld? {
        switch name {
        case "demo": demo(seed: seed, today: today)
        case "small": small(seed: seed, today: today)
        case "bench": bench(sizes: sizes, today: today)
        default: nil
        }
    }

    package func sandbox() -> any Sandbox { AdmitadSandbox(self) }
    package var credential: [(field: String, value: String)] {
        [("client_id", auth.clientID), ("client_secret", auth.clientSecret)]
    }
    package var account: String { "me" }

    /// Throws a sentence for numbers that make no world.
    package func check() throws {
        guard actions.days >= 0, actions.perDay >= 0, programs.count > 0, programs.websites > 0 else {
            throw WorldError("A world needs a programme and a website, and counts are not negative")
        }
        guard actions.shownAfter <= actions.shownBefore, !programs.currencies.isEmpty else {
            throw WorldError("shownAfter must not exceed shownBefore, and there must be a currency")
        }
        guard reading.mostLimit > 0, reading.defaultLimit > 0, auth.mostTokens > 0 else {
            throw WorldError("Limits of pages and tokens must be positive")
        }
    }
}

extension AdmitadWorld {
    /// What people are shown: two years of about 60 conversions a day in 40 programmes, with coupons. The anchor is
    /// the first day of `today`'s month, so that two starts in one month show one world.
    package static func demo(seed: UInt64 = 7, today: CivilDate) -> AdmitadWorld {
        let (year, month, _) = today.parts
        var world = AdmitadWorld(seed: seed, anchor: CivilDate(year: year, month: month, day: 1) ?? today)
        world.actions.days = 730
        world.actions.perDay = 60
        world.programs.count = 40
        world.programs.coupons = 160
        world.programs.websites = 3
        world.latency = SandboxLatency(base: 60_000, jitter: 40_000)
        return world
    }

    /// A whole sync of it costs milliseconds, yet every kind of thing occurs; numbers and knobs follow from the seed.
    package static func small(seed: UInt64, today: CivilDate) -> AdmitadWorld {
        func pick(_ salt: Int, _ bound: Int) -> Int { Mix.below(bound, Mix.hash(Mix.hash(seed, salt), 0xAD31)) }
        var world = AdmitadWorld(seed: seed, anchor: today)
        world.actions.days = 60 + pick(1, 120)
        world.actions.perDay = 2 + pick(2, 4)
        world.actions.utcOffset = pick(3, 2) == 0 ? 0 : 3 * 3600
        world.actions.oddStatuses = pick(4, 3) == 0 ? 100 : 0
        world.actions.late = 20 + pick(5, 40)
        world.programs.count = 4 + pick(6, 5)
        world.programs.coupons = 10 + pick(7, 30)
        world.reading.insertsAfterPages = pick(8, 3) == 0 ? 2 : 0
        world.reading.surpriseField = pick(9, 4) == 0 ? "sandbox_new_field" : nil
        world.latency = SandboxLatency(base: 15_000, jitter: 120_000)
        return world
    }

    /// `actions` conversions on each of the `days` days before `today`, which stand still. `latency` is in
    /// milliseconds, `rate` in calls per minute.
    package static func bench(sizes: [String: Int], today: CivilDate) -> AdmitadWorld {
        var world = AdmitadWorld(seed: 7, anchor: today)
        world.actions.days = sizes["days"] ?? 365
        world.actions.perDay = sizes["actions"] ?? 200
        world.actions.isSteady = true
        world.actions.isLive = false
        world.programs.count = 20
        world.programs.coupons = 50
        world.reading.callsPerMinute = sizes["rate"] ?? 600
        world.latency = SandboxLatency(base: Int64(sizes["latency"] ?? 0) * 1000)
        return world
    }
}
