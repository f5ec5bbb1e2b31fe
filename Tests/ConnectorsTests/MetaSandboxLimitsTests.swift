import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncCore
import Testing

@Suite("Meta sandbox: limits")
struct MetaSandboxLimitsTests {
    private func header(_ answer: MetaSandboxProbe.Answer, _ name: String) -> [String: Any] {
        let text = answer.headers[name.lowercased()] ?? ""
        return (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:]
    }

    @Test("The development tier gives 60 points, then 17/2446079 until five minutes of silence")
    func score() {
        var probe = MetaSandboxProbe.calm { $0.limits.tier = .development }
        var served = 0
        var answer = probe.get("act_1000001/ads")
        while answer.status == 200, served < 200 {
            served += 1
            answer = probe.get("act_1000001/ads")
        }

        #expect(served == 60)
        #expect([answer.status, answer.code, answer.subcode] == [400, 17, 2_446_079] as [Int])
        #expect(answer.error["is_transient"] as? Bool == false)
        #expect(header(answer, "X-Ad-Account-Usage")["reset_time_duration"] as? Int == 300)
        #expect(header(answer, "X-Ad-Account-Usage")["ads_api_access_tier"] as? String == "development_access")
        probe.wait(.seconds(301))
        #expect(probe.get("act_1000001/ads").status == 200)
    }

    @Test("A call while blocked makes the block longer and is counted as a crossing")
    func extension_() {
        var probe = MetaSandboxProbe.calm { $0.limits.score = 2 }
        for _ in 0..<3 { _ = probe.get("act_1000001/ads") }
        let told = probe.sandbox.blocked(at: probe.now)["account/1000001"]
        probe.wait(.seconds(50))

        let crossing = probe.get("act_1000001/ads")
        let left = probe.sandbox.blocked(at: probe.now)["account/1000001"]

        #expect(told == 60)
        #expect(crossing.code == 17)
        #expect(left == 60)
        #expect(probe.sandbox.counters.crossings == 1)
    }

    @Test("Points come back evenly: a steady pace within the limit never hits it")
    func decay() {
        var probe = MetaSandboxProbe.calm {
            $0.limits.score = 30
            $0.limits.scoreSeconds = 1
        }
        var refused = 0
        for _ in 0..<600 {
            if probe.get("act_1000001/ads").status != 200 { refused += 1 }
            probe.wait(.milliseconds(34))
        }

        #expect(refused == 0)
        #expect(probe.sandbox.counters.throttled == 0)
    }

    @Test("Writes cost three points and reads of n ids cost n")
    func prices() throws {
        var writer = MetaSandboxProbe.calm { $0.limits.score = 9 }
        var reader = MetaSandboxProbe.calm { $0.limits.score = 9 }
        let ids = writer.sandbox.ids(of: "ads", at: writer.now, account: "1000001")

        let writes = (0..<4).map { _ in writer.post(ids[0], [("name", "x")]).status }
        let first = reader.get("", ["ids": ids.prefix(8).joined(separator: ",")])
        let second = reader.get("", ["ids": ids.prefix(2).joined(separator: ",")])

        #expect(writes == [200, 200, 200, 400])
        #expect(writer.sandbox.counters.score == 9)
        #expect([first.status, second.code] == [200, 17] as [Int])
    }

    @Test("The hourly use case limits answer their own codes and say when to come back")
    func useCases() {
        var probe = MetaSandboxProbe.calm {
            $0.limits.management = -400
            $0.limits.insights = -4000
        }
        let management = probe.get("act_1000001/ads")
        let insights = probe.get("act_1000001/insights")

        #expect([management.code, insights.code] == [80004, 80000] as [Int])
        let usage = header(management, "X-Business-Use-Case-Usage")["1000001"] as? [[String: Any]] ?? []
        #expect(Set(usage.compactMap { $0["type"] as? String }) == ["ads_management", "ads_insights"])
        let blocked = usage.first { $0["type"] as? String == "ads_management" }
        #expect(blocked?["estimated_time_to_regain_access"] as? Int == 5)
    }

    @Test("The app's own limit blocks every account with code 4")
    func app() {
        var probe = MetaSandboxProbe.calm { $0.limits.dailyUsers = 0 }

        let answer = probe.get("me/adaccounts")

        #expect([answer.status, answer.code] == [403, 4] as [Int])
        #expect(header(answer, "X-App-Usage")["call_count"] as? Int ?? 0 >= 100)
    }

    @Test("The insights load of the platform stops reports only")
    func insightsLoad() {
        var probe = MetaSandboxProbe.calm { $0.limits.insightsPerMinute = 2 }
        for _ in 0..<2 { _ = probe.get("act_1000001/insights") }

        let report = probe.get("act_1000001/insights")
        let list = probe.get("act_1000001/ads")

        #expect([report.code, report.subcode] == [4, 1_504_022] as [Int])
        #expect(list.status == 200)
        #expect(header(report, "X-FB-Ads-Insights-Throttle")["app_id_util_pct"] as? Int == 100)
    }

    @Test("A fifth budget change of an ad set within the hour is refused, other edits are not")
    func budgets() throws {
        var probe = MetaSandboxProbe.calm()
        let adSets = probe.all(
            "act_1000001/adsets", ["fields": "daily_budget", "effective_status": "ACTIVE,PAUSED,CAMPAIGN_PAUSED"])
        let id = try #require(adSets.first { $0["daily_budget"] as? String != "0" }?["id"] as? String)

        let codes = (1...5).map { probe.post(id, [("daily_budget", "\(90_000 + $0)")]).subcode }
        let rename = probe.post(id, [("name", "renamed")])

        #expect(codes == [0, 0, 0, 0, 1_487_632])
        #expect(rename.status == 200)
        #expect(probe.get(id, ["fields": "daily_budget,name"]).json["daily_budget"] as? String == "90004")
    }

    @Test("One account's block leaves the others alone")
    func isolation() {
        var probe = MetaSandboxProbe.calm { $0.limits.score = 1 }
        _ = probe.get("act_1000001/ads")

        #expect(probe.get("act_1000001/ads").code == 17)
        #expect(probe.get("act_1000002/ads").status == 200)
    }

    @Test("The same calls at the same moments give the same answers")
    func replay() {
        var first = MetaSandboxProbe(MetaWorld.small(seed: 5).withFaults(seed: 5))
        var second = MetaSandboxProbe(MetaWorld.small(seed: 5).withFaults(seed: 5))
        var same = true

        for index in 0..<200 {
            let path = ["act_1000001/ads", "act_1000001/insights", "me/adaccounts"][index % 3]
            let left = first.get(path, ["limit": "5"])
            let right = second.get(path, ["limit": "5"])
            same =
                same && left.body == right.body && first.lastReply.delay == second.lastReply.delay
                && first.lastReply.delivery == second.lastReply.delivery
            first.wait(.milliseconds(700))
            second.wait(.milliseconds(700))
        }

        #expect(same)
        #expect(first.sandbox.counters == second.sandbox.counters)
    }
}
