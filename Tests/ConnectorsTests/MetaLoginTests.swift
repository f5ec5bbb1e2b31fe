import ConnectorKit
import Foundation
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

@Suite("Facebook Login")
struct MetaLoginTests {
    private static let back = "https://sluice.example/connect/meta/callback"

    /// The sandbox and an app that is known to it.
    private struct Scene {
        var sandbox: MetaSandbox
        var now = Instant(seconds: 1_795_233_600)
        let login: MetaLogin

        init(_ change: (inout MetaWorld) -> Void = { _ in }) throws {
            var world = MetaWorld.small(seed: 3)
            change(&world)
            sandbox = MetaSandbox(world)
            login = try #require(MetaLogin(app: Scene.app(world.auth.appID, world.auth.appSecret)))
        }

        static func app(_ id: String, _ secret: String) -> Credential {
            Credential(["app_id": Secret(id), "app_secret": Secret(secret)])
        }

        mutating func send(_ request: WireRequest) -> WireResponse { sandbox.respond(to: request, at: now).response }

        /// What the browser brings back from the dialog.
        mutating func dialog(
            of login: MetaLogin? = nil, redirect: String = MetaLoginTests.back
        ) -> (status: Int, returned: [(name: String, value: String)]) {
            let page = (login ?? self.login).page(
                at: "https://graph.facebook.com", redirect: redirect, state: "s/1&2", asksAgain: false)
            let target = page.replacingOccurrences(of: "https://www.facebook.com", with: "")
            let answer = send(WireRequest(.get, target))
            let query = (answer["location"] ?? "").drop { $0 != "?" }.dropFirst().prefix { $0 != "#" }
            return (answer.status, FormCoding.decode(String(query)))
        }

        mutating func code() throws -> String { try login.code(in: dialog().returned).get() }
    }

    private static func cause(_ result: Result<some Any, Failure>) -> Failure.Cause? {
        if case .failure(let failure) = result { failure.cause } else { nil }
    }

    @Test("brings a token of 60 days in two calls, with no secret in an address that is shown")
    func whole() throws {
        var scene = try Scene()

        let (status, returned) = scene.dialog()
        let code = try scene.login.code(in: returned).get()
        let exchange = scene.login.exchange(code: code, redirect: MetaLoginTests.back)
        let short = scene.send(exchange.request)
        let lengthening = try scene.login.lengthening(short, at: scene.now).get()
        let credential = try scene.login.credential(scene.send(lengthening.request), at: scene.now).get()

        #expect(status == 302)
        #expect(returned.contains { $0 == (name: "state", value: "s/1&2") })
        for target in [exchange.request.target, lengthening.request.target] {
            #expect(!target.contains(code) && !target.contains("client_secret") && !target.contains("EAAG"))
        }
        let end = try #require(credential["expires_at"].flatMap { Int64($0) })
        #expect(end - scene.now.seconds == 5_184_000)
        #expect(credential["token"]?.hasPrefix("EAAGx") == true)
    }

    @Test("takes a code once, within ten minutes, with the same address and the right secret")
    func codes() throws {
        var scene = try Scene()
        let login = scene.login
        let code = try scene.code()
        let other = try scene.code()
        let late = try scene.code()

        func told(_ request: WireRequest) -> String? {
            MetaLoginTests.cause(login.lengthening(scene.send(request), at: scene.now))?.code
        }
        #expect(told(login.exchange(code: code, redirect: MetaLoginTests.back).request) == nil)
        #expect(told(login.exchange(code: code, redirect: MetaLoginTests.back).request) == "100/36009")
        #expect(told(login.exchange(code: other, redirect: MetaLoginTests.back + "?x=1").request) == "100/36008")
        scene.now = scene.now + .seconds(601)
        #expect(told(login.exchange(code: late, redirect: MetaLoginTests.back).request) == "100/36007")
        let wrong = try #require(MetaLogin(app: Scene.app(login.appID, "no")))
        #expect(told(wrong.exchange(code: "AQ1", redirect: MetaLoginTests.back).request) == "1")
        let foreign = try #require(MetaLogin(app: Scene.app("12", "no")))
        #expect(told(foreign.exchange(code: "AQ1", redirect: MetaLoginTests.back).request) == "101")
    }

    @Test("tells a refusal, an unknown app and a blocked address apart")
    func dialogs() throws {
        var denying = try Scene { $0.auth.dialogDenies = true }
        var strict = try Scene { $0.auth.redirects = ["https://sluice.example/"] }
        let foreign = try #require(MetaLogin(app: Scene.app("12", "no")))

        let denied = denying.dialog().returned
        #expect(MetaLoginTests.cause(denying.login.code(in: denied))?.message.contains("not allowed") == true)
        #expect(strict.dialog().status == 302)
        #expect(strict.dialog(redirect: "https://evil.example/").status == 400)
        #expect(strict.dialog(of: foreign).status == 400)
        #expect(MetaLoginTests.cause(strict.login.code(in: []))?.message == "Meta sent no code back.")
    }

    @Test("gives a token what its person did not untick, and that the permissions tell")
    func scopes() throws {
        var scene = try Scene { $0.auth.dialogDeclines = ["pages_read_engagement"] }
        let code = try scene.code()
        let short = scene.send(scene.login.exchange(code: code, redirect: MetaLoginTests.back).request)
        let token = try scene.login.token(in: short, at: scene.now).get()
        let connector = try MetaConnector(configuration: scene.login.configuration)
        var credential = Credential(["app_secret": Secret(scene.login.appSecret)])
        credential["token"] = token.token

        let call = connector.call(for: .credential, cursor: nil, credential: credential, at: scene.now)
        let answer = connector.answer(
            scene.send(call.request), to: .credential, cursor: nil, credential: credential, at: scene.now)

        guard case .credential(let facts) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(facts.scopes == ["ads_read", "business_management", "pages_show_list"])
        #expect(facts.app == "Sluice sandbox")
        #expect(!facts.isOfSystem)
        #expect(token.life == .seconds(5100))
    }

    @Test("renews its token when half of its life is over, and no token that was pasted")
    func renewal() throws {
        var scene = try Scene()
        let code = try scene.code()
        let short = scene.send(scene.login.exchange(code: code, redirect: MetaLoginTests.back).request)
        let lengthening = try scene.login.lengthening(short, at: scene.now).get()
        let credential = try scene.login.credential(scene.send(lengthening.request), at: scene.now).get()
        let connector = try MetaConnector(configuration: scene.login.configuration)
        func renewal(_ credential: Credential, after days: Int64, _ reason: RenewalReason = .due) -> Call? {
            connector.renewal(
                of: credential, account: "1", because: reason, at: scene.now + .seconds(days * 86_400))
        }

        #expect(renewal(credential, after: 29) == nil)
        #expect(renewal(credential, after: 31, .refused) == nil)
        #expect(renewal(credential, after: 61) == nil)
        #expect(renewal(Credential(["token": Secret("EAAGpasted")]), after: 31) == nil)
        let call = try #require(renewal(credential, after: 31))
        scene.now = scene.now + .seconds(31 * 86_400)
        guard
            case .credential(let renewed) = connector.renewed(
                scene.send(call.request), of: credential, account: "1", at: scene.now)
        else {
            Issue.record("not renewed")
            return
        }
        #expect(renewed["token"] != credential["token"])
        #expect(renewed["expires_at"] == String(scene.now.seconds + 5_184_000))
        #expect(renewed["app_secret"] == credential["app_secret"])
    }
}
