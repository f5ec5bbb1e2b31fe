import Foundation
import StorePostgres
import Synchronization

/// A database of its own for a test, on the server that `SLUICE_TEST_POSTGRES` names.
enum PostgresDatabase {
    static let server = address("SLUICE_TEST_POSTGRES")
    /// The same server through a pooler in transaction mode.
    static let pooler = address("SLUICE_TEST_PGBOUNCER")

    private static func address(_ variable: String) -> PostgresAddress? {
        ProcessInfo.processInfo.environment[variable].flatMap { try? PostgresAddress($0) }
    }

    private static let count = Mutex(0)

    /// Made before `body` and dropped after it, also when connections were left behind. `body` reaches it through
    /// `way`, or directly.
    static func withDatabase<Result>(
        through way: PostgresAddress? = nil, _ body: (PostgresAddress) async throws -> Result
    ) async throws -> Result {
        guard let server else { preconditionFailure("no server was given") }
        let number = count.withLock { count in
            count += 1
            return count
        }
        let name = "sluice_\(ProcessInfo.processInfo.processIdentifier)_\(number)"
        try await run("CREATE DATABASE \(name)", on: server)
        let result: Swift.Result<Result, any Error>
        let address = (way ?? server).with(["dbname": name])
        do { result = .success(try await body(address)) } catch { result = .failure(error) }
        try await run("DROP DATABASE IF EXISTS \(name) WITH (FORCE)", on: server)
        return try result.get()
    }

    private static func run(_ sql: String, on server: PostgresAddress) async throws {
        try PostgresConnection(server).script(sql)
    }
}
