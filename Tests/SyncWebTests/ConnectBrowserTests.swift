import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import StoreSQL
import SyncCore
import SyncEngine
import Testing

@testable import SyncWeb

@Suite("Connecting by the browser")
struct ConnectBrowserTests {
    private static let meta = "https://graph.facebook.com"

    private static func lab(_ change: (inout MetaWorld) -> Void = { _ in }) async throws -> (ConnectLab, MetaWorld) {
        var world = ConnectLab.small(MetaWorld.self)
        change(&world)
        let auth = world.auth
        let lab = try await ConnectLab([world]) { options in
            options.apps[PlatformID("meta")] = Credential([
                "app_id": Secret(auth.appID), "app_secret": Secret(auth.appSecret),
            ])
        }
        return (lab, world)
    }

    @Test("A sign-in at Meta brings a token that lasts, of which nothing is in an address")
    func signIn() async throws {
        let (lab, world) = try await ConnectBrowserTests.lab()

        let page = try await lab.visit(.get, "/connect/meta?by=sign-in")
        let out = try await lab.visit(.get, "/connect/meta/login")
        let back = try lab.browser(to: out.location, at: ConnectBrowserTests.meta)
        let home = try await lab.visit(.get, back)
        let shown = try await lab.visit(.get, home.location)
        let again = try await lab.visit(.get, back)
        _ = try await lab.post("/connect/meta", [("draft", try #require(home.query("draft")))])

        #expect(page.text.contains("href=\"/connect/meta/login\""))
        #expect(out.location.hasPrefix("https://www.facebook.com/v26.0/dialog/oauth?client_id=\(world.auth.appID)&"))
        #expect(out.query("redirect_uri") == "https://sluice.example/connect/meta/callback")
        #expect(!out.location.contains(world.auth.appSecret))
        #expect(home.location.hasPrefix("/connect/meta?draft="))
        #expect(shown.text.contains("This works."))
        #expect(shown.text.contains("Expires"))
        // A state works once.
        #expect(again.status == .gone)
        let stored = try #require(try await lab.connections().first)
        let credential = try lab.credential(of: stored)
        #expect(credential["token"]?.hasPrefix("EAAGx") == true)
        #expect(credential["app_secret"] == world.auth.appSecret)
        #expect(credential["expires_at"] != nil)
        #expect(stored.configuration["app_id"] == world.auth.appID)
    }

    @Test("Whoever does not agree is told so, and nothing is stored")
    func denied() async throws {
        let (lab, _) = try await ConnectBrowserTests.lab { $0.auth.dialogDenies = true }

        let out = try await lab.visit(.get, "/connect/meta/login")
        let home = try await lab.visit(.get, try lab.browser(to: out.location, at: ConnectBrowserTests.meta))

        #expect(home.status == .unprocessableContent)
        #expect(home.text.contains("Meta was not allowed"))
        #expect(try await lab.connections().isEmpty)
    }

    @Test("A permission that was unticked is shown, and can be asked for again")
    func declined() async throws {
        let (lab, _) = try await ConnectBrowserTests.lab { $0.auth.dialogDeclines = ["pages_read_engagement"] }

        let out = try await lab.visit(.get, "/connect/meta/login")
        let home = try await lab.visit(.get, try lab.browser(to: out.location, at: ConnectBrowserTests.meta))
        let shown = try await lab.visit(.get, home.location)
        let asked = try await lab.visit(.get, "/connect/meta/login?ask=again")

        #expect(shown.text.contains("Posts will be left out."))
        #expect(shown.text.contains("/connect/meta/login?ask=again"))
        #expect(asked.query("auth_type") == "rerequest")
    }

    @Test("An answer that nobody here began, or somebody else, is refused")
    func states() async throws {
        let (lab, _) = try await ConnectBrowserTests.lab()
        let out = try await lab.visit(.get, "/connect/meta/login")
        let back = try lab.browser(to: out.location, at: ConnectBrowserTests.meta)

        let foreign = try await lab.visit(.get, back, ticket: lab.stranger)
        let other = try await lab.visit(.get, back, as: .operator)
        let made = try await lab.visit(.get, "/connect/meta/callback?code=AQx&state=00")
        let nobody = try await lab.visit(.get, back, as: nil, for: .json)

        #expect([foreign, other, made].map(\.status) == [.gone, .gone, .gone])
        #expect(nobody.status == .unauthorized)
    }

    @Test("Without the operator's app there is no sign-in")
    func noApp() async throws {
        let lab = try await ConnectLab([ConnectLab.small(MetaWorld.self)])

        #expect(try await lab.visit(.get, "/connect/meta/login").status == .notFound)
        #expect(try await !lab.visit(.get, "/connect/meta").text.contains("by=sign-in"))
    }

    // MARK: Shopee

    private static let shopee = "https://partner.shopeemobile.com"

    private static func shop() async throws -> (ConnectLab, [(String, String)]) {
        var world = ConnectLab.small(ShopeeWorld.self)
        for index in world.apps.indices { world.apps[index].redirectDomain = "sluice.example" }
        let app = world.credential.filter { $0.field.hasPrefix("partner") }.map { ($0.field, $0.value) }
        return (try await ConnectLab([world]), app)
    }

    private static func link(in page: String) throws -> String {
        let mark = try #require(page.firstRange(of: "data-copy=\""))
        return String(page[mark.upperBound...].prefix { $0 != "\"" }).replacing("&amp;", with: "&")
    }

    @Test("A shop is opened by its consent: its tokens are stored at once, and it can be picked")
    func consent() async throws {
        let (lab, app) = try await ConnectBrowserTests.shop()

        let given = try await lab.post("/connect/shopee", app)
        let page = try await lab.visit(.get, given.location)
        let back = try lab.browser(to: ConnectBrowserTests.link(in: page.text), at: ConnectBrowserTests.shopee)
        let home = try await lab.visit(.get, back)
        let list = try await lab.visit(.get, home.location, for: .json).object()
        let again = try await lab.visit(.get, back)

        #expect(page.text.contains("Shopee knows the app."))
        #expect(home.location.hasPrefix("/connect/shopee/accounts?connection="))
        #expect((list["accounts"] as? [[String: Any]])?.isEmpty == false)
        #expect(again.status == .gone)
        let stored = try #require(try await lab.connections().first)
        #expect(try lab.credential(of: stored)["refresh_token"] != nil)
        let shop = try #require((list["accounts"] as? [[String: Any]])?.first?["external_id"] as? String)
        let begun = try await lab.post(
            "/connect/shopee/accounts",
            [("connection", try #require(home.query("connection"))), ("account", shop)], for: .json)
        #expect(begun.status == .accepted)
        // The platform's own standing jobs keep it current: no other schedule is made.
        #expect(try await !lab.store.schedules().contains { $0.definition.name.contains("every 30m") })
    }

    @Test("The owner of a shop may agree in another browser; the shop belongs to whoever began")
    func sentOn() async throws {
        let (lab, app) = try await ConnectBrowserTests.shop()
        let given = try await lab.post("/connect/shopee", app)
        let page = try await lab.visit(.get, given.location)
        let back = try lab.browser(to: ConnectBrowserTests.link(in: page.text), at: ConnectBrowserTests.shopee)

        let thanks = try await lab.visit(.get, back, as: nil)

        #expect(thanks.status == .ok)
        #expect(thanks.text.contains("The shop is open to the app"))
        #expect(Set(try await lab.connections().map(\.workspace)) == [.first])
    }

    @Test("A key that Shopee does not know gets no link")
    func wrongKey() async throws {
        let (lab, app) = try await ConnectBrowserTests.shop()

        let refused = try await lab.post("/connect/shopee", [app[0], ("partner_key", "0000000000000000")])
        let letters = try await lab.post("/connect/shopee", [("partner_id", "abc"), app[1]])

        #expect(refused.status == .unprocessableContent)
        #expect(letters.status == .unprocessableContent)
        #expect(letters.text.contains("Partner id is no number"))
        #expect(!letters.text.contains("SLUICE_SHOPEE"))
    }
}
