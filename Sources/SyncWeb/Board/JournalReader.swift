import SyncCore

/// Which accounts something happened to since the last look.
struct JournalReader: Sendable {
    private let store: any WebStore
    /// Up to here the journal was read; nil before the first look.
    private var heard: Int64?
    /// Events near the end that were seen: on PostgreSQL a lower number may be committed after a higher one.
    private var seen: Set<Int64> = []
    /// The newest job that is known: the journal does not tell of those that wait to begin.
    private var job = JobID(0)

    private static let window: Int64 = 256
    private static let batch = 500
    /// Beyond so many events nothing is worth keeping.
    private static let most = 20 * batch

    init(_ store: any WebStore) { self.store = store }

    /// Nil when too much happened to tell, and at the first look.
    mutating func changes() async throws -> Set<AccountID>? {
        var changed: Set<AccountID> = []
        if let started = try await store.jobs(after: job) {
            changed = started.accounts
            job = max(job, started.last)
        }
        guard let last = heard else {
            heard = try await store.lastEvent()
            return nil
        }
        var mark = max(0, last - JournalReader.window)
        var read = 0
        while true {
            let events = try await store.events(after: mark, limit: JournalReader.batch)
            for event in events where event.id > last || !seen.contains(event.id) {
                if let account = event.account { changed.insert(account) }
            }
            seen.formUnion(events.map(\.id))
            guard let end = events.last else { break }
            mark = end.id
            read += events.count
            if events.count < JournalReader.batch { break }
            if read >= JournalReader.most {
                mark = try await store.lastEvent()
                (heard, seen) = (mark, [])
                return nil
            }
        }
        let end = max(last, mark)
        heard = end
        seen = seen.filter { $0 > end - JournalReader.window }
        return changed
    }
}
