import ConnectorKit
import Hummingbird
import SyncCore
import SyncEngine
import Wording

/// The first two steps of connecting: a platform, and a credential that the platform takes.
struct ConnectRoutes: Sendable {
    let desk: ConnectDesk
    private var site: Site { desk.site }

    init(site: Site) { desk = ConnectDesk(site: site) }

    func add(to router: Router<WebContext>) {
        router.get("connect") { try await choose($0, $1) }
        router.get("connect/:platform") { try await show($0, $1) }
        router.post("connect/:platform") { try await give($0, $1) }
        BrowserRoutes(desk: desk).add(to: router)
        PickRoutes(desk: desk).add(to: router)
        ConnectionRoutes(desk: desk).add(to: router)
    }

    // MARK: A platform

    private func choose(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .act)
        if context.wantsJSON {
            return try Answer.json(
                PlatformsAnswer(platforms: site.environment.connectors.map { PlatformAnswer($0, desk, context.words) }))
        }
        let words = context.words
        let page = ConnectPage(
            headline: words.pick("What do you want to connect?", "Bạn muốn kết nối gì?"),
            summary: words.pick(
                "Sluice reads it into your own database: the last 90 days first, everything older after that.",
                "Sluice đọc về cơ sở dữ liệu của bạn: 90 ngày gần nhất trước, phần cũ hơn sau."),
            platforms: choices(words), hasConnections: false, connections: [])
        return try await site.renderer.response(
            ConnectStep.platform.page(
                "connect", words.pick("Connect an account", "Kết nối tài khoản"),
                try await withKnown(page, visitor, words), words), request, context)
    }

    /// Those that bring data first.
    private func choices(_ words: Words) -> [ConnectPage.Choice] {
        let order = ["meta", "shopee", "pancake", "admitad", "boostiny", "folkform"]
        func rank(_ id: PlatformID) -> Int { order.firstIndex(of: id.rawValue) ?? order.count }
        return site.environment.connectors.map { $0.platform }.sorted { rank($0.id) < rank($1.id) }.map { platform in
            let texts = PlatformTexts(platform: platform, words: words)
            return ConnectPage.Choice(
                letter: texts.letter, name: texts.name, text: texts.contents, href: "/connect/\(platform.id)")
        }
    }

    /// Connections of which more accounts can be chosen. Those that are for one account alone are left out.
    private func withKnown(
        _ page: ConnectPage, _ visitor: Visitor, _ words: Words
    ) async throws -> ConnectPage {
        var page = page
        let accounts = try await site.store.accounts()
        for connection in try await desk.book.connections(of: visitor.workspace.id) where connection.parked == nil {
            guard let type = try? site.environment.connectors.type(of: connection.platform) else { continue }
            let mine = accounts.filter { $0.connection == connection.id }
            let isOfOne = type.name(of: Credential([:]), account: "1") != type.name(of: Credential([:]), account: nil)
            if isOfOne, !mine.isEmpty { continue }
            let texts = PlatformTexts(platform: type.platform, words: words)
            page.connections.append(
                ConnectPage.Known(
                    letter: texts.letter, name: connection.shownName(type.platform),
                    note: words.count(mine.count, "account", "tài khoản"),
                    href: "/connect/\(connection.platform)/accounts?connection=\(connection.id)",
                    label: type.platform.receives == nil
                        ? words.pick("Choose accounts", "Chọn tài khoản")
                        : words.pick("Choose what goes on", "Chọn phần chuyển tiếp")))
        }
        page.hasConnections = !page.connections.isEmpty
        return page
    }

    // MARK: A credential

    private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .act)
        let type = try desk.type(context)
        if context.wantsJSON {
            return try Answer.json(OnePlatformAnswer(platform: PlatformAnswer(type, desk, context.words)))
        }
        let query = Form(query: request)
        let filling = try await filling(type, visitor, context)
        if query["by"] == "sign-in", let login = type.login, desk.login(of: type) != nil {
            return try await answer(filling.signIn(login), request, context)
        }
        let id = query["draft"] ?? ""
        let draft = try await desk.drafts.open(
            id, of: visitor.user.id, in: visitor.workspace.id, platform: type.platform.id)
        return try await answer(
            try page(filling, draft, id: draft == nil ? "" : id, request, type), request, context)
    }

    /// The form; where the accounts are opened by a consent, with the link to that.
    private func page(
        _ filling: CredentialFilling, _ draft: DraftBook.Content?, id: String, _ request: Request,
        _ type: any Connector.Type
    ) throws -> CredentialPage {
        var page = filling.form(draft, id: id, canSignIn: desk.login(of: type) != nil)
        guard let draft, draft.check != nil, try desk.book.needsConsent(draft.access) else { return page }
        let back = desk.callback(type.platform.id, request) + "?state=\(id)"
        if let consent = try desk.book.consent(draft.access, redirect: back) {
            filling.show(consent: consent.address, for: consent.validFor, &page)
            page.next = filling.texts.words.pick("Check and save", "Kiểm tra và lưu")
        }
        return page
    }

    private func give(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .act)
        let type = try desk.type(context)
        try site.runs.take(for: "\(visitor.user.id)")
        let form = try await Form(request, context)
        if context.wantsJSON { return try await connect(form, type, visitor, context) }
        let id = form["draft"]
        let draft = try await id.asyncFlatMap {
            try await desk.drafts.open($0, of: visitor.user.id, in: visitor.workspace.id, platform: type.platform.id)
        }
        var typed = desk.typed(form, type, over: draft, context.words)
        let filling = try await filling(type, visitor, context)
        guard typed.errors.isEmpty, let access = try await desk.access(&typed, type, for: nil, visitor, context.words)
        else {
            return try await again(filling, draft, id ?? "", form, typed.errors, type, request, context)
        }
        if let draft, !typed.isNew, draft.check != nil, form["step"] != "check" {
            return try await keep(draft, id ?? "", type, visitor, request, context)
        }
        do {
            let checked = try await desk.book.check(access)
            let content = DraftBook.Content(
                checked.access, connection: draft?.connection, check: DraftBook.Check(checked, at: site.clock.now))
            let kept = try await desk.drafts.keep(content, for: visitor.user.id, as: draft == nil ? nil : id)
            return Answer.seeOther("/connect/\(type.platform.id)?draft=\(kept)")
        } catch {
            guard let told = desk.told(error, type.platform, context.words) else { throw error }
            // What was typed is not lost, and is not asked for again where another field is the wrong one.
            let content = DraftBook.Content(access, connection: draft?.connection)
            let kept = try await desk.drafts.keep(content, for: visitor.user.id, as: draft == nil ? nil : id)
            return try await again(filling, content, kept, form, [told.field: told.text], type, request, context)
        }
    }

    /// Stores what was checked, and goes on to the accounts.
    private func keep(
        _ draft: DraftBook.Content, _ id: String, _ type: any Connector.Type, _ visitor: Visitor, _ request: Request,
        _ context: WebContext
    ) async throws -> Response {
        // Its accounts are opened by the consent first.
        if try desk.book.needsConsent(draft.access) {
            return Answer.seeOther("/connect/\(type.platform.id)?draft=\(id)")
        }
        let checked = ConnectionBook.Checked(draft)
        guard try await desk.drafts.use(id) else { return Answer.seeOther("/connect/\(type.platform.id)") }
        let connection = try await desk.store(checked, visitor, type.platform)
        return Answer.seeOther("/connect/\(type.platform.id)/accounts?connection=\(connection)")
    }

    // MARK: For programs: all of it at once

    func connect(
        _ form: Form, _ type: any Connector.Type, _ visitor: Visitor, _ context: WebContext
    ) async throws -> Response {
        var typed = desk.typed(form, type, over: nil, context.words)
        guard typed.errors.isEmpty,
            let access = try await desk.access(&typed, type, for: form["account"], visitor, context.words)
        else { throw WebError.invalid(typed.errors) }
        if try desk.book.needsConsent(access) {
            throw WebError.invalid([
                "access_token": "The accounts of this platform are opened in the browser: begin at the page."
            ])
        }
        let checked = try await desk.book.check(access)
        let id = try await desk.store(checked, visitor, type.platform)
        let stored = try await desk.connection(id.value, visitor)
        return try Answer.json(
            ConnectedAnswer(
                connection: ConnectionAnswer(
                    stored, accounts: try await desk.book.accounts(of: id).count, context.words),
                credential: CredentialAnswer(checked, context.words),
                accounts: checked.accounts.map { ReachedAnswer($0, account: nil, context.words) }), .created)
    }

    // MARK: Parts

    private func filling(
        _ type: any Connector.Type, _ visitor: Visitor, _ context: WebContext
    ) async throws -> CredentialFilling {
        CredentialFilling(desk: desk, texts: desk.texts(type, context), zone: try await desk.zone(visitor))
    }

    private func answer(
        _ page: CredentialPage, _ request: Request, _ context: WebContext
    ) async throws -> Response {
        try await site.renderer.response(
            ConnectStep.credential.page("connect-credential", page.headline, page, context.words), request, context)
    }

    private func again(
        _ filling: CredentialFilling, _ draft: DraftBook.Content?, _ id: String, _ form: Form,
        _ errors: [String: String], _ type: any Connector.Type, _ request: Request, _ context: WebContext
    ) async throws -> Response {
        var content = draft
        content?.check = nil
        let page = filling.form(
            content, id: id, typed: form, errors: errors, canSignIn: desk.login(of: type) != nil)
        var framed = ConnectStep.credential.page("connect-credential", page.headline, page, context.words)
        framed.status = .unprocessableContent
        return try await site.renderer.response(framed, request, context)
    }
}

extension ConnectDesk {
    /// The operator's app of a platform, by which people can sign in.
    func login(of type: any Connector.Type) -> (any BrowserLogin)? {
        guard let login = type.login, let app = site.options.apps[type.platform.id] else { return nil }
        return login.init(app: app)
    }

    func store(
        _ checked: ConnectionBook.Checked, _ visitor: Visitor, _ platform: Platform
    ) async throws -> ConnectionID {
        let id = try await book.keep(checked)
        try await site.record(visitor, "Connected a platform", platform.name)
        return id
    }
}

extension ConnectionBook.Checked {
    /// As it was when the draft was checked.
    init(_ draft: DraftBook.Content) {
        self.init(
            access: draft.access, facts: nil,
            accounts: (draft.check?.accounts ?? []).map {
                AccountFacts(externalID: $0, name: $0, currency: AccountFacts.severalCurrencies, zoneName: "UTC")
            }, calls: draft.check?.calls ?? 0)
    }
}

extension Connection {
    /// `Meta`, `Meta (2)`, `Shopee, 2007841/220011`.
    func shownName(_ platform: Platform) -> String {
        if name == "default" { return platform.name }
        if name.hasPrefix("default-") { return "\(platform.name) (\(name.dropFirst(8)))" }
        return "\(platform.name), \(name)"
    }
}

extension Optional {
    func asyncFlatMap<Value>(_ body: (Wrapped) async throws -> Value?) async throws -> Value? {
        guard let self else { return nil }
        return try await body(self)
    }
}
