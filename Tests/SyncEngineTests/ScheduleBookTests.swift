import ConnectorKit
import Connectors
import StoreSQL
import SyncCore
import SyncTestKit
import Testing

@testable import SyncEngine

@Suite("Schedule book")
struct ScheduleBookTests {
    private func with<Result: Sendable>(
        _ body: @escaping @Sendable (EngineWorld, ScheduleBook) async throws -> Result
    ) throws -> Result {
        try EngineWorld().prepare { world in
            try await world.accounts("a", "b")
            return try await body(world, ScheduleBook(try world.environment()))
        }
    }

    private static func definition(_ name: String = "nightly") -> ScheduleDefinition {
        ScheduleDefinition(
            name: name, targets: [.platform(WorkConnector.platform.id)], recurrence: .every(.hour1),
            zoneName: "Asia/Ho_Chi_Minh")
    }

    @Test("A new schedule shows its accounts and its next five runs")
    func creates() throws {
        let (entry, now) = try with { world, book in
            (try await book.create(ScheduleBookTests.definition(" nightly "), by: "a test"), world.wallClock.now)
        }

        #expect(entry.schedule.definition.name == "nightly")
        #expect(entry.accounts.map(\.externalID) == ["a", "b"])
        #expect(entry.next.count == 5)
        #expect(entry.next.first == entry.schedule.nextRunAt)
        #expect(entry.next.allSatisfy { $0 > now })
        #expect(zip(entry.next, entry.next.dropFirst()).allSatisfy { $1 - $0 == .seconds(3600) })
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        var sentence: String
        var change: @Sendable (inout ScheduleDefinition) -> Void
        var testDescription: String { sentence }
    }

    static let wrong = [
        Wrong(sentence: "The name of a schedule has 1 to 500 signs and is no number.") { $0.name = "  " },
        Wrong(sentence: "The name of a schedule has 1 to 500 signs and is no number.") { $0.name = "12" },
        Wrong(sentence: "There is no time zone Mars/Base. Write it like Asia/Ho_Chi_Minh.") {
            $0.zoneName = "Mars/Base"
        },
        Wrong(sentence: "A schedule needs at least one account.") { $0.targets = [] },
        Wrong(sentence: "Nothing is stored of account:99. Connect it first.") {
            $0.targets = [.account(AccountID(99))]
        },
        Wrong(sentence: "Nothing is stored of platform:mars. Connect it first.") {
            $0.targets = [.platform(PlatformID("mars"))]
        },
        Wrong(sentence: "Work has none of the streams nonsense.") { $0.streams = ["nonsense"] },
        Wrong(sentence: "There is no stream nonsense. Known: things.") { $0.streams = ["things", "nonsense"] },
        Wrong(sentence: "A schedule runs at least once a day, or has no limit.") { $0.mostRunsPerDay = 0 },
        Wrong(sentence: "The task prune is about no account, no stream and no days.") { $0.task = .prune },
    ]

    @Test("What is wrong is said in a sentence, and nothing is stored", arguments: wrong)
    func refuses(_ wrong: Wrong) throws {
        let (sentence, count) = try with { world, book in
            var definition = ScheduleBookTests.definition()
            wrong.change(&definition)
            var sentence = ""
            do { _ = try await book.create(definition, by: "a test") } catch { sentence = "\(error)" }
            return (sentence, try await world.store.schedules().count)
        }

        #expect(sentence == wrong.sentence)
        #expect(count == 0)
    }

    @Test("A change moves the plan when it is about the plan, and is found by name and number")
    func edits() throws {
        let (first, renamed, faster, found) = try with { world, book in
            let first = try await book.create(ScheduleBookTests.definition(), by: "a test")
            let renamed = try await book.edit(first.schedule.id, by: "a test") { $0.name = "weekly" }
            try await world.clock.sleep(for: .seconds(5))
            let faster = try await book.edit(first.schedule.id, by: "a test") { $0.recurrence = .every(.minutes10) }
            let found = [try await book.find("weekly"), try await book.find("\(first.schedule.id)")]
            return (first, renamed, faster, found)
        }

        #expect(renamed.schedule.nextRunAt == first.schedule.nextRunAt)
        #expect(renamed.schedule.version == 2)
        #expect((faster.next.last ?? .init(seconds: 0)) < (first.next.last ?? .init(seconds: 0)))
        #expect(found == [faster.schedule, faster.schedule])
    }

    @Test("What is off is not due; what is turned on again is due in the future, not for what it slept through")
    func turnsOff() throws {
        let (off, on, now) = try with { world, book in
            let first = try await book.create(ScheduleBookTests.definition(), by: "a test")
            let off = try await book.setActive(false, first.schedule.id, by: "a test")
            try await world.clock.sleep(for: .seconds(7200))
            return (off, try await book.setActive(true, first.schedule.id, by: "a test"), world.wallClock.now)
        }

        #expect(off.schedule.nextRunAt == nil)
        #expect(off.next.isEmpty)
        #expect(on.schedule.nextRunAt.map { $0 > now } == true)
    }

    @Test("A run by hand has its jobs at once, beside the plan, and a second one has to wait for it")
    func runs() throws {
        let (run, entry, before, refusal) = try with { world, book in
            let before = try await book.create(ScheduleBookTests.definition(), by: "a test")
            let run = try await book.run(before.schedule.id)
            var refusal = ""
            do { _ = try await book.run(before.schedule.id) } catch { refusal = "\(error)" }
            return (run, try await book.entry(before.schedule.id), before, refusal)
        }

        #expect(run.isManual)
        #expect(run.state == .inProgress)
        #expect(run.jobs.count == 2)
        #expect(entry.schedule.nextRunAt == before.schedule.nextRunAt)
        #expect(entry.runsToday == 0)
        #expect(entry.lastRun?.id == run.id)
        #expect(refusal == "The last run of the schedule nightly still goes on: job 1, 2.")
    }

    @Test("A platform's standing jobs come with its first connection, and never again")
    func templates() throws {
        let (made, later) = try EngineWorld().prepare { world in
            var environment = try world.environment()
            environment.connectors = [FakeConnector.self]
            let access = Access(
                platform: FakeConnector.platform.id, baseURL: "http://fake", credential: Credential([:]))
            let connection = try await Control(environment).store(access)
            let book = ScheduleBook(environment)
            let made = try await book.list()
            for entry in made where entry.schedule.definition.name == "Fake sync" {
                try await book.delete(entry.schedule.id, by: "a test")
            }
            #expect(try await Control(environment).store(access) == connection)
            return (made.map(\.schedule), try await book.list().map(\.schedule))
        }

        #expect(made.map(\.definition.name) == ["Fake backfill", "Fake clean-up", "Fake sync"])
        #expect(made.map(\.definition.targets.count) == [1, 0, 1])
        #expect(made.allSatisfy { $0.nextRunAt != nil })
        #expect(later.map(\.definition.name) == ["Fake backfill", "Fake clean-up"])
    }

    @Test("Shopee's standing jobs are those that ran by cron; of another shop only those about accounts are made again")
    func shopee() throws {
        let (first, all) = try EngineWorld().prepare { world in
            let book = ScheduleBook(try world.environment())
            let connections = [try await world.connect([:], name: "a"), try await world.connect([:], name: "b")]
            let templates = ShopeeConnector.platform.schedules
            try await book.make(templates, of: connections[0])
            let first = try await world.store.schedules().map(\.definition)
            try await book.make(templates, of: connections[1])
            return (first, try await world.store.schedules().map(\.definition.name))
        }

        #expect(
            first.map { "\($0.name), \($0.recurrence), \($0.zoneName)" } == [
                "Shopee: backfill of 7 days, at 19:00, Etc/UTC", "Shopee: budget scheduler, every 30m, Etc/UTC",
                "Shopee: queue clean-up, at 02:00, Etc/UTC", "Shopee: stuck clean-up, every 10m, Etc/UTC",
                "Shopee: sync, every 15m, Etc/UTC",
            ])
        // The budget scheduler waits for a plan.
        #expect(first.filter { !$0.isActive }.map(\.name) == ["Shopee: budget scheduler"])
        #expect(all.count == 8)
        #expect(all.contains("Shopee: sync 2"))
    }
}
