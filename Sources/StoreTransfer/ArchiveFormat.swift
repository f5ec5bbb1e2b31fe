import CZlib
import FoundationEssentials
package import SyncCore

/// The form of a backup, the same for both databases, so that either restores what the other has backed up.
///
/// ```
/// SLUICEBK            8 bytes
/// format              2 bytes, 1 at present (numbers are little-endian)
/// frame, frame, …     kind 1 byte, table 2 bytes, size 4 bytes, packed size 4 bytes, packed bytes (zlib)
/// SHA-256             32 bytes, of everything before
/// ```
///
/// The first frame (kind 1) is the header, JSON: when it was made, by which version and from which engine, and the
/// layouts of all tables with the names and kinds of their columns. Then come frames of rows (kind 2), table after
/// table in the order of the header; their bytes are those of a `RowBatch`: for each row its length in 4 bytes and
/// its values, each a tag (0 null, 1 integer, 2 real, 3 boolean, 4 day since 1970, 5 microseconds since 1970, 6 text,
/// 7 bytes) and 8, 8, 1, 4, 8 bytes, or a length in 4 bytes and that many. The last frame (kind 3) is JSON: rows and
/// hash of each table (`TableDigest`).
///
/// A newer program reads all older formats. What a newer schema added is in the header, so an older program sees that
/// it lacks a column before it writes anything.
package enum ArchiveFormat {
    static let magic = Array("SLUICEBK".utf8)
    package static let version: UInt16 = 1
    static let hashSize = 32
    static let frameHeadSize = 11
    /// No frame is longer: a source hands rows on at `RowBatch.fullSize`, and one row is at most 1 GB.
    static let longestFrame = 1 << 31

    enum Frame: UInt8 { case header = 1, rows, end }

    package struct Header: Codable, Sendable, Hashable {
        package var createdAt: String
        package var version: String
        package var engine: String
        package var tables: [TableLayout]

        package init(createdAt: Instant, version: String, engine: String, tables: [TableLayout]) {
            self.createdAt = createdAt.description
            self.version = version
            self.engine = engine
            self.tables = tables
        }
    }

    struct End: Codable {
        struct Table: Codable {
            var rows: Int
            var hash: String
        }
        var tables: [String: Table]
    }

    /// The fastest level: rows shrink to a fifth, and a disk is slower.
    private static let level: Int32 = 1

    static func packed(_ bytes: [UInt8]) -> [UInt8] {
        var size = compressBound(UInt(bytes.count))
        let packed = [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
            let code = compress2(buffer.baseAddress, &size, bytes, UInt(bytes.count), level)
            // It fails only without memory, as every allocation around it would.
            precondition(code == Z_OK, "zlib has no memory")
            count = Int(size)
        }
        return packed
    }

    /// Nil when they are not `count` bytes once unpacked.
    static func unpacked(_ bytes: [UInt8], count: Int) -> [UInt8]? {
        var size = UInt(count)
        var isGood = false
        let unpacked = [UInt8](unsafeUninitializedCapacity: max(1, count)) { buffer, written in
            isGood = uncompress(buffer.baseAddress, &size, bytes, UInt(bytes.count)) == Z_OK && size == UInt(count)
            written = isGood ? count : 0
        }
        return isGood ? unpacked : nil
    }
}
