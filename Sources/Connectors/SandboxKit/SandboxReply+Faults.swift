import ConnectorKit
import HTTPTypes

extension SandboxReply {
    /// An answer in JSON.
    init(status: Int = 200, _ json: SandboxJSON) {
        var response = WireResponse(status: status, body: json.bytes)
        response.headers[.contentType] = "application/json"
        self.init(response)
    }

    /// This answer as failures of delivery leave it, by their usual names: `reset`, `truncated`, `slow`, `late`. The
    /// call was carried out all the same.
    func struck(by kinds: Set<String>, chance: UInt64) -> SandboxReply {
        var reply = self
        reply.deliver(
            reset: kinds.contains("reset"), truncated: kinds.contains("truncated"), slow: kinds.contains("slow"),
            chance: chance)
        if kinds.contains("late") { reply.delay = .seconds(900) }
        return reply
    }
}
