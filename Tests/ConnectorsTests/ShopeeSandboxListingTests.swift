import ConnectorKit
import Foundation
import SyncCore
import Testing

@testable import Connectors

@Suite("Shopee sandbox: lists of campaigns and their settings")
struct ShopeeSandboxListingTests {
    @Test("Pages of any size hold every campaign, until there is no next page")
    func pages() {
        var probe = ShopeeSandboxProbe.calm()
        let whole = probe.campaignIDs()
        let calls = probe.sandbox.counters.calls
        let paged = probe.campaignIDs(limit: 5)

        #expect(whole.count == 24)
        #expect(calls == 1)
        #expect(Set(paged) == Set(whole) && paged.count == 24)
        #expect(probe.sandbox.counters.calls - calls == 5)
    }

    @Test("A limit above the cap is cut silently")
    func cap() {
        var probe = ShopeeSandboxProbe.calm { $0.reading.mostLimit = 7 }
        let page = probe.ads("get_product_level_campaign_id_list", ["limit": "5000"])

        #expect(page.campaigns.count == 7)
        #expect(page.object["has_next_page"] as? Bool == true)
        #expect(probe.campaignIDs().count == 24)
    }

    @Test("The order is no order of ids, and differs between listings where the world says so")
    func order() {
        var fixed = ShopeeSandboxProbe.calm()
        var moving = ShopeeSandboxProbe.calm { $0.reading.order = .perListing }
        let ids = fixed.campaignIDs()

        #expect(ids != ids.sorted())
        #expect(fixed.campaignIDs() == ids)
        let first = moving.campaignIDs()
        #expect(moving.campaignIDs() != first)
        #expect(Set(moving.campaignIDs(limit: 5)) == Set(first))
    }

    @Test("An id can come again on the next page, or slip through between two")
    func shifts() {
        func listed(_ change: @escaping (inout ShopeeWorld) -> Void) -> [Int64] {
            var probe = ShopeeSandboxProbe.calm(change)
            return (0..<5).flatMap { page in
                probe.ads("get_product_level_campaign_id_list", ["offset": "\(page * 6)", "limit": "6"]).campaigns
                    .map { ShopeeSums.int($0["campaign_id"]) }
            }
        }
        let repeated = listed { $0.reading.repeats = 1000 }
        let skipped = listed { $0.reading.skips = 1000 }

        #expect(repeated.count == 28 && Set(repeated).count == 24)
        #expect(Set(skipped).count < 24)
    }

    @Test("Kinds of ads can be listed by themselves")
    func kinds() {
        var probe = ShopeeSandboxProbe.calm()
        func ids(_ type: String) -> Set<Int64> {
            let page = probe.ads("get_product_level_campaign_id_list", ["ad_type": type, "limit": "5000"])
            return Set(page.campaigns.map { ShopeeSums.int($0["campaign_id"]) })
        }
        let (all, auto, manual) = (ids("all"), ids("auto"), ids("manual"))

        #expect(auto.isDisjoint(with: manual) && auto.union(manual) == all)
        #expect(!auto.isEmpty && all == ids(""))
        #expect(probe.ads("get_product_level_campaign_id_list", ["ad_type": "x"]).error == "error_param")
        #expect(probe.ads("get_product_level_campaign_id_list", ["limit": "0"]).error == "error_param")
    }

    @Test("Campaigns come as time passes")
    func growth() {
        var probe = ShopeeSandboxProbe.calm { $0.shops[0].newEvery = 2 }
        let before = Set(probe.campaignIDs())
        probe.wait(days: 7)
        _ = probe.renew()
        let after = Set(probe.campaignIDs())

        #expect(before.isSubset(of: after))
        #expect(after.count == before.count + 3)
    }

    @Test("Settings have the groups that were asked for, in the shape of the sheet")
    func settings() throws {
        var probe = ShopeeSandboxProbe.calm()
        let ids = probe.campaignIDs()
        let answer = probe.ads(
            "get_product_level_campaign_setting_info",
            ["campaign_id_list": ShopeeSandboxProbe.joined(ids), "info_type_list": "1,2,3,4"])
        let common = answer.campaigns.compactMap { $0["common_info"] as? [String: Any] }
        let first = try #require(common.first)
        let statuses = Set(common.compactMap { $0["campaign_status"] as? String })

        #expect(common.count == 24)
        #expect(
            Set(first.keys) == [
                "ad_type", "ad_name", "campaign_status", "bidding_method", "campaign_placement", "campaign_budget",
                "campaign_duration", "item_id_list",
            ])
        #expect(statuses.isSubset(of: ["ongoing", "scheduled", "ended", "paused", "deleted", "closed"]))
        #expect(statuses.isSuperset(of: ["ongoing", "ended", "paused", "deleted"]))
        for campaign in answer.campaigns {
            let common = campaign["common_info"] as? [String: Any] ?? [:]
            let isAuto = common["ad_type"] as? String == "auto"
            #expect((campaign["auto_product_ads_info"] != nil) == isAuto)
            #expect((campaign["manual_bidding_info"] != nil) == (common["bidding_method"] as? String == "manual"))
            #expect((campaign["auto_bidding_info"] != nil) == (common["bidding_method"] as? String == "auto"))
            #expect((common["item_id_list"] as? [Any])?.count == 1 || isAuto)
        }
        let only = probe.ads(
            "get_product_level_campaign_setting_info", ["campaign_id_list": "\(ids[0])", "info_type_list": "1"])
        #expect(only.campaigns.first?.keys.sorted() == ["campaign_id", "common_info"])
    }

    @Test("Absent groups are missing or null", arguments: [ShopeeWorld.Reading.Groups.missing, .null])
    func groups(_ style: ShopeeWorld.Reading.Groups) {
        var probe = ShopeeSandboxProbe.calm { $0.reading.groups = style }
        let ids = probe.campaignIDs()
        let answer = probe.ads(
            "get_product_level_campaign_setting_info",
            ["campaign_id_list": ShopeeSandboxProbe.joined(ids), "info_type_list": "1,4"])

        #expect(answer.text.contains("\"auto_product_ads_info\":null") == (style == .null))
    }

    @Test("More than 100 ids, no ids, foreign ids and unknown groups are refused")
    func refusals() {
        var probe = ShopeeSandboxProbe.calm(campaigns: 120)
        let ids = probe.campaignIDs()
        func error(_ ids: String, _ groups: String = "1") -> String? {
            probe.ads(
                "get_product_level_campaign_setting_info", ["campaign_id_list": ids, "info_type_list": groups]
            ).error
        }

        #expect(error(ShopeeSandboxProbe.joined(Array(ids.prefix(100)))) == "")
        #expect(error(ShopeeSandboxProbe.joined(Array(ids.prefix(101)))) == "error_param")
        #expect(error("") == "error_param")
        #expect(error("\(ids[0]),1") == "ads.shop.campaign_not_match")
        #expect(error("\(ids[0])", "5") == "error_param")
        #expect(error("\(ids[0])", "") == "error_param")
        #expect(probe.daily([ids[0], ids[0] + 1], from: 3, to: 1).error == "ads.shop.campaign_not_match")
        #expect(probe.daily(Array(ids.prefix(101)), from: 3, to: 1).error == "error_param")
    }

    @Test("Ids of the small world are beyond what a double holds, and are answered to the digit")
    func bigIDs() {
        var probe = ShopeeSandboxProbe(.small(seed: 5))
        let ids = probe.campaignIDs()
        let page = probe.ads("get_product_level_campaign_id_list", ["limit": "5000"])

        #expect(ids.allSatisfy { $0 > 1 << 53 })
        #expect(ids.contains { Int64(Double($0)) != $0 })
        #expect(Set(ids).count { page.text.contains(":\($0)}") } == page.campaigns.count)
    }

    @Test("The calls that advise answer in the sheet's shapes")
    func advice() {
        var probe = ShopeeSandboxProbe.calm()
        var brazil = ShopeeSandboxProbe.calm(region: "BR")
        func keys(_ name: String, _ params: [String: String] = [:]) -> Set<String> {
            Set(probe.ads(name, params).object.keys)
        }
        let draft = [
            "reference_id": "r", "product_selection": "auto", "campaign_placement": "all", "bidding_method": "auto",
        ]

        #expect(keys("get_total_balance") == ["data_timestamp", "total_balance"])
        #expect(keys("get_shop_toggle_info") == ["data_timestamp", "auto_top_up", "campaign_surge"])
        #expect(
            keys("get_recommended_keyword_list", ["item_id": "7", "input_keyword": "ao"]) == [
                "item_id", "input_keyword", "suggested_keywords",
            ])
        #expect(probe.ads("get_recommended_item_list").rows.first?["item_status_list"] as? [String] == ["normal"])
        let budget = probe.ads("get_create_product_ad_budget_suggestion", draft).object["budget"] as? [String: Any]
        #expect(budget?["min_budget"] as? Double == 100_000)
        #expect(budget?["max_budget"] as? Double == 9_999_999_999)
        #expect(
            keys("get_product_recommended_roi_target", ["reference_id": "r", "item_id": "7"]) == [
                "lower_bound", "exact", "upper_bound",
            ])
        #expect(brazil.ads("get_ads_facil_shop_rate").json["rate"] is Double)
        #expect(keys("check_create_gms_product_campaign_eligibility") == ["is_eligible", "reason"])
    }
}
