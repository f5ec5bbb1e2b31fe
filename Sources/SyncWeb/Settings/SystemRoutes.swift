import Hummingbird
import SyncCore
import SyncEngine
import Wording

/// The settings that are about the database, its machines and the limits of platforms.
struct SystemRoutes: Sendable {
    let site: Site

    func add(to router: Router<WebContext>) {
        router.get("sync/settings") { try await system($0, $1) }
        router.get("sync/settings/quotas") { try await quotas($0, $1) }
        router.post("sync/settings/quotas") { try await setQuota($0, $1) }
        router.get("sync/settings/backup") { try await backups($0, $1) }
        router.post("sync/settings/backup") { try await backUp($0, $1) }
    }

    private func told(_ visitor: Visitor, _ words: Words) async throws -> RunWords {
        let accounts = try await site.store.accounts().filter { $0.workspace == visitor.workspace.id }
        return RunWords(words, zone: PageZone(accounts).zone, now: site.clock.now)
    }

    // MARK: The system

    private func system(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let store = site.store
        let quotas = try await QuotaReader(site: site).lines(of: visitor.workspace.id)
        var learned: [QuotaKey: String] = [:]
        for line in quotas.prefix(SystemView.mostQuotas) {
            learned[line.key] = try await self.learned(line, 0, context.words)
        }
        let view = SystemView(
            told: try await told(visitor, context.words), depth: try await store.queueDepth(),
            flow: await site.probe.flow(), minutes: try await store.chunkMinutes(60),
            machines: try await store.machines(), facts: try await store.databaseFacts(),
            waiting: try await store.waitingForQuota(),
            quotas: quotas, learned: learned,
            lastBackup: try await site.options.backups?.files().first,
            pause: try await store.workOrders(of: visitor.workspace.id).pauses[.all], mayPause: visitor.may(.act),
            mayBackUp: SystemRoutes.isKeeper(visitor) && site.options.backups?.place != nil)
        if context.wantsJSON {
            var body = SystemBody(view, await site.probe.vitals(), version: site.options.version)
            body.learned = try await sizes(of: visitor)
            return try Answer.json(body)
        }
        var page = SettingsTabs.page("settings-system", view.page(), context.words)
        page.reloadSeconds = 30
        return try await site.renderer.response(page, request, context)
    }

    /// Of so many accounts all are told.
    private static let mostLearned = 50

    private func sizes(of visitor: Visitor) async throws -> [SystemBody.LearnedSize] {
        let accounts = try await site.store.accounts().filter { $0.workspace == visitor.workspace.id }
        var sizes: [SystemBody.LearnedSize] = []
        for account in accounts.prefix(SystemRoutes.mostLearned) {
            let learned = try await site.store.learned(account: account.id)
            sizes += learned.sorted { $0.key < $1.key }.compactMap {
                SystemBody.LearnedSize(account.id, $0.key, $0.value)
            }
        }
        return sizes
    }

    // MARK: Quotas

    private struct QuotaList: Encodable {
        var success = true
        var quotas: [LimitBody]
    }

    private func quotas(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let lines = try await QuotaReader(site: site).lines(of: visitor.workspace.id)
        if context.wantsJSON {
            let now = site.clock.now
            return try Answer.json(QuotaList(quotas: lines.map { LimitBody($0, now) }))
        }
        let edited = visitor.may(.own) ? Form(query: request)["edit"] : nil
        return try await show(lines, editing: edited, Form(), nil, visitor, request, context)
    }

    private func show(
        _ lines: [QuotaReader.Line], editing key: String?, _ form: Form, _ error: String?, _ visitor: Visitor,
        _ request: Request, _ context: WebContext
    ) async throws -> Response {
        let words = context.words
        let told = try await told(visitor, words)
        var rows: [QuotaRow] = []
        for line in lines.prefix(200) {
            var row = QuotaRow(line, try await learned(line, rows.count, words), told)
            if line.key.rawValue == key {
                row.isEdited = true
                row.edit = edit(line, form, error, words)
            }
            rows.append(row)
        }
        let held = rows.count(where: \.isBlocked)
        let waiting = lines.reduce(0) { $0 + $1.waiting }
        let count = words.number(lines.count)
        let model = QuotasPage(
            headline: held == 0
                ? words.pick("No quota holds work back", "Không hạn mức nào giữ việc lại")
                : words.pick(
                    "\(words.number(held)) of \(count) quotas hold work back",
                    "\(words.number(held)) trên \(count) hạn mức đang giữ việc lại"),
            summary: waiting == 0
                ? words.pick("Nothing waits.", "Không có gì phải chờ.")
                : words.count(waiting, "chunk", "phần")
                    + words.pick(" wait for them; all else goes on.", " đang chờ; việc khác vẫn chạy."),
            mayChange: visitor.may(.own), tabs: SettingsTabs.all("/quotas", words), quotas: rows,
            foot: words.pick(
                "Used, granted rate and blocks are shared by all machines. Times are \(told.zoneName).",
                "Mức dùng, tốc độ và lệnh chặn dùng chung cho mọi máy. Giờ theo \(told.zoneName)."))
        var page = SettingsTabs.page("settings-quotas", model, words)
        if error != nil { page.status = .unprocessableContent }
        return try await site.renderer.response(page, request, context)
    }

    /// The size that was learned for the stream of which a chunk takes longest; for the first limits of the list.
    private func learned(_ line: QuotaReader.Line, _ index: Int, _ words: Words) async throws -> String {
        guard index < 20, line.accounts.count == 1 else { return "" }
        let known = try await site.store.learned(account: line.accounts[0].id)
        let slowest = known.filter { $0.value.size != nil }.max {
            ($0.value.seconds ?? 0, $1.key) < ($1.value.seconds ?? 0, $0.key)
        }
        guard let slowest, let size = slowest.value.size else { return "" }
        return "\(words.stream(slowest.key.rawValue)), \(words.number(Int(size)))"
    }

    private func edit(_ line: QuotaReader.Line, _ form: Form, _ error: String?, _ words: Words) -> QuotaRow.Edit {
        let limit = line.quota.limit
        return QuotaRow.Edit(
            action: "\(SettingsTabs.path)/quotas?key=\(Renderer.escaped(line.key.rawValue))",
            points: form["points"] ?? SystemRoutes.plain(limit.points),
            seconds: form["seconds"] ?? SystemRoutes.plain(limit.period.inSeconds),
            note: words.pick(
                "Every worker that shares the database keeps to it, whatever the platform tells.",
                "Mọi máy dùng chung cơ sở dữ liệu đều theo mức này, dù nền tảng nói gì."),
            error: error.map { EntryPage.Text(text: words.said($0)) })
    }

    private static func plain(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? "\(number)" }

    /// A limit that no platform has, and no more than a month for what may go at once.
    private static func limit(_ form: Form) -> QuotaLimit? {
        func number(_ name: String) -> Double? {
            form[name].flatMap { Double($0.replacing(",", with: ".")) }.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
        }
        guard let points = number("points"), let seconds = number("seconds"), points <= 1_000_000_000,
            seconds <= 30 * 86_400, seconds >= 0.001
        else { return nil }
        let burst = number("burst") ?? max(1, points / seconds)
        let limit = QuotaLimit(points: points, per: .seconds(seconds), burst: max(1, burst))
        return limit.interval * limit.burst <= 30 * 86_400 * 1_000_000 ? limit : nil
    }

    private func setQuota(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .own)
        let form = try await Form(request, context)
        let name = Form(query: request)["key"] ?? form["key"]
        let lines = try await QuotaReader(site: site).lines(of: visitor.workspace.id)
        guard let line = lines.first(where: { $0.key.rawValue == name }) else { throw WebError.notFound }
        let chosen = form["step"] == "reset" ? nil : SystemRoutes.limit(form)
        guard chosen != nil || form["step"] == "reset" else {
            let error = "Points and seconds are numbers above 0."
            if context.wantsJSON { throw WebError.invalid(["points": error]) }
            return try await show(lines, editing: name, form, error, visitor, request, context)
        }
        try await site.store.withQuota(line.key, limit: line.quota.told) { $0.choose(chosen, at: $1) }
        let detail = chosen.map { "\(SystemRoutes.plain($0.points)) / \(SystemRoutes.plain($0.period.inSeconds)) s" }
        try await site.record(visitor, "Changed a limit", line.key.rawValue, detail ?? "")
        if context.wantsJSON {
            let lines = try await QuotaReader(site: site).lines(of: visitor.workspace.id)
            let now = site.clock.now
            return try Answer.json(QuotaList(quotas: lines.filter { $0.key == line.key }.map { LimitBody($0, now) }))
        }
        return Answer.seeOther("\(SettingsTabs.path)/quotas")
    }

    // MARK: Backups

    /// A backup holds all workspaces: it is the matter of whoever owns the first one, whose members set the server up.
    static func isKeeper(_ visitor: Visitor) -> Bool { visitor.workspace.id == .first && visitor.may(.own) }

    private func backupView(_ visitor: Visitor, _ words: Words) async throws -> BackupView {
        let keeper = SystemRoutes.isKeeper(visitor)
        return BackupView(
            told: try await told(visitor, words),
            files: keeper ? try await site.options.backups?.files() ?? [] : [],
            state: keeper ? site.options.backups?.state ?? .idle : .idle,
            place: keeper ? site.options.backups?.place : nil, mayChange: keeper)
    }

    private func backups(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let view = try await backupView(visitor, context.words)
        if context.wantsJSON { return try Answer.json(BackupBody(view)) }
        let model = view.page()
        var page = SettingsTabs.page("settings-backup", model, context.words)
        if model.isRunning { page.reloadSeconds = 5 }
        return try await site.renderer.response(page, request, context)
    }

    private func backUp(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .own)
        guard SystemRoutes.isKeeper(visitor) else { throw WebError.forbidden }
        try site.runs.take(for: "\(visitor.user.id)")
        guard let keeper = site.options.backups, keeper.place != nil else {
            throw WebError(
                .conflict, "no_place", "This server has no place for backups.",
                advice: "Start it with --backups FOLDER, or run `sluice backup` on a machine that reaches the database."
            )
        }
        if await keeper.begin() { try await site.record(visitor, "Started a backup", "", "") }
        if context.wantsJSON {
            return try Answer.json(BackupBody(try await backupView(visitor, context.words)), .accepted)
        }
        return Answer.seeOther("\(SettingsTabs.path)/backup")
    }
}
