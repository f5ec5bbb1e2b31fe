import HTTPTypes
import Hummingbird
import Synchronization

/// Tells an address that takes other methods from one that there is not: 405 with those that it takes.
final class WrongMethod: RouterMiddleware {
    typealias Context = WebContext
    private let routes = Mutex<[(path: RouterPath, method: HTTPRequest.Method)]>([])

    /// When all are there.
    func know(_ router: Router<WebContext>) {
        let all = router.routes.map { (path: $0.path, method: $0.method) }
        routes.withLock { $0 = all }
    }

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as any HTTPResponseError where error.status == .notFound {
            let allowed = allowed(at: request.uri.path)
            if allowed.isEmpty || allowed.contains(request.method.rawValue) { throw error }
            var told = WebError.wrongMethod
            told.allowed = allowed.joined(separator: ", ")
            throw told
        }
    }

    /// Of several that fit the one with the most words of its own counts, as for the router.
    private func allowed(at path: String) -> [String] {
        let parts = path.split(separator: "/")
        let fitting = routes.withLock { routes in
            routes.filter { route in
                route.path.components.count == parts.count
                    && zip(route.path.components, parts).allSatisfy { $0 ~= $1 }
            }
        }
        func words(_ path: RouterPath) -> Int { zip(path.components, parts).count { $0.description == $1 } }
        let most = fitting.map { words($0.path) }.max()
        let methods = Set(fitting.filter { words($0.path) == most }.map(\.method.rawValue))
        return methods.union(methods.contains("GET") ? ["HEAD"] : []).sorted()
    }
}
