import SyncCore
import Synchronization

/// Answers that many ask for at once: computed once, and given again for a moment. Of those who ask while it is
/// computed all get the same.
final class FreshAnswers<Value: Sendable>: Sendable {
    private struct Kept: Sendable {
        var task: Task<Value, any Error>
        var number: UInt64
        /// Nil while it is computed.
        var madeAt: Duration?
        var age: Duration

        func isFresh(at now: Duration) -> Bool { madeAt.map { now - $0 < age } ?? true }
    }

    private struct State: Sendable {
        var kept: [String: Kept] = [:]
        var last: UInt64 = 0
    }

    private let age: Duration
    private let now: @Sendable () -> Duration
    private let state = Mutex(State())

    init(for age: Duration, clock: any Clock<Duration>) {
        self.age = age
        now = FreshAnswers.reading(clock)
    }

    private static func reading<Time: Clock<Duration>>(_ clock: Time) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }

    /// Good from when it is there: one that takes long is not computed twice at a time.
    func value(
        _ key: String, for age: Duration? = nil, _ compute: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let asked = now()
        let kept = state.withLock { state in
            if let known = state.kept[key], known.isFresh(at: asked) { return known }
            if state.kept.count > 1024 { state.kept = state.kept.filter { $0.value.isFresh(at: asked) } }
            state.last += 1
            // Shared by all who ask, so it belongs to none of them.
            let made = Kept(task: Task { try await compute() }, number: state.last, age: age ?? self.age)
            state.kept[key] = made
            return made
        }
        let result = await kept.task.result
        state.withLock { state in
            guard let known = state.kept[key], known.number == kept.number, known.madeAt == nil else { return }
            if case .success = result { state.kept[key]?.madeAt = now() } else { state.kept[key] = nil }
        }
        return try result.get()
    }
}
