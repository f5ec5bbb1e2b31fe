import SyncCore

extension MetaSandbox {
    /// Asynchronous reports in the making (meta.md 4 and 12.6).
    struct RunState: Sendable {
        static let firstID: Int64 = 7_301_200_000_000_001

        /// Ids of runs have 16 digits, those of ad objects 18.
        static func isRun(_ id: Int64) -> Bool { (firstID..<firstID + 1_000_000_000).contains(id) }

        private(set) var runs: [Int64: Run] = [:]
        private var next = RunState.firstID
        /// Most runs of one account that were in flight at once.
        private(set) var mostInFlight = 0

        func run(_ id: Int64) -> Run? { runs[id] }

        func inFlight(_ account: Int, at now: Int64) -> Int {
            runs.values.count { $0.query.account == account && $0.isInFlight(at: now) }
        }

        mutating func submit(_ run: Run) -> Int64 {
            let id = next
            next += 1
            runs[id] = run
            mostInFlight = max(mostInFlight, inFlight(run.query.account, at: run.submitted))
            return id
        }

        /// Forgets runs that nobody can ask for any more.
        mutating func forget(before oldest: Int64) {
            guard runs.count > 5000 else { return }
            runs = runs.filter { $0.value.submitted >= oldest }
        }
    }

    struct Run: Sendable {
        var query: Query
        var params: [String: String]
        var submitted: Int64
        /// Seconds that it takes.
        var duration: Int64
        var fate: Fate
        /// Version of the call that made it: failures explain themselves from v25 on.
        var version: Int
        /// Seconds during which its id is unknown.
        var hiddenFor: Int64

        enum Fate: Sendable, Hashable {
            case completes
            case fails(code: Int, subcode: Int)
            case skipped
            case stuckAtZero
            case stuckAt99
            /// 100 percent, but the first reads of its result fail.
            case unreadable(until: Int64)
            case cannotInclude(until: Int64)
        }

        /// When it stops being in flight; a stuck run holds its place for an hour.
        var ended: Int64 {
            switch fate {
            case .stuckAtZero, .stuckAt99: submitted + 3600
            default: submitted + duration
            }
        }

        func isInFlight(at now: Int64) -> Bool { now < ended }

        func status(at now: Int64) -> (text: String, percent: Int64) {
            let elapsed = now - submitted
            switch fate {
            case .stuckAtZero: return elapsed < 2 ? ("Job Not Started", 0) : ("Job Started", 0)
            case .skipped where elapsed >= duration / 2: return ("Job Skipped", 0)
            case .fails where elapsed >= duration: return ("Job Failed", min(97, 40 + duration % 50))
            case .stuckAt99 where elapsed >= duration: return ("Job Running", 99)
            default: break
            }
            if elapsed >= duration { return ("Job Completed", 100) }
            if elapsed * 10 < duration { return ("Job Not Started", 0) }
            if elapsed * 5 < duration { return ("Job Started", 0) }
            return ("Job Running", min(99, elapsed * 100 / max(1, duration)))
        }
    }
}

extension MetaSandbox.Reader {
    /// `POST {node}/insights`: decides now what becomes of the run.
    func submission(of node: Node, inFlight: Int) throws(GraphError) -> MetaSandbox.Run {
        let query = try query(of: node, request.params, asOf: view.now)
        let knobs = world.runs
        let cost = cost(query)
        // Lognormal-like: the median, up to `spread` times as long, longer with size and with runs in flight.
        var duration = max(1, knobs.medianSeconds / 2)
        let draw = Int64(Mix.below(1000, Mix.hash(chance, 100)))
        duration += knobs.medianSeconds * draw / 1000
        if draw > 900 { duration += knobs.medianSeconds * knobs.spread * (draw - 900) / 100 }
        duration += Int64(cost) / 2000
        if inFlight > knobs.slowAbove { duration *= 1 + Int64(inFlight - knobs.slowAbove) / 20 }
        var run = MetaSandbox.Run(
            query: query, params: request.params, submitted: view.now, duration: duration, fate: .completes,
            version: request.version ?? world.versions.newest, hiddenFor: 0)
        run.query.asOf = view.now + duration
        run.fate = fate(query, cost: cost, inFlight: inFlight, ends: view.now + duration)
        if Mix.strikes(knobs.notFoundAfterSubmit, Mix.hash(chance, 101)) {
            run.hiddenFor = 1 + Int64(Mix.below(3, Mix.hash(chance, 102)))
        }
        return run
    }

    private func fate(_ query: Query, cost: Int, inFlight: Int, ends: Int64) -> MetaSandbox.Run.Fate {
        let knobs = world.runs
        if cost > world.size.asyncRows {
            return Mix.hash(Mix.hash(listingKey()), 5) & 1 == 0
                ? .fails(code: -3, subcode: 1_504_045) : .fails(code: 2, subcode: 1_504_038)
        }
        if poison(query) != nil { return .fails(code: 2, subcode: 1_504_044) }
        if inFlight >= knobs.failAbove { return .fails(code: 2, subcode: 1_504_043) }
        var draw = Mix.below(1000, Mix.hash(chance, 103))
        func falls(_ share: Int) -> Bool {
            defer { draw -= share }
            return draw >= 0 && draw < share
        }
        if falls(knobs.fails) {
            let mix = [(2, 1_504_043), (2, 1_504_044), (-2, 2_490_547)][Mix.below(3, Mix.hash(chance, 104))]
            return .fails(code: mix.0, subcode: mix.1)
        }
        if falls(knobs.skips) { return .skipped }
        if falls(knobs.stuckAtZero) { return .stuckAtZero }
        if falls(knobs.stuckAt99) { return .stuckAt99 }
        if falls(knobs.unreadableResults) { return .unreadable(until: ends + 5) }
        if falls(knobs.cannotInclude) { return .cannotInclude(until: ends + 4) }
        return .completes
    }

    /// `GET /{run}`.
    func status(of id: Int64, _ run: MetaSandbox.Run) throws(GraphError) -> JSON {
        guard view.now >= run.submitted + run.hiddenFor, view.now < run.submitted + world.runs.lifeSeconds else {
            throw .missing(String(id))
        }
        try refuseCannotInclude(run)
        let (text, percent) = run.status(at: view.now)
        let from = run.query.periods.map(\.from).min() ?? 0
        let to = run.query.periods.map(\.to).max() ?? 0
        var members: [(key: String, value: JSON)] = [
            ("id", .text(String(id))), ("account_id", .text(view.account(run.query.account).spec.id)),
            ("time_ref", .int(run.submitted)), ("async_status", .text(text)),
            ("async_percent_completion", .int(percent)),
            ("is_running", .bool(text == "Job Running" || text == "Job Started")),
            ("date_start", .text(CivilDate(daysSince1970: from).description)),
            ("date_stop", .text(CivilDate(daysSince1970: to).description)),
        ]
        if text == "Job Completed" { members.append(("time_completed", .int(run.submitted + run.duration))) }
        if case .fails(let code, let subcode) = run.fate, text == "Job Failed", run.version >= 25 {
            members += [
                ("error_code", .int(Int64(code))), ("error_subcode", .int(Int64(subcode))),
                ("error_message", .text("The report could not be generated")),
                ("error_user_title", .text("Report failed")), ("error_user_msg", .text("Try a smaller report")),
            ]
        }
        guard let asked = request.list("fields") else { return .object(members) }
        for name in asked where !MetaSandbox.FieldTable.run.contains(name) {
            throw .unknownField(name, on: "AdReportRun")
        }
        return .object(members.filter { asked.contains($0.key) || $0.key == "id" })
    }

    private func refuseCannotInclude(_ run: MetaSandbox.Run) throws(GraphError) {
        guard case .cannotInclude(let until) = run.fate, view.now < until else { return }
        throw GraphError(
            100, nil,
            "(#100) Cannot include spend in summary param because they weren't there while creating the report run.")
    }

    /// `GET /{run}/insights`: pages of a finished report, as it was when it finished.
    mutating func results(of id: Int64, _ run: MetaSandbox.Run) throws(GraphError) -> MetaSandbox.Answer {
        guard view.now >= run.submitted + run.hiddenFor, view.now < run.submitted + world.runs.lifeSeconds else {
            throw .missing(String(id))
        }
        try refuseCannotInclude(run)
        let unreadable = GraphError(2601, 1_815_107, "Error accessing adreport job.", isTransient: true)
        guard run.status(at: view.now).percent == 100 else { throw unreadable }
        if case .unreadable(let until) = run.fate, view.now < until { throw unreadable }
        return MetaSandbox.Answer(body: try rows(run.query, params: request.params))
    }
}
