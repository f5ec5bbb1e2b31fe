import SyncCore
import Synchronization

/// Answers that many ask for at once: computed once, and given again for a moment. Of those who ask while it is
/// computed all get the same.
final class FreshAnswers<Value: Sendable>: Sendable {
    private struct Kept: Sendable {
        var task: Task<Value, any Error>
        var number: UInt64
        var age: Duration
        /// Nil while it is computed.
        var madeAt: Duration?
        /// What is given meanwhile, and how long.
        var last: (task: Task<Value, any Error>, until: Duration)?

        func isFresh(at now: Duration) -> Bool { madeAt.map { now - $0 < age } ?? true }

        func given(at now: Duration) -> Task<Value, any Error> {
            if let last, now < last.until { last.task } else { task }
        }
    }

    private struct State: Sendable {
        var kept: [String: Kept] = [:]
        var last: UInt64 = 0
    }

    private let age: Duration
    private let isWaitedFor: Bool
    private let stopwatch: Stopwatch
    private let state = Mutex(State())

    /// Where it is not `waitedFor`, who asks while the next is computed gets the one before, up to twice its age: for
    /// what programs ask all the time.
    init(for age: Duration, waitedFor isWaitedFor: Bool = true, clock: any Clock<Duration>) {
        self.age = age
        self.isWaitedFor = isWaitedFor
        stopwatch = Stopwatch(clock)
    }

    /// Good from when it is there: one that takes long is not computed twice at a time.
    func value(
        _ key: String, for age: Duration? = nil, _ compute: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let asked = stopwatch.elapsed
        let task = state.withLock { state in
            let known = state.kept[key]
            if let known, known.isFresh(at: asked) { return known.given(at: asked) }
            if state.kept.count > 128 { state.kept = state.kept.filter { $0.value.isFresh(at: asked) } }
            state.last += 1
            let number = state.last
            // Shared by all who ask, so it belongs to none of them.
            let task = Task { [self] in
                do {
                    let value = try await compute()
                    note(key, number, isGood: true)
                    return value
                } catch {
                    note(key, number, isGood: false)
                    throw error
                }
            }
            var made = Kept(task: task, number: number, age: age ?? self.age)
            if !isWaitedFor, let known, let madeAt = known.madeAt { made.last = (known.task, madeAt + known.age * 2) }
            state.kept[key] = made
            return made.given(at: asked)
        }
        return try await task.value
    }

    /// What was computed before now, or is being computed, is given to nobody who asks from now on.
    func forget(where isMeant: (String) -> Bool) {
        state.withLock { state in state.kept = state.kept.filter { !isMeant($0.key) } }
    }

    private func note(_ key: String, _ number: UInt64, isGood: Bool) {
        state.withLock { state in
            guard state.kept[key]?.number == number else { return }
            if isGood {
                state.kept[key]?.madeAt = stopwatch.elapsed
                state.kept[key]?.last = nil
            } else {
                state.kept[key] = nil
            }
        }
    }
}
