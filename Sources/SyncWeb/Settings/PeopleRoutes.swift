import Crypto
import Hummingbird
import SyncCore
import Wording

/// Who works in a workspace. Everybody may look; owners invite, change and remove. A link is shown once, to who made
/// it.
struct PeopleRoutes: Sendable {
    let site: Site
    let record: RecordReader

    private static let path = SettingsTabs.path + "/people"

    func add(to router: Router<WebContext>) {
        router.get("sync/settings/people") { try await list($0, $1) }
        router.post("sync/settings/people") { try await invite($0, $1) }
        router.post("sync/settings/people/:id/role") { try await setRole($0, $1) }
        router.get("sync/settings/people/:id/delete") { try await askToRemove($0, $1) }
        router.post("sync/settings/people/:id/delete") { try await remove($0, $1) }
        router.delete("sync/settings/people/:id") { try await remove($0, $1) }
        router.post("sync/settings/people/:id/sign-out") { try await signOut($0, $1) }
        router.post("sync/settings/people/:id/password") { try await offerPassword($0, $1) }
        router.get("sync/settings/people/invitations/:id/delete") { try await askToWithdraw($0, $1) }
        router.post("sync/settings/people/invitations/:id/delete") { try await withdraw($0, $1) }
    }

    // MARK: The list

    private struct List: Encodable {
        var success = true
        var people: [PersonBody]
        var invitations: [InvitationBody]
    }

    private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        if context.wantsJSON {
            let links = try await site.store.links(of: visitor.workspace.id, kind: .invitation)
            return try Answer.json(
                List(
                    people: try await site.store.members(of: visitor.workspace.id).map { PersonBody($0) },
                    invitations: links.map { InvitationBody($0) }))
        }
        let asks = Form(query: request).values["invite"] != nil && visitor.may(.own)
        let invite = asks ? form(Form(), [:], context.words) : nil
        return try await show(visitor, invite: invite, invited: nil, request, context)
    }

    private func form(_ form: Form, _ errors: [String: String], _ words: Words) -> PeoplePage.Invite {
        PeoplePage.Invite(
            action: PeopleRoutes.path, mail: form["mail"] ?? form["email"] ?? "",
            error: errors.values.first.map { EntryPage.Text(text: words.said($0)) },
            roles: PeoplePage.roles(form["role"].flatMap(Role.init) ?? .viewer, words))
    }

    private func show(
        _ visitor: Visitor, invite: PeoplePage.Invite?, invited: PeoplePage.Invited?, _ request: Request,
        _ context: WebContext, _ status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let words = context.words
        let workspace = visitor.workspace.id
        let told = try await record.told(visitor, words)
        let members = try await site.store.members(of: workspace)
        let links = try await site.store.links(of: workspace, kind: .invitation)
        let tokens = try await site.store.tokens(of: workspace)
        let people = words.count(members.count, "person", "người")
            .replacing("persons", with: "people")
        let model = PeoplePage(
            headline: words.pick("People and access", "Người dùng và quyền"),
            summary: "\(people), \(words.count(tokens.count, "API token", "mã API")). "
                + words.pick(
                    "Everyone sees the same accounts; roles decide who may start, stop and change.",
                    "Mọi người thấy cùng các tài khoản; vai trò quyết định ai được chạy, dừng và sửa."),
            mayChange: visitor.may(.own), tabs: SettingsTabs.all("/people", words), invited: invited, invite: invite,
            people: members.map { person($0, visitor, told) }, hasInvitations: !links.isEmpty,
            invitations: links.map { invitation($0, told) }, rights: PeoplePage.rights(words),
            tokens: tokens.map { TokenRow($0, told) }, hasTokens: !tokens.isEmpty,
            audit: try await record.part(AuditFilter(workspace: workspace), before: nil, limit: 6, told))
        var page = SettingsTabs.page("settings-people", model, words)
        page.status = status
        return try await site.renderer.response(page, request, context)
    }

    private func person(_ member: Member, _ visitor: Visitor, _ told: RunWords) -> PeoplePage.Person {
        let isYou = member.user.id == visitor.user.id
        let seen = member.seenAt.map { told.near($0) } ?? told.words.pick("not yet", "chưa vào")
        return PeoplePage.Person(
            id: "\(member.user.id)", initials: FrameFacts.initials(member.user.name), name: member.user.name,
            mail: member.user.email, seen: isYou && visitor.session != nil ? told.words.pick("now", "vừa xong") : seen,
            isYou: isYou, mayEdit: visitor.may(.own), roles: PeoplePage.roles(member.role, told.words))
    }

    private func invitation(_ link: OneTimeLink, _ told: RunWords) -> PeoplePage.Invitation {
        let until = told.words.day(CivilDate(link.expiresAt, in: told.zone), today: told.today)
        return PeoplePage.Invitation(
            mail: link.email, role: told.words.role(link.role),
            until: told.words.pick("valid until \(until)", "dùng được đến \(until)"),
            cancelHref: "\(PeopleRoutes.path)/invitations/\(Invitations.id(link.email))/delete")
    }

    // MARK: Inviting

    private func invite(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .own)
        let form = try await Form(request, context)
        try site.runs.take(for: "\(visitor.user.id)")
        let email = (form["mail"] ?? form["email"] ?? "").lowercased()
        var errors: [String: String] = [:]
        if let objection = Invitations.objection(to: email) { errors["mail"] = objection }
        let role = form["role"].map { Role(rawValue: $0) } ?? .viewer
        if role == nil { errors["role"] = "`viewer`, `operator` or `owner`." }
        if errors.isEmpty, let known = try await site.store.user(email: email),
            try await site.store.role(of: known.id, in: visitor.workspace.id) != nil
        {
            errors["mail"] = "This person is in the workspace already."
        }
        guard errors.isEmpty, let role else {
            if context.wantsJSON { throw WebError.invalid(form.asSent(errors, [["email", "mail"]])) }
            let again = self.form(form, errors, context.words)
            return try await show(
                visitor, invite: again, invited: nil, request, context, .unprocessableContent)
        }
        let (link, url) = try await offer(.invitation, to: email, as: role, user: nil, visitor, request)
        try await site.record(visitor, "Invited a person", email, role.rawValue)
        if context.wantsJSON { return try Answer.json(InvitationBody(link, url: url), .created) }
        let words = context.words
        let until = try await self.until(link, visitor, words)
        let text = words.pick(
            "\(email) can join with this link until \(until). It works once.",
            "\(email) tham gia bằng liên kết này đến \(until). Dùng một lần.")
        return try await show(
            visitor, invite: nil, invited: PeoplePage.Invited(text: text, link: url), request, context)
    }

    private func until(_ link: OneTimeLink, _ visitor: Visitor, _ words: Words) async throws -> String {
        let told = try await record.told(visitor, words)
        return words.day(CivilDate(link.expiresAt, in: told.zone), today: told.today)
    }

    private func offer(
        _ kind: OneTimeLink.Kind, to email: String, as role: Role, user: UserID?, _ visitor: Visitor,
        _ request: Request
    ) async throws -> (OneTimeLink, String) {
        let code = Ticket.make()
        let now = site.clock.now
        let length: Duration = kind == .invitation ? .seconds(7 * 86_400) : .seconds(86_400)
        let link = OneTimeLink(
            hash: Ticket.hash(code), kind: kind, workspace: visitor.workspace.id, user: user, email: email, role: role,
            createdAt: now, expiresAt: now + length)
        try await site.store.offer(link)
        let path = kind == .invitation ? "invitation" : "password"
        return (link, "\(site.origin(request))/\(path)?code=\(code)")
    }

    private func invitation(_ visitor: Visitor, _ context: WebContext) async throws -> OneTimeLink {
        let id = context.parameters.get("id")
        let links = try await site.store.links(of: visitor.workspace.id, kind: .invitation)
        guard let link = links.first(where: { Invitations.id($0.email) == id }) else { throw WebError.notFound }
        return link
    }

    private func askToWithdraw(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .own)
        let link = try await invitation(visitor, context)
        let words = context.words
        let model = ConfirmPage(
            headline: words.pick("Withdraw the invitation of \(link.email)?", "Rút lời mời \(link.email)?"),
            text: words.pick("The link does not work from now on.", "Liên kết không dùng được nữa."),
            button: words.pick("Withdraw invitation", "Rút lời mời"), action: request.uri.path,
            keepHref: PeopleRoutes.path)
        return try await site.renderer.response(
            SettingsTabs.confirmation(model, "/people", words), request, context)
    }

    private func withdraw(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .own)
        let link = try await invitation(visitor, context)
        _ = try await site.store.withdraw(.invitation, for: link.email, in: visitor.workspace.id)
        try await site.record(visitor, "Withdrew an invitation", link.email)
        return try done(context)
    }

    // MARK: Changing

    /// Throws 404 for who is no member of the visitor's workspace.
    private func member(_ visitor: Visitor, _ context: WebContext) async throws -> (user: User, role: Role) {
        guard let id = context.parameters.get("id", as: Int64.self).map({ UserID($0) }),
            let role = try await site.store.role(of: id, in: visitor.workspace.id),
            let user = try await site.store.user(id)
        else { throw WebError.notFound }
        return (user: user, role: role)
    }

    private static let lastOwner = WebError(
        .conflict, "last_owner", "A workspace keeps at least one owner.", advice: "Make somebody else an owner first.")

    private func setRole(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .own)
        let member = try await member(visitor, context)
        let form = try await Form(request, context)
        guard let role = form["role"].flatMap(Role.init(rawValue:)) else {
            throw WebError.invalid(["role": "`viewer`, `operator` or `owner`."])
        }
        guard role != member.role else { return try done(context) }
        guard try await site.store.set(role, of: member.user.id, in: visitor.workspace.id) else {
            throw PeopleRoutes.lastOwner
        }
        try await site.record(visitor, "Changed a role", member.user.email, "\(member.role.rawValue), \(role.rawValue)")
        return try done(context)
    }

    private func askToRemove(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .own)
        let member = try await member(visitor, context)
        let words = context.words
        let model = ConfirmPage(
            headline: words.pick("Remove \(member.user.name)?", "Gỡ \(member.user.name)?"),
            text: words.pick(
                "What they started and scheduled stays. Their sessions and tokens here end now.",
                "Việc họ đã chạy và đặt lịch vẫn giữ. Phiên và mã API của họ ở đây hết hiệu lực ngay."),
            button: words.pick("Remove person", "Gỡ người này"), action: request.uri.path,
            keepHref: PeopleRoutes.path)
        return try await site.renderer.response(
            SettingsTabs.confirmation(model, "/people", words), request, context)
    }

    private func remove(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .own)
        let member = try await member(visitor, context)
        guard try await site.store.set(nil, of: member.user.id, in: visitor.workspace.id) else {
            throw PeopleRoutes.lastOwner
        }
        // A token does nothing without its maker; nobody is left to miss it.
        for token in try await site.store.tokens(of: visitor.workspace.id) where token.user == member.user.id {
            _ = try await site.store.revoke(token.id, in: visitor.workspace.id)
        }
        try await site.record(visitor, "Removed a person", member.user.email)
        return try done(context)
    }

    /// In this workspace: others are no business of its owners.
    private func signOut(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .own)
        let member = try await member(visitor, context)
        for session in try await site.store.sessions(of: member.user.id)
        where session.workspace == visitor.workspace.id && session.hash != visitor.session {
            try await site.store.end(session: session.hash)
        }
        try await site.record(visitor, "Signed a person out", member.user.email)
        return try done(context)
    }

    private struct Offered: Encodable {
        var success = true
        var email: String
        var link: String
        var expires_at: String
    }

    /// A link by which a member chooses a new password. Whoever gets it is that person everywhere: so it is offered
    /// only where all workspaces of the person are the visitor's own.
    private func offerPassword(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .own)
        let member = try await member(visitor, context)
        try site.runs.take(for: "\(visitor.user.id)")
        for place in try await site.store.workspaces(of: member.user.id) {
            guard try await site.store.role(of: visitor.user.id, in: place.workspace.id) == .owner else {
                throw WebError(
                    .conflict, "elsewhere", "This person also belongs to a workspace that is not yours.",
                    advice: "They change their password under Settings, You.")
            }
        }
        let (link, url) = try await offer(
            .password, to: member.user.email, as: member.role, user: member.user.id, visitor, request)
        try await site.record(visitor, "Made a link for a new password", member.user.email)
        if context.wantsJSON {
            return try Answer.json(
                Offered(email: member.user.email, link: url, expires_at: link.expiresAt.description), .created)
        }
        let words = context.words
        let text = words.pick(
            "\(member.user.name) chooses a new password with this link, within a day. It works once.",
            "\(member.user.name) chọn mật khẩu mới bằng liên kết này, trong một ngày. Dùng một lần.")
        return try await show(
            visitor, invite: nil, invited: PeoplePage.Invited(text: text, link: url), request, context)
    }

    private func done(_ context: WebContext) throws -> Response {
        context.wantsJSON ? try Answer.json(EntryRoutes.Done()) : Answer.seeOther(PeopleRoutes.path)
    }
}

enum Invitations {
    /// For addresses: an e-mail address does not stand in one.
    static func id(_ email: String) -> String { String(HexText.of(SHA256.hash(data: Array(email.utf8))).prefix(16)) }

    static func objection(to email: String) -> String? {
        let parts = email.split(separator: "@", omittingEmptySubsequences: false)
        let isAddress =
            parts.count == 2 && !parts.contains(where: \.isEmpty) && email.count <= 254
            && !email.contains(where: \.isWhitespace)
        return isAddress ? nil : "An e-mail address, like linh@annhien.example."
    }
}

extension Site {
    /// Scheme and host as people reach it: as it was said at the start, else as the call came.
    func origin(_ request: Request) -> String {
        options.publicURL ?? "http://\(request.head.authority ?? "localhost")"
    }
}
