extension Quota {
    /// How long it takes from now until `points` more have been let through, if nobody else uses any.
    package func time(for points: Double, at now: Instant) -> Duration {
        let opening = max(now, blockedUntil ?? now)
        let perPoint = limit.interval / pace
        // What is held behind a block is not use.
        let used = max(0, Double((arrival - opening).microseconds) / perPoint)
        let missing = max(0, points - max(0, limit.burst - used))
        return (opening - now) + Quota.length(missing, perPoint)
    }

    /// The same of a limit that nobody has used.
    package static func time(for points: Double, of limit: QuotaLimit) -> Duration {
        length(max(0, points - limit.burst), limit.interval)
    }

    private static func length(_ points: Double, _ perPoint: Double) -> Duration {
        .microseconds(Int64(min(points * perPoint, 1e15)))
    }
}
