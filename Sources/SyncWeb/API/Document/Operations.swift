import HTTPTypes
import SyncCore

/// Routes of the server, one line each where it can be.
extension Operation {
    private static func open(
        _ method: HTTPRequest.Method, _ path: String, _ kind: Kind, _ summary: String, body: String = "",
        also: [Int] = []
    ) -> Operation {
        Operation(
            method: method, path: path, access: .open, kind: kind, summary: summary, body: body, also: also)
    }

    // MARK: Ways in

    static let entry: [Operation] = [
        open(.get, "/login", .page, ""),
        open(
            .post, "/login", .json(200, "SignedIn"), "Sign in; the session comes as a cookie",
            body: "email:filled password:secret next:text?", also: [401]),
        open(.post, "/logout", .json(200, "Done"), "Sign out"),
        open(.get, "/setup", .page, ""),
        open(
            .post, "/setup", .json(200, "SignedIn"), "Create the first owner, with the code that was printed",
            body: "code:filled workspace:text? name:filled email:filled password:secret", also: [409]),
        open(.get, "/invitation", .page, ""),
        open(
            .post, "/invitation", .json(200, "SignedIn"), "Join with the code of an invitation",
            body: "code:filled name:text? password:secret", also: [410]),
        open(.get, "/password", .page, ""),
        open(
            .post, "/password", .json(200, "SignedIn"), "Choose a new password with the code of a link",
            body: "code:filled password:secret", also: [410]),
        open(.get, "/enter", .page, ""),
        open(
            .post, "/preferences", .json(200, "Done"), "Language, theme, keys, and the workspace of the session",
            body: "language:en|vi? theme:light|dark|system? keys:flag? workspace:id?", also: [401, 404]),
    ]

    // MARK: Accounts

    private static let days = "from:day? to:day?"
    private static let rows =
        "stream:text? view:\(DataQuery.View.words)? days:all|\(NamedRange.known)? from:day? to:day? column:[text]? "
        + "sort:text? text:text?"
    private static let states = "open|running|processing|waits|\(WorkState.words)"
    static let file = "format:csv|jsonl|xlsx? bom:flag?"

    static let accounts: [Operation] = [
        get("/", .look, "Accounts", "All accounts and how they stand", query: "page:1...10000?"),
        get("/accounts", .look, "Accounts", "All accounts and how they stand", query: "page:1...10000? text:text?"),
        get("/accounts/{id}", .look, "OneAccount", "One account"),
        get(
            "/accounts/{id}/coverage", .look, "Coverage",
            "The state of each day of each stream; the last 90 days "
                + "unless told", query: days),
        get(
            "/accounts/{id}/figures", .look, "Figures", "Spend, revenue, impressions, clicks and orders by day",
            query: days),
        get("/accounts/{id}/quotas", .look, "Quotas", "Limits of the platform: used, granted, blocked until"),
        get(
            "/accounts/{id}/progress", .look, "Progress", "The sync that goes on, or the last one"),
        get(
            "/accounts/{id}/data", .look, "Rows", "Rows of a stream, added up or as they are stored",
            query: rows + " page:1...\(DataQuery.mostPages)? limit:1...200?"),
        Operation(
            method: .get, path: "/accounts/{id}/export", access: .visitor(.look), kind: .file,
            summary: "The same rows as a file, all pages of them", query: rows + " " + file + " all:flag?"),
        get(
            "/accounts/{id}/runs", .look, "AccountRuns", "Runs of the account, the newest first",
            query: "status:\(states)? kind:\(JobKind.words)? from:when? to:when? text:text? before:id? limit:1...200?"),
        get(
            "/accounts/{id}/certificates", .look, "Certificates",
            "Stored sums beside the platform's own totals, 30 days at once", query: "before:day?"),
        get("/accounts/{id}/settings", .look, "AccountSettings", "What is kept of an account"),
        get(
            "/accounts/{id}/price", .look, "Priced", "What days would cost once more, or what is due",
            query: days + " stream:[Stream]?"),
        post("/accounts/{id}/pause", .act, "AccountChanged", "Pause all that is open of the account"),
        post("/accounts/{id}/resume", .act, "AccountChanged", "Let it go on", also: [409]),
        post(
            "/accounts/{id}/history/first", .act, "WorkOrders", "Serve its history before that of the others",
            also: [409]),
        Operation(
            method: .get, path: "/accounts/{id}/done", access: .visitor(.look), kind: .moved,
            summary: "What the first sync has brought, for people; programs are led to the progress"),
        post("/accounts/{id}/sync", .act, "Started", "Sync what is due", status: 202, also: [409]),
        post(
            "/accounts/{id}/resync", .act, "Started", "Read days of a stream once more", status: 202,
            body: "from:day? to:day? stream:[Stream]? span:[filled]?", needs: [["from", "to"], ["span"]], also: [409]),
        post(
            "/accounts/{id}/destination", .act, "Done", "Pass an account on to another, or to `none`",
            body: "destination:1...\(Int.max)|none", also: [409]),
        page(.get, "/find", .look),
        page(.get, "/keys", .look),
    ]

    // MARK: Syncs and logs

    /// Accounts by the numbers that they have here, or by the platforms' own.
    private static let wish =
        "accounts:[Reference]? networks:[Network]? connections:[id]? sync_type:[Stream]? streams:[Stream]? "
        + "date_range:\(NamedRange.asked)? date_from:day? date_to:day?"
    private static let daysApart = "`date_from` and `date_to` go with no `date_range` but `custom`."
    private static let whom = [["accounts"], ["networks"], ["connections"]]
    private static let runs =
        "platform:text? network:text? account:Reference? status:\(states)? kind:\(JobKind.words)? schedule:id? "
        + "from:when? to:when? text:text?"

    static let syncs: [Operation] = [
        post(
            "/facebook/sync/ads", .act, "Started", "Sync all that is due of Meta", status: 202,
            body: "account_id:[Reference]?", also: [409]),
        post("/facebook/sync/stop", .act, "Stopped", "Stop what goes on of Meta"),
        get("/facebook/sync/status", .look, "FacebookStatus", "Whether a sync of Meta runs, and how far it is"),
        get("/facebook/sync/progress", .look, "FacebookProgress", "The stage of eight, and rows by stage"),
        post(
            "/sync/manual", .act, "StartedWithPrice", "Start a sync", status: 202, body: wish, note: daysApart,
            needs: whom, also: [409]),
        get(
            "/sync/price", .look, "Priced", "What a sync, or a schedule, would cost now",
            query: "schedule:id? kind:quick|manual? " + wish, also: [404, 409]),
        get("/sync/quick", .look, "QuickSyncs", "The five most recent quick syncs"),
        post(
            "/sync/quick", .act, "StartedWithPrice", "Start a sync that goes before all else", status: 202, body: wish,
            note: daysApart, needs: whom, also: [409]),
        post(
            "/sync/quick/plan", .look, "Priced", "What a quick sync would cost now", body: wish, note: daysApart,
            needs: whom, also: [409]),
        get("/sync/quick/{id}", .look, "OneQuickSync", "One sync: what was promised, and what it took"),
        post(
            "/sync/quick/{id}/again", .act, "StartedWithPrice", "The same once more", status: 202, also: [409]),
        post("/sync/quick/{id}/cancel", .act, "Stopped", "Stop it"),
        get(
            "/sync/logs", .look, "Runs", "Runs, the newest first, and the hours of seven days",
            query: runs + " before:id? limit:1...200?"),
        Operation(
            method: .get, path: "/sync/logs/export", access: .visitor(.look), kind: .file, summary: "Runs as a file",
            query: runs + " " + file),
        get("/sync/logs/{id}", .look, "OneRun", "One run with its stages and chunks"),
        Operation(
            method: .get, path: "/sync/logs/{id}/export", access: .visitor(.look), kind: .file,
            summary: "The chunks of a run as a file: what was asked for, calls, rows, times, errors", query: file),
        post(
            "/sync/jobs/{id}/retry", .act, "RunChanged",
            "Try failed chunks again; with a `cause` of the run only its own",
            body: "cause:text?", also: [409]),
        post("/sync/jobs/{id}/cancel", .act, "RunChanged", "Stop a run; its rows are kept", also: [409]),
        post("/sync/jobs/{id}/pause", .act, "RunChanged", "Pause a run", also: [409]),
        post("/sync/jobs/{id}/resume", .act, "RunChanged", "Let a paused run go on", also: [409]),
    ]

    // MARK: Schedules

    private static let plan =
        "accounts:[id]? connections:[id]? networks:[Network]? targets:[filled]? sync_type:[Stream]? "
        + "streams:[Stream]? interval:\(Recurrence.Interval.asked)? times:[filled]? weekdays:[\(Weekday.words)]? "
        + "cron:text? time_zone:text? date_range:\(NamedRange.asked)? date_from:day? date_to:day? "
        + "max_runs_per_day:1...1440|none? missed_policy:\(MissedPolicy.words)? is_active:flag? version:count?"
    private static let draft = "name:text? " + plan
    private static let apart =
        "Of `interval`, `times` and `cron` one; `weekdays` go with `times`, those of the body or those that are kept. "
        + daysApart
    /// What is wrong with it is a part of the answer.
    private static let trial =
        "name:text? accounts:[loose]? connections:[loose]? networks:[text]? targets:[text]? sync_type:[text]? "
        + "streams:[text]? interval:loose? times:[text]? weekdays:[text]? cron:text? time_zone:text? "
        + "date_range:text? date_from:text? date_to:text? max_runs_per_day:loose? missed_policy:text? is_active:flag? "
        + "version:loose?"

    static let schedules: [Operation] = [
        get("/sync/schedules", .look, "Schedules", "All schedules"),
        post(
            "/sync/schedules", .act, "OneSchedule", "Make a schedule", status: 201,
            body: "name:filled " + plan, note: apart, needs: whom + [["targets"]], also: [409]),
        get("/sync/schedules/create", .act, "ScheduleOptions", "What a schedule may be about"),
        post("/sync/schedules/preview", .look, "SchedulePreview", "What a schedule would come to", body: trial),
        get("/sync/schedules/{id}", .look, "OneSchedule", "One schedule with its last 20 runs"),
        get("/sync/schedules/{id}/edit", .act, "OneSchedule", "One schedule as it can be changed"),
        Operation(
            method: .put, path: "/sync/schedules/{id}", access: .visitor(.act), kind: .json(200, "OneSchedule"),
            summary: "Change a schedule; what is not named stays", body: draft, bodyNote: apart, also: [409]),
        post(
            "/sync/schedules/{id}/edit", .act, "OneSchedule", "Change a schedule", body: draft, note: apart, also: [409]
        ),
        Operation(
            method: .delete, path: "/sync/schedules/{id}", access: .visitor(.act),
            kind: .json(200, "DoneWithMessage"), summary: "Delete a schedule; what runs goes on"),
        page(.get, "/sync/schedules/{id}/delete", .act),
        post("/sync/schedules/{id}/delete", .act, "DoneWithMessage", "Delete a schedule; what runs goes on"),
        post(
            "/sync/schedules/{id}/toggle", .act, "OneSchedule", "Turn it on or off", body: "is_active:flag?",
            also: [409]),
        post("/sync/schedules/{id}/run", .act, "ScheduleStarted", "Run it now", status: 202, also: [409]),
    ]
}

extension NamedRange {
    /// Those that the API takes: `today|…`, also by the words that people use for months.
    static var known: String { words + "|this_month|last_month" }
    /// Also what is due, and two days.
    static var asked: String { "\(ScheduleDraft.due)|\(ScheduleDraft.custom)|\(known)" }
}

extension Recurrence.Interval {
    static var texts: String { allCases.map(\.text).joined(separator: "|") }
    /// Also in minutes.
    static var asked: String { texts + "|" + allCases.map { "\($0.minutes)" }.joined(separator: "|") }
}
