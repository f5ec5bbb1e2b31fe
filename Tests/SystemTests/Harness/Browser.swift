import ConnectorKit
import Foundation
import HTTPTypes
import SyncHTTP
import Testing

/// A browser that is signed in.
struct Browser {
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

    func get(_ path: String) async throws -> String {
        let reply = try await call(.get, path)
        #expect(reply.status == 200, "\(path): \(reply.status)")
        return reply.text
    }

    /// Of the owner, by the link that a server has told.
    static func setUp(_ server: SluiceProcess) async throws -> Browser {
        let url = try await server.listening()
        try await eventually("the set-up link is told") {
            server.text.contains("/setup?code=") || !server.isRunning
        }
        let code = try #require(server.text.firstMatch(of: /setup\?code=([A-Za-z0-9_-]+)/)).output.1
        return try await setUp(url, code: String(code))
    }
}
