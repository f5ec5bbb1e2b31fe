import StorePostgres
import StoreSQLite
import StoreTransfer
import SyncCore
import Wording

/// One run of `sluice restore`: checks the whole archive, fills the database and compares, all or nothing.
struct Restoring: Sendable {
    let place: DatabaseLocation
    let schemas: [StreamSchema]
    var partitioning: Partitioning?
    let archive: String
    let progress: TransferProgress

    func execute() throws -> TransferReport {
        let reader = try ArchiveReader(archive)
        // How many rows there are is known behind the check.
        progress.begin(.checking, total: nil)
        let expected = try reader.check { progress.note($0.name, $1.rows) }
        defer { progress.end() }
        switch place {
        case .file(let path):
            return try SQLiteTransfer.filling(path, views: schemas) { sink in
                try restore(reader, expected, into: sink, ValueAdapter(for: .sqlite))
            }
        case .server(let address):
            return try PostgresTransfer.filling(address, views: schemas, partitioning: partitioning) { sink in
                try restore(reader, expected, into: sink, ValueAdapter(for: .postgres))
            }
        }
    }

    private func restore(
        _ reader: ArchiveReader, _ expected: [String: TableDigest], into sink: some DatabaseSink,
        _ adapter: ValueAdapter
    ) throws -> TransferReport {
        var adapter = adapter
        let total = expected.values.reduce(0) { $0 + $1.rows }
        progress.begin(.copying, total: total)
        let written = try reader.copy(to: sink, adapter: &adapter) { progress.note($0.name, $1.rows) }
        // The file could have changed since it was checked.
        guard adapter.changed > 0 || written == expected else { throw TransferError.damaged(archive) }
        progress.begin(.checking, total: total)
        let found = try sink.written(reader.layouts).digests(of: reader.layouts) { progress.note($0.name, $1.rows) }
        var report = TransferReport(reader.layouts, written: written, found: found)
        guard report.differing.isEmpty else { throw TransferError.differs(report.differing) }
        report.replaced = adapter.changed
        report.facts = [("made_at", .text(reader.header.createdAt)), ("engine", .text(reader.header.engine))]
        if let moment = Instant(iso: reader.header.createdAt) {
            report.notes.append(Words.current.madeAt(moment, by: reader.header.version))
        }
        return report
    }
}
