import ConnectorKit
import Foundation
import HTTPTypes
import SyncCore
import SyncEngine
import SyncTestKit
import Testing

@testable import SyncWeb

@Suite("The frame of all pages")
struct FrameTests {
    private static func status(_ lab: SiteLab, _ visit: SiteLab.Visit) async throws -> String {
        let page = try await lab.get("/sync/settings/you", as: visit, html: true).text
        let line = try #require(page.firstMatch(of: /<div class="line ([a-z]*)">(.*?)<\/div><p>(.*?)<\/p>/))
        let text = line.2.replacing(/<[^>]*>/, with: " ").split(separator: " ").joined(separator: " ")
        return "\(line.1): \(text); \(line.3)"
    }

    @Test("What others have under way is none of a workspace's work")
    func others() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let other = try await lab.otherWorkspace()
            _ = try await lab.meta(in: other.id)
            _ = try await lab.call(.post, "/facebook/sync/ads", as: other.owner)
            let job = try #require(
                try await lab.store.logs(LogFilter(workspace: other.id), before: nil, limit: 1).first)
            try await FrameTests.plan(lab, job.job)

            #expect(try await FrameTests.status(lab, owner) == "ok: Ready; Nothing to do")
            #expect(try await FrameTests.status(lab, other.owner) == "ok: In line; 0 running, 2 waiting")
            _ = try await lab.store.claim(ClaimRequest(worker: "w", limit: 1, perAccount: 1, skipping: []))
            try await ContinuousClock().sleep(for: .milliseconds(1100))
            #expect(try await FrameTests.status(lab, other.owner) == "ok: Working now; 1 running, 1 waiting")
            #expect(try await FrameTests.status(lab, owner) == "ok: Ready; Nothing to do")
        }
    }

    @Test("Work that stands still says so, and why")
    func standing() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            _ = try await lab.meta()
            _ = try await lab.call(.post, "/facebook/sync/ads", as: owner)
            let job = try #require(try await lab.store.logs(LogFilter(workspace: .first), before: nil, limit: 1).first)
            try await FrameTests.plan(lab, job.job)

            lab.probe.tell(flow: Health(isGood: false, status: "stalled", reason: "Due chunks lie there."))
            #expect(try await FrameTests.status(lab, owner) == "bad: Not moving; 0 running, 2 waiting")
            _ = try await lab.store.pause(job.job, by: "Linh")
            try await ContinuousClock().sleep(for: .milliseconds(1100))
            #expect(try await FrameTests.status(lab, owner) == "note: Paused; 0 running, 2 waiting")
        }
    }

    @Test("A workspace that has nothing to do tells when something was done last")
    func last() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            _ = try await lab.meta()
            _ = try await lab.call(.post, "/facebook/sync/ads", as: owner)
            try await lab.work()
            try await ContinuousClock().sleep(for: .milliseconds(1100))

            // Noon in Greenwich.
            #expect(try await FrameTests.status(lab, owner) == "ok: Ready 19:00; Nothing to do")
        }
    }

    @Test("Metrics name the limits of the asker's own accounts alone")
    func metrics() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let other = try await lab.otherWorkspace()
            let account = try await lab.meta()
            let connection = try #require(try await lab.store.connection(account.connection))
            let connector = try lab.environment.connectors.type(of: account.platform)
                .init(configuration: connection.configuration)
            let quota = Quota(limit: QuotaLimit(points: 60, per: .seconds(1), burst: 60), at: lab.clock.now)
            let keys = connector.quotaKeys(of: account.externalID)
            lab.probe.tell(quotas: keys.map { QuotaUse($0, quota, at: lab.clock.now) })

            let mine = try await lab.get("/metrics", as: owner).text
            let theirs = try await lab.get("/metrics", as: other.owner).text

            #expect(mine.contains("subject=\"\(keys[0].subject)\""))
            #expect(!theirs.contains("subject="))
            #expect(theirs.contains("sluice_workers 1"))
        }
    }

    /// Two lists to read.
    private static func plan(_ lab: SiteLab, _ job: JobID) async throws {
        let chunks = ["campaigns", "ads"].map { name in
            PlannedChunk(
                spec: ChunkSpec(stream: StreamID(name), phase: .recent, mode: "list"), stage: name, workClass: .recent)
        }
        _ = try await lab.store.addStep(0, of: job, chunks: chunks, notOffered: [:], notes: [])
    }
}

@Suite("What an answer is written in")
struct WishTests {
    @Test(
        "is weighed: HTML for browsers, JSON for who asks for it or for anything",
        arguments: [
            ("", "json"), ("*/*", "json"), ("application/json", "json"), ("text/html", "html"),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"), ("text/html, */*", "html"),
            ("application/json, text/html", "json"), ("text/html, application/json", "html"),
            ("text/html;q=0.5, application/json", "json"), ("application/json;q=0.5, text/html;q=0.9", "html"),
            ("text/html;q=0.1, */*", "json"), ("text/html;q=0, application/json", "json"), ("text/plain", "json"),
        ])
    func form(_ accept: String, _ wanted: String) async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()

            let reply = try await lab.call(.get, "/sync/schedules", as: owner, headers: [("Accept", accept)])

            #expect(reply.status == 200)
            #expect(reply.headers[.contentType]?.contains(wanted) == true, "\(accept)")
        }
    }
}
