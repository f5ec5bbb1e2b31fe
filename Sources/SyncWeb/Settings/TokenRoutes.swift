import Hummingbird
import SyncCore
import Wording

/// `settings-tokens.mustache`.
struct TokensPage: Sendable {
    var headline: String
    var summary: String
    var mayChange: Bool
    var tabs: [SettingsTabs.Tab]
    var created: Created?
    var tokens: [TokenRow]
    var hasTokens: Bool
    var origin: String
    var form: Form?

    struct Created: Sendable {
        var name: String
        var secret: String
        var note: String
    }

    struct Form: Sendable {
        var action: String
        var name: SettingField
        var scopes: [Choice]
        var ends: [Choice]
    }

    struct Choice: Sendable {
        var value: String
        var label: String
        var note = ""
        var isChosen: Bool
    }
}

struct TokenBody: Encodable, Sendable {
    var id: Int64
    var name: String
    var prefix: String
    var scopes: [String]
    var created_at: String
    var expires_at: String?
    var last_used_at: String?
    /// Shown once, when it is made.
    var token: String?
    /// Of an answer of its own, not in a list.
    var success: Bool?

    init(_ token: APIToken, secret: String? = nil) {
        id = token.id.value
        name = token.name
        prefix = token.prefix
        scopes = token.scopes.map(\.rawValue)
        created_at = token.createdAt.description
        expires_at = token.expiresAt?.description
        last_used_at = token.usedAt?.description
        self.token = secret
        success = secret == nil ? nil : true
    }
}

/// API tokens: made by owners, shown once, kept as a hash.
struct TokenRoutes: Sendable {
    let site: Site
    let record: RecordReader

    private static let path = SettingsTabs.path + "/tokens"

    func add(to router: Router<WebContext>) {
        router.get("sync/settings/tokens") { try await list($0, $1) }
        router.post("sync/settings/tokens") { try await make($0, $1) }
        router.get("sync/settings/tokens/:id/delete") { try await ask($0, $1) }
        router.post("sync/settings/tokens/:id/delete") { try await revoke($0, $1) }
        router.delete("sync/settings/tokens/:id") { try await revoke($0, $1) }
    }

    private struct List: Encodable {
        var success = true
        var tokens: [TokenBody]
    }

    private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        if context.wantsJSON {
            return try Answer.json(
                List(tokens: try await site.store.tokens(of: visitor.workspace.id).map { TokenBody($0) }))
        }
        return try await show(visitor, Form(), [:], created: nil, request, context)
    }

    private func show(
        _ visitor: Visitor, _ given: Form, _ errors: [String: String], created: TokensPage.Created?,
        _ request: Request, _ context: WebContext
    ) async throws -> Response {
        let words = context.words
        let told = try await record.told(visitor, words)
        let tokens = try await site.store.tokens(of: visitor.workspace.id)
        let ending = tokens.count { token in
            token.expiresAt.map { $0 > told.now && $0 - told.now < .seconds(14 * 86_400) } ?? false
        }
        let count = words.count(tokens.count, "token", "mã API")
        var summary =
            tokens.isEmpty
            ? words.pick("No program may use this workspace yet.", "Chưa chương trình nào được dùng không gian này.")
            : "\(count)."
        if ending > 0 {
            summary += words.pick(
                " \(ending) end\(ending == 1 ? "s" : "") soon; make its successor before, both work side by side.",
                " \(ending) mã sắp hết hạn; hãy tạo mã kế tiếp trước, cả hai cùng dùng được.")
        }
        let model = TokensPage(
            headline: words.pick("API tokens", "Mã API"), summary: summary, mayChange: visitor.may(.own),
            tabs: SettingsTabs.all("/tokens", words), created: created, tokens: tokens.map { TokenRow($0, told) },
            hasTokens: !tokens.isEmpty, origin: site.origin(request), form: form(given, errors, told))
        var page = SettingsTabs.page("settings-tokens", model, words)
        if !errors.isEmpty { page.status = .unprocessableContent }
        return try await site.renderer.response(page, request, context)
    }

    private func form(_ given: Form, _ errors: [String: String], _ told: RunWords) -> TokensPage.Form {
        let words = told.words
        let chosen = Set(given.list("scope") + given.list("scopes"))
        let notes: [(TokenScope, String)] = [
            (.read, words.pick("pages, numbers, exports", "trang, số liệu, xuất dữ liệu")),
            (.run, words.pick("start, pause, stop, retry, schedule", "chạy, tạm dừng, dừng, chạy lại, đặt lịch")),
            (.admin, words.pick("settings, people, tokens", "cài đặt, người dùng, mã API")),
        ]
        let ends: [(String, Int?)] = [("30", 30), ("90", 90), ("365", 365), ("never", nil)]
        let end = given["ends"] ?? "90"
        return TokensPage.Form(
            action: TokenRoutes.path,
            name: SettingField(
                value: given["name"] ?? "",
                error: (errors["name"] ?? errors.values.first).map { EntryPage.Text(text: words.said($0)) }),
            scopes: notes.map { scope, note in
                TokensPage.Choice(
                    value: scope.rawValue, label: scope.rawValue, note: note,
                    isChosen: chosen.isEmpty ? scope == .read : chosen.contains(scope.rawValue))
            },
            ends: ends.map { value, days in
                let label =
                    days.map { days in
                        let day = words.day(told.today.adding(days: days), today: told.today)
                        return words.pick("in \(days) days, \(day)", "sau \(days) ngày, \(day)")
                    } ?? words.pick("never", "không bao giờ")
                return TokensPage.Choice(value: value, label: label, isChosen: value == end)
            })
    }

    private func make(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .own)
        let form = try await Form(request, context)
        try site.runs.take(for: "\(visitor.user.id)")
        let (wanted, errors) = try await token(form, visitor)
        guard errors.isEmpty, var token = wanted else {
            if context.wantsJSON {
                throw WebError.invalid(form.asSent(errors, [["scopes", "scope"], ["expires_in_days", "ends"]]))
            }
            return try await show(visitor, form, errors, created: nil, request, context)
        }
        let secret = Ticket.makeToken()
        token.prefix = String(secret.prefix(8))
        token.hash = Ticket.hash(secret)
        token.id = try await site.store.add(token)
        try await site.record(
            visitor, "Made an API token", token.name, token.scopes.map(\.rawValue).joined(separator: ", "))
        if context.wantsJSON { return try Answer.json(TokenBody(token, secret: secret), .created) }
        let words = context.words
        let scopes = token.scopes.map(\.rawValue).joined(separator: ", ")
        let told = try await record.told(visitor, words)
        let end = token.expiresAt.map { words.day(CivilDate($0, in: told.zone), today: told.today) }
        let note =
            words.pick("may \(scopes).", "được \(scopes).")
            + (end.map { words.pick(" Ends \($0).", " Hết hạn \($0).") } ?? "")
        let created = TokensPage.Created(name: token.name, secret: secret, note: note)
        return try await show(visitor, Form(), [:], created: created, request, context)
    }

    /// What the form asks for; nil with what is wrong about it.
    private func token(_ form: Form, _ visitor: Visitor) async throws -> (APIToken?, [String: String]) {
        var errors: [String: String] = [:]
        let name = form["name"] ?? ""
        let known = try await site.store.tokens(of: visitor.workspace.id)
        errors["name"] =
            name.isEmpty ? "A name is needed: which program uses it?" : GivenName.objection(to: name)
        if known.contains(where: { $0.name == name }) {
            errors["name"] = "A token of this name exists. Say what this one is for."
        }
        let words = form.list("scope") + form.list("scopes")
        let scopes = TokenScope.allCases.filter { words.contains($0.rawValue) }
        if scopes.isEmpty || Set(words).count != scopes.count {
            errors["scope"] = "One or more of `read`, `run`, `admin`."
        }
        var days: Int?
        switch form["ends"] ?? form["expires_in_days"] ?? "90" {
        case "never", "": days = nil
        case let text:
            days = Int(text)
            if days.map({ !(1...3650).contains($0) }) ?? true { errors["ends"] = "A number of days, or `never`." }
        }
        guard errors.isEmpty else { return (nil, errors) }
        let now = site.clock.now
        let token = APIToken(
            id: APITokenID(0), workspace: visitor.workspace.id, user: visitor.user.id, name: name, prefix: "", hash: "",
            scopes: scopes, createdAt: now, expiresAt: days.map { now + .seconds($0 * 86_400) })
        return (token, [:])
    }

    private func token(_ visitor: Visitor, _ context: WebContext) async throws -> APIToken {
        let id = context.parameters.get("id", as: Int64.self).map { APITokenID($0) }
        guard let token = try await site.store.tokens(of: visitor.workspace.id).first(where: { $0.id == id }) else {
            throw WebError.notFound
        }
        return token
    }

    private func ask(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .own)
        let token = try await token(visitor, context)
        let words = context.words
        let told = try await record.told(visitor, words)
        let used =
            token.usedAt.map {
                words.pick(" It was last used at \(told.near($0)).", " Dùng lần cuối lúc \(told.near($0)).")
            }
            ?? words.pick(" It was never used.", " Chưa từng dùng.")
        let model = ConfirmPage(
            headline: words.pick("Revoke the token “\(token.name)”?", "Thu hồi mã “\(token.name)”?"),
            text: words.pick("What uses it is refused from now on.", "Chương trình dùng mã này bị từ chối từ bây giờ.")
                + used, button: words.pick("Revoke token", "Thu hồi mã"), action: request.uri.path,
            keepHref: TokenRoutes.path)
        return try await site.renderer.response(
            SettingsTabs.confirmation(model, "/tokens", words), request, context)
    }

    private func revoke(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .own)
        let token = try await token(visitor, context)
        _ = try await site.store.revoke(token.id, in: visitor.workspace.id)
        try await site.record(visitor, "Revoked an API token", token.name)
        return context.wantsJSON ? try Answer.json(EntryRoutes.Done()) : Answer.seeOther(TokenRoutes.path)
    }
}
