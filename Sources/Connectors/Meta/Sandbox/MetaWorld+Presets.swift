package import ConnectorKit
package import SyncCore

extension MetaWorld: SandboxWorld {
    package static var platform: PlatformID { MetaConnector.id }
    package static let names = ["demo", "small", "bench"]

    package static func named(_ name: String, seed: UInt64, sizes: [String: Int], today: CivilDate) -> MetaWorld? {
        switch name {
        case "demo": demo(seed: seed, today: today)
        case "small": small(seed: seed, today: today)
        case "bench":
            bench(
                ads: sizes["ads"] ?? 1000, days: sizes["days"] ?? 100, accounts: sizes["accounts"] ?? 1, today: today)
        default: nil
        }
    }

    package func sandbox() -> any Sandbox { MetaSandbox(self) }
    package var credential: [(field: String, value: String)] { [("token", token), ("app_secret", appSecret)] }
    package var account: String { "act_\(mainAccountID)" }
}

extension MetaWorld {
    package var token: String { auth.tokens.first?.value ?? "" }
    package var appSecret: String { auth.appSecret }
    /// The account that presets are about, without `act_`.
    package var mainAccountID: String { accounts.first?.id ?? "" }

    /// What `sluice demo` syncs: a business with one big account of two years and three small ones, five
    /// pages with posts. Reports answer in 40 to 90 ms and the quota is that of the full tier.
    ///
    /// The anchor is the first day of `today`'s month, so that two starts in one month show one world.
    package static func demo(seed: UInt64 = 7, today: CivilDate = MetaWorld.usualDay) -> MetaWorld {
        let (year, month, _) = today.parts
        let anchor = CivilDate(year: year, month: month, day: 1) ?? today
        var main = Account(
            id: "1000001", name: "FolkForm Việt Nam", currency: "VND", zone: "Asia/Ho_Chi_Minh", business: 0,
            campaigns: 351, adSets: 700, ads: 1000, days: 730)
        main.skew = 150
        main.gatedFields = ["funding_source_details"]
        var overseas = Account(
            id: "1000002", name: "FolkForm US", currency: "USD", zone: "America/New_York", business: 0,
            campaigns: 9, adSets: 14, ads: 22, days: 240)
        overseas.relation = .both
        var client = Account(
            id: "1000003", name: "Khách: Áo dài Lụa", currency: "EUR", zone: "Europe/Berlin", business: 0,
            campaigns: 6, adSets: 9, ads: 15, days: 150)
        client.relation = .client
        var own = Account(
            id: "1000004", name: "Tài khoản cá nhân", currency: "VND", zone: "Asia/Ho_Chi_Minh", business: nil,
            campaigns: 3, adSets: 4, ads: 5, days: 90)
        own.relation = .personal
        own.status = 2
        var pages = Pages()
        pages.count = 5
        pages.postsEach = 180
        pages.visitorPosts = 12
        var world = MetaWorld(
            seed: seed, anchor: anchor, businesses: [Business(id: "200100000000001", name: "FolkForm")],
            accounts: [main, overseas, client, own], pages: pages)
        world.size.syncSeconds = 5
        world.size.rowMicroseconds = 700
        world.latency.base = 40_000
        world.latency.jitter = 30_000
        world.latency.row = 40
        return world
    }

    /// A world for simulations: a whole sync of it costs a few milliseconds, yet it holds every kind of
    /// thing. Numbers, zones and knobs follow from the seed. `today` is the anchor.
    package static func small(seed: UInt64, today: CivilDate = MetaWorld.usualDay) -> MetaWorld {
        func pick(_ salt: Int, _ bound: Int) -> Int {
            Mix.below(bound, Mix.hash(Mix.hash(seed, salt), 0xA11))
        }
        let zones = ["Asia/Ho_Chi_Minh", "America/New_York", "Europe/Berlin", "Pacific/Auckland", "UTC"]
        let currencies = ["VND", "USD", "EUR", "JPY"]
        var main = Account(
            id: "1000001", name: "Small \(seed % 1000)", currency: currencies[pick(1, 4)], zone: zones[pick(2, 5)],
            business: 0, campaigns: 3 + pick(3, 4), adSets: 7 + pick(4, 3), ads: 10 + pick(5, 5),
            days: 120 + pick(6, 280))
        main.longestLife = 14 + pick(7, 16)
        main.archived = 200
        main.deleted = 100
        main.isLively = true
        main.skew = 100 + pick(8, 500)
        if pick(9, 3) == 0 { main.gatedFields = ["funding_source_details"] }
        var second = Account(
            id: "1000002", name: "Second", currency: "USD", zone: "America/New_York", business: 0, campaigns: 1,
            adSets: 2, ads: 2, days: 60)
        second.relation = .client
        second.longestLife = 12
        var pages = Pages()
        pages.count = 1 + pick(10, 2)
        pages.postsEach = 6 + pick(11, 20)
        var world = MetaWorld(
            seed: seed, anchor: today, businesses: [Business(id: "200100000000001", name: "Small")],
            accounts: [main, second], pages: pages)
        world.reading.shortPages = pick(12, 2) * 60
        world.reading.emptyPages = pick(13, 2) * 30
        world.insights.shortPages = pick(14, 2) * 60
        world.insights.emptyPages = pick(15, 2) * 30
        world.latency.base = 15_000
        world.latency.jitter = 120_000
        return world
    }

    /// A flat world for benchmarks: `accounts` from 1000001 on, each with `ads x days` rows at the level of ads, no
    /// limits and no latency. All rows lie on the days before `today`, so that they stand still.
    package static func bench(
        ads: Int, days: Int, accounts: Int = 1, today: CivilDate = MetaWorld.usualDay
    ) -> MetaWorld {
        let adSets = max(1, ads / 2)
        let flat = (1...max(1, accounts)).map { number in
            var account = Account(
                id: String(1_000_000 + number), name: "Bench", currency: "VND", zone: "Asia/Ho_Chi_Minh", business: 0,
                campaigns: max(1, adSets / 2), adSets: adSets, ads: max(1, ads), days: max(2, days))
            account.shape = .flat
            account.archived = 0
            account.deleted = 0
            account.skew = 0
            return account
        }
        var world = MetaWorld(
            seed: 7, anchor: today, businesses: [Business(id: "200100000000001", name: "Bench")], accounts: flat)
        world.limits.isOn = false
        world.insights.trailingConversions = false
        world.size.syncRows = 100_000_000
        world.size.asyncRows = 100_000_000
        world.size.pageRows = 100_000_000
        world.size.rowMicroseconds = 0
        world.insights.mostLimit = 10_000
        return world
    }

    /// The same world with a fault plan drawn from a seed, asynchronous runs that fail in every way now and
    /// then, and a poisoned ad-day with one field. Nothing is lost for good unless `permanent`.
    package func withFaults(seed: UInt64, permanent: Bool = false) -> MetaWorld {
        var world = self
        func pick(_ salt: Int, _ bound: Int) -> Int {
            Mix.below(bound, Mix.hash(Mix.hash(seed, salt), 0xFA17))
        }
        world.faults = .drawn(seed: seed, permanent: permanent)
        world.runs.fails = pick(1, 3) * 40
        world.runs.skips = pick(2, 3) * 20
        world.runs.stuckAtZero = pick(3, 3) * 15
        world.runs.stuckAt99 = pick(4, 3) * 10
        world.runs.notFoundAfterSubmit = pick(5, 2) * 200
        world.runs.unreadableResults = pick(6, 3) * 60
        world.runs.cannotInclude = pick(7, 3) * 60
        world.batch.nulls = pick(8, 3) * 40
        if pick(9, 4) == 0 { world.size.syncRows = 60 + pick(10, 200) }
        if pick(11, 4) == 0 { world.size.asyncRows = 150 + pick(12, 400) }
        if pick(13, 4) == 0 { world.limits.score = 40 + Int64(pick(14, 100)) }
        if pick(15, 4) == 0 { world.reading.oddDatetimes = 100 }
        if pick(16, 5) == 0 { world.reading.surpriseField = "sandbox_new_field" }
        if pick(17, 4) == 0 { world.accounts[0].brokenCreatives = 150 }
        if pick(18, 5) == 0 {
            let day = anchor.adding(days: -1 - pick(19, 60))
            world.size.poisons = [
                Size.Poison(account: 0, ad: pick(20, accounts[0].ads), day: day, field: "action_values")
            ]
        }
        return world
    }
}
