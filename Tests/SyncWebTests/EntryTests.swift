import HTTPTypes
import SyncCore
import SyncTestKit
import Testing

@testable import SyncWeb

@Suite("Ways in")
struct EntryTests {
    @Test("The first user comes by the link that was printed, once; the code leaves the address at once")
    func setUp() async throws {
        try await SiteLab.with { lab in
            let link = try #require(try await SetUp.link(lab.store, at: lab.clock.now))

            let opened = try await lab.get(link, html: true)
            #expect(opened.status == 303)
            #expect(opened.headers[.location] == "/setup")
            let owner = try await lab.owner()
            #expect(try await lab.get("/accounts", as: owner).status == 200)
            #expect(try await SetUp.link(lab.store, at: lab.clock.now) == nil)
            let again = try await lab.call(
                .post, "/setup", form: [("code", "x"), ("email", "b@b.vn"), ("password", "another password 1")])
            #expect(again.status == 409)
            #expect(try await lab.store.workspace(.first)?.name == "An Nhiên")
        }
    }

    @Test(
        "What is no code gets into no cookie",
        arguments: ["a%20b", "x%3B+Domain%3Devil.example", "a", String(repeating: "a", count: 42) + "%3B"])
    func codes(_ code: String) async throws {
        try await SiteLab.with { lab in
            let reply = try await lab.get("/setup?code=\(code)", html: true)
            #expect(reply.status == 303)
            #expect(reply.headers[.setCookie] == nil)
            #expect(try await lab.get("/invitation", html: true).status == 410)
        }
    }

    @Test("A wrong code, a short password and no address are told beside their fields, with what was typed")
    func badSetUp() async throws {
        try await SiteLab.with { lab in
            let fields = [
                ("code", "wrong"), ("name", "Linh <i>"), ("email", "no address"), ("password", "short"),
            ]

            let page = try await lab.call(.post, "/setup", html: true, form: fields)
            let object = try await lab.call(.post, "/setup", form: fields)

            #expect(page.status == 422)
            #expect(page.text.contains("value=\"Linh &lt;i&gt;\""))
            #expect(!page.text.contains("short\""), "the password stands on the page")
            let errors = (object.json["error"] as? [String: Any])?["fields"] as? [String: String]
            #expect(Set(errors?.keys ?? [:].keys) == ["code", "email", "password"])
            #expect(try await !lab.store.hasUsers())
        }
    }

    @Test("Signing in takes the right password, gives a new id each time, and signing out ends it")
    func login() async throws {
        try await SiteLab.with { lab in
            _ = try await lab.owner()
            func login(_ email: String, _ password: String) async throws -> SiteLab.Reply {
                try await lab.call(.post, "/login", form: [("email", email), ("password", password)])
            }

            let wrong = try await login("linh@an.vn", "another password")
            let unknown = try await login("nobody@an.vn", "another password")
            let right = try await login("Linh@an.vn", SiteLab.password)
            let second = try await login("linh@an.vn", SiteLab.password)

            #expect(wrong.status == 401 && unknown.status == 401)
            #expect(wrong.text == unknown.text, "who is known here is told")
            let visit = try lab.visit(right)
            #expect(try lab.visit(second).cookie != visit.cookie)
            let cookie = try #require(right.headers[values: .setCookie].first { $0.hasPrefix("sluice=") })
            #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"))
            #expect(try await lab.get("/accounts", as: visit).status == 200)
            _ = try await lab.call(.post, "/logout", as: visit)
            #expect(try await lab.get("/accounts", as: visit).status == 401)
        }
    }

    @Test("Guesses get slower and slower, for the address and the network, and nobody is locked out")
    func throttled() async throws {
        try await SiteLab.with { lab in
            _ = try await lab.owner()
            func login(_ password: String) async throws -> SiteLab.Reply {
                try await lab.call(.post, "/login", form: [("email", "linh@an.vn"), ("password", password)])
            }

            var statuses: [Int] = []
            for _ in 0..<5 { statuses.append(try await login("guess number one").status) }
            let refused = try await login(SiteLab.password)
            lab.clock.advance(by: .seconds(5))
            let later = try await login(SiteLab.password)

            #expect(statuses == [401, 401, 401, 429, 429])
            #expect(refused.status == 429)
            #expect(refused.headers[.retryAfter] != nil)
            #expect(later.status == 200)
        }
    }

    @Test("Many guesses at once get no further than one after the other")
    func parallel() async throws {
        try await SiteLab.with { lab in
            _ = try await lab.owner()

            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        try await lab.call(.post, "/login", form: [("email", "linh@an.vn"), ("password", "a guess")])
                            .status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }

            #expect(statuses.count { $0 == 401 } == 3)
            #expect(statuses.allSatisfy { $0 == 401 || $0 == 429 })
        }
    }

    @Test("Who has to wait gets the form again, with the address, without the password, and hears for how long")
    func waiting() async throws {
        try await SiteLab.with { lab in
            _ = try await lab.owner()
            func login(_ language: String) async throws -> SiteLab.Reply {
                try await lab.call(
                    .post, "/login", html: true, language: language,
                    form: [("email", "linh@an.vn"), ("password", "a wrong guess"), ("next", "/sync/logs")])
            }
            for _ in 0..<3 { #expect(try await login("en").status == 401) }

            let english = try await login("en")
            let vietnamese = try await login("vi")

            #expect(english.status == 429 && english.headers[.retryAfter] == "1")
            #expect(english.text.contains("Too many tries. Try again in 1 s."))
            #expect(vietnamese.text.contains("Thử quá nhiều lần. Hãy thử lại sau 1 giây."))
            for page in [english, vietnamese] {
                #expect(page.text.contains("linh@an.vn") && page.text.contains("/sync/logs"))
                #expect(page.text.contains("action=\"/login\"") && !page.text.contains("a wrong guess"))
            }
        }
    }

    @Test("An invitation for somebody who is known here is no way to guess their password")
    func invited() async throws {
        try await SiteLab.with { lab in
            _ = try await lab.owner()
            let code = Ticket.make()
            let now = lab.clock.now
            try await lab.store.offer(
                OneTimeLink(
                    hash: Ticket.hash(code), kind: .invitation, workspace: .first, email: "linh@an.vn", role: .viewer,
                    createdAt: now, expiresAt: now + .seconds(3600)))

            var statuses: [Int] = []
            for guess in ["guess number one", "guess number two", "guess number three", SiteLab.password] {
                statuses.append(
                    try await lab.call(.post, "/invitation", form: [("code", code), ("password", guess)]).status)
            }

            #expect(statuses == [422, 422, 422, 429])
        }
    }

    private func actions(_ lab: SiteLab) async throws -> [String] {
        try await lab.store.audit(of: .first, before: nil, limit: 50).reversed().map { "\($0.actor): \($0.action)" }
    }

    private func link(_ lab: SiteLab, _ kind: OneTimeLink.Kind, _ email: String, _ role: Role) async throws -> String {
        let code = Ticket.make()
        let now = lab.clock.now
        try await lab.store.offer(
            OneTimeLink(
                hash: Ticket.hash(code), kind: kind, workspace: .first,
                user: try await lab.store.user(email: email)?.id, email: email, role: role, createdAt: now,
                expiresAt: now + .seconds(3600)))
        return code
    }

    @Test("Ways in and out are in the record, with name and address; also those that failed, and Facebook syncs")
    func recorded() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            _ = try await lab.meta()
            for email in ["linh@an.vn", "nobody@an.vn"] {
                _ = try await lab.call(.post, "/login", form: [("email", email), ("password", "a wrong guess")])
            }
            _ = try await lab.call(.post, "/facebook/sync/ads", as: owner)
            let invited = try await lab.call(
                .post, "/invitation",
                form: [
                    ("code", try await link(lab, .invitation, "ha@an.vn", .viewer)), ("name", "Hà"),
                    ("password", SiteLab.password),
                ])
            _ = try await lab.call(
                .post, "/password",
                form: [("code", try await link(lab, .password, "ha@an.vn", .viewer)), ("password", "trà đá vỉa hè")])
            _ = try await lab.call(.post, "/logout", as: owner)

            #expect(invited.status == 200, "\(invited.text)")
            let linh = "Linh Trần <linh@an.vn>"
            #expect(
                try await actions(lab) == [
                    "\(linh): Set Sluice up", "\(linh): Signed in", "Sluice: Failed to sign in",
                    "Sluice: Failed to sign in", "\(linh): Started a sync", "Hà <ha@an.vn>: Joined by an invitation",
                    "Hà <ha@an.vn>: Signed in", "Hà <ha@an.vn>: Chose a new password by a link",
                    "Hà <ha@an.vn>: Signed in", "\(linh): Signed out",
                ])
            #expect(try await lab.store.verifyAudit(of: .first).isIntact)
        }
    }

    @Test("A new password by a link ends the person's tokens as well")
    func tokensEnd() async throws {
        try await SiteLab.with { lab in
            _ = try await lab.owner()
            let user = try #require(try await lab.store.user(email: "linh@an.vn")?.id)
            let token = try await lab.token([.read], of: user)
            #expect(try await lab.get("/accounts", as: token).status == 200)

            let code = try await link(lab, .password, "linh@an.vn", .owner)
            let reply = try await lab.call(
                .post, "/password", form: [("code", code), ("password", "trà đá vỉa hè")])

            #expect(reply.status == 200, "\(reply.text)")
            #expect(try await lab.get("/accounts", as: token).status == 401)
        }
    }

    @Test("An invitation takes nothing from who may do more already")
    func keepsRole() async throws {
        try await SiteLab.with { lab in
            _ = try await lab.owner()
            _ = try await lab.member(.owner, email: "ha@an.vn")
            let code = try await link(lab, .invitation, "ha@an.vn", .viewer)

            let reply = try await lab.call(
                .post, "/invitation", form: [("code", code), ("password", SiteLab.password)])

            #expect(reply.status == 200, "\(reply.text)")
            let user = try #require(try await lab.store.user(email: "ha@an.vn")?.id)
            #expect(try await lab.store.role(of: user, in: .first) == .owner)
        }
    }

    @Test("A look ahead, and the wrong address, use up no link")
    func lookAhead() async throws {
        try await SiteLab.with { lab in
            _ = try await lab.owner()
            let invitation = try await link(lab, .invitation, "ha@an.vn", .viewer)
            let entering = try await link(lab, .signIn, "linh@an.vn", .owner)

            #expect(try await lab.get("/enter?code=\(invitation)", html: true).status == 410)
            #expect(try await lab.store.link(Ticket.hash(invitation)) != nil)
            _ = try await lab.call(.head, "/enter?code=\(entering)", html: true)
            #expect(try await lab.get("/enter?code=\(entering)", html: true).status == 303)
            #expect(try await lab.get("/enter?code=\(entering)", html: true).status == 410)
        }
    }

    @Test("A session ends when it rests for twelve hours, and after two weeks however busy it is")
    func sessionTimes() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()

            lab.clock.advance(by: .seconds(11 * 3600))
            #expect(try await lab.get("/accounts", as: owner).status == 200)
            lab.clock.advance(by: .seconds(11 * 3600))
            #expect(try await lab.get("/accounts", as: owner).status == 200)
            for _ in 0..<29 {
                lab.clock.advance(by: .seconds(11 * 3600))
                _ = try await lab.get("/accounts", as: owner)
            }
            #expect(try await lab.get("/accounts", as: owner).status == 401)
            let other = try lab.visit(
                try await lab.call(
                    .post, "/login", form: [("email", "linh@an.vn"), ("password", SiteLab.password)]))
            lab.clock.advance(by: .seconds(13 * 3600))
            #expect(try await lab.get("/accounts", as: other).status == 401)
        }
    }

    @Test("A call that another site sent changes nothing", arguments: ["Sec-Fetch-Site", "Origin"])
    func crossSite(_ header: String) async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let (foreign, own) =
                header == "Origin" ? ("http://evil.example", "http://localhost") : ("cross-site", "same-origin")

            let refused = try await lab.call(.post, "/facebook/sync/stop", as: owner, headers: [(header, foreign)])
            let read = try await lab.call(.get, "/accounts", as: owner, headers: [(header, foreign)])

            #expect(refused.status == 403)
            #expect(read.status == 200)
            if header == "Sec-Fetch-Site" {
                let taken = try await lab.call(.post, "/facebook/sync/stop", as: owner, headers: [(header, own)])
                #expect(taken.status == 200)
            }
        }
    }

    @Test("A browser that is not signed in is sent to sign in and comes back; to this site alone")
    func next() async throws {
        try await SiteLab.with { lab in
            _ = try await lab.owner()

            let sent = try await lab.get("/accounts/7?stream=ads", html: true)
            #expect(sent.status == 303)
            #expect(sent.headers[.location] == "/login?next=/accounts/7%3Fstream%3Dads")
            let elsewhere = ["https://evil", "//evil", "/\t/evil", "/\\evil", "/a\r\nb", "/\u{7F}"].map { ($0, "/") }
            for (next, wanted) in [("/accounts/7", "/accounts/7")] + elsewhere {
                let reply = try await lab.call(
                    .post, "/login", html: true,
                    form: [("email", "linh@an.vn"), ("password", SiteLab.password), ("next", next)])
                #expect(reply.headers[.location] == wanted)
            }
        }
    }

    @Test("Every answer forbids what is not ours, and is not kept by anybody between")
    func headers() async throws {
        try await SiteLab.with { lab in
            for path in ["/login", "/nothing", "/healthz", "/setup"] {
                let reply = try await lab.get(path, html: true)
                let policy = reply.headers[.contentSecurityPolicy] ?? ""
                #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "\(path)")
                #expect(!policy.contains("unsafe"), "\(path)")
                #expect(reply.headers[.xContentTypeOptions] == "nosniff", "\(path)")
                #expect(reply.headers[.cacheControl] == "no-store", "\(path)")
            }
        }
    }

    @Test("Probes answer everybody, metrics only who may look")
    func metrics() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()

            for path in ["/healthz", "/readyz", "/flowing"] {
                #expect(try await lab.get(path).status == 200, "\(path)")
            }
            #expect(try await lab.get("/metrics").status == 401)
            #expect(try await lab.get("/metrics", as: owner).status == 200)
        }
    }

    @Test("A token does what its scopes and its maker's role allow, until it expires")
    func tokens() async throws {
        try await SiteLab.with { lab in
            _ = try await lab.owner()
            let user = try #require(try await lab.store.members(of: .first).first?.user.id)
            func token(_ scopes: [TokenScope]) async throws -> SiteLab.Visit {
                let text = Ticket.makeToken()
                _ = try await lab.store.add(
                    APIToken(
                        id: APITokenID(0), workspace: .first, user: user, name: "t", prefix: "slc_",
                        hash: Ticket.hash(text), scopes: scopes, createdAt: lab.clock.now,
                        expiresAt: lab.clock.now + .seconds(60)))
                return SiteLab.Visit(token: text)
            }
            let (reading, running) = (try await token([.read]), try await token([.run]))

            #expect(try await lab.get("/accounts", as: reading).status == 200)
            #expect(try await lab.call(.post, "/facebook/sync/stop", as: reading).status == 403)
            #expect(try await lab.call(.post, "/facebook/sync/stop", as: running).status == 200)
            let broken = SiteLab.Visit(token: String(running.token?.dropLast() ?? "") + "x")
            #expect(try await lab.get("/accounts", as: broken).status == 401)
            lab.clock.advance(by: .seconds(61))
            #expect(try await lab.get("/accounts", as: reading).status == 401)
        }
    }
}

@Suite("Passwords")
struct PasswordTests {
    @Test("match only what they were made from, and never look alike")
    func matching() async throws {
        let passwords = Passwords(cost: 4)
        let (one, two) = (try await passwords.hash("mật khẩu rất dài"), try await passwords.hash("mật khẩu rất dài"))

        #expect(one != two)
        #expect(try await passwords.matches("mật khẩu rất dài", one))
        #expect(try await !passwords.matches("mật khẩu rất dài.", one))
        #expect(try await !passwords.matches("mật khẩu rất dài", nil))
    }

    @Test("are the same however a keyboard writes their signs, and as long as people count them")
    func signs() async throws {
        let passwords = Passwords(cost: 4)
        let composed = "m\u{1EAD}t kh\u{1EA9}u r\u{1EA5}t d\u{E0}i"
        let decomposed = "ma\u{323}\u{302}t kha\u{302}\u{309}u ra\u{302}\u{301}t da\u{300}i"
        let hash = try await passwords.hash(composed)

        #expect(Array(composed.utf8) != Array(decomposed.utf8))
        #expect(try await passwords.matches(decomposed, hash))
        let long = (0..<18).map { "cà phê sữa \($0) " }.joined()
        #expect(long.count <= 256 && long.utf8.count > 256)
        #expect(Passwords.objection(to: long, email: "linh@an.vn") == nil)
        #expect(Passwords.objection(to: long + long, email: "linh@an.vn") != nil)
    }

    @Test(
        "that are guessed first are refused",
        arguments: ["short", "password123", "aaaaaaaaaaaa", "1234567890", "linhtran2026!", "matkhau1234"])
    func refused(_ password: String) {
        #expect(Passwords.objection(to: password, email: "linhtran@an.vn") != nil)
    }

    @Test("that are long are good, whatever they are made of")
    func accepted() {
        #expect(Passwords.objection(to: "cà phê sữa đá", email: "linh@an.vn") == nil)
        #expect(Passwords.objection(to: "correct horse battery", email: "linh@an.vn") == nil)
    }

    @Test("Tokens that were cut off or mistyped are known without a look into the database")
    func tokens() {
        let token = Ticket.makeToken()
        #expect(Ticket.isToken(token))
        #expect(!Ticket.isToken(String(token.dropLast())))
        #expect(!Ticket.isToken("slc_" + token.dropFirst(5)))
    }
}
