import FoundationEssentials
import SyncCore

/// Reads an archive. `check` first: only then is every byte known to be as it was written.
package final class ArchiveReader: TransferSource {
    private let path: String
    private let name: String
    private var file: ArchiveFile
    private var size = 0
    private var offset = 0
    private var ahead: (kind: ArchiveFormat.Frame, table: UInt16, bytes: [UInt8])?
    package private(set) var header = ArchiveFormat.Header(
        createdAt: .init(microseconds: 0), version: "", engine: "", tables: [])

    /// `name` is what errors call the file.
    package init(_ path: String, named name: String? = nil) throws {
        self.path = path
        self.name = name ?? path
        do {
            file = try ArchiveFile.read(path)
            size = try file.size()
        } catch {
            throw TransferError.unreadable(self.name, why: error.text)
        }
        header = try readHead()
    }

    package var layouts: [TableLayout] { header.tables }

    /// Reads the whole file and compares every hash in it; what each table holds. The reader then stands at the first
    /// table again.
    package func check(_ told: (TableLayout, TableDigest) throws -> Void) throws -> [String: TableDigest] {
        try checkHash()
        let found = try digests(of: header.tables, told)
        guard let last = try next(), last.kind == .end, offset == size - ArchiveFormat.hashSize,
            let end = try? JSONDecoder().decode(ArchiveFormat.End.self, from: Data(last.bytes)),
            end.tables.count == found.count,
            found.allSatisfy({ end.tables[$0.key]?.hash == $0.value.hex && end.tables[$0.key]?.rows == $0.value.rows })
        else { throw TransferError.damaged(name) }
        try rewind()
        _ = try readHead()
        return found
    }

    package func read(
        _ table: TableLayout, after position: [UInt8]?, _ body: (inout RowBatch) throws -> Void
    ) throws {
        precondition(position == nil, "an archive is read from its begin")
        while let frame = try ahead ?? next() {
            guard frame.kind == .rows, Int(frame.table) < header.tables.count,
                header.tables[Int(frame.table)].name == table.name
            else {
                ahead = frame
                return
            }
            ahead = nil
            var batch = try batch(frame.bytes, of: table)
            try body(&batch)
        }
    }

    /// Rows that are whole and have a value for each column.
    private func batch(_ bytes: [UInt8], of table: TableLayout) throws -> RowBatch {
        do {
            let batch = try RowBatch(packed: bytes)
            try batch.forEach { row in
                var count = 0
                try row.forEach { _, _ in count += 1 }
                guard count == table.columns.count else { throw PackedRow.Broken() }
            }
            return batch
        } catch {
            throw TransferError.damaged(name)
        }
    }

    private func rewind() throws {
        file = try mapped { () throws(SystemFailure) in try ArchiveFile.read(path) }
        offset = 0
        ahead = nil
    }

    /// Every bit of the file, the last hash among them, is as it was written.
    private func checkHash() throws {
        try rewind()
        while offset < size - ArchiveFormat.hashSize {
            let piece = try bytes(min(1 << 20, size - ArchiveFormat.hashSize - offset))
            file.add(toHash: piece)
        }
        guard try bytes(ArchiveFormat.hashSize) == file.sum else { throw TransferError.damaged(name) }
        try rewind()
        _ = try readHead()
    }

    private func readHead() throws -> ArchiveFormat.Header {
        let magic = try mapped { () throws(SystemFailure) in try file.read(ArchiveFormat.magic.count) }
        guard magic == ArchiveFormat.magic else { throw TransferError.notAnArchive(name) }
        offset = magic.count
        let version = try number(UInt16.self)
        guard version <= ArchiveFormat.version else { throw TransferError.newerArchive(name) }
        guard version > 0, let first = try next(), first.kind == .header,
            let header = try? JSONDecoder().decode(ArchiveFormat.Header.self, from: Data(first.bytes))
        else { throw TransferError.damaged(name) }
        for table in header.tables {
            if table.isControl {
                // A table of ours that this program does not know came later.
                guard TransferCatalog.control.contains(table.name) else { throw TransferError.newerArchive(name) }
            } else {
                guard TableLayout.isStream(columns: table.columns.map(\.name), key: table.key) else {
                    throw TransferError.damaged(name)
                }
            }
        }
        return header
    }

    /// The next frame; nil behind the last.
    private func next() throws -> (kind: ArchiveFormat.Frame, table: UInt16, bytes: [UInt8])? {
        if let frame = ahead {
            ahead = nil
            return frame
        }
        guard offset < size - ArchiveFormat.hashSize else { return nil }
        guard size - ArchiveFormat.hashSize - offset >= ArchiveFormat.frameHeadSize,
            let kind = ArchiveFormat.Frame(rawValue: try number())
        else { throw TransferError.damaged(name) }
        let table: UInt16 = try number()
        let count: UInt32 = try number()
        let packed: UInt32 = try number()
        guard Int(packed) <= size - ArchiveFormat.hashSize - offset, Int(count) <= ArchiveFormat.longestFrame,
            let unpacked = ArchiveFormat.unpacked(try bytes(Int(packed)), count: Int(count))
        else { throw TransferError.damaged(name) }
        return (kind, table, unpacked)
    }

    private func number<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type = Number.self) throws -> Number
    {
        let bytes = try bytes(MemoryLayout<Number>.size)
        return Number(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(as: Number.self) })
    }

    /// So many bytes, or the file is too short.
    private func bytes(_ count: Int) throws -> [UInt8] {
        let bytes = try mapped { () throws(SystemFailure) in try file.read(count) }
        guard bytes.count == count else { throw TransferError.damaged(name) }
        offset += count
        return bytes
    }

    private func mapped<Value>(_ body: () throws(SystemFailure) -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            throw TransferError.unreadable(name, why: error.text)
        }
    }
}
