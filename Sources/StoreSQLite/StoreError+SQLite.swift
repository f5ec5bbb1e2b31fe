import GRDB
import GRDBSQLite
import StoreTransfer
import SyncCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

extension StoreError {
    /// The one place where SQLite's codes become ours. `path` is what the user knows the database by;
    /// `systemError` is the errno behind an I/O error.
    init(_ error: any Error, path: String, systemError: Int32 = 0) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError: self.init(error, path: path, systemError: systemError)
        case let error as TransferError: self = .refused(error.description)
        case let error as DataTableMismatch: self = .misfit(table: error.table, error.reason)
        default: self = .inconsistent("\(type(of: error))")
        }
    }

    private static func noAnswer(_ why: String) -> StoreError { .unavailable("The database does not answer: \(why)") }

    private init(_ error: DatabaseError, path: String, systemError: Int32) {
        // The message only: the description of a DatabaseError shows SQL with its values.
        let message = error.message ?? "SQLite error \(error.resultCode.rawValue)"
        switch error.resultCode.primaryResultCode {
        case .SQLITE_FULL: self = .diskFull
        case .SQLITE_IOERR:
            // A file that may not grow any more has no room either.
            self = [ENOSPC, EDQUOT, EFBIG].contains(systemError) ? .diskFull : .noAnswer(message)
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_INTERRUPT, .SQLITE_NOMEM, .SQLITE_PROTOCOL:
            self = .noAnswer(message)
        case .SQLITE_NOTADB: self = .notADatabase(path)
        case .SQLITE_CORRUPT: self = .corrupt(message)
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH: self = .notWritable(path)
        default: self = .inconsistent(message)
        }
    }
}

extension Database {
    /// The errno of the last failed system call of this connection. SQLite 3.40 does not keep that of a commit, but
    /// the log, which a commit writes, keeps its own.
    var systemError: Int32 {
        guard let sqliteConnection else { return 0 }
        return logError(sqliteConnection) ?? sqlite3_system_errno(sqliteConnection)
    }

    private func logError(_ connection: SQLiteConnection) -> Int32? {
        var log: UnsafeMutablePointer<sqlite3_file>?
        guard sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK,
            let control = log?.pointee.pMethods?.pointee.xFileControl
        else { return nil }
        var code: Int32 = 0
        return control(log, SQLITE_FCNTL_LAST_ERRNO, &code) == SQLITE_OK && code != 0 ? code : nil
    }
}
