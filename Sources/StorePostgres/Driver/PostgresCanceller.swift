import CPostgres
import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Ends whatever a connection is waiting for. May be used from any thread and may outlive the connection; a
/// cancel that comes too late does nothing, or hits the next statement, so whoever cancels must know what runs.
package final class PostgresCanceller: Sendable {
    // libpq only reads from it.
    private nonisolated(unsafe) let handle: OpaquePointer?
    // Serial, so that it has a thread of its own also when those of the global queues are all blocked.
    private let queue = DispatchQueue(label: "sluice.postgres.cancel")

    init(_ connection: OpaquePointer) {
        handle = PQgetCancel(connection)
    }

    deinit { PQfreeCancel(handle) }

    /// Opens a connection of its own for it and waits until the server has closed that, so it blocks: for a moment,
    /// or for as long as a server that hangs. False when the server was not reached.
    @discardableResult
    package func cancel() -> Bool {
        guard let handle else { return false }
        var complaint = [CChar](repeating: 0, count: 256)
        return PQcancel(handle, &complaint, 256) == 1
    }

    /// Cancels on another thread; nobody waits for it.
    func cancelInBackground() {
        queue.async { [self] in cancel() }
    }

    /// Cancels on another thread. Whoever waits for the end waits until the returned descriptor can be read from, and
    /// closes it; nil when there are no more descriptors.
    func cancelElsewhere() -> Int32? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        let writing = ends[1]
        queue.async { [self] in
            cancel()
            close(writing)
        }
        return ends[0]
    }
}
