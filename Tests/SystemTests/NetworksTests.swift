import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncCore
import SyncHTTP
import Testing

extension SystemTests {
    @Suite("An affiliate network")
    struct NetworksTests {
        /// A folder, a sandbox of Admitad over real HTTP, and runs of `sluice`.
        private struct Lab {
            let folder: URL
            let host: SandboxHost<AdmitadSandbox>
            let world: AdmitadWorld

            static func with(_ faults: String = "[]", body: (Lab) async throws -> Void) async throws {
                let today = CivilDate(daysSince1970: Int32(SystemWallClock().now.seconds / 86_400))
                let small = try #require(AdmitadWorld.named("small", seed: 5, sizes: [:], today: today))
                let world = try small.changed(by: Array("{\"faults\":\(faults)}".utf8))
                let name = "sluice-\(UUID().uuidString)"
                let folder = FileManager.default.temporaryDirectory.appendingPathComponent(name)
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                let host = try await SandboxHost.start(AdmitadSandbox(world), clock: SystemWallClock())
                let lab = Lab(folder: folder, host: host, world: world)
                let result: Result<Void, any Error>
                do { result = .success(try await body(lab)) } catch { result = .failure(error) }
                await host.shutdown()
                try? FileManager.default.removeItem(at: folder)
                try result.get()
            }

            func run(_ words: [String], url: String? = nil, _ more: [String: String] = [:]) async throws -> Outcome {
                let credentials = world.credential.map { ("SLUICE_ADMITAD_\($0.field.uppercased())", $0.value) }
                let environment = Dictionary(uniqueKeysWithValues: credentials).merging(more) { $1 }
                let database = folder.appendingPathComponent("data.sqlite").path
                let place = ["--base-url", url ?? host.url, "--database", database]
                return await (try SluiceProcess(words + place, environment: environment, folder: folder)).wait()
            }

            func sync(
                _ account: String = "me", url: String? = nil, _ more: [String: String] = [:]
            ) async throws -> Outcome {
                let words = ["sync", "admitad", "--account", account, "--range", "last_7_days", "--json"]
                return try await run(words, url: url, more)
            }

            func forgetTokens() async throws {
                let request = WireRequest(.post, "/sandbox/revoke")
                _ = try await HTTPTransport.with(baseURL: host.url) { try await $0.send(request) }
            }

            var tokens: Int { host.withSandbox { $0.counters.tokens } }
        }

        @Test("that does not know its token any more is asked for another, however young that one is")
        func forgottenToken() async throws {
            try await Lab.with { lab in
                let first = try await lab.sync()
                try await lab.forgetTokens()
                let second = try await lab.sync()

                #expect(first.code == 0, "\(first.err)")
                #expect(second.code == 0, "\(second.err)")
                #expect(lab.tokens == 2)
            }
        }

        @Test("that forgets its token in the middle of a job is asked for another, and the job goes on")
        func forgottenMeanwhile() async throws {
            try await Lab.with(#"[{"kind":"tokenExpired","calls":[3]},{"kind":"tokenInvalid","calls":[5]}]"#) { lab in
                let outcome = try await lab.sync()

                #expect(outcome.code == 0, "\(outcome.err)")
                #expect(lab.tokens >= 2)
            }
        }

        @Test("whose application was given a scope since gets a new token with the next sync")
        func grantedScope() async throws {
            try await Lab.with(#"[{"kind":"forbidden","target":"/coupons/","times":1}]"#) { lab in
                let before = try await lab.sync()
                let minted = lab.tokens
                let after = try await lab.sync()

                #expect(before.code == 3, "\(before.err)")
                #expect(after.code == 0, "\(after.err)")
                #expect(lab.tokens == minted + 1)
            }
        }

        @Test("has no currency of its own, and connect names none")
        func connected() async throws {
            try await Lab.with { lab in
                let outcome = try await lab.run(["connect", "admitad"])

                #expect(outcome.code == 0, "\(outcome.err)")
                #expect(outcome.out.contains("  me  Admitad sluice-publisher  UTC\n"), "\(outcome.out)")
            }
        }

        @Test("has one account, and every other id is told in a sentence that names it")
        func wrongAccount() async throws {
            try await Lab.with { lab in
                let synced = try await lab.sync("abc")
                let connected = try await lab.run(["connect", "admitad", "--account", "abc"])

                for outcome in [synced, connected] {
                    #expect(outcome.code == 3, "\(outcome.err)")
                    #expect(outcome.err.contains("The account abc is not among those"), "\(outcome.err)")
                    #expect(outcome.err.contains("  me  Admitad"), "\(outcome.err)")
                }
            }
        }

        @Test("that refuses the credential before there is a job ends --json with one object")
        func refusedBeforeTheJob() async throws {
            try await Lab.with { lab in
                let refused = try await lab.sync("me", ["SLUICE_ADMITAD_CLIENT_SECRET": "wrong"])
                let away = try await lab.sync("me", url: "http://127.0.0.1:9")
                let misused = try await lab.run(["sync", "admitad", "--account", "me", "--json", "--streams", "none"])

                #expect(refused.code == 3 && away.code == 1 && misused.code == 2)
                for outcome in [refused, away] {
                    let end = try outcome.json()
                    #expect(end["job_id"] is NSNull)
                    #expect(end["status"] as? String == "failed")
                    #expect((end["rows"] as? [String: Any])?.isEmpty == true)
                    #expect(end["chunks"] as? [String: Int] == ["completed": 0, "failed": 0])
                    #expect(end["seconds"] is Double || end["seconds"] is Int)
                    #expect(try outcome.number("throttled") == 0)
                    let error = try #require(end["error"] as? String)
                    #expect(!error.isEmpty && outcome.err.contains(error))
                }
                #expect(try refused.number("requests") == 1)
                #expect(try away.number("retries") == 4)
                #expect(misused.out.isEmpty)
            }
        }

        @Test("whose history of actions is named alone brings it, with the actions")
        func historyAlone() async throws {
            try await Lab.with { lab in
                let words = ["sync", "admitad", "--account", "me", "--range", "last_30_days", "--json"]
                let outcome = try await lab.run(words + ["--streams", "action_history"])

                #expect(outcome.code == 0, "\(outcome.err)")
                let rows = try outcome.json()["rows"] as? [String: Int] ?? [:]
                #expect(rows["admitad_action_history", default: 0] > 0)
                #expect(rows["admitad_actions", default: 0] > 0)
            }
        }
    }
}
