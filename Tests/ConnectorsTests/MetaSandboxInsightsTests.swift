import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncCore
import Testing

@Suite("Meta sandbox: reports")
struct MetaSandboxInsightsTests {
    private static let everyStatus = """
        [{"field":"ad.effective_status","operator":"NOT_IN","value":["NONE"]}]
        """
    private static let fields =
        "account_id,campaign_id,adset_id,ad_id,impressions,clicks,spend,reach,actions,action_values"

    private static func range(_ first: CivilDate, _ last: CivilDate) -> String {
        "{\"since\":\"\(first)\",\"until\":\"\(last)\"}"
    }

    private static func days(_ probe: MetaSandboxProbe) throws -> DayRange {
        try #require(probe.sandbox.reportDays(at: probe.now, account: "1000001"))
    }

    private func daily(_ level: String, _ days: DayRange, _ more: [String: String] = [:]) -> [String: String] {
        [
            "level": level, "time_increment": "1", "time_range": Self.range(days.first, days.last),
            "fields": Self.fields, "limit": "40",
        ].merging(more) { $1 }
    }

    @Test("Rows of every level add up to the account on every day", arguments: [1, 2, 3] as [UInt64])
    func levelsAddUp(seed: UInt64) throws {
        var probe = MetaSandboxProbe.calm(seed: seed)
        let days = try Self.days(probe)
        let wanted = probe.sandbox.sums(at: probe.now, account: "1000001", level: "account", days: days)

        for level in ["campaign", "adset", "ad"] {
            let rows = probe.insights(daily(level, days, ["filtering": Self.everyStatus]))
            var spend: [String: Int64] = [:]
            var impressions: [String: Int64] = [:]
            for row in rows {
                let day = row["date_start"] as? String ?? ""
                spend[day, default: 0] += Loose.micros(row["spend"])
                impressions[day, default: 0] += Loose.int(row["impressions"])
            }
            #expect(spend.filter { $0.value > 0 } == named(wanted) { $0.spendMicros })
            #expect(impressions.filter { $0.value > 0 } == named(wanted) { $0.impressions })
        }
    }

    private func named(_ sums: [CivilDate: MetaSums], _ value: (MetaSums) -> Int64) -> [String: Int64] {
        Dictionary(uniqueKeysWithValues: sums.map { ($0.key.description, value($0.value)) }).filter { $0.value > 0 }
    }

    @Test("The number of rows is the truth's, and no row comes twice", arguments: [4, 5, 6] as [UInt64])
    func rowCounts(seed: UInt64) throws {
        var probe = MetaSandboxProbe.calm(seed: seed) { $0.insights.shortPages = 200 }
        let days = try Self.days(probe)
        let truth = try #require(probe.truth())

        for (level, stream, id) in [
            ("campaign", "campaign_insights", "campaign_id"), ("adset", "ad_set_insights", "adset_id"),
            ("ad", "ad_insights", "ad_id"),
        ] {
            let all = probe.insights(daily(level, days, ["filtering": Self.everyStatus]))
            let listed = probe.insights(daily(level, days))
            let keys = Set(all.map { "\($0[id] ?? "") \($0["date_start"] ?? "")" })

            #expect(all.count == truth.rows[stream])
            #expect(keys.count == all.count)
            #expect(listed.count == truth.unfiltered[stream])
        }
    }

    @Test("Rows of archived ads are not listed without a filter, yet the account's total has them")
    func unlistedRows() throws {
        var probe = MetaSandboxProbe.calm(seed: 11) { $0.accounts[0].archived = 700 }
        let days = try Self.days(probe)
        let range = Self.range(days.first, days.last)

        let listed = probe.insights(["level": "ad", "time_range": range, "fields": "ad_id,spend", "limit": "500"])
        let total = probe.insights(["time_range": range, "fields": "spend"])
        let gone = try #require(
            probe.all("act_1000001/ads", ["effective_status": "ARCHIVED"]).first?["id"] as? String)
        let own = probe.insights(["time_range": range, "fields": "spend"], of: gone)

        let sum = listed.reduce(Int64(0)) { $0 + Loose.micros($1["spend"]) }
        #expect(sum < Loose.micros(total.first?["spend"]))
        #expect(!listed.contains { $0["ad_id"] as? String == gone })
        #expect(own.count == 1)
    }

    @Test("All scalars are strings and empty lists are left out")
    func shapes() throws {
        var probe = MetaSandboxProbe.calm()
        let rows = probe.insights(daily("ad", try Self.days(probe)))

        #expect(!rows.isEmpty)
        for row in rows {
            #expect(row["impressions"] is String && row["spend"] is String && row["ad_id"] is String)
            #expect((row["actions"] as? [Any])?.isEmpty != true)
            #expect((row["action_values"] as? [Any])?.isEmpty != true)
        }
    }

    @Test("Windows of an action nest: a day of clicks within seven within twenty-eight")
    func windows() throws {
        var probe = MetaSandboxProbe.calm(seed: 2)
        let windows = "[\"1d_click\",\"7d_click\",\"28d_click\",\"1d_view\",\"28d_view\"]"
        let rows = probe.insights(daily("ad", try Self.days(probe), ["action_attribution_windows": windows]))
        let type = "offsite_conversion.fb_pixel_purchase"
        var seen = 0

        for row in rows where Loose.action(row, type) > 0 {
            seen += 1
            let day1 = Loose.action(row, type, "1d_click")
            let day7 = Loose.action(row, type, "7d_click")
            #expect(day1 <= day7 && day7 <= Loose.action(row, type, "28d_click"))
            #expect(Loose.action(row, type) == day7 + Loose.action(row, type, "1d_view"))
        }
        #expect(seen > 0)
    }

    @Test(
        "Breakdowns add up to the whole, in every allowed combination",
        arguments: [
            "age", "gender", "age,gender", "country", "publisher_platform", "publisher_platform,platform_position",
            "publisher_platform,impression_device", "device_platform", "product_id",
        ])
    func breakdowns(_ names: String) throws {
        var probe = MetaSandboxProbe.calm(seed: 2)
        let range = Self.range(try Self.days(probe).first, try Self.days(probe).last)

        let whole = probe.insights(["time_range": range, "fields": "impressions,clicks,spend"])
        let parts = probe.insights(
            ["time_range": range, "fields": "impressions,clicks,spend", "breakdowns": names, "limit": "50"])

        for field in ["impressions", "clicks"] {
            #expect(parts.reduce(0) { $0 + Loose.int($1[field]) } == Loose.int(whole.first?[field]))
        }
        #expect(parts.reduce(0) { $0 + Loose.micros($1["spend"]) } == Loose.micros(whole.first?["spend"]))
        #expect(names.split(separator: ",").allSatisfy { parts.first?[String($0)] is String })
    }

    @Test(
        "What the platform does not combine or know is refused",
        arguments: [
            ["breakdowns": "age,country"], ["breakdowns": "impression_device"], ["breakdowns": "dma"],
            ["fields": "impressions,age"], ["fields": "no_such_metric"], ["level": "adgroup"],
            ["time_range": "{\"since\":\"2026-11-02\",\"until\":\"2026-11-01\"}"], ["time_increment": "91"],
            ["action_breakdowns": "action_device", "fields": "spend"], ["filtering": "{\"a\":1}"],
            ["action_attribution_windows": "3d_click"], ["date_preset": "lifetime"],
        ])
    func refusals(_ params: [String: String]) {
        var probe = MetaSandboxProbe.calm()

        let answer = probe.get("act_1000001/insights", params)

        #expect(answer.status == 400)
        #expect(answer.code == 100)
    }

    @Test("Cursors are row numbers in base64 with ZD for the padding")
    func rowCursors() throws {
        var probe = MetaSandboxProbe.calm()

        let answer = probe.get("act_1000001/insights", daily("ad", try Self.days(probe), ["limit": "25"]))

        let cursors = (answer.json["paging"] as? [String: Any])?["cursors"] as? [String: String]
        #expect(cursors == ["before": "MAZDZD", "after": "MjQZD"])
    }

    @Test("A page in the middle is the same whether its predecessor was read or not")
    func middlePage() throws {
        let params = daily("ad", try Self.days(.calm()), ["limit": "10", "after": "MTkZD"])
        var fresh = MetaSandboxProbe.calm()
        var used = MetaSandboxProbe.calm()
        _ = used.get("act_1000001/insights", daily("ad", try Self.days(used), ["limit": "10"]))
        _ = used.get("act_1000001/insights", daily("ad", try Self.days(used), ["limit": "10", "after": "OQZDZD"]))

        let first = fresh.get("act_1000001/insights", params)
        let second = used.get("act_1000001/insights", params)

        #expect(first.data.count == 10)
        #expect(first.body == second.body)
    }

    @Test("Filters on campaigns, ad sets and ads select exactly their rows")
    func entityFilters() throws {
        var probe = MetaSandboxProbe.calm(seed: 2)
        let days = try Self.days(probe)
        let all = probe.insights(daily("ad", days, ["filtering": Self.everyStatus]))

        for (field, key) in [("campaign.id", "campaign_id"), ("adset.id", "adset_id"), ("ad.id", "ad_id")] {
            let id = try #require(all.first?[key] as? String)
            let filter = """
                [{"field":"\(field)","operator":"IN","value":["\(id)"]},\
                {"field":"ad.effective_status","operator":"NOT_IN","value":["NONE"]}]
                """
            let rows = probe.insights(daily("ad", days, ["filtering": filter]))
            #expect(rows.count == all.count { $0[key] as? String == id })
        }
        let busy = "[{\"field\":\"ad.impressions\",\"operator\":\"GREATER_THAN\",\"value\":500}]"
        let rows = probe.insights(daily("ad", days, ["filtering": busy]))
        #expect(rows.allSatisfy { Loose.int($0["impressions"]) > 500 })
    }

    @Test("Too big a report fails, and succeeds when it is split by days or by fields")
    func tooBig() throws {
        var probe = MetaSandboxProbe.calm(seed: 2) { $0.size.syncRows = 30 }
        let days = try Self.days(probe)
        let halves = try #require(days.halves)

        let whole = probe.get("act_1000001/insights", daily("ad", days))
        let narrow = probe.get(
            "act_1000001/insights", daily("ad", DayRange(halves.1.last), ["fields": "ad_id,spend"]))

        #expect([1, 100].contains(whole.code))
        #expect(narrow.status == 200)
    }

    @Test("A poisoned day fails until its field is left out")
    func poison() throws {
        let day = try #require(CivilDate("2026-11-10"))
        var probe = MetaSandboxProbe.calm {
            $0.size.poisons = [.init(account: 0, ad: 1, day: day, field: "action_values")]
        }

        let poisoned = probe.get("act_1000001/insights", daily("ad", DayRange(day)))
        let cured = probe.get("act_1000001/insights", daily("ad", DayRange(day), ["fields": "ad_id,spend"]))
        let other = probe.get("act_1000001/insights", daily("ad", DayRange(day.adding(days: 1))))

        #expect([1, 2].contains(poisoned.code))
        #expect(cured.status == 200)
        #expect(other.status == 200)
    }

    @Test("A flat world has exactly ads times days rows")
    func flat() throws {
        var probe = MetaSandboxProbe(.bench(ads: 20, days: 30))
        let days = try Self.days(probe)

        let rows = probe.insights(daily("ad", days, ["limit": "500"]))

        #expect(rows.count == 600)
        #expect(probe.truth()?.rows["ad_insights"] == 600)
    }

    @Test("The demo world is the one that was promised")
    func demo() throws {
        let world = MetaWorld.demo()
        try world.check()
        let sandbox = MetaSandbox(world)
        let now = world.anchor.start(in: try AccountZone.named("Asia/Ho_Chi_Minh"))

        let truth = try #require(sandbox.truth(at: now, account: world.mainAccountID))

        #expect(truth.rows["campaigns"] == 351)
        #expect(truth.rows["ad_sets"] == 700)
        #expect(truth.rows["ads"] == 1000)
        #expect((150_000...250_000).contains(truth.rows["ad_insights"] ?? 0))
        #expect(sandbox.fewestCalls(at: now, account: world.mainAccountID) > 600)
    }
}
