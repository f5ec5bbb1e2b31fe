import Foundation
import HTTPTypes
import SyncCore
import SyncEngine
import Testing

@testable import SyncWeb

@Suite("Syncs that are asked for now")
struct QuickRoutesTests {
    private static func price(_ reply: SiteLab.Reply) -> [String: Any] { reply.json["price"] as? [String: Any] ?? [:] }

    private static func fields(_ reply: SiteLab.Reply) -> [String: String] {
        (reply.json["error"] as? [String: Any])?["fields"] as? [String: String] ?? [:]
    }

    @Test("A manual sync starts what was named and answers with its id and jobs")
    func manual() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let english = try await lab.call(
                .post, "/sync/manual", as: owner,
                json: #"{"networks": ["meta"], "sync_type": "campaigns", "date_range": "yesterday"}"#)
            let vietnamese = try await lab.call(
                .post, "/sync/manual", as: owner, language: "vi",
                form: [("accounts", account.externalID), ("from", "2026-11-01"), ("to", "2026-11-03")])

            #expect(english.status == 202)
            #expect(english.json["status"] as? String == "queued")
            let id = try #require(english.json["sync_id"] as? String)
            let jobs = try #require(english.json["jobs"] as? [Int64])
            let request = try #require(try await lab.store.request(id, of: .first))
            #expect(request.kind == .manual)
            #expect(request.jobs.map(\.value) == jobs)
            let job = try #require(try await lab.store.job(JobID(jobs[0])))
            #expect(job.definition.kind == .manual)
            #expect(job.definition.streams == [StreamID("campaigns")])
            #expect(job.definition.requested?.count == 1)
            #expect(vietnamese.json["message"] as? String == "Đã bắt đầu đồng bộ trong background")
        }
    }

    @Test("The page offers days that no button has, streams, and all accounts of a platform; what was typed stays")
    func choices() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let days = [("days", "custom"), ("from", "2026-11-03"), ("to", "2026-11-05")]
            let part = [("scope", "chosen"), ("stream", "campaigns"), ("stream", "ads")]
            func ask(_ form: [(String, String)]) async throws -> SiteLab.Reply {
                try await lab.call(
                    .post, "/sync/quick", as: owner, html: true, form: [("account", "\(account.id)")] + form)
            }
            let started = try await ask(days + part)
            let everything = try await ask([("days", "today"), ("scope", "all"), ("stream", "ads")])
            let nothing = try await ask([("days", "today"), ("scope", "chosen")])
            let swapped = try await ask([("days", "custom"), ("from", "2026-11-05"), ("to", "2026-11-03")] + part)
            let platform = try await lab.get(
                "/sync/quick?network=meta&days=custom&from=2026-11-03", as: owner, html: true)
            let other = try await lab.get("/sync/quick?network=shopee", as: owner, html: true)

            let requests = try await lab.store.requests(of: .first, kind: .quick, limit: 5)
            #expect(requests.count == 2)
            #expect(started.status == 303)
            let chosen = try #require(try await lab.store.job(requests[1].jobs[0]))
            #expect(Set(chosen.definition.streams.map(\.rawValue)) == ["campaigns", "ads"])
            #expect(chosen.definition.requested == DayRange(CivilDate("2026-11-03")!, CivilDate("2026-11-05")!))
            #expect(everything.status == 303)
            let all = try #require(try await lab.store.job(requests[0].jobs[0]))
            #expect(all.definition.streams.count > 2)
            #expect(nothing.status == 422)
            #expect(nothing.text.contains("Pick at least one stream."))
            #expect(swapped.text.contains("Did you mean 2026-11-03 to 2026-11-05?"))
            #expect(swapped.text.contains(#"value="ads" checked"#))
            #expect(swapped.text.contains(#"name="from" value="2026-11-05""#))
            #expect(swapped.text.contains("<details class=\"fold\" open>"))
            #expect(platform.text.contains("1 of 1 chosen"))
            #expect(platform.text.contains(#"value="custom" checked"#))
            #expect(platform.text.contains(#"name="from" value="2026-11-03""#))
            #expect(other.text.contains("0 of 1 chosen"))
        }
    }

    @Test("What the script of a page asks for is in the page's language, whatever the browser was installed with")
    func language() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            _ = try await lab.call(.post, "/preferences", as: owner, form: [("language", "vi")])
            func plan(_ headers: [(String, String)]) async throws -> String {
                try await lab.call(
                    .post, "/sync/quick/plan", as: owner, language: "en-GB,en",
                    form: [("account", "\(account.id)"), ("days", "yesterday")],
                    headers: [("Accept", "*/*"), ("Sluice-Region", "plan")] + headers
                ).text
            }

            #expect(try await plan([("Sec-Fetch-Site", "same-origin")]).contains("Đồng bộ 1 tài khoản"))
            // Without TLS a browser does not say so, but the script asks for its part.
            #expect(try await plan([]).contains("Đồng bộ 1 tài khoản"))
            // An object is for a program, wherever it comes from.
            let program = try await lab.call(
                .post, "/facebook/sync/stop", as: owner, language: "en", headers: [("Sec-Fetch-Site", "same-origin")])
            #expect(program.json["message"] as? String == "Nothing is running")
        }
    }

    @Test("What is wrong with it is told by field", arguments: ["/sync/manual", "/sync/quick"])
    func refuses(_ path: String) async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let nothing = try await lab.call(.post, path, as: owner, json: #"{"networks": ["all"]}"#)
            let account = try await lab.meta()
            func ask(_ body: String) async throws -> [String: String] {
                let reply = try await lab.call(.post, path, as: owner, json: body)
                #expect(reply.status == 422, "\(body)")
                return QuickRoutesTests.fields(reply)
            }

            #expect(nothing.status == 409)
            #expect(try await ask("{}")["accounts"] == "Pick at least one account.")
            #expect(try await ask(#"{"accounts": [99]}"#)["accounts"] == "There is no account 99.")
            #expect(try await ask(#"{"networks": ["mars"]}"#)["networks"] != nil)
            #expect(try await ask(#"{"connections": [99]}"#)["connections"] == "Pick at least one account.")
            let one = #""accounts": [\#(account.id)]"#
            #expect(try await ask("{\(one), \"streams\": [\"coupons\"]}")["streams"]?.contains("campaigns") == true)
            #expect(try await ask("{\(one), \"range\": \"someday\"}")["range"] != nil)
            #expect(try await ask("{\(one), \"from\": \"2026-11-03\", \"to\": \"2026-11-01\"}")["from"] != nil)
            #expect(try await ask("{\(one), \"from\": \"2026-11-03\"}")["date_to"] != nil)
            #expect(try await lab.store.requests(of: .first, kind: nil, limit: 5).isEmpty)
        }
    }

    @Test("The price is not known before the first, told afterwards, kept with the request, and met")
    func promises() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let path = "/sync/price?accounts=\(account.id)&range=today&kind=quick"
            let before = try await lab.get(path, as: owner)
            let told = try await lab.inVietnamese(.get, "/sync/quick?account=\(account.id)&days=today", as: owner)
            let first = try await lab.call(
                .post, "/sync/quick", as: owner, json: #"{"accounts": [\#(account.id)], "days": "today"}"#)
            try await lab.work()
            let after = try await lab.get(path, as: owner)
            let second = try await lab.call(
                .post, "/sync/quick", as: owner, json: #"{"accounts": [\#(account.id)], "days": "today"}"#)
            try await lab.work()
            let listed = try await lab.get("/sync/quick", as: owner)

            #expect(QuickRoutesTests.price(before)["known"] as? Bool == false)
            // From so many to so many, by the plan.
            let least = try #require(QuickRoutesTests.price(before)["points_low"] as? Int)
            let most = try #require(QuickRoutesTests.price(before)["points_high"] as? Int)
            #expect(least < most)
            #expect(QuickRoutesTests.price(before)["ready_at"] == nil)
            #expect(told.text.contains(/Tốn khoảng \d+ đến \d+ điểm\./))
            #expect(QuickRoutesTests.price(first)["known"] as? Bool == false)
            #expect(QuickRoutesTests.price(after)["known"] as? Bool == true)
            #expect(QuickRoutesTests.price(after)["calls"] == nil)
            let points = try #require(QuickRoutesTests.price(after)["points"] as? Int)
            #expect(points > 0)
            #expect(QuickRoutesTests.price(second)["ready_at"] != nil)
            let syncs = try #require(listed.json["syncs"] as? [[String: Any]])
            #expect(syncs.count == 2)
            #expect(syncs[0]["status"] as? String == "completed")
            let promised = try #require(syncs[0]["promised"] as? [String: Any])
            #expect(promised["points"] as? Int == points)
            #expect(syncs[1]["promised"] == nil)
            let taken = try #require(syncs[0]["requests"] as? Int)
            let begun = try #require(syncs[1]["requests"] as? Int)
            #expect((least...most).contains(begun), "told \(least) to \(most), took \(begun)")
            #expect(abs(taken - points) <= max(2, points / 3), "told \(points), took \(taken)")
        }
    }

    @Test("A quick sync is a job of its own kind, shown while it runs and afterwards, and can be run again and stopped")
    func quick() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let page = try await lab.get("/sync/quick", as: owner, html: true)
            let started = try await lab.call(
                .post, "/sync/quick", as: owner, html: true,
                form: [("account", "\(account.id)"), ("days", "yesterday")])
            let place = try #require(started.headers[.location])
            let running = try await lab.get(place, as: owner, html: true)
            // The days stay chosen for the next one.
            #expect(place.hasSuffix("&days=yesterday"), "\(place)")
            let id = String(place.split { "=&".contains($0) }[1])
            let stopped = try await lab.call(.post, "/sync/quick/\(id)/cancel", as: owner)
            let again = try await lab.call(.post, "/sync/quick/\(id)/again", as: owner)
            try await lab.work()
            let next = try #require(again.json["sync_id"] as? String)
            let done = try await lab.get("/sync/quick?sync=\(next)", as: owner, html: true)
            let vietnamese = try await lab.inVietnamese(.get, "/sync/quick?sync=\(next)", as: owner)

            #expect(page.text.contains("No quick sync yet."))
            #expect(page.text.contains("Mộc Nhiên &lt;b&gt;&amp;"))
            #expect(page.text.contains("0 of 1 chosen"))
            #expect(started.status == 303)
            #expect(running.text.contains("Queued"))
            #expect(running.text.contains("yesterday, "))
            #expect(running.text.contains("/sync/quick/\(id)/cancel"))
            #expect(stopped.json["stopped"] as? Int == 1)
            #expect(again.status == 202)
            let request = try #require(try await lab.store.request(next, of: .first))
            #expect(request.range == "yesterday")
            let job = try #require(try await lab.store.job(request.jobs[0]))
            #expect(job.definition.kind == .quick)
            #expect(job.definition.workClass == .interactive)
            #expect(done.text.contains("<h2>Done</h2>"))
            #expect(done.text.contains("stopped; 0 rows kept"))
            #expect(done.text.contains("Run again"))
            #expect(done.text.contains("1 of 1 chosen"))
            #expect(done.text.contains("Costs about "))
            #expect(vietnamese.text.contains("Tốn khoảng "))
            #expect(vietnamese.text.contains("<h2>Đã xong</h2>"))
        }
    }

    @Test("Without an account the page says so beside the list and keeps the days")
    func formComesBack() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            _ = try await lab.meta()
            let page = try await lab.call(
                .post, "/sync/quick", as: owner, html: true, form: [("days", "previous_month")])

            #expect(page.status == 422)
            #expect(page.text.contains("Pick at least one account."))
            #expect(page.text.contains("value=\"previous_month\" checked"))
        }
    }

    @Test("The script gets the plan as a part of the page")
    func plan() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            func plan(_ fields: [(String, String)]) async throws -> SiteLab.Reply {
                try await lab.call(
                    .post, "/sync/quick/plan", as: owner, form: fields, headers: [("Sluice-Region", "quick-plan")])
            }
            let none = try await plan([("days", "today")])
            let one = try await plan([("days", "today"), ("account", "\(account.id)")])

            #expect(none.text.contains("Sync now"))
            #expect(none.text.contains("aria-disabled"))
            #expect(one.text.contains("Sync 1 account"))
            #expect(one.text.contains(/Costs about \d+ to \d+ points\./))
            #expect(!one.text.contains("<html"))
        }
    }

    @Test("A signed-out account cannot be chosen")
    func parked() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let connection = try #require(try await lab.store.connection(account.connection))
            _ = try await lab.store.park(
                connection.id, version: connection.version, cause: Failure.Cause(code: "190", "No."))
            let page = try await lab.get("/sync/quick?accounts=all", as: owner, html: true)
            let asked = try await lab.call(
                .post, "/sync/quick", as: owner, json: #"{"accounts": [\#(account.id)], "days": "today"}"#)

            #expect(page.text.contains("signed out"))
            #expect(page.text.contains("disabled"))
            #expect(page.text.contains("0 of 1 chosen"))
            // Beside the accounts, and not beside the days.
            let sent = try await lab.call(
                .post, "/sync/quick", as: owner, html: true, form: [("account", "\(account.id)"), ("days", "today")])
            let fold = try #require(sent.text.firstRange(of: "class=\"fold\""))
            let days = sent.text[fold.upperBound...]
            let end = try #require(days.firstRange(of: "</details>"))
            #expect(!days[..<end.lowerBound].contains("Connect it again first."))
            #expect(sent.text.contains("Connect it again first."))
            #expect(QuickRoutesTests.fields(asked)["accounts"]?.contains("is signed out") == true)
        }
    }

    @Test("Strangers, viewers and other workspaces get nowhere; whoever calls too often waits")
    func rights() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let started = try await lab.call(
                .post, "/sync/quick", as: owner, json: #"{"accounts": [\#(account.id)]}"#)
            let id = try #require(started.json["sync_id"] as? String)
            let viewer = try await lab.member(.viewer)
            let other = try await lab.otherWorkspace().owner
            let body = #"{"accounts": [\#(account.id)], "days": "today"}"#
            for path in ["/sync/manual", "/sync/quick", "/sync/quick/\(id)/again", "/sync/quick/\(id)/cancel"] {
                #expect(try await lab.call(.post, path, json: body).status == 401, "\(path)")
                #expect(try await lab.call(.post, path, as: viewer, json: body).status == 403, "\(path)")
            }
            #expect(try await lab.get("/sync/quick/\(id)", as: viewer).status == 200)
            #expect(try await lab.get("/sync/quick/\(id)", as: other).status == 404)
            #expect(try await lab.call(.post, "/sync/quick/\(id)/again", as: other).status == 404)
            #expect(try await lab.call(.post, "/sync/quick/\(id)/cancel", as: other).status == 404)
            #expect(try await lab.get("/sync/price?accounts=\(account.id)", as: other).status != 200)
            #expect(try await lab.call(.post, "/sync/manual", as: other, json: body).status != 202)
            var last: SiteLab.Reply?
            for _ in 0..<70 where last?.status != 429 {
                last = try await lab.call(.post, "/sync/manual", as: owner, json: "{}")
            }
            #expect(last?.status == 429)
            #expect(last?.headers[.retryAfter] != nil)
        }
    }

    @Test("The price of a schedule is that of its accounts, streams and days")
    func ofSchedule() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            _ = try await lab.call(
                .post, "/sync/quick", as: owner, json: #"{"accounts": [\#(account.id)], "days": "today"}"#)
            try await lab.work()
            let made = try await lab.call(
                .post, "/sync/schedules", as: owner,
                json: #"{"name": "a", "accounts": [\#(account.id)], "interval": "1h", "date_range": "today"}"#)
            let id = try #require((made.json["schedule"] as? [String: Any])?["id"] as? Int)
            let priced = try await lab.get("/sync/price?schedule=\(id)", as: owner)
            let editor = try await lab.get("/sync/schedules/\(id)/edit", as: owner, html: true)

            let points = try #require(QuickRoutesTests.price(priced)["points"] as? Int)
            #expect(points > 0)
            #expect(editor.text.contains("<dd>\(points) points</dd>"))
            #expect(editor.text.contains("Nothing else is delayed."))
            #expect(try await lab.get("/sync/price?schedule=99", as: owner).status == 404)
        }
    }
}
