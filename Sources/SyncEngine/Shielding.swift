import Synchronization

/// An executor that stray tasks must stay on; set by the simulator only.
package enum SimulatedExecutor {
    @TaskLocal package static var current: (any TaskExecutor)?
}

/// Runs `body` to its end even when the caller is cancelled, before or meanwhile: for giving back a chunk or a
/// lease. There is no cancellation shield in Swift 6.3, so this is the one place with an unstructured task; it
/// is awaited.
package func withoutCancellation<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    if let executor = SimulatedExecutor.current {
        return try await Task(executorPreference: executor) { try await body() }.value
    }
    return try await Task { try await body() }.value
}

/// Wakes one waiting loop; signals that come while nobody waits are kept as one.
final class Signal: Sendable {
    private enum State {
        case idle
        case signalled
        case waiting(CheckedContinuation<Void, Never>, id: Int)
    }

    private let state = Mutex<(state: State, nextID: Int)>((.idle, 0))

    func signal() {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { value in
            if case .waiting(let continuation, _) = value.state {
                value.state = .idle
                return continuation
            }
            value.state = .signalled
            return nil
        }
        waiter?.resume()
    }

    /// Returns at a signal, after `timeout`, or when the caller is cancelled.
    func wait(atMost timeout: Duration, clock: any Clock<Duration>) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await clock.sleep(for: timeout) }
            group.addTask { await self.wait() }
            await group.next()
            group.cancelAll()
        }
    }

    /// Returns at a signal or when the caller is cancelled.
    func wait() async {
        let id = state.withLock { value in
            value.nextID += 1
            return value.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let now: Bool = state.withLock { value in
                    if case .signalled = value.state {
                        value.state = .idle
                        return true
                    }
                    if Task.isCancelled { return true }
                    value.state = .waiting(continuation, id: id)
                    return false
                }
                if now { continuation.resume() }
            }
        } onCancel: {
            let waiter: CheckedContinuation<Void, Never>? = state.withLock { value in
                guard case .waiting(let continuation, id) = value.state else { return nil }
                value.state = .idle
                return continuation
            }
            waiter?.resume()
        }
    }
}
