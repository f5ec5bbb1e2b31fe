import ConnectorKit
import Foundation
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

@Suite("Boostiny sandbox: key, shapes and pages")
struct BoostinySandboxTests {
    @Test("The raw key and nothing else opens the door; errors stand under payload.errors")
    func key() {
        var probe = BoostinySandboxProbe.calm()
        let key = probe.authorization ?? ""
        let right = probe.get("publisher/campaigns").status
        var refused: [BoostinySandboxProbe.Answer] = []
        for value in ["Bearer \(key)", "x\(key)", "", nil] as [String?] {
            probe.authorization = value
            refused.append(probe.get("publisher/campaigns"))
        }

        #expect(right == 200)
        #expect(refused.map(\.status) == [401, 401, 401, 401])
        #expect(refused.allSatisfy { $0.message == "Unauthenticated." })
        #expect(probe.sandbox.counters.rejectedKeys == 4)
    }

    @Test("A key can be taken back or be without rights; unknown paths and methods but GET are refused")
    func refusals() {
        var probe = BoostinySandboxProbe.calm()
        _ = probe.control("revoke", post: "")
        var forbidden = BoostinySandboxProbe.calm { $0.isForbidden = true }

        #expect(probe.get("publisher/campaigns").status == 401)
        #expect(forbidden.get("publisher/campaigns").status == 403)
        #expect(forbidden.get("publisher/campaigns").message != nil)
        var other = BoostinySandboxProbe.calm()
        #expect(other.get("v2/publisher/campaigns").status == 404)
        for method in [HTTPRequest.Method.post, .put, .delete] {
            let answer = other.get("publisher/campaigns", method: method)
            #expect(answer.status == 405 && answer.message != nil)
        }
    }

    @Test("Counts and amounts are strings, pagination is whole numbers")
    func strings() throws {
        var probe = BoostinySandboxProbe.calm()
        let answer = probe.get("publisher/performance", ["from": probe.day(40), "to": probe.day(1)])
        let row = try #require(answer.data.first)

        #expect(
            Set(row.keys) == [
                "full_count", "campaign_id", "campaign_name", "campaign_logo", "automation", "last_updated_at", "code",
                "code_id", "orders", "net_orders", "orders_cancellation_rate", "revenue", "net_revenue",
                "revenue_cancellation_rate", "sales_amount", "net_sales_amount", "sales_amount_cancellation_rate",
                "sales_amount_usd", "net_sales_amount_usd", "sales_amount_usd_cancellation_rate", "aov_usd",
                "net_aov_usd", "aov_usd_cancellation_rate",
            ])
        #expect(answer.data.allSatisfy { $0.values.allSatisfy { $0 is String } })
        #expect(answer.summary.values.allSatisfy { $0 is String })
        #expect(Set(answer.pagination.keys) == ["total", "perPage", "currentPage"])
        #expect(answer.pagination["perPage"] as? Int == 50)
        #expect((row["revenue"] as? String ?? "").wholeMatch(of: /\d+\.\d\d/) != nil)
        #expect(BoostinySums(answer.data) == BoostinySums([answer.summary]))
    }

    @Test("A limit above the cap is cut silently; all pages hold all rows, the last one too")
    func pages() {
        var probe = BoostinySandboxProbe.calm { $0.reading.mostPerPage = 4 }
        let first = probe.get("publisher/campaigns", ["limit": "10000000", "page": "1"])
        let last = probe.get("publisher/campaigns", ["limit": "4", "page": "3"])
        let beyond = probe.get("publisher/campaigns", ["limit": "4", "page": "4"])
        let all = probe.all("publisher/campaigns").compactMap { $0["id"] as? Int }

        #expect(first.data.count == 4)
        #expect(first.pagination["perPage"] as? Int == 4 && first.pagination["total"] as? Int == 10)
        #expect(last.data.count == 2 && beyond.data.isEmpty)
        #expect(last.pagination["currentPage"] as? Int == 3)
        #expect(Set(all).count == 10 && all.count == 10)
    }

    @Test("Campaigns have coupons and payouts, and numbers as ids; some fields are null")
    func campaigns() throws {
        var probe = BoostinySandboxProbe.calm()
        let campaigns = probe.all("publisher/campaigns")
        let first = try #require(campaigns.first)
        let payout = (first["payouts"] as? [[String: Any]])?.first
        let group = (payout?["groups"] as? [[String: Any]])?.first

        #expect(
            Set(first.keys) == [
                "id", "name", "campaign_type", "status", "logo", "category", "campaign_manager", "advertiser",
                "campaign_description", "targetCountries", "tracking_link_details", "coupons", "payouts",
            ])
        #expect(first["id"] as? Int == 61)
        #expect((first["coupons"] as? [[String: Any]])?.first?["coupon"] is String)
        #expect(group?["type"] as? String == "sale-share" && group?["value"] is String)
        #expect(campaigns.contains { $0["category"] is NSNull } && campaigns.contains { $0["category"] is String })
    }

    @Test("Coupons have their code under either name", arguments: ["coupon", "code"])
    func coupons(key: String) {
        var probe = BoostinySandboxProbe.calm { $0.reading.couponKey = key }
        let coupons = probe.all("publisher/coupons")

        #expect(coupons.count > 10)
        #expect(coupons.allSatisfy { $0[key] is String && $0["id"] is Int && $0["campaign_id"] is Int })
        #expect(coupons.allSatisfy { $0[key == "coupon" ? "code" : "coupon"] == nil })
    }

    @Test("Codes appear as time passes")
    func newCodes() {
        var probe = BoostinySandboxProbe.calm()
        let before = probe.all("publisher/coupons").count
        probe.wait(days: 25)

        #expect(probe.all("publisher/coupons").count > before)
    }

    @Test("Bad dates and from after to are refused with the status that the world says", arguments: [422, 400])
    func dates(status: Int) {
        var probe = BoostinySandboxProbe.calm { $0.reading.badDateStatus = status }
        func ask(_ from: String?, _ to: String?) -> Int {
            var query: [String: String] = [:]
            query["from"] = from
            query["to"] = to
            let answer = probe.get("publisher/performance", query)
            return answer.message == nil ? 0 : answer.status
        }

        #expect(ask("2026-11-02", "2026-11-01") == status)
        #expect(ask("02-11-2026", "2026-11-03") == status)
        #expect(ask("2026-11-31", "2026-12-01") == status)
        #expect(ask("2026-11-01", nil) == status)
        #expect(ask("2026-11-01", "2026-11-01") == 0)
    }

    @Test("More than ten calls a minute lock the key for ten minutes, in which every call is refused")
    func hasty() {
        var probe = BoostinySandboxProbe.calm { $0.limits = BoostinyWorld.Limits() }
        let first = (0..<10).map { _ in probe.get("publisher/campaigns").status }
        let locked = probe.get("publisher/campaigns")
        probe.now = probe.now + .seconds(599)
        let still = probe.get("publisher/coupons")
        probe.now = probe.now + .seconds(1)

        #expect(Set(first) == [200])
        #expect(locked.status == 429)
        #expect(locked.message == "Too many requests. Retry after 10 minutes.")
        #expect(locked.headers[.retryAfter] == "600")
        #expect(still.status == 429 && still.headers[.retryAfter] == "1")
        #expect(probe.get("publisher/campaigns").status == 200)
        #expect(probe.sandbox.counters.lockOuts == 1 && probe.sandbox.counters.whileLocked == 1)
        #expect(probe.sandbox.counters.mostPerMinute == 11)
    }

    @Test("Calls six seconds apart never lock")
    func patient() {
        var probe = BoostinySandboxProbe.calm { $0.limits = BoostinyWorld.Limits() }
        for _ in 0..<50 {
            #expect(probe.get("publisher/campaigns").status == 200)
            probe.now = probe.now + .seconds(6)
        }
        #expect(probe.sandbox.counters.leastGapMilliseconds == 6000)
    }

    @Test("A second call while one is being answered locks the key")
    func crowded() {
        var probe = BoostinySandboxProbe.calm {
            $0.limits = BoostinyWorld.Limits()
            $0.latency.base = 500_000
        }
        let first = probe.get("publisher/campaigns").status
        probe.now = probe.now + .milliseconds(500)
        let next = probe.get("publisher/campaigns").status
        probe.now = probe.now + .milliseconds(499)
        let crowding = probe.get("publisher/campaigns").status
        let left = probe.control("blocked").json["key"] as? Int
        _ = probe.control("unlock", post: "")
        probe.now = probe.now + .seconds(1)

        #expect([first, next, crowding] == [200, 200, 429] as [Int])
        #expect(left == 600)
        #expect(probe.get("publisher/campaigns").status == 200)
        #expect(probe.sandbox.counters.mostInFlight == 2)
    }

    @Test("Links have performance of their own, without codes; the report builder has its sums")
    func links() throws {
        var probe = BoostinySandboxProbe.calm()
        let window = ["from": probe.day(20), "to": probe.day(1)]
        let links = probe.all("publisher/link-performance", window)
        let report = probe.all("reports/link-performance/data", window)
        let coded = probe.all("publisher/performance", window)

        #expect(!links.isEmpty)
        #expect(links.allSatisfy { $0["code"] == nil && $0["link"] is String && $0["orders"] is String })
        #expect(BoostinySums(links).orders > 0 && BoostinySums(links) != BoostinySums(coded))
        #expect(report.count == links.count)
        #expect(report.allSatisfy { $0["campaign_networks"] is String && $0["traffic_source"] is String })
        #expect(BoostinySums(report).orders == BoostinySums(links).orders)
        #expect(BoostinySums(report).revenue == BoostinySums(links).revenue)
    }
}
