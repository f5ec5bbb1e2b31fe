import Foundation
import SyncCore
import Testing

extension SystemTests {
    @Suite("The command line")
    struct CommandLineTests {
        /// A wrong command: its words, what its complaint must hold, and the token (nil for none).
        struct Wrong: Sendable, CustomTestStringConvertible {
            let name: String
            let words: [String]
            let says: String
            var token: String? = "EAAGsome"
            var environment: [String: String] = [:]
            var testDescription: String { name }
        }

        private static let sync = ["sync", "meta", "--account", "act_1000001"]

        static let wrong: [Wrong] = [
            Wrong(name: "platform", words: ["sync", "myspace", "--account", "1"], says: "Known: admitad, boostiny"),
            Wrong(name: "platform of connect", words: ["connect", "myspace"], says: "Known: admitad, boostiny"),
            Wrong(name: "command", words: ["snyc"], says: "snyc"),
            Wrong(name: "flag", words: sync + ["--frobnicate"], says: "--frobnicate"),
            Wrong(name: "no account", words: ["sync", "meta"], says: "--account"),
            Wrong(name: "stream", words: sync + ["--streams", "ads,unicorns"], says: "unicorns"),
            Wrong(name: "no token", words: sync, says: "SLUICE_META_TOKEN", token: nil),
            Wrong(name: "empty token", words: sync, says: "SLUICE_META_TOKEN", token: ""),
            Wrong(name: "token of spaces", words: sync, says: "Meta needs SLUICE_META_TOKEN", token: " \t\n "),
            Wrong(
                name: "token with a space", words: sync, says: "SLUICE_META_TOKEN holds a space",
                token: "EAAGsome thing"),
            Wrong(
                name: "token of two lines", words: ["connect", "meta"], says: "SLUICE_META_TOKEN holds a space",
                token: "EAAGsome\r\nX-Evil: 1"),
            Wrong(
                name: "token with a hidden sign", words: sync, says: "SLUICE_META_TOKEN holds a space",
                token: "EAAGsome\u{200B}thing"),
            Wrong(
                name: "app secret with a space", words: sync, says: "SLUICE_META_APP_SECRET holds a space",
                environment: ["SLUICE_META_APP_SECRET": "a b"]),
            Wrong(name: "connect without token", words: ["connect", "meta"], says: "SLUICE_META_TOKEN", token: nil),
            Wrong(
                name: "partitions of a file", words: ["connect", "meta", "--partitions", "month"],
                says: "--partitions is for a PostgreSQL database"),
            Wrong(name: "other partitions", words: ["connect", "meta", "--partitions", "week"], says: "week"),
            Wrong(
                name: "interval", words: ["schedules", "create", "--name", "a", "--every", "7m"],
                says: "There are 10m, 15m"),
            Wrong(
                name: "cron expression", words: ["schedules", "create", "--name", "a", "--cron", "0 24 * * *"],
                says: "The hour of the cron expression cannot be \"24\""),
            Wrong(
                name: "two plans", words: ["schedules", "create", "--name", "a", "--every", "1h", "--at", "08:00"],
                says: "Give one of --every"),
            Wrong(name: "no plan", words: ["schedules", "create", "--name", "a"], says: "A schedule needs --every"),
            Wrong(
                name: "task without a hook",
                words: ["schedules", "create", "--name", "a", "--every", "1h", "--task", "budgets"], says: "budgets"),
            Wrong(name: "from after to", words: sync + ["--from", "2026-02-02", "--to", "2026-02-01"], says: "after"),
            Wrong(name: "no date", words: sync + ["--from", "yesterday", "--to", "2026-02-01"], says: "yesterday"),
            Wrong(
                name: "impossible date", words: sync + ["--from", "2026-02-30", "--to", "2026-03-01"],
                says: "2026-02-30"),
            Wrong(name: "future", words: sync + ["--from", "2026-01-01", "--to", "2999-01-01"], says: "future"),
            Wrong(
                name: "both in the future", words: sync + ["--from", "2999-01-01", "--to", "2999-01-02"],
                says: "future"),
            Wrong(name: "from alone", words: sync + ["--from", "2026-01-01"], says: "--to"),
            Wrong(
                name: "range with days",
                words: sync + ["--range", "today", "--from", "2026-01-01", "--to", "2026-01-02"], says: "--range"),
            Wrong(name: "range", words: sync + ["--range", "last_8_days"], says: "last_8_days"),
            Wrong(name: "workers are no number", words: sync + ["--workers", "many"], says: "many"),
            Wrong(name: "workers below zero", words: sync + ["--workers=-1"], says: "--workers"),
            Wrong(name: "too many workers", words: sync + ["--workers", "100000"], says: "--workers"),
            Wrong(name: "quota", words: sync + ["--quota", "account=fast"], says: "account=fast"),
            Wrong(
                name: "family of a quota", words: sync + ["--quota", "acount=30/s:30"],
                says: "There is no quota acount. Known: account, app, appinsights, insights, management, pages"),
            Wrong(
                name: "one family of two", words: sync + ["--quota", "account=30/s:30", "--quota", "x=1/s"],
                says: "no quota x"),
            Wrong(name: "quota without family", words: sync + ["--quota", "=30/s:30"], says: "=30/s:30"),
            Wrong(name: "quota of nothing", words: sync + ["--quota", "account=1e-10/h"], says: "account=1e-10/h"),
            Wrong(name: "endless burst", words: sync + ["--quota", "account=3/s:1e15"], says: "account=3/s:1e15"),
            Wrong(name: "burst", words: sync + ["--quota", "account=30/s:0"], says: "burst"),
            Wrong(name: "reports missing", words: sync + ["--reports", "nowhere.json"], says: "nowhere.json"),
            Wrong(name: "reports nonsense", words: sync + ["--reports", "nonsense.json"], says: "report"),
            Wrong(name: "streams of spaces", words: sync + ["--streams", " , "], says: "--streams"),
            Wrong(name: "base URL", words: sync + ["--base-url", "not a url"], says: "not a url"),
            Wrong(name: "base URL without host", words: sync + ["--base-url", "http://"], says: "http://"),
            Wrong(name: "base URL of a file", words: sync + ["--base-url", "file:///etc/passwd"], says: "file:"),
            Wrong(
                name: "server without database", words: sync + ["--database", "postgres://me:hidden@127.0.0.1"],
                says: "names no database"),
            Wrong(
                name: "server that is none", words: sync + ["--database", "mysql://me:hidden@127.0.0.1/db"],
                says: "postgres://"),
            Wrong(
                name: "database as a connection string",
                words: sync + ["--database", "host=db password=hidden dbname=x"],
                says: "This is neither: host=…."),
            Wrong(
                name: "server that does not answer",
                words: sync + ["--database", "postgres://me:hidden@127.0.0.1:1/db"], says: "does not answer"),
            Wrong(name: "no database", words: sync + ["--database", ""], says: "--database"),
            Wrong(
                name: "secret key", words: sync, says: "SLUICE_SECRET_KEY must be 32 bytes",
                environment: ["SLUICE_SECRET_KEY": "c2hvcnQ="]),
            Wrong(
                name: "secret key of connect", words: ["connect", "meta"], says: "SLUICE_SECRET_KEY",
                environment: ["SLUICE_SECRET_KEY": "no base64"]),
            Wrong(
                name: "address of the page", words: ["serve", "--url", "https://a.example/sluice"],
                says: "--url takes a scheme and a host"),
            Wrong(
                name: "address of the page without a scheme", words: ["serve"], says: "SLUICE_URL takes a scheme and",
                environment: ["SLUICE_URL": "sluice.example.com"]),
            Wrong(name: "sandbox", words: ["sandbox", "myspace"], says: "meta"),
            Wrong(name: "world", words: ["sandbox", "meta", "--world", "moon"], says: "Known: demo, small, bench"),
            Wrong(
                name: "description of a world", words: ["sandbox", "meta", "--config", "nonsense.json"], says: "world"),
            Wrong(
                name: "description of a world missing", words: ["sandbox", "meta", "--config", "nofile"],
                says: "There is no file nofile. Name another with --config."),
            Wrong(
                name: "description of a world is a folder", words: ["sandbox", "meta", "--config", "."],
                says: "The file . cannot be read. Check its permissions"),
            Wrong(name: "port", words: ["sandbox", "meta", "--port", "70000"], says: "--port"),
            Wrong(name: "workers of demo", words: ["demo", "--workers", "0"], says: "--workers"),
            Wrong(name: "limit", words: ["jobs", "--limit", "0"], says: "--limit"),
            Wrong(name: "number of a job", words: ["retry", "first"], says: "first"),
            Wrong(name: "job left out", words: ["cancel"], says: "<job>"),
        ]

        @Test("refuses a wrong command with a sentence and code 2, asks nobody, and leaves no file", arguments: wrong)
        func refuses(_ wrong: Wrong) async throws {
            try await Lab.with(try .tiny()) { lab in
                try Data("{not json".utf8).write(to: lab.folder.appendingPathComponent("nonsense.json"))
                let before = try lab.files
                let isSync = wrong.words.first == "sync" || wrong.words.first == "connect"
                let base = isSync && !wrong.words.contains("--base-url") ? ["--base-url", lab.url] : []
                let outcome = try await lab.run(
                    wrong.words + base,
                    environment: wrong.environment.merging(wrong.token.map { ["SLUICE_META_TOKEN": $0] } ?? [:]) { $1 })

                #expect(outcome.code == 2, "\(outcome.err)")
                #expect(outcome.err.contains(wrong.says), "\(outcome.err)")
                #expect(outcome.out.isEmpty)
                #expect(!outcome.err.contains("EAAGsome") && !outcome.err.contains("hidden"))
                #expect(try lab.files == before)
                #expect(lab.requests == 0)
            }
        }

        @Test("explains itself", arguments: [["--help"], ["--version"], ["sync", "--help"], ["help", "jobs"]])
        func explains(_ words: [String]) async throws {
            try await Lab.with(try .tiny()) { lab in
                let outcome = try await lab.run(words, environment: [:])

                #expect(outcome.code == 0)
                #expect(outcome.out.contains("sluice"))
                #expect(outcome.err.isEmpty)
                #expect(try lab.files.isEmpty)
            }
        }

        @Test(
            "Help names the variables that a server reads, and all that an option opens",
            arguments: [
                ("serve", ["SLUICE_META_APP_ID", "SLUICE_META_APP_SECRET", "and webhooks may lead there"]),
                ("worker", []),
            ])
        func variables(_ command: String, _ more: [String]) async throws {
            try await Lab.with(try .tiny()) { lab in
                let help = try await lab.run([command, "--help"], environment: [:]).out
                let words = help.split(whereSeparator: \.isWhitespace).joined(separator: " ")

                for name in ["URL", "FROM", "USER", "PASSWORD", "TLS", "CA"] {
                    #expect(words.contains("SLUICE_SMTP_\(name)"), "\(name)")
                }
                #expect(words.contains("SLUICE_PRIVATE_WEBHOOKS=on"))
                for text in more { #expect(words.contains(text), "\(text)") }
            }
        }

        private static func shell(_ rest: String) -> [String] { ["bash", "-c", "\"$@\" \(rest)", "bash"] }

        /// What standard output is: a full disk, or closed.
        @Test("ends with a sentence and code 1 when its output cannot be written", arguments: [">/dev/full", ">&-"])
        func lostOutput(_ output: String) async throws {
            try await Lab.with(try .tiny()) { lab in
                let lines = [
                    lab.syncArguments(["--json"]), lab.syncArguments(["--streams", "campaigns"]),
                    ["status", "--database", lab.database], ["jobs", "--json", "--database", lab.database], ["--help"],
                ]
                for line in lines {
                    let outcome = try await lab.run(line, through: Self.shell(output))
                    #expect(outcome.code == 1, "\(line): \(outcome.err)")
                    #expect(outcome.err.contains("The output could not be written: "), "\(line): \(outcome.err)")
                }
                #expect(try lab.texts("SELECT DISTINCT status FROM sync_jobs") == ["completed"])
                #expect(try lab.stored { try $0.integrity } == "ok")
                try lab.expectTruth()

                let rejected = try await lab.run(
                    lab.syncArguments(["--workers", "many"]), through: Self.shell(output))
                #expect(rejected.code == 2, "\(rejected.err)")
            }
        }

        @Test("takes streams with spaces around them")
        func spacedStreams() async throws {
            try await Lab.with(try .tiny()) { lab in
                let outcome = try await lab.sync("--streams", " campaigns , ads ", "--detach")

                #expect(outcome.code == 0, "\(outcome.err)")
                #expect(try lab.texts("SELECT streams FROM sync_jobs") == [#"["campaigns","ads"]"#])
            }
        }

        @Test("draws on a terminal, and without colours when NO_COLOR says so", arguments: ["", "1"])
        func colours(_ noColor: String) async throws {
            try await Lab.with(try .tiny()) { lab in
                let outcome = try await lab.run(
                    lab.syncArguments(["--streams", "campaigns"]),
                    environment: lab.credentials.merging(["TERM": "xterm", "NO_COLOR": noColor]) { $1 },
                    through: ["bash", "-c", #"script -qec "$(printf '%q ' "$@")" /dev/null"#, "bash"])

                #expect(outcome.code == 0, "\(outcome.out)")
                #expect(outcome.out.contains("\u{1B}[2K"), "nothing was drawn")
                #expect(outcome.out.contains(/\u{1B}\[\d+m/) == noColor.isEmpty)
            }
        }

        @Test("ends quietly when its reader goes away")
        func reader() async throws {
            try await Lab.with(try .tiny()) { lab in
                for line in [lab.syncArguments(["--json"]), ["jobs", "--database", lab.database], ["--help"]] {
                    let outcome = try await lab.run(line, through: Self.shell("| true; exit ${PIPESTATUS[0]}"))
                    #expect(outcome.code == 0, "\(line): \(outcome.err)")
                    #expect(outcome.err.isEmpty, "\(line): \(outcome.err)")
                }
                try lab.expectTruth()
            }
        }

        @Test("speaks of a database that is not there", arguments: ["status", "jobs", "retry", "cancel"])
        func noDatabase(_ word: String) async throws {
            try await Lab.with(try .tiny()) { lab in
                let outcome = try await lab.run(
                    [word] + (["retry", "cancel"].contains(word) ? ["1"] : []) + ["--database", lab.database])

                #expect(outcome.code == 2, "\(outcome.err)")
                #expect(outcome.err.contains("data.sqlite"))
                #expect(try lab.files.isEmpty)
            }
        }
    }
}
