import Connectors
import Foundation
import HTTPTypes
import SyncCore
import SyncTestKit
import Testing
import Wording

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
            _ = try await lab.meta(number: "1000002")

            let started = try await lab.call(.post, "/facebook/sync/ads", as: owner, language: "vi")
            #expect(started.status == 202)
            #expect(started.json["message"] as? String == "Đã bắt đầu đồng bộ Facebook Ads trong background")
            #expect(started.json["status"] as? String == "queued")
            let id = try #require(started.json["sync_id"] as? String)
            #expect(id.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
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
            // What both accounts belong to is there once.
            #expect(counts["accounts"] == 2 && counts["businesses"] == 1)
            #expect(counts["pages"] == lab.world.pages.count)
        }
    }

    @Test("Programs of the replaced system name no language and accounts as Meta does, and see at once what they did")
    func asBefore() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            func status() async throws -> [String: Any] {
                try #require(try await lab.get("/facebook/sync/status", as: owner).json["status"] as? [String: Any])
            }
            #expect(try await status()["message"] as? String == "Chưa có lần đồng bộ nào")

            let started = try await lab.call(
                .post, "/facebook/sync/ads", as: owner, json: "{\"account_id\":\"act_\(account.externalID)\"}")
            #expect(started.status == 202)
            #expect(started.json["message"] as? String == "Đã bắt đầu đồng bộ Facebook Ads trong background")
            #expect(try await status()["status"] as? String == "queued")

            #expect(try await lab.call(.post, "/facebook/sync/stop", as: owner, json: "").status == 200)
            #expect(try await status()["status"] as? String == "cancelled")
            let manual = try await lab.call(
                .post, "/sync/manual", as: owner, json: "{\"accounts\":[\"act_\(account.externalID)\"]}")
            #expect(manual.status == 202)
        }
    }

    @Test(
        "Errors are in the language of the answers, an empty choice is none, and people who open an address can read it"
    )
    func opened() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let none = try await lab.call(.post, "/facebook/sync/ads", as: owner)
            #expect(none.status == 409 && none.text.contains("Chưa kết nối tài khoản Meta nào."))
            _ = try await lab.meta()

            let empty = try await lab.call(.post, "/facebook/sync/ads", as: owner, json: #"{"account_id":[]}"#)
            let page = try await lab.get("/facebook/sync/status", as: owner, html: true)

            #expect(empty.status == 422)
            #expect(page.status == 200)
            #expect(page.headers[.contentType]?.hasPrefix("text/html") == true)
            #expect(page.text.contains("<h1 class=\"m\">/facebook/sync/status</h1>"))
            #expect(page.text.contains("&quot;status&quot;: &quot;idle&quot;"))
            #expect(ReadableAnswers.indented(#"{"a":["}\"",1]}"#).split(separator: "\n").count == 6)
        }
    }

    @Test("A sync that is paused keeps its status and says in its message that it stands still")
    func paused() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            for number in ["20", "21"] { _ = try await lab.meta(number: number) }
            let started = try await lab.call(.post, "/facebook/sync/ads", as: owner)
            let jobs = try #require(started.json["jobs"] as? [Int])
            func told(_ what: String) async throws -> [String: Any] {
                try #require(try await lab.get("/facebook/sync/\(what)", as: owner).json[what] as? [String: Any])
            }

            _ = try await lab.call(.post, "/sync/jobs/\(jobs[0])/pause", as: owner)
            #expect(try await told("status")["message"] as? String == "Đang chờ bắt đầu", "the other one goes on")
            _ = try await lab.call(.post, "/sync/jobs/\(jobs[1])/pause", as: owner)

            let status = try await told("status")
            #expect(status["status"] as? String == "queued")
            #expect(status["message"] as? String == "Đang tạm dừng trước khi bắt đầu")
            #expect(try await told("progress")["message"] as? String == "Đang tạm dừng trước khi bắt đầu")
        }
    }

    @Test("A sync that is paused between two stages names the stage")
    func pausedStage() {
        let sync = FacebookSync(
            PlatformWork(
                jobs: [Jobs(state: .waiting, count: 1, waits: [.paused: 1], chunks: 12, completed: 6, percent: 60)],
                stages: ["campaigns": .init(chunks: 2), "adsets": .init(chunks: 4, open: 3)],
                startedAt: Instant(seconds: 1)))

        #expect(sync.status == "running" && sync.stage == "adsets" && sync.percent == 60)
        #expect(sync.message(Words(language: .vietnamese)) == "Đang tạm dừng Ad Sets")
    }

    @Test("A sync of which nothing goes on says what it waits for", arguments: [WaitReason.quota, .credential, nil])
    func waiting(_ reason: WaitReason?) {
        let isParked = reason == .credential
        let jobs = [
            Jobs(state: isParked ? .waiting : .inProgress, count: 3, waits: isParked ? [.credential: 3] : [:]),
            Jobs(state: .pending, count: 1),
        ]
        let ads = PlatformWork.Stage(chunks: 4, open: 3, running: reason == nil ? 1 : 0, blocked: isParked ? 0 : 2)
        let sync = FacebookSync(PlatformWork(jobs: jobs, stages: ["ads": ads], startedAt: Instant(seconds: 1)))

        #expect(sync.status == "running")
        let said = sync.message(Words(language: .vietnamese))
        switch reason {
        case .quota: #expect(said == "Đang chờ hạn mức của Meta")
        case nil: #expect(said == "Đang đồng bộ Ads...")
        default: #expect(said == "Đang chờ: Meta từ chối mã truy cập")
        }
    }

    @Test("A removed connection is synced no more")
    func removed() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            #expect(try await lab.call(.delete, "/connections/\(account.connection)", as: owner).status < 300)

            #expect(try await lab.call(.post, "/facebook/sync/ads", as: owner).status == 409)
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
            #expect(broken.status == 400)
            #expect(nested.status == 422 && nested.text.contains("account_id"), "\(nested.text)")
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

    @Test("Of a sync that no worker has begun the moment of its begin is null, and not left out")
    func begin() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            _ = try await lab.meta()
            let idle = try await lab.get("/facebook/sync/status", as: owner)
            #expect(try #require(idle.json["status"] as? [String: Any])["started_at"] is NSNull)
            _ = try await lab.call(.post, "/facebook/sync/ads", as: owner)
            try await ContinuousClock().sleep(for: .milliseconds(300))

            let queued = try #require(
                try await lab.get("/facebook/sync/status", as: owner).json["status"] as? [String: Any])

            #expect(queued["started_at"] is NSNull && queued["finished_at"] is NSNull)
            #expect(queued["status"] as? String == "queued")
        }
    }

    @Test("An account that is not there starts nothing, though others named with it are")
    func unknownBesideKnown() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()

            let reply = try await lab.call(
                .post, "/facebook/sync/ads", as: owner, json: "{\"account_id\":[\"\(account.externalID)\",\"404\"]}")

            #expect(reply.status == 422)
            #expect(try await lab.store.logs(LogFilter(workspace: .first), before: nil, limit: 1).isEmpty)
        }
    }

    // MARK: Stages

    private typealias Jobs = PlatformWork.Jobs

    @Test("Stages count one by one: campaigns, the third of eight, are 37.5 percent")
    func steps() {
        let sync = FacebookSync(
            PlatformWork(
                jobs: [Jobs(state: .inProgress, count: 1, unplanned: 1, chunks: 18, completed: 14, percent: 20)],
                stages: [
                    "businesses": .init(chunks: 1), "accounts": .init(chunks: 1),
                    "campaigns": .init(chunks: 2, open: 1), "adsets": .init(chunks: 4, open: 3),
                    "insights": .init(chunks: 9),
                ], startedAt: Instant(seconds: 1)))

        #expect(sync.stagePercent == 37.5)
        #expect(sync.step == 3)
        #expect(sync.stage == "campaigns")
        #expect(sync.status == "running")
        #expect(sync.percent == 20)
    }

    @Test("Nobody is taken back by work that is found on the way, and the next sync begins anew")
    func forward() {
        func sync(_ open: String, _ percent: Int, from second: Int64 = 1) -> FacebookSync {
            FacebookSync(
                PlatformWork(
                    jobs: [Jobs(state: .inProgress, count: 1, chunks: 9, completed: 1, percent: percent)],
                    stages: [open: .init(chunks: 2, open: 1)], startedAt: Instant(seconds: second)))
        }
        let later = sync("adsets", 30).notBehind(sync("posts", 49))

        #expect(later.stage == "posts" && later.step == 7 && later.stagePercent == 87.5 && later.percent == 49)
        #expect(sync("posts", 50).notBehind(later).percent == 50)
        #expect(sync("adsets", 3, from: 2).notBehind(later).step == 4)
    }

    @Test("A stage with chunks that failed is behind but not done")
    func failedStage() {
        let sync = FacebookSync(
            PlatformWork(
                jobs: [Jobs(state: .inProgress, count: 1, chunks: 12, completed: 6, percent: 60)],
                stages: [
                    "campaigns": .init(chunks: 2, failed: 1), "adsets": .init(chunks: 1),
                    "insights": .init(chunks: 9, open: 5),
                ], startedAt: Instant(seconds: 1)))

        #expect(sync.stage == "insights" && sync.step == 7)
        #expect(sync.stagePercent == 87.5)
    }

    @Test("Days that are to come keep the last stage open, whatever is read of it already")
    func phases() {
        let sync = FacebookSync(
            PlatformWork(
                jobs: [Jobs(state: .inProgress, count: 1, unplanned: 1, chunks: 12, completed: 12, percent: 66)],
                stages: ["campaigns": .init(chunks: 3), "insights": .init(chunks: 9)], startedAt: Instant(seconds: 1)))

        #expect(sync.stage == "insights" && sync.stagePercent == 87.5)
        #expect(sync.percent == 66)
    }

    @Test("A sync that failed tells what is done of it, one that never had a chunk nothing")
    func failed() {
        let partly = FacebookSync(
            PlatformWork(
                jobs: [Jobs(state: .failed, count: 1, chunks: 10, completed: 9, percent: 99)],
                stages: ["campaigns": .init(chunks: 1), "insights": .init(chunks: 9, failed: 1)],
                startedAt: Instant(seconds: 1), finishedAt: Instant(seconds: 2)))
        let atOnce = FacebookSync(
            PlatformWork(
                jobs: [Jobs(state: .failed, count: 1, unbegun: 1, unplanned: 1)],
                finishedAt: Instant(seconds: 2)))

        #expect(partly.status == "failed" && partly.stage == "failed")
        #expect(partly.stagePercent == 87.5 && partly.step == 7 && partly.percent == 90)
        #expect(atOnce.stagePercent == 0 && atOnce.step == 0 && atOnce.percent == 0)
    }

    @Test("Stages that a sync has no chunk of are done with it")
    func partial() {
        let sync = FacebookSync(
            PlatformWork(
                jobs: [Jobs(state: .completed, count: 2, chunks: 2, completed: 2, percent: 200)],
                stages: ["campaigns": .init(chunks: 2)], startedAt: Instant(seconds: 1),
                finishedAt: Instant(seconds: 2)))

        #expect(sync.stagePercent == 100 && sync.step == 8 && sync.percent == 100)
    }

    @Test("A sync that was stopped keeps what was read, and its days are not done")
    func stopped() {
        let sync = FacebookSync(
            PlatformWork(
                jobs: [Jobs(state: .cancelled, count: 1, unplanned: 1, chunks: 14, completed: 9, percent: 40)],
                stages: ["campaigns": .init(chunks: 4), "insights": .init(chunks: 10, cancelled: 5)],
                startedAt: Instant(seconds: 1), finishedAt: Instant(seconds: 2)))

        #expect(sync.status == "cancelled" && sync.percent == 40)
        #expect(sync.step == 1 && sync.stagePercent == 12.5)
    }
}
