import HTTPTypes
import Hummingbird
import HummingbirdTesting
import SyncCore
import Synchronization
import Testing

@testable import SyncWeb

@Suite("A database that has been away for long")
struct LongAwayTests {
    private final class Absence: Sendable {
        private let length = Mutex<Duration?>(nil)

        func set(_ length: Duration?) { self.length.withLock { $0 = length } }

        var now: (error: StoreError, length: Duration)? {
            length.withLock { $0 }.map { (StoreError.unavailable("It is away."), $0) }
        }
    }

    @Test(
        "is asked by nobody who only would wait; after a short while without it people still wait, and then it is back")
    func refused() async throws {
        let absence = Absence()
        let router = Router(context: WebContext.self)
        let renderer = Renderer(
            templates: try Templates(), statics: Statics(), cookies: SessionCookie(isSecure: false),
            frame: { _, _, _, _ in })
        router.add(middleware: ErrorAnswers(renderer: renderer))
        router.add(middleware: LongAway { absence.now })
        router.get("accounts") { _, _ in "asked" }
        try await Application(responder: router.buildResponder()).test(.router) { client in
            func answer(_ length: Duration?) async throws -> TestResponse {
                absence.set(length)
                return try await client.execute(uri: "/accounts", method: .get)
            }

            let short = try await answer(.seconds(1))
            let long = try await answer(.seconds(2))
            let back = try await answer(nil)

            #expect(short.status == .ok && back.status == .ok)
            #expect(long.status == .serviceUnavailable)
            #expect(long.headers[.retryAfter] == "5")
        }
    }
}
