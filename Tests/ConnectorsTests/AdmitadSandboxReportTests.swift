import ConnectorKit
import Connectors
import Foundation
import SyncCore
import Testing

@Suite("Admitad sandbox: reports, programmes, coupons and oracles")
struct AdmitadSandboxReportTests {
    /// Sums of conversions by a key and their currency, made from the rows of the feed.
    private func sums(_ rows: [[String: Any]], by key: ([String: Any]) -> String) -> [String: [Int64]] {
        var sums: [String: [Int64]] = [:]
        for row in rows {
            let slot = ["pending": 0, "approved": 1, "approved_but_stalled": 1, "declined": 2][row["status"] as? String]
            let name = "\(key(row))|\(row["currency"] ?? "")"
            sums[name, default: [0, 0, 0]][slot ?? 0] += AdmitadLoose.micros(row["payment"]) ?? 0
        }
        return sums
    }

    private func reported(_ rows: [[String: Any]], by field: String?) -> [String: [Int64]] {
        Dictionary(
            uniqueKeysWithValues: rows.map { row in
                let fields = ["payment_sum_open", "payment_sum_approved", "payment_sum_declined"]
                let key = field.map { "\(row[$0] ?? "")" } ?? ""
                return ("\(key)|\(row["currency"] ?? "")", fields.map { AdmitadLoose.micros(row[$0]) ?? -1 })
            })
    }

    @Test(
        "Sums by programme, website and day are those of the same conversions, a row for each currency",
        arguments: [
            ("campaigns", "advcampaign_id", "advcampaign_id"), ("websites", "website_id", "website_id"),
            ("dates", "date", "action_date"),
        ])
    func crossChecks(report: String, field: String, source: String) {
        var probe = AdmitadProbe.calm()
        let window = [("date_start", "10.10.2026"), ("date_end", "12.11.2026")]

        let feed = probe.all("/statistics/actions/", window)
        let rows = probe.all("/statistics/\(report)/", window)

        let wanted = sums(feed) { row in
            let text = "\(row[source] ?? "")"
            return source == "action_date" ? String(text.prefix(10)) : text
        }
        #expect(reported(rows, by: field) == wanted)
        #expect(wanted.count > 3)
        if report == "websites" { #expect(rows.allSatisfy { $0["website_id"] is String }) }
    }

    @Test("total=1 gives one row per currency instead of rows")
    func totals() {
        var probe = AdmitadProbe.calm()
        let feed = probe.all("/statistics/actions/")

        let total = probe.actions([("total", "1")])
        let ofDates = probe.get("/statistics/dates/", [("total", "1")])

        #expect(reported(total.list("results"), by: nil) == sums(feed) { _ in "" })
        #expect(reported(ofDates.list("results"), by: nil) == sums(feed) { _ in "" })
        #expect(total.count == total.list("results").count)
    }

    @Test("Reports by month, sub id, source and keyword have rows and obey an order")
    func otherReports() {
        var probe = AdmitadProbe.calm { $0.actions.perDay = 12 }

        for report in ["months", "sub_ids", "sub_ids1", "sources", "keywords"] {
            #expect(probe.get("/statistics/\(report)/").count > 0)
        }
        let approved = probe.all("/statistics/campaigns/", [("order_by", "-payment_sum_approved")])
            .map { AdmitadLoose.micros($0["payment_sum_approved"]) ?? 0 }
        #expect(approved == approved.sorted(by: >))
        #expect(probe.get("/statistics/nothing/").status == 404)
    }

    @Test("Programmes: listed, single, and as a website sees them")
    func programs() throws {
        var probe = AdmitadProbe.calm { $0.programs.count = 30 }

        let all = probe.all("/advcampaigns/")
        let id = try #require(all.first?["id"] as? Int)
        let single = probe.get("/advcampaigns/\(id)/")
        let active = probe.all("/advcampaigns/website/3301/", [("connection_status", "active")])
        let ofWebsite = probe.all("/advcampaigns/", [("website", "3301")])
        let tools = probe.all("/advcampaigns/", [("has_tool", "coupons"), ("has_tool", "retag")])
        let both = probe.get("/advcampaigns/\(id)/website/3302/")

        #expect(all.count == 30)
        #expect(all.allSatisfy { $0["rating"] is String && $0["connection_status"] == nil })
        #expect(single.json["id"] as? Int == id && single.json["_meta"] == nil)
        #expect(active.allSatisfy { $0["connection_status"] as? String == "active" })
        #expect(!active.isEmpty && active.count < 30 && ofWebsite.count == 30)
        #expect(!tools.isEmpty && tools.count < 30)
        #expect(both.json["gotolink"] != nil)
        #expect(probe.get("/advcampaigns/website/1/").status == 404)
    }

    @Test("Coupons: filters and orders; a website sees code and link, of programmes that it is connected to")
    func coupons() throws {
        var probe = AdmitadProbe.calm { $0.programs.coupons = 60 }

        let all = probe.all("/coupons/")
        let campaign = try #require((all[0]["campaign"] as? [String: Any])?["id"] as? Int)
        let ofCampaign = probe.all("/coupons/", [("campaign", "\(campaign)")])
        let rated = probe.all("/coupons/", [("order_by", "-rating")]).map { AdmitadLoose.micros($0["rating"]) ?? 0 }
        let ofWebsite = probe.all("/coupons/website/3301/")
        let single = probe.get("/coupons/501/website/3301/")

        #expect(all.count == 60 && Set(all.compactMap { $0["id"] as? Int }).count == 60)
        #expect(all.contains { $0["date_end"] is NSNull })
        #expect(all.allSatisfy { $0["promocode"] == nil && ($0["date_start"] as? String)?.contains("T") == true })
        #expect(Set(all.compactMap { $0["species"] as? String }) == ["promocode", "action"])
        #expect(!ofCampaign.isEmpty && ofCampaign.count < 60)
        #expect(rated == rated.sorted(by: >))
        #expect(!ofWebsite.isEmpty && ofWebsite.count < 60)
        #expect(ofWebsite.allSatisfy { $0["goto_link"] is String && $0["promocode"] != nil })
        #expect(single.json["promocode"] != nil && single.json["_meta"] == nil)
        #expect(probe.get("/coupons/", [("date_start", "2026-01-01")]).code == 3)
    }

    @Test("The caller, its websites and the categories of coupons")
    func rest() {
        var probe = AdmitadProbe.calm()

        #expect(probe.get("/me/").text("username") == "sluice-publisher")
        #expect(probe.get("/websites/").ids("id") == [3301, 3302])
        #expect(probe.get("/websites/3301/").text("name") == "blog1")
        #expect(probe.get("/coupons/categories/").count == 5)
        #expect(probe.get("/coupons/categories/3/").text("name") == "Fashion")
    }

    @Test("Truth counts what the lists hold, by day when asked, and the fewest calls for it")
    func truth() {
        var probe = AdmitadProbe.calm { $0.actions.perDay = 12 }
        let all = probe.all("/statistics/actions/")

        let truth = probe.ask("truth", [("account", "me")])
        let rows = truth.json["rows"] as? [String: Int] ?? [:]
        let days = [("from", "2026-11-01"), ("to", "2026-11-03")]
        let some = probe.ask("truth", days).json["rows"] as? [String: Int] ?? [:]
        let window = probe.actions([("date_start", "01.11.2026"), ("date_end", "03.11.2026")])

        #expect(rows["admitad_actions"] == all.count)
        #expect(rows["admitad_programs"] == probe.all("/advcampaigns/").count)
        #expect(rows["admitad_coupons"] == probe.all("/coupons/").count)
        #expect(truth.int("fewestCalls") == (all.count + 499) / 500 + 2)
        #expect(some["admitad_actions"] == window.count)
        #expect(probe.ask("truth", [("account", "other")]).status == 400)
    }

    @Test("The oracle of days has counts and sums by status and currency")
    func daily() {
        var probe = AdmitadProbe.calm { $0.actions.oddStatuses = 300 }
        let rows = probe.all("/statistics/actions/", [("date_start", "05.11.2026"), ("date_end", "05.11.2026")])

        let days = probe.ask("actions", [("from", "2026-11-05"), ("to", "2026-11-05")]).json
        let day = days["2026-11-05"] as? [String: Any] ?? [:]
        let sums = day["sums"] as? [String: [String: [String: Int64]]] ?? [:]

        #expect(days.count == 1 && day["count"] as? Int == rows.count)
        let told = sums.values.flatMap { $0.values }.reduce(0) { $0 + ($1["paymentMicros"] ?? 0) }
        #expect(told == rows.reduce(0) { $0 + (AdmitadLoose.micros($1["payment"]) ?? 0) })
        #expect(sums["on_hold"] == nil)
    }

    @Test("The bench world stands still and has as many conversions as its sizes say")
    func bench() throws {
        let sizes = ["days": 30, "actions": 40, "rate": 1200, "latency": 50]
        let world = try #require(AdmitadWorld.named("bench", seed: 7, sizes: sizes, today: .probeDay))
        var probe = AdmitadProbe(AdmitadSandbox(world))
        probe.signIn()

        let before = probe.actions([("limit", "500")])
        probe.wait(.seconds(40 * 86_400))
        probe.signIn()
        let after = probe.actions([("limit", "500")])

        #expect(before.count == 1200 && after.body == before.body)
        #expect(probe.lastReply.delay == .milliseconds(50))
        #expect(world.reading.callsPerMinute == 1200)
    }

    @Test("Two sandboxes of one world answer alike, other seeds otherwise; worlds survive their own JSON")
    func seeds() throws {
        var one = AdmitadProbe.calm(seed: 5)
        var two = AdmitadProbe.calm(seed: 5)
        var other = AdmitadProbe.calm(seed: 6)
        let world = AdmitadWorld.demo(today: .probeDay)

        #expect(one.actions().body == two.actions().body)
        #expect(one.actions().body != other.actions().body)
        #expect(try world.changed(by: Array("{}".utf8)) == world)
        #expect(try world.changed(by: Array("{\"actions\":{\"perDay\":1}}".utf8)).actions.perDay == 1)
        #expect(throws: WorldError.self) { try world.changed(by: Array("{\"programs\":{\"count\":0}}".utf8)) }
        #expect(AdmitadWorld.named("other", seed: 1, sizes: [:], today: .probeDay) == nil)
    }
}
