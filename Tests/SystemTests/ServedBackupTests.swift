import ConnectorKit
import Foundation
import HTTPTypes
import SyncHTTP
import Testing

extension SystemTests {
    @Suite("A backup from the page")
    struct ServedBackupTests {
        @Test("stands beside the database, is told, and fills another database")
        func backup() async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync().code == 0)
                let server = try lab.start(
                    ["serve", "--database", lab.database, "--listen", "127.0.0.1:0"], environment: [:])
                let url = try await server.listening()
                try await eventually("the set-up link is told") {
                    server.text.contains("/setup?code=") || !server.isRunning
                }
                let code = try #require(server.text.firstMatch(of: /setup\?code=([A-Za-z0-9_-]+)/)).output.1
                let owner = try await Browser.setUp(url, code: String(code))

                #expect(try await owner.call(.post, "/sync/settings/backup").status == 202)
                try await eventually("the backup is there") {
                    let told = try await owner.call(.get, "/sync/settings/backup").text
                    return told.contains("\"bytes\"") && told.contains("\"idle\"")
                }
                let told = try await owner.call(.get, "/sync/settings/backup").text
                server.send(SIGTERM)
                #expect(await server.wait(atMost: .seconds(30)).code == 0)

                let file = try #require(try lab.files.first { $0.hasPrefix("data-") && $0.hasSuffix(".backup") })
                #expect(told.contains(file))
                let other = lab.folder.appendingPathComponent("other.sqlite").path
                let restored = try await lab.run([
                    "restore", "--from", lab.folder.appendingPathComponent(file).path, "--database", other,
                ])
                #expect(restored.code == 0, "\(restored.err)")
            }
        }
    }
}

/// A browser that is signed in.
private struct Browser {
    var url: String
    var cookie: String

    static func setUp(_ url: String, code: String) async throws -> Browser {
        let body = """
            {"code":"\(code)","workspace":"A","name":"Linh","email":"linh@an.vn","password":"cà phê sữa đá ngon"}
            """
        let reply = try await Browser(url: url, cookie: "").call(.post, "/setup", body)
        return Browser(url: url, cookie: reply.cookie)
    }

    func call(
        _ method: HTTPRequest.Method, _ path: String, _ body: String = ""
    ) async throws -> (status: Int, text: String, cookie: String) {
        try await HTTPTransport.with(baseURL: url) { transport in
            var request = WireRequest(method, path)
            request.headers[.accept] = "application/json"
            request.headers[.cookie] = cookie
            if !body.isEmpty {
                request.headers[.contentType] = "application/json"
                request.body = Array(body.utf8)
            }
            let reply = try await transport.send(request)
            let cookies = reply.headers[values: .setCookie]
            let session = cookies.first { $0.hasPrefix("sluice=") }.map { String($0.prefix { $0 != ";" }) }
            return (reply.status, String(decoding: reply.body, as: UTF8.self), session ?? "")
        }
    }
}
