import ConnectorKit
import FoundationEssentials
import SyncCore

/// Keeps the budgets of a shop to a plan (platforms.md 1.13, 1.14): reads what stands, sets what is to be different,
/// and reads again. What is sent, and under which reference, is stored before it is sent, so that a crash or a lost
/// answer changes nothing twice; what Shopee shows behind it decides what was done.
struct ShopeeBudgets: Sendable {
    let task: ShopeeTask
    let plan: BudgetPlan
    let zone: TimeZone
    let states: RowReader
    let changes: RowReader

    /// Stands for the shop's GMV Max campaign, whose id is not listed.
    static let unseen = "gmv_max"
    /// What was read longer ago is read again before anything is set: a person may have changed it.
    static let freshness: Duration = .seconds(10)
    /// How often a change that does not show is looked for, and how long between.
    static let mostLooks = 3
    private static let pause: Duration = .seconds(5)
    private static let alive: Set<String> = ["ongoing", "paused", "scheduled"]

    struct Cursor: Codable, Sendable, Equatable {
        /// Ids that are done.
        var done = 0
        var batch = ShopeeBatch()
        /// When the run began.
        var runAt: Instant?
        /// When Shopee last showed the budgets of this batch.
        var readAt: Instant?
        /// To be sent, one after the other.
        var todo: [Edit] = []
        /// Sent, and not seen to be there yet.
        var sent: [Edit] = []
        var looks = 0
        /// That the day's changes are used up is told once.
        var isCapped = false
    }

    struct Edit: Codable, Sendable, Equatable {
        var campaign: String
        var name: String
        var rule: String
        var undoes: String?
        var isAuto = false
        var before: Int64?
        var wanted: Int64
        var reference: String
        /// What Shopee said when it refused it.
        var refusal: String?
    }

    private var work: ChunkWork { task.work }
    private var cursor: Cursor { CursorText.decode(Cursor.self, work.cursor) ?? Cursor() }
    private var ids: [String] { work.spec.entities?.ids ?? [] }
    /// The GMV Max campaign is asked for by itself.
    private var asked: [String] {
        let rest = ids.dropFirst(cursor.done)
        if rest.first == ShopeeBudgets.unseen { return [ShopeeBudgets.unseen] }
        return rest.prefix(cursor.batch.count).filter { $0 != ShopeeBudgets.unseen }
    }
    private var isUnseen: Bool { asked == [ShopeeBudgets.unseen] }

    // MARK: Calls

    func call() -> Call {
        if let edit = cursor.todo.first, let readAt = cursor.readAt, work.now - readAt <= ShopeeBudgets.freshness {
            return send(edit)
        }
        if isUnseen {
            let today = BudgetPlan.LocalMoment(work.now, in: zone).day
            let days = (today.adding(days: -1).dayFirst("-"), today.dayFirst("-"))
            return task.requests.post(.unseen, body: #"{"end_date":"\#(days.1)","start_date":"\#(days.0)"}"#)
        }
        return task.requests.get(
            .settings, [("campaign_id_list", asked.joined(separator: ",")), ("info_type_list", "1,2,3,4")])
    }

    private func send(_ edit: Edit) -> Call {
        let budget = Money(micros: edit.wanted)
        let field = isUnseen ? "daily_budget" : "budget"
        // Without an id the shop's only one is meant.
        let campaign = edit.campaign == ShopeeBudgets.unseen ? "" : #""campaign_id":\#(JSONText.id(edit.campaign)),"#
        let body =
            #"{"\#(field)":\#(budget),\#(campaign)"edit_action":"change_budget","#
            + #""reference_id":\#(JSONText.quoted(edit.reference))}"#
        return task.requests.post(endpoint(of: edit), body: body)
    }

    private func endpoint(of edit: Edit) -> ShopeeEndpoint {
        isUnseen ? .editUnseen : edit.isAuto ? .editAuto : .editManual
    }

    // MARK: Answers

    func read(_ response: WireResponse, to call: Call) -> Reading {
        if let edit = cursor.todo.first, call.request.target.hasPrefix(endpoint(of: edit).path) {
            return readSent(edit, response)
        }
        return isUnseen ? readUnseen(response) : readSettings(response)
    }

    /// A change that was refused for good may have been made by an earlier call whose answer was lost: what Shopee
    /// shows tells.
    private func readSent(_ edit: Edit, _ response: WireResponse) -> Reading {
        var edit = edit
        if case .failure(let error) = ShopeeError.answer(in: response) {
            switch error.kind {
            case .change, .request, .foreignCampaign, .gone, .state, .deprecated:
                edit.refusal = "\(error.label): \(task.cause(of: error, endpoint(of: edit), response).message)"
            default: return task.failed(error, endpoint(of: edit), response)
            }
        }
        var next = cursor
        next.todo.removeFirst()
        next.sent.append(edit)
        if isUnseen { return confirmed(next, shown: [:]) }
        return Reading(.more(cursor: CursorText.encode(next)))
    }

    private func readUnseen(_ response: WireResponse) -> Reading {
        let tree: JSONTree
        switch ShopeeError.answer(in: response) {
        case .success(let answer): tree = answer
        case .failure(let error):
            guard error.code == "ads_error_product_gms_campaign_not_found" else {
                return task.failed(error, .unseen, response)
            }
            let note = Note("budgets_unseen", "The shop has no GMV Max campaign, so its budget is not set.")
            return goOn(cursor, [], [], notes: [note])
        }
        let found = tree["response"]
        let id = (found?.items?.first ?? found)?["campaign_id"]?.string ?? ShopeeBudgets.unseen
        let campaign = BudgetPlan.Campaign(id: id, name: "GMV Max", isUnseen: true)
        return confirmed(cursor, shown: [id: Shown(campaign: campaign)])
    }

    private func readSettings(_ response: WireResponse) -> Reading {
        switch task.page(response, at: .list("response.campaign_list")) {
        case .rows(let page, _): return confirmed(cursor, shown: page.map { shown(in: $0.table) } ?? [:], page)
        case .error(let error):
            switch error.kind {
            case .foreignCampaign, .gone, .request, .tooBig:
                if let smaller = cursor.batch.halved(asked.count, isTooMuch: error.kind == .tooBig) {
                    var next = cursor
                    next.batch = smaller
                    return Reading(.more(cursor: CursorText.encode(next)))
                }
                guard [.foreignCampaign, .gone].contains(error.kind) else { break }
                return goOn(cursor, [], [], notes: asked.map(foreignNote))
            default: break
            }
            return task.failed(error, .settings, response)
        }
    }

    private func foreignNote(_ id: String) -> Note {
        Note("budgets_foreign", "The plan of budgets names \(id), which is no campaign of the shop.")
    }

    /// A campaign as Shopee shows it.
    struct Shown {
        var campaign: BudgetPlan.Campaign
        var isAuto = false
        /// Nil where Shopee does not show it.
        var budget: Money?
        var isAlive = true
    }

    private func shown(in table: RowTable) -> [String: Shown] {
        var shown: [String: Shown] = [:]
        for row in 0..<table.rowCount {
            func text(_ column: String) -> String? { table.cell(row: row, column: column).flatMap(table.string) }
            guard let id = text(ShopeeSchemas.campaignID),
                let budget = table.cell(row: row, column: "campaign_budget_micros")?.integer
            else { continue }
            shown[id] = Shown(
                campaign: BudgetPlan.Campaign(id: id, name: text("ad_name") ?? ""), isAuto: text("ad_type") == "auto",
                budget: Money(micros: budget),
                isAlive: text("campaign_status").map(ShopeeBudgets.alive.contains) ?? true)
        }
        return shown
    }

    // MARK: Deciding

    /// What was sent is there or not; then what is to be different is decided anew, from what stands.
    private func confirmed(_ cursor: Cursor, shown: [String: Shown], _ page: PageRead? = nil) -> Reading {
        var desk = ShopeeBudgetDesk(plan: plan, stored: work.stored, zone: zone, now: work.answeredAt, cursor: cursor)
        desk.confirm(shown, isUnseen: isUnseen)
        if desk.cursor.sent.contains(where: { $0.refusal == nil }), desk.cursor.looks < ShopeeBudgets.mostLooks {
            desk.cursor.looks += 1
            return reading(.later(ShopeeBudgets.pause, cursor: CursorText.encode(desk.cursor)), desk, page)
        }
        desk.giveUpLooking(shown)
        desk.decide(shown)
        guard desk.cursor.todo.isEmpty else {
            return reading(.more(cursor: CursorText.encode(desk.cursor)), desk, page)
        }
        return goOn(desk.cursor, desk.states, desk.changes, notes: desk.notes, page)
    }

    private func goOn(
        _ cursor: Cursor, _ states: [BudgetState], _ changes: [BudgetChange], notes: [Note], _ page: PageRead? = nil
    ) -> Reading {
        var next = cursor
        next.done += asked.count
        next.batch = next.batch.grown
        next.looks = 0
        let isOver = next.done >= ids.count
        let end: Reading.Next =
            isOver ? .finished(.init(isComplete: false)) : .more(cursor: CursorText.encode(next))
        return reading(end, states, changes, notes, page)
    }

    private func reading(_ next: Reading.Next, _ desk: ShopeeBudgetDesk, _ page: PageRead?) -> Reading {
        reading(next, desk.states, desk.changes, desk.notes, page)
    }

    private func reading(
        _ next: Reading.Next, _ states: [BudgetState], _ changes: [BudgetChange], _ notes: [Note], _ page: PageRead?
    ) -> Reading {
        var reading = Reading(next, notes: notes)
        // What stands is worth storing as well.
        if let page, page.table.rowCount > 0 { reading.tables.append(page.table) }
        for (reader, rows) in [(self.states, states.map(\.json)), (self.changes, changes.map(\.json))] {
            guard !rows.isEmpty else { continue }
            let body = Array(JSONTree.list(rows).compact.utf8)
            let context = ["account_id": work.account.externalID]
            do {
                reading.tables.append(
                    try reader.read(body, at: .list(""), context: context, currency: work.account.currency).table)
            } catch {
                let cause = Failure.Cause(code: "", "What became of the budgets cannot be noted.")
                return Reading(.failed(.bug(cause)))
            }
        }
        return reading
    }
}
