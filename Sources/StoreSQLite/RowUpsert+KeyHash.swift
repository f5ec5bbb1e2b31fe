import GRDBSQLite
import SyncCore

extension KeyHash {
    /// The hash of columns `first..<first + count` of a statement's present row.
    static func hash(of statement: OpaquePointer, first: CInt, count: Int) -> UInt64 {
        var hash = KeyHash()
        for column in first..<first + CInt(count) {
            switch sqlite3_column_type(statement, column) {
            case SQLITE_INTEGER: hash.add(UInt64(bitPattern: sqlite3_column_int64(statement, column)))
            case SQLITE_FLOAT: hash.add(sqlite3_column_double(statement, column).bitPattern)
            case SQLITE_TEXT:
                let start = UnsafeRawPointer(sqlite3_column_text(statement, column))
                let count = Int(sqlite3_column_bytes(statement, column))
                hash.add(UnsafeRawBufferPointer(start: start, count: count))
            default: hash.add(0)
            }
        }
        return hash.value
    }
}
