import ConnectorKit
import FoundationEssentials
import Hummingbird
import SyncCore
import SyncEngine
import Wording

/// Runs: the list, one of them, and what people do to one.
struct RunRoutes: Sendable {
    let site: Site

    func add(to router: Router<WebContext>) {
        router.get("sync/logs") { try await list($0, $1) }
        router.get("sync/logs/:id") { try await show($0, $1) }
        router.post("sync/jobs/:id/retry") { try await retry($0, $1) }
        router.post("sync/jobs/:id/cancel") { try await cancel($0, $1) }
        router.post("sync/jobs/:id/pause") { try await pause($0, $1) }
        router.post("sync/jobs/:id/resume") { try await resume($0, $1) }
    }

    // MARK: The list

    private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let accounts = try await site.store.accounts().filter { $0.workspace == visitor.workspace.id }
        let zone = PageZone(accounts).zone
        let (query, wrong) = try readable(Form(query: request), visitor, accounts, zone, context)
        var entries = try await site.store.logs(query.filter, before: query.before, limit: query.limit + 1)
        let hasMore = entries.count > query.limit
        if hasMore { entries.removeLast() }
        let told = RunWords(context.words, zone: zone, now: site.clock.now)
        let firstDay = told.today.adding(days: 1 - LogsView.days)
        let start = firstDay.start(in: zone)
        let hours = try await site.store.runHours(of: visitor.workspace.id, from: start, hours: LogsView.days * 24)
        if context.wantsJSON {
            return try Answer.json(
                RunListBody(
                    logs: entries.map { RunBody($0) }, next: hasMore ? entries.last?.job.value : nil,
                    histogram: RunListBody.Histogram(
                        from: start.description, runs: hours.map(\.runs), failed: hours.map(\.failed),
                        throttled: hours.map(\.throttled))))
        }
        let failures = LogFilter(workspace: visitor.workspace.id, states: [.failed])
        let last = try await site.store.logs(failures, before: nil, limit: 1).first
        let view = LogsView(
            query: query, told: told, entries: entries, hasMore: hasMore,
            count: try await site.store.logCount(query.filter, upTo: LogsView.mostCounted + 1), hours: hours,
            firstDay: firstDay, lastFailure: last?.finishedAt, accounts: accounts,
            schedules: try await schedules(of: visitor),
            deleted: try await site.store.deletedSchedules(of: visitor.workspace.id, limit: 10),
            platforms: platforms(of: accounts),
            hasExports: site.options.rows != nil)
        var model = view.page()
        if let text = wrong.values.sorted().first { model.summary = context.words.whole(text) }
        let page = Page(
            template: "logs", section: .logs, title: context.words.pick("Logs", "Nhật ký"), model: model,
            reloadSeconds: 30, status: wrong.isEmpty ? .ok : .unprocessableContent)
        return try await site.renderer.response(page, request, context)
    }

    /// What a page shows for an address that means something in part, and what is wrong with the rest. Throws that for
    /// programs.
    private func readable(
        _ form: Form, _ visitor: Visitor, _ accounts: [Account], _ zone: TimeZone, _ context: WebContext
    ) throws -> (RunQuery, wrong: [String: String]) {
        var form = form
        var wrong: [String: String] = [:]
        while true {
            do {
                return (try RunQuery(form, visitor, accounts, zone: zone), wrong)
            } catch let error as WebError where !context.wantsJSON && !error.fields.isEmpty {
                wrong.merge(error.fields) { first, _ in first }
                for name in error.fields.keys { form = form.without(name) }
            }
        }
    }

    private func schedules(of visitor: Visitor) async throws -> [Schedule] {
        try await site.store.schedules().filter {
            $0.definition.workspace == visitor.workspace.id && $0.definition.task.isAboutAccounts
        }
    }

    private func platforms(of accounts: [Account]) -> [(id: PlatformID, name: String)] {
        Set(accounts.map(\.platform)).map { (id: $0, name: name(of: $0)) }.sorted { $0.name < $1.name }
    }

    private func name(of platform: PlatformID) -> String {
        (try? site.environment.connectors.type(of: platform))?.platform.name ?? platform.rawValue
    }

    // MARK: One run

    private func entry(_ context: WebContext, _ visitor: Visitor) async throws -> LogEntry {
        try await entry(context.parameters.get("id") ?? "", visitor)
    }

    /// Throws 404 for a run of another workspace.
    func entry(_ id: String, _ visitor: Visitor) async throws -> LogEntry {
        guard let id = Int64(id) else { throw WebError.notFound }
        let filter = LogFilter(workspace: visitor.workspace.id, job: JobID(id))
        guard let entry = try await site.store.logs(filter, before: nil, limit: 1).first else {
            throw WebError.notFound
        }
        return entry
    }

    private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let entry = try await entry(context, visitor)
        if context.wantsJSON { return try Answer.json(try await body(of: entry, context.words)) }
        let words = context.words
        let view = try await view(of: entry, visitor, words)
        let start = view.told.clock(entry.startedAt ?? entry.createdAt)
        let isOpen = !entry.state.isTerminal
        let page = Page(
            template: "run", section: .logs, title: "\(entry.accountName), \(start)", model: view.page(),
            parents: [Link(href: RunQuery.path, label: words.pick("Logs", "Nhật ký"))], isLive: isOpen,
            reloadSeconds: isOpen ? 5 : nil)
        return try await site.renderer.response(page, request, context)
    }

    private func body(of entry: LogEntry, _ words: Words) async throws -> RunDetailBody {
        let failed = try await site.store.chunks(of: entry.job, in: [.failed], limit: RunRoutes.mostFailed)
        let asked = try await site.store.request(with: entry.job)
        return RunDetailBody(
            log: RunBody(entry), stages: try await site.store.stages(of: entry.job).map { StageBody($0) },
            chunks: try await chunks(of: entry, failed).map { ChunkBody($0) },
            causes: FailureGroup.all(try await failures(of: entry)).map { CauseBody($0) },
            notes: try await site.store.notes(of: entry.job).map { words.said($0.text) },
            requested_by: asked?.actor, request_id: asked?.id)
    }

    /// Everything that the page of a run is made from.
    func view(of entry: LogEntry, _ visitor: Visitor, _ words: Words) async throws -> RunView {
        let failed = try await site.store.chunks(of: entry.job, in: [.failed], limit: RunRoutes.mostFailed)
        let zone = (try? AccountZone.named(entry.zoneName)) ?? .gmt
        var parked: Failure.Cause?
        if entry.waitReason == .credential, let account = try await site.store.account(entry.account) {
            parked = try await site.store.connection(account.connection)?.parked
        }
        var view = RunView(
            told: RunWords(words, zone: zone, now: site.clock.now), entry: entry,
            platformName: name(of: entry.platform), request: try await site.store.request(with: entry.job),
            parked: parked, chunks: try await chunks(of: entry, failed), failed: failed,
            failures: try await failures(of: entry), slowest: try await slowest(of: entry, 3),
            learned: try await site.store.learned(account: entry.account),
            mayAct: visitor.may(.act))
        view.hasExports = site.options.rows != nil
        view.notes = try await site.store.notes(of: entry.job).map(\.text)
        if let id = entry.schedule { view.schedule = try await site.store.schedule(id) }
        return view
    }

    private func failures(of entry: LogEntry) async throws -> [FailedChunks] {
        entry.failedChunks > 0 ? try await site.store.failures(of: entry.job) : []
    }

    /// Drawn at once; of more the slowest stand for all.
    private static let mostDrawn = 60
    private static let mostFailed = 200
    /// Of more nobody looks for the slowest while the run goes on: a page that is open asks again and again.
    private static let mostSearched = 5000

    private func slowest(of entry: LogEntry, _ limit: Int) async throws -> [ChunkSummary] {
        guard entry.state.isTerminal || entry.totalChunks <= RunRoutes.mostSearched else { return [] }
        return try await site.store.slowestChunks(of: entry.job, limit: limit)
    }

    /// All of a small run; of a large one those that failed, those in hand or waiting behind a begin, and the slowest.
    private func chunks(of entry: LogEntry, _ failed: [ChunkSummary]) async throws -> [ChunkSummary] {
        let most = RunRoutes.mostDrawn
        if entry.totalChunks <= most {
            return try await site.store.chunks(of: entry.job, in: Set(WorkState.allCases), limit: most)
        }
        let running = try await site.store.chunks(of: entry.job, in: [.inProgress], limit: most / 4)
        let slowest = try await slowest(of: entry, most)
        var seen: Set<ChunkID> = []
        let chosen = (failed.prefix(most / 2) + running + slowest).filter { seen.insert($0.id).inserted }
        return chosen.prefix(most).sorted { $0.id < $1.id }
    }

    // MARK: What people do

    private struct Done: Encodable {
        var success = true
        var message: String
        var job_id: Int64
        var status: String
        var chunks: Int?
    }

    private static let ended = WebError(
        .conflict, "ended", "This run has ended.", advice: "Start a new one, or retry what failed.")

    private func retry(_ request: Request, _ context: WebContext) async throws -> Response {
        let (visitor, entry, form) = try await acting(request, context, reading: true)
        guard entry.failedChunks > 0 || entry.state == .cancelled else {
            throw WebError(
                .conflict, "nothing_failed", "No chunk of this run has failed.", advice: "There is nothing to retry.")
        }
        let cause = try await cause(form["cause"], of: entry)
        let count = try await site.store.retry(entry.job, cause: cause)
        let now = try await self.entry(context, visitor)
        guard count > 0 || !now.state.isTerminal else {
            throw WebError(
                .conflict, "later_run", "A later run does the same work already.", advice: "Look at that one.")
        }
        try await site.record(visitor, "Retried a run", entry.accountName, "\(entry.job)")
        let words = context.words
        let again = count == 1 ? " is tried again" : " are tried again"
        return try await done(
            words.count(count, "chunk", "phần") + words.pick(again, " đang chạy lại"), chunks: count, form, context,
            visitor)
    }

    /// Only one that chunks of this run have failed for.
    private func cause(_ key: String?, of entry: LogEntry) async throws -> FailedCause? {
        guard let key else { return nil }
        let groups = FailureGroup.all(try await failures(of: entry))
        guard entry.state != .cancelled, let group = groups.first(where: { $0.key == key }) else {
            throw WebError(
                .conflict, "unknown_cause", "No chunk of this run failed for this cause.",
                advice: "Maybe they are tried again already. Nothing was changed.")
        }
        return group.cause
    }

    private func cancel(_ request: Request, _ context: WebContext) async throws -> Response {
        let (visitor, entry, form) = try await acting(request, context)
        guard try await site.store.cancel(entry.job, by: visitor.actor) else { throw RunRoutes.ended }
        try await site.record(visitor, "Stopped a run", entry.accountName, "\(entry.job)")
        return try await done(
            context.words.pick("The run was stopped; its rows are kept", "Đã dừng lượt chạy; số liệu vẫn được giữ"),
            form, context, visitor)
    }

    private func pause(_ request: Request, _ context: WebContext) async throws -> Response {
        let (visitor, entry, form) = try await acting(request, context)
        if entry.waitReason != .paused {
            guard try await site.store.pause(entry.job, by: visitor.actor) else { throw RunRoutes.ended }
            try await site.record(visitor, "Paused a run", entry.accountName, "\(entry.job)")
        }
        return try await done(
            context.words.pick("The run is paused", "Lượt chạy đã tạm dừng"), form, context, visitor)
    }

    private func resume(_ request: Request, _ context: WebContext) async throws -> Response {
        let (visitor, entry, form) = try await acting(request, context)
        if entry.state.isTerminal { throw RunRoutes.ended }
        if try await site.store.resume(entry.job, by: visitor.actor) {
            try await site.record(visitor, "Resumed a run", entry.accountName, "\(entry.job)")
        } else if entry.waitReason == .paused {
            throw WebError.heldBack
        }
        return try await done(context.words.pick("The run goes on", "Lượt chạy tiếp tục"), form, context, visitor)
    }

    /// Programs need no body but for a retry.
    private func acting(
        _ request: Request, _ context: WebContext, reading: Bool = false
    ) async throws -> (Visitor, LogEntry, Form) {
        let visitor = try site.visitor(context, .act)
        let entry = try await entry(context, visitor)
        try site.runs.take(for: "\(visitor.user.id)")
        let form = reading || !context.wantsJSON ? try await Form(request, context) : Form()
        return (visitor, entry, form)
    }

    private func done(
        _ message: String, chunks: Int? = nil, _ form: Form, _ context: WebContext, _ visitor: Visitor
    ) async throws -> Response {
        let entry = try await entry(context, visitor)
        guard context.wantsJSON else {
            return Answer.seeOther(EntryRoutes.safe(form["back"]) ?? "\(RunQuery.path)/\(entry.job)")
        }
        return try Answer.json(
            Done(message: message, job_id: entry.job.value, status: entry.state.rawValue, chunks: chunks))
    }
}
