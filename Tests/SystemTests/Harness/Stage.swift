import ConnectorKit
import Connectors
import HTTPTypes
import SyncCore

/// A Meta sandbox that remembers what it was asked, and whose answers a test may replace.
struct Stage: Sandbox {
    /// Answers instead of the sandbox, or nil to let it answer. The number counts the platform's requests from 1.
    typealias Script = @Sendable (WireRequest, Int) -> SandboxReply?

    var meta: MetaSandbox
    var script: Script?
    /// Path and query of every request in order.
    private(set) var asked: [String] = []

    init(_ world: MetaWorld, script: Script? = nil) {
        meta = MetaSandbox(world)
        self.script = script
    }

    mutating func respond(to request: WireRequest, at now: Instant) -> SandboxReply {
        asked.append(request.target)
        if let reply = script?(request, asked.count) { return reply }
        return meta.respond(to: request, at: now)
    }
}

extension SandboxReply {
    static func text(_ text: String, status: Int = 200, delivery: Delivery = .whole) -> SandboxReply {
        SandboxReply(WireResponse(status: status, body: Array(text.utf8)), delivery: delivery)
    }

    /// The envelope of a Graph error.
    static func graphError(_ code: Int, _ subcode: Int? = nil, status: Int = 400) -> SandboxReply {
        let detail = subcode.map { ",\"error_subcode\":\($0)" } ?? ""
        return .text(
            "{\"error\":{\"message\":\"An error.\",\"type\":\"OAuthException\",\"code\":\(code)\(detail)}}",
            status: status)
    }
}

extension SandboxReply {
    /// The same with one more header.
    func with(_ header: String, _ value: String) -> SandboxReply {
        var reply = self
        if let name = HTTPField.Name(header) { reply.response.headers[name] = value }
        return reply
    }
}

extension WireRequest {
    /// Whether this token is the caller's.
    func bears(_ token: String) -> Bool { headers.contains { $0.value.hasSuffix(token) } }
}
