import StorePostgres
import SyncCore
import Testing

@Suite(.enabled(if: TestServer.isThere), .serialized)
struct StatementTests {
    @Test("A statement is prepared once, a built one until there are many others")
    func prepared() async throws {
        try await TestServer.on(TestServer.address()) { db in
            for _ in 0..<3 { try db.execute("SELECT 'fixed'") }
            for number in 0..<250 { try db.execute(.built("SELECT \(number)")) }
            try db.execute(.built("SELECT 249"))
            try db.execute(.once("SELECT 'once'"))
            let known = try db.texts(.once("SELECT statement FROM pg_prepared_statements"))

            #expect(known.count { $0 == "SELECT 'fixed'" } == 1)
            #expect(known.count { $0 == "SELECT 249" } == 1)
            #expect(!known.contains("SELECT 0"))
            #expect(!known.contains("SELECT 'once'"))
            #expect(known.count == 201)
        }
    }

    @Test("A statement whose table was changed is prepared anew")
    func stale() async throws {
        try await TestServer.withDatabase { address in
            try await TestServer.on(address) { db in
                try db.script("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
                let select: PostgresStatement = "SELECT * FROM t"
                try db.execute(select)
                try db.script("ALTER TABLE t ADD b int")
                var columns: Int32 = 0
                try db.execute(select) { columns = $0.columnCount }
                #expect(columns == 2)

                try db.script("DEALLOCATE ALL")
                #expect(try db.execute(select) == 1)
            }
        }
    }

    @Test("An error names its kind and constraint, and shows no value")
    func errors() async throws {
        try await TestServer.withDatabase { address in
            try await TestServer.on(address) { db in
                try db.script("CREATE TABLE t (a text PRIMARY KEY); INSERT INTO t VALUES ('ann@example.com')")
                let error = db.failure { try db.execute("INSERT INTO t VALUES ($1)", [.text("ann@example.com")]) }

                #expect(error?.kind == .uniqueViolation)
                #expect(error?.constraint == "t_pkey")
                #expect(error?.sqlState == "23505")
                #expect(error.map { "\($0)" }?.contains("example") == false)
                #expect(db.isUsable)
            }
        }
    }

    @Test("An error that comes with the commit of a statement on its own is an error of it")
    func deferredError() async throws {
        try await TestServer.withDatabase { address in
            try await TestServer.on(address) { db in
                try db.script("CREATE TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED); INSERT INTO t VALUES (1)")

                #expect(db.failure { try db.execute("INSERT INTO t VALUES (1)") }?.kind == .uniqueViolation)
                #expect(try db.number("SELECT count(*) FROM t") == 1)
            }
        }
    }

    @Test("A transaction begins with the server's clock and ends as it was told")
    func transactions() async throws {
        try await TestServer.withDatabase { address in
            try await TestServer.on(address) { db in
                try db.script("CREATE TABLE t (a int)")
                let clock = try db.begin()
                var now: Instant?
                try db.execute("SELECT now()") { now = $0.instant(0) }
                try db.execute("INSERT INTO t VALUES (1)")
                try db.commit()
                try db.begin(.serializable)
                try db.execute("INSERT INTO t VALUES (2)")
                db.rollback()
                try db.begin(.snapshot)
                let refused = db.failure { try db.execute("INSERT INTO t VALUES (3)") }
                db.rollback()

                #expect(now == clock)
                #expect(refused?.kind == .readOnly)
                #expect(try db.texts("SELECT a FROM t") == ["1"])
                #expect(!db.isInTransaction)
            }
        }
    }

    @Test("The commit of a transaction that has failed says so")
    func failedCommit() async throws {
        try await TestServer.on(TestServer.address()) { db in
            try db.begin()
            _ = db.failure { try db.execute("SELECT 1/0") }

            #expect(db.failure { try db.commit() }?.kind == .other)
            #expect(db.isUsable && !db.isInTransaction)
        }
    }

    @Test("A statement that takes too long is cancelled and the connection goes on")
    func timeout() async throws {
        try await TestServer.on(TestServer.address()) { db in
            let took = ContinuousClock().measure {
                #expect(
                    db.failure { try db.execute("SELECT pg_sleep(20)", timeout: .milliseconds(100)) }?.kind == .timeout)
            }

            #expect(took < .seconds(15))
            #expect(db.isUsable)
            let answer = try db.number("SELECT 7")
            #expect(answer == 7)
        }
    }

    @Test("A statement is cancelled from another thread")
    func cancel() async throws {
        let lane = try PostgresLane(TestServer.address())
        try await lane.open()
        guard case .ran(.success(let canceller), _) = await lane.run({ $0.canceller }) else { return }
        async let outcome = lane.run { db in db.failure { try db.execute("SELECT pg_sleep(20)") }?.kind }
        try await TestServer.on(TestServer.address()) { db in
            while try db.number("SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(20)'") == 0 {}
        }

        #expect(canceller.cancel())

        guard case .ran(.success(let kind), let isUsable) = await outcome else { return }
        #expect(kind == .cancelled)
        #expect(isUsable)
    }

    @Test("COPY by another way than copyIn is refused and harms nothing but its connection")
    func wrongCopy() async throws {
        try await TestServer.withDatabase { address in
            try await TestServer.on(address) { db in
                try db.script("CREATE TABLE t (a int)")
                #expect(db.failure { try db.script("COPY t FROM STDIN") } != nil)
                #expect(db.isUsable)
                #expect(db.failure { try db.script("COPY t TO STDOUT") } != nil)
                #expect(!db.isUsable)
            }
        }
    }

    @Test("What was notified arrives, in order and with its payload")
    func notifications() async throws {
        let address = try TestServer.address()
        try await TestServer.on(address) { db in
            let other = try PostgresConnection(address)
            try db.listen("sluice \"driver\"")
            #expect(try db.waitForNotification(until: .now + .milliseconds(20)) == [])
            for payload in ["one", "two"] {
                try other.execute("SELECT pg_notify($1, $2)", [.text("sluice \"driver\""), .text(payload)])
            }
            var payloads: [String] = []
            while payloads.count < 2 {
                payloads += try db.waitForNotification(until: .now + .seconds(5)).map(\.payload)
            }
            #expect(payloads == ["one", "two"])
        }
    }
}
