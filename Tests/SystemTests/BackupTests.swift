import Connectors
import Foundation
import StoreTransfer
import SyncCore
import Testing

extension SystemTests {
    @Suite("A backup")
    struct BackupTests {
        private func path(_ name: String, _ lab: Lab) -> String { lab.folder.appendingPathComponent(name).path }

        @Test("that was made in the middle of a sync is whole, and a sync goes on from it to the truth")
        func midway() async throws {
            try await Lab.with(try .slow(milliseconds: 250)) { lab in
                // Slow enough that it is far from its end, on a busy machine, too.
                let running = try lab.startSync("--workers", "1")
                try await eventually("some chunks are done") {
                    (try? lab.count("sync_chunks", where: "status = 'completed'")) ?? 0 > 2
                }
                let archive = path("a.sluice", lab)
                var sizes: Set<Int> = []
                for round in 0..<4 {
                    if round == 3 {
                        let events = try lab.count("events")
                        try await eventually("something is written") { (try? lab.count("events")) ?? 0 > events }
                    }
                    let made = try await lab.run(
                        ["backup", "--database", lab.database, "--to", archive, "--overwrite", "--verify", "--json"])
                    #expect(made.code == 0, "\(made.err)")
                    #expect(try made.json()["verified"] as? String == "restored")
                    let rows = try #require(try made.json()["rows"] as? [String: Int])
                    sizes.insert(rows["events"] ?? 0)
                }
                #expect(running.isRunning, "the sync was over before the last backup")
                #expect(sizes.count > 1, "nothing was written between the backups")
                running.send(SIGKILL)
                await running.wait()

                for name in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: lab.database + name) }
                let restored = try await lab.command("restore", "--from", archive)
                #expect(restored.code == 0, "\(restored.err)")
                #expect(try lab.count("sync_chunks", where: "status = 'in_progress'") == 0)
                #expect(try lab.count("sync_jobs", where: "status = 'completed'") == 0)
                let resumed = try await lab.sync()
                #expect(resumed.code == 0, "\(resumed.err)")
                try lab.expectTruth()
                // The test's own looks leave SQLite's files there.
                let own = try lab.files.filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }
                #expect(own == ["a.sluice", "data.sqlite", "data.sqlite.key"], "something was left lying about")
            }
        }

        @Test("that is damaged is refused, and nothing is written")
        func damaged() async throws {
            var random = Seeded(state: 3)
            try await Lab.with(try .tiny()) { lab in
                _ = try await lab.sync("--streams", "accounts")
                let archive = path("a.sluice", lab)
                #expect(try await lab.command("backup", "--to", archive).code == 0)
                let good = try Data(contentsOf: URL(filePath: archive))
                for number in 0..<12 {
                    var bad = good
                    if number % 2 == 0 {
                        bad[random.below(bad.count)] ^= 0x10
                    } else {
                        bad = bad.prefix(random.below(bad.count))
                    }
                    try bad.write(to: URL(filePath: archive))

                    let outcome = try await lab.run([
                        "restore", "--from", archive, "--database", path("new.sqlite", lab),
                    ])

                    #expect(outcome.code == 2, "\(outcome.err)")
                    #expect(outcome.err.split(separator: "\n").count == 1, "\(outcome.err)")
                    #expect(outcome.err.contains("nothing was changed"), "\(outcome.err)")
                    #expect(try !lab.files.contains { $0.hasPrefix("new.sqlite") })
                }
            }
        }

        @Test("never takes the place of another file, and is refused where it cannot be made or restored")
        func refusals() async throws {
            try await Lab.with(try .tiny()) { lab in
                _ = try await lab.sync("--streams", "accounts")
                let archive = path("a.sluice", lab)
                #expect(try await lab.command("backup", "--to", archive).code == 0)
                let first = try Data(contentsOf: URL(filePath: archive))
                let cases: [(arguments: [String], says: String)] = [
                    (["backup", "--database", lab.database, "--to", archive], "exists already"),
                    (["backup", "--database", lab.database + "x", "--to", archive + "x"], "There is no database at"),
                    (["backup", "--database", archive, "--to", archive + "x"], "is not a Sluice database"),
                    (["backup", "--database", lab.database, "--to", lab.folder.path], "Is a directory"),
                    (
                        ["backup", "--database", lab.database, "--to", lab.folder.path + "/no/b"],
                        "No such file or directory"
                    ),
                    (["backup", "--database", lab.database, "--to", "postgres://h/d"], "--to takes a file"),
                    (["restore", "--from", archive, "--database", lab.database], "holds data of Sluice already"),
                    (["restore", "--from", archive + "x", "--database", path("n", lab)], "No such file or directory"),
                    (["restore", "--from", lab.database, "--database", path("n", lab)], "is no backup made by sluice"),
                    (
                        ["restore", "--from", archive, "--database", lab.folder.path + "/no/n"],
                        "its directory does not exist"
                    ),
                ]
                for (arguments, says) in cases {
                    let outcome = try await lab.run(arguments)
                    #expect(outcome.code == 2, "\(arguments): \(outcome.err)")
                    #expect(outcome.err.contains(says), "\(arguments): \(outcome.err)")
                    #expect(outcome.err.split(separator: "\n").count == 1, "\(outcome.err)")
                }
                #expect(try Data(contentsOf: URL(filePath: archive)) == first)
                let files = try lab.files
                #expect(files == ["a.sluice", "data.sqlite", "data.sqlite.key"])
                #expect(try await lab.command("backup", "--to", archive, "--overwrite").code == 0)
            }
        }

        @Test("speaks the user's language")
        func vietnamese() async throws {
            try await Lab.with(try .tiny()) { lab in
                _ = try await lab.sync("--streams", "accounts")
                let outcome = try await lab.run(
                    ["backup", "--database", lab.database, "--to", path("a.sluice", lab)],
                    environment: ["SLUICE_LANG": "vi"])

                #expect(outcome.code == 0, "\(outcome.err)")
                #expect(outcome.out.contains("đã đối chiếu") && outcome.out.contains("Bản sao lưu ở"), "\(outcome.out)")
            }
        }

        @Test(
            "moves between the engines, and a restore that is killed leaves all or nothing",
            .enabled(if: TargetDatabase.server != nil))
        func engines() async throws {
            try await Lab.with(try .tiny()) { lab in
                try await TargetDatabase.with { target in
                    _ = try await lab.sync()
                    let before = try FileContents(lab.database)
                    let archive = path("a.sluice", lab)
                    #expect(try await lab.command("backup", "--to", archive).code == 0)
                    let restore = ["restore", "--from", archive, "--database", target.url]

                    for delay in [100, 200, 300] {
                        let running = try lab.start(restore)
                        try await ContinuousClock().sleep(for: .milliseconds(delay))
                        running.send(SIGKILL)
                        guard await running.wait().code == -SIGKILL else { break }
                        // The killed one's session may be at its COMMIT: then all is there, and never a part.
                        guard try target.tables > 0, try target.number("SELECT count(*)::text FROM accounts") > 0 else {
                            continue
                        }
                        #expect(differing(try target.digests(before.layouts), before.digests).isEmpty)
                    }
                    let outcome = try await lab.run(restore)
                    // It may have come to its end before the kill.
                    if outcome.code != 0 {
                        #expect(outcome.err.contains("holds data of Sluice already"), "\(outcome.err)")
                    }
                    #expect(differing(try target.digests(before.layouts), before.digests).isEmpty)

                    let second = path("b.sluice", lab)
                    let made = try await lab.run(["backup", "--database", target.url, "--to", second, "--verify"])
                    #expect(made.code == 0, "\(made.err)")
                    let copy = path("copy.sqlite", lab)
                    #expect(try await lab.run(["restore", "--from", second, "--database", copy]).code == 0)
                    #expect(differing(try FileContents(copy, like: before.layouts).digests, before.digests).isEmpty)
                }
            }
        }
    }
}
