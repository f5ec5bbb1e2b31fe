import Foundation
import Logging
import StoreTransfer
import SyncCore
import Testing

@testable import StorePostgres
@testable import StoreSQL
@testable import StoreSQLite
@testable import SyncTestKit

/// Beside the exercises, which all run on tables in partitions too: how partitions come and go.
@Suite("Tables of days in partitions", .enabled(if: PostgresDatabase.server != nil))
struct PartitionTests {
    private typealias Row = (day: String, thing: String, clicks: Int64)

    private func withScene(_ body: (StoreScene, PostgresStore, PostgresAddress) async throws -> Void) async throws {
        try await PostgresDatabase.withDatabase { address in
            let clock = ManualWallClock()
            let store = try await open(address, clock)
            let scene = StoreScene(store: store, clock: clock) { try await open(address, clock) }
            let result = await Result { try await body(scene, store, address) }
            await store.close()
            try result.get()
        }
    }

    private func open(_ address: PostgresAddress, _ clock: ManualWallClock) async throws -> PostgresStore {
        try await PostgresStore.open(
            address, connections: 4, clock: clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func partitions(_ address: PostgresAddress) throws -> [String] {
        try ServerScene.texts(
            """
            SELECT c.relname::text || ' ' || replace(pg_get_expr(c.relpartbound, c.oid), 'FOR VALUES ', '')
            FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'acme_numbers'::regclass ORDER BY c.relname
            """, in: address)
    }

    private func rows(_ address: PostgresAddress, of table: String = "acme_numbers") throws -> [String] {
        try ServerScene.texts("SELECT date || ' ' || thing_id || ' ' || clicks FROM \(table) ORDER BY 1", in: address)
    }

    @Test("A month gets its partition when the first of its days comes, and other tables get none")
    func monthsCome() async throws {
        try await withScene { scene, store, address in
            try await store.partition(by: .month)
            let account = try await scene.account()

            let first = try await scene.read(account, [("2025-12-31", "a", 1), ("2026-02-01", "a", 2)])
            let second = try await scene.read(account, [("2026-02-01", "a", 3), ("2026-02-28", "b", 4)])

            #expect(first.changed == 2)
            #expect(second.changed == 2)
            #expect(
                try partitions(address) == [
                    "acme_numbers_2025_12 FROM ('2025-12-01') TO ('2026-01-01')",
                    "acme_numbers_2026_02 FROM ('2026-02-01') TO ('2026-03-01')",
                ])
            #expect(try rows(address) == ["2025-12-31 a 1", "2026-02-01 a 3", "2026-02-28 b 4"])
            #expect(try rows(address, of: "acme_numbers_2026_02") == ["2026-02-01 a 3", "2026-02-28 b 4"])
            let cut = "SELECT partrelid::regclass::text FROM pg_partitioned_table"
            #expect(try ServerScene.texts(cut, in: address) == ["acme_numbers"])
        }
    }

    @Test("A table that is there stays as it is")
    func plainStaysPlain() async throws {
        try await withScene { scene, store, address in
            let account = try await scene.account()
            _ = try await scene.read(account, [("2026-01-01", "a", 1)])

            try await store.partition(by: .month)
            try await store.prepare(StoreScene.schemas)
            _ = try await scene.read(account, [("2026-02-01", "a", 2)])

            #expect(try partitions(address).isEmpty)
            #expect(try rows(address) == ["2026-01-01 a 1", "2026-02-01 a 2"])
        }
    }

    @Test("Many processes that bring the same new months at once make each once and lose no row")
    func atOnce() async throws {
        try await withScene { scene, store, address in
            try await store.partition(by: .month)
            var chunks: [(chunk: ClaimedChunk, account: Account)] = []
            var stores: [any SyncStore] = [store]
            for number in 0..<8 {
                let account = try await scene.account("\(number)")
                let days = StoreScene.days("2026-01-01", "2026-06-30")
                _ = try await scene.job(of: account, chunks: [StoreScene.reading(days)])
                chunks.append((try await scene.claimOne(), account))
                if number < 3 { stores.append(try await scene.reopened().store) }
            }

            try await withThrowingTaskGroup(of: Int.self) { group in
                for (number, one) in chunks.enumerated() {
                    let other = StoreScene(store: stores[number % stores.count], clock: scene.clock) {
                        throw CancellationError()
                    }
                    group.addTask {
                        let rows: [Row] = (1...6).map { ("2026-0\($0)-15", "a", Int64($0)) }
                        // Some begin with the last month.
                        let table = StoreScene.numbers(
                            number % 2 == 0 ? rows : rows.reversed(), account: one.account)
                        return try await other.complete(one.chunk, rows: [table]).changed
                    }
                }
                for try await changed in group { #expect(changed == 6) }
            }

            #expect(try partitions(address).count == 6)
            #expect(try rows(address).count == 48)
            for other in stores.dropFirst() { await (other as? PostgresStore)?.close() }
        }
    }

    @Test("A month that is dropped or detached by hand breaks nothing, and comes back when it is read again")
    func oldMonthsGo() async throws {
        try await withScene { scene, store, address in
            try await store.partition(by: .month)
            let account = try await scene.account()
            let all: [Row] = [("2026-01-01", "a", 1), ("2026-02-01", "a", 2), ("2026-03-01", "a", 3)]
            _ = try await scene.read(account, all)

            let hand = try PostgresConnection(address)
            try hand.script("DROP TABLE acme_numbers_2026_01")
            try hand.script("ALTER TABLE acme_numbers DETACH PARTITION acme_numbers_2026_02")
            let latest = try await scene.read(account, [("2026-03-01", "a", 3), ("2026-03-02", "a", 4)])
            #expect(latest.changed == 1)
            #expect(try rows(address) == ["2026-03-01 a 3", "2026-03-02 a 4"])

            let again = try await scene.read(account, all)

            #expect(again.changed == 2)
            #expect(again.deleted == 0)
            #expect(
                try rows(address) == ["2026-01-01 a 1", "2026-02-01 a 2", "2026-03-01 a 3", "2026-03-02 a 4"])
            #expect(try rows(address, of: "acme_numbers_2026_02") == ["2026-02-01 a 2"])
            #expect(
                try partitions(address).map { $0.prefix { $0 != " " } } == [
                    "acme_numbers_2026_01", "acme_numbers_2026_02_2", "acme_numbers_2026_03",
                ])
        }
    }

    @Test("Partitions that somebody made by hand are used as they are")
    func ownPartitions() async throws {
        try await withScene { scene, store, address in
            try await store.partition(by: .month)
            let account = try await scene.account()
            try PostgresConnection(address).script(
                """
                CREATE TABLE old PARTITION OF acme_numbers FOR VALUES FROM (MINVALUE) TO ('2025-01-01');
                CREATE TABLE year PARTITION OF acme_numbers FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')
                """)

            _ = try await scene.read(account, [("2020-05-05", "a", 1), ("2025-12-31", "a", 2), ("2026-01-01", "a", 3)])

            #expect(
                try partitions(address).map { $0.prefix { $0 != " " } } == ["acme_numbers_2026_01", "old", "year"])
            #expect(try rows(address).count == 3)
        }
    }

    @Test("A newer schema's column is in every month")
    func newColumns() async throws {
        try await withScene { scene, store, address in
            try await store.partition(by: .month)
            let account = try await scene.account()
            _ = try await scene.read(account, [("2026-01-01", "a", 1)])
            let newer = StreamSchema(
                platform: StoreScene.platform, id: StoreScene.numbers.id, stage: "figures", grain: .daily,
                columns: StoreScene.numbers.columns + [Column("views", .integer, "views")],
                key: StoreScene.numbers.key, summary: "")

            try await store.prepare([newer])
            _ = try await scene.read(account, [("2026-02-01", "a", 1)])

            for month in ["01", "02"] {
                let views = "SELECT coalesce(views::text, 'null') FROM acme_numbers_2026_\(month)"
                #expect(try ServerScene.texts(views, in: address) == ["null"])
            }
        }
    }

    @Test("A file moves into partitions, and a backup of them restores into all kinds of tables with the same hashes")
    func moving() async throws {
        try await ServerScene.withScene { scene, address, folder in
            let promoted = try #require(try ServerScene.promote(scene, to: address, partitioning: .month).digests)
            #expect(try cut(address) == ["other_days"])
            let archive = folder.appending(path: "a.sluice").path
            let digests = try PostgresTransfer.reading(address) { source in
                let writer = try ArchiveWriter(
                    archive, mayReplace: false, at: Instant(seconds: 0), version: "1", engine: "postgres")
                var adapter = ValueAdapter(for: .archive)
                let digests = try source.copy(to: writer, adapter: &adapter) { _, _ in }
                _ = try writer.finish(digests)
                try writer.publish()
                return digests
            }
            #expect(try ServerScene.adapted(scene).digests == promoted)

            for partitioning in [Partitioning.month, nil] {
                try await PostgresDatabase.withDatabase { other in
                    let found = try PostgresTransfer.filling(other, views: [], partitioning: partitioning) { sink in
                        var adapter = ValueAdapter(for: .postgres)
                        let reader = try ArchiveReader(archive)
                        _ = try reader.copy(to: sink, adapter: &adapter) { _, _ in }
                        return try sink.written(reader.layouts).digests(of: reader.layouts) { _, _ in }
                    }
                    #expect(found == digests)
                    #expect(try cut(other) == (partitioning == nil ? [] : ["other_days"]))
                    let setting = "SELECT value FROM settings WHERE name = 'partitions'"
                    #expect(try ServerScene.texts(setting, in: other) == (partitioning == nil ? [] : ["month"]))
                }
            }
        }
    }

    private func cut(_ address: PostgresAddress) throws -> [String] {
        try ServerScene.texts("SELECT partrelid::regclass::text FROM pg_partitioned_table ORDER BY 1", in: address)
    }
}
