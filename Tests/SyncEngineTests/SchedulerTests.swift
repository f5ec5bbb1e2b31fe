import ConnectorKit
import StoreSQL
import StoreSQLite
import SyncCore
import SyncEngine
import SyncTestKit
import Synchronization
import Testing

@Suite("Scheduler")
struct SchedulerTests {
    // MARK: Starting

    @Test("A schedule that is due makes a job for each of its accounts, for its streams and days, and is due again")
    func starts() throws {
        let world = try EngineWorld()

        let (jobs, run, next) = try world.run(keepsSchedules: true) { world, _ in
            try await world.accounts("a", "b", "c")
            let schedule = try await world.schedule("nightly", of: ["a", "b"], days: .named(.yesterday))
            let run = try await world.waitForRun(of: schedule.id)
            var jobs: [Job] = []
            for job in run.jobs { jobs.append(try await world.wait(for: job.id)) }
            return (jobs, run, try await world.store.schedule(schedule.id)?.nextRunAt)
        }

        let planned = run.plannedAt
        let yesterday = CivilDate(planned, in: try AccountZone.named("Asia/Ho_Chi_Minh")).adding(days: -1)
        #expect(jobs.map(\.state) == [.completed, .completed])
        #expect(jobs.map(\.definition.kind) == [.scheduled, .scheduled])
        #expect(jobs.map(\.definition.requested) == [DayRange(yesterday), DayRange(yesterday)])
        #expect(Set(world.calls) == ["/a/x/0", "/b/x/0"])
        #expect(run.startedAt - planned < .seconds(6))
        #expect(next == planned + .seconds(600))
    }

    @Test("The first sync of an account is the initial one, a range of days that were read before a backfill")
    func kinds() throws {
        let world = try EngineWorld()

        let kinds = try world.run(keepsSchedules: true) { world, _ in
            try await world.accounts("a")
            var kinds: [JobKind] = []
            for days in [ScheduleDays.due, .due, .named(.last7Days)] {
                let schedule = try await world.schedule("n\(kinds.count)", of: ["a"], days: days)
                let run = try await world.waitForRun(of: schedule.id, state: .completed)
                kinds.append(try #require(try await world.store.job(run.jobs[0].id)).definition.kind)
            }
            return kinds
        }

        #expect(kinds == [.initial, .scheduled, .backfill])
    }

    @Test("An account that is stored later comes along with its connection")
    func laterAccounts() throws {
        let world = try EngineWorld()

        let (before, after) = try world.run(keepsSchedules: true) { world, _ in
            let connection = try await world.connect(["first": "x"])
            let schedule = try await world.schedule("all", targets: [.connection(connection)])
            try await world.clock.sleep(for: .seconds(1300))
            let before = try await world.store.runs(of: schedule.id, limit: 10)
            _ = try await world.account("a", of: connection)
            return (before, try await world.waitForRun(of: schedule.id, state: .completed))
        }

        #expect(before.isEmpty)
        #expect(after.jobs.count == 1)
    }

    @Test("A parked connection is left out, the journal says so once, and the others go on")
    func parked() throws {
        let world = try EngineWorld()

        let (runs, events) = try world.run(keepsSchedules: true) { world, _ in
            try await world.accounts("a", "b")
            let schedule = try await world.schedule("both", of: ["a", "b"])
            let broken = try await world.connection(of: "b")
            _ = try await world.store.park(
                broken.id, version: broken.version, cause: Failure.Cause(code: "190", "No.", advice: ""))
            try await world.clock.sleep(for: .seconds(3000))
            return (
                try await world.store.runs(of: schedule.id, limit: 10),
                try await world.store.events(after: 0, limit: 500)
            )
        }

        #expect(runs.count >= 4)
        #expect(runs.allSatisfy { $0.jobs.count == 1 })
        #expect(!world.calls.contains { $0.hasPrefix("/b") })
        let held = events.filter { $0.kind == "schedule_held" }
        #expect(held.map(\.text) == ["The schedule both goes on without the connection work/b, which is parked"])
    }

    // MARK: What was missed

    private func afterAbsence(
        _ policy: MissedPolicy, of hours: Int = 3, most: Int? = nil
    ) throws -> (runs: [ScheduleRun], news: [String], begun: Instant) {
        let world = try EngineWorld()
        let schedule = try world.prepare { world in
            try await world.accounts("a")
            return try await world.schedule(
                "s", of: ["a"], recurrence: .every(.hour1), days: .named(.today), missed: policy, most: most)
        }
        try world.prepare { world in try await world.clock.sleep(for: .seconds(hours * 3600)) }
        let begun = world.wallClock.now
        return try world.run(keepsSchedules: true) { world, _ in
            try await world.clock.sleep(for: .seconds(300))
            let events = try await world.store.events(after: 0, limit: 500)
            return (
                try await world.store.runs(of: schedule.id, limit: 100).reversed(),
                events.filter { $0.kind == "schedule_missed" || $0.kind == "schedule_rests" }.map(\.text), begun
            )
        }
    }

    @Test("Missed runs are left out where that is wished")
    func skip() throws {
        let (runs, news, _) = try afterAbsence(.skip)

        #expect(runs.isEmpty)
        #expect(news == ["The schedule s leaves out 3 runs: nobody worked at its time"])
    }

    @Test("One run makes up for all that were missed, for the last of them")
    func once() throws {
        let (runs, news, begun) = try afterAbsence(.once)

        #expect(runs.count == 1)
        #expect(runs[0].plannedAt <= begun && begun - runs[0].plannedAt < .seconds(3600))
        #expect(runs[0].state == .completed)
        #expect(news == ["The schedule s has missed 3 runs and makes up for them with one now"])
    }

    @Test("Every missed run is made up for, one after the other, each for its own moment")
    func all() throws {
        let (runs, news, _) = try afterAbsence(.all)

        #expect(runs.count == 3)
        #expect(runs.map(\.state) == [.completed, .completed, .completed])
        #expect(zip(runs, runs.dropFirst()).allSatisfy { $1.plannedAt - $0.plannedAt == .seconds(3600) })
        #expect(
            zip(runs, runs.dropFirst()).allSatisfy { ($0.finishedAt ?? $1.startedAt + .seconds(1)) <= $1.startedAt })
        #expect(news.count == 3)
    }

    @Test("A day has no more runs than it may have, whatever was missed; the next day goes on")
    func mostRuns() throws {
        let world = try EngineWorld()

        let (runs, events, next, now) = try world.run(keepsSchedules: true) { world, _ in
            try await world.accounts("a")
            let schedule = try await world.schedule("s", of: ["a"], missed: .all, most: 2)
            try await world.clock.sleep(for: .seconds(31 * 3600))
            return (
                try await world.store.runs(of: schedule.id, limit: 100),
                try await world.store.events(after: 0, limit: 5000),
                try await ScheduleBook(try world.environment()).entry(schedule.id).next, world.wallClock.now
            )
        }

        let zone = try AccountZone.named("Asia/Ho_Chi_Minh")
        let days = Dictionary(grouping: runs) { CivilDate($0.startedAt, in: zone) }.mapValues(\.count)
        #expect(days.count == 3)
        #expect(days.values.allSatisfy { $0 == 2 })
        let rests = events.filter { $0.kind == "schedule_rests" }
        #expect(rests.count >= 2 && rests.count <= 3)
        #expect(rests.first?.text == "The schedule s has run 2 times today, as often as it may")
        // Nothing more is announced for the day.
        let tomorrow = CivilDate(now, in: zone).adding(days: 1)
        #expect(next.prefix(3).map { CivilDate($0, in: zone) } == [tomorrow, tomorrow, tomorrow.adding(days: 1)])
    }

    @Test("A clock that jumps by an hour, to and fro, starts no moment twice, and the plan goes on")
    func clockSteps() throws {
        let world = try EngineWorld()

        let runs = try world.run(keepsSchedules: true) { world, _ in
            try await world.accounts("a")
            let schedule = try await world.schedule("s", of: ["a"], days: .named(.today))
            for step in [0, 3600, -3600, -3600, 3600] {
                world.wallClock.step(by: .seconds(step))
                try await world.clock.sleep(for: .seconds(4000))
            }
            return try await world.store.runs(of: schedule.id, limit: 1000)
        }

        #expect(Set(runs.map(\.plannedAt)).count == runs.count)
        #expect(runs.count >= 20)
        let ordered = runs.reversed()
        #expect(zip(ordered, ordered.dropFirst()).allSatisfy { $0.plannedAt < $1.plannedAt })
    }

    // MARK: At once

    @Test(
        "Two runs of a schedule never go on at once: what falls due meanwhile is missed",
        arguments: MissedPolicy.allCases)
    func overlap(_ policy: MissedPolicy) throws {
        // A job of 25 minutes, every ten minutes.
        let world = try EngineWorld(latency: .seconds(1500))

        let (runs, news) = try world.run(keepsSchedules: true) { world, _ in
            try await world.accounts("a")
            let schedule = try await world.schedule("s", of: ["a"], days: .named(.today), missed: policy)
            try await world.clock.sleep(for: .seconds(3 * 3600))
            let events = try await world.store.events(after: 0, limit: 500)
            return (
                try await world.store.runs(of: schedule.id, limit: 100).reversed() as [ScheduleRun],
                events.filter { $0.kind == "schedule_missed" }
            )
        }

        #expect(runs.count >= 4)
        for (one, next) in zip(runs, runs.dropFirst()) {
            let end = try #require(one.finishedAt)
            #expect(end <= next.startedAt)
            if policy == .skip {
                #expect(next.startedAt - next.plannedAt < .seconds(10))
            } else {
                #expect(next.startedAt - end < .seconds(10))
            }
        }
        #expect(!news.isEmpty)
    }

    @Test("A run without its jobs, because its process died, gets them from the next one, once")
    func repair() throws {
        let world = try EngineWorld()
        let (schedule, run) = try world.prepare { world in
            try await world.accounts("a", "b")
            let schedule = try await world.schedule("s", of: ["a", "b"], days: .named(.today))
            let run = try #require(try await world.store.turn(schedule.id, epoch: nil) { $0.byHand })
            return (schedule, run)
        }

        let (ended, jobs) = try world.run(keepsSchedules: true) { world, _ in
            let ended = try await world.waitForRun(of: schedule.id, state: .completed)
            return (ended, try await world.store.jobs(limit: 10))
        }

        #expect(ended.id == run.id)
        #expect(Set(ended.jobs.map(\.id)) == Set(jobs.map(\.id)))
        #expect(jobs.count == 2)
    }

    @Test("A stream that is not there any more is told, and the other accounts are synced")
    func unknownStream() throws {
        let world = try EngineWorld()

        let (run, events) = try world.run(keepsSchedules: true) { world, _ in
            try await world.accounts("a")
            let schedule = try await world.schedule("s", of: ["a"], streams: ["gone"])
            let run = try await world.waitForRun(of: schedule.id, state: .cancelled)
            return (run, try await world.store.events(after: 0, limit: 100))
        }

        #expect(run.jobs.isEmpty)
        #expect(events.contains { $0.kind == "schedule_started" })
    }
}

// MARK: - Scenes

extension EngineWorld {
    /// Accounts with a connection each, of the account's name.
    func accounts(_ names: String...) async throws {
        for name in names { _ = try await account(name, of: try await connect(["first": "x"], name: name)) }
    }

    func account(_ name: String, of connection: ConnectionID) async throws -> AccountID {
        try await store.save(
            Account(
                id: AccountID(0), connection: connection, platform: WorkConnector.platform.id, externalID: name,
                name: name, currency: "VND", zoneName: "Asia/Ho_Chi_Minh"))
    }

    func connection(of account: String) async throws -> Connection {
        let id = try await store.accounts().first { $0.externalID == account }?.connection
        let connections = try await store.connections()
        return try #require(connections.first { $0.id == id })
    }

    func schedule(
        _ name: String, of accounts: [String] = [], targets: [ScheduleTarget] = [], streams: [String] = [],
        recurrence: Recurrence = .every(.minutes10), days: ScheduleDays = .due, missed: MissedPolicy = .once,
        most: Int? = nil
    ) async throws -> Schedule {
        let stored = try await store.accounts()
        let named = accounts.compactMap { name in stored.first { $0.externalID == name } }
        let definition = ScheduleDefinition(
            name: name, targets: targets + named.map { .account($0.id) }, streams: streams, recurrence: recurrence,
            zoneName: "Asia/Ho_Chi_Minh", days: days, missed: missed, mostRunsPerDay: most)
        let next = recurrence.next(after: wallClock.now, in: try definition.zone())
        let id = try #require(try await store.add(definition, nextRunAt: next, by: "a test"))
        return try #require(try await store.schedule(id))
    }

    /// The newest run, once it is there, or once it is in that state.
    func waitForRun(of id: ScheduleID, state: WorkState? = nil) async throws -> ScheduleRun {
        for _ in 0..<5000 {
            if let run = try await store.runs(of: id, limit: 1).first,
                state == nil ? run.state != .pending : run.state == state
            {
                return run
            }
            try await clock.sleep(for: .seconds(1))
        }
        throw TimedOut()
    }
}
