import Dispatch
import StoreSQL

/// One connection and the thread it blocks: an actor on a dispatch queue of its own.
package actor PostgresLane {
    package enum Outcome<Value: Sendable>: Sendable {
        case ran(Result<Value, any Error>, isUsable: Bool)
        /// The server had closed the connection before; nothing ran.
        case wasDead
    }

    private let executor: SerialQueueExecutor
    private let address: PostgresAddress
    private var connection: PostgresConnection?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    package init(_ address: PostgresAddress, label: String = "sluice.postgres") {
        self.address = address
        executor = SerialQueueExecutor(label: label)
    }

    /// Connects anew, and throws unless the server is one that can be worked with.
    package func open() throws(PostgresError) {
        connection = nil
        let opened = try PostgresConnection(address)
        try opened.server.check()
        connection = opened
    }

    package func close() {
        connection = nil
    }

    /// Whether the server still answers; a connection on which it does not is closed.
    package func check() -> Bool {
        do {
            guard let connection else { return false }
            try connection.execute("SELECT 1", timeout: .seconds(5))
            return true
        } catch {
            connection = nil
            return false
        }
    }

    /// Runs `body` to its end, whatever happens to the caller. A transaction that it leaves open is rolled back.
    package func run<Value: Sendable>(
        _ body: @Sendable (PostgresConnection) throws -> Value
    ) -> Outcome<Value> {
        guard let connection, connection.isAlive() else {
            self.connection = nil
            return .wasDead
        }
        let result = Result { try body(connection) }
        connection.rollback()
        let isUsable = connection.isUsable
        if !isUsable { self.connection = nil }
        return .ran(result, isUsable: isUsable)
    }

    /// Runs `work` on the lane's queue, with no task waiting for it.
    nonisolated func inBackground(_ work: @escaping @Sendable (isolated PostgresLane) -> Void) {
        executor.queue.async { self.assumeIsolated(work) }
    }
}
