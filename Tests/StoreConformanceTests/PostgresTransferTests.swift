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
    @Test("An archive of either engine restores into both with the same hashes", arguments: [false, true])
    func archives(fromServer: Bool) async throws {
        try await ServerScene.withScene { scene, address, folder in
            let archive = folder.appending(path: "a.sluice").path
            var digests: [String: TableDigest] = [:]
            if fromServer {
                try ServerScene.promote(scene, to: address)
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
            let expected = try ServerScene.adapted(scene, layouts).digests

            let copy = folder.appending(path: "copy.sqlite").path
            let inFile = try SQLiteTransfer.filling(copy, views: []) { try restore(archive, into: $0, .sqlite) }
            let inServer = try await PostgresDatabase.withDatabase { second in
                try PostgresTransfer.filling(second, views: []) { try restore(archive, into: $0, .postgres) }
            }

            #expect(inServer == expected)
            #expect(inFile == digests)
            #expect(try ServerScene.adapted(TransferScene(path: copy), layouts).digests == expected)
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

    @Test("A column of a newer version, and a number that the column has no room for, are refused by name")
    func misfits() async throws {
        try await PostgresDatabase.withDatabase { address in
            let newer = TableLayout("settings", columns: [.init("shade", .text)], key: [], isControl: true)
            #expect(throws: TransferError.newerRows(table: "settings", column: "shade")) {
                try PostgresTransfer.filling(address, views: []) { try $0.prepare([newer]) }
            }
            let layout = TableLayout("sync_seen", columns: [.init("batch", .integer)], key: [], isControl: true)
            let error = TransferError.misfit(table: "sync_seen", column: "batch", value: "a number that is too large")
            #expect(throws: error) {
                try PostgresTransfer.filling(address, views: []) { sink in
                    var batch = RowBatch()
                    batch.beginRow()
                    batch.append(integer: 1 << 31)
                    batch.endRow()
                    try sink.write(batch, of: layout)
                }
            }
        }
    }

    @Test("A restore that fails on the way leaves no row, and the next one succeeds")
    func failedRestore() async throws {
        struct Broken: Error {}
        try await ServerScene.withScene(rows: 5) { scene, address, folder in
            let archive = folder.appending(path: "a.sluice").path
            _ = try scene.backUp(to: archive)
            #expect(throws: Broken.self) {
                try PostgresTransfer.filling(address, views: []) { sink in
                    _ = try restore(archive, into: sink, .postgres)
                    throw Broken()
                }
            }
            #expect(try ServerScene.texts("SELECT count(*)::text FROM accounts", in: address) == ["0"])

            let written = try PostgresTransfer.filling(address, views: []) { try restore(archive, into: $0, .postgres) }

            #expect(written == (try ServerScene.adapted(scene).digests))
            #expect(throws: TransferError.holdsData(address.description, table: "users")) {
                try PostgresTransfer.filling(address, views: []) { _ in }
            }
        }
    }

    @Test("What PostgreSQL can hold and SQLite cannot is named, or becomes NULL where SQLite makes it so")
    func onlyPostgres() async throws {
        try await ServerScene.withScene(rows: 1) { scene, address, folder in
            try ServerScene.promote(scene, to: address)
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
            #expect(throws: TransferError.misfit(table: "acme_nasty", column: "date", value: "the year 20000")) {
                try copy()
            }
            try connection.script(
                "UPDATE acme_nasty SET date = NULL, ratio = 'NaN', seen_at = '2026-01-01 00:00:00.1234567+00'")

            #expect(try copy() == 1)
            let row = try TransferScene(path: path).texts(
                "SELECT coalesce(ratio, 'null') || ' ' || seen_at FROM acme_nasty")
            #expect(row == ["null 2026-01-01T00:00:00.123457Z"])
        }
    }

    @Test("Both engines have the same control tables with the same kinds of columns, and all of them travel")
    func catalog() async throws {
        try await ServerScene.withScene(rows: 0) { scene, address, _ in
            try PostgresMigrations.released.apply(on: try PostgresConnection(address), at: address)
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
            #expect(
                Set(try ServerScene.texts(all, in: address)).subtracting(TransferCatalog.local)
                    == Set(server.map(\.name)))
        }
    }
}
