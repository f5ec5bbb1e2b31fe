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
    /// Delivers in the way of the faults that strike, whichever of them comes first.
    mutating func deliver(reset: Bool, truncated: Bool, slow: Bool, chance: UInt64) {
        let length = response.body.count
        if reset {
            delivery = .reset
        } else if truncated, length > 1 {
            delivery = .cut(after: Mix.below(length - 1, Mix.hash(chance, 210)))
        } else if slow {
            delivery = .slow(pieces: 5, pause: .milliseconds(200))
        }
    }
}
