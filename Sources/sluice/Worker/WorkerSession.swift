import Foundation
import StoreSQLite
import SyncCore
import SyncEngine
import SyncWeb
import UnixSignals
import Wording

/// One `sluice worker` from its start to its end: listens, opens the database, works, drains.
struct WorkerSession {
    let database: DatabaseLocation
    let workers: Int
    let listen: ListenAddress?
    let stall: Duration
    let log: WorkerLog
    /// The web page, where there is one.
    var page: ServedPage?
    var notices = NoticePost()
    /// With the work the program ends. The server's library traps when a connection comes while the server's task is
    /// cancelled (swift-nio 3481), and there is nothing left to be done.
    var endsProgram = false

    /// Names this process in leases.
    let name = "\(ProcessInfo.processInfo.hostName)-\(ProcessInfo.processInfo.processIdentifier)"

    /// Writing how far running chunks came takes moments; a database that hangs must not keep the process for ever.
    /// What was not handed back by then is rescued when its lease runs out.
    static let drainDeadline: Duration = .seconds(25)

    func run(until signals: UnixSignalsSequence) async throws -> Exit {
        let desk = WorkerDesk(workers: workers, startedAt: SystemWallClock().now)
        guard let listen else { return try await work(desk, Door(probe: desk), at: nil, signals) }
        let door =
            try page.map { try Door(probe: desk, isSecure: $0.publicURL?.hasPrefix("https://") ?? false) }
            ?? Door(probe: desk)
        // The server first: a wrong address changes nothing, and probes are answered while the database is away.
        let (bound, listening) = AsyncStream<ListenAddress>.makeStream()
        return try await withThrowingTaskGroup(of: Exit?.self) { group in
            group.addTask {
                try await WebServer(at: listen, logger: Workplace.log)
                    .run(door) { listening.yield($0) }
                return nil
            }
            group.addTask {
                for await address in bound { return try await self.work(desk, door, at: address, signals) }
                return nil
            }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                guard let exit = ended else { continue }
                if endsProgram { Console.leave(exit) }
                return exit
            }
            return .done
        }
    }

    /// The end of the work, or of what comes before it, at a signal.
    private func work(
        _ desk: WorkerDesk, _ door: Door, at address: ListenAddress?, _ signals: UnixSignalsSequence
    ) async throws -> Exit {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.work(desk, door, at: address) }
            group.addTask { await self.watch(signals, desk) }
            defer { group.cancelAll() }
            try await group.next()
        }
        log.line("ended", Words.current.workerEnded)
        return desk.signal == .sigint ? .interrupted(said("Interrupted. Any worker goes on from here.")) : .done
    }

    /// Returns at a signal before which there was nothing to drain; at another the work ends by itself.
    private func watch(_ signals: UnixSignalsSequence, _ desk: WorkerDesk) async {
        await withTaskGroup(of: Void.self) { group in
            for await signal in signals {
                switch desk.end(by: signal) {
                case .atOnce: return
                case .again: Console.leave(.interrupted(said("Ended at once. Leases run out, then others go on.")))
                case .drains:
                    log.line("draining", Words.current.draining)
                    group.addTask {
                        guard (try? await ContinuousClock().sleep(for: WorkerSession.drainDeadline)) != nil else {
                            return
                        }
                        Console.leave(
                            .failedChunks(said("Draining took too long. Leases run out, then others go on.")))
                    }
                }
            }
        }
    }

    private func work(_ desk: WorkerDesk, _ door: Door, at address: ListenAddress?) async throws {
        let workplace: Workplace
        do {
            workplace = try await open(desk, door, at: address)
        } catch is CancellationError {
            return
        }
        do {
            try await work(in: workplace, desk, door, at: address)
            await door.shut(within: .seconds(5), clock: ContinuousClock())
            await workplace.close()
        } catch {
            await workplace.close()
            throw error
        }
    }

    /// Waits for a database that does not answer; whatever else is wrong with it is thrown.
    private func open(_ desk: WorkerDesk, _ door: Door, at address: ListenAddress?) async throws -> Workplace {
        let words = Words.current
        let clock = ContinuousClock()
        let backoff = Backoff(base: .milliseconds(500), cap: .seconds(5))
        let random = RandomSource()
        var attempt = 0
        let begun = clock.now
        var isTold = false
        func start() {
            guard !isTold else { return }
            isTold = true
            log.line(
                "started",
                words.workerStarted(database: database.description, workers: workers, address: address?.description),
                [
                    ("database", .text(database.description)), ("workers", .number(workers)),
                    ("listen", .text(address?.description)),
                ])
        }
        // A server may take as long as the network does, and whoever started this wants to know where it listens.
        if database.path == nil { start() }
        while true {
            do {
                let workplace = try await openForWork(at: address)
                start()
                if attempt > 0 { log.line("database_back", words.back(after: begun.duration(to: clock.now))) }
                return workplace
            } catch let error as StoreError {
                if case .inUse = error, let page, let address {
                    if let workplace = try await attend(error, page, desk, door, at: address) {
                        start()
                        return workplace
                    }
                } else {
                    guard case .unavailable = error else { throw error }
                    start()
                }
                if attempt == 0 { log.line("database_away", words.away(error)) }
                desk.waits(for: error)
                try await clock.sleep(for: backoff.delay(attempt: attempt, jitter: random.unit()))
                attempt += 1
            }
        }
    }

    func openForWork(at address: ListenAddress?) async throws -> Workplace {
        try await Workplace.open(
            database, .work, Transports(moved: page?.moved ?? [:]),
            answeringAt: page.flatMap { page in address.map { page.base($0) } }, isAwaited: true)
    }

    /// A database that goes away again just now keeps the address from being told, not the server from serving.
    private func greet(_ page: ServedPage, _ workplace: Workplace, _ address: ListenAddress) async throws {
        while true {
            do {
                return log.line("serving", try await page.greeting(workplace, address))
            } catch is StoreError {
                try await ContinuousClock().sleep(for: .seconds(1))
            } catch is CancellationError {
                return
            }
        }
    }

    private func work(
        in workplace: Workplace, _ desk: WorkerDesk, _ door: Door, at address: ListenAddress?
    ) async throws {
        // A database that is away again is the engine's matter.
        if let connections = try? await workplace.store.connections() {
            try workplace.environment.vault.check(connections)
        }
        let (news, telling) = AsyncStream<EngineNews>.makeStream()
        var environment = workplace.environment
        environment.news = { telling.yield($0) }
        let engine = Engine(
            environment,
            options: .init(
                workers: workers, name: name, planEvery: .seconds(1), outlastsTrouble: true,
                keepsSchedules: true))
        let health = WorkerHealth(
            engine: engine, store: workplace.store, environment: environment,
            options: .init(stall: stall, version: Sluice.version, memory: { Memory.resident }))
        guard desk.begin(engine, health) else { return }
        var site: Site?
        if let page {
            let served = try page.site(in: workplace, at: database, environment, probe: desk, notices: notices)
            door.open(served.router())
            site = served
            if let url = page.publicURL { try? await workplace.store.set(NoticePost.urlSetting, to: url) }
        }
        let notifier = Notifier(
            environment, store: workplace.database.store, sender: notices.sender(workplace.database.store), worker: name
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await health.run() }
            if let page, let address { group.addTask { try await self.greet(page, workplace, address) } }
            group.addTask { [site] in await site?.warm() }
            group.addTask { await notifier.run() }
            async let logged: Void = log.follow(news, workplace.store)
            defer { group.cancelAll() }
            do {
                try await engine.run()
            } catch {
                telling.finish()
                await logged
                throw error
            }
            telling.finish()
            await logged
        }
    }
}
