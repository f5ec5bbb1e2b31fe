import Foundation
import GRDB
import StoreSQLite
import SyncCore
import Testing

@testable import SyncTestKit

/// People may look into the database, and change it: what they delete comes back with the next read.
@Suite("Rows deleted by hand")
struct DeletedByHandTests {
    private static let rows: [(day: String, thing: String, clicks: Int64)] = [
        ("2026-01-01", "a", 1), ("2026-01-01", "b", 2), ("2026-01-02", "a", 3),
    ]

    /// What a person does with a tool of their own.
    private func byHand<Value>(_ path: String, _ body: (Database) throws -> Value) throws -> Value {
        let database = try DatabaseQueue(path: path)
        defer { try? database.close() }
        return try database.write(body)
    }

    @Test(
        "come back with the next read, although a digest of their day says that they are stored",
        arguments: [("thing_id = 'b'", 1), ("date = '2026-01-01'", 2), ("date = '2026-01-02'", 1), ("1", 3)],
        [false, true])
    func comeBack(deleted: (condition: String, count: Int), whileOpen: Bool) async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "a.sqlite").path
            let clock = ManualWallClock()
            @Sendable func open() throws -> SQLiteStore {
                try SQLiteStore.open(path: path, mode: .work, clock: clock)
            }
            let store = try open()
            let scene = StoreScene(store: store, clock: clock) { try open() }
            let account = try await scene.account()
            _ = try await scene.read(account, Self.rows)
            if !whileOpen { try await store.close() }

            try byHand(path) { db in
                #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM sync_digests") == 2)
                try db.execute(sql: "DELETE FROM acme_numbers WHERE \(deleted.condition)")
                #expect(db.changesCount == deleted.count)
            }
            let next = whileOpen ? scene : try await scene.reopened()
            let written = try await next.read(account, Self.rows)

            #expect(written.changed == deleted.count)
            let clicks = try await next.store.tally(
                StoreScene.numbers, account: account.externalID, column: "clicks")
            #expect(clicks == ["1": 1, "2": 1, "3": 1])
            try await (next.store as? SQLiteStore)?.close()
        }
    }
}
