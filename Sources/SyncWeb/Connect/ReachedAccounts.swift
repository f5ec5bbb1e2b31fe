import ConnectorKit
import SyncCore
import SyncEngine
import Synchronization

/// What connections reach, asked for once and remembered for a while: whoever looks through the list, filters it and
/// picks from it makes no call with each step.
final class ReachedAccounts: Sendable {
    private struct Kept: Sendable {
        var version: Int
        var at: Instant
        var accounts: [AccountFacts]
    }

    private static let age: Duration = .seconds(600)
    private let clock: any WallClock
    private let store: any ConnectionStore
    private let kept = Mutex<[ConnectionID: Kept]>([:])

    init(_ store: any ConnectionStore, clock: any WallClock) {
        self.store = store
        self.clock = clock
    }

    func accounts(of connection: Connection, _ book: ConnectionBook) async throws -> [AccountFacts] {
        let now = clock.now
        let known = kept.withLock { $0[connection.id] }
        if let known, known.version == connection.version, now - known.at < ReachedAccounts.age {
            return known.accounts
        }
        let checked = try await book.reachable(by: connection)
        // A token may have been renewed on the way.
        let version = try await store.connection(connection.id)?.version ?? connection.version
        kept.withLock { kept in
            kept = kept.filter { now - $0.value.at < ReachedAccounts.age }
            kept[connection.id] = Kept(version: version, at: now, accounts: checked)
        }
        return checked
    }
}
