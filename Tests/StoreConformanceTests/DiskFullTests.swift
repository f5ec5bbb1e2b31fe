import Foundation
import GRDB
import StoreSQL
import StoreSQLite
import SyncCore
import SyncTestKit
import Testing

/// A disk that runs full under the database (anchors.md F14), on a small file system in memory.
@Suite("Full disk", .enabled(if: SmallDisk.isPossible, "mounting a small file system needs root"))
struct DiskFullTests {
    @Test("Writing stops with a clear error, nothing is damaged, and it goes on when there is room again")
    func fullAndFreed() async throws {
        try await SmallDisk.with(megabytes: 4) { disk in
            let path = disk.appending(path: "a.sqlite").path
            let clock = ManualWallClock()
            let store = try SQLiteStore.open(path: path, mode: .work, clock: clock)
            try await store.set("kept", to: "yes")
            let ballast = disk.appending(path: "ballast")
            try Data(repeating: 1, count: 1_500_000).write(to: ballast)
            let text = String(repeating: "x", count: 100_000)
            func fill() async throws {
                for number in 0..<100 { try await store.set("filler \(number)", to: text) }
            }

            await #expect(throws: StoreError.diskFull) { try await fill() }
            await #expect(throws: StoreError.diskFull) { try await store.set("too much", to: text + text) }
            #expect(try await store.setting("kept") == "yes")
            #expect(try await store.setting("too much") == nil)

            try FileManager.default.removeItem(at: ballast)
            try await store.set("after", to: "room")
            #expect(try await store.setting("after") == "room")
            try await store.close()
            let database = try DatabaseQueue(path: path)
            #expect(try await database.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") } == "ok")
            try database.close()
        }
    }
}

/// A file system of a few megabytes.
enum SmallDisk {
    static var isPossible: Bool {
        guard getuid() == 0 else { return false }
        let folder = FileManager.default.temporaryDirectory.appending(path: "disk-\(UUID().uuidString)")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        guard run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.path) else { return false }
        return run("umount", folder.path)
    }

    static func with(megabytes: Int, _ body: (URL) async throws -> Void) async throws {
        try await withFolder { folder in
            try #require(run("mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", folder.path))
            defer { _ = run("umount", "-l", folder.path) }
            try await body(folder)
        }
    }

    private static func run(_ words: String...) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
