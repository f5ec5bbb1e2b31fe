import HTTPTypes
import SyncCore
import Testing

@testable import SyncWeb

@Suite("A row of an account")
struct AccountRowTests {
    @Test("tells how far its days are")
    func filled() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            _ = try await lab.meta()

            let page = try await lab.get("/", as: owner, html: true).text

            #expect(page.contains(/90 d<svg class="bar"><rect width="0%"\/><\/svg> <span>0 %<\/span>/))
        }
    }

    @Test("is as far as the page of its sync says, chunks that gave up included")
    func share() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let job = try await lab.run(of: account)
            let chunk = PlannedChunk(
                spec: ChunkSpec(stream: StreamID("campaigns"), phase: .recent), stage: "campaigns", workClass: .recent)
            _ = try await lab.store.addStep(
                0, of: job, chunks: Array(repeating: chunk, count: 7), notOffered: [:], notes: [])
            let claimed = try await lab.store.claim(ClaimRequest(worker: "w", limit: 3, perAccount: 3))
            let gone = ChunkUpdate.Outcome.fail(.gone(Failure.Cause(code: "1", "It is gone.")))
            for (chunk, outcome) in zip(claimed, [gone, gone, .finish(.init(isComplete: true))]) {
                _ = try await lab.store.update(ChunkUpdate(chunk, outcome))
            }

            let row = try await lab.get("/", as: owner, html: true)
            let page = try await lab.get("/accounts/\(account.id)/progress", as: owner, html: true)
            let object = try await lab.get("/accounts/\(account.id)/progress", as: owner)

            // Three of seven, of a first step that tells little of the whole.
            #expect(row.text.contains("Last 90 days: 1 %"))
            #expect(page.text.contains("Last 90 days: 1 %"))
            #expect(object.json["percent"] as? Int == 1)
        }
    }

    @Test("says what failed and why, and when it was tried last")
    func failed() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let job = try await lab.run(of: try await lab.meta())
            let chunk = PlannedChunk(
                spec: ChunkSpec(stream: StreamID("ad_sets"), phase: .recent), stage: "adsets", workClass: .recent)
            _ = try await lab.store.addStep(0, of: job, chunks: [chunk], notOffered: [:], notes: [])
            let claimed = try await lab.store.claim(ClaimRequest(worker: "w", limit: 1, perAccount: 1))
            let gone = ChunkUpdate.Outcome.fail(.gone(Failure.Cause(code: "1", "It is <gone>.")))
            for chunk in claimed { _ = try await lab.store.update(ChunkUpdate(chunk, gone)) }
            try await lab.work()
            let state = try await lab.store.job(job)?.state
            #expect(state == .failed)

            let page = try await lab.get("/", as: owner, html: true).text
            let run = try await lab.get("/sync/logs/\(job)", as: owner, html: true).text

            #expect(run.contains(" chunks arrived; ad sets did not</h1>"))
            #expect(page.contains("1 chunk failed") && page.contains("<i>Ad sets</i>"))
            #expect(page.contains("<b>It is &lt;gone&gt;.</b> All else is stored."))
            #expect(!page.contains("<td>—<i>→ —</i></td>"))
        }
    }

    @Test("asks for the permission that is missing: tried again it would fail again")
    func permission() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let job = try await lab.run(of: account)
            let chunk = PlannedChunk(
                spec: ChunkSpec(stream: StreamID("ad_sets"), phase: .recent), stage: "adsets", workClass: .recent)
            _ = try await lab.store.addStep(0, of: job, chunks: [chunk], notOffered: [:], notes: [])
            let claimed = try await lab.store.claim(ClaimRequest(worker: "w", limit: 1, perAccount: 1))
            let cause = Failure.Cause(code: "200", "No right.", advice: "Give it.")
            for chunk in claimed {
                _ = try await lab.store.update(ChunkUpdate(chunk, .fail(.permanentConfiguration(cause))))
            }
            try await lab.work()

            let link = "href=\"/connections/\(account.connection)/reconnect\""
            for path in ["/", "/accounts/\(account.id)/progress"] {
                let page = try await lab.get(path, as: owner, html: true).text
                #expect(page.contains(link) && page.contains("Grant permission"), "\(path)")
            }
        }
    }

    @Test("says nothing of days where only what has no days was asked for")
    func noDays() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let started = try await lab.call(
                .post, "/sync/manual", as: owner, form: [("accounts", account.externalID), ("streams", "campaigns")])
            #expect(started.status == 202, "\(started.text)")
            try await lab.work()

            let page = try await lab.get("/", as: owner, html: true).text

            #expect(page.contains("90 d <span>—</span>"))
        }
    }
}
