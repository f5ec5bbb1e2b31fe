import ConnectorKit
import Connectors
import Foundation
import SyncCore
import Testing

extension SystemTests {
    @Suite("A credential")
    struct CredentialTests {
        /// What the advice to each subcode of error 190 must hold (meta.md 7).
        static let subcodes: [(subcode: Int, says: String)] = [
            (458, "Allow the app again"), (459, "pass the check"), (460, "password"), (463, "expired"),
            (464, "confirm"), (467, "revoked"), (492, "role"),
        ]

        @Test("that Meta rejects ends the sync after at most two calls, with the next step", arguments: subcodes)
        func rejected(_ subcode: Int, says: String) async throws {
            let script: Stage.Script = { _, _ in .graphError(190, subcode, status: 401) }
            try await Lab.with(try .tiny(), script: script) { lab in
                let outcome = try await lab.sync()

                #expect(outcome.code == 3, "\(outcome.err)")
                #expect(outcome.err.contains("190/\(subcode)"))
                #expect(outcome.err.contains(says), "\(outcome.err)")
                #expect(lab.requests <= 2)
                #expect(try lab.files.isEmpty)
            }
        }

        @Test("that connect has stored serves a sync which has none in its environment")
        func stored() async throws {
            try await Lab.with(try .tiny()) { lab in
                let bare = lab.credentials.filter { !$0.key.hasPrefix("SLUICE_META") }
                let before = try await lab.sync("--streams", "campaigns", environment: bare)
                let connect = try await lab.run(["connect", "meta", "--base-url", lab.url, "--database", lab.database])
                let after = try await lab.sync("--streams", "campaigns", environment: bare)

                #expect(before.code == 2 && before.err.contains("SLUICE_META_TOKEN"), "\(before.err)")
                #expect(connect.code == 0, "\(connect.err)")
                #expect(after.code == 0, "\(after.err)")
                #expect(try lab.count("meta_campaigns") > 0)
                #expect(try lab.count("connections") == 1)
            }
        }

        @Test(
            "that others have sealed with another key on a server is not replaced, and nobody is asked",
            .enabled(if: TargetDatabase.server != nil))
        func otherKey() async throws {
            try await Lab.with(try .tiny()) { lab in
                try await TargetDatabase.with { target in
                    func sync(_ byte: UInt8, _ more: [String] = []) async throws -> Outcome {
                        let key = Data(repeating: byte, count: 32).base64EncodedString()
                        return try await lab.run(
                            lab.syncArguments(["--streams", "campaigns"] + more, database: target.url),
                            environment: lab.credentials.merging(["SLUICE_SECRET_KEY": key]) { $1 })
                    }
                    let first = try await sync(7)
                    let calls = lab.requests
                    let sealed = try target.texts("SELECT encode(sealed, 'hex') || version FROM connections")
                    let others = [try await sync(8), try await sync(8, ["--detach"])]

                    #expect(first.code == 0, "\(first.err)")
                    for other in others {
                        #expect(other.code == 2 && other.err.contains("with another master key"), "\(other.err)")
                    }
                    #expect(lab.requests == calls)
                    #expect(try target.texts("SELECT encode(sealed, 'hex') || version FROM connections") == sealed)
                    #expect(try await sync(7).code == 0)
                }
            }
        }

        @Test("is taken without the spaces and lines around it, and an app secret of spaces is none")
        func spaces() async throws {
            try await Lab.with(try .tiny()) { lab in
                let outcome = try await lab.sync(
                    "--streams", "campaigns",
                    environment: ["SLUICE_META_TOKEN": "\n \(lab.world.token) \n", "SLUICE_META_APP_SECRET": "  "])

                #expect(outcome.code == 0, "\(outcome.err)")
                #expect(!lab.stage { $0.asked }.contains { $0.contains("appsecret_proof") })
            }
        }

        @Test("that is given again keeps the reports of its connection, and new reports take their place")
        func keepsReports() async throws {
            try await Lab.with(try .tiny()) { lab in
                func reports(_ name: String) throws -> [String] {
                    let text = "[{\"name\":\"\(name)\",\"level\":\"campaign\",\"fields\":[\"clicks\"]}]"
                    try Data(text.utf8).write(to: lab.folder.appendingPathComponent("\(name).json"))
                    return ["--reports", "\(name).json"]
                }
                let connect = ["connect", "meta", "--base-url", lab.url, "--database", lab.database]
                let outcomes = [
                    try await lab.run(connect + reports("first")), try await lab.run(connect),
                    try await lab.sync("--streams", "first"),
                ]
                for outcome in outcomes { #expect(outcome.code == 0, "\(outcome.err)") }
                #expect(try lab.count("meta_first") > 0)

                #expect(try await lab.run(connect + reports("second")).code == 0)
                #expect(try await lab.sync("--streams", "first").code == 2)
                #expect(try await lab.sync("--streams", "second").code == 0)
                #expect(try lab.count("meta_second") > 0)
            }
        }

        @Test("that Meta rejects is not stored by connect, and found by doctor", arguments: subcodes)
        func rejectedElsewhere(_ subcode: Int, says: String) async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync("--streams", "campaigns").code == 0)
                lab.stage { $0.script = { _, _ in .graphError(190, subcode, status: 401) } }
                let before = lab.requests
                let connect = try await lab.run(["connect", "meta", "--base-url", lab.url, "--database", "new.sqlite"])
                let asked = lab.requests - before
                let doctor = try await lab.command("doctor")

                #expect(connect.code == 3, "\(connect.err)")
                #expect(connect.err.contains("190/\(subcode)") && connect.err.contains(says), "\(connect.err)")
                #expect(asked <= 2)
                #expect(!(try lab.files).contains("new.sqlite"))
                #expect(doctor.code == 1)
                #expect(doctor.out.contains(says), "\(doctor.out)")
            }
        }

        @Test("whose session has ended is told like a rejected one", arguments: [102, 190])
        func sessionEnded(_ code: Int) async throws {
            let script: Stage.Script = { _, _ in .graphError(code, status: 401) }
            try await Lab.with(try .tiny(), script: script) { lab in
                let outcome = try await lab.sync()

                #expect(outcome.code == 3, "\(outcome.err)")
                #expect(outcome.err.contains("SLUICE_META_TOKEN"))
                #expect(lab.requests <= 2)
            }
        }

        @Test("that does not reach the account says which ones it reaches")
        func unknownAccount() async throws {
            try await Lab.with(try .tiny()) { lab in
                let outcome = try await lab.run(lab.syncArguments(account: "act_404404"))

                #expect(outcome.code == 2, "\(outcome.err)")
                for account in lab.world.accounts { #expect(outcome.err.contains("\(account.id)  \(account.name)")) }
                #expect(try lab.files.isEmpty)
            }
        }

        @Test("that may not read the account says which ones it reaches")
        func forbiddenAccount() async throws {
            var world = try MetaWorld.tiny()
            world.accounts[1].isForbidden = true
            try await Lab.with(world) { lab in
                let outcome = try await lab.run(lab.syncArguments(account: "act_\(world.accounts[1].id)"))

                #expect(outcome.code == 3, "\(outcome.err)")
                #expect(outcome.err.contains(world.accounts[0].id))
                #expect(outcome.err.contains("cannot be read. The token lacks a permission"), "\(outcome.err)")
            }
        }

        @Test("of an app that demands proofs needs the app secret, the right one")
        func proof() async throws {
            var world = try MetaWorld.tiny()
            world.auth.needsProof = true
            try await Lab.with(world) { lab in
                let token = ["SLUICE_META_TOKEN": world.token]
                let missing = try await lab.sync(environment: token)
                let wrong = try await lab.sync(
                    environment: token.merging(["SLUICE_META_APP_SECRET": "0badc0de"]) { $1 })
                let files = try lab.files
                let right = try await lab.sync(
                    environment: token.merging(["SLUICE_META_APP_SECRET": world.appSecret]) { $1 })

                for refused in [missing, wrong] {
                    #expect(refused.code == 3, "\(refused.err)")
                    #expect(refused.err.contains("SLUICE_META_APP_SECRET"), "\(refused.err)")
                    #expect(!refused.err.contains("0badc0de"))
                }
                #expect(files.isEmpty)
                #expect(right.code == 0, "\(right.err)")
                try lab.expectTruth()
            }
        }

        @Test("that breaks in the middle parks its connection; with a new one the same command goes on there")
        func breaksInTheMiddle() async throws {
            var world = try MetaWorld.slow(milliseconds: 5)
            world.auth.tokens.append(MetaWorld.Auth.Token("EAAGm0PX4ZCsBASANDBOXuserTOKEN0002"))
            try await Lab.with(world) { lab in
                let old = world.token
                lab.stage { stage in
                    stage.script = { request, number in
                        return number > 30 && request.bears(old) ? .graphError(190, 460, status: 401) : nil
                    }
                }
                let broken = try await lab.sync("--workers", "4")
                let atBreak = lab.requests
                let done = try lab.count("sync_chunks", where: "status = 'completed'")
                let rows = try lab.number("SELECT sum(rows) FROM sync_chunks") ?? 0

                #expect(broken.code == 3, "\(broken.err)")
                #expect(broken.err.contains("password") && broken.err.contains("the same command"), "\(broken.err)")
                // Calls in flight at that moment may still come back rejected; none is begun after.
                #expect(atBreak <= 30 + 8)
                #expect(try lab.count("connections", where: "parked_code = '190/460'") == 1)
                #expect(try lab.count("sync_chunks", where: "status = 'waiting' AND wait_reason = 'credential'") > 0)
                #expect(try lab.count("sync_chunks", where: "status IN ('failed', 'in_progress')") == 0)
                #expect(try lab.count("sync_chunks", where: "retry_count > 0") == 0)
                #expect(done > 0 && rows > 0)

                let renewed = try await lab.sync(
                    "--workers", "4", environment: ["SLUICE_META_TOKEN": "EAAGm0PX4ZCsBASANDBOXuserTOKEN0002"])

                #expect(renewed.code == 0, "\(renewed.err)")
                #expect(renewed.err.contains("going on where the last run stopped"), "\(renewed.err)")
                #expect(try lab.count("connections", where: "parked_at IS NULL") == 1)
                #expect(try lab.texts("SELECT kind FROM sync_jobs ORDER BY id").first == "initial")
                #expect(try lab.count("sync_jobs", where: "kind = 'initial'") == 1)
                try lab.expectTruth()
            }
        }
    }
}
