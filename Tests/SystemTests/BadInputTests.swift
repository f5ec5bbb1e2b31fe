import ConnectorKit
import Connectors
import Foundation
import SyncCore
import SyncHTTP
import Testing

extension SystemTests {
    /// What people give that cannot work: an exit code, one sentence with a next step, no secret.
    @Suite("What cannot work")
    struct BadInputTests {
        /// Shopee's shop in a state in which the platform answers no more, by a switch of the sandbox.
        struct Shut: Sendable, CustomTestStringConvertible {
            let name: String
            var path = ""
            var body = "{}"
            let says: String
            let advises: String
            var testDescription: String { name }
        }

        static let shut = [
            Shut(
                name: "a shop that its owner has taken from the app", path: "revoke",
                says: "The shop is not linked to the app any more.", advises: "sluice connect shopee"),
            Shut(
                name: "a grant whose year is over", path: "expire", body: #"{"what":"grant"}"#,
                says: "The year for which the shop was opened to the app has ended.",
                advises: "sluice connect shopee"),
            Shut(
                name: "an address that the app does not list",
                says: "Shopee does not know the internet address that the calls come from.",
                advises: "IP addresses in the console"),
        ]

        @Test("is told of Shopee after one call, with what to do", arguments: shut)
        func shopee(_ shut: Shut) async throws {
            try await ShopeeLab.with({ $0.apps[0].isAddressUndeclared = shut.path.isEmpty }) { lab in
                if !shut.path.isEmpty { try await lab.control(shut.path, shut.body) }
                let outcome = try await lab.sync("--streams", "shops")

                #expect(outcome.code == 3, "\(outcome.err)")
                #expect(outcome.err.contains(shut.says), "\(outcome.err)")
                #expect(outcome.err.contains(shut.advises), "\(outcome.err)")
                #expect(try outcome.json()["error"] as? String == outcome.err.trimmingCharacters(in: .newlines))
                #expect(lab.host.withSandbox { $0.asked.count } == 1)
                try lab.home.expectNone(of: lab.world.credential.filter { $0.field != "partner_id" }.map(\.value))
            }
        }

        @Test("is a shop that is taken from the app in the middle: its connection is parked, what was read stays")
        func shopeeMeanwhile() async throws {
            try await ShopeeLab.with({ $0.latency.base = 100_000 }) { lab in
                let running = try lab.startSync()
                try await eventually("some calls") {
                    lab.host.withSandbox { $0.asked.count } > 6 || !running.isRunning
                }
                try await lab.control("revoke", "{}")
                let outcome = await running.wait()

                #expect(outcome.code == 3, "\(outcome.err)")
                #expect(outcome.err.contains("The shop is not linked to the app any more."), "\(outcome.err)")
                let states = try lab.stored { stored in
                    [
                        try stored.count("connections", where: "parked_at IS NOT NULL"),
                        try stored.count("sync_chunks", where: "status = 'failed'"),
                        try stored.count("sync_jobs", where: "status = 'waiting' AND wait_reason = 'credential'"),
                    ]
                }
                #expect(states == [1, 0, 1])
                try lab.home.expectNone(of: lab.world.credential.filter { $0.field != "partner_id" }.map(\.value))
            }
        }

        @Test("is a key of Boostiny with a word before it: nobody is asked", arguments: ["Bearer ", "bearer  "])
        func boostiny(_ word: String) async throws {
            try await NetworkLab<BoostinyWorld>.with { lab in
                let outcome = try await lab.sync(environment: ["SLUICE_BOOSTINY_KEY": word + lab.world.key])

                #expect(outcome.code == 3)
                let sentence =
                    "SLUICE_BOOSTINY_KEY begins with Bearer, which is no part of a credential. "
                    + "Give the credential alone."
                #expect(outcome.err.contains(sentence), "\(outcome.err)")
                #expect(lab.asked.isEmpty)
                try lab.home.expectNone(of: [lab.world.key])
            }
        }

        @Test("is a token of Pancake with a word before it: nobody is asked")
        func pancake() async throws {
            try await PancakeLab.with(PancakeStandIn(pages: ["1101": .init()])) { lab in
                let token = "Bearer \(PancakeStandIn.user)"
                let synced = try await lab.run("sync", "pancake", "--account", "1101", token: token)
                let connected = try await lab.run("connect", "pancake", token: token)

                for outcome in [synced, connected] {
                    #expect(outcome.code == 3)
                    #expect(outcome.err.contains("SLUICE_PANCAKE_TOKEN begins with Bearer"), "\(outcome.err)")
                }
                #expect(lab.host.traffic.requests == 0)
                try lab.home.expectNone(of: [PancakeStandIn.user])
            }
        }

        /// A role of somebody else, and one that is none.
        @Test(
            "is a role that FolkForm does not let write: it is told after one call",
            arguments: [
                ("0123456789abcdef01234567", "The role may not write to FolkForm, or the user does not have it."),
                ("admin", "FolkForm does not accept the role."),
            ])
        func folkform(_ role: String, says: String) async throws {
            let today = CivilDate(daysSince1970: Int32(SystemWallClock().now.seconds / 86_400))
            let world = try #require(FolkFormWorld.named("demo", seed: 7, sizes: [:], today: today))
            try await SandboxHost.with(FolkFormSandbox(world)) { host in
                try await TestFolder.with { home in
                    let token = try #require(world.credential.first { $0.field == "token" }?.value)
                    let environment = [
                        "SLUICE_FOLKFORM_URL": host.url, "SLUICE_FOLKFORM_TOKEN": token, "SLUICE_FOLKFORM_ROLE": role,
                    ]
                    let words = ["sync", "folkform", "--account", "me", "--json", "--database", home.database]
                    let outcome = await (try home.start(words, environment)).wait()

                    #expect(outcome.code == 3, "\(outcome.err)")
                    #expect(outcome.err.contains(says), "\(outcome.err)")
                    #expect(outcome.err.contains("(SLUICE_FOLKFORM_ROLE)"), "\(outcome.err)")
                    #expect(host.traffic.requests == 1)
                    try home.expectNone(of: [token])
                }
            }
        }
    }
}
