import Hummingbird
import SyncCore
import Wording

/// `settings-you.mustache`: a person's own name, password, sessions and workspaces.
struct OwnPage: Sendable {
    var headline: String
    var summary: String
    var tabs: [SettingsTabs.Tab]
    var name: SettingField
    var email: String
    /// Nil where a person signs in without one.
    var password: Password?
    var sessions: [SessionRow]
    var hasOthers: Bool
    var workspaces: [WorkspaceRow]
    /// An owner renames the present one.
    var rename: SettingField?
    var workspaceID: String
    var create: SettingField

    struct Password: Sendable {
        var current: SettingField
        var new: SettingField
    }

    struct SessionRow: Sendable {
        var id: String
        var agent: String
        var address: String
        var seen: String
        var isThis: Bool
    }

    struct WorkspaceRow: Sendable {
        var id: String
        var name: String
        var role: String
        var isCurrent: Bool
    }
}

struct OwnBody: Encodable, Sendable {
    var success = true
    var id: Int64
    var name: String
    var email: String
    var role: String
    var workspace: WorkspaceBody
    var workspaces: [WorkspaceBody]
    var sessions: [SessionBody]

    struct WorkspaceBody: Encodable, Sendable {
        var id: Int64
        var name: String
        var role: String
    }

    struct SessionBody: Encodable, Sendable {
        var id: String
        var agent: String
        var address: String
        var created_at: String
        var last_seen_at: String
        var expires_at: String
        var is_current: Bool
    }
}

/// What a person does with the own account, and with workspaces. A token may read it and change nothing of it.
struct OwnRoutes: Sendable {
    let site: Site
    let record: RecordReader

    private static let path = SettingsTabs.path + "/you"

    func add(to router: Router<WebContext>) {
        router.get("sync/settings/you") { try await show($0, $1) }
        router.post("sync/settings/you") { try await setName($0, $1) }
        router.post("sync/settings/you/password") { try await setPassword($0, $1) }
        router.post("sync/settings/you/sessions/end") { try await endOthers($0, $1) }
        router.post("sync/settings/you/sessions/:id/end") { try await end($0, $1) }
        router.get("workspaces") { try await show($0, $1) }
        router.post("workspaces") { try await create($0, $1) }
        router.post("workspaces/:id") { try await rename($0, $1) }
    }

    /// Somebody who is signed in with a browser.
    private func person(_ context: WebContext) throws -> (visitor: Visitor, session: String) {
        let visitor = try site.visitor(context, .look)
        guard let session = visitor.session else {
            throw WebError(
                .forbidden, "session_needed", "A token changes nothing of a person.", advice: "Sign in with a browser.")
        }
        return (visitor: visitor, session: session)
    }

    // MARK: Looking

    private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        guard context.wantsJSON else { return try await page(visitor, Form(), [:], request, context) }
        let places = try await site.store.workspaces(of: visitor.user.id)
        let sessions = visitor.session == nil ? [] : try await site.store.sessions(of: visitor.user.id)
        let current = visitor.workspace
        return try Answer.json(
            OwnBody(
                id: visitor.user.id.value, name: visitor.user.name, email: visitor.user.email,
                role: visitor.role.rawValue,
                workspace: OwnBody.WorkspaceBody(
                    id: current.id.value, name: current.name, role: visitor.role.rawValue),
                workspaces: places.map {
                    OwnBody.WorkspaceBody(
                        id: $0.workspace.id.value, name: $0.workspace.name, role: $0.role.rawValue)
                },
                sessions: sessions.map {
                    OwnBody.SessionBody(
                        id: OwnRoutes.id($0), agent: $0.agent, address: $0.address,
                        created_at: $0.createdAt.description, last_seen_at: $0.seenAt.description,
                        expires_at: $0.expiresAt.description, is_current: $0.hash == visitor.session)
                }))
    }

    /// Of a hash of the session's id: it opens nothing.
    private static func id(_ session: Session) -> String { String(session.hash.prefix(16)) }

    private func page(
        _ visitor: Visitor, _ given: Form, _ errors: [String: String], _ request: Request, _ context: WebContext
    ) async throws -> Response {
        let words = context.words
        let told = try await record.told(visitor, words)
        func field(_ name: String, _ value: String) -> SettingField {
            SettingField(value: value, error: errors[name].map { EntryPage.Text(text: words.said($0)) })
        }
        let sessions = visitor.session == nil ? [] : try await site.store.sessions(of: visitor.user.id)
        let places = try await site.store.workspaces(of: visitor.user.id)
        let model = OwnPage(
            headline: visitor.user.name,
            summary: words.pick(
                "\(words.role(visitor.role)) of \(visitor.workspace.name), signed in as \(visitor.user.email).",
                "\(words.role(visitor.role)) của \(visitor.workspace.name), đăng nhập bằng \(visitor.user.email)."),
            tabs: SettingsTabs.all("/you", words), name: field("name", given["name"] ?? visitor.user.name),
            email: visitor.user.email,
            password: visitor.user.passwordHash.isEmpty
                ? nil : OwnPage.Password(current: field("current", ""), new: field("password", "")),
            sessions: sessions.map { session in
                OwnPage.SessionRow(
                    id: OwnRoutes.id(session), agent: OwnRoutes.browser(session.agent, words), address: session.address,
                    seen: told.near(session.seenAt), isThis: session.hash == visitor.session)
            }, hasOthers: sessions.count > 1,
            workspaces: places.map {
                OwnPage.WorkspaceRow(
                    id: "\($0.workspace.id)", name: $0.workspace.name, role: words.role($0.role),
                    isCurrent: $0.workspace.id == visitor.workspace.id)
            }, rename: visitor.may(.own) ? field("rename", visitor.workspace.name) : nil,
            workspaceID: "\(visitor.workspace.id)", create: field("workspace", given["workspace"] ?? ""))
        var page = SettingsTabs.page("settings-you", model, words)
        if !errors.isEmpty { page.status = .unprocessableContent }
        return try await site.renderer.response(page, request, context)
    }

    /// `Firefox, Linux`: what people know of a browser.
    private static func browser(_ agent: String, _ words: Words) -> String {
        let browsers = [
            ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
        ]
        let systems = [
            ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
            ("Linux", "Linux"),
        ]
        let names = [browsers, systems].compactMap { list in list.first { agent.contains($0.0) }?.1 }
        if !names.isEmpty { return names.joined(separator: ", ") }
        return agent.isEmpty ? words.pick("unknown", "không rõ") : String(agent.prefix(40))
    }

    // MARK: Name and password

    private func setName(_ request: Request, _ context: WebContext) async throws -> Response {
        let (visitor, _) = try person(context)
        let form = try await Form(request, context)
        let name = form["name"] ?? ""
        if let why = GivenName.objection(to: name) {
            return try await again(["name": why], form, visitor, request, context)
        }
        try await site.store.set(name: name, of: visitor.user.id)
        try await site.record(visitor, "Changed the own name", visitor.user.email, name)
        return try done(context)
    }

    private func setPassword(_ request: Request, _ context: WebContext) async throws -> Response {
        let (visitor, session) = try person(context)
        let form = try await Form(request, context)
        // Who found an open browser guesses no faster than who stands at the door.
        let key = "own \(visitor.user.id)"
        let failures = try await site.store.failures(key)
        let wait = failures.wait(at: site.clock.now, free: 2, most: .seconds(300))
        if wait > .zero { throw WebError.tooMany(after: Int(wait.inSeconds.rounded(.up))) }
        // Noted before it is looked at: many at once get no further.
        let noted = try await site.store.noteFailure(key).count
        if noted > 3, noted > failures.count + 1 { throw WebError.tooMany(after: 1) }
        guard try await site.passwords.matches(form.raw("current"), visitor.user.passwordHash) else {
            return try await again(
                ["current": "This is not your present password."], form, visitor, request, context)
        }
        try await site.store.forgetFailures(key)
        if let objection = Passwords.objection(to: form.raw("password"), email: visitor.user.email) {
            return try await again(["password": objection], form, visitor, request, context)
        }
        let hash = try await site.passwords.hash(form.raw("password"))
        try await site.store.set(passwordHash: hash, of: visitor.user.id, keeping: session)
        try await site.record(visitor, "Changed the own password", visitor.user.email)
        return try done(context)
    }

    // MARK: Sessions

    private func end(_ request: Request, _ context: WebContext) async throws -> Response {
        let (visitor, own) = try person(context)
        let id = context.parameters.get("id")
        let sessions = try await site.store.sessions(of: visitor.user.id)
        guard let session = sessions.first(where: { OwnRoutes.id($0) == id }) else { throw WebError.notFound }
        try await site.store.end(session: session.hash)
        try await site.record(visitor, "Ended a session", visitor.user.email, String(session.agent.prefix(60)))
        if session.hash == own, !context.wantsJSON { return Answer.seeOther("/login") }
        return try done(context)
    }

    private func endOthers(_ request: Request, _ context: WebContext) async throws -> Response {
        let (visitor, own) = try person(context)
        let others = try await site.store.sessions(of: visitor.user.id).filter { $0.hash != own }
        for session in others { try await site.store.end(session: session.hash) }
        if !others.isEmpty { try await site.record(visitor, "Ended the other sessions", visitor.user.email) }
        return try done(context)
    }

    // MARK: Workspaces

    private static let taken = "Another workspace has this name."

    private struct Made: Encodable {
        var success = true
        var workspace: OwnBody.WorkspaceBody
    }

    /// The visitor owns it, and is in it from now on.
    private func create(_ request: Request, _ context: WebContext) async throws -> Response {
        let (visitor, session) = try person(context)
        guard visitor.may(.own) else { throw WebError.forbidden }
        let form = try await Form(request, context)
        try site.runs.take(for: "\(visitor.user.id)")
        let name = form["workspace"] ?? form["name"] ?? ""
        if let why = GivenName.objection(to: name) {
            return try await again(["workspace": why], form, visitor, request, context, [["workspace", "name"]])
        }
        guard let id = try await site.store.addWorkspace(name, owner: visitor.user.id) else {
            return try await again(
                ["workspace": OwnRoutes.taken], form, visitor, request, context, [["workspace", "name"]])
        }
        try await site.store.touch(session, workspace: id)
        for workspace in [visitor.workspace.id, id] {
            try await site.store.record(
                AuditEntry(
                    workspace: workspace, actor: visitor.signature, action: "Made a workspace", subject: name))
        }
        if context.wantsJSON {
            return try Answer.json(
                Made(workspace: OwnBody.WorkspaceBody(id: id.value, name: name, role: Role.owner.rawValue)), .created)
        }
        return Answer.seeOther("/")
    }

    private func rename(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .own)
        guard context.parameters.get("id", as: Int64.self) == visitor.workspace.id.value else {
            throw WebError.notFound
        }
        let form = try await Form(request, context)
        let name = form["rename"] ?? form["name"] ?? ""
        if let why = GivenName.objection(to: name) {
            return try await again(["rename": why], form, visitor, request, context, [["name", "rename"]])
        }
        guard try await site.store.rename(visitor.workspace.id, to: name) else {
            return try await again(
                ["rename": OwnRoutes.taken], form, visitor, request, context, [["name", "rename"]])
        }
        try await site.record(visitor, "Renamed the workspace", name, visitor.workspace.name)
        if context.wantsJSON {
            let id = visitor.workspace.id.value
            return try Answer.json(
                Made(workspace: OwnBody.WorkspaceBody(id: id, name: name, role: visitor.role.rawValue)))
        }
        return try done(context)
    }

    // MARK: Parts

    private func again(
        _ errors: [String: String], _ form: Form, _ visitor: Visitor, _ request: Request, _ context: WebContext,
        _ names: [[String]] = []
    ) async throws -> Response {
        if context.wantsJSON { throw WebError.invalid(form.asSent(errors, names)) }
        return try await page(visitor, form, errors, request, context)
    }

    private func done(_ context: WebContext) throws -> Response {
        context.wantsJSON ? try Answer.json(EntryRoutes.Done()) : Answer.seeOther(OwnRoutes.path)
    }
}
