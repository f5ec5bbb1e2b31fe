extension ShopeeSandbox {
    /// What the sandbox has seen so far, for tests of behaviour towards the platform.
    package struct Counters: Codable, Sendable, Hashable {
        package var calls = 0
        /// By path after `/api/v2/`; `?` stands for all that there is not.
        package var byEndpoint: [String: Int] = [:]
        package var byStatus: [String: Int] = [:]
        /// Errors by code, injected ones included.
        package var byCode: [String: Int] = [:]
        /// Calls under `ads/` that the limits let through, and that a scope refused: `api`, `app`, `shop`, `campaign`,
        /// `total`.
        package var admitted = 0
        package var throttledByScope: [String: Int] = [:]
        /// All answers that were throttles, injected ones included.
        package var throttled = 0
        /// Calls made while the app was locked out.
        package var whileLocked = 0
        package var refreshes = 0
        package var refusedRefreshes = 0
        package var exchanges = 0
        package var rejectedSignatures = 0
        /// Rows and ids served.
        package var rows = 0
        /// Most calls within any second: all, and those under `ads/` that were let through.
        package var mostInAnySecond = 0
        package var mostAdmittedInAnySecond = 0
        package var mostInFlight = 0
        package var faults: [String: Int] = [:]
        private var second = SlidingWindow(seconds: 1)
        private var admittedSecond = SlidingWindow(seconds: 1)

        private enum CodingKeys: CodingKey {
            case calls, byEndpoint, byStatus, byCode, admitted, throttledByScope, throttled, whileLocked, refreshes
            case refusedRefreshes, exchanges, rejectedSignatures, rows, mostInAnySecond, mostAdmittedInAnySecond
            case mostInFlight, faults
        }

        package init() {}

        mutating func count(_ call: Call, at now: Int64) {
            calls += 1
            byEndpoint[call.endpoint?.rawValue ?? "?", default: 0] += 1
            mostInAnySecond = max(mostInAnySecond, second.add(now))
        }

        mutating func admit(at now: Int64) {
            mostAdmittedInAnySecond = max(mostAdmittedInAnySecond, admittedSecond.add(now))
        }

        mutating func refuse(_ refusal: Refusal) {
            byCode[refusal.code, default: 0] += 1
            if refusal.isThrottle { throttled += 1 }
        }

        mutating func note(_ status: Int, rows: Int) {
            byStatus[String(status), default: 0] += 1
            self.rows += rows
        }
    }

    package var counters: Counters {
        var counters = tally
        counters.admitted = limits.admitted
        counters.throttledByScope = limits.throttled
        counters.whileLocked = limits.whileLocked
        counters.refreshes = grants.refreshes
        counters.refusedRefreshes = grants.refusedRefreshes
        counters.exchanges = grants.exchanges
        counters.faults = faults.byKind
        return counters
    }
}
