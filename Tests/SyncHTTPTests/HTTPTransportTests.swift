import ConnectorKit
import Foundation
import HTTPTypes
import SyncHTTP
import Testing

@Suite("A transport", .timeLimit(.minutes(1)))
struct HTTPTransportTests {
    @Test("returns status, headers and body of whatever is answered", arguments: [200, 400, 429, 500, 503])
    func wholeAnswer(status: Int) async throws {
        try await withExchange { _ in
            .text(#"{"data":[]}"#, status: status, headers: [.retryAfter: "7"])
        } body: { transport, _ in
            let response = try await transport.send(WireRequest(.get, "/v26.0/me"))

            #expect(response.status == status)
            #expect(response["retry-after"] == "7")
            #expect(response.text == #"{"data":[]}"#)
        }
    }

    @Test("sends the target as it was written, after the prefix of the base URL")
    func target() async throws {
        let target = "/v26.0/act_1/insights?filtering=%5B%7B%22a%22%3A1%7D%5D&b=x+y&c&d=a%2Fb&e=~-._"
        try await withExchange(prefix: "/gate/meta/") { _ in
            .text("{}")
        } body: { transport, host in
            _ = try await transport.send(WireRequest(.get, target))
            _ = try await transport.send(WireRequest(.get, "/a%2Fb/c%20d/?"))

            let asked = host.withSandbox { $0.asked.map(\.target) }
            #expect(asked == ["/gate/meta" + target, "/gate/meta/a%2Fb/c%20d/?"])
        }
    }

    @Test("keeps the case of header names both ways")
    func headerCase() async throws {
        let custom = try HTTPField.Name.named("X-FB-Trace-Me")
        try await withExchange { request in
            .text("", headers: request.headers)
        } body: { transport, host in
            let response = try await transport.send(
                WireRequest(.get, "/", headers: [custom: "Yes", .authorization: "b"]))

            let asked = host.withSandbox { $0.asked[0].headers }
            #expect(asked.contains { $0.name.rawName == "X-FB-Trace-Me" && $0.value == "Yes" })
            #expect(response.headers.contains { $0.name.rawName == "X-FB-Trace-Me" })
            #expect(response["x-fb-TRACE-me"] == "Yes")
        }
    }

    @Test("says who it is and that it takes gzip, unless the request says otherwise")
    func ownHeaders() async throws {
        try await withExchange { _ in
            .text("")
        } body: { transport, host in
            _ = try await transport.send(WireRequest(.get, "/"))
            _ = try await transport.send(
                WireRequest(.get, "/", headers: [.userAgent: "other", .acceptEncoding: "identity"]))

            let asked = host.withSandbox { $0.asked.map(\.headers) }
            #expect(asked[0][.userAgent] == "Sluice/0.1")
            #expect(asked[0][.acceptEncoding] == "gzip")
            #expect(asked[1][values: .userAgent] == ["other"])
            #expect(asked[1][values: .acceptEncoding] == ["identity"])
        }
    }

    @Test("sends method and body", arguments: [HTTPRequest.Method.post, .delete, .put])
    func requestBody(method: HTTPRequest.Method) async throws {
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await withExchange { _ in
            .text("{}")
        } body: { transport, host in
            _ = try await transport.send(WireRequest(method, "/batch", body: body))

            let asked = host.withSandbox { $0.asked[0] }
            #expect(asked.method == method)
            #expect(asked.body == body)
            #expect(asked.headers[.contentLength] == "3000000")
        }
    }

    @Test("gives an empty body where HTTP has none")
    func emptyBodies() async throws {
        try await withExchange { request in
            .text(request.path == "/empty" ? "" : "12345", status: request.path == "/204" ? 204 : 200)
        } body: { transport, host in
            let noContent = try await transport.send(WireRequest(.delete, "/204"))
            let empty = try await transport.send(WireRequest(.get, "/empty"))
            let head = try await transport.send(WireRequest(.head, "/head"))

            #expect(noContent.status == 204 && noContent.body.isEmpty)
            #expect(empty.status == 200 && empty.body.isEmpty)
            #expect(head.status == 200 && head.body.isEmpty)
            #expect(head["content-length"] == "5")
            #expect(host.traffic == SandboxTraffic(connections: 1, requests: 3))
        }
    }

    @Test("takes a big body whole")
    func bigBody() async throws {
        let body = (0..<10_000_000).map { UInt8(truncatingIfNeeded: $0 &* 17) }
        try await withExchange { _ in
            SandboxReply(WireResponse(status: 200, body: body))
        } body: { transport, _ in
            let response = try await transport.send(WireRequest(.get, "/"))

            #expect(response.body == body)
        }
    }

    @Test("inflates a gzip answer")
    func gzip() async throws {
        try await withExchange { _ in
            SandboxReply(WireResponse(status: 200, headers: [.contentEncoding: "gzip"], body: Samples.gzip))
        } body: { transport, _ in
            let response = try await transport.send(WireRequest(.get, "/"))

            #expect(response.text == Samples.inflated)
        }
    }

    @Test("puts a slow body together")
    func slowBody() async throws {
        let body = Array(0..<UInt8(100))
        try await withExchange { _ in
            SandboxReply(
                WireResponse(status: 200, body: body), delivery: .slow(pieces: 7, pause: .milliseconds(2)))
        } body: { transport, _ in
            let response = try await transport.send(WireRequest(.get, "/"))

            #expect(response.body == body)
        }
    }

    @Test("does not follow a redirect")
    func redirect() async throws {
        try await withExchange { _ in
            .text("moved", status: 302, headers: [.location: "/elsewhere"])
        } body: { transport, host in
            let response = try await transport.send(WireRequest(.get, "/"))

            #expect(response.status == 302)
            #expect(response["Location"] == "/elsewhere")
            #expect(host.traffic.requests == 1)
        }
    }

    @Test("uses one connection for calls one after another")
    func keepAlive() async throws {
        try await withExchange { _ in
            .text("{}")
        } body: { transport, host in
            for _ in 0..<20 { _ = try await transport.send(WireRequest(.get, "/")) }

            #expect(host.traffic == SandboxTraffic(connections: 1, requests: 20))
        }
    }

    @Test("opens as many connections as it may, and no more")
    func poolSize() async throws {
        try await withExchange(connections: 4) { _ in
            .text("{}", delay: .milliseconds(2))
        } body: { transport, host in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 { group.addTask { _ = try await transport.send(WireRequest(.get, "/")) } }
                try await group.waitForAll()
            }

            #expect(host.traffic == SandboxTraffic(connections: 4, requests: 40))
        }
    }
}

enum Samples {
    /// 102,500 bytes of JSON.
    static let inflated = String(repeating: #"{"id":"120210000000001","spend":"12.34"},"#, count: 2500)

    /// The same, packed by gzip -9.
    static let gzip: [UInt8] = {
        let base64 = """
            H4sIAAAAAAACA+3KIQ6AMBAAwb+cbkivVPEeEBhCgmz4O4Kg+cCs3Rmxr7FEttqyfmWUuM7teM8097jLAEEQBEEQBEEQBEEQBEEQ\
            BEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQ\
            BEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQ\
            BEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQ\
            BEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBEEQBP/gA4ahUIZkkAEA
            """
        return Data(base64Encoded: base64).map { [UInt8]($0) } ?? []
    }()
}
