import SyncCore

extension MetaSandbox {
    /// What a call counts against, from its path alone.
    func scope(of request: Request, _ view: View) -> Scope {
        guard let first = request.path.first ?? firstID(request) else { return .app }
        guard let node = view.node(first) else { return .app }
        switch node {
        case .run(let id):
            guard let run = runs.run(id) else { return .app }
            return .account(run.query.account, .insights)
        case .page(let page), .post(let page, _):
            return request.path.count > 1 ? .page(page) : .app
        default:
            guard let account = node.account else { return .app }
            return .account(account, request.path.dropFirst().first == "insights" ? .insights : .management)
        }
    }

    private func firstID(_ request: Request) -> String? {
        request.params["ids"]?.split(separator: ",").first.map(String.init)
    }

    /// A name for counters: `GET account/ads`.
    func route(_ request: Request, _ view: View) -> String {
        guard let first = request.path.first else { return "\(request.method) ids" }
        let kind = view.node(first)?.type ?? (Int64(first) == nil && !first.hasPrefix("act_") ? first : "?")
        return ([request.method + " " + kind] + request.path.dropFirst()).joined(separator: "/")
    }

    /// Everything between the fault rules and the answer: version, token, limits, then the call itself.
    mutating func serve(
        _ request: Request, _ scope: Scope, _ strikes: Strikes, _ chance: UInt64, _ view: View, at now: Instant
    ) throws(GraphError) -> Reply {
        if let version = request.version, version < world.versions.oldest, !world.versions.upgrades {
            throw GraphError(2635, nil, "(#2635) You are calling a deprecated version of the Ads API. Please update.")
        }
        if let answer = try open(request, at: now) { return Reply(answer: answer) }
        let grant = try auth.grant(request, at: now)
        if strikes.has(.useCaseThrottle) {
            if case .account(_, .insights) = scope { throw .useCase(80000) }
            if case .account = scope { throw .useCase(80004) }
        }
        if let error = error(of: strikes), strikes.has(.insightsLoad) == false || scope.isInsights { throw error }
        let ids = request.path.isEmpty ? request.list("ids") : nil
        let points: Int64 = request.method == "GET" ? Int64(max(1, ids?.count ?? 1)) : 3
        try limits.admit(scope, points: points, isPost: request.method != "GET", at: now)
        if strikes.has(.badCursor), request.params["after"] != nil { throw .invalidCursor }
        if request.method == "GET" { return try read(request, ids, grant, strikes, chance, view) }
        return try change(request, grant, chance, view)
    }

    /// Endpoints that need no token of a user.
    private mutating func open(_ request: Request, at now: Instant) throws(GraphError) -> Answer? {
        switch request.path {
        case ["debug_token"]:
            guard request.token != nil else { return nil }
            return Answer(try auth.debug(request, at: now))
        case ["oauth", "access_token"]: return Answer(try auth.exchange(request, at: now))
        case ["dialog", "oauth"]: return auth.dialog(request, at: now)
        default: return nil
        }
    }

    private mutating func read(
        _ request: Request, _ ids: [String]?, _ grant: Grant, _ strikes: Strikes, _ chance: UInt64, _ view: View
    ) throws(GraphError) -> Reply {
        var reader = Reader(view: view, request: request, grant: grant, chance: chance)
        reader.flaws = Reader.Flaws(
            duplicatesRow: strikes.has(.duplicateRow), shortPage: strikes.has(.shortPage),
            emptyPage: strikes.has(.emptyPage), looseTypes: strikes.has(.looseTypes))
        reader.scans = scans
        scans = ScanMemo()
        defer { scans = reader.scans }
        var answer = try read(request, ids, &reader)
        answer.rows = reader.rows
        answer.listing = reader.listing
        return Reply(answer: answer, work: reader.work)
    }

    private func read(_ request: Request, _ ids: [String]?, _ reader: inout Reader) throws(GraphError) -> Answer {
        if let ids { return try reader.multiGet(ids) }
        guard let first = request.path.first else {
            throw GraphError(100, nil, "(#100) Unsupported get request to the root of the graph")
        }
        guard let node = reader.view.node(first) else {
            if Int64(first) == nil, !first.hasPrefix("act_"), !first.contains("_") {
                var error = GraphError(
                    803, nil, "(#803) Some of the aliases you requested do not exist: \(first)", status: 404)
                error.type = "OAuthException"
                throw error
            }
            throw .missing(first)
        }
        if case .run(let id) = node { return try read(run: id, request, &reader) }
        try reader.checkAccess(node, id: first)
        switch request.path.count {
        case 1:
            var answer = try reader.node(node)
            answer.hasTag = true
            return answer
        case 2:
            var answer = try reader.edge(request.path[1], of: node, id: first)
            answer.hasTag = request.path[1] != "insights"
            return answer
        default: throw .missing(request.path.joined(separator: "/"))
        }
    }

    private func read(run id: Int64, _ request: Request, _ reader: inout Reader) throws(GraphError) -> Answer {
        guard let run = runs.run(id) else { throw .missing(String(id)) }
        if request.path.count == 1 { return Answer(try reader.status(of: id, run)) }
        guard request.path.count == 2, request.path[1] == "insights" else {
            throw .missing(request.path.joined(separator: "/"))
        }
        return try reader.results(of: id, run)
    }

    private mutating func change(
        _ request: Request, _ grant: Grant, _ chance: UInt64, _ view: View
    ) throws(GraphError) -> Reply {
        guard let first = request.path.first, let node = view.node(first) else {
            throw .missing(request.path.first ?? "", method: request.method.lowercased())
        }
        let reader = Reader(view: view, request: request, grant: grant, chance: chance)
        try reader.checkAccess(node, id: first)
        if request.path.count == 2, request.path[1] == "insights", request.method == "POST", let account = node.account
        {
            var run = try reader.submission(of: node, inFlight: runs.inFlight(account, at: view.now))
            if run.query.asksOldReach(today: model.accounts[account].zone.day(at: view.now)) {
                run.query.keepsOldReach = limits.takesReach(account, view.now)
            }
            runs.forget(before: view.now - world.runs.lifeSeconds)
            // A string: a number breaks the SDK's batch polling (meta.md 4).
            return Reply(answer: Answer(.object([("report_run_id", .text(String(runs.submit(run))))])))
        }
        guard request.path.count == 1 else { throw .missing(request.path.joined(separator: "/"), method: "post") }
        return Reply(answer: try write(node, request, by: grant, view: view))
    }
}

extension MetaSandbox.Scope {
    fileprivate var isInsights: Bool {
        if case .account(_, .insights) = self { true } else { false }
    }
}
