/// Rows of one page as a flat table: no object per row, no dictionary, no `Codable`
/// (design.md, section 6).
package struct RowTable: Sendable {
    package let schema: StreamSchema
    /// Positions in `schema.columns` that this table fills, ascending; the others stay untouched by the
    /// upsert (a report split by fields fills some columns only). Always holds the key.
    package let filled: [Int]
    /// Cells row by row: for each row one cell per filled column, then one for `extra`.
    package let cells: [Cell]
    /// The bytes that text cells point into.
    package let text: [UInt8]
    /// One hash per row over its JSON as it came and all that its cells depend on; none when that is not known.
    package let contents: [UInt64]
    /// Rows that came as they are stored: they are not in the table.
    package var known: SeenRows
    /// Rows that had no value for a key column, as raw JSON: they are not in the table.
    package let rejected: [String]
    /// Values that did not fit their column, by column name; the raw values are in `extra`.
    package let misfits: [String: Int]
    /// Names of row members that the schema does not know, kept in `extra`.
    package let unknown: Set<String>

    package init(
        schema: StreamSchema, filled: [Int], cells: [Cell], text: [UInt8], contents: [UInt64] = [],
        known: SeenRows = SeenRows(), rejected: [String] = [], misfits: [String: Int] = [:],
        unknown: Set<String> = []
    ) {
        width = filled.count + 1
        rowCount = cells.count / width
        precondition(cells.count == rowCount * width, "a cell for each filled column and one for extra")
        self.schema = schema
        self.filled = filled
        self.cells = cells
        self.text = text
        self.contents = contents
        self.known = known
        self.rejected = rejected
        self.misfits = misfits
        self.unknown = unknown
    }

    /// Cells per row, `extra` included.
    package let width: Int
    package let rowCount: Int
    /// Rows that came and have a key.
    package var received: Int { rowCount + known.keys.count }

    /// The text of a text cell; nil for any other kind.
    package func string(_ cell: Cell) -> String? {
        guard cell.kind == .text else { return nil }
        let start = Int(cell.bits)
        return String(decoding: text[start..<start + Int(cell.length)], as: UTF8.self)
    }

    /// The rows of some days alone, of a stream of days; all others are as if they had not come.
    package func keeping(_ days: DayRange) -> RowTable {
        guard let position = schema.columns.firstIndex(where: { $0.name == "date" }),
            let offset = filled.firstIndex(of: position)
        else { return self }
        let kept = (0..<rowCount).filter { row in
            string(cells[row * width + offset]).flatMap { CivilDate($0) }.map(days.contains) ?? false
        }
        guard kept.count < rowCount else { return self }
        return RowTable(
            schema: schema, filled: filled, cells: kept.flatMap { cells[$0 * width..<($0 + 1) * width] }, text: text,
            contents: contents.isEmpty ? [] : kept.map { contents[$0] }, known: known, rejected: rejected,
            misfits: misfits, unknown: unknown)
    }

    /// A value by row and column name, for tests and small reads.
    package func cell(row: Int, column name: String) -> Cell? {
        guard let position = schema.columns.firstIndex(where: { $0.name == name }),
            let offset = filled.firstIndex(of: position)
        else { return nil }
        return cells[row * width + offset]
    }
}

/// One value of a flat table, 16 bytes.
package struct Cell: Sendable, Hashable {
    /// An integer's or a double's bits; for text the offset into the table's bytes.
    package var bits: UInt64
    /// Bytes of a text.
    package var length: UInt32
    package var kind: Kind

    package enum Kind: UInt8, Sendable, Hashable {
        case null, integer, real, text
    }

    package init(bits: UInt64, length: UInt32, kind: Kind) {
        self.bits = bits
        self.length = length
        self.kind = kind
    }

    package static let null = Cell(bits: 0, length: 0, kind: .null)
    package static func integer(_ value: Int64) -> Cell {
        Cell(bits: UInt64(bitPattern: value), length: 0, kind: .integer)
    }
    package var integer: Int64? { kind == .integer ? Int64(bitPattern: bits) : nil }
    package var real: Double? { kind == .real ? Double(bitPattern: bits) : nil }
}
