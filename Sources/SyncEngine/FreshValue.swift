import SyncCore
import Synchronization

/// A value that costs something to get, for any number of callers: it is got by one at a time, not again within `age`,
/// and no caller waits for it longer than `patience`, however long getting it takes.
final class FreshValue<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var gotAt: Duration = .zero
        var nextID = 0
        var waiters: [Int: CheckedContinuation<Value?, Never>] = [:]
    }

    private let state = Mutex(State())
    private let wanted = Signal()
    private let age: Duration
    private let patience: Duration
    private let clock: any Clock<Duration>
    private let stopwatch: Stopwatch
    private let get: @Sendable () async -> Value

    init(
        age: Duration, patience: Duration, clock: any Clock<Duration>, get: @escaping @Sendable () async -> Value
    ) {
        self.age = age
        self.patience = patience
        self.clock = clock
        self.stopwatch = Stopwatch(clock)
        self.get = get
    }

    /// Nil when it did not come in time.
    func value() async -> Value? {
        if let fresh { return fresh }
        return await withTaskGroup(of: Value?.self) { group in
            group.addTask { await self.next() }
            group.addTask { [clock, patience] in
                try? await clock.sleep(for: patience)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    private var fresh: Value? {
        let now = stopwatch.elapsed
        return state.withLock { fresh(in: $0, at: now) }
    }

    private func fresh(in state: State, at now: Duration) -> Value? { now - state.gotAt < age ? state.value : nil }

    /// Gets the value when somebody waits for it, until it is cancelled. Runs beside its callers, so that one who gives
    /// up waiting does not have to wait for what cannot be stopped.
    func run() async {
        while !Task.isCancelled {
            await wanted.wait()
            guard !Task.isCancelled, state.withLock({ !$0.waiters.isEmpty }) else { continue }
            let value = await get()
            let now = stopwatch.elapsed
            let waiters = state.withLock { state in
                state.value = value
                state.gotAt = now
                defer { state.waiters = [:] }
                return state.waiters.sorted { $0.key < $1.key }.map(\.value)
            }
            for waiter in waiters { waiter.resume(returning: value) }
        }
    }

    /// The value that comes next; nil when the caller is cancelled.
    private func next() async -> Value? {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let now = stopwatch.elapsed
                let (isWaiting, value): (Bool, Value?) = state.withLock { state in
                    // It may have come since the caller looked.
                    if let value = fresh(in: state, at: now) { return (false, value) }
                    guard !Task.isCancelled else { return (false, nil) }
                    state.waiters[id] = continuation
                    return (true, nil)
                }
                if isWaiting { wanted.signal() } else { continuation.resume(returning: value) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(returning: nil)
        }
    }
}
