package import SyncCore
import Synchronization

/// The numbers of one process behind a lock, and when its work last moved. Counting costs some nanoseconds a call.
package final class EngineTally: Sendable {
    private struct State {
        var tally = Tally()
        /// A chunk got on, or was told to wait for what is not ours to change.
        var movedAt: Duration = .zero
        /// A chunk was taken up.
        var takenAt: Duration = .zero
        /// There was nothing to take up, or no database to take it from.
        var idleAt: Duration = .zero
    }

    private let state = Mutex(State())
    private let stopwatch: Stopwatch

    package init(clock: any Clock<Duration>) {
        stopwatch = Stopwatch(clock)
    }

    package var tally: Tally { state.withLock { $0.tally } }

    /// For measuring: hand it back to what counts.
    var elapsed: Duration { stopwatch.elapsed }

    func called(_ platform: PlatformID, _ outcome: Tally.CallOutcome) {
        state.withLock { $0.tally.called(platform, outcome) }
    }

    func stoodInLine(since begun: Duration) {
        let now = elapsed
        state.withLock { $0.tally.stoodInLine(now - begun) }
    }

    func claimed(_ count: Int, since begun: Duration) {
        let now = elapsed
        state.withLock { state in
            state.tally.claimed(in: now - begun)
            if count > 0 { state.takenAt = now }
        }
    }

    func wrote(_ update: ChunkUpdate, _ result: UpdateResult, since begun: Duration) {
        let now = elapsed
        state.withLock { state in
            state.tally.wrote(update, result, in: now - begun)
            if case .written = result, update.outcome.moves { state.movedAt = now }
        }
    }

    func rescued(_ report: RescueReport) { state.withLock { $0.tally.rescued(report) } }

    /// Nothing was due, or the database is back after it was away: what is due from now on has just begun to wait.
    func idled() {
        let now = elapsed
        state.withLock { $0.idleAt = now }
    }

    func flow(due: Int, running: Int) -> Flow {
        let now = elapsed
        return state.withLock { state in
            Flow(
                due: due, running: running, quiet: now - max(state.movedAt, state.idleAt),
                held: now - max(state.movedAt, state.takenAt))
        }
    }
}
