import ConnectorKit
import Connectors
import Foundation
import SyncCore
import Testing

@Suite("Admitad sandbox: conversions")
struct AdmitadSandboxActionTests {
    @Test("Pages have 20 rows unless 1 to 500 are asked for, and the count of all")
    func limits() {
        var probe = AdmitadProbe.calm { $0.actions.perDay = 12 }

        let sizes = ["", "0", "501", "-3", "x", "1", "500"].map { limit in
            let page = probe.actions([("limit", limit)])
            return [page.list("results").count, page.meta["limit"] as? Int ?? -1]
        }
        let count = probe.actions().count
        let beyond = probe.actions([("offset", String(count)), ("limit", "500")])
        let end = probe.actions([("offset", String(count - 1)), ("limit", "500")])

        #expect(sizes.prefix(5).allSatisfy { $0 == [20, 20] })
        #expect(sizes[5] == [1, 1] && sizes[6] == [500, 500])
        #expect(count > 500)
        #expect(beyond.list("results").isEmpty && beyond.count == count)
        #expect(end.list("results").count == 1 && end.meta["offset"] as? Int == count - 1)
    }

    @Test("Without an order the newest come first; order_by may be repeated and reversed")
    func orders() {
        var probe = AdmitadProbe.calm()
        func rows(_ orders: String...) -> [[String: Any]] {
            probe.actions(orders.map { ("order_by", $0) } + [("limit", "500")]).list("results")
        }
        func dates(_ rows: [[String: Any]]) -> [String] {
            rows.compactMap { ($0["action_date"] as? String)?.replacing("T", with: " ") }
        }

        let usual = dates(rows())
        let up = dates(rows("datetime"))
        let down = dates(rows("-datetime"))
        let both = rows("status", "-payment").map {
            ($0["status"] as? String ?? "", AdmitadLoose.micros($0["payment"]) ?? 0)
        }
        let unknown = dates(rows("action_date"))

        #expect(usual == down && up == up.sorted() && down == Array(up.reversed()))
        #expect(zip(both, both.dropFirst()).allSatisfy { $0.0 < $1.0 || $0.0 == $1.0 && $0.1 >= $1.1 })
        #expect(unknown == usual)
    }

    @Test("Windows are days of action_date, both ends included; an unknown parameter is ignored without a word")
    func windows() {
        var probe = AdmitadProbe.calm()
        let all = probe.actions().count

        let window = probe.all("/statistics/actions/", [("date_start", "01.11.2026"), ("date_end", "03.11.2026")])
        let days = Set(window.compactMap { ($0["action_date"] as? String)?.prefix(10) })
        let mistake = probe.actions([("start_date", "01.11.2026"), ("end_date", "03.11.2026")])

        #expect(days == ["2026-11-01", "2026-11-02", "2026-11-03"])
        #expect(mistake.status == 200 && mistake.count == all)
        #expect(window.count < all)
    }

    @Test(
        "Dates are dd.mm.yyyy, moments dd.mm.yyyy HH:MM:SS; anything else is 400 with 3",
        arguments: [
            ("date_start", "2026-11-01"), ("date_end", "1.11.2026"), ("date_start", "31.02.2026"),
            ("date_start", "01/11/2026"), ("date_start", "01.11.26"), ("status_updated_start", "01.11.2026"),
            ("status_updated_start", "2026-11-01 00:00:00"), ("status_updated_end", "01.11.2026 24:00:00"),
            ("closing_date_end", "yesterday"), ("status", "4"), ("status", "approved"), ("action_type", "click"),
            ("subid", String(repeating: "s", count: 251)),
        ])
    func formats(name: String, value: String) {
        var probe = AdmitadProbe.calm()

        let answer = probe.actions([(name, value)])

        #expect(answer.status == 400 && answer.code == 3)
    }

    @Test("status_updated_end must not lie in the future, to the second")
    func future() {
        var probe = AdmitadProbe.calm()

        // It is 04:00:00.
        let now = probe.actions([("status_updated_end", "21.11.2026 04:00:00")])
        let next = probe.actions([("status_updated_end", "21.11.2026 04:00:01")])

        #expect(now.status == 200)
        #expect(next.status == 400 && next.code == 3)
    }

    @Test("Filters by number of status, programme, website, type, sub id, number and flags; keys may be repeated")
    func filters() {
        var probe = AdmitadProbe.calm { $0.actions.perDay = 8 }
        func values(_ field: String, _ query: (String, String)...) -> Set<String> {
            Set(probe.all("/statistics/actions/", query).map { "\($0[field] ?? "")" })
        }
        let programs = probe.get("/advcampaigns/").ids("id")

        #expect(values("status", ("status", "1")) == ["pending"])
        #expect(values("status", ("status", "2")) == ["approved", "approved_but_stalled"])
        #expect(values("status", ("status", "3")) == ["declined"])
        #expect(values("status", ("status", "1"), ("status", "3")) == ["pending", "declined"])
        #expect(values("advcampaign_id", ("campaign", "\(programs[0])")) == ["\(programs[0])"])
        #expect(
            values("advcampaign_id", ("campaign", "\(programs[0])"), ("campaign", "\(programs[2])"))
                == ["\(programs[0])", "\(programs[2])"])
        #expect(values("website_id", ("website", "3302")) == ["3302"])
        #expect(values("action_type", ("action_type", "sale")) == ["sale"])
        #expect(values("subid", ("subid", "u1")) == ["u1"])
        #expect(values("paid", ("paid", "1")) == ["1"] && values("paid", ("paid", "0")) == ["0"])
        #expect(values("processed", ("processed", "1")) == ["1"])
        let id = probe.actions([("limit", "1")]).ids()[0]
        #expect(values("action_id", ("action_id", "\(id)")) == ["\(id)"])
    }

    @Test("Windows of status_updated find what changed in them, and nothing else")
    func statusWindows() {
        var probe = AdmitadProbe.calm()
        let all = probe.all("/statistics/actions/")
        func updated(_ row: [String: Any]) -> String {
            (row["status_updated"] as? String ?? "").replacing("T", with: " ")
        }

        let found = probe.all(
            "/statistics/actions/",
            [("status_updated_start", "01.11.2026 06:00:00"), ("status_updated_end", "10.11.2026 18:00:00")])

        let wanted = all.map(updated).filter { ("2026-11-01 06:00:00"..."2026-11-10 18:00:00").contains($0) }
        #expect(found.map(updated).sorted() == wanted.sorted())
        #expect(!wanted.isEmpty)
    }

    @Test("A conversion is in the reports 15 to 30 minutes after it happened, or days later when it is late")
    func visibility() {
        var probe = AdmitadProbe.calm {
            $0.actions.perDay = 120
            $0.actions.days = 3
            $0.actions.late = 100
        }
        var known = Set(probe.all("/statistics/actions/").compactMap { $0["action_id"] as? Int })
        var waits: [Double] = []
        for _ in 0..<24 * 3 {
            probe.wait(.seconds(1200))
            let rows = probe.all("/statistics/actions/", [("date_start", "18.11.2026")])
            for row in rows where known.insert(row["action_id"] as? Int ?? 0).inserted {
                let happened = (row["action_date"] as? String ?? "").replacing(" ", with: "T")
                if let moment = Instant(iso: "\(happened)Z") { waits.append((probe.now - moment).inSeconds) }
            }
        }

        #expect(waits.count > 60)
        // Seen every twenty minutes: so much later at most.
        #expect(waits.allSatisfy { $0 >= 900 })
        #expect(waits.count { $0 <= 1800 + 1200 } > waits.count * 8 / 10)
        #expect(waits.contains { $0 > 86_400 })
    }

    @Test("Statuses, amounts and flags move with time, and status_updated moves each time")
    func timeline() {
        var probe = AdmitadProbe.calm {
            $0.actions.perDay = 12
            $0.actions.days = 20
            $0.actions.isLive = true
            $0.actions.reversed = 150
            $0.auth.tokenLife = 400 * 86_400
        }
        var last: [Int: [String: Any]] = [:]
        var moves: Set<String> = []
        for _ in 0..<75 {
            probe.wait(.seconds(2 * 86_400))
            for row in probe.all("/statistics/actions/", [("date_end", "21.11.2026")]) {
                let id = row["action_id"] as? Int ?? 0
                defer { last[id] = row }
                guard let before = last[id] else { continue }
                let fields = ["status", "payment", "cart", "paid"].filter {
                    "\(before[$0] ?? "")" != "\(row[$0] ?? "")"
                }
                guard !fields.isEmpty else { continue }
                let stamps = [before, row].map { ($0["status_updated"] as? String ?? "").replacing("T", with: " ") }
                #expect(stamps[0] < stamps[1])
                if fields.contains("status") { moves.insert("\(before["status"] ?? "")>\(row["status"] ?? "")") }
                if fields.contains("paid") { moves.insert("paid") }
                if fields.contains("payment"), !fields.contains("status") { moves.insert("corrected") }
            }
        }

        let wanted: Set = [
            "pending>approved", "pending>declined", "pending>approved_but_stalled", "approved_but_stalled>approved",
            "approved>declined", "paid", "corrected",
        ]
        #expect(moves.isSuperset(of: wanted))
    }

    @Test("Amounts are numbers, strings and null, in several currencies; times have a space or a T")
    func forms() {
        var probe = AdmitadProbe.calm { $0.actions.perDay = 10 }
        let rows = probe.all("/statistics/actions/")
        func kinds(_ field: String) -> Set<String> {
            Set(rows.map { $0[field] is NSNull ? "null" : $0[field] is String ? "text" : "number" })
        }

        #expect(kinds("cart") == ["null", "text", "number"])
        #expect(kinds("payment") == ["null", "text", "number"])
        #expect(Set(rows.compactMap { $0["currency"] as? String }).count > 2)
        #expect(Set(rows.compactMap { ($0["action_date"] as? String)?.contains("T") }) == [true, false])
        #expect(rows.contains { $0["comment"] is String && $0["status"] as? String == "declined" })
        #expect(Set(rows.map { $0.keys.count }).count == 1)
    }

    @Test("A row that comes in while one pages moves the others, and ascending order by time still finds all")
    func growth() {
        var probe = AdmitadProbe.calm { $0.reading.insertsAfterPages = 1 }
        let query = [("limit", "10"), ("date_end", "21.11.2026")]

        let first = probe.actions(query)
        let second = probe.actions(query + [("offset", "10")])
        let grown = probe.actions(query)

        #expect(grown.count == first.count + 2)
        #expect(!Set(first.ids()).isDisjoint(with: second.ids()))
    }

    @Test("Tests insert conversions and change them by hand")
    func byHand() throws {
        var probe = AdmitadProbe.calm()
        let before = probe.actions().count

        let ids = probe.turn("actions", [("count", "2"), ("day", "2026-11-10")]).json["ids"] as? [Int] ?? []
        probe.turn("action", [("id", "\(ids[0])"), ("status", "declined"), ("payment_micros", "7250000")])
        let row = try #require(probe.actions([("action_id", "\(ids[0])")]).list("results").first)

        #expect(probe.actions().count == before + 2)
        #expect((row["action_date"] as? String)?.hasPrefix("2026-11-10") == true)
        #expect(row["status"] as? String == "declined")
        #expect(AdmitadLoose.micros(row["payment"]) == 7_250_000)
        #expect((row["status_updated"] as? String)?.hasPrefix("2026-11-21") == true)
        #expect(probe.turn("action", [("id", "1"), ("status", "declined")]).status == 400)
    }

    @Test("Pages may come short or empty before the end, where failures say so")
    func brokenPages() {
        var probe = AdmitadProbe.calm()
        probe.turn(
            "faults",
            body: "{\"rules\":[{\"kind\":\"shortPage\",\"calls\":[1]},{\"kind\":\"emptyPage\",\"calls\":[2]}]}")

        let short = probe.actions()
        let empty = probe.actions()

        #expect(short.list("results").count == 10 && short.count > 20)
        #expect(empty.list("results").isEmpty && empty.count > 20)
    }

    @Test("The platform's clock, the numbers of statuses, spans and default windows are the world's choice")
    func unconfirmed() {
        var ahead = AdmitadProbe.calm { $0.actions.utcOffset = 10_800 }
        var numbered = AdmitadProbe.calm { $0.actions.statusNumbers = ["declined": 2] }
        var narrow = AdmitadProbe.calm { $0.reading.mostDays = 10 }
        var recent = AdmitadProbe.calm { $0.reading.defaultDays = 2 }

        #expect(ahead.actions([("status_updated_end", "21.11.2026 07:00:00")]).status == 200)
        let declined = numbered.actions([("status", "2")]).list("results").map { $0["status"] as? String }
        #expect(Set(declined) == ["declined"])
        #expect(narrow.actions([("date_start", "01.11.2026"), ("date_end", "10.11.2026")]).status == 200)
        #expect(narrow.actions([("date_start", "01.11.2026"), ("date_end", "11.11.2026")]).code == 3)
        let days = Set(recent.all("/statistics/actions/").compactMap { ($0["action_date"] as? String)?.prefix(10) })
        #expect(days.isSubset(of: ["2026-11-20", "2026-11-21"]) && !days.isEmpty)
    }
}
