import Foundation
import HTTPTypes
import NIOCore
import SyncCore
import SyncTestKit
import Testing
import WebAssets
import Wording

@testable import SyncWeb

@Suite("Pages")
struct PageTests {
    @Test("Every template parses in both languages, and every text has its Vietnamese")
    func templates() throws {
        _ = try Templates()
        #expect(WebAssets.templates.count > 40)
    }

    @Test("No template has a script, a style or a handler of its own")
    func strict() {
        for (name, bytes) in WebAssets.templates where name.hasSuffix(".mustache") {
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(!text.contains("style=\""), "\(name)")
            #expect(!text.contains("<style"), "\(name)")
            #expect(text.matches(of: /<script(?![^>]* src=)/).isEmpty, "\(name)")
            #expect(text.matches(of: /\son[a-z]+="/).isEmpty, "\(name)")
        }
    }

    @Test("Numbers in an address of a live page are taken as far as they make sense")
    func liveNumbers() {
        let (most, least) = ("\(Int.max)", "\(Int.min)")
        #expect([most, least, "x", "", "12"].map { LiveRoutes.count($0) } == [0, 0, 0, 0, 12])
        #expect([most, least, "x", "-1", "0", "12"].map { LivePage.number($0) } == [10_000, 1, 1, 1, 1, 12])
        #expect(LiveRoutes.count(nil) == 0 && LivePage.number(nil) == 1)
    }

    @Test("The first paint of the dashboard weighs less than a hundred kilobytes")
    func weight() throws {
        let statics = Statics()
        let fixed =
            statics.css.bytes.readableBytes + statics.js.bytes.readableBytes + statics.icon.bytes.readableBytes
            + statics.symbols.utf8.count
        #expect(fixed < 45_000)
    }

    @Test("The dashboard shows what is there: an account by its name as text, its days, its money, in both languages")
    func dashboard() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let empty = try await lab.get("/", as: owner, html: true)
            #expect(empty.text.contains("Connect an account and watch its last 90 days arrive"))
            let account = try await lab.meta()
            let untouched = try await lab.get("/", as: owner, html: true)
            #expect(untouched.text.contains("Not synced yet"))
            let started = try await lab.call(.post, "/accounts/\(account.id)/sync", as: owner)
            #expect(started.status == 202)
            try await lab.work()

            let page = try await lab.get("/", as: owner, html: true)
            let vietnamese = try await lab.call(
                .get, "/", as: owner, html: true, headers: [("Accept-Language", "vi")])

            #expect(page.status == 200)
            #expect(page.text.contains("Mộc Nhiên &lt;b&gt;&amp;"))
            #expect(!page.text.contains("Mộc Nhiên <b>"))
            #expect(page.text.contains("1 of 1 account is complete and current."))
            #expect(page.text.contains("Complete and current"))
            #expect(page.text.contains("₫"))
            #expect(page.text.contains("path class=\"settled\""))
            #expect(page.text.contains("Last hour") && vietnamese.text.contains("Một giờ qua"))
            #expect(!page.text.contains(">0 calls"))
            lab.clock.advance(by: .seconds(3600))
            let later = try await lab.get("/", as: owner, html: true)
            #expect(later.text.contains(">0 calls"), "of the last hour, not of what ran before")
            _ = try await lab.call(.post, "/preferences", as: owner, form: [("language", "vi")])
            let chosen = try await lab.call(
                .get, "/", as: owner, html: true, headers: [("Accept-Language", "en")])
            #expect(chosen.text.contains("1 trên 1 tài khoản đủ và mới."))
            #expect(chosen.text.contains("lang=\"vi\""))
            // A choice counts more than what the browser asks for; before there is one the browser says.
            #expect(vietnamese.text.contains("tài khoản đủ và mới"))
        }
    }

    @Test("Who looks for a name comes to its account, to all that have it, or to runs")
    func finding() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            for (name, number) in [("Trà Sữa Mây", "21"), ("Trà Sen", "22"), ("Cà phê", "23")] {
                _ = try await lab.meta(name: name, number: number)
            }
            func place(_ text: String) async throws -> String? {
                try await lab.get("/find?text=\(text)", as: owner, html: true).headers[.location]
            }

            #expect(try await place("c%C3%A0") == "/accounts/3")
            #expect(try await place("act_21") == "/accounts/1")
            #expect(try await place("nothing") == "/sync/logs?text=nothing")
            let several = try #require(try await place("tr%C3%A0"))
            #expect(several.hasPrefix("/accounts?text="))
            let list = try await lab.get(several, as: owner, html: true).text
            #expect(list.contains("Trà Sen") && list.contains("Trà Sữa Mây") && !list.contains("<bdi>Cà phê</bdi>"))
            #expect(list.contains("Accounts with “trà”") && list.contains("href=\"/accounts\">Show all"))
            let object = try await lab.get(several, as: owner)
            #expect((object.json["accounts"] as? [Any])?.count == 2)
        }
    }

    @Test("The account's page and its progress show its days and figures, which programs get as numbers")
    func account() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            _ = try await lab.call(.post, "/accounts/\(account.id)/sync", as: owner)
            let queued = try await lab.get("/accounts/\(account.id)/progress", as: owner)
            #expect(queued.json["status"] as? String == "pending")
            let waiting = try await lab.get("/accounts/\(account.id)/progress", as: owner, html: true)
            #expect(waiting.text.contains("/pause\"><input type=\"hidden\" name=\"back\" value=\"/accounts/"))
            _ = try await lab.call(.post, "/sync/jobs/1/pause", as: owner)
            let paused = try await lab.get("/accounts/\(account.id)/progress", as: owner, html: true)
            #expect(paused.text.contains("Nothing runs until you let it go on."))
            #expect(!paused.text.contains("Pace is set by") && !paused.text.contains("nothing stops"))
            _ = try await lab.call(.post, "/sync/jobs/1/resume", as: owner)
            try await lab.work()

            let page = try await lab.get("/accounts/\(account.id)", as: owner, html: true)
            #expect(page.text.contains("data-cov"))
            #expect(page.text.contains("Spend"))
            let progress = try await lab.get("/accounts/\(account.id)/progress", as: owner, html: true)
            #expect(progress.text.contains("All days: complete") && progress.text.contains("Nothing has failed since"))
            let object = try await lab.get("/accounts/\(account.id)/progress", as: owner)
            #expect(object.json["percent"] as? Int == 100)
            let coverage = try await lab.get(
                "/accounts/\(account.id)/coverage?from=2026-10-01&to=2026-10-07", as: owner)
            let streams = try #require(coverage.json["streams"] as? [String: [[String: Any]]])
            #expect(streams["campaign_insights"]?.count == 7)
            let figures = try await lab.get("/accounts/\(account.id)/figures", as: owner)
            #expect((figures.json["days"] as? [[String: Any]])?.isEmpty == false)
            let quotas = try await lab.get("/accounts/\(account.id)/quotas", as: owner)
            #expect((quotas.json["quotas"] as? [[String: Any]])?.first?["state"] as? String == "open")
        }
    }

    @Test("Another workspace's account is nowhere: 404 on each of its addresses")
    func scoped() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let other = try await lab.otherWorkspace()
            let account = try await lab.meta(in: other.id)
            let path = "/accounts/\(account.id)"

            for suffix in ["", "/progress", "/coverage", "/figures", "/quotas"] {
                #expect(try await lab.get(path + suffix, as: owner).status == 404, "\(suffix)")
                #expect(try await lab.get(path + suffix, as: owner, html: true).status == 404, "\(suffix)")
            }
            for suffix in ["/sync", "/resync"] {
                #expect(try await lab.call(.post, path + suffix, as: owner, form: []).status == 404, "\(suffix)")
            }
            #expect(try await lab.get("/live?page=\(path)", as: owner).status == 404)
            let mine = try await lab.get("/accounts", as: owner)
            #expect((mine.json["accounts"] as? [[String: Any]])?.isEmpty == true)
            let theirs = try await lab.get("/accounts", as: other.owner)
            #expect((theirs.json["accounts"] as? [[String: Any]])?.count == 1)
            #expect(try await lab.call(.post, "/facebook/sync/ads", as: owner).status == 409)
        }
    }

    @Test("Who may only look starts nothing")
    func roles() async throws {
        try await SiteLab.with { lab in
            _ = try await lab.owner()
            let viewer = try await lab.member(.viewer)
            let account = try await lab.meta()

            for path in ["/accounts/\(account.id)/sync", "/facebook/sync/ads", "/facebook/sync/stop"] {
                #expect(try await lab.call(.post, path, as: viewer, form: []).status == 403, "\(path)")
            }
            let page = try await lab.get("/", as: viewer, html: true)
            #expect(page.text.contains("You can look, not change."))
            #expect(!page.text.contains("href=\"/connect\""))
        }
    }

    @Test("Days that are wrong, or that nobody can read, are told and start nothing")
    func resync() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let bad: [[(String, String)]] = [
                [], [("from", "2026-11-05"), ("to", "2026-11-01")], [("from", "yesterday"), ("to", "2026-11-01")],
                [("from", "2026-11-01"), ("to", "2099-01-01")],
                [("from", "2026-11-01"), ("to", "2026-11-02"), ("stream", "nothing")],
            ]

            for form in bad {
                let reply = try await lab.call(.post, "/accounts/\(account.id)/resync", as: owner, form: form)
                #expect(reply.status == 422, "\(form)")
            }
            #expect(try await lab.store.jobs(limit: 10).isEmpty)
            let good = try await lab.call(
                .post, "/accounts/\(account.id)/resync", as: owner,
                form: [("from", "2026-11-01"), ("to", "2026-11-02"), ("stream", "ad_insights")])
            #expect(good.status == 202)
            let job = try #require(try await lab.store.jobs(limit: 1).first)
            #expect(job.definition.requested?.count == 2)
            #expect(job.definition.streams == [StreamID("ad_insights")])
        }
    }
}
