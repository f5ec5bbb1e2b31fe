import Exports
import Foundation
import HTTPTypes
import SyncCore
import Testing
import Wording

@testable import SyncWeb

@Suite("The rows of an account", .timeLimit(.minutes(3)))
struct AccountDataTests {
    /// An account whose last 120 days were read.
    private func lab(_ body: @escaping @Sendable (SiteLab, SiteLab.Visit, Account) async throws -> Void) async throws {
        try await SiteLab.withRows { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            _ = try await lab.run(of: account)
            try await lab.work()
            try await body(lab, owner, account)
        }
    }

    private func rows(_ reply: SiteLab.Reply) -> [[String: Any]] { reply.json["rows"] as? [[String: Any]] ?? [] }

    private func lines(_ text: String) throws -> [[String: Any]] {
        try text.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    @Test("Campaigns are added up over the days, sorted by what they cost, and a file has exactly the same")
    func campaigns() async throws {
        try await lab { lab, owner, account in
            let address = "stream=campaign_insights&days=last_7_days"

            let page = try await lab.get("/accounts/\(account.id)/data?\(address)", as: owner)
            let file = try await lab.get("/accounts/\(account.id)/export?\(address)&format=jsonl", as: owner)
            let rowAddress = "\(address)&view=rows&column=spend_micros&column=campaign_id&format=jsonl"
            let single = try await lab.get(
                "/accounts/\(account.id)/export?\(rowAddress)",
                as: owner)

            let found = rows(page)
            let spends = found.compactMap { $0["spend_micros"] as? Int }
            #expect(!spends.isEmpty && spends == spends.sorted(by: >))
            #expect(page.json["view"] as? String == "entities")
            #expect(page.json["count"] as? Int == found.count)
            #expect(
                file.headers[.contentDisposition]?.contains("attachment; filename=\"meta_campaign_insights_") == true)
            #expect(file.headers[.contentType] == "application/jsonl")
            #expect(try lines(file.text).compactMap { $0["spend_micros"] as? Int } == spends)
            #expect(
                try lines(single.text).compactMap { $0["spend_micros"] as? Int }.reduce(0, +) == spends.reduce(0, +))
            #expect(Set(found.compactMap { $0["campaign_id"] as? String }).count == found.count)
        }
    }

    @Test("The overview shows what the days are made of, with what follows from it, and leads to the whole table")
    func overview() async throws {
        try await lab { lab, owner, account in
            let page = try await lab.get("/accounts/\(account.id)", as: owner, html: true).text
            let whole = try await lab.get("/accounts/\(account.id)/data", as: owner, html: true).text
            let ads = try await lab.get(
                "/accounts/\(account.id)/data?stream=ad_insights&days=all", as: owner, html: true
            ).text

            let table = try #require(page.split(separator: "data-o").last.map(String.init))
            #expect(table.contains("<h2>Data</h2>") && table.contains("ROAS") && table.contains("Cost per order, "))
            #expect(table.contains("href=\"/accounts/\(account.id)/data?stream="))
            #expect(!table.contains("href=\"?") && !table.contains("limit="))
            #expect(whole.contains(">ROAS</th>"))
            #expect(ads.contains(/Total, \d+ ads</))
        }
    }

    @Test("Filters by a sum, by a name and by an id narrow the page and the file alike")
    func filters() async throws {
        try await lab { lab, owner, account in
            let path = "/accounts/\(account.id)"
            let base = "stream=ad_insights&days=all"
            func ids(_ rows: [[String: Any]]) -> [String] { rows.compactMap { $0["ad_id"] as? String } }
            let all = rows(try await lab.get("\(path)/data?\(base)", as: owner))
            let second = try #require(all[safe: 1]?["spend_micros"] as? Int)
            let name = try #require(all.first?["ad_name"] as? String)
            let id = try #require(ids(all).first)
            for filter in [
                "least.spend_micros=\(second)", "text=\(Renderer.escaped(name))", "is.ad_id=\(id)", "text=\(id)",
            ] {
                let address = "\(base)&\(filter)"
                let page = rows(try await lab.get("\(path)/data?\(address)", as: owner))
                let file = try lines(try await lab.get("\(path)/export?\(address)&format=jsonl", as: owner).text)
                #expect(!page.isEmpty && page.count < all.count, "\(filter)")
                #expect(ids(page) == ids(file), "\(filter)")
            }
            let most = rows(try await lab.get("\(path)/data?\(base)&least.spend_micros=\(second)", as: owner))
            #expect(most.count >= 2 && most.allSatisfy { $0["spend_micros"] as? Int ?? 0 >= second })
        }
    }

    @Test("Rows come in pages, newest days first, as many as were asked for")
    func pages() async throws {
        try await lab { lab, owner, account in
            let address = "/accounts/\(account.id)/data?stream=ad_insights&view=rows&days=all&limit=20"

            let first = try await lab.get(address, as: owner)
            let second = try await lab.get("\(address)&page=2", as: owner)
            let beyond = try await lab.get("\(address)&page=101", as: owner)

            #expect(rows(first).count == 20 && first.json["has_more"] as? Bool == true)
            let days = (rows(first) + rows(second)).compactMap { $0["date"] as? String }
            #expect(days == days.sorted(by: >) && !rows(second).isEmpty)
            #expect(beyond.status == 422)
        }
    }

    @Test("The page shows money and days in the reader's language, and names as text")
    func languages() async throws {
        try await lab { lab, owner, account in
            let path = "/accounts/\(account.id)/data?stream=ad_insights&days=all"
            let english = try await lab.get(path, as: owner, html: true)
            _ = try await lab.call(.post, "/preferences", as: owner, form: [("language", "vi")])
            let vietnamese = try await lab.get(path, as: owner, html: true)

            #expect(english.status == 200 && vietnamese.status == 200)
            #expect(english.text.contains("Spend, ₫") && english.text.contains("By ad set"))
            #expect(english.text.matches(of: /\d,\d{3}</).count > 3)
            #expect(vietnamese.text.contains("Chi tiêu, ₫") && vietnamese.text.contains("Theo nhóm QC"))
            #expect(vietnamese.text.matches(of: /\d\.\d{3}</).count > 3)
            #expect(!english.text.contains("Mộc Nhiên <b>&"))
            #expect(english.text.contains("name=\"format\" value=\"xlsx\""))
        }
    }

    @Test("Lists of things, days and single rows have pages, too; a stream that nobody read is empty")
    func views() async throws {
        try await lab { lab, owner, account in
            let path = "/accounts/\(account.id)/data"
            for address in ["", "?stream=campaigns", "?stream=ads&sort=-id&column=id", "?view=days", "?view=rows"] {
                let page = try await lab.get(path + address, as: owner, html: true)
                let json = try await lab.get(path + address, as: owner)
                #expect(page.status == 200 && json.status == 200, "\(address) \(json.text.prefix(300))")
                #expect(!rows(json).isEmpty, "\(address)")
            }
            for address in [
                "?stream=nothing", "?sort=nothing", "?column=nothing", "?view=sideways", "?page=0", "?days=soon",
                "?from=2026-02-02&to=2026-01-01", "?least.nothing=1", "?over.spend_micros=lots",
                "?least.campaign_name=5",
            ] {
                let status = try await lab.get(path + address, as: owner).status
                #expect(status == 422 || status == 404, "\(address)")
            }
        }
    }

    @Test("A CSV file begins with the mark that Excel knows, and a workbook is one")
    func forms() async throws {
        try await lab { lab, owner, account in
            let path = "/accounts/\(account.id)/export?stream=campaigns"
            let csv = try await lab.get("\(path)&format=csv", as: owner)
            let book = try await lab.get("\(path)&format=xlsx", as: owner)
            let whole = try await lab.get(
                "/accounts/\(account.id)/export?stream=campaigns&text=x&all=1&format=jsonl", as: owner)

            #expect(csv.text.hasPrefix("\u{FEFF}\"") && csv.headers[.contentType] == "text/csv; charset=utf-8")
            #expect(book.text.hasPrefix("PK"))
            #expect(try lines(whole.text).count > 1)
            #expect(try await lab.get("\(path)&format=pdf", as: owner).status == 422)
            let record = try await lab.store.audit(of: .first, before: nil, limit: 10)
            #expect(record.contains { $0.action == "Exported data" })
        }
    }

    @Test("Runs leave as a file with the filters of their list, and nobody else's runs are among them")
    func runs() async throws {
        try await lab { lab, owner, account in
            let other = try await lab.otherWorkspace()
            let all = try lines(try await lab.get("/sync/logs/export?format=jsonl", as: owner).text)
            let failed = try lines(try await lab.get("/sync/logs/export?format=jsonl&status=failed", as: owner).text)
            let named = try lines(try await lab.get("/sync/logs/export?format=jsonl&text=nobody", as: owner).text)
            let first = try lines(
                try await lab.get(
                    "/sync/logs/export?format=jsonl&kind=initial&account=\(account.id)&from=2020-01-01", as: owner
                )
                .text)
            let theirs = try lines(try await lab.get("/sync/logs/export?format=jsonl", as: other.owner).text)

            #expect(all.count == 1 && first.count == 1)
            #expect(failed.isEmpty && named.isEmpty && theirs.isEmpty)
        }
    }

    @Test("The chunks of a run and the record leave as files, as their pages have them, and nobody else's")
    func ownTables() async throws {
        try await lab { lab, owner, account in
            let other = try await lab.otherWorkspace().owner
            let job = try #require(try await lab.store.logs(LogFilter(workspace: .first), before: nil, limit: 1).first)
            let run = "/sync/logs/\(job.job)"
            let audit = "/sync/settings/audit"
            let (page, people) = (
                try await lab.get(run, as: owner, html: true), try await lab.get(audit, as: owner, html: true)
            )
            let chunks = try lines(try await lab.get("\(run)/export?format=jsonl", as: owner).text)
            let csv = try await lab.get("\(run)/export?format=csv", as: owner)
            let book = try await lab.get("\(run)/export?format=xlsx", as: owner)
            let record = try lines(try await lab.get("\(audit)/export?format=jsonl", as: owner).text)
            let found = try lines(try await lab.get("\(audit)/export?format=jsonl&text=exported", as: owner).text)
            let who = try lines(try await lab.get("\(audit)/export?format=jsonl&who=nobody", as: owner).text)
            let theirs = try lines(try await lab.get("\(audit)/export?format=jsonl", as: other).text)

            #expect(page.text.contains("\(run)/export?format=xlsx"))
            #expect(people.text.contains("\(audit)/export?format=jsonl"))
            #expect(chunks.count == job.totalChunks && chunks.allSatisfy { $0["job_id"] as? Int64 == job.job.value })
            #expect(chunks.compactMap { $0["requests"] as? Int }.reduce(0, +) == job.requests)
            #expect(csv.headers[.contentDisposition]?.contains("sync_run_\(job.job).csv") == true)
            #expect(csv.text.hasPrefix("\u{FEFF}\"id\",\"job_id\",") && book.text.hasPrefix("PK"))
            #expect(try await lab.get("\(run)/export", as: other).status == 404)
            let stored = try await lab.store.audit(of: .first, before: nil, limit: 200)
            #expect(Set(record.compactMap { $0["hash"] as? String }).isSubset(of: stored.map(\.hash)))
            #expect(record.count >= 4 && record.allSatisfy { $0["workspace_id"] as? Int == 1 })
            #expect(!found.isEmpty && found.allSatisfy { $0["action"] as? String == "Exported data" })
            #expect(who.isEmpty && theirs.allSatisfy { $0["workspace_id"] as? Int != 1 })
        }
    }

    @Test("Runs of a schedule are found by it when it is deleted, and files say which one it was")
    func deleted() async throws {
        try await lab { lab, owner, account in
            let made = try await lab.call(
                .post, "/sync/schedules", as: owner,
                json: "{\"name\": \"Sáng <b>\", \"accounts\": [\(account.id)], \"interval\": \"1h\"}")
            let id = try #require((made.json["schedule"] as? [String: Any])?["id"] as? Int)
            let run = try await lab.call(.post, "/sync/schedules/\(id)/run", as: owner)
            let job = try #require((run.json["jobs"] as? [Int])?.first)
            let gone = try await lab.call(.delete, "/sync/schedules/\(id)", as: owner)

            let found = try await lab.get("/sync/logs?schedule=\(id)", as: owner)
            let page = try await lab.get("/sync/logs", as: owner, html: true).text
            let chosen = try await lab.get("/sync/logs?schedule=\(id)", as: owner, html: true).text
            let file = try lines(try await lab.get("/sync/logs/export?format=jsonl&schedule=\(id)", as: owner).text)

            #expect(gone.status == 200)
            let entry = try #require((found.json["logs"] as? [[String: Any]])?.first)
            #expect(entry["id"] as? Int == job && entry["schedule_name"] as? String == "Sáng <b>")
            #expect(page.contains("schedule=\(id)\"><bdi class=\"cut\">deleted schedule Sáng &lt;b&gt;"))
            #expect(chosen.contains("deleted schedule Sáng &lt;b&gt;"))
            #expect(file.map { $0["id"] as? Int } == [job] && file.map { $0["schedule_id"] as? Int } == [id])
            #expect(file.first?["schedule_name"] as? String == "Sáng <b>")
        }
    }

    @Test("Ids can be chosen beside what is added up, and are not there unless somebody does")
    func ids() async throws {
        try await lab { lab, owner, account in
            let path = "/accounts/\(account.id)/data?stream=ad_insights&days=all"
            let usual = try await lab.get(path, as: owner, html: true).text
            let chosen = try await lab.get(
                "\(path)&column=ad_id&column=campaign_id&column=clicks", as: owner, html: true
            ).text
            let rows = rows(try await lab.get("\(path)&column=ad_id&column=campaign_id&sort=ad_id", as: owner))

            for id in ["ad_id", "campaign_id"] { #expect(usual.contains("name=\"column\" value=\"\(id)\">"), "\(id)") }
            #expect(!usual.contains("<bdi>Ad id") && !usual.contains("sort=ad_id"))
            #expect(chosen.contains("sort=ad_id") && chosen.contains("value=\"ad_id\" checked"))
            let ids = rows.compactMap { $0["ad_id"] as? String }
            #expect(!ids.isEmpty && ids == ids.sorted() && rows.allSatisfy { $0["campaign_id"] is String })
            #expect(ids.allSatisfy { chosen.contains(">\($0)<") })
        }
    }

    @Test("Amounts are read as the reader's language writes them")
    func typed() {
        let (english, vietnamese) = (Words(language: .english), Words(language: .vietnamese))
        #expect(DataQuery.typed("1,000,000.5", isMoney: true, english) == 1_000_000_500_000)
        #expect(DataQuery.typed("1.000.000,5 ₫", isMoney: true, vietnamese) == 1_000_000_500_000)
        #expect(DataQuery.typed("1.000", isMoney: false, vietnamese) == 1000)
        #expect(DataQuery.typed("much", isMoney: true, english) == nil)
    }
}
