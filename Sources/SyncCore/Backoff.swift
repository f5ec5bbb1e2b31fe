/// Full-jitter exponential backoff: a random part of `base` × 2ⁿ, capped before it is drawn.
///
/// With the defaults the upper bounds are 2, 4, 8, 16, 32, 60, 60 … seconds.
package struct Backoff: Sendable, Hashable {
    package var base: Duration
    package var cap: Duration

    package init(base: Duration = .seconds(2), cap: Duration = .seconds(60)) {
        self.base = base
        self.cap = cap
    }

    /// The pause before try number `attempt` + 1, `attempt` counting failures from 0. `jitter` is 0..<1. Never
    /// below a tenth of the bound, so that a retry is not a burst.
    package func delay(attempt: Int, jitter: Double) -> Duration {
        let bound = min(base.inSeconds * Double(1 << min(attempt, 20)), cap.inSeconds)
        return .seconds(bound * (0.1 + 0.9 * jitter))
    }
}

/// Keeps retries from multiplying load: each call earns a part of a retry, each retry spends one
/// (design.md, rule 6).
package struct RetryBudget: Sendable, Hashable {
    private var tokens: Double
    private let limit: Double
    private let earned: Double

    /// `share` is how many retries a call pays for; `limit` how many may be saved up.
    package init(share: Double = 0.1, limit: Double = 30) {
        self.tokens = limit
        self.limit = limit
        self.earned = share
    }

    package mutating func called() {
        tokens = min(limit, tokens + earned)
    }

    /// True when a retry at once is affordable; otherwise it has to wait its turn in the queue.
    package mutating func spend() -> Bool {
        // Ten tenths add up to a little less than one.
        guard tokens >= 1 - 1e-9 else { return false }
        tokens = max(0, tokens - 1)
        return true
    }
}

/// How many calls of one account may be in flight: found by additive increase and multiplicative decrease.
package struct Concurrency: Sendable, Hashable {
    package private(set) var limit: Double
    private let cap: Double
    private var loweredAt: Instant?

    package init(startingAt limit: Int = 5, cap: Int) {
        self.limit = Double(min(limit, cap))
        self.cap = Double(cap)
    }

    package var slots: Int { max(1, Int(limit)) }

    /// A call came back well while `inFlight` were under way. Grows only when the limit was in use.
    package mutating func succeeded(inFlight: Int) {
        guard Double(inFlight) >= limit - 1 else { return }
        limit = min(cap, limit + 1 / limit)
    }

    /// A throttle or a sign of overload; once per hold-down, because calls in flight all see the same one.
    package mutating func overloaded(at now: Instant) {
        if let loweredAt, now - loweredAt < .seconds(10) { return }
        limit = max(1, limit / 2)
        loweredAt = now
    }
}
