import Foundation
import GRDB
import StoreSQL
import StoreSQLite
import SyncCore
import SyncTestKit
import Testing

@Suite("ad_performance_daily")
struct PerformanceViewTests {
    private func campaigns(_ platform: String, orders: String = "orders") -> StreamSchema {
        StreamSchema(
            platform: PlatformID(platform), id: StreamID("campaign_daily"), stage: "days", grain: .daily,
            columns: [
                Column(context: "account_id", .text), Column("date", .date, "date"), Column("campaign", .text, "c"),
                Column("shown", .integer, "s"), Column("clicks", .integer, "k"), Column("spend_micros", .money, "m"),
                Column("orders", .integer, "o"), Column("late_orders", .integer, "l"),
                Column("sales_micros", .money, "v"),
            ], key: ["account_id", "date", "campaign"], summary: "",
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
                platform: PlatformID("acme"), name: "a", baseURL: "http://a", sealed: [1], configuration: [:])
            _ = try await first.save(
                Account(
                    id: AccountID(0), connection: connection, platform: PlatformID("acme"), externalID: "7",
                    name: "Seven", currency: "VND", zoneName: "Asia/Ho_Chi_Minh"))
            try await first.prepare([campaigns("acme")])
            try await first.close()
            try fill(path, "acme")
            #expect(try rows(path) == ["\"acme\" \"7\" \"c1\" \"2026-11-20\" 100 9 5000000 2 12500000 \"VND\""])

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
}
