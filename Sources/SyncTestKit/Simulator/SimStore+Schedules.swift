package import SyncCore

extension SimStore: ScheduleStore {
    package func schedules() async throws -> [Schedule] { try await through { try await $0.schedules() } }
    package func schedule(_ id: ScheduleID) async throws -> Schedule? {
        try await through { try await $0.schedule(id) }
    }
    package func add(
        _ definition: ScheduleDefinition, nextRunAt: Instant?, by actor: String
    ) async throws -> ScheduleID? {
        try await through { try await $0.add(definition, nextRunAt: nextRunAt, by: actor) }
    }
    package func addOnce(
        _ drafts: [(definition: ScheduleDefinition, nextRunAt: Instant?)], of connection: ConnectionID
    ) async throws -> Bool {
        try await through { try await $0.addOnce(drafts, of: connection) }
    }
    package func change(
        _ id: ScheduleID, version: Int, to definition: ScheduleDefinition, nextRunAt: Instant?, moves: Bool,
        by actor: String
    ) async throws -> ScheduleChange {
        try await through {
            try await $0.change(id, version: version, to: definition, nextRunAt: nextRunAt, moves: moves, by: actor)
        }
    }
    package func delete(_ id: ScheduleID, by actor: String) async throws -> Bool {
        try await through { try await $0.delete(id, by: actor) }
    }
    package func outlook() async throws -> ScheduleOutlook { try await through { try await $0.outlook() } }
    package func dueSchedules() async throws -> [Schedule] { try await through { try await $0.dueSchedules() } }
    package func turn(
        _ id: ScheduleID, epoch: Int64?, _ decide: @escaping @Sendable (ScheduleStanding) -> ScheduleTurn?
    ) async throws -> ScheduleRun? {
        stall()
        let run = try await through { try await $0.turn(id, epoch: epoch, decide) }
        try loseAnswer("turn_unknown")
        return run
    }
    package func settleRuns() async throws { try await through { try await $0.settleRuns() } }
    package func openRuns() async throws -> [ScheduleRun] { try await through { try await $0.openRuns() } }
    package func runs(of id: ScheduleID, limit: Int) async throws -> [ScheduleRun] {
        try await through { try await $0.runs(of: id, limit: limit) }
    }
    package func runCount(of id: ScheduleID, since moment: Instant) async throws -> Int {
        try await through { try await $0.runCount(of: id, since: moment) }
    }
    package func enqueue(_ job: NewJob, for run: ScheduleRunID) async throws -> (id: JobID, isNew: Bool)? {
        stall()
        let job = try await through { try await $0.enqueue(job, for: run) }
        try loseAnswer("enqueue_unknown")
        return job
    }
    package func move(_ run: ScheduleRunID, to state: WorkState, news: [ScheduleNews]) async throws {
        stall()
        try await through { try await $0.move(run, to: state, news: news) }
    }
    package func pruneRuns(before moment: Instant, limit: Int) async throws -> Int {
        try await through { try await $0.pruneRuns(before: moment, limit: limit) }
    }

    /// Stands still before a write, long enough for another to take the lead.
    private func stall() {
        guard random.happens(faults.stall) else { return }
        tally.count("write_stalled")
        process.freeze(until: clock.now.offset + .seconds(random.integer(40...80)))
    }

    private func loseAnswer(_ name: String) throws {
        guard random.happens(faults.unknownOutcome) else { return }
        tally.count(name)
        throw StoreError.unavailable("the connection was lost after the commit")
    }
}
