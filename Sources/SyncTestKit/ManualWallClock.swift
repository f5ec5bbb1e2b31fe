package import SyncCore
import Synchronization

/// Wall time that stands still until somebody moves it.
package final class ManualWallClock: WallClock, Sendable {
    private let moment: Mutex<Instant>

    /// Starts on a Saturday in November 2026 unless told otherwise.
    package init(_ start: Instant = Instant(seconds: 1_795_219_200)) {
        moment = Mutex(start)
    }

    package var now: Instant { moment.withLock { $0 } }

    package func advance(by duration: Duration) {
        moment.withLock { $0 = $0 + duration }
    }

    /// Also backwards, as a clock does that somebody sets.
    package func set(to instant: Instant) {
        moment.withLock { $0 = instant }
    }
}
