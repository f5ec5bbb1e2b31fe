import Dispatch
import Logging
import SyncCore
import Synchronization

/// One connection of its own that waits for hints of other processes. It is the only one with a state of its session;
/// behind a pooler there is none, and whoever wants to know asks at intervals.
final class PostgresListener: Sendable {
    private let address: PostgresAddress
    private let logger: Logger
    private let queue = DispatchQueue(label: "sluice.postgres.listener")
    private let isStopped = Mutex(false)
    /// How long the thread waits before it looks whether it is still wanted.
    private static let turn: Duration = .seconds(1)
    private static let backoff = Backoff(base: .milliseconds(200), cap: .seconds(10))

    init(_ address: PostgresAddress, logger: Logger) {
        self.address = address
        self.logger = logger
    }

    func stop() { isStopped.withLock { $0 = true } }

    /// Hints until `stop`, or until nobody reads them any more. After a lost connection comes one of each: something
    /// may have been said meanwhile. Ends at once where nothing can be heard.
    func hints() -> AsyncStream<StoreHint> {
        AsyncStream(bufferingPolicy: .bufferingNewest(16)) { continuation in
            continuation.onTermination = { [self] _ in stop() }
            queue.async { [self] in
                var failures = 0
                while !isStopped.withLock({ $0 }) {
                    do {
                        let connection = try PostgresConnection(address)
                        guard !connection.server.isPooled else { break }
                        try connection.listen(StoreHints.channel)
                        for hint in StoreHint.allCases { continuation.yield(hint) }
                        failures = 0
                        try listen(on: connection, continuation)
                    } catch {
                        failures += 1
                        logger.info("not listening", metadata: ["error": "\(error)"])
                        wait(PostgresListener.backoff.delay(attempt: failures, jitter: PostgresPool.systemJitter()))
                    }
                }
                continuation.finish()
            }
        }
    }

    private func listen(
        on connection: PostgresConnection, _ continuation: AsyncStream<StoreHint>.Continuation
    ) throws {
        while !isStopped.withLock({ $0 }) {
            let told = try connection.waitForNotification(until: .now + PostgresListener.turn)
            for hint in Set(told.compactMap { StoreHint(rawValue: $0.payload) }).sorted(by: {
                $0.rawValue < $1.rawValue
            }) {
                continuation.yield(hint)
            }
        }
    }

    /// On the listener's own thread, in pieces, so that a stop is noticed.
    private func wait(_ duration: Duration) {
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end, !isStopped.withLock({ $0 }) {
            SocketWait.pause(min(.milliseconds(200), end - .now))
        }
    }
}
