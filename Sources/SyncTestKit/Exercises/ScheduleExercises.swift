import SyncCore

/// Schedules and their runs.
package enum ScheduleExercises {
    package static let all = [
        StoreExercise("A schedule keeps all that was decided, over a restart", keeping),
        StoreExercise("Of two schedules one has a name", names),
        StoreExercise("A change counts only for the version that it was made from", changing),
        StoreExercise("Standing schedules are made once for a connection, also when they were deleted", standing),
        StoreExercise("What is off is never due, and what is due comes in order", due),
        StoreExercise("Of many who start the same run one does", oneStarts),
        StoreExercise("Whoever lost the lead starts nothing", fenced),
        StoreExercise("A run that goes on holds up the next one, until its jobs have ended", busy),
        StoreExercise("A job that waits for a credential holds up nobody", waiting),
        StoreExercise("A job that was asked to try again holds up the next run", retried),
        StoreExercise("Jobs of a run are made once, however often they are asked for", jobsOnce),
        StoreExercise("A moment has one run, whatever the clock does", onePerMoment),
        StoreExercise("Runs of a day are counted without those by hand", counting),
        StoreExercise("A deleted schedule takes its runs along and leaves its jobs", deleting),
        StoreExercise("Old runs go, the last one of each schedule stays", pruning),
        StoreExercise("The journal tells what became of a schedule", journal),
    ]

    // MARK: Words

    private static func definition(_ name: String = "nightly", _ account: Account? = nil) throws -> ScheduleDefinition {
        ScheduleDefinition(
            name: name, targets: account.map { [.account($0.id)] } ?? [.platform(StoreScene.platform)],
            recurrence: .every(.minutes10), zoneName: "Asia/Ho_Chi_Minh")
    }

    private static func add(_ scene: StoreScene, _ definition: ScheduleDefinition) async throws -> Schedule {
        let next = definition.isActive ? scene.clock.now + .seconds(60) : nil
        let id = try require(
            try await scene.store.add(definition, nextRunAt: next, by: "somebody"), "the new schedule")
        return try require(try await scene.store.schedule(id), "the schedule")
    }

    /// Starts what is due as a scheduler does.
    private static func turn(
        _ store: any SyncStore, _ schedule: Schedule, epoch: Int64? = nil
    ) async throws -> ScheduleRun? {
        try await store.turn(schedule.id, epoch: epoch) { (try? $0.turn()) ?? nil }
    }

    private static func byHand(_ scene: StoreScene, _ schedule: Schedule) async throws -> ScheduleRun? {
        try await scene.store.turn(schedule.id, epoch: nil) { $0.byHand }
    }

    private static func job(_ account: Account, requested: DayRange? = nil) -> NewJob {
        var job = StoreScene.definition(account, requested: requested)
        job.kind = .scheduled
        return job
    }

    // MARK: Keeping

    @Sendable static func keeping(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let full = ScheduleDefinition(
            name: "Bù số buổi sáng", task: .sync, targets: [.account(account.id), .connection(account.connection)],
            streams: ["things", "numbers"],
            recurrence: .at(try DayTimes(times: "06:00,11:30", days: "mon,sat")), zoneName: "Europe/Berlin",
            days: .custom(StoreScene.days("2026-11-01", "2026-11-07")), missed: .all, mostRunsPerDay: 4,
            isActive: false)
        let other = ScheduleDefinition(
            name: "A", task: .prune, recurrence: .cron(try CronExpression("0 2 L * *")), zoneName: "Etc/UTC",
            days: .named(.previousMonth), missed: .skip)
        let first = try await add(scene, full)
        let second = try await add(scene, other)

        let next = try await scene.reopened()

        let stored = try await next.store.schedules()
        try expectEqual(stored.map(\.definition.name), ["A", "Bù số buổi sáng"], "names in order")
        try expectEqual(stored.map(\.definition), [other, full], "definitions")
        try expectEqual(stored.map(\.id), [second.id, first.id], "ids")
        try expectEqual(stored.map(\.nextRunAt), [next.clock.now + .seconds(60), nil], "next runs")
        try expectEqual(stored.map(\.version), [1, 1], "versions")
        try expect(try await next.store.schedule(ScheduleID(4711)) == nil, "an unknown schedule")
    }

    @Sendable static func names(_ scene: StoreScene) async throws {
        let first = try await add(scene, try definition("one"))
        let second = try await add(scene, try definition("two"))

        let again = try await scene.store.add(try definition("one"), nextRunAt: nil, by: "somebody")
        let renamed = try await scene.store.change(
            second.id, version: 1, to: try definition("one"), nextRunAt: nil, moves: false, by: "somebody")
        let same = try await scene.store.change(
            first.id, version: 1, to: try definition("one"), nextRunAt: nil, moves: false, by: "somebody")

        try expect(again == nil, "a second of the same name")
        try expectEqual(renamed, .nameTaken, "a name that is taken")
        try expectEqual(same, .done, "its own name")
    }

    @Sendable static func changing(_ scene: StoreScene) async throws {
        let schedule = try await add(scene, try definition())
        var slower = schedule.definition
        slower.recurrence = .every(.hour1)
        let later = scene.clock.now + .seconds(600)

        let kept = try await scene.store.change(
            schedule.id, version: 1, to: slower, nextRunAt: later, moves: false, by: "somebody")
        let afterKept = try await scene.store.schedule(schedule.id)
        let outdated = try await scene.store.change(
            schedule.id, version: 1, to: schedule.definition, nextRunAt: later, moves: true, by: "another")
        let moved = try await scene.store.change(
            schedule.id, version: 2, to: slower, nextRunAt: later, moves: true, by: "somebody")
        let afterMoved = try await scene.store.schedule(schedule.id)
        slower.isActive = false
        _ = try await scene.store.change(
            schedule.id, version: 3, to: slower, nextRunAt: later, moves: false, by: "somebody")

        try expectEqual([kept, outdated, moved], [.done, .outdated, .done], "results")
        try expectEqual(afterKept?.nextRunAt, schedule.nextRunAt, "a moment that stays")
        try expectEqual(afterKept?.definition.recurrence, .every(.hour1), "the change")
        try expectEqual(afterMoved?.nextRunAt, later, "a moment that moves")
        try expect(try await scene.store.schedule(schedule.id)?.nextRunAt == nil, "off, and still due")
    }

    @Sendable static func standing(_ scene: StoreScene) async throws {
        let account = try await scene.account("1")
        let other = try await scene.account("2")
        _ = try await add(scene, try definition("nightly"))
        func make(_ account: Account) async throws -> Bool {
            try await scene.store.addOnce(
                [
                    (definition: try definition("nightly", account), nextRunAt: scene.clock.now),
                    (definition: try definition("hourly", account), nextRunAt: nil),
                ], of: account.connection)
        }

        let first = try await make(account)
        let made = try await scene.store.schedules()
        for schedule in made { _ = try await scene.store.delete(schedule.id, by: "somebody") }
        let again = try await make(account)
        let second = try await make(other)

        try expectEqual([first, again, second], [true, false, true], "made")
        try expectEqual(made.map(\.definition.name), ["hourly", "nightly", "nightly 2"], "names")
        try expectEqual(
            try await scene.store.schedules().map(\.definition.targets),
            Array(repeating: [.account(other.id)], count: 2),
            "only those of the other connection")
    }

    @Sendable static func due(_ scene: StoreScene) async throws {
        let late = try await scene.store.add(
            try definition("late"), nextRunAt: scene.clock.now + .seconds(20), by: "somebody")
        let early = try await scene.store.add(
            try definition("early"), nextRunAt: scene.clock.now + .seconds(10), by: "somebody")
        var off = try definition("off")
        off.isActive = false
        _ = try await scene.store.add(off, nextRunAt: nil, by: "somebody")

        let before = try await scene.store.outlook()
        let none = try await scene.store.dueSchedules()
        scene.clock.advance(by: .seconds(20))

        try expectEqual(before, ScheduleOutlook(nextRunAt: scene.clock.now - .seconds(10), openRuns: 0), "outlook")
        try expectEqual(none.count, 0, "due before its time")
        try expectEqual(try await scene.store.dueSchedules().map(\.id), [early, late].compactMap { $0 }, "due")
    }

    // MARK: Starting

    @Sendable static func oneStarts(_ scene: StoreScene) async throws {
        let schedule = try await add(scene, try definition())
        scene.clock.advance(by: .seconds(61))

        let runs = try await withThrowingTaskGroup(of: ScheduleRun?.self) { group in
            for _ in 0..<8 { group.addTask { @concurrent in try await turn(scene.store, schedule) } }
            return try await group.reduce(into: [ScheduleRun]()) { $0 += $1.map { [$0] } ?? [] }
        }

        try expectEqual(runs.count, 1, "runs")
        let stored = try await scene.store.runs(of: schedule.id, limit: 10)
        try expectEqual(stored, runs, "stored runs")
        try expectEqual(stored.first?.state, .pending, "state")
        try expectEqual(stored.first?.plannedAt, schedule.nextRunAt, "planned")
        try expectEqual(stored.first?.startedAt, scene.clock.now, "started")
        try expectEqual(try await scene.store.outlook().openRuns, 1, "open runs")
        let next = try await scene.store.schedule(schedule.id)?.nextRunAt
        try expect(next.map { $0 > scene.clock.now } ?? false, "the next run lies in the past")
    }

    @Sendable static func fenced(_ scene: StoreScene) async throws {
        let schedule = try await add(scene, try definition())
        let old = try require(
            try await scene.store.lead("scheduler", as: "first", for: .seconds(30)), "the first lead")
        scene.clock.advance(by: .seconds(61))
        let new = try require(
            try await scene.store.lead("scheduler", as: "second", for: .seconds(30)), "the second lead")

        let stale = try await turn(scene.store, schedule, epoch: old)
        let untouched = try await scene.store.schedule(schedule.id)
        let fresh = try await turn(scene.store, schedule, epoch: new)

        try expect(stale == nil, "a leader of the past has started a run")
        try expectEqual(untouched, schedule, "after the stale leader")
        try expect(fresh != nil, "the leader started nothing")
    }

    @Sendable static func busy(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let schedule = try await add(scene, try definition("nightly", account))
        scene.clock.advance(by: .seconds(61))
        let run = try require(try await turn(scene.store, schedule), "the first run")
        let job = try require(
            try await scene.store.enqueue(job(account), for: run.id), "the job of the run")
        try await scene.store.move(run.id, to: .inProgress, news: [])
        scene.clock.advance(by: .seconds(1200))

        let second = try await turn(scene.store, schedule)
        let byHandToo = try await byHand(scene, schedule)
        let waitsAt = try await scene.store.schedule(schedule.id)?.nextRunAt
        _ = try await scene.store.cancel(job.id, by: "somebody")
        let third = try await turn(scene.store, schedule)

        try expect(second == nil && byHandToo == nil, "two runs at once")
        try expect(waitsAt.map { $0 <= scene.clock.now } ?? false, "the missed run is forgotten")
        let runs = try await scene.store.runs(of: schedule.id, limit: 10)
        try expectEqual(runs.map(\.id), [third?.id, run.id].compactMap { $0 }, "runs, the newest first")
        try expectEqual(runs.last?.state, .cancelled, "how the first one ended")
        try expect(runs.last?.finishedAt != nil, "when the first one ended")
    }

    @Sendable static func waiting(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let schedule = try await add(scene, try definition("nightly", account))
        let run = try require(try await byHand(scene, schedule), "the first run")
        let job = try require(try await scene.store.enqueue(job(account), for: run.id), "the job")
        try await scene.store.move(run.id, to: .inProgress, news: [])
        _ = try await scene.store.park(
            account.connection, version: 1, cause: Failure.Cause(code: "190", "No.", advice: ""))

        try await scene.store.settleRuns()
        let open = try await scene.store.openRuns()
        scene.clock.advance(by: .seconds(1))
        let second = try await byHand(scene, schedule)
        _ = try await scene.store.cancel(job.id, by: "somebody")
        try await scene.store.settleRuns()

        try expectEqual(open.map(\.state), [.waiting], "the run that waits")
        try expectEqual(open.first?.jobs, [.init(id: job.id, state: .waiting, waitReason: .credential)], "its jobs")
        try expect(second != nil, "held up by a credential")
        try expectEqual(
            try await scene.store.runs(of: schedule.id, limit: 10).map(\.state), [.pending, .cancelled], "in the end")
    }

    @Sendable static func retried(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let schedule = try await add(scene, try definition("nightly", account))
        let run = try require(try await byHand(scene, schedule), "the first run")
        let job = try require(try await scene.store.enqueue(job(account), for: run.id), "the job")
        try await scene.store.move(run.id, to: .inProgress, news: [])
        _ = try await scene.add([StoreScene.listing()], to: job.id, step: 0)
        _ = try await scene.update(try await scene.claimOne(), .fail(StoreScene.broken))
        try expect(try await scene.store.finish(job.id), "the job did not end")
        try await scene.store.settleRuns()
        let ended = try await scene.store.runs(of: schedule.id, limit: 1).first
        _ = try await scene.store.retry(job.id)
        scene.clock.advance(by: .seconds(1))

        let second = try await byHand(scene, schedule)

        try expectEqual(ended?.state, .failed, "how the first one ended")
        try expect(second == nil, "beside a job that goes on again")
    }

    @Sendable static func jobsOnce(_ scene: StoreScene) async throws {
        let account = try await scene.account("1")
        let other = try await scene.account("2")
        let open = try await scene.store.enqueue(job(other)).id
        let schedule = try await add(scene, try definition())
        let run = try require(try await byHand(scene, schedule), "the run")

        let first = try await scene.store.enqueue(job(account), for: run.id)
        let joined = try await scene.store.enqueue(job(other), for: run.id)
        // It ended in the meantime: another job of the same kind would be new.
        _ = try await scene.store.cancel(try require(first, "the job").id, by: "somebody")
        let again = try await scene.store.enqueue(
            job(account, requested: StoreScene.days("2026-11-01", "2026-11-02")), for: run.id)
        let gone = try await scene.store.enqueue(job(account), for: ScheduleRunID(4711))

        try expectEqual(first?.isNew, true, "a new job")
        try expectEqual(joined?.id, open, "the job that was open")
        try expectEqual(joined?.isNew, false, "the job that was open is new")
        try expectEqual(again?.id, first?.id, "the same again")
        try expect(gone == nil, "a job for a run that does not exist")
        let stored = try await scene.store.runs(of: schedule.id, limit: 1).first
        try expectEqual(Set(stored?.jobs.map(\.id) ?? []), Set([open, first?.id].compactMap { $0 }), "jobs of the run")
    }

    @Sendable static func onePerMoment(_ scene: StoreScene) async throws {
        let schedule = try await add(scene, try definition())
        scene.clock.advance(by: .seconds(61))
        let run = try require(try await turn(scene.store, schedule), "the run")
        try await scene.store.move(run.id, to: .completed, news: [])
        let planned = try require(schedule.nextRunAt, "the moment")

        // Somebody sets the plan back.
        let again = try await scene.store.turn(schedule.id, epoch: nil) { standing in
            ScheduleTurn(start: planned, nextRunAt: standing.now + .seconds(7), held: [])
        }

        try expect(again == nil, "a second run for the same moment")
        let next = try await scene.store.schedule(schedule.id)?.nextRunAt
        try expectEqual(next, scene.clock.now + .seconds(7), "the plan stands still")
    }

    @Sendable static func counting(_ scene: StoreScene) async throws {
        let schedule = try await add(scene, try definition())
        let begun = scene.clock.now
        for _ in 0..<3 {
            scene.clock.advance(by: .seconds(700))
            let run = try require(try await turn(scene.store, schedule), "a run")
            try await scene.store.move(run.id, to: .completed, news: [])
        }
        let manual = try require(try await byHand(scene, schedule), "a run by hand")

        let standing = try await captured(scene, schedule)

        try expectEqual(manual.isManual, true, "by hand")
        try expectEqual(try await scene.store.runCount(of: schedule.id, since: begun), 3, "runs since the begin")
        let since = begun + .seconds(1000)
        try expectEqual(try await scene.store.runCount(of: schedule.id, since: since), 2, "runs since the second")
        try expectEqual(standing?.isBusy, true, "busy")
        let zone = try schedule.definition.zone()
        let today = CivilDate(scene.clock.now, in: zone).start(in: zone)
        let wanted = try await scene.store.runCount(of: schedule.id, since: today)
        try expectEqual(standing?.runsToday, wanted, "runs of the day")
    }

    /// What a decision would be made from.
    private static func captured(_ scene: StoreScene, _ schedule: Schedule) async throws -> ScheduleStanding? {
        let box = StandingBox()
        _ = try await scene.store.turn(schedule.id, epoch: nil) { standing in
            box.keep(standing)
            return nil
        }
        return box.standing
    }

    // MARK: Ending

    @Sendable static func deleting(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let schedule = try await add(scene, try definition("nightly", account))
        let run = try require(try await byHand(scene, schedule), "the run")
        let job = try require(try await scene.store.enqueue(job(account), for: run.id), "the job")

        let isDeleted = try await scene.store.delete(schedule.id, by: "somebody")
        let again = try await scene.store.delete(schedule.id, by: "somebody")
        try await scene.store.move(run.id, to: .inProgress, news: [])

        try expect(isDeleted && !again, "deleted once")
        try expectEqual(try await scene.store.openRuns().count, 0, "runs")
        try expectEqual(try await scene.store.job(job.id)?.state, .pending, "the job")
        try expect(try await byHand(scene, schedule) == nil, "a run of nothing")

        let logs = try require(scene.store as? any LogStore, "a store of runs")
        let found = try await logs.logs(LogFilter(workspace: .first, schedule: schedule.id), before: nil, limit: 9)
        try expectEqual(found.map(\.job), [job.id], "its run, found by its number")
        try expectEqual(found.first?.scheduleName, "nightly", "what it was called")
        let gone = DeletedSchedule(id: schedule.id, name: "nightly")
        try expectEqual(try await logs.deletedSchedules(of: .first, limit: 9), [gone], "of which runs are left")
        try expectEqual(try await logs.deletedSchedules(of: WorkspaceID(9), limit: 9), [], "of nobody")
        let next = try await add(scene, try definition("nightly", account))
        try expect(next.id != schedule.id, "another has another number")
        let others = try await logs.logs(LogFilter(workspace: .first, schedule: next.id), before: nil, limit: 9)
        try expectEqual(others.count, 0, "and none of its runs")
    }

    @Sendable static func pruning(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let schedule = try await add(scene, try definition("nightly", account))
        let idle = try await add(scene, try definition("idle", account))
        for each in [idle, schedule, schedule, schedule] {
            scene.clock.advance(by: .seconds(700))
            let run = try require(try await byHand(scene, each), "a run")
            let job = try require(try await scene.store.enqueue(job(account), for: run.id), "a job")
            _ = try await scene.store.cancel(job.id, by: "somebody")
            try await scene.store.move(run.id, to: .cancelled, news: [])
        }
        scene.clock.advance(by: .seconds(700))

        let first = try await scene.store.pruneRuns(before: scene.clock.now, limit: 1)
        let rest = try await scene.store.pruneRuns(before: scene.clock.now, limit: 10)
        let none = try await scene.store.pruneRuns(before: scene.clock.now, limit: 10)

        try expectEqual([first, rest, none], [1, 1, 0], "removed")
        try expectEqual(try await scene.store.runs(of: schedule.id, limit: 10).count, 1, "runs that stay")
        try expectEqual(try await scene.store.runs(of: idle.id, limit: 10).count, 1, "of a schedule that ran once")
    }

    @Sendable static func journal(_ scene: StoreScene) async throws {
        let mark = try await scene.store.lastEvent()
        let schedule = try await add(scene, try definition())
        scene.clock.advance(by: .seconds(1900))
        let run = try require(try await turn(scene.store, schedule), "the run")
        try await scene.store.move(
            run.id, to: .failed, news: [.failed("nightly", account: nil, why: "there is no way")])
        _ = try await scene.store.change(
            schedule.id, version: 1, to: try definition("weekly"), nextRunAt: nil, moves: false, by: "somebody")
        _ = try await scene.store.delete(schedule.id, by: "somebody")

        let events = try await scene.store.events(after: mark, limit: 100)

        try expectEqual(
            events.map(\.kind),
            [
                "schedule_created", "schedule_missed", "schedule_started", "schedule_failed", "schedule_changed",
                "schedule_deleted",
            ], "kinds")
        try expectEqual(
            events.first?.text, "The schedule nightly was made by somebody", "the first sentence")
    }
}
