import Foundation
import HTTPTypes
import StorePostgres
import Testing

extension SystemTests {
    @Suite("A backup from the page")
    struct ServedBackupTests {
        @Test("stands beside the database, is told, and fills another database")
        func backup() async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync().code == 0)
                let page = try await Served(lab, ["--database", lab.database], [:])

                try await page.pressAndWait()
                let told = try await page.told
                await page.end()

                let file = try #require(try lab.files.first { $0.hasPrefix("data-") && $0.hasSuffix(".backup") })
                #expect(told.contains(file))
                try await restores(lab.folder.appendingPathComponent(file), lab)
            }
        }

        @Test(
            "of a server's database is written to the folder that was named, and its password is nowhere",
            .enabled(if: TargetDatabase.server != nil))
        func server() async throws {
            try await Lab.with(try .tiny()) { lab in
                try await TargetDatabase.with { target in
                    let password = try #require(URLComponents(string: target.url)?.password)
                    let folder = lab.folder.appendingPathComponent("backups")
                    var environment = lab.credentials.merging(TestFolder.key) { $1 }
                    environment["SLUICE_DATABASE"] = target.url
                    #expect(
                        try await lab.run(
                            ["sync", "meta", "--account", lab.account, "--base-url", lab.url], environment: environment
                        ).code == 0)
                    environment["SLUICE_BACKUPS"] = folder.path
                    let page = try await Served(lab, [], environment)

                    // Who reads waits for whoever has a table for himself, so the program that writes the backup is
                    // there to be looked at.
                    let holder = try PostgresConnection(target.address)
                    try holder.script("BEGIN; LOCK TABLE meta_ads IN ACCESS EXCLUSIVE MODE")
                    try await page.press()
                    try await eventually("the backup is being written") {
                        try Program.all.contains { $0.isBackup(into: folder) && $0.environment.contains(password) }
                    }
                    // The server and what it has started; of others' programs each has its own manners.
                    let own = try Program.all.filter { $0.environment.contains(folder.path) }
                    try holder.script("COMMIT")
                    try await page.waitForFile()
                    await page.end()

                    #expect(own.count >= 2)
                    #expect(!own.contains { $0.arguments.contains(password) })
                    try lab.home.expectNone(of: [password])
                    #expect(try mode(of: folder) == 0o700)
                    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
                    let file = try #require(names.first.map { folder.appendingPathComponent($0) })
                    #expect(names.count == 1 && names[0].hasPrefix("sluice_moved_") && names[0].hasSuffix(".backup"))
                    #expect(try mode(of: file) == 0o600)
                    let other = try await restores(file, lab)
                    for table in ["meta_ads", "meta_ad_insights", "sync_chunks", "coverage", "users"] {
                        #expect(
                            try other.count(table) == (try target.number("SELECT count(*)::text FROM \(table)")),
                            "\(table)")
                    }
                    try other.close()
                }
            }
        }

        @Test("of an SQLite file is written to the folder that was named, too")
        func named() async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync("--streams", "accounts").code == 0)
                let folder = lab.folder.appendingPathComponent("backups")
                let page = try await Served(lab, ["--database", lab.database, "--backups", "backups"], [:])

                try await page.pressAndWait()
                await page.end()

                #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
                #expect(try !lab.files.contains { $0.hasSuffix(".backup") })
            }
        }

        @Test("has a place that can be written, or the server does not start")
        func refusals() async throws {
            try await Lab.with(try .tiny()) { lab in
                try Data().write(to: lab.folder.appendingPathComponent("file"))
                let closed = lab.folder.appendingPathComponent("closed")
                try FileManager.default.createDirectory(
                    at: closed, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o500])
                for (folder, why) in [
                    ("file", "Not a directory"), ("file/in", "Not a directory"), ("no/where", "No such file"),
                    ("closed", "Permission denied"), ("closed/in", "Permission denied"),
                ] {
                    let outcome = try await lab.run(
                        ["serve", "--database", lab.database, "--listen", "127.0.0.1:0", "--backups", folder],
                        environment: [:], through: Rights.bound)

                    #expect(outcome.code == 2, "\(folder): \(outcome.err)")
                    #expect(outcome.err.contains(why) && outcome.err.contains("--backups"), "\(folder): \(outcome.err)")
                    #expect(outcome.err.split(separator: "\n").count == 1, "\(outcome.err)")
                }
                #expect(try lab.files == ["closed", "file"], "a server that does not start makes nothing")
            }
        }

        @discardableResult
        private func restores(_ file: URL, _ lab: Lab) async throws -> Stored {
            let other = lab.folder.appendingPathComponent("other.sqlite").path
            let restored = try await lab.run(["restore", "--from", file.path, "--database", other])
            #expect(restored.code == 0, "\(restored.err)")
            return try Stored(other)
        }

        private func mode(of file: URL) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
        }
    }
}

/// A running `sluice serve` whose owner is signed in.
private struct Served {
    let server: SluiceProcess
    let owner: Browser

    init(_ lab: Lab, _ arguments: [String], _ environment: [String: String]) async throws {
        let server = try lab.start(["serve", "--listen", "127.0.0.1:0"] + arguments, environment: environment)
        self.server = server
        owner = try await Browser.setUp(server)
    }

    var told: String { get async throws { try await owner.call(.get, "/sync/settings/backup").text } }

    func press() async throws {
        #expect(try await owner.call(.post, "/sync/settings/backup").status == 202)
    }

    func waitForFile() async throws {
        try await eventually("the backup is there") {
            let told = try await told
            return told.contains("\"bytes\"") && told.contains("\"idle\"")
        }
    }

    func pressAndWait() async throws {
        try await press()
        try await waitForFile()
    }

    func end() async {
        server.send(SIGTERM)
        #expect(await server.wait(atMost: .seconds(30)).code == 0)
    }
}

/// A program that runs on this machine, as its user may see it.
private struct Program {
    var arguments: String
    var environment: String

    static var all: [Program] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }.map { id in
                Program(arguments: text("/proc/\(id)/cmdline"), environment: text("/proc/\(id)/environ"))
            }
        }
    }

    /// Empty of one that has ended since.
    private static func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    func isBackup(into folder: URL) -> Bool { arguments.contains("backup\0--to\0\(folder.path)/") }
}
