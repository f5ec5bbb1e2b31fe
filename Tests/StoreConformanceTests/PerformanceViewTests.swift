import Foundation
import GRDB
import StoreSQL
import StoreSQLite
import SyncCore
import SyncTestKit
import Testing

@testable import StorePostgres

@Suite("ad_performance_daily")
struct PerformanceViewTests {
    fileprivate func campaigns(
        _ platform: String, orders: String = "orders", key: [String] = ["account_id", "date", "campaign"]
    ) -> StreamSchema {
        StreamSchema(
            platform: PlatformID(platform), id: StreamID("campaign_daily"), stage: "days", grain: .daily,
            columns: [
                Column(context: "account_id", .text), Column("date", .date, "date"), Column("campaign", .text, "c"),
                Column("shown", .integer, "s"), Column("clicks", .integer, "k"), Column("spend_micros", .money, "m"),
                Column("orders", .integer, "o"), Column("late_orders", .integer, "l"),
                Column("sales_micros", .money, "v"),
            ], key: key, summary: "",
            performance: .init(
                campaign: "campaign", impressions: "shown", clicks: "clicks", cost: "spend_micros", orders: orders,
                revenue: "sales_micros"))
    }

    private func fill(_ path: String, _ platform: String) throws {
        let database = try DatabaseQueue(path: path)
        try database.write { db in
            try db.execute(
                sql: """
                    INSERT INTO \(platform)_campaign_daily VALUES
                    ('7', '2026-11-20', 'c1', 100, 9, 5000000, 2, 3, 12500000, NULL, 'now')
                    """)
        }
        try database.close()
    }

    private func rows(_ path: String) throws -> [String] {
        let database = try DatabaseQueue(path: path)
        defer { try? database.close() }
        return try database.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT platform, account, campaign, day, impressions, clicks, cost, orders, revenue, currency
                    FROM ad_performance_daily ORDER BY platform
                    """
            ).map { row in row.databaseValues.map(\.description).joined(separator: " ") }
        }
    }

    @Test("Platforms that were prepared by different processes stand together, a changed mapping is followed")
    func union() async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "a.sqlite").path
            let clock = ManualWallClock()
            let first = try SQLiteStore.open(path: path, mode: .work, clock: clock)
            let connection = try await first.save(
                .first, platform: PlatformID("acme"), name: "a", baseURL: "http://a", sealed: [1], configuration: [:])
            _ = try await first.save(
                Account(
                    id: AccountID(0), connection: connection, platform: PlatformID("acme"), externalID: "7",
                    name: "Seven", currency: "VND", zoneName: "Asia/Ho_Chi_Minh"))
            try await first.prepare([campaigns("acme")])
            try await first.close()
            try fill(path, "acme")
            #expect(try rows(path) == ["\"acme\" \"7\" \"c1\" \"2026-11-20\" 100 9 5000000 2 12500000 \"VND\""])

            let own = try DatabaseQueue(path: path)
            try await own.write {
                try $0.execute(sql: "CREATE VIEW weekly_performance_daily AS SELECT * FROM ad_performance_daily")
            }
            try own.close()

            let second = try SQLiteStore.open(path: path, mode: .work, clock: clock)
            try await second.prepare([campaigns("beta", orders: "late_orders")])
            try await second.prepare([campaigns("acme", orders: "late_orders")])
            try await second.close()
            try fill(path, "beta")

            #expect(
                try rows(path) == [
                    "\"acme\" \"7\" \"c1\" \"2026-11-20\" 100 9 5000000 3 12500000 \"VND\"",
                    "\"beta\" \"7\" \"c1\" \"2026-11-20\" 100 9 5000000 3 12500000 NULL",
                ])
        }
    }

    @Test(
        "What people made under its name stays, and the store says what to do",
        arguments: ["VIEW ad_performance_daily", "TABLE ad_performance_daily", "VIEW Ad_Performance_Daily"])
    func ofOthers(what: String) async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "a.sqlite").path
            let store = try SQLiteStore.open(path: path, mode: .work, clock: ManualWallClock())
            let own = try DatabaseQueue(path: path)
            try await own.write { try $0.execute(sql: "CREATE \(what) AS SELECT 1 AS mine") }

            await #expect(throws: PerformanceViewTests.refusal) { try await store.prepare([campaigns("acme")]) }

            #expect(try await own.read { try Int.fetchOne($0, sql: "SELECT mine FROM ad_performance_daily") } == 1)
            try own.close()
            try await store.close()
        }
    }

    fileprivate static let refusal = StoreError.refused(
        "The database has a table or view ad_performance_daily that is not Sluice's; rename it, or give Sluice a "
            + "database or a schema of its own.")

    @Suite("on a server", .enabled(if: PostgresDatabase.server != nil))
    struct OnAServer {
        private let schemas = ["acme", "beta"].map { PerformanceViewTests().campaigns($0) }

        @Test("Views that people built on it stay when another platform joins")
        func built() async throws {
            try await PostgresDatabase.withDatabase { address in
                let store = try await ServerScene.open(address)
                try await store.prepare([schemas[0]])
                let connection = try PostgresConnection(address)
                // Of a name like those of ours, too, and the same columns.
                try connection.script("CREATE VIEW weekly_performance_daily AS SELECT * FROM ad_performance_daily")

                try await store.prepare([schemas[1]])
                try connection.script(
                    """
                    INSERT INTO beta_campaign_daily (account_id, date, campaign, spend_micros, synced_at)
                    VALUES ('7', '2026-11-20', 'c1', 5, now())
                    """)

                let costs = "SELECT platform || ' ' || cost FROM weekly_performance_daily"
                #expect(try ServerScene.texts(costs, in: address) == ["beta 5"])
                await store.close()
            }
        }

        @Test("Platforms join in any order, also those whose campaign is no part of a row's key", arguments: [0, 1])
        func order(first: Int) async throws {
            try await PostgresDatabase.withDatabase { address in
                let keyless = PerformanceViewTests().campaigns("gamma", key: ["account_id", "date", "clicks"])
                let both = [schemas[0], keyless]
                let store = try await ServerScene.open(address)

                try await store.prepare([both[first]])
                try await store.prepare([both[1 - first]])

                let parts = "SELECT count(*)::text FROM ad_performance_daily WHERE campaign > ''"
                #expect(try ServerScene.texts(parts, in: address) == ["0"])
                await store.close()
            }
        }

        @Test("What people made under its name stays, and the store says what to do", arguments: ["VIEW", "TABLE"])
        func ofOthers(kind: String) async throws {
            try await PostgresDatabase.withDatabase { address in
                let store = try await ServerScene.open(address)
                let own = "CREATE \(kind) ad_performance_daily AS SELECT 1 AS mine"
                try PostgresConnection(address).script(own)

                await #expect(throws: PerformanceViewTests.refusal) { try await store.prepare([schemas[0]]) }

                #expect(try ServerScene.texts("SELECT mine::text FROM ad_performance_daily", in: address) == ["1"])
                await store.close()
            }
        }
    }
}
