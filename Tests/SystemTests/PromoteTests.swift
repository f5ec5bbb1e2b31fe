import Connectors
import Foundation
import GRDB
import StoreTransfer
import SyncCore
import Testing

extension SystemTests {
    @Suite("A file that is promoted", .enabled(if: TargetDatabase.server != nil))
    struct PromoteTests {
        static let kills = 12

        /// Many more rows than the world has: copies of a hundred with other ids and a long text.
        private func fatten(_ path: String, to rows: Int) throws {
            let database = try DatabaseQueue(path: path)
            try database.write { db in
                let columns = try db.columns(in: "meta_ad_insights").map(\.name)
                let values = columns.map { name in
                    switch name {
                    case "ad_id": "'x' || n.i || ad_id"
                    case "extra": "json_object('filler', hex(randomblob(400)))"
                    default: "\"\(name)\""
                    }
                }
                try db.execute(
                    sql: """
                        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(rows / 100))
                        INSERT OR IGNORE INTO meta_ad_insights (\(columns.map { "\"\($0)\"" }.joined(separator: ", ")))
                        SELECT \(values.joined(separator: ", "))
                        FROM (SELECT * FROM meta_ad_insights LIMIT 100) CROSS JOIN n
                        """)
            }
            try database.close()
        }

        @Test("comes to exactly the same content, however often it is killed on the way")
        func kill9() async throws {
            var random = Seeded(state: 2026)
            try await Lab.with(try .tiny()) { lab in
                try await TargetDatabase.with { target in
                    let synced = try await lab.sync()
                    #expect(synced.code == 0, "\(synced.err)")
                    try fatten(lab.database, to: 150_000)
                    let before = try FileContents(lab.database)
                    let promote = ["promote", "--from", lab.database, "--to", target.url]

                    var kills = 0
                    var most = 0
                    while kills < PromoteTests.kills {
                        let running = try lab.start(promote)
                        // By turns some time after the start and some time after the next batch is stored.
                        let stored = try target.promoted ?? 0
                        if kills % 2 == 1 {
                            try await eventually("more rows are stored") {
                                try target.promoted ?? 0 > stored || !running.isRunning
                            }
                        }
                        try await ContinuousClock().sleep(for: .milliseconds(random.below(400)))
                        try #require(running.isRunning, "it was over after \(kills) kills: \(running.complaint)")
                        // Once it is asked politely.
                        let isPolite = kills == 5
                        running.send(isPolite ? SIGINT : SIGKILL)
                        let ended = await running.wait()
                        #expect(ended.code == (isPolite ? 130 : -SIGKILL), "\(ended.err)")
                        if isPolite { #expect(ended.err.hasSuffix("The same command goes on from here.\n")) }
                        kills += 1
                        let now = try target.promoted ?? 0
                        #expect(now >= most, "what was stored is lost")
                        most = now
                        // Nobody is let in before the end.
                        if now > 0, kills == PromoteTests.kills {
                            let early = try await lab.run(["backup", "--database", target.url, "--to", "early.sluice"])
                            #expect(early.code == 2)
                            #expect(early.err.contains("unfinished promotion of \(lab.database)"), "\(early.err)")
                        }
                    }
                    #expect(most > 0)
                    let last = try await lab.run(promote + ["--json"])

                    #expect(last.code == 0, "\(last.err)")
                    #expect(try last.json()["status"] as? String == "completed")
                    #expect(try last.json()["differing"] as? [String] == [])
                    let counts = try #require(try last.json()["rows"] as? [String: Int])
                    #expect(counts == before.digests.mapValues(\.rows))
                    #expect(differing(try target.digests(before.layouts), before.digests).isEmpty)
                    try expectSameRows(lab, target)
                    let after = try FileContents(lab.database)
                    #expect(differing(after.digests, before.digests).isEmpty, "the file did not stay as it was")
                    try await expectClosed(lab, promote, target)
                }
            }
        }

        /// Compared by other code than that which copied them.
        private func expectSameRows(_ lab: Lab, _ target: TargetDatabase) throws {
            for (table, columns) in [
                ("meta_ad_insights", ["date", "ad_id", "spend_micros", "impressions", "extra"]),
                ("meta_campaigns", ["id", "name", "effective_status"]), ("meta_posts", ["id", "message"]),
                ("coverage", ["account_id", "stream", "date", "state", "rows"]),
                ("sync_chunks", ["id", "job_id", "status", "fence", "rows", "entities"]),
                ("events", ["id", "kind", "text"]), ("connections", ["id", "name", "base_url", "version"]),
            ] {
                let moved = try target.lines(columns, of: table)
                expectSame(table, moved, try lab.stored { try $0.lines(columns, of: table) })
            }
            let sealed = try target.texts("SELECT encode(sealed, 'hex') FROM connections")
            #expect(try lab.texts("SELECT lower(hex(sealed)) FROM connections") == sealed)
        }

        /// The file is not worked on any more, and the same command changes nothing.
        private func expectClosed(_ lab: Lab, _ promote: [String], _ target: TargetDatabase) async throws {
            let asked = lab.requests
            let sync = try await lab.sync()
            #expect(sync.code == 2)
            #expect(sync.err.contains("was promoted to postgres://") && !sync.err.contains(target.url), "\(sync.err)")
            #expect(lab.requests == asked, "it asked the platform before")
            #expect(try await lab.command("status").code == 0)

            let again = try await lab.run(promote)
            #expect(again.code == 0, "\(again.err)")
            #expect(again.err.contains("already; nothing was changed"), "\(again.err)")
        }

        @Test("in the middle of a sync hands its chunks over, and workers on the server end the job")
        func midway() async throws {
            try await Lab.with(try .slow(milliseconds: 20)) { lab in
                try await TargetDatabase.with { target in
                    let running = try lab.startSync("--workers", "4")
                    try await eventually("some chunks are done, and it is stopped with others in hand") {
                        guard (try? lab.count("sync_chunks", where: "status = 'completed'")) ?? 0 > 2 else {
                            return false
                        }
                        running.send(SIGSTOP)
                        let held = (try? lab.count("sync_chunks", where: "status = 'in_progress'")) ?? 0
                        if held == 0 { running.send(SIGCONT) }
                        return held > 0
                    }
                    let promote = ["promote", "--from", lab.database, "--to", target.url]
                    let early = try await lab.run(promote)
                    #expect(early.code == 2)
                    #expect(
                        early.err.contains("in use by another sluice process (\(running.processID))"), "\(early.err)")
                    #expect(try target.tables == 0)
                    running.send(SIGKILL)
                    await running.wait()
                    let held = try lab.count("sync_chunks", where: "status = 'in_progress'")
                    let pending = try lab.count("sync_chunks", where: "status = 'pending'")

                    let outcome = try await lab.run(promote)

                    #expect(outcome.code == 0, "\(outcome.err)")
                    #expect(held > 0, "no chunk was in hand when the sync was killed")
                    let states = "SELECT count(*)::text FROM sync_chunks WHERE status ="
                    #expect(try target.number("\(states) 'in_progress'") == 0)
                    #expect(try target.number("\(states) 'pending' AND worker IS NULL") == held + pending)
                    #expect(outcome.out.contains("set SLUICE_SECRET_KEY to the content of \(lab.database).key."))
                    #expect(
                        try target.number("SELECT count(*)::text FROM pg_views WHERE viewname = 'ad_performance_daily'")
                            == 1)
                    try await expectEnded(lab, target)
                }
            }
        }

        /// Two workers on the server bring the job to its end.
        private func expectEnded(_ lab: Lab, _ target: TargetDatabase) async throws {
            let key = try String(contentsOfFile: lab.database + ".key", encoding: .utf8)
            let workers = try (0..<2).map { _ in
                try lab.start(
                    ["worker", "--database", target.url],
                    environment: ["SLUICE_SECRET_KEY": key.trimmingCharacters(in: .whitespacesAndNewlines)])
            }
            try await eventually("the job is done") {
                (try? target.texts("SELECT status FROM sync_jobs")) == ["completed"]
                    || !workers.allSatisfy(\.isRunning)
            }
            for worker in workers {
                worker.send(SIGTERM)
                let ended = await worker.wait(atMost: .seconds(30))
                #expect(ended.code == 0, "\(ended.err)")
            }
            #expect(try target.texts("SELECT status FROM sync_jobs") == ["completed"])
            let oracle = lab.oracle
            for (table, level, column) in insightTables {
                let own = try target.lines(["date", column, "spend_micros", "impressions", "clicks"], of: table)
                expectSame(table, own, try oracle.insights(level, try oracle.days))
            }
            for stream in ["campaigns", "ad_sets", "ads"] {
                let own = try target.lines(["id", "name", "effective_status"], of: "meta_\(stream)")
                expectSame("meta_\(stream)", own, try oracle.entities(stream))
            }
        }

        @Test("is refused with one sentence where it cannot be, and nothing is changed")
        func refusals() async throws {
            try await Lab.with(try .tiny()) { lab in
                try await TargetDatabase.with { target in
                    let synced = try await lab.sync("--streams", "accounts")
                    #expect(synced.code == 0, "\(synced.err)")
                    let before = try FileContents(lab.database)
                    let stranger = lab.folder.appendingPathComponent("note.txt").path
                    try Data("no database at all, but long enough to be looked at".utf8).write(
                        to: URL(filePath: stranger))
                    let other = Data([UInt8](repeating: 7, count: 32)).base64EncodedString()
                    let free = "postgres://u:secret@127.0.0.1:1/x"
                    let cases: [(from: String, to: String, key: String?, says: String)] = [
                        (lab.database + "x", target.url, nil, "There is no database at"),
                        (stranger, target.url, nil, "is not a Sluice database"),
                        (lab.database, "other.sqlite", nil, "--to takes an address"),
                        (lab.database, "postgres://127.0.0.1", nil, "names no database"),
                        (lab.database, free, nil, "does not answer at 127.0.0.1:1;"),
                        (lab.database, target.url, other, "SLUICE_SECRET_KEY does not open the credentials"),
                        (lab.database, target.url, "short", "SLUICE_SECRET_KEY must be 32 bytes"),
                        (target.url, target.url, nil, "--from takes a file"),
                    ]
                    for (from, to, key, says) in cases {
                        var environment = lab.credentials
                        environment["SLUICE_SECRET_KEY"] = key
                        let outcome = try await lab.run(
                            ["promote", "--from", from, "--to", to], environment: environment)
                        let sentence = outcome.err.split(separator: "\n").last ?? ""
                        #expect(outcome.code == 2, "\(says): \(outcome.err)")
                        #expect(sentence.contains(says), "\(outcome.err)")
                        #expect(!outcome.err.contains("secret"), "\(outcome.err)")
                    }
                    #expect(try target.tables == 0)
                    #expect(differing(try FileContents(lab.database).digests, before.digests).isEmpty)
                }
            }
        }

        @Test("is refused by a database that holds data, which stays")
        func full() async throws {
            try await Lab.with(try .tiny()) { lab in
                try await TargetDatabase.with { target in
                    _ = try await lab.sync("--streams", "accounts")
                    let copy = lab.folder.appendingPathComponent("second.sqlite").path
                    _ = try await lab.run(lab.syncArguments(["--streams", "accounts"], database: copy))
                    #expect(try await lab.run(["promote", "--from", lab.database, "--to", target.url]).code == 0)
                    let layouts = try FileContents(lab.database).layouts
                    let before = try target.digests(layouts)

                    let outcome = try await lab.run(["promote", "--from", copy, "--to", target.url])

                    #expect(outcome.code == 2)
                    #expect(outcome.err.contains("holds data of Sluice already (settings)"), "\(outcome.err)")
                    #expect(differing(try target.digests(layouts), before).isEmpty)
                    // The other file was not touched: work goes on with it.
                    #expect(try await lab.run(lab.syncArguments(["--streams", "accounts"], database: copy)).code == 0)
                }
            }
        }
    }
}
