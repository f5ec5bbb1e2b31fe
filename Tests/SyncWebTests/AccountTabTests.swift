import Foundation
import HTTPTypes
import SyncCore
import SyncEngine
import SyncTestKit
import Testing
import Wording

@testable import SyncWeb

@Suite("The tabs of an account", .timeLimit(.minutes(3)))
struct AccountTabTests {
    private func lab(_ body: @escaping @Sendable (SiteLab, SiteLab.Visit, Account) async throws -> Void) async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            _ = try await lab.run(of: account)
            try await lab.work()
            try await body(lab, owner, account)
        }
    }

    @Test("Every tab leads to a page of its own, in both languages")
    func tabs() async throws {
        try await lab { lab, owner, account in
            let path = "/accounts/\(account.id)"
            for language in ["en", "vi"] {
                _ = try await lab.call(.post, "/preferences", as: owner, form: [("language", language)])
                for tab in ["", "/runs", "/certificates", "/settings"] {
                    let page = try await lab.get(path + tab, as: owner, html: true)
                    #expect(page.status == 200, "\(tab)")
                    #expect(page.text.contains("href=\"\(path)\(tab)\" aria-current=\"page\""), "\(tab)")
                    #expect(page.text.contains("Mộc Nhiên &lt;b&gt;"), "\(tab)")
                }
            }
        }
    }

    @Test("Runs are those of the account, whatever else the address asks for")
    func runs() async throws {
        try await lab { lab, owner, account in
            let list = try await lab.get("/accounts/\(account.id)/runs?account=999", as: owner)
            let failed = try await lab.get("/accounts/\(account.id)/runs?status=failed", as: owner, html: true)

            #expect((list.json["logs"] as? [[String: Any]])?.count == 1)
            #expect(failed.text.contains("No run matches these filters."))
            #expect(failed.text.contains("/accounts/\(account.id)/runs\">Clear filters"))
        }
    }

    @Test("Certificates say how many days are equal, what each sum is, and when it was compared")
    func certificates() async throws {
        try await lab { lab, owner, account in
            let path = "/accounts/\(account.id)/certificates"
            let list = try await lab.get(path, as: owner)
            let page = try await lab.get(path, as: owner, html: true)
            let overview = try await lab.get("/accounts/\(account.id)", as: owner, html: true)

            let days = try #require(list.json["days"] as? Int)
            #expect(days > 30 && list.json["equal"] as? Int == days)
            let first = try #require((list.json["certificates"] as? [[String: Any]])?.first)
            #expect(first["state"] as? String == "equal")
            #expect((first["difference"] as? [String: Int])?["cost_micros"] == 0)
            #expect(page.text.contains("\(days) of \(days) days equal Meta’s totals"))
            #expect(page.text.contains("Spend stored") && page.text.contains("compared"))
            #expect(page.text.contains("?before="))
            #expect(overview.text.contains("\(days) of \(days) days equal Meta’s totals"))
            let before = try #require(list.json["next"] as? String)
            let older = try await lab.get("\(path)?before=\(before)", as: owner)
            let days2 = (older.json["certificates"] as? [[String: Any]])?.compactMap { $0["date"] as? String } ?? []
            #expect(!days2.isEmpty && days2.allSatisfy { $0 < before })
        }
    }

    @Test("A gap is told in money, with what is done about it")
    func gap() async throws {
        try await lab { lab, owner, account in
            let standing = try await lab.site.standing("\(account.id)", try await lab.visitor(owner))
            let day = standing.today.adding(days: -7)
            let gap = Certificate(
                stream: StreamID("campaign_insights"), day: day, state: .repairing, rows: 3,
                stored: Figures([.cost: 1_000_000_000, .clicks: 5]),
                source: Figures([.cost: 187_400_000_000, .clicks: 5]),
                job: JobID(7), checkedAt: lab.clock.now)
            let found = ProofReader.Found(
                count: ProofCount(days: 9, equal: 8, gaps: 1, checkedAt: lab.clock.now),
                days: CertificateDay.days([gap], order: []), hasOlder: false, before: nil)

            let english = ProofView(found, standing, canAct: true, .init(language: .english), lab.clock.now)
            let vietnamese = ProofView(found, standing, canAct: false, .init(language: .vietnamese), lab.clock.now)

            #expect(english.headline == "8 of 9 days equal Meta’s totals" && english.tone == "warn")
            #expect(english.detail.contains("is short by 186,400 ₫") && english.detail.contains("read again"))
            #expect(english.days.first?.run?.href == "/sync/logs/7")
            #expect(english.days.first?.sums.contains { $0.said == "Meta: 187,400 ₫" && $0.isShort } == true)
            #expect(vietnamese.detail.contains("thiếu 186.400 ₫") && vietnamese.recheck == nil)
        }
    }

    @Test("What only the total of a shop has is shown as kept, so that the figures add up to the difference")
    func rest() async throws {
        try await lab { lab, owner, account in
            let standing = try await lab.site.standing("\(account.id)", try await lab.visitor(owner))
            let certificate = Certificate(
                stream: StreamID("campaign_daily"), day: standing.today.adding(days: -7), state: .equal, rows: 3,
                stored: Figures([.cost: 130_000_000_000]), source: Figures([.cost: 208_000_000_000]),
                rest: Figures([.cost: 78_000_000_000]))
            let found = ProofReader.Found(
                count: ProofCount(days: 1, equal: 1), days: CertificateDay.days([certificate], order: []),
                hasOlder: false, before: nil)

            let view = ProofView(found, standing, canAct: true, .init(language: .english), lab.clock.now)

            #expect(view.days.first?.sums.first?.stored == "208,000 ₫")
            #expect(view.days.first?.sums.first?.difference == "0")
        }
    }

    @Test("Each currency of a day has a line of its own, with its amounts in it, and is named for programs")
    func currencies() async throws {
        try await lab { lab, owner, account in
            let standing = try await lab.site.standing("\(account.id)", try await lab.visitor(owner))
            func of(_ currency: String, _ state: Certificate.State, _ source: Int64) -> Certificate {
                Certificate(
                    stream: StreamID("actions"), day: standing.today.adding(days: -7), currency: currency, state: state,
                    rows: 3, stored: Figures([.revenue: 6_030_000]), source: Figures([.revenue: source]))
            }
            let found = ProofReader.Found(
                count: ProofCount(days: 9, equal: 8, gaps: 1),
                days: CertificateDay.days([of("USD", .equal, 6_030_000), of("EUR", .gap, 506_030_000)], order: []),
                hasOlder: false, before: nil)

            let view = ProofView(found, standing, canAct: true, .init(language: .english), lab.clock.now)

            #expect(view.detail.contains("is short by €500.00"), "\(view.detail)")
            #expect(view.days.map { $0.sums.first?.stored } == ["€6.03", "$6.03"])
            #expect(view.days.map { $0.sums.first?.said } == ["Meta: €506.03", nil])
            #expect(view.days.first?.day.hasSuffix("· EUR") == true)
            #expect(ProofBody(found).certificates.map(\.currency) == ["USD", "EUR"])
        }
    }

    @Test("Money has a chart for each currency and is never one sum; a row of the dashboard says that there are others")
    func chartsByCurrency() async throws {
        try await lab { lab, owner, account in
            var standing = try await lab.site.standing("\(account.id)", try await lab.visitor(owner))
            let day = standing.today.adding(days: -7)
            standing.figures = [
                DayFigures(day: day.adding(days: -1), currency: "EUR", revenue: 5_000_000, orders: 1),
                DayFigures(day: day, currency: "EUR", revenue: 2_000_000, orders: 1),
                DayFigures(day: day, currency: "USD", revenue: 3_000_000, orders: 4),
            ]
            let words = Words(language: .english)

            let charts = AccountPage.charts(
                standing, standing.figures, AccountPage.days(standing.today), read: [], words)
            let row = AccountRow.todays(standing, words, standing.zone, lab.clock.now)

            #expect(charts.map(\.label) == ["Orders", "Revenue · EUR", "Revenue · USD"])
            #expect(charts.map(\.total) == ["6", "€7.00", "$3.00"])
            #expect(row.1 == "revenue, 1 more currency")
        }
    }

    @Test("Days that the address has picked are picked, with a form to read them again")
    func pickedDays() async throws {
        try await lab { lab, owner, account in
            let today = CivilDate(lab.clock.now, in: try account.zone())
            let path = "/accounts/\(account.id)?stream=campaign_insights"

            let page = try await lab.get("\(path)&from=\(today.adding(days: -3))&to=\(today)", as: owner, html: true)
                .text
            let before = try await lab.get("\(path)&from=2020-01-01&to=2020-01-02", as: owner, html: true).text

            #expect(page.contains("4 days of Campaigns selected"))
            #expect(page.contains("name=\"from\" value=\"\(today.adding(days: -3))\""))
            #expect(!page.contains("pick-f\" hidden") && before.contains("pick-f\" hidden"))
        }
    }

    @Test("Settings tell what is kept and by which connection, and draw nothing that does nothing")
    func settings() async throws {
        try await lab { lab, owner, account in
            let page = try await lab.get("/accounts/\(account.id)/settings", as: owner, html: true)
            let viewer = try await lab.member(.viewer)
            let seen = try await lab.get("/accounts/\(account.id)/settings", as: viewer, html: true)
            let json = try await lab.get("/accounts/\(account.id)/settings", as: owner)

            #expect(page.text.contains("28 days back are read again each night"))
            #expect(page.text.contains("Insights"))
            #expect(page.text.contains("/connections/\(account.connection)/delete"))
            #expect(!seen.text.contains("Remove the connection"))
            #expect((json.json["streams"] as? [[String: Any]])?.isEmpty == false)
        }
    }

    @Test("What days cost once more is one line for the page and an object for programs, and is kept with the job")
    func price() async throws {
        try await lab { lab, owner, account in
            let today = CivilDate(lab.clock.now, in: try account.zone())
            let days = "stream=campaign_insights&from=\(today.adding(days: -3))&to=\(today)"
            let path = "/accounts/\(account.id)/price?\(days)"

            let line = try await lab.call(.get, path, as: owner, headers: [("Accept", "text/plain")])
            let object = try await lab.get(path, as: owner)
            let wrong = try await lab.get("/accounts/\(account.id)/price?from=2026-02-02&to=2026-02-01", as: owner)
            let started = try await lab.call(
                .post, "/accounts/\(account.id)/resync", as: owner,
                form: [("stream", "campaign_insights"), ("from", "\(today)"), ("to", "\(today)")])

            #expect(line.text.hasPrefix("Costs about ") && line.text.contains(", ready by "), "\(line.text)")
            let price = try #require(object.json["price"] as? [String: Any])
            #expect(price["known"] as? Bool == true && price["points"] as? Int ?? 0 > 0)
            #expect(wrong.status == 422)
            let job = try #require((started.json["jobs"] as? [Int])?.first)
            #expect(try await lab.store.request(with: JobID(Int64(job)))?.promised != nil)
        }
    }

    @Test("Coverage is a table, too, from which spans of days are read again; a week is shown day by day")
    func coverage() async throws {
        try await lab { lab, owner, account in
            let path = "/accounts/\(account.id)"
            let table = try await lab.get("\(path)?table=1", as: owner, html: true)
            let today = CivilDate(lab.clock.now, in: try account.zone())
            let monday = today.adding(days: -CoverageView.offset(today) - 7)
            let week = try await lab.get("\(path)?stream=campaign_insights&week=\(monday)", as: owner, html: true)
            let spans = table.text.matches(of: /name="span" value="([^"]+)"/).map { String($0.output.1) }
            let started = try await lab.call(
                .post, "\(path)/resync", as: owner,
                form: [("span", "campaign_insights:\(monday):\(monday)"), ("span", "ad_insights:\(monday):\(monday)")])
            let wrong = try await lab.call(.post, "\(path)/resync", as: owner, form: [("span", "campaign_insights")])

            #expect(!spans.isEmpty && table.text.contains("As a calendar"))
            #expect(week.text.matches(of: /name="span"/).count == 7)
            #expect((started.json["jobs"] as? [Int])?.count == 2)
            #expect(wrong.status == 422)
            // Of the eight stages one was asked for; the others do not wait for their turn.
            let rail = try await lab.get("\(path)/progress", as: owner, html: true).text
            #expect(rail.matches(of: /not asked for/).count == 7)
        }
    }

    @Test("An account is paused and goes on, with all that is open of it")
    func pausing() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let job = try await lab.run(of: account)
            let path = "/accounts/\(account.id)"

            let paused = try await lab.call(.post, "\(path)/pause", as: owner)
            let page = try await lab.get(path, as: owner, html: true)
            let state = try await lab.store.job(job)
            let resumed = try await lab.call(.post, "\(path)/resume", as: owner)
            let after = try await lab.store.job(job)

            #expect(paused.json["jobs"] as? [Int] == [Int(job.value)])
            #expect(state?.waitReason == .paused && page.text.contains("\(path)/resume"))
            #expect(resumed.status == 200 && after?.waitReason != .paused)
        }
    }

    @Test("When the recent days are there a page says so, with what came, what it took and what is proven")
    func done() async throws {
        try await lab { lab, owner, account in
            let page = try await lab.get("/accounts/\(account.id)/done", as: owner, html: true)
            _ = try await lab.call(.post, "/preferences", as: owner, form: [("language", "vi")])
            let vietnamese = try await lab.get("/accounts/\(account.id)/done", as: owner, html: true)

            #expect(page.status == 200)
            #expect(page.text.contains("Your recent data is ready") && page.text.contains("Certificate, "))
            #expect(page.text.contains("none failed") && page.text.contains("Meta says"))
            #expect(vietnamese.text.contains("Dữ liệu gần đây đã sẵn sàng"))
        }
    }

    @Test("Before the recent days are there the page of progress shows instead")
    func notDone() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            _ = try await lab.run(of: account)

            let page = try await lab.get("/accounts/\(account.id)/done", as: owner, html: true)

            #expect(page.status == 303 && page.headers[.location] == "/accounts/\(account.id)/progress")
        }
    }

    @Test("A page of progress that is open goes on to that page when it comes to that")
    func goes() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            _ = try await lab.run(of: account)
            let visitor = try await lab.visitor(owner)
            let page = try #require(LivePage("/accounts/\(account.id)/progress", lab.site))
            let words = Words(language: .english)
            let before = try await page.parts(visitor, words)
            try await lab.work()
            // What was drawn is good for a moment, and so is what is known of an account.
            lab.clock.advance(by: .seconds(120))
            try await ContinuousClock().sleep(for: .milliseconds(300))
            let after = try await page.parts(visitor, words)
            let other = try #require(LivePage("/accounts/\(account.id)/certificates", lab.site))

            #expect(before.next == nil && after.next == "/accounts/\(account.id)/done")
            #expect(before.filled.isEmpty && after.filled == [account.id: account.name])
            #expect(
                try await other.parts(visitor, words).regions["certificates"]?.contains("equal Meta’s totals") == true)
        }
    }

    @Test("The keys have a page, and the icon stands where the manifest says")
    func keys() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()

            let keys = try await lab.get("/keys", as: owner, html: true)
            let icon = try await lab.get("/favicon.svg")

            #expect(keys.status == 200 && keys.text.contains("Keyboard"))
            #expect(icon.status == 200 && icon.headers[.contentType] == "image/svg+xml")
        }
    }
}

extension SiteLab {
    /// Who that browser belongs to.
    func visitor(_ visit: Visit, _ role: Role = .owner) async throws -> Visitor {
        let member = try #require(try await store.members(of: .first).first { $0.role == role })
        let workspace = try #require(try await store.workspaces(of: member.user.id).first?.workspace)
        return Visitor(user: member.user, role: member.role, workspace: workspace, means: .session(visit.cookie ?? ""))
    }
}
