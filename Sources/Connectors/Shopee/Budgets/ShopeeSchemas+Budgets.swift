import ConnectorKit
import SyncCore

/// What is kept of budgets that were set by a plan.
extension ShopeeSchemas {
    static let budgets = stream(
        ShopeeStream.budgets, ShopeePlatform.budgetStage, key: [campaignID],
        [
            text(campaignID), text("campaign_name"), text("rule", "The rule of the plan that it follows, or `undo`"),
            money("set", "The budget that stands as far as the plan is concerned"),
            money("pending", "A budget that was sent and is not confirmed yet"),
            money("refused", "A budget that Shopee refused; it is not sent again"),
            Column("set_at", .instant, "set_at", "When one of these was decided last"),
            Column("kept_at", .instant, "kept_at", "Since when a person's budget is left alone"),
            Column("changed_on", .date, "changed_on", "The day that `changes` are of, in the shop's time zone"),
            count("changes", "Changes on that day"),
        ],
        summary: "Campaigns whose budgets follow a plan, with what was set last.", isActing: true)

    static let budgetChanges = stream(
        ShopeeStream.budgetChanges, ShopeePlatform.budgetStage, .event, key: ["change_id"],
        [
            text("change_id", "The reference under which Shopee got it"), text(campaignID), text("campaign_name"),
            text("rule", "The rule that wanted it, or `undo`"), text("undoes", "The change that it undoes"),
            text("outcome", "`changed`, `would_change` (a dry run), `kept` (a person's), `refused` or `unconfirmed`"),
            money("before", "What Shopee showed before"), money("wanted", "What it was to be"),
            money("after", "What Shopee showed behind it; empty where it shows nothing"),
            text("reason", "What Shopee said"), Column("changed_at", .instant, "changed_at"),
            Column("run_at", .instant, "run_at", "When its run began"),
        ],
        summary: "Every change of a budget by a plan, with the value before. Nothing is ever taken out of it.",
        isActing: true)
}

extension Money {
    var json: JSONTree { .text(description) }
}

extension BudgetState {
    var json: JSONTree {
        var members: [String: JSONTree] = [
            ShopeeSchemas.campaignID: .text(campaign), "campaign_name": .text(name), "rule": .text(rule),
            "changes": .integer(Int64(changes)),
        ]
        members["set"] = set?.json
        members["pending"] = pending?.json
        members["refused"] = refused?.json
        members["set_at"] = setAt.map { .text($0.description) }
        members["kept_at"] = keptAt.map { .text($0.description) }
        members["changed_on"] = changedOn.map { .text($0.description) }
        return .object(members)
    }
}

extension BudgetChange {
    var json: JSONTree {
        var members: [String: JSONTree] = [
            "change_id": .text(id), ShopeeSchemas.campaignID: .text(campaign), "campaign_name": .text(name),
            "rule": .text(rule), "outcome": .text(outcome.rawValue), "wanted": wanted.json, "reason": .text(reason),
            "changed_at": .text(at.description), "run_at": .text(runAt.description),
        ]
        members["undoes"] = undoes.map { .text($0) }
        members["before"] = before?.json
        members["after"] = after?.json
        return .object(members)
    }
}
