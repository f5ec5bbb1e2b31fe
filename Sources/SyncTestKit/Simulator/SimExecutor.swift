import SyncCore
import SyncEngine
import Synchronization

/// Runs everything of a simulation on the calling thread, one job at a time, in an order drawn from a seed:
/// the same seed gives the same interleaving.
///
/// Work that escapes (`Task {}`, `Task.sleep`, an actor with an executor of its own) leaves the queue empty
/// before the scenario ended, which `run` reports as stalled: a stall is a leak detector.
package final class SimExecutor: TaskExecutor, SerialExecutor, Sendable {
    private struct State {
        var jobs: [UnownedJob] = []
        var generator: SeededGenerator
        var ran = 0
    }

    private let state: Mutex<State>

    package init(seed: UInt64) {
        self.state = Mutex(State(generator: SeededGenerator(seed: seed)))
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        state.withLock { $0.jobs.append(unowned) }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
    package func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }

    /// Jobs run so far: equal for equal seeds.
    package var jobsRun: Int { state.withLock { $0.ran } }
    package var isIdle: Bool { state.withLock { $0.jobs.isEmpty } }

    /// Runs one job drawn at random; false when there is none.
    fileprivate func step() -> Bool {
        let job: UnownedJob? = state.withLock { state in
            guard !state.jobs.isEmpty else { return nil }
            state.ran += 1
            let index = Int(state.generator.next() % UInt64(state.jobs.count))
            state.jobs.swapAt(index, state.jobs.count - 1)
            return state.jobs.removeLast()
        }
        guard let job else { return false }
        job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        return true
    }

    /// What stopped a scenario from coming to its end.
    package enum Stall: Error, Sendable {
        /// Nothing is ready and nobody sleeps, but the scenario has not returned.
        case stalled(afterJobs: Int)
        /// The scenario runs without end.
        case endless(afterJobs: Int)
    }

    /// Runs `scenario` to its end on the calling thread. When nothing is ready, `clock` jumps to the next
    /// deadline, so that an hour costs nothing.
    package func run<Result: Sendable>(
        clock: SimClock, limit: Int = 3_000_000, _ scenario: @escaping @Sendable () async throws -> Result
    ) throws -> Result {
        let outcome = Outcome<Result>()
        // The handle is not awaited: `drain` below runs the task to its end on this thread.
        let task = SimulatedExecutor.$current.withValue(self) {
            Task(executorPreference: self) {
                do {
                    let value = try await scenario()
                    outcome.set(.success(value))
                } catch {
                    outcome.set(.failure(error))
                }
            }
        }
        defer { task.cancel() }
        while outcome.result == nil {
            guard jobsRun < limit else { throw Stall.endless(afterJobs: jobsRun) }
            if !step(), !clock.advance() { throw Stall.stalled(afterJobs: jobsRun) }
        }
        while step() {}
        guard let result = outcome.result else { throw Stall.stalled(afterJobs: jobsRun) }
        return try result.get()
    }
}

private final class Outcome<Value: Sendable>: Sendable {
    private let value = Mutex<Result<Value, any Error>?>(nil)
    var result: Result<Value, any Error>? { value.withLock { $0 } }
    func set(_ result: Result<Value, any Error>) { value.withLock { $0 = result } }
}

/// SplitMix64: small, good enough, and the same everywhere.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { self.state = seed &+ 0x9E37_79B9_7F4A_7C15 }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
