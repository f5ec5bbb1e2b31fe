import StorePostgres
import SyncCore
import Testing

/// Connections that break, and what is known afterwards.
@Suite(.enabled(if: TestServer.isThere), .serialized)
struct LossTests {
    @Test("A backend that is killed while idle is noticed before it is used")
    func killedIdle() async throws {
        try await TestServer.on(TestServer.address()) { db in
            let victim = try PostgresConnection(TestServer.address())
            let pid = try victim.number("SELECT pg_backend_pid()")
            try db.execute("SELECT pg_terminate_backend($1, 5000)", [.integer(pid)])

            #expect(!victim.isAlive())
            #expect(!victim.isUsable)
            #expect(victim.failure { try victim.execute("SELECT 1") }?.kind == .lost)
        }
    }

    @Test("A backend that is killed during a transaction says so, and nothing of it is kept")
    func killedBusy() async throws {
        try await TestServer.withDatabase { address in
            let lane = PostgresLane(address)
            try await lane.open()
            async let outcome = lane.run { db in
                try db.script("CREATE TABLE t (a int)")
                try db.begin()
                try db.execute("INSERT INTO t VALUES (1)")
                return db.failure { try db.execute("SELECT pg_sleep(20)") }
            }
            try await TestServer.on(address) { db in
                let kill: PostgresStatement = """
                    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                    WHERE query = 'SELECT pg_sleep(20)' AND wait_event = 'PgSleep' AND datname = current_database()
                    """
                while try db.execute(kill) == 0 {}
                #expect(try db.number("SELECT count(*) FROM t") == 0)
            }

            guard case .ran(.success(let error), let isUsable) = await outcome else { return }
            #expect(error?.kind == .shuttingDown)
            #expect(error?.isTransient == true)
            #expect(!isUsable)
        }
    }

    @Test(
        "A commit whose answer is lost has an unknown outcome, whatever the server did",
        arguments: [(Relay.Mode.cuttingAfterCommit, 2), (.cuttingBeforeCommit, 0)] as [(Relay.Mode, Int64)])
    func unknownOutcome(_ mode: Relay.Mode, _ kept: Int64) async throws {
        try await TestServer.withDatabase { address in
            let relay = try Relay(to: address)
            try await TestServer.on(relay.way(to: address)) { db in
                try db.script("CREATE TABLE t (a int)")
                try db.begin()
                try db.execute("INSERT INTO t VALUES (1)")
                let withCommit = PostgresRun("INSERT INTO t VALUES ($1)", .integer(2))
                try db.later(withCommit)
                relay.become(mode)

                #expect(db.failure { try db.commit() }?.kind == .unknownOutcome)
                #expect(!db.isUsable)
            }
            let count = try await TestServer.on(address) { try $0.number("SELECT count(*) FROM t") }
            #expect(count == kept)
            relay.goDown()
        }
    }

    @Test("What is lost on its way is unknown when it commits itself, and otherwise certainly not done")
    func lost() async throws {
        let address = try TestServer.address()
        let relay = try Relay(to: address)
        func failure(_ body: @escaping @Sendable (PostgresConnection) throws -> Void) async throws -> PostgresError? {
            try await TestServer.on(relay.way(to: address)) { db in
                db.statementTimeout = .milliseconds(50)
                db.cancelGrace = .milliseconds(50)
                return db.failure { try body(db) }
            }
        }

        let alone = try await failure { db in
            relay.become(.swallowing)
            try db.execute("SET application_name TO 'lost'")
        }
        relay.become(.passing)
        let read = try await failure { db in
            try db.execute("SELECT 1")
            relay.become(.swallowing)
            try db.execute("SELECT 1")
        }
        relay.become(.passing)
        let inside = try await failure { db in
            try db.begin()
            relay.become(.swallowing)
            try db.execute(.once("SET application_name TO 'lost'"))
        }

        #expect(read?.kind == .timeout)
        #expect(inside?.kind == .timeout)
        // It was being prepared: nothing ran.
        #expect(alone?.kind == .timeout)
        relay.goDown()
    }

    @Test("A network that swallows everything ends a statement at its deadline")
    func blackHole() async throws {
        let address = try TestServer.address()
        let relay = try Relay(to: address)
        try await TestServer.on(relay.way(to: address)) { db in
            db.cancelGrace = .milliseconds(100)
            relay.become(.swallowing)
            let took = ContinuousClock().measure {
                #expect(
                    db.failure { try db.execute(.once("UPDATE t SET a = 1"), timeout: .milliseconds(100)) }?.kind
                        == .unknownOutcome)
            }

            #expect(took < .seconds(20))
            #expect(!db.isUsable)
        }
        relay.goDown()
    }

    @Test("A COPY and a pipeline that lose their connection end, and say what is known")
    func lostBatches() async throws {
        try await TestServer.withDatabase { address in
            for isInside in [true, false] {
                let relay = try Relay(to: address)
                try await TestServer.on(relay.way(to: address)) { db in
                    try db.script("CREATE TABLE IF NOT EXISTS t (a int)")
                    if isInside { try db.begin() }
                    let rows = Array(repeating: [PostgresValue.integer(1)], count: 20_000)
                    let error = db.failure {
                        try db.executeEach("INSERT INTO t VALUES ($1) RETURNING a", rows: rows) { index, _ in
                            if index == 1000 { relay.goDown() }
                        }
                    }
                    #expect(error?.kind == (isInside ? .lost : .unknownOutcome))
                }
                try relay.comeUp()
                try await TestServer.on(relay.way(to: address)) { db in
                    let error = db.failure {
                        try db.copyIn("COPY t FROM STDIN (FORMAT binary)") { buffer in
                            for index in 0..<10_000_000 {
                                if index == 100_000 { relay.goDown() }
                                try buffer.beginRow(fields: 1)
                                buffer.appendInt32(1)
                            }
                        }
                    }
                    #expect(error?.kind == .lost)
                }
            }
            let count = try await TestServer.on(address) { try $0.number("SELECT count(*) FROM t") }
            #expect(count == 0)
        }
    }
}
