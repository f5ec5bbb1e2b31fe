import HTTPTypes
import Hummingbird
package import SyncCore
import Wording

/// Signing in and out, the first set-up, invitations, and what a person prefers.
struct EntryRoutes: Sendable {
    let site: Site

    func add(to router: Router<WebContext>) {
        router.get("login") { try await loginPage($0, $1) }
        router.post("login") { try await login($0, $1) }
        router.post("logout") { try await logout($0, $1) }
        router.get("setup") { try await linkPage($0, $1, .setup, "/setup") }
        router.post("setup") { try await setUp($0, $1) }
        router.get("invitation") { try await linkPage($0, $1, .invitation, "/invitation") }
        router.post("invitation") { try await accept($0, $1) }
        router.get("password") { try await linkPage($0, $1, .password, "/password") }
        router.post("password") { try await choosePassword($0, $1) }
        router.get("enter") { try await enter($0, $1) }
        router.post("preferences") { try await prefer($0, $1) }
    }

    // MARK: Signing in

    private func loginPage(_ request: Request, _ context: WebContext) async throws -> Response {
        if context.visitor != nil { return Answer.seeOther("/") }
        if try await !site.store.hasUsers() { return Answer.seeOther("/setup") }
        let next = EntryRoutes.safe(Form(query: request)["next"])
        return try await show(loginForm("", next, context.words), request, context)
    }

    private func loginForm(_ email: String, _ next: String?, _ words: Words) -> EntryPage {
        EntryPage(
            headline: words.pick("Sign in", "Đăng nhập"), summary: "", action: "/login", next: next,
            fields: [
                EntryPage.email(email, words),
                EntryPage.Field(
                    name: "password", label: words.pick("Password", "Mật khẩu"), type: "password",
                    autocomplete: "current-password"),
            ], button: words.pick("Sign in", "Đăng nhập"),
            foot: words.pick(
                "No account? An owner of the workspace can invite you.",
                "Chưa có tài khoản? Chủ sở hữu không gian làm việc có thể mời bạn."))
    }

    private func login(_ request: Request, _ context: WebContext) async throws -> Response {
        let form = try await Form(request, context)
        let email = (form["email"] ?? form["mail"] ?? "").lowercased()
        let user: User?
        do {
            try site.entries.take(for: EntryRoutes.network(context))
            user = try await person(email, form.raw("password"), context)
        } catch let error as WebError where error.retryAfter != nil && !context.wantsJSON {
            return try await wait(
                error, loginForm(email, EntryRoutes.safe(form["next"]), context.words), request, context)
        }
        let workspace = try await user.asyncMap { try await site.store.workspaces(of: $0.id).first } ?? nil
        guard let user, let workspace else {
            let error = WebError(
                .unauthorized, "not_signed_in", "E-mail and password do not fit together.",
                advice: "Each try in vain makes the next one wait a little longer.")
            if context.wantsJSON { throw error }
            var page = loginForm(email, EntryRoutes.safe(form["next"]), context.words)
            page.notice = .bad(context.words.said(error.message))
            return try await show(page, request, context, error.status)
        }
        let next = EntryRoutes.safe(form["next"]) ?? "/"
        return try await signIn(user, workspace.workspace, request, context, next)
    }

    /// The form once more, with the address and how long to wait.
    private func wait(
        _ error: WebError, _ form: EntryPage, _ request: Request, _ context: WebContext
    ) async throws -> Response {
        let (words, seconds) = (context.words, error.retryAfter ?? 1)
        let length = words.length(.seconds(seconds))
        var page = form
        page.notice = .bad(
            words.pick("Too many tries. Try again in \(length).", "Thử quá nhiều lần. Hãy thử lại sau \(length)."))
        var response = try await show(page, request, context, error.status)
        response.headers[.retryAfter] = "\(seconds)"
        return response
    }

    /// Whose address it is, when the password is theirs. Who guesses is slowed down, nobody is locked out.
    private func person(_ email: String, _ password: String, _ context: WebContext) async throws -> User? {
        let network = EntryRoutes.network(context)
        return try await site.signIns.take("\(email.prefix(254)) \(network)") {
            try await person(email, password, from: network, context)
        }
    }

    private func person(
        _ email: String, _ password: String, from network: String, _ context: WebContext
    ) async throws -> User? {
        let user = try await site.store.user(email: email)
        var brakes = SignInBrakes(site.store, email: email, network: network)
        let isKnown = { try await knows(user, network) }
        guard let wait = try await brakes.wait(at: site.clock.now, isKnownThere: isKnown) else {
            // As long for an address that nobody has: the answer says nothing of who is known here.
            guard try await site.passwords.matches(password, user?.passwordHash), let user else {
                try await note(failureOf: email, user, context)
                return nil
            }
            try await brakes.release()
            return user
        }
        throw WebError.tooMany(after: Int(wait.inSeconds.rounded(.up)))
    }

    /// Whether the person is signed in from that network already.
    private func knows(_ user: User?, _ network: String) async throws -> Bool {
        guard let user else { return false }
        return try await site.store.sessions(of: user.id).contains { $0.address == network }
    }

    /// In the record of the person's workspace; of somebody unknown in the first one's, so that either takes as long.
    private func note(failureOf email: String, _ user: User?, _ context: WebContext) async throws {
        let place = try await site.store.workspaces(of: user?.id ?? UserID(0)).first?.workspace.id ?? .first
        try await site.store.record(
            AuditEntry(
                workspace: place, actor: "Sluice", action: "Failed to sign in", subject: String(email.prefix(254)),
                detail: EntryRoutes.network(context)))
    }

    /// Begins a session: a new id each time, so that one that was known before opens nothing.
    private func signIn(
        _ user: User, _ workspace: Workspace, _ request: Request, _ context: WebContext, _ next: String
    ) async throws -> Response {
        if let old = context.visitor?.session { try await site.store.end(session: old) }
        let ticket = Ticket.make()
        let now = site.clock.now
        try await site.store.begin(
            Session(
                hash: Ticket.hash(ticket), user: user.id, workspace: workspace.id, createdAt: now, seenAt: now,
                expiresAt: now + SessionCookie.longest,
                agent: String((request.headers[.userAgent] ?? "").prefix(200)), address: EntryRoutes.network(context)))
        try await site.store.record(
            AuditEntry(workspace: workspace.id, actor: user.signature, action: "Signed in", subject: user.email))
        var response =
            context.wantsJSON
            ? try Answer.json(SignedIn(user: user.name, workspace: workspace.name)) : Answer.seeOther(next)
        site.cookies.set(ticket, on: &response)
        return response
    }

    private struct SignedIn: Encodable {
        var success = true
        var user: String
        var workspace: String
    }

    private func logout(_ request: Request, _ context: WebContext) async throws -> Response {
        if let visitor = context.visitor, let hash = visitor.session {
            try await site.store.end(session: hash)
            try await site.record(visitor, "Signed out", visitor.user.email)
        }
        var response = context.wantsJSON ? try Answer.json(Done()) : Answer.seeOther("/login")
        site.cookies.clear(on: &response)
        return response
    }

    // MARK: Links that work once

    private static let linkCookie = "sluice_link"

    /// A link brings its code once: it goes into a cookie and out of the address at once, so that no history, log or
    /// next site sees it.
    private func linkPage(
        _ request: Request, _ context: WebContext, _ kind: OneTimeLink.Kind, _ path: String
    ) async throws -> Response {
        if let code = Form(query: request)["code"] {
            var response = Answer.seeOther(path)
            // Nothing else may get into a cookie: anybody can write an address.
            if Ticket.isTicket(code) {
                response.setCookie(
                    Cookie(
                        name: EntryRoutes.linkCookie, value: code, maxAge: 3600, path: path,
                        secure: site.cookies.isSecure, httpOnly: true, sameSite: .lax))
            }
            return response
        }
        if kind == .setup, try await site.store.hasUsers() { return Answer.seeOther("/login") }
        let code = request.cookies[EntryRoutes.linkCookie]?.value ?? ""
        let link = try await site.store.link(Ticket.hash(code))
        guard kind == .setup || link?.kind == kind else { throw EntryRoutes.worn }
        let page = form(kind, link, code: link?.kind == kind ? code : nil, Form(), context.words)
        return try await show(page, request, context)
    }

    /// A page keeps it in the cookie. A program that sends none, or no password, has forgotten it.
    private static func code(_ form: Form, _ request: Request, _ context: WebContext) throws -> String {
        let code = form["code"] ?? request.cookies[EntryRoutes.linkCookie]?.value
        var errors: [String: String] = [:]
        if code == nil { errors["code"] = "The code of the link is needed." }
        if form.raw("password").isEmpty { errors["password"] = "At least 10 characters." }
        if context.wantsJSON, !errors.isEmpty { throw WebError.invalid(errors) }
        return code ?? ""
    }

    private static let worn = WebError(
        .gone, "link_used", "This link does not work any more.",
        advice: "It works once and for a limited time. Ask for a new one.")

    private func form(
        _ kind: OneTimeLink.Kind, _ link: OneTimeLink?, code: String?, _ given: Form, _ words: Words
    ) -> EntryPage {
        func text(_ name: String, _ label: String, _ autocomplete: String) -> EntryPage.Field {
            EntryPage.Field(name: name, label: label, value: given[name] ?? "", autocomplete: autocomplete)
        }
        let name = text("name", words.pick("Your name", "Tên của bạn"), "name")
        switch kind {
        case .setup:
            var token = text("code", words.pick("Set-up code", "Mã thiết lập"), "off")
            token.value = code ?? given["code"] ?? ""
            token.isFixed = code != nil
            token.hasHint = code == nil
            token.hint = words.pick(
                "The server printed it when it started.", "Máy chủ đã in mã này khi khởi động.")
            return EntryPage(
                headline: words.pick("Set up Sluice", "Thiết lập Sluice"),
                summary: words.pick(
                    "The first person becomes the owner and invites the others.",
                    "Người đầu tiên là chủ sở hữu và mời những người khác."), action: "/setup",
                fields: [
                    token, text("workspace", words.pick("Workspace", "Không gian làm việc"), "organization"), name,
                    EntryPage.email(given["email"] ?? "", words), EntryPage.newPassword(words),
                ], button: words.pick("Create the owner", "Tạo chủ sở hữu"))
        case .invitation:
            return EntryPage(
                headline: words.pick("You are invited", "Bạn được mời"), summary: "", action: "/invitation",
                fields: [
                    EntryPage.email(link?.email ?? "", words, isFixed: true), name, EntryPage.newPassword(words),
                ], button: words.pick("Join", "Tham gia"))
        case .password, .signIn:
            return EntryPage(
                headline: words.pick("Choose a new password", "Chọn mật khẩu mới"), summary: "", action: "/password",
                fields: [EntryPage.email(link?.email ?? "", words, isFixed: true), EntryPage.newPassword(words)],
                button: words.pick("Save password", "Lưu mật khẩu"))
        }
    }

    private func setUp(_ request: Request, _ context: WebContext) async throws -> Response {
        let form = try await Form(request, context)
        try site.entries.take(for: EntryRoutes.network(context))
        let code = form["code"] ?? form["setup_token"] ?? request.cookies[EntryRoutes.linkCookie]?.value ?? ""
        if try await site.store.hasUsers() {
            throw WebError(.conflict, "set_up_already", "Sluice is set up already.", advice: "Sign in instead.")
        }
        var errors = EntryRoutes.objections(form, wantsName: true)
        let link = try await site.store.link(Ticket.hash(code))
        if link?.kind != .setup { errors["code"] = "This is not the code that was printed." }
        if let name = form["workspace"] { errors["workspace"] = GivenName.objection(to: name) }
        guard errors.isEmpty, let link else {
            return try await again(self.form(.setup, link, code: nil, form, context.words), errors, request, context)
        }
        if let name = form["workspace"], try await !site.store.rename(link.workspace, to: name) {
            return try await again(
                self.form(.setup, link, code: nil, form, context.words),
                ["workspace": "Another workspace has this name."], request, context)
        }
        let user = try await newUser(form, email: EntryRoutes.email(form), request)
        guard try await site.store.take(link.hash) != nil,
            let id = try await site.store.addFirst(user, to: link.workspace)
        else { throw WebError(.conflict, "set_up_already", "Sluice is set up already.", advice: "Sign in instead.") }
        try await record("Set Sluice up", by: user, in: link.workspace)
        return try await enter(id, link.workspace, request, context)
    }

    private func accept(_ request: Request, _ context: WebContext) async throws -> Response {
        let form = try await Form(request, context)
        try site.entries.take(for: EntryRoutes.network(context))
        let code = try EntryRoutes.code(form, request, context)
        guard let link = try await site.store.link(Ticket.hash(code)), link.kind == .invitation else {
            throw EntryRoutes.worn
        }
        if try await site.store.user(email: link.email) != nil {
            // Whoever has the address already proves it by the password.
            guard let known = try await person(link.email, form.raw("password"), context) else {
                let errors = ["password": "This address has an account already: its password, please."]
                let page = self.form(.invitation, link, code: code, form, context.words)
                return try await again(page, errors, request, context)
            }
            guard try await site.store.take(link.hash) != nil else { throw EntryRoutes.worn }
            // Who may do more already goes on to.
            let present = try await site.store.role(of: known.id, in: link.workspace)
            _ = try await site.store.set(max(link.role, present ?? link.role), of: known.id, in: link.workspace)
            try await record("Joined by an invitation", by: known, in: link.workspace)
            return try await enter(known.id, link.workspace, request, context)
        }
        let errors = EntryRoutes.objections(form, email: link.email, wantsName: true)
        guard errors.isEmpty else {
            let page = self.form(.invitation, link, code: code, form, context.words)
            return try await again(page, errors, request, context)
        }
        let user = try await newUser(form, email: link.email, request)
        guard try await site.store.take(link.hash) != nil,
            let id = try await site.store.add(user, to: link.workspace, as: link.role)
        else { throw EntryRoutes.worn }
        try await record("Joined by an invitation", by: user, in: link.workspace)
        return try await enter(id, link.workspace, request, context)
    }

    private func record(_ action: String, by user: User, in workspace: WorkspaceID) async throws {
        try await site.store.record(
            AuditEntry(workspace: workspace, actor: user.signature, action: action, subject: user.email))
    }

    private func choosePassword(_ request: Request, _ context: WebContext) async throws -> Response {
        let form = try await Form(request, context)
        try site.entries.take(for: EntryRoutes.network(context))
        let code = try EntryRoutes.code(form, request, context)
        guard let link = try await site.store.link(Ticket.hash(code)), link.kind == .password, let id = link.user else {
            throw EntryRoutes.worn
        }
        let errors = EntryRoutes.objections(form, email: link.email, wantsName: false)
        guard errors.isEmpty else {
            return try await again(
                self.form(.password, link, code: code, form, context.words), errors, request, context)
        }
        let hash = try await site.passwords.hash(form.raw("password"))
        guard try await site.store.take(link.hash) != nil else { throw EntryRoutes.worn }
        try await site.store.set(passwordHash: hash, of: id, keeping: nil)
        // Who had the old one may have made tokens.
        for place in try await site.store.workspaces(of: id) {
            for token in try await site.store.tokens(of: place.workspace.id) where token.user == id {
                _ = try await site.store.revoke(token.id, in: place.workspace.id)
            }
        }
        if let user = try await site.store.user(id) {
            try await record("Chose a new password by a link", by: user, in: link.workspace)
        }
        return try await enter(id, link.workspace, request, context)
    }

    /// The demo's own link signs in.
    private func enter(_ request: Request, _ context: WebContext) async throws -> Response {
        // A look ahead (HEAD), and a link of another kind, use nothing up.
        guard request.method == .get, let code = Form(query: request)["code"],
            try await site.store.link(Ticket.hash(code))?.kind == .signIn,
            let link = try await site.store.take(Ticket.hash(code)), let user = link.user
        else {
            if context.visitor != nil { return Answer.seeOther("/") }
            throw EntryRoutes.worn
        }
        return try await enter(user, link.workspace, request, context)
    }

    private func enter(
        _ id: UserID, _ workspace: WorkspaceID, _ request: Request, _ context: WebContext
    ) async throws -> Response {
        guard let user = try await site.store.user(id), let workspace = try await site.store.workspace(workspace) else {
            throw EntryRoutes.worn
        }
        var response = try await signIn(user, workspace, request, context, "/")
        response.setCookie(Cookie(name: EntryRoutes.linkCookie, value: "", maxAge: 0, path: request.uri.path))
        return response
    }

    // MARK: Preferences

    private func prefer(_ request: Request, _ context: WebContext) async throws -> Response {
        let form = try await Form(request, context)
        var preferences = context.visitor?.user.preferences ?? User.Preferences()
        var response =
            context.wantsJSON
            ? try Answer.json(Done()) : Answer.seeOther(EntryRoutes.safe(form["back"]) ?? "/")
        if let language = form["language"] {
            guard ["en", "vi"].contains(language) else { throw WebError.invalid(["language": "`en` or `vi`."]) }
            preferences.language = language
            site.cookies.set("language", language, on: &response)
        }
        if let theme = form["theme"] {
            guard ["light", "dark", "system"].contains(theme) else {
                throw WebError.invalid(["theme": "`light`, `dark` or `system`."])
            }
            preferences.theme = theme == "system" ? nil : theme
            site.cookies.set("theme", theme == "system" ? "" : theme, on: &response)
        }
        if let workspace = try form.number("workspace", 1...Int.max) {
            try await move(context.visitor, to: WorkspaceID(Int64(workspace)))
        }
        // A box that is not ticked sends nothing; the hidden field before it says what that means.
        if let keys = form.flag("keys", last: true) { preferences.keysAreOff = !keys }
        if let visitor = context.visitor { try await site.store.set(preferences, of: visitor.user.id) }
        return response
    }

    /// The session goes on in another workspace of its user.
    private func move(_ visitor: Visitor?, to workspace: WorkspaceID) async throws {
        guard let visitor, let session = visitor.session else { throw WebError.signedOut }
        guard try await site.store.role(of: visitor.user.id, in: workspace) != nil else { throw WebError.notFound }
        try await site.store.touch(session, workspace: workspace)
    }

    // MARK: Parts

    struct Done: Encodable { var success = true }

    private func show(
        _ page: EntryPage, _ request: Request, _ context: WebContext, _ status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        try await site.renderer.response(
            Page(
                template: "entry", section: .none, title: page.headline, model: page, status: status, isPlain: true),
            request, context)
    }

    /// The form once more, with messages and what was typed; an object for programs.
    private func again(
        _ page: EntryPage, _ errors: [String: String], _ request: Request, _ context: WebContext
    ) async throws -> Response {
        if context.wantsJSON { throw WebError.invalid(errors) }
        return try await show(page.telling(errors, context.words), request, context, .unprocessableContent)
    }

    /// Until a language is chosen the browser says which.
    private func newUser(_ form: Form, email: String, _ request: Request) async throws -> User {
        User(
            id: UserID(0), email: email, name: form["name"] ?? "",
            passwordHash: try await site.passwords.hash(form.raw("password")),
            preferences: User.Preferences(language: site.cookies.language(of: request)))
    }

    private static func email(_ form: Form) -> String { (form["email"] ?? form["mail"] ?? "").lowercased() }

    private static func objections(_ form: Form, email fixed: String? = nil, wantsName: Bool) -> [String: String] {
        let email = fixed ?? EntryRoutes.email(form)
        var errors: [String: String] = [:]
        if wantsName { errors["name"] = GivenName.objection(to: form["name"]) }
        let parts = email.split(separator: "@", omittingEmptySubsequences: false)
        if parts.count != 2 || parts.contains(where: \.isEmpty) || email.count > 254
            || email.contains(where: \.isWhitespace)
        {
            errors["email"] = "An e-mail address, like linh@annhien.example."
        }
        if let objection = Passwords.objection(to: form.raw("password"), email: email) {
            errors["password"] = objection
        }
        return errors
    }

    /// Where to go on to, only on this site. Browsers leave out tabs and newlines: `/<tab>/evil` is another site.
    static func safe(_ path: String?) -> String? {
        guard let path, path.hasPrefix("/"), !path.hasPrefix("//"), !path.contains("\\"),
            path.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else { return nil }
        return path
    }

    static func network(_ context: WebContext) -> String { CallerAddress.network(context.address) }
}

extension Optional {
    fileprivate func asyncMap<Value>(_ body: (Wrapped) async throws -> Value) async throws -> Value? {
        guard let self else { return nil }
        return try await body(self)
    }
}

package enum SetUp {
    /// The path of a link that creates the first user; nil when there is one. It changes with each start.
    package static func link(_ store: any PeopleStore, at now: Instant) async throws -> String? {
        guard try await !store.hasUsers() else { return nil }
        let code = Ticket.make()
        try await store.offer(
            OneTimeLink(
                hash: Ticket.hash(code), kind: .setup, workspace: .first, role: .owner, createdAt: now,
                expiresAt: now + .seconds(7 * 86_400)))
        return "/setup?code=\(code)"
    }

    /// The path of a link that signs in as the owner of a demo, who is made where there is nobody.
    package static func demoLink(_ store: any PeopleStore, at now: Instant) async throws -> String {
        let email = "demo@sluice.example"
        let user = User(id: UserID(0), email: email, name: "Demo", passwordHash: "", preferences: User.Preferences())
        var id = try await store.user(email: email)?.id
        if id == nil { id = try await store.addFirst(user, to: .first) }
        guard let id else { return "/login" }
        let code = Ticket.make()
        try await store.offer(
            OneTimeLink(
                hash: Ticket.hash(code), kind: .signIn, workspace: .first, user: id, email: email, role: .owner,
                createdAt: now, expiresAt: now + .seconds(86_400)))
        return "/enter?code=\(code)"
    }
}
