import ConnectorKit
import Foundation
import SyncCore
import Testing

@testable import Connectors

@Suite("Shopee sandbox: reports")
struct ShopeeSandboxReportTests {
    @Test("A day is the sum of its hours, today and long ago, for a campaign and for the shop", arguments: [0, 1, 40])
    func hours(back: Int) {
        var probe = ShopeeSandboxProbe.calm()
        let ids = probe.campaignIDs()
        let daily = probe.daily(ids, from: back, to: back)
        let hourly = probe.hourly(ids, on: back)
        let shop = probe.shopDaily(from: back, to: back).rows
        let shopHourly = probe.ads(
            "get_all_cpc_ads_hourly_performance", ["performance_date": probe.day(back)]
        ).rows

        #expect(daily.metrics.count > 3 && hourly.metrics.count > daily.metrics.count)
        for campaign in daily.campaigns {
            let same = hourly.campaigns.first {
                ShopeeSums.int($0["campaign_id"]) == ShopeeSums.int(campaign["campaign_id"])
            }
            let days = ShopeeSums(campaign["metrics_list"] as? [[String: Any]] ?? [])
            #expect(days == ShopeeSums(same?["metrics_list"] as? [[String: Any]] ?? []))
        }
        #expect(ShopeeSums(shop) == ShopeeSums(shopHourly))
        #expect(shopHourly.allSatisfy { (0...23).contains(ShopeeSums.int($0["hour"])) })
        #expect(shopHourly.count == (back == 0 ? 11 : 24))
    }

    @Test("The shop is its product campaigns and GMS, to the last digit", arguments: ["VN", "SG", "BR"])
    func total(region: String) throws {
        var probe = ShopeeSandboxProbe.calm(region: region, campaigns: 60)
        let ids = probe.campaignIDs()
        for back in [0, 1, 3, 9, 60] {
            let products = ShopeeSums(probe.daily(ids, from: back, to: back).metrics)
            let shop = ShopeeSums(probe.shopDaily(from: back, to: back).rows)
            let report =
                probe.write(
                    "get_gms_campaign_performance", ["start_date": probe.day(back), "end_date": probe.day(back)]
                ).object["report"] as? [String: Any]
            let gms = ShopeeSums([try #require(report)])

            #expect(gms.expense > 0)
            #expect(shop.expense == products.expense + gms.expense)
            #expect(shop.broadGMV == products.broadGMV + gms.broadGMV)
            #expect(shop.impression == products.impression + gms.impression)
            #expect(shop.broadOrder == products.broadOrder + gms.broadOrder)
        }
    }

    @Test("Orders and GMV of a day grow for seven days and then stand; expense stands after one")
    func attribution() {
        var probe = ShopeeSandboxProbe.calm(campaigns: 90)
        probe.wait(.seconds(12 * 3600))
        let ids = probe.campaignIDs()
        let day = probe.day(0)
        var seen: [ShopeeSums] = []
        for _ in 0..<10 {
            let answer = probe.ads(
                "get_product_campaign_daily_performance",
                ["campaign_id_list": ShopeeSandboxProbe.joined(ids), "start_date": day, "end_date": day])
            seen.append(ShopeeSums(answer.metrics))
            probe.wait(days: 1)
            _ = probe.renew()
        }
        let (broad, direct) = (seen.map(\.broadGMV), seen.map(\.directGMV))

        #expect(broad == broad.sorted() && direct == direct.sorted())
        #expect(Set(broad[0...7]).count > 5 && Set(direct[0...7]).count > 4)
        #expect(Set(broad[7...]).count == 1 && Set(direct[7...]).count == 1)
        #expect(seen[0].broadOrder < seen[7].broadOrder)
        #expect(seen[0].expense < seen[1].expense && Set(seen[1...].map(\.expense)).count == 1)
        #expect(Set(seen[1...].map(\.clicks)).count == 1)
    }

    @Test("Today grows by the hour")
    func today() {
        var probe = ShopeeSandboxProbe.calm()
        var seen: [Int64] = []
        for _ in 0..<4 {
            seen.append(ShopeeSums(probe.shopDaily(from: 0, to: 0).rows).impression)
            probe.wait(.seconds(3600))
        }

        #expect(seen == seen.sorted() && Set(seen).count == 4)
    }

    @Test("Figures follow from seed, shop, campaign, day and hour alone, whatever was asked before")
    func deterministic() {
        var first = ShopeeSandboxProbe.calm()
        var second = ShopeeSandboxProbe.calm()
        var other = ShopeeSandboxProbe.calm(seed: 4)
        let ids = first.campaignIDs()
        _ = second.shopDaily(from: 25, to: 3)

        let one = first.daily(ids, from: 20, to: 0).metrics
        #expect(ShopeeSums(one) == ShopeeSums(second.daily(ids, from: 20, to: 0).metrics))
        #expect(ShopeeSums(one) != ShopeeSums(other.daily(ids, from: 20, to: 0).metrics))
    }

    @Test("Days without delivery are absent; campaigns without any are absent or empty")
    func absent() {
        func listed(_ style: ShopeeWorld.Performance.Empty) -> (campaigns: Int, empty: Int, rows: Int) {
            var probe = ShopeeSandboxProbe.calm(campaigns: 60) { $0.performance.emptyCampaigns = style }
            let answer = probe.daily(probe.campaignIDs(), from: 29, to: 0)
            let lists = answer.campaigns.map { ($0["metrics_list"] as? [Any])?.count ?? -1 }
            return (lists.count, lists.count { $0 == 0 }, lists.reduce(0, +))
        }
        let (absent, empty, mixed) = (listed(.absent), listed(.empty), listed(.mixed))

        #expect(absent.empty == 0 && absent.campaigns < 60)
        #expect(empty.campaigns == 60 && empty.empty == 60 - absent.campaigns)
        #expect(mixed.campaigns > absent.campaigns && mixed.campaigns < 60)
        #expect(absent.rows == empty.rows && absent.rows == mixed.rows)
        #expect(absent.rows < absent.campaigns * 30)
    }

    @Test("Rows of campaigns and of shops have the names and units of the sheet")
    func names() throws {
        var probe = ShopeeSandboxProbe.calm(campaigns: 60)
        let answer = probe.daily(probe.campaignIDs(), from: 10, to: 9)
        let campaign = try #require(answer.campaigns.first)
        let row = try #require(answer.metrics.first { ShopeeSums.int($0["clicks"]) > 0 })
        let shop = try #require(probe.shopDaily(from: 10, to: 9).rows.first)
        let hour = try #require(probe.hourly(probe.campaignIDs(), on: 10).metrics.first)

        #expect(
            Set(campaign.keys) == ["campaign_id", "ad_type", "campaign_placement", "ad_name", "metrics_list"])
        let names: Set<String> = [
            "date", "impression", "clicks", "ctr", "expense", "broad_gmv", "broad_order", "broad_order_amount",
            "broad_roi", "broad_cir", "cr", "cpc", "direct_order", "direct_order_amount", "direct_gmv", "direct_roi",
            "direct_cir", "direct_cr", "cpdc",
        ]
        #expect(Set(row.keys) == names)
        #expect(Set(hour.keys) == names.union(["hour"]))
        #expect(
            Set(shop.keys) == [
                "date", "impression", "clicks", "ctr", "direct_order", "broad_order", "direct_conversions",
                "broad_conversions", "direct_item_sold", "broad_item_sold", "direct_gmv", "broad_gmv", "expense",
                "cost_per_conversion", "direct_roas", "broad_roas",
            ])
        let rate = Double(ShopeeSums.int(row["clicks"])) / Double(ShopeeSums.int(row["impression"]))
        #expect(abs((row["ctr"] as? Double ?? 0) - rate * 100) < 0.001)
        #expect(shop["date"] as? String == probe.day(10))
    }

    @Test("Dong come without decimals but as floats, other money with two", arguments: ["VN", "SG", "BR"])
    func money(region: String) throws {
        var probe = ShopeeSandboxProbe.calm(region: region)
        let text = probe.shopDaily(from: 20, to: 1).text
        let amounts = text.matches(of: /"(?:expense|broad_gmv)":([0-9.]+)/).map { String($0.output.1) }
        let decimals = amounts.map { $0.split(separator: ".").dropFirst().first.map(String.init) ?? "-" }

        #expect(amounts.count == 40)
        if region == "VN" {
            #expect(Set(decimals) == ["0"])
        } else {
            #expect(decimals.allSatisfy { $0.utf8.count <= 2 && $0 != "-" })
            #expect(decimals.contains { $0.utf8.count == 2 })
        }
    }

    @Test(
        "Dates are refused with the five codes, in the shop's zone",
        arguments: [
            (0, -1, "ads.performance.error_date_in_future"), (30, 0, "ads.performance.error_date_range_too_long"),
            (29, 0, ""), (1, 2, "ads.performance.error_start_later_than_end"), (3, 3, ""),
            (184, 170, ""), (185, 170, "ads.performance.error_date_too_old"),
        ])
    func dates(from: Int, to: Int, code: String) {
        var probe = ShopeeSandboxProbe.calm()

        #expect(probe.shopDaily(from: from, to: to).error == code)
        #expect(probe.daily([9001], from: from, to: to).error == code)
    }

    @Test("Equal dates are refused where the world is strict, and by daily reports only")
    func sameDay() {
        var probe = ShopeeSandboxProbe.calm { $0.performance.refusesSameDay = true }

        #expect(probe.shopDaily(from: 3, to: 3).error == "ads.performance.error_same_start_end_dates")
        #expect(probe.daily([9001], from: 3, to: 3).error == "ads.performance.error_same_start_end_dates")
        #expect(probe.daily([9001], from: 3, to: 2).error == "")
        #expect(probe.hourly([9001], on: 3).error == "")
    }

    @Test(
        "Only DD-MM-YYYY is a date",
        arguments: ["2026-11-20", "20/11/2026", "1-11-2026", "31-11-2026", "20-11-26", "", "20-11-2026 "])
    func format(text: String) {
        var probe = ShopeeSandboxProbe.calm()

        let daily = probe.ads("get_all_cpc_ads_daily_performance", ["start_date": text, "end_date": "20-11-2026"])
        let hourly = probe.ads("get_all_cpc_ads_hourly_performance", ["performance_date": text])
        #expect(daily.error == "error_param")
        #expect(hourly.error == "error_param")
    }

    @Test("Hourly reports refuse days to come and days too old")
    func hourlyDates() {
        var probe = ShopeeSandboxProbe.calm()

        #expect(probe.hourly([9001], on: -1).error == "ads.performance.error_date_in_future")
        #expect(probe.hourly([9001], on: 185).error == "ads.performance.error_date_too_old")
    }

    @Test("Today is the shop's own", arguments: [("VN", 22), ("SG", 22), ("BR", 21)])
    func zones(region: String, day: Int) {
        var probe = ShopeeSandboxProbe.calm(region: region)
        // 2026-11-21 17:30 UTC: past midnight in Asia, still the day before that in Brazil.
        probe.now = Instant(seconds: 1_795_282_200)
        func error(_ day: Int) -> String? {
            probe.ads("get_all_cpc_ads_hourly_performance", ["performance_date": "\(day)-11-2026"]).error
        }

        #expect(error(day) == "")
        #expect(error(day + 1) == "ads.performance.error_date_in_future")
    }

    @Test("What can be read is what the oracle says, row by row and in sums", arguments: [0, 1, 2, 3] as [UInt64])
    func truth(seed: UInt64) throws {
        var probe = ShopeeSandboxProbe(
            {
                var world = ShopeeWorld.small(seed: seed); world.performance.refusesSameDay = false; return world
            }())
        let ids = Array(Set(probe.campaignIDs()))
        let window = [
            "account": probe.shop, "from": "\(CivilDate(daysSince1970: probe.today - 29))",
            "to": "\(CivilDate(daysSince1970: probe.today))",
        ]
        let rows = try #require(probe.control("truth", window).json["rows"] as? [String: Int])
        let daily = probe.daily(ids, from: 29, to: 0).metrics
        let shop = probe.shopDaily(from: 29, to: 0).rows
        var hours = 0
        var shopHours = 0
        for back in 0..<30 {
            hours += probe.hourly(ids, on: back).metrics.count
            probe.wait(.milliseconds(100))
            shopHours +=
                probe.ads("get_all_cpc_ads_hourly_performance", ["performance_date": probe.day(back)]).rows.count
        }

        #expect(rows["shopee_campaigns"] == ids.count)
        #expect(rows["shopee_campaign_daily"] == daily.count)
        #expect(rows["shopee_shop_daily"] == shop.count)
        #expect(rows["shopee_campaign_hourly"] == hours)
        #expect(rows["shopee_shop_hourly"] == shopHours)
        let campaignSums = probe.control("sums", window.merging(["level": "campaign"]) { $1 }).json
        #expect(ShopeeSums(oracle: campaignSums) == ShopeeSums(daily))
        #expect(ShopeeSums(oracle: probe.control("sums", window).json) == ShopeeSums(shop))
    }
}
