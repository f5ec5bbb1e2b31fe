import ConnectorKit
import FoundationEssentials
import SyncCore

/// Works through one batch of campaigns: what became of what was sent, and what is to be sent next.
struct ShopeeBudgetDesk {
    let plan: BudgetPlan
    let moment: BudgetPlan.LocalMoment
    let now: Instant
    private let runAt: Instant
    var cursor: ShopeeBudgets.Cursor
    private(set) var notes: [Note] = []
    private(set) var changes: [BudgetChange] = []
    private var ledger: BudgetLedger
    private var touched: [String: BudgetState] = [:]

    init(plan: BudgetPlan, stored: [StoredRow], zone: TimeZone, now: Instant, cursor: ShopeeBudgets.Cursor) {
        self.plan = plan
        self.now = now
        self.moment = BudgetPlan.LocalMoment(now, in: zone)
        self.cursor = cursor
        self.ledger = BudgetLedger(plan, stored: stored, today: moment.day)
        runAt = cursor.runAt ?? now
        self.cursor.runAt = runAt
    }

    /// States that are to be stored.
    var states: [BudgetState] { touched.values.sorted { $0.campaign < $1.campaign } }

    // MARK: What was sent

    /// Takes what is settled out of `cursor.sent`.
    mutating func confirm(_ shown: [String: ShopeeBudgets.Shown], isUnseen: Bool) {
        // A call whose answer was lost stands in the list of those to be sent: it may have arrived.
        let arrived = cursor.todo.filter { edit in shown[edit.campaign]?.budget?.micros == edit.wanted }
        cursor.todo.removeAll { arrived.contains($0) }
        var open: [ShopeeBudgets.Edit] = []
        for edit in cursor.sent + arrived {
            let budget = shown[edit.campaign]?.budget
            if isUnseen {
                settle(edit, edit.refusal == nil ? .changed : .refused, after: nil)
            } else if budget?.micros == edit.wanted {
                settle(edit, .changed, after: budget)
            } else if let budget, budget.micros != edit.before {
                settle(edit, .kept, after: budget)
            } else if edit.refusal != nil {
                settle(edit, .refused, after: budget)
            } else {
                open.append(edit)
            }
        }
        cursor.sent = open
    }

    /// What still does not show is left at that.
    mutating func giveUpLooking(_ shown: [String: ShopeeBudgets.Shown]) {
        for edit in cursor.sent { settle(edit, .unconfirmed, after: shown[edit.campaign]?.budget) }
        cursor.sent = []
        cursor.looks = 0
    }

    private mutating func settle(_ edit: ShopeeBudgets.Edit, _ outcome: BudgetChange.Outcome, after: Money?) {
        let change = BudgetChange(
            id: edit.reference, campaign: edit.campaign, name: edit.name, rule: edit.rule, undoes: edit.undoes,
            outcome: outcome, before: edit.before.map { Money(micros: $0) }, wanted: Money(micros: edit.wanted),
            after: after, reason: outcome == .changed ? "" : edit.refusal ?? "", at: now,
            runAt: runAt)
        changes.append(change)
        var state = state(of: edit.campaign)
        state.name = edit.name
        state.end(change, on: moment.day)
        touched[edit.campaign] = state
        if outcome == .changed { ledger.countChange() }
    }

    private func state(of campaign: String) -> BudgetState {
        touched[campaign] ?? ledger.state(of: campaign) ?? BudgetState(campaign: campaign)
    }

    // MARK: What is to be sent

    /// Puts what is to be different into `cursor.todo`.
    mutating func decide(_ shown: [String: ShopeeBudgets.Shown]) {
        let before = cursor.todo
        cursor.todo = []
        cursor.readAt = now
        let settled = Set(changes.map(\.campaign))
        for (id, campaign) in shown.sorted(by: { ShopeePlanner.isOlder($0.key, $1.key) }) {
            guard campaign.isAlive, !settled.contains(id), let wish = plan.wish(for: campaign.campaign, at: moment)
            else { continue }
            switch ledger.decide(id, current: campaign.budget, wish: wish) {
            case .nothing: break
            case .change: begin(wish, campaign, before.first { $0.campaign == id })
            case .kept: keep(wish, campaign)
            case .capped: cap()
            }
        }
    }

    /// One that was to be sent before keeps its reference: it may be under way.
    private mutating func begin(
        _ wish: BudgetPlan.Wish, _ shown: ShopeeBudgets.Shown, _ earlier: ShopeeBudgets.Edit?
    ) {
        let id = shown.campaign.id
        var edit = ShopeeBudgets.Edit(
            campaign: id, name: shown.campaign.name, rule: wish.rule, undoes: wish.undoes, isAuto: shown.isAuto,
            before: (shown.budget ?? ledger.state(of: id)?.set)?.micros, wanted: wish.budget.micros,
            reference: reference(of: id))
        if let earlier, earlier.wanted == edit.wanted, earlier.before == edit.before {
            edit.reference = earlier.reference
        }
        guard !plan.isDryRun else {
            return changes.append(
                BudgetChange(
                    id: edit.reference, campaign: id, name: edit.name, rule: edit.rule, undoes: edit.undoes,
                    outcome: .wouldChange, before: edit.before.map { Money(micros: $0) }, wanted: wish.budget, at: now,
                    runAt: runAt))
        }
        var state = state(of: id)
        state.name = edit.name
        state.begin(wish, from: shown.budget, at: now)
        touched[id] = state
        cursor.todo.append(edit)
    }

    private mutating func keep(_ wish: BudgetPlan.Wish, _ shown: ShopeeBudgets.Shown) {
        let edit = ShopeeBudgets.Edit(
            campaign: shown.campaign.id, name: shown.campaign.name, rule: wish.rule, undoes: wish.undoes,
            before: ledger.state(of: shown.campaign.id)?.set?.micros, wanted: wish.budget.micros,
            reference: reference(of: shown.campaign.id))
        guard !plan.isDryRun else { return }
        settle(edit, .kept, after: shown.budget)
    }

    private mutating func cap() {
        guard !cursor.isCapped else { return }
        cursor.isCapped = true
        notes.append(
            Note(
                "budgets_capped",
                "The budgets have had their \(plan.changesPerDay) changes of the day; the rest waits for tomorrow."))
    }

    /// No two changes of a campaign begin in one second.
    private func reference(of campaign: String) -> String { "sluice-\(campaign)-\(now.seconds)" }
}
