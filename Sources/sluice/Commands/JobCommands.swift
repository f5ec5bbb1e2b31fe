import ArgumentParser
import StoreSQLite
import SyncCore

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Every account: how complete, how current, what it waits for.")

    @OptionGroup var database: DatabaseOption
    @Flag(help: "One JSON object a line.") var json = false

    func run() async throws {
        try await visiting(database.location) { store in
            let jobs = try await store.jobs(limit: 200)
            let accounts = try await store.accounts()
            guard !accounts.isEmpty || json else {
                Console.out("No account is synced into \(database.location) yet. Start with `sluice sync`.")
                return
            }
            for account in accounts {
                let job = jobs.first { $0.definition.account == account.id }
                let parked = try await store.connection(account.connection)?.parked
                let report = AccountReport(account: account, job: job, parked: parked)
                Console.out(json ? report.json : report.text)
            }
        }
    }
}

struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "jobs", abstract: "The latest jobs, newest first.")

    @OptionGroup var database: DatabaseOption
    @Option(help: "How many.") var limit: Int = 20
    @Flag(help: "One JSON object a line.") var json = false

    func run() async throws {
        try await visiting(database.location) { store in
            let jobs = try await store.jobs(limit: limit)
            if jobs.isEmpty, !json { Console.out("No job ran in \(database.location) yet.") }
            for job in jobs {
                let account = try await store.account(job.definition.account)
                let report = JobReport(job: job, account: account)
                Console.out(json ? report.json : report.text)
            }
        }
    }
}

struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Make the failed chunks of a job pending again.",
        discussion: "The next `sluice sync` of the account, or a running one, works on them.")

    @Argument(help: "The job's number, from `sluice jobs`.") var job: Int64
    @OptionGroup var database: DatabaseOption

    func run() async throws {
        try await visiting(database.location) { store in
            guard try await store.job(JobID(job)) != nil else { throw Exit.usage("There is no job \(job).") }
            let count = try await store.retry(JobID(job))
            Console.out(
                count == 0
                    ? "Job \(job) has no failed chunk."
                    : "\(count) chunks of job \(job) are pending again. `sluice sync` goes on with them.")
        }
    }
}

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Stop a job; what it has read stays.",
        discussion: "A worker that runs one of its chunks stops within five seconds.")

    @Argument(help: "The job's number, from `sluice jobs`.") var job: Int64
    @OptionGroup var database: DatabaseOption

    func run() async throws {
        try await visiting(database.location) { store in
            guard try await store.job(JobID(job)) != nil else { throw Exit.usage("There is no job \(job).") }
            let isCancelled = try await store.cancel(JobID(job), by: "command line")
            Console.out(isCancelled ? "Job \(job) is cancelled." : "Job \(job) had ended before.")
        }
    }
}

/// Opens the database beside whoever works on it, and closes it again.
private func visiting(_ location: String, _ body: @Sendable (any SyncStore) async throws -> Void) async throws {
    try await offMainActor {
        let workplace = try await Workplace.open(location, .visit)
        do {
            try await body(workplace.store)
            await workplace.close()
        } catch {
            await workplace.close()
            throw error
        }
    }
}
