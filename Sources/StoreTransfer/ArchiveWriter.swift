import FoundationEssentials
package import SyncCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Writes an archive beside the place where it belongs, and puts it there when it is whole: a backup that was cut
/// short never carries the name of one.
package final class ArchiveWriter: TransferSink {
    private let path: String
    private let partial: String
    private let mayReplace: Bool
    private let file: ArchiveFile
    private let head: (Instant, version: String, engine: String)
    private var numbers: [String: UInt16] = [:]

    package init(
        _ path: String, mayReplace: Bool, at now: Instant, version: String, engine: String
    ) throws {
        self.path = path
        self.mayReplace = mayReplace
        partial = path + ".partial"
        head = (now, version, engine)
        try ArchiveWriter.check(path, mayReplace: mayReplace)
        do {
            guard let file = try ArchiveFile.create(partial) else { throw TransferError.beingWritten(path) }
            self.file = file
        } catch let failure as SystemFailure {
            throw TransferError.unwritable(path, why: failure.text)
        }
    }

    /// Throws when something is there that may not be replaced.
    package static func check(_ path: String, mayReplace: Bool) throws {
        var found = stat()
        guard stat(path, &found) == 0 else { return }
        if found.st_mode & S_IFMT == S_IFDIR {
            throw TransferError.unwritable(path, why: String(cString: strerror(EISDIR)))
        }
        if !mayReplace { throw TransferError.exists(path) }
    }

    package func prepare(_ layouts: [TableLayout]) throws {
        numbers = Dictionary(
            layouts.enumerated().map { ($1.name, UInt16($0)) }, uniquingKeysWith: { first, _ in first })
        let header = ArchiveFormat.Header(
            createdAt: head.0, version: head.version, engine: head.engine, tables: layouts)
        let version = withUnsafeBytes(of: ArchiveFormat.version.littleEndian) { Array($0) }
        try put(ArchiveFormat.magic + version)
        try put(.header, 0, try JSONEncoder().encode(header))
    }

    package func write(_ batch: RowBatch, of table: TableLayout) throws {
        guard let number = numbers[table.name] else { preconditionFailure("\(table.name) was not announced") }
        if batch.count > 0 { try put(.rows, number, batch.bytes) }
    }

    /// Ends the file, without giving it its name yet; where it lies.
    package func finish(_ digests: [String: TableDigest]) throws -> String {
        let end = ArchiveFormat.End(tables: digests.mapValues { ArchiveFormat.End.Table(rows: $0.rows, hash: $0.hex) })
        try put(.end, 0, try JSONEncoder().encode(end))
        try mapped { () throws(SystemFailure) in try file.finish() }
        return partial
    }

    /// Gives the file its name.
    package func publish() throws {
        try ArchiveWriter.check(path, mayReplace: mayReplace)
        guard rename(partial, path) == 0 else { throw TransferError.unwritable(path, why: SystemFailure().text) }
        ArchiveFile.syncFolder(of: path)
    }

    /// Takes away what was written so far.
    package func discard() { unlink(partial) }

    private func put(_ frame: ArchiveFormat.Frame, _ table: UInt16, _ bytes: some Sequence<UInt8>) throws {
        let bytes = Array(bytes)
        let packed = ArchiveFormat.packed(bytes)
        var head = [frame.rawValue]
        withUnsafeBytes(of: table.littleEndian) { head += $0 }
        withUnsafeBytes(of: UInt32(bytes.count).littleEndian) { head += $0 }
        withUnsafeBytes(of: UInt32(packed.count).littleEndian) { head += $0 }
        try put(head)
        try put(packed)
    }

    private func put(_ bytes: [UInt8]) throws {
        try mapped { () throws(SystemFailure) in try file.write(bytes) }
    }

    private func mapped(_ body: () throws(SystemFailure) -> Void) throws {
        do {
            try body()
        } catch {
            throw TransferError.unwritable(path, why: error.text)
        }
    }
}
