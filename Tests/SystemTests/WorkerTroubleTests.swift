import Connectors
import Foundation
import SyncCore
import Synchronization
import Testing

extension SystemTests {
    @Suite("A worker in trouble")
    struct WorkerTroubleTests {
        @Test("waits for a database that somebody else holds, answers probes meanwhile, and goes on by itself")
        func heldDatabase() async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync("--detach").code == 0)
                let holder = try Holder(lab.database)
                let worker = try lab.startWorker("--listen", "127.0.0.1:0")
                let url = try await worker.listening()
                let alive = try await ProbeAnswer.get("/healthz", at: url)
                let unready = try await ProbeAnswer.get("/readyz", at: url)
                let metrics = try Metrics(try await ProbeAnswer.get("/metrics", at: url).text)
                try holder.letGo()
                try await eventually("the job is done") {
                    worker.text.contains("is completed") || !worker.isRunning
                }
                let ready = try await ProbeAnswer.get("/readyz", at: url)
                worker.send(SIGTERM)
                let ended = await worker.wait(atMost: .seconds(30))

                #expect(alive.code == 200)
                #expect(unready.code == 503)
                #expect(try unready.status == "starting")
                #expect(try unready.reason.contains("does not answer"))
                #expect(metrics["sluice_database_up"] == 0)
                #expect(ready.code == 200)
                #expect(ended.code == 0, "\(ended.err)")
                #expect(ended.out.ranges(of: "The database is away").count == 1, "\(ended.out)")
                #expect(ended.out.ranges(of: "The database is back").count == 1, "\(ended.out)")
                try lab.expectTruth()
            }
        }

        @Test("says once that the database is away in the midst of its work, is not ready, and goes on by itself")
        func databaseAway() async throws {
            try await Lab.with(try .slow(milliseconds: 30)) { lab in
                #expect(try await lab.sync("--detach").code == 0)
                let worker = try lab.startWorker("--workers", "2", "--listen", "127.0.0.1:0")
                let url = try await worker.listening()
                try await eventually("some chunks are done") {
                    (try? lab.count("sync_chunks", where: "status = 'completed'")) ?? 0 > 2
                }
                let holder = try Holder(lab.database)
                try await eventually("it says so") { worker.text.contains("is away") || !worker.isRunning }
                let alive = try await ProbeAnswer.get("/healthz", at: url)
                let unready = try await ProbeAnswer.get("/readyz", at: url)
                try holder.letGo()
                try await eventually("the job is done") {
                    worker.text.contains("is completed") || !worker.isRunning
                }
                let ready = try await ProbeAnswer.get("/readyz", at: url)
                worker.send(SIGTERM)
                let ended = await worker.wait(atMost: .seconds(30))

                #expect(alive.code == 200)
                #expect(unready.code == 503)
                #expect(try unready.status == "unavailable")
                #expect(ready.code == 200)
                #expect(ended.code == 0, "\(ended.err)")
                #expect(ended.out.ranges(of: "The database is away").count == 1, "\(ended.out)")
                #expect(ended.out.ranges(of: "The database is back").count == 1, "\(ended.out)")
                try lab.expectTruth()
            }
        }

        @Test("listens at once where no server answers, says why in one sentence, and ends quietly when it is told to")
        func nobodyAnswers() async throws {
            try await Lab.with(try .tiny()) { lab in
                let database = "postgres://u:s3cret@127.0.0.1:9/x"
                let key = ["SLUICE_SECRET_KEY": Data(repeating: 1, count: 32).base64EncodedString()]
                let worker = try lab.start(
                    ["worker", "--database", database, "--listen", "127.0.0.1:0"], environment: key)
                let url = try await worker.listening()
                let alive = try await ProbeAnswer.get("/healthz", at: url)
                try await eventually("it says so") { worker.text.contains("is away") || !worker.isRunning }
                let unready = try await ProbeAnswer.get("/readyz", at: url)
                let begun = ContinuousClock.now
                let status = try await lab.run(["status", "--database", database], environment: key)
                let took = ContinuousClock.now - begun
                worker.send(SIGTERM)
                let ended = await worker.wait(atMost: .seconds(10))

                let why =
                    "PostgreSQL does not answer at 127.0.0.1:9; check host, port and network, "
                    + "and that the server runs."
                #expect(alive.code == 200)
                #expect(unready.code == 503)
                #expect(try unready.reason == why)
                #expect(status.code == 2)
                #expect(status.err == why + "\n")
                #expect(took < .seconds(15))
                #expect(ended.code == 0, "\(ended.err)")
                #expect(ended.out.ranges(of: "The database is away").count == 1, "\(ended.out)")
                #expect(!ended.out.contains("cancelled") && !ended.out.contains(".."), "\(ended.out)")
            }
        }

        @Test("parks a connection whose credential is refused, and goes on when it is renewed")
        func renewed() async throws {
            try await Lab.with(try .tiny()) { lab in
                let isBroken = Switch()
                lab.stage { stage in
                    stage.script = { _, _ in isBroken.isOn ? .graphError(190, 460, status: 401) : nil }
                }
                #expect(try await lab.sync("--detach").code == 0)
                isBroken.isOn = true
                let worker = try lab.startWorker("--listen", "127.0.0.1:0")
                let url = try await worker.listening()
                try await eventually("it is parked") { worker.text.contains("is parked") || !worker.isRunning }
                let flow = try await ProbeAnswer.get("/flowing", at: url)
                let calls = lab.requests
                isBroken.isOn = false
                let connect = try await lab.run(["connect", "meta", "--base-url", lab.url, "--database", lab.database])
                try await eventually("the job is done") {
                    worker.text.contains("is completed") || !worker.isRunning
                }
                worker.send(SIGTERM)
                let ended = await worker.wait(atMost: .seconds(30))

                #expect(flow.code == 200)
                #expect(connect.code == 0, "\(connect.err)")
                #expect(ended.code == 0, "\(ended.err)")
                #expect(ended.out.ranges(of: "Connection meta/default is parked: ").count == 1, "\(ended.out)")
                #expect(calls < 20, "\(calls) calls with a credential that is refused")
                try lab.expectTruth()
            }
        }

        @Test("ends at once at a second signal, and while it only waits for its database")
        func impatient() async throws {
            try await Lab.with(try .slow(milliseconds: 20)) { lab in
                #expect(try await lab.sync("--detach").code == 0)
                let working = try lab.startWorker("--workers", "2")
                try await eventually("it works") { lab.requests > 5 || !working.isRunning }
                let holder = try Holder(lab.database)
                working.send(SIGTERM)
                try await eventually("it drains") { working.text.contains("Draining") || !working.isRunning }
                working.send(SIGTERM)
                let impatient = await working.wait(atMost: .seconds(3))
                let waiting = try lab.startWorker("--listen", "127.0.0.1:0")
                _ = try await waiting.listening()
                waiting.send(SIGTERM)
                let waited = await waiting.wait(atMost: .seconds(10))
                try holder.letGo()

                #expect(impatient.code == 130)
                #expect(impatient.err == "Ended at once. Leases run out, then others go on.\n")
                #expect(waited.code == 0, "\(waited.err)")
                #expect(waited.out.contains("is away"))
            }
        }
    }
}

/// Turned by a test, looked at by a sandbox.
private final class Switch: Sendable {
    private let state = Atomic(false)
    var isOn: Bool {
        get { state.load(ordering: .relaxed) }
        set { state.store(newValue, ordering: .relaxed) }
    }
}
