import Synchronization

/// True for the first who asks, from whatever thread.
final class Once: Sendable {
    private let isOver = Atomic(false)
    func first() -> Bool { !isOver.exchange(true, ordering: .relaxed) }
}
