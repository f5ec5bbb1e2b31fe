import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import SyncCore
import Synchronization
import Testing

@testable import SyncWeb

@Suite("Probes")
struct HealthRoutesTests {
    private func asking(
        _ probe: FakeProbe, _ body: @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        try await Application(router: HealthRoutes.router(for: probe)).test(.router, body)
    }

    private static func object(_ response: TestResponse) throws -> [String: String] {
        try #require(try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView)) as? [String: String])
    }

    @Test("answer 200 or 503 with a word and a reason", arguments: ["/readyz", "/flowing"])
    func verdicts(_ path: String) async throws {
        let probe = FakeProbe()
        try await asking(probe) { client in
            let good = try await client.executeRequest(uri: path, method: .get, headers: [:], body: nil)
            probe.health = Health(isGood: false, status: "stalled", reason: "37 chunks / \"due\".")
            let bad = try await client.executeRequest(uri: path, method: .get, headers: [:], body: nil)

            #expect(good.status == .ok)
            #expect(good.headers[.contentType] == "application/json; charset=utf-8")
            #expect(good.headers[.cacheControl] == "no-store")
            #expect(try HealthRoutesTests.object(good) == ["status": "ok", "reason": ""])
            #expect(bad.status == .serviceUnavailable)
            #expect(
                try HealthRoutesTests.object(bad) == ["status": "stalled", "reason": "37 chunks / \"due\"."])
        }
    }

    @Test("that ask whether the process is alive ask nobody else")
    func alive() async throws {
        let probe = FakeProbe()
        probe.health = Health(isGood: false, status: "unavailable", reason: "The database is gone.")
        try await asking(probe) { client in
            let response = try await client.executeRequest(uri: "/healthz", method: .get, headers: [:], body: nil)

            #expect(response.status == .ok)
            #expect(try HealthRoutesTests.object(response)["status"] == "ok")
            #expect(probe.asked == 0)
        }
    }

    @Test("for numbers get them in Prometheus' own format")
    func metrics() async throws {
        try await asking(FakeProbe()) { client in
            let response = try await client.executeRequest(uri: "/metrics", method: .get, headers: [:], body: nil)

            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(String(buffer: response.body) == MetricsPage.text(WorkerMetrics.families(.scene())))
        }
    }

    @Test("may be HEAD; nothing can be posted, and there is nothing else")
    func methods() async throws {
        try await asking(FakeProbe()) { client in
            let head = try await client.executeRequest(uri: "/readyz", method: .head, headers: [:], body: nil)
            let post = try await client.executeRequest(uri: "/readyz", method: .post, headers: [:], body: nil)
            let other = try await client.executeRequest(uri: "/", method: .get, headers: [:], body: nil)

            #expect(head.status == .ok)
            #expect(head.body.readableBytes == 0)
            #expect(post.status.kind == .clientError)
            #expect(other.status == .notFound)
        }
    }
}

/// A worker that answers what a test says.
final class FakeProbe: WorkerProbe {
    private let state = Mutex((health: Health.ok, asked: 0))

    var health: Health {
        get { state.withLock { $0.health } }
        set { state.withLock { $0.health = newValue } }
    }

    var asked: Int { state.withLock { $0.asked } }

    private func answer() -> Health {
        state.withLock { state in
            state.asked += 1
            return state.health
        }
    }

    func readiness() async -> Health { answer() }
    func flow() async -> Health { answer() }
    func vitals() async -> WorkerVitals { .scene() }
}
