/// Schedules and their runs. The rules of `Ports.swift` hold here, too.
package protocol ScheduleStore: Sendable {
    /// In order of their names.
    func schedules() async throws -> [Schedule]
    func schedule(_ id: ScheduleID) async throws -> Schedule?

    /// Nil when another has that name.
    func add(_ definition: ScheduleDefinition, nextRunAt: Instant?, by actor: String) async throws -> ScheduleID?

    /// Stores these once for a connection, whatever became of them since; one whose name is taken gets a number. False
    /// when that was done before.
    func addOnce(
        _ drafts: [(definition: ScheduleDefinition, nextRunAt: Instant?)], of connection: ConnectionID
    ) async throws -> Bool

    /// Changes the schedule that still has that version. `nextRunAt` replaces the stored moment when `moves`.
    func change(
        _ id: ScheduleID, version: Int, to definition: ScheduleDefinition, nextRunAt: Instant?, moves: Bool,
        by actor: String
    ) async throws -> ScheduleChange

    /// Deletes it with its runs; its jobs go on. False when it is gone already.
    func delete(_ id: ScheduleID, by actor: String) async throws -> Bool

    // MARK: Running

    /// Whether there is anything to do.
    func outlook() async throws -> ScheduleOutlook
    /// Active ones whose moment has come, the oldest first.
    func dueSchedules() async throws -> [Schedule]

    /// Lets `decide` say what becomes of a schedule, and does it, in one transaction: the pure function gets what is
    /// true then. The run that it started; nil for none. With an epoch of the lead in "scheduler" nothing happens when
    /// another has taken it since. Of two that want to start the same run, or two at once, one does.
    func turn(
        _ id: ScheduleID, epoch: Int64?, _ decide: @escaping @Sendable (ScheduleStanding) -> ScheduleTurn?
    ) async throws -> ScheduleRun?

    /// Brings runs to where their jobs are.
    func settleRuns() async throws
    /// Runs that have not ended, the oldest first.
    func openRuns() async throws -> [ScheduleRun]
    /// The newest first.
    func runs(of id: ScheduleID, limit: Int) async throws -> [ScheduleRun]
    /// Planned runs that were started since then.
    func runCount(of id: ScheduleID, since moment: Instant) async throws -> Int

    /// The job of an account for a run: that of an earlier call, an open one that does the same, or a new one. Nil
    /// when the run is gone.
    func enqueue(_ job: NewJob, for run: ScheduleRunID) async throws -> (id: JobID, isNew: Bool)?
    /// Moves a run on that has not ended: to `in_progress`, or to its end. The news are told with it.
    func move(_ run: ScheduleRunID, to state: WorkState, news: [ScheduleNews]) async throws

    /// Removes ended runs that began before `moment`, at most `limit`, and of each schedule all but the last; how many.
    func pruneRuns(before moment: Instant, limit: Int) async throws -> Int
}

package enum ScheduleChange: Sendable, Hashable {
    case done
    /// It is gone, or somebody else has changed it meanwhile.
    case outdated
    case nameTaken
}

package struct ScheduleOutlook: Sendable, Hashable {
    /// The earliest moment of all that are active.
    package var nextRunAt: Instant?
    package var openRuns: Int

    package init(nextRunAt: Instant?, openRuns: Int) {
        self.nextRunAt = nextRunAt
        self.openRuns = openRuns
    }
}
