package import StoreTransfer
import SyncCore
import Synchronization

/// An exported file as it comes out of the database: pieces of at most 64 kB, each made when it is asked for.
///
/// Rows are read on a thread of their own, a few hundred kilobytes at a time, whatever the size of the table. Whoever
/// takes the pieces slowly slows the reading and nobody else. It can be gone through once. A cancelled reader gets a
/// `CancellationError` at once, and the database is told to stop; so it is when the stream and its iterators are
/// dropped. Errors are `ExportError`, `StoreError` or `TransferError`; behind one there is no more.
///
/// A workbook comes after its last row was read, from a temporary file that has no name: whatever happens, nothing is
/// left behind.
package struct ExportStream: AsyncSequence, Sendable {
    package typealias Element = [UInt8]

    package let fileName: String
    package let contentType: String
    private let work: Work

    /// Stops it when nobody can ask any more.
    fileprivate final class Work: Sendable {
        let worker: ExportWorker
        init(_ worker: ExportWorker) { self.worker = worker }
        deinit { worker.stop() }
    }

    /// Opens the database with `source` and begins to read. What is wrong with the request is thrown here, before the
    /// first piece. `folder` takes the temporary files of a workbook.
    package static func open(
        _ request: ExportRequest, of catalog: ExportCatalog, temporary folder: String = ExportStream.temporaryFolder,
        from source: @escaping @Sendable () throws -> any RowSnapshot
    ) async throws -> ExportStream {
        let work = Work(ExportWorker(folder: folder))
        let fileName = try await withTaskCancellationHandler {
            try await work.worker.open(request, catalog, source)
        } onCancel: {
            work.worker.stop()
        }
        return ExportStream(fileName: fileName, contentType: request.format.contentType, work: work)
    }

    /// `TMPDIR`, or where temporary files are otherwise.
    package static var temporaryFolder: String { TemporaryFile.folder }

    /// Rows that were read so far.
    package var rows: Int { work.worker.progress.rows.load(ordering: .relaxed) }

    /// Texts that are longer than a cell of Excel takes and were cut: known at the end.
    package var shortened: Int { work.worker.progress.shortened.load(ordering: .relaxed) }

    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let work: Work

        package mutating func next() async throws -> [UInt8]? {
            let worker = work.worker
            return try await withTaskCancellationHandler {
                try await worker.next()
            } onCancel: {
                worker.stop()
            }
        }
    }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(work: work) }
}

/// What others may ask of an export under way.
final class ExportProgress: Sendable {
    let rows = Atomic(0)
    let shortened = Atomic(0)
}
