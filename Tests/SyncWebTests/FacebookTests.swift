import HTTPTypes
import SyncCore
import SyncTestKit
import Testing

@testable import SyncWeb

@Suite("The Facebook sync's own routes")
struct FacebookTests {
    @Test("A sync is started, told of while it goes on, and complete, in the shapes and words of the replaced system")
    func life() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let idle = try await lab.get("/facebook/sync/status", as: owner)
            #expect((idle.json["status"] as? [String: Any])?["status"] as? String == "idle")
            _ = try await lab.meta()

            let started = try await lab.call(.post, "/facebook/sync/ads", as: owner, language: "vi")
            #expect(started.status == 202)
            #expect(started.json["message"] as? String == "Đã bắt đầu đồng bộ Facebook Ads trong background")
            #expect(started.json["status"] as? String == "queued")
            let id = try #require(started.json["sync_id"] as? String)
            #expect(id.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
            try await ContinuousClock().sleep(for: .milliseconds(300))
            let queued = try await lab.call(.get, "/facebook/sync/status", as: owner, language: "vi")
            let status = try #require(queued.json["status"] as? [String: Any])
            #expect(status["status"] as? String == "queued")
            #expect(status["progress"] as? Int == 0)
            #expect(status["message"] as? String == "Đang chờ bắt đầu")
            try await lab.work()

            try await ContinuousClock().sleep(for: .milliseconds(2100))
            let done = try await lab.get("/facebook/sync/progress", as: owner)
            let progress = try #require(done.json["progress"] as? [String: Any])
            #expect(progress["percent"] as? Double == 100)
            #expect(progress["stage"] as? String == "completed")
            #expect(progress["current_step"] as? Int == 8 && progress["total_steps"] as? Int == 8)
            let counts = try #require(done.json["counts"] as? [String: Int])
            #expect(Set(counts.keys) == Set(FacebookSync.stages))
            #expect(counts["campaigns"] ?? 0 > 0 && counts["insights"] ?? 0 > 0)
        }
    }

    @Test("Stopping cancels what goes on, and nothing of others")
    func stop() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let other = try await lab.otherWorkspace()
            _ = try await lab.meta()
            _ = try await lab.meta(in: other.id, number: "20")
            for visit in [owner, other.owner] { _ = try await lab.call(.post, "/facebook/sync/ads", as: visit) }

            let stopped = try await lab.call(.post, "/facebook/sync/stop", as: owner)

            #expect(stopped.json["stopped"] as? Int == 1)
            let mine = try await lab.store.logs(LogFilter(workspace: .first), before: nil, limit: 10)
            let theirs = try await lab.store.logs(LogFilter(workspace: other.id), before: nil, limit: 10)
            #expect(mine.map(\.state) == [.cancelled])
            #expect(theirs.map(\.state) == [.pending])
            let again = try await lab.call(.post, "/facebook/sync/stop", as: owner)
            #expect(again.status == 200 && again.json["stopped"] as? Int == 0)
        }
    }

    @Test("An account that is not connected is told, and what is no form is refused")
    func badInput() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            #expect(try await lab.call(.post, "/facebook/sync/ads", as: owner).status == 409)
            _ = try await lab.meta()

            let unknown = try await lab.call(.post, "/facebook/sync/ads", as: owner, json: "{\"account_id\":\"404\"}")
            let broken = try await lab.call(.post, "/facebook/sync/ads", as: owner, json: "{\"account_id\":")
            let nested = try await lab.call(.post, "/facebook/sync/ads", as: owner, json: "{\"account_id\":{}}")
            let large = try await lab.call(
                .post, "/facebook/sync/ads", as: owner, form: [("x", String(repeating: "x", count: 300_000))])

            #expect(unknown.status == 422)
            #expect(broken.status == 400 && nested.status == 400)
            #expect(large.status == 413)
            #expect(try await lab.call(.get, "/facebook/sync/ads", as: owner).status == 405)
        }
    }

    @Test("Who starts too often waits, and hears for how long")
    func limited() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()

            var refused: SiteLab.Reply?
            for _ in 0..<70 where refused == nil {
                let reply = try await lab.call(.post, "/facebook/sync/stop", as: owner)
                if reply.status != 200 { refused = reply }
            }
            #expect(refused?.status == 429)
            #expect(refused?.headers[.retryAfter] == "1")
            lab.clock.advance(by: .seconds(2))
            #expect(try await lab.call(.post, "/facebook/sync/stop", as: owner).status == 200)
        }
    }

    @Test("Stages count one by one: three of eight are 37.5 percent")
    func steps() {
        func stage(_ name: String, _ total: Int, _ completed: Int) -> StageProgress {
            StageProgress(stage: name, phase: .recent, total: total, completed: completed)
        }
        let entry = LogEntry(
            job: JobID(1), account: AccountID(1), platform: PlatformID("meta"), accountName: "", zoneName: "UTC",
            kind: .initial, state: .inProgress, waitReason: nil, phase: .recent, requested: nil, days: nil,
            totalChunks: 0, completedChunks: 0, failedChunks: 0, percent: 0, rowsReceived: 0, rowsWritten: 0,
            requests: 0, throttled: 0, retries: 0, errorClass: nil, errorMessage: nil,
            createdAt: Instant(seconds: 0), startedAt: Instant(seconds: 1), finishedAt: nil, schedule: nil)

        let sync = FacebookSync(
            [entry],
            [
                stage("businesses", 1, 1), stage("accounts", 1, 1), stage("campaigns", 2, 2), stage("adsets", 4, 1),
                stage("insights", 9, 9),
            ])

        #expect(sync.stagePercent == 37.5)
        #expect(sync.step == 3)
        #expect(sync.stage == "adsets")
        #expect(sync.status == "running")
    }
}
