import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import SyncCore
import Testing

@testable import SyncWeb

@Suite("Before there is a database")
struct DoorTests {
    private func asking(_ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        let probe = FakeProbe()
        probe.health = Health(isGood: false, status: "starting", reason: "It waits.")
        let door = try Door(probe: probe, isSecure: false)
        try await Application(responder: door).test(.router, body)
    }

    @Test("every address says so in the visitor's language and looks again by itself", arguments: ["en", "vi"])
    func page(_ language: String) async throws {
        try await asking { client in
            for path in ["/", "/login", "/accounts/7", "/nothing", "/metrics"] {
                let page = try await client.execute(
                    uri: path, method: .get, headers: [.accept: "text/html", .acceptLanguage: language], body: nil)
                let text = String(buffer: page.body)

                #expect(page.status == .serviceUnavailable, "\(path)")
                #expect(page.headers[.retryAfter] == "5", "\(path)")
                #expect(text.contains(language == "vi" ? "Sluice chưa sẵn sàng." : "Sluice is not ready yet."))
                #expect(text.contains("http-equiv=\"refresh\"") && text.contains("data-again-to=\"\(path)\""))
                #expect(page.headers[.contentSecurityPolicy] != nil, "\(path)")
            }
            let object = try await client.execute(
                uri: "/sync/manual", method: .post, headers: [.accept: "application/json"], body: nil)
            #expect(object.status == .serviceUnavailable)
            #expect(String(buffer: object.body).contains("\"code\":\"starting\""))
        }
    }

    @Test("who came before it was shut gets an answer; who comes later is told that there is no page")
    func shut() async throws {
        let door = try Door(probe: FakeProbe(), isSecure: false)
        let (begun, beginning) = AsyncStream<Void>.makeStream()
        let (gate, opening) = AsyncStream<Void>.makeStream()
        let router = Router(context: WebContext.self)
        router.get("slow") { _, _ in
            beginning.finish()
            for await _ in gate {}
            return "done"
        }
        door.open(router)
        try await Application(responder: door).test(.router) { client in
            async let early = client.execute(uri: "/slow", method: .get)
            for await _ in begun {}
            async let shut: Void = door.shut(within: .seconds(40), clock: ContinuousClock())
            var late = try await client.execute(uri: "/healthz", method: .get)
            // Until the door is shut, the site has no such address.
            while late.status == .notFound { late = try await client.execute(uri: "/healthz", method: .get) }
            let refused = try await client.execute(uri: "/slow", method: .get)
            opening.finish()
            await shut

            #expect(try await early.status == .ok)
            #expect(late.status == .ok)
            #expect(refused.status == .serviceUnavailable)
        }
    }

    @Test("probes, styles and scripts are there")
    func statics() async throws {
        try await asking { client in
            let statics = Statics()
            for path in ["/healthz", "/\(statics.moreJs.path)", "/\(statics.css.path)", "/favicon.ico"] {
                let reply = try await client.execute(uri: path, method: .get, headers: [:], body: nil)
                #expect(reply.status == .ok, "\(path)")
            }
            let ready = try await client.execute(uri: "/readyz", method: .get, headers: [:], body: nil)
            #expect(ready.status == .serviceUnavailable)
        }
    }
}

@Suite("Addresses and what they take")
struct AddressTests {
    @Test(
        "Another method is told from an address that there is not, with the methods that there are",
        arguments: [
            ("/facebook/sync/ads", "GET", "POST"), ("/accounts/7", "DELETE", "GET, HEAD"),
            ("/sync/schedules/3", "POST", "DELETE, GET, HEAD, PUT"), ("/sync/quick/plan", "GET", "POST"),
            ("/login", "OPTIONS", "GET, HEAD, POST"), ("/healthz", "POST", "GET, HEAD"),
        ])
    func wrongMethod(_ path: String, _ method: String, _ allowed: String) async throws {
        try await SiteLab.with { lab in
            let reply = try await lab.call(try #require(HTTPRequest.Method(method)), path)

            #expect(reply.status == 405, "\(reply.text)")
            #expect(reply.headers[.allow] == allowed)
            #expect(try await lab.call(.get, "/nothing/here").status == 404)
        }
    }

    @Test("What is the same for everybody is kept by whoever likes, and varies with nothing")
    func caching() async throws {
        try await SiteLab.with { lab in
            let asset = try await lab.get("/" + lab.site.renderer.statics.js.path)
            let page = try await lab.get("/login", html: true)

            #expect(asset.headers[.cacheControl]?.contains("immutable") == true)
            #expect(asset.headers[.vary] == nil)
            #expect(page.headers[.vary] == "Accept, Accept-Language, Cookie")
        }
    }

    @Test("A body that is too large is refused before it is read")
    func large() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let text = String(repeating: "x", count: 300 * 1024)

            let reply = try await lab.call(.post, "/sync/schedules", as: owner, form: [("name", text)])

            #expect(reply.status == 413)
        }
    }

    @Test("An Authorization that is meant for a proxy leaves the session as it is")
    func otherScheme() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()

            let reply = try await lab.call(
                .get, "/accounts", as: owner, headers: [("Authorization", "Basic bGluaDp4")])

            #expect(reply.status == 200)
        }
    }

    @Test("What is wrong with a database is told to nobody who only looks")
    func quiet() {
        for error in [
            StoreError.notWritable("/srv/secret/a.sqlite"), .notADatabase("/srv/secret/a.sqlite"),
            .corrupt("page 7"), .refused("password of sluice@db.internal"), .misfit(table: "x", "y"),
        ] {
            let told = ErrorAnswers.told(error)
            #expect(told.status == .serviceUnavailable && told.retryAfter != nil)
            #expect(told.message == "The database cannot be used as it is.")
        }
        #expect(
            ErrorAnswers.told(StoreError.unavailable("db.internal is gone")).message == WebError.away(.diskFull).message
        )
    }

    @Test("A note of use that fails keeps nobody out, and of many at once one is made")
    func touches() async throws {
        let touches = Touches()
        let counter = Counter()
        await touches.make("a") { throw StoreError.diskFull }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    await touches.make("a") {
                        await counter.add()
                        try await ContinuousClock().sleep(for: .milliseconds(50))
                    }
                }
            }
        }
        #expect(await counter.count < 20)
        #expect(await counter.count >= 1)
    }

    private actor Counter {
        var count = 0
        func add() { count += 1 }
    }
}
