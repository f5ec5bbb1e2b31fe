/// One quota as people and machines look at it.
package struct QuotaUse: Sendable, Hashable {
    package var key: QuotaKey
    /// Points a second that are granted now.
    package var perSecond: Double
    /// The part of what may go at once that is used, 0...1.
    package var used: Double
    /// What is left of a block; zero when there is none.
    package var blockedFor: Duration

    package init(_ key: QuotaKey, _ quota: Quota, at now: Instant) {
        let perPoint = quota.limit.interval / quota.pace
        let opening = max(now, quota.blockedUntil ?? now)
        self.key = key
        self.perSecond = quota.limit.points / quota.limit.period.inSeconds * quota.pace
        // Time behind a block is not use.
        self.used = min(1, max(0, Double((quota.arrival - opening).microseconds) / perPoint / quota.limit.burst))
        self.blockedFor = opening - now
    }
}
