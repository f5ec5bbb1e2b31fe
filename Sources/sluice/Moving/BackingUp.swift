import Foundation
import StorePostgres
import StoreSQLite
import StoreTransfer
import SyncCore

/// One run of `sluice backup`: writes an archive, reads it back, and gives it its name only then.
struct BackingUp: Sendable {
    let place: DatabaseLocation
    let schemas: [StreamSchema]
    let archive: String
    let mayReplace: Bool
    /// Whether the archive is restored into a throw-away file, too.
    let restores: Bool
    let progress: TransferProgress

    func execute() throws -> TransferReport {
        try ArchiveWriter.check(archive, mayReplace: mayReplace)
        switch place {
        case .file(let path):
            return try SQLiteTransfer.reading(path, knowing: schemas) { source in
                var report = try backUp(source) { try source.count(of: $0) }
                let strangers = try source.strangers
                if !strangers.isEmpty {
                    report.notes.append(
                        said("Not copied, for they are not Sluice's: \(strangers.joined(separator: ", "))."))
                }
                return report
            }
        case .server(let address):
            return try PostgresTransfer.reading(address) { source in
                try backUp(source) { try source.count(of: $0) }
            }
        }
    }

    private func backUp(_ source: some TransferSource, _ count: (TableLayout) throws -> Int) throws -> TransferReport {
        let layouts = try source.layouts
        progress.begin(.copying, total: try layouts.reduce(0) { $0 + (try count($1)) })
        let writer = try ArchiveWriter(
            archive, mayReplace: mayReplace, at: SystemWallClock().now, version: Sluice.version, engine: place.engine)
        do {
            var adapter = ValueAdapter(for: .archive)
            let written = try source.copy(to: writer, adapter: &adapter) { progress.note($0.name, $1.rows) }
            let partial = try writer.finish(written)
            progress.begin(.checking, total: written.values.reduce(0) { $0 + $1.rows })
            let found = try ArchiveReader(partial, named: archive).check { progress.note($0.name, $1.rows) }
            var report = TransferReport(layouts, written: written, found: found)
            if restores { report = try restored(partial, layouts) }
            guard report.differing.isEmpty else { throw TransferError.differs(report.differing) }
            try writer.publish()
            progress.end()
            let size = (try? FileManager.default.attributesOfItem(atPath: archive)[.size] as? Int) ?? nil
            report.facts = [
                ("file", .text(archive)), ("bytes", .number(size)),
                ("verified", .text(restores ? "restored" : "checksums")),
            ]
            return report
        } catch {
            progress.end()
            writer.discard()
            throw error
        }
    }

    /// Into a file that nobody keeps.
    private func restored(_ partial: String, _ layouts: [TableLayout]) throws -> TransferReport {
        let trial = archive + ".trial.sqlite"
        defer { try? FileManager.default.removeItem(atPath: trial) }
        try? FileManager.default.removeItem(atPath: trial)
        return try Restoring(place: .file(trial), schemas: schemas, archive: partial, progress: progress).execute()
    }
}
