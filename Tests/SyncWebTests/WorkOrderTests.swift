import ConnectorKit
import Connectors
import FoundationEssentials
import HTTPTypes
import SyncCore
import SyncEngine
import SyncTestKit
import Testing
import Wording

@testable import SyncWeb

@Suite("Orders about all work", .timeLimit(.minutes(2)))
struct WorkOrderTests {
    private static let pages = ["/", "/accounts", "/sync/logs", "/sync/settings", "/sync/settings/people", "/notices"]

    @Test("All work is paused and goes on: every page says so with its button, programs get it, the record keeps it")
    func all() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let job = try await lab.run(of: account)

            let paused = try await lab.call(.post, "/sync/settings/pause", as: owner)
            let again = try await lab.call(.post, "/sync/settings/pause", as: owner)

            #expect(paused.status == 200 && again.status == 200)
            #expect((paused.json["paused"] as? [String: String])?["by"] == "Linh Trần")
            #expect(try await lab.store.job(job)?.waitReason == .paused)
            for path in Self.pages {
                let page = try await lab.get(path, as: owner, html: true)
                #expect(page.text.contains("All work is paused,"), "\(path)")
                #expect(page.text.contains("by Linh Trần. Nothing is lost"), "\(path)")
                #expect(page.text.contains(#"action="/sync/settings/resume""#), "\(path)")
                #expect(page.text.contains(#"name="back" value="\#(path)""#), "\(path)")
            }
            let system = try await lab.get("/sync/settings", as: owner)
            #expect((system.json["paused"] as? [String: String])?["since"] == lab.clock.now.description)
            let page = try await lab.get("/sync/settings", as: owner, html: true)
            #expect(page.text.contains("<h1>All work is paused</h1>"))
            #expect(page.text.contains("Go on with all work") && !page.text.contains("Pause all work"))

            let resumed = try await lab.call(
                .post, "/sync/settings/resume", as: owner, html: true, form: [("back", "/accounts")])

            #expect(resumed.status == 303 && resumed.headers[.location] == "/accounts")
            #expect(try await lab.get("/sync/settings", as: owner, html: true).text.contains("Pause all work"))
            #expect(try await !lab.get("/", as: owner, html: true).text.contains("All work is paused"))
            let record = try await lab.store.audit(AuditFilter(workspace: .first), before: nil, limit: 9)
            let actions = record.map(\.action)
            #expect(actions.filter { $0.contains("all work") } == ["Let all work go on", "Paused all work"])
            try await lab.work()
            #expect(try await lab.store.job(job)?.state == .completed)
        }
    }

    @Test("What is asked for while all work is paused waits, and a single run or account does not go on")
    func meanwhile() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            _ = try await lab.call(.post, "/sync/settings/pause", as: owner)

            let started = try await lab.call(.post, "/accounts/\(account.id)/sync", as: owner)
            let job = try #require((started.json["jobs"] as? [Int])?.first)
            let run = try await lab.call(.post, "/sync/jobs/\(job)/resume", as: owner)
            let whole = try await lab.call(.post, "/accounts/\(account.id)/resume", as: owner)

            #expect(started.status == 202)
            #expect([run.status, whole.status] == [409, 409])
            #expect((run.json["error"] as? [String: Any])?["code"] as? String == "paused")
            #expect(try await lab.store.job(JobID(Int64(job)))?.waitReason == .paused)
        }
    }

    @Test("Operators may, viewers see who did and have no button, and other workspaces go on")
    func roles() async throws {
        try await SiteLab.with { lab in
            _ = try await lab.owner()
            let acting = try await lab.member(.operator, email: "op@an.vn")
            let viewer = try await lab.member(.viewer, email: "view@an.vn")
            let other = try await lab.otherWorkspace()

            #expect(try await lab.call(.post, "/sync/settings/pause", as: viewer).status == 403)
            #expect(try await lab.call(.post, "/sync/settings/pause", as: acting).status == 200)

            let theirs = try await lab.get("/", as: other.owner, html: true)
            let page = try await lab.get("/sync/settings", as: viewer, html: true)
            #expect(!theirs.text.contains("All work is paused"))
            #expect(page.text.contains("by Hà Nguyễn") && !page.text.contains("/sync/settings/resume"))
            _ = try await lab.call(.post, "/preferences", as: viewer, form: [("language", "vi")])
            let vietnamese = try await lab.get("/sync/settings", as: viewer, html: true)
            #expect(vietnamese.text.contains("Mọi việc đang tạm dừng"))
            #expect(vietnamese.text.contains("do Hà Nguyễn. Không mất gì cả"))
        }
    }

    /// Two accounts whose history is being filled in.
    private func filling(_ lab: SiteLab) async throws -> [Account] {
        var accounts = [try await lab.meta()]
        let second = try await Control(lab.environment).save(
            AccountFacts(
                externalID: "77", name: "Trà Sen", currency: "VND", zoneName: "Asia/Ho_Chi_Minh",
                createdOn: MetaWorld.usualDay.adding(days: -400)), connection: accounts[0].connection)
        accounts.append(try #require(try await lab.store.account(second)))
        for account in accounts {
            let today = MetaWorld.usualDay
            let job = try await lab.store.enqueue(
                NewJob(
                    account: account.id, kind: .initial, workClass: .recent, streams: [StreamID("campaigns")],
                    requested: nil, anchor: today, recent: DayRange(today.adding(days: -89), today),
                    history: DayRange(today.adding(days: -400), today.adding(days: -90)),
                    steps: [NewJob.Step(name: "history", phase: .history)]))
            let chunk = PlannedChunk(
                spec: ChunkSpec(stream: StreamID("campaigns"), phase: .history), stage: "campaigns",
                workClass: .history)
            #expect(try await lab.store.addStep(0, of: job.id, chunks: [chunk], notOffered: [:], notes: []))
        }
        return accounts
    }

    @Test("The badge pauses history and lets it go on, and has one account's history run first")
    func history() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let accounts = try await filling(lab)
            let viewer = try await lab.member(.viewer)
            func page(_ visit: SiteLab.Visit) async throws -> String {
                // What stands around a page is up to a second old.
                try await ContinuousClock().sleep(for: .milliseconds(1100))
                lab.clock.advance(by: .seconds(2))
                return try await lab.get("/sync/logs", as: visit, html: true).text
            }

            let before = try await page(owner)
            #expect(before.contains(#"action="/sync/history/pause""#) && before.contains("of 17 months"))
            for account in accounts { #expect(before.contains("/accounts/\(account.id)/history/first")) }
            #expect(try await !page(viewer).contains("/sync/history/pause"))

            let first = try await lab.call(.post, "/accounts/\(accounts[1].id)/history/first", as: owner)
            #expect(first.json["first_account"] as? Int == Int(accounts[1].id.value))
            let chosen = try await page(owner)
            #expect(chosen.contains("runs first") && !chosen.contains("/accounts/\(accounts[1].id)/history/first"))

            let paused = try await lab.call(.post, "/sync/history/pause", as: owner)
            #expect((paused.json["history_paused"] as? [String: String])?["by"] == "Linh Trần")
            let standing = try await page(owner)
            #expect(standing.contains("paused by Linh Trần") && standing.contains("/sync/history/resume"))
            #expect(!standing.contains("All work is paused"))
            for account in accounts {
                #expect(try await lab.store.jobs(of: account.id, limit: 1).first?.waitReason == .paused)
            }
            #expect(try await lab.call(.post, "/sync/history/resume", as: owner).status == 200)
            #expect(try await lab.store.jobs(of: accounts[0].id, limit: 1).first?.waitReason == nil)
            let record = try await lab.store.audit(AuditFilter(workspace: .first), before: nil, limit: 9)
            let expected = ["Let history go on", "Paused history", "Had an account's history run first"]
            #expect(Array(record.map(\.action).filter(expected.contains)) == expected)
        }
    }

    @Test("An account whose recent days still come stands in the badge, below those whose history does")
    func coming() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let connection = try await filling(lab)[0].connection
            let today = MetaWorld.usualDay
            // Of Lụa no history is planned.
            for (name, phases) in [("Mộc Nhiên", [Phase.recent, .history]), ("Lụa", [.recent])] {
                let id = try await Control(lab.environment).save(
                    AccountFacts(externalID: name, name: name, currency: "VND", zoneName: "Asia/Ho_Chi_Minh"),
                    connection: connection)
                let job = try await lab.store.enqueue(
                    NewJob(
                        account: id, kind: .initial, workClass: .recent, streams: [StreamID("ads")], requested: nil,
                        anchor: today, recent: DayRange(today.adding(days: -89), today),
                        history: phases.count == 1 ? nil : DayRange(today.adding(days: -400), today.adding(days: -90)),
                        steps: phases.map { NewJob.Step(name: "\($0)", phase: $0) }))
                let chunk = PlannedChunk(
                    spec: ChunkSpec(stream: StreamID("ads"), phase: .recent), stage: "ads", workClass: .recent)
                #expect(try await lab.store.addStep(0, of: job.id, chunks: [chunk], notOffered: [:], notes: []))
            }
            let standings = try await lab.site.board.standings(of: .first)
            func lines(_ language: Words.Language, _ orders: WorkOrders) throws -> [Shell.History.Line] {
                let told = RunWords(Words(language: language), zone: .gmt, now: lab.clock.now)
                return try #require(HistoryBadge(told: told, orders: orders, mayAct: true).badge(standings)).accounts
            }
            let orders = try await lab.store.workOrders(of: .first)
            let english = try lines(.english, orders)
            let page = try await lab.get("/sync/logs", as: owner, html: true).text
            #expect(try await lab.call(.post, "/sync/history/pause", as: owner).status == 200)

            #expect(english.count == 3)
            #expect(english[2].name == "Mộc Nhiên" && english[2].text == "starts after the last 90 days")
            #expect(english[2].bar == nil && english[2].run == nil)
            #expect(try lines(.vietnamese, orders)[2].text == "bắt đầu sau 90 ngày gần nhất")
            #expect(
                page.contains(#"<span class="m">Mộc Nhiên</span> <span class="t2">· starts after the last 90 days"#))
            let paused = try lines(.english, try await lab.store.workOrders(of: .first))
            #expect(paused.allSatisfy { $0.text.hasPrefix("paused by Linh") })
        }
    }

    @Test("Without history there is none to run first, and under a pause of everything none is paused")
    func refused() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()

            #expect(try await lab.call(.post, "/accounts/\(account.id)/history/first", as: owner).status == 409)
            _ = try await lab.call(.post, "/sync/settings/pause", as: owner)
            #expect(try await lab.call(.post, "/sync/history/pause", as: owner).status == 409)
            #expect(try await lab.call(.post, "/sync/history/resume", as: owner).status == 409)
        }
    }

    @Test("An open page learns that all work is paused, with the way back to itself")
    func lives() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let visitor = try await lab.visitor(owner)
            let words = Words(language: .english)
            let page = try #require(LivePage("/sync/schedules", lab.site))

            let before = try await page.parts(visitor, words).regions["shell-paused"]
            _ = try await lab.call(.post, "/sync/settings/pause", as: owner)
            let other = try #require(LivePage("/accounts", lab.site))
            let after = try await other.parts(visitor, words).regions["shell-paused"]

            #expect(before?.contains("paused") == false)
            #expect(after?.contains("All work is paused") == true)
            #expect(after?.contains(#"name="back" value="/accounts""#) == true)
        }
    }
}
