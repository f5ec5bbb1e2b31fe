package import SyncCore
import Synchronization

/// A write that waits for its transaction.
package protocol PendingWrite: AnyObject, Sendable {
    /// How much of a transaction it takes, about in rows.
    var weight: Int { get }
    var isDone: Bool { get }
    /// Does the work; may run again when a transaction was rolled back because of another write.
    func run(in transaction: Transaction) throws
    /// The transaction is committed.
    func settle()
    func fail(_ error: StoreError)
}

/// A write with its result. The caller that brought it reads the result when it gets its turn on the actor;
/// by then another caller's turn may have committed it.
package final class WriteTicket<Value: Sendable>: PendingWrite {
    private struct State {
        /// Gone once there is an outcome: what it captured must not live longer than the call.
        var body: (@Sendable (Transaction) throws -> Value)?
        var value: Value?
        var outcome: Result<Value, StoreError>?
    }

    package let weight: Int
    private let state: Mutex<State>

    package init(weight: Int, _ body: @escaping @Sendable (Transaction) throws -> Value) {
        self.weight = weight
        self.state = Mutex(State(body: body))
    }

    package var isDone: Bool { state.withLock { $0.outcome != nil } }

    package func run(in transaction: Transaction) throws {
        guard let body = state.withLock({ $0.body }) else { return }
        let value = try body(transaction)
        state.withLock { $0.value = value }
    }

    package func settle() {
        state.withLock { state in
            state.outcome = state.value.map { .success($0) }
            state.body = nil
        }
    }

    package func fail(_ error: StoreError) {
        state.withLock { state in
            state.outcome = .failure(error)
            state.body = nil
        }
    }

    package func result() throws -> Value {
        guard let outcome = state.withLock({ $0.outcome }) else {
            throw StoreError.inconsistent("a write has no outcome")
        }
        return try outcome.get()
    }
}

/// What one transaction takes: it must stay short, and so must what is done again after a failure.
package enum WriteGroup {
    private static let mostWrites = 256
    private static let mostWeight = 20_000

    /// How many of the first writes go together, at least one when there is any.
    package static func count(of weights: some Sequence<Int>) -> Int {
        var count = 0
        var sum = 0
        for weight in weights {
            guard count == 0 || (count < mostWrites && sum + weight <= mostWeight) else { break }
            sum += weight
            count += 1
        }
        return count
    }
}

/// Writes that arrived while the store was busy; the next transaction takes them together.
package final class WriteQueue: Sendable {
    private let waiting = Mutex<[any PendingWrite]>([])

    package init() {}

    package func append(_ write: any PendingWrite) {
        waiting.withLock { $0.append(write) }
    }

    /// The oldest writes, at least one when any waits.
    package func takeGroup() -> [any PendingWrite] {
        waiting.withLock { waiting in
            let count = WriteGroup.count(of: waiting.lazy.map(\.weight))
            let group = Array(waiting[..<count])
            waiting.removeFirst(count)
            return group
        }
    }
}
