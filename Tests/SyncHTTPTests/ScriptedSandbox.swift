import ConnectorKit
import HTTPTypes
import SyncCore
import SyncHTTP

/// A sandbox whose answers a test writes, and that remembers what it was asked.
struct ScriptedSandbox: Sandbox {
    typealias Script = @Sendable (WireRequest) -> SandboxReply

    var asked: [WireRequest] = []
    private let script: Script
    private let seen: AsyncStream<String>.Continuation?

    /// `seen` gets the target of each request at the moment it is answered.
    init(seen: AsyncStream<String>.Continuation? = nil, _ script: @escaping Script) {
        self.script = script
        self.seen = seen
    }

    mutating func respond(to request: WireRequest, at now: Instant) -> SandboxReply {
        asked.append(request)
        seen?.yield(request.target)
        return script(request)
    }
}

/// A clock that stands still.
struct StoppedClock: WallClock {
    var now: Instant { Instant(seconds: 1_763_694_245) }
}

extension SandboxReply {
    static func text(
        _ text: String, status: Int = 200, headers: HTTPFields = [:], delay: Duration = .zero,
        delivery: Delivery = .whole
    ) -> SandboxReply {
        SandboxReply(
            WireResponse(status: status, headers: headers, body: Array(text.utf8)), delay: delay, delivery: delivery)
    }
}

extension WireResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
}

extension HTTPField.Name {
    static func named(_ name: String) throws -> HTTPField.Name {
        struct NotAName: Error {}
        guard let name = HTTPField.Name(name) else { throw NotAName() }
        return name
    }
}

/// Runs `body` with a host of a scripted sandbox and a transport to it, and shuts both down after.
func withExchange(
    seen: AsyncStream<String>.Continuation? = nil, prefix: String = "", maxBody: Int = 64 << 20,
    connections: Int = 64, script: @escaping ScriptedSandbox.Script,
    body: (HTTPTransport, SandboxHost<ScriptedSandbox>) async throws -> Void
) async throws {
    let host = try await SandboxHost.start(ScriptedSandbox(seen: seen, script), clock: StoppedClock())
    do {
        try await HTTPTransport.with(baseURL: host.url + prefix, maxBody: maxBody, connections: connections) {
            try await body($0, host)
        }
    } catch {
        await host.shutdown()
        throw error
    }
    await host.shutdown()
}
