package import Hummingbird
package import SyncCore
import Synchronization

/// What the server answers with: probes from the start, and the pages as soon as there is a database behind them.
package final class Door: HTTPResponder {
    private let early: RouterResponder<WebContext>
    private let site = Mutex<RouterResponder<WebContext>?>(nil)

    package init(probe: any WorkerProbe) {
        let router = Router(context: WebContext.self, options: .autoGenerateHeadEndpoints)
        HealthRoutes.add(to: router, probe: probe)
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
