import FoundationEssentials
import SyncCore

/// The newest jobs of one account, and what they tell of the next.
struct Past {
    let jobs: [PastJob]
    let now: Instant

    init(_ jobs: [PastJob], at now: Instant) {
        self.jobs = jobs
        self.now = now
    }

    /// By a job that was the same; else by what is planned and what chunks of the account took; else by the day; of an
    /// account that was never read by the first syncs of others, or by the plan alone.
    func cost(of want: Price.Want) -> Price.Cost? {
        guard let figure = same(want) ?? planned(want) ?? byDays(want) ?? Past.others(want, at: now) ?? Past.plain(want)
        else { return nil }
        let length = length(figure.calls) ?? Past(want.others, at: now).length(figure.calls)
        return Price.Cost(calls: figure.calls, range: figure.range, length: length)
    }

    // MARK: The same once more

    /// Of jobs that were asked for in the same way: about as many days, about as long ago.
    private func same(_ want: Price.Want) -> Price.Figure? {
        let alike = jobs.filter { job in
            guard job.kind != .initial, (job.requested == nil) == (want.days == nil) else { return false }
            guard let days = want.days, let past = job.requested else {
                return (job.kind == .manual) == (want.kind == .manual)
            }
            return job.kind == want.kind && Past.isNear(past.count, days.count, by: 1.25)
                && Past.isNear(Past.reach(past, at: job.finishedAt), Past.reach(days, at: now), by: 1.5)
        }
        let whole = alike.filter { Set($0.streams) == Set(want.streams) }
        if let calls = Past.middle(whole.map { Double($0.requests) }) { return Price.Figure(calls) }
        return Past(alike, at: now).byDays(want)
    }

    private static func isNear(_ left: Int, _ right: Int, by factor: Double) -> Bool {
        Double(max(left, right)) <= Double(min(left, right)) * factor
    }

    /// Days back to the first: some platforms read all from there on.
    private static func reach(_ days: DayRange, at moment: Instant) -> Int {
        max(1, CivilDate(moment, in: .gmt).days(since: days.first) + 1)
    }

    // MARK: By the day

    func byDays(_ want: Price.Want) -> Price.Figure? {
        var sum = 0
        // Totals come behind whatever has some; a job that had none tells of none.
        for stream in want.streams + [.totals] {
            guard let calls = calls(stream, want.days?.count) else {
                if stream == .totals { continue }
                return whole(want)
            }
            sum += calls
        }
        return Price.Figure(Double(sum))
    }

    private struct Sample {
        var days: Int
        var calls: Int
    }

    private func calls(_ stream: StreamID, _ days: Int?) -> Int? {
        let told = alike(hasDays: days != nil).filter {
            !$0.parts.isEmpty && ($0.streams.contains(stream) || $0.parts[stream] != nil)
        }
        // A stream that comes with another has no chunks of its own.
        let samples = told.map { job in
            Sample(days: job.parts[stream]?.days ?? 0, calls: job.parts[stream]?.requests ?? 0)
        }
        return Past.calls(samples, days)
    }

    /// By jobs of the same streams, where nothing is known of each.
    private func whole(_ want: Price.Want) -> Price.Figure? {
        let same = alike(hasDays: want.days != nil).filter { Set($0.streams) == Set(want.streams) }
        let samples = same.map { Sample(days: $0.requested?.count ?? 0, calls: $0.requests) }
        return Past.calls(samples, want.days?.count).map { Price.Figure(Double($0)) }
    }

    /// Those that were asked for in the same way come first: with days, or for what was due.
    private func alike(hasDays: Bool) -> [PastJob] {
        let same = jobs.filter { ($0.requested != nil) == hasDays && $0.kind != .initial }
        return same.isEmpty ? jobs : same
    }

    /// Of those that read about as many days, the one in the middle; by days where that is more or fewer.
    private static func calls(_ samples: [Sample], _ days: Int?) -> Int? {
        guard let days else { return middle(samples.map(\.calls)) }
        let dated = samples.filter { $0.days > 0 }
        guard let nearest = dated.map({ distance($0.days, days) }).min() else { return middle(samples.map(\.calls)) }
        let best = dated.filter { distance($0.days, days) <= nearest * 1.1 }
        return middle(best.map { max(1, Int((Double($0.calls * days) / Double($0.days)).rounded())) })
    }

    static func distance(_ left: Int, _ right: Int) -> Double {
        let ratio = Double(max(left, 1)) / Double(max(right, 1))
        return max(ratio, 1 / ratio)
    }

    // MARK: Time

    /// Of jobs with about as many calls, those that were not throttled where there are some.
    func length(_ calls: Int) -> Duration? {
        let smooth = jobs.filter { $0.throttled == 0 }
        let timed = (smooth.isEmpty ? jobs : smooth).filter { $0.requests > 0 }
        let wanted = Double(max(1, calls))
        guard let nearest = timed.map({ Past.distance($0.requests, calls) }).min() else { return nil }
        let lengths = timed.filter { Past.distance($0.requests, calls) <= nearest * 1.25 }
            .map { Double($0.length.microseconds) * max(0.1, wanted / Double($0.requests)) }
        return Past.middle(lengths).map { max(.seconds(1), .microseconds(Int64($0))) }
    }

    static func middle<Value: Comparable>(_ values: [Value]) -> Value? {
        values.isEmpty ? nil : values.sorted()[values.count / 2]
    }
}
