import SyncCore
import Testing

@Suite("WorkState")
struct WorkStateTests {
    /// The table as it is written down; everything else is forbidden.
    private static let allowed: [WorkState: Set<WorkState>] = [
        .pending: [.inProgress, .waiting, .cancelled],
        .inProgress: [.pending, .waiting, .completed, .failed, .cancelled],
        .waiting: [.pending, .inProgress, .cancelled],
        .completed: [],
        .failed: [.pending, .waiting],
        .cancelled: [.pending, .waiting],
    ]

    @Test("Each of the 36 transitions is allowed or forbidden as the table says", arguments: WorkState.allCases)
    func transitions(from: WorkState) throws {
        let allowed = try #require(Self.allowed[from])

        for next in WorkState.allCases {
            #expect(from.mayBecome(next) == allowed.contains(next), "\(from) -> \(next)")
        }
    }

    @Test("Only a retry leads out of a terminal state, and never out of completed")
    func terminal() {
        let terminal = WorkState.allCases.filter(\.isTerminal)

        #expect(terminal == [.completed, .failed, .cancelled])
        for state in terminal {
            #expect(WorkState.allCases.filter(state.mayBecome) == (state == .completed ? [] : [.pending, .waiting]))
        }
    }

    @Test("Every state can be reached from pending and can come to an end")
    func reachable() {
        for start in WorkState.allCases where !start.isTerminal {
            var seen: Set<WorkState> = [start]
            while let next = WorkState.allCases.first(where: { candidate in
                !seen.contains(candidate) && seen.contains { $0.mayBecome(candidate) }
            }) {
                seen.insert(next)
            }
            #expect(seen == Set(WorkState.allCases))
        }
    }

    @Test("The words in tables are those of the contract")
    func words() {
        #expect(
            WorkState.allCases.map(\.rawValue)
                == ["pending", "in_progress", "waiting", "completed", "failed", "cancelled"])
        #expect(
            CoverageState.allCases.map(\.rawValue)
                == ["missing", "queued", "running", "fresh", "settled", "failed", "not_offered"])
    }

    @Test("A class that weighs more stands back less")
    func classes() {
        let byWeight = WorkClass.allCases.sorted { $0.weight > $1.weight }

        #expect(byWeight == WorkClass.allCases.sorted { $0.standsBack < $1.standsBack })
        #expect(byWeight == [.interactive, .recent, .incremental, .history])
    }
}
