import SyncCore
import SyncTestKit

/// A whole sync of a small account with everything that can go wrong, decided by one seed. Runs in no time on
/// one thread, the same way every time.
struct SyncScenario {
    let plan: FaultPlan
    let tally: RareStates

    init(seed: UInt64, without left: Set<Fault> = [], tally: RareStates = RareStates()) {
        plan = FaultPlan(seed: seed, without: left)
        self.tally = tally
    }

    /// What is wrong after a run; empty when all invariants hold.
    struct Report: Sendable {
        var problems: [String] = []
        var jobsRun = 0
    }

    func run() throws -> Report {
        let executor = SimExecutor(seed: plan.seed)
        let clock = SimClock()
        let machine = try Machine(plan, executor: executor, clock: clock, tally: tally)
        var report = Report()
        do {
            report = try executor.run(clock: clock, limit: 40_000_000) { try await machine.play() }
        } catch {
            report.problems.append("\(error)")
        }
        report.jobsRun = executor.jobsRun
        if report.problems.isEmpty {
            if clock.sleeperCount > 0 { report.problems.append("\(clock.sleeperCount) sleepers are left") }
            if !executor.isIdle { report.problems.append("jobs are left after shutdown") }
        }
        return report
    }

    /// The faults without which the seed would not fail, found by leaving them out one by one.
    func shrunk() -> [Fault] {
        var left: Set<Fault> = []
        for fault in plan.faults {
            let fewer = SyncScenario(seed: plan.seed, without: left.union([fault]))
            if let report = try? fewer.run(), report.problems.isEmpty { continue }
            left.insert(fault)
        }
        return plan.faults.filter { !left.contains($0) }
    }
}
