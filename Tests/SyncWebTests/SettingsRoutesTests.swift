import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import SyncCore
import SyncTestKit
import Synchronization
import Testing

@testable import SyncWeb

@Suite("Settings", .timeLimit(.minutes(2)))
struct SettingsRoutesTests {
    private func fields(_ reply: SiteLab.Reply) -> [String: String] {
        (reply.json["error"] as? [String: Any])?["fields"] as? [String: String] ?? [:]
    }

    @Test("All pages are there in both languages, with nothing left unfilled")
    func pages() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            _ = try await lab.run(of: account)
            try await lab.work()
            for language in ["en", "vi"] {
                _ = try await lab.call(.post, "/preferences", as: owner, form: [("language", language)])
                for path in ["", "/quotas", "/people", "/people?invite", "/tokens", "/audit", "/backup", "/you"] {
                    let page = try await lab.get("/sync/settings\(path)", as: owner, html: true)
                    #expect(page.status == 200, "\(path)")
                    #expect(!page.text.contains("{{") && !page.text.contains("[["), "\(path)")
                    #expect(page.text.contains("aria-current=\"page\""))
                    #expect(page.text.contains(language == "vi" ? "Hệ thống" : "System"))
                }
            }
        }
    }

    @Test("The system tells its queue, its minutes, its machines, its database and its limits")
    func system() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            _ = try await lab.run(of: account)
            try await lab.work()

            let reply = try await lab.get("/sync/settings", as: owner)
            let page = try await lab.get("/sync/settings", as: owner, html: true)

            let queue = try #require(reply.json["queue"] as? [String: Any])
            #expect(queue["in_progress"] as? Int == 0)
            #expect(queue["oldest_due_seconds"] is NSNull, "\(reply.text)")
            #expect(reply.json["version"] as? String == "1.0")
            #expect(reply.json["workers"] as? Int == 1 && reply.json["busy_workers"] as? Int == 0)
            let learned = try #require(reply.json["learned"] as? [[String: Any]])
            #expect(learned.contains { $0["stream"] as? String == "ads" && $0["size"] as? Double ?? 0 > 0 })
            #expect(learned.allSatisfy { $0["account_id"] as? Int64 == account.id.value })
            #expect(reply.json["completed_last_hour"] as? Int ?? 0 > 3)
            #expect((reply.json["chunks_per_minute"] as? [Int])?.count == 60)
            #expect((reply.json["database"] as? [String: Any])?["engine"] as? String == "SQLite")
            let quotas = try #require(reply.json["quotas"] as? [[String: Any]])
            #expect(!quotas.isEmpty && quotas.allSatisfy { $0["state"] as? String == "open" })
            #expect(page.text.contains("There is nothing to do"))
            #expect(page.text.contains("Meta, Mộc Nhiên &lt;b&gt;&amp;"))
        }
    }

    @Test("The system says what share of a limit each class gets, as the limiter has it")
    func priorities() async throws {
        try await SiteLab.with { lab in
            let page = try await lab.get("/sync/settings", as: try await lab.owner(), html: true).text

            for (label, share) in [("Interactive", 53), ("Recent", 27), ("Incremental", 13), ("History", 7)] {
                #expect(
                    page.contains("<span>\(label)</span>") && page.contains("<rect width=\"\(share)%\""), "\(label)")
            }
        }
    }

    @Test("A limit is set for all workers and given back; nonsense is told beside the field")
    func quota() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let ids = try await GuardedRoute.ids(lab)
            let key = try #require(ids["quota"])
            func set(_ fields: [(String, String)], html: Bool = false) async throws -> SiteLab.Reply {
                try await lab.call(
                    .post, "/sync/settings/quotas?key=\(Renderer.escaped(key))", as: owner, html: html, form: fields)
            }
            func chosen() async throws -> QuotaLimit? {
                try await lab.store.quotas(.of([QuotaKey(rawValue: key)])).first?.quota.chosen
            }

            #expect(try await set([("points", "5"), ("seconds", "60")]).status == 200)
            #expect(try await chosen() == QuotaLimit(points: 5, per: .seconds(60), burst: 1))
            #expect(try await set([("step", "reset")], html: true).status == 303)
            #expect(try await chosen() == nil)
            for (points, seconds) in [("0", "1"), ("-1", "1"), ("many", "1"), ("1", ""), ("nan", "1"), ("1e99", "1")] {
                let refused = try await set([("points", points), ("seconds", seconds)])
                #expect(refused.status == 422 && fields(refused)["points"] != nil, "\(points)")
            }
            let page = try await set([("points", "x<y"), ("seconds", "1")], html: true)
            #expect(page.status == 422 && page.text.contains("value=\"x&lt;y\""))
            let form = try await lab.get("/sync/settings/quotas?edit=\(Renderer.escaped(key))", as: owner, html: true)
            #expect(form.text.contains("name=\"points\""))
            let viewer = try await lab.member(.viewer)
            let seen = try await lab.get("/sync/settings/quotas?edit=\(Renderer.escaped(key))", as: viewer, html: true)
            #expect(!seen.text.contains("name=\"points\""))
        }
    }

    // MARK: People

    @Test("An owner invites with a link that is shown once; the guest joins, gets another role and leaves")
    func people() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let made = try await lab.call(
                .post, "/sync/settings/people", as: owner, json: #"{"email":"Thu@An.vn","role":"operator"}"#)
            #expect(made.status == 201)
            let link = try #require(made.json["link"] as? String)
            let listed = try await lab.get("/sync/settings/people", as: owner)
            #expect((listed.json["invitations"] as? [[String: Any]])?.first?["email"] as? String == "thu@an.vn")
            #expect(!listed.text.contains("code="), "the link is shown again")

            let code = try #require(link.split(separator: "=").last)
            let joined = try await lab.call(
                .post, "/invitation", form: [("code", "\(code)"), ("name", "Thu"), ("password", SiteLab.password)])
            #expect(joined.status == 200)
            let guest = try lab.visit(joined)
            let id = try #require(try await lab.store.user(email: "thu@an.vn")?.id)
            #expect(try await lab.store.role(of: id, in: .first) == .operator)

            let role = try await lab.call(
                .post, "/sync/settings/people/\(id)/role", as: owner, form: [("role", "viewer")])
            #expect(role.status == 200)
            #expect(try await lab.store.role(of: id, in: .first) == .viewer)
            _ = try await lab.token([.read], of: id)
            #expect(try await lab.call(.delete, "/sync/settings/people/\(id)", as: owner).status == 200)
            #expect(try await lab.get("/sync/logs", as: guest).status == 401)
            #expect(try await lab.store.tokens(of: .first).isEmpty, "the guest's token is left")
            let actions = try await lab.store.audit(of: .first, before: nil, limit: 20).map(\.action)
            for action in ["Invited a person", "Changed a role", "Removed a person"] {
                #expect(actions.contains(action), "\(action)")
            }
        }
    }

    @Test("Bad addresses, roles and members who are there already are told; an invitation is withdrawn")
    func invitations() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            func invite(_ mail: String, _ role: String = "viewer", html: Bool = false) async throws -> SiteLab.Reply {
                try await lab.call(
                    .post, "/sync/settings/people", as: owner, html: html, form: [("mail", mail), ("role", role)])
            }
            #expect(fields(try await invite("no address"))["mail"] != nil)
            for json in ["{}", #"{"email":"no address"}"#] {
                let reply = try await lab.call(.post, "/sync/settings/people", as: owner, json: json)
                #expect(fields(reply).keys.sorted() == ["email"], "\(reply.text)")
            }
            #expect(fields(try await invite("linh@an.vn"))["mail"] == "This person is in the workspace already.")
            #expect(fields(try await invite("a@b.vn", "king"))["role"] != nil)
            let page = try await invite("x<y", html: true)
            #expect(page.status == 422 && page.text.contains("value=\"x&lt;y\""))

            let made = try await invite("a@b.vn", html: true)
            #expect(made.status == 200 && made.text.contains("/invitation?code="))
            let id = Invitations.id("a@b.vn")
            let asked = try await lab.get("/sync/settings/people/invitations/\(id)/delete", as: owner, html: true)
            #expect(asked.text.contains("Withdraw the invitation of a@b.vn?"))
            let gone = try await lab.call(
                .post, "/sync/settings/people/invitations/\(id)/delete", as: owner, html: true)
            #expect(gone.status == 303)
            #expect(try await lab.store.links(of: .first, kind: .invitation).isEmpty)
        }
    }

    @Test("The last owner stays one, whatever is asked")
    func lastOwner() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let id = try #require(try await lab.store.members(of: .first).first?.user.id)

            let down = try await lab.call(
                .post, "/sync/settings/people/\(id)/role", as: owner, form: [("role", "viewer")])
            let out = try await lab.call(.delete, "/sync/settings/people/\(id)", as: owner)

            #expect(down.status == 409 && out.status == 409)
            #expect(try await lab.store.role(of: id, in: .first) == .owner)
        }
    }

    @Test("A link for a new password opens once, and only of a person who is in no workspace of others")
    func passwordLink() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let guest = try await lab.member(.viewer)
            let id = try #require(try await lab.store.user(email: "ha@an.vn")?.id)

            let made = try await lab.call(.post, "/sync/settings/people/\(id)/password", as: owner)
            #expect(made.status == 201)
            let code = try #require((made.json["link"] as? String)?.split(separator: "=").last)
            let form = [("code", "\(code)"), ("password", "một mật khẩu hoàn toàn mới")]
            #expect(try await lab.call(.post, "/password", form: form).status == 200)
            #expect(try await lab.call(.post, "/password", form: form).status == 410)
            #expect(try await lab.get("/sync/logs", as: guest).status == 401, "an old session lives on")

            let other = try await lab.otherWorkspace()
            _ = try await lab.store.set(.viewer, of: id, in: other.id)
            #expect(try await lab.call(.post, "/sync/settings/people/\(id)/password", as: other.owner).status == 409)
            _ = try await lab.store.set(nil, of: id, in: other.id)
            #expect(try await lab.call(.post, "/sync/settings/people/\(id)/password", as: owner).status == 201)
        }
    }

    @Test("Signing somebody out ends the sessions in this workspace and no others")
    func signOut() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let guest = try await lab.member(.viewer)
            let id = try #require(try await lab.store.user(email: "ha@an.vn")?.id)
            let other = try await lab.otherWorkspace()
            _ = try await lab.store.set(.viewer, of: id, in: other.id)
            let elsewhere = try lab.visit(
                try await lab.call(.post, "/login", form: [("email", "ha@an.vn"), ("password", SiteLab.password)]))
            _ = try await lab.call(.post, "/preferences", as: elsewhere, form: [("workspace", "\(other.id)")])

            #expect(try await lab.call(.post, "/sync/settings/people/\(id)/sign-out", as: owner).status == 200)

            #expect(try await lab.get("/sync/logs", as: guest).status == 401)
            #expect(try await lab.get("/sync/logs", as: elsewhere).status == 200)
        }
    }

    @Test("What a record keeps beside its subject is in the reader's language")
    func recordDetails() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            for detail in ["yesterday", "operator, viewer", "2026-11-01/2026-11-03", "2026-11-02", "12 calls", "Café"] {
                try await lab.store.record(
                    AuditEntry(
                        workspace: .first, actor: "Linh", action: "Started a sync", subject: "Meta", detail: detail))
            }

            let path = "/sync/settings/audit"
            let english = try await lab.get(path, as: owner, html: true).text
            let json = try await lab.get(path, as: owner).text
            _ = try await lab.call(.post, "/preferences", as: owner, form: [("language", "vi")])
            let page = try await lab.get(path, as: owner, html: true).text

            for text in ["(hôm qua)", "(người vận hành, người xem)", "(12 calls)", "(Café)"] {
                #expect(page.contains(text), "\(text)")
            }
            for text in ["(yesterday)", "(operator, viewer)"] { #expect(english.contains(text), "\(text)") }
            #expect(!page.contains("2026-11-0"))
            #expect(json.contains("2026-11-01/2026-11-03"))
        }
    }

    // MARK: Tokens

    @Test("A token is shown once, works with its scopes until it is revoked, and is kept as a hash")
    func tokens() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let made = try await lab.call(
                .post, "/sync/settings/tokens", as: owner, json: #"{"name":"Looker","scopes":["read"],"ends":30}"#)
            #expect(made.status == 201)
            let secret = try #require(made.json["token"] as? String)
            let listed = try await lab.get("/sync/settings/tokens", as: owner)
            let page = try await lab.get("/sync/settings/tokens", as: owner, html: true)

            #expect(!listed.text.contains(secret) && !page.text.contains(secret))
            let token = try #require((listed.json["tokens"] as? [[String: Any]])?.first)
            #expect(token["name"] as? String == "Looker" && token["scopes"] as? [String] == ["read"])
            #expect(try await lab.store.tokens(of: .first).first?.hash == Ticket.hash(secret))
            let program = SiteLab.Visit(token: secret)
            #expect(try await lab.get("/sync/logs", as: program).status == 200)
            #expect(try await lab.call(.post, "/facebook/sync/stop", as: program).status == 403)
            let id = try #require(token["id"] as? Int)
            #expect(try await lab.call(.delete, "/sync/settings/tokens/\(id)", as: owner).status == 200)
            #expect(try await lab.get("/sync/logs", as: program).status == 401)
        }
    }

    @Test("A token that ends does, and one without name, scope or a known end is not made")
    func badTokens() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            func make(_ form: [(String, String)], html: Bool = false) async throws -> SiteLab.Reply {
                try await lab.call(.post, "/sync/settings/tokens", as: owner, html: html, form: form)
            }
            let page = try await make(
                [("name", "Power BI"), ("scope", "read"), ("scope", "run"), ("ends", "30")], html: true)
            #expect(page.status == 200 && page.text.contains("Copy this token now. It is not shown again."))
            let secret = try #require(page.text.firstMatch(of: /slc_[A-Za-z0-9_-]{20,}/)).output
            let program = SiteLab.Visit(token: String(secret))
            #expect(try await lab.call(.post, "/facebook/sync/stop", as: program).status == 200)
            #expect(fields(try await make([("name", "Power BI"), ("scope", "read")]))["name"] != nil)
            #expect(fields(try await make([("name", ""), ("scope", "read")]))["name"] != nil)
            #expect(fields(try await make([("name", "a")]))["scopes"] != nil)
            #expect(fields(try await make([("name", "a"), ("scopes", "all")])).keys.sorted() == ["scopes"])
            #expect(
                fields(try await make([("name", "a"), ("scopes", "read"), ("expires_in_days", "9999")])).keys.sorted()
                    == ["expires_in_days"])
            #expect(fields(try await make([("name", "a"), ("scope", "all")]))["scope"] != nil)
            #expect(fields(try await make([("name", "a"), ("scope", "read"), ("ends", "soon")]))["ends"] != nil)
            let again = try await make([("name", "x<y"), ("scope", "odd")], html: true)
            #expect(again.status == 422 && again.text.contains("value=\"x&lt;y\""))
            lab.clock.advance(by: .seconds(31 * 86_400))
            #expect(try await lab.get("/sync/logs", as: program).status == 401)
        }
    }

    // MARK: The record

    @Test("The record is shown in pages, searched, and tells when it was changed from outside")
    func record() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            for number in 0..<5 {
                try await lab.store.record(
                    AuditEntry(workspace: .first, actor: "Minh", action: "Did <\(number)>", subject: "Cà phê"))
            }
            let first = try await lab.get("/sync/settings/audit?limit=4", as: owner)
            let records = try #require(first.json["records"] as? [[String: Any]])
            #expect(records.count == 4 && records[0]["action"] as? String == "Did <4>")
            let next = try #require(first.json["next"] as? Int)
            let second = try await lab.get("/sync/settings/audit?limit=4&before=\(next)", as: owner)
            #expect((second.json["records"] as? [[String: Any]])?.count == 3)
            #expect((first.json["chain"] as? [String: Any])?["is_intact"] as? Bool == true)
            let mine = try await lab.get("/sync/settings/audit?who=Minh&text=did", as: owner)
            #expect((mine.json["records"] as? [[String: Any]])?.count == 5)
            let page = try await lab.get("/sync/settings/audit?who=Minh", as: owner, html: true)
            #expect(page.text.contains("Did &lt;4&gt;") && page.text.contains("chain of 7 records verified"))
            #expect(!page.text.contains("audit.csv"))
        }
    }

    // MARK: Backups

    @Test("A backup is begun by whoever owns the first workspace, and by nobody else")
    func backup() async throws {
        let keeper = FakeBackups()
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            #expect(try await lab.call(.post, "/sync/settings/backup", as: owner).status == 409, "no place")
            let without = try await lab.get("/sync/settings/backup", as: owner, html: true).text
            #expect(without.contains("--backups FOLDER") && without.contains("SLUICE_BACKUPS"))
            #expect(!without.contains("action=\"/sync/settings/backup\""))
            var options = lab.site.options
            options.backups = keeper
            let site = try Site(lab.store, lab.environment, probe: StillProbe(), options)
            try await Application(router: site.router()).test(.router) { client in
                let lab = SiteLab(
                    store: lab.store, clock: lab.clock, environment: lab.environment, site: site, client: client,
                    world: lab.world, probe: lab.probe)
                let other = try await lab.otherWorkspace()
                let begun = try await lab.call(.post, "/sync/settings/backup", as: owner)
                let page = try await lab.get("/sync/settings/backup", as: owner, html: true)
                let foreign = try await lab.call(.post, "/sync/settings/backup", as: other.owner)
                let seen = try await lab.get("/sync/settings/backup", as: other.owner, html: true)

                #expect(begun.status == 202 && begun.json["status"] as? String == "running")
                #expect(page.text.contains("A backup is being written") && page.text.contains("/var/backup"))
                #expect(foreign.status == 403)
                #expect(seen.text.contains("seen by the owner of the first workspace"))
                #expect(!seen.text.contains("No backup yet"))
                #expect(!seen.text.contains("/var/backup") && !seen.text.contains("action=\"/sync/settings/backup\""))
                #expect(keeper.begun == 1)
            }
        }
    }

    // MARK: The own account

    @Test("A person changes name and password; the other sessions end, and a wrong password is slowed")
    func own() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let second = try lab.visit(
                try await lab.call(.post, "/login", form: [("email", "linh@an.vn"), ("password", SiteLab.password)]))
            func change(_ current: String, _ new: String) async throws -> SiteLab.Reply {
                try await lab.call(
                    .post, "/sync/settings/you/password", as: owner, form: [("current", current), ("password", new)])
            }
            #expect(fields(try await change(SiteLab.password, "short"))["password"] != nil)
            #expect(fields(try await change("wrong", "một mật khẩu mới dài"))["current"] != nil)
            #expect(try await change(SiteLab.password, "một mật khẩu mới dài").status == 200)
            #expect(try await lab.get("/sync/logs", as: owner).status == 200)
            #expect(try await lab.get("/sync/logs", as: second).status == 401)
            for _ in 0..<3 { _ = try await change("wrong", "x") }
            #expect(try await change("wrong", "x").status == 429)

            #expect(
                try await lab.call(.post, "/sync/settings/you", as: owner, form: [("name", "Linh <i>")]).status == 200)
            let page = try await lab.get("/sync/settings/you", as: owner, html: true)
            #expect(page.text.contains("Linh &lt;i&gt;") && !page.text.contains("Linh <i>"))
            let id = try #require(try await lab.store.members(of: .first).first?.user.id)
            let program = try await lab.token([.admin], of: id)
            #expect(try await lab.call(.post, "/sync/settings/you", as: program, form: [("name", "x")]).status == 403)
        }
    }

    @Test("Sessions are listed and ended, each and all others; those of somebody else are not there")
    func sessions() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            func login() async throws -> SiteLab.Visit {
                try lab.visit(
                    try await lab.call(
                        .post, "/login", form: [("email", "linh@an.vn"), ("password", SiteLab.password)]))
            }
            let second = try await login()
            let third = try await login()
            func sessions(_ visit: SiteLab.Visit) async throws -> [[String: Any]] {
                try await lab.get("/sync/settings/you", as: visit).json["sessions"] as? [[String: Any]] ?? []
            }
            let all = try await sessions(owner)
            #expect(all.count == 3 && all.count { $0["is_current"] as? Bool == true } == 1)
            let mine = try #require(
                try await sessions(second).first { $0["is_current"] as? Bool == true }?["id"] as? String)
            #expect(try await lab.call(.post, "/sync/settings/you/sessions/\(mine)/end", as: owner).status == 200)
            #expect(try await lab.get("/sync/logs", as: second).status == 401)
            #expect(try await lab.call(.post, "/sync/settings/you/sessions/end", as: owner).status == 200)
            #expect(try await lab.get("/sync/logs", as: third).status == 401)
            let guest = try await lab.member(.operator)
            let own = try #require(try await sessions(owner).first?["id"] as? String)
            #expect(try await lab.call(.post, "/sync/settings/you/sessions/\(own)/end", as: guest).status == 404)
        }
    }

    // MARK: Workspaces

    @Test("Another workspace is made and left again, sees nothing of the first, and has its own name")
    func workspaces() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let job = try await lab.run(of: account)

            let made = try await lab.call(.post, "/workspaces", as: owner, form: [("name", "Lụa")])
            #expect(made.status == 201)
            let id = try #require((made.json["workspace"] as? [String: Any])?["id"] as? Int)
            #expect((try await lab.get("/sync/logs", as: owner).json["logs"] as? [Any])?.isEmpty == true)
            #expect(try await lab.get("/sync/logs/\(job)", as: owner).status == 404)
            #expect(
                fields(try await lab.call(.post, "/workspaces", as: owner, form: [("name", "Lụa")]))["name"] != nil
            )
            #expect(
                fields(try await lab.call(.post, "/workspaces/\(id)", as: owner, form: [("name", "An Nhiên")]))[
                    "name"] != nil)
            #expect(
                fields(try await lab.call(.post, "/workspaces/\(id)", as: owner, form: [("rename", "An Nhiên")]))[
                    "rename"] != nil)
            #expect(
                try await lab.call(.post, "/workspaces/\(id)", as: owner, form: [("name", "Lụa Hà Đông")]).status == 200
            )

            let back = try await lab.call(
                .post, "/preferences", as: owner, html: true, form: [("workspace", "1"), ("back", "/sync/logs")])
            #expect(back.status == 303 && back.headers[.location] == "/sync/logs")
            #expect(try await lab.get("/sync/logs/\(job)", as: owner).status == 200)
            let places = try await lab.get("/workspaces", as: owner).json["workspaces"] as? [[String: Any]]
            #expect(places?.compactMap { $0["name"] as? String } == ["An Nhiên", "Lụa Hà Đông"])
            let guest = try await lab.member(.operator)
            #expect(
                try await lab.call(.post, "/preferences", as: guest, form: [("workspace", "\(id)")]).status == 404)
            #expect(try await lab.call(.post, "/workspaces", as: guest, form: [("name", "x")]).status == 403)
        }
    }
}

/// Notes that a backup was asked for.
final class FakeBackups: BackupKeeper {
    private let count = Mutex(0)
    var begun: Int { count.withLock { $0 } }
    var place: String? { "/var/backup" }
    func files() async throws -> [BackupFile] {
        [BackupFile(name: "sluice-20261121-030000.backup", at: Instant(seconds: 1_795_219_200), bytes: 1_100_000_000)]
    }
    func begin() async -> Bool {
        count.withLock {
            $0 += 1
            return $0 == 1
        }
    }
    var state: BackupState { begun > 0 ? .running(since: Instant(seconds: 0)) : .idle }
}
