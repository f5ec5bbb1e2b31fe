import Foundation
import SyncCore
import SyncTestKit
import Synchronization
import Testing

@testable import StoreSQL
@testable import StoreSQLite

@Suite("The log of an SQLite file", .timeLimit(.minutes(5)))
struct StoreLogTests {
    @Test("does not grow for ever where there is always somebody who reads")
    func reading() async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "a.sqlite").path
            let store = try SQLiteStore.open(path: path, mode: .work, clock: ManualWallClock())
            let isOver = Ending()
            try await withThrowingTaskGroup(of: Void.self) { group in
                // As many at once as there are connections for it, and others that wait.
                for _ in 0..<4 {
                    group.addTask { @concurrent in
                        while !isOver.isThere {
                            try await store.read { transaction in
                                _ = try SettingTable(transaction: transaction).value("a")
                                let end = ContinuousClock.now + .milliseconds(20)
                                while ContinuousClock.now < end {}
                            }
                        }
                    }
                }
                let text = String(repeating: "x", count: 1 << 20)
                for number in 0..<400 {
                    try await store.write(.chunk(ChunkID(1), of: AccountID(1)), weight: 1) {
                        try SettingTable(transaction: $0).set("a", to: "\(number)\(text)")
                    }
                }
                isOver.come()
                try await group.waitForAll()
            }
            let size = try #require(
                try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int)
            #expect(size < 200 << 20, "\(size >> 20) MiB of log behind 400 MiB")
            try await store.close()
        }
    }
}

private final class Ending: Sendable {
    private let state = Atomic(false)

    var isThere: Bool { state.load(ordering: .relaxed) }
    func come() { state.store(true, ordering: .relaxed) }
}
