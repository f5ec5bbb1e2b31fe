import ConnectorKit
import SyncCore
import SyncEngine

/// Rows in the database by stage; what several accounts share counts once. They are counted account by account, so
/// that nobody waits behind a thousand of them, and the longer that takes the longer the sums are good: meanwhile
/// everybody gets those of before.
actor RowCounts {
    private struct Kept {
        var counts: [String: Int]
        var madeAt: Duration
        var took: Duration
        /// Counted behind the end of the sync that ended then: nothing of it comes any more.
        var end: Instant?
    }

    private let site: Site
    private let stopwatch: Stopwatch
    private var kept: [WorkspaceID: Kept] = [:]
    private var counting: [WorkspaceID: (task: Task<[String: Int], any Error>, end: Instant?)] = [:]

    private static let age: Duration = .seconds(2)
    /// At most that part of the time somebody counts.
    private static let part = 20
    /// Who waits no longer than that gets the newest.
    private static let short: Duration = .milliseconds(10)

    init(_ site: Site) {
        self.site = site
        stopwatch = Stopwatch(site.environment.clock)
    }

    func byStage(of platform: PlatformID, in workspace: WorkspaceID, over end: Instant?) async throws -> [String: Int] {
        let known = kept[workspace]
        if let known {
            let age = max(RowCounts.age, known.took * RowCounts.part)
            // The first that hears of the end sees what came of it.
            let isStale = stopwatch.elapsed - known.madeAt >= age || end != nil && known.end != end
            guard isStale else { return known.counts }
        }
        // Shared by all who ask, so it belongs to none of them.
        let running = counting[workspace].flatMap { end == nil || $0.end == end ? $0 : nil }
        let made = running?.task ?? Task { try await count(platform, workspace, end) }
        if running == nil { counting[workspace] = (made, end) }
        if let known, known.took > RowCounts.short, end == nil || known.end == end { return known.counts }
        return try await made.value
    }

    private func count(
        _ platform: PlatformID, _ workspace: WorkspaceID, _ end: Instant?
    ) async throws -> [String: Int] {
        defer { if counting[workspace]?.end == end { counting[workspace] = nil } }
        let begun = stopwatch.elapsed
        var counts: [String: Int] = [:]
        let connections = try await site.store.connections().filter {
            $0.workspace == workspace && $0.platform == platform
        }
        let streams = Dictionary(
            uniqueKeysWithValues: try connections.map { connection in
                let type = try site.environment.connectors.type(of: platform)
                return (connection.id, try type.init(configuration: connection.configuration).streams)
            })
        // Rows of one that two connections reach are there once.
        var seen: Set<String> = []
        var shared: [StreamID: StreamSchema] = [:]
        for account in try await site.store.accounts() {
            guard let streams = streams[account.connection], seen.insert(account.externalID).inserted else { continue }
            let rows = try await site.store.stored(streams.filter { !$0.isShared }, of: account)
            for schema in streams {
                if schema.isShared { shared[schema.id] = schema }
                counts[schema.stage, default: 0] += rows[schema.id] ?? 0
            }
        }
        for schema in shared.values {
            counts[schema.stage, default: 0] += try await site.store.stored(shared: schema, in: workspace)
        }
        let now = stopwatch.elapsed
        kept[workspace] = Kept(counts: counts, madeAt: now, took: now - begun, end: end)
        return counts
    }
}
