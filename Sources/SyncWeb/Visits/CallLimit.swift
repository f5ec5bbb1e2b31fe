import HTTPTypes
import Hummingbird
import SyncCore
import Synchronization

/// For every call of somebody who is signed in; starting something is limited further, by the routes themselves. What
/// programs poll, `/facebook/sync/progress`, is told from memory and free.
struct Pace: RouterMiddleware {
    typealias Context = WebContext
    let changes: CallLimit
    let looks: CallLimit

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        if let visitor = context.visitor {
            if request.method != .get, request.method != .head {
                try changes.take(for: "\(visitor.user.id)")
            } else if !request.uri.path.hasPrefix("/facebook/") {
                try looks.take(for: "\(visitor.user.id)")
            }
        }
        return try await next(request, context)
    }
}

/// How often one visitor may call: a burst, then an even rate (GCRA, as for the limits of platforms). Of this process
/// alone; it keeps a page that went mad, or a script, from using up the database.
final class CallLimit: Sendable {
    private let limit: QuotaLimit
    private let clock: any WallClock
    private let known = Mutex(Known())

    private struct Known {
        /// And when each was asked last: a clock that was set back since makes nobody wait.
        var quotas: [String: (quota: Quota, at: Instant)] = [:]
        /// With so many those are looked for that are as new.
        var ceiling = 4096
    }

    init(_ limit: QuotaLimit, clock: any WallClock) {
        self.limit = limit
        self.clock = clock
    }

    /// Throws 429 with the seconds after which one more is answered.
    func take(for who: String) throws {
        let now = clock.now
        let wait = known.withLock { known -> Duration? in
            if known.quotas.count >= known.ceiling {
                // Those that were quiet long enough are as new; who called a moment ago is not forgotten.
                known.quotas = known.quotas.filter { $0.value.quota.arrival > now }
                known.ceiling = max(4096, known.quotas.count * 2)
            }
            var quota =
                known.quotas[who].map { $0.quota.read(writtenAt: $0.at, at: now) } ?? Quota(limit: limit, at: now)
            defer { known.quotas[who] = (quota, now) }
            switch quota.take(1, atLeast: 1, at: now) {
            case .go: return nil
            case .wait(let until): return until - now
            }
        }
        if let wait { throw WebError.tooMany(after: Int(wait.inSeconds.rounded(.up))) }
    }

    var count: Int { known.withLock { $0.quotas.count } }
}
