import ArgumentParser
import Connectors
import StorePostgres
import StoreSQLite
import SyncCore
import SyncEngine
import Wording

struct SchedulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedules", abstract: said("What runs when: list, make and change schedules."),
        discussion: said(
            "`sluice worker` starts what is due. A run makes a job for each account; of one schedule no two runs go on "
                + "at once."),
        subcommands: [
            List.self, Show.self, Create.self, Edit.self, Delete.self, Enable.self, Disable.self, Run.self,
            SchedulePreviewCommand.self,
        ], defaultSubcommand: List.self)

    /// Who stands in the journal.
    fileprivate static let actor = "command line"
}

/// A schedule that is there, and the database that it is in.
struct ScheduleArgument: ParsableArguments {
    @Argument(help: .said("The schedule's name or number, from `sluice schedules list`.")) var schedule: String
    @OptionGroup var database: DatabaseOption
    @Flag(help: .said("One JSON object a line.")) var json = false

    /// Tells what `body` makes of the schedule.
    func visit(
        _ mode: SQLiteStore.Mode,
        _ body: @Sendable (ScheduleBook, any SyncStore, Schedule) async throws -> ScheduleBook.Entry
    ) async throws {
        try await withBook(try database.location, mode) { book, store in
            let entry = try await body(book, store, try await book.find(schedule))
            ScheduleReport(entry).tell(json: json, isWhole: true)
        }
    }
}

extension SchedulesCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: said("Every schedule: what it is for, when it runs, how its last run ended.")
        )

        @OptionGroup var database: DatabaseOption
        @Flag(help: .said("Also all that was decided, and the next five runs.")) var verbose = false
        @Flag(help: .said("One JSON object a line.")) var json = false

        func run() async throws {
            let location = try database.location
            try await withBook(location, .look) { book, _ in
                let entries = try await book.list()
                if entries.isEmpty, !json {
                    Console.out(said("There is no schedule in \(location) yet. `sluice schedules create` makes one."))
                }
                for entry in entries { ScheduleReport(entry).tell(json: json, isWhole: verbose) }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: said("One schedule, with its next five runs."))

        @OptionGroup var argument: ScheduleArgument

        func run() async throws {
            try await argument.visit(.look) { book, _, schedule in try await book.entry(schedule.id) }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: said("Make a schedule, and show its next five runs."))

        @Option(help: .said("What it is called; no other schedule may have that name.", "name")) var name: String
        @OptionGroup var options: ScheduleOptions
        @OptionGroup var database: DatabaseOption
        @Flag(help: .said("One JSON object a line.")) var json = false

        func validate() throws {
            try options.check()
            if try options.recurrence() == nil {
                throw ValidationError(said("A schedule needs --every, --at or --cron."))
            }
        }

        func run() async throws {
            try await withBook(try database.location, .visit) { book, store in
                guard let recurrence = try options.recurrence() else { return }
                var definition = ScheduleDefinition(name: name, recurrence: recurrence, zoneName: "Etc/UTC")
                try options.apply(to: &definition, try await StoredTargets(store))
                if options.zone == nil { definition.zoneName = try await StoredTargets(store).zone(of: definition) }
                let entry = try await book.create(definition, by: actor)
                ScheduleReport(entry).tell(json: json, isWhole: true)
            }
        }
    }

    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "edit", abstract: said("Change a schedule; what is not named stays."))

        @OptionGroup var argument: ScheduleArgument
        @Option(help: .said("Another name.", "name")) var name: String?
        @OptionGroup var options: ScheduleOptions

        func validate() throws { try options.check() }

        func run() async throws {
            try await argument.visit(.visit) { book, store, schedule in
                let targets = try await StoredTargets(store)
                return try await book.edit(schedule.id, by: actor) { definition in
                    if let name { definition.name = name }
                    try options.apply(to: &definition, targets)
                }
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete", abstract: said("Delete a schedule. No data is deleted, and jobs that run go on."))

        @Argument(help: .said("The schedule's name or number, from `sluice schedules list`.")) var schedule: String
        @OptionGroup var database: DatabaseOption

        func run() async throws {
            try await withBook(try database.location, .visit) { book, _ in
                let found = try await book.find(schedule)
                try await book.delete(found.id, by: actor)
                Console.out(said("The schedule \(found.definition.name) is deleted. No data was deleted."))
            }
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "enable", abstract: said("Turn a schedule on; it runs when it is due next."))

        @OptionGroup var argument: ScheduleArgument

        func run() async throws {
            try await argument.visit(.visit) { book, _, schedule in
                try await book.setActive(true, schedule.id, by: actor)
            }
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "disable", abstract: said("Turn a schedule off; a run that goes on comes to its end."))

        @OptionGroup var argument: ScheduleArgument

        func run() async throws {
            try await argument.visit(.visit) { book, _, schedule in
                try await book.setActive(false, schedule.id, by: actor)
            }
        }
    }

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run", abstract: said("Start a run now, beside the plan, and print its jobs."),
            discussion: said("`sluice worker` does the jobs. A run by hand does not count for --max-runs-per-day."))

        @Argument(help: .said("The schedule's name or number, from `sluice schedules list`.")) var schedule: String
        @OptionGroup var database: DatabaseOption
        @Flag(help: .said("One JSON object a line.")) var json = false

        func run() async throws {
            try await withBook(try database.location, .visit) { book, _ in
                let found = try await book.find(schedule)
                let run = try await book.run(found.id)
                if json { return Console.out(ScheduleReport.json(run)) }
                Console.out(Words.current.started(found.definition.name, jobs: run.jobs.map(\.id)))
            }
        }
    }
}

/// Opens the schedules of a database beside whoever works on it. No credential is opened for them: it needs no key.
@concurrent
func withBook<Result>(
    _ location: DatabaseLocation, _ mode: SQLiteStore.Mode,
    _ body: @Sendable (ScheduleBook, any SyncStore) async throws -> Result
) async throws -> Result {
    try await withEnvironment(location, mode) { try await body(ScheduleBook($0), $0.store) }
}

/// The engine as far as it needs no credential and asks no platform.
@concurrent
func withEnvironment<Result>(
    _ location: DatabaseLocation, _ mode: SQLiteStore.Mode, _ body: @Sendable (EngineEnvironment) async throws -> Result
) async throws -> Result {
    try await visiting(location, mode) { store in
        let clock: any WallClock = (store as? PostgresStore)?.clock ?? SystemWallClock()
        let random = RandomSource()
        let environment = EngineEnvironment(
            store: store, clock: ContinuousClock(), wallClock: clock, random: random,
            vault: try Vault(master: Secret(random.bytes(32)), random: random), connectors: Catalog.connectors,
            transport: { _ in throw EngineError.configuration("No platform is asked here.") }, logger: Workplace.log)
        return try await body(environment)
    }
}
