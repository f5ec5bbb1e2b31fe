import SyncCore

extension BudgetPlan {
    /// Reads what people write, and what `json` makes of it. Throws `ConfigurationError` with a sentence for the first
    /// thing that makes no sense.
    ///
    /// ```json
    /// {"rules": [{"name": "evening", "campaigns": ["9001"],
    ///     "budgets": [{"days": "mon,fri", "from": "18:00", "to": "23:00", "budget": 300000}, {"budget": 150000}]}],
    ///  "least": 100000, "most": 2000000, "changes_per_day": 200, "dry_run": false}
    /// ```
    package init(json text: String) throws(ConfigurationError) {
        guard let tree = JSONTree.parse(text), case .object(let members) = tree else {
            throw ConfigurationError("The plan of budgets is no JSON object.")
        }
        try BudgetPlan.check(members, ["rules", "least", "most", "changes_per_day", "dry_run"] + BudgetPlan.decided)
        least = try BudgetPlan.money(tree["least"], "least")
        most = try BudgetPlan.money(tree["most"], "most")
        if let least, let most, least > most {
            throw ConfigurationError("In the plan of budgets least is more than most.")
        }
        if let value = tree["changes_per_day"] {
            guard let count = value.int, count > 0 else {
                throw ConfigurationError("In the plan of budgets changes_per_day takes a whole number from 1 on.")
            }
            changesPerDay = count
        }
        isDryRun = try BudgetPlan.flag(tree["dry_run"], "dry_run")
        guard let rules = tree["rules"]?.items, !rules.isEmpty else {
            throw ConfigurationError("The plan of budgets has no rules.")
        }
        for (index, rule) in rules.enumerated() { self.rules.append(try self.rule(rule, index + 1)) }
        try readDecided(tree)
    }

    private static func check(_ members: [String: JSONTree], _ known: [String]) throws(ConfigurationError) {
        for name in members.keys.sorted() where !known.contains(name) {
            throw ConfigurationError("The plan of budgets has \(name), which means nothing.")
        }
    }

    private static func flag(_ value: JSONTree?, _ name: String) throws(ConfigurationError) -> Bool {
        guard let value else { return false }
        guard case .bool(let flag) = value else {
            throw ConfigurationError("In the plan of budgets \(name) takes true or false.")
        }
        return flag
    }

    private static func money(_ value: JSONTree?, _ name: String) throws(ConfigurationError) -> Money? {
        guard let value else { return nil }
        if case .real = value {
            throw ConfigurationError("Write the amount of \(name) in quotes: \"\(value.string ?? "")\".")
        }
        guard let money = value.string.flatMap({ Money($0) }) else {
            throw ConfigurationError("In the plan of budgets \(name) is no amount.")
        }
        return money
    }

    // MARK: Rules

    private func rule(_ tree: JSONTree, _ number: Int) throws(ConfigurationError) -> Rule {
        guard case .object(let members) = tree else {
            throw ConfigurationError("Rule \(number) of the plan of budgets is no JSON object.")
        }
        try BudgetPlan.check(members, ["name", "campaigns", "named", "all", "gmv_max", "budgets"])
        let name = tree["name"]?.string ?? "\(number)"
        guard let slots = tree["budgets"]?.items, !slots.isEmpty else {
            throw ConfigurationError("The rule \(name) has no budgets.")
        }
        var rule = Rule(name: name, scope: try BudgetPlan.scope(tree, name), slots: [])
        for slot in slots { rule.slots.append(try self.slot(slot, name)) }
        return rule
    }

    private static func scope(_ tree: JSONTree, _ rule: String) throws(ConfigurationError) -> Scope {
        var scopes: [Scope] = []
        if let campaigns = tree["campaigns"] {
            guard let items = campaigns.items, !items.isEmpty, items.allSatisfy({ $0.string != nil }) else {
                throw ConfigurationError("The campaigns of the rule \(rule) are no list of ids.")
            }
            scopes.append(.campaigns(items.compactMap(\.string)))
        }
        if let text = tree["named"]?.string, !text.isEmpty { scopes.append(.named(text)) }
        if try flag(tree["all"], "all") { scopes.append(.all) }
        if try flag(tree["gmv_max"], "gmv_max") { scopes.append(.unseen) }
        guard let scope = scopes.first, scopes.count == 1 else {
            throw ConfigurationError("The rule \(rule) needs one of campaigns, named, all and gmv_max.")
        }
        return scope
    }

    private func slot(_ tree: JSONTree, _ rule: String) throws(ConfigurationError) -> Slot {
        guard case .object(let members) = tree else {
            throw ConfigurationError("A budget of the rule \(rule) is no JSON object.")
        }
        try BudgetPlan.check(members, ["days", "from", "to", "budget"])
        guard let budget = try BudgetPlan.money(tree["budget"], "budget") else {
            throw ConfigurationError("A budget of the rule \(rule) has no amount.")
        }
        // 0 is no limit: the bounds are for what is spent, and nothing is more than that.
        let isWithin = budget.micros == 0 ? most == nil : budget >= least ?? budget && budget <= most ?? budget
        guard isWithin else {
            throw ConfigurationError("The budget \(budget) of the rule \(rule) is outside of the plan's own bounds.")
        }
        let (from, to) = (try BudgetPlan.minute(tree["from"], 0), try BudgetPlan.minute(tree["to"], 1440))
        guard from != to else {
            throw ConfigurationError("A budget of the rule \(rule) begins and ends at the same time.")
        }
        return Slot(weekdays: try BudgetPlan.weekdays(tree["days"]), from: from, to: to, budget: budget)
    }

    private static func minute(_ value: JSONTree?, _ usual: Int) throws(ConfigurationError) -> Int {
        guard let value else { return usual }
        let text = value.string ?? value.compact
        if text == "24:00" { return 1440 }
        do {
            return try DayTimes.minute(text)
        } catch {
            throw ConfigurationError(error.description)
        }
    }

    /// `mon,fri`, or a list of them.
    private static func weekdays(_ value: JSONTree?) throws(ConfigurationError) -> Set<Weekday> {
        guard let value else { return Set(Weekday.allCases) }
        let text = value.items?.map { $0.string ?? $0.compact }.joined(separator: ",") ?? value.string
        do {
            return try DayTimes(times: "00:00", days: text ?? value.compact).weekdays
        } catch {
            throw ConfigurationError(error.description)
        }
    }
}

// MARK: - What commands have decided since

extension BudgetPlan {
    /// Members that people do not write.
    private static let decided = ["made_at", "pins", "released"]

    private static func instant(_ value: JSONTree?) -> Instant? { value?.string.flatMap { Instant(iso: $0) } }

    private mutating func readDecided(_ tree: JSONTree) throws(ConfigurationError) {
        madeAt = BudgetPlan.instant(tree["made_at"]) ?? Instant(seconds: 0)
        if case .object(let members)? = tree["pins"] {
            for (id, pin) in members {
                guard let budget = try BudgetPlan.money(pin["budget"], "pins") else { continue }
                pins[id] = Pin(
                    budget: budget, change: pin["change"]?.string ?? "", isUnseen: pin["unseen"]?.isTrue ?? false)
            }
        }
        if case .object(let members)? = tree["released"] {
            released = members.compactMapValues(BudgetPlan.instant)
        }
    }

    /// What `init(json:)` reads.
    package var json: String {
        var members: [String: JSONTree] = [
            "rules": .list(rules.map(\.json)), "changes_per_day": .integer(Int64(changesPerDay)),
            "dry_run": .bool(isDryRun), "made_at": .text(madeAt.description),
            "pins": .object(
                pins.mapValues { pin in
                    .object([
                        "budget": .text("\(pin.budget)"), "change": .text(pin.change), "unseen": .bool(pin.isUnseen),
                    ])
                }),
            "released": .object(released.mapValues { .text($0.description) }),
        ]
        if let least { members["least"] = .text("\(least)") }
        if let most { members["most"] = .text("\(most)") }
        return JSONTree.object(members).compact
    }
}

extension BudgetPlan.Rule {
    fileprivate var json: JSONTree {
        var members: [String: JSONTree] = ["name": .text(name), "budgets": .list(slots.map(\.json))]
        switch scope {
        case .campaigns(let ids): members["campaigns"] = .list(ids.map { .text($0) })
        case .named(let text): members["named"] = .text(text)
        case .all: members["all"] = .bool(true)
        case .unseen: members["gmv_max"] = .bool(true)
        }
        return .object(members)
    }
}

extension BudgetPlan.Slot {
    fileprivate var json: JSONTree {
        let days = Weekday.allCases.filter(weekdays.contains).map(\.rawValue).joined(separator: ",")
        return .object([
            "days": .text(days), "from": .text(DayTimes.clock(from)), "to": .text(DayTimes.clock(to)),
            "budget": .text("\(budget)"),
        ])
    }
}
