import GRDBSQLite
package import SyncCore

/// A 64-bit hash of a row's key values: the same in every process and on every machine, so that it may be
/// stored. With ten million rows the chance that any two keys share one is under one in 300,000; two that do
/// only mean that a vanished row stays until the next complete read.
package enum KeyHash {
    /// One hash per row of `table`, in order.
    package static func hashes(of table: RowTable) -> [UInt64] {
        let offsets = table.schema.keyPositions.map { position in
            guard let offset = table.filled.firstIndex(of: position) else {
                preconditionFailure("\(table.schema.table): a table always holds its key")
            }
            return offset
        }
        let width = table.width
        return table.cells.withUnsafeBufferPointer { cells in
            table.text.withUnsafeBytes { text in
                (0..<table.rowCount).map { row in
                    var hash = seed
                    for offset in offsets { add(cells[row * width + offset], text: text, to: &hash) }
                    return hash
                }
            }
        }
    }

    /// One hash per row over all its cells, seeded with the names of the columns: equal hashes of one key mean equal
    /// rows of an equal schema.
    static func contents(of table: RowTable) -> [UInt64] {
        var base = seed
        for position in table.filled {
            Array(table.schema.columns[position].name.utf8).withUnsafeBytes { add($0, to: &base) }
        }
        let width = table.width
        return table.cells.withUnsafeBufferPointer { cells in
            table.text.withUnsafeBytes { text in
                (0..<table.rowCount).map { row in
                    var hash = base
                    for offset in row * width..<(row + 1) * width { mix(cells[offset], text: text, into: &hash) }
                    return hash
                }
            }
        }
    }

    /// The hash of columns `first..<first + count` of a statement's present row.
    static func hash(of statement: OpaquePointer, first: CInt, count: Int) -> UInt64 {
        var hash = seed
        for column in first..<first + CInt(count) {
            switch sqlite3_column_type(statement, column) {
            case SQLITE_INTEGER: add(UInt64(bitPattern: sqlite3_column_int64(statement, column)), to: &hash)
            case SQLITE_FLOAT: add(sqlite3_column_double(statement, column).bitPattern, to: &hash)
            case SQLITE_TEXT:
                let start = UnsafeRawPointer(sqlite3_column_text(statement, column))
                let count = Int(sqlite3_column_bytes(statement, column))
                add(UnsafeRawBufferPointer(start: start, count: count), to: &hash)
            default: add(0, to: &hash)
            }
        }
        return hash
    }

    private static let seed: UInt64 = 0x9E37_79B9_7F4A_7C15

    private static func add(_ cell: Cell, text: UnsafeRawBufferPointer, to hash: inout UInt64) {
        guard cell.kind == .text else { return add(cell.bits, to: &hash) }
        let start = Int(cell.bits)
        add(UnsafeRawBufferPointer(rebasing: text[start..<start + Int(cell.length)]), to: &hash)
    }

    private static func add(_ value: UInt64, to hash: inout UInt64) {
        hash = fold(value ^ 0xA076_1D64_78BD_642F, hash ^ 0xE703_7ED1_A0B4_28DB)
    }

    private static func add(_ bytes: UnsafeRawBufferPointer, to hash: inout UInt64) {
        var offset = 0
        while bytes.count - offset >= 8 {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            add(UInt64(littleEndian: word), to: &hash)
            offset += 8
        }
        var last: UInt64 = 0
        while offset < bytes.count {
            last = last << 8 | UInt64(bytes[offset])
            offset += 1
        }
        // The length keeps texts apart that differ in trailing zero bytes only.
        add(last, to: &hash)
        add(UInt64(bytes.count), to: &hash)
    }

    /// A cell with its kind and length, sixteen bytes of a text at a time.
    private static func mix(_ cell: Cell, text: UnsafeRawBufferPointer, into hash: inout UInt64) {
        let kind = UInt64(cell.kind.rawValue) | UInt64(cell.length) << 8
        guard cell.kind == .text else {
            hash = fold(cell.bits ^ 0xA076_1D64_78BD_642F, hash ^ kind &* 0xE703_7ED1_A0B4_28DB)
            return
        }
        let start = Int(cell.bits)
        let end = start + Int(cell.length)
        func word(_ offset: Int) -> UInt64 { text.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
        var offset = start
        while end - offset > 16 {
            hash = fold(word(offset) ^ 0xA076_1D64_78BD_642F, word(offset + 8) ^ hash)
            offset += 16
        }
        // The rest with bytes from before it, or in two halves that overlap: the length is in `kind`.
        if end - start >= 8 {
            let first = end - start >= 16 ? word(end - 16) : word(start)
            hash = fold(first ^ kind ^ 0x8EBC_6AF0_9C88_C6E3, word(end - 8) ^ hash)
            return
        }
        var last = kind
        while offset < end {
            last = (last << 8 | last >> 56) ^ UInt64(text[offset])
            offset += 1
        }
        hash = fold(last ^ 0x5899_65CC_7537_4CC3, hash)
    }

    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
