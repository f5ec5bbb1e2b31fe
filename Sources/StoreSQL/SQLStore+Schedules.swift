package import SyncCore

extension SQLStore {
    package func schedules() async throws -> [Schedule] {
        try await read { try ScheduleTable(transaction: $0).all() }
    }

    package func schedule(_ id: ScheduleID) async throws -> Schedule? {
        try await read { try ScheduleTable(transaction: $0).schedule(id) }
    }

    package func add(
        _ definition: ScheduleDefinition, nextRunAt: Instant?, by actor: String
    ) async throws -> ScheduleID? {
        try await write(.nothing) {
            try ScheduleTable(transaction: $0).insert(definition, nextRunAt: nextRunAt, by: actor)
        }
    }

    package func addOnce(
        _ drafts: [(definition: ScheduleDefinition, nextRunAt: Instant?)], of connection: ConnectionID
    ) async throws -> Bool {
        try await write(.nothing) { transaction in
            let table = ScheduleTable(transaction: transaction)
            guard try table.noteMade(for: connection) else { return false }
            for draft in drafts {
                try table.insertNumbered(draft.definition, nextRunAt: draft.nextRunAt, by: "sluice")
            }
            return true
        }
    }

    package func change(
        _ id: ScheduleID, version: Int, to definition: ScheduleDefinition, nextRunAt: Instant?, moves: Bool,
        by actor: String
    ) async throws -> ScheduleChange {
        try await write(.nothing) {
            try ScheduleTable(transaction: $0).change(
                id, version: version, to: definition, nextRunAt: nextRunAt, moves: moves, by: actor)
        }
    }

    package func delete(_ id: ScheduleID, by actor: String) async throws -> Bool {
        try await write(.nothing) { try ScheduleTable(transaction: $0).delete(id, by: actor) }
    }

    // MARK: Running

    package func outlook() async throws -> ScheduleOutlook {
        try await read {
            ScheduleOutlook(
                nextRunAt: try ScheduleTable(transaction: $0).earliest(),
                openRuns: try ScheduleRunTable(transaction: $0).openCount())
        }
    }

    package func dueSchedules() async throws -> [Schedule] {
        try await read { try ScheduleTable(transaction: $0).due() }
    }

    package func turn(
        _ id: ScheduleID, epoch: Int64?, _ decide: @escaping @Sendable (ScheduleStanding) -> ScheduleTurn?
    ) async throws -> ScheduleRun? {
        try await write(.nothing) { try ScheduleTable(transaction: $0).turn(id, epoch: epoch, decide) }
    }

    package func settleRuns() async throws {
        try await write(.nothing) { try ScheduleRunTable(transaction: $0).settle() }
    }

    package func openRuns() async throws -> [ScheduleRun] {
        try await read { try ScheduleRunTable(transaction: $0).open() }
    }

    package func runs(of id: ScheduleID, limit: Int) async throws -> [ScheduleRun] {
        try await read { try ScheduleRunTable(transaction: $0).newest(of: id, limit: limit) }
    }

    package func runCount(of id: ScheduleID, since moment: Instant) async throws -> Int {
        try await read { try ScheduleRunTable(transaction: $0).count(of: id, since: moment) }
    }

    package func enqueue(_ job: NewJob, for run: ScheduleRunID) async throws -> (id: JobID, isNew: Bool)? {
        try await write(.account(job.account)) { try ScheduleRunTable(transaction: $0).enqueue(job, for: run) }
    }

    package func move(_ run: ScheduleRunID, to state: WorkState, news: [ScheduleNews]) async throws {
        try await write(.nothing) { transaction in
            guard try ScheduleRunTable(transaction: transaction).move(run, to: state) else { return }
            for each in news { ScheduleTable(transaction: transaction).tell(each) }
        }
    }

    package func pruneRuns(before moment: Instant, limit: Int) async throws -> Int {
        try await write(.nothing) { try ScheduleRunTable(transaction: $0).prune(before: moment, limit: limit) }
    }
}
