import Foundation
import StorePostgres
import Synchronization

/// A database of its own for a test, on the server that `SLUICE_TEST_POSTGRES` names.
enum PostgresDatabase {
    static let server: PostgresAddress? = ProcessInfo.processInfo.environment["SLUICE_TEST_POSTGRES"].flatMap {
        try? PostgresAddress($0)
    }

    private static let count = Mutex(0)

    /// Made before `body` and dropped after it, also when connections were left behind.
    static func withDatabase<Result>(_ body: (PostgresAddress) async throws -> Result) async throws -> Result {
        guard let server else { preconditionFailure("no server was given") }
        let number = count.withLock { count in
            count += 1
            return count
        }
        let name = "sluice_\(ProcessInfo.processInfo.processIdentifier)_\(number)"
        try await run("CREATE DATABASE \(name)", on: server)
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(server.with(["dbname": name]))) } catch { result = .failure(error) }
        try await run("DROP DATABASE IF EXISTS \(name) WITH (FORCE)", on: server)
        return try result.get()
    }

    private static func run(_ sql: String, on server: PostgresAddress) async throws {
        try PostgresConnection(server).script(sql)
    }
}
