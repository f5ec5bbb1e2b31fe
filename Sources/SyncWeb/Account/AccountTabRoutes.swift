import ConnectorKit
import FoundationEssentials
import HTTPTypes
import Hummingbird
import SyncCore
import SyncEngine
import Wording

/// The tabs of an account beside its overview, and what is asked on them.
struct AccountTabRoutes: Sendable {
    let site: Site

    func add(to router: Router<WebContext>) {
        router.get("accounts/:id/runs") { try await runs($0, $1) }
        router.get("accounts/:id/certificates") { try await certificates($0, $1) }
        router.get("accounts/:id/settings") { try await settings($0, $1) }
        router.get("accounts/:id/done") { try await done($0, $1) }
        router.get("accounts/:id/price") { try await price($0, $1) }
        router.post("accounts/:id/pause") { try await pause($0, $1) }
        router.post("accounts/:id/resume") { try await resume($0, $1) }
    }

    private func standing(_ context: WebContext) async throws -> (Standing, Visitor) {
        let visitor = try site.visitor(context, .look)
        return (try await site.standing(context.parameters.get("id"), visitor), visitor)
    }

    // MARK: Runs

    private func runs(_ request: Request, _ context: WebContext) async throws -> Response {
        let (standing, visitor) = try await standing(context)
        let account = standing.account
        let form = Form(query: request).without("account_id")
        // Of this account, whatever else is asked for.
        var values = form.values
        values["account"] = ["\(account.id)"]
        let query = try RunQuery(
            Form(values), visitor, [account], zone: standing.zone, at: "/accounts/\(account.id)/runs",
            without: ["account"])
        var entries = try await site.store.logs(query.filter, before: query.before, limit: query.limit + 1)
        let hasMore = entries.count > query.limit
        if hasMore { entries.removeLast() }
        if context.wantsJSON {
            return try Answer.json(
                AccountRunsBody(
                    logs: entries.map { RunBody($0) }, next: hasMore ? entries.last?.job.value : nil))
        }
        let words = context.words
        let view = LogsView(
            query: query, told: RunWords(words, zone: standing.zone, now: site.clock.now), entries: entries,
            hasMore: hasMore, count: try await site.store.logCount(query.filter, upTo: LogsView.mostCounted + 1),
            hours: [], firstDay: standing.today, lastFailure: nil, accounts: [account], schedules: [], platforms: [])
        return try await page(
            "account-runs", RunsTab(AccountFrame(standing, .runs, site, visitor, words), view), standing, request,
            context)
    }

    private func page(
        _ template: String, _ model: any Sendable, _ standing: Standing, isLive: Bool = false, _ request: Request,
        _ context: WebContext
    ) async throws -> Response {
        try await site.renderer.response(
            Page(
                template: template, section: .accounts, title: standing.account.name, model: model,
                parents: [AccountFrame.parent(context.words)], isLive: isLive, reloadSeconds: 30), request, context)
    }

    // MARK: Certificates

    private func certificates(_ request: Request, _ context: WebContext) async throws -> Response {
        let (standing, visitor) = try await standing(context)
        let form = Form(query: request)
        let reader = ProofReader(site: site, standing: standing)
        if context.wantsJSON {
            return try Answer.json(ProofBody(try await reader.read(form)))
        }
        let words = context.words
        let proof = try await reader.tab(form, canAct: visitor.may(.act), words)
        return try await page(
            "account-certificates",
            CertificatesTab(AccountFrame(standing, .certificates, site, visitor, words), proof), standing, isLive: true,
            request, context)
    }

    // MARK: Settings

    private func settings(_ request: Request, _ context: WebContext) async throws -> Response {
        let (standing, visitor) = try await standing(context)
        let streams = try site.streams(of: standing)
        if context.wantsJSON { return try Answer.json(AccountSettingsBody(standing, streams)) }
        let words = context.words
        let shared = try await site.store.accounts().count { $0.connection == standing.connection.id }
        let frame = AccountFrame(standing, .settings, site, visitor, words)
        return try await page(
            "account-settings",
            SettingsTab(frame, standing, streams, accounts: shared, words, site.clock.now), standing, request, context)
    }

    // MARK: Doing

    private struct Done: Encodable {
        var success = true
        var message: String
        var jobs: [Int64]
    }

    private func pause(_ request: Request, _ context: WebContext) async throws -> Response {
        try await each(request, context, "Paused an account", ("Paused", "Đã tạm dừng"), isResuming: false) {
            job, actor in
            try await site.store.pause(job, by: actor)
        }
    }

    private func resume(_ request: Request, _ context: WebContext) async throws -> Response {
        let told = ("It goes on", "Đang chạy tiếp")
        return try await each(request, context, "Let an account go on", told, isResuming: true) { job, actor in
            try await site.store.resume(job, by: actor)
        }
    }

    /// With all runs of the account that have not ended.
    private func each(
        _ request: Request, _ context: WebContext, _ action: String, _ told: (String, String),
        isResuming: Bool, _ body: (JobID, String) async throws -> Bool
    ) async throws -> Response {
        let visitor = try site.actor(context)
        let standing = try await site.standing(context.parameters.get("id"), visitor)
        let open = try await site.store.logs(
            LogFilter(
                workspace: visitor.workspace.id, account: standing.account.id,
                states: [.pending, .inProgress, .waiting]), before: nil, limit: 500)
        var changed: [Int64] = []
        for log in open where try await body(log.job, visitor.actor) { changed.append(log.job.value) }
        if !changed.isEmpty { try await site.record(visitor, action, standing.account.name) }
        if changed.isEmpty, isResuming, open.contains(where: { $0.waitReason == .paused }) { throw WebError.heldBack }
        guard context.wantsJSON else { return Answer.seeOther("/accounts/\(standing.account.id)") }
        return try Answer.json(Done(message: context.words.pick(told.0, told.1), jobs: changed))
    }

    // MARK: What it costs

    private struct Priced: Encodable {
        var success = true
        var price: PriceAnswer
    }

    /// Of days of a stream once more, or of what is due: one line for the page, an object for programs.
    private func price(_ request: Request, _ context: WebContext) async throws -> Response {
        let (standing, _) = try await standing(context)
        let form = Form(query: request)
        let order = try AccountRoutes.order(form, standing, mustHaveDays: false)
        let price = try await site.price(of: order, standing, named: form)
        let now = site.clock.now
        guard request.headers[.accept]?.contains("text/plain") == true else {
            return try Answer.json(Priced(price: PriceAnswer(price, at: now)))
        }
        let text = context.words.price(price, in: standing.zone, now: now)
        return Response(
            status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}

struct AccountRunsBody: Encodable, Sendable {
    var success = true
    var logs: [RunBody]
    var next: Int64?
}

extension Site {
    /// A stream that is unknown is told by the field of the form that names it.
    func price(of order: Control.Order, _ standing: Standing, named form: Form) async throws -> Price {
        do {
            _ = try Control.streams(order.streams, of: connector(of: standing))
        } catch EngineError.unknownStream(let name, let known) {
            let error = EngineError.unknownStream(name, known: known)
            throw WebError.invalid([["span", "streams"].first(where: form.has) ?? "stream": "\(error)"])
        }
        return try await control.price(
            of: [standing.account], streams: order.streams, days: { _ in order.days },
            kind: order.kind ?? (order.days == nil ? .incremental : .manual), from: store)
    }
}

extension Words {
    /// `Costs about 340 points, ready by 14:12. Delays 2 syncs of Minh by 40 s.`
    func price(_ price: Price, in zone: TimeZone, now: Instant) -> String {
        guard let part = price.parts.first, part.calls != nil else {
            return pick("What it costs is not known yet.", "Chưa biết tốn bao nhiêu.")
        }
        let amount = cost(part)
        var text: String
        if let length = price.length {
            let end = near(now + length, in: zone, now: now)
            text = pick("Costs about \(amount), ready by \(end)", "Tốn khoảng \(amount), xong trước \(end)")
        } else {
            text = pick("Costs about \(amount)", "Tốn khoảng \(amount)")
        }
        if let until = part.blockedUntil, until > now {
            let end = near(until, in: zone, now: now)
            text += pick("; its quota opens at \(end)", "; hạn mức mở lại lúc \(end)")
        }
        if let worst = price.delays.max(by: { $0.by < $1.by }) {
            let others = price.delays.count - 1
            let more = others > 0 ? pick(" and \(number(others)) more", " và \(number(others)) lượt khác") : ""
            text += pick(
                ". Delays \(worst.name)\(more) by \(length(worst.by))",
                ". Làm chậm \(worst.name)\(more) \(length(worst.by))")
        }
        return text + "."
    }
}
