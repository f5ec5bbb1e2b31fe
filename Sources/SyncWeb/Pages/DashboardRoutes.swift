import ConnectorKit
import FoundationEssentials
import Hummingbird
import SyncCore
import SyncEngine
import Wording

/// The dashboard, and accounts as an API.
struct DashboardRoutes: Sendable {
    let site: Site

    func add(to router: Router<WebContext>) {
        router.get("/") { try await dashboard($0, $1) }
        router.get("accounts") { try await dashboard($0, $1, section: .accounts) }
    }

    private func dashboard(
        _ request: Request, _ context: WebContext, section: Page.Section = .dashboard
    ) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let query = Form(query: request)
        var standings = try await site.board.standings(of: visitor.workspace.id)
        let text = section == .accounts ? query["text"]?.lowercased() : nil
        if let text { standings = standings.filter { $0.account.isFound(by: text) } }
        if context.wantsJSON { return try Answer.json(AccountsBody(standings)) }
        let words = context.words
        if standings.isEmpty, text != nil { return Answer.seeOther("/accounts") }
        if standings.isEmpty {
            return try await site.renderer.response(
                Page(
                    template: "empty", section: section, title: words.pick("Dashboard", "Tổng quan"),
                    model: EmptyPage.make(site.environment.connectors.map { $0.platform }, words)), request, context)
        }
        let number = max(1, try query.number("page", 1...10_000) ?? 1)
        var model = DashboardPage.make(
            standings, lastHour: try await site.store.work(of: visitor.workspace.id, minutes: 60),
            canAct: visitor.may(.act), page: number - 1, words, at: site.clock.now)
        model.found = query["text"].flatMap {
            text == nil ? nil : words.pick("Accounts with “\($0)”", "Tài khoản có “\($0)”")
        }
        return try await site.renderer.response(
            Page(
                template: "dashboard", section: section, title: words.pick("Dashboard", "Tổng quan"), model: model,
                isLive: text == nil, reloadSeconds: 30), request, context)
    }
}

extension Account {
    /// By a part of its name, or by its number.
    func isFound(by text: String) -> Bool { name.lowercased().contains(text) || Account.fits(text, externalID) }
}

/// Accounts for programs.
struct AccountsBody: Encodable, Sendable {
    var success = true
    var accounts: [AccountBody]

    init(_ standings: [Standing]) { accounts = standings.map(AccountBody.init) }
}

struct AccountBody: Encodable, Sendable {
    var id: Int64
    var connection_id: Int64
    var platform: String
    var external_id: String
    var name: String
    var currency: String
    var time_zone: String
    var created_on: String?
    /// A word of `Standing.State`.
    var health: String
    var last_synced_at: String?
    var next_run_at: String?
    var phase_1_completed_at: String?
    var phase_2_completed_at: String?
    var days_complete: Int
    var days_total: Int
    var open_jobs: [Int64]

    init(_ standing: Standing) {
        let account = standing.account
        id = account.id.value
        connection_id = account.connection.value
        platform = account.platform.rawValue
        external_id = account.externalID
        name = account.name
        currency = account.currency
        time_zone = account.zoneName
        created_on = account.createdOn?.description
        health = Health(standing.state).rawValue
        last_synced_at = account.lastSyncedAt?.description
        next_run_at = standing.nextRun?.description
        phase_1_completed_at = account.recentCompletedAt?.description
        phase_2_completed_at = account.historyCompletedAt?.description
        days_complete = standing.days.count(where: \.isRead)
        days_total = standing.days.count { $0 != .notOffered }
        open_jobs = standing.open.map(\.id.value)
    }

    enum Health: String, CaseIterable {
        case signedOut = "signed_out"
        case failed, stuck, paused, waiting, arriving, queued, repairing
        case catchingUp = "catching_up"
        case behind, differs, complete, partial
        case notSynced = "not_synced"

        init(_ state: Standing.State) {
            switch state {
            case .signedOut: self = .signedOut
            case .stuck: self = .stuck
            case .failed: self = .failed
            case .paused: self = .paused
            case .waits: self = .waiting
            case .arriving: self = .arriving
            case .queued: self = .queued
            case .repairing: self = .repairing
            case .catchingUp: self = .catchingUp
            case .behind: self = .behind
            case .differs: self = .differs
            case .complete: self = .complete
            case .partial: self = .partial
            case .untouched: self = .notSynced
            }
        }
    }
}
