import SyncCore
import Synchronization

/// Takes out of a transaction what a decision was made from.
final class StandingBox: Sendable {
    private let kept = Mutex<ScheduleStanding?>(nil)

    var standing: ScheduleStanding? { kept.withLock { $0 } }

    func keep(_ standing: ScheduleStanding) { kept.withLock { $0 = standing } }
}
