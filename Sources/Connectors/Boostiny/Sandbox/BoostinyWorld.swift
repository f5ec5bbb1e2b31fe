package import SyncCore

/// Everything that a simulated Boostiny is made of (platforms.md 5.7): campaigns with their coupons, how it answers,
/// what it locks and how it fails. Two sandboxes with the same world answer the same calls at the same moments alike.
package struct BoostinyWorld: Codable, Sendable, Hashable {
    package var seed: UInt64
    /// The world's day of reference: counts hold on it, ages are counted back from it.
    package var anchor: CivilDate
    package var key = "bst_9f86d081884c7d659a2feaa0c55ad015"
    /// Calls with the key end with 401.
    package var isRevoked = false
    /// Calls with the key end with 403.
    package var isForbidden = false
    package var campaigns: Int
    /// Age of the oldest campaign in days at the anchor.
    package var days: Int
    package var shape = Shape.skewed
    package var reading = Reading()
    package var performance = Performance()
    package var limits = Limits()
    package var faults = Faults()
    package var latency = SandboxLatency()

    package init(seed: UInt64, anchor: CivilDate, campaigns: Int, days: Int) {
        self.seed = seed
        self.anchor = anchor
        self.campaigns = campaigns
        self.days = days
    }

    package enum Shape: String, Codable, Sendable {
        /// Coupons begin anywhere, sell on some days only and are reported late.
        case skewed
        /// One coupon per campaign, with orders on each of the `days` days before the anchor and on no other.
        case flat
    }

    /// Lists (5.3, 5.5). Shares are in thousandths.
    package struct Reading: Codable, Sendable, Hashable {
        package var perPage = 50
        /// A larger `limit` is cut to this silently.
        package var mostPerPage = 100
        /// The name under which coupon rows have their code: `coupon` or `code`.
        package var couponKey = "coupon"
        /// Status of a bad date and of `from` after `to` (unknown in reality).
        package var badDateStatus = 422
        package init() {}
    }

    /// Performance rows (5.4). Shares are in thousandths.
    package struct Performance: Codable, Sendable, Hashable {
        /// Rows are per day and have a `date`; else they are sums of the window.
        package var hasDate = false
        /// Rows have a `country`.
        package var hasCountry = false
        package var split = Split.none
        /// Rows of `report_type` summary stand among the others.
        package var hasSummaryRows = false
        /// Campaigns whose first coupon is reported without a code.
        package var missingCodes = 0
        /// Rows whose country is missing, where rows have one.
        package var missingCountries = 0
        /// Campaigns that have the name of the one before.
        package var sameNames = 0
        /// Campaigns that got another name within the last 60 days before the anchor. A window around that day has
        /// rows of both names.
        package var renamed = 0
        /// Coupons whose days are reported some days late.
        package var lateCodes = 0
        /// Months of a campaign that are corrected on the 12th of the next month.
        package var corrected = 0
        package init() {}

        package enum Split: String, Codable, Sendable, CaseIterable {
            case none
            /// Rows of new and of returning customers.
            case customerType
            /// A row for each order, with `order_id`.
            case order
        }
    }

    /// The burst detector (5.6, 5.7.3). Zero is no limit.
    package struct Limits: Codable, Sendable, Hashable {
        package var mostInFlight = 1
        package var perMinute = 10
        package var lockSeconds: Int64 = 600
        package init() {}
    }

    package struct Faults: Codable, Sendable, Hashable {
        package var rules: [Rule] = []
        package init() {}

        package typealias Rule = FaultRule<Kind>

        package enum Kind: String, FaultKind {
            /// No answer came: the connection was reset, at once or before the answer.
            case refused, reset
            /// Half an answer, one in pieces, and one for which nobody waits.
            case truncated, slow, late
            case html502, error500
            /// A lock-out that no counter explains.
            case lock
            case duplicateRow
        }
    }
}

extension BoostinyWorld {
    /// Throws the sentence of what makes no sense in this world.
    package func check() throws(WorldError) {
        if key.isEmpty { throw WorldError("The world has no key") }
        if campaigns < 0 || days < 1 { throw WorldError("The world needs at least one day") }
        if reading.perPage < 1 || reading.mostPerPage < 1 { throw WorldError("A page needs at least one row") }
    }
}
