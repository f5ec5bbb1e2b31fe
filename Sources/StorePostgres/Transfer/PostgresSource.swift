import StoreSQL
package import StoreTransfer
import SyncCore

/// The rows of a database as the transaction around it sees them.
package struct PostgresSource: TransferSource {
    let connection: PostgresConnection

    package var layouts: [TableLayout] {
        get throws { try PostgresCatalog(connection: connection).layouts() }
    }

    /// `position` must be nil: rows lie in no order.
    package func read(
        _ table: TableLayout, after position: [UInt8]?, _ body: (inout RowBatch) throws -> Void
    ) throws {
        precondition(position == nil, "a table of PostgreSQL is read from its begin")
        var batch = RowBatch()
        let reader = PostgresRowReader(table: table)
        try connection.copyOut(select(table), timeout: .seconds(600)) { row in
            try reader.read(row, into: &batch)
            guard batch.isFull else { return }
            try body(&batch)
            batch.removeAll()
        }
        if batch.count > 0 { try body(&batch) }
    }

    package func count(of table: TableLayout) throws -> Int {
        var count = 0
        let condition = TransferCatalog.condition(for: table.name).map { " WHERE \($0)" } ?? ""
        try connection.execute(
            .once("SELECT count(*) FROM \(quoted(table.name)) AS t\(condition)"), timeout: .seconds(3600)
        ) { count = $0.int(0) }
        return count
    }

    private func select(_ table: TableLayout) -> String {
        let columns = table.columns.map {
            TransferCatalog.expression(for: $0.name, of: table.name) ?? "t.\(quoted($0.name))"
        }
        let condition = TransferCatalog.condition(for: table.name).map { " WHERE \($0)" } ?? ""
        let query = "SELECT \(columns.joined(separator: ", ")) FROM \(quoted(table.name)) AS t\(condition)"
        return "COPY (\(query)) TO STDOUT (FORMAT binary)"
    }
}

/// Packs a row of a binary COPY.
struct PostgresRowReader {
    let table: TableLayout

    func read(_ row: PostgresCopyRow, into batch: inout RowBatch) throws {
        batch.beginRow()
        try row.forEach { index, field in try append(field, table.columns[index], to: &batch) }
        batch.endRow()
    }

    private func append(
        _ field: UnsafeRawBufferPointer?, _ column: TableLayout.Column, to batch: inout RowBatch
    ) throws {
        guard let field else { return batch.appendNull() }
        switch column.kind {
        case .integer:
            switch field.count {
            case 2: batch.append(integer: Int64(field.load(Int16.self)))
            case 4: batch.append(integer: Int64(field.load(Int32.self)))
            default: batch.append(integer: field.load(Int64.self))
            }
        case .real: batch.append(real: Double(bitPattern: field.load(UInt64.self)))
        case .boolean: batch.append(boolean: field.load(UInt8.self) != 0)
        case .text, .json: batch.append(text: field)
        case .bytes: batch.append(bytes: field)
        case .day:
            guard let day = PostgresTime.day(field.load(Int32.self)) else { throw endless(column) }
            batch.append(day: day.daysSince1970)
        case .instant:
            guard let moment = PostgresTime.instant(field.load(Int64.self)) else { throw endless(column) }
            batch.append(instant: moment.microseconds)
        }
    }

    private func endless(_ column: TableLayout.Column) -> TransferError {
        .misfit(table: table.name, column: column.name, value: "infinity")
    }
}
