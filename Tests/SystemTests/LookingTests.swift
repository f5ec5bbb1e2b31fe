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

        @Test("of a sync without its token and its key says that the key is missing")
        func syncWithoutKey() async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync("--streams", "campaigns").code == 0)
                try FileManager.default.removeItem(atPath: lab.database + ".key")
                let outcome = try await lab.sync(environment: [:])

                #expect(outcome.code == 2, "\(outcome.err)")
                #expect(outcome.err.contains("Put the key back"), "\(outcome.err)")
            }
        }

        @Test(
            "where there is no database says so and makes none",
            arguments: [["status"], ["jobs"], ["retry", "1"], ["cancel", "1"]])
        func noDatabase(words: [String]) async throws {
            try await Lab.with(try .tiny()) { lab in
                let outcome = try await lab.run(words + ["--database", lab.database])

                #expect(outcome.code == 2, "\(outcome.out)")
                #expect(outcome.err.contains("There is no database at \(lab.database) yet"), "\(outcome.err)")
                #expect(try lab.files.isEmpty)
            }
        }

        /// The modes of the file and of its folder.
        static let places: [(file: Int, folder: Int)] = [(0o444, 0o755), (0o644, 0o555), (0o444, 0o555)]

        /// Runs `body` with a database that may not be written in such a place, and the names that are there.
        private func inPlace(
            _ place: (file: Int, folder: Int), _ lab: Lab, _ body: (String) async throws -> Void
        ) async throws {
            let home = lab.folder.appendingPathComponent("a home?")
            try FileManager.default.createDirectory(at: home, withIntermediateDirectories: false)
            let path = home.appendingPathComponent("data 1%.sqlite").path
            for ending in ["", ".key"] {
                try FileManager.default.moveItem(atPath: lab.database + ending, toPath: path + ending)
            }
            let before = try Data(contentsOf: URL(fileURLWithPath: path))

            try await lab.withMode(place.file, of: path) {
                try await lab.withMode(place.folder, of: home.path) { try await body(path) }
            }

            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
            let names = try FileManager.default.contentsOfDirectory(atPath: home.path).sorted()
            #expect(names == ["data 1%.sqlite", "data 1%.sqlite.key"])
        }

        @Test("where nothing may be written shows all there is and leaves nothing there", arguments: places)
        func unwritable(place: (file: Int, folder: Int)) async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync("--streams", "campaigns").code == 0)
                let words = [["status"], ["jobs"], ["status", "--json"]]
                var expected: [String] = []
                for word in words { expected.append(try await lab.run(word + ["--database", lab.database]).out) }

                try await inPlace(place, lab) { path in
                    for (word, out) in zip(words, expected) {
                        let outcome = try await lab.run(word + ["--database", path], through: Rights.bound)
                        #expect(outcome.code == 0, "\(outcome.err)")
                        #expect(outcome.out == out)
                    }
                    let doctor = try await lab.run(["doctor", "--database", path], through: Rights.bound)
                    #expect(doctor.code == 1, "\(doctor.out)\(doctor.err)")
                    #expect(doctor.out.contains("bad  \(path) cannot be written"), "\(doctor.out)")
                    #expect(doctor.out.contains("reaches 2 accounts"), "\(doctor.out)")
                }
            }
        }

        @Test("is all that can be done where nothing may be written", arguments: places)
        func changing(place: (file: Int, folder: Int)) async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync("--streams", "campaigns", "--detach").code == 0)
                try await inPlace(place, lab) { path in
                    for word in ["retry", "cancel"] {
                        let outcome = try await lab.run([word, "1", "--database", path], through: Rights.bound)
                        #expect(outcome.code == 2, "\(outcome.out)")
                        #expect(outcome.err.contains("cannot be written"), "\(outcome.err)")
                    }
                }
            }
        }

        @Test("works beside a sync whose file the looker may not write")
        func besideASync() async throws {
            try await Lab.with(try .slow(milliseconds: 20)) { lab in
                let working = try lab.startSync("--workers", "4")
                try await eventually("it works") {
                    lab.requests > 5 && (try? lab.count("sync_chunks", where: "status = 'in_progress'")) ?? 0 > 0
                }
                try await lab.withMode(0o444, of: lab.database) {
                    let status = try await lab.run(
                        ["status", "--json", "--database", lab.database], through: Rights.bound)
                    #expect(status.code == 0, "\(status.err)")
                    #expect(try status.json()["status"] as? String == "in_progress")
                }
                let done = await working.wait()

                #expect(done.code == 0, "\(done.err)")
                #expect(try lab.files == ["data.sqlite", "data.sqlite.key"])
                try lab.expectTruth()
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
