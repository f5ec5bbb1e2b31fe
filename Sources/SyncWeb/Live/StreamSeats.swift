import HTTPTypes
import SyncCore
import Synchronization

/// How many live streams are open: each holds a connection and asks the database again and again.
final class StreamSeats: Sendable {
    let mostEach: Int
    private let most: Int
    private let taken = Mutex<[String: Int]>([:])

    /// Each browser and each token has so many, and all together so many.
    init(mostEach: Int = 600, most: Int = 1500) {
        self.mostEach = mostEach
        self.most = most
    }

    /// Throws 429 where there is none left. It is free again when the seat is let go.
    func take(for visitor: Visitor) throws -> Seat {
        let who =
            switch visitor.means {
            case .session(let hash): hash
            case .token(let token): token.hash
            }
        try taken.withLock { taken in
            let present = taken[who] ?? 0
            guard present < mostEach, taken.values.reduce(0, +) < most else {
                throw WebError(
                    .tooManyRequests, "too_many_streams", "Too many live streams are open.",
                    advice: "Close one, or try again in a moment.", retryAfter: 10)
            }
            taken[who] = present + 1
        }
        return Seat { [weak self] in self?.leave(who) }
    }

    private func leave(_ who: String) {
        taken.withLock { taken in
            let left = (taken[who] ?? 1) - 1
            taken[who] = left > 0 ? left : nil
        }
    }

    var count: Int { taken.withLock { $0.values.reduce(0, +) } }

    /// Held by a stream for as long as anybody reads it.
    final class Seat: Sendable {
        private let leave: @Sendable () -> Void
        fileprivate init(_ leave: @escaping @Sendable () -> Void) { self.leave = leave }
        deinit { leave() }
    }
}

extension Site {
    /// Whether whoever holds an open stream is still who that was when it began: signed in, neither idle for too long
    /// nor in another workspace, and in the same role; a token that works.
    func isStill(_ visitor: Visitor) async throws -> Bool {
        switch visitor.means {
        case .session(let hash):
            guard let found = try await store.session(hash) else { return false }
            return found.workspace.id == visitor.workspace.id && found.role == visitor.role
                && clock.now - found.session.seenAt < SessionCookie.idle
        case .token(let token):
            guard let found = try await store.token(token.hash) else { return false }
            return found.workspace.id == visitor.workspace.id && found.role == visitor.role
        }
    }
}
