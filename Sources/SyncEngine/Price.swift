package import SyncCore

/// What a sync will cost, when it is done, and whom it holds up: told from what jobs of the same accounts took of late
/// and from the limits as they are. Pure; what nobody can know is nil.
package struct Price: Sendable, Hashable {
    /// In the order in which they were asked for.
    package var parts: [Part] = []
    /// Open work that shares a limit, and has to wait for this.
    package var delays: [Delay] = []

    package struct Part: Sendable, Hashable {
        package var account: AccountID
        /// Calls, or points where the platform counts those (`isPoints`); nil when no job of the account tells.
        package var calls: Int?
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
        let known = wants.map { Past(byAccount[$0.account] ?? []).cost(of: $0) }
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
                account: want.account, calls: cost.calls, isPoints: want.isPoints, length: cost.length + late,
                blockedUntil: blocks.max(), share: share)
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

    fileprivate struct Cost {
        var calls: Int
        var length: Duration

        /// How many of its calls can have touched a limit: no more than that lets through in the time that it takes.
        func points(of quota: Quota?) -> Double {
            guard let quota else { return Double(calls) }
            let most = quota.limit.burst + Double(length.microseconds) / quota.limit.interval
            return min(Double(calls), most)
        }
    }
}

/// The newest jobs of one account.
private struct Past {
    let jobs: [PastJob]

    init(_ jobs: [PastJob]) { self.jobs = jobs }

    func cost(of want: Price.Want) -> Price.Cost? {
        guard let calls = calls(want), let length = length(calls) else { return nil }
        return Price.Cost(calls: calls, length: length)
    }

    private func calls(_ want: Price.Want) -> Int? {
        var sum = 0
        for stream in want.streams {
            guard let calls = calls(stream, want.days) else { return whole(want) }
            sum += calls
        }
        return sum
    }

    private struct Sample {
        var days: Int
        var calls: Int
    }

    private func calls(_ stream: StreamID, _ days: DayRange?) -> Int? {
        let told = alike(days).filter { !$0.parts.isEmpty && $0.streams.contains(stream) }
        // A stream that comes with another has no chunks of its own.
        let samples = told.map { job in
            Sample(days: job.parts[stream]?.days ?? 0, calls: job.parts[stream]?.requests ?? 0)
        }
        return Past.calls(samples, days?.count)
    }

    /// By jobs of the same streams, where nothing is known of each.
    private func whole(_ want: Price.Want) -> Int? {
        let same = alike(want.days).filter { Set($0.streams) == Set(want.streams) }
        return Past.calls(same.map { Sample(days: $0.requested?.count ?? 0, calls: $0.requests) }, want.days?.count)
    }

    /// Those that were asked for in the same way come first: with days, or for what was due.
    private func alike(_ days: DayRange?) -> [PastJob] {
        let same = jobs.filter { ($0.requested == nil) == (days == nil) && $0.kind != .initial }
        return same.isEmpty ? jobs : same
    }

    /// Of those that read about as many days, the one in the middle; by days where that is more or fewer.
    private static func calls(_ samples: [Sample], _ days: Int?) -> Int? {
        guard let days else { return middle(samples.map(\.calls)) }
        let dated = samples.filter { $0.days > 0 }
        func distance(_ sample: Sample) -> Double {
            let ratio = Double(sample.days) / Double(days)
            return max(ratio, 1 / ratio)
        }
        guard let nearest = dated.map(distance).min() else { return middle(samples.map(\.calls)) }
        let best = dated.filter { distance($0) <= nearest * 1.1 }
        return middle(best.map { max(1, Int((Double($0.calls * days) / Double($0.days)).rounded())) })
    }

    /// Of jobs with about as many calls, those that were not throttled where there are some.
    private func length(_ calls: Int) -> Duration? {
        let smooth = jobs.filter { $0.throttled == 0 }
        let timed = (smooth.isEmpty ? jobs : smooth).filter { $0.requests > 0 }
        let wanted = Double(max(1, calls))
        func distance(_ job: PastJob) -> Double {
            let ratio = Double(job.requests) / wanted
            return max(ratio, 1 / ratio)
        }
        guard let nearest = timed.map(distance).min() else { return nil }
        let lengths = timed.filter { distance($0) <= nearest * 1.25 }
            .map { Double($0.length.microseconds) * max(0.1, wanted / Double($0.requests)) }
        return Past.middle(lengths).map { max(.seconds(1), .microseconds(Int64($0))) }
    }

    private static func middle<Value: Comparable>(_ values: [Value]) -> Value? {
        values.isEmpty ? nil : values.sorted()[values.count / 2]
    }
}
