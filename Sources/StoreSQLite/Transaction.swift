import GRDB
import SyncCore

/// One access to the database: its statements, the moment that counts in it, and what the store remembers
/// beside it. The tables of this folder are small structs over it.
struct Transaction {
    let sql: SQL
    /// The store's present moment; the same for everything in this transaction.
    let now: Instant
    /// `now` as text columns have it.
    let nowText: String
    let memory: StoreMemory
}

/// What the store keeps in memory. Everything here can be read again from the database or be lost without
/// harm, so a transaction that is rolled back only makes it be forgotten.
final class StoreMemory {
    /// Schemas by their table.
    private(set) var schemas: [StreamKey: StreamSchema] = [:]
    private var jobs: [Int64: JobFacts] = [:]
    private var throttleTold: [Int64: Instant] = [:]
    /// What digests say of the days of chunks that are being read: contents by key, followed with every write.
    private var known: [Int64: Known] = [:]

    private struct Known {
        var account: Int64
        var stream: String
        /// Nil when nothing is known of these days, so that all that comes is news.
        var contents: [UInt64: UInt64]?
    }

    struct StreamKey: Hashable {
        var platform: PlatformID
        var stream: StreamID
    }

    func register(_ schema: StreamSchema) {
        schemas[StreamKey(platform: schema.platform, stream: schema.id)] = schema
    }

    func schema(_ stream: StreamID, of platform: PlatformID) -> StreamSchema? {
        schemas[StreamKey(platform: platform, stream: stream)]
    }

    /// Facts of a job that never change, read once.
    func facts(of job: Int64, _ read: () throws -> JobFacts) rethrows -> JobFacts {
        if let known = jobs[job] { return known }
        // A process sees few open jobs at a time; starting over is cheaper than keeping order.
        if jobs.count >= 4096 { jobs.removeAll() }
        let facts = try read()
        jobs[job] = facts
        return facts
    }

    /// Lets `use` look at and change what is known of the rows of a chunk; `read` gets it when it is not at hand.
    func withKnown<Value>(
        _ chunk: Int64, account: Int64, stream: String, read: () throws -> [UInt64: UInt64]?,
        use: (inout [UInt64: UInt64]?) throws -> Value
    ) rethrows -> Value {
        // Chunks that were lost leave theirs behind.
        if known.count >= 1024 { known.removeAll() }
        var entry =
            try known.removeValue(forKey: chunk)
            ?? Known(account: account, stream: stream, contents: try read())
        defer { known[chunk] = entry }
        return try use(&entry.contents)
    }

    func forgetKnown(_ chunk: Int64) { known[chunk] = nil }

    func forgetKnown(account: Int64, stream: String, except chunk: Int64) {
        known = known.filter { $0.key == chunk || $0.value.account != account || $0.value.stream != stream }
    }

    /// True when a throttle of `account` is worth an event: not told in the last ten seconds.
    func shouldTellThrottle(of account: Int64, at now: Instant) -> Bool {
        if let told = throttleTold[account], now - told < .seconds(10) { return false }
        throttleTold[account] = now
        return true
    }

    func forget() {
        jobs.removeAll()
        known.removeAll()
        throttleTold.removeAll()
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
