import ConnectorKit
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import SyncCore
import SyncHTTP
import Synchronization
import Testing

@testable import SyncWeb

@Suite("The web server", .timeLimit(.minutes(1)))
struct WebServerTests {
    /// Serves probes on `address` for the length of `body`.
    private func serving(
        _ address: String, _ door: Door = Door(probe: FakeProbe()), bodyTimeout: Duration = .seconds(60),
        _ body: @escaping @Sendable (ListenAddress) async throws -> Void
    ) async throws {
        let wanted = try ListenAddress(address)
        let (bound, listening) = AsyncStream<ListenAddress>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                try await WebServer(at: wanted, logger: logger, bodyTimeout: bodyTimeout)
                    .run(door) { listening.yield($0) }
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

    @Test("ends a connection whose call comes byte by byte or has no end, and nobody gets half a call")
    func slowBody() async throws {
        let got = Mutex<[String]>([])
        let door = Door(probe: FakeProbe())
        let router = Router(context: WebContext.self)
        router.post("asks") { request, context in
            let form = try await Form(request, context)
            got.withLock { $0.append(form.raw("a")) }
            return "done"
        }
        router.post("does-not-ask") { _, _ in "done" }
        door.open(router)
        try await serving("127.0.0.1:0", door, bodyTimeout: .milliseconds(300)) { address in
            try await send("a=1", then: 1, to: "/asks", at: address)
            try await send("a=1", then: 1, to: "/does-not-ask", at: address)
            try await send("a=1", then: 100_000, to: "/asks", at: address)
        }

        #expect(got.withLock { $0 }.isEmpty)
    }

    /// Sends the begin of a form and so many bytes of it every few milliseconds, until the server has had enough.
    private func send(_ form: String, then count: Int, to path: String, at address: ListenAddress) async throws {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: address.host, port: address.port).get()
        let head = """
            POST \(path) HTTP/1.1\r
            Host: \(address)\r
            Content-Type: application/x-www-form-urlencoded\r
            Content-Length: 1000000000\r
            \r\n
            """
        channel.writeAndFlush(ByteBuffer(string: head + form), promise: nil)
        while channel.isActive {
            try await ContinuousClock().sleep(for: .milliseconds(10))
            channel.writeAndFlush(ByteBuffer(repeating: UInt8(ascii: "x"), count: count), promise: nil)
        }
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
