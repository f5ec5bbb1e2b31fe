import ConnectorKit
import SyncCore
import SyncEngine

/// Rows in the database by stage. They are counted account by account, so that nobody waits behind a thousand of them,
/// and the longer that takes the longer the sums are good: meanwhile everybody gets those of before.
actor RowCounts {
    private struct Kept {
        var counts: [String: Int]
        var madeAt: Duration
        var took: Duration
        /// Counted when the sync was over: nothing comes any more.
        var isFinal: Bool
    }

    private let site: Site
    private let elapsed: @Sendable () -> Duration
    private var kept: [WorkspaceID: Kept] = [:]
    private var counting: [WorkspaceID: Task<[String: Int], any Error>] = [:]

    private static let age: Duration = .seconds(2)
    /// At most that part of the time somebody counts.
    private static let part = 20
    /// Who waits no longer than that gets the newest.
    private static let short: Duration = .milliseconds(10)

    init(_ site: Site) {
        self.site = site
        elapsed = RowCounts.reading(site.environment.clock)
    }

    private static func reading<Time: Clock<Duration>>(_ clock: Time) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }

    func byStage(of platform: PlatformID, in workspace: WorkspaceID, isOver: Bool) async throws -> [String: Int] {
        let known = kept[workspace]
        if let known {
            let age = max(RowCounts.age, known.took * RowCounts.part)
            // The first that hears of the end sees what came of it.
            let isStale = elapsed() - known.madeAt >= age || isOver && !known.isFinal
            guard isStale else { return known.counts }
        }
        // Shared by all who ask, so it belongs to none of them.
        let made = counting[workspace] ?? Task { try await count(platform, workspace, isOver) }
        counting[workspace] = made
        if let known, known.took > RowCounts.short, known.isFinal || !isOver { return known.counts }
        return try await made.value
    }

    private func count(
        _ platform: PlatformID, _ workspace: WorkspaceID, _ isOver: Bool
    ) async throws -> [String: Int] {
        defer { counting[workspace] = nil }
        let begun = elapsed()
        var counts: [String: Int] = [:]
        let connections = try await site.store.connections().filter {
            $0.workspace == workspace && $0.platform == platform
        }
        let streams = Dictionary(
            uniqueKeysWithValues: try connections.map { connection in
                let type = try site.environment.connectors.type(of: platform)
                return (connection.id, try type.init(configuration: connection.configuration).streams)
            })
        for account in try await site.store.accounts() {
            guard let streams = streams[account.connection] else { continue }
            let rows = try await site.store.stored(streams, of: account)
            for schema in streams { counts[schema.stage, default: 0] += rows[schema.id] ?? 0 }
        }
        let now = elapsed()
        kept[workspace] = Kept(counts: counts, madeAt: now, took: now - begun, isFinal: isOver)
        return counts
    }
}
