import ConnectorKit
import HTTPTypes
import Logging
import SyncCore
import SyncHTTP
import Testing

@testable import SyncWeb

@Suite("The web server", .timeLimit(.minutes(1)))
struct WebServerTests {
    /// Serves probes on `address` for the length of `body`.
    private func serving(
        _ address: String, _ body: @escaping @Sendable (ListenAddress) async throws -> Void
    ) async throws {
        let wanted = try ListenAddress(address)
        let (bound, listening) = AsyncStream<ListenAddress>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await WebServer(at: wanted, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
                    .run(Door(probe: FakeProbe())) { listening.yield($0) }
            }
            group.addTask {
                for await address in bound { return try await body(address) }
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private func status(_ path: String, at address: ListenAddress) async throws -> Int {
        try await HTTPTransport.with(baseURL: "http://\(address)") { transport in
            try await transport.send(WireRequest(.get, path)).status
        }
    }

    @Test("tells the real port, answers there, and ends with its task", arguments: ["127.0.0.1:0", "[::1]:0"])
    func realPort(_ wanted: String) async throws {
        try await serving(wanted) { address in
            let answered = try await status("/healthz", at: address)

            #expect(address.port > 0)
            #expect(answered == 200)
        }
    }

    @Test("ends though somebody holds a connection open")
    func openConnection() async throws {
        let transport = HTTPTransportBox()
        try await serving("127.0.0.1:0") { address in
            // The pool keeps the connection after the answer.
            try await transport.open("http://\(address)")
        }
        await transport.close()
    }

    @Test("says that the port is taken")
    func taken() async throws {
        try await serving("127.0.0.1:0") { address in
            await #expect(throws: ListenError.taken(address)) { try await serving("\(address)") { _ in } }
        }
    }

    @Test("says that an address is not of this machine, and that a name is unknown")
    func foreign() async throws {
        await #expect(throws: ListenError.notOurs(ListenAddress(host: "192.0.2.1", port: 0))) {
            try await serving("192.0.2.1:0") { _ in }
        }
        await #expect(throws: ListenError.unknownHost("nowhere.invalid")) {
            try await serving("nowhere.invalid:0") { _ in }
        }
    }
}

/// A client that outlives the server.
private actor HTTPTransportBox {
    private var transport: HTTPTransport?

    func open(_ url: String) async throws {
        let opened = try HTTPTransport(baseURL: url)
        transport = opened
        let response = try await opened.send(WireRequest(.get, "/healthz"))
        #expect(response.status == 200)
    }

    func close() async { await transport?.shutdown() }
}
