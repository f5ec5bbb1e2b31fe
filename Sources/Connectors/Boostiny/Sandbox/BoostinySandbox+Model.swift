import SyncCore

extension BoostinySandbox {
    struct Campaign: Sendable {
        let id: Int64
        let seed: UInt64
        let name: String
        /// The name before `renamedOn`, where it had another one.
        let formerName: String
        let renamedOn: Int32
        let currency: String
        /// Thousandths of the campaign's currency in a dollar.
        let rate: Int64
        /// Tenths of a percent of the sales that the publisher earns.
        let payout: Int64
        let first: Int32
        let isActive: Bool
        let countries: [String]
        let coupons: [Coupon]

        func name(on day: Int32) -> String { day < renamedOn ? formerName : name }
    }

    struct Coupon: Sendable {
        let id: Int64
        let seed: UInt64
        let code: String
        /// Performance rows come without the code.
        let isCodeless: Bool
        /// Days on which it may sell.
        let first: Int32
        let last: Int32
        /// Days after which a day of it is reported.
        let delay: Int32
        /// Thousandths of orders on an average day.
        let base: Int64
        /// Cents of an average order, and thousandths of orders that are cancelled in the end.
        let basket: Int64
        let cancelRate: Int64
    }

    /// All programmes of a world; made once, as nothing of them changes.
    static func campaigns(of world: BoostinyWorld) -> [Campaign] {
        var campaigns: [Campaign] = []
        for index in 0..<world.campaigns {
            campaigns.append(campaign(index, previous: campaigns.last, world))
        }
        return campaigns
    }

    private static func campaign(_ index: Int, previous: Campaign?, _ world: BoostinyWorld) -> Campaign {
        let seed = Mix.hash(Mix.hash(world.seed, 0xB0057), index)
        func pick(_ salt: Int, _ bound: Int) -> Int { Mix.below(bound, Mix.hash(seed, 0xC0 + salt)) }
        func strikes(_ salt: Int, _ share: Int) -> Bool { Mix.strikes(share, Mix.hash(seed, 0xC0 + salt)) }
        let knobs = world.performance
        let anchor = world.anchor.daysSince1970
        let isFlat = world.shape == .flat
        let oldest = anchor - Int32(world.days)
        let first = isFlat || index == 0 ? oldest : oldest + Int32(pick(1, max(1, world.days * 2 / 3)))
        let own = "\(["Shop", "Store", "Mode", "Beauty", "Reise"][pick(2, 5)]) \(index + 1)"
        let name = strikes(3, knobs.sameNames) ? previous?.name ?? own : own
        let isRenamed = strikes(4, knobs.renamed)
        let money: [(String, Int64)] = [("SAR", 3750), ("AED", 3672), ("USD", 1000), ("EGP", 48_500)]
        let (currency, rate) = money[pick(5, 4)]
        let countries = Array(["SA", "AE", "KW", "EG", "QA"].dropFirst(pick(6, 4)).prefix(1 + pick(7, 3)))
        let coupons = (0..<(isFlat ? 1 : 1 + pick(8, 3))).map { place in
            coupon(place, campaign: index, seed: seed, first: first, world)
        }
        return Campaign(
            id: 61 + Int64(index), seed: seed, name: name, formerName: isRenamed ? "Old \(name)" : name,
            renamedOn: isRenamed ? anchor - Int32(1 + pick(9, 60)) : .min, currency: currency, rate: rate,
            payout: Int64(20 + pick(10, 100)), first: first, isActive: isFlat || pick(11, 6) > 0,
            countries: countries, coupons: coupons)
    }

    private static func coupon(
        _ place: Int, campaign: Int, seed: UInt64, first: Int32, _ world: BoostinyWorld
    ) -> Coupon {
        let own = Mix.hash(seed, 0xC09 + place)
        func pick(_ salt: Int, _ bound: Int) -> Int { Mix.below(bound, Mix.hash(own, salt)) }
        let knobs = world.performance
        let anchor = world.anchor.daysSince1970
        let isFlat = world.shape == .flat
        // Later coupons begin later, the last ones after the anchor.
        let start = place == 0 ? first : first + Int32(pick(1, max(1, Int(anchor - first) + 20)))
        let isLate = Mix.strikes(knobs.lateCodes, Mix.hash(own, 2))
        return Coupon(
            id: 9_901 + Int64(campaign) * 10 + Int64(place), seed: own,
            code: "\(["SAVE", "DEAL", "VIP", "NEW"][pick(3, 4)])\(campaign * 10 + place + 10)",
            isCodeless: place == 0 && Mix.strikes(knobs.missingCodes, Mix.hash(own, 4)), first: start,
            last: isFlat ? anchor - 1 : pick(5, 4) == 0 ? start + 20 + Int32(pick(6, 200)) : .max,
            delay: isLate ? 2 + Int32(pick(7, 5)) : 0, base: Int64(isFlat ? 4_000 : 200 + pick(8, 6_000)),
            basket: Int64(2_000 + pick(9, 12_000)), cancelRate: Int64(60 + pick(10, 300)))
    }
}
