import HTTPTypes
import SyncCore
import SyncTestKit
import Testing

@testable import SyncWeb

@Suite("The bar of a sync")
struct ProgressBarTests {
    @Test("Chunks that failed are at its far end, those that wait behind those that run, and neither is done")
    func parts() throws {
        let stages = [
            StageProgress(stage: "ads", phase: .recent, total: 10, completed: 4, failed: 2, running: 1, waiting: 0),
            StageProgress(
                stage: "insights", phase: .recent, total: 10, completed: 1, failed: 0, running: 0, waiting: 3),
        ]

        let bar = try #require(ProgressPage.Bar(stages))

        #expect(bar.done == "25%" && bar.running == "5%")
        #expect(bar.waiting?.x == "30%" && bar.waiting?.width == "15%")
        #expect(bar.failed?.x == "90%" && bar.failed?.width == "10%")
    }

    @Test("While more is to be planned nearly all is to come, whatever is done of the little that is known")
    func planned() throws {
        let lists = [StageProgress(stage: "ads", phase: .recent, total: 5, completed: 4)]
        let day = try #require(CivilDate("2026-11-21"))
        var job = Job(
            id: JobID(1),
            definition: NewJob(
                account: AccountID(1), kind: .initial, workClass: .recent, streams: [], requested: nil, anchor: day,
                recent: nil, history: nil,
                steps: [
                    .init(name: "structure", phase: .recent), .init(name: "recent", phase: .recent),
                    .init(name: ProofStep.look(.recent), phase: .recent),
                    .init(name: "history", phase: .history),
                ]),
            state: .inProgress, phase: .recent, plannedSteps: 1, openChunks: 1, totalChunks: 5, completedChunks: 4,
            failedChunks: 0, cancelledChunks: 0, rowsReceived: 0, rowsWritten: 0, spent: Spent(),
            createdAt: Instant(seconds: 0))

        #expect(job.plansMore)
        #expect(lists.percent(plansMore: true) == 3 && lists.percent(plansMore: false) == 80)
        #expect(ProgressPage.Bar(lists, plansMore: true)?.done == "3.2%")
        // What the platform's totals cost is little, and is planned when the days are there.
        job.plannedSteps = 2
        #expect(!job.plansMore)
    }

    @Test("Nothing is drawn of what is not there")
    func none() throws {
        #expect(ProgressPage.Bar([]) == nil)
        let bar = try #require(ProgressPage.Bar([StageProgress(stage: "ads", phase: .recent, total: 2, completed: 2)]))
        #expect(bar.done == "100%" && bar.waiting == nil && bar.failed == nil)
    }

    @Test("The page, the bar and the figure for programs stay where they were when a chunk is cut")
    func cut() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            _ = try await lab.call(.post, "/accounts/\(account.id)/sync", as: owner)
            let job = try #require(try await lab.store.jobs(limit: 1).first)
            let spec = ChunkSpec(stream: StreamID("campaigns"), phase: .recent, mode: "list")
            let chunk = PlannedChunk(spec: spec, stage: "campaigns", workClass: .recent)
            _ = try await lab.store.addStep(
                0, of: job.id, chunks: Array(repeating: chunk, count: 4), notOffered: [:], notes: [])
            let claimed = try await lab.store.claim(ClaimRequest(worker: "w", limit: 4, perAccount: 4))
            for chunk in claimed.prefix(2) {
                _ = try await lab.store.update(ChunkUpdate(chunk, .finish(.init(isComplete: true))))
            }
            let path = "/accounts/\(account.id)/progress"
            let before = try await lab.get(path, as: owner).json["percent"] as? Int
            _ = try await lab.store.update(ChunkUpdate(claimed[2], .split([spec, spec, spec], reason: "too big")))
            lab.clock.advance(by: .seconds(2))
            let after = try await lab.get(path, as: owner)
            let page = try await lab.get(path, as: owner, html: true)

            // While more is to be planned, four chunks are four of a hundred parts.
            #expect(before == 2)
            #expect(after.json["total_chunks"] as? Int == 6)
            #expect(after.json["percent"] as? Int == 2)
            #expect(page.text.contains("2 %"))
            let stages = [StageProgress(stage: "ads", phase: .recent, total: 22, completed: 20)]
            #expect(ProgressPage.Bar(stages, reached: 95)?.done == "95%")
            #expect(ProgressPage.Bar(stages, reached: 80)?.done == "90.91%")
        }
    }
}
