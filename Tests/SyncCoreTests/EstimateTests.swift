import SyncCore
import Testing

@Suite("Estimate")
struct EstimateTests {
    /// A job of 400 chunks with five calls each, at ten calls a second, seen each second.
    private func steady(until second: Int) -> (estimate: Estimate, stages: [StageProgress]) {
        var estimate = Estimate()
        for moment in 0...second { estimate.note(requests: moment * 10, at: .seconds(moment)) }
        return (estimate, [stage(completed: second * 2, requests: second * 10)])
    }

    private func stage(
        _ name: String = "insights", phase: Phase = .recent, total: Int = 400, completed: Int, requests: Int
    ) -> StageProgress {
        StageProgress(stage: name, phase: phase, total: total, completed: completed, failed: 0, requests: requests)
    }

    @Test("Nothing is said before 5 % or twenty seconds")
    func silence() {
        #expect(Estimate().left([stage(completed: 100, requests: 500)], phase: .recent) == nil)
        let early = steady(until: 9)
        #expect(early.estimate.left(early.stages, phase: .recent) == nil)

        let share = steady(until: 10)
        #expect(share.estimate.left(share.stages, phase: .recent) != nil)
        let slow = steady(until: 20)
        #expect(
            slow.estimate.left([stage(total: 4000, completed: 40, requests: 200)], phase: .recent) != nil)
    }

    @Test("Nothing is said when nothing is done yet, all is done, or the phase has no chunks")
    func nothingToSay() {
        let (estimate, _) = steady(until: 30)

        #expect(estimate.left([stage(completed: 0, requests: 0)], phase: .recent) == nil)
        #expect(estimate.left([stage(completed: 400, requests: 2000)], phase: .recent) == nil)
        #expect(estimate.left([stage(phase: .history, completed: 100, requests: 500)], phase: .recent) == nil)
        #expect(estimate.left([], phase: .recent) == nil)
    }

    @Test("Nothing is said when nothing moved for a minute")
    func standstill() {
        let (before, stages) = steady(until: 60)
        var estimate = before
        #expect(estimate.left(stages, phase: .recent) != nil)

        for moment in 61...140 { estimate.note(requests: 600, at: .seconds(moment)) }

        #expect(estimate.left(stages, phase: .recent) == nil)
    }

    @Test("A steady rate is met within 5 %, and the truth lies in the range", arguments: [20, 60, 120, 190, 199])
    func steadyRate(second: Int) throws {
        let (estimate, stages) = steady(until: second)
        let truth = 200.0 - Double(second)

        let left = try #require(estimate.left(stages, phase: .recent))

        #expect(abs(left.likely.inSeconds - truth) <= truth * 0.05)
        #expect(left.low.inSeconds <= truth && truth <= left.high.inSeconds)
    }

    @Test("After a change of pace the estimate follows within a minute")
    func changeOfPace() throws {
        var (estimate, _) = steady(until: 60)

        // Half as fast from the first minute on.
        for moment in 61...120 { estimate.note(requests: 600 + (moment - 60) * 5, at: .seconds(moment)) }
        let left = try #require(estimate.left([stage(completed: 180, requests: 900)], phase: .recent))

        #expect(abs(left.likely.inSeconds - 220) < 11)
    }

    @Test("The range is in order and never negative, whatever the history", arguments: 0..<40 as Range<UInt64>)
    func order(seed: UInt64) {
        var random = Seeded(seed)
        var estimate = Estimate()
        var requests = 0
        var moment = 0.0

        for _ in 0..<200 {
            moment += Double.random(in: 0..<5, using: &random)
            requests += random.chance(0.3) ? 0 : random.integer(0...40)
            estimate.note(requests: requests, at: .seconds(moment))
            let done = random.integer(0...100)
            let stages = [
                stage("ads", total: 100, completed: done, requests: done * random.integer(0...9)),
                stage("insights", total: 50, completed: 0, requests: 0),
            ]
            guard let left = estimate.left(stages, phase: .recent) else { continue }
            #expect(Duration.zero <= left.low && left.low <= left.likely && left.likely <= left.high)
        }
    }

    @Test("A stage that has not begun counts with what the others took")
    func stageAhead() throws {
        let (estimate, stages) = steady(until: 60)

        let left = try #require(
            estimate.left(stages + [stage("posts", total: 100, completed: 0, requests: 0)], phase: .recent))

        // 280 chunks of five calls and 100 more of the same, at ten calls a second.
        #expect(abs(left.likely.inSeconds - 190) < 5)
    }
}
