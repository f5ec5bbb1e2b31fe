import FoundationEssentials
import StorePostgres
import SyncCore
import Testing

/// The server of the tests asks for passwords (`scram-sha-256` in its pg_hba.conf).
@Suite(.enabled(if: TestServer.isThere), .serialized)
struct ConnectTests {
    private func failure(_ address: PostgresAddress) -> PostgresError? {
        do {
            _ = try PostgresConnection(address)
            return nil
        } catch {
            return error
        }
    }

    @Test("A server that Sluice can work with passes")
    func checks() async throws {
        try await TestServer.on(TestServer.address()) { db in
            try db.checkServer()
            #expect(db.server.version >= 140_000)
            #expect(!db.server.isPooled)
        }
    }

    @Test("A wrong password, user or database, and a host that is none, are told apart")
    func refusals() throws {
        let address = try TestServer.address()
        let wrong = failure(address.with(["password": "wr0ng-word"]))

        #expect(wrong?.kind == .refusedCredentials)
        #expect(wrong.map { "\($0) \($0.debugDescription)" }?.contains("wr0ng") == false)
        #expect(failure(address.with(["user": "nobody-here"]))?.kind == .refusedCredentials)
        #expect(failure(address.with(["dbname": "nothing-here"]))?.kind == .unknownDatabase)
        #expect(failure(address.with(["host": "/nowhere"]))?.kind == .unreachable)
        #expect(failure(address.with(["host": "127.0.0.1", "port": "1"]))?.kind == .unreachable)
    }

    @Test("An encrypted connection with a password is possible when the server has a certificate, and is insisted on")
    func encrypted() async throws {
        let address = try TestServer.address()
        let isOffered = try await TestServer.on(address) { try $0.texts("SHOW ssl") == ["on"] }
        guard isOffered else {
            #expect(failure(address.with(["sslmode": "require"]))?.kind == .insecure)
            return
        }

        try await TestServer.on(address.with(["sslmode": "require"])) { db in
            let facts = try db.texts("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
            #expect(facts == ["1"])
            let text = String(repeating: "x", count: 3_000_000)
            var length = 0
            try db.executeEach("SELECT $1::text", rows: [[.text(text)], [.text(text)]]) { length += $1.text(0).count }
            #expect(length == 6_000_000)
        }
        // Nobody vouches for a certificate that signed itself.
        let unknown = address.with(["sslmode": "verify-full", "sslrootcert": "/nowhere/root.crt"])
        #expect(failure(unknown)?.kind == .insecure)
    }

    @Test("Of several hosts the one that answers is taken")
    func severalHosts() async throws {
        let address = try TestServer.address()
        let port = address.settings["port"] ?? "5432"
        let several = address.with([
            "host": "127.0.0.1,127.0.0.1", "port": "1,\(port)", "target_session_attrs": "read-write",
        ])

        try await TestServer.on(several) { try $0.checkServer() }
        #expect(failure(several.with(["target_session_attrs": "standby"]))?.kind == .readOnly)
    }

    @Test("A database that cannot be written to, or not in UTF-8, is refused with a sentence")
    func unsuitable() async throws {
        try await TestServer.withDatabase { address in
            let name = address.database
            try await TestServer.on(address) { db in
                try db.script("ALTER DATABASE \(name) SET default_transaction_read_only = on")
            }
            let readOnly = await #expect(throws: PostgresError.self) { try await TestServer.on(address) { _ in } }
            #expect(readOnly?.kind == .readOnly)
        }
        let latin = PostgresServer(version: 150_000, isReadOnly: false, encoding: "LATIN1", isPooled: false)
        let old = PostgresServer(version: 130_011, isReadOnly: false, encoding: "UTF8", isPooled: false)
        #expect(throws: PostgresError.self) { try latin.check() }
        let tooOld = #expect(throws: PostgresError.self) { try old.check() }
        #expect(tooOld?.sentence.contains("PostgreSQL 13 ") == true)
    }
}
