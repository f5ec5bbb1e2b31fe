import HTTPTypes
import Hummingbird
import SyncCore
import SyncEngine
import Wording

/// Syncs that people ask for now: `/sync/quick` with its page, `/sync/manual` for programs, and what either costs.
struct QuickRoutes: Sendable {
    let site: Site

    func add(to router: Router<WebContext>) {
        router.post("sync/manual") { try await manual($0, $1) }
        router.get("sync/price") { try await price($0, $1) }
        router.get("sync/quick") { try await page($0, $1) }
        router.post("sync/quick") { try await start($0, $1) }
        router.post("sync/quick/plan") { try await plan($0, $1) }
        router.get("sync/quick/{id}") { try await one($0, $1) }
        router.post("sync/quick/{id}/again") { try await again($0, $1) }
        router.post("sync/quick/{id}/cancel") { try await cancel($0, $1) }
    }

    static let home = "/sync/quick"

    // MARK: Starting

    private struct Started: Encodable {
        var success = true
        var message: String
        var sync_id: String
        var status = "queued"
        var jobs: [Int64]
        var price: PriceAnswer
    }

    private func manual(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.actor(context)
        let wish = try await Wish(Form(request, context), site, visitor)
        let started = try await begin(.manual, wish, visitor, context.words)
        return context.wantsJSON ? try Answer.json(started, .accepted) : Answer.seeOther("/sync/logs")
    }

    private func start(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.actor(context)
        let form = try await Form(request, context)
        do {
            let wish = try await Wish(form, site, visitor, isQuick: true)
            let started = try await begin(.quick, wish, visitor, context.words)
            if context.wantsJSON { return try Answer.json(started, .accepted) }
            // The days stay chosen for the next one.
            return Answer.seeOther("\(QuickRoutes.home)?sync=\(started.sync_id)\(QuickDesk.kept(form))")
        } catch let error as WebError where !context.wantsJSON && error.code == "invalid" {
            return try await show(visitor, form, error, request, context)
        }
    }

    private func begin(
        _ kind: SyncRequest.Kind, _ wish: Wish, _ visitor: Visitor, _ words: Words
    ) async throws -> Started {
        let now = site.clock.now
        var order = wish.order
        order.kind = kind == .quick ? .quick : .manual
        let price = try await price(of: wish, isQuick: kind == .quick)
        let started = try await Requests(site: site).start(
            kind, order, named: wish.range, of: wish.accounts, promised: price.promise(at: now), by: visitor)
        let names = wish.accounts.prefix(3).map(\.name).joined(separator: ", ")
        try await site.record(
            visitor, kind == .quick ? "Started a quick sync" : "Started a sync", names, started.range)
        return Started(
            message: kind == .quick
                ? words.pick("The quick sync has started", "Đã bắt đầu đồng bộ nhanh")
                : words.pick("The sync has started in the background", "Đã bắt đầu đồng bộ trong background"),
            sync_id: started.id, jobs: started.jobs.map(\.value), price: PriceAnswer(price, at: now))
    }

    private func price(of wish: Wish, isQuick: Bool) async throws -> Price {
        try await site.control.price(
            of: wish.accounts, streams: wish.streams, days: { wish.days(today: $0) }, kind: isQuick ? .quick : .manual,
            from: site.store)
    }

    /// The same accounts and the same range, counted from today.
    private func again(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.actor(context)
        let last = try await asked(context, visitor)
        let jobs = try await site.store.logs(of: last.jobs, in: visitor.workspace.id)
        var values = ["accounts": Set(jobs.map(\.account)).sorted().map { "\($0)" }]
        let ends = last.range.split(separator: "/").map(String.init)
        if ends.count == 2 {
            (values["date_from"], values["date_to"]) = ([ends[0]], [ends[1]])
        } else {
            values["date_range"] = [last.range.isEmpty ? ScheduleDraft.due : last.range]
        }
        var streams: Set<String> = []
        for job in jobs {
            guard let definition = try await site.store.job(job.job)?.definition, definition.isPartial else { continue }
            streams.formUnion(definition.streams.map(\.rawValue))
        }
        if !streams.isEmpty { values["streams"] = streams.sorted() }
        let wish = try await Wish(Form(values), site, visitor)
        let started = try await begin(.quick, wish, visitor, context.words)
        if context.wantsJSON { return try Answer.json(started, .accepted) }
        return Answer.seeOther("\(QuickRoutes.home)?sync=\(started.sync_id)")
    }

    private struct Stopped: Encodable {
        var success = true
        var message: String
        var stopped: Int
    }

    private func cancel(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.actor(context)
        let last = try await asked(context, visitor)
        var stopped = 0
        for job in last.jobs where try await site.store.cancel(job, by: visitor.actor) { stopped += 1 }
        if stopped > 0 { try await site.record(visitor, "Stopped a quick sync", last.id, "\(stopped)") }
        guard context.wantsJSON else { return Answer.seeOther("\(QuickRoutes.home)?sync=\(last.id)") }
        let words = context.words
        return try Answer.json(
            Stopped(
                message: stopped > 0
                    ? words.pick("The sync was stopped", "Đã dừng đồng bộ")
                    : words.pick("Nothing is running", "Không có đồng bộ nào đang chạy"), stopped: stopped))
    }

    // MARK: Looking

    private struct Priced: Encodable {
        var success = true
        var price: PriceAnswer
    }

    private func price(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let form = Form(query: request)
        let now = site.clock.now
        if let id = form["schedule"] {
            guard let number = Int64(id), let schedule = try await site.store.schedule(ScheduleID(number)),
                schedule.definition.workspace == visitor.workspace.id
            else { throw WebError.notFound }
            let desk = try await ScheduleDesk(site, visitor)
            return try Answer.json(
                Priced(price: PriceAnswer(try await desk.price(of: schedule.definition), at: now)))
        }
        let wish = try await Wish(form, site, visitor)
        let kind = form["kind"] ?? SyncRequest.Kind.manual.rawValue
        let kinds = [SyncRequest.Kind.manual, .quick].map(\.rawValue)
        guard kinds.contains(kind) else {
            let known = kinds.joined(separator: ", ")
            throw WebError.invalid(["kind": "Known: \(known)."])
        }
        let price = try await price(of: wish, isQuick: kind == SyncRequest.Kind.quick.rawValue)
        return try Answer.json(Priced(price: PriceAnswer(price, at: now)))
    }

    /// What the form would do: a part of the page for the script, else an object.
    private func plan(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let form = try await Form(request, context)
        guard site.renderer.isPart(request) else {
            let wish = try await Wish(form, site, visitor, isQuick: true)
            return try Answer.json(
                Priced(price: PriceAnswer(try await price(of: wish, isQuick: true), at: site.clock.now)))
        }
        let mayRun = visitor.may(.act)
        var plan = QuickPage.Plan.empty(context.words)
        do {
            let wish = try await Wish(form, site, visitor, isQuick: true)
            let price = try await price(of: wish, isQuick: true)
            plan = QuickPage.Plan(price, wish, try zone(wish), site.clock.now, context.words)
        } catch let error as WebError {
            plan.note =
                form.list("account").isEmpty ? "" : context.words.said(error.fields.values.first ?? error.message)
        }
        return try site.renderer.region(
            "quick-plan", QuickPage.PlanRegion(mayRun: mayRun, plan: plan), context.words)
    }

    private func zone(_ wish: Wish) throws -> PageZone { PageZone(wish.accounts) }

    private func page(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let query = Form(query: request)
        if context.wantsJSON {
            let requests = try await site.store.requests(of: visitor.workspace.id, kind: .quick, limit: 5)
            var syncs: [QuickAnswer] = []
            for each in requests {
                syncs.append(QuickAnswer(each, try await site.store.logs(of: each.jobs, in: visitor.workspace.id)))
            }
            return try Answer.json(Listed(syncs: syncs))
        }
        return try await show(visitor, query, nil, request, context)
    }

    private struct Listed: Encodable {
        var success = true
        var syncs: [QuickAnswer]
    }

    private struct One: Encodable {
        var success = true
        var sync: QuickAnswer
    }

    private func one(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let found = try await asked(context, visitor)
        guard context.wantsJSON else { return Answer.seeOther("\(QuickRoutes.home)?sync=\(found.id)") }
        return try Answer.json(
            One(sync: QuickAnswer(found, try await site.store.logs(of: found.jobs, in: visitor.workspace.id))))
    }

    private func show(
        _ visitor: Visitor, _ form: Form, _ error: WebError?, _ request: Request, _ context: WebContext
    ) async throws -> Response {
        let page = try await QuickDesk(site, visitor, context.words).page(form, error)
        return try await site.renderer.response(page, request, context)
    }

    private func asked(_ context: WebContext, _ visitor: Visitor) async throws -> SyncRequest {
        guard let id = context.parameters.get("id"),
            let found = try await site.store.request(id, of: visitor.workspace.id)
        else { throw WebError.notFound }
        return found
    }
}

/// A sync that was asked for, as programs get it.
struct QuickAnswer: Encodable, Sendable {
    var sync_id: String
    var kind: String
    var actor: String
    var date_range: String
    var status: String
    var progress: Int
    var rows: Int
    var requests: Int
    var created_at: String
    var finished_at: String?
    /// What was told beforehand; `finished_at` and `requests` tell what became of it.
    var promised: Promise?
    var jobs: [Job]

    struct Promise: Encodable, Sendable {
        var points: Int
        var until: String
    }

    struct Job: Encodable, Sendable {
        var id: Int64
        var account_id: Int64
        var account_name: String
        var network: String
        var status: String
        var progress: Int
        var rows: Int
        var requests: Int
        var failed_chunks: Int
        var error: String?
    }

    init(_ request: SyncRequest, _ logs: [LogEntry]) {
        let state = QuickState(logs)
        sync_id = request.id
        kind = request.kind.rawValue
        actor = request.actor
        date_range = request.range.isEmpty ? ScheduleDraft.due : request.range
        status = state.word
        progress = state.percent
        rows = logs.reduce(0) { $0 + $1.rowsReceived }
        requests = logs.reduce(0) { $0 + $1.requests }
        created_at = request.createdAt.description
        finished_at = state.finishedAt?.description
        promised = request.promised.map { Promise(points: $0.points, until: $0.until.description) }
        jobs = logs.map {
            Job(
                id: $0.job.value, account_id: $0.account.value, account_name: $0.accountName,
                network: $0.platform.rawValue, status: $0.state.rawValue, progress: $0.percent, rows: $0.rowsReceived,
                requests: $0.requests, failed_chunks: $0.failedChunks, error: $0.errorMessage)
        }
    }
}

/// What several jobs together are.
struct QuickState: Sendable, Equatable {
    enum Stage: Sendable { case queued, running, completed, failed, cancelled }

    var stage: Stage
    var percent: Int
    var finishedAt: Instant?

    init(_ logs: [LogEntry]) {
        let open = logs.filter { !$0.state.isTerminal }
        percent = logs.isEmpty ? 100 : logs.reduce(0) { $0 + ($1.state.isTerminal ? 100 : $1.percent) } / logs.count
        if open.isEmpty {
            finishedAt = logs.compactMap(\.finishedAt).max()
            let isCancelled = logs.contains { $0.state == .cancelled }
            stage = logs.contains { $0.state == .failed } ? .failed : isCancelled ? .cancelled : .completed
        } else {
            stage = logs.contains { $0.startedAt != nil || $0.state.isTerminal } ? .running : .queued
        }
    }

    var isOpen: Bool { stage == .queued || stage == .running }

    var word: String { "\(stage)" }
}
