import StoreSQL
import SyncCore

/// Writes flat tables into the streams' tables (design.md, section 6). The server is first asked which keys it has:
/// new rows then go by COPY straight into their table, and only the others into a staging table, from which those are
/// updated whose values differ. Rows that are stored as they came cost no write at all; a conflict would lock each.
/// Where a table grew by all rows of the page before, nobody asks: history is read once, and page after page is new.
///
/// The staging table is a temporary one, which writes no log. A connection of our own keeps it from page to page and
/// empties it at each commit; behind a pooler nothing may stay on a connection, and it lives for a transaction.
struct PostgresRows {
    let connection: PostgresConnection

    /// See `SQLSession.upsert`. To be called within a transaction, in which nobody else changes the account's rows.
    func upsert(_ table: RowTable, keys: [UInt64]?, syncedAt: Instant) throws -> UpsertResult {
        let hashes = keys ?? KeyHash.hashes(of: table)
        var result = UpsertResult(received: table.rowCount, inserted: 0, changed: 0, unchanged: 0, keyHashes: hashes)
        guard table.rowCount > 0 else { return result }
        let merge = connection.merges.merge(for: table)
        let encoder = RowEncoder(table, syncedAt: syncedAt)
        let latest = PostgresRows.latest(hashes)
        // Entities are read again all the time, and of days that are known only what has changed is in the table.
        let mayBeHistory = table.schema.grain == .daily && table.known.keys.isEmpty
        let isLikelyNew = mayBeHistory && connection.merges.growing.contains(merge.stage)
        if isLikelyNew, connection.staging.nests(), try insertUnasked(latest, merge, encoder) {
            result.inserted = latest.count
        } else {
            try lookAndWrite(latest, merge, encoder, &result)
            if result.inserted == latest.count {
                connection.merges.growing.insert(merge.stage)
            } else {
                connection.merges.growing.remove(merge.stage)
            }
        }
        result.unchanged = table.rowCount - result.inserted - result.changed
        return result
    }

    /// Counts what was inserted and changed.
    private func lookAndWrite(
        _ rows: [Int], _ merge: PostgresMerge, _ encoder: RowEncoder, _ result: inout UpsertResult
    ) throws {
        if connection.staging.begins() {
            for way in PostgresRows.ways { try connection.later(PostgresRun(way)) }
        }
        let (new, stored) = try split(rows, merge, encoder)
        result.inserted = new.count
        if !new.isEmpty {
            do {
                try insert(new, merge.copyIn, merge, encoder)
            } catch let error as PostgresError where error.kind == .uniqueViolation {
                // Somebody has written the same row since we looked.
                throw error.with(.conflict)
            }
        }
        if !stored.isEmpty, let update = merge.update {
            try stage(merge)
            try connection.copyIn(merge.copyToStage) { try encoder.encode(stored, into: &$0) }
            result.changed = try connection.execute(.built(update))
        }
    }

    /// A row is found by its key, whatever the server thinks of a table that it has not seen growing: a plan is made
    /// once and used for long. Without `jit = off`, what a plan cannot do without looks so dear that it is compiled.
    private static let ways: [PostgresStatement] = [
        "SET LOCAL plan_cache_mode = force_generic_plan", "SET LOCAL enable_seqscan = off",
        "SET LOCAL enable_hashjoin = off", "SET LOCAL enable_mergejoin = off", "SET LOCAL jit = off",
    ]

    /// Those of `rows` whose key is not stored, and those whose key is.
    private func split(
        _ rows: [Int], _ merge: PostgresMerge, _ encoder: RowEncoder
    ) throws -> (new: [Int], stored: [Int]) {
        var isStored = [Bool](repeating: false, count: rows.count)
        let found = try connection.execute(.built(merge.look), try encoder.keys(of: rows)) { row in
            isStored[row.int(0) - 1] = true
        }
        if found == 0 { return (rows, []) }
        if found == rows.count { return ([], rows) }
        let places = rows.indices
        return (places.filter { !isStored[$0] }.map { rows[$0] }, places.filter { isStored[$0] }.map { rows[$0] })
    }

    /// False, and nothing has happened, when a row was stored already.
    private func insertUnasked(_ rows: [Int], _ merge: PostgresMerge, _ encoder: RowEncoder) throws -> Bool {
        // What goes wrong there is of another statement.
        try connection.sendKept()
        do {
            try insert(rows, "SAVEPOINT rows; \(merge.copyIn)", merge, encoder)
            try connection.later(PostgresRun("RELEASE SAVEPOINT rows"))
            return true
        } catch let error as PostgresError where error.kind == .uniqueViolation {
            try connection.script("ROLLBACK TO SAVEPOINT rows; RELEASE SAVEPOINT rows")
            return false
        }
    }

    private func insert(_ rows: [Int], _ sql: String, _ merge: PostgresMerge, _ encoder: RowEncoder) throws {
        do {
            try connection.copyIn(sql) { try encoder.encode(rows, into: &$0) }
        } catch let error as PostgresError where error.sqlState == "23514" && error.constraint == nil {
            // No partition; a check of somebody's own has a name.
            let months = try encoder.months(of: rows)
            throw PostgresPartitions.Missing(table: merge.schema.table, months: months, cause: error)
        }
    }

    /// Empty and ready.
    private func stage(_ merge: PostgresMerge) throws {
        let isPooled = connection.server.isPooled
        switch connection.staging.use(merge.stage, isLasting: !isPooled) {
        case .empty: break
        case .used: try connection.script("TRUNCATE \(merge.stage)")
        case .missing: try connection.script(merge.definition(isLasting: !isPooled))
        }
    }

    /// Of rows with one key the last, as numbers of rows.
    private static func latest(_ hashes: [UInt64]) -> [Int] {
        var last: [UInt64: Int] = Dictionary(minimumCapacity: hashes.count)
        for (row, hash) in hashes.enumerated() { last[hash] = row }
        return last.count == hashes.count ? Array(hashes.indices) : last.values.sorted()
    }
}

/// Turns the cells of a table into the rows of a binary COPY.
private struct RowEncoder {
    private let table: RowTable
    private let types: [ColumnType]
    private let syncedAt: Instant

    init(_ table: RowTable, syncedAt: Instant) {
        self.table = table
        self.types = table.filled.map { table.schema.columns[$0].type } + [.json]
        self.syncedAt = syncedAt
    }

    func encode(_ rows: [Int], into buffer: inout PostgresCopyBuffer) throws {
        try withCells { cells, text in
            for row in rows {
                try buffer.beginRow(fields: table.width + 1)
                for offset in types.indices {
                    try append(cells[row * table.width + offset], types[offset], text, to: &buffer)
                }
                buffer.appendTimestamp(microseconds: syncedAt.microseconds)
            }
        }
    }

    /// For each column of the key a list of its values.
    func keys(of rows: [Int]) throws -> [PostgresValue] {
        try table.schema.keyPositions.map { position in
            guard let offset = table.filled.firstIndex(of: position) else {
                preconditionFailure("\(table.schema.table): a table always holds its key")
            }
            let list = try withCells { cells, text in
                try PostgresCopyBuffer.list(of: PostgresType(types[offset]), count: rows.count) { buffer in
                    for row in rows { try append(cells[row * table.width + offset], types[offset], text, to: &buffer) }
                }
            }
            return .bytes(list)
        }
    }

    /// The first days of the months that some rows are of.
    func months(of rows: [Int]) throws -> Set<CivilDate> {
        let column = table.schema.columns.firstIndex { $0.name == PostgresPartitions.column }
        guard let offset = column.flatMap({ table.filled.firstIndex(of: $0) }) else { return [] }
        return try withCells { cells, text in
            Set(
                try rows.map { row in
                    let cell = cells[row * table.width + offset]
                    return CivilDate(daysSince1970: try day(bytes(of: cell, in: text))).month
                })
        }
    }

    private func withCells<Value>(
        _ body: (UnsafeBufferPointer<Cell>, UnsafeBufferPointer<UInt8>) throws -> Value
    ) rethrows -> Value {
        try table.cells.withUnsafeBufferPointer { cells in
            try table.text.withUnsafeBufferPointer { text in try body(cells, text) }
        }
    }

    @inline(__always)
    private func append(
        _ cell: Cell, _ type: ColumnType, _ text: UnsafeBufferPointer<UInt8>, to buffer: inout PostgresCopyBuffer
    ) throws {
        switch (cell.kind, type) {
        case (.null, _): buffer.appendNull()
        case (.integer, .boolean): buffer.appendBool(cell.bits != 0)
        case (.integer, .real): buffer.appendDouble(Double(Int64(bitPattern: cell.bits)))
        case (.integer, _): buffer.appendInt64(Int64(bitPattern: cell.bits))
        case (.real, _): buffer.appendDouble(Double(bitPattern: cell.bits))
        case (.text, _):
            let bytes = bytes(of: cell, in: text)
            switch type {
            case .date: buffer.appendDate(days: try day(bytes))
            case .instant: buffer.appendTimestamp(microseconds: try moment(bytes))
            default: buffer.appendText(bytes)
            }
        }
    }

    private func bytes(of cell: Cell, in text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        let start = Int(cell.bits)
        return UnsafeBufferPointer(rebasing: text[start..<start + Int(cell.length)])
    }

    private func day(_ bytes: UnsafeBufferPointer<UInt8>) throws -> Int32 {
        guard let day = CivilDate(bytes) else {
            throw StoreError.inconsistent("a day that is none, for \(table.schema.table)")
        }
        return day.daysSince1970
    }

    private func moment(_ bytes: UnsafeBufferPointer<UInt8>) throws -> Int64 {
        guard let instant = Instant(iso: String(decoding: bytes, as: UTF8.self)) else {
            throw StoreError.inconsistent("an instant that is none, for \(table.schema.table)")
        }
        return instant.microseconds
    }
}

extension PostgresType {
    /// Of the values of a column.
    fileprivate init(_ type: ColumnType) {
        switch type {
        case .text: self = .text
        case .integer, .money, .minorMoney: self = .int8
        case .real: self = .float8
        case .boolean: self = .bool
        case .date: self = .date
        case .instant: self = .timestamptz
        case .json: self = .json
        }
    }
}
