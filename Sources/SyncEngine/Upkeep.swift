import SyncCore

/// What one process does for all now and then: it takes out of the queue what was finished long ago, a little at a
/// time, so that the tables that every claim goes through stay small.
struct Upkeep {
    let environment: EngineEnvironment
    let worker: String
    private var dueIn = Duration.zero

    /// How long finished chunks are kept for people who look at them; jobs and their numbers stay.
    static let kept: Duration = .seconds(25 * 86_400)
    static let every: Duration = .seconds(3600)
    private static let lease: Duration = .seconds(120)
    private static let batch = 500
    private static let pause: Duration = .milliseconds(100)

    init(_ environment: EngineEnvironment, worker: String) {
        self.environment = environment
        self.worker = worker
    }

    /// To be called often; `passed` is the time since the last call.
    mutating func run(after passed: Duration, until isStopping: () -> Bool) async throws {
        dueIn -= passed
        guard dueIn <= .zero else { return }
        dueIn = Upkeep.every
        try await prune(until: isStopping)
    }

    /// Two at once would do no harm; whoever lost the lead meanwhile stops.
    func prune(until isStopping: () -> Bool) async throws {
        let store = environment.store
        let before = environment.wallClock.now - Upkeep.kept
        while !isStopping(), try await store.lead("upkeep", as: worker, for: Upkeep.lease) != nil {
            let chunks = try await store.prune(before: before, limit: Upkeep.batch)
            let runs = try await store.pruneRuns(before: before, limit: Upkeep.batch)
            if chunks == 0, runs == 0 { break }
            try await environment.clock.sleep(for: Upkeep.pause)
        }
    }
}
