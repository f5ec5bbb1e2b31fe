import StoreSQL
package import StoreTransfer
import SyncCore

/// Writes packed rows by COPY, within a transaction that somebody else ends.
package final class PostgresSink: DatabaseSink {
    let connection: PostgresConnection
    private let partitioning: Partitioning?
    private var form: Form?
    private var areBeforeCurrencies = false

    /// Of the table that is being written.
    private struct Form {
        var table: String
        var copy: String
        var widths: [Int]
        /// The column by whose months it is cut into partitions.
        var cut: Int?
        /// The first days of those months that were seen to be there.
        var months: Set<CivilDate> = []
    }

    init(connection: PostgresConnection, partitioning: Partitioning?) {
        self.connection = connection
        self.partitioning = partitioning
    }

    package func prepare(_ layouts: [TableLayout]) throws {
        areBeforeCurrencies = TransferCatalog.areBeforeCurrencies(layouts)
        try connection.execute("DELETE FROM workspaces")
        if let partitioning { try PostgresPartitions(connection: connection).choose(partitioning) }
        let tables = PostgresDataTables(connection: connection)
        for layout in layouts where !layout.isControl {
            try tables.create(layout.schema)
            for column in layout.columnsOfBytes {
                try connection.script(
                    "ALTER TABLE \(quoted(layout.name)) ADD COLUMN IF NOT EXISTS \(quoted(column)) bytea")
            }
        }
        for layout in layouts {
            let widths = try PostgresCatalog(connection: connection).widths(of: layout.name)
            // A schema only ever adds, so what is not here came later.
            if let column = layout.columns.first(where: { widths[$0.name] == nil }) {
                throw TransferError.newerRows(table: layout.name, column: column.name)
            }
        }
    }

    package func write(_ batch: RowBatch, of table: TableLayout) throws {
        let form = try form(of: table)
        try makeMonths(of: batch)
        do {
            try connection.copyIn(form.copy, timeout: .seconds(600)) { buffer in
                try batch.forEach { row in
                    try buffer.beginRow(fields: table.columns.count)
                    try row.forEach { index, value in
                        if !append(value, form.widths[index], to: &buffer) { throw tooLarge(table, index) }
                    }
                }
            }
        } catch let error as PostgresError where error.isOfData {
            throw TransferError.refusedRows(table: table.name, why: error.message)
        }
    }

    /// The partitions of the rows' days, if the table has any.
    private func makeMonths(of batch: RowBatch) throws {
        guard let form, let column = form.cut else { return }
        var months: Set<CivilDate> = []
        try batch.forEach { row in
            try row.forEach { index, value in
                guard index == column, case .day(let day) = value else { return }
                months.insert(CivilDate(daysSince1970: day).month)
            }
        }
        let missing = months.subtracting(form.months)
        guard !missing.isEmpty else { return }
        _ = try PostgresPartitions(connection: connection).make(missing, of: form.table)
        self.form?.months.formUnion(missing)
    }

    private func tooLarge(_ table: TableLayout, _ column: Int) -> TransferError {
        .misfit(table: table.name, column: table.columns[column].name, value: "a number that is too large")
    }

    package func written(_ layouts: [TableLayout]) -> PostgresSource { PostgresSource(connection: connection) }

    /// Makes the views of the streams that are there, and sets the next ids behind the highest.
    func complete(_ schemas: [StreamSchema]) throws {
        // Where the steps would have brought rows of an older program.
        if areBeforeCurrencies { try connection.script(PostgresTables.currenciesApart) }
        let catalog = PostgresCatalog(connection: connection)
        try PostgresViews(connection: connection).create(for: schemas.filter { try catalog.has($0.table) })
        var columns: [(table: String, column: String)] = []
        try connection.execute(
            """
            SELECT c.relname::text, a.attname::text FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
            WHERE c.relnamespace = quote_ident(current_schema())::regnamespace
                AND a.attidentity <> '' AND NOT a.attisdropped
            ORDER BY c.relname
            """
        ) { columns.append(($0.text(0), $0.text(1))) }
        for (table, column) in columns {
            try connection.execute(
                .once(
                    """
                    SELECT setval(
                        pg_get_serial_sequence($1, $2), greatest(max(\(quoted(column))), 1),
                        max(\(quoted(column))) >= 1)
                    FROM \(quoted(table)) HAVING max(\(quoted(column))) IS NOT NULL
                    """), [.text(quoted(table)), .text(column)])
        }
    }

    private func form(of table: TableLayout) throws -> Form {
        if let form, form.table == table.name { return form }
        let widths = try PostgresCatalog(connection: connection).widths(of: table.name)
        let columns = table.columns.map { quoted($0.name) }.joined(separator: ", ")
        var made = Form(
            table: table.name, copy: "COPY \(quoted(table.name)) (\(columns)) FROM STDIN (FORMAT binary)",
            widths: table.columns.map { widths[$0.name] ?? 0 })
        if try PostgresPartitions(connection: connection).isCut(table.name) {
            made.cut = table.columns.firstIndex { $0.name == PostgresPartitions.column && $0.kind == .day }
        }
        form = made
        return made
    }

    /// False for a number that the column has no room for.
    private func append(_ value: PackedValue, _ width: Int, to buffer: inout PostgresCopyBuffer) -> Bool {
        switch value {
        case .null: buffer.appendNull()
        case .integer(let number) where width == 4:
            guard let small = Int32(exactly: number) else { return false }
            buffer.appendInt32(small)
        case .integer(let number): buffer.appendInt64(number)
        case .real(let number): buffer.appendDouble(number)
        case .boolean(let flag): buffer.appendBool(flag)
        case .day(let day): buffer.appendDate(days: day)
        case .instant(let moment): buffer.appendTimestamp(microseconds: moment)
        case .text(let text): text.withMemoryRebound(to: UInt8.self) { buffer.appendText($0) }
        case .bytes(let bytes): buffer.appendBytes(bytes)
        }
        return true
    }
}

extension PostgresError {
    /// A value that its type or a constraint of the table does not allow.
    fileprivate var isOfData: Bool { sqlState.map { $0.hasPrefix("22") || $0.hasPrefix("23") } ?? false }
}
