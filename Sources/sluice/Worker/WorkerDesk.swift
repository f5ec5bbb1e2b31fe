import SyncCore
import SyncEngine
import Synchronization
import UnixSignals
import Wording

/// What a worker process is at: it opens its database, it works, it ends. Answers for it to the HTTP server, in the
/// user's language, from the moment on at which the server listens.
final class WorkerDesk: WorkerProbe {
    private struct State {
        var engine: Engine?
        var health: WorkerHealth?
        /// Why the database cannot be opened yet.
        var trouble: StoreError?
        var signal: UnixSignal?
    }

    private let state = Mutex(State())
    private let startedAt: Instant
    private let workers: Int

    init(workers: Int, startedAt: Instant) {
        self.workers = workers
        self.startedAt = startedAt
    }

    // MARK: What happens

    func waits(for error: StoreError) { state.withLock { $0.trouble = error } }

    /// Another process does the work: there is nothing to drain.
    func begin(_ health: WorkerHealth) { state.withLock { $0.health = health } }

    /// False when it was told to end before there was anything to work on.
    func begin(_ engine: Engine, _ health: WorkerHealth) -> Bool {
        state.withLock { state in
            guard state.signal == nil else { return false }
            state.engine = engine
            state.health = health
            return true
        }
    }

    enum Ending {
        /// The engine drains.
        case drains
        /// There is nothing to drain.
        case atOnce
        /// Somebody has no more patience.
        case again
    }

    func end(by signal: UnixSignal) -> Ending {
        let (ending, engine) = state.withLock { state -> (Ending, Engine?) in
            guard state.signal == nil else { return (.again, nil) }
            state.signal = signal
            return (state.engine == nil ? .atOnce : .drains, state.engine)
        }
        engine?.stop()
        return ending
    }

    /// The signal that it was told to end by.
    var signal: UnixSignal? { state.withLock { $0.signal } }

    // MARK: What is asked

    func readiness() async -> Health { await told { await $0.readiness() } }

    func flow() async -> Health { await told { await $0.flow() } }

    private func told(_ ask: (WorkerHealth) async -> Health) async -> Health {
        let (health, trouble) = state.withLock { ($0.health, $0.trouble) }
        var answer = Health(
            isGood: false, status: "starting", reason: trouble.map { "\($0)" } ?? "The database is being opened.")
        if let health { answer = await ask(health) }
        answer.reason = Words.current.whole(answer.reason)
        return answer
    }

    func vitals() async -> WorkerVitals {
        if let health = state.withLock({ $0.health }) { return await health.vitals() }
        return WorkerVitals(
            depth: nil, quotas: [], tally: Tally(), busyWorkers: 0, workers: workers, isDraining: signal != nil,
            startedAt: startedAt, memory: Memory.resident, version: Sluice.version)
    }
}
