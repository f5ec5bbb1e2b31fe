import Logging
import StorePostgres
import SyncCore
import Testing

@Suite(.enabled(if: TestServer.isThere), .serialized)
struct PoolTests {
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func pool(_ address: PostgresAddress, size: Int) -> PostgresPool {
        var settings = PostgresPoolStateMachine.Settings()
        settings.size = size
        settings.leaseTimeout = .seconds(20)
        settings.growAfter = .milliseconds(200)
        settings.backoff = Backoff(base: .milliseconds(20), cap: .milliseconds(200))
        return PostgresPool(address, settings: settings, logger: quiet)
    }

    @Test("Many callers share few connections, which wait beside each other and not for each other")
    func shares() async throws {
        let pool = pool(try TestServer.address(), size: 4)
        var pids = Set<Int64>()
        try await withThrowingTaskGroup(of: Int64.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try await pool.withConnection { try $0.number("SELECT pg_backend_pid() FROM pg_sleep(0.5)") }
                }
            }
            for try await pid in group { pids.insert(pid) }
        }
        await pool.shutdown()

        #expect(pids.count == 4)
        await #expect(throws: PostgresError(.closed)) { try await pool.withConnection { _ in } }
    }

    @Test("A caller that is cancelled stops waiting, and what runs is not interrupted")
    func cancels() async throws {
        let pool = pool(try TestServer.address(), size: 1)
        let (running, signal) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Int64.self) { group in
            group.addTask {
                try await pool.withConnection { db in
                    signal.yield()
                    return try db.number("SELECT 1 FROM pg_sleep(2)")
                }
            }
            for await _ in running { break }
            let took = await ContinuousClock().measure {
                await withTaskGroup(of: Void.self) { waiters in
                    waiters.addTask {
                        await #expect(throws: CancellationError.self) { try await pool.withConnection { _ in } }
                    }
                    waiters.cancelAll()
                }
            }
            #expect(took < .seconds(1))
            group.cancelAll()
            let answer = try await group.next()
            #expect(answer == 1)
        }
        await pool.shutdown()
    }

    @Test("A transaction that is left open is rolled back, and a dead connection is replaced")
    func cleans() async throws {
        try await TestServer.withDatabase { address in
            let pool = pool(address, size: 1)
            try await pool.withConnection { db in
                try db.script("CREATE TABLE t (a int)")
                try db.begin()
                try db.execute("INSERT INTO t VALUES (1)")
            }
            let pid = try await pool.withConnection { try $0.number("SELECT pg_backend_pid()") }
            try await TestServer.on(address) { db in
                try db.execute("SELECT pg_terminate_backend($1, 5000)", [.integer(pid)])
            }
            let count = try await pool.withConnection { try $0.number("SELECT count(*) FROM t") }
            await pool.shutdown()

            #expect(count == 0)
        }
    }

    @Test("A server that goes away and comes back is found again by those who wait")
    func reconnects() async throws {
        let address = try TestServer.address()
        let relay = try Relay(to: address)
        let pool = pool(relay.way(to: address), size: 4)
        try await pool.withConnection { try $0.execute("SELECT 1") }
        relay.goDown()
        let failure = await #expect(throws: PostgresError.self) {
            try await pool.withConnection(timeout: .milliseconds(300)) { _ in }
        }
        #expect(failure?.kind == .unreachable)

        try await withThrowingTaskGroup(of: Int64.self) { group in
            for _ in 0..<20 { group.addTask { try await pool.withConnection { try $0.number("SELECT 1") } } }
            try relay.comeUp()
            let sum = try await group.reduce(0, +)
            #expect(sum == 20)
        }
        // Not a connection for each caller, and not one for each attempt.
        #expect(relay.accepted <= 5)
        await pool.shutdown()
        relay.goDown()
    }

    @Test("A server that has fewer connections than the pool wants serves all callers with those")
    func exhausted() async throws {
        let address = try TestServer.address()
        let role = "sluice_driver_few"
        try await TestServer.on(address) { db in
            try db.script("DROP ROLE IF EXISTS \(role); CREATE ROLE \(role) LOGIN PASSWORD 'few' CONNECTION LIMIT 2")
        }
        let pool = pool(address.with(["user": role, "password": "few"]), size: 8)
        try await withThrowingTaskGroup(of: Int64.self) { group in
            for _ in 0..<40 {
                group.addTask { try await pool.withConnection { try $0.number("SELECT 1 FROM pg_sleep(0.02)") } }
            }
            let sum = try await group.reduce(0, +)
            #expect(sum == 40)
        }
        await pool.shutdown()
        try await TestServer.on(address) { try $0.script("DROP ROLE \(role)") }
    }

    @Test("A refused password is told at once")
    func refused() async throws {
        let pool = pool(try TestServer.address().with(["password": "wrong"]), size: 2)
        let failure = await #expect(throws: PostgresError.self) { try await pool.withConnection { _ in } }
        await pool.shutdown()

        #expect(failure?.kind == .refusedCredentials)
    }
}
