import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import StoreSQL
import SyncCore
import SyncEngine
import Testing

@testable import SyncWeb

@Suite("Connections that are stored")
struct ReconnectTests {
    private static let fresh = "EAAGfreshTOKEN000000003"

    /// One account, connected and with an open job; then the token is refused.
    private static func parked() async throws -> (ConnectLab, MetaWorld) {
        var world = ConnectLab.small(MetaWorld.self)
        var token = MetaWorld.Auth.Token(fresh)
        token.expiresAt = SystemWallClock().now + .seconds(3 * 86_400)
        world.auth.tokens.append(token)
        let lab = try await ConnectLab([world])
        _ = try await lab.post("/connections", [("platform", "meta"), ("token", world.token)], for: .json)
        _ = try await lab.post(
            "/connect/meta/accounts", [("connection", "1"), ("account", world.accounts[0].id)], for: .json)
        let cause = Failure.Cause(code: "190/460", "The password was changed.", advice: "Connect again.")
        #expect(try await lab.store.park(ConnectionID(1), version: 1, cause: cause))
        return (lab, world)
    }

    @Test("A wrong token is refused before it is stored; the right one brings the parked jobs back")
    func reconnecting() async throws {
        let (lab, world) = try await ReconnectTests.parked()

        let form = try await lab.visit(.get, "/connections/1/reconnect")
        let wrong = try await lab.post("/connections/1/reconnect", [("token", "EAAGwrongTOKEN0000009")])
        let still = try #require(try await lab.connections().first)
        let state = try #require(try await lab.store.jobs(limit: 1).first?.state)
        let right = try await lab.post("/connections/1/reconnect", [("token", ReconnectTests.fresh)])

        #expect(form.text.contains("Reconnect Meta"))
        #expect(form.text.contains("••••\(world.token.suffix(4))"))
        #expect(wrong.status == .unprocessableContent)
        #expect(!wrong.text.contains("EAAGwrong"))
        #expect(wrong.text.contains("••••0009"))
        #expect(still.parked != nil && still.version == 1)
        #expect(state == .waiting)
        #expect(right.location == "/accounts/1")
        let now = try #require(try await lab.connections().first)
        #expect(now.parked == nil)
        #expect(try lab.credential(of: now)["token"] == ReconnectTests.fresh)
        #expect(try await lab.store.jobs(limit: 1).first?.state != .waiting)
        #expect(try await lab.connections().count == 1)
        // It ends in three days, and that is news at once.
        #expect(try await lab.store.noticeState().causes.map(\.key) == ["expiring/1"])
    }

    @Test(
        "A token that does not reach what is connected is refused by the names of what it lacks",
        arguments: ["en", "vi"])
    func losing(_ language: String) async throws {
        let (lab, world) = try await ReconnectTests.parked()
        _ = try await lab.store.save(
            Account(
                id: AccountID(0), connection: ConnectionID(1), platform: PlatformID("meta"), externalID: "77",
                name: "Gốm <Bát>", currency: "VND", zoneName: "Asia/Ho_Chi_Minh"))

        let page = try await lab.post(
            "/connections/1/reconnect", [("token", ReconnectTests.fresh)], language: language)
        let json = try await lab.post("/connections/1/reconnect", [("token", ReconnectTests.fresh)], for: .json)

        #expect(page.status == .unprocessableContent)
        #expect(page.text.contains("Gốm &lt;Bát&gt; (77)"))
        #expect(json.text.contains("Gốm"))
        #expect(try lab.credential(of: try #require(await lab.connections().first))["token"] == world.token)
    }

    @Test("A sign-in takes the place of the token that was refused")
    func signIn() async throws {
        var world = ConnectLab.small(MetaWorld.self)
        world.auth.tokens.append(MetaWorld.Auth.Token(ReconnectTests.fresh))
        let auth = world.auth
        let lab = try await ConnectLab([world]) { options in
            options.apps[PlatformID("meta")] = Credential([
                "app_id": Secret(auth.appID), "app_secret": Secret(auth.appSecret),
            ])
        }
        _ = try await lab.post("/connections", [("platform", "meta"), ("token", world.token)], for: .json)
        #expect(
            try await lab.store.park(ConnectionID(1), version: 1, cause: Failure.Cause(code: "190", "It is over.")))

        let way = try await lab.visit(.get, "/connections/1/consent")
        let out = try await lab.visit(.get, way.location)
        let home = try await lab.visit(.get, try lab.browser(to: out.location, at: "https://graph.facebook.com"))

        #expect(home.location == "/accounts")
        let stored = try await lab.connections()
        #expect(stored.count == 1 && stored[0].parked == nil)
        #expect(try lab.credential(of: stored[0])["token"]?.hasPrefix("EAAGx") == true)
    }

    @Test("A test tells what a credential is worth, and brings back what was parked and works again")
    func testing() async throws {
        let (lab, _) = try await ReconnectTests.parked()

        let json = try await lab.post("/connections/1/check", [], for: .json).object()
        let page = try await lab.post("/connections/1/check", [])

        let connection = try #require(json["connection"] as? [String: Any])
        let credential = try #require(json["credential"] as? [String: Any])
        #expect(connection["state"] as? String == "working")
        #expect((credential["scopes"] as? [String])?.contains("ads_read") == true)
        #expect(page.text.contains("This works."))
        #expect(try await lab.store.jobs(limit: 1).first?.state != .waiting)
    }

    @Test("Removing forgets the credential and ends the open jobs; the data stays, and it can be connected again")
    func removing() async throws {
        let (lab, world) = try await ReconnectTests.parked()

        let page = try await lab.visit(.get, "/connections/1/delete")
        let gone = try await lab.post("/connections/1/delete", [], for: .json).object()
        let removed = try #require(try await lab.connections().first)
        let test = try await lab.post("/connections/1/check", [], for: .json)
        let again = try await lab.post("/connections", [("platform", "meta"), ("token", world.token)], for: .json)
            .object()

        #expect(page.text.contains("Remove the connection"))
        #expect(page.text.contains("1 open job"))
        #expect(gone["cancelled_jobs"] as? Int == 1)
        #expect(removed.isRemoved)
        #expect(try lab.credential(of: removed).isEmpty)
        #expect(try await lab.store.jobs(limit: 1).first?.state == .cancelled)
        #expect(test.status == .conflict)
        // The token reaches all its accounts, so it goes on in the same place.
        #expect((again["connection"] as? [String: Any])?["id"] as? Int == 1)
        #expect(try await lab.connections().map(\.isRemoved) == [false])
        #expect(
            try await lab.store.audit(of: .first, before: nil, limit: 20).map(\.action).contains("Removed a connection")
        )
    }
}
