/// What is remembered of rows that came: a hash of each one's key, and for whole rows of days one of its contents
/// with its day, in the order in which they came.
package struct SeenRows: Sendable, Hashable {
    package private(set) var keys: [UInt64] = []
    /// Of the row's JSON, as it came. As many as there are keys, or none when some row was not whole.
    package private(set) var contents: [UInt64] = []
    /// `20261121`; 0 for a row without a day. As many as there are contents.
    package private(set) var days: [UInt32] = []
    /// Contents and days are there.
    package private(set) var isWhole = true

    package init() {}

    /// Rows of which only the keys count.
    package init(keys: [UInt64]) {
        self.keys = keys
        self.isWhole = keys.isEmpty
    }

    package init(keys: [UInt64], contents: [UInt64], days: [UInt32]) {
        precondition(contents.count == keys.count && days.count == keys.count, "each row has its contents and its day")
        self.keys = keys
        self.contents = contents
        self.days = days
    }

    /// The rows of a table, and those of it that were known. Whole when the table is: then it has a `date` column.
    package init(of table: RowTable) {
        self.init(keys: KeyHash.hashes(of: table), of: table)
    }

    private init(keys: [UInt64], of table: RowTable) {
        let isWhole = table.filled.count == table.schema.columns.count && table.contents.count == keys.count
        self = isWhole ? SeenRows(keys: keys, contents: table.contents, days: table.days) : SeenRows(keys: keys)
        append(table.known)
    }

    package mutating func append(_ other: SeenRows) {
        keys += other.keys
        isWhole = isWhole && other.isWhole
        contents = isWhole ? contents + other.contents : []
        days = isWhole ? days + other.days : []
    }

    package mutating func append(key: UInt64, contents: UInt64, day: UInt32) {
        keys.append(key)
        self.contents.append(contents)
        days.append(day)
    }

    package mutating func reserve(_ count: Int) {
        keys.reserveCapacity(count)
        contents.reserveCapacity(count)
        days.reserveCapacity(count)
    }

    /// The first and the last day of the first `count` rows, or of all; nil for no rows.
    package func span(ofFirst count: Int? = nil) -> (first: String, last: String)? {
        SeenRows.span(days.prefix(count ?? keys.count))
    }

    fileprivate static func span(_ days: some Sequence<UInt32>) -> (first: String, last: String)? {
        guard let first = days.min(), let last = days.max() else { return nil }
        return (SeenRows.text(first), SeenRows.text(last))
    }

    /// `2026-11-21` as a number.
    package static func day(_ text: some Sequence<UInt8>) -> UInt32 {
        var day: UInt32 = 0
        for byte in text where byte != UInt8(ascii: "-") { day = day &* 10 &+ UInt32(byte &- UInt8(ascii: "0")) }
        return day
    }

    private static func text(_ day: UInt32) -> String {
        let digits = String(day)
        let padded = String(repeating: "0", count: max(0, 8 - digits.count)) + digits
        return "\(padded.prefix(4))-\(padded.dropFirst(4).prefix(2))-\(padded.dropFirst(6))"
    }
}

extension RowTable {
    /// The first and the last day of its rows; nil for no rows.
    package var span: (first: String, last: String)? { SeenRows.span(days) }

    /// The days of the rows as `SeenRows` has them.
    fileprivate var days: [UInt32] {
        let column = schema.columns.firstIndex { $0.name == "date" }
        guard let offset = column.flatMap({ filled.firstIndex(of: $0) }) else {
            return Array(repeating: 0, count: rowCount)
        }
        return text.withUnsafeBufferPointer { text in
            stride(from: offset, to: cells.count, by: width).map { at in
                let cell = cells[at]
                guard cell.kind == .text, cell.length == 10 else { return 0 }
                return SeenRows.day(text[Int(cell.bits)..<Int(cell.bits) + 10])
            }
        }
    }
}
