import ConnectorKit
import Connectors
import Foundation
import SyncCore
import Testing

extension SystemTests {
    @Suite("A limit that is reached")
    struct WaitingTests {
        private static func refusal(seconds: Int) -> SandboxReply {
            .graphError(17, 2_446_079)
                .with("X-Ad-Account-Usage", "{\"acc_id_util_pct\":100,\"reset_time_duration\":\(seconds)}")
        }

        @Test(
            "before anything is stored is waited for, and said, also beside JSON",
            arguments: [("en", "Waiting until"), ("vi", "Đang chờ đến")], [["--workers", "16"], ["--json"]])
        func first(_ told: (language: String, says: String), _ more: [String]) async throws {
            try await Lab.with(try .tiny(), script: { $1 == 1 ? Self.refusal(seconds: 2) : nil }) { lab in
                let clock = ContinuousClock()
                let begun = clock.now
                let outcome = try await lab.run(
                    lab.syncArguments(["--streams", "campaigns"] + more),
                    environment: lab.credentials.merging(["SLUICE_LANG": told.language]) { $1 })

                #expect(outcome.code == 0, "\(outcome.err)")
                #expect(outcome.err.contains(told.says) && outcome.err.contains("17/2446079"), "\(outcome.err)")
                #expect(clock.now - begun >= .seconds(2))
            }
        }

        @Test(
            "can be left while it is waited for", arguments: [SIGTERM, SIGINT], [("en", "goes on"), ("vi", "tiếp tục")])
        func left(_ signal: Int32, _ told: (language: String, says: String)) async throws {
            try await Lab.with(try .tiny(), script: { _, _ in Self.refusal(seconds: 600) }) { lab in
                let running = try lab.startSync(
                    "--json", environment: lab.credentials.merging(["SLUICE_LANG": told.language]) { $1 })
                try await eventually("it waits") { running.complaint.contains("Ctrl-C") || !running.isRunning }
                running.send(signal)
                let ended = await running.wait(atMost: .seconds(20))

                #expect(ended.code == 130, "\(ended.err)")
                #expect(ended.err.split(separator: "\n").last?.contains(told.says) == true, "\(ended.err)")
                #expect(ended.out.isEmpty)
            }
        }

        @Test("before anything is stored is kept for who comes later")
        func kept() async throws {
            try await Lab.with(try .tiny(), script: { _, _ in Self.refusal(seconds: 600) }) { lab in
                for _ in 1...2 {
                    let sync = try lab.startSync("--streams", "campaigns")
                    try await eventually("it waits") { sync.complaint.contains("Waiting until") || !sync.isRunning }
                    sync.send(SIGTERM)
                    #expect(await sync.wait(atMost: .seconds(20)).code == 130)
                }
                #expect(lab.requests == 1)
            }
        }

        @Test("is not called into by a sync, a connect or a doctor that come later")
        func later() async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync("--streams", "campaigns").code == 0)
                lab.stage { $0.script = { _, _ in Self.refusal(seconds: 600) } }
                let calls = lab.requests
                let first = try lab.startSync("--streams", "campaigns")
                try await eventually("it says that it waits") {
                    first.complaint.contains("Blocked until") || !first.isRunning
                }
                let status = try await lab.command("status", "--json").json()
                let jobs = try await lab.command("jobs")
                first.send(SIGTERM)
                let ended = await first.wait(atMost: .seconds(20))

                #expect(ended.code == 130, "\(ended.err)")
                #expect(ended.err.contains("time left not known yet"), "\(ended.err)")
                #expect(lab.requests == calls + 1)
                #expect(status["wait_reason"] as? String == "quota")
                #expect(status["blocked_until"] as? String != nil)
                #expect(jobs.out.contains("(quota)"), "\(jobs.out)")

                let second = try lab.startSync("--streams", "campaigns")
                try await eventually("it waits, too") {
                    second.complaint.contains("Blocked until") || !second.isRunning
                }
                second.send(SIGTERM)
                #expect(await second.wait(atMost: .seconds(20)).code == 130)
                #expect(lab.requests == calls + 1)

                // The limit of an account says nothing of the app's, which these two count against.
                lab.stage { $0.script = { _, _ in .graphError(4, nil) } }
                let words = ["connect", "meta", "--base-url", lab.url, "--database", lab.database]
                let connect = try await lab.run(words, environment: lab.credentials)
                #expect(connect.code == 1, "\(connect.out)")
                #expect(connect.err.contains("Try again after"), "\(connect.err)")
                let doctor = try await lab.command("doctor")
                #expect(doctor.code == 0, "\(doctor.out)")
                #expect(doctor.out.contains("Try again after"), "\(doctor.out)")
            }
        }
    }

    @Suite("A limit that the inspection of the token meets")
    struct InspectionLimitTests {
        @Test("is waited for by the job")
        func waits() async throws {
            let script: Stage.Script = { request, number in
                let isInspection = String(decoding: request.body, as: UTF8.self).contains("debug_token")
                return isInspection || number > 2 ? .graphError(4) : nil
            }
            try await Lab.with(try .tiny(), script: script) { lab in
                let sync = try lab.startSync("--streams", "campaigns")
                try await eventually("it waits") { sync.complaint.contains("Blocked until") || !sync.isRunning }
                sync.send(SIGTERM)

                #expect(await sync.wait(atMost: .seconds(20)).code == 130)
                #expect(lab.requests == 2)
                #expect(try lab.count("quotas", where: "key LIKE 'meta/app/%' AND blocked_until IS NOT NULL") == 1)
            }
        }
    }

    @Suite("What is known of a token")
    struct InspectionTests {
        @Test("is its end, a week before")
        func ending() async throws {
            var world = try MetaWorld.tiny()
            world.auth.tokens[0].expiresAt = SystemWallClock().now + .seconds(2 * 86_400 + 600)
            try await Lab.with(world) { lab in
                let sync = try await lab.sync("--streams", "campaigns")
                let doctor = try await lab.command("doctor")

                #expect(sync.code == 0, "\(sync.err)")
                #expect(sync.err.contains("The token ends in 2 days"), "\(sync.err)")
                #expect(doctor.out.contains("The token ends in 2 days"), "\(doctor.out)")
            }
        }

        @Test("stays in status: the fields that it may not read")
        func refusedFields() async throws {
            var world = try MetaWorld.tiny()
            world.accounts[0].gatedFields = ["funding_source_details"]
            try await Lab.with(world) { lab in
                #expect(try await lab.sync("--streams", "accounts").code == 0)
                #expect(try await lab.sync("--streams", "campaigns").code == 0)
                let status = try await lab.command("status")

                #expect(status.out.contains("lacks"), "\(status.out)")
                #expect(status.out.contains("does not give funding_source_details of ad_accounts"), "\(status.out)")
            }
        }
    }
}
