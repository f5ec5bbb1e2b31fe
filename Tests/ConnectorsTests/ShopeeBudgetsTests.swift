import ConnectorKit
import SyncCore
import Testing

@testable import Connectors

@Suite("Budgets of a shop")
struct ShopeeBudgetsTests {
    /// From 9 to 12 one budget, else another.
    private func plan(_ campaigns: [String], _ more: String = "") -> String {
        let ids = campaigns.map { "\"\($0)\"" }.joined(separator: ",")
        return #"{"rules":[{"name":"day","campaigns":[\#(ids)],"budgets":["#
            + #"{"from":"09:00","to":"12:00","budget":300000},{"budget":"150000"}]}]\#(more)}"#
    }

    private func run(_ count: Int = 3, _ more: String = "") throws -> (BudgetRun, [String]) {
        let ids = Array(try BudgetRun(plan(["1"])).campaigns.prefix(count))
        #expect(ids.count == count)
        return (try BudgetRun(plan(ids, more)), ids)
    }

    @Test("are set by the clock of the shop, seen to be there, and noted with the value before")
    func set() throws {
        var (run, ids) = try run()
        let before = try run.budgets()

        try run.run()

        let after = try run.budgets()
        #expect(ids.allSatisfy { after[$0] == 300_000_000_000 })
        #expect(run.changes.map(\.outcome) == [.changed, .changed, .changed])
        #expect(run.changes.allSatisfy { $0.before?.micros == before[$0.campaign] && $0.after == $0.wanted })
        #expect(run.changes.allSatisfy { $0.rule == "day" })
        for id in after.keys where !ids.contains(id) { #expect(after[id] == before[id]) }

        // At once again nothing is to be done, and one call shows it.
        let calls = run.calls
        try run.run()
        #expect(run.calls == calls + 1)
        #expect(run.changes.count == 3)

        run.now = run.now + .seconds(2 * 3600)
        try run.run()
        #expect(try ids.allSatisfy { try run.budgets()[$0] == 150_000_000_000 })
        #expect(run.states.allSatisfy { $0.changes == 2 && $0.pending == nil })
    }

    @Test("that a person has changed since are left alone, until they are given back")
    func people() throws {
        var (run, ids) = try run()
        try run.run()
        run.control("budget", #"{"campaign_id":\#(ids[0]),"budget":777000}"#)
        run.now = run.now + .seconds(2 * 3600)

        try run.run()
        try run.run()

        #expect(try run.budgets()[ids[0]] == 777_000_000_000)
        #expect(try run.budgets()[ids[1]] == 150_000_000_000)
        #expect(run.outcomes(ids[0]) == ["changed", "kept"])
        let kept = try #require(run.changes.last { $0.campaign == ids[0] })
        #expect(kept.before?.micros == 300_000_000_000 && kept.after?.micros == 777_000_000_000)

        run.now = run.now + .seconds(60)
        run.plan.released[ids[0]] = run.now
        try run.run()
        #expect(try run.budgets()[ids[0]] == 150_000_000_000)
        #expect(run.outcomes(ids[0]) == ["changed", "kept", "changed"])
    }

    @Test("that are undone are set back, and stay there until they are given back")
    func undo() throws {
        var (run, ids) = try run()
        let before = try run.budgets()
        try run.run()
        let change = try #require(run.changes.first { $0.campaign == ids[1] })
        run.plan.pins[ids[1]] = BudgetPlan.Pin(budget: try #require(change.before), change: change.id)

        try run.run()
        run.now = run.now + .seconds(2 * 3600)
        try run.run()

        #expect(try run.budgets()[ids[1]] == before[ids[1]])
        #expect(try run.budgets()[ids[0]] == 150_000_000_000)
        #expect(run.changes.filter { $0.undoes == change.id }.map(\.outcome) == [.changed])
        run.plan.pins = [:]
        run.plan.released[ids[1]] = run.now
        try run.run()
        #expect(try run.budgets()[ids[1]] == 150_000_000_000)
    }

    @Test("are tried out without a change")
    func dryRun() throws {
        var (run, ids) = try run(3, #","dry_run":true"#)
        let before = try run.budgets()

        try run.run()

        #expect(try run.budgets() == before)
        #expect(run.changes.map(\.outcome) == Array(repeating: .wouldChange, count: ids.count))
        #expect(run.states.isEmpty)
        #expect(try run.writes().isEmpty)
    }

    @Test("change so often in a day of the shop and no more")
    func cap() throws {
        var (run, ids) = try run(3, #","changes_per_day":2"#)

        try run.run()
        try run.run()

        #expect(try run.writes().count == 2)
        #expect(run.notes == ["budgets_capped", "budgets_capped"])
        // The day of the shop begins at 17:00 UTC.
        run.now = BudgetRun.start + .seconds(14 * 3600 + 60)
        try run.run()
        #expect(try run.writes().count == 4)
        #expect(try run.budgets()[ids[0]] == 150_000_000_000)
    }

    @Test("that Shopee refuses are noted once with its reason, and hold up no others")
    func refused() throws {
        let ids = Array(try BudgetRun(plan(["1"])).campaigns.prefix(2))
        let low =
            #"{"rules":[{"campaigns":["\#(ids[0])"],"budgets":[{"budget":1000}]},"#
            + #"{"campaigns":["\#(ids[1])"],"budgets":[{"budget":200000}]}]}"#
        var run = try BudgetRun(low)
        let before = try run.budgets()

        try run.run()
        let calls = run.calls
        try run.run()

        #expect(run.calls == calls + 1)
        #expect(try run.budgets()[ids[0]] == before[ids[0]])
        #expect(try run.budgets()[ids[1]] == 200_000_000_000)
        #expect(run.outcomes(ids[0]) == ["refused"])
        let reason = run.changes.first { $0.campaign == ids[0] }?.reason ?? ""
        #expect(reason.hasPrefix("ads.campaign.error_daily_budget_range: "))
    }

    @Test("of campaigns that are not there, or have ended, change nothing and stop nothing")
    func strange() throws {
        let one = try #require(try BudgetRun(plan(["1"])).campaigns.first)
        var run = try BudgetRun(plan(["12345", one]))
        let dead = try run.budgets().keys.filter { id in try !BudgetRun(plan(["1"])).campaigns.contains(id) }

        try run.run()

        #expect(run.notes == ["budgets_foreign"])
        #expect(try run.budgets()[one] == 300_000_000_000)
        #expect(!dead.isEmpty)
        var all = try BudgetRun(#"{"rules":[{"all":true,"budgets":[{"budget":222000}]}]}"#)
        let before = try all.budgets()
        try all.run()
        for id in dead where all.outcomes(id).isEmpty { #expect(try all.budgets()[id] == before[id]) }
        #expect(try all.campaigns.allSatisfy { try all.budgets()[$0] == 222_000_000_000 })
    }

    @Test("of the campaign that Shopee does not show are set once for each wish")
    func unseen() throws {
        let plan =
            #"{"rules":[{"gmv_max":true,"budgets":["#
            + #"{"from":"09:00","to":"12:00","budget":5000000},{"budget":2000000}]}]}"#
        var run = try BudgetRun(plan)

        try run.run()
        try run.run()
        #expect(try run.writes().map { $0.split(separator: " ").last.map(String.init) } == ["5000000"])
        run.now = run.now + .seconds(2 * 3600)
        try run.run()

        #expect(try run.writes().count == 2)
        #expect(run.changes.map(\.before?.micros) == [nil, 5_000_000_000_000])
        #expect(run.changes.allSatisfy { $0.outcome == .changed && $0.after == nil })
        // Undone, it is set back without being looked for among the campaigns that Shopee shows.
        let last = try #require(run.changes.last)
        run.plan.pins[last.campaign] = BudgetPlan.Pin(
            budget: try #require(last.before), change: last.id, isUnseen: true)
        try run.run()
        #expect(try run.writes().last?.hasSuffix(" 5000000") == true)
        #expect(run.notes.isEmpty && run.changes.last?.undoes == last.id)
        var without = try BudgetRun(plan) { $0.shops[0].hasGMS = false }
        try without.run()
        #expect(without.notes == ["budgets_unseen"])
    }

    @Test("come out the same when the answer to any call is lost: nothing is set twice, all is noted once")
    func lost() throws {
        var (whole, ids) = try run(4)
        try whole.run()
        let calls = whole.calls
        #expect(calls >= 6)
        for lost in 0..<calls {
            var (run, _) = try run(4)

            try run.run(lost: lost)

            #expect(try run.writes().sorted() == whole.writes().sorted(), "call \(lost)")
            #expect(run.changes.map(\.outcome) == [.changed, .changed, .changed, .changed], "call \(lost)")
            #expect(run.states.allSatisfy { $0.set?.micros == 300_000_000_000 && $0.pending == nil }, "call \(lost)")
            #expect(Set(run.changes.map(\.campaign)) == Set(ids))
        }
    }

    @Test("are read again before anything is set, where a person had time to change them")
    func stale() throws {
        var (run, ids) = try run(3)
        // Each call takes six seconds: by the second one what was read is too old.
        run.control("world", #"{"latency":{"base":6000000,"jitter":0,"row":0}}"#)

        try run.run()

        #expect(try ids.allSatisfy { try run.budgets()[$0] == 300_000_000_000 })
        #expect(try run.writes().count == 3)
        #expect(run.calls > 5)
    }
}
