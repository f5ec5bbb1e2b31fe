import Foundation
import GRDB
import StoreTransfer
import SyncCore
import SyncTestKit
import Synchronization
import Testing

@testable import StoreSQLite

@Suite("Copying a file")
struct SQLiteTransferTests {
    /// A new file with what the archive holds.
    private func restore(_ archive: String, to path: String) throws -> [String: TableDigest] {
        let reader = try ArchiveReader(archive)
        return try SQLiteTransfer.filling(path, views: TransferScene.schemas) { sink in
            var adapter = ValueAdapter(for: .sqlite)
            let written = try reader.copy(to: sink, adapter: &adapter) { _, _ in }
            #expect(try sink.written(reader.layouts).digests(of: reader.layouts) { _, _ in } == written)
            return written
        }
    }

    @Test("through an archive keeps every value of every table, and leaves other people's tables out")
    func roundTrip() async throws {
        try await withFolder { folder in
            let scene = try TransferScene.make(in: folder)
            let archive = folder.appending(path: "a.sluice").path
            let copy = TransferScene(path: folder.appending(path: "copy.sqlite").path)

            let written = try scene.backUp(to: archive)
            let restored = try restore(archive, to: copy.path)

            #expect(written == restored)
            #expect(try copy.digests(scene.layouts) == written)
            #expect(written["acme_nasty"]?.rows == 300)
            #expect(written["mine"] == nil)
            #expect(written.values.filter { $0.rows == 0 }.isEmpty, "a table is empty, so nothing is said of it")
            #expect(try copy.texts("PRAGMA integrity_check") == ["ok"])
            #expect(try copy.texts("PRAGMA journal_mode") == ["wal"])
            #expect(try copy.texts("SELECT hex(later) FROM acme_nasty WHERE id = 'id 2'") == ["6E756C006E756C"])
            let moments = try copy.texts("SELECT updated_at FROM connections WHERE id = 3")
            #expect(moments == ["2026-01-01T00:00:00.123456Z"])
        }
    }

    @Test("hands chunks back that somebody had in hand, and those of a parked connection wait")
    func leases() async throws {
        try await withFolder { folder in
            let scene = try TransferScene.make(in: folder, rows: 1)
            let archive = folder.appending(path: "a.sluice").path
            let copy = folder.appending(path: "copy.sqlite").path
            _ = try scene.backUp(to: archive)
            _ = try restore(archive, to: copy)

            let chunks = try TransferScene(path: copy).texts(
                """
                SELECT id || ' ' || status || coalesce(' ' || wait_reason, '') || coalesce(' after ' || run_after, '')
                    || ' fence ' || fence || coalesce(worker, '') || coalesce(lease_until, '')
                FROM sync_chunks ORDER BY id
                """)

            #expect(
                chunks == [
                    "11 pending fence 7", "12 pending after 4102444800000000 fence 0", "13 completed fence 3",
                    "14 waiting credential fence 7",
                ])
        }
    }

    @Test("refuses a file that has rows, and one that another process works on; an empty one is filled")
    func targets() async throws {
        try await withFolder { folder in
            let scene = try TransferScene.make(in: folder, rows: 1)
            let archive = folder.appending(path: "a.sluice").path
            let empty = folder.appending(path: "empty.sqlite").path
            _ = try scene.backUp(to: archive)

            #expect(throws: TransferError.holdsData(scene.path, table: "users")) {
                _ = try restore(archive, to: scene.path)
            }
            let store = try SQLiteStore.open(path: empty, mode: .work, clock: ManualWallClock())
            #expect(throws: StoreError.self) { _ = try restore(archive, to: empty) }
            try await store.close()
            #expect(try restore(archive, to: empty)["acme_nasty"]?.rows == 1)
            #expect(!FileManager.default.fileExists(atPath: empty + ".restoring"))
        }
    }

    @Test("that fails on the way leaves nothing, not even a file")
    func failure() async throws {
        struct Broken: Error {}
        func fail() throws { throw Broken() }
        try await withFolder { folder in
            let path = folder.appending(path: "new.sqlite").path

            #expect(throws: Broken.self) { try SQLiteTransfer.filling(path, views: []) { _ in try fail() } }

            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(left.isEmpty)
        }
    }

    @Test("that has a column or a table of a newer version is refused before its first row")
    func newer() async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "new.sqlite").path
            let column = TableLayout("settings", columns: [.init("shade", .text)], key: [], isControl: true)
            let table = TableLayout("certificates", columns: [.init("id", .integer)], key: [], isControl: true)
            for (layout, name) in [(column, "shade"), (table, "id")] {
                #expect(throws: TransferError.newerRows(table: layout.name, column: name)) {
                    try SQLiteTransfer.filling(path, views: []) { try $0.prepare([layout]) }
                }
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(left.isEmpty)
        }
    }

    @Test("goes on behind any batch and reads every row once, in tables with and without row ids")
    func positions() async throws {
        try await withFolder { folder in
            // Rows of 5 MB in all, so that there are some batches.
            let scene = try TransferScene.make(in: folder, rows: 1)
            let database = try DatabaseQueue(path: scene.path)
            try await database.write { db in
                for number in 0..<60 {
                    let text = String(repeating: "x", count: 200_000)
                    try db.execute(
                        sql: "INSERT INTO settings VALUES (?, ?, '2026-01-01T00:00:00.000Z')",
                        arguments: ["s\(number * 7 % 60)", text])
                    try db.execute(
                        sql:
                            "INSERT INTO acme_nasty (account_id, id, later, synced_at) VALUES ('7', ?, ?, "
                            + "'2026-01-01T00:00:00.000Z')",
                        arguments: ["z\(number)", text])
                }
            }
            try database.close()
            try SQLiteTransfer.reading(scene.path, knowing: TransferScene.schemas) { source in
                for name in ["settings", "acme_nasty"] {
                    let layout = try #require(try source.layouts.first { $0.name == name })
                    var whole = TableDigest()
                    try source.read(layout, after: nil) { whole.add($0) }
                    var resumed = TableDigest()
                    var position: [UInt8]?
                    var batches = 0
                    struct Enough: Error {}
                    repeat {
                        do {
                            // Each time the process ends behind one batch.
                            try source.read(layout, after: position) { batch in
                                resumed.add(batch)
                                position = batch.position
                                batches += 1
                                throw Enough()
                            }
                        } catch is Enough {}
                    } while position != []

                    #expect(batches >= 3, "\(name)")
                    #expect(resumed == whole, "\(name)")
                }
            }
        }
    }

    @Test("says which column holds what the type is not")
    func misfits() async throws {
        try await withFolder { folder in
            let scene = try TransferScene.make(in: folder, rows: 1)
            let database = try DatabaseQueue(path: scene.path)
            for (sql, column) in [
                ("is_on = 7", "is_on"), ("is_on = 1, date = 'soon'", "date"),
                ("date = NULL, seen_at = '2026-01-01'", "seen_at"),
            ] {
                try await database.write { try $0.execute(sql: "UPDATE acme_nasty SET \(sql)") }
                let found = #expect(throws: TransferError.self) { _ = try scene.digests() }
                guard case .misfit("acme_nasty", column, _)? = found else {
                    Issue.record("\(String(describing: found))")
                    continue
                }
            }
            try database.close()
        }
    }

    @Test("to a server closes the file for work, and a look at it stays possible")
    func promoted() async throws {
        try await withFolder { folder in
            let scene = try TransferScene.make(in: folder, rows: 1)
            let before = try scene.digests()
            try SQLiteTransfer.moving(scene.path, knowing: []) { moving in
                // Nobody works on it meanwhile.
                #expect(throws: StoreError.inUse(pid: Int(ProcessInfo.processInfo.processIdentifier))) {
                    _ = try SQLiteStore.open(path: scene.path, mode: .work, clock: ManualWallClock())
                }
                try moving.note("postgres://db/x", at: Instant(seconds: 0))
            }

            let sentence = TransferError.promoted(scene.path, to: "postgres://db/x").description
            for mode in [SQLiteStore.Mode.work, .visit] {
                #expect(throws: StoreError.refused(sentence)) {
                    _ = try SQLiteStore.open(path: scene.path, mode: mode, clock: ManualWallClock())
                }
            }
            try await SQLiteStore.open(path: scene.path, mode: .look, clock: ManualWallClock()).close()
            #expect(try scene.digests() == before, "the note is no part of the data")
        }
    }

    @Test("is one moment of it while somebody writes")
    func underLoad() async throws {
        try await withFolder { folder in
            let scene = try TransferScene.make(in: folder, rows: 2000)
            let archive = folder.appending(path: "a.sluice").path
            let database = try DatabaseQueue(path: scene.path)
            let isOver = Atomic(false)
            let count = Atomic(0)
            // Each transaction adds an event and a setting; a copy with one more of either is torn.
            let writer = Thread {
                while !isOver.load(ordering: .relaxed) {
                    let number = count.add(1, ordering: .relaxed).newValue
                    let sql = """
                        INSERT INTO settings VALUES ('n\(number)', '', '2026-01-01T00:00:00.000Z');
                        INSERT INTO events (at, kind, text) VALUES ('2026-01-01T00:00:00.000Z', 'k', '\(number)');
                        """
                    do {
                        try database.write { try $0.execute(sql: sql) }
                    } catch {
                        Issue.record(error)
                        return
                    }
                }
            }
            writer.start()
            defer { isOver.store(true, ordering: .relaxed) }
            var sizes: Set<Int> = []
            for _ in 0..<8 {
                let written = try scene.backUp(to: archive)
                let found = try ArchiveReader(archive).check { _, _ in }
                #expect(found == written)
                #expect(found["settings"]?.rows == found["events"]?.rows)
                sizes.insert(found["settings"]?.rows ?? 0)
            }
            #expect(sizes.count > 1, "nothing was written meanwhile")
        }
    }
}
