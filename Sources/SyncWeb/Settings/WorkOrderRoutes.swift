import Hummingbird
import SyncCore
import Wording

/// What is ordered of all work at once: everything or history stands still, an account's history comes first.
struct WorkOrderRoutes: Sendable {
    let site: Site

    func add(to router: Router<WebContext>) {
        router.post("sync/settings/pause") { try await pause(.all, $0, $1) }
        router.post("sync/settings/resume") { try await resume(.all, $0, $1) }
        router.post("sync/history/pause") { try await pause(.history, $0, $1) }
        router.post("sync/history/resume") { try await resume(.history, $0, $1) }
        router.post("accounts/:id/history/first") { try await first($0, $1) }
    }

    private func pause(_ work: WorkOrders.Work, _ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.actor(context)
        if try await site.store.pause(work, of: visitor.workspace.id, by: visitor.actor) {
            try await site.record(
                visitor, work == .all ? "Paused all work" : "Paused history", visitor.workspace.name)
        } else if work == .history {
            try await refuseUnderAll(visitor)
        }
        return try await answer(visitor, request, context)
    }

    private func resume(_ work: WorkOrders.Work, _ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.actor(context)
        if try await site.store.resume(work, of: visitor.workspace.id, by: visitor.actor) {
            try await site.record(
                visitor, work == .all ? "Let all work go on" : "Let history go on", visitor.workspace.name)
        } else if work == .history {
            try await refuseUnderAll(visitor)
        }
        return try await answer(visitor, request, context)
    }

    private func refuseUnderAll(_ visitor: Visitor) async throws {
        if try await site.store.workOrders(of: visitor.workspace.id).pauses[.all] != nil { throw WebError.heldBack }
    }

    private func first(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.actor(context)
        let standing = try await site.standing(context.parameters.get("id"), visitor)
        guard try await site.store.runFirst(standing.account.id) else {
            throw WebError(
                .conflict, "no_history", "No history of this account is being filled in.",
                advice: "Nothing was changed.")
        }
        try await site.record(visitor, "Had an account's history run first", standing.account.name)
        return try await answer(visitor, request, context)
    }

    private func answer(_ visitor: Visitor, _ request: Request, _ context: WebContext) async throws -> Response {
        guard context.wantsJSON else {
            let back = try await Form(request, context)["back"]
            return Answer.seeOther(EntryRoutes.safe(back) ?? SettingsTabs.path)
        }
        return try Answer.json(WorkOrdersBody(try await site.store.workOrders(of: visitor.workspace.id)))
    }
}

struct WorkOrdersBody: Encodable, Sendable {
    var success = true
    var paused: Pause?
    var history_paused: Pause?
    var first_account: Int64?

    struct Pause: Encodable, Sendable {
        var by: String
        var since: String

        init(_ pause: WorkOrders.Pause) {
            by = pause.by
            since = pause.since.description
        }
    }

    init(_ orders: WorkOrders) {
        paused = orders.pauses[.all].map { Pause($0) }
        history_paused = orders.pauses[.history].map { Pause($0) }
        first_account = orders.first?.value
    }
}

extension WebError {
    /// What is held as a whole goes on as a whole.
    static let heldBack = WebError(
        .conflict, "paused", "More than this was paused, all work or history.",
        advice: "Let that go on first; it is told at the top of every page.")
}
