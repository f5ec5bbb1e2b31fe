import ConnectorKit
import Connectors
import Crypto
import Foundation
import SyncCore
import Testing

extension SystemTests {
    @Suite("A secret")
    struct SecretTests {
        @Test("is in no output, log, file or column, also when calls fail and tokens break")
        func nowhere() async throws {
            var world = try MetaWorld.slow(milliseconds: 0)
            world.auth.needsProof = true
            typealias Rule = MetaWorld.Faults.Rule
            world.faults.rules = [
                Rule(.unknown, share: 30), Rule(.reset, share: 20), Rule(.truncated, share: 20),
                Rule(.html500, share: 20),
            ]
            try await Lab.with(world) { lab in
                let environment = [
                    "SLUICE_META_TOKEN": world.token, "SLUICE_META_APP_SECRET": world.appSecret, "SLUICE_LOG": "trace",
                ]
                let seen = Seen()
                lab.stage { stage in
                    stage.script = { request, number in
                        seen.note(request)
                        return number == 45 ? .graphError(190, 460, status: 401) : nil
                    }
                }
                let broken = try lab.startSync(environment: environment)
                try await eventually("the database is there") {
                    !broken.isRunning || FileManager.default.fileExists(atPath: lab.database + "-wal")
                }
                try expectNone(of: secrets(world, seen), in: lab)
                #expect(await broken.wait().code == 3)
                let outcomes = [
                    try await lab.sync(environment: environment),
                    try await lab.sync("--json", environment: environment),
                    try await lab.run(["status", "--json", "--database", lab.database], environment: environment),
                    try await lab.run(["doctor", "--database", lab.database], environment: environment),
                    try await lab.run(lab.syncArguments(account: "act_5"), environment: environment),
                ]

                #expect(outcomes.map(\.code) == [0, 0, 0, 0, 2])
                #expect(seen.pageTokens.count > 0, "the sync used no page token")
                try expectNone(of: secrets(world, seen), in: lab)
                let mode = try FileManager.default.attributesOfItem(atPath: lab.database + ".key")[.posixPermissions]
                #expect(mode as? Int == 0o600)
            }
        }

        /// The token, the app's secret, the page tokens that were used, and the proofs of all of them.
        private func secrets(_ world: MetaWorld, _ seen: Seen) -> [String] {
            let tokens = [world.token] + seen.pageTokens.sorted()
            let key = SymmetricKey(data: Data(world.appSecret.utf8))
            let proofs = tokens.map { token in
                HMAC<SHA256>.authenticationCode(for: Data(token.utf8), using: key)
                    .map { String(format: "%02x", $0) }.joined()
            }
            return tokens + proofs + [world.appSecret]
        }

        /// Greps every file of the lab, output and log included, and every value of every table. Targets of
        /// requests are looked at too: an address may be logged by anybody on the way.
        private func expectNone(of secrets: [String], in lab: Lab) throws {
            let targets = lab.stage { $0.asked }
            // Meta takes the proof of a read as this parameter of its address and nowhere else (meta.md 1). It is
            // worth nothing without the token, and it stands in no log of ours: those are among the files below.
            let bare = targets.map { $0.replacing(/appsecret_proof=[0-9a-f]{64}(?=&|$)/, with: "") }
            for secret in secrets { #expect(!bare.contains { $0.contains(secret) }, "in an address") }
            try lab.home.expectNone(of: secrets)
            guard (try? lab.count("sync_jobs")) != nil else { return }
            try lab.stored { stored in
                for table in try stored.tables {
                    let text = try stored.everything(in: table).joined(separator: "\n")
                    for secret in secrets where text.contains(secret) { Issue.record("a secret is in \(table)") }
                }
            }
        }
    }
}
