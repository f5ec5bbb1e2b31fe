package import SyncCore

/// Answers for one engine and its database: can it write, does its work move, how much of everything is there.
/// The database is asked at most once a second, however many ask; while nobody asks it is left alone.
package final class WorkerHealth: WorkerProbe {
    package struct Options: Sendable {
        /// How long due chunks may lie before that is a stall.
        package var stall: Duration
        package var version: String
        /// Another process does all work on the database.
        package var isGuest: Bool
        /// Resident memory of this process in bytes.
        package var memory: @Sendable () -> Int?

        package init(
            stall: Duration = .seconds(120), version: String, isGuest: Bool = false,
            memory: @escaping @Sendable () -> Int? = { nil }
        ) {
            self.stall = stall
            self.version = version
            self.isGuest = isGuest
            self.memory = memory
        }
    }

    package typealias Store = HealthStore & LimiterStore

    private struct Reading: Sendable {
        var depth: QueueDepth
        var quotas: [QuotaUse]
    }

    private let engine: Engine
    private let environment: EngineEnvironment
    private let options: Options
    private let startedAt: Instant
    private let reading: FreshValue<Result<Reading, any Error>>
    private let writing: FreshValue<Result<Void, any Error>>
    /// A probe waits so long for the database; who asks has a deadline, too.
    private static let patience: Duration = .seconds(2)
    /// With thousands of accounts there are more quotas than a monitor should keep: so many that this process has used
    /// last, and so many others that are blocked.
    private static let mostQuotas = 200

    /// `store` is that of `environment`, by the names that are needed here.
    package init(engine: Engine, store: any Store, environment: EngineEnvironment, options: Options) {
        self.engine = engine
        self.environment = environment
        self.options = options
        self.startedAt = environment.wallClock.now
        let wallClock = environment.wallClock
        let limiter = engine.limiter
        reading = FreshValue(age: .seconds(1), patience: WorkerHealth.patience, clock: environment.clock) {
            do {
                let depth = try await store.queueDepth()
                let own = try await store.quotas(.of(limiter.latest(WorkerHealth.mostQuotas)))
                let known = Set(own.map(\.key))
                let blocked = try await store.quotas(.blocked).filter { !known.contains($0.key) }
                let all = own + blocked.sorted { $0.key < $1.key }.prefix(WorkerHealth.mostQuotas)
                let uses = all.map { QuotaUse($0.key, $0.quota, at: wallClock.now) }
                return .success(Reading(depth: depth, quotas: uses.sorted { $0.key < $1.key }))
            } catch {
                return .failure(error)
            }
        }
        writing = FreshValue(age: .seconds(1), patience: WorkerHealth.patience, clock: environment.clock) {
            do {
                return .success(try await store.checkWritable())
            } catch {
                return .failure(error)
            }
        }
    }

    /// Serves the questions until it is cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.reading.run() }
            group.addTask { await self.writing.run() }
        }
    }

    package func readiness() async -> Health {
        if let error = engine.fatal { return Health.unavailable(error) }
        if engine.isStopping {
            return Health(
                isGood: false, status: "draining", reason: "The worker hands its work back and ends.")
        }
        // The engine has met trouble that a look at the lock does not find, a full disk.
        if let outage = engine.outage { return Health.unavailable(outage) }
        switch await writing.value() {
        case .success: return .ok
        case .failure(let error): return Health.unavailable(error)
        case nil: return Health.unanswered
        }
    }

    package func flow() async -> Health {
        let depth: QueueDepth
        switch await reading.value() {
        case .success(let reading): depth = reading.depth
        case .failure(let error): return Health.unavailable(error)
        case nil: return Health.unanswered
        }
        if options.isGuest { return guestFlow(depth) }
        let flow = environment.tally.flow(due: depth.due, running: engine.runningCount)
        return Health(flow.verdict(within: options.stall))
    }

    /// What can be seen of work that is in the hands of another process.
    private func guestFlow(_ depth: QueueDepth) -> Health {
        let isInHand = depth.chunks[.inProgress, default: 0] > 0
        if !isInHand, let quiet = depth.oldestDue, quiet > options.stall {
            return Health(.stalled(due: depth.due, for: quiet))
        }
        return Health(
            isGood: true, status: "ok", reason: "Another process does the work; its own /flowing tells how it goes.")
    }

    package func vitals() async -> WorkerVitals {
        let reading = try? await reading.value()?.get()
        return WorkerVitals(
            depth: reading?.depth, quotas: reading?.quotas ?? [], tally: environment.tally.tally,
            busyWorkers: engine.runningCount, workers: engine.workers, isDraining: engine.isStopping,
            startedAt: startedAt, memory: options.memory(), version: options.version)
    }
}

extension Health {
    static let unanswered = Health(
        isGood: false, status: "unavailable", reason: "The database has not answered for 2 seconds.")

    static func unavailable(_ error: any Error) -> Health {
        Health(isGood: false, status: "unavailable", reason: "\(error)")
    }

    package init(_ verdict: Flow.Verdict) {
        switch verdict {
        case .nothingDue: self.init(isGood: true, status: "ok", reason: "Nothing is due.")
        case .moves: self.init(isGood: true, status: "ok", reason: "Work moves.")
        case .stalled(let due, let quiet):
            let length = Health.length(quiet)
            self.init(
                isGood: false, status: "stalled",
                reason: due == 1
                    ? "1 chunk is due and has not got on for \(length)."
                    : "\(due) chunks are due and none got on for \(length).")
        case .stuck(let running, let held):
            let length = Health.length(held)
            self.init(
                isGood: false, status: "stalled",
                reason: running == 1
                    ? "1 chunk is in hand and has not got on for \(length)."
                    : "\(running) chunks are in hand and none got on for \(length).")
        }
    }

    private static func length(_ duration: Duration) -> String {
        let seconds = Int(duration.inSeconds)
        return seconds < 120 ? "\(seconds) seconds" : "\(seconds / 60) minutes"
    }
}
