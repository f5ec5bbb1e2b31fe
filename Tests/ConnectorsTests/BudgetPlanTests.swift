import ConnectorKit
import FoundationEssentials
import SyncCore
import Testing

@Suite("A plan of budgets")
struct BudgetPlanTests {
    private let zone = TimeZone(identifier: "Asia/Ho_Chi_Minh") ?? .gmt

    private func plan(_ slots: String, _ more: String = "") throws -> BudgetPlan {
        try BudgetPlan(json: #"{"rules":[{"name":"r","campaigns":["1"],"budgets":[\#(slots)]}]\#(more)}"#)
    }

    /// The budget at a moment in Ho Chi Minh City's time.
    private func budget(_ plan: BudgetPlan, _ local: String) throws -> String? {
        let instant = try #require(Instant(iso: "\(local):00Z")) - .seconds(7 * 3600)
        return plan.wish(
            for: BudgetPlan.Campaign(id: "1", name: "Sale 11.11"), at: BudgetPlan.LocalMoment(instant, in: zone)
        ).map { "\($0.budget)" }
    }

    @Test("has a budget for hours and days, the first that fits; hours may go on past midnight")
    func slots() throws {
        // 2026-11-27 is a Friday.
        let plan = try plan(
            #"{"days":["fri"],"from":"22:00","to":"02:30","budget":5},{"days":"sat,sun","budget":"7.25"},"#
                + #"{"from":"08:00","to":"12:00","budget":3}"#)

        let expected: [(String, String?)] = [
            ("2026-11-27T07:59", nil), ("2026-11-27T08:00", "3"), ("2026-11-27T11:59", "3"), ("2026-11-27T12:00", nil),
            ("2026-11-27T21:59", nil), ("2026-11-27T22:00", "5"), ("2026-11-28T00:00", "5"), ("2026-11-28T02:29", "5"),
            ("2026-11-28T02:30", "7.25"), ("2026-11-28T22:00", "7.25"), ("2026-11-29T01:00", "7.25"),
            ("2026-11-30T00:00", nil), ("2026-11-30T01:00", nil),
        ]
        for (moment, wanted) in expected { #expect(try budget(plan, moment) == wanted, "\(moment)") }
    }

    @Test("follows the clock through daylight saving")
    func daylight() throws {
        let zone = try #require(TimeZone(identifier: "America/New_York"))
        func minute(_ iso: String) throws -> (String, Int) {
            let moment = BudgetPlan.LocalMoment(try #require(Instant(iso: iso)), in: zone)
            return ("\(moment.day)", moment.minute)
        }
        #expect(try minute("2026-11-01T05:30:00Z") == ("2026-11-01", 90))
        #expect(try minute("2026-11-01T06:30:00Z") == ("2026-11-01", 90))
        #expect(try minute("2026-11-02T04:59:00Z") == ("2026-11-01", 1439))
        #expect(try minute("2026-03-08T07:00:00Z") == ("2026-03-08", 180))
    }

    @Test("covers campaigns by id, by name or all; the first rule counts, and a pin before all")
    func rules() throws {
        var plan = try BudgetPlan(
            json: #"""
                {"rules":[{"campaigns":["9"],"budgets":[{"budget":1}]},{"named":"SALE","budgets":[{"budget":2}]},
                {"gmv_max":true,"budgets":[{"budget":3}]},{"all":true,"budgets":[{"budget":4}]}]}
                """#)
        let moment = BudgetPlan.LocalMoment(Instant(seconds: 0), in: zone)
        func wish(_ id: String, _ name: String, unseen: Bool = false) -> BudgetPlan.Wish? {
            plan.wish(for: BudgetPlan.Campaign(id: id, name: name, isUnseen: unseen), at: moment)
        }

        #expect(wish("9", "sale")?.budget == Money("1") && wish("9", "")?.rule == "1")
        #expect(wish("8", "big Sale")?.budget == Money("2"))
        #expect(wish("7", "Sale", unseen: true)?.budget == Money("3"))
        #expect(wish("7", "")?.budget == Money("4"))
        #expect(plan.reach.ids == ["9"] && plan.reach.isAll && plan.reach.hasUnseen)
        plan.pins["9"] = BudgetPlan.Pin(budget: Money(micros: 500_000), change: "c")
        #expect(wish("9", "") == BudgetPlan.Wish(budget: Money(micros: 500_000), rule: "undo", undoes: "c"))
    }

    @Test("is stored with all that was decided since, and reads as it was")
    func stored() throws {
        var plan = try plan(
            #"{"days":"mon,sun","from":"23:30","to":"24:00","budget":"100000.5"},{"budget":200000}"#,
            #","least":100000,"most":"300000","changes_per_day":7,"dry_run":true"#)
        plan.madeAt = try #require(Instant(iso: "2026-11-27T10:11:12.345Z"))
        plan.pins["4\"x"] = BudgetPlan.Pin(budget: Money(micros: 1), change: "c")
        plan.pins["8"] = BudgetPlan.Pin(budget: Money(micros: 0), change: "d", isUnseen: true)
        plan.released["5"] = plan.madeAt + .seconds(1)

        #expect(try BudgetPlan(json: plan.json) == plan)
        #expect(plan.reach.ids == ["1", "4\"x"] && plan.reach.hasUnseen)
        #expect(plan.begin(of: "5") == plan.madeAt + .seconds(1) && plan.begin(of: "6") == plan.madeAt)
    }

    @Test(
        "that makes no sense is refused with a sentence",
        arguments: [
            ("[]", "is no JSON object"), ("{}", "has no rules"), (#"{"rules":[]}"#, "has no rules"),
            (#"{"rule":[]}"#, "rule, which means nothing"), (#"{"rules":[7]}"#, "Rule 1 of the plan"),
            (#"{"rules":[{"name":"x","all":true}]}"#, "x has no budgets"),
            (#"{"rules":[{"name":"x","budgets":[{"budget":1}]}]}"#, "x needs one of"),
            (#"{"rules":[{"all":true,"gmv_max":true,"budgets":[{"budget":1}]}]}"#, "1 needs one of"),
            (#"{"rules":[{"all":true,"budgets":[{}]}]}"#, "has no amount"),
            (#"{"rules":[{"all":true,"budgets":[{"budget":1.5}]}]}"#, #"in quotes: "1.5""#),
            (#"{"rules":[{"all":true,"budgets":[{"budget":"-1"}]}]}"#, "budget is no amount"),
            (#"{"rules":[{"all":true,"budgets":[{"budget":1,"hours":"9"}]}]}"#, "hours, which means nothing"),
            (#"{"rules":[{"all":true,"budgets":[{"budget":1,"from":"25:00"}]}]}"#, "25:00"),
            (#"{"rules":[{"all":true,"budgets":[{"budget":1,"days":"someday"}]}]}"#, "someday"),
            (#"{"rules":[{"all":true,"budgets":[{"budget":1,"from":"08:00","to":"08:00"}]}]}"#, "same time"),
            (#"{"rules":[{"all":true,"budgets":[{"budget":1,"from":"08:00,09:00"}]}]}"#, "08:00,09:00"),
            (#"{"rules":[{"all":true,"budgets":[{"budget":1,"to":["08:00"]}]}]}"#, "08:00"),
            (#"{"rules":[{"all":true,"budgets":[{"budget":1,"days":["mon","x"]}]}]}"#, #""x""#),
            (#"{"rules":[{"all":true,"budgets":[{"budget":1,"days":7}]}]}"#, #""7""#),
            (#"{"rules":[{"all":"yes","budgets":[{"budget":1}]}]}"#, "all takes true or false"),
            (#"{"rules":[{"campaigns":"9","budgets":[{"budget":1}]}]}"#, "no list of ids"),
            (#"{"rules":[{"campaigns":[["9"]],"budgets":[{"budget":1}]}]}"#, "no list of ids"),
            (#"{"rules":[{"all":true,"budgets":[{"budget":1}]}],"dry_run":1}"#, "dry_run takes true or false"),
            (#"{"rules":[{"all":true,"budgets":[{"budget":1}]}],"least":2}"#, "own bounds"),
            (#"{"rules":[{"all":true,"budgets":[{"budget":3}]}],"most":2}"#, "own bounds"),
            (#"{"rules":[{"all":true,"budgets":[{"budget":0}]}],"most":2}"#, "own bounds"),
            (#"{"rules":[{"all":true,"budgets":[{"budget":1}]}],"least":3,"most":2}"#, "least is more than most"),
            (#"{"rules":[{"all":true,"budgets":[{"budget":1}]}],"changes_per_day":0}"#, "from 1 on"),
        ])
    func wrong(json: String, says: String) throws {
        let error = #expect(throws: ConfigurationError.self) { _ = try BudgetPlan(json: json) }
        #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
    }

    @Test("Amounts are exact, to the millionth")
    func amounts() {
        let texts = ["0", "1", "150000", "0.000001", "12.5", "999999999999.999999"]
        for text in texts { #expect(Money(text)?.description == text) }
        for text in ["", ".5", "5.", "-1", "1e3", "1,000", "1.0000001", "1234567890123", "٣"] {
            #expect(Money(text) == nil, "\(text)")
        }
        #expect(Money("7.10")?.description == "7.1")
        #expect(Money(micros: -1_500_000).description == "-1.5")
    }
}
