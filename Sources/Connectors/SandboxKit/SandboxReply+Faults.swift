import ConnectorKit
import HTTPTypes
import SyncCore

/// Time that answers take, in microseconds: each `base` and up to `jitter`.
package struct SandboxLatency: Codable, Sendable, Hashable {
    package var base: Int64 = 0
    package var jitter: Int64 = 0
    package init(base: Int64 = 0, jitter: Int64 = 0) {
        self.base = base
        self.jitter = jitter
    }

    func delay(_ chance: UInt64) -> Duration {
        .microseconds(base + Int64(Mix.below(Int(jitter) + 1, Mix.hash(chance, 400))))
    }
}

extension SandboxReply {
    /// An answer in JSON.
    init(status: Int = 200, _ json: SandboxJSON) {
        var response = WireResponse(status: status, body: json.bytes)
        response.headers[.contentType] = "application/json"
        self.init(response)
    }

    /// An answer that is no JSON, as machines in front of a platform give it.
    init(status: Int, html title: String) {
        let page = "<html><head><title>\(status) \(title)</title></head><body><h1>\(title)</h1></body></html>"
        var response = WireResponse(status: status, body: Array(page.utf8))
        response.headers[.contentType] = "text/html"
        self.init(response)
    }

    /// This answer as failures of delivery leave it, by their usual names: `reset`, `truncated`, `slow`, `late`. The
    /// call was carried out all the same.
    func struck(by kinds: some Sequence<String>, chance: UInt64) -> SandboxReply {
        var reply = self
        for kind in kinds {
            switch kind {
            case "reset": reply.delivery = .reset
            case "truncated" where response.body.count > 1:
                reply.delivery = .cut(after: Mix.below(response.body.count - 1, Mix.hash(chance, 210)))
            case "slow": reply.delivery = .slow(pieces: 5, pause: .milliseconds(200))
            case "late": reply.delay = .seconds(900)
            default: break
            }
        }
        return reply
    }
}
