import ConnectorKit
import Connectors
import Foundation
import SyncCore
import SyncHTTP
import Testing

extension SystemTests {
    /// `--into` on the command line.
    @Suite("Passing on")
    struct PassingOnTests {
        /// A Pancake of three conversations with five messages each, and a FolkForm that takes a call in 0.6 s.
        private static func with(
            body: (PancakeLab, _ folkform: String, _ environment: [String: String]) async throws -> Void
        ) async throws {
            let today = CivilDate(daysSince1970: Int32(SystemWallClock().now.seconds / 86_400))
            let world = try #require(FolkFormWorld.named("demo", seed: 7, sizes: [:], today: today))
            let pancake = PancakeStandIn(pages: ["1101": PancakeStandIn.Page(conversations: 3, messages: 5)])
            try await SandboxHost.with(FolkFormSandbox(world)) { host in
                var environment = ["SLUICE_PANCAKE_TOKEN": PancakeStandIn.user, "SLUICE_FOLKFORM_URL": host.url]
                for (field, value) in world.credential { environment["SLUICE_FOLKFORM_\(field.uppercased())"] = value }
                try await PancakeLab.with(pancake) { [environment] in try await body($0, host.url, environment) }
            }
        }

        private static func run(
            _ lab: PancakeLab, _ environment: [String: String], _ arguments: String...
        ) async throws -> Outcome {
            await (try lab.home.start(arguments + ["--database", lab.home.database], environment)).wait()
        }

        @Test("The sum of a sync holds what was passed on, and the time of that; a plain one shows how far it is")
        func sum() async throws {
            try await Self.with { lab, folkform, environment in
                let sync = ["sync", "pancake", "--account", "1101", "--base-url", lab.host.url]
                let first = try await Self.run(
                    lab, environment, sync[0], sync[1], sync[2], sync[3], sync[4], sync[5],
                    "--into", "folkform", "--json")
                #expect(first.code == 0, "\(first.err)")
                let json = try first.json()
                let rows = try #require(json["rows"] as? [String: Int])
                #expect(rows["folkform_conversations"] == 3 && rows["folkform_messages"] == 15, "\(rows)")
                let span = try lab.stored { stored in
                    try stored.texts(
                        "SELECT (julianday(max(finished_at)) - julianday(min(created_at))) * 86400 FROM sync_jobs")
                }
                // From the first job's beginning to the end of the last.
                let seconds = try #require(json["seconds"] as? Double)
                #expect(seconds > (span.first.flatMap { Double($0) } ?? .infinity) - 0.5)
                #expect(lab.host.withSandbox { $0.lists } == 1, "one list of pages serves all that ask for it")

                lab.host.withSandbox { $0.pages["1101"]?.messages = 6 }
                let days = ["--from", "2025-11-01", "--to", "2025-11-30"]
                let second = try await Self.run(
                    lab, environment, sync[0], sync[1], sync[2], sync[3], sync[4], sync[5],
                    days[0], days[1], days[2], days[3], "--into", "folkform")
                #expect(second.code == 0, "\(second.err)")
                #expect(second.err.contains("Passing on: "))
                #expect(second.out.contains("folkform_messages"))

                let own = try await Self.run(
                    lab, environment,
                    "sync", "folkform", "--account", "me", "--base-url", folkform + "/", "--json")
                #expect(own.code == 0, "\(own.err)")
                #expect(
                    try own.json()["rows"] as? [String: Int] == [
                        "folkform_conversations": 3, "folkform_messages": 18,
                    ])
                // With a slash at its end an address is no other.
                let counts = try lab.stored { [try $0.count("connections"), try $0.count("accounts")] }
                #expect(counts == [2, 2])
            }
        }

        @Test("Without its address FolkForm is not asked, and the variable is named", arguments: ["", nil])
        func address(_ url: String?) async throws {
            try await Self.with { lab, _, environment in
                var environment = environment
                environment["SLUICE_FOLKFORM_URL"] = url
                let outcome = try await Self.run(
                    lab, environment,
                    "sync", "pancake", "--account", "1101", "--base-url", lab.host.url, "--into", "folkform")

                #expect(outcome.code == 2)
                #expect(outcome.err.contains("FolkForm needs SLUICE_FOLKFORM_URL."), "\(outcome.err)")
                #expect(lab.host.withSandbox { $0.lists } == 0)
            }
        }

        @Test("A platform of which nothing can go on says so")
        func nothing() async throws {
            try await Self.with { lab, _, environment in
                var environment = environment
                environment["SLUICE_META_TOKEN"] = "X"
                let outcome = try await Self.run(
                    lab, environment,
                    "sync", "meta", "--account", "1", "--base-url", lab.host.url, "--into", "folkform", "--only-into")

                #expect(outcome.code == 2)
                #expect(outcome.err.contains("Meta has nothing that could go on to FolkForm."), "\(outcome.err)")
                #expect(!FileManager.default.fileExists(atPath: lab.home.database))
            }
        }
    }
}
