package import SyncCore
import Synchronization

/// A clock that stands still until nothing is left to do, and then jumps to the next deadline.
package final class SimClock: Clock, Sendable {
    package struct Instant: InstantProtocol, Sendable {
        package var offset: Duration
        package func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        package func duration(to other: Instant) -> Duration { other.offset - offset }
        package static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct Sleeper {
        var id: Int
        var deadline: Instant
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Instant(offset: .zero)
        var sleepers: [Sleeper] = []
        var nextID = 0
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())

    package init() {}

    package var now: Instant { state.withLock { $0.now } }
    package var minimumResolution: Duration { .zero }
    package var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let early: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
                    if deadline <= state.now { return .success(()) }
                    state.sleepers.append(Sleeper(id: id, deadline: deadline, continuation: continuation))
                    return nil
                }
                if let early { continuation.resume(with: early) }
            }
        } onCancel: {
            let sleeper: Sleeper? = state.withLock { state in
                guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Jumps to the earliest deadline and wakes who waits for it; false when nobody sleeps.
    func advance() -> Bool {
        let due: [Sleeper] = state.withLock { state in
            guard let earliest = state.sleepers.map(\.deadline).min() else { return [] }
            state.now = max(state.now, earliest)
            let due = state.sleepers.filter { $0.deadline <= earliest }.sorted { $0.id < $1.id }
            state.sleepers.removeAll { $0.deadline <= earliest }
            return due
        }
        for sleeper in due { sleeper.continuation.resume() }
        return !due.isEmpty
    }
}

/// Wall time of a simulation: starts at a chosen moment, goes with the manual clock, and can be stepped.
package final class SimWallClock: WallClock, Sendable {
    private let clock: SimClock
    private let start: SyncCore.Instant
    private let skew = Mutex<Duration>(.zero)

    package init(_ clock: SimClock, start: SyncCore.Instant) {
        self.clock = clock
        self.start = start
    }

    package var now: SyncCore.Instant { start + clock.now.offset + skew.withLock { $0 } }

    /// Moves the clock on the wall without moving time.
    package func step(by jump: Duration) {
        skew.withLock { $0 += jump }
    }
}
