import Crypto

/// What a table holds, as a number of rows and a hash that no order of the rows changes: the sums, in four lanes of 64
/// bits, of the SHA-256 of each packed row. A row that is lost, doubled or changed changes it.
package struct TableDigest: Sendable, Hashable {
    package private(set) var rows = 0
    private var lanes: SIMD4<UInt64> = .zero

    package init() {}

    /// From what `rows` and `bytes` said before; nil when they cannot have.
    package init?(rows: Int, bytes: [UInt8]) {
        guard bytes.count == 32, rows >= 0 else { return nil }
        self.rows = rows
        lanes = bytes.withUnsafeBytes { TableDigest.lanes($0) }
    }

    package mutating func add(_ batch: RowBatch) {
        batch.forEach { row in
            SHA256.hash(data: row.bytes).withUnsafeBytes { lanes &+= TableDigest.lanes($0) }
        }
        rows += batch.count
    }

    /// The sums, for keeping.
    package var bytes: [UInt8] {
        (0..<4).flatMap { lane in withUnsafeBytes(of: lanes[lane].littleEndian) { Array($0) } }
    }

    package var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func lanes(_ bytes: UnsafeRawBufferPointer) -> SIMD4<UInt64> {
        var lanes = SIMD4<UInt64>.zero
        for lane in 0..<4 {
            lanes[lane] = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: lane * 8, as: UInt64.self))
        }
        return lanes
    }
}
