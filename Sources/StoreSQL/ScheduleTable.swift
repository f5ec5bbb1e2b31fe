import FoundationEssentials
import SyncCore

/// `schedules`: what people have planned, and when it is due next. What is off has no next moment.
struct ScheduleTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    // MARK: Reading

    private static let columns = """
        id, name, task, targets, streams, recurrence, time_zone, date_range, start_date, end_date, missed_policy,
            max_runs_per_day, is_active, next_run_at, held, version, created_at, workspace_id, updated_at
        """

    func all() throws -> [Schedule] {
        try rows("ORDER BY name, id")
    }

    func schedule(_ id: ScheduleID) throws -> Schedule? {
        try rows("WHERE id = ?", .integer(id.value)).first
    }

    /// Of two transactions that are about the same one, the second finds what the first has made.
    private func locked(_ id: ScheduleID) throws -> Schedule? {
        let isThere = try sql.first("SELECT id FROM schedules WHERE id = ? FOR UPDATE", .integer(id.value)) { _ in true
        }
        return isThere == nil ? nil : try schedule(id)
    }

    func due() throws -> [Schedule] {
        try rows(
            "INDEXED BY schedules_due WHERE next_run_at IS NOT NULL AND next_run_at <= ? ORDER BY next_run_at, id",
            .integer(transaction.now.microseconds))
    }

    func earliest() throws -> Instant? {
        try sql.first(
            "SELECT min(next_run_at) FROM schedules INDEXED BY schedules_due WHERE next_run_at IS NOT NULL"
        ) { $0.optionalMoment(0) } ?? nil
    }

    private func rows(_ rest: String, _ value: Bound? = nil) throws -> [Schedule] {
        var found: [Schedule] = []
        let text = "SELECT \(ScheduleTable.columns) FROM schedules \(rest)"
        _ = try sql.session.run(built: text, value.map { [$0] } ?? []) { found.append(try schedule($0)) }
        return found
    }

    private func schedule(_ row: ResultRow) throws -> Schedule {
        let range = row.text(7)
        let days: ScheduleDays
        if range == ScheduleTable.due {
            days = .due
        } else if let custom = try row.optionalDays(8, 9) {
            days = .custom(custom)
        } else {
            days = .named(try row.word(7))
        }
        let definition = ScheduleDefinition(
            workspace: WorkspaceID(row.int64(17)), name: row.text(1), task: try row.word(2),
            targets: try TextColumn.value([String].self, from: row.text(3)).compactMap { ScheduleTarget($0) },
            streams: try TextColumn.value([String].self, from: row.text(4)),
            recurrence: try ScheduleTable.recurrence(row.text(5)), zoneName: row.text(6), days: days,
            missed: try row.word(10), mostRunsPerDay: row.optionalInt(11), isActive: row.int(12) != 0)
        return Schedule(
            id: ScheduleID(row.int64(0)), definition: definition, version: row.int(15),
            nextRunAt: row.optionalMoment(13),
            held: Set(try TextColumn.value([ConnectionID].self, from: row.text(14))),
            createdAt: try row.instant(16), changedAt: try row.instant(18))
    }

    private static let due = "due"
    private static let custom = "custom"

    private static func recurrence(_ text: String) throws -> Recurrence {
        do {
            return try Recurrence(text)
        } catch {
            throw StoreError.inconsistent("not a recurrence: \(text)")
        }
    }

    // MARK: Writing

    /// Nil when another has that name.
    func insert(_ definition: ScheduleDefinition, nextRunAt: Instant?, by actor: String) throws -> ScheduleID? {
        let id = try sql.first(
            """
            INSERT INTO schedules (workspace_id, name, task, targets, streams, recurrence, time_zone, date_range,
                start_date, end_date, missed_policy, max_runs_per_day, is_active, next_run_at, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?15) ON CONFLICT DO NOTHING RETURNING id
            """,
            .integer(definition.workspace.value), .text(definition.name), .text(definition.task.rawValue),
            .text(try ScheduleTable.targets(definition)), .text(try TextColumn.json(definition.streams)),
            .text(definition.recurrence.description), .text(definition.zoneName),
            .text(ScheduleTable.range(definition)), .text(ScheduleTable.custom(definition)?.first.description),
            .text(ScheduleTable.custom(definition)?.last.description), .text(definition.missed.rawValue),
            .integer(definition.mostRunsPerDay.map { Int64($0) }), .flag(definition.isActive),
            .integer(nextRunAt?.microseconds), .text(transaction.nowText)
        ) { ScheduleID($0.int64(0)) }
        // A number that runs of a deleted one have is none for another: SQLite gives the last one anew.
        let free = try id.flatMap { id in
            try sql.first(
                """
                UPDATE schedules SET id = (SELECT 1 + max(schedule_id) FROM sync_jobs)
                WHERE id = ? AND EXISTS (SELECT 1 FROM sync_jobs AS j WHERE j.schedule_id = schedules.id) RETURNING id
                """, .integer(id.value)
            ) { ScheduleID($0.int64(0)) } ?? id
        }
        if free != nil { tell(.created(definition.name, by: actor)) }
        return free
    }

    /// The first free one of `name`, `name 2`, …
    func insertNumbered(_ definition: ScheduleDefinition, nextRunAt: Instant?, by actor: String) throws {
        var definition = definition
        let name = definition.name
        var number = 1
        while try insert(definition, nextRunAt: nextRunAt, by: actor) == nil {
            number += 1
            definition.name = "\(name) \(number)"
        }
    }

    /// False when it was noted before.
    func noteMade(for connection: ConnectionID) throws -> Bool {
        try sql.first(
            """
            INSERT INTO settings (name, value, updated_at) VALUES (?, 'made', ?)
            ON CONFLICT (name) DO NOTHING RETURNING name
            """, .text("schedules_of_connection_\(connection)"), .text(transaction.nowText)
        ) { _ in true } ?? false
    }

    func change(
        _ id: ScheduleID, version: Int, to definition: ScheduleDefinition, nextRunAt: Instant?, moves: Bool,
        by actor: String
    ) throws -> ScheduleChange {
        guard let before = try locked(id), before.version == version else { return .outdated }
        let other = try sql.first(
            "SELECT id FROM schedules WHERE workspace_id = ? AND name = ? AND id <> ?",
            .integer(definition.workspace.value), .text(definition.name), .integer(id.value)
        ) { _ in true }
        if other == true { return .nameTaken }
        let next = moves ? nextRunAt : before.nextRunAt
        try sql.run(
            """
            UPDATE schedules SET name = ?, task = ?, targets = ?, streams = ?, recurrence = ?, time_zone = ?,
                date_range = ?, start_date = ?, end_date = ?, missed_policy = ?, max_runs_per_day = ?, is_active = ?,
                next_run_at = ?, updated_at = ?, version = version + 1
            WHERE id = ?
            """,
            .text(definition.name), .text(definition.task.rawValue), .text(try ScheduleTable.targets(definition)),
            .text(try TextColumn.json(definition.streams)), .text(definition.recurrence.description),
            .text(definition.zoneName), .text(ScheduleTable.range(definition)),
            .text(ScheduleTable.custom(definition)?.first.description),
            .text(ScheduleTable.custom(definition)?.last.description), .text(definition.missed.rawValue),
            .integer(definition.mostRunsPerDay.map { Int64($0) }), .flag(definition.isActive),
            .integer(definition.isActive ? next?.microseconds : nil), .text(transaction.nowText), .integer(id.value))
        tell(.changed(definition.name, by: actor))
        return .done
    }

    private static func targets(_ definition: ScheduleDefinition) throws -> String {
        try TextColumn.json(definition.targets.map(\.description))
    }

    private static func range(_ definition: ScheduleDefinition) -> String {
        switch definition.days {
        case .due: due
        case .named(let range): range.rawValue
        case .custom: custom
        }
    }

    private static func custom(_ definition: ScheduleDefinition) -> DayRange? {
        if case .custom(let days) = definition.days { days } else { nil }
    }

    func delete(_ id: ScheduleID, by actor: String) throws -> Bool {
        guard let before = try locked(id) else { return false }
        try sql.run(
            "DELETE FROM schedule_run_jobs WHERE run_id IN (SELECT id FROM schedule_runs WHERE schedule_id = ?)",
            .integer(id.value))
        try sql.run("DELETE FROM schedule_runs WHERE schedule_id = ?", .integer(id.value))
        try sql.run("DELETE FROM schedules WHERE id = ?", .integer(id.value))
        tell(.deleted(before.definition.name, by: actor))
        return true
    }

    func tell(_ news: ScheduleNews) {
        EventTable(transaction: transaction).append(news.kind, news.text, account: news.account?.value)
    }

    // MARK: Turns

    func turn(
        _ id: ScheduleID, epoch: Int64?, _ decide: (ScheduleStanding) -> ScheduleTurn?
    ) throws -> ScheduleRun? {
        if let epoch, try LeaderTable(transaction: transaction).epoch(of: ScheduleTable.leader) != epoch { return nil }
        guard let schedule = try locked(id) else { return nil }
        let runs = ScheduleRunTable(transaction: transaction)
        try runs.settle(id)
        let standing = ScheduleStanding(
            schedule: schedule, now: transaction.now, isBusy: try runs.isBusy(id),
            runsToday: try runs.count(of: id, since: today(schedule)))
        guard let turn = decide(standing) else { return nil }
        if turn.nextRunAt != schedule.nextRunAt || turn.held != schedule.held {
            try sql.run(
                "UPDATE schedules SET next_run_at = ?, held = ? WHERE id = ?",
                .integer(schedule.definition.isActive ? turn.nextRunAt?.microseconds : nil),
                .text(try TextColumn.json(turn.held.sorted())), .integer(id.value))
        }
        turn.news.forEach(tell)
        guard let start = turn.start,
            let run = try runs.insert(id, plannedAt: start, isManual: turn.isManual)
        else { return nil }
        tell(.started(schedule.definition.name, isManual: turn.isManual))
        return run
    }

    /// The lead that whoever starts runs has to have.
    static let leader = "scheduler"

    /// Since when its zone has the present day.
    private func today(_ schedule: Schedule) -> Instant {
        guard let zone = try? schedule.definition.zone() else { return transaction.now }
        return CivilDate(transaction.now, in: zone).start(in: zone)
    }
}
