import SyncCore
import Synchronization

/// Answers that many ask for at once: computed once, and given again for a moment. Of those who ask while it is
/// computed all get the same.
final class FreshAnswers<Value: Sendable>: Sendable {
    private struct Kept: Sendable {
        var task: Task<Value, any Error>
        var madeAt: Duration
    }

    private let age: Duration
    private let now: @Sendable () -> Duration
    private let kept = Mutex<[String: Kept]>([:])

    init(for age: Duration, clock: any Clock<Duration>) {
        self.age = age
        now = FreshAnswers.reading(clock)
    }

    private static func reading<Time: Clock<Duration>>(_ clock: Time) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }

    func value(_ key: String, _ compute: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let now = now()
        let task = kept.withLock { kept in
            if let known = kept[key], now - known.madeAt < age { return known.task }
            if kept.count > 1024 { kept = kept.filter { now - $0.value.madeAt < age } }
            // Shared by all who ask, so it belongs to none of them.
            let task = Task { try await compute() }
            kept[key] = Kept(task: task, madeAt: now)
            return task
        }
        do {
            return try await task.value
        } catch {
            kept.withLock { $0[key] = nil }
            throw error
        }
    }
}
