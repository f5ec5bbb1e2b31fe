package import ConnectorKit
package import SyncCore

/// What people do with plans of budgets: the command line, and a web page. Says what is wrong in sentences
/// (`EngineError.configuration`), and changes nothing then.
package struct BudgetBook: Sendable {
    private let environment: EngineEnvironment

    package init(_ environment: EngineEnvironment) {
        self.environment = environment
    }

    // MARK: Looking

    /// The stored account with that id (its external id), or the only one whose platform takes plans.
    package func account(_ id: String?) async throws -> Account {
        let all = try await environment.store.accounts().filter { try streams(of: $0.platform) != nil }
        if let id {
            guard let found = all.first(where: { $0.externalID == id }) else {
                throw EngineError.configuration(
                    "There is no account \(id) whose budgets can be planned. Sync it first.")
            }
            return found
        }
        guard let only = all.first, all.count == 1 else {
            throw EngineError.configuration(
                all.isEmpty
                    ? "There is no account yet whose budgets can be planned. Sync a Shopee shop first."
                    : "Say whose budgets are meant: --account \(all.map(\.externalID).joined(separator: ", ")).")
        }
        return only
    }

    package func plan(of account: Account) async throws -> BudgetPlan? {
        try await connection(of: account).configuration[BudgetPlan.setting].map(BudgetPlan.init(json:))
    }

    /// Campaigns that the plan has touched, by their ids.
    package func states(of account: Account) async throws -> [BudgetState] {
        try await rows(account, { $0.states }, by: "campaign_id", limit: 1_000_000).compactMap(BudgetState.init)
            .reversed()
    }

    /// The newest first.
    package func changes(of account: Account, limit: Int) async throws -> [BudgetChange] {
        try await rows(account, { $0.changes }, by: "changed_at", limit: limit).compactMap(BudgetChange.init)
    }

    private func rows(
        _ account: Account, _ stream: (BudgetStreams) -> StreamID, by column: String, limit: Int
    ) async throws -> [StoredRow] {
        let connection = try await connection(of: account)
        let connector = try environment.connectors.type(of: account.platform)
            .init(configuration: connection.configuration)
        guard let id = try streams(of: account.platform).map(stream),
            let schema = connector.streams.first(where: { $0.id == id })
        else { return [] }
        try await environment.store.prepare([schema])
        return try await environment.store.rows(schema, account: account.externalID, by: column, limit: limit)
    }

    private func streams(of platform: PlatformID) throws -> BudgetStreams? {
        try environment.connectors.type(of: platform).platform.budgets
    }

    private func connection(of account: Account) async throws -> Connection {
        guard let connection = try await environment.store.connection(account.connection) else {
            throw StoreError.inconsistent("account \(account.id) has no connection")
        }
        return connection
    }

    // MARK: Changing

    /// Takes a plan over in place of another. What was set or left alone under the other does not count any more, and
    /// the schedule that keeps to it is switched on, unless the plan is only tried out.
    package func set(_ plan: BudgetPlan, of account: Account, by actor: String) async throws {
        var plan = plan
        plan.madeAt = environment.wallClock.now
        (plan.pins, plan.released) = ([:], [:])
        let chosen = plan
        try await change(account, kind: "budgets_planned", "A plan of budgets was set by \(actor)") { _ in chosen }
        if true { try await setSchedules(of: account, active: true, by: actor) }
    }

    /// Takes the plan away; budgets stay as they are.
    package func clear(_ account: Account, by actor: String) async throws {
        try await change(account, kind: "budgets_planned", "The plan of budgets was taken away by \(actor)") { _ in nil
        }
        try await setSchedules(of: account, active: false, by: actor)
    }

    /// Gives campaigns back to the rules that a person had taken over, or whose changes were undone.
    package func release(_ campaigns: [String], of account: Account, by actor: String) async throws {
        let now = environment.wallClock.now
        let text = "The budgets of \(campaigns.joined(separator: ", ")) were given back to the plan by \(actor)"
        try await change(account, kind: "budgets_released", text) { plan in
            var plan = plan
            for campaign in campaigns {
                plan.pins[campaign] = nil
                plan.released[campaign] = now
            }
            return plan
        }
    }

    /// Plans to set budgets back to what they were before some changes, by their ids, or before those of the last run
    /// of which that is known. They stay there until they are released. What a person has set since is left alone.
    package func undo(_ ids: [String], of account: Account, by actor: String) async throws -> [BudgetChange] {
        let made = try await changes(of: account, limit: BudgetBook.mostUndone).filter { $0.outcome == .changed }
        var chosen = ids.isEmpty ? made.filter { $0.runAt == made.first?.runAt } : made.filter { ids.contains($0.id) }
        if let missing = ids.first(where: { id in !chosen.contains { $0.id == id } }) {
            throw EngineError.configuration("There is no change \(missing). `sluice budgets log` shows all.")
        }
        guard !chosen.isEmpty else { throw EngineError.configuration("No budget was changed yet.") }
        let known = chosen.filter { $0.before != nil }
        if ids.isEmpty, !known.isEmpty { chosen = known }
        if let unknown = chosen.first(where: { $0.before == nil }) {
            throw EngineError.configuration(
                "The change \(unknown.id) cannot be undone: the budget before it is not known.")
        }
        let text = "Changes of budgets were undone by \(actor): \(chosen.map(\.id).joined(separator: ", "))"
        try await change(account, kind: "budgets_undone", text) { plan in
            var plan = plan
            // Of several changes of a campaign the oldest tells what was there.
            for change in chosen {
                guard let before = change.before else { continue }
                plan.pins[change.campaign] = BudgetPlan.Pin(
                    budget: before, change: change.id, isUnseen: change.after == nil)
            }
            return plan
        }
        return chosen
    }

    /// Older changes than so many are history.
    private static let mostUndone = 50_000

    /// Applies `change` to what is stored now, also when somebody else changes it at the same time.
    private func change(
        _ account: Account, kind: String, _ text: String, _ change: (BudgetPlan) -> BudgetPlan?
    ) async throws {
        while true {
            let connection = try await connection(of: account)
            let old = connection.configuration
            let plan = try old[BudgetPlan.setting].map(BudgetPlan.init(json:))
            guard plan != nil || kind == "budgets_planned" else {
                throw EngineError.configuration(
                    "There is no plan of budgets for \(account.externalID). `sluice budgets set` makes one.")
            }
            var new = old
            new[BudgetPlan.setting] = change(plan ?? BudgetPlan())?.json
            _ = try environment.connectors.type(of: account.platform).init(configuration: new)
            guard try await environment.store.configure(connection.id, from: old, to: new) else { continue }
            try await environment.store.append([
                Event(
                    id: 0, at: environment.wallClock.now, job: nil, account: account.id, kind: kind, text: text)
            ])
            return
        }
    }

    /// Those that do nothing but keep to the plan of the account's connection.
    private func setSchedules(of account: Account, active: Bool, by actor: String) async throws {
        guard let stream = try streams(of: account.platform)?.states else { return }
        let book = ScheduleBook(environment)
        for schedule in try await environment.store.schedules() {
            let definition = schedule.definition
            guard definition.streams == [stream.rawValue], definition.targets == [.connection(account.connection)]
            else { continue }
            _ = try await book.setActive(active, schedule.id, by: actor)
        }
    }
}
