import ConnectorKit
import Hummingbird
import SyncCore
import SyncEngine
import Wording

/// Connections that are stored: a list, a test, another credential, the end, and where an account goes on to.
struct ConnectionRoutes: Sendable {
    let desk: ConnectDesk
    private var site: Site { desk.site }

    func add(to router: Router<WebContext>) {
        router.get("connections") { try await list($0, $1) }
        router.post("connections") { try await connect($0, $1) }
        router.get("connections/:id") { try await one($0, $1) }
        router.post("connections/:id/check") { try await check($0, $1) }
        router.get("connections/:id/reconnect") { try await reconnectPage($0, $1) }
        router.post("connections/:id/reconnect") { try await reconnect($0, $1) }
        router.get("connections/:id/consent") { try await consent($0, $1) }
        router.get("connections/:id/delete") { try await deletePage($0, $1) }
        router.post("connections/:id/delete") { try await delete($0, $1) }
        router.delete("connections/:id") { try await delete($0, $1) }
        router.post("accounts/:id/destination") { try await pass($0, $1) }
    }

    private struct Done: Encodable, Sendable {
        var success = true
        var cancelled_jobs: Int?
    }

    private struct One: Encodable, Sendable {
        var success = true
        var connection: ConnectionAnswer
    }

    // MARK: Looking

    private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        if !context.wantsJSON { return Answer.seeOther("/accounts") }
        let accounts = try await site.store.accounts()
        let all = try await desk.book.connections(of: visitor.workspace.id).map { connection in
            ConnectionAnswer(
                connection, accounts: accounts.count { $0.connection == connection.id }, context.words)
        }
        return try Answer.json(ConnectionsAnswer(connections: all))
    }

    private func one(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let connection = try await desk.connection(context, visitor)
        if !context.wantsJSON { return Answer.seeOther(try await desk.home(of: connection)) }
        let accounts = try await desk.book.accounts(of: connection.id).count
        return try Answer.json(One(connection: ConnectionAnswer(connection, accounts: accounts, context.words)))
    }

    private func connect(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .act)
        try site.runs.take(for: "\(visitor.user.id)")
        let form = try await Form(request, context)
        let name = form["platform"] ?? ""
        guard let type = site.environment.connectors.first(where: { $0.platform.id.rawValue == name }) else {
            let known = site.environment.connectors.map { $0.platform.id.rawValue }.sorted().joined(separator: ", ")
            throw WebError.invalid(["platform": "Known: \(known)."])
        }
        return try await ConnectRoutes(site: site).connect(form, type, visitor, context)
    }

    // MARK: Testing

    private func check(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .act)
        let connection = try await desk.connection(context, visitor)
        try site.runs.take(for: "\(visitor.user.id)")
        guard !connection.isRemoved else { throw ConnectionRoutes.removed }
        let checked = try await desk.book.check(try desk.book.access(of: connection))
        // What it was parked for is mended: its jobs go on.
        if connection.parked != nil { try await desk.book.replace([connection], with: checked) }
        try await site.record(visitor, "Tested a connection", connection.name, "\(connection.platform)")
        let type = try site.environment.connectors.type(of: connection.platform)
        if context.wantsJSON {
            let mine = try await desk.book.accounts(of: connection.id)
            let stored = try await desk.connection(connection.id.value, visitor)
            return try Answer.json(
                ConnectedAnswer(
                    connection: ConnectionAnswer(stored, accounts: mine.count, context.words),
                    credential: CredentialAnswer(checked, context.words),
                    accounts: checked.accounts.map { facts in
                        ReachedAnswer(
                            facts, account: mine.first { $0.externalID == facts.externalID }?.id, context.words)
                    }))
        }
        return try await tested(connection, checked, type, visitor, request, context)
    }

    static let removed = WebError(
        .conflict, "removed", "The connection was removed.", advice: "Connect again to go on.")

    private func tested(
        _ connection: Connection, _ checked: ConnectionBook.Checked, _ type: any Connector.Type, _ visitor: Visitor,
        _ request: Request, _ context: WebContext
    ) async throws -> Response {
        let filling = CredentialFilling(
            desk: desk, texts: desk.texts(type, context), zone: try await desk.zone(visitor))
        var page = filling.empty
        page.headline = connection.shownName(type.platform)
        page.action = "/connections/\(connection.id)/check"
        page.backHref = "/accounts"
        page.isForm = false
        page.guide = nil
        filling.show(DraftBook.Check(checked, at: site.clock.now), &page, canAsk: false)
        return try await site.renderer.response(
            Page(
                template: "connect-credential", section: .accounts, title: page.headline, model: page,
                parents: [Link(href: "/accounts", label: context.words.pick("Accounts", "Tài khoản"))]),
            request, context)
    }

    // MARK: Another credential

    private func reconnectPage(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .act)
        let connection = try await desk.connection(context, visitor)
        let type = try site.environment.connectors.type(of: connection.platform)
        if try desk.isOpenedByConsent(connection, type) {
            return Answer.seeOther("/connections/\(connection.id)/consent")
        }
        let model = try await desk.reconnectForm(connection, type, context)
        return try await show(model, connection, .ok, request, context)
    }

    private func show(
        _ model: ReconnectForm, _ connection: Connection, _ status: HTTPResponse.Status, _ request: Request,
        _ context: WebContext
    ) async throws -> Response {
        let words = context.words
        var parents = [Link(href: "/accounts", label: words.pick("Accounts", "Tài khoản"))]
        if let account = try await desk.book.accounts(of: connection.id).first {
            parents.append(Link(href: "/accounts/\(account.id)", label: account.name))
        }
        return try await site.renderer.response(
            Page(
                template: "reconnect", section: .accounts, title: words.pick("Reconnect", "Kết nối lại"),
                model: ReconnectPage(headline: model.headline, reconnectForm: model), parents: parents,
                status: status), request, context)
    }

    private func reconnect(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .act)
        let connection = try await desk.connection(context, visitor)
        try site.runs.take(for: "\(visitor.user.id)")
        let type = try site.environment.connectors.type(of: connection.platform)
        let form = try await Form(request, context)
        var draft = DraftBook.Content(
            Access(
                workspace: connection.workspace, platform: connection.platform, name: connection.name,
                baseURL: connection.baseURL, credential: desk.readable(connection, type),
                configuration: connection.configuration))
        draft.access.isGuarded = connection.isGuarded
        // The address stays: only the credential is another.
        var typed = desk.typed(form.without("address").without("base_url"), type, over: draft, context.words)
        let account = try await desk.onlyAccount(of: connection, type)
        guard typed.errors.isEmpty,
            var access = try await desk.access(&typed, type, for: account, visitor, context.words)
        else { return try await refuse(typed.errors, form, connection, type, request, context) }
        access.name = connection.name
        access.isGuarded = connection.isGuarded
        access.configuration = connection.configuration.merging(access.configuration) { $1 }
        do {
            let checked = try await desk.book.check(access)
            if try desk.book.needsConsent(checked.access) {
                return try await begin(consent: checked, connection, visitor, context)
            }
            try await desk.reconnect(connection, with: checked, type, visitor)
        } catch {
            guard let told = desk.told(error, type.platform, context.words) else { throw error }
            return try await refuse([told.field: told.text], form, connection, type, request, context)
        }
        if context.wantsJSON { return try Answer.json(Done()) }
        return Answer.seeOther(try await desk.home(of: connection))
    }

    private func refuse(
        _ errors: [String: String], _ form: Form, _ connection: Connection, _ type: any Connector.Type,
        _ request: Request, _ context: WebContext
    ) async throws -> Response {
        if context.wantsJSON { throw WebError.invalid(errors) }
        let model = try await desk.reconnectForm(connection, type, context, typed: form, errors: errors)
        return try await show(model, connection, .unprocessableContent, request, context)
    }

    /// The shop agrees anew, with the app that is known: leads to the page with the link.
    private func consent(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .act)
        let connection = try await desk.connection(context, visitor)
        let type = try site.environment.connectors.type(of: connection.platform)
        if desk.login(of: type) != nil {
            return Answer.seeOther("/connect/\(connection.platform)/login?connection=\(connection.id)")
        }
        guard try desk.isOpenedByConsent(connection, type) else { throw WebError.notFound }
        try site.runs.take(for: "\(visitor.user.id)")
        let stored = try desk.book.access(of: connection).credential
        let app = Credential(
            stored.values.filter { value in
                type.platform.credentialFields.contains { $0.isRequired && $0.name == value.key }
            })
        var access = Access.given(
            app, of: type, for: nil, at: connection.baseURL, in: connection.workspace,
            known: try await desk.book.connections(of: connection.workspace))
        access.isGuarded = connection.isGuarded
        return try await begin(consent: try await desk.book.check(access), connection, visitor, context)
    }

    /// The app works; its accounts are opened on the page with the link.
    private func begin(
        consent checked: ConnectionBook.Checked, _ connection: Connection, _ visitor: Visitor, _ context: WebContext
    ) async throws -> Response {
        let id = try await desk.drafts.keep(
            DraftBook.Content(
                checked.access, connection: connection.id, check: DraftBook.Check(checked, at: site.clock.now)),
            for: visitor.user.id)
        let page = "/connect/\(connection.platform)?draft=\(id)"
        return context.wantsJSON ? try Answer.json(Begun(page: page)) : Answer.seeOther(page)
    }

    private struct Begun: Encodable, Sendable {
        var success = true
        /// Where a person goes on, in the browser.
        var page: String
    }

    // MARK: Removing

    private func deletePage(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .act)
        let connection = try await desk.connection(context, visitor)
        let model = try await desk.confirmation(of: connection, context)
        let words = context.words
        return try await site.renderer.response(
            Page(
                template: "confirm", section: .accounts, title: words.pick("Remove", "Gỡ"), model: model,
                parents: [Link(href: "/accounts", label: words.pick("Accounts", "Tài khoản"))]), request, context)
    }

    private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .act)
        let connection = try await desk.connection(context, visitor)
        let cancelled = connection.isRemoved ? 0 : try await desk.book.remove(connection, by: visitor.actor)
        if !connection.isRemoved {
            try await site.record(visitor, "Removed a connection", connection.name, "\(connection.platform)")
        }
        return context.wantsJSON ? try Answer.json(Done(cancelled_jobs: cancelled)) : Answer.seeOther("/accounts")
    }

    // MARK: Passing on

    private func pass(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .act)
        let form = try await Form(request, context)
        let account = try await desk.account(context.parameters.get("id").flatMap { Int64($0) }, visitor)
        guard let text = form["destination"] else { throw WebError.invalid(["destination": "An account, or `none`."]) }
        let destination = text == "none" ? nil : try await desk.account(Int64(text), visitor)
        try await desk.book.pass(account, on: destination)
        try await site.record(
            visitor, destination == nil ? "Ended passing on" : "Passes an account on", account.name,
            destination?.name ?? "")
        return context.wantsJSON ? try Answer.json(Done()) : Answer.seeOther("/accounts/\(account.id)")
    }
}
