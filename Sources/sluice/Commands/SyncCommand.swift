import ArgumentParser
import ConnectorKit
import Connectors
import StoreSQL
import StoreSQLite
import SyncCore
import SyncEngine
import SyncHTTP
import Wording

struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: said("Bring an account up to date and watch it; the same command again goes on where it stopped."),
        discussion: [
            said(
                "Without dates the last 90 days come first and everything older after them; later runs read what is "
                    + "new and what may still change."),
            said(
                "The credential comes from the environment; where that holds none, from what `sluice connect` has "
                    + "stored. Variables, those in brackets optional:") + "\n" + Catalog.variables,
            said(
                "Exit codes: 0 complete, 1 finished with failed chunks, 2 bad usage or configuration, "
                    + "3 credentials rejected, 130 interrupted."),
        ].joined(separator: "\n\n"))

    @OptionGroup var target: PlatformArguments
    @OptionGroup var database: DatabaseOption

    @Option(
        help: .said(
            "The account's id as `sluice connect` lists it: 1000001 or act_1000001 of Meta, me of Admitad and "
                + "Boostiny; all for every one that the credential reaches.", "id"))
    var account: String

    @Option(help: .said("The first day, 2026-01-31, in the account's time zone.", "day"))
    var from: DayArgument?

    @Option(help: .said("The last day, included.", "day"))
    var to: DayArgument?

    @Option(help: .said("Days by name: \(NamedRange.allCases.map(\.rawValue).joined(separator: ", ")).", "name"))
    var range: NamedRange?

    @Option(help: .said("Only these streams, separated by commas."))
    var streams: String?

    @Option(help: .said("Most calls in flight; 0 leaves the work to other processes and only watches.", "number"))
    var workers: Int = 16

    @Option(
        help: .said(
            "A limit of the account that you know better: account=30/s:30 (family=points/period:burst; period s, m or "
                + "h). All workers keep to it until it is set again; account=default gives it back.", "limit"))
    var quota: [String] = []

    @Option(
        help: .said("A platform that the rows go on to, from now on: folkform; none ends that.", "platform"))
    var into: String?

    @Flag(help: .said("With --into: keep no rows here."))
    var onlyInto = false

    @Flag(help: .said("Enqueue, print the job's id and return."))
    var detach = false

    @Flag(help: .said("Print nothing but one JSON object as the last line of standard output."))
    var json = false

    func validate() throws {
        if let from, let to, from.day > to.day {
            throw ValidationError(
                said("The first day is after the last. Did you mean --from \(to.day) --to \(from.day)?"))
        }
        if range != nil, from != nil || to != nil {
            throw ValidationError(said("Give either --range or --from and --to."))
        }
        if (from == nil) != (to == nil) { throw ValidationError(said("--from and --to belong together.")) }
        if account.isEmpty { throw ValidationError(said("--account is empty. Give the account's id: act_1000001.")) }
        if streams != nil, streamNames.isEmpty {
            throw ValidationError(said("--streams names no stream. Leave it out to sync all."))
        }
        if !(0...512).contains(workers) { throw ValidationError(said("--workers takes 0 to 512.")) }
        _ = try quota.map(QuotaSetting.init)
        if onlyInto, into ?? "none" == "none" { throw ValidationError(said("--only-into belongs to --into.")) }
    }

    func run() async throws {
        try await offMainActor { try await self.sync() }
    }

    /// What is known before there is a job.
    private struct Ready {
        var accounts: [(found: Found, days: DayRange?)]
        var receiver: Receiver?
    }

    private func sync() async throws {
        Console.leaveAtInterrupts()
        let location = try database.location
        try DatabasePlace.check(location)
        let calls = QuestionCalls(SystemWallClock())
        let ready = try await tellingEnds(calls, location) { try await makeReady(calls, location) }
        try await work(ready, calls, location)
    }

    /// With `--json` an end before there is a job is one object, too, but for bad usage that no platform was asked
    /// about. What was asked counts all the same.
    private func tellingEnds<Value>(
        _ calls: QuestionCalls, _ location: DatabaseLocation, _ body: () async throws -> Value
    ) async throws -> Value {
        let began = ContinuousClock.now
        do {
            return try await body()
        } catch {
            try? await calls.charge(in: location)
            if json, let exit = Exit.told(error), [1, 3].contains(exit.code) || error.isOfAccount {
                let seconds = (ContinuousClock.now - began).inSeconds
                Console.out(Summary.json(ofNoJob: calls, seconds: seconds, error: exit.text))
            }
            throw error
        }
    }

    private func makeReady(_ calls: QuestionCalls, _ location: DatabaseLocation) async throws -> Ready {
        let stored = try await StoredFacts.read(from: location)
        let access = try target.access(
            for: isOfAll ? nil : account, known: stored.connections, storedIn: location)
        try checkKey(stored, access, location)
        try checkStreams(access)
        try checkQuotas(access)
        _ = try BaseURL(access.baseURL)
        if let to, to.day > latestToday {
            throw Exit.usage(said("\(to.day) is in the future. --to takes today at the latest."))
        }

        let receiver = try await Receiver.lookUp(
            into, for: access.platform, stored, calls, storingIn: location)
        let found =
            isOfAll ? try await lookUpAll(access, stored, calls) : [try await lookUp(access, stored, calls)]
        return Ready(accounts: try found.map { ($0, try requestedDays($0.facts)) }, receiver: receiver)
    }

    private func work(_ ready: Ready, _ calls: QuestionCalls, _ location: DatabaseLocation) async throws {
        let onlyWatches = detach || workers == 0
        let workplace =
            onlyWatches
            ? try await Workplace.visit(location) : try await Workplace.open(location, .work)
        do {
            for (found, _) in ready.accounts {
                guard let (key, until) = found.block else { continue }
                try await workplace.control.note(block: key, of: found.access.platform, until: until)
            }
            try await workplace.control.charge(calls)
            let exit = try await run(in: workplace, ready.accounts, ready.receiver, asked: calls)
            await workplace.close()
            if exit.code != 0 { throw exit }
        } catch {
            await workplace.close()
            throw error
        }
    }

    /// `--account all`.
    var isOfAll: Bool { account == "all" }

    /// An account with what is to be synced of it, ready to start.
    private struct Target {
        var found: Found
        var order: Control.Order
        var connection: ConnectionID
        var limits: [String]
        /// Jobs of it that this command has brought to their end.
        var earlier: [JobID] = []
    }

    private func run(
        in workplace: Workplace, _ accounts: [(found: Found, days: DayRange?)], _ receiver: Receiver?,
        asked: QuestionCalls
    ) async throws -> Exit {
        var (targets, destinations) = try await prepare(accounts, receiver, workplace)
        while true {
            let signals = await SyncSession.signals()
            var started: [Control.Started] = []
            for target in targets {
                started.append(
                    try await workplace.control.start(
                        target.order, of: target.found.facts, connection: target.connection))
            }
            let session = try session(targets, started, workplace, asked: asked)
            for (target, started) in zip(targets, started) {
                session.greet(started, target.found.facts, warnings: target.found.warnings, limits: target.limits)
            }
            guard !detach else {
                let ids = started.map { "\($0.job)" }.joined(separator: "\n")
                Console.out(json ? try await session.summary().json : ids)
                return .done
            }
            var isLast = true
            if workers > 0 { for each in started where try await !isCurrent(each, workplace) { isLast = false } }
            let exit =
                isLast && !destinations.isEmpty
                ? try await finish(session, destinations, workplace)
                : try await session.run(workers: workers, isLast: isLast, until: signals)
            guard exit.code == 0, !isLast else {
                let own = started.map(\.job).max()
                if exit.code == 0, workers > 0, let own { try await finishHandedOver(after: own, in: workplace) }
                return exit
            }
            for index in targets.indices { targets[index].earlier.append(started[index].job) }
        }
    }

    /// Stores connections, limits, and where rows go on to; the accounts that receive them.
    private func prepare(
        _ accounts: [(found: Found, days: DayRange?)], _ receiver: Receiver?, _ workplace: Workplace
    ) async throws -> (targets: [Target], destinations: [AccountID]) {
        var targets: [Target] = []
        var destinations: Set<AccountID> = []
        let destination = try await receiver?.account(in: workplace)
        for (found, days) in accounts {
            let connection = try await workplace.control.store(found.access)
            let limits = try await setLimits(workplace, found.access, found)
            let source = try await workplace.control.save(found.facts, connection: connection)
            if receiver != nil { try await workplace.store.route(source, to: destination, keepsRows: !onlyInto) }
            // One that was set before holds as well.
            if let set = try await workplace.store.account(source)?.destination { destinations.insert(set) }
            targets.append(
                Target(
                    found: found, order: Control.Order(streams: streamNames, days: days), connection: connection,
                    limits: limits))
        }
        return (targets, destinations.sorted())
    }

    private func session(
        _ targets: [Target], _ started: [Control.Started], _ workplace: Workplace, asked: QuestionCalls
    ) throws -> SyncSession {
        SyncSession(
            workplace: workplace,
            parts: zip(targets, started).map { target, started in
                SyncSession.Part(
                    job: started.job, earlier: target.earlier.filter { $0 != started.job }, facts: target.found.facts)
            },
            asked: asked, platform: targets[0].found.access.platform,
            database: try database.location, json: json, isOfAll: isOfAll)
    }

    /// The sync, and behind it what still waits for the platforms that receive.
    private func finish(
        _ session: SyncSession, _ destinations: [AccountID], _ workplace: Workplace
    ) async throws -> Exit {
        let exit = try await session.run(
            workers: workers, isLast: false, evenFailed: true, until: await SyncSession.signals())
        if case .interrupted = exit { return exit }
        if exit.code != 0, exit.code != 1 { return exit }
        var watched: [JobID] = []
        for destination in destinations { watched.append(try await workplace.control.deliver(to: destination)) }
        let receiver = try await workplace.store.account(destinations[0])
        if !json { Console.error(Words.current.passesOn(receiver?.name ?? "")) }
        var parts = session.parts
        parts[0].earlier += watched
        let deliveries = SyncSession(
            workplace: workplace, parts: parts, watching: watched, asked: session.asked,
            platform: session.platform, database: session.database, json: json, isOfAll: isOfAll, receiver: receiver,
            since: session.begun)
        let end = try await deliveries.run(workers: workers, until: await SyncSession.signals())
        guard exit.code != 0, end.code != 0 else { return end.code == 0 ? exit : end }
        return end.saying("\(exit.text)\n\(end.text)")
    }

    /// Stores the limits that the command line sets; gives all that the user has set for the account, as written there.
    private func setLimits(_ workplace: Workplace, _ access: Access, _ found: Found) async throws -> [String] {
        let settings = try quota.map(QuotaSetting.init)
        let changed = Dictionary(settings.map { ($0.family, $0.limit) }, uniquingKeysWith: { _, last in last })
        return try await workplace.control.set(changed, of: found.facts.externalID, with: access)
            .map { QuotaSetting.text($0.key.family, $0.limit) }
    }

    /// Jobs that `--detach` handed over while this process worked: nobody else would end them.
    private func finishHandedOver(after own: JobID, in workplace: Workplace) async throws {
        while let next = try await workplace.store.jobs(limit: 200).last(where: { job in
            job.id > own && !job.state.isTerminal && job.waitReason != .credential
        }) {
            guard let account = try await workplace.store.account(next.definition.account) else { return }
            let facts = AccountFacts(
                externalID: account.externalID, name: account.name, currency: account.currency,
                zoneName: account.zoneName)
            if !json { Console.error(Words.current.handedOver(next.id, account: account.externalID)) }
            let session = SyncSession(
                workplace: workplace, parts: [SyncSession.Part(job: next.id, facts: facts)],
                platform: account.platform, database: try database.location, json: json)
            let exit = try await session.run(
                workers: workers, isLast: !json, until: await SyncSession.signals())
            if case .interrupted = exit { throw exit }
            if exit.code != 0, !json { Console.error(exit.text) }
        }
    }

    /// A job that is only gone on with keeps its own day of today: what came since is a job of its own, unless it
    /// began a moment ago.
    private func isCurrent(_ started: Control.Started, _ workplace: Workplace) async throws -> Bool {
        guard !started.isNew, let job = try await workplace.store.job(started.job) else { return true }
        return job.definition.anchor == started.anchor && SystemWallClock().now - job.createdAt < .seconds(3600)
    }

    private var streamNames: [String] {
        (streams ?? "").split { $0 == "," || $0.isWhitespace }.map(String.init)
    }

    /// Others work with a server's database: what they sealed with another key is not replaced, and nothing is asked
    /// for it.
    private func checkKey(_ stored: StoredFacts, _ access: Access, _ location: DatabaseLocation) throws {
        guard location.path == nil, let vault = try Vault.existing(of: location) else { return }
        let meant = stored.connections.filter { connection in
            connection.platform == access.platform && connection.name == access.name
                && connection.baseURL == access.baseURL
        }
        try vault.check(meant.isEmpty ? stored.connections : meant)
    }

    private func checkStreams(_ access: Access) throws {
        let connector = try Catalog.connectors.type(of: access.platform).init(configuration: access.configuration)
        _ = try Control.streams(streamNames, of: connector)
    }

    private func checkQuotas(_ access: Access) throws {
        let known = try Catalog.connectors.type(of: access.platform).platform.quotas
        for pin in try quota.map(QuotaSetting.init) where known[pin.family] == nil {
            let names = known.keys.sorted().joined(separator: ", ")
            throw Exit.usage(said("There is no quota \(pin.family). Known: \(names)."))
        }
    }

    /// The latest day that is today anywhere on earth.
    private var latestToday: CivilDate {
        CivilDate(daysSince1970: Int32((SystemWallClock().now.seconds + 14 * 3600) / 86_400))
    }

    private func requestedDays(_ facts: AccountFacts) throws -> DayRange? {
        let today = CivilDate(SystemWallClock().now, in: try AccountZone.named(facts.zoneName))
        if let range { return range.days(today: today) }
        guard let from, let to else { return nil }
        guard to.day <= today else {
            throw Exit.usage(said("\(to.day) is in the future: in \(facts.zoneName) today is \(today)."))
        }
        return DayRange(from.day, to.day)
    }
}

extension Error {
    fileprivate var isOfAccount: Bool { if case .unknownAccount = self as? EngineError { true } else { false } }
}

/// Leaves the main actor at once: a hop to it costs two hundred times one inside the pool.
@concurrent
func offMainActor(_ body: @Sendable () async throws -> Void) async throws {
    try await body()
}
