import ArgumentParser
import ConnectorKit
import Connectors
import Foundation
import StoreSQLite
import SyncCore
import SyncEngine
import Wording

struct BudgetsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "budgets", abstract: said("Budgets of campaigns by the hour: plans, changes, undo."),
        discussion: said(
            "A plan says what the budgets of a shop's campaigns are to be at which hour of which day. `sluice worker` "
                + "keeps to it every half hour; `sluice sync shopee --streams budgets` does so at once. What a person "
                + "has changed since is left alone."),
        subcommands: [Show.self, Set.self, Log.self, Undo.self, Release.self, Clear.self], defaultSubcommand: Show.self)

    /// Who stands in the journal.
    fileprivate static let actor = "command line"
}

/// Whose budgets are meant.
struct BudgetArguments: ParsableArguments {
    @Option(help: .said("The shop's id; may be left out while there is one.")) var account: String?
    @OptionGroup var database: DatabaseOption
    @Flag(help: .said("One JSON object a line.")) var json = false

    /// Opens the database beside whoever works on it. No credential is opened: it needs no key.
    func visit(_ body: @Sendable (BudgetBook, Account, ScheduleBook) async throws -> Void) async throws {
        try await withEnvironment(try database.location, .visit) { environment in
            let book = BudgetBook(environment)
            do {
                try await body(book, try await book.account(account), ScheduleBook(environment))
            } catch let error as ConfigurationError {
                throw Exit.usage(said(error.description))
            }
        }
    }
}

extension BudgetsCommand {
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: said("The plan, and how each campaign stands to it."))

        @OptionGroup var arguments: BudgetArguments

        func run() async throws {
            try await arguments.visit { book, account, schedules in
                let report = BudgetReport(
                    account: account, plan: try await book.plan(of: account),
                    states: try await book.states(of: account),
                    schedules: try await schedules.list().filter { $0.schedule.definition.isForBudgets(of: account) })
                Console.out(arguments.json ? report.json : report.text)
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: said("Take over a plan from a JSON file, in place of the one before."),
            discussion: said(
                "What was left to people under the plan before follows the new one. The schedule that keeps to it is "
                    + "switched on."))

        @Argument(help: .said("The plan: a JSON file, see docs/shopee-budgets.md.")) var file: String
        @Flag(help: .said("Change nothing: note what would be changed.")) var dryRun = false
        @OptionGroup var arguments: BudgetArguments

        func run() async throws {
            let text = String(decoding: try contents(of: file, named: "FILE"), as: UTF8.self)
            try await arguments.visit { book, account, _ in
                var plan = try BudgetPlan(json: text)
                if dryRun { plan.isDryRun = true }
                try await book.set(plan, of: account, by: BudgetsCommand.actor)
                Console.out(Words.current.planned(plan, account.externalID))
            }
        }
    }

    struct Log: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "log", abstract: said("The latest changes of budgets, newest first, with the value before."))

        @Option(help: .said("How many.")) var limit: Int = 20
        @OptionGroup var arguments: BudgetArguments

        func validate() throws {
            if limit < 1 { throw ValidationError(said("--limit takes 1 or more.")) }
        }

        func run() async throws {
            try await arguments.visit { book, account, _ in
                let changes = try await book.changes(of: account, limit: limit)
                if changes.isEmpty, !arguments.json {
                    Console.out(said("No budget of \(account.externalID) was changed yet."))
                }
                for change in changes {
                    let line = BudgetChangeReport(change: change, account: account)
                    Console.out(arguments.json ? line.json : line.text)
                }
            }
        }
    }

    struct Undo: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "undo", abstract: said("Set budgets back to what they were before changes."),
            discussion: said(
                "It happens with the next run. The budgets stay there until `sluice budgets release` gives their "
                    + "campaigns back to the plan. What a person has set since stays as it is."))

        @Argument(help: .said("Changes from `sluice budgets log`; none for those of the last run.")) var change:
            [String] =
                []
        @OptionGroup var arguments: BudgetArguments

        func run() async throws {
            try await arguments.visit { book, account, _ in
                let undone = try await book.undo(change, of: account, by: BudgetsCommand.actor)
                if arguments.json {
                    for change in undone {
                        Console.out(BudgetChangeReport(change: change, account: account).json)
                    }
                    return
                }
                Console.out(Words.current.undone(undone.count))
            }
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "release",
            abstract: said("Give campaigns back to the plan that a person changed, or whose changes were undone."))

        @Argument(help: .said("Ids of campaigns.")) var campaign: [String]
        @OptionGroup var arguments: BudgetArguments

        func run() async throws {
            try await arguments.visit { book, account, _ in
                try await book.release(campaign, of: account, by: BudgetsCommand.actor)
                Console.out(said("The plan counts again for \(campaign.joined(separator: ", "))."))
            }
        }
    }

    struct Clear: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "clear", abstract: said("Take the plan away. Budgets stay as they are."))

        @OptionGroup var arguments: BudgetArguments

        func run() async throws {
            try await arguments.visit { book, account, _ in
                try await book.clear(account, by: BudgetsCommand.actor)
                Console.out(
                    said("The budgets of \(account.externalID) follow no plan any more; they stay as they are."))
            }
        }
    }
}

extension ScheduleDefinition {
    /// Made for nothing but the plan of the account's connection.
    fileprivate func isForBudgets(of account: Account) -> Bool {
        let stream = try? Catalog.connectors.type(of: account.platform).platform.budgets?.states
        return streams == [stream?.rawValue] && targets == [.connection(account.connection)]
    }
}
