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

@Suite("Promoting a file to PostgreSQL", .enabled(if: PostgresDatabase.server != nil))
struct PostgresPromotionTests {
    @Test("A promotion keeps every value, and gives each column the type that it has there")
    func promotion() async throws {
        try await ServerScene.withScene { scene, address, _ in
            let expected = try ServerScene.adapted(scene)

            let result = try ServerScene.promote(scene, to: address)

            #expect(result.digests == expected.digests)
            // The two with U+0000: one text of a stream, one event.
            #expect(expected.changed == 2)
            let types = """
                SELECT string_agg(attname || ' ' || format_type(atttypid, NULL), ', ' ORDER BY attnum) FROM pg_attribute
                WHERE attrelid = 'acme_nasty'::regclass AND attnum > 0
                """
            #expect(
                try ServerScene.texts(types, in: address) == [
                    "account_id text, id text, count bigint, cost_micros bigint, ratio double precision, is_on "
                        + "boolean, "
                        + "date date, seen_at timestamp with time zone, list json, later text, extra json, "
                        + "synced_at timestamp with time zone, raw bytea"
                ])
            let value = "SELECT later || ' ' || seen_at::text FROM acme_nasty WHERE id = 'id 2'"
            #expect(try ServerScene.texts(value, in: address) == ["nul\u{FFFD}nul 1900-01-01 00:00:00.000001+00"])
            #expect(
                try ServerScene.texts("SELECT length(list::text)::text FROM acme_nasty WHERE id = 'id 1'", in: address)
                    == [
                        "1000003"
                    ])
            #expect(try ServerScene.texts("SELECT n::text FROM other_days", in: address) == ["\(Int64.min)"])
            let left = "SELECT relname::text FROM pg_class WHERE relname IN ('promotion', 'promotion_tables', 'mine')"
            #expect(try ServerScene.texts(left, in: address).isEmpty)
        }
    }

    @Test("A value that the server refuses is named by its table, and nothing of its batch stays")
    func refusedValue() async throws {
        try await ServerScene.withScene(rows: 5) { scene, address, _ in
            let database = try DatabaseQueue(path: scene.path)
            try await database.write {
                try $0.execute(sql: "UPDATE acme_nasty SET list = '{no JSON' WHERE id = 'id 3'")
            }
            try database.close()

            let error = #expect(throws: TransferError.self) { try ServerScene.promote(scene, to: address) }

            guard case .refusedRows("acme_nasty", let why)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(why.contains("json"))
            #expect(try ServerScene.texts("SELECT count(*)::text FROM acme_nasty", in: address) == ["0"])
            let repaired = try DatabaseQueue(path: scene.path)
            try await repaired.write { try $0.execute(sql: "UPDATE acme_nasty SET list = NULL") }
            try repaired.close()
            #expect(try ServerScene.promote(scene, to: address).found == .restarted)
        }
    }

    @Test("Ids go on behind the highest that came over")
    func sequences() async throws {
        try await ServerScene.withScene(rows: 1) { scene, address, _ in
            try ServerScene.promote(scene, to: address)

            let next = try ServerScene.texts(
                """
                INSERT INTO connections (platform, name, base_url, sealed, version, configuration, created_at,
                    updated_at)
                VALUES ('acme', 'new', '', '', 1, '{}', now(), now()) RETURNING id::text
                """, in: address)

            #expect(next == ["9007199254740994"])
            #expect(try ServerScene.texts("SELECT nextval('sync_chunks_id_seq')::text", in: address) == ["15"])
        }
    }

    @Test("A worker on the server takes the chunks that somebody had in hand, with a higher fence")
    func goesOn() async throws {
        try await ServerScene.withScene(rows: 1) { scene, address, _ in
            try ServerScene.promote(scene, to: address)
            let store = try await ServerScene.open(address)

            let claimed = try await store.claim(ClaimRequest(worker: "server", limit: 10, perAccount: 10))

            #expect(claimed.map(\.id.value) == [11])
            #expect(claimed.first?.fence == 8)
            #expect(claimed.first?.cursor == "c")
            await store.close()
        }
    }

    @Test("A promotion that ends behind any table goes on there, and comes to the same end")
    func resumed() async throws {
        try await ServerScene.withScene(rows: 5) { scene, address, _ in
            let expected = try ServerScene.adapted(scene).digests
            #expect(try ServerScene.promote(scene, to: address, atMost: 1).found == .new)
            var last = try ServerScene.promote(scene, to: address, atMost: 1)
            var runs = 2
            while last.digests == nil {
                #expect(last.found == .resumed)
                last = try ServerScene.promote(scene, to: address, atMost: 1)
                runs += 1
            }

            #expect(last.digests == expected)
            #expect(runs > 15)
            #expect(try ServerScene.promote(scene, to: address).found == .finished)
        }
    }

    @Test("A file that has changed since is copied anew")
    func restarted() async throws {
        try await ServerScene.withScene(rows: 5) { scene, address, _ in
            try ServerScene.promote(scene, to: address, atMost: 12)
            let database = try DatabaseQueue(path: scene.path)
            try await database.write { try $0.execute(sql: "DELETE FROM settings; UPDATE acme_nasty SET count = 1") }
            try database.close()
            let expected = try ServerScene.adapted(scene).digests

            let result = try ServerScene.promote(scene, to: address)

            #expect(result.found == .restarted)
            #expect(result.digests == expected)
        }
    }

    @Test("Nobody works on half of a promotion, and another file is refused; what was found stays")
    func unfinished() async throws {
        try await ServerScene.withScene(rows: 1) { scene, address, folder in
            try ServerScene.promote(scene, to: address, atMost: 3)
            let sentence = TransferError.unfinishedPromotion(source: "scene").description
            let other = folder.appending(path: "other.sqlite").path
            try await SQLiteStore.open(path: other, mode: .work, clock: ManualWallClock()).close()

            await #expect(throws: StoreError.refused(sentence)) { _ = try await ServerScene.open(address) }
            #expect(throws: TransferError.otherPromotion(address.description, source: "scene")) {
                try ServerScene.promote(TransferScene(path: other), to: address)
            }
            #expect(throws: TransferError.unfinishedPromotion(source: "scene")) {
                try PostgresTransfer.reading(address) { _ in }
            }
            #expect(throws: TransferError.unfinishedPromotion(source: "scene")) {
                try PostgresTransfer.filling(address, views: []) { _ in }
            }
            #expect(try ServerScene.promote(scene, to: address).digests == ServerScene.adapted(scene).digests)
        }
    }

    @Test("A run that was taken for dead stops at its next batch")
    func overtaken() async throws {
        try await ServerScene.withScene(rows: 1) { scene, address, folder in
            // A copy has the same identity; its time is another, so the second run begins anew.
            let copy = TransferScene(path: folder.appending(path: "copy.sqlite").path)
            try FileManager.default.copyItem(atPath: scene.path, toPath: copy.path)
            let expected = try ServerScene.adapted(scene).digests
            try SQLiteTransfer.moving(scene.path, knowing: TransferScene.schemas) { moving in
                let file = PromotedFile(name: "scene", identity: moving.identity, state: moving.state)
                let slow = try PostgresPromotion(to: address, of: file, run: "slow")
                try slow.prepare(try moving.source.layouts)

                let quick = try ServerScene.promote(copy, to: address, run: "quick", atMost: 2)

                #expect(quick.found == .restarted)
                let layout = try #require(try moving.source.layouts.first)
                #expect(throws: TransferError.overtaken) { try slow.write(nil, of: layout, .init()) }
            }
            #expect(try ServerScene.promote(copy, to: address).digests == expected)
        }
    }

    @Test("A database with rows, with tables of others, or with processes of ours is refused, and nothing is changed")
    func refusals() async throws {
        try await ServerScene.withScene(rows: 1) { scene, address, _ in
            let place = address.description
            try PostgresConnection(address).script("CREATE TABLE accounts (name text)")
            #expect(throws: TransferError.foreignTable(place, table: "accounts")) {
                try ServerScene.promote(scene, to: address)
            }
            try PostgresConnection(address).script(
                "DROP TABLE accounts; CREATE VIEW ad_performance_daily AS SELECT 1 AS mine")
            #expect(throws: TransferError.foreignTable(place, table: "ad_performance_daily")) {
                try ServerScene.promote(scene, to: address)
            }
            try PostgresConnection(address).script("DROP VIEW ad_performance_daily")
            let tables = "SELECT count(*)::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            #expect(try ServerScene.texts(tables, in: address) == ["0"])

            let worker = try await ServerScene.open(address)
            _ = try await worker.accounts()
            #expect(throws: TransferError.othersAtWork(place, count: 1)) { try ServerScene.promote(scene, to: address) }
            #expect(
                try ServerScene.texts("SELECT count(*)::text FROM pg_class WHERE relname = 'promotion'", in: address)
                    == ["0"])
            await worker.close()

            try PostgresConnection(address).script("INSERT INTO settings VALUES ('a', 'b', now())")
            #expect(throws: TransferError.holdsData(place, table: "settings")) {
                try ServerScene.promote(scene, to: address)
            }
            #expect(try ServerScene.texts("SELECT name FROM settings", in: address) == ["a"])
        }
    }
}
