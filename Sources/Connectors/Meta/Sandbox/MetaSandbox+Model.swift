import SyncCore

extension MetaSandbox {
    /// What exists and when, laid out once from the world; it never changes. Amounts per day are not stored
    /// but computed (see `Account.cell`).
    final class Model: Sendable {
        let world: MetaWorld
        let accounts: [Account]
        /// Pages' own seeds.
        let pageSeeds: [UInt64]

        init(_ world: MetaWorld) {
            self.world = world
            accounts = world.accounts.indices.map { Account(world.accounts[$0], index: $0, of: world) }
            pageSeeds = (0..<world.pages.count).map { Mix.hash(world.seed, 900_000 + $0) }
        }
    }

    /// The life of a campaign, ad set or ad; seconds since 1970.
    struct Life: Sendable {
        var created: Int64
        /// Seconds between the edits that move `updated_time`.
        var editEvery: Int64
        /// When the object leaves its first status; `.max` when it does not.
        var retired = Int64.max
        var retirement = Status.paused

        func status(at now: Int64) -> Status { now >= retired ? retirement : .active }

        func edits(until now: Int64) -> Int64 {
            max(0, (min(now, retired) - created) / editEvery)
        }

        /// `updated_time` without writes of callers.
        func updated(at now: Int64) -> Int64 {
            let edited = created + edits(until: now) * editEvery
            return now >= retired ? max(edited, retired) : edited
        }
    }

    enum Status: String, Sendable {
        case active = "ACTIVE"
        case paused = "PAUSED"
        case archived = "ARCHIVED"
        case deleted = "DELETED"

        /// Listings leave these out unless they are asked for.
        var isUnlisted: Bool { self == .archived || self == .deleted }
    }

    struct Campaign: Sendable {
        var life: Life
        var seed: UInt64
        var adSets: Range<Int> = 0..<0
        var ads: Range<Int> = 0..<0
        /// Days between which its ads deliver.
        var first = Int32.max
        var last = Int32.min
    }

    struct AdSet: Sendable {
        var life: Life
        var seed: UInt64
        var campaign: Int
        var ads: Range<Int> = 0..<0
        var first = Int32.max
        var last = Int32.min
    }

    struct Ad: Sendable {
        var life: Life
        var seed: UInt64
        var adSet: Int
        var campaign: Int
        /// Days of delivery, both included.
        var first: Int32
        var last: Int32
        /// Impressions on a middling day.
        var base: Int64
        /// Clicks per million impressions.
        var clickRate: Int64
        /// Millionths of the currency for 1000 impressions.
        var price: Int64
        /// Purchases per million clicks.
        var purchaseRate: Int64
        /// Millionths of the currency for one purchase.
        var basket: Int64
    }

    /// Entities of an account, children of one parent side by side.
    struct Population: Sendable {
        var campaigns: [Campaign] = []
        var adSets: [AdSet] = []
        var ads: [Ad] = []
    }

    final class Account: Sendable {
        let index: Int
        let spec: MetaWorld.Account
        let zone: Zone
        let seed: UInt64
        /// Decimal places of the currency, and millionths in its smallest unit.
        let places: Int
        let minor: Int64
        let created: Int64
        let campaigns: [Campaign]
        let adSets: [AdSet]
        let ads: [Ad]
        let isFlat: Bool
        let trails: Bool

        /// Currencies whose amounts have no decimals (meta.md 2).
        static let wholeCurrencies: Set<String> = ["JPY", "KRW", "VND", "IDR", "CLP", "TWD", "HUF"]

        init(_ spec: MetaWorld.Account, index: Int, of world: MetaWorld) {
            guard let named = try? AccountZone.named(spec.zone) else {
                preconditionFailure("The world names a time zone that does not exist: check() finds it")
            }
            self.index = index
            self.spec = spec
            let anchor = Int64(world.anchor.daysSince1970) * 86_400
            zone = Zone(named, from: anchor - Int64(spec.days + 60) * 86_400, to: anchor + 500 * 86_400)
            seed = Mix.hash(world.seed, index)
            places = Account.wholeCurrencies.contains(spec.currency) ? 0 : 2
            minor = places == 0 ? 1_000_000 : 10_000
            isFlat = spec.shape == .flat
            trails = world.insights.trailingConversions && !isFlat
            created = zone.start(of: world.anchor.daysSince1970 - Int32(spec.days)) - 3 * 86_400
            let layout = Layout(
                spec: spec, seed: seed, anchor: world.anchor.daysSince1970, zone: zone, minor: minor)
            let population = layout.population()
            campaigns = population.campaigns
            adSets = population.adSets
            ads = population.ads
        }
    }
}

extension MetaSandbox.Model {
    /// Numbers of the kinds inside ids.
    enum Kind: Int64 {
        case campaign = 1
        case adSet, ad, creative
    }

    private static let base: Int64 = 120_200_000_000_000_000

    /// Ids are wider than 53 bits and say what they name: account, kind, index.
    static func id(_ kind: Kind, _ account: Int, _ index: Int) -> Int64 {
        base + (Int64(account) * 10 + kind.rawValue) * 1_000_000_000 + Int64(index) + 1
    }

    static func parse(_ id: Int64) -> (kind: Kind, account: Int, index: Int)? {
        guard id > base, id < base + 1_000_000_000_000_000 else { return nil }
        let part = (id - base) / 1_000_000_000
        let index = (id - base) % 1_000_000_000 - 1
        guard let kind = Kind(rawValue: part % 10), index >= 0 else { return nil }
        return (kind, Int(part / 10), Int(index))
    }

    static func pageID(_ page: Int) -> Int64 { 100_500_000_000_001 + Int64(page) }
    static func postID(_ post: Int) -> Int64 { 122_000_000_000_001 + Int64(post) }
}

extension MetaWorld {
    /// Throws the sentence of what makes no sense in this world.
    package func check() throws(WorldError) {
        for account in accounts {
            if (try? AccountZone.named(account.zone)) == nil {
                throw WorldError("The time zone \(account.zone) is unknown on this machine")
            }
            if account.id.isEmpty || !account.id.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
                throw WorldError("The account id \(account.id) has something else than digits")
            }
            if let business = account.business, !businesses.indices.contains(business) {
                throw WorldError("Account \(account.id) belongs to business \(business), which does not exist")
            }
            if account.campaigns < 1 || account.adSets < 1 || account.ads < 1 || account.days < 2 {
                throw WorldError("Account \(account.id) needs a campaign, an ad set, an ad and two days")
            }
        }
        if accounts.isEmpty { throw WorldError("The world has no account") }
        if auth.tokens.isEmpty { throw WorldError("The world has no token") }
    }
}
