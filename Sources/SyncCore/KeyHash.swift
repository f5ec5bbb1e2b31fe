/// A 64-bit hash of a row's key values: the same in every process and on every machine, so that it may be
/// stored. With ten million rows the chance that any two keys share one is under one in 300,000; two that do
/// only mean that a vanished row stays until the next complete read.
package struct KeyHash: Sendable {
    package private(set) var value: UInt64 = 0x9E37_79B9_7F4A_7C15

    package init() {}

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
                    var hash = KeyHash()
                    for offset in offsets { hash.add(cells[row * width + offset], text: text) }
                    return hash.value
                }
            }
        }
    }

    private mutating func add(_ cell: Cell, text: UnsafeRawBufferPointer) {
        guard cell.kind == .text else { return add(cell.bits) }
        let start = Int(cell.bits)
        add(UnsafeRawBufferPointer(rebasing: text[start..<start + Int(cell.length)]))
    }

    package mutating func add(_ word: UInt64) {
        let product = (word ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: value ^ 0xE703_7ED1_A0B4_28DB)
        value = product.high ^ product.low
    }

    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        while bytes.count - offset >= 8 {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            add(UInt64(littleEndian: word))
            offset += 8
        }
        // The rest, the first byte highest; of a longer text out of its last eight bytes.
        var last: UInt64 = 0
        if bytes.count >= 8 {
            let word = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self))
            last = word & ((1 << UInt64((bytes.count - offset) * 8)) - 1)
        } else {
            for byte in bytes { last = last << 8 | UInt64(byte) }
        }
        add(last)
        // The length keeps texts apart that differ in trailing zero bytes only.
        add(UInt64(bytes.count))
    }
}
