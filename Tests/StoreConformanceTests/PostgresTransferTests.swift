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

@Suite("Copying to and from PostgreSQL", .enabled(if: PostgresDatabase.server != nil))
struct PostgresTransferTests {
    private func withScene(
        rows: Int = 300, _ body: (TransferScene, PostgresAddress, URL) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            let scene = try TransferScene.make(in: folder, rows: rows)
            try await PostgresDatabase.withDatabase { try await body(scene, $0, folder) }
        }
    }

    /// What the file holds once PostgreSQL holds it.
    private func adapted(
        _ scene: TransferScene, _ layouts: [TableLayout]? = nil
    ) throws -> (digests: [String: TableDigest], changed: Int) {
        var adapter = ValueAdapter(for: .postgres)
        let digests = try SQLiteTransfer.reading(scene.path, knowing: TransferScene.schemas) { source in
            var digests: [String: TableDigest] = [:]
            for layout in try layouts ?? source.layouts {
                var digest = TableDigest()
                try source.read(layout, after: nil) { batch in
                    try adapter.adapt(&batch)
                    digest.add(batch)
                }
                digests[layout.name] = digest
            }
            return digests
        }
        return (digests, adapter.changed)
    }

    /// One run of a promotion that ends behind `most` batches; what it found, nil digests unless it came to its end.
    @discardableResult
    private func promote(
        _ scene: TransferScene, to address: PostgresAddress, run: String = "run", atMost most: Int = .max
    ) throws -> (found: PostgresPromotion.Found, digests: [String: TableDigest]?) {
        try SQLiteTransfer.moving(scene.path, knowing: TransferScene.schemas) { moving in
            let file = PromotedFile(name: "scene", identity: moving.identity, state: moving.state)
            let target = try PostgresPromotion(to: address, of: file, run: run)
            if target.found == .finished { return (.finished, nil) }
            let layouts = try moving.source.layouts
            try target.prepare(layouts)
            var batches = 0
            for layout in layouts {
                var state = try target.progress(of: layout)
                if state.isCopied { continue }
                var adapter = ValueAdapter(for: .postgres)
                try moving.source.read(layout, after: state.position) { batch in
                    try adapter.adapt(&batch)
                    state.digest.add(batch)
                    state.isCopied = batch.position.isEmpty
                    state.position = batch.position
                    try target.write(batch, of: layout, state)
                }
                state.isCopied = true
                try target.write(nil, of: layout, state)
                batches += 1
                if batches >= most { return (target.found, nil) }
            }
            let digests = try target.digests(of: layouts) { _, _ in }
            try target.finish(views: TransferScene.schemas, at: Instant(seconds: 0))
            return (target.found, digests)
        }
    }

    private func texts(_ sql: String, in address: PostgresAddress) throws -> [String] {
        var found: [String] = []
        try PostgresConnection(address).execute(.once(sql)) { found.append($0.text(0)) }
        return found
    }

    private func open(_ address: PostgresAddress) async throws -> PostgresStore {
        try await PostgresStore.open(
            address, connections: 2, clock: ManualWallClock(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    // MARK: Promotion

    @Test("A promotion keeps every value, and gives each column the type that it has there")
    func promotion() async throws {
        try await withScene { scene, address, _ in
            let expected = try adapted(scene)

            let result = try promote(scene, to: address)

            #expect(result.digests == expected.digests)
            // The two with U+0000: one text of a stream, one event.
            #expect(expected.changed == 2)
            let types = """
                SELECT string_agg(attname || ' ' || format_type(atttypid, NULL), ', ' ORDER BY attnum) FROM pg_attribute
                WHERE attrelid = 'acme_nasty'::regclass AND attnum > 0
                """
            #expect(
                try texts(types, in: address) == [
                    "account_id text, id text, count bigint, cost_micros bigint, ratio double precision, is_on boolean, "
                        + "date date, seen_at timestamp with time zone, list json, later text, extra json, "
                        + "synced_at timestamp with time zone, raw bytea"
                ])
            let value = "SELECT later || ' ' || seen_at::text FROM acme_nasty WHERE id = 'id 2'"
            #expect(try texts(value, in: address) == ["nul\u{FFFD}nul 1900-01-01 00:00:00.000001+00"])
            #expect(try texts("SELECT length(list::text)::text FROM acme_nasty WHERE id = 'id 1'", in: address) == ["1000003"])
            #expect(try texts("SELECT n::text FROM other_days", in: address) == ["\(Int64.min)"])
            let left = "SELECT relname::text FROM pg_class WHERE relname IN ('promotion', 'promotion_tables', 'mine')"
            #expect(try texts(left, in: address).isEmpty)
        }
    }

    @Test("Ids go on behind the highest that came over")
    func sequences() async throws {
        try await withScene(rows: 1) { scene, address, _ in
            try promote(scene, to: address)

            let next = try texts(
                """
                INSERT INTO connections (platform, name, base_url, sealed, version, configuration, created_at, updated_at)
                VALUES ('acme', 'new', '', '', 1, '{}', now(), now()) RETURNING id::text
                """, in: address)

            #expect(next == ["9007199254740994"])
            #expect(try texts("SELECT nextval('sync_chunks_id_seq')::text", in: address) == ["15"])
        }
    }

    @Test("A worker on the server takes the chunks that somebody had in hand, with a higher fence")
    func goesOn() async throws {
        try await withScene(rows: 1) { scene, address, _ in
            try promote(scene, to: address)
            let store = try await open(address)

            let claimed = try await store.claim(ClaimRequest(worker: "server", limit: 10, perAccount: 10))

            #expect(claimed.map(\.id.value) == [11])
            #expect(claimed.first?.fence == 8)
            #expect(claimed.first?.cursor == "c")
            await store.close()
        }
    }

    @Test("A promotion that ends behind any table goes on there, and comes to the same end")
    func resumed() async throws {
        try await withScene(rows: 5) { scene, address, _ in
            let expected = try adapted(scene).digests
            #expect(try promote(scene, to: address, atMost: 1).found == .new)
            var last = try promote(scene, to: address, atMost: 1)
            var runs = 2
            while last.digests == nil {
                #expect(last.found == .resumed)
                last = try promote(scene, to: address, atMost: 1)
                runs += 1
            }

            #expect(last.digests == expected)
            #expect(runs > 15)
            #expect(try promote(scene, to: address).found == .finished)
        }
    }

    @Test("A file that has changed since is copied anew")
    func restarted() async throws {
        try await withScene(rows: 5) { scene, address, _ in
            try promote(scene, to: address, atMost: 12)
            let database = try DatabaseQueue(path: scene.path)
            try await database.write { try $0.execute(sql: "DELETE FROM settings; UPDATE acme_nasty SET count = 1") }
            try database.close()
            let expected = try adapted(scene).digests

            let result = try promote(scene, to: address)

            #expect(result.found == .restarted)
            #expect(result.digests == expected)
        }
    }

    @Test("Nobody works on half of a promotion, and another file is refused; what was found stays")
    func unfinished() async throws {
        try await withScene(rows: 1) { scene, address, folder in
            try promote(scene, to: address, atMost: 3)
            let sentence = TransferError.unfinishedPromotion(source: "scene").description
            let other = folder.appending(path: "other.sqlite").path
            try await SQLiteStore.open(path: other, mode: .work, clock: ManualWallClock()).close()

            await #expect(throws: StoreError.refused(sentence)) { _ = try await open(address) }
            #expect(throws: TransferError.otherPromotion(address.description, source: "scene")) {
                try promote(TransferScene(path: other), to: address)
            }
            #expect(throws: TransferError.unfinishedPromotion(source: "scene")) {
                try PostgresTransfer.reading(address) { _ in }
            }
            #expect(throws: TransferError.unfinishedPromotion(source: "scene")) {
                try PostgresTransfer.filling(address, views: []) { _ in }
            }
            #expect(try promote(scene, to: address).digests == adapted(scene).digests)
        }
    }

    @Test("A run that was taken for dead stops at its next batch")
    func overtaken() async throws {
        try await withScene(rows: 1) { scene, address, folder in
            // A copy has the same identity; its time is another, so the second run begins anew.
            let copy = TransferScene(path: folder.appending(path: "copy.sqlite").path)
            try FileManager.default.copyItem(atPath: scene.path, toPath: copy.path)
            let expected = try adapted(scene).digests
            try SQLiteTransfer.moving(scene.path, knowing: TransferScene.schemas) { moving in
                let file = PromotedFile(name: "scene", identity: moving.identity, state: moving.state)
                let slow = try PostgresPromotion(to: address, of: file, run: "slow")
                try slow.prepare(try moving.source.layouts)

                let quick = try promote(copy, to: address, run: "quick", atMost: 2)

                #expect(quick.found == .restarted)
                let layout = try #require(try moving.source.layouts.first)
                #expect(throws: TransferError.overtaken) { try slow.write(nil, of: layout, .init()) }
            }
            #expect(try promote(copy, to: address).digests == expected)
        }
    }

    @Test("A database with rows, with tables of others, or with processes of ours is refused, and nothing is changed")
    func refusals() async throws {
        try await withScene(rows: 1) { scene, address, _ in
            let place = address.description
            try PostgresConnection(address).script("CREATE TABLE accounts (name text)")
            #expect(throws: TransferError.foreignTable(place, table: "accounts")) { try promote(scene, to: address) }
            try PostgresConnection(address).script("DROP TABLE accounts")
            let tables = "SELECT count(*)::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            #expect(try texts(tables, in: address) == ["0"])

            let worker = try await open(address)
            _ = try await worker.accounts()
            #expect(throws: TransferError.othersAtWork(place, count: 1)) { try promote(scene, to: address) }
            #expect(try texts("SELECT count(*)::text FROM pg_class WHERE relname = 'promotion'", in: address) == ["0"])
            await worker.close()

            try PostgresConnection(address).script("INSERT INTO settings VALUES ('a', 'b', now())")
            #expect(throws: TransferError.holdsData(place, table: "settings")) { try promote(scene, to: address) }
            #expect(try texts("SELECT name FROM settings", in: address) == ["a"])
        }
    }

    // MARK: Archives

    @Test("An archive of either engine restores into both with the same hashes", arguments: [false, true])
    func archives(fromServer: Bool) async throws {
        try await withScene { scene, address, folder in
            let archive = folder.appending(path: "a.sluice").path
            var digests: [String: TableDigest] = [:]
            if fromServer {
                try promote(scene, to: address)
                try PostgresTransfer.reading(address) { source in
                    let writer = try ArchiveWriter(
                        archive, mayReplace: false, at: Instant(seconds: 0), version: "1", engine: "postgres")
                    var adapter = ValueAdapter(for: .archive)
                    digests = try source.copy(to: writer, adapter: &adapter) { _, _ in }
                    _ = try writer.finish(digests)
                    try writer.publish()
                }
            } else {
                digests = try scene.backUp(to: archive)
            }
            let layouts = try ArchiveReader(archive).layouts
            let expected = try adapted(scene, layouts).digests

            let copy = folder.appending(path: "copy.sqlite").path
            let inFile = try SQLiteTransfer.filling(copy, views: []) { try restore(archive, into: $0, .sqlite) }
            let inServer = try await PostgresDatabase.withDatabase { second in
                try PostgresTransfer.filling(second, views: []) { try restore(archive, into: $0, .postgres) }
            }

            #expect(inServer == expected)
            #expect(inFile == digests)
            #expect(try adapted(TransferScene(path: copy), layouts).digests == expected)
            if fromServer { #expect(digests == expected) }
        }
    }

    /// Fills, and reads back what was written.
    private func restore(
        _ archive: String, into sink: some DatabaseSink, _ target: ValueAdapter.Target
    ) throws -> [String: TableDigest] {
        let reader = try ArchiveReader(archive)
        var adapter = ValueAdapter(for: target)
        let written = try reader.copy(to: sink, adapter: &adapter) { _, _ in }
        let found = try sink.written(reader.layouts).digests(of: reader.layouts) { _, _ in }
        #expect(found == written)
        return written
    }

    @Test("A restore that fails on the way leaves no row, and the next one succeeds")
    func failedRestore() async throws {
        struct Broken: Error {}
        try await withScene(rows: 5) { scene, address, folder in
            let archive = folder.appending(path: "a.sluice").path
            _ = try scene.backUp(to: archive)
            #expect(throws: Broken.self) {
                try PostgresTransfer.filling(address, views: []) { sink in
                    _ = try restore(archive, into: sink, .postgres)
                    throw Broken()
                }
            }
            #expect(try texts("SELECT count(*)::text FROM accounts", in: address) == ["0"])

            let written = try PostgresTransfer.filling(address, views: []) { try restore(archive, into: $0, .postgres) }

            #expect(written == (try adapted(scene).digests))
            #expect(throws: TransferError.holdsData(address.description, table: "settings")) {
                try PostgresTransfer.filling(address, views: []) { _ in }
            }
        }
    }

    @Test("What PostgreSQL can hold and SQLite cannot is named, or becomes NULL where SQLite makes it so")
    func onlyPostgres() async throws {
        try await withScene(rows: 1) { scene, address, folder in
            try promote(scene, to: address)
            let connection = try PostgresConnection(address)
            let path = folder.appending(path: "new.sqlite").path
            func copy() throws -> Int {
                try PostgresTransfer.reading(address) { source in
                    try SQLiteTransfer.filling(path, views: []) { sink in
                        var adapter = ValueAdapter(for: .sqlite)
                        let written = try source.copy(to: sink, adapter: &adapter) { _, _ in }
                        let layouts = try source.layouts
                        #expect(try sink.written(layouts).digests(of: layouts) { _, _ in } == written)
                        return adapter.changed
                    }
                }
            }
            try connection.script("UPDATE acme_nasty SET date = 'infinity'")
            #expect(throws: TransferError.misfit(table: "acme_nasty", column: "date", value: "infinity")) { try copy() }
            try connection.script("UPDATE acme_nasty SET date = '20000-01-01'")
            #expect(throws: TransferError.misfit(table: "acme_nasty", column: "date", value: "the year 20000")) { try copy() }
            try connection.script("UPDATE acme_nasty SET date = NULL, ratio = 'NaN', seen_at = '2026-01-01 00:00:00.1234567+00'")

            #expect(try copy() == 1)
            let row = try TransferScene(path: path).texts(
                "SELECT coalesce(ratio, 'null') || ' ' || seen_at FROM acme_nasty")
            #expect(row == ["null 2026-01-01T00:00:00.123457Z"])
        }
    }

    @Test("Both engines have the same control tables with the same kinds of columns, and all of them travel")
    func catalog() async throws {
        try await withScene(rows: 0) { scene, address, _ in
            try PostgresMigrations.released.apply(on: try PostgresConnection(address))
            let server = try PostgresCatalog(connection: try PostgresConnection(address)).layouts()
            let file = try SQLiteTransfer.reading(scene.path, knowing: []) { try $0.layouts }.filter(\.isControl)
            func sorted(_ layouts: [TableLayout]) -> [String: [String]] {
                Dictionary(
                    uniqueKeysWithValues: layouts.map { layout in
                        (layout.name, layout.columns.map { "\($0.name) \($0.kind.rawValue)" }.sorted())
                    })
            }

            #expect(sorted(server) == sorted(file))
            #expect(server.map(\.name) == file.map(\.name))
            let all = """
                SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
                """
            #expect(Set(try texts(all, in: address)).subtracting(TransferCatalog.local) == Set(server.map(\.name)))
        }
    }
}
