import FoundationEssentials
package import Hummingbird
package import SyncCore

/// `/healthz`, `/readyz`, `/flowing` and `/metrics`.
///
/// Three questions, three routes: is the process alive, can it write, does its work move. A process that cannot write
/// is not to be killed for that, and one whose work stands still is not to be taken out of service.
package enum HealthRoutes {
    /// With all metrics for everybody who gets here.
    package static func add<Context>(to router: Router<Context>, probe: any WorkerProbe) {
        addProbes(to: router, probe: probe)
        addMetrics(to: router, probe: probe) { _ in nil }
    }

    static func addProbes<Context>(to router: Router<Context>, probe: any WorkerProbe) {
        // Alive is who gets here: nothing is asked, so that a database that hangs ends no process.
        router.get("/healthz") { _, _ in try answer(.ok) }
        router.get("/readyz") { _, _ in try answer(await probe.readiness()) }
        router.get("/flowing") { _, _ in try answer(await probe.flow()) }
    }

    /// `limits` throws for who may not read the metrics, for they tell how much work there is, and names the limits
    /// that may be told of: all where it is nil.
    static func addMetrics<Context>(
        to router: Router<Context>, probe: any WorkerProbe,
        limits: @escaping @Sendable (Context) async throws -> Set<QuotaKey>?
    ) {
        router.get("/metrics") { _, context in
            let limits = try await limits(context)
            var vitals = await probe.vitals()
            if let limits { vitals.quotas.removeAll { !limits.contains($0.key) } }
            let page = MetricsPage.text(WorkerMetrics.families(vitals))
            return response(.ok, MetricsPage.contentType, page)
        }
    }

    /// A router with these routes alone, which answers HEAD as it answers GET.
    package static func router(for probe: any WorkerProbe) -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self, options: .autoGenerateHeadEndpoints)
        add(to: router, probe: probe)
        return router
    }

    private struct Answer: Encodable {
        var status: String
        var reason: String
    }

    private static func answer(_ health: Health) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        let text = try encoder.encode(Answer(status: health.status, reason: health.reason))
        return response(
            health.isGood ? .ok : .serviceUnavailable, "application/json; charset=utf-8",
            String(decoding: text, as: UTF8.self) + "\n")
    }

    private static func response(_ status: HTTPResponse.Status, _ type: String, _ text: String) -> Response {
        Response(
            status: status,
            headers: [.contentType: type, .cacheControl: "no-store", .xContentTypeOptions: "nosniff"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
