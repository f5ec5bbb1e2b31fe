import Foundation
import GRDB
import SyncCore
import Testing

extension SystemTests {
    @Suite("An export")
    struct ExportTests {
        private static func path(_ name: String, _ lab: Lab) -> String { lab.folder.appendingPathComponent(name).path }

        private static func lines(_ path: String) throws -> [String] {
            try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isNewline).map(String.init)
        }

        @Test("has all rows of a table, in each form, and of the views and the logs")
        func whole() async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync().code == 0)
                let tables = ["meta_campaigns", "meta_ad_insights", "ad_performance_daily", "sync_logs"]
                for table in tables {
                    let count = try lab.count(table)
                    #expect(count > 0)
                    let csv = Self.path("\(table).csv", lab)
                    let made = try await lab.command("export", table, "--output", csv)
                    #expect(made.code == 0 && made.out.isEmpty, "\(made.err)")
                    #expect(made.err.contains("\(count) row"), "\(made.err)")

                    let streamed = try await lab.command("export", table, "--format", "jsonl")
                    #expect(try streamed.objects().count == count)
                    #expect(streamed.err.isEmpty)

                    let book = Self.path("\(table).xlsx", lab)
                    #expect(try await lab.command("export", table, "--output", book).code == 0)
                    #expect(try Data(contentsOf: URL(filePath: book)).starts(with: [0x50, 0x4B, 3, 4]))
                }
                let spend = try lab.stored { stored in
                    try stored.lines(["spend_micros"], of: "meta_ad_insights").compactMap { Int($0) }.reduce(0, +)
                }
                let exported = try await lab.command(
                    "export", "meta_ad_insights", "--columns", "spend_micros", "--format", "jsonl")
                #expect(try exported.objects().compactMap { $0["spend_micros"] as? Int }.reduce(0, +) == spend)
                #expect(try lab.files.filter { $0.hasSuffix(".partial") }.isEmpty)
            }
        }

        @Test("narrows, sorts and chooses")
        func narrowed() async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync().code == 0)
                let all = try await lab.command("export", "meta_campaign_insights", "--format", "jsonl")
                let days = Set(try all.objects().compactMap { $0["date"] as? String }).sorted()
                let day = try #require(days.last)

                let some = try await lab.command(
                    "export", "meta_campaign_insights", "--account", lab.account, "--platform", "meta", "--from", day,
                    "--columns", "date,spend,campaign_id", "--sort", "-spend,campaign_id")

                #expect(some.code == 0, "\(some.err)")
                let lines = some.out.split(whereSeparator: \.isNewline)
                #expect(lines.first == "\"date\",\"spend\",\"campaign_id\"")
                let rows = lines.dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false) }
                #expect(!rows.isEmpty && rows.allSatisfy { $0[0] == day })
                let spends = rows.compactMap { Double($0[1]) }
                #expect(spends == spends.sorted(by: >))
            }
        }

        @Test("takes no file's place unless it is told to, and says what it cannot do in one sentence")
        func refusals() async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync("--streams", "campaigns").code == 0)
                let file = Self.path("a.csv", lab)
                try Data("mine".utf8).write(to: URL(filePath: file))
                let cases: [(arguments: [String], says: String)] = [
                    (["meta_campaigns", "--output", file], "exists already; nothing was written"),
                    (["meta_campaigns", "--output", lab.folder.path], "is a folder"),
                    (["meta_campaigns", "--output", lab.folder.path + "/no/a.csv"], "No such file or directory"),
                    (["connections"], "There is no table connections to export. Known: "),
                    (["shopee_shops"], "The database has no shopee_shops yet: nothing of it was synced. Known: "),
                    (["meta_campaigns", "--columns", "id,nothing"], "has no column nothing. Known: account_id"),
                    (["meta_campaigns", "--from", "2026-01-01"], "are not of days"),
                    (["meta_campaigns", "--platform", "shopee"], "has rows of meta only"),
                    (["meta_campaigns", "--account", "77"], "has no account 77. Known: "),
                    (["meta_campaigns", "--format", "xls"], "--format takes csv, jsonl or xlsx"),
                    (["meta_campaigns", "--where", "x"], "--where takes a condition"),
                    (["meta_campaigns", "--bom", "--format", "jsonl"], "--bom is for CSV"),
                ]
                for (arguments, says) in cases {
                    let outcome = try await lab.run(["export"] + arguments + ["--database", lab.database])
                    #expect(outcome.code == 2, "\(arguments): \(outcome.err)")
                    #expect(outcome.err.contains(says), "\(arguments): \(outcome.err)")
                    #expect(outcome.out.isEmpty)
                }
                #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
                #expect(try lab.files == ["a.csv", "data.sqlite", "data.sqlite.key"])

                #expect(try await lab.command("export", "meta_campaigns", "--output", file, "--force").code == 0)
                #expect(try Self.lines(file).first?.hasPrefix("\"account_id\"") ?? false)
                let missing = try await lab.run(["export", "meta_ads", "--database", lab.database + "x"])
                #expect(missing.code == 2 && missing.err.contains("There is no database at"), "\(missing.err)")
            }
        }

        @Test("speaks the user's language")
        func vietnamese() async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync("--streams", "campaigns").code == 0)
                var environment = lab.credentials
                environment["SLUICE_LANG"] = "vi"

                let refused = try await lab.run(
                    ["export", "tokens", "--database", lab.database], environment: environment)
                let made = try await lab.run(
                    ["export", "meta_campaigns", "--database", lab.database, "--output", Self.path("a.csv", lab)],
                    environment: environment)

                #expect(refused.err.contains("Không có bảng tokens để xuất. Đã biết:"), "\(refused.err)")
                #expect(made.err.contains("dòng của meta_campaigns đã nằm trong"), "\(made.err)")
            }
        }

        /// A file with a table of many rows, of which each is about 150 bytes.
        private static func fill(_ lab: Lab, rows: Int) async throws {
            #expect(try await lab.sync("--streams", "campaigns").code == 0)
            let database = try DatabaseQueue(path: lab.database)
            try await database.write { db in
                try db.execute(
                    sql: """
                        CREATE TABLE meta_many (account_id TEXT NOT NULL, id TEXT NOT NULL, date TEXT,
                            spend_micros INTEGER, clicks INTEGER, name TEXT, extra TEXT, synced_at TEXT NOT NULL,
                            PRIMARY KEY (account_id, id)) STRICT
                        """)
                try db.execute(
                    sql: """
                        INSERT INTO meta_many
                        WITH RECURSIVE c (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n + 1 < ?)
                        SELECT '1000001', printf('%018d', n), date('2020-01-01', (n % 2000) || ' days'), n * 1234567,
                            n % 97, 'Chiến dịch số ' || n, '{"a":[' || n || ',1.5,"x"]}', '2026-11-21T00:00:00.000Z'
                        FROM c
                        """, arguments: [rows])
            }
            try database.close()
        }

        /// The most memory that a run had in its hands, in kB, as the system counts it.
        private static func peak(_ lab: Lab, _ arguments: [String]) async throws -> Int {
            let measure =
                "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]); "
                + "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr); sys.exit(code)"
            let running = try lab.start(
                ["export"] + arguments + ["--database", lab.database], through: ["python3", "-c", measure])
            let outcome = await running.wait(atMost: .seconds(600))
            #expect(outcome.code == 0, "\(outcome.err)")
            return try #require(Int(outcome.err.split(separator: "\n").last ?? ""))
        }

        @Test("of a million rows takes no more memory than one of ten, in each form", .timeLimit(.minutes(15)))
        func million() async throws {
            try await Lab.with(try .tiny()) { lab in
                try await Self.fill(lab, rows: 1_000_000)
                for form in ["csv", "jsonl", "xlsx"] {
                    let few = try await Self.peak(
                        lab, ["meta_many", "--where", "clicks=-1", "--output", Self.path("few.\(form)", lab)])
                    let file = Self.path("many.\(form)", lab)
                    let all = try await Self.peak(lab, ["meta_many", "--output", file])

                    #expect(all - few < 60_000, "\(form): \(few) kB for nothing, \(all) kB for a million rows")
                    if form != "xlsx" { #expect(try Self.lines(file).count == 1_000_000 + (form == "csv" ? 1 : 0)) }
                    try FileManager.default.removeItem(atPath: file)
                }
                let sorted = try await Self.peak(
                    lab, ["meta_many", "--sort", "-clicks", "--output", Self.path("sorted.csv", lab)])
                #expect(sorted < 200_000, "\(sorted) kB")
            }
        }

        @Test("that is interrupted leaves no file", arguments: ["csv", "xlsx"])
        func interrupted(_ form: String) async throws {
            try await Lab.with(try .tiny()) { lab in
                try await Self.fill(lab, rows: 400_000)
                let file = Self.path("a.\(form)", lab)
                let running = try lab.start(["export", "meta_many", "--output", file, "--database", lab.database])
                try await eventually("the export has begun") {
                    FileManager.default.fileExists(atPath: file + ".partial")
                }

                running.send(SIGINT)
                let outcome = await running.wait(atMost: .seconds(10))

                #expect(outcome.code == 130, "\(outcome.err)")
                #expect(outcome.err.contains("Interrupted; no file was written."), "\(outcome.err)")
                #expect(try lab.files.filter { $0.hasPrefix("a.") }.isEmpty)
            }
        }
    }
}
