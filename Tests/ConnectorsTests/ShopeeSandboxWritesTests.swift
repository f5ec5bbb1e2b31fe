import ConnectorKit
import Foundation
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

/// A shop's campaigns as a caller sees them, and changes of them.
private struct Desk {
    var probe: ShopeeSandboxProbe
    private var references = 0

    init(_ probe: ShopeeSandboxProbe = .calm(campaigns: 60)) { self.probe = probe }

    /// A manual campaign of that status; bidding by hand where asked.
    mutating func campaign(_ status: String, bidding: String? = nil, type: String = "manual") throws -> Int64 {
        let answer = probe.ads(
            "get_product_level_campaign_setting_info",
            ["campaign_id_list": ShopeeSandboxProbe.joined(probe.campaignIDs()), "info_type_list": "1"])
        let found = answer.campaigns.first { campaign in
            let common = campaign["common_info"] as? [String: Any]
            return common?["ad_type"] as? String == type && common?["campaign_status"] as? String == status
                && (bidding == nil || common?["bidding_method"] as? String == bidding)
        }
        return ShopeeSums.int(try #require(found)["campaign_id"])
    }

    mutating func setting(_ id: Int64, _ group: Int = 1, _ name: String = "common_info") -> [String: Any] {
        let answer = probe.ads(
            "get_product_level_campaign_setting_info", ["campaign_id_list": "\(id)", "info_type_list": "\(group)"])
        return answer.campaigns.first?[name] as? [String: Any] ?? [:]
    }

    mutating func status(_ id: Int64) -> String? { setting(id)["campaign_status"] as? String }
    mutating func budget(_ id: Int64) -> Double? { setting(id)["campaign_budget"] as? Double }

    mutating func edit(
        _ id: Int64, _ action: String, _ more: [String: Any] = [:], reference: String? = nil
    ) -> ShopeeSandboxProbe.Answer {
        references += 1
        let body: [String: Any] = [
            "reference_id": reference ?? "ref-\(references)", "campaign_id": id, "edit_action": action,
        ]
        return probe.write("edit_manual_product_ads", body.merging(more) { $1 })
    }

    mutating func gms(_ action: String, _ more: [String: Any] = [:]) -> ShopeeSandboxProbe.Answer {
        probe.write("edit_gms_product_campaign", more.merging(["edit_action": action]) { $1 })
    }
}

@Suite("Shopee sandbox: writes")
struct ShopeeSandboxWritesTests {
    @Test("A campaign goes from status to status by the legal actions only")
    func machine() throws {
        var desk = Desk()
        let id = try desk.campaign("ongoing")

        for (action, status) in [
            ("resume", nil), ("start", nil), ("pause", "paused"), ("pause", nil), ("resume", "ongoing"),
            ("stop", "ended"), ("resume", nil), ("pause", nil), ("change_budget", nil), ("delete", "deleted"),
            ("delete", nil), ("start", nil),
        ] as [(String, String?)] {
            let before = desk.status(id)
            let answer = desk.edit(id, action, ["budget": 500_000])
            if let status {
                #expect(answer.error == "")
                #expect(ShopeeSums.int(answer.object["campaign_id"]) == id)
                #expect(desk.status(id) == status)
            } else {
                #expect(answer.error == "ads.edit.invalid_action")
                #expect(desk.status(id) == before)
            }
        }
        #expect(desk.edit(id, "dance").error == "error_param")
        #expect(desk.edit(5, "pause").error == "ads.shop.campaign_not_match")
    }

    @Test("Auto campaigns are not edited: their calls are offline")
    func auto() throws {
        var desk = Desk()
        let id = try desk.campaign("ongoing", type: "auto")
        let old = desk.probe.write(
            "edit_auto_product_ads", ["reference_id": "a", "campaign_id": id, "edit_action": "pause"])
        let create = desk.probe.write("create_auto_product_ads", ["reference_id": "a"])

        #expect(desk.edit(id, "pause").error == "ads.edit.invalid_action")
        #expect(old.error == "ads_deprecated")
        #expect(create.error == "ads_deprecated")
    }

    @Test("A reference id works once after a success, and again after a failure")
    func reference() throws {
        var desk = Desk()
        let id = try desk.campaign("ongoing")

        #expect(desk.edit(id, "change_budget", ["budget": 1], reference: "r").error?.hasPrefix("ads.campaign") == true)
        #expect(desk.edit(id, "change_budget", ["budget": 300_000], reference: "r").error == "")
        let again = desk.edit(id, "change_budget", ["budget": 400_000], reference: "r")
        #expect(again.error == "error_param")
        #expect(desk.budget(id) == 300_000)
        #expect(
            desk.probe.write("edit_manual_product_ads", ["campaign_id": id, "edit_action": "pause"]).error
                == "error_param")
    }

    @Test("The code of a used reference id can be another one")
    func duplicateCode() throws {
        var desk = Desk(.calm(campaigns: 60) { $0.writing.duplicateCode = "ads.reference.duplicate" })
        let id = try desk.campaign("ongoing")
        _ = desk.edit(id, "pause", reference: "r")

        #expect(desk.edit(id, "resume", reference: "r").error == "ads.reference.duplicate")
    }

    @Test("A write whose answer is lost was applied: the same reference id says so")
    func lostAnswer() throws {
        var desk = Desk()
        let id = try desk.campaign("ongoing")
        _ = desk.probe.control("faults", ["rule": "reset:1000:edit_manual"], post: [:] as [String: Any])
        _ = desk.edit(id, "change_budget", ["budget": 300_000], reference: "r")
        let delivery = desk.probe.lastReply.delivery
        _ = desk.probe.control("faults", post: [:] as [String: Any])

        #expect(delivery == .reset)
        #expect(desk.edit(id, "change_budget", ["budget": 300_000], reference: "r").error == "error_param")
        #expect(desk.budget(id) == 300_000)
    }

    @Test(
        "Budgets have bounds by region, and 0 is unlimited",
        arguments: [("VN", 99_999.0, 100_000.0), ("BR", 9.99, 10.0), ("SG", 4.99, 5.0)])
    func bounds(region: String, low: Double, least: Double) throws {
        var desk = Desk(.calm(region: region, campaigns: 60))
        let id = try desk.campaign("ongoing")

        #expect(desk.edit(id, "change_budget", ["budget": low]).error == "ads.campaign.error_daily_budget_range")
        #expect(desk.edit(id, "change_budget", ["budget": -5]).error == "ads.campaign.error_daily_budget_range")
        #expect(desk.edit(id, "change_budget", ["budget": 1e12]).error != "")
        #expect(desk.edit(id, "change_budget", ["budget": "much"]).error == "error_param")
        #expect(desk.edit(id, "change_budget", ["budget": least]).error == "")
        #expect(desk.budget(id) == least)
        #expect(desk.edit(id, "change_budget", ["budget": 0]).error == "")
        #expect(desk.budget(id) == 0)
    }

    @Test("Schedules are checked")
    func schedules() throws {
        var desk = Desk()
        let id = try desk.campaign("ongoing")
        let (today, tomorrow, yesterday) = (desk.probe.day(0), desk.probe.day(-1), desk.probe.day(1))
        func change(_ body: [String: Any]) -> String? { desk.edit(id, "change_duration", body).error }

        #expect(change(["start_date": tomorrow]) == "ads.campaign.invalid_start_date")
        #expect(change(["start_date": yesterday]) == "ads.campaign.error_date_setting")
        #expect(change(["start_date": tomorrow, "end_date": today]) == "ads.campaign.error_date_setting")
        #expect(change(["start_date": "2026-11-21"]) == "error_param")
        #expect(change(["start_date": today, "end_date": tomorrow]) == "")
        desk.probe.wait(days: 2)
        _ = desk.probe.renew()
        #expect(desk.status(id) == "ended")
        #expect(desk.probe.daily([id], from: 0, to: 0).metrics.isEmpty)
    }

    @Test("A paused campaign delivers no more from the next hour on, until it is resumed")
    func delivery() throws {
        var desk = Desk(.calm(campaigns: 60) { $0.shops[0].shape = .flat })
        desk.probe.now = desk.probe.now - .seconds(3 * 86_400)
        let id = try desk.campaign("ongoing")
        func hours() -> Int { desk.probe.hourly([id], on: 0).metrics.count }
        let before = hours()
        _ = desk.edit(id, "pause")
        desk.probe.wait(.seconds(4 * 3600))
        _ = desk.probe.renew()
        let paused = hours()
        _ = desk.edit(id, "resume")
        desk.probe.wait(.seconds(2 * 3600 + 1200))

        // The running hour counts once 15 minutes of it are over.
        #expect(paused == before + 1)
        #expect(hours() == paused + 3)
    }

    @Test("Keywords are edited one by one: some fail while the call succeeds")
    func keywords() throws {
        var desk = Desk()
        let id = try desk.campaign("ongoing", bidding: "manual")
        func keywords() -> [String: String] {
            let list = desk.setting(id, 2, "manual_bidding_info")["selected_keywords"] as? [[String: Any]] ?? []
            return Dictionary(
                uniqueKeysWithValues: list.map { ($0["keyword"] as? String ?? "", $0["status"] as? String ?? "") })
        }
        let edits: [[String: Any]] = [
            ["edit_action": "add", "keyword": "moi", "match_type": "exact", "bid_price_per_click": 900],
            ["edit_action": "add", "keyword": "khuyến mãi", "match_type": "exact", "bid_price_per_click": 900],
            ["edit_action": "delete", "keyword": "không có"],
            ["edit_action": "add", "keyword": "re", "bid_price_per_click": 1],
            ["edit_action": "delete", "keyword": "khuyến mãi"],
        ]
        let answer = desk.probe.write(
            "edit_manual_product_ad_keywords",
            ["reference_id": "k", "campaign_id": id, "selected_keywords": edits])
        let failed = answer.object["failed_edits"] as? [[String: Any]] ?? []

        #expect(answer.error == "")
        #expect(
            failed.map { $0["error"] as? String } == [
                "ads.keyword.already_exists", "ads.keyword.not_found", "ads.keyword.price_too_low",
            ])
        #expect(keywords()["moi"] == "normal" && keywords()["khuyến mãi"] == "deleted")
    }

    @Test("A created campaign is listed, delivers from now on and can be edited")
    func create() throws {
        var desk = Desk()
        let before = desk.probe.campaignIDs()
        let draft: [String: Any] = [
            "reference_id": "c", "item_id": 77_001, "bidding_method": "auto", "budget": 200_000,
            "start_date": desk.probe.day(0), "roas_target": 6.59,
        ]
        let answer = desk.probe.write("create_manual_product_ads", draft)
        let id = ShopeeSums.int(answer.object["campaign_id"])
        let early = desk.probe.daily([id], from: 0, to: 0).metrics.count
        desk.probe.wait(.seconds(7200))

        #expect(answer.error == "")
        #expect(Set(desk.probe.campaignIDs()).subtracting(before) == [id])
        #expect(desk.status(id) == "ongoing")
        #expect(desk.setting(id, 3, "auto_bidding_info")["roas_target"] as? Double == 6.5)
        #expect(early == 0)
        #expect(desk.probe.hourly([id], on: 0).metrics.allSatisfy { ShopeeSums.int($0["hour"]) >= 11 })
        #expect(desk.edit(id, "pause").error == "")
        #expect(
            desk.probe.write("create_manual_product_ads", draft.merging(["reference_id": "d", "budget": 1]) { $1 })
                .error != "")
    }

    @Test("A shop has one active GMS campaign")
    func exclusive() {
        var desk = Desk()
        func eligible() -> [String: Any] { desk.probe.ads("check_create_gms_product_campaign_eligibility").object }
        let draft: [String: Any] = ["daily_budget": 900_000, "start_date": desk.probe.day(0), "roas_target": 10.19]
        let taken = eligible()
        let second = desk.probe.write("create_gms_product_campaign", draft)
        _ = desk.gms("change_duration", ["start_date": desk.probe.day(0), "end_date": desk.probe.day(0)])
        desk.probe.wait(days: 1)
        _ = desk.probe.renew()
        let free = eligible()
        let made = desk.probe.write(
            "create_gms_product_campaign", draft.merging(["start_date": desk.probe.day(0)]) { $1 })
        let budgets = desk.probe.control("budgets").json["campaigns"] as? [String: [String: Any]] ?? [:]
        let own = budgets["\(ShopeeSums.int(made.object["campaign_id"]))"]

        #expect(taken["is_eligible"] as? Bool == false && taken["reason"] as? String == "active_campaign")
        #expect(second.error == "error_param")
        #expect(free["is_eligible"] as? Bool == true)
        #expect(made.error == "")
        #expect(own?["roas_target_tenths"] as? Int == 101)
        #expect(own?["kind"] as? String == "gms")
        #expect(own?["budget_micros"] as? Int == 900_000_000_000)
    }

    @Test("GMS refuses bad targets, shops that are not on the list, and campaigns that do not exist")
    func gmsRefusals() {
        var desk = Desk()
        var outside = Desk(.calm { $0.shops[0].isWhitelistedForGMS = false })
        var without = Desk(.calm { $0.shops[0].hasGMS = false })

        #expect(desk.gms("change_roas_target", ["roas_target": -1]).error == "ads_invalid_roas_target")
        #expect(desk.gms("change_budget", ["daily_budget": 1]).error == "ads.campaign.error_daily_budget_range")
        #expect(desk.gms("resume").error == "ads.edit.invalid_action")
        #expect(desk.gms("stop").error == "error_param")
        #expect(
            outside.probe.write("create_gms_product_campaign", ["daily_budget": 0]).error
                == "ads_error_not_whitelisted_for_product_gms")
        #expect(without.gms("pause").error == "ads_error_product_gms_campaign_not_found")
    }

    @Test("Items leave GMS and come back; reports of items add up to the campaign's")
    func gmsItems() throws {
        var desk = Desk()
        func deleted() -> [String: Any] { desk.probe.write("list_gms_user_deleted_item", ["limit": 1]).object }
        let change = ["edit_action": "remove", "item_id_list": [70_001, 70_002]] as [String: Any]
        let removed = desk.probe.write("edit_gms_item_product_campaign", change)
        let listed = deleted()
        let tooMany = desk.probe.write(
            "edit_gms_item_product_campaign", ["edit_action": "add", "item_id_list": Array(1...31)])
        let window: [String: Any] = ["start_date": desk.probe.day(9), "end_date": desk.probe.day(1)]
        let whole = desk.probe.write("get_gms_campaign_performance", window).object["report"] as? [String: Any]
        let items = desk.probe.write("get_gms_item_performance", window.merging(["limit": 100]) { $1 }).object
        let reports = (items["result_list"] as? [[String: Any]] ?? []).compactMap { $0["report"] as? [String: Any] }

        #expect(removed.error == "")
        #expect(listed["total"] as? Int == 2 && listed["has_next_page"] as? Bool == true)
        #expect(tooMany.error == "error_param")
        #expect(whole?["direct_gmv"] == nil && whole?["ctr"] == nil && whole?["broad_gmv"] != nil)
        #expect(reports.count > 1)
        #expect(ShopeeSums(reports) == ShopeeSums([try #require(whole)]))
    }

    @Test("A person's change is seen by the next read, and all changes are listed")
    func byHand() throws {
        var desk = Desk()
        let id = try desk.campaign("ongoing")
        _ = desk.edit(id, "change_budget", ["budget": 300_000], reference: "mine")
        let hand = desk.probe.control("budget", post: ["campaign_id": id, "budget": 250_000])
        let paused = desk.probe.control("status", post: ["campaign_id": id, "status": "paused"])
        let oracle = desk.probe.control("budgets", ["account": "220011"]).json
        let state = (oracle["campaigns"] as? [String: [String: Any]])?["\(id)"]
        let writes = oracle["writes"] as? [[String: Any]] ?? []

        #expect([hand.status, paused.status] == [200, 200] as [Int])
        #expect(desk.budget(id) == 250_000)
        #expect(desk.status(id) == "paused")
        #expect(state?["budget_micros"] as? Int == 250_000_000_000)
        #expect(state?["status"] as? String == "paused")
        #expect(writes.map { $0["by"] as? String } == ["api", "hand", "hand"])
        #expect(writes[0]["referenceID"] as? String == "mine" && writes[0]["after"] as? String == "300000")
        #expect(writes[1]["before"] as? String == "300000")
        #expect(desk.probe.control("budget", post: ["campaign_id": 1, "budget": 5]).status == 400)
    }

    @Test("A shop in holiday mode takes no changes")
    func holiday() {
        var desk = Desk(.calm { $0.shops[0].isInHolidayMode = true })

        #expect(desk.gms("pause").error == "ads.shop.in_holiday_mode")
    }
}
