import ConnectorKit
import Foundation
import StoreSQL
import StoreSQLite
import SyncCore
import SyncEngine
import UnixSignals
import Wording

/// One `sluice sync` from the stored job to its end: works, draws, and sums up.
struct SyncSession {
    let workplace: Workplace
    /// The accounts that are synced, at least one.
    let parts: [Part]
    /// The jobs that are waited for: others when those of the sync are done and their rows go on.
    let watched: [JobID]
    /// Calls that were made before there was a job; they count in the sum.
    let asked: QuestionCalls?
    let platform: PlatformID
    let database: DatabaseLocation
    let json: Bool
    /// Every account was meant, however many there are: the sum names each job.
    let isOfAll: Bool
    /// What the platform really holds, when it can be asked (a sandbox).
    let truth: (@Sendable () async throws -> Truth)?
    /// The account of a platform that receives to which the rows go on, once that is what is watched.
    let receiver: Account?
    let begun: ContinuousClock.Instant

    /// One account of a sync.
    struct Part: Sendable {
        var job: JobID
        /// Jobs of the account that the same command has brought to their end before; they count in the sum.
        var earlier: [JobID] = []
        var facts: AccountFacts
    }

    init(
        workplace: Workplace, parts: [Part], watching: [JobID]? = nil, asked: QuestionCalls? = nil,
        platform: PlatformID, database: DatabaseLocation, json: Bool, isOfAll: Bool = false,
        receiver: Account? = nil, since begun: ContinuousClock.Instant = .now,
        truth: (@Sendable () async throws -> Truth)? = nil
    ) {
        self.workplace = workplace
        self.parts = parts
        self.watched = watching ?? parts.map(\.job)
        self.asked = asked
        self.platform = platform
        self.database = database
        self.json = json
        self.isOfAll = isOfAll
        self.receiver = receiver
        self.begun = begun
        self.truth = truth
    }

    private var words: Words { Words.current }

    /// Machines are told only what they did not ask for.
    func greet(_ started: Control.Started, _ facts: AccountFacts, warnings: [String], limits: [String] = []) {
        if !json {
            let account = "\(facts.name) (\(facts.externalID), \(facts.terms))"
            Console.error(words.greeting(account: account, database: database.description, isNew: started.isNew))
            for warning in warnings { Console.error(said(warning)) }
            if !limits.isEmpty { Console.error(words.setLimits(limits)) }
        }
        if let gap = started.windows.notOffered { Console.error(words.notOffered(gap)) }
    }

    /// Works with `workers` calls in flight at most (0: only watches) until the job ends or one of `signals` comes,
    /// and sums up unless another job follows: with `isLast` false after a complete end, with `evenFailed` after chunks
    /// that failed as well.
    func run(
        workers: Int, isLast: Bool = true, evenFailed: Bool = false, until signals: UnixSignalsSequence
    ) async throws -> Exit {
        if workers == 0 { Console.error(words.onlyWatches) }
        let view = ProgressView(json: json, platform: receiver?.platform ?? platform)
        do {
            return try await work(workers, view, signals) { code in isLast || (code != 0 && !(evenFailed && code == 1))
            }
        } catch {
            if json { Console.out(await lastKnown(view.lastJob).json) }
            throw error
        }
    }

    /// What traps the signals that end a sync. Made before there is a job, so that none is missed.
    static func signals() async -> UnixSignalsSequence { await UnixSignalsSequence(trapping: .sigint, .sigterm) }

    private func work(
        _ workers: Int, _ view: ProgressView, _ signals: UnixSignalsSequence, sumsUp: (Int32) -> Bool
    ) async throws -> Exit {
        defer { view.end() }
        let engine = workers > 0 ? makeEngine(workers, view) : nil
        async let working: Void = engine?.run() ?? ()
        let watcher = JobWatcher(
            store: workplace.store, jobs: watched, names: names, view: view, engine: engine)
        let exit = try await firstEnd(watcher, signals)
        async let _: Void = leaveInTime(exit, view)
        engine?.stop()
        // The engine drains: every running chunk writes how far it came.
        try await working
        view.end()
        if sumsUp(exit.code) {
            do {
                try await conclude()
            } catch StoreError.unavailable where exit.code != 0 {
                // Why it ended matters more than what there is to sum up.
                if json { Console.out(seen(view.lastJob).json) }
            }
        }
        return exit
    }

    /// Ends an interrupted program that has not ended by itself: what a database that is away does not take is left to
    /// its lease.
    private func leaveInTime(_ exit: Exit, _ view: ProgressView) async {
        guard case .interrupted = exit,
            (try? await ContinuousClock().sleep(for: SyncSession.drainDeadline)) != nil
        else { return }
        view.end()
        if json { Console.out(seen(view.lastJob).json) }
        Console.leave(exit)
    }

    private static let drainDeadline: Duration = .seconds(20)

    /// The job's end or a signal, whichever comes first.
    private func firstEnd(_ watcher: JobWatcher, _ signals: UnixSignalsSequence) async throws -> Exit {
        try await withThrowingTaskGroup(of: Exit.self) { group in
            group.addTask { try await watcher.watch() }
            group.addTask {
                for await _ in signals { break }
                return .interrupted(Words.current.interrupted)
            }
            defer { group.cancelAll() }
            return try await group.next() ?? .done
        }
    }

    private func makeEngine(_ workers: Int, _ view: ProgressView) -> Engine {
        var environment = workplace.environment
        environment.news = { view.tell($0) }
        let name = "\(ProcessInfo.processInfo.hostName)-\(ProcessInfo.processInfo.processIdentifier)"
        return Engine(environment, options: .init(workers: workers, name: name))
    }

    /// Where there are several accounts, what is said of one begins with its name.
    private var names: [JobID: String] {
        guard parts.count > 1 else { return [:] }
        return Dictionary(
            parts.map { ($0.job, "\($0.facts.name) (\($0.facts.externalID))") }, uniquingKeysWith: { first, _ in first }
        )
    }

    func summary() async throws -> Summary {
        let seconds = begun.duration(to: .now).inSeconds
        var sum: Summary?
        for part in parts {
            let summary = try await Summary.collect(
                job: part.job, after: part.earlier, store: workplace.store, schemas: schemas(part),
                account: part.facts.externalID, seconds: seconds)
            sum = sum?.adding(summary) ?? summary
        }
        guard var sum else { return seen(nil) }
        sum.add(asked)
        for job in watched where !parts.contains(where: { $0.job == job }) {
            if let job = try await workplace.store.job(job) { sum.status = Summary.farther(sum.status, job.state) }
        }
        sum.rows += try await delivered()
        if isOfAll { sum.jobs = parts.map(\.job) }
        return sum
    }

    /// What the platform that receives has by now, as rows of its own.
    private func delivered() async throws -> [(table: String, count: Int)] {
        guard let account = try await receives() else { return [] }
        return try await workplace.store.delivered(to: account.id).sorted { $0.key < $1.key }
            .map { (table: "\(account.platform)_\($0.key)s", count: $0.value) }
    }

    private func receives() async throws -> Account? {
        if let receiver { return receiver }
        guard try workplace.environment.connectors.type(of: platform).platform.receives != nil,
            let job = try await workplace.store.job(parts[0].job)
        else { return nil }
        return try await workplace.store.account(job.definition.account)
    }

    /// After an error of the database: what it still tells, else what was seen of the job last.
    private func lastKnown(_ seen: Job?) async -> Summary {
        if let summary = try? await summary() { return summary }
        return self.seen(seen)
    }

    private func seen(_ seen: Job?) -> Summary {
        var sum = Summary(
            job: parts[0].job, status: seen?.state ?? .pending, rows: [], requests: seen?.spent.requests ?? 0,
            throttled: seen?.spent.throttled ?? 0, retries: seen?.spent.retries ?? 0,
            seconds: begun.duration(to: .now).inSeconds, completedChunks: seen?.completedChunks ?? 0,
            failedChunks: seen?.failedChunks ?? 0, notes: [])
        sum.add(asked)
        return sum
    }

    private func conclude() async throws {
        let summary = try await summary()
        guard !json else { return Console.out(summary.json) }
        let truth = try await truth?()
        Console.out("\n" + summary.table(words, truth: truth))
    }

    private func schemas(_ part: Part) async throws -> [StreamSchema] {
        guard let job = try await workplace.store.job(part.job),
            let account = try await workplace.store.account(job.definition.account),
            let connection = try await workplace.store.connection(account.connection)
        else { return [] }
        let connector = try workplace.environment.connectors.type(of: platform)
            .init(configuration: connection.configuration)
        return connector.streams.filter { job.definition.streams.contains($0.id) }
    }
}
