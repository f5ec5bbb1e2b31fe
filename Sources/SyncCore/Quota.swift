/// The rate that a limit allows: `points` per `period`, of which `burst` may go at once.
package struct QuotaLimit: Sendable, Hashable, Codable {
    package var points: Double
    package var period: Duration
    package var burst: Double

    package init(points: Double, per period: Duration, burst: Double) {
        precondition(points > 0 && period > .zero && burst >= 1, "a limit allows something")
        self.points = points
        self.period = period
        self.burst = burst
    }

    /// Microseconds that one point costs at full rate.
    package var interval: Double { period.inSeconds * 1_000_000 / points }
}

/// One limit of a platform as a pure machine (GCRA): the next theoretical arrival time says all about
/// what was used, so a row of this is shared by every worker on every machine (design.md, rule 5).
///
/// The rate moves between a tenth and the whole of the limit: halved by a throttle, raised by a tenth of
/// the limit after each quiet hold-down (AIMD).
package struct Quota: Sendable, Hashable, Codable {
    /// What the platform has told, or what is assumed until it does.
    package private(set) var told: QuotaLimit
    /// The user's word, which counts instead of it.
    package private(set) var chosen: QuotaLimit?
    /// When the bucket would be empty again; in the past when nothing is used.
    package var arrival: Instant
    /// No call at all before this moment. Kept for a hold-down after it passed, so that the pace is not raised for
    /// time in which nobody called.
    package var blockedUntil: Instant?
    /// The share of the limit's rate that is granted now, 0.1...1.
    package var pace: Double
    /// The last time the pace went down or up.
    package var pacedAt: Instant
    /// Throttles in a row, for the doubling of an unexplained block.
    package var strikes: Int
    /// Use as last told by the platform, 0...1 and above.
    package var reportedUse: Double?

    package init(limit: QuotaLimit, chosen: QuotaLimit? = nil, at now: Instant) {
        self.told = limit
        self.chosen = chosen
        self.arrival = now
        self.pace = 1
        self.pacedAt = now
        self.strikes = 0
    }

    package var limit: QuotaLimit { chosen ?? told }

    /// A row that was written so much later than now was written before a clock was set back. Less is the time for
    /// which a writer stood in line, and clocks that stand still for a moment (`StoreClock`).
    private static let stepBack: Duration = .seconds(30)

    /// The quota that was written at `moment`, as it is now. Where a clock was set back since, its moments are those of
    /// a time that is to come: all are moved by what they are ahead, so that nobody owes more, or is blocked for
    /// longer, than when they were written. What flowed back meanwhile is not known and is not given.
    package func read(writtenAt moment: Instant, at now: Instant) -> Quota {
        let ahead = moment - now
        guard ahead > Quota.stepBack else { return self }
        var moved = self
        moved.arrival = arrival - ahead
        moved.pacedAt = pacedAt - ahead
        moved.blockedUntil = blockedUntil.map { $0 - ahead }
        return moved
    }

    package enum Grant: Sendable, Hashable {
        /// So many points may be used now.
        case go(points: Double)
        /// Nothing before that moment.
        case wait(until: Instant)
    }

    /// The usual time without a throttle after which the pace goes up by a step.
    package static let holdDown: Duration = .seconds(60)

    private var interval: Double { limit.interval / pace }

    /// Reserves `points`, or as many as there are room for down to `least`. The reservation is made by this
    /// very call: a caller that is told to go has the points, whoever else asks.
    package mutating func take(
        _ points: Double, atLeast least: Double, at now: Instant, holdDown: Duration = Quota.holdDown
    ) -> Grant {
        if let blockedUntil, blockedUntil > now { return .wait(until: blockedUntil) }
        recover(at: now, holdDown)
        let base = max(arrival, now)
        let used = Double((base - now).microseconds) / interval
        let room = max(limit.burst, least) - used
        if room + 1e-9 >= least {
            let granted = min(points, max(room, least))
            arrival = base + Quota.length(granted * interval)
            return .go(points: granted)
        }
        return .wait(until: now + Quota.length((least - room) * interval))
    }

    /// Counts points that were used without asking: they flow back like others.
    package mutating func charge(_ points: Double, at now: Instant) {
        arrival = max(arrival, now) + Quota.length(points * interval)
    }

    /// Points that were used and have not flowed back.
    package func used(at now: Instant) -> Double { Double(max(0, (arrival - now).microseconds)) / interval }

    /// Hands back points that were reserved at `takenAt` and not used. What would have flowed back since then is
    /// kept: others may have counted on it already.
    package mutating func giveBack(_ points: Double, takenAt: Instant, at now: Instant) {
        // At the full rate, which the pace may have had in between: never more comes back than was there.
        let flowed = Double(max(0, (now - takenAt).microseconds)) / limit.interval
        arrival = arrival - Quota.whole(max(0, points - flowed) * interval)
    }

    /// What a header said of use, 0...1 and above. The platform's reckoning wins when it is the higher one.
    package mutating func reported(use: Double, at now: Instant) {
        guard use.isFinite else { return }
        reportedUse = use
        let used = max(0, min(use, 1.2)) * limit.burst
        let told = now + Quota.whole(used * interval)
        if told > arrival { arrival = told }
        if use >= 0.85, now - pacedAt >= Quota.holdDown { setPace(max(0.1, pace / 2), at: now) }
    }

    /// A throttle answer. Without a stated moment, or with one that has passed, the block doubles with each
    /// strike, from `least` to an hour. `jitter` is 0..<1.
    package mutating func throttled(
        until: Instant?, least: Duration, jitter: Double, at now: Instant, holdDown: Duration = Quota.holdDown
    ) {
        let stated = until.flatMap { $0 > now ? $0 : nil }
        if let blockedUntil, blockedUntil > now {
            // Answers of calls that were under way when the block began say nothing new but a later end.
            self.blockedUntil = max(blockedUntil, stated ?? blockedUntil)
            startSlowly()
            return
        }
        // Calls went well for a while after the last block, so this one is new and not its continuation.
        if let blockedUntil, now - blockedUntil >= .seconds(5) { strikes = 0 }
        let doubled = least.inSeconds * Double(1 << min(strikes, 10))
        if now - pacedAt >= holdDown || pace >= 1 { setPace(max(0.1, pace / 2), at: now) }
        blockedUntil = stated ?? now + .seconds(min(doubled * (1 + jitter / 4), 3600))
        strikes += 1
        startSlowly()
    }

    /// What was reckoned to be free was not: behind the block calls come one by one, not as a burst that may run
    /// into the next block.
    private mutating func startSlowly() {
        guard let blockedUntil else { return }
        arrival = max(arrival, blockedUntil + Quota.length(max(0, limit.burst - 1) * interval))
    }

    /// Takes over a limit that the platform has made known. It counts unless the user has chosen one.
    package mutating func adopt(_ newLimit: QuotaLimit, at now: Instant) {
        change(told: newLimit, chosen: chosen, at: now)
    }

    /// The limit is `newLimit` until the user chooses again; nil goes back to what the platform tells.
    package mutating func choose(_ newLimit: QuotaLimit?, at now: Instant) {
        change(told: told, chosen: newLimit, at: now)
    }

    /// What is used stays used.
    private mutating func change(told newTold: QuotaLimit, chosen newChosen: QuotaLimit?, at now: Instant) {
        let before = limit
        let start = opening(at: now)
        var used = max(0, Double((arrival - start).microseconds) / interval)
        told = newTold
        chosen = newChosen
        guard limit != before else { return }
        // After a throttle it is mostly held back (`startSlowly`): what a large limit gives back in minutes would keep
        // a small one closed for hours.
        if pace < 1 { used = min(used, limit.burst - 1) }
        arrival = start + Quota.length(used * interval)
        if start > now { startSlowly() }
    }

    /// Whole microseconds, upwards, and thirty years at most: of a limit that allows next to nothing, too, every moment
    /// can be named.
    private static func length(_ microseconds: Double) -> Duration { whole(microseconds.rounded(.up)) }

    private static func whole(_ microseconds: Double) -> Duration {
        .microseconds(microseconds < 1e15 ? Int64(microseconds) : 1_000_000_000_000_000)
    }

    /// When calls may go again: what stands between now and the end of a block is not use.
    private func opening(at now: Instant) -> Instant { max(now, blockedUntil ?? now) }

    private mutating func recover(at now: Instant, _ holdDown: Duration) {
        guard pace < 1 || strikes > 0 || blockedUntil != nil else { return }
        guard now - max(pacedAt, blockedUntil ?? pacedAt) >= holdDown else { return }
        blockedUntil = nil
        strikes = 0
        let raised = pace + 0.1
        setPace(raised > 1 - 1e-9 ? 1 : raised, at: now)
    }

    /// What is used stays used: only the time in which it flows back changes.
    private mutating func setPace(_ newPace: Double, at now: Instant) {
        let start = opening(at: now)
        let used = Double(max(0, (arrival - start).microseconds))
        arrival = max(arrival, now)
        if used > 0 { arrival = start + Quota.length(used * pace / newPace) }
        pace = newPace
        pacedAt = now
    }
}

/// What one call costs one limit.
package struct QuotaCost: Sendable, Hashable {
    package var key: QuotaKey
    package var points: Double

    package init(_ key: QuotaKey, points: Double = 1) {
        self.key = key
        self.points = points
    }
}

/// What an answer told about a limit.
package enum QuotaSignal: Sendable, Hashable {
    /// Use in parts of the whole: 0.63, can be above 1.
    case use(QuotaKey, Double)
    /// No call before that moment; nil when the platform did not say.
    case blocked(QuotaKey, until: Instant?)
    /// The limit itself, learned from a tier header.
    case limit(QuotaKey, QuotaLimit)

    package var key: QuotaKey {
        switch self {
        case .use(let key, _), .blocked(let key, _), .limit(let key, _): key
        }
    }
}
