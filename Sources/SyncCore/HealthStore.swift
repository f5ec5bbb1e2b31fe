/// What is asked of a database about its own health and about the work in it, for probes and metrics.
///
/// Beside the ports of `Ports.swift`, because only a worker that answers probes needs it. All calls are cheap
/// however many chunks were ever finished, and their callers make them at most once a second.
package protocol HealthStore: Sendable {
    /// The work that there is at one moment.
    func queueDepth() async throws -> QueueDepth

    /// How many chunks each process has in hand, by its name.
    func hands() async throws -> [String: Int]

    /// Returns when a write can be had now, and changes nothing; throws what a write would throw.
    func checkWritable() async throws
}

/// The work in a database at one moment.
package struct QueueDepth: Sendable, Hashable {
    /// Chunks by state. Those that ended are counted by their jobs.
    package var chunks: [WorkState: Int]
    /// Chunks that somebody should have in hand: ready, past the moment that they waited for, or left behind by a
    /// worker whose lease ran out.
    package var due: Int
    /// How long the oldest of those has been there: since it was created, or since the moment that it waited for.
    package var oldestDue: Duration?
    /// Jobs that are not at their end.
    package var openJobs: Int
    /// Of the newest syncs whose price was told and that are complete: the calls that they took, by those promised.
    package var promises: [Double] = []

    package init(chunks: [WorkState: Int] = [:], due: Int = 0, oldestDue: Duration? = nil, openJobs: Int = 0) {
        self.chunks = chunks
        self.due = due
        self.oldestDue = oldestDue
        self.openJobs = openJobs
    }
}
