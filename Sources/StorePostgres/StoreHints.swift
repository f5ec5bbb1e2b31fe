import SyncCore
import Synchronization

/// Hints travel by NOTIFY on one channel, with the hint's name as the payload: equal ones of a transaction are one.
///
/// A notification takes a lock of the whole database at commit, so a process gives a hint only when its last one is a
/// while old: whoever was told of it is still looking.
final class StoreHints: Sendable {
    static let channel = "sluice"
    private static let pause: Duration = .milliseconds(20)
    private let told = Mutex<[StoreHint: ContinuousClock.Instant]>([:])

    /// To be called behind the transaction's last write. The journal's growth is not told by itself: whoever watches
    /// it looks several times a second, and a notification takes a lock of the whole database at commit.
    func send(_ hints: Set<StoreHint>, on connection: PostgresConnection) throws {
        for hint in hints.subtracting([.events]).sorted(by: { $0.rawValue < $1.rawValue }) where isDue(hint) {
            let notify: PostgresStatement = "SELECT pg_notify($1, $2)"
            try connection.later(PostgresRun(notify, .text(StoreHints.channel), .text(hint.rawValue)))
        }
    }

    private func isDue(_ hint: StoreHint) -> Bool {
        told.withLock { told in
            if let last = told[hint], .now - last < StoreHints.pause { return false }
            told[hint] = .now
            return true
        }
    }
}
