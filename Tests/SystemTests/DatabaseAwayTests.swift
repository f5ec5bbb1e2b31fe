import ConnectorKit
import Foundation
import HTTPTypes
import SyncHTTP
import Testing

extension SystemTests {
    @Suite("A page whose database is away", .enabled(if: TargetDatabase.server != nil))
    struct DatabaseAwayTests {
        @Test("says so at every address, keeps everybody signed in, and is back by itself")
        func stopped() async throws {
            let database = try OwnServer()
            defer { database.end() }
            try await Lab.with(try .tiny()) { lab in
                let key = ["SLUICE_SECRET_KEY": Data(repeating: 1, count: 32).base64EncodedString()]
                let words = ["serve", "--database", database.url, "--listen", "127.0.0.1:0"]
                let server = try lab.start(words, environment: key)
                let url = try await server.listening()
                try await eventually("the set-up link is told") {
                    server.text.contains("/setup?code=") || !server.isRunning
                }
                let code = try #require(server.text.firstMatch(of: /setup\?code=([A-Za-z0-9_-]+)/)).output.1
                let owner = try await Caller.setUp(url, code: String(code))
                #expect(try await owner.get("/accounts").status == 200)
                let script = try #require(
                    try await owner.get("/", html: true).text.firstMatch(of: /\/assets\/more\.[0-9a-f]+\.js/)
                ).output

                try database.tell("stop immediate")
                let object = try await owner.get("/accounts")
                let page = try await owner.get("/accounts/7", html: true)
                let asset = try await owner.get(String(script))
                let alive = try await owner.get("/healthz")
                try await eventually("it is not ready") { try await owner.get("/readyz").status == 503 }
                // Longer than anybody waits for it.
                try await ContinuousClock().sleep(for: .seconds(3))
                let figures = try await Caller(url: url).get("/metrics")
                // One that starts now.
                let late = try lab.start(words, environment: key)
                let stranger = Caller(url: try await late.listening())
                let early = try await stranger.get("/accounts", html: true)
                let metrics = try await stranger.get("/metrics")

                try database.tell("start")
                try await eventually("it is back") { try await owner.get("/accounts").status == 200 }
                try await eventually("the other one is there") {
                    try await stranger.get("/accounts", html: true).status == 303
                }
                for process in [server, late] {
                    process.send(SIGTERM)
                    let ended = await process.wait(atMost: .seconds(30))
                    #expect(ended.code == 0, "\(ended.err)")
                }

                #expect(object.status == 503 && object.retryAfter != nil, "\(object.text)")
                #expect(object.text.contains("database_away"))
                #expect(page.status == 503 && page.retryAfter != nil)
                #expect(page.text.contains("http-equiv=\"refresh\"") && page.text.contains("/accounts/7"))
                #expect(asset.status == 200 && alive.status == 200)
                #expect(early.status == 503 && early.text.contains("not ready yet"), "\(early.text.prefix(300))")
                #expect(metrics.status == 503)
                #expect(
                    figures.status == 200 && figures.text.contains("sluice_database_up 0"),
                    "\(figures.text.prefix(300))")
            }
        }
    }
}

/// Calls of one browser or program.
private struct Caller: Sendable {
    var url: String
    var cookie = ""

    struct Reply: Sendable {
        var status: Int
        var text: String
        var retryAfter: String?
    }

    static func setUp(_ url: String, code: String) async throws -> Caller {
        var request = WireRequest(.post, "/setup")
        request.headers[.accept] = "application/json"
        request.headers[.contentType] = "application/json"
        request.body = Array(
            #"{"code":"\#(code)","name":"Linh","email":"linh@an.vn","password":"cà phê sữa đá ngon"}"#.utf8)
        let reply = try await HTTPTransport.with(baseURL: url) { [request] in try await $0.send(request) }
        let session = try #require(reply.headers[values: .setCookie].first { $0.hasPrefix("sluice=") })
        return Caller(url: url, cookie: String(session.prefix { $0 != ";" }))
    }

    func get(_ path: String, html: Bool = false) async throws -> Reply {
        var request = WireRequest(.get, path)
        request.headers[.accept] = html ? "text/html" : "application/json"
        request.headers[.cookie] = cookie
        let reply = try await HTTPTransport.with(baseURL: url) { [request] in try await $0.send(request) }
        return Reply(
            status: reply.status, text: String(decoding: reply.body, as: UTF8.self),
            retryAfter: reply.headers[.retryAfter])
    }
}

/// A PostgreSQL of its own, which can be stopped.
private final class OwnServer {
    let url: String
    private let process = Process()
    private let commands = Pipe()
    private let answers = Pipe()

    init() throws {
        let home = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", home.appendingPathComponent("Scripts/postgres.py").path, "serve", "--fast"]
        process.standardInput = commands
        process.standardOutput = answers
        try process.run()
        let facts = try OwnServer.line(answers)
        url = try #require(facts["url"] as? String)
    }

    /// A command of `Scripts/postgres.py serve`; returns when it is done.
    func tell(_ command: String) throws {
        try commands.fileHandleForWriting.write(contentsOf: Data("\(command)\n".utf8))
        let answer = try OwnServer.line(answers)
        #expect(answer["ok"] != nil, "\(answer)")
    }

    private static func line(_ pipe: Pipe) throws -> [String: Any] {
        var line = Data()
        while let byte = try pipe.fileHandleForReading.read(upToCount: 1), byte != Data("\n".utf8), !byte.isEmpty {
            line += byte
        }
        return try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
    }

    func end() {
        try? commands.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
