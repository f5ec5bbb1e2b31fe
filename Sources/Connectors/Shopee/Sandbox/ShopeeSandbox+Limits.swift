extension ShopeeSandbox {
    /// A bucket that fills at `rate` tokens a second up to `burst`.
    struct Bucket: Sendable {
        /// Millionths of a token that are missing.
        private var missing: Int64 = 0
        private var at: Int64 = 0

        /// Takes a token if there is one; always when there is no rate. Microseconds.
        mutating func take(rate: Int, burst: Int, at now: Int64) -> Bool {
            guard rate > 0 else { return true }
            let passed = max(0, now - at)
            at = max(at, now)
            missing = passed > 3_600_000_000 ? 0 : max(0, missing - passed * Int64(rate))
            guard missing + 1_000_000 <= Int64(max(1, burst)) * 1_000_000 else { return false }
            missing += 1_000_000
            return true
        }

        /// Gives the last token back: another scope refused the call.
        mutating func giveBack(rate: Int) {
            if rate > 0 { missing = max(0, missing - 1_000_000) }
        }
    }

    /// What an app or a shop has done lately.
    struct Meter: Sendable {
        var bucket = Bucket()
        /// Calls in the hour that began at `hourFrom`.
        var inHour = 0
        var hourFrom: Int64 = 0
        /// Moments of throttled calls, in seconds.
        var throttled: [Int64] = []
        var lockedUntil: Int64 = 0
    }

    /// The three nested scopes of calls under `ads/` and the lock-out of an app (platforms.md 1.9).
    struct LimitState: Sendable {
        let knobs: ShopeeWorld.Limits
        private var api = Bucket()
        private(set) var apps: [Int: Meter] = [:]
        private var shops: [Int64: Bucket] = [:]
        private var writes: [Int64: [Int64]] = [:]
        private(set) var throttled: [String: Int] = [:]
        private(set) var admitted = 0
        /// Calls that were made while the app was locked out.
        private(set) var whileLocked = 0

        init(_ knobs: ShopeeWorld.Limits) { self.knobs = knobs }

        /// Admits a call, or throws what the platform answers instead. `now` in microseconds.
        mutating func admit(app: Int, shop: Int64, chance: UInt64, at now: Int64) throws(Refusal) {
            let seconds = now / 1_000_000
            var meter = apps[app] ?? Meter()
            defer { apps[app] = meter }
            if seconds < meter.lockedUntil {
                whileLocked += 1
                throw Refusal(knobs.lockCode, "The API access of this app is locked. Please contact us by a ticket.")
            }
            if seconds - meter.hourFrom >= 3600 { (meter.inHour, meter.hourFrom) = (0, seconds) }
            guard let (scope, code) = full(app: &meter, shop: shop, at: now) else {
                meter.inHour += 1
                admitted += 1
                return
            }
            throttled[scope, default: 0] += 1
            meter.throttled.removeAll { $0 <= seconds - knobs.lockWindow }
            meter.throttled.append(seconds)
            if knobs.lockAfter > 0, meter.throttled.count >= knobs.lockAfter {
                meter.lockedUntil = knobs.lockSeconds > 0 ? seconds + knobs.lockSeconds : .max
            }
            throw refusal(code, chance)
        }

        /// The first scope that is full, with its code; nil when all of them had room.
        private mutating func full(app: inout Meter, shop: Int64, at now: Int64) -> (scope: String, code: String)? {
            if knobs.appPerHour > 0, app.inHour >= knobs.appPerHour { return ("total", "ads_rate_limit_total_api") }
            guard api.take(rate: knobs.apiRate, burst: knobs.apiBurst, at: now) else {
                return ("api", "ads.rate_limit.exceed_api")
            }
            guard app.bucket.take(rate: knobs.appRate, burst: knobs.appBurst, at: now) else {
                api.giveBack(rate: knobs.apiRate)
                return ("app", "ads.rate_limit.exceed_partner_api")
            }
            guard shops[shop, default: Bucket()].take(rate: knobs.shopRate, burst: knobs.shopBurst, at: now) else {
                api.giveBack(rate: knobs.apiRate)
                app.bucket.giveBack(rate: knobs.appRate)
                return ("shop", "ads.rate_limit.exceed_shop_api")
            }
            return nil
        }

        /// Admits a change of a campaign.
        mutating func admitWrite(_ campaign: Int64, at seconds: Int64) throws(Refusal) {
            guard knobs.campaignWritesPerHour > 0 else { return }
            var last = (writes[campaign] ?? []).filter { $0 > seconds - 3600 }
            guard last.count < knobs.campaignWritesPerHour else {
                throttled["campaign", default: 0] += 1
                throw refusal("ads.rate_limit.campaign_level", 0)
            }
            last.append(seconds)
            writes[campaign] = last
        }

        /// A throttle as it goes out, with `Retry-After` or without a body where the world says so.
        func refusal(_ code: String, _ chance: UInt64) -> Refusal {
            var refusal = Refusal(code: code)
            if knobs.retryAfter > 0 { refusal.retryAfter = knobs.retryAfter }
            if code == "ads_rate_limit_total_api" { refusal.retryAfter = 120 }
            refusal.isBare = chance != 0 && Mix.strikes(knobs.bare, Mix.hash(chance, 31))
            return refusal
        }

        mutating func unlock() {
            for app in apps.keys.sorted() {
                apps[app]?.lockedUntil = 0
                apps[app]?.throttled = []
            }
        }
    }
}
