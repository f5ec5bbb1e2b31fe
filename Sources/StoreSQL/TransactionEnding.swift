import SyncCore

/// What a transaction keeps for its end: the numbers of jobs, so that a job that many writes of a group are about is
/// written once, what is learned of a stream likewise, chunks that are done, and the journal, so that a transaction is
/// in it for a short time.
final class TransactionEnding {
    private(set) var hints: Set<StoreHint> = []
    private var jobs: [Int64: (change: JobTable.Change, open: Int)] = [:]
    private var ends: [(chunk: Int64, values: [Bound])] = []
    private var learned: [AccountStream: Learned] = [:]
    /// Jobs with a row in `sync_minutes` of a minute, once this is committed.
    private(set) var marked: [Int64: Int64] = [:]
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

    /// What was added since the last time, in order, so that two transactions do not wait for each other.
    func takeJobs() -> [(job: Int64, change: JobTable.Change)] {
        jobs.keys.sorted().compactMap { job in
            guard let change = jobs[job]?.change, change != JobTable.Change() else { return nil }
            jobs[job]?.change = JobTable.Change()
            return (job: job, change: change)
        }
    }

    /// The last one of a stream counts.
    func learn(_ learned: Learned, account: Int64, stream: String) {
        self.learned[AccountStream(account: account, stream: stream)] = learned
    }

    /// In order, as jobs.
    func takeLearned() -> [(of: AccountStream, learned: Learned)] {
        defer { learned = [:] }
        return learned.sorted { ($0.key.account, $0.key.stream) < ($1.key.account, $1.key.stream) }
            .map { (of: $0.key, learned: $0.value) }
    }

    /// `values` are those of `ChunkWrite.writeEnds`.
    func end(_ chunk: Int64, _ values: [Bound]) { ends.append((chunk: chunk, values: values)) }

    func isEnding(_ chunk: Int64) -> Bool { ends.contains { $0.chunk == chunk } }

    func takeEnds() -> [[Bound]] {
        defer { ends = [] }
        return ends.map(\.values)
    }

    func mark(_ jobs: [Int64], in minute: Int64) {
        for job in jobs { marked[job] = minute }
    }

    func append(_ event: Event, isOnce: Bool = false) { events.append((event: event, isOnce: isOnce)) }

    func takeEvents() -> [(event: Event, isOnce: Bool)] {
        defer { events = [] }
        return events
    }
}

struct AccountStream: Hashable {
    var account: Int64
    var stream: String
}
