import Dispatch
import Synchronization

/// Puts a workbook together on a thread of its own. That takes seconds for a large one and cannot be stopped, so who is
/// cancelled does not wait for its end.
final class WorkbookClosing: Sendable {
    private let waiting = Mutex<CheckedContinuation<TemporaryFile, any Error>?>(nil)
    private static let queue = DispatchQueue(label: "sluice.export.closing", attributes: .concurrent)

    static func file(of book: Workbook) async throws -> TemporaryFile {
        let closing = WorkbookClosing()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                closing.waiting.withLock { $0 = continuation }
                // The handler may have run before there was anything to resume.
                if Task.isCancelled { return closing.resume(throwing: CancellationError()) }
                queue.async { closing.resume(with: Result { try book.close() }) }
            }
        } onCancel: {
            closing.resume(throwing: CancellationError())
        }
    }

    private func resume(throwing error: any Error) { resume(with: .failure(error)) }

    /// The first one counts.
    private func resume(with result: Result<TemporaryFile, any Error>) {
        let continuation = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        continuation?.resume(with: result)
    }
}
