/// What goes on of a platform in a workspace, over all its accounts; or went on last, when nothing does.
package struct PlatformWork: Sendable, Hashable {
    /// Jobs in one state.
    package struct Jobs: Sendable, Hashable {
        package var state: WorkState
        package var count: Int
        /// Those that wait, by what for.
        package var waits: [WaitReason: Int]
        /// Those of which nothing is planned yet.
        package var unbegun: Int
        /// Those with steps that are not planned yet.
        package var unplanned: Int
        package var chunks: Int
        package var completed: Int
        /// The sum of their own percentages.
        package var percent: Int

        package init(
            state: WorkState, count: Int, waits: [WaitReason: Int] = [:], unbegun: Int = 0, unplanned: Int = 0,
            chunks: Int = 0,
            completed: Int = 0, percent: Int = 0
        ) {
            self.state = state
            self.count = count
            self.waits = waits
            self.unbegun = unbegun
            self.unplanned = unplanned
            self.chunks = chunks
            self.completed = completed
            self.percent = percent
        }
    }

    /// Chunks of one stage.
    package struct Stage: Sendable, Hashable {
        package var chunks: Int
        package var open: Int
        package var failed: Int
        package var cancelled: Int
        /// Those that somebody has in hand, and those that wait for a limit of the platform.
        package var running: Int
        package var blocked: Int

        package init(
            chunks: Int = 0, open: Int = 0, failed: Int = 0, cancelled: Int = 0, running: Int = 0, blocked: Int = 0
        ) {
            self.chunks = chunks
            self.running = running
            self.blocked = blocked
            self.open = open
            self.failed = failed
            self.cancelled = cancelled
        }
    }

    package var jobs: [Jobs]
    /// By name. Chunks that failed are all counted; those of jobs behind their first step are not where there are more
    /// than somebody may wait for: `isWhole` is false then.
    package var stages: [String: Stage]
    package var isWhole: Bool
    package var startedAt: Instant?
    /// When the last of them ended; nil while one is open.
    package var finishedAt: Instant?

    package init(
        jobs: [Jobs] = [], stages: [String: Stage] = [:], isWhole: Bool = true, startedAt: Instant? = nil,
        finishedAt: Instant? = nil
    ) {
        self.jobs = jobs
        self.stages = stages
        self.isWhole = isWhole
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }

    package var isOpen: Bool { jobs.contains { !$0.state.isTerminal } }
}
