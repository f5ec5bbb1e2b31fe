import Foundation
import GRDB
import StoreSQL
import StoreSQLite
import SyncCore
import SyncTestKit
import Testing

@Suite("The end of the record of who did what")
struct AuditEndTests {
    /// A store that is open again after somebody has changed the file by hand.
    private func verify(after change: String) async throws -> AuditChain {
        try await withFolder { folder in
            let path = folder.appending(path: "a.sqlite").path
            let clock = ManualWallClock()
            let store = try SQLiteStore.open(path: path, mode: .work, clock: clock)
            for number in 0..<5 {
                try await store.record(
                    AuditEntry(workspace: .first, actor: "Linh", action: "Did \(number)", subject: "x"))
            }
            try await store.close()
            let database = try DatabaseQueue(path: path)
            try await database.write { try $0.execute(sql: change) }
            try database.close()
            let again = try SQLiteStore.open(path: path, mode: .work, clock: clock)
            let chain = try await again.verifyAudit(of: .first)
            try await again.close()
            return chain
        }
    }

    @Test("is known, so that entries that are taken off it are missed")
    func cut() async throws {
        let whole = try await verify(after: "SELECT 1")
        let cut = try await verify(after: "DELETE FROM audit_log WHERE action IN ('Did 3', 'Did 4')")
        let gone = try await verify(after: "DELETE FROM audit_log")
        let older = try await verify(after: "DELETE FROM settings WHERE name LIKE 'audit_head%'")

        #expect(whole == AuditChain(count: 5, brokenAt: nil) && whole.isIntact)
        #expect(cut == AuditChain(count: 3, brokenAt: nil, missing: 2) && !cut.isIntact)
        #expect(gone == AuditChain(count: 0, brokenAt: nil, missing: 5))
        #expect(older.isIntact, "of a database from before the end was kept")
    }
}
