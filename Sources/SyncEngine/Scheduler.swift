import Logging
import SyncCore

/// Starts what schedules plan, as long as it leads: any number of processes look, one acts. What keeps two from
/// starting the same run is in the database (`ScheduleStore.turn`), not here.
struct Scheduler: Sendable {
    let environment: EngineEnvironment
    let worker: String
    let launcher: RunLauncher

    /// The longest pause between two looks; a run begins that much late at most.
    static let every: Duration = .seconds(5)
    /// Longer than a look, shorter than the grace of a schedule that leaves out what it missed.
    private static let lease: Duration = .seconds(30)

    init(_ environment: EngineEnvironment, worker: String, isStopping: @escaping @Sendable () -> Bool) {
        self.environment = environment
        self.worker = worker
        self.launcher = RunLauncher(environment, worker: worker, isStopping: isStopping)
    }

    /// Does what is to be done now; how long until it is worth to look again. Where nothing is planned that costs one
    /// small question.
    func look() async throws -> Duration {
        let store = environment.store
        let outlook = try await store.outlook()
        let isDue = outlook.nextRunAt.map { $0 <= environment.wallClock.now } ?? false
        guard isDue || outlook.openRuns > 0 else { return pause(until: outlook.nextRunAt) }
        guard let epoch = try await store.lead("scheduler", as: worker, for: Scheduler.lease) else {
            return Scheduler.every
        }
        if outlook.openRuns > 0 {
            try await store.settleRuns()
            // Whoever has started these died before their jobs were there.
            for run in try await store.openRuns() where run.state == .pending {
                try await alone("run", run.id) { try await launcher.launch(run) }
            }
        }
        for schedule in try await store.dueSchedules() {
            try await alone("schedule", schedule.id) {
                if let run = try await turn(schedule, epoch: epoch) { try await launcher.launch(run) }
            }
        }
        return pause(until: try await store.outlook().nextRunAt)
    }

    /// Trouble with one holds up no other; that of the database is everybody's.
    private func alone(_ what: String, _ id: any CustomStringConvertible, _ body: () async throws -> Void) async throws
    {
        do {
            try await body()
        } catch is CancellationError {
            throw CancellationError()
        } catch let error as StoreError where error.isFatal || error.mayPass {
            throw error
        } catch {
            environment.logger.error("not started", metadata: ["\(what)": "\(id)", "error": "\(error)"])
        }
    }

    private func pause(until next: Instant?) -> Duration {
        guard let next else { return Scheduler.every }
        let wait = next - environment.wallClock.now
        // One that stays due waits for its last run to end.
        return wait > .zero ? min(wait, Scheduler.every) : Scheduler.every
    }

    private func turn(_ schedule: Schedule, epoch: Int64) async throws -> ScheduleRun? {
        do {
            _ = try schedule.definition.zone()
        } catch {
            environment.logger.error(
                "schedule cannot be read", metadata: ["schedule": "\(schedule.id)", "error": "\(error)"])
            return nil
        }
        let reach = try await launcher.reach(of: schedule.definition)
        return try await environment.store.turn(schedule.id, epoch: epoch) { standing in
            ((try? standing.turn()) ?? nil).map { reach.limit($0, of: standing.schedule) }
        }
    }
}
