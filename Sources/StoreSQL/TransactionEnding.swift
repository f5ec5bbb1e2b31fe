import SyncCore

/// What a transaction keeps for its end: the numbers of jobs, so that a job that many writes of a group are about is
/// written once, and the journal, so that its order is that of the commits.
final class TransactionEnding {
    private(set) var hints: Set<StoreHint> = []
    private var jobs: [Int64: (change: JobTable.Change, open: Int)] = [:]
    private var events: [(event: Event, isOnce: Bool)] = []

    func announce(_ hint: StoreHint) { hints.insert(hint) }

    /// How many chunks of `job` are open after `change`; `stored` reads how many were before this transaction.
    func add(_ change: JobTable.Change, to job: Int64, stored: () throws -> Int?) rethrows -> Int? {
        guard var entry = try jobs[job] ?? stored().map({ (change: JobTable.Change(), open: $0) }) else { return nil }
        entry.change += change
        entry.open += change.open
        jobs[job] = entry
        return entry.open
    }

    /// In order, so that two transactions do not wait for each other.
    func takeJobs() -> [(job: Int64, change: JobTable.Change)] {
        defer { jobs = [:] }
        return jobs.keys.sorted().compactMap { job in jobs[job].map { (job: job, change: $0.change) } }
    }

    func append(_ event: Event, isOnce: Bool = false) { events.append((event: event, isOnce: isOnce)) }

    func takeEvents() -> [(event: Event, isOnce: Bool)] {
        defer { events = [] }
        return events
    }
}
