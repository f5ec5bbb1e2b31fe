import ConnectorKit
import Connectors
import GRDB
import Logging
import StoreSQL
import SyncCore
import SyncEngine
import SyncTestKit
import Synchronization

@testable import StoreSQLite

/// Everything of one simulated run: the platform, the database, the owner, and the machines that work.
final class Machine: Sendable {
    static let beginning = Instant(seconds: 1_795_230_000)

    let plan: FaultPlan
    let clock: SimClock
    let executor: SimExecutor
    let dice: SimDice
    let tally: RareStates
    let ledger: Ledger
    let platformClock: SimWallClock
    let network: SimNetwork<MetaSandbox>
    /// The database as somebody sees it who has no trouble with it.
    let store: SQLiteStore
    let database: MemoryDatabase
    let world: MetaWorld
    let gatekeeper: Gatekeeper
    let diary = Diary()
    private let secret = Secret([UInt8](repeating: 7, count: 32))
    private let over = Mutex(false)

    init(_ plan: FaultPlan, executor: SimExecutor, clock: SimClock, tally: RareStates) throws {
        self.plan = plan
        self.clock = clock
        self.executor = executor
        self.tally = tally
        dice = SimDice(seed: plan.seed &* 31 &+ 11)
        platformClock = SimWallClock(clock, start: Machine.beginning)
        world = plan.world()
        network = SimNetwork(MetaSandbox(world), clock: clock, platformClock: platformClock)
        database = try MemoryDatabase()
        store = try SQLiteStore.inMemory(database, clock: platformClock, executor: executor)
        ledger = Ledger(clock: clock, leasesAreLong: !plan.has(.clockSteps) || plan.has(.secondMachine))
        gatekeeper = Gatekeeper(plan, ledger: ledger, tally: tally)
        try Audit.install(in: database)
        let keeper = self.gatekeeper
        network.tap { request, process, answer in
            keeper.refusal(of: request, from: process) ?? keeper.spoiled(answer(), to: request)
        }
    }

    var isOver: Bool {
        get { over.withLock { $0 } }
        set { over.withLock { $0 = newValue } }
    }

    // MARK: The play

    func play() async throws -> SyncScenario.Report {
        gatekeeper.isOpen = true
        let first = try await start()
        diary.jobs.append(first)
        if plan.has(.vanishedRows) { try plantVanishedRows() }
        gatekeeper.isOpen = false
        var problems = try await complete(first)
        if problems.isEmpty, plan.has(.secondSync) {
            // Some hours or weeks later.
            try await clock.sleep(for: .seconds(plan.number(.secondSync, 1, 4...500) * 3600))
            gatekeeper.isOpen = true
            let second = try await start()
            gatekeeper.isOpen = false
            diary.jobs.append(second)
            problems = try await complete(second)
            tally.count("second_sync")
        }
        return .init(problems: problems)
    }

    /// Works on a job until it is done; starts failed chunks over as a person would, then without trouble from
    /// stores and processes.
    private func complete(_ job: JobID) async throws -> [String] {
        var isCalm = false
        for round in 0..<5 {
            try await work(on: job, isCalm: isCalm)
            guard let state = try await store.job(job) else { return ["the job is gone"] }
            if state.state == .completed { return try await inspect(job) }
            guard round < 4 else { break }
            let problems = try cancelledProperly(state)
            if !problems.isEmpty { return problems }
            isCalm = isCalm || state.state == .failed
            if isCalm { gatekeeper.isOpen = true }
            tally.count("started_over_by_hand")
            ledger.startedOver()
            _ = try await store.retry(job)
        }
        return try await inspect(job)
    }

    private func cancelledProperly(_ job: Job) throws -> [String] {
        guard job.state == .cancelled else { return [] }
        return try database.connection.bare { try control($0, job) }
    }

    // MARK: Setting up

    private func start() async throws -> JobID {
        let environment = try environment(of: SimProcess(), store: store, wallClock: platformClock, seed: 1)
        if gatekeeper.isRefused {
            gatekeeper.renew()
            _ = try await Control(environment).store(access())
        }
        let access = access()
        let callsBefore = gatekeeper.calls
        let questioner = Questioner(
            connectors: [MetaConnector.self], clock: clock, wallClock: platformClock,
            random: environment.random, transport: { _ in self.network.transport(of: SimProcess()) })
        let facts = try await asking { try await questioner.facts(of: self.world.accounts[0].id, with: access) }
        diary.lostCalls += gatekeeper.calls - callsBefore
        let control = Control(environment)
        if diary.jobs.isEmpty { _ = try await control.store(access) }
        guard let connection = try await store.connections().first else { throw StoreError.inconsistent("none") }
        return try await control.start(Control.Order(), of: facts, connection: connection.id).job
    }

    /// The connection with the token that holds now.
    func access() -> Access {
        Access(
            platform: MetaConnector.platform.id, baseURL: "http://simulated",
            credential: Credential([
                "token": Secret(gatekeeper.token), "app_secret": Secret(world.auth.appSecret),
            ]))
    }

    /// A person would press the button again.
    private func asking<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        for _ in 0..<20 {
            do {
                return try await body()
            } catch EngineError.unanswered {
                try await clock.sleep(for: .seconds(60))
            } catch EngineError.throttled(_, _, let until) {
                try await clock.sleep(for: max(.seconds(1), until - platformClock.now))
            }
        }
        return try await body()
    }

    func environment(
        of process: SimProcess, store: SQLiteStore, faults: StoreFaults = StoreFaults(), wallClock: SimWallClock,
        seed: UInt64
    ) throws -> EngineEnvironment {
        let random = RandomSource(SeededGenerator(seed: seed))
        var logger = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let transport = network.transport(of: process)
        return EngineEnvironment(
            store: SimStore(
                store, process: process, clock: clock, faults: faults, random: dice, tally: tally, ledger: ledger),
            clock: clock, wallClock: wallClock, random: random, vault: try Vault(master: secret, random: random),
            connectors: [MetaConnector.self], transport: { _ in transport }, logger: logger)
    }
}

/// What the machine remembers for the inspection.
final class Diary: Sendable {
    private struct Pages {
        var jobs: [JobID] = []
        var deaths = 0
        var edited: [String: String] = [:]
        var deleted: Set<String> = []
        var cancelled: Set<JobID> = []
    }

    private let pages = Mutex(Pages())

    var jobs: [JobID] {
        get { pages.withLock { $0.jobs } }
        set { pages.withLock { $0.jobs = newValue } }
    }

    /// Calls that may have been lost with those who made them.
    var lostCalls: Int {
        get { pages.withLock { $0.deaths } }
        set { pages.withLock { $0.deaths = newValue } }
    }

    /// New names by id.
    var renamed: [String: String] {
        get { pages.withLock { $0.edited } }
        set { pages.withLock { $0.edited = newValue } }
    }

    var cancelled: Set<JobID> {
        get { pages.withLock { $0.cancelled } }
        set { pages.withLock { $0.cancelled = newValue } }
    }

    var deleted: Set<String> {
        get { pages.withLock { $0.deleted } }
        set { pages.withLock { $0.deleted = newValue } }
    }
}
