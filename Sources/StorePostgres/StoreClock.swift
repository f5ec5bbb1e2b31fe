import SyncCore
import Synchronization

/// The database's clock as the store goes by it.
package final class StoreClock: Sendable {
    private let instead: (any WallClock)?
    private let latest = Mutex(Instant(microseconds: .min))
    /// A clock that is set back further than this was wrong before. Whoever stood still for longer would take the leases
    /// of processes that began after the step for ended.
    package static let patience: Duration = .seconds(20)

    /// `instead` stands for the server's clock, in tests.
    init(instead: (any WallClock)?) { self.instead = instead }

    /// The present moment, given what the server says. A clock that is set back a little stands still, so that no lease
    /// ends early and none begins in the past (anchors.md F12).
    func present(_ server: Instant) -> Instant {
        let now = instead?.now ?? server
        return latest.withLock { latest in
            let isBack = latest.microseconds != .min && now < latest && latest - now <= StoreClock.patience
            if !isBack { latest = now }
            return latest
        }
    }
}
