import GRDBSQLite
import SyncCore

/// A virtual table over the cells of the page that is being written: SQLite fetches the values itself, without
/// copies. It exists for the length of a connection and is empty except within `withRows`.
final class RowSource {
    /// Columns that the virtual table has; more than any stream's.
    private static let columnLimit = 1000

    private let page: UnsafeMutablePointer<SourcePage>

    init() {
        page = .allocate(capacity: 1)
        page.initialize(to: SourcePage())
    }

    deinit {
        // SQLite keeps the page once it knows of it, and frees it with the connection.
        if !page.pointee.isRegistered { page.deallocate() }
    }

    /// Names with the page's address, so that two sources on one connection do not meet.
    var module: String { "sluice_rows_\(UInt(bitPattern: page))" }
    /// The SQL function through which every change of a stored row goes, so that changes are told from inserts.
    var changeFunction: String { "sluice_changed_\(UInt(bitPattern: page))" }

    func register(on connection: OpaquePointer?) -> CInt {
        page.pointee.isRegistered = true
        let code = sqlite3_create_module_v2(connection, module, RowModule.shared, page) { page in
            page?.assumingMemoryBound(to: SourcePage.self).deallocate()
        }
        guard code == SQLITE_OK else { return code }
        return sqlite3_create_function_v2(
            connection, changeFunction, 1, SQLITE_UTF8 | SQLITE_DIRECTONLY, page,
            { context, _, values in
                sqlite3_user_data(context)?.assumingMemoryBound(to: SourcePage.self).pointee.changed += 1
                sqlite3_result_value(context, values?[0])
            }, nil, nil, nil)
    }

    /// Lets `write` read the rows; returns its result and the number of changes that it made to stored rows.
    func withRows(of table: RowTable, syncedAt: [UInt8], write: () throws -> Int) throws -> (Int, changed: Int) {
        precondition(table.width < Self.columnLimit, "\(table.schema.table): too many columns")
        return try table.cells.withUnsafeBufferPointer { cells in
            try table.text.withUnsafeBufferPointer { text in
                try syncedAt.withUnsafeBufferPointer { stamp in
                    page.pointee.cells = cells.baseAddress
                    page.pointee.limit = cells.baseAddress.map { $0 + cells.count }
                    page.pointee.width = table.width
                    page.pointee.text = text.baseAddress
                    page.pointee.stamp = stamp
                    page.pointee.changed = 0
                    defer { page.pointee.clear() }
                    let result = try write()
                    return (result, page.pointee.changed)
                }
            }
        }
    }

    static let declaration = "CREATE TABLE x (\((0..<columnLimit).map { "c\($0)" }.joined(separator: ", ")))"
}

/// The rows that a virtual table shows at present.
struct SourcePage {
    /// The first cell, and the one behind the last.
    var cells: UnsafePointer<Cell>?
    var limit: UnsafePointer<Cell>?
    /// Cells per row.
    var width = 0
    var text: UnsafePointer<UInt8>?
    /// The value of `synced_at`.
    var stamp = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    /// Stored rows that were changed.
    var changed = 0
    var isRegistered = false

    mutating func clear() {
        cells = nil
        limit = nil
        text = nil
        stamp = UnsafeBufferPointer(start: nil, count: 0)
    }
}
