import StoreSQL
import Synchronization

/// Writes that wait for a transaction, and who of their callers commits the next group.
///
/// There is one leader at a time: it takes what waits, commits it and wakes those whose writes are done; once its own
/// is, it hands on to the caller that waits longest. So a write that comes alone goes at once, many that come together
/// share a commit, and no task of its own is needed.
final class WriteLane: Sendable {
    private struct Waiter {
        let write: any PendingWrite
        /// Nil for the leader's own.
        var turn: CheckedContinuation<Turn, Never>?
    }

    private enum Turn { case lead, done }

    private struct State {
        var isLed = false
        var waiting: [Waiter] = []
    }

    private let state = Mutex(State())

    /// Adds a write and returns when it has an outcome. `commit` is called with groups, this write's among them, and
    /// must give each of them one.
    func run(_ write: any PendingWrite, commit: ([any PendingWrite]) async -> Void) async {
        let turn = await withCheckedContinuation { continuation in
            let leads = state.withLock { state in
                state.waiting.append(Waiter(write: write, turn: state.isLed ? continuation : nil))
                defer { state.isLed = true }
                return !state.isLed
            }
            if leads { continuation.resume(returning: Turn.lead) }
        }
        guard turn == .lead else { return }
        while !write.isDone {
            let group = take()
            await commit(group.map(\.write))
            for waiter in group { waiter.turn?.resume(returning: .done) }
        }
        handOn()
    }

    /// The oldest writes, at least one when any waits.
    private func take() -> [Waiter] {
        state.withLock { state in
            let count = WriteGroup.count(of: state.waiting.lazy.map(\.write.weight))
            let group = Array(state.waiting[..<count])
            state.waiting.removeFirst(count)
            return group
        }
    }

    private func handOn() {
        let next = state.withLock { state -> CheckedContinuation<Turn, Never>? in
            state.isLed = !state.waiting.isEmpty
            guard state.isLed else { return nil }
            defer { state.waiting[0].turn = nil }
            return state.waiting[0].turn
        }
        next?.resume(returning: .lead)
    }
}
