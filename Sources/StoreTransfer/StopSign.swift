import Synchronization

/// Tells whoever works on one thread that others want an end of it.
package final class StopSign: Sendable {
    private let isUp = Atomic(false)

    package init() {}

    package func raise() { isUp.store(true, ordering: .releasing) }

    package var isRaised: Bool { isUp.load(ordering: .acquiring) }

    /// Runs `body` unless the sign is up. What goes wrong once it is up is a `CancellationError`.
    package func guarding<Value>(_ body: () throws -> Value) throws -> Value {
        if isRaised { throw CancellationError() }
        do {
            return try body()
        } catch {
            throw isRaised ? CancellationError() : error
        }
    }
}
