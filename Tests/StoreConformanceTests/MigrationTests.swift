import Foundation
import GRDB
import StoreSQL
import SyncCore
import SyncTestKit
import Testing

@testable import StoreSQLite

@Suite("Migrations")
struct MigrationTests {
    /// A database as the first version left it: a chunk is half read.
    private func firstVersion(at path: String) throws {
        let database = try DatabaseQueue(path: path)
        try database.write { db in
            try db.execute(sql: ControlTables.first)
            try db.execute(
                sql: """
                    PRAGMA application_id = \(DatabaseFile.applicationID);
                    PRAGMA user_version = 1;
                    INSERT INTO connections (id, platform, name, base_url, sealed, version, configuration, created_at,
                        updated_at)
                    VALUES (1, 'acme', 'a', 'http://a', x'01', 1, '{}', 'now', 'now');
                    INSERT INTO accounts (id, connection_id, platform, external_id, name, currency, time_zone,
                        created_at, updated_at)
                    VALUES (1, 1, 'acme', '7', 'Seven', 'VND', 'UTC', 'now', 'now');
                    INSERT INTO sync_jobs (id, account_id, kind, work_class, status, phase, streams, steps,
                        anchor_date, unique_key, total_steps, planned_steps, open_chunks, total_chunks, max_retries,
                        created_at)
                    VALUES (1, 1, 'initial', 'recent', 'in_progress', 'recent', '["numbers"]',
                        '[{"name":"step 0","phase":"recent"}]', '2026-11-21', 'numbers', 1, 1, 1, 1, 6,
                        '2026-11-21T00:00:00.000Z');
                    INSERT INTO sync_chunks (id, job_id, account_id, stream, stage, phase, work_class, status,
                        order_key, fence, max_retries, batches, start_date, end_date, cursor, created_at)
                    VALUES (1, 1, 1, 'numbers', 'figures', 'recent', 'recent', 'pending', 0, 1, 6, 1, '2026-01-01',
                        '2026-01-01', '2', '2026-11-21T00:00:00.000Z');
                    INSERT INTO coverage (account_id, stream, date, state, job_id, open_chunks)
                    VALUES (1, 'numbers', '2026-01-01', 'running', 1, 1);
                    """)
        }
        try database.close()
    }

    @Test("A chunk that the first version left half read is read to its end, and nothing of it is lost")
    func fromTheFirst() async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "old.sqlite").path
            try firstVersion(at: path)
            let keys = KeyHash.hashes(of: numbers([("a", 1)])).withUnsafeBytes { Data($0) }
            let old = try DatabaseQueue(path: path)
            try await old.write { db in
                try DataTables.create(schema, in: db)
                try db.execute(sql: "INSERT INTO acme_numbers VALUES ('7', '2026-01-01', 'a', 1, NULL, 'now')")
                try db.execute(sql: "INSERT INTO sync_seen VALUES (1, 0, ?)", arguments: [keys])
            }
            try old.close()

            let store = try SQLiteStore.open(path: path, mode: .work, clock: ManualWallClock())
            try await store.prepare([schema])
            let chunk = try #require(
                try await store.claim(ClaimRequest(worker: "w", limit: 1, perAccount: 1)).first)
            let result = try await store.update(
                ChunkUpdate(chunk, .finish(.init(isComplete: true)), tables: [numbers([("b", 2)])]))

            #expect(chunk.cursor == "2")
            #expect(result == .written(.init(received: 1, changed: 1, deleted: 0, stepClosed: true)))
            #expect(try await store.count(schema, account: "7") == 2)
            try await store.close()
        }
    }

    @Test("A file of every earlier version keeps its account and can be planned", arguments: 1..<Migrations.newest)
    func fromEach(_ version: Int) async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "old.sqlite").path
            try firstVersion(at: path)
            let old = try DatabaseQueue(path: path)
            try await old.write { db in
                for step in Migrations.steps[1..<version] { try db.execute(sql: step) }
                try db.execute(sql: "PRAGMA user_version = \(version)")
            }
            try old.close()

            let store = try SQLiteStore.open(path: path, mode: .visit, clock: ManualWallClock())
            let account = try #require(try await store.account(AccountID(1)))
            let id = try await store.add(
                ScheduleDefinition(
                    name: "s", targets: [.account(account.id)], recurrence: .every(.hour1), zoneName: "Etc/UTC"),
                nextRunAt: nil, by: "a test")

            #expect(account.externalID == "7")
            #expect(try await store.schedules().map(\.id) == [id])
            #expect(try await store.job(JobID(1))?.state == .inProgress)
            try await store.close()
        }
    }

    private let schema = StreamSchema(
        platform: PlatformID("acme"), id: StreamID("numbers"), stage: "figures", grain: .daily,
        columns: [
            Column(context: "account_id", .text), Column("date", .date, "date"), Column("thing_id", .text, "thing_id"),
            Column("clicks", .integer, "clicks"),
        ], key: ["account_id", "date", "thing_id"], summary: "Numbers of a thing per day.")

    private func numbers(_ rows: [(thing: String, clicks: Int64)]) -> RowTable {
        var cells: [Cell] = []
        var text: [UInt8] = []
        for row in rows {
            for word in ["7", "2026-01-01", row.thing] {
                cells.append(Cell(bits: UInt64(text.count), length: UInt32(word.utf8.count), kind: .text))
                text += word.utf8
            }
            cells += [.integer(row.clicks), .null]
        }
        return RowTable(schema: schema, filled: [0, 1, 2, 3], cells: cells, text: text)
    }
}
