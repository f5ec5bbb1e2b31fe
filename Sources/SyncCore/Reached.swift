/// How far a job was told to be. Chunks that are found or cut on the way make the whole larger: within a phase nobody
/// is told less than before.
package struct Reached: Sendable, Hashable {
    package private(set) var phase = Phase.recent
    package private(set) var percent = 0

    package init() {}

    package mutating func note(_ percent: Int, in phase: Phase) {
        self.percent = phase == self.phase ? max(percent, self.percent) : percent
        self.phase = phase
    }
}

extension [StageProgress] {
    /// Chunks that are known. While more is to be planned they count as the first four of a hundred parts: most comes
    /// with the last step.
    package func whole(plansMore: Bool) -> Int { reduce(0) { $0 + $1.total } * (plansMore ? 25 : 1) }

    /// How much of them is behind: what gave up is no longer waited for. All of it only when the job says so.
    package func percent(plansMore: Bool) -> Int {
        let total = whole(plansMore: plansMore)
        return total == 0 ? 0 : Swift.min(99, reduce(0) { $0 + $1.completed + $1.failed } * 100 / total)
    }
}
