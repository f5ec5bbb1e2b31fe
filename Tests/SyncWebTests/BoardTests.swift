import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncCore
import SyncEngine
import SyncTestKit
import Testing
import Wording

@testable import SyncWeb

@Suite("How accounts stand")
struct BoardTests {
    /// With an account that was synced whole.
    private static func synced(
        _ body: @escaping @Sendable (SiteLab, SiteLab.Visit, Account) async throws -> Void
    ) async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            _ = try await lab.call(.post, "/accounts/\(account.id)/sync", as: owner)
            try await lab.work()
            try await body(lab, owner, account)
        }
    }

    /// The owner once more: a session that nobody used for long is over.
    private static func again(_ lab: SiteLab) async throws -> SiteLab.Visit {
        try lab.visit(
            try await lab.call(.post, "/login", form: [("email", "linh@an.vn"), ("password", SiteLab.password)]))
    }

    private static func health(_ lab: SiteLab, _ owner: SiteLab.Visit) async throws -> String? {
        let accounts = try await lab.get("/accounts", as: owner).json["accounts"] as? [[String: Any]]
        return accounts?.first?["health"] as? String
    }

    @Test("An account that nobody reads is complete until a day that ended twelve hours ago is missing")
    func behind() async throws {
        try await BoardTests.synced { lab, first, account in
            #expect(try await BoardTests.health(lab, first) == "complete")
            // Noon in London is 19:00 in Hanoi. At 11:59 of the day after tomorrow the day after the sync is not due.
            lab.clock.advance(by: .seconds(41 * 3600 - 60))
            let owner = try await BoardTests.again(lab)
            #expect(try await BoardTests.health(lab, owner) == "complete")

            lab.clock.advance(by: .seconds(60))

            #expect(try await BoardTests.health(lab, owner) == "behind")
            let page = try await lab.get("/", as: owner, html: true)
            #expect(page.text.contains("0 of 1 account is complete and current."))
            #expect(page.text.contains("1 needs you."))
            #expect(page.text.contains("Behind since") && page.text.contains("No schedule reads this account."))
            #expect(page.text.contains("action=\"/accounts/\(account.id)/sync\""))
        }
    }

    @Test("What is asked for is seen at once, and while it runs the account catches up")
    func catchingUp() async throws {
        try await BoardTests.synced { lab, _, account in
            lab.clock.advance(by: .seconds(5 * 86_400))
            let owner = try await BoardTests.again(lab)
            #expect(try await BoardTests.health(lab, owner) == "behind")

            _ = try await lab.call(.post, "/accounts/\(account.id)/sync", as: owner)
            #expect(try await BoardTests.health(lab, owner) == "catching_up")

            try await lab.work()
            #expect(try await BoardTests.health(lab, owner) == "complete")
        }
    }

    @Test("A run whose next step cannot be planned says why wherever it is seen, and the account needs somebody")
    func stuck() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            _ = try await lab.call(.post, "/accounts/\(account.id)/sync", as: owner)
            let job = try #require(try await lab.store.jobs(of: account.id, limit: 1).first)

            try await lab.store.cannotGoOn(job.id, because: "\(EngineError.otherKey)")
            lab.clock.advance(by: .seconds(2))
            _ = try await lab.notifier().look()

            #expect(try await BoardTests.health(lab, owner) == "stuck")
            let why = "The stored credential was sealed with another master key."
            for path in ["/", "/accounts/\(account.id)", "/accounts/\(account.id)/progress", "/sync/logs/\(job.id)"] {
                #expect(try await lab.get(path, as: owner, html: true).text.contains(why), "\(path)")
            }
            #expect(try await lab.get("/", as: owner, html: true).text.contains("Cannot go on"))
            let notices = try await lab.get("/notices", as: owner, html: true).text
            #expect(notices.contains("cannot go on") && notices.contains(why))
            #expect(notices.contains("/sync/logs/\(job.id)"))
        }
    }

    /// Ends a chunk that looked at the platform's totals of a day.
    private static func look(_ lab: SiteLab, _ day: CivilDate, finds state: Certificate.State) async throws {
        let claimed = try await lab.store.claim(ClaimRequest(worker: "w", limit: 1, perAccount: 1))
        var update = ChunkUpdate(try #require(claimed.first), .finish(.init(isComplete: true)))
        update.certificates = [
            Certificate(
                stream: StreamID("ad_insights"), day: day, state: state, rows: 1, stored: Figures([.cost: 1_000_000]),
                source: Figures([.cost: 9_000_000]))
        ]
        update.events = [Note("certificate_gap", "A gap.")]
        _ = try await lab.store.update(update)
        lab.clock.advance(by: .seconds(1))
    }

    @Test(
        "A day that differs from the platform's totals is in repair while that goes on, and is told of where it stays")
    func differing() async throws {
        try await BoardTests.synced { lab, owner, account in
            _ = try await lab.call(.post, "/accounts/\(account.id)/sync", as: owner)
            let job = try #require(try await lab.store.jobs(of: account.id, limit: 1).first)
            let day = job.definition.anchor.adding(days: -3)
            let chunk = PlannedChunk(
                spec: ChunkSpec(stream: .totals, phase: .recent, days: DayRange(day), mode: "first"),
                stage: StreamID.totalsStage, workClass: .recent)
            _ = try await lab.store.addStep(0, of: job.id, chunks: [chunk, chunk], notOffered: [:], notes: [])

            try await BoardTests.look(lab, day, finds: .repairing)
            #expect(try await BoardTests.health(lab, owner) == "repairing")
            #expect(try await lab.get("/", as: owner, html: true).text.contains("Current, 1 day in repair"))

            try await BoardTests.look(lab, day, finds: .gap)
            for step in 1..<job.definition.steps.count {
                _ = try await lab.store.addStep(step, of: job.id, chunks: [], notOffered: [:], notes: [])
            }
            #expect(try await lab.store.finish(job.id))
            lab.clock.advance(by: .seconds(1))

            #expect(try await BoardTests.health(lab, owner) == "differs")
            let board = try await lab.get("/", as: owner, html: true).text
            #expect(board.contains("0 of 1 account is complete and current."))
            let link = "href=\"/accounts/\(account.id)/certificates\""
            for page in [board, try await lab.get("/accounts/\(account.id)", as: owner, html: true).text] {
                #expect(page.contains("1 day differs from Meta’s totals") && page.contains(link))
            }
            _ = try await lab.call(.post, "/preferences", as: owner, form: [("language", "vi")])
            #expect(try await lab.get("/", as: owner, html: true).text.contains("1 ngày lệch số của Meta"))
        }
    }

    @Test("Those who ask while a pass runs share the one behind it")
    func sharing() async throws {
        try await BoardTests.synced { lab, _, account in
            let board = lab.site.board
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<64 { group.addTask { try await board.standings(of: account.workspace).count } }
                for try await count in group { #expect(count == 1) }
            }
            #expect(await board.passes < 20)
        }
    }

    @Test(
        "However many accounts are at work, a pass looks again at those that waited longest, and at what was heard of")
    func manyAtWork() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let first = try await lab.meta()
            var ids = [first.id]
            for number in 1..<40 {
                ids.append(
                    try await Control(lab.environment).save(
                        AccountFacts(
                            externalID: "99\(number)", name: "Tài khoản \(number)", currency: "VND",
                            zoneName: "Asia/Ho_Chi_Minh", createdOn: first.createdOn), connection: first.connection))
            }
            for id in ids { #expect(try await lab.call(.post, "/accounts/\(id)/sync", as: owner).status == 202) }
            let board = lab.site.board
            func looks() async throws -> Int {
                let before = await board.looks
                #expect(try await board.standings(of: first.workspace).allSatisfy { !$0.open.isEmpty })
                return await board.looks - before
            }
            _ = try await looks()
            #expect(try await looks() == 0)

            lab.clock.advance(by: .seconds(1))
            #expect(try await looks() == 32)
            #expect(try await looks() == 8)
            #expect(try await looks() == 0)

            let job = try #require(try await lab.store.jobs(of: first.id, limit: 1).first)
            #expect(try await lab.call(.post, "/sync/jobs/\(job.id)/cancel", as: owner).status < 400)
            #expect(try await board.standing(of: first)?.open.isEmpty == true)
        }
    }

    @Test("An account that two connections reach is in the sums once: its rows are there once")
    func counting() async throws {
        try await BoardTests.synced { lab, _, account in
            let standing = try #require(try await lab.site.board.standings(of: account.workspace).first)
            var (twin, other) = (standing, standing)
            twin.account.connection = ConnectionID(99)
            other.account.externalID = "another"

            func figures(_ standings: [Standing]) -> [String] {
                let page = DashboardPage.make(
                    standings, lastHour: WorkDone(), canAct: true, page: 0, Words(language: .english), at: lab.clock.now
                )
                return page.figures.map(\.value) + page.figures.map(\.before)
            }

            #expect(figures([standing, twin]) == figures([standing]))
            #expect(figures([standing, other]) != figures([standing]))
        }
    }

    @Test("Eight weeks are compared with those before only where each of those days was read")
    func comparing() async throws {
        try await BoardTests.synced { lab, owner, account in
            let page = try await lab.get("/accounts/\(account.id)", as: owner, html: true)
            #expect(page.text.contains("Spend"))
            #expect(page.text.contains("may still change (28 days)"))
            // History goes back 120 days here: all of them were read.
            #expect(page.text.contains("class=\"prev\" d=\"M"))
        }
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let first = MetaWorld.usualDay.adding(days: -59)
            let started = try await lab.call(
                .post, "/sync/manual", as: owner,
                form: [("accounts", account.externalID), ("from", "\(first)"), ("to", "\(MetaWorld.usualDay)")])
            #expect(started.status == 202, "\(started.text)")
            try await lab.work()

            let page = try await lab.get("/accounts/\(account.id)", as: owner, html: true)

            #expect(page.text.contains("Spend"))
            #expect(!page.text.contains("class=\"prev\" d=\"M"))
        }
    }
}
