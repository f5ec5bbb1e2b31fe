extension ShopeeWorld {
    /// Failures on purpose (platforms.md 1.16, items 2, 4 and 10).
    package struct Faults: Codable, Sendable, Hashable {
        package var rules: [Rule] = []
        package init() {}

        package typealias Rule = FaultRule<Kind>

        package enum Kind: String, FaultKind {
            /// The call was carried out and the connection reset before the answer: a rotated token or a write is lost.
            case reset
            /// The connection was reset and nothing carried out.
            case refused
            /// Half an answer, an answer in pieces, and one for which nobody waits. The call was carried out.
            case truncated, slow, late
            /// Answers that are no JSON. Nothing was carried out.
            case html502, html429, empty429
            /// An answer with the rule's `code` after the signature was checked. Nothing was carried out.
            case error
            /// Rows or ids that come twice.
            case duplicateRow
        }
    }
}

extension ShopeeWorld.Faults {
    /// A plan of failures drawn from a seed, at rates that a patient client survives and with nothing lost for good:
    /// answers to token calls are spared.
    package static func drawn(seed: UInt64) -> ShopeeWorld.Faults {
        var faults = ShopeeWorld.Faults()
        var draw = seed
        func next(_ bound: Int) -> Int {
            draw = Mix.hash(draw, 0x5EED)
            return Mix.below(bound, draw)
        }
        let codes = [
            "error_server", "error_inner", "error_system_busy", "error_network", "error_rate_limit",
            "ads.rate_limit.exceed_api", "ads.rate_limit.exceed_partner_api", "ads.rate_limit.exceed_shop_api",
        ]
        for kind in Kind.allCases {
            let isIncluded = next(3) == 0
            var rule = Rule(kind, target: "/api/v2/ads/", share: 3 + next(28))
            guard isIncluded else { continue }
            switch kind {
            case .late: rule.times = 1
            case .error: rule.code = codes[next(codes.count)]
            default: break
            }
            faults.rules.append(rule)
        }
        return faults
    }
}
