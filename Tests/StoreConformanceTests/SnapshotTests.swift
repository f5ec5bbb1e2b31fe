import Dispatch
import Exports
import Foundation
import GRDB
import StoreTransfer
import SyncCore
import SyncTestKit
import Testing

@testable import StorePostgres
@testable import StoreSQLite

/// Rows that are taken a batch at a time, and exports of them.
@Suite("Reading slowly")
struct SnapshotTests {
    static let catalog = ExportCatalog(TransferScene.schemas)

    static func export(
        _ request: ExportRequest, _ source: @escaping @Sendable () throws -> any RowSnapshot
    ) async throws -> String {
        var bytes: [UInt8] = []
        for try await piece in try await ExportStream.open(request, of: catalog, from: source) { bytes += piece }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func ids(_ path: String, _ filters: [ExportRequest.Filter]) async throws -> [String] {
        let request = ExportRequest("acme_nasty", as: .jsonLines, columns: ["id"], filters: filters)
        let text = try await export(request) { try SQLiteSnapshot(path, knowing: TransferScene.schemas) }
        return text.split(separator: "\n").map { String($0.dropFirst("{\"id\":\"".count).dropLast(2)) }
    }

    @Test("sees one moment, holds no writer up and is not disturbed")
    func oneMoment() async throws {
        try await withFolder { folder in
            let scene = try TransferScene.make(in: folder, rows: 20_000)
            let path = scene.path
            let request = ExportRequest("acme_nasty", as: .jsonLines, columns: ["id", "count"])
            let stream = try await ExportStream.open(request, of: Self.catalog) {
                try SQLiteSnapshot(path, knowing: TransferScene.schemas)
            }
            var iterator = stream.makeAsyncIterator()
            var text = try #require(try await iterator.next())

            let writer = try DatabaseQueue(path: path)
            try await writer.write { try $0.execute(sql: "UPDATE acme_nasty SET count = 1; DELETE FROM acme_nasty") }
            try writer.close()
            while let piece = try await iterator.next() { text += piece }

            let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
            #expect(lines.count == 20_000)
            #expect(!lines.contains { $0.hasSuffix("\"count\":1}") })
            #expect(try scene.texts("SELECT count(*) FROM acme_nasty") == ["0"])
        }
    }

    @Test("finds texts in any case, those of Vietnamese too, and values that are equal")
    func filters() async throws {
        try await withFolder { folder in
            let scene = try TransferScene.make(in: folder, rows: 40)
            let database = try DatabaseQueue(path: scene.path)
            try await database.write { db in
                try db.execute(
                    sql: "UPDATE acme_nasty SET extra = ? WHERE id = 'id 9'", arguments: ["{\"n\":\"ĐẦM 100%_'\"}"])
            }
            try database.close()

            #expect(try await Self.ids(scene.path, [.init("extra", .contains, "đầm 100%_'")]) == ["id 9"])
            #expect(try await Self.ids(scene.path, [.init("id", .equals, "id 7' OR 1=1")]) == [])
            #expect(try await Self.ids(scene.path, [.init("date", .equals, "9999-12-31")]).count == 20)
            let both = [
                ExportRequest.Filter("is_on", .equals, "false"),
                ExportRequest.Filter("cost_micros", .equals, "-3"),
            ]
            #expect(try await Self.ids(scene.path, both) == ["id 3"])
        }
    }

    @Test("of what is no database of ours, or of one that is not there, is refused")
    func noDatabase() async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "none.sqlite").path

            #expect(throws: StoreError.notADatabase(path)) { try SQLiteSnapshot(path, knowing: []) }
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    /// Runs `body` where it may block.
    static func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "test").async { continuation.resume(with: Result { try body() }) }
        }
    }

    /// Opens what would read for ever, and is stopped; how long the end took.
    static func stopped(
        _ view: String, _ source: @escaping @Sendable () throws -> any RowSnapshot
    ) async throws -> Duration {
        let layout = TableLayout(view, columns: [.init("account_id", .text)], key: [], isControl: false)
        return try await blocking {
            let snapshot = try source()
            let stop = snapshot.stop
            let begun = ContinuousClock.now
            DispatchQueue(label: "stop").asyncAfter(deadline: .now() + 0.2) { stop() }
            #expect(throws: CancellationError.self) {
                try snapshot.open(RowQuery(layout))
                var batch = RowBatch()
                _ = try snapshot.read(into: &batch, size: 1000)
            }
            #expect(throws: CancellationError.self) { try snapshot.open(RowQuery(layout)) }
            return .now - begun
        }
    }

    @Test("a page of rows that is long in coming is given up, and the database is told to stop")
    func tooSlow() async throws {
        try await withFolder { folder in
            let path = try TransferScene.make(in: folder, rows: 1).path
            let database = try DatabaseQueue(path: path)
            try await database.write {
                try $0.execute(
                    sql: """
                        CREATE TABLE acme_endless (account_id TEXT NOT NULL, extra TEXT, synced_at TEXT,
                            PRIMARY KEY (account_id)) STRICT;
                        WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3000000)
                        INSERT INTO acme_endless SELECT CAST(n AS TEXT), hex(n), NULL FROM c
                        """)
            }
            try database.close()
            var request = ExportRequest(
                "acme_endless", as: .jsonLines, sort: .by([.init("extra", isDescending: true)]))
            request.limit = 5
            let wanted = request

            await #expect(throws: ExportError.tooSlow) {
                _ = try await RowPage.read(
                    wanted, of: Self.catalog, within: .milliseconds(20), clock: ContinuousClock()
                ) { try SQLiteSnapshot(path, knowing: TransferScene.schemas) }
            }
            let page = try await RowPage.read(
                ExportRequest("acme_nasty", as: .jsonLines, columns: ["id"]), of: Self.catalog, within: .seconds(60),
                clock: ContinuousClock()
            ) { try SQLiteSnapshot(path, knowing: TransferScene.schemas) }
            #expect(page.rows.count == 1 && page.columns.map(\.name) == ["id"])
        }
    }

    @Test("ends at once when it is stopped, whatever SQLite is doing")
    func stop() async throws {
        try await withFolder { folder in
            let path = try TransferScene.make(in: folder, rows: 1).path
            let database = try DatabaseQueue(path: path)
            try await database.write {
                try $0.execute(
                    sql: """
                        CREATE VIEW endless AS WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)
                        SELECT CAST(max(n) AS TEXT) AS account_id FROM c
                        """)
            }
            try database.close()

            let time = try await Self.stopped("endless") { try SQLiteSnapshot(path, knowing: []) }

            #expect(time < .seconds(5))
        }
    }

    @Suite("from a server", .enabled(if: PostgresDatabase.server != nil))
    struct FromAServer {
        private static func account(_ id: String) -> ExportRequest.Account { .init(PlatformID("acme"), id) }

        static let requests: [ExportRequest] = [
            ExportRequest("acme_nasty", as: .jsonLines, columns: columns),
            ExportRequest("acme_nasty", as: .csv(mark: true), columns: columns),
            ExportRequest(
                "acme_nasty", as: .jsonLines, columns: columns, accounts: ["7", "o'k\\"].map(account),
                from: CivilDate("2000-01-01"),
                to: CivilDate("9999-12-31"), sort: .by([.init("ratio", isDescending: true), .init("seen_at")])),
            ExportRequest(
                "acme_nasty", as: .jsonLines, columns: ["id", "list"],
                filters: [.init("list", .contains, "1E2"), .init("is_on", .equals, "true")],
                sort: .by([.init("extra"), .init("is_on")])),
            ExportRequest("acme_nasty", as: .jsonLines, columns: ["id"], to: CivilDate("9999-12-31")),
            ExportRequest("acme_nasty", as: .jsonLines, columns: ["id"], accounts: []),
            ExportRequest("other_days", as: .csv(mark: false)),
            ExportRequest("sync_logs", as: .jsonLines),
            addedUp(["account_id"], [.init("n", .atMost, "1")]), addedUp(["date"], []), addedUp([], []),
            page(of: 5, behind: 3), moments,
            ExportRequest("sync_logs", as: .jsonLines, from: CivilDate("2026-11-21"), to: CivilDate("2026-11-21")),
            ExportRequest("sync_logs", as: .csv(mark: false), from: CivilDate("2026-11-22")),
            ExportRequest(
                "sync_logs", as: .jsonLines, platform: PlatformID("acme"), accounts: ["8", "o'k"].map(account),
                filters: [.init("status", .equals, "in_progress")]),
        ]
        private static func addedUp(_ groups: [String], _ filters: [ExportRequest.Filter]) -> ExportRequest {
            var request = ExportRequest(
                "other_days", as: .jsonLines, columns: groups + ["n", "synced_at"], filters: filters,
                sort: .by([.init("n", isDescending: true)] + groups.map { .init($0) }))
            request.groups = groups
            return request
        }

        private static func page(of limit: Int, behind offset: Int) -> ExportRequest {
            var request = ExportRequest("acme_nasty", as: .jsonLines, columns: ["account_id", "id"])
            request.limit = limit
            request.offset = offset
            return request
        }

        private static var moments: ExportRequest {
            var request = ExportRequest(
                "sync_logs", as: .jsonLines, filters: [.init("status", .oneOf, "in_progress,pending,completed")])
            request.since = CivilDate("2026-01-01")?.start(in: .gmt)
            request.before = CivilDate("2030-01-01")?.start(in: .gmt)
            return request
        }

        /// Without the one in which the engines differ: a text with U+0000.
        private static let columns = [
            "account_id", "id", "count", "cost_micros", "ratio", "is_on", "date", "seen_at", "list", "raw", "extra",
            "synced_at",
        ]

        @Test("both engines export the same bytes", arguments: requests)
        func same(_ request: ExportRequest) async throws {
            try await ServerScene.withScene { scene, address, _ in
                try ServerScene.promote(scene, to: address)
                let path = scene.path

                let fromFile = try await SnapshotTests.export(request) {
                    try SQLiteSnapshot(path, knowing: TransferScene.schemas)
                }
                let fromServer = try await SnapshotTests.export(request) { try PostgresSnapshot(address) }

                #expect(fromFile == fromServer)
                #expect(fromFile.isEmpty == (request.accounts == []))
            }
        }

        @Test(
            "finds texts in any case, those of Vietnamese too, whatever it sorts by, and quotes what is asked for"
        )
        func filters() async throws {
            try await ServerScene.withScene(rows: 10) { scene, address, _ in
                try ServerScene.promote(scene, to: address)
                try PostgresConnection(address).script(
                    "UPDATE acme_nasty SET extra = '{\"n\":\"Đầm Shirt ''%\"}' WHERE id = 'id 9'")

                let request = ExportRequest(
                    "acme_nasty", as: .jsonLines, columns: ["id"], filters: [.init("extra", .contains, "ĐẦM SHIRT '%")])
                let text = try await SnapshotTests.export(request) { try PostgresSnapshot(address) }

                #expect(text == "{\"id\":\"id 9\"}\n")
            }
        }

        @Test("ends at once when it is stopped, and the server does not go on")
        func stop() async throws {
            try await ServerScene.withScene(rows: 1) { scene, address, _ in
                try ServerScene.promote(scene, to: address)
                try PostgresConnection(address).script(
                    "CREATE VIEW endless AS SELECT pg_sleep(60)::text AS account_id")

                let time = try await SnapshotTests.stopped("endless") { try PostgresSnapshot(address) }

                #expect(time < .seconds(5))
                let left = """
                    SELECT count(*)::text FROM pg_stat_activity
                    WHERE query LIKE 'COPY (SELECT%endless%' AND state = 'active'
                    """
                #expect(try ServerScene.texts(left, in: address) == ["0"])
            }
        }

        @Test("is given up in the middle, and the server does not go on")
        func dropped() async throws {
            try await ServerScene.withScene(rows: 5000) { scene, address, _ in
                try ServerScene.promote(scene, to: address)
                do {
                    let stream = try await ExportStream.open(
                        ExportRequest("acme_nasty", as: .jsonLines), of: SnapshotTests.catalog
                    ) { try PostgresSnapshot(address) }
                    var iterator = stream.makeAsyncIterator()
                    _ = try await iterator.next()
                }

                let left = """
                    SELECT count(*)::text FROM pg_stat_activity
                    WHERE query LIKE 'COPY (SELECT%' AND datname = current_database()
                    """
                var last: [String] = []
                for _ in 0..<500 {
                    last = try ServerScene.texts(left, in: address)
                    if last == ["0"] { break }
                }
                #expect(last == ["0"])
            }
        }
    }
}
