import ConnectorKit
import FoundationEssentials
import HTTPTypes
import Hummingbird
import SyncCore
import SyncEngine
import Wording

/// The third step: which accounts, what will happen, and the start.
struct PickRoutes: Sendable {
    let desk: ConnectDesk
    private let reached: ReachedAccounts
    private var site: Site { desk.site }

    init(desk: ConnectDesk) {
        self.desk = desk
        reached = ReachedAccounts(desk.site.store, clock: desk.site.clock)
    }

    func add(to router: Router<WebContext>) {
        router.get("connect/:platform/accounts") { try await show($0, $1) }
        router.post("connect/:platform/accounts") { try await start($0, $1) }
        router.post("connect/:platform/accounts/plan") { try await plan($0, $1) }
    }

    // MARK: What there is to pick from

    /// An account that can be picked, and by which connection.
    struct Found: Sendable {
        var facts: AccountFacts
        var connection: Connection
        /// The account here, where it is connected already.
        var account: Account?
        var isConnected: Bool { account != nil }
        /// Another workspace has it.
        var isElsewhere = false
        var isOpen: Bool { !isConnected && !isElsewhere }
    }

    private func found(
        _ form: Form, _ type: any Connector.Type, _ visitor: Visitor
    ) async throws -> [Found] {
        var connections: [Connection] = []
        for text in form.list("connection") {
            let connection = try await desk.connection(Int64(text), visitor)
            guard connection.platform == type.platform.id else { throw WebError.notFound }
            guard !connection.isRemoved else { throw ConnectionRoutes.removed }
            connections.append(connection)
        }
        guard !connections.isEmpty else { throw WebError.invalid(["connection": "The number of a connection."]) }
        let working = Set(
            try await desk.book.connections(of: visitor.workspace.id).filter { !$0.isRemoved }.map(\.id))
        let stored = try await site.store.accounts().filter { $0.platform == type.platform.id }
        let own = stored.filter { $0.workspace == visitor.workspace.id }
        let here = own.filter { working.contains($0.connection) }
        let elsewhere = Set(stored.map(\.externalID)).subtracting(own.map(\.externalID))
        var found: [Found] = []
        for connection in connections {
            for facts in try await reached.accounts(of: connection, desk.book)
            where !found.contains(where: { $0.facts.externalID == facts.externalID }) {
                found.append(
                    Found(
                        facts: facts, connection: connection,
                        account: here.first { $0.externalID == facts.externalID },
                        isElsewhere: elsewhere.contains(facts.externalID)))
            }
        }
        return found
    }

    private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .act)
        let type = try desk.type(context)
        let query = Form(query: request)
        if type.platform.receives != nil {
            return try await ReceiverPage(desk: desk).show(query, type, visitor, request, context)
        }
        let found = try await found(query, type, visitor)
        if context.wantsJSON {
            return try Answer.json(
                ReachedListAnswer(
                    connections: query.list("connection").compactMap { Int64($0) },
                    accounts: found.map { ReachedAnswer($0, context.words) }))
        }
        let filling = AccountsFilling(
            desk: desk, texts: desk.texts(type, context), found: found, visitor: visitor, query: query,
            picksAlone: true)
        return try await answer(try await filling.page(), .ok, request, context)
    }

    private func answer(
        _ page: AccountsPage, _ status: HTTPResponse.Status, _ request: Request, _ context: WebContext
    ) async throws -> Response {
        var framed = ConnectStep.accounts.page("connect-accounts", page.headline, page, context.words)
        framed.status = status
        return try await site.renderer.response(framed, request, context)
    }

    // MARK: What will happen

    private func plan(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .act)
        let type = try desk.type(context)
        let form = try await Form(request, context)
        let region: PlanRegion
        if type.platform.receives != nil {
            // The same whatever is picked: nothing is read because of it.
            region = PlanRegion(plan: ReceiverPage(desk: desk).plan(false, context.words))
        } else {
            let found = try await found(form, type, visitor)
            let filling = AccountsFilling(
                desk: desk, texts: desk.texts(type, context), found: found, visitor: visitor, query: form)
            region = PlanRegion(plan: try await filling.plan(picked: filling.picked))
        }
        let text = try site.renderer.templates.render(
            "region-connect-accounts-plan", View(region), context.words.language)
        return Renderer.html(text)
    }

    // MARK: The start

    private func start(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .act)
        let type = try desk.type(context)
        try site.runs.take(for: "\(visitor.user.id)")
        let form = try await Form(request, context)
        if type.platform.receives != nil {
            return try await ReceiverPage(desk: desk).save(form, type, visitor, context)
        }
        let found = try await found(form, type, visitor)
        let filling = AccountsFilling(
            desk: desk, texts: desk.texts(type, context), found: found, visitor: visitor, query: form)
        let wanted = filling.picked.filter { !$0.isConnected }
        // A page offers what there is; a program that names another would wait for it.
        if context.wantsJSON {
            let unknown = form.list("account").first { text in
                !found.contains { Account.fits(text, $0.facts.externalID) }
            }
            if let unknown { throw WebError.invalid(["account": "This connection reaches no account \(unknown)."]) }
        }
        // Before the first one begins.
        if let taken = wanted.first(where: \.isElsewhere) {
            throw EngineError.elsewhere(platform: type.platform.name, account: taken.facts.externalID)
        }
        if !context.wantsJSON, form["step"] == "plan" || wanted.isEmpty {
            return try await answer(
                try await filling.page(), form["step"] == "plan" ? .ok : .unprocessableContent, request, context)
        }
        guard !wanted.isEmpty else {
            throw WebError.invalid(["account": "Pick an account that is reached and not connected yet."])
        }
        let interval = try filling.interval()
        let destination = try await destination(form, type, visitor)
        var begun: [BegunAnswer.Begun] = []
        for each in wanted {
            let started = try await desk.book.begin(each.facts, of: each.connection) { account in
                if let destination { try await desk.book.pass(account, on: destination) }
            }
            begun.append(
                BegunAnswer.Begun(
                    account_id: started.account.value, external_id: each.facts.externalID,
                    job_id: started.job.value, is_new: started.isNew))
            try await site.record(visitor, "Started the first sync", each.facts.name, type.platform.name)
        }
        let ids = Set(begun.map(\.account_id))
        let accounts = try await site.store.accounts().filter { ids.contains($0.id.value) }
        let schedule = try await interval.asyncFlatMap { interval in
            try await desk.book.keepCurrent(accounts, every: interval, by: visitor.actor)
        }
        if context.wantsJSON {
            return try Answer.json(BegunAnswer(accounts: begun, schedule_id: schedule?.id.value), .accepted)
        }
        return Answer.seeOther("/accounts/\(begun[0].account_id)/progress")
    }

    private func destination(
        _ form: Form, _ type: any Connector.Type, _ visitor: Visitor
    ) async throws -> Account? {
        guard type.platform.passesOn, let text = form["destination"], text != "none" else { return nil }
        return try await desk.account(Int64(text), visitor)
    }
}
