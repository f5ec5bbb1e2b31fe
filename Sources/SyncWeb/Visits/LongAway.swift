import Hummingbird
import SyncCore

/// A caller waits up to half a minute for a database server that restarts. When it has been away for a while nobody
/// waits any more: the page says so at once, and looks again. Whoever works looks for the server meanwhile.
struct LongAway: RouterMiddleware {
    typealias Context = WebContext
    let absence: @Sendable () -> (error: StoreError, length: Duration)?

    private static let patience: Duration = .seconds(2)

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        // Of metrics those are told that need no database, and that it is away.
        if request.uri.path != "/metrics", let absence = absence(), absence.length >= LongAway.patience {
            throw WebError.away(absence.error)
        }
        return try await next(request, context)
    }
}
