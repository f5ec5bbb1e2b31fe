import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncCore
import Testing

@Suite("Meta sandbox: reports and time")
struct MetaSandboxTimeTests {
    private static let everyStatus = """
        [{"field":"ad.effective_status","operator":"NOT_IN","value":["NONE"]}]
        """

    private static func range(_ first: CivilDate, _ last: CivilDate) -> String {
        "{\"since\":\"\(first)\",\"until\":\"\(last)\"}"
    }

    private static func days(_ probe: MetaSandboxProbe) throws -> DayRange {
        try #require(probe.sandbox.reportDays(at: probe.now, account: "1000001"))
    }

    @Test("Reports reach back 37 months and not a day more")
    func retention() throws {
        var probe = MetaSandboxProbe.calm()
        let oldest = try #require(CivilDate("2023-10-21"))

        let last = probe.get(
            "act_1000001/insights", ["time_range": Self.range(oldest.adding(days: 1), oldest.adding(days: 2))])
        let tooOld = probe.get("act_1000001/insights", ["time_range": Self.range(oldest, oldest.adding(days: 2))])

        #expect(last.status == 200)
        #expect([tooOld.status, tooOld.code] == [400, 3018] as [Int])
    }

    @Test("Increments cut the same sums: days, weeks, months, everything")
    func increments() throws {
        var probe = MetaSandboxProbe.calm()
        let days = try Self.days(probe)
        let base = ["time_range": Self.range(days.first, days.last), "fields": "spend", "limit": "500"]
        let whole = probe.insights(base)

        for increment in ["1", "7", "90", "monthly", "all_days"] {
            let rows = probe.insights(base.merging(["time_increment": increment]) { $1 })
            #expect(rows.reduce(0) { $0 + Loose.micros($1["spend"]) } == Loose.micros(whole.first?["spend"]))
        }
    }

    @Test("Today grows every quarter of an hour, in the account's own day")
    func today() throws {
        var probe = MetaSandboxProbe.calm(seed: 9) {
            $0.accounts[0].zone = "Asia/Ho_Chi_Minh"
            $0.accounts[0].longestLife = 500
        }
        func impressions(_ probe: inout MetaSandboxProbe) -> Int64 {
            Loose.int(probe.insights(["date_preset": "today", "fields": "impressions"]).first?["impressions"])
        }

        let first = impressions(&probe)
        probe.wait(.seconds(60))
        let same = impressions(&probe)
        probe.wait(.seconds(3600))
        let later = impressions(&probe)
        probe.now = try #require(CivilDate("2026-11-22")).start(in: AccountZone.named("Asia/Ho_Chi_Minh"))
        let midnight = impressions(&probe)

        #expect(first > 0 && same == first && later > first)
        #expect(midnight == 0)
    }

    @Test("A day's purchases grow for 28 days and its impressions stay")
    func restatement() throws {
        var probe = MetaSandboxProbe.calm(seed: 2) { $0.accounts[0].longestLife = 500 }
        let day = try #require(CivilDate("2026-11-20"))
        let params = [
            "time_range": Self.range(day, day), "fields": "impressions,actions", "filtering": Self.everyStatus,
        ]
        var history: [Int64] = []
        var impressions: Set<Int64> = []

        for _ in 0..<32 {
            let row = probe.insights(params).first ?? [:]
            history.append(Loose.action(row, "omni_purchase"))
            impressions.insert(Loose.int(row["impressions"]))
            probe.wait(.seconds(86_400))
        }

        #expect(history == history.sorted())
        #expect((history.first ?? 0) < history[28])
        #expect(Set(history[28...]).count == 1)
        #expect(impressions.count == 1)
    }
}
