import ConnectorKit
import HTTPTypes
import SyncHTTP
import Testing

@Suite("A transport that gets no whole answer", .timeLimit(.minutes(1)))
struct HTTPTransportFailureTests {
    @Test(
        "says that the connection was reset", arguments: [SandboxReply.Delivery.reset, .cut(after: 0), .cut(after: 5)])
    func reset(delivery: SandboxReply.Delivery) async throws {
        try await withExchange { _ in
            .text("1234567890", delivery: delivery)
        } body: { transport, _ in
            await expect(TransportError.connectionReset, from: transport, for: WireRequest(.get, "/"))
        }
    }

    @Test("goes on with a fresh connection after a reset or a cut")
    func afterReset() async throws {
        try await withExchange { request in
            switch request.path {
            case "/reset": .text("no", delivery: .reset)
            case "/cut": .text("1234567890", delivery: .cut(after: 3))
            default: .text("yes")
            }
        } body: { transport, host in
            for path in ["/reset", "/cut"] {
                await expect(TransportError.connectionReset, from: transport, for: WireRequest(.get, path))
                let response = try await transport.send(WireRequest(.get, "/"))
                #expect(response.text == "yes")
            }
            #expect(host.traffic.connections == 3)
        }
    }

    @Test(
        "takes an answer that ends early, or is not HTTP, for a reset",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
            "HTTP/1.1 200 OK\r\nContent-Le", "", "+OK dovecot ready\r\n",
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain",
        ])
    func damaged(answer: String) async throws {
        try await RawServer.with(answering: answer) { url in
            try await HTTPTransport.with(baseURL: url) { transport in
                await expect(TransportError.connectionReset, from: transport, for: WireRequest(.get, "/"))
            }
        }
    }

    @Test("takes a damaged gzip body for a reset")
    func damagedGzip() async throws {
        let packed = Array(Samples.gzip.dropLast(100))
        try await withExchange { _ in
            SandboxReply(WireResponse(status: 200, headers: [.contentEncoding: "gzip"], body: packed))
        } body: { transport, _ in
            await expect(TransportError.connectionReset, from: transport, for: WireRequest(.get, "/"))
        }
    }

    @Test("takes a body without announced length until the connection closes")
    func bodyUntilClose() async throws {
        try await RawServer.with(answering: "HTTP/1.1 200 OK\r\n\r\nall of it") { url in
            try await HTTPTransport.with(baseURL: url) { transport in
                let response = try await transport.send(WireRequest(.get, "/"))

                #expect(response.text == "all of it")
            }
        }
    }

    @Test("gives up when the time of the whole exchange is over")
    func deadline() async throws {
        try await withExchange { request in
            request.path == "/late"
                ? .text("late", delay: .seconds(600))
                : .text("1234567890", delivery: .slow(pieces: 10, pause: .seconds(60)))
        } body: { transport, _ in
            for path in ["/late", "/slow"] {
                let request = WireRequest(.get, path, timeout: .milliseconds(50))
                await expect(TransportError.timedOut, from: transport, for: request)
            }
        }
    }

    @Test("gives up on a platform that is silent for too long")
    func silence() async throws {
        try await RawServer.with(answering: nil) { url in
            let transport = try HTTPTransport(baseURL: url, idleTimeout: .milliseconds(50))
            await expect(TransportError.timedOut, from: transport, for: WireRequest(.get, "/"))
            await transport.shutdown()
        }
    }

    @Test("stops at its limit, announced, packed or just arriving")
    func bodyLimit() async throws {
        try await withExchange(maxBody: 1000) { request in
            switch request.path {
            case "/packed":
                SandboxReply(WireResponse(status: 200, headers: [.contentEncoding: "gzip"], body: Samples.gzip))
            case "/fits": .text(String(repeating: "x", count: 1000))
            default: .text(String(repeating: "x", count: 1001))
            }
        } body: { transport, _ in
            for path in ["/announced", "/packed"] {
                await expect(TransportError.tooLarge(limit: 1000), from: transport, for: WireRequest(.get, path))
            }
            let response = try await transport.send(WireRequest(.get, "/fits"))
            #expect(response.body.count == 1000)
        }
        try await RawServer.with(answering: "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 1001)) { url in
            try await HTTPTransport.with(baseURL: url, maxBody: 1000) { transport in
                await expect(TransportError.tooLarge(limit: 1000), from: transport, for: WireRequest(.get, "/"))
            }
        }
    }

    @Test("says at once that nobody listens")
    func refused() async throws {
        let host = try await SandboxHost.start(ScriptedSandbox { _ in .text("") }, clock: StoppedClock())
        await host.shutdown()

        try await HTTPTransport.with(baseURL: host.url) { transport in
            await expect(TransportError.connectionRefused, from: transport, for: WireRequest(.get, "/"))
        }
    }

    @Test("ends a call in flight when its task is cancelled, and frees the connection's place")
    func cancellation() async throws {
        let (seen, continuation) = AsyncStream.makeStream(of: String.self)
        try await withExchange(seen: continuation, connections: 1) { request in
            request.path == "/late" ? .text("late", delay: .seconds(600)) : .text("yes")
        } body: { transport, _ in
            await withThrowingTaskGroup(of: WireResponse.self) { group in
                group.addTask { try await transport.send(WireRequest(.get, "/late")) }
                for await _ in seen { break }
                group.cancelAll()

                await #expect(throws: CancellationError.self) { try await group.next() }
            }
            let response = try await transport.send(WireRequest(.get, "/"))
            #expect(response.text == "yes")
        }
    }

    @Test("sends nothing for a task that is cancelled already")
    func cancelledBefore() async throws {
        try await withExchange { _ in
            .text("")
        } body: { transport, host in
            await withThrowingTaskGroup(of: WireResponse.self) { group in
                group.cancelAll()
                group.addTask { try await transport.send(WireRequest(.get, "/")) }

                await #expect(throws: CancellationError.self) { try await group.next() }
            }
            #expect(host.traffic == SandboxTraffic())
        }
    }

    @Test("ends calls in flight when it is shut down, and refuses further ones")
    func shutdown() async throws {
        let (seen, continuation) = AsyncStream.makeStream(of: String.self)
        try await withExchange(seen: continuation) { _ in
            .text("late", delay: .seconds(600))
        } body: { transport, _ in
            await withThrowingTaskGroup(of: WireResponse.self) { group in
                group.addTask { try await transport.send(WireRequest(.get, "/")) }
                for await _ in seen { break }
                await transport.shutdown()

                await #expect(throws: CancellationError.self) { try await group.next() }
            }
            await #expect(throws: CancellationError.self) { try await transport.send(WireRequest(.get, "/")) }
        }
    }
}

private func expect(
    _ error: TransportError, from transport: HTTPTransport, for request: WireRequest,
    location: SourceLocation = #_sourceLocation
) async {
    await #expect(throws: error, sourceLocation: location) { try await transport.send(request) }
}
