package import Hummingbird
package import SyncCore
import Synchronization

/// What the server answers with: probes from the start, and the pages as soon as there is a database behind them.
package final class Door: HTTPResponder {
    private let early: RouterResponder<WebContext>
    private let state = Mutex(State())

    private struct State {
        var site: RouterResponder<WebContext>?
        /// Calls that the site has not answered yet.
        var inHand = 0
    }

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
        state.withLock { $0.site = responder }
    }

    /// From now on it is as before there was a page. Those who came in time have their answers when this returns, so
    /// that nothing is done of which nobody is told; for one that takes longer than `patience` nobody waits.
    package func shut(within patience: Duration, clock: any Clock<Duration>) async {
        let wasOpen = state.withLock { state in
            defer { state.site = nil }
            return state.site != nil
        }
        guard wasOpen else { return }
        let turn = patience / 100
        for _ in 0..<100 where state.withLock({ $0.inHand > 0 }) { try? await clock.sleep(for: turn) }
        // The last answers are still on their way into the network.
        try? await clock.sleep(for: turn * 2)
    }

    package func respond(to request: Request, context: WebContext) async throws -> Response {
        let site = state.withLock { state in
            if state.site != nil { state.inHand += 1 }
            return state.site
        }
        guard let site else { return try await early.respond(to: request, context: context) }
        defer { state.withLock { $0.inHand -= 1 } }
        return try await site.respond(to: request, context: context)
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
