import ConnectorKit
import FoundationEssentials
import Hummingbird
import SyncCore
import SyncEngine
import Wording

/// The page of a running sync, and what it is for programs.
struct ProgressRoutes: Sendable {
    let site: Site

    func add(to router: Router<WebContext>) {
        router.get("accounts/:id/progress") { try await progress($0, $1) }
    }

    private func progress(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let standing = try await site.standing(context.parameters.get("id"), visitor)
        guard let job = standing.shown ?? standing.newest else {
            if context.wantsJSON { throw WebError.notFound }
            return Answer.seeOther("/accounts/\(standing.account.id)")
        }
        if context.wantsJSON {
            return try Answer.json(
                ProgressBody(
                    job, standing.open.isEmpty ? try await site.store.stages(of: job.id) : standing.stages,
                    standing.left, percent: standing.open.isEmpty ? nil : standing.percent))
        }
        let words = context.words
        let facts = try await facts(standing, job, visitor, stream: Form(query: request)["stream"])
        let name = standing.account.name
        return try await site.renderer.response(
            Page(
                template: "progress", section: .accounts, title: words.kind(job.definition.kind).capitalised,
                model: ProgressPage.make(facts, words, at: site.clock.now),
                parents: [
                    Link(href: "/accounts", label: words.pick("Accounts", "Tài khoản")),
                    Link(href: "/accounts/\(standing.account.id)", label: name),
                ], isLive: true, reloadSeconds: job.state.isTerminal ? nil : 5, phoneTitle: name), request, context)
    }

    func facts(
        _ standing: Standing, _ job: Job, _ visitor: Visitor, stream: String?
    ) async throws -> ProgressPage.Facts {
        let store = site.store
        let connector = try site.connector(of: standing)
        let isOpen = standing.open.contains { $0.id == job.id }
        return ProgressPage.Facts(
            standing: standing, job: job, actor: nil,
            stages: isOpen && standing.shown?.id == job.id ? standing.stages : try await store.stages(of: job.id),
            streams: try await store.streams(of: job.id), left: standing.shown?.id == job.id ? standing.left : nil,
            quotas: try await store.quotas(.of(connector.quotaKeys(of: standing.account.externalID))),
            tape: try await store.tape(of: job.id, limit: 60),
            failed: job.failedChunks > 0 ? try await store.failures(of: job.id) : [],
            waits: isOpen ? try await store.waits(of: job.id) : [],
            notes: try await store.notes(of: job.id), canAct: visitor.may(.act), stream: stream)
    }
}

/// The progress of a job for programs.
struct ProgressBody: Encodable, Sendable {
    var success = true
    var job_id: Int64
    var account_id: Int64
    var kind: String
    var status: String
    var wait_reason: String?
    var phase: String
    var percent: Int
    var total_chunks: Int
    var completed_chunks: Int
    var failed_chunks: Int
    var rows: Int
    var requests: Int
    var throttled: Int
    var retries: Int
    var started_at: String?
    var finished_at: String?
    /// Seconds; absent while nobody can know.
    var seconds_left: Left?
    var stages: [Stage]

    struct Left: Encodable, Sendable {
        var low: Int
        var likely: Int
        var high: Int
    }

    struct Stage: Encodable, Sendable {
        var stage: String
        var phase: String
        var total: Int
        var completed: Int
        var failed: Int
        var running: Int
        var waiting: Int
        var rows: Int
        var requests: Int
    }

    /// `percent` is what was told of it, while it goes on.
    init(_ job: Job, _ stages: [StageProgress], _ left: Estimate.Left?, percent told: Int?) {
        job_id = job.id.value
        account_id = job.definition.account.value
        kind = job.definition.kind.rawValue
        status = job.state.rawValue
        wait_reason = job.waitReason?.rawValue
        phase = job.phase.rawValue
        let counted = stages.filter { $0.phase == job.phase }.percent(plansMore: job.plansMore)
        percent = job.state == .completed ? 100 : told ?? counted
        total_chunks = job.totalChunks
        completed_chunks = job.completedChunks
        failed_chunks = job.failedChunks
        rows = job.rowsReceived
        requests = job.spent.requests
        throttled = job.spent.throttled
        retries = job.spent.retries
        started_at = job.startedAt?.description
        finished_at = job.finishedAt?.description
        seconds_left = left.map {
            Left(low: Int($0.low.inSeconds), likely: Int($0.likely.inSeconds), high: Int($0.high.inSeconds))
        }
        self.stages = stages.map {
            Stage(
                stage: $0.stage, phase: $0.phase.rawValue, total: $0.total, completed: $0.completed, failed: $0.failed,
                running: $0.running, waiting: $0.waiting, rows: $0.rows, requests: $0.requests)
        }
    }
}

extension Site {
    /// How an account of the visitor's workspace stands; 404 for all others.
    func standing(_ id: String?, _ visitor: Visitor) async throws -> Standing {
        guard let number = id.flatMap({ Int64($0) }), let account = try await store.account(AccountID(number)),
            account.workspace == visitor.workspace.id, let standing = try await board.standing(of: account)
        else { throw WebError.notFound }
        return standing
    }
}
