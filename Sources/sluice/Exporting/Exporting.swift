import Exports
import Foundation
import StorePostgres
import StoreSQLite
import StoreTransfer
import SyncCore
import Wording

extension DatabaseLocation {
    /// The database as it is when this is called, for an export. Blocks.
    func snapshot(knowing schemas: [StreamSchema]) throws -> any RowSnapshot {
        switch self {
        case .file(let path): try SQLiteSnapshot(path, knowing: schemas)
        case .server(let address): try PostgresSnapshot(address)
        }
    }
}

/// One run of `sluice export`.
struct Exporting: Sendable {
    let place: DatabaseLocation
    let request: ExportRequest
    let schemas: [StreamSchema]
    /// Nil for standard output.
    let path: String?
    let mayReplace: Bool

    struct Outcome: Sendable {
        var rows = 0
        var shortened = 0
    }

    /// Stopped by cancellation; then no file is left.
    func execute() async throws -> Outcome {
        let stream = try await ExportStream.open(request, of: ExportCatalog(schemas)) { [place, schemas] in
            try place.snapshot(knowing: schemas)
        }
        let writer = ExportWriter()
        try await writer.begin(path, mayReplace: mayReplace)
        do {
            for try await piece in stream {
                // Who stops reading standard output has seen enough.
                guard try await writer.write(piece) else { return Outcome() }
            }
            try Task.checkCancellation()
            try await writer.finish()
        } catch {
            await writer.giveUp()
            throw error
        }
        return Outcome(rows: stream.rows, shortened: stream.shortened)
    }
}

/// Writes on a thread of its own: a pipe or a disk may keep it waiting.
private actor ExportWriter {
    private let queue = BlockingQueue()
    private var file: OutputFile?

    nonisolated var unownedExecutor: UnownedSerialExecutor { queue.unownedExecutor }

    func begin(_ path: String?, mayReplace: Bool) throws {
        file = try path.map { try OutputFile($0, mayReplace: mayReplace) }
    }

    /// False when nobody reads standard output any more.
    func write(_ piece: [UInt8]) throws -> Bool {
        if let file {
            try file.write(piece)
            return true
        }
        let failure = Output.write(piece, to: STDOUT_FILENO)
        if failure == EPIPE { return false }
        guard failure == 0 else {
            throw Exit.failedChunks(said("The output could not be written: \(String(cString: strerror(failure)))."))
        }
        return true
    }

    func finish() throws {
        try file?.publish()
        file = nil
    }

    func giveUp() { file = nil }
}
