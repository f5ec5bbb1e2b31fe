import Connectors
import Foundation
import GRDB
import SyncCore
import Testing

extension SystemTests {
    @Suite("A database")
    struct DatabaseTests {
        @Test("that is none of ours is left as it is", arguments: ["text", "SQLite", "SQLite that is called ours"])
        func foreign(_ what: String) async throws {
            try await Lab.with(try .tiny()) { lab in
                try makeForeign(what, at: lab.database)
                let before = try bytes(lab.database)
                let files = try lab.files

                let outcomes = [
                    try await lab.sync(), try await lab.command("status"), try await lab.command("jobs"),
                ]
                for outcome in outcomes {
                    #expect(outcome.code == 2, "\(outcome.err)")
                    #expect(outcome.err.contains("data.sqlite is not a Sluice database"), "\(outcome.err)")
                }
                #expect(try bytes(lab.database) == before)
                #expect(try lab.files == files)
            }
        }

        private func makeForeign(_ what: String, at path: String) throws {
            guard what != "text" else {
                return try Data("Dear diary, this is no database at all.\n".utf8).write(to: URL(fileURLWithPath: path))
            }
            let database = try DatabaseQueue(path: path)
            try database.inDatabase {
                try $0.execute(sql: "CREATE TABLE sync_jobs (id INTEGER); PRAGMA user_version = 1")
            }
            try database.close()
        }

        @Test("that a newer program wrote is left as it is")
        func newer() async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync("--streams", "campaigns").code == 0)
                let database = try DatabaseQueue(path: lab.database)
                try database.inDatabase { try $0.execute(sql: "PRAGMA user_version = 9999") }
                try database.close()
                let before = try bytes(lab.database)
                let files = try lab.files

                for outcome in [try await lab.sync(), try await lab.command("status")] {
                    #expect(outcome.code == 2, "\(outcome.err)")
                    #expect(outcome.err.contains("newer") && outcome.err.contains("9999"), "\(outcome.err)")
                }
                #expect(try bytes(lab.database) == before)
                #expect(try lab.files == files)
            }
        }

        @Test("that is damaged is left as it is")
        func damaged() async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync("--streams", "campaigns").code == 0)
                var content = try bytes(lab.database)
                content.replaceSubrange(0..<8, with: Data("garbage!".utf8))
                try content.write(to: URL(fileURLWithPath: lab.database))

                let outcome = try await lab.sync()

                #expect(outcome.code == 2, "\(outcome.err)")
                #expect(outcome.err.contains("data.sqlite"), "\(outcome.err)")
                #expect(try bytes(lab.database) == content)
            }
        }

        @Test("cannot be in a folder that is missing, be a folder, or be where nothing can be written")
        func places() async throws {
            try await Lab.with(try .tiny()) { lab in
                let places = [
                    (lab.folder.appendingPathComponent("nowhere/data.sqlite").path, "does not exist"),
                    (lab.folder.path, "is a folder"), ("/proc/sluice/data.sqlite", "does not exist"),
                    ("/proc/data.sqlite", "cannot be written"),
                ]
                for (place, says) in places {
                    let outcome = try await lab.run(lab.syncArguments(database: place))
                    #expect(outcome.code == 2, "\(place): \(outcome.err)")
                    #expect(outcome.err.contains(says), "\(place): \(outcome.err)")
                }
                #expect(try lab.files.isEmpty)
            }
        }

        /// What may not be written: the file, or its folder.
        @Test("that may not be written is told to be that, and is not changed", arguments: ["file", "folder"])
        func notWritable(_ what: String) async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync("--streams", "campaigns").code == 0)
                let home = lab.folder.appendingPathComponent("home")
                try FileManager.default.createDirectory(at: home, withIntermediateDirectories: false)
                let path = home.appendingPathComponent("data.sqlite").path
                for ending in ["", ".key"] {
                    try FileManager.default.moveItem(atPath: lab.database + ending, toPath: path + ending)
                }
                let before = try bytes(path)
                let calls = lab.requests
                let mode = what == "file" ? 0o444 : 0o555

                try await lab.withMode(mode, of: what == "file" ? path : home.path) {
                    let sync = try await lab.run(lab.syncArguments(database: path), through: Rights.bound)
                    #expect(sync.code == 2, "\(sync.err)")
                    #expect(sync.err.contains("cannot be written") && sync.err.contains("permissions"), "\(sync.err)")
                }
                #expect(lab.requests == calls)
                #expect(try bytes(path) == before)
                #expect(
                    try FileManager.default.contentsOfDirectory(atPath: home.path).sorted() == [
                        "data.sqlite", "data.sqlite.key",
                    ])
            }
        }

        @Test("cannot be made in a folder that may not be written, and nobody is asked")
        func folderNotWritable() async throws {
            try await Lab.with(try .tiny()) { lab in
                let home = lab.folder.appendingPathComponent("home")
                try FileManager.default.createDirectory(at: home, withIntermediateDirectories: false)
                try await lab.withMode(0o555, of: home.path) {
                    let path = home.appendingPathComponent("data.sqlite").path
                    let outcome = try await lab.run(lab.syncArguments(database: path), through: Rights.bound)
                    #expect(outcome.code == 2, "\(outcome.err)")
                    #expect(outcome.err.contains("cannot be written"), "\(outcome.err)")
                }
                #expect(lab.requests == 0)
            }
        }

        @Test("that another process works on is refused, and its work stays right")
        func inUse() async throws {
            try await Lab.with(try .slow(milliseconds: 20)) { lab in
                let working = try lab.startSync("--workers", "4")
                try await eventually("the first one works") {
                    lab.requests > 5 && (try? lab.count("sync_chunks", where: "status = 'in_progress'")) ?? 0 > 0
                }
                let refused = try await lab.sync()
                let status = try await lab.command("status")

                #expect(refused.code == 2, "\(refused.err)")
                #expect(
                    refused.err.contains("in use by another sluice process (\(working.processID))"), "\(refused.err)")
                #expect(status.code == 0, "\(status.err)")
                let done = await working.wait()
                #expect(done.code == 0, "\(done.err)")
                try lab.expectTruth()
            }
        }

        @Test("that another process works on is refused under any name, and has one key", arguments: [true, false])
        func linked(isThere: Bool) async throws {
            try await Lab.with(try .slow(milliseconds: 20)) { lab in
                // A link that leads nowhere yet, or to the file; one more that leads to the link.
                let names = ["b.sqlite", "c.sqlite"].map { lab.folder.appendingPathComponent($0).path }
                try FileManager.default.createSymbolicLink(atPath: names[0], withDestinationPath: "data.sqlite")
                try FileManager.default.createSymbolicLink(atPath: names[1], withDestinationPath: names[0])
                let first = isThere ? lab.database : names[1]
                let working = try lab.start(lab.syncArguments(["--workers", "4"], database: first))
                try await eventually("the first one works") {
                    lab.requests > 5 && (try? lab.count("sync_chunks", where: "status = 'in_progress'")) ?? 0 > 0
                }
                for name in names {
                    let refused = try await lab.run(lab.syncArguments(database: name))
                    #expect(refused.code == 2, "\(refused.err)")
                    #expect(refused.err.contains("in use by another sluice process"), "\(refused.err)")
                }
                working.send(SIGTERM)
                await working.wait()
                let outcome = try await lab.run(lab.syncArguments(["--streams", "campaigns"], database: names[0]))

                #expect(outcome.code == 0, "\(outcome.err)")
                #expect(try lab.files == ["b.sqlite", "c.sqlite", "data.sqlite", "data.sqlite.key"])
            }
        }

        @Test("that fills its disk stops the sync cleanly, and it goes on with more room")
        func diskFull() async throws {
            try await Lab.with(try .slow(milliseconds: 2)) { lab in
                var environment = try await SmallDisk.environment(bytes: 2112 * 1024, folder: lab.folder)
                environment["SLUICE_META_TOKEN"] = lab.world.token
                let full = try await lab.sync(environment: environment)

                #expect(full.code == 2, "\(full.err)")
                #expect(full.err.contains("The disk is full") && full.err.contains("the same command"), "\(full.err)")
                #expect(try lab.stored { try $0.integrity } == "ok")
                #expect(try lab.count("sync_jobs", where: "kind = 'initial'") == 1)

                let resumed = try await lab.sync()

                #expect(resumed.code == 0, "\(resumed.err)")
                #expect(resumed.err.contains("going on where the last run stopped"), "\(resumed.err)")
                try lab.expectTruth()
            }
        }

        @Test("that fills its disk still ends a sync with its one object")
        func diskFullJSON() async throws {
            try await Lab.with(try .slow(milliseconds: 2)) { lab in
                let disk = try await SmallDisk.environment(bytes: 2352 * 1024, folder: lab.folder)
                let full = try await lab.sync("--json", environment: lab.credentials.merging(disk) { $1 })

                #expect(full.code == 2 && full.err.contains("The disk is full"), "\(full.err)")
                #expect(full.out.split(separator: "\n").count == 1, "\(full.out)")
                #expect(try full.number("job_id") == 1)
                #expect(try full.json()["status"] as? String == "in_progress")
                #expect(try full.number("requests") > 0)
                let keys = ["chunks", "job_id", "requests", "retries", "rows", "seconds", "status", "throttled"]
                #expect(try full.json().keys.sorted() == keys)
            }
        }

        @Test("that may not grow stops the sync cleanly, too")
        func noGrowth() async throws {
            try await Lab.with(try .slow(milliseconds: 2)) { lab in
                let stopped = try await lab.run(lab.syncArguments(), through: Rights.files(atMost: 1552 * 1024))

                #expect(stopped.code == 2, "\(stopped.err)")
                #expect(stopped.err.contains("safe. ") && stopped.err.contains("same command"), "\(stopped.err)")
                #expect(stopped.err.contains("The disk is full"), "\(stopped.err)")

                let resumed = try await lab.sync()

                #expect(resumed.code == 0, "\(resumed.err)")
                try lab.expectTruth()
            }
        }

        private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }
    }
}
