import ConnectorKit
import FoundationEssentials
import SyncCore
import SyncEngine
import Wording

/// The plan of an account and how its campaigns stand to it, as `sluice budgets` tells it.
struct BudgetReport {
    let account: Account
    let plan: BudgetPlan?
    let states: [BudgetState]
    let schedules: [ScheduleBook.Entry]

    private var zone: TimeZone { (try? account.zone()) ?? .gmt }

    // MARK: For people

    var text: String {
        guard let plan else {
            return said("The budgets of \(account.externalID) follow no plan. `sluice budgets set` makes one.")
        }
        let words = Words.current
        var lines = ["\(account.externalID)  \(account.name)" + (plan.isDryRun ? "  (\(said("dry run")))" : "")]
        func tell(_ name: String, _ what: String) { lines.append("  \(said(name).padding(to: 10))\(what)") }
        for rule in plan.rules { tell("rule", words.rule(rule, account.currency)) }
        tell("bounds", words.bounds(plan, account.currency))
        for entry in schedules {
            let next = entry.next.first.map { words.moment($0, in: zone) } ?? said("off")
            tell(
                "schedule",
                "\(entry.schedule.definition.name), \(words.recurrence(entry.schedule.definition.recurrence))")
            tell("next run", next)
        }
        for state in states { tell("campaign", line(state, plan)) }
        return lines.joined(separator: "\n")
    }

    private func line(_ state: BudgetState, _ plan: BudgetPlan) -> String {
        let words = Words.current
        let name = [state.campaign, state.name].filter { !$0.isEmpty }.joined(separator: "  ")
        let budget = state.set.map { words.amount($0, account.currency) } ?? "-"
        return [name, budget, standing(state, plan)].joined(separator: " · ")
    }

    private func standing(_ state: BudgetState, _ plan: BudgetPlan) -> String {
        let words = Words.current
        let begin = plan.begin(of: state.campaign)
        if let kept = state.keptAt, kept >= begin { return words.keptSince(words.moment(kept, in: zone)) }
        if plan.pins[state.campaign] != nil { return said("undone; stays until it is released") }
        if let refused = state.refused { return words.refused(words.amount(refused, account.currency)) }
        guard let set = state.setAt, set >= begin else { return said("follows the plan from the next run on") }
        return words.follows(state.rule, words.moment(set, in: zone))
    }

    // MARK: For machines

    var json: String {
        JSONLine([
            ("account", .text(account.externalID)), ("platform", .text(account.platform.rawValue)),
            ("plan", .json(plan?.json)), ("schedules", .list(schedules.map { .text($0.schedule.definition.name) })),
            ("next_run_at", .instant(schedules.compactMap(\.next.first).min())),
            ("campaigns", .list(states.map { .json($0.line) })),
        ]).text
    }
}

extension BudgetState {
    fileprivate var line: String {
        JSONLine([
            ("campaign_id", .text(campaign)), ("campaign_name", .text(name)), ("rule", .text(rule)),
            ("set_micros", .number(set.map { Int($0.micros) })),
            ("pending_micros", .number(pending.map { Int($0.micros) })),
            ("refused_micros", .number(refused.map { Int($0.micros) })), ("set_at", .instant(setAt)),
            ("kept_at", .instant(keptAt)), ("changed_on", .text(changedOn?.description)), ("changes", .number(changes)),
        ]).text
    }
}

/// A line of the log of changes.
struct BudgetChangeReport {
    let change: BudgetChange
    let account: Account

    var text: String {
        let words = Words.current
        let zone = (try? account.zone()) ?? .gmt
        func amount(_ money: Money?) -> String { money.map { words.amount($0, account.currency) } ?? "?" }
        let campaign = [change.campaign, change.name].filter { !$0.isEmpty }.joined(separator: "  ")
        let values = "\(amount(change.before)) → \(amount(change.outcome == .changed ? change.wanted : change.after))"
        let what = change.outcome == .wouldChange ? "\(amount(change.before)) → \(amount(change.wanted))" : values
        let parts = [
            words.moment(change.at, in: zone), campaign, what, words.outcome(change.outcome), change.rule,
        ]
        let reason = change.reason.isEmpty ? "" : "\n    \(change.reason)"
        return parts.joined(separator: " · ") + "  \(change.id)" + reason
    }

    var json: String {
        JSONLine([
            ("change_id", .text(change.id)), ("campaign_id", .text(change.campaign)),
            ("campaign_name", .text(change.name)), ("rule", .text(change.rule)), ("undoes", .text(change.undoes)),
            ("outcome", .text(change.outcome.rawValue)),
            ("before_micros", .number(change.before.map { Int($0.micros) })),
            ("wanted_micros", .number(Int(change.wanted.micros))),
            ("after_micros", .number(change.after.map { Int($0.micros) })), ("reason", .text(change.reason)),
            ("changed_at", .instant(change.at)), ("run_at", .instant(change.runAt)),
        ]).text
    }
}
