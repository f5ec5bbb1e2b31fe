package import SyncCore

/// Everything that a simulated Admitad is made of (platforms.md 4). Shares are in thousandths.
package struct AdmitadWorld: Codable, Sendable, Hashable {
    package var seed: UInt64
    /// The day before which the history of `actions.days` lies; what follows depends on `actions.isLive`.
    package var anchor: CivilDate
    package var auth = Auth()
    package var actions = Actions()
    package var programs = Programs()
    package var reading = Reading()
    package var faults: [FaultRule<Fault>] = []
    package var latency = SandboxLatency()

    package init(seed: UInt64, anchor: CivilDate) {
        self.seed = seed
        self.anchor = anchor
    }

    /// The application and its tokens (platforms.md 4.1).
    package struct Auth: Codable, Sendable, Hashable {
        package var clientID = "sluice-sandbox"
        package var clientSecret = "5e17d0a94c3b28f6e0d1"
        /// What the application may ask for; a token gets what was asked of that.
        package var scopes = [
            "statistics", "advcampaigns", "advcampaigns_for_website", "coupons", "coupons_for_website", "websites",
            "public_data", "private_data",
        ]
        /// Asking for more is an error (invalid_scope); else the rest is left out.
        package var refusesScopes = false
        /// Seconds.
        package var tokenLife: Int64 = 604_800
        /// Tokens that may live at once (error_code 6). The real number is not published.
        package var mostTokens = 20
    }

    /// The feed of conversions (platforms.md 4.4).
    package struct Actions: Codable, Sendable, Hashable {
        package var days = 90
        package var perDay = 3
        /// The same number on every day, and none of them ever changes.
        package var isSteady = false
        /// Conversions come in after the anchor too.
        package var isLive = true
        /// Seconds until a conversion or a change of one is in the reports.
        package var shownAfter: Int64 = 900
        package var shownBefore: Int64 = 1800
        /// Conversions that come in days after they happened.
        package var late = 10
        package var corrected = 100
        package var declined = 180
        package var stalled = 80
        /// Approved ones that are declined after all.
        package var reversed = 20
        /// Orders whose sum is unknown, and rewards that are unknown while pending.
        package var nullMoney = 30
        /// Amounts that are strings and not numbers.
        package var textMoney = 300
        /// Conversions whose times have a `T` where others have a space.
        package var isoTimes = 50
        /// Pending ones whose status is `on_hold`.
        package var oddStatuses = 0
        /// Seconds that the platform's clock is ahead of UTC: its zone is not documented.
        package var utcOffset: Int64 = 0
        /// What numbers the filter `status` has for the words of the output: from memory, not documented.
        package var statusNumbers = ["pending": 1, "approved": 2, "declined": 3, "approved_but_stalled": 2]
    }

    /// Programmes and coupons (platforms.md 4.6).
    package struct Programs: Codable, Sendable, Hashable {
        package var count = 6
        package var coupons = 15
        package var websites = 2
        /// Programmes take turns with these.
        package var currencies = ["USD", "EUR", "SAR", "AED"]
        /// Name of the link in coupons of a website: not documented.
        package var couponLink = "goto_link"
    }

    /// Lists, limits and refusals (platforms.md 4.2, 4.3).
    package struct Reading: Codable, Sendable, Hashable {
        /// Calls per application within any 60 seconds; 0 is no limit.
        package var callsPerMinute = 600
        package var defaultLimit = 20
        package var mostLimit = 500
        /// After every so many pages of conversions one more conversion of the last days comes in; 0 is never.
        package var insertsAfterPages = 0
        /// Days that a window of conversions may span; 0 is any.
        package var mostDays = 0
        /// Days that are served when no window is asked for; 0 is all.
        package var defaultDays = 0
        package var refusesFuture = true
        /// A field that nobody expects, in every conversion.
        package var surpriseField: String?
    }

    package enum Fault: String, FaultKind {
        /// Transport: no or half an answer. The call was carried out.
        case reset, truncated, slow, late
        /// 503 without JSON, 500 with an error in JSON.
        case outage, serverError
        /// 503 with error_code 4 that no counter explains.
        case throttled
        /// 401 with error_code 0 and 1, 403 with 2.
        case tokenExpired, tokenInvalid, forbidden
        /// Pages that are shorter than asked for, or empty, before the end.
        case shortPage, emptyPage
    }
}
