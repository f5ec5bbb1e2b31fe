package import SyncCore

/// What a sync will cost, when it is done, and whom it holds up: told from what jobs of the same accounts took of late,
/// from what is planned, and from the limits as they are. Pure; what nobody can know is nil.
package struct Price: Sendable, Hashable {
    /// In the order in which they were asked for.
    package var parts: [Part] = []
    /// Open work that shares a limit, and has to wait for this.
    package var delays: [Delay] = []

    package struct Part: Sendable, Hashable {
        package var account: AccountID
        /// Calls, or points where the platform counts those (`isPoints`); nil when nothing tells.
        package var calls: Int?
        /// Where `calls` is not sure at all: from so many to so many.
        package var range: ClosedRange<Int>? = nil
        package var isPoints: Bool
        /// From now to its end.
        package var length: Duration?
        /// A limit lets nothing through before that.
        package var blockedUntil: Instant?
        /// The most that it takes of what one of its limits lets through in an hour, 0...
        package var share: Double
    }

    package struct Delay: Sendable, Hashable {
        package var job: JobID
        package var account: AccountID
        package var name: String
        package var kind: JobKind
        package var by: Duration
    }

    package init() {}

    /// Of those whose price is known; nil when there are none.
    package func calls(inPoints: Bool) -> Int? {
        let known = parts.filter { $0.isPoints == inPoints }.compactMap(\.calls)
        return known.isEmpty ? nil : known.reduce(0, +)
    }

    /// From how many to how many that may be; nil when `calls` is near enough.
    package func range(inPoints: Bool) -> ClosedRange<Int>? {
        let mine = parts.filter { $0.isPoints == inPoints }
        let ends = mine.compactMap { part in part.range ?? part.calls.map { $0...$0 } }
        let (low, high) = ends.reduce((0, 0)) { ($0.0 + $1.lowerBound, $0.1 + $1.upperBound) }
        return Price.Figure(low: Double(low), likely: 0, high: Double(high)).range
    }

    package var isKnown: Bool { !parts.isEmpty && parts.allSatisfy { $0.calls != nil && $0.length != nil } }

    /// Until the last is done; nil unless all are known.
    package var length: Duration? { isKnown ? parts.compactMap(\.length).max() : nil }

    /// The promise that is kept with a request.
    package func promise(at now: Instant) -> SyncRequest.Promise? {
        guard let length else { return nil }
        return SyncRequest.Promise(points: parts.compactMap(\.calls).reduce(0, +), until: now + length)
    }
}

// MARK: - Reckoning

extension Price {
    /// What is wanted of one account.
    package struct Want: Sendable {
        package var account: AccountID
        package var streams: [StreamID]
        /// Nil for all that is due.
        package var days: DayRange?
        package var keys: [QuotaKey]
        package var isPoints: Bool
        /// Who asks: platforms read named days of a quick sync otherwise than those of a manual one.
        package var kind = JobKind.manual
        /// The chunks that a job would begin with, where that was looked up.
        package var plan: [PastJob.Piece] = []
        /// How many of them are of the history.
        package var later = 0
        /// Whole stages come to light only while it runs.
        package var isFound = false
        /// Days that are to be read of an account that was never read.
        package var span = 0
        /// First syncs of other accounts of the platform.
        package var others: [PastJob] = []

        package init(
            account: AccountID, streams: [StreamID], days: DayRange?, keys: [QuotaKey], isPoints: Bool = false
        ) {
            self.account = account
            self.streams = streams
            self.days = days
            self.keys = keys
            self.isPoints = isPoints
        }
    }

    /// A job that goes on, with the limits of its account.
    package struct Open: Sendable {
        package var log: LogEntry
        package var keys: [QuotaKey]
        package init(log: LogEntry, keys: [QuotaKey]) {
            self.log = log
            self.keys = keys
        }
    }

    /// `past` has the newest jobs first. A limit that is not among `quotas` was never used.
    package init(
        _ wants: [Want], past: [PastJob], quotas: [QuotaKey: Quota], open: [Open] = [], at now: Instant
    ) {
        let byAccount = Dictionary(grouping: past, by: \.account)
        let known = wants.map { Past(byAccount[$0.account] ?? [], at: now).cost(of: $0) }
        // What all of them together take of each limit.
        var total: [QuotaKey: Double] = [:]
        for (want, cost) in zip(wants, known) {
            guard let cost else { continue }
            for key in want.keys { total[key, default: 0] += cost.points(of: quotas[key]) }
        }
        parts = zip(wants, known).map { want, cost in
            let blocks = want.keys.compactMap { quotas[$0]?.blockedUntil }.filter { $0 > now }
            guard let cost else {
                return Part(
                    account: want.account, calls: nil, isPoints: want.isPoints, length: nil,
                    blockedUntil: blocks.max(), share: 0)
            }
            let (late, share) = Price.burden(want.keys, cost, total, quotas, at: now)
            return Part(
                account: want.account, calls: cost.calls, range: cost.range, isPoints: want.isPoints,
                length: cost.length.map { $0 + late }, blockedUntil: blocks.max(), share: share)
        }
        delays = Price.delays(open, total, quotas, at: now)
    }

    /// How much longer than usual it takes because of what is used, blocked or asked for beside it; and the largest
    /// part of what a limit lets through in an hour.
    private static func burden(
        _ keys: [QuotaKey], _ cost: Cost, _ total: [QuotaKey: Double], _ quotas: [QuotaKey: Quota], at now: Instant
    ) -> (Duration, Double) {
        var (late, share) = (Duration.zero, 0.0)
        for key in keys {
            guard let quota = quotas[key] else { continue }
            let own = cost.points(of: quota)
            let usual = Quota.time(for: own, of: quota.limit)
            late = max(late, quota.time(for: total[key] ?? own, at: now) - usual)
            share = max(share, own * quota.limit.interval / 3_600_000_000)
        }
        return (late, share)
    }

    /// Those who share a limit that this exhausts wait for as long as it holds the limit.
    private static func delays(
        _ open: [Open], _ total: [QuotaKey: Double], _ quotas: [QuotaKey: Quota], at now: Instant
    ) -> [Delay] {
        open.compactMap { open -> Delay? in
            if open.log.waitReason == .credential || open.log.waitReason == .paused { return nil }
            let longest = open.keys.compactMap { key -> Duration? in
                guard let points = total[key], let quota = quotas[key] else { return nil }
                let block = max(.zero, (quota.blockedUntil ?? now) - now)
                // One that is blocked anyhow gives this its part afterwards.
                guard quota.time(for: points, at: now) > block else { return nil }
                return .microseconds(Int64(min(points * quota.limit.interval / quota.pace, 1e15)))
            }.max()
            guard let longest, longest >= .seconds(1) else { return nil }
            return Delay(
                job: open.log.job, account: open.log.account, name: open.log.accountName, kind: open.log.kind,
                by: longest)
        }
    }

    /// How many calls, as far as that is known.
    struct Figure: Sendable, Hashable {
        var low: Double
        var likely: Double
        var high: Double

        init(low: Double, likely: Double, high: Double) { (self.low, self.likely, self.high) = (low, likely, high) }
        init(_ calls: Double) { (low, likely, high) = (calls, calls, calls) }
        /// Anything between: by the factor as far from one as from the other.
        init(_ low: Double, to high: Double) {
            self.init(low: low, likely: (max(low, 1) * max(high, 1)).squareRoot(), high: high)
        }

        static func + (left: Figure, right: Figure) -> Figure {
            Figure(low: left.low + right.low, likely: left.likely + right.likely, high: left.high + right.high)
        }

        var calls: Int { max(1, Int(likely.rounded())) }

        /// Nil where both ends are so near that one number says it.
        var range: ClosedRange<Int>? {
            let (from, to) = (max(1, Int(low.rounded())), max(1, Int(high.rounded(.up))))
            return to > from && high > low * 1.5 ? from...to : nil
        }
    }

    struct Cost {
        var calls: Int
        var range: ClosedRange<Int>?
        var length: Duration?

        /// How many of its calls can have touched a limit: no more than that lets through in the time that it takes.
        func points(of quota: Quota?) -> Double {
            guard let quota, let length else { return Double(calls) }
            let most = quota.limit.burst + Double(length.microseconds) / quota.limit.interval
            return min(Double(calls), most)
        }
    }
}
