import FoundationEssentials
import SyncCore

/// What is planned, by what chunks have taken so far.
extension Past {
    private struct Seen {
        var piece: PastJob.Piece
        var job: PastJob
        var each: Double { Double(piece.requests) / Double(max(1, piece.chunks)) }
        var days: Double { Double(piece.days) / Double(max(1, piece.chunks)) }
    }

    func planned(_ want: Price.Want) -> Price.Figure? {
        let seen = jobs.flatMap { job in job.pieces.filter { $0.requests > 0 }.map { Seen(piece: $0, job: job) } }
        guard !want.plan.isEmpty, !seen.isEmpty else { return nil }
        return want.plan.map { figure(of: $0, seen) }.reduce(comingAlong(want), +)
    }

    /// What as many chunks took that read in the same way, the nearest in size; a chunk takes a call or two however
    /// small it is.
    private func figure(of piece: PastJob.Piece, _ all: [Seen]) -> Price.Figure {
        let count = Double(piece.chunks)
        let stream = all.filter { $0.piece.stream == piece.stream }
        let same = stream.filter { $0.piece.way.word == piece.way.word }
        guard let nearest = same.map({ distance(piece, $0) }).min() else {
            // Another way of the stream: a call for each chunk, or as many as that took.
            let most = (stream.isEmpty ? all : stream).map(\.each).max() ?? 1
            return Price.Figure(count, to: count * max(1, most))
        }
        let best = same.filter { distance(piece, $0) <= nearest * 1.1 }.sorted { $0.each < $1.each }
        let sample = best[best.count / 2]
        let least = min(Double(same.map(\.piece.least).filter { $0 > 0 }.min() ?? 1), 2, sample.each)
        let ratio = ratio(piece, sample)
        let scaled = count * (least + (sample.each - least) * ratio)
        return piece.days > 0 ? Price.Figure(scaled) : Past.between(scaled, count * sample.each)
    }

    /// What came since a moment need not have come evenly: as much as before, or by the time.
    private static func between(_ scaled: Double, _ same: Double) -> Price.Figure {
        let (low, high) = (min(scaled, same), max(scaled, same))
        return high > low * 1.5 ? Price.Figure(low, to: high) : Price.Figure(scaled)
    }

    /// How much more there is in one of `piece` than in one that was seen.
    private func ratio(_ piece: PastJob.Piece, _ seen: Seen) -> Double {
        if piece.days > 0, seen.days > 0 { return Double(piece.days) / Double(piece.chunks) / seen.days }
        guard let since = piece.way.since, let past = seen.piece.way.since else { return 1 }
        let day = 86_400.0
        return max(0, (now - since).inSeconds / day) / max(0.01, (seen.job.finishedAt - past).inSeconds / day)
    }

    private func distance(_ piece: PastJob.Piece, _ seen: Seen) -> Double {
        let ratio = max(0.001, ratio(piece, seen))
        return max(ratio, 1 / ratio)
    }

    /// Chunks that others find on their way (messages of what is listed), in the job that is nearest to what is wanted.
    private func comingAlong(_ want: Price.Want) -> Price.Figure {
        let following = Set(want.streams).subtracting(want.plan.map(\.stream))
        func follow(_ job: PastJob) -> Double {
            Double(job.pieces.filter { $0.days == 0 && following.contains($0.stream) }.reduce(0) { $0 + $1.requests })
        }
        let none = Price.Figure(0)
        var nearest: (distance: Double, figure: Price.Figure)?
        for job in jobs where !job.pieces.isEmpty && follow(job) > 0 {
            // Of each stream the way that is most like it; nil where one is read in a way that the job did not know.
            let matched = Dictionary(grouping: want.plan.filter { $0.days == 0 }, by: \.stream).values.map { pieces in
                pieces.flatMap { piece in
                    job.pieces.filter { $0.stream == piece.stream && $0.way.word == piece.way.word }
                        .map { self.ratio(piece, Seen(piece: $0, job: job)) }
                }.max()
            }
            let ratio = matched.contains(nil) ? nil : matched.compactMap(\.self).min()
            let figure = ratio.map { Past.between(follow(job) * $0, follow(job)) }
            let distance = ratio.map { max($0, 1 / max($0, 0.001)) } ?? .infinity
            if nearest.map({ distance < $0.distance }) ?? true {
                nearest = (
                    distance, figure ?? Price.Figure(low: 0, likely: follow(job).squareRoot(), high: follow(job))
                )
            }
        }
        return nearest?.figure ?? none
    }

    // MARK: Never read

    /// As many as first syncs of other accounts took, by the day: accounts differ, and few say little of the next.
    static func others(_ want: Price.Want, at now: Instant) -> Price.Figure? {
        let told = want.others.compactMap { job -> Double? in
            var want = want
            if want.days == nil, want.span > 0 {
                let anchor = CivilDate(now, in: .gmt)
                want.days = DayRange(anchor.adding(days: 1 - want.span), anchor)
            }
            return Past([job], at: now).byDays(want)?.likely
        }.sorted()
        guard let first = told.first, let last = told.last else { return nil }
        let width = told.count < 3 ? 2.0 : 1.25
        return Price.Figure(low: first / width, likely: told[told.count / 2], high: last * width)
    }

    /// Nothing but the plan. Chunks of small accounts join, those of the history most of all, for by then their size is
    /// known; those of large ones take many calls each. Nil where the work is only found on the way.
    static func plain(_ want: Price.Want) -> Price.Figure? {
        let chunks = Double(want.plan.reduce(0) { $0 + $1.chunks })
        guard chunks > 0, !want.isFound else { return nil }
        let later = Double(want.later)
        return Price.Figure((chunks - later) / 3 + later / 10, to: chunks * 50)
    }
}
