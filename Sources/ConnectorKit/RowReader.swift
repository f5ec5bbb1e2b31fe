import CJSONRows
package import SyncCore

/// Where the rows are in a body. A path is dotted (`response.list`); empty means the body itself. Where it meets an
/// array on its way, it goes through each element: `{"response":[{"list":[…]}]}` is read like
/// `{"response":{"list":[…]}}`.
package enum RowsAt: Sendable, Hashable {
    /// An array of objects.
    case list(String)
    /// An object whose values are the rows: an answer keyed by id.
    case values(String)
    /// One object that is the row.
    case single(String)
    /// An array of objects that each hold an array of rows, in the member `rows`.
    case nested(String, rows: String)
}

/// A body that is not what it should be.
package enum MalformedBody: Error, Sendable, Hashable {
    /// Not JSON, or JSON that ends too early.
    case notJSON(String)
    /// JSON, but without rows at the path.
    case noRows
}

/// A page of rows and all that stood beside them.
package struct PageRead: Sendable {
    package var table: RowTable
    /// The body without its rows, as a JSON object: paging, summary, an error. Small; read with `Codable`.
    package var rest: [UInt8]
    /// Sequences of bytes that were not UTF-8, and escapes of half a character (`\ud83d` alone), that
    /// became U+FFFD.
    package var repaired: Int
}

/// Turns answers into flat tables, as one stream's schema says (design.md, section 6).
///
/// The columns are compiled once; a reader is made once per stream and set of fields, and may be used by any
/// number of threads. What it does with odd input:
/// - JSON null and an absent member are both NULL.
/// - Numbers may come as strings and texts as numbers; ids keep every digit.
/// - Money is read by its digits, never through a double; beyond six decimals it is rounded half up (away
///   from zero).
/// - A value that does not fit its column is NULL, is counted in `misfits`, and is kept in `extra` under its
///   member's name. A member that the schema does not know is kept there too, unless it is null.
/// - Of two members with one name the first one counts.
/// - A row without a value for a key column, or a row that is no object, goes to `rejected`.
/// - Bytes that are not UTF-8 become U+FFFD and are counted; all else that is not JSON throws.
package struct RowReader: Sendable {
    private let schema: StreamSchema
    private let filled: [Int]
    private let plan: CompiledRows

    /// Traps when a path of the schema makes no sense: a connector checks what users configure.
    ///
    /// `fields` names the columns to fill beside the key and the constants of a read; nil fills all.
    /// `minorDigits` tells how many digits the minor unit of a currency has where it is not 2, and
    /// `currencyPath` where a row names its own currency.
    package init(
        schema: StreamSchema, fields: Set<String>? = nil, minorDigits: [String: Int] = [:],
        currencyPath: String? = nil
    ) {
        self.schema = schema
        self.filled = schema.columns.indices.filter { position in
            let column = schema.columns[position]
            return fields?.contains(column.name) ?? true || schema.key.contains(column.name)
                || column.source == .context
        }
        self.plan = CompiledRows(
            schema: schema, filled: filled, minorDigits: minorDigits, currencyPath: currencyPath)
    }

    /// Reads one body. `context` gives the values of the columns that are constants of the read, and
    /// `currency` (ISO 4217) is the one whose minor units are counted where a row does not name another.
    /// Rows that are `known` are left out of the table, which names them. Blocks for about a microsecond per row.
    package func read(
        _ body: [UInt8], at rows: RowsAt, context: [String: String], currency: String, known: KnownRows? = nil
    ) throws(MalformedBody) -> PageRead {
        let constants = schema.columns.map { column in
            column.source == .context ? context[column.name] : nil
        }
        let read: PageRead? = try plan.read(
            body, at: rows, constants: constants, currency: currency, known: known
        ) { page in
            var table = table(page)
            if let known, page.knownCount > 0 {
                let positions = UnsafeBufferPointer(start: page.known, count: page.knownCount)
                guard let seen = known.rows(at: positions, beside: table) else { return nil }
                table.known = seen
            }
            return PageRead(table: table, rest: Array(bytes(page.rest)), repaired: page.repaired)
        }
        // A row came as it is stored and in another form too: which one came last is only told by reading both.
        guard let read else { return try self.read(body, at: rows, context: context, currency: currency) }
        return read
    }

    private func table(_ page: CJRPage) -> RowTable {
        RowTable(
            schema: schema, filled: filled, cells: page.copyCells(), text: Array(bytes(page.text)),
            contents: Array(UnsafeBufferPointer(start: page.hashes, count: page.hashCount)),
            rejected: texts(page.rejected, ends: page.rejectedEnds, count: page.rejectedCount),
            misfits: misfits(page), unknown: Set(texts(page.unknown, ends: page.unknownEnds, count: page.unknownCount)))
    }

    private func misfits(_ page: CJRPage) -> [String: Int] {
        var counts: [String: Int] = [:]
        for (position, column) in schema.columns.enumerated() where page.misfits[position] > 0 {
            counts[column.name] = Int(page.misfits[position])
        }
        return counts
    }
}

private func bytes(_ text: CJRText) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: text.data, count: text.size)
}

private func texts(_ joined: CJRText, ends: UnsafePointer<Int>?, count: Int) -> [String] {
    let all = bytes(joined)
    var start = 0
    return UnsafeBufferPointer(start: ends, count: count).map { end in
        defer { start = end }
        return String(decoding: UnsafeBufferPointer(rebasing: all[start..<end]), as: UTF8.self)
    }
}

extension CJRPage {
    /// All cells in one copy: both structs have one layout, and the kinds have the same numbers.
    fileprivate func copyCells() -> [Cell] {
        precondition(
            MemoryLayout<CJRCell>.stride == MemoryLayout<Cell>.stride
                && MemoryLayout<CJRCell>.offset(of: \.length) == MemoryLayout<Cell>.offset(of: \.length)
                && MemoryLayout<CJRCell>.offset(of: \.kind) == MemoryLayout<Cell>.offset(of: \.kind),
            "a cell is the same on both sides")
        // The one empty array of the process must not be written to, not even with its own count.
        guard let cells, cellCount > 0 else { return [] }
        return [Cell](unsafeUninitializedCapacity: cellCount) { target, count in
            UnsafeMutableRawPointer(target.baseAddress)?.copyMemory(
                from: cells, byteCount: cellCount * MemoryLayout<Cell>.stride)
            count = cellCount
        }
    }
}
