import ConnectorKit
import Logging
import ServiceLifecycle
package import SyncCore
import Synchronization

/// Claims due chunks and works on them in parallel until it is told to stop. One per process; any number of
/// processes may share a database that allows it.
package final class Engine: Sendable {
    private let environment: EngineEnvironment
    private let options: Options
    private let contexts: AccountContexts
    package let limiter: Limiter
    private let planner: StepPlanner
    /// Shorter ones happen with every restart.
    private static let absenceIsTold: Duration = .seconds(2)
    private let wake = Signal()
    /// Something may have come that is to be passed on.
    private let fed = Signal()
    private let stopped = Signal()
    private let state = Mutex(State())

    private struct State {
        var isStopping = false
        var running: [ChunkID: Holding] = [:]
        var renewedAt: Instant?
        /// A claim failed: it may have been granted, and only the answer was lost.
        var hasDoubtfulClaim = false
        var fatal: StoreError?
        var outage = Outage()
        /// Jobs that could not go on each time that was looked, since when, and what was noted of it.
        var stuck: [JobID: (since: Duration, noted: String?)] = [:]
    }

    private struct Holding {
        var fence: Int64
        var lost: Signal
    }

    package init(_ environment: EngineEnvironment, options: Options) {
        self.environment = environment
        self.options = options
        self.contexts = AccountContexts(environment: environment, concurrencyCap: options.workers)
        self.planner = StepPlanner(environment: environment, contexts: contexts)
        let platforms = environment.connectors.map { $0.platform }
        self.limiter = Limiter(
            store: environment.store, clock: environment.clock, wallClock: environment.wallClock,
            random: environment.random,
            // A platform that looks back over a second has nothing to hold against anybody after it.
            holdDown: { key in
                let platform = platforms.first { $0.id.rawValue == key.platform }
                return platform?.sliding[key.family].map(\.period) ?? Quota.holdDown
            }
        ) { key in
            let platform = platforms.first { key.rawValue.hasPrefix("\($0.id)/") }
            return (
                platform?.quotas[key.family] ?? QuotaLimit(points: 10, per: .seconds(1), burst: 10),
                platform?.leastBlock[key.family] ?? .seconds(60)
            )
        }
    }

    /// Works until `stop()` or the task is cancelled; then running chunks are given back without an attempt.
    /// Throws when the database is beyond help (disk full, damaged).
    package func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.keepLeases() }
                group.addTask { await self.listen() }
                group.addTask { await self.watch() }
                group.addTask { await self.maintain() }
                group.addTask { await self.passOn() }
                if options.keepsSchedules { group.addTask { await self.keepSchedules() } }
                // Ends when nothing runs any more; leases are kept until then.
                await self.dispatch()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.stop()
        }
        if let fatal { throw fatal }
    }

    /// Claims nothing more; running chunks give themselves back after their present call.
    package func stop() {
        let running = state.withLock { state in
            state.isStopping = true
            return state.running.sorted { $0.key < $1.key }.map(\.value.lost)
        }
        stopped.signal()
        wake.signal()
        for lost in running { lost.signal() }
    }

    /// Gives up waiting, with a `CancellationError`, when the engine is stopped: a database that is away must not hold
    /// up the end.
    private func unlessStopped<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard !isStopping else { throw CancellationError() }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                await self.stopped.wait()
                return nil
            }
            defer { group.cancelAll() }
            if let value = try await group.next() ?? nil { return value }
            group.cancelAll()
            // What was granted meanwhile is ours; that it was cut short is no trouble of the database.
            if let value = (try? await group.next()) ?? nil { return value }
            throw CancellationError()
        }
    }

    /// New work was stored: look at once.
    package func nudge() { wake.signal() }

    package var isStopping: Bool { state.withLock { $0.isStopping } }
    /// Why the database does not answer; nil while it does.
    package var outage: StoreError? { state.withLock { $0.outage.error } }
    /// Why it ends: the database is beyond help, or belongs to a newer program.
    package var fatal: StoreError? { state.withLock { $0.fatal } }
    package var runningCount: Int { state.withLock { $0.running.count } }
    package var workers: Int { options.workers }

    private func fail(_ error: StoreError) {
        environment.logger.error("the engine stops", metadata: ["error": "\(error)"])
        let isFirst = state.withLock { state in
            defer { state.fatal = state.fatal ?? error }
            return state.fatal == nil
        }
        if isFirst { environment.news(.storeLost(error)) }
        stop()
    }

    // MARK: Claiming

    private func dispatch() async {
        try? await guarded { try await self.unlessStopped { try await self.advanceIdleJobs() } }
        await withDiscardingTaskGroup { group in
            while !isStopping, !Task.isCancelled {
                var claimed: [ClaimedChunk] = []
                try? await guarded {
                    claimed = try await self.unlessStopped { try await self.claim() }
                    try await self.unlessStopped { try await self.tryWriting() }
                }
                for chunk in claimed {
                    let lost = hold(chunk)
                    group.addTask { await self.work(on: chunk, lost: lost) }
                }
                guard claimed.isEmpty, let pause = try? await unlessStopped({ await self.pause() }) else { continue }
                await wake.wait(atMost: pause, clock: environment.clock)
            }
        }
    }

    private func claim() async throws -> [ClaimedChunk] {
        let free = options.workers - runningCount
        guard free > 0, leaseIsSafe() else { return [] }
        try await disownDoubtful()
        let begun = environment.tally.elapsed
        state.withLock { $0.hasDoubtfulClaim = true }
        let claimed = try await environment.store.claim(
            ClaimRequest(
                worker: options.name, limit: min(free, 128), perAccount: max(1, min(free, 128)),
                skipping: contexts.full(), lease: options.lease))
        state.withLock { $0.hasDoubtfulClaim = false }
        environment.tally.claimed(claimed.count, since: begun)
        answered(byWriting: !claimed.isEmpty)
        return claimed
    }

    /// After a claim that failed: the next claim would leave those chunks lying until their leases run out.
    private func disownDoubtful() async throws {
        let held = state.withLock { $0.hasDoubtfulClaim ? Set($0.running.keys) : nil }
        guard let held else { return }
        _ = try await environment.store.disown(options.name, except: held)
        state.withLock { $0.hasDoubtfulClaim = false }
    }

    /// Until the next chunk falls due, but no longer than the poll; a database that does not answer is left alone
    /// longer and longer.
    private func pause() async -> Duration {
        if outage != nil {
            let jitter = environment.random.unit()
            return state.withLock { $0.outage.pause(jitter: jitter) } ?? options.poll
        }
        guard runningCount < options.workers, let due = try? await nextDue() else { return options.poll }
        let wait = due - environment.wallClock.now
        if wait > .zero { return min(wait, options.poll) }
        // Something is due and was not given: its account is at its own limit, and a call that ends wakes us.
        return runningCount > 0 ? options.poll : .milliseconds(100)
    }

    private func nextDue() async throws -> Instant? {
        let due = try await environment.store.nextDue()
        if due.map({ $0 > environment.wallClock.now }) ?? true { environment.tally.idled() }
        return due
    }

    private func hold(_ chunk: ClaimedChunk) -> Signal {
        let lost = Signal()
        let now = environment.wallClock.now
        state.withLock { state in
            if state.running.isEmpty { state.renewedAt = now }
            state.running[chunk.id] = Holding(fence: chunk.fence, lost: lost)
        }
        return lost
    }

    // MARK: Working

    private func work(on chunk: ClaimedChunk, lost: Signal) async {
        let runner = ChunkRunner(environment: environment, contexts: contexts, limiter: limiter) { self.wake.signal() }
        do {
            let end = try await withThrowingTaskGroup(of: ChunkRunner.End?.self) { group in
                group.addTask { try await runner.run(chunk) }
                group.addTask {
                    await lost.wait()
                    return nil
                }
                let first = try await group.next() ?? nil
                group.cancelAll()
                // A chunk that was told to stop still has to write how far it came.
                guard first == nil else { return first }
                return try await group.next() ?? nil
            }
            if case .stepClosed(let job) = end { try await advance(job) }
            if contexts.hasDestination(chunk.account) { fed.signal() }
        } catch is CancellationError {
            // The lease runs out and the chunk is rescued; nothing of it was lost.
        } catch let error as StoreError {
            if error.isFatal { take(error) }
            environment.logger.warning("chunk not written", metadata: ["chunk": "\(chunk.id)", "error": "\(error)"])
        } catch {
            environment.logger.error("chunk broke off", metadata: ["chunk": "\(chunk.id)", "error": "\(error)"])
        }
        state.withLock { state in
            if state.running[chunk.id]?.fence == chunk.fence { state.running[chunk.id] = nil }
        }
        wake.signal()
    }

    // MARK: Leases

    private func keepLeases() async {
        while !Task.isCancelled {
            try? await environment.clock.sleep(for: options.renewEvery)
            guard runningCount > 0, !Task.isCancelled else { continue }
            await renew()
        }
    }

    /// What other processes have changed. Without a hint it is found at the next look.
    private func listen() async {
        guard let store = environment.store as? any HintStore else { return }
        for await hint in store.hints() {
            switch hint {
            case .work: wake.signal()
            case .cancelled: await renew()
            case .events: break
            }
        }
    }

    /// Callers wait for half a minute for a server that restarts; that it is away is told sooner.
    private func watch() async {
        guard let store = environment.store as? any HintStore else { return }
        while !Task.isCancelled {
            try? await environment.clock.sleep(for: .seconds(1))
            guard let absence = store.absence, absence.length >= Engine.absenceIsTold else { continue }
            // A connection that broke was the first to show it; why there is no other says more.
            if outage != absence.error { take(absence.error, since: absence.length) }
        }
    }

    private func renew() async {
        let asked = environment.wallClock.now
        let running = state.withLock { $0.running }
        do {
            let held = try await environment.store.renew(running.mapValues(\.fence), lease: options.lease)
            state.withLock { $0.renewedAt = asked }
            answered(byWriting: !held.isEmpty)
            let lost = running.sorted { $0.key < $1.key }.filter { !held.contains($0.key) }.map(\.value.lost)
            for signal in lost { signal.signal() }
        } catch {
            if let error = error as? StoreError { take(error) }
            selfFence()
        }
    }

    /// A worker that cannot renew stops itself before the lease ends (anchors.md 3.3).
    private func selfFence() {
        guard !leaseIsSafe() else { return }
        let running = state.withLock { $0.running.sorted { $0.key < $1.key }.map(\.value.lost) }
        for lost in running { lost.signal() }
    }

    private func leaseIsSafe() -> Bool {
        let now = environment.wallClock.now
        let margin = options.renewEvery * 2
        return state.withLock { state in
            guard !state.running.isEmpty, let renewedAt = state.renewedAt else { return true }
            return now - renewedAt < options.lease - margin
        }
    }

    // MARK: Upkeep

    private func maintain() async {
        var rescueIn = Duration.zero
        var upkeep = Upkeep(environment, worker: options.name)
        while !isStopping, !Task.isCancelled {
            try? await guarded {
                if rescueIn <= .zero {
                    try await self.rescue()
                    rescueIn = options.rescueEvery
                }
                try await self.advanceIdleJobs()
            }
            let pause = min(options.planEvery, options.rescueEvery)
            try? await guarded { try await upkeep.run(after: pause) { self.isStopping } }
            rescueIn -= pause
            try? await environment.clock.sleep(for: pause)
        }
    }

    private func keepSchedules() async {
        let scheduler = Scheduler(environment, worker: options.name) { self.isStopping }
        while !isStopping, !Task.isCancelled {
            var pause = Scheduler.every
            try? await guarded { pause = try await scheduler.look() }
            try? await environment.clock.sleep(for: pause)
        }
    }

    /// What waits for a platform that receives gets a job when it has none, which begins at once.
    private func passOn() async {
        let control = Control(environment)
        while !isStopping, !Task.isCancelled {
            try? await guarded {
                for account in try await environment.store.undelivered() {
                    try await advance(try await control.deliver(to: account))
                    wake.signal()
                }
            }
            await fed.wait(atMost: options.planEvery, clock: environment.clock)
        }
    }

    private func rescue() async throws {
        let report = try await environment.store.rescue()
        environment.tally.rescued(report)
        if !report.rescued.isEmpty || !report.quarantined.isEmpty { environment.news(.rescued(report)) }
        for job in report.closedJobs { try await advance(job) }
        if !report.rescued.isEmpty { wake.signal() }
    }

    private func advanceIdleJobs() async throws {
        let idle = try await environment.store.idleJobs()
        answered(byWriting: false)
        let present = Set(idle)
        state.withLock { $0.stuck = $0.stuck.filter { present.contains($0.key) } }
        for job in idle { try await advance(job) }
        wake.signal()
    }

    /// So long a job may stand still before people are told: another process may have the key that it needs.
    private static let patience: Duration = .seconds(60)

    /// Trouble of one job holds up no other.
    private func advance(_ job: JobID) async throws {
        do {
            try await planner.advance(job)
        } catch let error where !(error is StoreError || error is CancellationError) {
            environment.logger.error("job cannot go on", metadata: ["job": "\(job)", "error": "\(error)"])
            let error = error as? EngineError ?? .configuration("\(error)")
            let now = environment.tally.elapsed
            let (isNew, isDue) = state.withLock { state in
                let known = state.stuck[job]
                var entry = known ?? (since: now, noted: nil)
                let isDue = now - entry.since >= Engine.patience && entry.noted != "\(error)"
                if isDue { entry.noted = "\(error)" }
                state.stuck[job] = entry
                return (known == nil, isDue)
            }
            if isNew { environment.news(.jobStuck(job, error)) }
            if isDue { try await environment.writing { try await $0.cannotGoOn(job, because: "\(error)") } }
        }
    }

    /// Trouble of the database ends the engine or is outlasted, other trouble is logged and tried again later.
    private func guarded(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            if let error = error as? StoreError { take(error) }
            environment.logger.warning("upkeep failed", metadata: ["error": "\(error)"])
        }
    }

    /// - Parameter since: how long the trouble has lasted already.
    private func take(_ error: StoreError, since length: Duration = .zero) {
        if error.isFatal, !(options.outlastsTrouble && error.mayPass) { return fail(error) }
        guard error.mayPass else { return }
        let begun = environment.tally.elapsed - length
        if state.withLock({ $0.outage.failed(error, at: begun) }) { environment.news(.storeAway(error)) }
    }

    /// To be called behind calls that did ask the database.
    private func answered(byWriting: Bool) {
        let now = environment.tally.elapsed
        guard let length = state.withLock({ $0.outage.answered(at: now, byWriting: byWriting) }) else { return }
        environment.tally.idled()
        environment.news(.storeBack(after: length))
    }

    /// Where there is nothing to do, only this tells that a disk is not full any more.
    private func tryWriting() async throws {
        guard state.withLock({ $0.outage.needsWrite }) else { return }
        try await environment.store.set("written_after_trouble_at", to: environment.wallClock.now.description)
        answered(byWriting: true)
    }
}
