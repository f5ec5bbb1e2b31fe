import SyncCore

extension ShopeeSandbox {
    /// What never changes about a campaign. What people and calls change is in `Edits`.
    struct Campaign: Sendable {
        var id: Int64
        var seed: UInt64
        /// The list has it from this day on.
        var created: Int32
        /// Days on which it may deliver; `last` is far away while it runs openly.
        var first: Int32
        var last: Int32
        /// What it is after `last`.
        var fate = Fate.ongoing
        var isAuto = false
        var name: String
        /// Impressions of an average day.
        var base: Int64
        /// Clicks in a million impressions, and orders in a million clicks.
        var clickRate: Int64
        var orderRate: Int64
        /// Smallest units of the currency for a click and for a unit sold.
        var clickPrice: Int64
        var unitPrice: Int64
        /// Daily budget in smallest units; 0 is unlimited.
        var budget: Int64
        var bidding: String
        var placement: String
        var items: [Int64]
        /// Tenths; nil without a target.
        var roasTenths: Int64?

        enum Fate: String, Sendable { case ongoing, paused, ended, deleted, closed }
    }

    /// A shop with all that it advertises.
    struct ShopModel: Sendable {
        let index: Int
        let facts: ShopeeWorld.Shop
        let region: Region
        var campaigns: [Campaign]
        /// GMV Max campaigns; at most one of them is active.
        var gms: [Campaign] = []
        /// By campaign id.
        var edits: [Int64: Edits] = [:]
        /// Reference ids that have succeeded.
        var references: Set<String> = []
        /// Campaigns that have come after the anchor without a call.
        private var grown = 0
        let anchor: Int32
        let seed: UInt64
        let isFlat: Bool

        static let idStep: Int64 = 7

        init(_ world: ShopeeWorld, _ index: Int, _ region: Region) {
            let facts = world.shops[index]
            self.index = index
            self.facts = facts
            self.region = region
            anchor = world.anchor.daysSince1970
            seed = Mix.hash(Mix.hash(world.seed, 0x5409EE), UInt64(bitPattern: facts.id))
            isFlat = facts.shape == .flat
            campaigns = []
            campaigns = (0..<facts.campaigns).map { made($0) }
            if facts.hasGMS { gms = [madeGMS()] }
        }

        /// Campaigns that come after the anchor, as far as the clock has come.
        mutating func grow(to today: Int32) {
            guard facts.newEvery > 0, !isFlat else { return }
            while anchor + Int32((grown + 1) * facts.newEvery) <= today {
                grown += 1
                campaigns.append(made(campaigns.count, created: anchor + Int32(grown * facts.newEvery)))
            }
        }

        func id(_ index: Int) -> Int64 { facts.firstCampaign + Int64(index) * Self.idStep }

        func index(of id: Int64) -> Int? {
            let distance = id - facts.firstCampaign
            guard distance >= 0, distance % Self.idStep == 0 else { return nil }
            let index = Int(distance / Self.idStep)
            return index < campaigns.count ? index : nil
        }

        func made(_ index: Int, created: Int32? = nil) -> Campaign {
            let seed = Mix.hash(self.seed, index)
            func pick(_ salt: Int, _ bound: Int) -> Int { Mix.below(bound, Mix.hash(seed, 0xC0 + salt)) }
            let oldest = anchor - Int32(facts.days)
            var first = created ?? oldest + Int32(pick(1, facts.days))
            var last = first + 4 + Int32(pick(2, pick(3, 3) == 0 ? 300 : 60))
            var fate: Campaign.Fate = [.ended, .ended, .paused, .paused, .deleted, .closed][pick(4, 6)]
            if pick(5, 8) == 0 { (last, fate) = (.max, .ongoing) }
            if created != nil, pick(6, 3) == 0 { first += 2 }
            if isFlat { (first, last, fate) = (oldest, anchor - 1, .paused) }
            let isAuto = pick(7, 5) == 0
            let price = region.clickPrice * Int64(60 + pick(8, 120)) / 100
            let bidding = isAuto || pick(9, 2) == 0 ? "auto" : "manual"
            let budget = pick(10, 6) == 0 ? 0 : region.leastBudget * Int64(1 + pick(11, 12))
            return Campaign(
                id: id(index), seed: seed, created: created ?? first, first: first, last: last, fate: fate,
                isAuto: isAuto, name: Self.name(index, pick(12, 8), pick(13, 6)),
                base: Int64(isFlat ? 900 : 40) + Int64(pick(14, 1 + pick(15, 2600))),
                clickRate: Int64(8_000 + pick(16, 45_000)), orderRate: Int64(12_000 + pick(17, 70_000)),
                clickPrice: max(1, price), unitPrice: max(region.units, price * Int64(60 + pick(18, 400))),
                budget: budget, bidding: bidding, placement: ["all", "search", "discovery"][pick(19, 3)],
                items: (0..<(isAuto ? pick(20, 4) : 1)).map { 77_001 + Int64(index) * 5 + Int64($0) },
                roasTenths: bidding == "auto" && pick(21, 2) == 0 ? Int64(20 + pick(22, 90)) : nil)
        }

        func madeGMS() -> Campaign {
            let seed = Mix.hash(self.seed, 0x6153 + gms.count)
            var gms = made(facts.campaigns + 1_000_000)
            gms.id = facts.firstCampaign - 3 - Int64(self.gms.count) * Self.idStep
            gms.seed = seed
            gms.created = anchor - Int32(facts.days)
            gms.first = gms.created
            (gms.last, gms.fate) = isFlat ? (anchor - 1, .paused) : (.max, .ongoing)
            gms.name = "GMV Max"
            gms.base = 4_000 + Int64(Mix.below(4_000, Mix.hash(seed, 1)))
            gms.items = (0..<40).map { 70_001 + Int64($0) }
            gms.budget = region.leastBudget * 20
            gms.roasTenths = 65
            return gms
        }

        private static func name(_ index: Int, _ noun: Int, _ kind: Int) -> String {
            let nouns = [
                "Áo gió", "Váy hoa", "Giày thể thao", "Túi đeo chéo", "Son lì \"đỏ\"", "Nồi chiên", "Sữa rửa mặt",
                "Đèn ngủ 🌙",
            ]
            let kinds = ["", " nam", " nữ", " cao cấp", " giảm 50%", " / combo 2"]
            return "\(nouns[noun])\(kinds[kind]) \(index + 1)"
        }
    }

    /// What people and calls have changed about a campaign.
    struct Edits: Sendable {
        var budget: Int64?
        var roasTenths: Int64??
        var enhancedCPC: Bool?
        var smartCreative: String?
        /// What a call made of it; nil leaves what the calendar says.
        var status: String?
        /// Days of the schedule; `end` 0 is open.
        var start: Int32?
        var end: Int32?
        /// Hours from which it delivers, or not, whatever its days say.
        var switches: [(hour: Int64, isOn: Bool)] = []
        var keywords: [Keyword]?
        var locations: [(location: String, bid: Int64)]?
        var removedItems: [Int64] = []

        struct Keyword: Sendable {
            var keyword: String
            var status = "normal"
            var match = "broad"
            /// Smallest units.
            var bid: Int64

            /// Words that nobody may add.
            static let reserved = "shopee mall"
            static let blacklisted = "hàng giả"
        }
    }
}
