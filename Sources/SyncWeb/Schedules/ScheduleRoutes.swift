import HTTPTypes
import Hummingbird
import SyncCore
import SyncEngine
import Wording

/// `/sync/schedules`: what runs when. The same addresses serve the page and programs.
struct ScheduleRoutes: Sendable {
    let site: Site
    var book: ScheduleBook { ScheduleBook(site.environment) }

    func add(to router: Router<WebContext>) {
        let here = router.group("sync/schedules")
        here.get { try await list($0, $1) }
        here.post { try await create($0, $1) }
        here.get("create") { try await createPage($0, $1) }
        here.post("preview") { try await preview($0, $1) }
        here.get("{id}") { try await one($0, $1) }
        here.get("{id}/edit") { try await editPage($0, $1) }
        here.put("{id}") { try await edit($0, $1) }
        here.post("{id}/edit") { try await edit($0, $1) }
        here.delete("{id}") { try await delete($0, $1) }
        here.get("{id}/delete") { try await deletePage($0, $1) }
        here.post("{id}/delete") { try await delete($0, $1) }
        here.post("{id}/toggle") { try await toggle($0, $1) }
        here.post("{id}/run") { try await run($0, $1) }
    }

    static let home = "/sync/schedules"

    // MARK: Looking

    private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        if context.wantsJSON {
            let entries = try await book.list(in: visitor.workspace.id)
            return try Answer.json(ScheduleAnswers.Listed(schedules: entries.map { .init($0) }))
        }
        let page = try await SchedulesPage.page(site, visitor, Form(query: request), context.words)
        return try await site.renderer.response(page, request, context)
    }

    private func one(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let schedule = try await schedule(context, visitor)
        guard context.wantsJSON else {
            // Whoever may not change it sees what it has done.
            let isReader = !visitor.may(.act)
            return Answer.seeOther(
                isReader ? "/sync/logs?schedule=\(schedule.id)" : "\(ScheduleRoutes.home)/\(schedule.id)/edit")
        }
        let runs = try await site.store.runs(of: schedule.id, limit: 20)
        return try Answer.json(
            ScheduleAnswers.One(
                schedule: .init(try await book.entry(schedule.id)), runs: runs.map(ScheduleAnswers.Run.init)))
    }

    private func createPage(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .act)
        let desk = try await ScheduleDesk(site, visitor)
        var draft = ScheduleDraft(zone: desk.zone.name)
        if context.wantsJSON { return try Answer.json(desk.options) }
        draft.targets = Form(query: request).list("target")
        return try await show(draft, of: nil, [:], desk, request, context)
    }

    private func editPage(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .act)
        let schedule = try await schedule(context, visitor)
        if context.wantsJSON {
            return try Answer.json(ScheduleAnswers.One(schedule: .init(try await book.entry(schedule.id))))
        }
        let desk = try await ScheduleDesk(site, visitor)
        return try await show(ScheduleDraft(schedule), of: schedule, [:], desk, request, context)
    }

    private func deletePage(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .act)
        let schedule = try await schedule(context, visitor)
        return try await site.renderer.response(
            ScheduleRoutes.confirmation(of: schedule, context.words), request, context)
    }

    /// What a draft comes to, without keeping it.
    private func preview(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let form = try await Form(request, context)
        let desk = try await ScheduleDesk(site, visitor)
        let isPart = site.renderer.isPart(request)
        var draft = ScheduleDraft(zone: desk.zone.name)
        draft.take(form)
        let preview = try await desk.preview(draft, context.words)
        if isPart {
            return try site.renderer.region(
                "schedule-editor-preview", ScheduleEditorPage.PreviewRegion(preview: preview.model), context.words)
        }
        return try Answer.json(preview.answer)
    }

    // MARK: Changing

    private func create(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.actor(context)
        let form = try await Form(request, context)
        let desk = try await ScheduleDesk(site, visitor)
        var draft = ScheduleDraft(zone: desk.zone.name)
        draft.take(form)
        if form["step"] != nil { return try await show(draft, of: nil, [:], desk, request, context) }
        let (definition, errors) = draft.definition(in: visitor.workspace.id, desk.known)
        guard let definition else { return try await again(draft, of: nil, errors, desk, request, context) }
        let entry: ScheduleBook.Entry
        do {
            entry = try await book.create(definition, by: visitor.actor)
        } catch EngineError.configuration(let why) {
            return try await again(draft, of: nil, ScheduleRoutes.field(why), desk, request, context)
        }
        try await site.record(visitor, "Made a schedule", definition.name)
        guard context.wantsJSON else { return Answer.seeOther(ScheduleRoutes.home) }
        let message = context.words.pick("The schedule was made", "Đã tạo lịch chạy")
        return try Answer.json(ScheduleAnswers.One(message: message, schedule: .init(entry)), .created)
    }

    private func edit(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.actor(context)
        let schedule = try await schedule(context, visitor)
        let form = try await Form(request, context)
        let desk = try await ScheduleDesk(site, visitor)
        var draft = ScheduleDraft(schedule)
        draft.take(form)
        if form["step"] != nil { return try await show(draft, of: schedule, [:], desk, request, context) }
        let (definition, errors) = draft.definition(in: visitor.workspace.id, desk.known)
        guard let definition else { return try await again(draft, of: schedule, errors, desk, request, context) }
        if !draft.version.isEmpty, draft.version != "\(schedule.version)" {
            guard !context.wantsJSON else { throw ScheduleRoutes.changed }
            // What was typed stays, and is kept by the next click.
            draft.version = "\(schedule.version)"
            return try await again(draft, of: schedule, ["name": ScheduleRoutes.overwrites], desk, request, context)
        }
        let entry: ScheduleBook.Entry
        do {
            entry = try await book.edit(schedule.id, by: visitor.actor) { stored in
                guard stored == schedule.definition else { throw ScheduleRoutes.changed }
                stored = definition
            }
        } catch EngineError.configuration(let why) {
            return try await again(draft, of: schedule, ScheduleRoutes.field(why), desk, request, context)
        }
        try await site.record(visitor, "Changed a schedule", definition.name)
        return try answer(entry, context.words.pick("The schedule was saved", "Đã lưu lịch chạy"), context)
    }

    private static let overwrites =
        "Somebody else has changed this schedule meanwhile. Save once more to replace it by what stands here."

    private static let changed = WebError(
        .conflict, "changed_meanwhile", "Somebody else has changed this schedule meanwhile.",
        advice: "Open it again to see what it is now.")

    private func toggle(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.actor(context)
        let schedule = try await schedule(context, visitor)
        let isActive = try await Form(request, context).flag("is_active") ?? !schedule.definition.isActive
        let entry = try await book.setActive(isActive, schedule.id, by: visitor.actor)
        try await site.record(
            visitor, isActive ? "Turned a schedule on" : "Paused a schedule", schedule.definition.name)
        let words = context.words
        return try answer(
            entry,
            isActive
                ? words.pick("The schedule is on", "Đã bật lịch chạy")
                : words.pick("The schedule is paused", "Đã tạm dừng lịch chạy"), context)
    }

    private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.actor(context)
        let schedule = try await schedule(context, visitor)
        try await book.delete(schedule.id, by: visitor.actor)
        try await site.record(visitor, "Deleted a schedule", schedule.definition.name)
        guard context.wantsJSON else { return Answer.seeOther(ScheduleRoutes.home) }
        return try Answer.json(
            ScheduleAnswers.Done(message: context.words.pick("The schedule was deleted", "Đã xoá lịch chạy")))
    }

    private func run(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.actor(context)
        let schedule = try await schedule(context, visitor)
        let run: ScheduleRun
        do {
            run = try await book.run(schedule.id)
        } catch EngineError.configuration(let why) {
            // A second click: the list says that it runs.
            if !context.wantsJSON, try await site.store.runs(of: schedule.id, limit: 1).first?.state.isTerminal == false
            {
                return Answer.seeOther(ScheduleRoutes.home)
            }
            throw WebError(.conflict, "cannot_run", why, advice: "Nothing was started.")
        }
        try await site.record(visitor, "Ran a schedule now", schedule.definition.name)
        guard context.wantsJSON else { return Answer.seeOther(ScheduleRoutes.home) }
        let message = context.words.pick("The schedule has started", "Lịch chạy đã bắt đầu")
        return try Answer.json(
            ScheduleAnswers.Started(message: message, run: .init(run), jobs: run.jobs.map(\.id.value)), .accepted)
    }

    // MARK: Parts

    /// That of the address; 404 for one of another workspace, too.
    private func schedule(_ context: WebContext, _ visitor: Visitor) async throws -> Schedule {
        guard let number = context.parameters.get("id").flatMap({ Int64($0) }),
            let schedule = try await site.store.schedule(ScheduleID(number)),
            schedule.definition.workspace == visitor.workspace.id
        else { throw WebError.notFound }
        return schedule
    }

    private func answer(_ entry: ScheduleBook.Entry, _ message: String, _ context: WebContext) throws -> Response {
        guard context.wantsJSON else { return Answer.seeOther(ScheduleRoutes.home) }
        return try Answer.json(ScheduleAnswers.One(message: message, schedule: .init(entry)))
    }

    private func show(
        _ draft: ScheduleDraft, of schedule: Schedule?, _ errors: [String: String], _ desk: ScheduleDesk,
        _ request: Request, _ context: WebContext
    ) async throws -> Response {
        let page = try await ScheduleEditorPage.page(draft, of: schedule, errors, desk, context.words)
        return try await site.renderer.response(page, request, context)
    }

    /// The form once more with what was typed, or the messages for a program.
    private func again(
        _ draft: ScheduleDraft, of schedule: Schedule?, _ errors: [String: String], _ desk: ScheduleDesk,
        _ request: Request, _ context: WebContext
    ) async throws -> Response {
        if context.wantsJSON { throw WebError.invalid(draft.asSent(errors)) }
        return try await show(draft, of: schedule, errors, desk, request, context)
    }

    private static func confirmation(of schedule: Schedule, _ words: Words) -> Page {
        let name = schedule.definition.name
        let model = ConfirmPage(
            headline: words.pick("Delete “\(name)”?", "Xoá “\(name)”?"),
            text: words.pick(
                "No data is deleted. What runs goes on, and its runs stay in the logs.",
                "Không dữ liệu nào bị xoá. Việc đang chạy vẫn chạy tiếp, các lượt vẫn còn trong nhật ký."),
            button: words.pick("Delete schedule", "Xoá lịch chạy"),
            action: "\(home)/\(schedule.id)/delete", keepHref: home)
        return Page(
            template: "confirm", section: .schedules, title: words.pick("Delete", "Xoá"), model: model,
            parents: [Link(href: home, label: words.pick("Schedules", "Lịch chạy"))])
    }

    /// What only the database knows is about names; all else was checked before.
    private static func field(_ why: String) -> [String: String] {
        [why.hasPrefix("There is a schedule") ? "name" : "targets": why]
    }
}

extension Site {
    /// Who starts or changes something.
    func actor(_ context: WebContext) throws -> Visitor {
        let visitor = try visitor(context, .act)
        try runs.take(for: "\(visitor.user.id)")
        return visitor
    }
}

extension Renderer {
    /// The script asks for a part of a page, not for an object.
    func isPart(_ request: Request) -> Bool {
        guard let header = HTTPField.Name("Sluice-Region") else { return false }
        return request.headers[header] != nil
    }

    func region(_ name: String, _ model: any Sendable, _ words: Words) throws -> Response {
        Renderer.html(try templates.render("region-\(name)", View(model), words.language))
    }
}
