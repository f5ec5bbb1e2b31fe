import Foundation
import SyncCore
import Testing

extension SystemTests {
    @Suite("Looking")
    struct LookingTests {
        /// Commands that look at a database or change a row of it, and what they end with.
        static let looks: [(words: [String], code: Int32)] = [
            (["status"], 0), (["status", "--json"], 0), (["jobs"], 0), (["jobs", "--json"], 0), (["retry", "1"], 0),
            (["cancel", "1"], 0), (["cancel", "9"], 2), (["doctor"], 1),
        ]

        @Test("at a database without its key makes no key and no other file", arguments: looks.map(\.words))
        func noKey(_ words: [String]) async throws {
            let look = try #require(LookingTests.looks.first { $0.words == words })
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync("--streams", "campaigns").code == 0)
                try FileManager.default.removeItem(atPath: lab.database + ".key")

                let outcome = try await lab.run(words + ["--database", lab.database])

                #expect(outcome.code == look.code, "\(outcome.out)\(outcome.err)")
                #expect(try lab.files == ["data.sqlite"])
            }
        }

        @Test("of doctor at a stored credential without its key says what is missing")
        func doctorWithoutKey() async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync("--streams", "campaigns").code == 0)
                try FileManager.default.removeItem(atPath: lab.database + ".key")
                let missing = try await lab.command("doctor")
                let other = try await lab.run(
                    ["doctor", "--database", lab.database],
                    environment: ["SLUICE_SECRET_KEY": Data(repeating: 7, count: 32).base64EncodedString()])

                #expect(missing.out.contains("Put the key back"), "\(missing.out)")
                #expect(other.code == 1)
                #expect(other.out.contains("sealed with another master key"), "\(other.out)")
            }
        }

        @Test("leaves a whole database with its key as it is", arguments: ["status", "jobs", "doctor"])
        func asItIs(_ word: String) async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync("--streams", "campaigns").code == 0)
                let files = try lab.files
                let before = try Data(contentsOf: URL(fileURLWithPath: lab.database))

                let outcome = try await lab.command(word)

                #expect(outcome.code == 0, "\(outcome.err)")
                #expect(try lab.files == files)
                #expect(try Data(contentsOf: URL(fileURLWithPath: lab.database)) == before)
            }
        }
    }
}
