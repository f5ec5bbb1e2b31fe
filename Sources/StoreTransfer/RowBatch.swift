/// Some rows of a table in one piece of memory, each as its packed values behind its length.
///
/// A value is a tag and its bytes: the same value has the same bytes whichever database it comes from, so rows are
/// hashed, archived and compared as they are.
package struct RowBatch: Sendable {
    /// From this size on a source hands the rows on. A transaction of a promotion is one batch.
    package static let fullSize = 4 << 20

    package private(set) var bytes: [UInt8] = []
    package private(set) var count = 0
    /// Where the source goes on behind the last row, in its own words.
    package var position: [UInt8] = []
    private var start = 0

    package init() {}

    /// Rows that were packed before. Throws when they are not whole.
    package init(packed: [UInt8]) throws(PackedRow.Broken) {
        bytes = packed
        let rows: Int? = packed.withUnsafeBytes { bytes in
            var (offset, rows) = (0, 0)
            while offset < bytes.count {
                guard bytes.count - offset >= 4 else { return nil }
                let length = Int(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian)
                guard bytes.count - offset - 4 >= length else { return nil }
                offset += 4 + length
                rows += 1
            }
            return rows
        }
        guard let rows else { throw PackedRow.Broken() }
        count = rows
    }

    package var isFull: Bool { bytes.count >= RowBatch.fullSize }

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        count = 0
    }

    // MARK: Packing

    package mutating func beginRow() {
        start = bytes.count
        store(UInt32(0))
    }

    package mutating func endRow() {
        let length = UInt32(bytes.count - start - 4).littleEndian
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: length, toByteOffset: start, as: UInt32.self) }
        count += 1
    }

    package mutating func appendNull() { bytes.append(PackedTag.null.rawValue) }

    package mutating func append(integer: Int64) { append(.integer, UInt64(bitPattern: integer)) }

    /// One form for each number: there are two zeros and many that are none.
    package mutating func append(real: Double) {
        let number = real.isNaN ? Double.nan : real == 0 ? 0 : real
        append(.real, number.bitPattern)
    }

    package mutating func append(boolean: Bool) {
        bytes.append(PackedTag.boolean.rawValue)
        bytes.append(boolean ? 1 : 0)
    }

    package mutating func append(day daysSince1970: Int32) {
        bytes.append(PackedTag.day.rawValue)
        store(UInt32(bitPattern: daysSince1970))
    }

    package mutating func append(instant microseconds: Int64) { append(.instant, UInt64(bitPattern: microseconds)) }

    package mutating func append(text: UnsafeRawBufferPointer) { append(.text, text) }

    package mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(.text, UnsafeRawBufferPointer($0)) }
    }

    package mutating func append(bytes: UnsafeRawBufferPointer) { append(.bytes, bytes) }

    package mutating func append(_ value: PackedValue) {
        switch value {
        case .null: appendNull()
        case .integer(let number): append(integer: number)
        case .real(let number): append(real: number)
        case .boolean(let flag): append(boolean: flag)
        case .day(let day): append(day: day)
        case .instant(let moment): append(instant: moment)
        case .text(let text): append(text: text)
        case .bytes(let value): append(bytes: value)
        }
    }

    private mutating func append(_ tag: PackedTag, _ word: UInt64) {
        bytes.append(tag.rawValue)
        store(word)
    }

    private mutating func append(_ tag: PackedTag, _ value: UnsafeRawBufferPointer) {
        bytes.append(tag.rawValue)
        store(UInt32(value.count))
        bytes.append(contentsOf: value)
    }

    private mutating func store<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    // MARK: Reading

    /// Calls `body` with each row.
    package func forEach(_ body: (PackedRow) throws -> Void) rethrows {
        try bytes.withUnsafeBytes { bytes in
            var offset = 0
            for _ in 0..<count {
                let length = Int(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian)
                try body(PackedRow(UnsafeRawBufferPointer(rebasing: bytes[offset + 4..<offset + 4 + length])))
                offset += 4 + length
            }
        }
    }
}

enum PackedTag: UInt8 {
    case null, integer, real, boolean, day, instant, text, bytes
}

/// A value of a packed row; texts and bytes lie in the row's memory.
package enum PackedValue {
    case null
    case integer(Int64)
    case real(Double)
    case boolean(Bool)
    case day(Int32)
    case instant(Int64)
    case text(UnsafeRawBufferPointer)
    case bytes(UnsafeRawBufferPointer)
}

/// One row; good only inside the closure that gets it.
package struct PackedRow {
    /// Bytes that are no row.
    package struct Broken: Error {}

    package let bytes: UnsafeRawBufferPointer

    package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Calls `body` with each value in turn.
    package func forEach(_ body: (Int, PackedValue) throws -> Void) throws {
        var offset = 0
        var index = 0
        while offset < bytes.count {
            try body(index, try value(&offset))
            index += 1
        }
    }

    private func value(_ offset: inout Int) throws -> PackedValue {
        guard let tag = PackedTag(rawValue: bytes[offset]) else { throw Broken() }
        offset += 1
        switch tag {
        case .null: return .null
        case .integer: return .integer(Int64(bitPattern: try load(&offset)))
        case .real: return .real(Double(bitPattern: try load(&offset)))
        case .boolean: return .boolean(try load(&offset, as: UInt8.self) != 0)
        case .day: return .day(Int32(bitPattern: try load(&offset)))
        case .instant: return .instant(Int64(bitPattern: try load(&offset)))
        case .text: return .text(try part(&offset))
        case .bytes: return .bytes(try part(&offset))
        }
    }

    private func load<Number: FixedWidthInteger & BitwiseCopyable>(
        _ offset: inout Int, as type: Number.Type = Number.self
    ) throws -> Number {
        let size = MemoryLayout<Number>.size
        guard bytes.count - offset >= size else { throw Broken() }
        defer { offset += size }
        return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }

    private func part(_ offset: inout Int) throws -> UnsafeRawBufferPointer {
        let count = Int(try load(&offset, as: UInt32.self))
        guard bytes.count - offset >= count else { throw Broken() }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }
}
