import Foundation
import HTTPTypes
import SyncCore
import SyncEngine
import Testing

@testable import SyncWeb

@Suite("Schedules over HTTP")
struct ScheduleRoutesTests {
    static let home = "/sync/schedules"

    /// A schedule of the account, every half hour; its number.
    static func make(
        _ lab: SiteLab, _ visit: SiteLab.Visit, _ account: Account, name: String = "Bù số", more: String = ""
    ) async throws -> Int {
        let reply = try await lab.call(
            .post, home, as: visit,
            json: """
                {"name": "\(name)", "accounts": [\(account.id)], "interval": "30m", "date_range": "today"\(more)}
                """)
        #expect(reply.status == 201, "\(reply.text)")
        return try #require((reply.json["schedule"] as? [String: Any])?["id"] as? Int)
    }

    static func schedule(_ reply: SiteLab.Reply) -> [String: Any] {
        reply.json["schedule"] as? [String: Any] ?? [:]
    }

    static func fields(_ reply: SiteLab.Reply) -> [String: String] {
        (reply.json["error"] as? [String: Any])?["fields"] as? [String: String] ?? [:]
    }

    // MARK: As a program

    @Test("What a program sends empty is said to be empty, null takes a limit away, and long names are kept whole")
    func empties() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let id = try await Self.make(lab, owner, account, more: ", \"max_runs_per_day\": 2")
            let path = "\(Self.home)/\(id)"
            func put(_ json: String) async throws -> SiteLab.Reply {
                try await lab.call(.put, path, as: owner, json: json)
            }
            for (sent, field) in [
                (#"{"name": ""}"#, "name"), (#"{"networks": []}"#, "networks"), (#"{"times": []}"#, "times"),
                (#"{"times": ["06:00"], "weekdays": []}"#, "weekdays"),
                (#"{"sync_type": "nonsense"}"#, "sync_type"),
                (#"{"max_runs_per_day": 1.5}"#, "max_runs_per_day"),
            ] {
                let refused = try await put(sent)
                #expect(refused.status == 422, "\(sent)")
                #expect(Self.fields(refused)[field] != nil, "\(sent): \(refused.text)")
            }

            let name = String(repeating: "🧋", count: 500)
            let changed = try await put("{\"name\": \"\(name)\", \"networks\": null, \"max_runs_per_day\": null}")

            #expect(changed.status == 200, "\(changed.text)")
            #expect(Self.schedule(changed)["name"] as? String == name)
            #expect(Self.schedule(changed)["max_runs_per_day"] as? Int == nil)
            #expect(Self.schedule(changed)["accounts"] as? [Int64] == [account.id.value])

            #expect(try await lab.call(.delete, "/connections/\(account.connection)", as: owner).status == 200)
            let gone = try await put("{\"connections\": [\(account.connection)]}")
            #expect(gone.status == 422 && Self.fields(gone)["connections"] != nil, "\(gone.text)")
        }
    }

    @Test("A program makes one in the words of the replaced system and finds it again")
    func creates() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let made = try await lab.call(
                .post, ScheduleRoutesTests.home, as: owner,
                json: """
                    {"name": "Sáng", "networks": ["meta"], "sync_type": "campaigns", "interval": 120,
                     "date_range": "last_7_days", "max_runs_per_day": 4, "missed_policy": "skip",
                     "time_zone": "Asia/Ho_Chi_Minh"}
                    """)
            let list = try await lab.get(ScheduleRoutesTests.home, as: owner)

            let body = ScheduleRoutesTests.schedule(made)
            #expect(made.status == 201)
            #expect(body["networks"] as? [String] == ["meta"])
            #expect(body["accounts"] as? [Int64] == [account.id.value])
            #expect(body["targets"] as? [String] == ["platform:meta"])
            #expect(body["sync_type"] as? String == "campaigns")
            #expect(body["interval"] as? String == "2h")
            #expect(body["date_range"] as? String == "last_7_days")
            #expect(body["max_runs_per_day"] as? Int == 4)
            #expect(body["runs_today"] as? Int == 0)
            #expect(body["missed_policy"] as? String == "skip")
            #expect(body["is_active"] as? Bool == true)
            #expect((body["next_runs"] as? [String])?.count == 5)
            #expect((list.json["schedules"] as? [[String: Any]])?.map { $0["name"] as? String } == ["Sáng"])
            let record = try await lab.store.audit(of: .first, before: nil, limit: 5).map(\.action)
            #expect(record.contains("Made a schedule"))
        }
    }

    @Test("Times and weekdays, an expression, and two days are taken, and each changes only what it names")
    func edits() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let id = try await ScheduleRoutesTests.make(lab, owner, try await lab.meta())
            let path = "\(ScheduleRoutesTests.home)/\(id)"
            let times = try await lab.call(
                .put, path, as: owner, json: #"{"times": ["06:00", "11:30"], "weekdays": ["mon", "sat"]}"#)
            let cron = try await lab.call(.put, path, as: owner, json: #"{"cron": "0 6 1 * *"}"#)
            let days = try await lab.call(
                .put, path, as: owner, json: #"{"date_from": "2026-11-01", "date_to": "2026-11-07"}"#)

            #expect(ScheduleRoutesTests.schedule(times)["recurrence"] as? String == "at 06:00,11:30 on mon,sat")
            #expect(ScheduleRoutesTests.schedule(times)["weekdays"] as? [String] == ["mon", "sat"])
            #expect(ScheduleRoutesTests.schedule(cron)["cron"] as? String == "0 6 1 * *")
            #expect(ScheduleRoutesTests.schedule(days)["recurrence"] as? String == "cron 0 6 1 * *")
            #expect(ScheduleRoutesTests.schedule(days)["date_range"] as? String == "custom")
            #expect(ScheduleRoutesTests.schedule(days)["date_to"] as? String == "2026-11-07")
            #expect(ScheduleRoutesTests.schedule(days)["name"] as? String == "Bù số")
        }
    }

    @Test("What is wrong is told by field, in the caller's language, and nothing is stored")
    func refuses() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            _ = try await lab.meta()
            let body = #"""
                {"name": "", "accounts": [99], "cron": "*/15 * * *", "time_zone": "Mars/Base",
                 "date_from": "2026-11-21", "date_to": "2026-11-14", "max_runs_per_day": 0, "streams": ["nonsense"]}
                """#
            let english = try await lab.call(.post, ScheduleRoutesTests.home, as: owner, json: body)
            let vietnamese = try await lab.call(
                .post, ScheduleRoutesTests.home, as: owner, language: "vi", json: body)

            let fields = ScheduleRoutesTests.fields(english)
            #expect(english.status == 422)
            #expect(english.json["success"] as? Bool == false)
            #expect(
                Set(fields.keys)
                    == ["name", "accounts", "cron", "time_zone", "date_from", "max_runs_per_day"])
            #expect(fields["accounts"] == "Nothing is stored of account:99. Connect it first.")
            #expect(
                fields["date_from"]
                    == "The first day is after the last. Did you mean 2026-11-14 to 2026-11-21?")
            for (field, text) in ScheduleRoutesTests.fields(vietnamese) {
                #expect(text != fields[field], "no Vietnamese for: \(text)")
            }
            #expect(try await lab.store.schedules().filter { $0.definition.task == .sync }.isEmpty)
        }
    }

    @Test("A name that is taken, and a stream that no platform has, are told beside their fields")
    func taken() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            _ = try await ScheduleRoutesTests.make(lab, owner, account)
            let same = try await lab.call(
                .post, ScheduleRoutesTests.home, as: owner,
                json: #"{"name": "Bù số", "accounts": [\#(account.id)], "interval": "1h"}"#)
            let stream = try await lab.call(
                .post, ScheduleRoutesTests.home, as: owner,
                json: #"{"name": "b", "accounts": [\#(account.id)], "interval": "1h", "streams": ["coupons"]}"#)

            #expect(same.status == 422)
            #expect(ScheduleRoutesTests.fields(same)["name"]?.hasPrefix("There is a schedule") == true)
            #expect(ScheduleRoutesTests.fields(stream)["streams"] != nil)
        }
    }

    @Test("It is paused and turned on, run now, and deleted")
    func lives() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let id = try await ScheduleRoutesTests.make(lab, owner, try await lab.meta())
            let path = "\(ScheduleRoutesTests.home)/\(id)"
            let off = try await lab.call(.post, "\(path)/toggle", as: owner)
            let stillOff = try await lab.call(.post, "\(path)/toggle", as: owner, json: #"{"is_active": false}"#)
            let on = try await lab.call(.post, "\(path)/toggle", as: owner, json: #"{"is_active": true}"#)
            let run = try await lab.call(.post, "\(path)/run", as: owner)
            let again = try await lab.call(.post, "\(path)/run", as: owner)
            // Who clicks twice sees the list, on which it runs.
            let click = try await lab.call(.post, "\(path)/run", as: owner, html: true, form: [])
            let seen = try await lab.get(path, as: owner)
            let gone = try await lab.call(.delete, path, as: owner)
            let after = try await lab.get(path, as: owner)

            #expect(ScheduleRoutesTests.schedule(off)["is_active"] as? Bool == false)
            #expect(ScheduleRoutesTests.schedule(off)["next_run_at"] == nil)
            #expect(ScheduleRoutesTests.schedule(stillOff)["is_active"] as? Bool == false)
            #expect(ScheduleRoutesTests.schedule(on)["next_run_at"] != nil)
            #expect(run.status == 202)
            #expect((run.json["jobs"] as? [Int])?.count == 1)
            #expect(again.status == 409)
            #expect(click.status == 303)
            let last = ScheduleRoutesTests.schedule(seen)["last_run"] as? [String: Any]
            #expect(last?["is_manual"] as? Bool == true)
            #expect(last?["jobs"] as? [Int] == run.json["jobs"] as? [Int])
            #expect((seen.json["runs"] as? [Any])?.count == 1)
            #expect(gone.status == 200)
            #expect(after.status == 404)
        }
    }

    @Test("Whoever has seen an older state changes nothing")
    func versions() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let id = try await ScheduleRoutesTests.make(lab, owner, try await lab.meta())
            let path = "\(ScheduleRoutesTests.home)/\(id)"
            let first = try await lab.call(.put, path, as: owner, json: #"{"name": "a", "version": 1}"#)
            let second = try await lab.call(.put, path, as: owner, json: #"{"name": "b", "version": 1}"#)

            #expect(ScheduleRoutesTests.schedule(first)["version"] as? Int == 2)
            #expect(second.status == 409)
            #expect(try await lab.store.schedule(ScheduleID(Int64(id)))?.definition.name == "a")
        }
    }

    // MARK: Who may

    @Test("Strangers, viewers and other workspaces get nowhere")
    func rights() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let id = try await ScheduleRoutesTests.make(lab, owner, try await lab.meta())
            let viewer = try await lab.member(.viewer)
            let other = try await lab.otherWorkspace().owner
            let path = "\(ScheduleRoutesTests.home)/\(id)"
            let changes: [(HTTPRequest.Method, String)] = [
                (.post, ScheduleRoutesTests.home), (.put, path), (.delete, path), (.post, "\(path)/edit"),
                (.post, "\(path)/delete"), (.post, "\(path)/toggle"), (.post, "\(path)/run"),
            ]
            for (method, path) in changes {
                #expect(try await lab.call(method, path, json: "{}").status == 401, "\(method) \(path)")
                #expect(try await lab.call(method, path, as: viewer, json: "{}").status == 403, "\(method) \(path)")
            }
            for (method, path) in changes.dropFirst() + [
                (.get, path), (.get, "\(path)/edit"), (.get, "\(path)/delete"),
            ] {
                #expect(try await lab.call(method, path, as: other, json: "{}").status == 404, "\(method) \(path)")
            }
            let theirs = try await lab.get(ScheduleRoutesTests.home, as: other)
            #expect((theirs.json["schedules"] as? [Any])?.isEmpty == true)
            #expect(try await lab.get(ScheduleRoutesTests.home, as: viewer).status == 200)
            #expect(try await lab.store.schedule(ScheduleID(Int64(id))) != nil)
            // An account of another workspace is none that can be meant.
            let foreign = try await lab.call(
                .post, ScheduleRoutesTests.home, as: other,
                json: #"{"name": "x", "networks": ["meta"], "interval": "1h"}"#)
            #expect(foreign.status == 422)
        }
    }

    @Test("Whoever calls too often is told when to come back")
    func limits() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let id = try await ScheduleRoutesTests.make(lab, owner, try await lab.meta())
            func calls(_ method: HTTPRequest.Method, _ path: String, _ most: Int) async throws -> SiteLab.Reply {
                for _ in 0..<most {
                    let reply = try await lab.call(method, path, as: owner)
                    if reply.status != 200 { return reply }
                }
                return try await lab.call(method, path, as: owner)
            }
            let changed = try await calls(.post, "\(ScheduleRoutesTests.home)/\(id)/toggle", 70)
            let stillLooks = try await lab.get(ScheduleRoutesTests.home, as: owner)
            let user = try #require(try await lab.store.user(email: "linh@an.vn")?.id)
            while (try? lab.site.looks.take(for: "\(user)")) != nil {}
            let looked = try await lab.get(ScheduleRoutesTests.home, as: owner)

            #expect(stillLooks.status == 200)
            for reply in [changed, looked] {
                #expect(reply.status == 429)
                #expect(Int(reply.headers[.retryAfter] ?? "") ?? 0 >= 1)
            }
        }
    }

    // MARK: As a page

    @Test("The list shows name, accounts, times, the day and the runs, escaped, in both languages")
    func list() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let empty = try await lab.get(ScheduleRoutesTests.home, as: owner, html: true)
            let id = try await ScheduleRoutesTests.make(
                lab, owner, account, name: "<i>Sáng</i>", more: #", "max_runs_per_day": 48"#)
            _ = try await lab.call(.post, "\(ScheduleRoutesTests.home)/\(id)/run", as: owner)
            try await lab.work()
            try await lab.store.settleRuns()
            let page = try await lab.get(ScheduleRoutesTests.home, as: owner, html: true)
            let vietnamese = try await lab.inVietnamese(.get, ScheduleRoutesTests.home, as: owner)

            #expect(empty.text.contains("No schedules yet"))
            #expect(page.status == 200)
            #expect(page.text.contains("&lt;i&gt;Sáng&lt;/i&gt;"))
            #expect(!page.text.contains("<i>Sáng"))
            #expect(page.text.contains("1 schedule, next run at 19:30"))
            #expect(page.text.contains("1 run today."))
            #expect(page.text.contains("Every 30 minutes"))
            #expect(page.text.contains("at most 48 a day, 0 so far"))
            #expect(page.text.contains("1 account · all streams · today"))
            #expect(page.text.contains("in 30 min"))
            #expect(page.text.contains("1 done, 9 to come"))
            #expect(page.text.contains("Times are Asia/Ho_Chi_Minh (UTC+7)."))
            #expect(vietnamese.text.contains("1 lịch chạy, lượt tới lúc 19:30"))
            #expect(vietnamese.text.contains("Mỗi 30 phút"))
        }
    }

    @Test("Tabs and the search leave others out, and say so")
    func filters() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            _ = try await ScheduleRoutesTests.make(lab, owner, account, name: "Sáng")
            let id = try await ScheduleRoutesTests.make(lab, owner, account, name: "Tối")
            _ = try await lab.call(.post, "\(ScheduleRoutesTests.home)/\(id)/toggle", as: owner)
            func page(_ query: String) async throws -> String {
                try await lab.get("\(ScheduleRoutesTests.home)?\(query)", as: owner, html: true).text
            }

            let (on, paused) = (try await page("show=on"), try await page("show=paused"))
            #expect(on.contains("title=\"Sáng\"") && !on.contains("title=\"Tối\""))
            #expect(!paused.contains("title=\"Sáng\"") && paused.contains("title=\"Tối\""))
            #expect(try await page("text=s%C3%A1").contains("title=\"Sáng\""))
            #expect(try await page("text=tiktok").contains("No schedule matches these filters."))
        }
    }

    @Test("A viewer sees the list without buttons")
    func readOnly() async throws {
        try await SiteLab.with { lab in
            let id = try await ScheduleRoutesTests.make(lab, try await lab.owner(), try await lab.meta())
            let page = try await lab.get(ScheduleRoutesTests.home, as: try await lab.member(.viewer), html: true)

            #expect(page.text.contains("Bù số"))
            #expect(!page.text.contains("/sync/schedules/\(id)/run"))
            #expect(!page.text.contains("/sync/schedules/create"))
        }
    }

    private static func form(_ account: Account, _ changes: [String: String] = [:]) -> [(String, String)] {
        var values = [
            "name": "Bù số buổi sáng", "target": "account:\(account.id)", "scope": "all", "recurrence": "at",
            "interval": "1h", "time": "06:00", "weekday": "mon,tue,wed,thu,fri,sat", "zone": "Asia/Ho_Chi_Minh",
            "days": "custom", "from": "2026-11-14", "to": "2026-11-21", "missed": "once", "most": "4", "active": "1",
        ]
        values.merge(changes) { $1 }
        return values.map { ($0.key, $0.value) } + [("time", "11:30")]
    }

    @Test("The form is saved and leads back to the list; a box that is not ticked means no")
    func formIsSaved() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let blank = try await lab.get("\(ScheduleRoutesTests.home)/create", as: owner, html: true)
            var fields = ScheduleRoutesTests.form(account)
            fields.removeAll { $0.0 == "active" }
            let saved = try await lab.call(.post, ScheduleRoutesTests.home, as: owner, html: true, form: fields)

            let byProgram = try await lab.call(
                .post, ScheduleRoutesTests.home, as: owner, form: ScheduleRoutesTests.form(account, ["name": "Hai"]))

            #expect(byProgram.status == 201, "\(byProgram.text)")
            #expect(blank.text.contains("New schedule"))
            #expect(blank.text.contains("All Meta accounts, new ones too"))
            #expect(saved.status == 303)
            #expect(saved.headers[.location] == ScheduleRoutesTests.home)
            let stored = try #require(try await lab.store.schedules().first { $0.definition.name == "Bù số buổi sáng" })
            #expect(stored.definition.recurrence.description == "at 06:00,11:30 on mon,tue,wed,thu,fri,sat")
            #expect(!stored.definition.isActive)
            #expect(stored.definition.mostRunsPerDay == 4)
        }
    }

    @Test("A form with mistakes comes back with what was typed, and offers to swap two days")
    func formComesBack() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let swapped = ["from": "2026-11-21", "to": "2026-11-14", "name": "<b>Tên"]
            let page = try await lab.call(
                .post, ScheduleRoutesTests.home, as: owner, html: true,
                form: ScheduleRoutesTests.form(account, swapped))
            let mended = try await lab.call(
                .post, ScheduleRoutesTests.home, as: owner, html: true,
                form: ScheduleRoutesTests.form(account, swapped) + [("step", "swap")])
            let vietnamese = try await lab.inVietnamese(
                .post, ScheduleRoutesTests.home, as: owner, form: ScheduleRoutesTests.form(account, swapped))

            #expect(page.status == 422)
            #expect(page.text.contains("Did you mean 14 Nov to 21 Nov?"))
            #expect(page.text.contains("value=\"swap\""))
            #expect(page.text.contains("1 field to fix"))
            #expect(page.text.contains("value=\"&lt;b&gt;Tên\""))
            #expect(page.text.contains("value=\"11:30\""))
            #expect(page.text.contains("value=\"2026-11-21\""))
            #expect(mended.status == 200)
            #expect(!mended.text.contains("Did you mean"))
            #expect(mended.text.contains("name=\"from\" value=\"2026-11-14\""))
            #expect(vietnamese.text.contains("Ý bạn là 14/11 đến 21/11?"))
            #expect(try await lab.store.schedules().filter { $0.definition.task == .sync }.isEmpty)
        }
    }

    @Test("The preview says in words what a form comes to, and when it runs next")
    func preview() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let fields = ScheduleRoutesTests.form(account)
            let part = try await lab.call(
                .post, "\(ScheduleRoutesTests.home)/preview", as: owner, form: fields,
                headers: [("Sluice-Region", "schedule-editor-preview")])
            let broken = try await lab.call(
                .post, "\(ScheduleRoutesTests.home)/preview", as: owner,
                form: ScheduleRoutesTests.form(account, ["recurrence": "cron", "cron": "* *"]),
                headers: [("Sluice-Region", "schedule-editor-preview")])
            let told = try await lab.call(
                .post, "\(ScheduleRoutesTests.home)/preview", as: owner,
                json: #"{"name": "a", "accounts": [\#(account.id)], "interval": "2h"}"#)

            // No run fits into a limit of none; it is told, and nothing is looked for without end.
            for most in [0, -1] {
                let none = try await lab.call(
                    .post, "\(ScheduleRoutesTests.home)/preview", as: owner,
                    json: "{\"interval\": \"1h\", \"time_zone\": \"Etc/UTC\", \"max_runs_per_day\": \(most)}")
                #expect(none.json["is_valid"] as? Bool == false)
            }
            #expect(part.headers[.contentType]?.hasPrefix("text/html") == true)
            #expect(!part.text.contains("<html"))
            #expect(
                part.text.contains(
                    "Every day from Monday to Saturday at 06:00 and 11:30, read all streams of 1 account"))
            #expect(part.text.components(separatedBy: "<time>").count == 6)
            #expect(part.text.contains("This zone has no daylight saving. 06:00 here is 23:00 UTC the day before."))
            #expect(part.text.contains(/\d+ to \d+ points/))
            #expect(broken.text.contains("These times cannot be read yet."))
            #expect(told.json["is_valid"] as? Bool == true)
            #expect((told.json["next_runs"] as? [String])?.count == 5)
            #expect((told.json["price"] as? [String: Any])?["known"] as? Bool == false)
        }
    }

    @Test("An editor shows what is stored, saves it, and deletes behind a question")
    func editor() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let id = try await ScheduleRoutesTests.make(lab, owner, account, name: "Tối <&>")
            let path = "\(ScheduleRoutesTests.home)/\(id)"
            let shown = try await lab.get("\(path)/edit", as: owner, html: true)
            let saved = try await lab.call(
                .post, "\(path)/edit", as: owner, html: true,
                form: ScheduleRoutesTests.form(account, ["version": "1"]))
            let late = try await lab.call(
                .post, "\(path)/edit", as: owner, html: true,
                form: ScheduleRoutesTests.form(account, ["version": "1"]))
            let question = try await lab.get("\(path)/delete", as: owner, html: true)
            let deleted = try await lab.call(.post, "\(path)/delete", as: owner, html: true, form: [])

            #expect(shown.text.contains("Tối &lt;&amp;&gt;"))
            #expect(shown.text.contains("value=\"30m\" selected"))
            #expect(shown.text.contains("action=\"\(path)/edit\""))
            #expect(saved.status == 303)
            // What was typed stays, and the next click keeps it.
            #expect(late.status == 422)
            #expect(late.text.contains("Somebody else has changed this schedule meanwhile"))
            #expect(late.text.contains("name=\"version\" value=\"2\"") && late.text.contains("Bù số buổi sáng"))
            #expect(question.text.contains("Delete “Bù số buổi sáng”?"))
            #expect(deleted.status == 303)
            #expect(try await lab.store.schedule(ScheduleID(Int64(id))) == nil)
        }
    }
}

extension SiteLab {
    /// The page as somebody sees it who has chosen Vietnamese.
    func inVietnamese(
        _ method: HTTPRequest.Method, _ path: String, as visit: Visit, form: [(String, String)]? = nil
    ) async throws -> Reply {
        _ = try await call(.post, "/preferences", as: visit, form: [("language", "vi")])
        let reply = try await call(method, path, as: visit, html: true, form: form)
        _ = try await call(.post, "/preferences", as: visit, form: [("language", "en")])
        return reply
    }
}
