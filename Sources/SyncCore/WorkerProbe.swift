/// What an HTTP server asks of the worker in its process. The server knows no engine and no store.
package protocol WorkerProbe: Sendable {
    /// Whether the database can be written; never waits for it longer than a few seconds.
    func readiness() async -> Health
    /// Whether work moves.
    func flow() async -> Health
    func vitals() async -> WorkerVitals
}

/// The answer to one question about a process: yes or no, a word for machines, a sentence for people.
package struct Health: Sendable, Hashable {
    package var isGood: Bool
    /// `ok`, `draining`, `unavailable` and the like.
    package var status: String
    /// One sentence without secrets; empty when there is nothing to say.
    package var reason: String

    package init(isGood: Bool, status: String, reason: String = "") {
        self.isGood = isGood
        self.status = status
        self.reason = reason
    }

    package static let ok = Health(isGood: true, status: "ok")
}

/// Everything that is measured of a worker, at one moment.
package struct WorkerVitals: Sendable {
    /// Nil while the database does not answer.
    package var depth: QueueDepth?
    package var quotas: [QuotaUse]
    package var tally: Tally
    package var busyWorkers: Int
    package var workers: Int
    package var isDraining: Bool
    package var startedAt: Instant
    /// Resident memory in bytes, where the system tells.
    package var memory: Int?
    package var version: String

    package init(
        depth: QueueDepth?, quotas: [QuotaUse], tally: Tally, busyWorkers: Int, workers: Int, isDraining: Bool,
        startedAt: Instant, memory: Int?, version: String
    ) {
        self.depth = depth
        self.quotas = quotas
        self.tally = tally
        self.busyWorkers = busyWorkers
        self.workers = workers
        self.isDraining = isDraining
        self.startedAt = startedAt
        self.memory = memory
        self.version = version
    }
}
