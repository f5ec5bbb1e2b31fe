import StoreSQL
import StoreSQLite
import SyncCore
import SyncEngine
import SyncTestKit

/// Machines at work: they start, crash, are restarted, and stop when the job is over.
extension Machine {
    func work(on job: JobID, isCalm: Bool) async throws {
        isOver = false
        let machines = plan.has(.secondMachine) ? 2 : 1
        if machines > 1 { tally.count("second_worker") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...machines {
                group.addTask { try await self.live(number, isCalm: isCalm) }
            }
            group.addTask { try await self.ownConnection() }
            if !isCalm { disturb(job, in: &group) }
            group.addTask { try await self.waitForEnd(of: job) }
            try await group.waitForAll()
        }
    }

    /// How a process comes to its end.
    private enum End {
        case killed, stopped, none
    }

    /// A machine from its first start to the end of the job.
    private func live(_ number: Int, isCalm: Bool) async throws {
        var ends: [End] = []
        if !isCalm, plan.has(.crashes) { ends += [End](repeating: .killed, count: dice.integer(1...3)) }
        if !isCalm, plan.has(.restarts) { ends += [End](repeating: .stopped, count: dice.integer(1...3)) }
        var lives = 0
        while !isOver {
            let end: End = ends.isEmpty ? .none : ends.remove(at: dice.integer(0...ends.count - 1))
            lives += 1
            let name = plan.has(.sameName) ? "machine" : "machine-\(number)-\(lives)"
            if try await runProcess(name, seed: UInt64(number * 100 + lives), end: end, isCalm: isCalm) { continue }
            try await clock.sleep(for: .seconds(dice.integer(1...90)))
        }
    }

    /// Runs one process to its end; true when it ended in good order.
    private func runProcess(_ name: String, seed: UInt64, end: End, isCalm: Bool) async throws -> Bool {
        let process = SimProcess()
        let wallClock = SimWallClock(clock, start: Machine.beginning)
        if !isCalm { stepClock(wallClock) }
        // One machine alone goes by its own clock, as with a file; several share that of a server.
        let store =
            plan.has(.secondMachine)
            ? store : try SQLiteStore.inMemory(database, clock: wallClock, executor: executor)
        let environment = try environment(
            of: process, store: store, faults: isCalm ? StoreFaults() : plan.storeFaults, wallClock: wallClock,
            seed: seed)
        let workers = dice.integer(1...6)
        let engine = Engine(environment, options: .init(workers: workers, name: name, poll: .seconds(20)))
        var isFull = false
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await engine.run() }
            group.addTask { try await self.attend(engine, process, wallClock, end: end, isCalm: isCalm) }
            while !group.isEmpty {
                do {
                    try await group.next()
                } catch StoreError.diskFull {
                    isFull = true
                } catch is SimProcess.Died {
                } catch is CancellationError {}
                if process.isDead || isFull { group.cancelAll() }
            }
        }
        if process.isDead { tally.count("crashed") }
        if isFull { tally.count("disk_full") }
        // Once at its end, and once when nothing could be written for longer than answers are kept.
        diary.lostCalls += plan.databaseIsAway == nil ? workers : 2 * workers
        if engine.runningCount > 0, !process.isDead { ledger.report("\(engine.runningCount) chunks run after a stop") }
        return !process.isDead && !isFull
    }

    private func stepClock(_ wallClock: SimWallClock) {
        guard plan.has(.clockSteps) else { return }
        wallClock.step(by: .seconds(dice.integer(-3600...3600)))
        tally.count("clock_stepped")
    }

    /// Ends the process at a moment that the dice choose, or stops it in good order when the job is over.
    private func attend(
        _ engine: Engine, _ process: SimProcess, _ wallClock: SimWallClock, end: End, isCalm: Bool
    ) async throws {
        let lifetime = Duration.milliseconds(end == .none ? Int.max / 1_000_000 : dice.integer(50...40_000))
        let stepsAt = Duration.milliseconds(dice.integer(1000...30_000))
        var hasStepped = isCalm
        let away = isCalm ? nil : plan.databaseIsAway
        let begun = clock.now
        while !isOver, !process.isDead {
            let age = begun.duration(to: clock.now)
            if age >= lifetime {
                if end == .stopped { break }
                return process.kill()
            }
            if age >= stepsAt, !hasStepped {
                stepClock(wallClock)
                hasStepped = true
            }
            let isAway = away?.contains(age) ?? false
            if isAway, process.storeTrouble == nil { tally.count("database_away") }
            process.storeTrouble = isAway ? .unavailable("the server is gone") : nil
            let isNear = end != .none || !hasStepped || away.map { age < $0.upperBound } ?? false
            try await clock.sleep(for: .milliseconds(isNear ? 97 : 20_000))
        }
        if !isOver { tally.count("stopped_in_the_middle") }
        process.isStopping = true
        engine.stop()
    }

    private func waitForEnd(of job: JobID) async throws {
        let begun = clock.now
        while let state = try await store.job(job), !state.state.isTerminal {
            guard begun.duration(to: clock.now) < .seconds(14 * 86_400) else {
                isOver = true
                throw Endless(state: state)
            }
            try await clock.sleep(for: .seconds(10))
        }
        isOver = true
    }

    struct Endless: Error, CustomStringConvertible {
        let state: Job
        var description: String {
            "the job never ends: \(state.state), \(state.openChunks) of \(state.totalChunks) chunks are open"
        }
    }
}

extension FaultPlan {
    /// From when until when in its life a process cannot reach its database, in the midst of whatever it does.
    var databaseIsAway: Range<Duration>? {
        guard has(.databaseAway) else { return nil }
        let from = Duration.milliseconds(number(.databaseAway, 1, 200...20_000))
        return from..<from + .milliseconds(number(.databaseAway, 2, 500...120_000))
    }

    var storeFaults: StoreFaults {
        StoreFaults(
            busy: has(.storeBusy) ? 0.02 : 0, unknownOutcome: has(.unknownOutcome) ? 0.02 : 0,
            stall: has(.stalledWrites) ? 0.04 : 0, noRenewal: has(.noRenewals) ? 0.95 : 0,
            outdated: has(.overtakenRows) ? 0.5 : 0)
    }
}
