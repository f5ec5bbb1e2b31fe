import ConnectorKit
import Connectors
import FoundationEssentials
import HTTPTypes
import SyncCore
import SyncEngine
import SyncTestKit
import Testing

@testable import SyncWeb

@Suite("Runs", .timeLimit(.minutes(2)))
struct RunRoutesTests {
    /// Runs of one account, the newest first: two that are complete, one that was cancelled, and one with a failure.
    private func lab(_ body: @escaping @Sendable (SiteLab, SiteLab.Visit, Account) async throws -> Void) async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            try await body(lab, owner, try await lab.meta())
        }
    }

    private func logs(_ reply: SiteLab.Reply) -> [[String: Any]] { reply.json["logs"] as? [[String: Any]] ?? [] }

    /// A run whose chunks fail for good, with these messages; of several all its steps are behind it.
    private func failing(
        _ lab: SiteLab, _ account: Account, _ messages: [String] = ["Meta does not know <this>."]
    ) async throws -> JobID {
        let job = try await lab.run(of: account)
        let first = try #require(CivilDate("2026-11-01"))
        let chunks = messages.indices.map { index in
            let days = messages.count == 1 ? nil : DayRange(first.adding(days: index % 20))
            return PlannedChunk(
                spec: ChunkSpec(stream: StreamID("campaigns"), phase: .recent, days: days), stage: "campaigns",
                workClass: .recent)
        }
        _ = try await lab.store.addStep(0, of: job, chunks: chunks, notOffered: [:], notes: [])
        let steps = try #require(try await lab.store.job(job)).definition.steps.count
        let claimed = try await lab.store.claim(ClaimRequest(worker: "w", limit: 500, perAccount: 500))
        for (chunk, message) in zip(claimed, messages) {
            let cause = Failure.Cause(
                code: "100/33", message, advice: "Look at it.", trace: "AbCdEf0123456789")
            _ = try await lab.store.update(
                ChunkUpdate(chunk, .fail(.permanentRequest(cause)), spent: Spent(requests: 1, busy: .seconds(2))))
        }
        for step in 1..<max(1, steps) where chunks.count > 1 {
            _ = try await lab.store.addStep(step, of: job, chunks: [], notOffered: [:], notes: [])
        }
        return job
    }

    @Test("A finished run is told in the words of the replaced systems, in the list and by itself")
    func finished() async throws {
        try await lab { lab, owner, account in
            let job = try await lab.run(of: account)
            try await lab.work()

            let list = try await lab.get("/sync/logs", as: owner)
            let one = try await lab.get("/sync/logs/\(job)", as: owner)

            let entry = try #require(logs(list).first)
            #expect(list.status == 200)
            #expect(entry["id"] as? Int == Int(job.value))
            #expect(entry["status"] as? String == "completed")
            #expect(entry["sync_type"] as? String == "initial")
            #expect(entry["percent"] as? Int == 100)
            #expect(entry["platform"] as? String == "meta")
            #expect((entry["counts"] as? [String: Int])?["rows_received"] ?? 0 > 0)
            #expect(entry["started_at"] is String && entry["finished_at"] is String)
            #expect(entry["error_class"] == nil && entry["error_message"] == nil)
            let histogram = try #require(list.json["histogram"] as? [String: Any])
            #expect((histogram["runs"] as? [Int])?.count == 168)
            #expect((histogram["runs"] as? [Int])?.reduce(0, +) == 1)
            let chunks = try #require(one.json["chunks"] as? [[String: Any]])
            #expect(!chunks.isEmpty && chunks.allSatisfy { $0["status"] as? String == "completed" })
            #expect((one.json["stages"] as? [[String: Any]])?.count ?? 0 > 3)
        }
    }

    @Test("The pages of runs say what happened in both languages, with names as text and no secret")
    func pages() async throws {
        try await lab { lab, owner, account in
            let job = try await lab.run(of: account)
            try await lab.work()

            let list = try await lab.get("/sync/logs", as: owner, html: true)
            let one = try await lab.get("/sync/logs/\(job)", as: owner, html: true)
            _ = try await lab.call(.post, "/preferences", as: owner, form: [("language", "vi")])
            let vietnamese = try await lab.get("/sync/logs/\(job)", as: owner, html: true)

            #expect(list.status == 200 && one.status == 200)
            #expect(list.text.contains("1 run in 7 days, none failed"))
            #expect(list.text.contains("Mộc Nhiên &lt;b&gt;&amp;") && !list.text.contains("Nhiên <b>"))
            #expect(one.text.contains("All ") && one.text.contains("arrived"))
            #expect(one.text.contains("Nothing failed in this run."))
            #expect(one.text.contains("class=\"settled\""), "the time line is empty")
            #expect(vietnamese.text.contains("Lượt chạy này không có lỗi."))
            let odd = try await lab.get("/sync/logs?from=yesterday&status=odd&platform=meta", as: owner, html: true)
            #expect(odd.status == 422 && odd.text.contains("Một ngày"), "what is wrong is said over the list")
            #expect(odd.text.contains("Mộc Nhiên &lt;b&gt;&amp;"))
            for page in [list, one, vietnamese] {
                #expect(!page.text.contains("{{") && !page.text.contains("[["))
                for value in lab.world.credential.map(\.value) { #expect(!page.text.contains(value)) }
            }
        }
    }

    @Test("Days that are asked for and that the platform does not have any more are told of with the run")
    func leftOut() async throws {
        try await lab { lab, owner, account in
            let answer = try await lab.call(
                .post, "/sync/quick", as: owner,
                form: [
                    ("account", "\(account.id)"), ("days", "custom"), ("from", "2019-01-01"), ("to", "2019-01-05"),
                ])
            try await lab.work()
            let job = try #require(try await lab.store.jobs(of: account.id, limit: 1).first)

            let run = try await lab.get("/sync/logs/\(job.id)", as: owner)
            let page = try await lab.get("/sync/logs/\(job.id)", as: owner, html: true)
            _ = try await lab.call(.post, "/preferences", as: owner, form: [("language", "vi")])
            let vietnamese = try await lab.get("/sync/logs/\(job.id)", as: owner, html: true)

            let edge = job.definition.anchor.adding(months: -37).adding(days: 1)
            let note = "Meta has no days before \(edge) any more: they are left out."
            #expect(run.json["notes"] as? [String] == [note], "\(answer.text)")
            #expect(page.text.contains(note))
            #expect(vietnamese.text.contains("Meta không còn số liệu trước ngày"))
        }
    }

    @Test("Filters narrow the list, pages follow each other, and what means nothing is refused")
    func filters() async throws {
        try await lab { lab, _, account in
            // Browsers are signed out over the days.
            let person = try #require(try await lab.store.members(of: .first).first?.user.id)
            let owner = try await lab.token([.admin], of: person)
            var jobs: [JobID] = []
            for _ in 0..<3 {
                let job = try await lab.run(of: account)
                _ = try await lab.store.cancel(job, by: "Minh")
                jobs.append(job)
                lab.clock.advance(by: .seconds(86_400))
            }
            let open = try await lab.run(of: account)
            func ids(_ query: String) async throws -> [Int] {
                logs(try await lab.get("/sync/logs?\(query)", as: owner)).compactMap { $0["id"] as? Int }
            }
            let all = (jobs + [open]).map { Int($0.value) }.sorted(by: >)

            #expect(try await ids("") == all)
            #expect(try await ids("status=cancelled") == Array(all.dropFirst()))
            #expect(try await ids("status=pending") == [Int(open.value)])
            #expect(try await ids("network=meta&kind=initial") == all)
            #expect(try await ids("platform=shopee") == [])
            #expect(try await ids("account=\(account.externalID)") == all)
            #expect(try await ids("account_id=\(account.id)") == all)
            #expect(try await ids("account=999") == [])
            #expect(try await ids("text=minh").count == 3)
            #expect(try await ids("schedule=1") == [])
            let day = CivilDate(lab.clock.now, in: try #require(TimeZone(identifier: "Asia/Ho_Chi_Minh")))
            #expect(try await ids("from=\(day)") == [Int(open.value)])
            #expect(try await ids("to=\(day.adding(days: -1))").count == 3)
            #expect(try await ids("from=\(day.adding(days: -1))T00:00&to=\(day)T00:00").count == 1)
            let first = try await lab.get("/sync/logs?limit=3", as: owner)
            #expect(logs(first).count == 3)
            let next = try #require(first.json["next"] as? Int)
            #expect(try await ids("limit=3&before=\(next)") == [all[3]])
            let bad = ["status=odd", "kind=odd", "from=yesterday", "from=2026-11-21T99:00", "limit=0", "before=x"]
            for query in bad {
                #expect(try await lab.get("/sync/logs?\(query)", as: owner).status == 422, "\(query)")
            }
            let page = try await lab.get(
                "/sync/logs?status=cancelled&from=\(day.adding(days: -3))", as: owner, html: true)
            #expect(page.text.contains("Clear filters") && page.text.contains("3 runs"))
            #expect(page.text.contains("Cancelled by Minh; rows are kept"))
            #expect(!page.text.contains("days-form"))
            let asks = try await lab.get("/sync/logs?status=pending", as: owner, html: true)
            #expect(asks.text.contains("days-form") && asks.text.contains(#"type="date" name="from""#))
            #expect(asks.text.contains(#"<input type="hidden" name="status" value="pending">"#))
            #expect(asks.text.contains("<b class=\"m\">Queued</b>"))
            // As that form sends what was left empty.
            let sent = try await lab.get("/sync/logs?status=pending&from=&to=\(day)", as: owner, html: true)
            #expect(sent.status == 200 && sent.text.contains("/sync/logs/\(open)"))
            let none = try await lab.get("/sync/logs?platform=shopee", as: owner, html: true)
            #expect(none.text.contains("No run matches these filters."))
        }
    }

    @Test("A failed chunk is told with cause, code and a button, and its request can be copied")
    func failure() async throws {
        try await lab { lab, owner, account in
            let job = try await failing(lab, account)
            let viewer = try await lab.member(.viewer)

            let page = try await lab.get("/sync/logs/\(job)", as: owner, html: true)
            let seen = try await lab.get("/sync/logs/\(job)", as: viewer, html: true)
            let object = try await lab.get("/sync/logs/\(job)", as: owner)

            #expect(page.text.contains("Meta does not know &lt;this&gt;."))
            #expect(page.text.contains("(100/33)") && page.text.contains("Look at it."))
            #expect(page.text.contains("Retry 1 chunk") && page.text.contains("AbCd…6789"))
            #expect(page.text.contains("data-copy=\"AbCdEf0123456789\""))
            #expect(!seen.text.contains("Retry 1 chunk") && !seen.text.contains("/pause\""))
            let chunk = try #require((object.json["chunks"] as? [[String: Any]])?.first)
            #expect(chunk["error_code"] as? String == "100/33" && chunk["request_id"] as? String == "AbCdEf0123456789")
            let again = try await lab.call(.post, "/sync/jobs/\(job)/retry", as: owner)
            #expect(again.status == 200 && again.json["chunks"] as? Int == 1)
            #expect(try await lab.store.chunks(of: job, in: [.pending], limit: 9).count == 1)
            #expect(try await lab.call(.post, "/sync/jobs/\(job)/retry", as: owner).status == 409)
        }
    }

    @Test("What failed for one cause is tried again by its own button; of a cause that is none nothing is")
    func causes() async throws {
        try await lab { lab, owner, account in
            let job = try await failing(lab, account, Array(repeating: "a", count: 230) + ["b", "b\r\n<c>", "b"])
            _ = try await lab.store.finish(job)

            let object = try await lab.get("/sync/logs/\(job)", as: owner)
            let page = try await lab.get("/sync/logs/\(job)", as: owner, html: true)
            let progress = try await lab.get("/accounts/\(account.id)/progress", as: owner, html: true)

            let causes = try #require(object.json["causes"] as? [[String: Any]])
            #expect(causes.map { $0["failed_chunks"] as? Int } == [230, 2, 1], "of all, not of the first 200")
            #expect(causes[1]["error_message"] as? String == "b" && causes[1]["error_code"] as? String == "100/33")
            let keys = causes.compactMap { $0["cause"] as? String }
            for text in [page.text, progress.text] {
                for label in ["Retry 230 chunks", "Retry 2 chunks", "Retry 1 chunk<"] { #expect(text.contains(label)) }
                for key in keys { #expect(text.contains("name=\"cause\" value=\"\(key)\"")) }
            }
            #expect(page.text.contains("Retry 233 chunks"))
            #expect(page.text.contains("230 chunks (100/33), such as 1 Nov; 2 Nov. Look at it."))
            #expect(page.text.contains("2 chunks (100/33)."), "of it none was loaded")
            func retry(_ cause: String, html: Bool = false) async throws -> SiteLab.Reply {
                try await lab.call(
                    .post, "/sync/jobs/\(job)/retry", as: owner, html: html, form: [("cause", cause), ("back", "/x")])
            }
            let unknown = try await retry("0000000000000000")
            #expect(unknown.status == 409 && unknown.text.contains("unknown_cause"))
            #expect(try await lab.store.job(job)?.failedChunks == 233)
            let some = try await retry(keys[1])
            #expect(some.status == 200 && some.json["chunks"] as? Int == 2)
            #expect(try await retry(keys[1]).status == 409)
            let form = try await retry(keys[2], html: true)
            #expect(form.status == 303 && form.headers[.location] == "/x")
            #expect(try await lab.store.job(job)?.failedChunks == 230)
            // What failed holds nothing up, and the others can still be tried.
            let open = try await lab.get("/sync/logs/\(job)", as: owner, html: true)
            #expect(!open.text.contains("cannot be planned") && open.text.contains("Retry 230 chunks"))
        }
    }

    @Test("A run is paused, goes on, is stopped and begun again; each is on record with who did it")
    func control() async throws {
        try await lab { lab, owner, account in
            let job = try await lab.run(of: account)
            func call(_ what: String, html: Bool = false) async throws -> SiteLab.Reply {
                try await lab.call(.post, "/sync/jobs/\(job)/\(what)", as: owner, html: html)
            }

            let paused = try await call("pause")
            #expect(paused.status == 200 && paused.json["status"] as? String == "waiting")
            #expect(try await lab.call(.post, "/sync/jobs/\(job)/pause", as: owner, json: "[]").status == 200)
            let page = try await lab.get("/sync/logs/\(job)", as: owner, html: true)
            #expect(page.text.contains("Paused before it began") && page.text.contains("/sync/jobs/\(job)/resume"))
            #expect(try await lab.store.job(job)?.waitReason == .paused)
            #expect(try await call("resume").json["status"] as? String == "pending")
            let back = try await call("cancel", html: true)
            #expect(back.status == 303 && back.headers[.location] == "/sync/logs/\(job)")
            #expect(try await call("pause").status == 409)
            #expect(try await call("resume").status == 409)
            #expect(try await call("cancel").status == 409)
            #expect(try await call("retry").json["status"] as? String == "pending")
            let record = try await lab.store.audit(of: .first, before: nil, limit: 4)
            #expect(
                record.map(\.action) == ["Retried a run", "Stopped a run", "Resumed a run", "Paused a run"])
            #expect(record.allSatisfy { $0.actor == "Linh Trần <linh@an.vn>" && $0.detail == "\(job)" })
            try await lab.work()
            #expect(try await lab.store.job(job)?.state == .completed)
        }
    }
}
