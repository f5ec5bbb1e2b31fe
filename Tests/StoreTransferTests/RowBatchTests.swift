import StoreTransfer
import Testing

@Suite("Packed rows")
struct RowBatchTests {
    @Test("hold every value as it is")
    func values() throws {
        let batch = RowBatch([nasty, nasty.reversed(), []])

        #expect(batch.count == 3)
        #expect(try batch.rows == [nasty, nasty.reversed(), []])
        #expect(try RowBatch(packed: batch.bytes).rows == batch.rows)
    }

    @Test("have one form for each number: the zeros are one, and so are those that are none")
    func numbers() {
        let other = Double(bitPattern: 0x7FF8_0000_0000_BEEF)

        #expect(RowBatch([[.real(-0.0)]]).bytes == RowBatch([[.real(0)]]).bytes)
        #expect(RowBatch([[.real(other)]]).bytes == RowBatch([[.real(.nan)]]).bytes)
        #expect(RowBatch([[.real(0)]]).bytes != RowBatch([[.integer(0)]]).bytes)
    }

    @Test("that are cut short are refused, wherever the cut is")
    func broken() throws {
        let bytes = RowBatch([[.text("abc"), .integer(7), .bytes([1])]]).bytes

        for count in 1..<bytes.count {
            #expect(throws: PackedRow.Broken.self) { _ = try RowBatch(packed: Array(bytes.prefix(count))).rows }
        }
    }

    @Test("of another length than their values are refused")
    func wrongLength() {
        // A row of five bytes: an integer of which half is missing.
        let bytes: [UInt8] = [5, 0, 0, 0, 1, 1, 2, 3, 4]

        #expect(throws: PackedRow.Broken.self) { _ = try RowBatch(packed: bytes).rows }
        #expect(throws: PackedRow.Broken.self) { _ = try RowBatch(packed: [1, 0, 0, 0, 99]).rows }
    }
}

@Suite("The hash of a table")
struct TableDigestTests {
    private func digest(_ batches: [[[Value]]]) -> TableDigest {
        var digest = TableDigest()
        for rows in batches { digest.add(RowBatch(rows)) }
        return digest
    }

    private let rows: [[Value]] = (0..<50).map { [.integer($0), .text("row \($0)")] }

    @Test("does not depend on the order of the rows or on the batches")
    func order() {
        #expect(digest([rows]) == digest([Array(rows[20...].reversed()), Array(rows[..<20])]))
    }

    @Test("changes with a row that is lost, doubled, changed or moved to another column")
    func changes() {
        let whole = digest([rows])
        var changed = rows
        changed[7] = [.integer(7), .text("row 8")]
        let doubled = rows.dropLast() + [rows[0]]

        #expect(digest([Array(rows.dropLast())]) != whole)
        #expect(digest([Array(doubled)]) != whole)
        #expect(digest([changed]) != whole)
        #expect(digest([[[.text("a"), .null]]]) != digest([[[.null, .text("a")]]]))
        #expect(digest([[[.text("a"), .text("bc")]]]) != digest([[[.text("ab"), .text("c")]]]))
        #expect(digest([[[.text("1")]]]) != digest([[[.integer(1)]]]))
    }

    @Test("goes on from what was kept of it")
    func kept() throws {
        let first = digest([Array(rows[..<20])])
        var resumed = try #require(TableDigest(rows: first.rows, bytes: first.bytes))
        resumed.add(RowBatch(Array(rows[20...])))

        #expect(resumed == digest([rows]))
        #expect(resumed.rows == 50)
        #expect(resumed.hex.count == 64)
        #expect(TableDigest(rows: 1, bytes: [1, 2]) == nil)
    }
}

@Suite("What a database cannot hold")
struct ValueAdapterTests {
    @Test("becomes U+FFFD in PostgreSQL, and is counted")
    func postgres() throws {
        var adapter = ValueAdapter(for: .postgres)
        var batch = RowBatch([[.text("a\0\0b"), .integer(1)], [.text("plain"), .real(.nan)]])
        batch.position = [1, 2, 3]

        try adapter.adapt(&batch)

        #expect(try batch.rows[0] == [.text("a\u{FFFD}\u{FFFD}b"), .integer(1)])
        #expect(try batch.rows[1][0] == .text("plain"))
        #expect(batch.position == [1, 2, 3])
        #expect(adapter.changed == 1)
    }

    @Test("is also what is no UTF-8, behind any number of plain letters", arguments: 0..<20)
    func invalid(letters: Int) throws {
        var adapter = ValueAdapter(for: .postgres)
        var batch = RowBatch()
        let bytes = [UInt8](repeating: 97, count: letters) + [0xC3, 0x28, 0x62]
        batch.beginRow()
        bytes.withUnsafeBytes { batch.append(text: $0) }
        batch.endRow()

        try adapter.adapt(&batch)

        #expect(try batch.rows == [[.text(String(repeating: "a", count: letters) + "\u{FFFD}(b")]])
        #expect(adapter.changed == 1)
    }

    @Test("is in SQLite a number that is none, which becomes NULL")
    func sqlite() throws {
        var adapter = ValueAdapter(for: .sqlite)
        var batch = RowBatch([[.real(.nan), .real(.infinity), .text("a\0b")]])

        try adapter.adapt(&batch)

        #expect(try batch.rows == [[.null, .real(.infinity), .text("a\0b")]])
        #expect(adapter.changed == 1)
    }

    @Test("is nothing of the other values, and they are not moved", arguments: [ValueAdapter.Target.sqlite, .archive])
    func others(_ target: ValueAdapter.Target) throws {
        var adapter = ValueAdapter(for: target)
        var batch = RowBatch([nasty])

        try adapter.adapt(&batch)

        #expect(try batch.rows == [nasty])
        #expect(adapter.changed == 0)
    }
}
