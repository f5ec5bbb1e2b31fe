import GRDB
import GRDBSQLite
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
        case let error as DataTableMismatch: self = .inconsistent("\(error)")
        default: self = .inconsistent("\(type(of: error))")
        }
    }

    private init(_ error: DatabaseError, path: String, systemError: Int32) {
        // The message only: the description of a DatabaseError shows SQL with its values.
        let message = error.message ?? "SQLite error \(error.resultCode.rawValue)"
        switch error.resultCode.primaryResultCode {
        case .SQLITE_FULL: self = .diskFull
        case .SQLITE_IOERR:
            self = [ENOSPC, EDQUOT].contains(systemError) ? .diskFull : .unavailable(message)
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_INTERRUPT, .SQLITE_NOMEM, .SQLITE_PROTOCOL:
            self = .unavailable(message)
        case .SQLITE_NOTADB: self = .notADatabase(path)
        case .SQLITE_CORRUPT: self = .corrupt(message)
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH: self = .notWritable(path)
        default: self = .inconsistent(message)
        }
    }
}

extension Database {
    /// The errno of the last failed system call of this connection.
    var systemError: Int32 { sqliteConnection.map { sqlite3_system_errno($0) } ?? 0 }
}
