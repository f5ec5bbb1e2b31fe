import ConnectorKit
import Hummingbird
import SyncCore
import SyncEngine
import Wording

/// Who is told of what, and what became of the messages. Everybody may look, owners change.
struct NoticeRoutes: Sendable {
    let site: Site
    let record: RecordReader
    private var book: TargetBook { TargetBook(site.store, site.environment) }

    static let path = SettingsTabs.path + "/notifications"
    private static let mostRows = 100
    /// How long a page waits for the answer to a test message; most receivers are faster.
    private static let patience = 30

    func add(to router: Router<WebContext>) {
        router.get("sync/settings/notifications") { try await list($0, $1) }
        router.post("sync/settings/notifications") { try await make($0, $1) }
        router.post("sync/settings/notifications/:id") { try await change($0, $1) }
        router.put("sync/settings/notifications/:id") { try await change($0, $1) }
        router.post("sync/settings/notifications/:id/toggle") { try await toggle($0, $1) }
        router.post("sync/settings/notifications/:id/test") { try await test($0, $1) }
        router.get("sync/settings/notifications/:id/delete") { try await ask($0, $1) }
        router.post("sync/settings/notifications/:id/delete") { try await remove($0, $1) }
        router.delete("sync/settings/notifications/:id") { try await remove($0, $1) }
        router.post("sync/settings/notifications/deliveries/:id/resend") { try await resend($0, $1) }
    }

    // MARK: Looking

    private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        if context.wantsJSON {
            let targets = try await site.store.noticeTargets(of: visitor.workspace.id)
            let deliveries = try await site.store.deliveries(of: visitor.workspace.id, limit: NoticeRoutes.mostRows)
            return try Answer.json(
                TargetsBody(
                    targets: targets.map { TargetBody($0) }, deliveries: deliveries.map { DeliveryBody($0) }))
        }
        let query = Form(query: request)
        guard visitor.may(.own) else { return try await show(visitor, nil, request, context) }
        if let id = query["edit"].flatMap({ Int64($0) }) {
            let desk = try desk(try await target(NoticeTargetID(id), visitor), context)
            guard let kind = desk.target?.kind else { throw WebError.notFound }
            var form = desk.form(kind, Form(), [:])
            form.test = try await tested(query, visitor, context)
            return try await show(visitor, form, request, context)
        }
        let kind = query["add"].flatMap { NoticeTarget.Kind(rawValue: $0) }
        return try await show(
            visitor, kind.map { TargetDesk(site: site, words: context.words).form($0, Form(), [:]) }, request, context)
    }

    private func show(
        _ visitor: Visitor, _ form: TargetForm?, created: TargetsPage.Created? = nil, isWrong: Bool = false,
        _ request: Request, _ context: WebContext
    ) async throws -> Response {
        let store = site.store
        let workspace = visitor.workspace.id
        let deliveries = try await store.deliveries(of: workspace, limit: NoticeRoutes.mostRows)
        let notices = try await store.notices(of: workspace, before: nil, limit: NoticeRoutes.mostRows * 2)
        let view = TargetsView(
            told: try await record.told(visitor, context.words), targets: try await store.noticeTargets(of: workspace),
            last: try await store.lastDeliveries(of: workspace), deliveries: deliveries,
            notices: Dictionary(uniqueKeysWithValues: notices.map { ($0.id, $0) }), mayChange: visitor.may(.own),
            names: site.platformNames)
        var model = view.page()
        model.form = form
        model.created = created
        var page = SettingsTabs.page("settings-notifications", model, context.words)
        if isWrong { page.status = .unprocessableContent }
        return try await site.renderer.response(page, request, context)
    }

    /// What became of the test message that the address names.
    private func tested(_ query: Form, _ visitor: Visitor, _ context: WebContext) async throws -> TargetForm.Test? {
        guard let id = query["tested"].flatMap({ Int64($0) }),
            let delivery = try await site.store.delivery(DeliveryID(id), in: visitor.workspace.id)
        else { return nil }
        let words = context.words
        let mark = words.state(delivery, try await record.told(visitor, words))
        if delivery.state == .completed {
            return TargetForm.Test(
                icon: mark.icon, tone: mark.tone,
                lead: words.pick("The test message arrived.", "Tin thử đã tới."), rest: mark.text)
        }
        let isTried = !delivery.answer.isEmpty
        return TargetForm.Test(
            icon: mark.icon, tone: mark.tone,
            lead: isTried
                ? words.pick("The test message did not arrive.", "Tin thử chưa tới.")
                : words.pick("The test message is on its way.", "Tin thử đang được gửi."),
            rest: isTried ? mark.text : words.pick("Reload to see what becomes of it.", "Tải lại để xem kết quả."))
    }

    // MARK: Changing

    private func desk(_ target: NoticeTarget, _ context: WebContext) throws -> TargetDesk {
        TargetDesk(site: site, words: context.words, target: target, secrets: try? book.secrets(of: target))
    }

    private func target(_ id: NoticeTargetID?, _ visitor: Visitor) async throws -> NoticeTarget {
        let targets = try await site.store.noticeTargets(of: visitor.workspace.id)
        guard let target = targets.first(where: { $0.id == id }) else { throw WebError.notFound }
        return target
    }

    private func target(_ context: WebContext, _ visitor: Visitor) async throws -> NoticeTarget {
        try await target(context.parameters.get("id", as: Int64.self).map { NoticeTargetID($0) }, visitor)
    }

    private func make(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .own)
        let form = try await Form(request, context)
        try site.runs.take(for: "\(visitor.user.id)")
        let desk = TargetDesk(site: site, words: context.words)
        guard let kind = desk.kind(form) else { throw WebError.invalid(["kind": "`mail`, `slack` or `webhook`."]) }
        var read = await desk.read(form, kind)
        var made: (id: NoticeTargetID, secret: Secret<String>?)?
        if read.errors.isEmpty {
            made = try await book.add(read.draft, to: visitor.workspace.id)
            if made == nil { read.errors["name"] = taken(context.words) }
        }
        guard let made else { return try await refuse(desk, kind, form, read.errors, visitor, request, context) }
        try await site.record(
            visitor, "Added a target for notices", read.draft.name, context.words.targetKind(kind))
        let target = try await target(made.id, visitor)
        if context.wantsJSON {
            return try Answer.json(TargetBody.alone(target, secret: made.secret?.reveal()), .created)
        }
        let isTest = form["step"] == "test"
        if let secret = made.secret, read.draft.secret == nil {
            if isTest { _ = try await book.test(made.id, in: visitor.workspace.id) }
            return try await show(
                visitor, nil, created: TargetsPage.Created(name: target.name, secret: secret.reveal()), request, context
            )
        }
        return isTest ? try await test(target, visitor, context) : Answer.seeOther(NoticeRoutes.path)
    }

    private func change(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .own)
        let target = try await target(context, visitor)
        let form = try await Form(request, context)
        try site.runs.take(for: "\(visitor.user.id)")
        let desk = try desk(target, context)
        var read = await desk.read(form, target.kind)
        if read.errors.isEmpty, try await !book.change(target, to: read.draft) {
            read.errors["name"] = taken(context.words)
        }
        guard read.errors.isEmpty else {
            return try await refuse(desk, target.kind, form, read.errors, visitor, request, context)
        }
        try await site.record(visitor, "Changed a target for notices", read.draft.name)
        let changed = try await self.target(target.id, visitor)
        if context.wantsJSON { return try Answer.json(TargetBody.alone(changed)) }
        return form["step"] == "test"
            ? try await test(changed, visitor, context) : Answer.seeOther(NoticeRoutes.path)
    }

    private func taken(_ words: Words) -> String {
        words.pick(
            "Another target has this name, or somebody has just changed this one.",
            "Nơi nhận khác đã dùng tên này, hoặc ai đó vừa sửa nơi nhận này.")
    }

    private func refuse(
        _ desk: TargetDesk, _ kind: NoticeTarget.Kind, _ form: Form, _ errors: [String: String], _ visitor: Visitor,
        _ request: Request, _ context: WebContext
    ) async throws -> Response {
        if context.wantsJSON { throw WebError.invalid(form.asSent(errors, [["event", "events"]])) }
        return try await show(visitor, desk.form(kind, form, errors), isWrong: true, request, context)
    }

    private func toggle(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .own)
        let target = try await target(context, visitor)
        _ = try await site.store.turn(target.id, on: !target.isOn, in: visitor.workspace.id)
        try await site.record(
            visitor, target.isOn ? "Turned a target for notices off" : "Turned a target for notices on", target.name)
        if context.wantsJSON { return try Answer.json(TargetBody.alone(try await self.target(target.id, visitor))) }
        return Answer.seeOther(NoticeRoutes.path)
    }

    private func ask(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .own)
        let target = try await target(context, visitor)
        let words = context.words
        let model = ConfirmPage(
            headline: words.pick("Delete the target “\(target.name)”?", "Xoá nơi nhận “\(target.name)”?"),
            text: words.pick(
                "It gets no more messages, and its part of the log of messages goes. Notices stay on the page.",
                "Nơi này không nhận tin nữa, phần nhật ký tin của nó bị xoá. Thông báo vẫn còn trên trang."),
            button: words.pick("Delete target", "Xoá nơi nhận"), action: request.uri.path,
            keepHref: NoticeRoutes.path)
        return try await site.renderer.response(
            SettingsTabs.confirmation(model, "/notifications", words), request, context)
    }

    private func remove(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .own)
        let target = try await target(context, visitor)
        _ = try await site.store.removeTarget(target.id, in: visitor.workspace.id)
        try await site.record(visitor, "Deleted a target for notices", target.name)
        return context.wantsJSON ? try Answer.json(EntryRoutes.Done()) : Answer.seeOther(NoticeRoutes.path)
    }

    // MARK: Sending

    private func test(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .own)
        let target = try await target(context, visitor)
        try site.runs.take(for: "\(visitor.user.id)")
        return try await test(target, visitor, context)
    }

    /// The message goes the way of all others; a page waits a moment for what becomes of it.
    private func test(_ target: NoticeTarget, _ visitor: Visitor, _ context: WebContext) async throws -> Response {
        let workspace = visitor.workspace.id
        guard let id = try await book.test(target.id, in: workspace) else { throw WebError.notFound }
        try await site.record(visitor, "Sent a test message", target.name)
        if context.wantsJSON {
            guard let delivery = try await site.store.delivery(id, in: workspace) else { throw WebError.notFound }
            return try Answer.json(DeliveryBody.alone(delivery), .accepted)
        }
        for _ in 0..<NoticeRoutes.patience {
            if try await site.store.delivery(id, in: workspace)?.answer.isEmpty == false { break }
            try await site.environment.clock.sleep(for: .milliseconds(100))
        }
        return Answer.seeOther("\(NoticeRoutes.path)?edit=\(target.id)&tested=\(id)")
    }

    private func resend(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .own)
        try site.runs.take(for: "\(visitor.user.id)")
        guard let id = context.parameters.get("id", as: Int64.self).map({ DeliveryID($0) }),
            let delivery = try await site.store.delivery(id, in: visitor.workspace.id)
        else { throw WebError.notFound }
        guard try await site.store.resend(id, in: visitor.workspace.id) else {
            throw WebError(.conflict, "pending", "This message is on its way already.", advice: "Nothing was changed.")
        }
        let target = try await target(delivery.target, visitor)
        try await site.record(visitor, "Sent a message once more", target.name)
        guard context.wantsJSON else { return Answer.seeOther(NoticeRoutes.path) }
        guard let again = try await site.store.delivery(id, in: visitor.workspace.id) else { throw WebError.notFound }
        return try Answer.json(DeliveryBody.alone(again), .accepted)
    }
}

extension Site {
    var platformNames: [PlatformID: String] {
        Dictionary(
            environment.connectors.map { ($0.platform.id, $0.platform.name) }, uniquingKeysWith: { first, _ in first })
    }
}
