/// How long a job will still take, without pretending: remaining calls divided by the rate of late, as a
/// range, and nothing at all before there is something to go by (anchors.md 5.2).
package struct Estimate: Sendable {
    private struct Sample: Sendable {
        var at: Duration
        var requests: Int
    }

    private var samples: [Sample] = []

    package init() {}

    package struct Left: Sendable, Hashable {
        package var low: Duration
        package var likely: Duration
        package var high: Duration
    }

    /// Notes how many calls the job had made at `at`, a monotonic moment. Keeps the last minute.
    package mutating func note(requests: Int, at: Duration) {
        samples.append(Sample(at: at, requests: requests))
        while let first = samples.first, at - first.at > .seconds(60), samples.count > 2 { samples.removeFirst() }
    }

    /// Time left for `phase`, nil while nobody can know: before 5 % or 20 s, or when nothing moved for a while.
    package func left(_ stages: [StageProgress], phase: Phase) -> Left? {
        guard let first = samples.first, let last = samples.last, last.at > first.at else { return nil }
        let mine = stages.filter { $0.phase == phase }
        let total = mine.reduce(0) { $0 + $1.total }
        let done = mine.reduce(0) { $0 + $1.completed + $1.failed }
        guard total > 0, done > 0, done < total else { return nil }
        guard Double(done) / Double(total) >= 0.05 || last.at - first.at >= .seconds(20) else { return nil }
        let rate = Double(last.requests - first.requests) / (last.at - first.at).inSeconds
        guard rate > 0 else { return nil }
        let calls = mine.reduce(0.0) { $0 + remaining($1, among: mine) }
        let likely = calls / rate
        let (slowest, fastest) = spread(around: rate)
        return Left(
            low: .seconds(calls / fastest), likely: .seconds(likely), high: .seconds(calls / slowest))
    }

    /// Calls that the open chunks of a stage will take, by what its finished ones took.
    private func remaining(_ stage: StageProgress, among stages: [StageProgress]) -> Double {
        let finished = stage.completed + stage.failed
        let open = Double(max(0, stage.total - finished))
        if finished > 0 { return open * max(1, Double(stage.requests) / Double(finished)) }
        let all = stages.reduce(0) { $0 + $1.completed + $1.failed }
        let requests = stages.reduce(0) { $0 + $1.requests }
        return open * max(1, Double(requests) / Double(max(all, 1)))
    }

    /// The rates of the slower and the faster half of the samples, at least a tenth apart from the mean.
    private func spread(around rate: Double) -> (slow: Double, fast: Double) {
        guard samples.count >= 4 else { return (rate * 0.6, rate * 1.4) }
        let middle = samples.count / 2
        func pace(of part: ArraySlice<Sample>) -> Double {
            guard let first = part.first, let last = part.last, last.at > first.at else { return rate }
            return Double(last.requests - first.requests) / (last.at - first.at).inSeconds
        }
        let halves = [pace(of: samples[...middle]), pace(of: samples[middle...])]
        let slow = min(halves.min() ?? rate, rate * 0.9)
        let fast = max(halves.max() ?? rate, rate * 1.1)
        return (max(slow, rate * 0.2), fast)
    }
}
