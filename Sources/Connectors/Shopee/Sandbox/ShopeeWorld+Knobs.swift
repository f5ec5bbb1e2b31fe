/// What can be set about how the platform answers. Shares are in thousandths.
extension ShopeeWorld {
    /// Tokens and consent (platforms.md 1.4, 1.5). Times are seconds.
    package struct Auth: Codable, Sendable, Hashable {
        /// Most that the timestamp of a call may differ from now.
        package var signWindow: Int64 = 300
        package var accessLife: Int64 = 14_400
        package var refreshLife: Int64 = 30 * 86_400
        /// How long an access token works on after its refresh token was used.
        package var formerAccessLife: Int64 = 300
        package var codeLife: Int64 = 600
        /// Age of the printed tokens when the sandbox gets its first call.
        package var firstAge: Int64 = 0
        /// Days of a shop's grant, and how many had passed at the anchor.
        package var grantDays = 365
        package var grantAge = 100
        /// The first tokens come from a consent of this main account: all shops and merchants share them until each
        /// is refreshed. Nil gives each shop its own.
        package var mainAccount: Int64?
        /// For whom the person at the consent page agrees: a shop, else the main account, else the first shop.
        package var consentShop: Int64?
        /// The code for access tokens that are wrong or too old, one of 1.8.
        package var accessCode = "invalid_acceess_token"
        package var permissionCode = "error_permission_denied"
        package init() {}
    }

    /// Variants of the envelope (1.7, 1.11).
    package struct Envelope: Codable, Sendable, Hashable {
        package var success = Success.empty
        /// Whether `warning` is there.
        package var hasWarning = true
        package var performance = Shape.object
        package var writes = Shape.object
        /// HTTP status by error code; `*` stands for all codes that are not named. Without it: 400 for signatures and
        /// parameters, 403 for tokens and permissions, 429 for throttles, 500 for `error_server` and such, 200 else.
        package var statuses: [String: Int] = [:]
        package init() {}

        /// What `error` is in answers that are none.
        package enum Success: String, Codable, Sendable, CaseIterable { case empty, dash, null, absent, mixed }
        package enum Shape: String, Codable, Sendable, CaseIterable { case object, array, mixed }
    }

    /// Lists and settings (1.10, 1.11).
    package struct Reading: Codable, Sendable, Hashable {
        package var defaultLimit = 100
        /// A larger `limit` is cut to this silently.
        package var mostLimit = 5000
        package var order = Order.fixed
        /// Pages after the first that begin with the last id of the page before, as if a campaign had come in front.
        package var repeats = 0
        /// Pages after the first that leave an id out, as if one had gone in front.
        package var skips = 0
        package var mostIDs = 100
        /// Groups of setting info that a campaign does not have: missing or null.
        package var groups = Groups.missing
        package init() {}

        package enum Order: String, Codable, Sendable, CaseIterable {
            /// Always the same, and none that anybody would guess.
            case fixed
            /// Another one for each listing that begins at offset 0.
            case perListing
            case ascending
        }
        package enum Groups: String, Codable, Sendable, CaseIterable { case missing, null, mixed }
    }

    /// Reports (1.10, 1.12).
    package struct Performance: Codable, Sendable, Hashable {
        package var mostDays = 30
        package var oldestMonths = 6
        /// Daily reports refuse equal start and end dates.
        package var refusesSameDay = false
        /// Shop rows have `direct_item_sold` and `broad_item_sold`.
        package var hasItemSold = true
        /// Campaigns without delivery in the window.
        package var emptyCampaigns = Empty.absent
        /// Numbers of a day grow for that many days after it.
        package var attributionDays = 7
        package init() {}

        package enum Empty: String, Codable, Sendable, CaseIterable { case absent, empty, mixed }
    }

    /// Write calls (1.13, 1.14).
    package struct Writing: Codable, Sendable, Hashable {
        /// The code of a `reference_id` that has succeeded before (unknown in reality).
        package var duplicateCode = "error_param"
        /// The code of a second GMS campaign (unknown in reality).
        package var activeGMSCode = "error_param"
        /// The calls for auto product ads work; else they end with `ads_deprecated`.
        package var allowsAutoAds = false
        package init() {}
    }

    /// Limits of calls under `ads/` (1.9). Zero is no limit.
    package struct Limits: Codable, Sendable, Hashable {
        /// Calls per second, and calls that may come at once after a pause: of all apps together, of an app, of a shop.
        package var apiRate = 0
        package var apiBurst = 0
        package var appRate = 3
        package var appBurst = 3
        package var shopRate = 0
        package var shopBurst = 0
        /// Calls of an app per hour, above which `ads_rate_limit_total_api` comes.
        package var appPerHour = 0
        /// Write calls for one campaign per hour.
        package var campaignWritesPerHour = 0
        /// Seconds in `Retry-After` of throttles; `ads_rate_limit_total_api` always says 120.
        package var retryAfter: Int64 = 0
        /// Share of throttles that come as a 429 without JSON.
        package var bare = 0
        /// So many throttled calls of an app within `lockWindow` seconds lock it out.
        package var lockAfter = 300
        package var lockWindow: Int64 = 600
        /// How long a lock-out lasts; 0 until the control endpoint lifts it.
        package var lockSeconds: Int64 = 0
        package var lockCode = "error_api_call_restricted"
        package init() {}
    }
}
