import SyncCore

extension AdmitadSandbox {
    /// Programmes, coupons and websites: they do not change (platforms.md 4.6).
    struct ProgramCatalog: Sendable {
        struct Program: Sendable {
            let id: Int
            let name: String
            let currency: String
            /// Days until a conversion is settled.
            let hold: Int
            /// Share of an order's sum that is the reward, in thousandths.
            let rate: Int
            let hasLeads: Bool
            let leadPayment: Int64
            /// Rewards have four decimals.
            let isFine: Bool
            let connection: String
            let chance: UInt64
        }

        struct Coupon: Sendable {
            let id: Int
            let program: Int
            let isPromocode: Bool
            let category: Int
            let first: CivilDate
            let last: CivilDate?
            let percent: Int
            let rating: Int
            let chance: UInt64
        }

        let world: AdmitadWorld
        let programs: [Program]
        let coupons: [Coupon]
        static let categories = [(1, "Electronics"), (2, "Travel"), (3, "Fashion"), (4, "Beauty"), (5, "Food")]
        static let regions = ["SA", "AE", "EG", "VN"]
        static let toolNames = ["deeplink", "products", "retag", "coupons", "lost_orders"]

        init(_ world: AdmitadWorld) {
            self.world = world
            let names = ["Shop", "Market", "Bazaar", "Souq", "Store", "Hàng hiệu", "Travel", "Beauty"]
            let connections = ["active", "active", "active", "pending", "declined"]
            let knobs = world.programs
            programs = (0..<knobs.count).map { index in
                let chance = Mix.hash(Mix.hash(world.seed, 0x960), index)
                func pick(_ salt: Int, _ bound: Int) -> Int { Mix.below(bound, Mix.hash(chance, salt)) }
                return Program(
                    id: 6001 + index, name: "\(names[pick(1, names.count)]) \(index + 1)",
                    currency: knobs.currencies[index % knobs.currencies.count], hold: 7 + pick(2, 39),
                    rate: 10 + pick(3, 110), hasLeads: pick(4, 4) == 0, leadPayment: Int64(50 + pick(5, 450)) * 10_000,
                    isFine: pick(6, 8) == 0, connection: connections[pick(7, 5)], chance: chance)
            }
            coupons = (0..<knobs.coupons).map { index in
                let chance = Mix.hash(Mix.hash(world.seed, 0xC09), index)
                func pick(_ salt: Int, _ bound: Int) -> Int { Mix.below(bound, Mix.hash(chance, salt)) }
                let first = world.anchor.adding(days: -1 - pick(1, 60))
                return Coupon(
                    id: 501 + index, program: pick(2, knobs.count), isPromocode: pick(3, 3) > 0, category: pick(4, 5),
                    first: first, last: pick(5, 6) == 0 ? nil : first.adding(days: 20 + pick(6, 120)),
                    percent: 5 * (1 + pick(7, 10)), rating: pick(8, 501), chance: chance)
            }
        }

        func websiteID(_ index: Int) -> Int { 3301 + index }
        func websiteName(_ index: Int) -> String { "blog\(index + 1)" }

        func isWebsite(_ id: String?) -> Bool {
            (0..<world.programs.websites).contains { String(websiteID($0)) == id }
        }

        func program(_ id: String) -> Program? { programs.first { String($0.id) == id } }

        /// Tools that a programme offers.
        func tools(of program: Program) -> [String] {
            Self.toolNames.enumerated().filter { Mix.strikes(600, Mix.hash(program.chance, 30 + $0.offset)) }
                .map(\.element)
        }
    }
}
