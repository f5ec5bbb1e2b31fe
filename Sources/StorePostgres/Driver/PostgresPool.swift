import Dispatch
package import Logging
import SyncCore
import Synchronization

/// The connections of one process to its database.
///
/// A shell: `PostgresPoolStateMachine` decides, this hands events in and carries actions out. It has no task of its
/// own: connections open and close on their lanes' queues, and one timer wakes the machine.
package final class PostgresPool: Sendable {
    private struct State {
        var machine: PostgresPoolStateMachine
        var lastWaiter: PostgresPoolStateMachine.WaiterID = 0
        var waiting: [PostgresPoolStateMachine.WaiterID: CheckedContinuation<Int, any Error>] = [:]
        /// When the timer will go off.
        var wakeAt: Duration?
        var isFinished = false
        var finishing: [CheckedContinuation<Void, Never>] = []

        /// When the timer has to be set to, if it has to be.
        mutating func newWake(after now: Duration) -> Duration? {
            guard let next = machine.nextWake(after: now), wakeAt.map({ next < $0 }) ?? true else { return nil }
            wakeAt = next
            return next
        }
    }

    private typealias Action = PostgresPoolStateMachine.Action

    private let state: Mutex<State>
    /// Why no connection can be had, and since when; nil as soon as one has served somebody.
    private let trouble = Mutex<(error: PostgresError, since: ContinuousClock.Instant)?>(nil)
    private let lanes: [PostgresLane]
    private let timer = DispatchQueue(label: "sluice.postgres.pool")
    private let began = ContinuousClock.now
    private let jitter: @Sendable () -> Double
    private let logger: Logger

    /// Opens nothing yet: the first caller does. `jitter` is 0..<1.
    package init(
        _ address: PostgresAddress, settings: PostgresPoolStateMachine.Settings = .init(), logger: Logger,
        jitter: @escaping @Sendable () -> Double = PostgresPool.systemJitter
    ) {
        state = Mutex(State(machine: PostgresPoolStateMachine(settings)))
        lanes = (0..<settings.size).map { PostgresLane(address, label: "sluice.postgres.\($0)") }
        self.jitter = jitter
        self.logger = logger
    }

    /// Runs `body` with a connection of its own, on that connection's queue, where it may block.
    ///
    /// Waits for a connection up to `timeout`, which cancelling the caller ends; once `body` runs it runs to its end.
    /// Throws what `body` throws, or the `PostgresError` for which there is no connection. A transaction that `body`
    /// leaves open is rolled back. What fails is not repeated.
    @discardableResult
    package func withConnection<Value: Sendable>(
        timeout: Duration? = nil, _ body: @Sendable (PostgresConnection) throws -> Value
    ) async throws -> Value {
        // A server that restarts leaves us with as many dead connections as the pool has.
        for _ in 0...lanes.count {
            let slot = try await lease(timeout)
            switch await lanes[slot].run(body) {
            case .ran(let result, let isUsable):
                if isUsable { trouble.withLock { $0 = nil } }
                handle { $0.release(slot: slot, isUsable: isUsable, at: $1) }
                return try result.get()
            case .wasDead:
                handle { $0.release(slot: slot, isUsable: false, at: $1) }
            }
        }
        throw PostgresError(.lost)
    }

    /// Why nobody has been served since connecting began to fail, and for how long that is; nil while connections work.
    package var absence: (error: PostgresError, length: Duration)? {
        trouble.withLock { $0.map { ($0.error, .now - $0.since) } }
    }

    /// Refuses new callers and closes all connections, each when its caller is done; returns when none is left.
    package func shutdown() async {
        handle { machine, _ in machine.shutDown() }
        await withCheckedContinuation { continuation in
            let isFinished = state.withLock { state in
                if !state.isFinished { state.finishing.append(continuation) }
                return state.isFinished
            }
            if isFinished { continuation.resume() }
        }
    }

    /// The same without waiting for connections that are under way, which takes as long as the network takes.
    package func abandon() {
        handle { machine, _ in machine.shutDown() }
    }

    package static let systemJitter: @Sendable () -> Double = {
        var generator = SystemRandomNumberGenerator()
        return Double.random(in: 0..<1, using: &generator)
    }
}

extension PostgresPool {
    private func lease(_ timeout: Duration?) async throws -> Int {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { $0.waiting[id] = continuation }
                handle { $0.lease(id, timeout: timeout, at: $1) }
                // The handler below may have run before there was anything to cancel.
                if Task.isCancelled { handle { machine, _ in machine.cancel(id) } }
            }
        } onCancel: {
            handle { machine, _ in machine.cancel(id) }
        }
    }

    /// Feeds the machine one event and does what it says.
    private func handle(_ event: (inout PostgresPoolStateMachine, Duration) -> [Action]) {
        let now = ContinuousClock.now - began
        let (actions, wake) = state.withLock { state in
            (event(&state.machine, now), state.newWake(after: now))
        }
        for action in actions { perform(action) }
        if let wake { setTimer(wake, now) }
    }

    private func perform(_ action: Action) {
        switch action {
        case .connect(let slot): connect(slot)
        case .check(let slot):
            lanes[slot].inBackground { [self] lane in
                let isAlive = lane.check()
                handle { $0.checked(slot: slot, isAlive: isAlive, at: $1) }
            }
        case .close(let slot):
            lanes[slot].inBackground { [self] lane in
                lane.close()
                handle { $0.closed(slot: slot, at: $1) }
            }
        case .grant(let id, let slot): takeWaiting(id)?.resume(returning: slot)
        case .refuse(let id, let error): takeWaiting(id)?.resume(throwing: error)
        case .dismiss(let id): takeWaiting(id)?.resume(throwing: CancellationError())
        case .finish: finish()
        }
    }

    private func connect(_ slot: Int) {
        lanes[slot].inBackground { [self] lane in
            do throws(PostgresError) {
                try lane.open()
                logger.debug("connected to the database", metadata: ["slot": "\(slot)"])
                handle { $0.connected(slot: slot, at: $1) }
            } catch {
                logger.warning(
                    "no connection to the database",
                    metadata: ["kind": "\(error.kind.rawValue)", "sqlstate": "\(error.sqlState ?? "-")"])
                trouble.withLock { $0 = (error, $0?.since ?? .now) }
                let jitter = jitter()
                handle { $0.failed(slot: slot, error, at: $1, jitter: jitter) }
            }
        }
    }

    private func takeWaiting(_ id: PostgresPoolStateMachine.WaiterID) -> CheckedContinuation<Int, any Error>? {
        state.withLock { $0.waiting.removeValue(forKey: id) }
    }

    private func finish() {
        let finishing = state.withLock { state in
            state.isFinished = true
            defer { state.finishing = [] }
            return state.finishing
        }
        for continuation in finishing { continuation.resume() }
    }

    private func setTimer(_ wake: Duration, _ now: Duration) {
        let pause = max(0, (wake - now).inSeconds)
        timer.asyncAfter(deadline: .now() + pause) { [weak self] in
            guard let self else { return }
            state.withLock { $0.wakeAt = nil }
            handle { $0.wake(at: $1) }
        }
    }
}
