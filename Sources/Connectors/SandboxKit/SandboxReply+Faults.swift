import ConnectorKit
import HTTPTypes

extension WireResponse {
    /// What a gateway says in HTML.
    static func page(_ status: Int, _ title: String) -> WireResponse {
        let body = Array("<html><head><title>\(title)</title></head><body><h1>\(title)</h1></body></html>".utf8)
        var response = WireResponse(status: status, body: body)
        response.headers[.contentType] = "text/html"
        return response
    }
}

extension SandboxReply {
    /// An answer in JSON.
    init(status: Int = 200, _ json: SandboxJSON) {
        var response = WireResponse(status: status, body: json.bytes)
        response.headers[.contentType] = "application/json"
        self.init(response)
    }

    /// Nobody waits that long.
    static let late: Duration = .seconds(900)

    /// This answer as failures of delivery leave it, whichever strikes first, by their usual names: `reset`,
    /// `truncated`, `slow`, `late`. The call was carried out all the same.
    func struck(by kinds: Set<String>, chance: UInt64) -> SandboxReply {
        var reply = self
        let length = response.body.count
        if kinds.contains("reset") {
            reply.delivery = .reset
        } else if kinds.contains("truncated"), length > 1 {
            reply.delivery = .cut(after: Mix.below(length - 1, Mix.hash(chance, 210)))
        } else if kinds.contains("slow") {
            reply.delivery = .slow(pieces: 5, pause: .milliseconds(200))
        }
        if kinds.contains("late") { reply.delay = SandboxReply.late }
        return reply
    }
}
