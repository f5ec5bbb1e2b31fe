import ConnectorKit
import SyncCore
import Wording

/// What is said of budgets.
extension Words {
    /// `300,000 VND`; 0 is no limit.
    func amount(_ money: Money, _ currency: String) -> String {
        if money.micros == 0 { return pick("no limit", "không giới hạn") }
        let parts = "\(money)".split(separator: ".")
        let whole = Int(parts[0]).map(number) ?? String(parts[0])
        let rest = parts.count > 1 ? pick(".", ",") + parts[1] : ""
        return "\(whole)\(rest) \(currency)"
    }

    func rule(_ rule: BudgetPlan.Rule, _ currency: String) -> String {
        let slots = rule.slots.map { slot in
            [times(slot), amount(slot.budget, currency)].filter { !$0.isEmpty }.joined(separator: " ")
        }
        return "\(rule.name): \(scope(rule.scope)) · \(slots.joined(separator: "; "))"
    }

    private func scope(_ scope: BudgetPlan.Scope) -> String {
        switch scope {
        case .campaigns(let ids): ids.joined(separator: ", ")
        case .named(let text): pick("campaigns with \"\(text)\" in their names", "chiến dịch có \"\(text)\" trong tên")
        case .all: pick("all campaigns", "mọi chiến dịch")
        case .unseen: "GMV Max"
        }
    }

    private func times(_ slot: BudgetPlan.Slot) -> String {
        let isWhole = slot.from == 0 && slot.to == 1440
        let days = slot.weekdays.count == 7 ? nil : weekdays(slot.weekdays)
        let hours = isWhole ? nil : "\(DayTimes.clock(slot.from))–\(DayTimes.clock(slot.to))"
        return [days, hours].compactMap(\.self).joined(separator: " ")
    }

    func bounds(_ plan: BudgetPlan, _ currency: String) -> String {
        let least = plan.least.map { pick("at least \(amount($0, currency))", "ít nhất \(amount($0, currency))") }
        let most = plan.most.map { pick("at most \(amount($0, currency))", "nhiều nhất \(amount($0, currency))") }
        let changes = number(plan.changesPerDay)
        let perDay = pick("\(changes) changes a day at most", "tối đa \(changes) lần đổi mỗi ngày")
        return [least, most, perDay].compactMap(\.self).joined(separator: " · ")
    }

    func planned(_ plan: BudgetPlan, _ account: String) -> String {
        let rules = count(plan.rules.count, "rule", "quy tắc")
        return plan.isDryRun
            ? pick(
                "The plan of \(account) with \(rules) is tried out from now on: nothing is changed, "
                    + "`sluice budgets log` shows what would be.",
                "Kế hoạch của \(account) với \(rules) được chạy thử từ bây giờ: không đổi gì, "
                    + "`sluice budgets log` cho biết những gì sẽ đổi.")
            : pick(
                "The budgets of \(account) follow a plan with \(rules) from now on. "
                    + "`sluice worker` keeps to it every half hour.",
                "Ngân sách của \(account) theo kế hoạch với \(rules) từ bây giờ. "
                    + "`sluice worker` giữ theo kế hoạch mỗi nửa giờ.")
    }

    func undone(_ changes: Int) -> String {
        let many = count(changes, "change", "lần đổi")
        return pick(
            "\(many) will be undone with the next run. `sluice budgets release` gives the campaigns back to the plan.",
            "\(many) sẽ được hoàn tác trong lần chạy tới. `sluice budgets release` trả chiến dịch về kế hoạch.")
    }

    func keptSince(_ moment: String) -> String {
        pick("left to a person since \(moment)", "để người quản lý quyết định từ \(moment)")
    }

    func refused(_ amount: String) -> String {
        pick("Shopee refuses \(amount)", "Shopee từ chối \(amount)")
    }

    func follows(_ rule: String, _ moment: String) -> String {
        pick("by the rule \(rule) since \(moment)", "theo quy tắc \(rule) từ \(moment)")
    }

    func outcome(_ outcome: BudgetChange.Outcome) -> String {
        switch outcome {
        case .changed: pick("changed", "đã đổi")
        case .wouldChange: pick("would be changed", "sẽ đổi (chạy thử)")
        case .kept: pick("left as a person set it", "giữ theo người đã đổi")
        case .refused: pick("refused", "bị từ chối")
        case .unconfirmed: pick("not confirmed", "chưa xác nhận")
        }
    }
}
