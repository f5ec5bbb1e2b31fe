import Logging
import StorePostgres
import SyncCore
import Testing

/// Through PgBouncer in transaction mode, when `SLUICE_TEST_PGBOUNCER` holds an address that leads through one.
@Suite(.enabled(if: TestServer.poolerText != nil), .serialized)
struct PoolerTests {
    private func address() throws -> PostgresAddress { try PostgresAddress(#require(TestServer.poolerText)) }

    @Test("A pooler is noticed, and nothing relies on a session")
    func noticed() async throws {
        try await TestServer.on(address()) { db in
            let one: PostgresStatement = "SELECT $1::bigint"
            for number in 0..<100 {
                let found = try db.number(one, [.integer(Int64(number))])
                #expect(found == number)
            }
            #expect(db.server.isPooled)
            #expect(db.failure { try db.listen("x") }?.kind == .unsupported)
            let zone = try db.texts("SHOW TimeZone")
            #expect(zone == ["UTC"])
        }
    }

    @Test("Pipelines, COPY, transactions and deadlines work through a pooler")
    func works() async throws {
        let pool = PostgresPool(try address(), logger: .init(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<8 { group.addTask { try await pool.withConnection { try use($0, worker) } } }
            try await group.waitForAll()
        }
        let late = try await pool.withConnection { db in
            db.failure { try db.execute("SELECT pg_sleep(20)", timeout: .milliseconds(50)) }
        }
        await pool.shutdown()

        #expect(late?.kind == .timeout)
    }
}

@Sendable private func use(_ db: PostgresConnection, _ worker: Int) throws {
    for _ in 0..<5 {
        try db.begin()
        try db.script("CREATE TEMPORARY TABLE work (a bigint, b text) ON COMMIT DROP")
        let rows = (0..<1000).map { [PostgresValue.integer($0), .text("worker \(worker)")] }
        try db.executeEach("INSERT INTO work VALUES ($1, $2)", rows: rows)
        try db.copyIn("COPY work FROM STDIN (FORMAT binary)") { buffer in
            for number in 0..<1000 {
                try buffer.beginRow(fields: 2)
                buffer.appendInt64(Int64(number))
                buffer.appendText("worker \(worker)")
            }
        }
        let count = try db.number("SELECT count(*) FROM work WHERE b = $1", [.text("worker \(worker)")])
        #expect(count == 2000)
        try db.commit()
    }
}
