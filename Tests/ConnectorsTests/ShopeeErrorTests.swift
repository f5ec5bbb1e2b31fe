import ConnectorKit
import SyncCore
import Testing

@testable import Connectors

@Suite("Errors of Shopee")
struct ShopeeErrorTests {
    /// Every code of platforms.md 1.8 that a read can meet, and what the engine does.
    static let classes: [(code: String, message: String, name: String)] = [
        ("error_sign", "Wrong sign.", "owner_must_act"),
        ("error_auth", "", "refresh_credential"),
        ("invalid_acceess_token", "Invalid access_token, please have a check.", "refresh_credential"),
        ("invalid_access_token", "", "refresh_credential"),
        ("error_access_token", "", "refresh_credential"),
        ("error_param", "Invalid access_token, please have a check.", "refresh_credential"),
        ("error_param", "Your refresh token or shop_id is wrong, please check.", "owner_must_act"),
        ("error_shop_refresh_token", "", "owner_must_act"),
        ("error_merchant_refresh_token", "", "owner_must_act"),
        ("error_user_refresh_token", "", "owner_must_act"),
        ("refresh_token_expired", "", "owner_must_act"),
        ("error_refresh_token", "Your refresh_token expired.", "owner_must_act"),
        ("shop_access_expired", "", "owner_must_act"),
        ("invalid_code", "", "owner_must_act"),
        ("invalid_partner_id", "", "owner_must_act"),
        ("invalid_shop_id", "", "owner_must_act"),
        ("shop_no_linked", "", "owner_must_act"),
        ("shop_banned", "", "owner_must_act"),
        ("error_api_call_restricted", "", "owner_must_act"),
        ("error_permission", "", "owner_must_act"),
        ("error_permission_denied", "", "owner_must_act"),
        ("source_ip_undeclared", "", "owner_must_act"),
        ("error_param", "wrong", "permanent_request"),
        ("common.error_param", "", "permanent_request"),
        ("error_not_found", "", "gone"),
        ("error_server", "", "retry_now"), ("error_inner", "", "retry_now"), ("error_network", "", "retry_now"),
        ("error_system_busy", "", "retry_now"),
        ("ads.rate_limit.exceed_api", "", "throttled"), ("ads.rate_limit.exceed_partner_api", "", "throttled"),
        ("ads.rate_limit.exceed_shop_api", "", "throttled"), ("ads.rate_limit.campaign_level", "", "retry_at"),
        ("ads_rate_limit_total_api", "", "throttled"), ("error_rate_limit", "", "throttled"),
        ("ads.performance.error_same_start_end_dates", "", "permanent_request"),
        ("ads.performance.error_start_later_than_end", "", "permanent_request"),
        ("ads.campaign.error_daily_budget_range", "", "permanent_request"),
        ("ads.campaign.error_budget_range", "", "permanent_request"),
        ("ads.campaign.error_date_setting", "", "permanent_request"),
        ("ads.campaign.invalid_start_date", "", "permanent_request"),
        ("ads.edit.invalid_action", "", "permanent_request"),
        ("ads.shop.in_holiday_mode", "", "permanent_configuration"),
        ("ads.shop.status_not_normal", "", "permanent_configuration"),
        ("ads.account.status_not_normal", "", "permanent_configuration"),
        ("ads.ads_account.invalid_status", "", "permanent_configuration"),
        ("ads.api.http_method_not_allowed", "", "permanent_request"),
        ("ads.item.adult_item", "", "permanent_request"), ("ads.item.sold_out", "", "permanent_request"),
        ("ads.keyword.not_found", "", "permanent_request"), ("ads.keyword.price_too_low", "", "permanent_request"),
        ("ads_invalid_roas_target", "", "permanent_request"), ("ads_deprecated", "", "permanent_request"),
        ("ads_error_not_whitelisted_for_product_gms", "", "permanent_request"),
        ("ads_error_product_gms_campaign_not_found", "", "permanent_request"),
        // Never seen, but of a known family.
        ("error_sign_v2", "", "owner_must_act"), ("ads.rate_limit.exceed_planet", "", "throttled"),
        ("error_permission_ads", "", "owner_must_act"), ("ads.keyword.strange", "", "permanent_request"),
        ("error_system_down", "", "retry_now"), ("something_else", "", "permanent_request"),
    ]

    private func failure(
        _ code: String, _ message: String = "", status: Int = 200, headers: [String: String] = [:]
    ) throws -> Failure? {
        var run = try ShopeeRun(ShopeeStream.shopDaily, days: ShopeeRun.days(-7, 0))
        return run.error(code, message, status: status, headers: headers).failure
    }

    @Test("Each code has its class, whatever its case and the status", arguments: classes)
    func codes(code: String, message: String, name: String) throws {
        for (written, status) in [(code, 200), (code.uppercased(), 403), (code, 400)] {
            let failure = try #require(try failure(written, message, status: status))

            #expect(failure.name == name)
            #expect(failure.cause.code == code)
            #expect(failure.cause.trace == "r9")
            #expect(failure.cause.message.hasSuffix(".") && !failure.cause.message.contains("check."))
            #expect(failure.cause.advice.hasSuffix(".") || ["retry_now", "throttled", "retry_at"].contains(name))
        }
    }

    @Test(
        "Limits stop what they are of, for as long as is told",
        arguments: [
            ("ads.rate_limit.exceed_api", "shopee/app/1000001", nil),
            ("ads.rate_limit.exceed_partner_api", "shopee/app/1000001", nil),
            ("ads_rate_limit_total_api", "shopee/app/1000001", nil),
            ("ads.rate_limit.exceed_shop_api", "shopee/shop/1000001/220011", nil),
            ("error_rate_limit", "shopee/app/1000001", 5),
            ("ads.rate_limit.new", "shopee/endpoint/1000001/220011/get_all_cpc_ads_daily_performance", nil),
        ] as [(String, String, Int64?)])
    func limits(code: String, key: String, seconds: Int64?) throws {
        let now = Instant(seconds: 1_790_000_000)
        for (headers, wait) in [([:], seconds), (["Retry-After": "120"], 120)] {
            guard case .throttled(let limit, let until, _)? = try failure(code, status: 429, headers: headers) else {
                Issue.record("not a limit")
                return
            }
            #expect(limit.rawValue == key)
            #expect(until == wait.map { now + .seconds($0) })
        }
    }

    @Test(
        "Bodies that are no JSON are judged by their status",
        arguments: [
            ("", 429, "throttled"), ("<html>", 429, "throttled"), ("<html>Bad Gateway</html>", 502, "retry_now"),
            ("", 200, "retry_now"), ("{\"error\":\"\",\"response\":", 200, "retry_now"), ("{}", 200, "retry_now"),
            ("{\"error\":\"\",\"message\":\"\"}", 200, "retry_now"), ("nope", 404, "permanent_request"),
            ("{\"error\":\"\"}", 503, "retry_now"), ("{\"error\":null}", 429, "throttled"),
        ])
    func foreign(body: String, status: Int, name: String) throws {
        var run = try ShopeeRun(ShopeeStream.shopDaily, days: ShopeeRun.days(-7, 0))

        #expect(run.answer(body, status: status).failure?.name == name)
    }

    @Test(
        "Success is an error that is empty, a dash, null or absent",
        arguments: [
            "\"error\":\"\",", "\"error\":\"-\",", "\"error\":null,", "\"message\":\"\",", "\"error\":\" \",",
        ])
    func success(marker: String) throws {
        var run = try ShopeeRun(ShopeeStream.campaignDaily, days: ShopeeRun.days(-7, 0), ids: ["9001"])

        let reading = run.answer(shopeeNumbers([("9001", ["20-09-2026"])], error: marker))

        #expect(reading.isFinished && reading.rows == 1)
    }

    @Test(
        "A rejected signature is the clock's fault where the answer's moment is far from ours",
        arguments: [
            ("Mon, 21 Sep 2026 14:13:20 GMT", false), ("Mon, 21 Sep 2026 14:18:00 GMT", false),
            ("Mon, 21 Sep 2026 15:13:20 GMT", true), ("Mon, 21 Sep 2026 13:43:20 GMT", true), ("soon", false),
        ])
    func clock(date: String, isClock: Bool) throws {
        let cause = try #require(try failure("error_sign", "Wrong sign.", headers: ["Date": date])).cause

        #expect(cause.message.contains("is wrong by") == isClock)
        #expect(cause.advice.contains("SLUICE_SHOPEE_PARTNER_KEY") == !isClock)
    }
}
