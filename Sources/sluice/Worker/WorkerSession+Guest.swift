import StoreSQLite
import SyncCore
import SyncEngine
import SyncWeb
import Wording

/// One process works a file; a second one is its client.
extension WorkerSession {
    /// Serves the page beside the process that works the file, and opens the file for work when that one has ended. Nil
    /// when there is nothing to serve yet: that one is about to make the database, or to bring it up to date.
    func attend(
        _ error: StoreError, _ page: ServedPage, _ desk: WorkerDesk, _ door: Door, at address: ListenAddress
    ) async throws -> Workplace? {
        let guest: Workplace
        do {
            guest = try await Workplace.open(database, .visit, Transports(moved: page.moved))
        } catch StoreError.notADatabase, StoreError.inUse {
            return nil
        }
        do {
            let workplace = try await serve(guest, page, desk, door, at: address) {
                log.line(
                    "elsewhere", Words.current.elsewhere(error, page: page.base(address)),
                    [("listen", .text(address.description))])
            }
            log.line("takes_over", Words.current.takesOver)
            try await leave(guest, door)
            return workplace
        } catch {
            try await leave(guest, door)
            throw error
        }
    }

    private func serve(
        _ guest: Workplace, _ page: ServedPage, _ desk: WorkerDesk, _ door: Door, at address: ListenAddress,
        tell: () -> Void
    ) async throws -> Workplace {
        let environment = guest.environment
        // It never runs.
        let engine = Engine(environment, options: .init(workers: 0, name: name))
        let health = WorkerHealth(
            engine: engine, store: guest.store, environment: environment,
            options: .init(stall: stall, version: Sluice.version, isGuest: true, memory: { Memory.resident }))
        desk.begin(health)
        let site = try page.site(in: guest, at: database, environment, probe: desk, notices: notices)
        door.open(site.router())
        tell()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await health.run() }
            group.addTask { await site.warm() }
            defer { group.cancelAll() }
            while true {
                try await ContinuousClock().sleep(for: .seconds(1))
                do {
                    return try await openForWork(at: address)
                } catch StoreError.inUse, StoreError.unavailable {}
            }
        }
    }

    /// Who came in time has an answer, also at the end of the program.
    private func leave(_ guest: Workplace, _ door: Door) async throws {
        try await withoutCancellation {
            await door.shut(within: .seconds(5), clock: ContinuousClock())
            await guest.close()
        }
    }
}
