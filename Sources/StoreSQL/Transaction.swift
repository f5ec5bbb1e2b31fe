package import SyncCore
import Synchronization

/// One access to the database: its statements, the moment that counts in it, and what the store remembers
/// beside it. The tables of this folder are small structs over it.
package struct Transaction {
    let sql: SQL
    /// The store's present moment; the same for everything in this transaction.
    let now: Instant
    /// `now` as text columns have it.
    let nowText: String
    let memory: StoreMemory
    let ending: TransactionEnding
    let held = HeldChunks()

    package init(session: any SQLSession, now: Instant, memory: StoreMemory) {
        self.sql = SQL(session)
        self.now = now
        self.nowText = now.description
        self.memory = memory
        self.ending = TransactionEnding()
    }

    /// Reads the chunks that all writes of this transaction will be about, at once.
    package func hold(_ chunks: [ChunkID]) throws {
        if chunks.count > 1 { held.keep(try ChunkWrite.hold(chunks.map(\.value), self)) }
    }

    /// To be called once, behind the last write and before the commit; what others should be told after it.
    package func end() throws -> Set<StoreHint> {
        try ChunkWrite.writeEnds(self)
        try countJobs()
        try StreamStateTable(transaction: self).save(ending.takeLearned())
        let events = ending.takeEvents()
        if !events.isEmpty { ending.announce(.events) }
        try EventTable(transaction: self).insert(events)
        return ending.hints
    }

    /// To be called behind the commit.
    package func settle() { memory.mark(ending.marked) }

    /// Writes the numbers of jobs that are kept for the end: whoever reads a job wants them true.
    func countJobs() throws {
        let changes = ending.takeJobs()
        try MinuteTable(transaction: self).mark(changes.map(\.job))
        try JobTable(transaction: self).count(changes)
    }
}

/// Chunks that were read before the writes that are about them, each good for the first of these.
final class HeldChunks {
    private var chunks: [Int64: ChunkWrite.Held] = [:]
    /// All writes of the transaction are about chunks that were read: no other needs to see before the end what
    /// became of them.
    private(set) var isWhole = false

    func keep(_ read: [ChunkWrite.Held]) {
        isWhole = true
        for chunk in read { chunks[chunk.id] = chunk }
    }

    func take(_ chunk: Int64) -> ChunkWrite.Held? { chunks.removeValue(forKey: chunk) }
}

/// What the store keeps in memory, for all its connections. Everything here can be read again from the database or be
/// lost without harm, so a transaction that is rolled back only makes it be forgotten.
package final class StoreMemory: Sendable {
    private struct State {
        /// Schemas by their table.
        var schemas: [StreamKey: StreamSchema] = [:]
        var jobs: [Int64: JobFacts] = [:]
        var throttleTold: [Int64: (at: Instant, until: Instant)] = [:]
        /// The last minute of a job of which `sync_minutes` has a row.
        var marked: [Int64: Int64] = [:]
        var nextLane = Int64.min
        var rescuedAt: Instant?
        var ended: (chunks: [WorkState: Int], at: Instant)?
    }

    private struct StreamKey: Hashable {
        var platform: PlatformID
        var stream: StreamID
    }

    private let state = Mutex(State())

    package init() {}

    /// The account behind which the next claim looks first.
    var nextLane: Int64 {
        get { state.withLock { $0.nextLane } }
        set { state.withLock { $0.nextLane = newValue } }
    }

    /// Notes a rescue; the moment of the last one before it, nil for the first.
    func rescues(at now: Instant) -> Instant? {
        state.withLock { state in
            defer { state.rescuedAt = now }
            return state.rescuedAt
        }
    }

    /// How many chunks ended how, over all jobs; `newest` is the id of the newest one. A sum over a million jobs takes
    /// half a second, so it may be old by a hundred times what it takes: with few jobs it is always read.
    func endedChunks(
        ofJobs newest: Int64, at now: Instant, _ read: () throws -> [WorkState: Int]
    ) rethrows -> [WorkState: Int] {
        let age = Duration.microseconds(50 * newest)
        if age >= .seconds(1), let known = state.withLock({ $0.ended }), (.zero..<age).contains(now - known.at) {
            return known.chunks
        }
        let chunks = try read()
        state.withLock { $0.ended = (chunks: chunks, at: now) }
        return chunks
    }

    func register(_ schema: StreamSchema) {
        state.withLock { $0.schemas[StreamKey(platform: schema.platform, stream: schema.id)] = schema }
    }

    func schema(_ stream: StreamID, of platform: PlatformID) -> StreamSchema? {
        state.withLock { $0.schemas[StreamKey(platform: platform, stream: stream)] }
    }

    /// Facts of a job that never change, read once; again when they are of another account than is known.
    func facts(of job: Int64, account: Int64?, _ read: () throws -> JobFacts) rethrows -> JobFacts {
        if let known = state.withLock({ $0.jobs[job] }), known.account == account ?? known.account { return known }
        let facts = try read()
        state.withLock { state in
            // A process sees few open jobs at a time; starting over is cheaper than keeping order.
            if state.jobs.count >= 4096 { state.jobs.removeAll() }
            state.jobs[job] = facts
        }
        return facts
    }

    func isMarked(_ job: Int64, in minute: Int64) -> Bool { state.withLock { $0.marked[job] == minute } }

    func mark(_ jobs: [Int64: Int64]) {
        if jobs.isEmpty { return }
        state.withLock { state in
            if state.marked.count >= 4096 { state.marked.removeAll() }
            state.marked.merge(jobs) { $1 }
        }
    }

    /// True when a throttle of `account` is worth an event: none was told in the last ten seconds, or it ends much
    /// later than that one.
    func shouldTellThrottle(of account: Int64, until end: Instant, at now: Instant) -> Bool {
        let moment: Duration = .seconds(10)
        return state.withLock { state in
            if let told = state.throttleTold[account], now - told.at < moment, end - told.until < moment {
                return false
            }
            state.throttleTold[account] = (now, end)
            return true
        }
    }

    package func forget() {
        state.withLock { state in
            state.jobs.removeAll()
            state.throttleTold.removeAll()
            state.marked.removeAll()
            state.rescuedAt = nil
        }
    }
}

/// What every write about a chunk needs of its job.
struct JobFacts: Sendable {
    var account: Int64
    var connection: Int64
    var platform: PlatformID
    /// The value of `account_id` in data tables.
    var externalID: String
    var anchor: CivilDate
}
