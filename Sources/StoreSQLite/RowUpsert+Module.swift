import GRDBSQLite
import SyncCore

/// SQLite's interface to `RowSource`: one cursor that walks the rows of the page once.
enum RowModule {
    /// The methods; SQLite copies nothing of it, so it lives for ever and is never changed.
    nonisolated(unsafe) static let shared: UnsafeMutablePointer<sqlite3_module> = {
        let module = UnsafeMutablePointer<sqlite3_module>.allocate(capacity: 1)
        module.initialize(to: methods())
        return module
    }()

    private static func methods() -> sqlite3_module {
        var module = sqlite3_module()
        // Without a create method the table exists by itself, under the module's name.
        module.xConnect = { connection, page, _, _, table, _ in
            RowModule.connect(connection: connection, page: page, table: table)
        }
        module.xDisconnect = { table in
            table.map { UnsafeMutableRawPointer($0).deallocate() }
            return SQLITE_OK
        }
        module.xBestIndex = { _, info in
            info?.pointee.estimatedCost = 1000
            info?.pointee.estimatedRows = 1000
            return SQLITE_OK
        }
        module.xOpen = { table, cursor in RowModule.open(table: table, cursor: cursor) }
        module.xClose = { cursor in
            cursor.map { UnsafeMutableRawPointer($0).deallocate() }
            return SQLITE_OK
        }
        module.xFilter = { cursor, _, _, _, _ in
            guard let cursor = RowCursor.from(cursor) else { return SQLITE_MISUSE }
            cursor.pointee.row = cursor.pointee.page.pointee.cells
            return SQLITE_OK
        }
        module.xNext = { cursor in
            guard let cursor = RowCursor.from(cursor), let row = cursor.pointee.row else { return SQLITE_MISUSE }
            cursor.pointee.row = row + cursor.pointee.page.pointee.width
            return SQLITE_OK
        }
        module.xEof = { cursor in
            guard let cursor = RowCursor.from(cursor) else { return 1 }
            return cursor.pointee.row == cursor.pointee.page.pointee.limit ? 1 : 0
        }
        module.xColumn = { cursor, context, index in
            RowModule.column(cursor: cursor, context: context, index: Int(index))
        }
        module.xRowid = { _, rowid in
            rowid?.pointee = 0  // nobody asks for it
            return SQLITE_OK
        }
        return module
    }

    private static func connect(
        connection: OpaquePointer?, page: UnsafeMutableRawPointer?,
        table: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab>?>?
    ) -> CInt {
        guard let page, let table else { return SQLITE_MISUSE }
        let code = sqlite3_declare_vtab(connection, RowSource.declaration)
        guard code == SQLITE_OK else { return code }
        let made = UnsafeMutablePointer<RowVirtualTable>.allocate(capacity: 1)
        made.initialize(to: RowVirtualTable(page: page.assumingMemoryBound(to: SourcePage.self)))
        table.pointee = UnsafeMutableRawPointer(made).assumingMemoryBound(to: sqlite3_vtab.self)
        return SQLITE_OK
    }

    private static func open(
        table: UnsafeMutablePointer<sqlite3_vtab>?,
        cursor: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab_cursor>?>?
    ) -> CInt {
        guard let table, let cursor else { return SQLITE_MISUSE }
        let page = UnsafeMutableRawPointer(table).assumingMemoryBound(to: RowVirtualTable.self).pointee.page
        let made = UnsafeMutablePointer<RowCursor>.allocate(capacity: 1)
        made.initialize(to: RowCursor(page: page))
        cursor.pointee = UnsafeMutableRawPointer(made).assumingMemoryBound(to: sqlite3_vtab_cursor.self)
        return SQLITE_OK
    }

    private static func column(
        cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?, context: OpaquePointer?, index: Int
    ) -> CInt {
        guard let cursor = RowCursor.from(cursor), let row = cursor.pointee.row else { return SQLITE_MISUSE }
        let page = cursor.pointee.page
        guard index < page.pointee.width else {
            setText(context, page.pointee.stamp.baseAddress, page.pointee.stamp.count)
            return SQLITE_OK
        }
        let cell = row[index]
        switch cell.kind {
        case .null: sqlite3_result_null(context)
        case .integer: sqlite3_result_int64(context, Int64(bitPattern: cell.bits))
        case .real: sqlite3_result_double(context, Double(bitPattern: cell.bits))
        case .text: setText(context, page.pointee.text.map { $0 + Int(cell.bits) }, Int(cell.length))
        }
        return SQLITE_OK
    }

    /// Without a copy: the page outlives the statement. Without a destructor SQLite takes a text as static.
    private static func setText(_ context: OpaquePointer?, _ bytes: UnsafePointer<UInt8>?, _ count: Int) {
        let start = bytes ?? emptyText.utf8Start  // a null pointer would be NULL
        start.withMemoryRebound(to: CChar.self, capacity: count) {
            sqlite3_result_text64(context, $0, UInt64(count), nil, UInt8(SQLITE_UTF8))
        }
    }

    private static let emptyText: StaticString = ""
}

/// What SQLite sees as a table; its own part must come first.
private struct RowVirtualTable {
    var base = sqlite3_vtab()
    let page: UnsafeMutablePointer<SourcePage>
}

/// What SQLite sees as a cursor; its own part must come first.
private struct RowCursor {
    var base = sqlite3_vtab_cursor()
    let page: UnsafeMutablePointer<SourcePage>
    var row: UnsafePointer<Cell>?

    static func from(_ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> UnsafeMutablePointer<RowCursor>? {
        UnsafeMutableRawPointer(cursor)?.assumingMemoryBound(to: RowCursor.self)
    }
}
