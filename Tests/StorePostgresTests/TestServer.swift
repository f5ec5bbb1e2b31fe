import FoundationEssentials
import StorePostgres
import SyncCore
import Synchronization
import Testing

/// The server that the live tests use: the address of a superuser in `SLUICE_TEST_POSTGRES`.
enum TestServer {
    static let text = ProcessInfo.processInfo.environment["SLUICE_TEST_POSTGRES"]
    static let isThere = text != nil
    /// The same server through PgBouncer in transaction mode.
    static let poolerText = ProcessInfo.processInfo.environment["SLUICE_TEST_PGBOUNCER"]
    private static let counter = Atomic<Int>(0)

    static func address() throws -> PostgresAddress {
        try PostgresAddress(#require(text))
    }

    /// A database of the test's own, dropped at its end.
    static func withDatabase(_ body: (PostgresAddress) async throws -> Void) async throws {
        let server = try address()
        let number = counter.add(1, ordering: .relaxed).newValue
        let name = "sluice_driver_\(ProcessInfo.processInfo.processIdentifier)_\(number)"
        try await on(server) { try $0.script("CREATE DATABASE \(name) ENCODING 'UTF8' TEMPLATE template0") }
        do {
            try await body(server.with(["dbname": name]))
        } catch {
            try await on(server) { try $0.script("DROP DATABASE \(name) WITH (FORCE)") }
            throw error
        }
        try await on(server) { try $0.script("DROP DATABASE \(name) WITH (FORCE)") }
    }

    /// Runs `body` with a fresh connection, on a queue of its own.
    @discardableResult
    static func on<Value: Sendable>(
        _ address: PostgresAddress, _ body: @Sendable (PostgresConnection) throws -> Value
    ) async throws -> Value {
        let lane = PostgresLane(address)
        try await lane.open()
        switch await lane.run(body) {
        case .ran(let result, _):
            await lane.close()
            return try result.get()
        case .wasDead: throw PostgresError(.lost)
        }
    }
}

extension PostgresConnection {
    /// The first column of all rows, as text.
    func texts(_ statement: PostgresStatement, _ values: [PostgresValue] = []) throws -> [String] {
        var found: [String] = []
        try execute(statement, values) { found.append($0.text(0)) }
        return found
    }

    func number(_ statement: PostgresStatement, _ values: [PostgresValue] = []) throws -> Int64 {
        var found: Int64 = -1
        try execute(statement, values) { found = $0.int64(0) }
        return found
    }

    /// The error that `body` throws; nil when it throws none, or another.
    func failure(of body: () throws -> Void) -> PostgresError? {
        do {
            try body()
            return nil
        } catch {
            return error as? PostgresError
        }
    }
}
