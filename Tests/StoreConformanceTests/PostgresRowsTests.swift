import Logging
import SyncCore
import Testing

@testable import StorePostgres
@testable import StoreSQL
@testable import SyncTestKit

/// What a write of rows does to a server beyond what the exercises see of any engine.
@Suite("Rows into PostgreSQL", .enabled(if: PostgresDatabase.server != nil))
struct PostgresRowsTests {
    private typealias Row = (day: String, thing: String, clicks: Int64)

    private static let account = Account(
        id: AccountID(1), connection: ConnectionID(1), platform: StoreScene.platform, externalID: "1", name: "",
        currency: "VND", zoneName: "UTC", createdOn: StoreScene.day("2025-01-01"))

    private func withTables(
        by partitioning: Partitioning?, _ body: (PostgresStore, PostgresAddress) async throws -> Void
    ) async throws {
        try await PostgresDatabase.withDatabase { address in
            let store = try await PostgresStore.open(
                address, connections: 2, clock: ManualWallClock(),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            if let partitioning { try await store.partition(by: partitioning) }
            try await store.prepare(StoreScene.schemas)
            let result = await Result { try await body(store, address) }
            await store.close()
            try result.get()
        }
    }

    private func write(_ store: PostgresStore, _ rows: [Row]) async throws -> UpsertResult {
        let table = StoreScene.numbers(rows, account: Self.account)
        return try await store.write(.nothing, weight: 1) { transaction in
            try transaction.sql.session.upsert(table, keys: nil, syncedAt: Instant(seconds: 0))
        }
    }

    private func counts(_ result: UpsertResult) -> [Int] {
        [result.received, result.inserted, result.changed, result.unchanged]
    }

    @Test(
        "Rows of one page that are new, changed, unchanged and doubled are each counted as what they are",
        arguments: [nil, Partitioning.month])
    func counting(partitioning: Partitioning?) async throws {
        try await withTables(by: partitioning) { store, address in
            let first = try await write(
                store, [("2026-01-01", "a", 1), ("2026-01-01", "b", 2), ("2026-02-01", "a", 3)])
            let second = try await write(
                store,
                [
                    ("2026-02-01", "a", 3), ("2026-01-01", "b", 9), ("2026-01-01", "b", 4), ("2026-03-01", "a", 5),
                    ("2026-03-01", "c", 8), ("2026-03-01", "c", 6),
                ])

            #expect(counts(first) == [3, 3, 0, 0])
            #expect(counts(second) == [6, 2, 1, 3])
            let rows = "SELECT date || ' ' || thing_id || ' ' || clicks FROM acme_numbers ORDER BY 1"
            #expect(
                try ServerScene.texts(rows, in: address) == [
                    "2026-01-01 a 1", "2026-01-01 b 4", "2026-02-01 a 3", "2026-03-01 a 5", "2026-03-01 c 6",
                ])
        }
    }

    @Test("Rows that come again as they are stored are neither written nor locked")
    func unchanged() async throws {
        try await withTables(by: nil) { store, address in
            let rows: [Row] = (10..<60).map { ("2026-01-\($0 % 20 + 10)", "t\($0)", Int64($0)) }
            _ = try await write(store, rows)
            let places = "SELECT ctid || ' ' || xmin || ' ' || xmax FROM acme_numbers ORDER BY thing_id"
            let before = try ServerScene.texts(places, in: address)

            let again = try await write(store, rows)

            #expect(counts(again) == [50, 0, 0, 50])
            #expect(try ServerScene.texts(places, in: address) == before)
            #expect(before.allSatisfy { $0.hasSuffix(" 0") })
        }
    }

    @Test("Behind a page of new rows nobody asks for the next; where that was wrong, only this page begins anew")
    func unasked() async throws {
        try await withTables(by: nil) { store, address in
            let pages: [[Row]] = [
                [("2026-01-01", "a", 1), ("2026-01-01", "b", 2)], [("2026-01-01", "c", 3), ("2026-01-01", "d", 4)],
                [("2026-01-01", "e", 5), ("2026-01-01", "a", 9)], [("2026-01-01", "f", 6), ("2026-01-01", "c", 3)],
            ]
            let tables = pages.map { StoreScene.numbers($0, account: Self.account) }

            let results = try await store.write(.nothing, weight: 1) { transaction in
                try tables.map { try transaction.sql.session.upsert($0, keys: nil, syncedAt: Instant(seconds: 0)) }
            }

            #expect(results.map(counts) == [[2, 2, 0, 0], [2, 2, 0, 0], [2, 1, 1, 0], [2, 1, 0, 1]])
            let rows = "SELECT thing_id || ' ' || clicks FROM acme_numbers ORDER BY 1"
            #expect(try ServerScene.texts(rows, in: address) == ["a 9", "b 2", "c 3", "d 4", "e 5", "f 6"])
            // What was written without asking is in a transaction within ours, that can be undone alone.
            let within = """
                SELECT thing_id FROM acme_numbers
                WHERE xmin::text <> (SELECT xmin::text FROM acme_numbers WHERE thing_id = 'b') ORDER BY 1
                """
            #expect(try ServerScene.texts(within, in: address) == ["c", "d"])
        }
    }

    /// we:       look, find nothing     COPY, wait for the key         again: look, find it, change it
    /// by hand:                    INSERT                      COMMIT
    @Test("A row that somebody writes by hand while it is on its way is met like any other that is there")
    func race() async throws {
        try await withTables(by: nil) { store, address in
            let hand = try PostgresConnection(address)
            try hand.begin()
            try hand.script("INSERT INTO acme_numbers VALUES ('1', '2026-01-01', 'a', 7, NULL, now())")

            async let written = write(store, [("2026-01-01", "a", 1), ("2026-01-01", "b", 2)])
            let watcher = try PostgresConnection(address)
            var waits = false
            while !waits {
                try watcher.execute(
                    "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid')"
                ) { waits = $0.bool(0) }
            }
            try hand.commit()

            #expect(counts(try await written) == [2, 1, 1, 0])
            let rows = "SELECT thing_id || ' ' || clicks FROM acme_numbers ORDER BY 1"
            #expect(try ServerScene.texts(rows, in: address) == ["a 1", "b 2"])
        }
    }
}
