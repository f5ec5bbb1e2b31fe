import ConnectorKit
import Foundation
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

@Suite("Boostiny sandbox: performance rows")
struct BoostinySandboxRowsTests {
    @Test("Rows are sums of the window; with dates they are per day, and both tell the same")
    func grain() {
        var sums = BoostinySandboxProbe.calm()
        var days = BoostinySandboxProbe.calm { $0.performance.hasDate = true }
        let window = sums.performance(from: 30, to: 1)
        let dated = days.performance(from: 30, to: 1)
        let single = (1...30).flatMap { sums.performance(from: $0, to: $0) }

        #expect(window.allSatisfy { $0["date"] == nil } && dated.allSatisfy { $0["date"] is String })
        #expect(dated.count > window.count && single.count == dated.count)
        #expect(Set(window.map { "\($0["campaign_id"] ?? "")/\($0["code"] ?? "")" }).count == window.count)
        #expect(BoostinySums(window) == BoostinySums(dated))
        #expect(BoostinySums(window) == BoostinySums(single))
    }

    @Test("Gross grows for days, net falls for weeks, both in the end stand still")
    func ageing() {
        var probe = BoostinySandboxProbe.calm()
        probe.now = probe.now + .seconds(20 * 3600)
        let day = probe.day(0)
        var seen: [BoostinySums] = []
        for _ in 0..<60 {
            seen.append(BoostinySums(probe.all("publisher/performance", ["from": day, "to": day])))
            probe.wait(days: 1)
        }
        let (gross, net) = (seen.map(\.orders), seen.map(\.net))

        #expect(gross == gross.sorted() && gross[1] < gross[7])
        #expect(Set(gross[7...]).count == 1)
        #expect(net[7...] == net[7...].sorted(by: >)[...])
        #expect(net[30] < net[7] && net[45] <= net[30] && Set(net[45...]).count == 1)
        #expect(zip(gross, net).allSatisfy { $0 >= $1 })
    }

    @Test("A campaign changes only when its data was imported, at irregular moments")
    func imports() {
        var probe = BoostinySandboxProbe.calm()
        var moments: [String] = []
        var byMoment: [String: Set<String>] = [:]
        for _ in 0..<96 {
            for row in probe.performance(from: 3, to: 0, ["campaign_id": "61"]) where row["code"] is String {
                let moment = row["last_updated_at"] as? String ?? ""
                if moments.last != moment { moments.append(moment) }
                let figures = "\(row["orders"] ?? "") \(row["revenue"] ?? "")"
                byMoment["\(moment) \(row["code"] ?? "") \(probe.day(0))", default: []].insert(figures)
            }
            probe.now = probe.now + .seconds(1800)
        }
        let seconds = moments.compactMap { Instant(iso: $0.replacing(" ", with: "T") + "Z")?.seconds }
        let steps = zip(seconds.dropFirst(), seconds).map { $0 - $1 }

        #expect(moments.count > 4 && seconds.count == moments.count)
        #expect(Set(steps).count > 3 && steps.allSatisfy { $0 > 0 && $0 < 16 * 3600 })
        #expect(byMoment.values.allSatisfy { $0.count == 1 })
    }

    @Test("Some codes are reported days late")
    func late() {
        func codes(_ share: Int, _ back: Int) -> Set<String> {
            var probe = BoostinySandboxProbe.calm { $0.performance.lateCodes = share }
            return Set(probe.performance(from: back, to: back).compactMap { $0["code"] as? String })
        }

        #expect(!codes(0, 1).isEmpty && codes(1000, 1).isEmpty)
        #expect(codes(1000, 8) == codes(0, 8))
    }

    @Test("A closed month may be corrected on the 12th of the next")
    func correction() {
        func revenue(_ share: Int, _ wait: Int64) -> BoostinySums {
            var probe = BoostinySandboxProbe.calm { $0.performance.corrected = share }
            probe.now = Instant(seconds: 1_794_441_600)  // 2026-11-12 00:00
            probe.wait(days: wait)
            return BoostinySums(
                probe.all("publisher/performance", ["from": "2026-09-02", "to": "2026-09-20"])
                    + probe.all("publisher/performance", ["from": "2026-10-01", "to": "2026-10-01"]))
        }
        let (before, after) = (revenue(1000, -1), revenue(1000, 2))

        #expect(before.orders == after.orders)
        #expect(after.revenue < before.revenue)
        #expect(revenue(0, -1).revenue == revenue(0, 2).revenue)
        #expect(revenue(0, 2).revenue > after.revenue)
    }

    @Test("Summary rows stand among the others where the world says so")
    func summaries() {
        var probe = BoostinySandboxProbe.calm { $0.performance.hasSummaryRows = true }
        var plain = BoostinySandboxProbe.calm()
        let rows = probe.performance(from: 20, to: 1)
        let summaries = rows.filter { $0["report_type"] as? String == "summary" }
        let others = rows.filter { $0["report_type"] == nil }

        #expect(summaries.count == 2)
        #expect(summaries.allSatisfy { $0["campaign_id"] == nil && $0["period_from"] is String })
        #expect(BoostinySums(others) == BoostinySums(plain.performance(from: 20, to: 1)))
        #expect(BoostinySums([summaries[0]]) == BoostinySums(others))
    }

    @Test("Codes and countries may be missing")
    func missing() {
        var probe = BoostinySandboxProbe.calm {
            $0.performance.missingCodes = 500
            $0.performance.hasCountry = true
            $0.performance.missingCountries = 300
            $0.performance.hasDate = true
        }
        let rows = probe.performance(from: 20, to: 1)

        #expect(rows.contains { $0["code"] == nil } && rows.contains { $0["code"] is NSNull })
        #expect(rows.contains { $0["code"] is String })
        #expect(rows.contains { $0["country"] is NSNull } && rows.contains { $0["country"] is String })
    }

    @Test("Campaigns may share a name, and get another one within a window")
    func names() {
        var same = BoostinySandboxProbe.calm { $0.performance.sameNames = 600 }
        var renamed = BoostinySandboxProbe.calm { $0.performance.renamed = 1000 }
        let listed = same.all("publisher/campaigns")
        let rows = renamed.performance(from: 100, to: 1)
        let names = Dictionary(grouping: rows) { $0["campaign_id"] as? String ?? "" }
            .mapValues { Set($0.compactMap { $0["campaign_name"] as? String }) }

        #expect(Set(listed.compactMap { $0["name"] as? String }).count < listed.count)
        #expect(names.values.contains { $0.count == 2 })
        #expect(renamed.all("publisher/campaigns").allSatisfy { ($0["name"] as? String)?.hasPrefix("Old") == false })
    }

    @Test("Rows can be of customer types or of single orders, and add up to the same")
    func splits() {
        var plain = BoostinySandboxProbe.calm()
        var types = BoostinySandboxProbe.calm { $0.performance.split = .customerType }
        var orders = BoostinySandboxProbe.calm { $0.performance.split = .order }
        let whole = BoostinySums(plain.performance(from: 20, to: 1))
        let byType = types.performance(from: 20, to: 1)
        let byOrder = orders.performance(from: 20, to: 1)

        #expect(Set(byType.compactMap { $0["customer_type"] as? String }) == ["new", "returning"])
        #expect(BoostinySums(byType).orders == whole.orders && BoostinySums(byType).revenue == whole.revenue)
        #expect(Set(byOrder.compactMap { $0["order_id"] as? String }).count == byOrder.count)
        #expect(byOrder.allSatisfy { $0["orders"] as? String == "1" })
        #expect(BoostinySums(byOrder).orders == whole.orders && BoostinySums(byOrder).revenue == whole.revenue)
    }

    @Test("A campaign can be asked for by its id and by its name")
    func filters() {
        var probe = BoostinySandboxProbe.calm()
        let all = probe.performance(from: 20, to: 1)
        let one = probe.performance(from: 20, to: 1, ["campaign_id": "62"])
        let named = probe.performance(from: 20, to: 1, ["campaign_name": one.first?["campaign_name"] as? String ?? "-"])

        #expect(!one.isEmpty && one.count < all.count)
        #expect(one.allSatisfy { $0["campaign_id"] as? String == "62" })
        #expect(BoostinySums(named) == BoostinySums(one))
    }
}

@Suite("Boostiny sandbox: worlds, oracles and switches")
struct BoostinySandboxControlTests {
    @Test("What can be read is what the oracle says", arguments: [0, 1, 2, 3, 4] as [UInt64])
    func truth(seed: UInt64) throws {
        var world = BoostinyWorld.small(seed: seed)
        world.limits.mostInFlight = 0
        world.limits.perMinute = 0
        var probe = BoostinySandboxProbe(world)
        let window = ["account": "me", "from": probe.day(40), "to": probe.day(0)]
        let truth = probe.control("truth", window).json
        let rows = try #require(truth["rows"] as? [String: Int])
        let counted = probe.sandbox.counters.calls
        var cells: [[String: Any]] = []
        if world.performance.hasDate {
            cells = probe.performance(from: 40, to: 0).filter { $0["report_type"] == nil }
        } else {
            for back in 0...40 {
                cells += probe.performance(from: back, to: back).filter { $0["report_type"] == nil }
            }
        }

        #expect(counted == 0)
        #expect(rows["boostiny_campaigns"] == probe.all("publisher/campaigns").count)
        #expect(rows["boostiny_coupons"] == probe.all("publisher/coupons").count)
        #expect(rows["boostiny_performance"] == cells.count)
        #expect(BoostinySums(oracle: probe.control("sums", window).json) == BoostinySums(cells))
        if !world.performance.hasSummaryRows {
            #expect(truth["fewestCalls"] as? Int == probe.sandbox.counters.calls)
        }
    }

    @Test("The bench world has a row for each campaign and day, standing still")
    func bench() throws {
        let sizes = ["campaigns": 30, "days": 20]
        let made = BoostinyWorld.named("bench", seed: 1, sizes: sizes, today: BoostinyWorld.usualDay)
        var probe = BoostinySandboxProbe(try #require(made))
        let rows = probe.control("truth").json["rows"] as? [String: Int]
        let early = probe.performance(from: 40, to: 0).count
        probe.now = probe.now + .seconds(20 * 3600)

        #expect(rows?["boostiny_performance"] == 600)
        #expect([early, probe.performance(from: 40, to: 0).count] == [600, 600] as [Int])
        #expect(probe.sandbox.counters.byStatus == ["200": 2])
    }

    @Test("The worlds by name, in the catalog, with a key and the account me")
    func worlds() throws {
        let demo = try #require(BoostinyWorld.named("demo", seed: 7, sizes: [:], today: BoostinyWorld.usualDay))

        #expect(BoostinyWorld.named("moon", seed: 7, sizes: [:], today: BoostinyWorld.usualDay) == nil)
        #expect(demo.credential.map(\.field) == ["key"] && demo.account == "me")
        #expect(demo.limits == BoostinyWorld.Limits() && demo.limits.perMinute == 10 && demo.limits.lockSeconds == 600)
        #expect(Catalog.worlds.contains { $0.platform == PlatformID("boostiny") })
        #expect(try demo.changed(by: Array("{}".utf8)) == demo)
        #expect(throws: WorldError.self) { try demo.changed(by: Array("{\"key\":\"\"}".utf8)) }
    }

    @Test("Failures strike as they are asked for, and end with an empty plan")
    func faults() {
        var probe = BoostinySandboxProbe.calm { $0.limits.lockSeconds = 60 }
        func status(_ rule: String) -> Int {
            _ = probe.control("faults", ["rule": rule], post: "")
            return probe.get("publisher/campaigns").status
        }
        let once = probe.get("publisher/campaigns").data.count

        #expect(status("html502") == 502)
        #expect(status("error500") == 500)
        #expect(status("duplicateRow") == 200)
        #expect(probe.get("publisher/campaigns").data.count == once + 1)
        _ = status("reset")
        #expect(probe.lastReply.delivery == .reset)
        _ = status("late")
        #expect(probe.lastReply.delay > .seconds(50))
        #expect(status("lock") == 429)
        _ = probe.control("faults", post: "{}")
        #expect(probe.get("publisher/campaigns").status == 429)
        probe.now = probe.now + .seconds(61)
        #expect(probe.get("publisher/campaigns").status == 200)
        #expect(probe.control("faults", ["rule": "nonsense"], post: "").status == 400)
    }
}
