import Foundation
import GRDB
import SyncCore
import Testing

@testable import StoreSQLite

@Suite("Errors of SQLite")
struct StoreErrorTests {
    private func meaning(_ code: ResultCode, _ systemError: Int32) -> StoreError {
        StoreError(DatabaseError(resultCode: code), path: "a.sqlite", systemError: systemError)
    }

    @Test(
        "A write for which there is no room is a full disk, whatever is full",
        arguments: [ENOSPC, EDQUOT, EFBIG], [ResultCode.SQLITE_IOERR_WRITE, .SQLITE_IOERR_FSYNC, .SQLITE_IOERR])
    func noRoom(systemError: Int32, code: ResultCode) {
        #expect(meaning(code, systemError) == .diskFull)
    }

    @Test("A full disk needs no errno; another I/O error is a database that does not answer")
    func others() {
        #expect(meaning(.SQLITE_FULL, 0) == .diskFull)
        guard case .unavailable = meaning(.SQLITE_IOERR_WRITE, EIO) else {
            Issue.record("\(meaning(.SQLITE_IOERR_WRITE, EIO))")
            return
        }
    }
}
