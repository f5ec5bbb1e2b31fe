package import SyncCore
import Synchronization

/// The database's clock, as the store and the engine over it go by it: a machine whose own clock is wrong takes no part
/// of that into leases and quotas (anchors.md F12).
package final class StoreClock: WallClock {
    private struct State {
        /// What the server said last, and when.
        var server = Instant(microseconds: .min)
        var heardAt: ContinuousClock.Instant?
        var latest = Instant(microseconds: .min)
    }

    private let instead: (any WallClock)?
    private let state = Mutex(State())
    /// A clock that is set back further than this was wrong before. Whoever stood still for longer would take the
    /// leases of processes that began after the step for ended.
    package static let patience: Duration = .seconds(20)

    /// `instead` stands for the server's clock, in tests.
    init(instead: (any WallClock)?) { self.instead = instead }

    /// The server's time now: what it said last, and the time that has passed here since.
    package var now: Instant {
        if let instead { return instead.now }
        let heard = state.withLock { ($0.server, $0.heardAt) }
        guard let heardAt = heard.1 else { return SystemWallClock().now }
        return heard.0 + (ContinuousClock.now - heardAt)
    }

    /// The present moment, given what the server says. A clock that is set back a little stands still, so that no lease
    /// ends early and none begins in the past.
    func present(_ server: Instant) -> Instant {
        let now = instead?.now ?? server
        return state.withLock { state in
            state.server = now
            state.heardAt = .now
            let latest = state.latest
            let isBack = latest.microseconds != .min && now < latest && latest - now <= StoreClock.patience
            if !isBack { state.latest = now }
            return state.latest
        }
    }
}
