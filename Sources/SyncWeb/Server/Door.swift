package import Hummingbird
package import SyncCore
import Synchronization

/// What the server answers with: probes from the start, and the pages as soon as there is a database behind them.
package final class Door: HTTPResponder {
    private let early: RouterResponder<WebContext>
    private let site = Mutex<RouterResponder<WebContext>?>(nil)

    /// Probes and nothing else: a worker without pages.
    package init(probe: any WorkerProbe) {
        let router = Router(context: WebContext.self, options: .autoGenerateHeadEndpoints)
        HealthRoutes.add(to: router, probe: probe)
        early = router.buildResponder()
    }

    /// Until the database is there every address says so, in the visitor's language, and pages look again by
    /// themselves. `isSecure`: people come through TLS.
    package init(probe: any WorkerProbe, isSecure: Bool) throws {
        let cookies = SessionCookie(isSecure: isSecure)
        let renderer = Renderer(
            templates: try Templates(), statics: Statics(), cookies: cookies, frame: { _, _, _, _ in })
        let router = Router(context: WebContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: Protection(cookies: cookies))
        router.add(middleware: ErrorAnswers(renderer: renderer))
        HealthRoutes.addProbes(to: router, probe: probe)
        renderer.statics.add(to: router)
        router.add(middleware: NotYet())
        early = router.buildResponder()
    }

    package func open(_ router: Router<WebContext>) {
        let responder = router.buildResponder()
        site.withLock { $0 = responder }
    }

    package func respond(to request: Request, context: WebContext) async throws -> Response {
        try await (site.withLock { $0 } ?? early).respond(to: request, context: context)
    }
}

/// There is no page yet, whatever is asked for.
private struct NotYet: RouterMiddleware {
    typealias Context = WebContext

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        throw WebError.starting
    }
}
