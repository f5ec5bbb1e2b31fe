import SyncCore
import Testing

@Suite("How far a job was told to be")
struct ReachedTests {
    private static func percent(_ done: Int, of total: Int, failed: Int = 0) -> Int {
        [StageProgress(stage: "insights", phase: .recent, total: total, completed: done, failed: failed)]
            .percent(plansMore: false)
    }

    @Test("A chunk that is cut in the middle of a phase takes nobody back, and what is done then goes on from there")
    func cut() {
        var reached = Reached()
        var told: [Int] = []
        for percent in [
            ReachedTests.percent(19, of: 20), ReachedTests.percent(20, of: 22), ReachedTests.percent(22, of: 23),
            ReachedTests.percent(22, of: 23, failed: 1),
        ] {
            reached.note(percent, in: .recent)
            told.append(reached.percent)
        }

        #expect(told == [95, 95, 95, 99])
    }

    @Test("The next phase begins at its own beginning")
    func phases() {
        var reached = Reached()
        reached.note(99, in: .recent)
        reached.note(3, in: .history)

        #expect(reached.percent == 3)
        #expect(reached.phase == .history)
    }
}
