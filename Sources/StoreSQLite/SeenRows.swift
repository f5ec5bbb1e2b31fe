import SyncCore

/// What is remembered of rows that came: a hash of each one's key, and for whole rows of days one of its contents
/// with its day, in the order in which they came.
struct SeenRows {
    private(set) var keys: [UInt64] = []
    /// As many as there are keys, or none when some row was not whole.
    private(set) var contents: [UInt64] = []
    /// `20261121`; 0 for a row without a day. As many as there are contents.
    private(set) var days: [UInt32] = []
    private var isWhole = true

    init() {}

    /// Rows of which only the keys count.
    init(keys: [UInt64]) {
        self.keys = keys
        self.isWhole = keys.isEmpty
    }

    /// Whole rows of a table with a `date` column.
    init(wholeRowsOf table: RowTable) {
        keys = KeyHash.hashes(of: table)
        contents = KeyHash.contents(of: table)
        days = SeenRows.days(of: table)
    }

    mutating func append(_ other: SeenRows) {
        keys += other.keys
        isWhole = isWhole && other.isWhole
        contents = isWhole ? contents + other.contents : []
        days = isWhole ? days + other.days : []
    }

    // MARK: Days

    private static func days(of table: RowTable) -> [UInt32] {
        let column = table.schema.columns.firstIndex { $0.name == "date" }
        guard let offset = column.flatMap({ table.filled.firstIndex(of: $0) }) else {
            return Array(repeating: 0, count: table.rowCount)
        }
        let width = table.width
        return table.text.withUnsafeBytes { text in
            table.cells.withUnsafeBufferPointer { cells in
                stride(from: offset, to: cells.count, by: width).map { at in
                    let cell = cells[at]
                    guard cell.kind == .text, cell.length == 10 else { return 0 }
                    return day(UnsafeRawBufferPointer(rebasing: text[Int(cell.bits)..<Int(cell.bits) + 10]))
                }
            }
        }
    }

    /// `2026-11-21` as a number.
    static func day(_ text: UnsafeRawBufferPointer) -> UInt32 {
        var day: UInt32 = 0
        for byte in text where byte != UInt8(ascii: "-") { day = day &* 10 &+ UInt32(byte &- UInt8(ascii: "0")) }
        return day
    }

    private static func text(_ day: UInt32) -> String {
        let digits = String(day)
        let padded = String(repeating: "0", count: max(0, 8 - digits.count)) + digits
        return "\(padded.prefix(4))-\(padded.dropFirst(4).prefix(2))-\(padded.dropFirst(6))"
    }

    /// The first and the last day of the rows at these positions; nil for no rows.
    func span(of rows: some Sequence<Int>) -> (first: String, last: String)? {
        var span: (first: UInt32, last: UInt32)?
        for row in rows {
            let day = days[row]
            span = (min(span?.first ?? day, day), max(span?.last ?? day, day))
        }
        return span.map { (SeenRows.text($0.first), SeenRows.text($0.last)) }
    }

    // MARK: Stored form

    var keyBytes: [UInt8] { keys.withUnsafeBytes { Array($0) } }

    /// Contents, then days; nil when they are not known.
    var contentBytes: [UInt8]? {
        guard isWhole else { return nil }
        return contents.withUnsafeBytes { Array($0) } + days.withUnsafeBytes { Array($0) }
    }

    init(keyBytes: UnsafeRawBufferPointer, contentBytes: UnsafeRawBufferPointer?) {
        keys = SeenRows.numbers(keyBytes)
        guard let contentBytes, contentBytes.count == keys.count * 12 else {
            isWhole = keys.isEmpty
            return
        }
        contents = SeenRows.numbers(UnsafeRawBufferPointer(rebasing: contentBytes[..<(keys.count * 8)]))
        days = SeenRows.numbers(UnsafeRawBufferPointer(rebasing: contentBytes[(keys.count * 8)...]))
    }

    private static func numbers<Number: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer) -> [Number] {
        let size = MemoryLayout<Number>.size
        return (0..<bytes.count / size).map { bytes.loadUnaligned(fromByteOffset: $0 * size, as: Number.self) }
    }
}
