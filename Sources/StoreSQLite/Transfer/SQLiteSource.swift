import GRDB
import GRDBSQLite
import StoreSQL
package import StoreTransfer
import SyncCore

/// The rows of a file as they were when the transaction around it began.
package struct SQLiteSource: TransferSource {
    let db: Database
    let known: KnownKinds

    package var layouts: [TableLayout] {
        get throws { try SQLiteCatalog(db: db, known: known).layouts() }
    }

    /// Names of tables that are somebody else's, and are not read.
    package var strangers: [String] {
        get throws { try SQLiteCatalog(db: db, known: known).strangers() }
    }

    package func count(of table: TableLayout) throws -> Int {
        let condition = TransferCatalog.condition(for: table.name).map { " WHERE \($0)" } ?? ""
        return try Int.fetchOne(db, sql: "SELECT count(*) FROM \(quoted(table.name)) AS t\(condition)") ?? 0
    }

    package func read(
        _ table: TableLayout, after position: [UInt8]?, _ body: (inout RowBatch) throws -> Void
    ) throws {
        let order = try SQLiteCatalog(db: db, known: known).order(of: table)
        let statement = try db.makeStatement(sql: select(table, order, isResumed: position != nil))
        let handle = statement.sqliteStatement
        defer { sqlite3_reset(handle) }
        if let position { try bind(position, to: handle) }
        var reader = SQLiteRowReader(table: table, statement: handle, orderCount: order.count)
        var batch = RowBatch()
        while try db.step(handle) {
            try reader.read(into: &batch)
            guard batch.isFull else { continue }
            try reader.notePosition(in: &batch)
            try body(&batch)
            batch.removeAll()
        }
        guard batch.count > 0 else { return }
        batch.position = []
        try body(&batch)
    }

    /// The columns of the table, and behind them those of the order.
    private func select(_ table: TableLayout, _ order: [String], isResumed: Bool) -> String {
        let columns = table.columns.map {
            TransferCatalog.expression(for: $0.name, of: table.name) ?? "t.\(quoted($0.name))"
        }
        var conditions = TransferCatalog.condition(for: table.name).map { [$0] } ?? []
        if isResumed {
            let marks = order.map { _ in "?" }.joined(separator: ", ")
            conditions.append("(\(order.joined(separator: ", "))) > (\(marks))")
        }
        let condition = conditions.isEmpty ? "" : " WHERE \(conditions.joined(separator: " AND "))"
        return """
            SELECT \((columns + order).joined(separator: ", "))
            FROM \(quoted(table.name)) AS t\(condition) ORDER BY \(order.joined(separator: ", "))
            """
    }

    private func bind(_ position: [UInt8], to statement: SQLiteStatement) throws {
        let binder = SQLiteBinder(db: db, statement: statement)
        try RowBatch(packed: position).forEach { row in
            try row.forEach { index, value in try binder.bind(value, at: Int32(index + 1)) }
        }
    }
}

/// Packs the row under a running statement.
struct SQLiteRowReader {
    let table: TableLayout
    let statement: SQLiteStatement
    let orderCount: Int
    /// The moment that was read last: a batch of a sync has one and the same in all its rows.
    private var moment: (text: [UInt8], value: Int64) = ([], 0)

    init(table: TableLayout, statement: SQLiteStatement, orderCount: Int) {
        self.table = table
        self.statement = statement
        self.orderCount = orderCount
    }

    mutating func read(into batch: inout RowBatch) throws {
        batch.beginRow()
        for (index, column) in table.columns.enumerated() {
            try append(Int32(index), column, to: &batch)
        }
        batch.endRow()
    }

    /// The values of the order of the present row, packed.
    func notePosition(in batch: inout RowBatch) throws {
        var position = RowBatch()
        position.beginRow()
        for index in 0..<orderCount {
            let column = Int32(table.columns.count + index)
            switch sqlite3_column_type(statement, column) {
            case SQLITE_INTEGER: position.append(integer: sqlite3_column_int64(statement, column))
            case SQLITE_FLOAT: position.append(real: sqlite3_column_double(statement, column))
            case SQLITE_TEXT: position.append(text: bytes(column))
            default: position.append(bytes: bytes(column))
            }
        }
        position.endRow()
        batch.position = position.bytes
    }

    private mutating func append(_ index: Int32, _ column: TableLayout.Column, to batch: inout RowBatch) throws {
        let stored = sqlite3_column_type(statement, index)
        if stored == SQLITE_NULL { return batch.appendNull() }
        switch (column.kind, stored) {
        case (.integer, SQLITE_INTEGER): batch.append(integer: sqlite3_column_int64(statement, index))
        case (.real, SQLITE_FLOAT), (.real, SQLITE_INTEGER):
            batch.append(real: sqlite3_column_double(statement, index))
        case (.boolean, SQLITE_INTEGER):
            let number = sqlite3_column_int64(statement, index)
            guard number == 0 || number == 1 else { throw misfit(column, index) }
            batch.append(boolean: number == 1)
        case (.text, SQLITE_TEXT), (.json, SQLITE_TEXT): batch.append(text: bytes(index))
        case (.bytes, SQLITE_BLOB): batch.append(bytes: bytes(index))
        case (.day, SQLITE_TEXT): batch.append(day: try day(column, index))
        case (.instant, SQLITE_TEXT): batch.append(instant: try instant(column, index))
        default: throw misfit(column, index)
        }
    }

    /// As UTF-8, whatever the file's encoding; good until the next step.
    private func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        // The address first: it is what makes SQLite turn the value into these bytes.
        let isText = sqlite3_column_type(statement, column) == SQLITE_TEXT
        let start =
            isText ? UnsafeRawPointer(sqlite3_column_text(statement, column)) : sqlite3_column_blob(statement, column)
        let count = start == nil ? 0 : Int(sqlite3_column_bytes(statement, column))
        return UnsafeRawBufferPointer(start: start, count: count)
    }

    private func day(_ column: TableLayout.Column, _ index: Int32) throws -> Int32 {
        guard let day = CivilDate(String(decoding: bytes(index), as: UTF8.self)) else { throw misfit(column, index) }
        return day.daysSince1970
    }

    private mutating func instant(_ column: TableLayout.Column, _ index: Int32) throws -> Int64 {
        let bytes = bytes(index)
        if moment.text.count == bytes.count, moment.text.elementsEqual(bytes) { return moment.value }
        guard let instant = Instant(iso: String(decoding: bytes, as: UTF8.self)) else { throw misfit(column, index) }
        moment = (Array(bytes), instant.microseconds)
        return instant.microseconds
    }

    private func misfit(_ column: TableLayout.Column, _ index: Int32) -> TransferError {
        let text = String(decoding: bytes(index).prefix(60), as: UTF8.self)
        return .misfit(table: table.name, column: column.name, value: "\"\(text)\"")
    }
}

/// Binds packed values to a statement.
struct SQLiteBinder {
    let db: Database
    let statement: SQLiteStatement

    func bind(_ value: PackedValue, at index: Int32) throws {
        // SQLite copies what it gets.
        let lasting = unsafeBitCast(OpaquePointer(bitPattern: -1), to: sqlite3_destructor_type.self)
        let code =
            switch value {
            case .null: sqlite3_bind_null(statement, index)
            case .integer(let number): sqlite3_bind_int64(statement, index, number)
            case .real(let number): sqlite3_bind_double(statement, index, number)
            case .boolean(let flag): sqlite3_bind_int64(statement, index, flag ? 1 : 0)
            case .day(let day): bind(CivilDate(daysSince1970: day).description, at: index)
            case .instant(let moment): bind(Instant(microseconds: moment).exact, at: index)
            case .text(let text) where text.isEmpty: sqlite3_bind_text(statement, index, "", 0, lasting)
            case .text(let text):
                sqlite3_bind_text(
                    statement, index, text.bindMemory(to: CChar.self).baseAddress, Int32(text.count), lasting)
            case .bytes(let bytes) where bytes.isEmpty: sqlite3_bind_zeroblob(statement, index, 0)
            case .bytes(let bytes): sqlite3_bind_blob(statement, index, bytes.baseAddress, Int32(bytes.count), lasting)
            }
        if code != SQLITE_OK { throw db.failure(code) }
    }

    func bind(_ value: RowQuery.Value, at index: Int32) throws {
        let code =
            switch value {
            case .text(let text): bind(text, at: index)
            case .integer(let number): sqlite3_bind_int64(statement, index, number)
            case .boolean(let flag): sqlite3_bind_int64(statement, index, flag ? 1 : 0)
            case .day(let day): bind(day.description, at: index)
            case .instant(let moment): bind(moment.description, at: index)
            }
        if code != SQLITE_OK { throw db.failure(code) }
    }

    private func bind(_ text: String, at index: Int32) -> Int32 {
        sqlite3_bind_text(
            statement, index, text, Int32(text.utf8.count),
            unsafeBitCast(OpaquePointer(bitPattern: -1), to: sqlite3_destructor_type.self))
    }
}

extension Database {
    /// Moves a statement to its next row; false behind the last.
    func step(_ statement: SQLiteStatement) throws -> Bool {
        let code = sqlite3_step(statement)
        if code == SQLITE_ROW { return true }
        guard code == SQLITE_DONE else { throw failure(code) }
        return false
    }

    /// The error behind a result code.
    func failure(_ code: Int32) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: code),
            message: sqlite3_errmsg(sqliteConnection).map { String(cString: $0) })
    }
}
