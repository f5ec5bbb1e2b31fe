import ConnectorKit
import Hummingbird
import SyncCore
import SyncEngine
import Wording

/// The ways into the browser and back: the operator's app at a platform, and the consent of a shop. The word that goes
/// there and comes back is the id of a draft: nobody guesses it, it works once and for an hour.
struct BrowserRoutes: Sendable {
    let desk: ConnectDesk
    private var site: Site { desk.site }

    func add(to router: Router<WebContext>) {
        router.get("connect/:platform/login") { try await login($0, $1) }
        router.get("connect/:platform/callback") { try await callback($0, $1) }
    }

    /// Leads to the platform's own page. A link and no form: a form must not leave this site.
    private func login(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .act)
        let type = try desk.type(context)
        guard let login = desk.login(of: type), let address = desk.address(of: type.platform) else {
            throw WebError.notFound
        }
        try site.runs.take(for: "\(visitor.user.id)")
        let query = Form(query: request)
        var content = DraftBook.Content(
            Access(
                workspace: visitor.workspace.id, platform: type.platform.id, baseURL: address,
                credential: Credential([:])),
            redirect: desk.callback(type.platform.id, request))
        if let number = query["connection"] {
            let stored = try await desk.connection(Int64(number), visitor)
            guard stored.platform == type.platform.id else { throw WebError.notFound }
            content.connection = stored.id
            content.access.name = stored.name
            content.access.baseURL = stored.baseURL
            content.access.isGuarded = stored.isGuarded
        }
        let state = try await desk.drafts.keep(content, for: visitor.user.id)
        return .redirect(
            to: login.page(
                at: content.access.baseURL, redirect: content.redirect ?? "", state: state,
                asksAgain: query["ask"] != nil), type: .normal)
    }

    private func callback(_ request: Request, _ context: WebContext) async throws -> Response {
        let type = try desk.type(context)
        let query = Form(query: request)
        let state = query["state"] ?? ""
        let returned = request.uri.queryParameters.map { (name: String($0.key), value: String($0.value)) }
        if let login = desk.login(of: type) {
            let visitor = try site.visitor(context, .act)
            guard
                let draft = try await desk.drafts.open(
                    state, of: visitor.user.id, in: visitor.workspace.id, platform: type.platform.id),
                try await desk.drafts.use(state)
            else { throw BrowserRoutes.worn }
            return try await signedIn(login, draft, returned, type, visitor, request, context)
        }
        try site.entries.take(for: EntryRoutes.network(context))
        guard let (draft, content) = try await desk.drafts.open(state, platform: type.platform.id),
            try await desk.drafts.use(state)
        else { throw BrowserRoutes.worn }
        return try await consented(draft, content, returned, type, request, context)
    }

    private static let worn = WebError(
        .gone, "state_unknown", "This answer belongs to no sign-in that was begun here within the last hour.",
        advice: "Begin again: Connect account. Nothing was stored.")

    // MARK: Signed in

    private func signedIn(
        _ login: any BrowserLogin, _ draft: DraftBook.Content, _ returned: [(name: String, value: String)],
        _ type: any Connector.Type, _ visitor: Visitor, _ request: Request, _ context: WebContext
    ) async throws -> Response {
        do {
            var access = try await desk.book.signIn(
                login, returned, redirect: draft.redirect ?? "", as: draft.access)
            access.isGuarded = draft.access.isGuarded
            let checked = try await desk.book.check(access)
            if let id = draft.connection {
                return try await replace(id, checked, type, visitor, context)
            }
            let content = DraftBook.Content(checked.access, check: DraftBook.Check(checked, at: site.clock.now))
            let kept = try await desk.drafts.keep(content, for: visitor.user.id)
            return Answer.seeOther("/connect/\(type.platform.id)?draft=\(kept)")
        } catch {
            guard !context.wantsJSON, let loginType = type.login,
                let told = desk.told(error, type.platform, context.words)
            else { throw error }
            let filling = CredentialFilling(
                desk: desk, texts: desk.texts(type, context), zone: try await desk.zone(visitor))
            let page = filling.signIn(loginType, error: told.text)
            var framed = ConnectStep.credential.page("connect-credential", page.headline, page, context.words)
            framed.status = .unprocessableContent
            return try await site.renderer.response(framed, request, context)
        }
    }

    private func replace(
        _ id: ConnectionID, _ checked: ConnectionBook.Checked, _ type: any Connector.Type, _ visitor: Visitor,
        _ context: WebContext
    ) async throws -> Response {
        let stored = try await desk.connection(id.value, visitor)
        try await desk.reconnect(stored, with: checked, type, visitor)
        return Answer.seeOther(try await desk.home(of: stored))
    }

    // MARK: Consent

    /// Whoever comes back has the state that only the person had who began, or to whom the link was sent: the shop
    /// belongs to the workspace of whoever began.
    private func consented(
        _ draft: ConnectionDraft, _ content: DraftBook.Content, _ returned: [(name: String, value: String)],
        _ type: any Connector.Type, _ request: Request, _ context: WebContext
    ) async throws -> Response {
        let opened = try await desk.book.open(returned, with: content.access)
        let who = try await site.store.user(draft.user)?.signature ?? "?"
        for (account, _) in opened {
            try await site.store.record(
                AuditEntry(
                    workspace: draft.workspace, actor: who, action: "Opened an account to the app", subject: account,
                    detail: type.platform.name))
        }
        guard let visitor = context.visitor, visitor.user.id == draft.user, visitor.workspace.id == draft.workspace
        else { return try await thanks(type, request, context) }
        if let id = content.connection, let stored = try? await desk.connection(id.value, visitor),
            opened.contains(where: { $0.connection == id })
        {
            return Answer.seeOther(try await desk.home(of: stored))
        }
        let list = opened.map { "\($0.connection)" }.joined(separator: ",")
        return Answer.seeOther("/connect/\(type.platform.id)/accounts?connection=\(list)")
    }

    /// For the owner of a shop to whom the link was sent: there is nothing more to do.
    private func thanks(
        _ type: any Connector.Type, _ request: Request, _ context: WebContext
    ) async throws -> Response {
        let words = context.words
        if context.wantsJSON { return try Answer.json(Opened()) }
        let page = ErrorPage(
            tone: "ok", icon: "done",
            headline: words.pick("The shop is open to the app", "Cửa hàng đã mở cho ứng dụng"),
            summary: words.pick(
                "Whoever sent you the link goes on from here. You can close this page.",
                "Người gửi liên kết sẽ làm tiếp. Bạn có thể đóng trang này."),
            hasActions: false, actions: [], code: type.platform.name, reference: context.id)
        return try await site.renderer.response(
            Page(template: "error", section: .none, title: page.headline, model: page, isPlain: true), request, context)
    }

    private struct Opened: Encodable { var success = true }
}
