import Foundation
import GRDB
import Logging
import StoreSQL
import StoreTransfer
import SyncCore
import SyncTestKit
import Testing

@testable import StorePostgres
@testable import StoreSQLite

/// Certificates of the versions that wrote a currency behind its stream.
private enum OldCertificates {
    static let rows = """
        INSERT INTO connections (id, platform, name, base_url, sealed, version, configuration, created_at, updated_at)
        VALUES (1, 'admitad', 'a', 'http://a', '', 1, '{}', '2026-11-21T00:00:00Z', '2026-11-21T00:00:00Z');
        INSERT INTO accounts (id, connection_id, platform, external_id, name, currency, time_zone, created_at,
            updated_at)
        VALUES (1, 1, 'admitad', '7', 'Seven', 'EUR', 'UTC', '2026-11-21T00:00:00Z', '2026-11-21T00:00:00Z'),
            (2, 1, 'admitad', '8', 'Eight', 'EUR', 'UTC', '2026-11-21T00:00:00Z', '2026-11-21T00:00:00Z');
        INSERT INTO certificates (account_id, stream, date, state, rows, stored_revenue_micros, checked_at)
        VALUES (1, 'actions EUR', '2026-11-01', 'equal', 2, 20, '2026-11-21T00:00:00.000Z'),
            (1, 'actions USD', '2026-11-01', 'gap', 1, 10, '2026-11-21T00:00:00.000Z'),
            (1, 'actions', '2026-11-02', 'equal', 3, 30, '2026-11-21T00:00:00.000Z'),
            (1, 'actions', '2026-11-03', 'equal', 0, 0, '2026-11-21T00:00:00.000Z'),
            (1, 'others', '2026-11-02', 'equal', 3, 30, '2026-11-21T00:00:00.000Z'),
            (2, 'actions', '2026-11-02', 'equal', 3, 30, '2026-11-21T00:00:00.000Z'),
            (2, 'actions EUR', '2026-11-04', 'equal', 3, 30, '2026-11-21T00:00:00.000Z');
        """

    /// What is still true of them: of the first account the 2nd was proven of two currencies together.
    static func expect(in store: any SyncStore) async throws {
        func told(_ account: Int64) async throws -> [String] {
            try await store.certificates(account: AccountID(account), days: nil, limit: 10).map {
                "\($0.day) \($0.stream) \($0.currency ?? "-") \($0.state.rawValue) \($0.stored[.revenue] ?? -1)"
            }
        }
        #expect(
            try await told(1) == [
                "2026-11-03 actions - equal 0", "2026-11-02 others - equal 30", "2026-11-01 actions EUR equal 20",
                "2026-11-01 actions USD gap 10",
            ])
        #expect(try await told(2) == ["2026-11-04 actions EUR equal 30", "2026-11-02 actions - equal 30"])
    }

    static func file(in folder: URL) throws -> String {
        let path = folder.appending(path: "old.sqlite").path
        let database = try DatabaseQueue(path: path)
        try database.write { db in
            for step in Migrations.steps[..<11] { try db.execute(sql: step) }
            try db.execute(
                sql: "PRAGMA application_id = \(DatabaseFile.applicationID); PRAGMA user_version = 11; \(rows)"
                    .replacing("'http://a', ''", with: "'http://a', x''"))
        }
        try database.close()
        return path
    }

    static func archive(in folder: URL) throws -> String {
        let archive = folder.appending(path: "old.sluice").path
        _ = try TransferScene(path: try file(in: folder)).backUp(to: archive)
        return archive
    }

    static func restore(_ archive: String, into sink: some DatabaseSink, _ target: ValueAdapter.Target) throws {
        var adapter = ValueAdapter(for: target)
        _ = try ArchiveReader(archive).copy(to: sink, adapter: &adapter) { _, _ in }
    }
}

@Suite("Certificates of older versions")
struct OldCertificatesTests {
    @Test("are there in a file that is opened, each with its currency; a sum of several currencies is none")
    func file() async throws {
        try await withFolder { folder in
            let path = try OldCertificates.file(in: folder)

            let store = try SQLiteStore.open(path: path, mode: .visit, clock: ManualWallClock())

            try await OldCertificates.expect(in: store)
            try await store.close()
        }
    }

    @Test("are there in a file that is restored from a backup of that time")
    func backup() async throws {
        try await withFolder { folder in
            let archive = try OldCertificates.archive(in: folder)
            let path = folder.appending(path: "copy.sqlite").path

            try SQLiteTransfer.filling(path, views: []) { try OldCertificates.restore(archive, into: $0, .sqlite) }

            let store = try SQLiteStore.open(path: path, mode: .visit, clock: ManualWallClock())
            try await OldCertificates.expect(in: store)
            try await store.close()
        }
    }

    @Test("are there on a server, upgraded or restored to", .enabled(if: PostgresDatabase.server != nil))
    func server() async throws {
        func expect(at address: PostgresAddress) async throws {
            let store = try await PostgresStore.open(
                address, connections: 2, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            try await OldCertificates.expect(in: store)
            await store.close()
        }
        try await PostgresDatabase.withDatabase { address in
            let before = PostgresMigrations(steps: Array(PostgresMigrations.released.steps[..<7]))
            let connection = try PostgresConnection(address)
            try before.apply(on: connection, at: address)
            try connection.script(OldCertificates.rows)

            try await expect(at: address)
        }
        try await withFolder { folder in
            let archive = try OldCertificates.archive(in: folder)
            try await PostgresDatabase.withDatabase { address in
                try PostgresTransfer.filling(address, views: []) {
                    try OldCertificates.restore(archive, into: $0, .postgres)
                }

                try await expect(at: address)
            }
        }
    }
}
