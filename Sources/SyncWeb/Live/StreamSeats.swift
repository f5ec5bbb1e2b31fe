import HTTPTypes
import SyncCore
import Synchronization

/// How many live streams are open: each holds a connection and asks the database again and again.
final class StreamSeats: Sendable {
    let mostEach: Int
    private let mostOfOne: Int
    private let most: Int
    private let taken = Mutex<[String: Int]>([:])

    /// Each browser and each token has so many, with all of those one person so many, and all together so many.
    init(mostEach: Int = 600, mostOfOne: Int = 750, most: Int = 1500) {
        self.mostEach = mostEach
        self.mostOfOne = mostOfOne
        self.most = most
    }

    /// Throws 429 where there is none left. It is free again when the seat is let go.
    func take(for visitor: Visitor) throws -> Seat {
        let means =
            switch visitor.means {
            case .session(let hash): hash
            case .token(let token): token.hash
            }
        let keys = [means, "person \(visitor.user.id)", StreamSeats.all]
        try taken.withLock { taken in
            guard zip(keys, [mostEach, mostOfOne, most]).allSatisfy({ taken[$0] ?? 0 < $1 }) else {
                throw WebError(
                    .tooManyRequests, "too_many_streams", "Too many live streams are open.",
                    advice: "Close one, or try again in a moment.", retryAfter: 10)
            }
            for key in keys { taken[key, default: 0] += 1 }
        }
        return Seat { [weak self] in self?.leave(keys) }
    }

    private func leave(_ keys: [String]) {
        taken.withLock { taken in
            for key in keys {
                let left = (taken[key] ?? 1) - 1
                taken[key] = left > 0 ? left : nil
            }
        }
    }

    private static let all = "all"

    var count: Int { taken.withLock { $0[StreamSeats.all] ?? 0 } }

    /// Held by a stream for as long as anybody reads it.
    final class Seat: Sendable {
        private let leave: @Sendable () -> Void
        fileprivate init(_ leave: @escaping @Sendable () -> Void) { self.leave = leave }
        deinit { leave() }
    }
}

/// When to look whether a visitor still is who it was: every five seconds, however seldom its stream is read.
struct RightsCheck: Sendable {
    private static let every: Duration = .seconds(5)
    private let stopwatch: Stopwatch
    private var last: Duration = .zero

    init(_ clock: any Clock<Duration>) { stopwatch = Stopwatch(clock) }

    mutating func isDue() -> Bool {
        guard stopwatch.elapsed - last >= RightsCheck.every else { return false }
        last = stopwatch.elapsed
        return true
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
