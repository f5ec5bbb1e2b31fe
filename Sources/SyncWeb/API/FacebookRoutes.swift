import ConnectorKit
import FoundationEssentials
import Hummingbird
import NIOCore
import SyncCore
import SyncEngine
import Wording

/// The routes of the Facebook sync that Sluice replaces, with its shapes and its Vietnamese (replaced.md, R1).
struct FacebookRoutes: Sendable {
    let site: Site
    private let progress: FreshAnswers<ByteBuffer>
    private let counts: FreshAnswers<[String: Int]>

    private static let platform = PlatformID("meta")

    init(site: Site) {
        self.site = site
        progress = FreshAnswers(for: .milliseconds(250), clock: site.environment.clock)
        counts = FreshAnswers(for: .seconds(2), clock: site.environment.clock)
    }

    func add(to router: Router<WebContext>) {
        router.post("facebook/sync/ads") { try await start($0, $1) }
        router.post("facebook/sync/stop") { try await stop($0, $1) }
        router.get("facebook/sync/status") { try await status($0, $1) }
        router.get("facebook/sync/progress") { try await progress($0, $1) }
    }

    // MARK: Starting and stopping

    private struct Started: Encodable {
        var success = true
        var message: String
        var sync_id: String
        var status = "queued"
        var jobs: [Int64]
    }

    private func start(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .act)
        try site.runs.take(for: "\(visitor.user.id)")
        let form = try await Form(request, context)
        let wanted = Set(form.list("account_id") + form.list("accounts"))
        let all = try await accounts(visitor)
        let accounts =
            wanted.isEmpty ? all : all.filter { wanted.contains($0.externalID) || wanted.contains("\($0.id)") }
        guard !accounts.isEmpty else {
            throw all.isEmpty
                ? WebError(
                    .conflict, "no_account", "No Meta account is connected.", advice: "Connect one first.")
                : WebError.invalid(["account_id": "No connected Meta account has this number."])
        }
        let started = try await Requests(site: site).start(
            .facebook, Control.Order(), named: nil, of: accounts, by: visitor)
        try await site.record(visitor, "Started a sync", "Meta", "\(started.jobs.count)")
        let message = context.words.pick(
            "Facebook Ads are being synced in the background", "Đã bắt đầu đồng bộ Facebook Ads trong background")
        return try Answer.json(
            Started(message: message, sync_id: started.id, jobs: started.jobs.map(\.value)), .accepted)
    }

    private struct Stopped: Encodable {
        var success = true
        var message: String
        var stopped: Int
    }

    private func stop(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .act)
        try site.runs.take(for: "\(visitor.user.id)")
        let open = try await entries(visitor, [.pending, .inProgress, .waiting], limit: 1000)
        var stopped = 0
        for entry in open where try await site.store.cancel(entry.job, by: visitor.actor) { stopped += 1 }
        if stopped > 0 { try await site.record(visitor, "Stopped the sync", "Meta", "\(stopped)") }
        let words = context.words
        let message =
            stopped == 0
            ? words.pick("Nothing is running", "Không có đồng bộ nào đang chạy")
            : words.pick("The sync was stopped", "Đã dừng đồng bộ")
        return try Answer.json(Stopped(message: message, stopped: stopped))
    }

    // MARK: Looking

    private struct Status: Encodable {
        var success = true
        var status: Body
        struct Body: Encodable {
            var status: String
            var started_at: String?
            var finished_at: String?
            var progress: Int
            var message: String
        }
    }

    private func status(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let body = try await progress.value("status \(visitor.workspace.id) \(context.words.language)") {
            let sync = try await current(visitor)
            return try Answer.encoded(
                Status(
                    status: Status.Body(
                        status: sync.status, started_at: sync.startedAt?.description,
                        finished_at: sync.finishedAt?.description, progress: sync.percent,
                        message: sync.message(context.words))))
        }
        return Answer.json(body)
    }

    private struct Progress: Encodable {
        var success = true
        var progress: Body
        var counts: [String: Int]
        struct Body: Encodable {
            var stage: String
            var percent: Double
            var message: String
            var current_step: Int
            var total_steps: Int
        }
    }

    private func progress(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let body = try await progress.value("progress \(visitor.workspace.id) \(context.words.language)") {
            let sync = try await current(visitor)
            return try Answer.encoded(
                Progress(
                    progress: Progress.Body(
                        stage: sync.stage, percent: sync.stagePercent, message: sync.message(context.words),
                        current_step: sync.step, total_steps: FacebookSync.stages.count),
                    counts: try await stored(visitor)))
        }
        return Answer.json(body)
    }

    /// Rows in the database by stage.
    private func stored(_ visitor: Visitor) async throws -> [String: Int] {
        try await counts.value("\(visitor.workspace.id)") {
            var counts = Dictionary(uniqueKeysWithValues: FacebookSync.stages.map { ($0, 0) })
            let connections = try await site.store.connections().filter {
                $0.workspace == visitor.workspace.id && $0.platform == FacebookRoutes.platform
            }
            guard let first = connections.first else { return counts }
            let streams = try site.environment.connectors.type(of: first.platform)
                .init(configuration: first.configuration).streams
            let stored = try await site.store.stored(streams, of: first.platform, in: visitor.workspace.id)
            for schema in streams { counts[schema.stage, default: 0] += stored[schema.id] ?? 0 }
            return counts.filter { FacebookSync.stages.contains($0.key) }
        }
    }

    private func accounts(_ visitor: Visitor) async throws -> [Account] {
        try await site.store.accounts().filter {
            $0.workspace == visitor.workspace.id && $0.platform == FacebookRoutes.platform
        }
    }

    private func entries(_ visitor: Visitor, _ states: [WorkState], limit: Int) async throws -> [LogEntry] {
        try await site.store.logs(
            LogFilter(workspace: visitor.workspace.id, platform: FacebookRoutes.platform, states: states), before: nil,
            limit: limit)
    }

    /// What is open of Meta; else the last that was asked for; else the last run.
    private func current(_ visitor: Visitor) async throws -> FacebookSync {
        var entries = try await entries(visitor, [.pending, .inProgress, .waiting], limit: 200)
        if entries.isEmpty {
            let last = try await site.store.requests(of: visitor.workspace.id, kind: .facebook, limit: 1).first
            let newest = try await self.entries(visitor, [], limit: 200)
            let jobs = Set(last?.jobs ?? [])
            entries = newest.filter { jobs.contains($0.job) }
            if entries.isEmpty { entries = Array(newest.prefix(1)) }
        }
        var stages: [StageProgress] = []
        for entry in entries { stages += try await site.store.stages(of: entry.job) }
        return FacebookSync(entries, stages)
    }
}

/// The sync of Meta as the replaced system tells of it: eight stages, one after the other.
struct FacebookSync: Sendable {
    static let stages = ["businesses", "accounts", "campaigns", "adsets", "ads", "pages", "posts", "insights"]

    let status: String
    let startedAt: Instant?
    let finishedAt: Instant?
    /// Of all its chunks.
    let percent: Int
    /// The stage that goes on, `completed`, or `idle` when there was never one.
    let stage: String
    /// Stages that are done, of eight: 37.5 when three are.
    let stagePercent: Double
    let step: Int

    init(_ entries: [LogEntry], _ stages: [StageProgress]) {
        let open = entries.filter { !$0.state.isTerminal }
        startedAt = entries.compactMap { $0.startedAt ?? $0.createdAt }.min()
        finishedAt = open.isEmpty ? entries.compactMap(\.finishedAt).max() : nil
        var done: Set<String> = []
        for name in FacebookSync.stages {
            let mine = stages.filter { $0.stage == name }
            if !mine.isEmpty, mine.allSatisfy({ $0.completed + $0.failed == $0.total }) { done.insert(name) }
        }
        let total = stages.reduce(0) { $0 + $1.total }
        let ended = stages.reduce(0) { $0 + $1.completed + $1.failed }
        guard let first = entries.first else {
            (status, percent, stage, stagePercent, step) = ("idle", 0, "idle", 0, 0)
            return
        }
        guard !open.isEmpty else {
            let failed = entries.contains { $0.state == .failed }
            let cancelled = entries.allSatisfy { $0.state == .cancelled }
            status = cancelled ? "cancelled" : failed ? "failed" : "completed"
            percent = cancelled ? first.percent : 100
            stage = status
            stagePercent = cancelled ? Double(done.count) * 12.5 : 100
            step = cancelled ? done.count : FacebookSync.stages.count
            return
        }
        let started = open.contains { $0.startedAt != nil || $0.state == .inProgress }
        status = started ? "running" : "queued"
        percent = total == 0 ? 0 : min(99, 100 * ended / total)
        // The first that is not done: those behind it may have begun.
        let current = FacebookSync.stages.firstIndex { !done.contains($0) } ?? FacebookSync.stages.count - 1
        stage = FacebookSync.stages[current]
        step = current
        stagePercent = Double(current) * 12.5
    }

    func message(_ words: Words) -> String {
        switch status {
        case "idle": words.pick("Nothing was synced yet", "Chưa có lần đồng bộ nào")
        case "queued": words.pick("Waiting to start", "Đang chờ bắt đầu")
        case "completed": words.pick("Sync complete", "Đồng bộ hoàn tất")
        case "failed": words.pick("Sync ended with failures", "Đồng bộ kết thúc, có phần bị lỗi")
        case "cancelled": words.pick("Sync stopped", "Đã dừng đồng bộ")
        default: words.pick("Syncing \(name)...", "Đang đồng bộ \(name)...")
        }
    }

    /// As the replaced system writes it, in both languages.
    private var name: String {
        switch stage {
        case "adsets": "Ad Sets"
        default: stage.prefix(1).uppercased() + stage.dropFirst()
        }
    }
}
