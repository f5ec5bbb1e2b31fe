import Foundation
import SyncTestKit
import Testing

/// Deterministic simulation of whole syncs (style.md 5.3). SLUICE_SEEDS sets how many seeds run, SLUICE_SEED
/// runs one of them again.
@Suite("Simulation")
struct SimulationTests {
    private static let lanes = 4

    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    @Test("Every seed ends with every row stored once", arguments: 0..<lanes)
    func seeds(lane: Int) throws {
        let one = Self.number("SLUICE_SEED")
        let count = Self.number("SLUICE_SEEDS") ?? 300
        let seeds = one.map { lane == 0 ? [$0] : [] } ?? Array(stride(from: lane + 1, through: count, by: Self.lanes))
        let tally = RareStates()

        for seed in seeds {
            do {
                let report = try SyncScenario(seed: UInt64(seed), tally: tally).run()
                #expect(report.problems.isEmpty, "\(report.problems.joined(separator: "; ")). \(replay(seed))")
            } catch {
                Issue.record("\(error). \(replay(seed))")
            }
        }

        if one == nil, count >= 300 { check(tally) }
    }

    @Test("A seed repeats itself to the last job")
    func repeats() throws {
        let first = try SyncScenario(seed: 5, tally: RareStates()).run()
        let second = try SyncScenario(seed: 5, tally: RareStates()).run()

        #expect(first.jobsRun == second.jobsRun)
        #expect(first.jobsRun > 1000)
    }

    private func replay(_ seed: Int) -> String { "Replay: make simulate SEED=\(seed)" }

    /// States that a run over many seeds must have reached in each lane, or it proves less than it says.
    private func check(_ tally: RareStates) {
        let reached = tally.all
        print(
            "rare states: " + reached.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        )
        for name in [
            "rescue_raced_with_completion", "stale_write_refused", "rescued", "crashed", "second_worker",
            "store_busy", "outcome_unknown", "write_stalled", "clock_stepped", "resumed_at_cursor", "split",
        ] {
            #expect(reached[name, default: 0] > 0, "no seed of this lane reached \(name)")
        }
    }
}
