import Foundation
import StoreTransfer
import SyncCore
import Testing

@Suite("An archive")
struct ArchiveTests {
    /// As many as there are nasty values.
    private static let names =
        ["account_id"] + (0..<nasty.count - 3).map { "c\($0)" } + ["extra", "synced_at"]

    private let layouts = [
        TableLayout("workspaces", columns: [.init("id", .integer)], key: ["id"], isControl: true),
        TableLayout("settings", columns: [.init("name", .text)], key: ["name"], isControl: true),
        TableLayout("acme_things", columns: Self.names.map { .init($0, .text) }, key: ["account_id"], isControl: false),
    ]

    /// An archive of three tables, one of them empty, as `backup` writes it; what was written.
    @discardableResult
    private func write(_ path: String, mayReplace: Bool = false, publish: Bool = true) throws -> [String: TableDigest] {
        let writer = try ArchiveWriter(
            path, mayReplace: mayReplace, at: Instant(seconds: 1_795_000_000), version: "1", engine: "sqlite")
        try writer.prepare(layouts)
        var digests = Dictionary(uniqueKeysWithValues: layouts.map { ($0.name, TableDigest()) })
        for (layout, rows) in [(0, [[Value.integer(1)]]), (2, [nasty, nasty.reversed()]), (2, [nasty])] {
            let batch = RowBatch(rows)
            try writer.write(batch, of: layouts[layout])
            digests[layouts[layout].name]?.add(batch)
        }
        _ = try writer.finish(digests)
        if publish { try writer.publish() }
        return digests
    }

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "archive-\(ProcessInfo.processInfo.globallyUniqueString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func check(_ path: String) throws -> [String: TableDigest] {
        try ArchiveReader(path).check { _, _ in }
    }

    @Test("gives back every row, and can be read again behind the check")
    func roundTrip() throws {
        try withFolder { folder in
            let path = folder + "/a.sluice"
            let written = try write(path)

            let reader = try ArchiveReader(path)
            #expect(try reader.check { _, _ in } == written)
            #expect(reader.layouts == layouts)
            #expect(reader.header.createdAt == "2026-11-18T11:06:40.000Z")
            var rows: [[Value]] = []
            for layout in reader.layouts {
                try reader.read(layout, after: nil) { rows += try $0.rows }
            }
            #expect(rows == [[.integer(1)], nasty, nasty.reversed(), nasty])
        }
    }

    @Test("that is changed in one bit is refused, wherever the bit is")
    func flipped() throws {
        try withFolder { folder in
            let path = folder + "/a.sluice"
            try write(path)
            let good = try Data(contentsOf: URL(fileURLWithPath: path))
            var random = Seeded(state: 7)
            let ends = [0, 7, 8, 9, 10, 11, good.count - 33, good.count - 32, good.count - 1]
            for place in ends + (0..<50).map({ _ in Int.random(in: 0..<good.count, using: &random) }) {
                var bad = good
                bad[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                try bad.write(to: URL(fileURLWithPath: path))

                #expect(throws: TransferError.self, "bit \(place)") { _ = try check(path) }
            }
            try good.write(to: URL(fileURLWithPath: path))
            #expect(try check(path).count == 3)
        }
    }

    @Test("that is cut, or has something behind it, is refused")
    func cut() throws {
        try withFolder { folder in
            let path = folder + "/a.sluice"
            try write(path)
            let good = try Data(contentsOf: URL(fileURLWithPath: path))
            var random = Seeded(state: 11)
            for count in [0, 1, 8, 10, good.count - 1]
                + (0..<50).map({ _ in Int.random(in: 0..<good.count, using: &random) })
            {
                try good.prefix(count).write(to: URL(fileURLWithPath: path))

                #expect(throws: TransferError.self, "\(count) bytes") { _ = try check(path) }
            }
            try (good + Data([0])).write(to: URL(fileURLWithPath: path))
            #expect(throws: TransferError.damaged(path)) { _ = try check(path) }
        }
    }

    @Test("of a newer form, something that is none, a folder and nothing are told apart")
    func others() throws {
        try withFolder { folder in
            let path = folder + "/a.sluice"
            try write(path)
            var newer = try Data(contentsOf: URL(fileURLWithPath: path))
            newer[8] = 2
            try newer.write(to: URL(fileURLWithPath: path))

            #expect(throws: TransferError.newerArchive(path)) { _ = try ArchiveReader(path) }
            try Data("SQLite format 3".utf8).write(to: URL(fileURLWithPath: path))
            #expect(throws: TransferError.notAnArchive(path)) { _ = try ArchiveReader(path) }
            #expect(throws: TransferError.unreadable(folder, why: "Is a directory")) { _ = try ArchiveReader(folder) }
            #expect(throws: TransferError.unreadable(folder + "/b", why: "No such file or directory")) {
                _ = try ArchiveReader(folder + "/b")
            }
        }
    }

    @Test("with a table of ours that this version does not know is one of a newer version")
    func newerTable() throws {
        try withFolder { folder in
            let path = folder + "/a.sluice"
            let writer = try ArchiveWriter(
                path, mayReplace: false, at: Instant(seconds: 0), version: "9", engine: "sqlite")
            try writer.prepare([TableLayout("moons", columns: [.init("id", .integer)], key: ["id"], isControl: true)])
            _ = try writer.finish([:])
            try writer.publish()

            #expect(throws: TransferError.newerArchive(path)) { _ = try ArchiveReader(path) }
        }
    }

    @Test("never takes the place of a file that it may not replace, and is not seen before it is whole")
    func places() throws {
        try withFolder { folder in
            let path = folder + "/a.sluice"
            try write(path, publish: false)
            #expect(!FileManager.default.fileExists(atPath: path))
            #expect(FileManager.default.fileExists(atPath: path + ".partial"))
            try write(path)
            #expect(!FileManager.default.fileExists(atPath: path + ".partial"))

            #expect(throws: TransferError.exists(path)) { try write(path) }
            try write(path, mayReplace: true)
            #expect(try check(path).count == 3)
            #expect(throws: TransferError.unwritable(folder + "/x/y", why: "No such file or directory")) {
                try write(folder + "/x/y")
            }
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test("is written by one process at a time")
    func twice() throws {
        try withFolder { folder in
            let path = folder + "/a.sluice"
            func writer() throws -> ArchiveWriter {
                try ArchiveWriter(path, mayReplace: false, at: Instant(seconds: 0), version: "1", engine: "sqlite")
            }
            let first = try writer()

            #expect(throws: TransferError.beingWritten(path)) { _ = try writer() }
            first.discard()
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }
}
