package import SyncCore

/// Decides what becomes of budgets: a pure machine over a plan and over what was set before.
package struct BudgetLedger: Sendable {
    private let plan: BudgetPlan
    private var states: [String: BudgetState] = [:]
    private let today: CivilDate
    /// Changes that may still be made today.
    private var left: Int

    /// `stored` are all rows of the account's states.
    package init(_ plan: BudgetPlan, stored: [StoredRow], today: CivilDate) {
        self.plan = plan
        self.today = today
        for state in stored.compactMap(BudgetState.init) { states[state.campaign] = state }
        let made = states.values.reduce(0) { $0 + $1.changes(on: today) }
        left = max(0, plan.changesPerDay - made)
    }

    package enum Verdict: Sendable, Hashable {
        /// It is as it is to be, or it is left alone as before.
        case nothing
        case change
        /// A person has set another budget than the plan did: it is left alone from now on, and that is told.
        case kept
        /// The account has had its changes of the day.
        case capped
    }

    package func state(of campaign: String) -> BudgetState? { states[campaign] }

    /// `current` is what the platform shows; nil where it shows nothing.
    package mutating func decide(_ campaign: String, current: Money?, wish: BudgetPlan.Wish) -> Verdict {
        let begin = plan.begin(of: campaign)
        let state = states[campaign]
        if let kept = state?.keptAt, kept >= begin { return .nothing }
        if let current, current == wish.budget { return .nothing }
        if let state, let setAt = state.setAt, setAt >= begin {
            if let current, state.set != nil, !state.isOurs(current) { return .kept }
            // What the platform does not show is set once and taken for set.
            if current == nil, state.set == wish.budget { return .nothing }
            if state.refused == wish.budget { return .nothing }
        }
        guard left > 0 else { return .capped }
        left -= 1
        return .change
    }

    /// A change was made that is not among the stored ones yet.
    package mutating func countChange() { left = max(0, left - 1) }
}

/// What is known of one campaign's budget: a row of the states.
package struct BudgetState: Sendable, Hashable {
    package var campaign: String
    package var name = ""
    package var rule = ""
    /// What stands as far as the plan is concerned: set last, and seen to be there where the platform shows it; at
    /// first what was there when the plan took over.
    package var set: Money?
    /// On its way: nobody knows yet whether it arrived.
    package var pending: Money?
    /// What the platform refused to set.
    package var refused: Money?
    /// When one of these was decided last.
    package var setAt: Instant?
    /// Since when it is left to a person.
    package var keptAt: Instant?
    /// The day of the account on which `changes` were counted.
    package var changedOn: CivilDate?
    package var changes = 0

    package init(campaign: String) { self.campaign = campaign }

    /// Nil for a row without a campaign.
    package init?(_ row: StoredRow) {
        guard let campaign = row["campaign_id"] else { return nil }
        self.init(campaign: campaign)
        func money(_ column: String) -> Money? { row.integer(column).map { Money(micros: $0) } }
        name = row["campaign_name"] ?? ""
        rule = row["rule"] ?? ""
        set = money("set_micros")
        pending = money("pending_micros")
        refused = money("refused_micros")
        setAt = row.instant("set_at")
        keptAt = row.instant("kept_at")
        changedOn = row.day("changed_on")
        changes = row.integer("changes").map(Int.init) ?? 0
    }

    func isOurs(_ budget: Money) -> Bool { budget == set || budget == pending }

    func changes(on day: CivilDate) -> Int { changedOn == day ? changes : 0 }

    /// A change begins that may arrive although nobody hears of it.
    package mutating func begin(_ wish: BudgetPlan.Wish, from current: Money?, at now: Instant) {
        rule = wish.rule
        if let current { set = current }
        pending = wish.budget
        refused = nil
        (setAt, keptAt) = (now, nil)
    }

    /// How a change ended.
    package mutating func end(_ change: BudgetChange, on day: CivilDate) {
        setAt = change.at
        switch change.outcome {
        case .changed:
            (set, pending, refused) = (change.wanted, nil, nil)
            changes = changes(on: day) + 1
            changedOn = day
        case .refused: (pending, refused) = (nil, change.wanted)
        // It may still arrive.
        case .unconfirmed: refused = change.wanted
        case .kept: (pending, keptAt) = (nil, change.at)
        case .wouldChange: break
        }
    }
}

/// One line of the log of changes.
package struct BudgetChange: Sendable, Hashable {
    package enum Outcome: String, Sendable, CaseIterable {
        case changed
        /// A dry run: nothing was done.
        case wouldChange = "would_change"
        /// A person's budget was left alone.
        case kept
        case refused
        /// The platform took it, and shows the old one all the same.
        case unconfirmed
    }

    /// The mark under which the platform got it.
    package var id: String
    package var campaign: String
    package var name: String
    package var rule: String
    package var undoes: String?
    package var outcome: Outcome
    package var before: Money?
    package var wanted: Money
    /// What the platform shows behind it; nil where it shows nothing.
    package var after: Money?
    package var reason = ""
    package var at: Instant
    /// When the run began that it belongs to.
    package var runAt: Instant

    package init(
        id: String, campaign: String, name: String, rule: String, undoes: String? = nil, outcome: Outcome,
        before: Money?, wanted: Money, after: Money? = nil, reason: String = "", at: Instant, runAt: Instant
    ) {
        self.id = id
        self.campaign = campaign
        self.name = name
        self.rule = rule
        self.undoes = undoes
        self.outcome = outcome
        self.before = before
        self.wanted = wanted
        self.after = after
        self.reason = reason
        self.at = at
        self.runAt = runAt
    }

    /// Nil for a row that lacks what every change has.
    package init?(_ row: StoredRow) {
        guard let id = row["change_id"], let campaign = row["campaign_id"], let at = row.instant("changed_at"),
            let outcome = row["outcome"].flatMap(Outcome.init), let wanted = row.integer("wanted_micros")
        else { return nil }
        func money(_ column: String) -> Money? { row.integer(column).map { Money(micros: $0) } }
        self.init(
            id: id, campaign: campaign, name: row["campaign_name"] ?? "", rule: row["rule"] ?? "",
            undoes: row["undoes"], outcome: outcome, before: money("before_micros"), wanted: Money(micros: wanted),
            after: money("after_micros"), reason: row["reason"] ?? "", at: at,
            runAt: row.instant("run_at") ?? at)
    }
}
