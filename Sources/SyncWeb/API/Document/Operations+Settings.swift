import HTTPTypes

extension Operation {
    private static func person(
        _ path: String, _ summary: String, _ right: Right = .look, _ schema: String = "Done", status: Int = 200,
        body: String = ""
    ) -> Operation {
        Operation(
            method: .post, path: path, access: .person(right), kind: .json(status, schema), summary: summary,
            body: body)
    }

    // MARK: Connections

    static let connections: [Operation] = [
        get("/connect", .act, "Platforms", "Platforms and what it takes to connect them"),
        get("/connect/{platform}", .act, "OnePlatform", "One platform", query: "draft:text? by:text?"),
        post(
            "/connect/{platform}", .act, "Connected", "Check a credential and store it", status: 201,
            body: "account:text? address:text?", also: [409]),
        page(.get, "/connect/{platform}/login", .act),
        Operation(method: .get, path: "/connect/{platform}/callback", access: .open, kind: .page),
        get(
            "/connect/{platform}/accounts", .act, "ReachedAccounts", "Accounts that connections reach",
            query: "connection:text", also: [409]),
        post(
            "/connect/{platform}/accounts", .act, "Begun", "Start the first sync of accounts", status: 202,
            body: "connection:[text] account:[text] interval:text? destination:text?", also: [409]),
        page(.post, "/connect/{platform}/accounts/plan", .act),
        get("/connections", .look, "Connections", "All connections"),
        post(
            "/connections", .act, "Connected", "Check a credential and store it", status: 201,
            body: "platform:text account:text? address:text?", also: [409]),
        get("/connections/{id}", .look, "OneConnection", "One connection"),
        post("/connections/{id}/check", .act, "Connected", "Test a connection", also: [409]),
        page(.get, "/connections/{id}/reconnect", .act),
        post(
            "/connections/{id}/reconnect", .act, "Reconnected", "Give it another credential; its work goes on",
            body: "account:text?", also: [409]),
        page(.get, "/connections/{id}/consent", .act),
        page(.get, "/connections/{id}/delete", .act),
        post("/connections/{id}/delete", .act, "Removed", "Forget the credential; what was read stays"),
        Operation(
            method: .delete, path: "/connections/{id}", access: .visitor(.act), kind: .json(200, "Removed"),
            summary: "Forget the credential; what was read stays"),
    ]

    // MARK: Settings

    private static let list = "before:id? limit:id?"

    static let settings: [Operation] = [
        get("/sync/settings", .look, "System", "The queue, machines, the database, limits"),
        post("/sync/settings/pause", .act, "WorkOrders", "Let all work of the workspace stand still"),
        post("/sync/settings/resume", .act, "WorkOrders", "Let all work go on"),
        post("/sync/history/pause", .act, "WorkOrders", "Let all history stand still", also: [409]),
        post("/sync/history/resume", .act, "WorkOrders", "Let history go on", also: [409]),
        get("/sync/settings/quotas", .look, "Limits", "All limits", query: "edit:text?"),
        post(
            "/sync/settings/quotas", .own, "Limits", "Set a limit, or reset it (`step=reset`)",
            body: "points:number? seconds:number? burst:number? step:text?", query: "key:text?", also: [404]),
        get("/sync/settings/backup", .look, "Backups", "Backups of this server"),
        post("/sync/settings/backup", .own, "Backups", "Write a backup", status: 202, also: [409]),
        get("/sync/settings/people", .look, "People", "Who works in the workspace", query: "invite:text?"),
        post(
            "/sync/settings/people", .own, "Invitation", "Invite a person; the link is shown once", status: 201,
            body: "email:text role:viewer|operator|owner?", also: [409]),
        post(
            "/sync/settings/people/{id}/role", .own, "Done", "Give another role",
            body: "role:viewer|operator|owner", also: [409]),
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
            body: "name:text scopes:[Scope] expires_in_days:text?"),
        page(.get, "/sync/settings/tokens/{id}/delete", .own),
        post("/sync/settings/tokens/{id}/delete", .own, "Done", "Revoke a token"),
        Operation(
            method: .delete, path: "/sync/settings/tokens/{id}", access: .visitor(.own), kind: .json(200, "Done"),
            summary: "Revoke a token"),
        get(
            "/sync/settings/audit", .look, "Records", "Who did what, and whether the record is whole",
            query: "who:text? text:text? from:day? to:day? " + list),
        get("/sync/settings/you", .look, "Own", "The person who asks"),
        person("/sync/settings/you", "Change the own name", body: "name:text"),
        person(
            "/sync/settings/you/password", "Change the own password", body: "current:secret password:secret"),
        person("/sync/settings/you/sessions/end", "End all other sessions"),
        person("/sync/settings/you/sessions/{id}/end", "End a session"),
        get("/workspaces", .look, "Own", "The workspaces of the person who asks"),
        person(
            "/workspaces", "Make a workspace, and go there", .own, "OneWorkspace", status: 201,
            body: "workspace:text"),
        post("/workspaces/{id}", .own, "OneWorkspace", "Rename the workspace", body: "name:text"),
    ]

    // MARK: Notices

    private static let target = "name:text? address:text? event:[Topic]? language:en|vi? step:text?"

    static let notices: [Operation] = [
        get("/notices", .look, "Notices", "What people should know of"),
        post("/notices/read", .look, "NoticesRead", "All up to one was read", body: "up_to:id?"),
        get("/sync/settings/notifications", .look, "Targets", "Who is told, and what became of the messages"),
        post(
            "/sync/settings/notifications", .own, "Target", "Tell somebody; a secret is shown once", status: 201,
            body: "kind:mail|slack|webhook " + target),
        post("/sync/settings/notifications/{id}", .own, "Target", "Change who is told", body: target),
        Operation(
            method: .put, path: "/sync/settings/notifications/{id}", access: .visitor(.own), kind: .json(200, "Target"),
            summary: "Change who is told", body: target),
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
            summary: "What happens, as a list or as server-sent events by `Accept`", query: "after:count? limit:id?"),
        page(.get, "/live", .look),
        Operation(method: .get, path: "/openapi.json", access: .open, kind: .page),
        Operation(method: .get, path: "/manifest.webmanifest", access: .open, kind: .page),
        Operation(method: .get, path: "/favicon.ico", access: .open, kind: .page),
        Operation(method: .get, path: "/favicon.svg", access: .open, kind: .page),
    ]
}
