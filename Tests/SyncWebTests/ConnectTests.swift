import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import StoreSQL
import SyncCore
import SyncEngine
import Testing

@testable import SyncWeb

@Suite("Connecting by a token")
struct ConnectTests {
    private static let world = ConnectLab.small(MetaWorld.self)

    @Test("shows the platforms, and to whom may only look nothing")
    func choosing() async throws {
        let lab = try await ConnectLab([ConnectTests.world])

        let page = try await lab.visit(.get, "/connect")
        let viewer = try await lab.visit(.get, "/connect", as: .viewer)
        let nobody = try await lab.visit(.get, "/connect", as: nil)
        let answer = try await lab.visit(.get, "/connect/meta", for: .json).object()
        let list = try #require(answer["platform"] as? [String: Any])

        #expect(page.status == .ok)
        #expect(page.text.contains("href=\"/connect/shopee\""))
        #expect(viewer.status == .forbidden)
        #expect(nobody.location == "/login?next=/connect")
        #expect((list["fields"] as? [[String: Any]])?.count == 2)
        #expect(list["ways"] as? [String] == ["token"])
    }

    @Test("checks a token before it is stored, shows what it may read and never shows it again")
    func token() async throws {
        let lab = try await ConnectLab([ConnectTests.world])
        let token = ConnectTests.world.token

        let given = try await lab.post("/connect/meta", [("token", token)])
        let stored = try await lab.connections()
        let page = try await lab.visit(.get, given.location)
        let draft = try #require(given.query("draft"))
        let kept = try await lab.post("/connect/meta", [("draft", draft), ("token", "")])

        #expect(given.location.hasPrefix("/connect/meta?draft="))
        #expect(stored.isEmpty)
        #expect(page.text.contains("This works."))
        #expect(page.text.contains("ads_read"))
        #expect(page.text.contains("••••\(token.suffix(4))"))
        #expect(!page.text.contains(token))
        #expect(kept.location == "/connect/meta/accounts?connection=1")
        #expect(try lab.credential(of: try #require(await lab.connections().first))["token"] == token)
        // It is used up.
        #expect(try await lab.store.draft(draft) == nil)
    }

    @Test("lays what was typed into the database sealed, for its person alone")
    func drafts() async throws {
        let lab = try await ConnectLab([ConnectTests.world])
        let given = try await lab.post("/connect/meta", [("token", ConnectTests.world.token)])
        let draft = try #require(given.query("draft"))

        let row = try #require(try await lab.store.draft(draft))
        let other = try await lab.visit(.get, "/connect/meta?draft=\(draft)", as: .operator)
        let strange = try await lab.visit(.get, "/connect/meta?draft=\(draft)", ticket: lab.stranger)

        #expect(!String(decoding: row.sealed, as: UTF8.self).contains(ConnectTests.world.token))
        #expect(row.expiresAt - SystemWallClock().now < .seconds(3601))
        for page in [other, strange] {
            #expect(!page.text.contains("This works."))
            #expect(!page.text.contains(ConnectTests.world.token.suffix(4)))
        }
    }

    @Test("refuses a token that the platform does not know, and stores nothing")
    func refused() async throws {
        let lab = try await ConnectLab([ConnectTests.world])

        let page = try await lab.post("/connect/meta", [("token", "EAAGnonsenseTOKEN9")])
        let json = try await lab.post(
            "/connections", [("platform", "meta"), ("token", "EAAGnonsenseTOKEN9")], for: .json)
        let vietnamese = try await lab.post(
            "/connect/meta", [("token", "Bearer EAAG")], language: "vi")

        #expect(page.status == .unprocessableContent)
        #expect(page.text.contains("class=\"error\""))
        #expect(!page.text.contains("EAAGnonsense"))
        // That is for whoever sits at a terminal.
        #expect(!page.text.contains("SLUICE_") && !json.text.contains("SLUICE_"))
        #expect(json.status == .unprocessableContent)
        #expect(json.text.contains("credential_rejected"))
        #expect(vietnamese.status == .unprocessableContent)
        #expect(try await lab.connections().isEmpty)
    }

    @Test("starts the first sync of what is picked, and keeps it current by one schedule")
    func picking() async throws {
        let lab = try await ConnectLab([ConnectTests.world])
        _ = try await lab.post("/connections", [("platform", "meta"), ("token", ConnectTests.world.token)], for: .json)
        let ids = ConnectTests.world.accounts.map(\.id)

        let list = try await lab.visit(.get, "/connect/meta/accounts?connection=1", for: .json).object()
        let before = lab.calls
        let looks = try await lab.visits([
            (.get, "/connect/meta/accounts?connection=1", []),
            (.get, "/connect/meta/accounts?connection=1&show=active", []),
            (.post, "/connect/meta/accounts/plan", [("connection", "1"), ("account", ids[0])]),
        ])
        let asked = lab.calls - before
        let none = try await lab.post("/connect/meta/accounts", [("connection", "1")])
        let begun = try await lab.post(
            "/connect/meta/accounts", [("connection", "1"), ("account", ids[0]), ("interval", "30m")])
        let unknown = try await lab.post(
            "/connect/meta/accounts", [("connection", "1"), ("account", ids[1]), ("account", "99999")], for: .json)
        // As Meta writes it, and one that is there already.
        let again = try await lab.post(
            "/connect/meta/accounts", [("connection", "1"), ("account", ids[0]), ("account", "act_" + ids[1])],
            for: .json
        ).object()

        #expect((list["accounts"] as? [[String: Any]])?.count == ids.count)
        #expect(looks[0].text.contains("Which accounts?"))
        #expect(looks[0].text.contains("Last 90 days"))
        #expect(looks[2].text.contains("Start with 1 account"))
        // By what would be planned: no call is made for it.
        #expect(looks[2].text.contains(/Costs about .*\d+ to [\d,]+ points.* with history/))
        #expect(looks[2].text.contains("Nothing else is delayed."))
        #expect(asked == 1)
        #expect(none.status == .unprocessableContent)
        #expect(unknown.status == .unprocessableContent && unknown.text.contains("reaches no account 99999"))
        #expect(begun.location == "/accounts/1/progress")
        #expect((again["accounts"] as? [[String: Any]])?.map { $0["external_id"] as? String } == [ids[1]])
        let accounts = try await lab.store.accounts()
        #expect(accounts.map(\.externalID) == [ids[0], ids[1]])
        let jobs = try await lab.store.jobs(limit: 10)
        #expect(jobs.map(\.definition.kind) == [.initial, .initial])
        let schedules = try await lab.store.schedules()
        #expect(schedules.map(\.definition.recurrence) == [.every(.minutes30)])
        #expect(schedules[0].definition.targets.count == 2)
    }

    @Test("gives a second token of a platform a place of its own, and the same one the same place")
    func names() async throws {
        var world = ConnectTests.world
        world.auth.tokens.append(MetaWorld.Auth.Token("EAAGanotherTOKEN0002"))
        let lab = try await ConnectLab([world])
        for token in [world.token, "EAAGanotherTOKEN0002", world.token] {
            _ = try await lab.post("/connections", [("platform", "meta"), ("token", token)], for: .json)
        }

        #expect(try await lab.connections().map(\.name) == ["default", "default-2"])
    }

    @Test("leaves an account to the workspace that has it: its rows are kept once")
    func elsewhere() async throws {
        let lab = try await ConnectLab([ConnectTests.world])
        let ids = ConnectTests.world.accounts.map(\.id)
        for ticket in [nil, lab.stranger] {
            _ = try await lab.post(
                "/connections", [("platform", "meta"), ("token", ConnectTests.world.token)], ticket: ticket, for: .json)
        }
        _ = try await lab.post(
            "/connect/meta/accounts", [("connection", "1"), ("account", ids[0])], for: .json)

        let path = "/connect/meta/accounts"
        let pick = [("connection", "2"), ("account", ids[1]), ("account", ids[0])]
        let list = try await lab.visit(.get, path + "?connection=2", ticket: lab.stranger, for: .json).object()
        let page = try await lab.visit(.get, path + "?connection=2", ticket: lab.stranger)
        let json = try await lab.post(path, pick, ticket: lab.stranger, for: .json)
        let html = try await lab.post(path, pick, ticket: lab.stranger, language: "vi")
        let mine = try await lab.post(path, [("connection", "1"), ("account", ids[1])], for: .json)

        let marks = (list["accounts"] as? [[String: Any]])?.filter { $0["is_elsewhere"] as? Bool == true }
        #expect(marks?.map { $0["external_id"] as? String } == [ids[0]])
        #expect(page.text.contains("In another workspace already"))
        #expect(json.status == .conflict && html.status == .conflict)
        #expect(json.text.contains("Ask to be invited into that workspace"))
        // A page speaks as its visitor has chosen.
        #expect(html.text.contains("Ask to be invited into that workspace"))
        // Nothing had begun, and nothing is in the way of who has it.
        #expect(mine.status == .accepted)
        #expect(Set(try await lab.store.accounts().map(\.workspace)) == [.first])
    }

    @Test("is not for other workspaces")
    func scoped() async throws {
        let lab = try await ConnectLab([ConnectTests.world])
        _ = try await lab.post("/connections", [("platform", "meta"), ("token", ConnectTests.world.token)], for: .json)

        for path in ["/connect/meta/accounts?connection=1", "/connections/1", "/connections/1/reconnect"] {
            #expect(try await lab.visit(.get, path, ticket: lab.stranger, for: .json).status == .notFound, "\(path)")
        }
        for path in ["/connections/1/check", "/connections/1/delete", "/connections/1/reconnect"] {
            #expect(try await lab.post(path, [("token", "x")], ticket: lab.stranger, for: .json).status == .notFound)
            #expect(try await lab.post(path, [("token", "x")], as: .viewer, for: .json).status == .forbidden)
        }
        let mine = try await lab.visit(.get, "/connections", as: .viewer, for: .json).object()
        let theirs = try await lab.visit(.get, "/connections", ticket: lab.stranger, for: .json).object()
        #expect((mine["connections"] as? [[String: Any]])?.count == 1)
        #expect((theirs["connections"] as? [[String: Any]])?.isEmpty == true)
    }

    @Test("escapes the names that platforms give", arguments: ["en", "vi"])
    func escaping(_ language: String) async throws {
        var world = ConnectTests.world
        world.accounts[0].name = "<script>alert(1)</script>"
        let lab = try await ConnectLab([world])
        _ = try await lab.post("/connections", [("platform", "meta"), ("token", world.token)], for: .json)

        let page = try await lab.visit(
            .get, "/connect/meta/accounts?connection=1&text=%3Cb%3E", language: language)
        let all = try await lab.visit(.get, "/connect/meta/accounts?connection=1", language: language)

        #expect(!page.text.contains("<b>\""))
        #expect(!all.text.contains("<script>alert"))
        #expect(all.text.contains("&lt;script&gt;alert"))
    }
}

@Suite("Connecting platforms")
struct ConnectPlatformTests {
    static let worlds: [any SandboxWorld] = [
        ConnectLab.small(AdmitadWorld.self), ConnectLab.small(BoostinyWorld.self), ConnectLab.small(PancakeWorld.self),
    ]

    @Test("by their own fields", arguments: ["admitad", "pancake", "boostiny"])
    func fields(_ platform: String) async throws {
        let world = try #require(
            ConnectPlatformTests.worlds.first { type(of: $0).platform.rawValue == platform })
        let lab = try await ConnectLab([world])

        let given = try await lab.post("/connect/\(platform)", world.credential.map { ($0.field, $0.value) })
        let draft = try #require(given.query("draft"), "\(given.text)")
        let kept = try await lab.post("/connect/\(platform)", [("draft", draft)])
        let list = try await lab.visit(.get, kept.location, for: .json).object()
        let account = try #require((list["accounts"] as? [[String: Any]])?.first?["external_id"] as? String)
        let begun = try await lab.post(
            "/connect/\(platform)/accounts", [("connection", "1"), ("account", account)], for: .json)

        #expect(kept.location == "/connect/\(platform)/accounts?connection=1")
        #expect(begun.status == .accepted)
        #expect(try await lab.store.jobs(limit: 2).count == 1)
    }

    @Test("that receive: an address of people's own, and what goes on to it")
    func receiving() async throws {
        let folkform = ConnectLab.small(FolkFormWorld.self)
        let pancake = ConnectLab.small(PancakeWorld.self)
        let lab = try await ConnectLab([folkform, pancake])
        let fields = folkform.credential.map { ($0.field, $0.value) }
        _ = try await lab.post(
            "/connections", [("platform", "pancake")] + pancake.credential.map { ($0.field, $0.value) }, for: .json)
        let pages = try await lab.visit(.get, "/connect/pancake/accounts?connection=1", for: .json).object()
        let page = try #require((pages["accounts"] as? [[String: Any]])?.first?["external_id"] as? String)
        _ = try await lab.post("/connect/pancake/accounts", [("connection", "1"), ("account", page)], for: .json)

        let closed = try await lab.post("/connect/folkform", fields + [("address", "https://10.0.0.1")])
        let missing = try await lab.post("/connect/folkform", fields)
        let given = try await lab.post("/connect/folkform", fields + [("address", ConnectLab.receiver + "/")])
        let kept = try await lab.post("/connect/folkform", [("draft", try #require(given.query("draft")))])
        let choice = try await lab.visit(.get, kept.location)
        let source = try #require(try await lab.store.accounts().first)
        let number = try #require(kept.query("connection"))
        let planned = try await lab.post(
            "/connect/folkform/accounts/plan", [("connection", number), ("account", "\(source.id)")])
        let saved = try await lab.post(
            "/connect/folkform/accounts", [("connection", number), ("account", "\(source.id)")])

        #expect(planned.status == .ok && planned.text.contains("From now on"))
        #expect(closed.status == .unprocessableContent)
        #expect(closed.text.contains("leads into a network of its own"))
        #expect(missing.text.contains("The address of your FolkForm"))
        #expect(choice.text.contains("What goes on to"))
        #expect(saved.location == "/accounts")
        let accounts = try await lab.store.accounts()
        #expect(accounts[0].destination == accounts.last?.id)
        let stored = try await lab.connections()
        #expect(stored.last?.isGuarded == true)
        #expect(stored.last?.baseURL == ConnectLab.receiver)
        // It has nothing to read by the clock.
        for target in ["platform:folkform", "connection:\(number)", "account:\(accounts[1].id)"] {
            let timed = try await lab.post(
                "/sync/schedules", [("name", "n"), ("interval", "1h"), ("target", target)], for: .json)
            #expect(timed.status == .unprocessableContent, "\(target)")
        }
        let timed = try await lab.post(
            "/sync/schedules", [("name", "n"), ("interval", "1h"), ("networks", "pancake")], for: .json)
        #expect(timed.status == .created, "\(timed.text)")
        let none = try await lab.post("/accounts/\(source.id)/destination", [("destination", "none")], for: .json)
        #expect(none.status == .ok)
        #expect(try await lab.store.account(source.id)?.destination == nil)
    }

    @Test("at addresses that people give, only where the operator lets them")
    func addresses() async throws {
        let world = ConnectLab.small(MetaWorld.self)
        let closed = try await ConnectLab([world])
        let open = try await ConnectLab([world]) { $0.allowsAddresses = true }
        let fields = [("token", world.token), ("address", "http://127.0.0.1:9")]

        let forbidden = try await closed.post("/connect/meta", fields)
        let named = try await closed.post(
            "/connections", [("platform", "meta"), ("base_url", "http://127.0.0.1:9")] + fields.prefix(1), for: .json)
        let refused = try await open.post("/connect/meta", fields)

        // A token goes nowhere but where its owner meant it to go.
        #expect(forbidden.status == .unprocessableContent)
        #expect(named.status == .unprocessableContent && named.text.contains("from its own address only"))
        #expect(refused.status == .unprocessableContent)
        #expect(try await open.visit(.get, "/connect/meta").text.contains("name=\"address\""))
        #expect(try await !closed.visit(.get, "/connect/meta").text.contains("name=\"address\""))
    }
}
