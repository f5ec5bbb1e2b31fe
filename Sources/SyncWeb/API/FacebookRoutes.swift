import ConnectorKit
import FoundationEssentials
import Hummingbird
import NIOCore
import SyncCore
import SyncEngine
import Synchronization
import Wording

/// The routes of the Facebook sync that Sluice replaces, with its shapes and its Vietnamese (replaced.md, R1).
struct FacebookRoutes: Sendable {
    let site: Site
    private let rows: RowCounts
    private let told = ToldSyncs()

    private static let platform = PlatformID("meta")
    private static let names = [["account_id", "accounts"]]

    init(site: Site) {
        self.site = site
        rows = RowCounts(site)
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
        let wanted = form.list("account_id") + form.list("accounts")
        let all = try await accounts(visitor)
        guard !all.isEmpty else {
            throw WebError(.conflict, "no_account", "No Meta account is connected.", advice: "Connect one first.")
        }
        if wanted.isEmpty, form.values["account_id"] == [] || form.values["accounts"] == [] {
            throw WebError.invalid(form.asSent(["account_id": "Pick at least one account."], FacebookRoutes.names))
        }
        // All or none: who names an account that is not there would wait for it.
        guard wanted.allSatisfy({ text in all.contains { $0.isCalled(text) } }) else {
            throw WebError.invalid(
                form.asSent(["account_id": "No connected Meta account has this number."], FacebookRoutes.names))
        }
        let accounts = wanted.isEmpty ? all : all.filter { wanted.contains(where: $0.isCalled) }
        let started = try await Requests(site: site).start(
            .facebook, Control.Order(), named: nil, of: accounts, by: visitor)
        try await site.record(visitor, "Started a sync", "Meta", "\(started.jobs.count)")
        guard context.wantsJSON else { return Answer.seeOther("/") }
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
        let open = try await site.store.openLogs(in: visitor.workspace.id).filter {
            $0.platform == FacebookRoutes.platform
        }
        var stopped = 0
        for entry in open where try await site.store.cancel(entry.job, by: visitor.actor) { stopped += 1 }
        if stopped > 0 { try await site.record(visitor, "Stopped the sync", "Meta", "\(stopped)") }
        guard context.wantsJSON else { return Answer.seeOther("/") }
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
            var started_at: OrNull<String>
            var finished_at: OrNull<String>
            var progress: Int
            var message: String
        }
    }

    private func status(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let words = context.words
        let body = try await site.polls.value("\(OwnActs.prefix(visitor))status \(words.language)") {
            let sync = try await current(visitor)
            return try Answer.encoded(
                Status(
                    status: Status.Body(
                        status: sync.status, started_at: OrNull(sync.startedAt?.description),
                        finished_at: OrNull(sync.finishedAt?.description), progress: sync.percent,
                        message: sync.message(words))))
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
        let words = context.words
        let body = try await site.polls.value("\(OwnActs.prefix(visitor))progress \(words.language)") {
            let sync = try await current(visitor)
            let rows = try await rows.byStage(
                of: FacebookRoutes.platform, in: visitor.workspace.id, over: sync.finishedAt)
            return try Answer.encoded(
                Progress(
                    progress: Progress.Body(
                        stage: sync.stage, percent: sync.stagePercent, message: sync.message(words),
                        current_step: sync.step, total_steps: FacebookSync.stages.count),
                    counts: Dictionary(uniqueKeysWithValues: FacebookSync.stages.map { ($0, rows[$0] ?? 0) })))
        }
        return Answer.json(body)
    }

    private func accounts(_ visitor: Visitor) async throws -> [Account] {
        let present = Set(try await site.store.connections().filter { !$0.isRemoved }.map(\.id))
        return try await site.store.accounts().filter {
            $0.workspace == visitor.workspace.id && $0.platform == FacebookRoutes.platform
                && present.contains($0.connection)
        }
    }

    private func current(_ visitor: Visitor) async throws -> FacebookSync {
        let work = try await site.store.work(on: FacebookRoutes.platform, in: visitor.workspace.id, kind: .facebook)
        return told.told(FacebookSync(work), of: visitor.workspace.id)
    }
}

/// What each workspace was told last.
private final class ToldSyncs: Sendable {
    private let last = Mutex<[WorkspaceID: FacebookSync]>([:])

    func told(_ sync: FacebookSync, of workspace: WorkspaceID) -> FacebookSync {
        last.withLock { last in
            let sync = sync.notBehind(last[workspace])
            last[workspace] = sync
            return sync
        }
    }
}
