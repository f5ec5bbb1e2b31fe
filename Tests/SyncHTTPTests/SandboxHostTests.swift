import ConnectorKit
import HTTPTypes
import SyncHTTP
import Testing

@Suite("A sandbox host", .timeLimit(.minutes(1)))
struct SandboxHostTests {
    @Test("lets its sandbox be read and changed between requests")
    func state() async throws {
        try await withExchange { _ in
            .text("{}")
        } body: { transport, host in
            _ = try await transport.send(WireRequest(.post, "/sandbox/reset?seed=7", body: Array("x=1".utf8)))
            let asked = host.withSandbox { $0.asked }
            host.withSandbox { $0.asked.removeAll() }

            #expect(asked.map(\.target) == ["/sandbox/reset?seed=7"])
            #expect(asked.map(\.body) == [Array("x=1".utf8)])
            #expect(host.withSandbox { $0.asked.isEmpty })
        }
    }

    @Test("answers others while one answer is delayed or slow")
    func delayHoldsNobodyUp() async throws {
        let (seen, continuation) = AsyncStream.makeStream(of: String.self)
        try await withExchange(seen: continuation) { request in
            switch request.path {
            case "/late": .text("late", delay: .seconds(600))
            case "/slow": .text("slow", delivery: .slow(pieces: 2, pause: .seconds(600)))
            default: .text("yes")
            }
        } body: { transport, _ in
            try await withThrowingTaskGroup(of: WireResponse.self) { group in
                group.addTask { try await transport.send(WireRequest(.get, "/late")) }
                group.addTask { try await transport.send(WireRequest(.get, "/slow")) }
                var waiting = 2
                for await _ in seen {
                    waiting -= 1
                    if waiting == 0 { break }
                }

                let response = try await transport.send(WireRequest(.get, "/"))

                #expect(response.text == "yes")
                group.cancelAll()
            }
        }
    }

    @Test("serves 64 connections at once")
    func manyConnections() async throws {
        let page = [UInt8](repeating: UInt8(ascii: "x"), count: 100_000)
        try await withExchange { _ in
            SandboxReply(WireResponse(status: 200, body: page), delay: .milliseconds(5))
        } body: { transport, host in
            let bytes = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<64 {
                    group.addTask {
                        var bytes = 0
                        for _ in 0..<4 { bytes += try await transport.send(WireRequest(.get, "/")).body.count }
                        return bytes
                    }
                }
                var sum = 0
                while let bytes = try await group.next() { sum += bytes }
                return sum
            }

            #expect(bytes == 64 * 4 * 100_000)
            #expect(host.traffic.connections <= 64)
        }
    }

    @Test("answers pipelined requests in order and closes when asked to")
    func pipelining() async throws {
        try await withExchange { request in
            .text(request.target, delay: request.target == "/1" ? .milliseconds(10) : .zero)
        } body: { _, host in
            let answer = try await rawExchange(
                """
                GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n\
                GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n
                """, port: host.port)

            // A body has no line end, so the next answer's first line follows it at once.
            let lines = answer.split(separator: "\r\n").filter { $0.hasPrefix("/") }
            #expect(lines == ["/1HTTP/1.1 200 OK", "/2HTTP/1.1 200 OK", "/3"])
        }
    }

    @Test("tells a client that waits before its body to go on")
    func expectContinue() async throws {
        try await withExchange { request in
            .text("got \(request.body.count)")
        } body: { _, host in
            let answer = try await rawExchange(
                """
                POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc
                """, port: host.port)

            #expect(answer.hasPrefix("HTTP/1.1 100 Continue\r\n"))
            #expect(answer.hasSuffix("got 3"))
        }
    }

    @Test("answers 400 to what is not HTTP, without asking the sandbox")
    func notHTTP() async throws {
        try await withExchange { _ in
            .text("")
        } body: { _, host in
            let answer = try await rawExchange("\u{16}\u{3}\u{1} hello\r\n\r\n", port: host.port)

            #expect(answer.hasPrefix("HTTP/1.1 400 "))
            #expect(host.traffic.requests == 0)
        }
    }

    @Test("refuses a request body beyond its limit")
    func requestLimit() async throws {
        let body = [UInt8](repeating: 0, count: SandboxHost<ScriptedSandbox>.maxRequestBody + 1)
        try await withExchange { _ in
            .text("")
        } body: { transport, host in
            // The refusal may arrive before the connection closes under the rest of the body, or not.
            let status = try? await transport.send(WireRequest(.post, "/", body: body)).status

            #expect(status == nil || status == 413)
            #expect(host.traffic.requests == 0)
        }
    }

    @Test("says that its port is taken")
    func portTaken() async throws {
        try await withExchange { _ in
            .text("")
        } body: { _, host in
            await #expect(throws: SandboxHostError.portTaken(host.port)) {
                try await SandboxHost.start(ScriptedSandbox { _ in .text("") }, port: host.port, clock: StoppedClock())
            }
        }
    }
}
