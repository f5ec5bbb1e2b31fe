import ConnectorKit
import StoreSQL
import StoreSQLite
import SyncCore
import SyncEngine
import SyncTestKit
import Testing

/// Two machines that die and come back, a database that is busy, loses answers and lets writes stand still: whatever
/// happens, each moment of a plan has one run, and each run one job for each account.
@Suite("Scheduler in simulation")
struct SchedulerSimulationTests {
    @Test("Over a bad day nothing runs twice and nothing is lost, whatever the seed", arguments: 1...16)
    func badDay(_ seed: Int) throws {
        let faults = StoreFaults(busy: 0.03, unknownOutcome: 0.1, stall: 0.03, noRenewal: 0.2)
        let world = try EngineWorld(seed: UInt64(seed), latency: .seconds(20), faults: faults)
        let dice = SimDice(seed: UInt64(seed) &* 7 &+ 3)
        let begun = world.wallClock.now
        let states = RareStates()

        let (plans, jobs) = try world.executor.run(clock: world.clock) {
            try await world.accounts("a", "b", "c")
            let schedules = [
                try await world.schedule(
                    "few", of: ["a"], recurrence: .every(.hour1), days: .named(.today), missed: .all),
                try await world.schedule(
                    "many", of: ["a", "b", "c"], recurrence: .cron(try CronExpression("*/20 * * * *")),
                    days: .named(.yesterday), missed: .all),
            ]
            try await live(world, dice, states, for: .seconds(5 * 3600))
            // One machine without faults brings to an end what is open.
            try await calm(world, for: .seconds(2 * 3600))
            var plans: [(schedule: Schedule, runs: [ScheduleRun])] = []
            for schedule in schedules {
                plans.append((schedule: schedule, runs: try await world.store.runs(of: schedule.id, limit: 1000)))
            }
            return (plans, try await world.store.jobs(limit: 10_000))
        }

        for (schedule, runs) in plans {
            let planned = runs.map(\.plannedAt).sorted()
            let zone = try schedule.definition.zone()
            let wanted = schedule.definition.recurrence.next(planned.count, after: begun, in: zone)
            #expect(planned == wanted, "\(schedule.definition.name)")
            #expect(planned.count >= 6)
            // The last one may have begun a moment ago.
            let ended = runs.dropFirst()
            #expect(ended.allSatisfy { $0.state == .completed }, "\(ended.map(\.state))")
            #expect(ended.allSatisfy { $0.jobs.count == schedule.definition.targets.count })
            let ordered = runs.reversed()
            for (one, next) in zip(ordered, ordered.dropFirst()) {
                #expect((one.finishedAt ?? next.startedAt + .seconds(1)) <= next.startedAt)
            }
        }
        for state in ["killed", "store_busy", "write_stalled"] { #expect(states.all[state] ?? 0 > 0, "never \(state)") }
        #expect((states.all["turn_unknown"] ?? 0) + (states.all["enqueue_unknown"] ?? 0) > 0, "no answer was lost")
        let used = plans.flatMap { $0.runs.flatMap { $0.jobs.map(\.id) } }
        #expect(Set(used) == Set(jobs.map(\.id)), "a job that no run knows, or the other way round")
    }

    /// Looks for other work are rare: they are not what is tested.
    private static func options(_ name: String) -> Engine.Options {
        Engine.Options(
            workers: 8, name: name, renewEvery: .seconds(12), rescueEvery: .seconds(20), planEvery: .seconds(20),
            poll: .seconds(30), keepsSchedules: true)
    }

    /// Two machines, each of which dies again and again.
    private func live(_ world: EngineWorld, _ dice: SimDice, _ states: RareStates, for length: Duration) async throws {
        let end = world.clock.now.advanced(by: length)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for machine in 1...2 {
                group.addTask {
                    var life = 0
                    while world.clock.now < end {
                        life += 1
                        try await run(world, "machine-\(machine)-\(life)", dice, states, until: end)
                        try await world.clock.sleep(for: .seconds(dice.integer(1...600)))
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// One life of a process, which ends at a moment that the dice choose.
    private func run(
        _ world: EngineWorld, _ name: String, _ dice: SimDice, _ states: RareStates, until end: SimClock.Instant
    ) async throws {
        let process = SimProcess()
        let engine = Engine(
            try world.environment(of: process, dice: dice, states: states),
            options: SchedulerSimulationTests.options(name))
        let lifetime = Duration.milliseconds(dice.integer(1000...3_600_000))
        let dies = dice.happens(0.7)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await engine.run() }
            let left = world.clock.now.duration(to: end)
            try? await world.clock.sleep(for: min(lifetime, max(left, .seconds(1))))
            states.count(dies ? "killed" : "stopped")
            if dies { process.kill() } else { engine.stop() }
            if dies { group.cancelAll() }
        }
    }

    private func calm(_ world: EngineWorld, for length: Duration) async throws {
        var environment = try world.environment()
        environment.store = world.store
        let engine = Engine(environment, options: SchedulerSimulationTests.options("calm"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await engine.run() }
            try await world.clock.sleep(for: length)
            engine.stop()
            try await group.waitForAll()
        }
    }
}
