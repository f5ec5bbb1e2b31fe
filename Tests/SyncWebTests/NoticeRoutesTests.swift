import ConnectorKit
import Foundation
import HTTPTypes
import SyncCore
import SyncEngine
import SyncTestKit
import Testing
import Wording

@testable import SyncWeb

/// Sends nothing, and says what it is told to.
private struct SaidSender: NoticeSender {
    var answer: NoticeAnswer
    func send(_ claimed: ClaimedDelivery, _ secrets: TargetSecrets, at now: Instant) async throws -> NoticeAnswer {
        answer
    }
}

extension SiteLab {
    func notifier(_ meaning: NoticeAnswer.Meaning = .arrived, _ text: String = "HTTP 200") -> Notifier {
        Notifier(
            environment, store: store, sender: SaidSender(answer: NoticeAnswer(meaning, text)), worker: "lab")
    }

    /// Sends all that is due.
    fileprivate func deliver(_ meaning: NoticeAnswer.Meaning = .arrived, _ text: String = "HTTP 200") async throws {
        for claimed in try await store.claimDeliveries(limit: 99, lease: .seconds(30)) {
            try await notifier(meaning, text).deliver(claimed)
        }
    }

    fileprivate func park(_ account: Account, _ message: String = "The token was <b>rejected</b>.") async throws {
        let version = try #require(try await store.connection(account.connection)?.version)
        _ = try await store.park(
            account.connection, version: version, cause: Failure.Cause(code: "190", message, advice: ""))
    }

    fileprivate static let hook = [
        ("kind", "webhook"), ("name", "Kho"), ("address", "https://hooks.example/a?key=1"), ("event", "credential"),
        ("event", "failed"), ("language", "vi"),
    ]
}

@Suite("Targets of notices")
struct NoticeTargetRoutesTests {
    private static let path = "/sync/settings/notifications"

    @Test("A webhook is made with a secret that is shown once, and its address and secret are sealed")
    func webhook() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()

            let made = try await lab.call(.post, Self.path, as: owner, form: SiteLab.hook)
            let page = try await lab.get(Self.path, as: owner, html: true)
            let list = try await lab.get(Self.path, as: owner)

            #expect(made.status == 201)
            let secret = try #require(made.json["secret"] as? String)
            #expect(WebhookSecret(secret) != nil)
            for reply in [page, list] {
                #expect(reply.status == 200 && !reply.text.contains(secret) && !reply.text.contains("key=1"))
                #expect(reply.text.contains("Kho"))
            }
            let stored = try #require(try await lab.store.noticeTargets(of: .first).first)
            let secrets = try TargetBook(lab.store, lab.environment).secrets(of: stored)
            #expect(secrets.address.reveal() == "https://hooks.example/a?key=1")
            #expect(secrets.secret?.text.reveal() == secret)
            #expect(stored.topics == [.credential, .failed] && stored.language == "vi")
        }
    }

    @Test("A browser sees the new secret on the page that follows, and never again")
    func shownOnce() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()

            let made = try await lab.call(.post, Self.path, as: owner, html: true, form: SiteLab.hook)

            #expect(made.status == 200 && made.text.contains("whsec_"))
            #expect(try await lab.get(Self.path, as: owner, html: true).text.contains("whsec_") == false)
        }
    }

    @Test("What is wrong with a target is said beside its field, and what was typed stays")
    func wrong() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let reply = try await lab.call(
                .post, Self.path, as: owner, html: true,
                form: [("kind", "webhook"), ("name", "K<ho"), ("address", "nowhere"), ("secret", "short")])
            let json = try await lab.call(.post, Self.path, as: owner, form: [("kind", "webhook"), ("address", "x")])
            let kind = try await lab.call(.post, Self.path, as: owner, form: [("kind", "fax")])

            #expect(reply.status == 422 && reply.text.contains("K&lt;ho") && reply.text.contains("nowhere"))
            #expect(reply.text.contains("whsec_ and holds"))
            let fields = ((json.json["error"] as? [String: Any])?["fields"] as? [String: String])?.keys.sorted()
            #expect(json.status == 422 && fields == ["address", "event"])
            #expect(kind.status == 422)
            #expect(try await lab.store.noticeTargets(of: .first).isEmpty)
        }
    }

    @Test("An address that leads into the operator's own network is refused before it is stored")
    func guarded() async throws {
        try await SiteLab.with { lab in
            var options = lab.site.options
            options.checkHook = { throw TransportError.forbidden(host: $0.host) }
            let site = try Site(lab.store, lab.environment, probe: StillProbe(), options)
            let desk = TargetDesk(site: site, words: .init(language: .english))

            let read = await desk.read(
                Form(["address": ["https://10.0.0.7/x"], "event": ["failed"], "name": ["n"]]), .slack)

            #expect(read.errors["address"]?.contains("10.0.0.7 is no public address") == true)
        }
    }

    @Test("Mail needs a server, and a mailbox that is one")
    func mail() async throws {
        try await SiteLab.with { lab in
            var options = lab.site.options
            let without = TargetDesk(site: lab.site, words: .init(language: .english))
            options.mailServer = Site.MailServer(host: "smtp.an.vn", sender: "s@an.vn")
            let with = TargetDesk(
                site: try Site(lab.store, lab.environment, probe: StillProbe(), options),
                words: .init(language: .english))
            func form(_ address: String) -> Form { Form(["address": [address], "event": ["failed"]]) }

            #expect(await without.read(form("a@an.vn"), .mail).errors["address"]?.contains("SLUICE_SMTP_URL") == true)
            #expect(await with.read(form("a@an.vn"), .mail).errors.isEmpty)
            for text in ["a", "a@b@c", "a@an.vn\r\nBcc: x@y", "<a@an.vn>", "a b@an.vn"] {
                #expect(await with.read(form(text), .mail).errors["address"] != nil, "\(text)")
            }
        }
    }

    @Test("A target is changed, its secret stays, and a new one signs beside the old")
    func change() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let made = try await lab.call(.post, Self.path, as: owner, form: SiteLab.hook)
            let id = try #require(made.json["id"] as? Int)
            let book = TargetBook(lab.store, lab.environment)
            func secrets() async throws -> TargetSecrets {
                try book.secrets(of: try #require(try await lab.store.noticeTargets(of: .first).first))
            }

            let renamed = try await lab.call(
                .put, "\(Self.path)/\(id)", as: owner, json: #"{"name": "Kho 2", "events": ["history"]}"#)
            let kept = try await secrets()
            let secret = WebhookSecret(random: RandomSource()).text.reveal()
            _ = try await lab.call(
                .post, "\(Self.path)/\(id)", as: owner, html: true, form: [("event", "failed"), ("secret", secret)])

            #expect(made.json["success"] as? Bool == true && renamed.json["success"] as? Bool == true)
            #expect(renamed.status == 200 && renamed.json["name"] as? String == "Kho 2")
            #expect(kept.secret?.text.reveal() == made.json["secret"] as? String)
            #expect(kept.address.reveal() == "https://hooks.example/a?key=1")
            #expect(
                try await secrets().signing(at: lab.clock.now).map { $0.text.reveal() } == [
                    secret, made.json["secret"] as? String,
                ])
        }
    }

    @Test("Two targets of a workspace have two names; another workspace may use it, too")
    func names() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            _ = try await lab.call(.post, Self.path, as: owner, form: SiteLab.hook)
            let other = try await lab.otherWorkspace()

            #expect(try await lab.call(.post, Self.path, as: owner, form: SiteLab.hook).status == 422)
            #expect(try await lab.call(.post, Self.path, as: other.owner, form: SiteLab.hook).status == 201)
        }
    }

    @Test("A test message goes the way of all others, and is sent once more when somebody asks")
    func resend() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let id = try #require(
                try await lab.call(.post, Self.path, as: owner, form: SiteLab.hook).json["id"] as? Int)

            let test = try await lab.call(.post, "\(Self.path)/\(id)/test", as: owner)
            let delivery = try #require(test.json["id"] as? Int)
            let early = try await lab.call(.post, "\(Self.path)/deliveries/\(delivery)/resend", as: owner)
            try await lab.deliver(.later(nil), "HTTP 500")
            let waits = try await lab.get(Self.path, as: owner, html: true)
            for _ in 0..<8 {
                lab.clock.advance(by: .seconds(43_200))
                try await lab.deliver(.later(nil), "HTTP 500")
            }
            // The first session has ended meanwhile.
            let later = try lab.visit(
                try await lab.call(
                    .post, "/login", form: [("email", "linh@an.vn"), ("password", SiteLab.password)]))
            let failed = try await lab.get(Self.path, as: later)
            let again = try await lab.call(.post, "\(Self.path)/deliveries/\(delivery)/resend", as: later)
            try await lab.deliver()

            #expect(test.status == 202 && test.json["status"] as? String == "pending")
            #expect(test.json["success"] as? Bool == true && again.json["success"] as? Bool == true)
            #expect(early.status == 409)
            #expect(waits.text.contains("HTTP 500 · next try"))
            let row = (failed.json["deliveries"] as? [[String: Any]])?.first
            #expect(row?["status"] as? String == "failed" && row?["attempts"] as? Int == 8)
            #expect(again.status == 202 && again.json["message_id"] as? String == test.json["message_id"] as? String)
            let stored = try await lab.store.deliveries(of: .first, limit: 9)
            #expect(stored.map(\.state) == [.completed] && stored.first?.answer == "HTTP 200")
        }
    }

    @Test("A target is turned off and on, and asked about before it is deleted")
    func off() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let id = try #require(
                try await lab.call(.post, Self.path, as: owner, form: SiteLab.hook).json["id"] as? Int)

            let off = try await lab.call(.post, "\(Self.path)/\(id)/toggle", as: owner)
            let on = try await lab.call(.post, "\(Self.path)/\(id)/toggle", as: owner)
            let question = try await lab.get("\(Self.path)/\(id)/delete", as: owner, html: true)
            let deleted = try await lab.call(.delete, "\(Self.path)/\(id)", as: owner)

            #expect(off.json["success"] as? Bool == true)
            #expect(off.json["is_on"] as? Bool == false && on.json["is_on"] as? Bool == true)
            #expect(question.text.contains("Kho") && deleted.status == 200)
            #expect(try await lab.store.noticeTargets(of: .first).isEmpty)
            let actions = try await lab.store.audit(of: .first, before: nil, limit: 20).map(\.action)
            #expect(actions.contains("Deleted a target for notices"))
            #expect(actions.contains("Turned a target for notices off"))
        }
    }
}

@Suite("Notices")
struct NoticeRoutesTests {
    @Test("A rejected credential is told of once, on the page, in the bell, and closed when it is gone")
    func story() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            _ = try await lab.call(.post, "/sync/settings/notifications", as: owner, form: SiteLab.hook)
            try await lab.park(account)

            #expect(try await lab.notifier().look() == 1)
            #expect(try await lab.notifier().look() == 0)
            let page = try await lab.get("/notices", as: owner, html: true)
            let list = try await lab.get("/notices", as: owner)
            #expect(page.text.contains("1 notice needs you") && page.text.contains(", 1 new"))
            #expect(page.text.contains("/connections/\(account.connection)/reconnect"))
            #expect(page.text.contains("Mộc Nhiên &lt;b&gt;&amp;") && !page.text.contains("<b>rejected"))
            #expect(list.json["unread"] as? Int == 1)
            #expect(try await lab.store.deliveries(of: .first, limit: 9).count == 1)

            let read = try await lab.call(.post, "/notices/read", as: owner)
            #expect(read.json["unread"] as? Int == 0)
            try await lab.store.resume(account.connection)
            #expect(try await lab.notifier().look() == 0)
            let after = try await lab.get("/notices", as: owner, html: true)
            #expect(after.text.contains("Nothing needs you") && after.text.contains("over since"))
            let viewer = try await lab.member(.viewer)
            let other = try await lab.call(.get, "/notices", as: viewer, html: true, language: "vi")
            #expect(other.text.contains("Không có việc cần bạn") && other.text.contains("hết từ"))
        }
    }

    @Test("What one has read is new for another, and a number says up to where")
    func reading() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let viewer = try await lab.member(.viewer)
            try await lab.park(try await lab.meta())
            _ = try await lab.notifier().look()

            _ = try await lab.call(.post, "/notices/read", as: owner, form: [("up_to", "1")])

            #expect(try await lab.get("/notices", as: owner).json["unread"] as? Int == 0)
            #expect(try await lab.get("/notices", as: viewer).json["unread"] as? Int == 1)
            #expect(
                try await lab.get("/notices", as: viewer, html: true).text.contains(
                    "/connections/1/reconnect") == false)
        }
    }

    @Test("An open page gets a new notice, and the bell of every page its number: for each person what is new to them")
    func lives() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let other = try await lab.visitor(try await lab.member(.viewer), .viewer)
            let visitor = try await lab.visitor(owner)
            let words = Words(language: .english)
            let page = try #require(LivePage("/notices", lab.site))
            let schedules = try #require(LivePage("/sync/schedules", lab.site))
            let html = try await lab.get("/notices", as: owner, html: true).text
            #expect(html.contains(#"data-live="/live?page=/notices""#))
            let empty = try await page.parts(visitor, words).regions
            #expect(empty["notices"]?.contains("Nothing has happened") == true)
            #expect(empty["shell-bell"]?.contains("class=\"count\"") == false)

            try await lab.park(try await lab.meta())
            _ = try await lab.notifier().look()
            // What was drawn is good for a second.
            try await ContinuousClock().sleep(for: .milliseconds(1100))
            let told = try await page.parts(visitor, words).regions
            // Behind one's own act nothing from before it is given.
            _ = try await lab.call(.post, "/notices/read", as: owner)
            let read = try await page.parts(visitor, words).regions
            let theirs = try await schedules.parts(other, words).regions

            #expect(told["head"]?.contains("1 notice needs you") == true)
            #expect(told["notices"]?.contains("The token was &lt;b&gt;rejected&lt;/b&gt;.") == true)
            #expect(told["notices-acts"]?.contains("/notices/read") == true)
            #expect(told["shell-bell"]?.contains("<span class=\"count\">1</span>") == true)
            #expect(read["notices-acts"]?.contains("/notices/read") == false)
            #expect(read["shell-bell"]?.contains("class=\"count\"") == false)
            #expect(theirs["shell-bell"]?.contains("<span class=\"count\">1</span>") == true)
        }
    }

    @Test("Notices of one workspace are none of another's")
    func workspaces() async throws {
        try await SiteLab.with { lab in
            _ = try await lab.owner()
            let other = try await lab.otherWorkspace()
            _ = try await lab.call(
                .post, "/sync/settings/notifications", as: other.owner, form: SiteLab.hook)
            try await lab.park(try await lab.meta())

            #expect(try await lab.notifier().look() == 1)

            let list = try await lab.get("/notices", as: other.owner)
            #expect((list.json["notices"] as? [Any])?.isEmpty == true && list.json["unread"] as? Int == 0)
            #expect(try await lab.store.deliveries(of: other.id, limit: 9).isEmpty)
        }
    }

    @Test("A notice that was closed is reopened within the hour without a message, and opened anew after it")
    func flapping() {
        let cause = NoticeCause(
            workspace: .first, key: "failed/1", kind: .failed, subject: 1, facts: NoticeFacts(name: "a"))
        var rejected = cause
        rejected.kind = .rejected
        func changes(_ cause: NoticeCause, closedFor seconds: Int64) -> NoticeChanges {
            let now = Instant(seconds: 10_000_000)
            let notice = Notice(id: NoticeID(1), cause: cause, openedAt: now, closedAt: now - .seconds(seconds))
            return NoticeChanges(causes: [cause], known: [notice], now: now)
        }

        #expect(changes(cause, closedFor: 60).reopened.count == 1)
        #expect(changes(cause, closedFor: 3600).opened.count == 1)
        #expect(changes(rejected, closedFor: 60).opened.count == 1)
    }
}
