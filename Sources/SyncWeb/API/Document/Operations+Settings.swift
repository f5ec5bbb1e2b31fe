import HTTPTypes
import SyncCore

extension Operation {
    private static func person(
        _ path: String, _ summary: String, _ right: Right = .look, _ schema: String = "Done", status: Int = 200,
        body: String = ""
    ) -> Operation {
        Operation(
            method: .post, path: path, access: .person(right), kind: .json(status, schema), summary: summary,
            body: body)
    }

    private static func connect(_ path: String, _ use: PlatformFields.Use) -> Operation {
        Operation(
            method: .post, path: path, access: .visitor(.act), kind: .json(201, "Connected"),
            summary: "Check a credential and store it", body: "account:Reference? address:text?", credential: use,
            also: [409])
    }

    // MARK: Connections

    static let connections: [Operation] = [
        get("/connect", .act, "Platforms", "Platforms and what it takes to connect them"),
        get("/connect/{platform}", .act, "OnePlatform", "One platform"),
        connect("/connect/{platform}", .byAddress),
        page(.get, "/connect/{platform}/login", .act),
        Operation(
            method: .get, path: "/connect/{platform}/callback", access: .open, kind: .moved,
            summary: "Where a platform sends a browser back to, with more of its own: on to the accounts, or for who "
                + "was sent the link, to nothing more",
            query: "state:text?", others: [(200, "Done")], also: [401, 403, 410, 429]),
        Operation(
            method: .get, path: "/connect/{platform}/accounts", access: .visitor(.act),
            kind: .json(200, "ReachedAccounts"),
            summary: "Accounts that connections reach; for a platform that receives, what can go on to it",
            query: "connection:[id]+", others: [(200, "PassedOn")], also: [409]),
        Operation(
            method: .post, path: "/connect/{platform}/accounts", access: .visitor(.act), kind: .json(202, "Begun"),
            summary: "Start the first sync of accounts; for a platform that receives, choose what goes on to it",
            body: "connection:[id]+ account:[Reference]+ interval:none|\(Recurrence.Interval.texts)? "
                + "destination:1...\(Int.max)|none?",
            others: [(200, "PassedOn")], also: [409]),
        page(.post, "/connect/{platform}/accounts/plan", .act),
        get("/connections", .look, "Connections", "All connections"),
        connect("/connections", .byField),
        get("/connections/{id}", .look, "OneConnection", "One connection"),
        post("/connections/{id}/check", .act, "Connected", "Test a connection", also: [409]),
        page(.get, "/connections/{id}/reconnect", .act),
        Operation(
            method: .post, path: "/connections/{id}/reconnect", access: .visitor(.act),
            kind: .json(200, "Reconnected"), summary: "Give it another credential; its work goes on",
            credential: .alone, also: [409]),
        page(.get, "/connections/{id}/consent", .act),
        page(.get, "/connections/{id}/delete", .act),
        post("/connections/{id}/delete", .act, "Removed", "Forget the credential; what was read stays"),
        Operation(
            method: .delete, path: "/connections/{id}", access: .visitor(.act), kind: .json(200, "Removed"),
            summary: "Forget the credential; what was read stays"),
    ]

    // MARK: Settings

    private static let list = "before:id? limit:1...200?"
    private static let record = "who:text? text:text? from:day? to:day? "

    static let settings: [Operation] = [
        get("/sync/settings", .look, "System", "The queue, machines, the database, limits"),
        post("/sync/settings/pause", .act, "WorkOrders", "Let all work of the workspace stand still"),
        post("/sync/settings/resume", .act, "WorkOrders", "Let all work go on"),
        post("/sync/history/pause", .act, "WorkOrders", "Let all history stand still", also: [409]),
        post("/sync/history/resume", .act, "WorkOrders", "Let history go on", also: [409]),
        get("/sync/settings/quotas", .look, "Limits", "All limits"),
        post(
            "/sync/settings/quotas", .own, "Limits", "Set a limit, or reset it (`step=reset`)",
            body: "key:text? points:amount? seconds:amount? burst:amount? step:reset?", query: "key:text?",
            needs: [["points", "seconds"], ["step"]], also: [404]),
        get("/sync/settings/backup", .look, "Backups", "Backups of this server"),
        post("/sync/settings/backup", .own, "Backups", "Write a backup", status: 202, also: [409]),
        get("/sync/settings/people", .look, "People", "Who works in the workspace"),
        post(
            "/sync/settings/people", .own, "Invitation", "Invite a person; the link is shown once", status: 201,
            body: "email:filled role:\(Role.words)?", also: [409]),
        post(
            "/sync/settings/people/{id}/role", .own, "Done", "Give another role",
            body: "role:\(Role.words)", also: [409]),
        page(.get, "/sync/settings/people/{id}/delete", .own),
        post("/sync/settings/people/{id}/delete", .own, "Done", "Remove a person", also: [409]),
        Operation(
            method: .delete, path: "/sync/settings/people/{id}", access: .visitor(.own), kind: .json(200, "Done"),
            summary: "Remove a person", also: [409]),
        post("/sync/settings/people/{id}/sign-out", .own, "Done", "End a person's sessions here"),
        post(
            "/sync/settings/people/{id}/password", .own, "PasswordLink",
            "A link for a new password; it is shown once", status: 201, also: [409]),
        page(.get, "/sync/settings/people/invitations/{id}/delete", .own),
        post(
            "/sync/settings/people/invitations/{id}/delete", .own, "Done", "Withdraw an invitation"),
        get("/sync/settings/tokens", .look, "Tokens", "API tokens, without what opens"),
        post(
            "/sync/settings/tokens", .own, "Token", "Make an API token; it is shown once", status: 201,
            body: "name:filled scopes:[\(TokenScope.words)]+ expires_in_days:1...3650|never?"),
        page(.get, "/sync/settings/tokens/{id}/delete", .own),
        post("/sync/settings/tokens/{id}/delete", .own, "Done", "Revoke a token"),
        Operation(
            method: .delete, path: "/sync/settings/tokens/{id}", access: .visitor(.own), kind: .json(200, "Done"),
            summary: "Revoke a token"),
        get(
            "/sync/settings/audit", .look, "Records", "Who did what, and whether the record is whole",
            query: record + list),
        Operation(
            method: .get, path: "/sync/settings/audit/export", access: .visitor(.look), kind: .file,
            summary: "The record as a file, with the hashes of its chain", query: record + file),
        get("/sync/settings/you", .look, "Own", "The person who asks"),
        person("/sync/settings/you", "Change the own name", body: "name:filled"),
        person(
            "/sync/settings/you/password", "Change the own password", body: "current:secret password:secret"),
        person("/sync/settings/you/sessions/end", "End all other sessions"),
        person("/sync/settings/you/sessions/{id}/end", "End a session"),
        get("/workspaces", .look, "Own", "The workspaces of the person who asks"),
        person(
            "/workspaces", "Make a workspace, and go there", .own, "OneWorkspace", status: 201,
            body: "workspace:filled"),
        post("/workspaces/{id}", .own, "OneWorkspace", "Rename the workspace", body: "name:filled"),
    ]

    // MARK: Notices

    private static let target = "name:text? language:en|vi? secret:text?"
    private static let events = "[\(NoticeTopic.words)]"
    private static let change = "address:text? event:\(events)? " + target

    static let notices: [Operation] = [
        get("/notices", .look, "Notices", "What people should know of"),
        post("/notices/read", .look, "NoticesRead", "All up to one was read", body: "up_to:id?"),
        get("/sync/settings/notifications", .look, "Targets", "Who is told, and what became of the messages"),
        post(
            "/sync/settings/notifications", .own, "Target", "Tell somebody; a secret is shown once", status: 201,
            body: "kind:\(NoticeTarget.Kind.words) address:filled event:\(events)+ " + target),
        post("/sync/settings/notifications/{id}", .own, "Target", "Change who is told", body: change),
        Operation(
            method: .put, path: "/sync/settings/notifications/{id}", access: .visitor(.own), kind: .json(200, "Target"),
            summary: "Change who is told", body: change),
        post("/sync/settings/notifications/{id}/toggle", .own, "Target", "Turn it off, or on again"),
        post("/sync/settings/notifications/{id}/test", .own, "Delivery", "Send a test message", status: 202),
        page(.get, "/sync/settings/notifications/{id}/delete", .own),
        post("/sync/settings/notifications/{id}/delete", .own, "Done", "Tell nobody there any more"),
        Operation(
            method: .delete, path: "/sync/settings/notifications/{id}", access: .visitor(.own),
            kind: .json(200, "Done"), summary: "Tell nobody there any more"),
        post(
            "/sync/settings/notifications/deliveries/{id}/resend", .own, "Delivery", "Send a message once more",
            status: 202, also: [409]),
    ]

    // MARK: The server

    static let system: [Operation] = [
        Operation(
            method: .get, path: "/healthz", access: .open, kind: .json(200, "Health"), summary: "The process lives"),
        Operation(
            method: .get, path: "/readyz", access: .open, kind: .json(200, "Health"), summary: "It can write"),
        Operation(
            method: .get, path: "/flowing", access: .open, kind: .json(200, "Health"), summary: "Its work moves"),
        Operation(
            method: .get, path: "/metrics", access: .visitor(.look), kind: .text,
            summary: "Numbers for Prometheus; calls of this machine need no token"),
        Operation(
            method: .get, path: "/events", access: .visitor(.look), kind: .events("Events"),
            summary: "What happens, as a list or as server-sent events by `Accept`",
            query: "after:0...\(1 << 53)? limit:1...1000?"),
        Operation(
            method: .get, path: "/live", access: .visitor(.look), kind: .events(nil),
            summary: "The parts of a page as they change, as server-sent events without an end: `regions` with HTML by "
                + "name, all of them at first, `goto`, `reload` and `toast`",
            query: "page:filled last:text?", also: [404]),
        Operation(method: .get, path: "/openapi.json", access: .open, kind: .page),
        Operation(method: .get, path: "/manifest.webmanifest", access: .open, kind: .page),
        Operation(method: .get, path: "/favicon.ico", access: .open, kind: .page),
        Operation(method: .get, path: "/favicon.svg", access: .open, kind: .page),
    ]
}
