import Foundation
import StorePostgres
import StoreSQLite
import StoreTransfer
import SyncCore
import Testing

@testable import sluice

/// A database of its own on the server that `SLUICE_TEST_POSTGRES` names, for what moves between engines.
struct TargetDatabase: Sendable {
    /// With the password, as a command gets it.
    let url: String

    static let server = ProcessInfo.processInfo.environment["SLUICE_TEST_POSTGRES"]

    /// Made before `body` and dropped after it, whoever is still connected.
    static func with(_ body: (TargetDatabase) async throws -> Void) async throws {
        let server = try #require(server)
        let name = "sluice_moved_\(UUID().uuidString.prefix(8).lowercased())"
        try PostgresConnection(PostgresAddress(server)).script("CREATE DATABASE \(name)")
        var parts = try #require(URLComponents(string: server))
        parts.path = "/\(name)"
        let database = TargetDatabase(url: try #require(parts.string))
        let result: Result<Void, any Error>
        do { result = .success(try await body(database)) } catch { result = .failure(error) }
        try PostgresConnection(PostgresAddress(server)).script("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
        try result.get()
    }

    /// Not under the name that a worker's sessions have.
    var address: PostgresAddress { get throws { try PostgresAddress(url + "?application_name=test") } }

    func texts(_ sql: String) throws -> [String] {
        var found: [String] = []
        try PostgresConnection(address).execute(.once(sql)) { found.append($0.optionalText(0) ?? "null") }
        return found
    }

    /// The cells of each row with `|` between them, sorted.
    func lines(_ columns: [String], of table: String) throws -> [String] {
        let line = columns.map { "coalesce(\"\($0)\"::text, 'null')" }.joined(separator: " || '|' || ")
        return try texts("SELECT \(line) FROM \"\(table)\"").sorted()
    }

    func number(_ sql: String) throws -> Int { Int(try texts(sql).first ?? "") ?? 0 }

    /// How many tables of any kind there are.
    var tables: Int {
        get throws {
            try number(
                "SELECT count(*)::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN "
                    + "('r', 'p')"
            )
        }
    }

    /// Rows that an unfinished promotion has copied; nil while there is none.
    var promoted: Int? {
        get throws {
            guard try number("SELECT count(*)::text FROM pg_class WHERE relname = 'promotion_tables'") == 1 else {
                return nil
            }
            return try number("SELECT coalesce(sum(rows), 0)::text FROM promotion_tables")
        }
    }

    func digests(_ layouts: [TableLayout]) throws -> [String: TableDigest] {
        try PostgresTransfer.reading(address) { try $0.digests(of: layouts) { _, _ in } }
    }
}

/// What a file holds, by its tables.
struct FileContents {
    let layouts: [TableLayout]
    let digests: [String: TableDigest]

    init(_ path: String, like layouts: [TableLayout]? = nil) throws {
        (self.layouts, digests) = try SQLiteTransfer.reading(path, knowing: FileFacts.schemas()) { source in
            let layouts = try layouts ?? source.layouts
            return (layouts, try source.digests(of: layouts) { _, _ in })
        }
    }
}

/// Names of the tables that are not the same on both sides.
func differing(_ one: [String: TableDigest], _ other: [String: TableDigest]) -> [String] {
    Set(one.keys).union(other.keys).filter { one[$0] != other[$0] }.sorted()
}
