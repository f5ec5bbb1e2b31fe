import ConnectorKit
import FoundationEssentials
import Hummingbird
import SyncCore
import SyncEngine
import Wording

/// The page of one account, and what can be done with it.
struct AccountRoutes: Sendable {
    let site: Site

    func add(to router: Router<WebContext>) {
        router.get("accounts/:id") { try await account($0, $1) }
        router.get("accounts/:id/coverage") { try await coverage($0, $1) }
        router.get("accounts/:id/figures") { try await figures($0, $1) }
        router.get("accounts/:id/quotas") { try await quotas($0, $1) }
        router.post("accounts/:id/sync") { try await sync($0, $1) }
        router.post("accounts/:id/resync") { try await resync($0, $1) }
        router.get("find") { try await find($0, $1) }
    }

    private func account(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let standing = try await site.standing(context.parameters.get("id"), visitor)
        if context.wantsJSON { return try Answer.json(One(account: AccountBody(standing))) }
        let words = context.words
        let choice = try AccountPage.Choice(Form(query: request))
        var model = try await page(standing, visitor, choice, words)
        model.data = try await DataDesk.overview(
            of: standing, AccountPage.days(standing.today, from: choice.from), site, words)
        let parents = [Link(href: "/accounts", label: words.pick("Accounts", "Tài khoản"))]
        if let parked = try await ConnectDesk(site: site).parked(standing.account, visitor, words) {
            return try await site.renderer.response(
                Page(
                    template: "account-parked", section: .accounts, title: standing.account.name,
                    model: ParkedPage(model, parked, words), parents: parents,
                    reloadSeconds: 30), request, context)
        }
        return try await site.renderer.response(
            Page(
                template: "account", section: .accounts, title: standing.account.name, model: model, parents: parents,
                isLive: true, reloadSeconds: 30), request, context)
    }

    func page(
        _ standing: Standing, _ visitor: Visitor, _ choice: AccountPage.Choice, _ words: Words
    ) async throws -> AccountPage {
        // How it stands is told of today, whatever days are shown.
        let frame = AccountFrame(standing, .overview, site, visitor, words)
        var standing = standing
        let days = AccountPage.days(standing.today, from: choice.from)
        if days.first < standing.today.adding(days: -89) {
            standing.byStream = try await site.store.coverage(
                of: standing.account.id, streams: standing.order, days: days)
            standing.days = Standing.joined(standing.byStream, days, createdOn: standing.account.createdOn)
        }
        let both = DayRange(days.first.adding(days: -days.count), days.last) ?? days
        let figures =
            standing.last == nil && standing.open.isEmpty
            ? [] : try await site.store.figures(of: standing.account, days: both)
        let read = try await readDays(standing, both)
        let months = try await site.store.coverageMonths(
            of: standing.account.id, from: MonthsView.first(standing))
        return AccountPage.make(
            standing, figures, read: read, frame, choice,
            proof: try await ProofReader(site: site, standing: standing).brief(words),
            months: MonthsView(standing, months, shown: days, words), words, at: site.clock.now)
    }

    /// Days of which every stream is there: a day that was not read has no figures, not none.
    private func readDays(_ standing: Standing, _ days: DayRange) async throws -> Set<CivilDate> {
        let cells = try await site.store.coverage(of: standing.account.id, streams: standing.order, days: days)
        let states = Standing.joined(cells, days, createdOn: standing.account.createdOn)
        return Set(zip(days.days, states).filter { $1.isRead }.map(\.0))
    }

    private struct One: Encodable {
        var success = true
        var account: AccountBody
    }

    // MARK: For programs

    private struct CoverageBody: Encodable {
        var success = true
        var account_id: Int64
        var from: String
        var to: String
        var streams: [String: [Cell]]

        struct Cell: Encodable {
            var date: String
            var state: String
            var rows: Int
            var read_at: String?
        }
    }

    private func coverage(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let standing = try await site.standing(context.parameters.get("id"), visitor)
        let days = try range(Form(query: request), today: standing.today)
        let streams = try site.streams(of: standing).filter { $0.grain != .entity && !$0.isActing }.map(\.id)
        let cells = try await site.store.coverage(of: standing.account.id, streams: streams, days: days)
        return try Answer.json(
            CoverageBody(
                account_id: standing.account.id.value, from: days.first.description, to: days.last.description,
                streams: Dictionary(
                    uniqueKeysWithValues: cells.filter { !$0.value.isEmpty }.map { stream, cells in
                        (
                            stream.rawValue,
                            cells.map {
                                CoverageBody.Cell(
                                    date: $0.day.description, state: $0.state.rawValue, rows: $0.rows,
                                    read_at: $0.readAt?.description)
                            }
                        )
                    })))
    }

    private struct FiguresBody: Encodable {
        var success = true
        var account_id: Int64
        var days: [Day]

        struct Day: Encodable {
            var date: String
            var currency: String
            var cost_micros: Int64?
            var revenue_micros: Int64?
            var impressions: Int64?
            var clicks: Int64?
            var orders: Int64?
        }
    }

    private func figures(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let standing = try await site.standing(context.parameters.get("id"), visitor)
        let days = try range(Form(query: request), today: standing.today)
        let figures = try await site.store.figures(of: standing.account, days: days)
        return try Answer.json(
            FiguresBody(
                account_id: standing.account.id.value,
                days: figures.map {
                    FiguresBody.Day(
                        date: $0.day.description, currency: $0.currency, cost_micros: $0.cost,
                        revenue_micros: $0.revenue, impressions: $0.impressions, clicks: $0.clicks, orders: $0.orders)
                }))
    }

    private struct QuotasBody: Encodable {
        var success = true
        var quotas: [QuotaBody]
    }

    private func quotas(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let standing = try await site.standing(context.parameters.get("id"), visitor)
        let keys = try site.connector(of: standing).quotaKeys(of: standing.account.externalID)
        let now = site.clock.now
        return try Answer.json(
            QuotasBody(quotas: try await site.store.quotas(.of(keys)).map { QuotaBody($0.key, $0.quota, at: now) }))
    }

    /// The last 90 days where none are named; at most three years.
    private func range(_ form: Form, today: CivilDate) throws -> DayRange {
        let to = try form.day("to") ?? today
        let from = try form.day("from") ?? to.adding(days: -89)
        return try AskedDays.checked(from, to)
    }

    // MARK: Doing

    private struct Started: Encodable {
        var success = true
        var message: String
        var sync_id: String
        var status = "queued"
        var jobs: [Int64]
    }

    private func sync(_ request: Request, _ context: WebContext) async throws -> Response {
        try await start(request, context) { _, _ in [Control.Order()] }
    }

    /// Days of a stream once more; or several such spans at once, `ads:2026-11-01:2026-11-07`.
    private func resync(_ request: Request, _ context: WebContext) async throws -> Response {
        try await start(request, context) { form, standing in
            let spans = form.list("span")
            guard !spans.isEmpty else { return [try AccountRoutes.order(form, standing, mustHaveDays: true)] }
            guard spans.count <= AccountRoutes.mostSpans else {
                throw WebError.invalid(["span": "At most 20 at once."])
            }
            return try spans.map { span in
                let parts = span.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
                guard parts.count == 3 else { throw WebError.invalid(["span": "Which days?"]) }
                let form = Form(["stream": [parts[0]], "from": [parts[1]], "to": [parts[2]]])
                return try AccountRoutes.order(form, standing, mustHaveDays: true)
            }
        }
    }

    private static let mostSpans = 20

    /// The days that a form names, of the streams that it names; without any all that is due.
    static func order(_ form: Form, _ standing: Standing, mustHaveDays: Bool) throws -> Control.Order {
        let streams = form.list("stream") + form.list("streams")
        if !mustHaveDays, form["from"] == nil, form["to"] == nil { return Control.Order(streams: streams) }
        guard let from = try form.day("from"), let to = try form.day("to") else {
            throw WebError.invalid(["from": "Which days?"])
        }
        let days = try AskedDays.checked(from, to, upTo: standing.today)
        return Control.Order(streams: streams, days: days, kind: .manual)
    }

    private func start(
        _ request: Request, _ context: WebContext, _ orders: (Form, Standing) throws -> [Control.Order]
    ) async throws -> Response {
        let visitor = try site.visitor(context, .act)
        try site.runs.take(for: "\(visitor.user.id)")
        let standing = try await site.standing(context.parameters.get("id"), visitor)
        var (id, jobs): (String, [JobID]) = ("", [])
        let form = try await Form(request, context)
        // What is told beforehand is kept with each; before the first one begins all are understood.
        var priced: [(order: Control.Order, price: Price)] = []
        for order in try orders(form, standing) {
            priced.append((order, try await site.price(of: order, standing, named: form)))
        }
        for (order, price) in priced {
            let started = try await Requests(site: site).start(
                .manual, order, named: nil, of: [standing.account], promised: price.promise(at: site.clock.now),
                by: visitor)
            (id, jobs) = (started.id, jobs + started.jobs)
            try await site.record(
                visitor, order.days == nil ? "Started a sync" : "Asked for days once more", standing.account.name,
                order.days.map { "\($0)" } ?? "")
        }
        guard context.wantsJSON else { return Answer.seeOther("/accounts/\(standing.account.id)/progress") }
        let message = context.words.pick("The sync was queued", "Đã đưa vào hàng đợi")
        return try Answer.json(Started(message: message, sync_id: id, jobs: jobs.map(\.value)), .accepted)
    }

    /// What people type into the search: an account's name or number, or a run's number.
    private func find(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let text = (Form(query: request)["text"] ?? "").lowercased()
        let accounts = try await site.store.accounts().filter { $0.workspace == visitor.workspace.id }
        let found = accounts.filter { $0.isFound(by: text) }
        if text.isEmpty { return Answer.seeOther("/accounts") }
        if found.count == 1 { return Answer.seeOther("/accounts/\(found[0].id)") }
        return Answer.seeOther("\(found.isEmpty ? "/sync/logs" : "/accounts")?text=\(Renderer.escaped(text))")
    }
}

/// A limit for programs.
struct QuotaBody: Encodable, Sendable {
    var key: String
    var family: String
    var points: Double
    var period_seconds: Double
    var points_per_second: Double
    var used: Double
    /// `open`, `slowed` or `blocked`.
    var state: String
    var blocked_until: String?

    init(_ key: QuotaKey, _ quota: Quota, at now: Instant) {
        let use = QuotaUse(key, quota, at: now)
        self.key = key.rawValue
        family = key.family
        points = quota.limit.points
        period_seconds = quota.limit.period.inSeconds
        points_per_second = use.perSecond
        used = use.used
        state = use.blockedFor > .zero ? "blocked" : quota.pace < 1 ? "slowed" : "open"
        blocked_until = use.blockedFor > .zero ? quota.blockedUntil?.description : nil
    }
}

extension Site {
    func connector(of standing: Standing) throws -> any Connector {
        try environment.connectors.type(of: standing.platform.id).init(configuration: standing.connection.configuration)
    }

    func streams(of standing: Standing) throws -> [StreamSchema] { try connector(of: standing).streams }
}
