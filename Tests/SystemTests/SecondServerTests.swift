import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncHTTP
import Testing

extension SystemTests {
    @Suite("A second server on a file")
    struct SecondServerTests {
        @Test(
            "says who works it, serves the page as a client of that one, and goes on with the work when that one dies")
        func takesOver() async throws {
            try await Lab.with(try .slow(milliseconds: 20)) { lab in
                let first = try lab.startServer()
                let owner = try await Browser.setUp(first)
                let (second, url) = try await lab.startSecond()
                #expect(second.text.contains("in use by another sluice process (\(first.processID), \(owner.url))"))

                #expect(try await lab.sync("--detach").code == 0)
                try await eventually("the first one works") {
                    (try? lab.count("sync_chunks", where: "status = 'completed'")) ?? 0 > 2
                }
                let accounts = try await Browser(url: url, cookie: owner.cookie).get("/accounts")
                let flow = try await ProbeAnswer.get("/flowing", at: url)
                let ready = try await ProbeAnswer.get("/readyz", at: url)
                first.send(SIGKILL)
                try await eventually("the second one brings the job to its end", atMost: .seconds(120)) {
                    second.text.contains("Job 1 (meta \(lab.world.mainAccountID)) is completed") || !second.isRunning
                }
                second.send(SIGTERM)
                let ended = await second.wait(atMost: .seconds(30))

                #expect(accounts.contains(lab.world.mainAccountID))
                #expect(flow.code == 200)
                #expect(try flow.reason.hasPrefix("Another process does the work"))
                #expect(ready.code == 200)
                let said = ended.out.split(separator: "\n").map { $0.drop { $0 != " " }.dropFirst() }
                #expect(said.count > 3 && said[1].hasPrefix("That process has ended"), "\(ended.out)")
                #expect(said.dropFirst(2).first?.hasPrefix("Working on \(lab.database)") == true, "\(ended.out)")
                #expect(ended.code == 0, "\(ended.err)")
                try lab.expectTruth()
            }
        }

        @Test("hands the first one what people ask for on its page, and ends without disturbing it")
        func client() async throws {
            try await Lab.with(try .tiny()) { lab in
                let first = try lab.startServer()
                var visitor = try await Browser.setUp(first)
                #expect(try await lab.sync("--detach").code == 0)
                try await eventually("the job is done") {
                    first.text.contains("is completed") || !first.isRunning
                }
                let (second, url) = try await lab.startSecond()
                visitor.url = url
                let asked = try await visitor.call(.post, "/sync/manual", #"{"account_id":"1","range":"last_7_days"}"#)
                try await eventually("the first one does that, too") {
                    first.text.contains("Job 2 (meta \(lab.world.mainAccountID)) is completed") || !first.isRunning
                }
                second.send(SIGTERM)
                let left = await second.wait(atMost: .seconds(30))
                let ready = try await ProbeAnswer.get("/readyz", at: first.listening())
                first.send(SIGTERM)

                #expect(asked.status == 202, "\(asked.text)")
                #expect(left.code == 0, "\(left.err)")
                #expect(!left.out.contains("Job "), "\(left.out)")
                #expect(ready.code == 200)
                #expect(await first.wait(atMost: .seconds(30)).code == 0)
            }
        }

        @Test("says so in Vietnamese, too, while a second worker ends with a sentence")
        func words() async throws {
            try await Lab.with(try .tiny()) { lab in
                let worker = try lab.startWorker()
                try await eventually("it works") { worker.text.contains("Working on") || !worker.isRunning }
                let second = try lab.startServer(["SLUICE_LANG": "vi"])
                try await eventually("it says who works") {
                    second.text.contains("Tiến trình này chỉ phục vụ trang tại http://") || !second.isRunning
                }
                let third = try await lab.run(["worker", "--database", lab.database], environment: [:])
                worker.send(SIGTERM)
                await worker.wait(atMost: .seconds(30))
                try await eventually("it takes the work over") {
                    second.text.contains("từ nay tiến trình này làm việc") || !second.isRunning
                }

                #expect(second.text.contains("(\(worker.processID))"), "\(second.text)")
                #expect(third.code == 2 && third.err.contains("(\(worker.processID))"), "\(third.err)")
            }
        }
    }
}

extension Lab {
    fileprivate func startServer(_ environment: [String: String] = [:]) throws -> SluiceProcess {
        try start(["serve", "--database", database, "--listen", "127.0.0.1:0"], environment: environment)
    }

    /// A server that has found another one, and where its own page is.
    fileprivate func startSecond() async throws -> (SluiceProcess, url: String) {
        let second = try startServer()
        var url: String?
        try await eventually("it says who works") {
            url = second.text.firstMatch(of: /serves the page at (http:\S+)/).map { String($0.output.1) }
            return url != nil || !second.isRunning
        }
        return (second, try #require(url, "it ended: \(second.complaint)"))
    }
}
