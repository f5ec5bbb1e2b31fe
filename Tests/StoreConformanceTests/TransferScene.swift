import Foundation
import GRDB
import StoreTransfer
import SyncCore
import SyncTestKit

@testable import StoreSQLite

/// A file with rows in every table, and values at the ends of what their types hold.
struct TransferScene {
    let path: String

    static let nasty = StreamSchema(
        platform: PlatformID("acme"), id: StreamID("nasty"), stage: "things", grain: .entity,
        columns: [
            Column(context: "account_id", .text), Column("id", .text, "id"), Column("count", .integer, "c"),
            Column("cost_micros", .money, "m"), Column("ratio", .real, "r"), Column("is_on", .boolean, "b"),
            Column("date", .date, "d"), Column("seen_at", .instant, "s"), Column("list", .json, "l"),
        ], key: ["account_id", "id"], summary: "")

    /// What SQLite cannot tell of the file's tables.
    static let schemas = [nasty]

    static func make(in folder: URL, named name: String = "scene.sqlite", rows: Int = 300) throws -> TransferScene {
        let path = folder.appending(path: name).path
        let store = try SQLiteStore.open(path: path, mode: .work, clock: ManualWallClock())
        _ = store
        let database = try DatabaseQueue(path: path)
        try database.write { db in
            try control(db)
            try people(db)
            try certificates(db)
            try notices(db)
            try DataTables.create(nasty, in: db)
            try db.execute(
                sql: """
                    ALTER TABLE acme_nasty ADD COLUMN later TEXT;
                    ALTER TABLE acme_nasty ADD COLUMN raw BLOB;
                    """)
            // No schema of this program knows it.
            try db.execute(
                sql: """
                    CREATE TABLE other_days (account_id TEXT NOT NULL, date TEXT NOT NULL, n INTEGER, x REAL,
                            extra TEXT, synced_at TEXT NOT NULL, PRIMARY KEY (account_id, date)) STRICT;
                    INSERT INTO other_days VALUES ('7', '0001-01-01', -9223372036854775808, 1e308, '{}',
                        '9999-12-31T23:59:59.999Z');
                    CREATE TABLE mine (id INTEGER PRIMARY KEY, note TEXT);
                    """)
            try data(db, rows)
        }
        try database.close()
        return TransferScene(path: path)
    }

    private static func people(_ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO users VALUES (7, 'linh@an.vn', 'Linh Trần', 'scrypt$1', '{"language":"vi"}',
                    '2026-01-01T00:00:00.000Z');
                INSERT INTO members VALUES (1, 7, 'owner', '2026-01-01T00:00:00.000Z');
                INSERT INTO sessions VALUES ('h1', 7, 1, 1, 2, 9223372036854775807, 'Firefox', '::1');
                INSERT INTO links VALUES (1, 'invitation', 'b@an.vn', 'h2', NULL, 'viewer', 1, 2);
                INSERT INTO api_tokens VALUES (4, 1, 7, 'Looker', 'slc_ab', 'h3', '["read"]', 1, NULL, 2);
                INSERT INTO sync_requests VALUES
                    (3, 'r1', 1, 'quick', 'Linh', 'today', '2026-01-01T00:00:00.000Z', 1200,
                    '2026-01-02T00:00:00.000Z');
                INSERT INTO sync_request_jobs VALUES ('r1', 2);
                """)
    }

    private static func control(_ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE workspaces SET virtual_time = 1.5;
                INSERT INTO settings VALUES ('zone', 'UTC', '2026-01-01T00:00:00.123Z');
                INSERT INTO connections VALUES
                    (3, 1, 'acme', 'a', 'http://a', x'00ff01', 2, '{"size":"5"}', NULL, NULL, NULL, NULL, NULL,
                        '2026-01-01T00:00:00Z', '2026-01-01T00:00:00.123456Z', 1),
                    (9007199254740993, 1, 'acme', 'b', '', x'', 1, '{}', '2026-01-02T00:00:00.000Z', 'c', 'm', 'a', 't',
                        '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', 0);
                INSERT INTO accounts (id, connection_id, platform, external_id, name, currency, time_zone, created_on,
                    phase_1_completed_at, created_at, updated_at)
                VALUES (5, 3, 'acme', '7', 'Cửa hàng 🦑', 'VND', 'Asia/Ho_Chi_Minh', '2020-02-29',
                        '2026-01-01T00:00:00.001Z',
                        '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'),
                    (6, 9007199254740993, 'acme', '8', '', 'USD', 'UTC', NULL, NULL, '2026-01-01T00:00:00.000Z',
                        '2026-01-01T00:00:00.000Z');
                INSERT INTO stream_states (account_id, stream, size, density, dropped, begun, learned_at)
                VALUES (5, 'nasty', 1e-300, 2.5, '{"a": "b"}', '[]', '2026-01-01T00:00:00.000Z');
                INSERT INTO quotas VALUES ('k', 1.5, 1, 2, 9223372036854775807, NULL, 1, 2, 3, 0.1,
                    '2026-01-01T00:00:00.000Z', 0.5, 9223372036854775807, 1);
                INSERT INTO coverage (account_id, stream, date, state, rows, read_at, reader)
                VALUES (5, 'nasty', '2026-01-01', 'fresh', 1, '2026-01-01T00:00:00.000Z', 11),
                    (5, 'nasty', '2026-01-02', 'missing', 0, NULL, NULL);
                INSERT INTO sync_digests VALUES (5, 'nasty', '2026-01-01', x'0102');
                INSERT INTO events VALUES
                    (1, 1, '2026-01-01T00:00:00.000Z', 2, 5, 'k', 'a' || char(0) || 'b', 0, 'host-1');
                INSERT INTO audit_log VALUES (4, 1, '2026-01-01T00:00:00.000Z', 'a', 'b', 'c', '', '', '');
                INSERT INTO sync_jobs (id, account_id, kind, work_class, status, phase, streams, steps, anchor_date,
                    unique_key, total_steps, planned_steps, step_chunks, open_chunks, total_chunks, max_retries,
                    created_at)
                VALUES (2, 5, 'initial', 'recent', 'in_progress', 'recent', '["nasty"]',
                    '[{"name":"step 0","phase":"recent"}]', '2026-11-21', 'nasty', 1, 1, 3, 3, 3, 6,
                    '2026-11-21T00:00:00.000Z'),
                    (3, 6, 'initial', 'recent', 'in_progress', 'recent', '["nasty"]',
                    '[{"name":"step 0","phase":"recent"}]', '2026-11-21', 'nasty', 1, 1, 1, 1, 1, 6,
                    '2026-11-21T00:00:00.000Z');
                INSERT INTO sync_chunks (id, job_id, account_id, stream, stage, phase, work_class, status, wait_reason,
                    run_after, order_key, fence, worker, lease_until, max_retries, cursor, created_at)
                VALUES (11, 2, 5, 'nasty', 'things', 'recent', 'recent', 'in_progress', NULL, NULL, 1, 7, 'w', 99, 6,
                        'c', '2026-11-21T00:00:00.000Z'),
                    (12, 2, 5, 'nasty', 'things', 'recent', 'recent', 'pending', NULL, 4102444800000000, 1, 0, NULL,
                        NULL, 6, NULL, '2026-11-21T00:00:00.000Z'),
                    (13, 2, 5, 'nasty', 'things', 'recent', 'recent', 'completed', NULL, NULL, 1, 3, NULL, NULL, 6,
                        NULL, '2026-11-21T00:00:00.000Z'),
                    (14, 3, 6, 'nasty', 'things', 'recent', 'recent', 'in_progress', NULL, NULL, 1, 7, 'w', 99, 6, NULL,
                        '2026-11-21T00:00:00.000Z');
                INSERT INTO sync_seen VALUES (11, 0, x'0a0b', NULL, 0);
                INSERT INTO schedules VALUES
                    (1, 1, 'Bù số', 'sync', '["account:5","platform:acme"]', '["nasty"]', 'cron 0 6 L * *',
                        'Asia/Ho_Chi_Minh', 'custom', '2026-01-01', '2026-01-31', 'all', 4, 1, 1795219200000000, '[3]',
                        2, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'),
                    (2, 1, 'idle', 'prune', '[]', '[]', 'every 24h', 'Etc/UTC', 'due', NULL, NULL, 'once', NULL, 0,
                        NULL, '[]', 1, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z');
                INSERT INTO schedule_runs VALUES
                    (4, 1, 1795219200000000, 0, 'in_progress', '2026-11-21T00:00:00.000Z', NULL),
                    (5, 1, 1795219200000001, 1, 'failed', '2026-11-21T00:00:00.001Z', '2026-11-21T00:00:01.000Z');
                INSERT INTO schedule_run_jobs VALUES (4, 5, 2);
                UPDATE accounts SET destination_id = 6, keeps_rows = 0, routed_at = '2026-01-01T00:00:00.000Z'
                WHERE id = 5;
                INSERT INTO outbox VALUES
                    (8, 6, 5, 'message', 'chat 1', 'm_1', '2026', -9223372036854775808, '{"a":"ă"}', 1, 2,
                        4, 1, 1795219200000000, NULL, NULL, NULL, '2026-01-01T00:00:00.000Z'),
                    (9, 6, 5, 'message', 'chat 1', '', '2026', 3, '{}', 0, 3, 0, 0, NULL,
                        '2026-01-01T00:00:00.000Z', '400', 'no', '2026-01-01T00:00:00.000Z');
                INSERT INTO outbox_sent VALUES
                    (6, 'conversation', '1101', 'chat 1', '2026', 9223372036854775807, '2026-01-01T00:00:00.000Z');
                """)
    }

    private static func certificates(_ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO certificates (account_id, stream, currency, date, state, rows, stored_cost_micros,
                    source_cost_micros, rest_clicks, job_id, checked_at)
                VALUES (5, 'nasty', '', '2026-01-01', 'gap', 3, -9223372036854775808, 9223372036854775807, NULL, 2,
                        '2026-01-02T03:04:05.678Z'),
                    (5, 'nasty', 'EUR', '2026-01-01', 'equal', 1, 1, 1, NULL, NULL, '2026-01-02T03:04:05.678Z');
                INSERT INTO sync_minutes VALUES (29500000, 2, 1, 2, 3, 9223372036854775807);
                """)
    }

    private static func notices(_ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO credential_ends VALUES (3, 9223372036854775807, 1);
                INSERT INTO notice_targets VALUES (2, 1, 'webhook', 'Kho dữ liệu', 'a/…', '["failed"]', 'vi', 0,
                    'HTTP 410', x'00ff', 3, '2026-01-01T00:00:00.000Z');
                INSERT INTO notices VALUES (5, 1, 'failed/3/x/', 'failed', 3, '{"name":"a"}', 1, NULL);
                INSERT INTO notice_reads VALUES (1, 7, 5);
                INSERT INTO notice_deliveries VALUES (6, 1, 2, 5, 'msg_1', 'pending', 2, 9223372036854775807, 3,
                    'HTTP 500', NULL, 7, '2026-01-01T00:00:00.000Z');
                """)
    }

    private static func data(_ db: Database, _ rows: Int) throws {
        let big = "[" + String(repeating: "\"ă\\u0000\",", count: 100_000) + "1]"
        for row in 0..<rows {
            try db.execute(
                sql: "INSERT INTO acme_nasty VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    "7", row == 0 ? "" : "id \(row)", row % 2 == 0 ? Int64.max : Int64.min, row % 7 == 0 ? nil : -row,
                    row % 3 == 0 ? Double.infinity : Double(row) / 7, row % 5 == 0 ? nil : row % 2 == 0,
                    row % 2 == 0 ? "0001-01-01" : "9999-12-31", row % 2 == 0 ? "1900-01-01T00:00:00.000001Z" : nil,
                    row == 1 ? big : "[1.0, 1e2]", row % 4 == 0 ? nil : "{\"a\": \"🦑\"}", "2026-01-01T00:00:00.000Z",
                    nil, row == 3 ? Data([0, 1]) : nil,
                ])
        }
        // GRDB would cut the text there.
        try db.execute(sql: "UPDATE acme_nasty SET later = 'nul' || char(0) || 'nul' WHERE id = 'id 2'")
    }

    func texts(_ sql: String) throws -> [String] {
        let database = try DatabaseQueue(path: path)
        defer { try? database.close() }
        return try database.read { try String.fetchAll($0, sql: sql) }
    }

    var layouts: [TableLayout] {
        get throws { try SQLiteTransfer.reading(path, knowing: TransferScene.schemas) { try $0.layouts } }
    }

    /// What the file holds, as it travels; with the columns in the order of `layouts`.
    func digests(_ layouts: [TableLayout]? = nil) throws -> [String: TableDigest] {
        try SQLiteTransfer.reading(path, knowing: TransferScene.schemas) { source in
            try source.digests(of: try layouts ?? source.layouts) { _, _ in }
        }
    }

    func backUp(to archive: String) throws -> [String: TableDigest] {
        try SQLiteTransfer.reading(path, knowing: TransferScene.schemas) { source in
            let writer = try ArchiveWriter(
                archive, mayReplace: true, at: Instant(seconds: 0), version: "1", engine: "sqlite")
            var adapter = ValueAdapter(for: .archive)
            let written = try source.copy(to: writer, adapter: &adapter) { _, _ in }
            _ = try writer.finish(written)
            try writer.publish()
            return written
        }
    }
}
