import ArgumentParser
import StoreSQLite
import SyncCore
import Wording

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: said("Every account: how complete, how current, what it waits for."))

    @OptionGroup var database: DatabaseOption
    @Flag(help: .said("One JSON object a line.")) var json = false
    @Flag(help: .said("Go on showing what every machine does, until interrupted.")) var watch = false

    func run() async throws {
        let location = try database.location
        if watch { Console.leaveAtInterrupts() }
        try await visiting(location, .look) { store in
            try await tell(location, store)
            if watch { try await StatusWatch(store: store, json: json).run() }
        }
    }

    private func tell(_ location: DatabaseLocation, _ store: any SyncStore & HealthStore) async throws {
        let jobs = try await store.jobs(limit: 200)
        let accounts = try await store.accounts()
        guard !accounts.isEmpty || json else {
            Console.out(said("No account is synced into \(location) yet. Start with `sluice sync`."))
            return
        }
        for account in accounts {
            let job = jobs.first { $0.definition.account == account.id }
            let parked = try await store.connection(account.connection)?.parked
            var notes: [Note] = []
            var blocked: (key: QuotaKey, until: Instant)?
            if let job {
                notes = try await store.notes(of: job.id)
                blocked = try await Snapshot.blocks(of: job, in: store).first
            }
            let report = AccountReport(
                account: account, job: job, parked: parked, blocked: blocked, notes: notes,
                dropped: try await store.learned(account: account.id).mapValues(\.dropped),
                destination: account.destination.flatMap { id in accounts.first { $0.id == id } },
                refused: try await store.outboxCount(of: account.id).refused)
            Console.out(json ? report.json : report.text)
        }
        let isOpen = jobs.contains { !$0.state.isTerminal && $0.waitReason == nil }
        if !json, isOpen, try await store.hands().isEmpty {
            Console.out(
                said(
                    "No chunk is in hand at this moment. If no worker runs, start `sluice worker`, or the sync again."))
        }
    }
}

struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: said("The latest jobs, newest first."))

    @OptionGroup var database: DatabaseOption
    @Option(help: .said("How many.")) var limit: Int = 20
    @Flag(help: .said("One JSON object a line.")) var json = false

    func validate() throws {
        if limit < 1 { throw ValidationError(said("--limit takes 1 or more.")) }
    }

    func run() async throws {
        let location = try database.location
        try await visiting(location, .look) { store in
            let jobs = try await store.jobs(limit: limit)
            if jobs.isEmpty, !json { Console.out(said("No job ran in \(location) yet.")) }
            for job in jobs {
                let account = try await store.account(job.definition.account)
                let blocked = try await Snapshot.blocks(of: job, in: store).first
                let report = JobReport(job: job, account: account, blocked: blocked)
                Console.out(json ? report.json : report.text)
                if !json, let reason = report.reason { Console.out("    \(reason)") }
            }
        }
    }
}

struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: said("Make the failed and cancelled chunks of a job pending again."),
        discussion: said("The next `sluice sync` of the account, or a running one, works on them."))

    @Argument(help: .said("The job's number, from `sluice jobs`.")) var job: Int64
    @OptionGroup var database: DatabaseOption

    func run() async throws {
        let location = try database.location
        try await visiting(location, .visit) { store in
            guard let before = try await store.job(JobID(job)) else {
                throw Exit.usage(said("There is no job \(job)."))
            }
            let count = try await store.retry(JobID(job))
            let isCancelled = try await store.job(JobID(job))?.state == .cancelled
            Console.out(told(count, wasCancelled: before.state == .cancelled, isCancelled: isCancelled))
        }
    }

    private func told(_ chunks: Int, wasCancelled: Bool, isCancelled: Bool) -> String {
        guard chunks == 0 else { return Words.current.pending(chunks: chunks, job: job) }
        guard wasCancelled else { return said("Job \(job) has no failed chunk.") }
        return isCancelled
            ? said("Job \(job) stays cancelled: a later job does the same.")
            : said("Job \(job) goes on where it was cancelled. `sluice sync` works on it.")
    }
}

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: said("Stop a job; what it has read stays."),
        discussion: said("A worker that runs one of its chunks stops within five seconds."))

    @Argument(help: .said("The job's number, from `sluice jobs`.")) var job: Int64
    @OptionGroup var database: DatabaseOption

    func run() async throws {
        let location = try database.location
        try await visiting(location, .visit) { store in
            guard try await store.job(JobID(job)) != nil else { throw Exit.usage(said("There is no job \(job).")) }
            let isCancelled = try await store.cancel(JobID(job), by: "command line")
            Console.out(isCancelled ? said("Job \(job) is cancelled.") : said("Job \(job) had ended before."))
        }
    }
}

/// Opens the database beside whoever works on it, and closes it again. No key is needed for that, and none
/// is made.
@concurrent
func visiting<Result>(
    _ location: DatabaseLocation, _ mode: SQLiteStore.Mode, _ body: (any SyncStore & HealthStore) async throws -> Result
) async throws -> Result {
    try DatabasePlace.checkForm(location)
    if try await Database.isMissing(at: location) {
        throw Exit.usage(said("There is no database at \(location) yet. `sluice sync` makes one."))
    }
    let database = try await Database.open(location, mode)
    let result: Result
    do {
        result = try await body(database.store)
    } catch {
        try? await database.close()
        throw error
    }
    try await database.close()
    return result
}
