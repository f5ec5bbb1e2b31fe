import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncCore

/// A caller of any sandbox: asks, and reads answers as loose JSON, knowing nothing of how they are made.
struct SandboxProbe<S: Sandbox> {
    var sandbox: S
    /// 2026-11-21 04:00 UTC.
    var now = Instant(seconds: 1_795_233_600)
    var headers: HTTPFields = [:]
    var lastReply = SandboxReply(WireResponse(status: 0, body: []))

    init(_ sandbox: S) { self.sandbox = sandbox }

    struct Answer {
        var status: Int
        var headers: HTTPFields
        var body: [UInt8]

        var any: Any? { try? JSONSerialization.jsonObject(with: Data(body)) }
        var json: [String: Any] { any as? [String: Any] ?? [:] }
        var text: String { String(decoding: body, as: UTF8.self) }

        func list(_ name: String) -> [[String: Any]] { json[name] as? [[String: Any]] ?? [] }
        func int(_ name: String) -> Int? { json[name] as? Int }
        func text(_ name: String) -> String? { json[name] as? String }
    }

    mutating func send(
        _ method: HTTPRequest.Method, _ path: String, _ query: [(String, String)] = [], body: [UInt8] = [],
        headers: HTTPFields? = nil
    ) -> Answer {
        let target = query.isEmpty ? path : "\(path)?\(FormCoding.encode(query))"
        let wire = WireRequest(method, target, headers: headers ?? self.headers, body: body)
        lastReply = sandbox.respond(to: wire, at: now)
        let response = lastReply.response
        return Answer(status: response.status, headers: response.headers, body: response.body)
    }

    mutating func get(_ path: String, _ query: [(String, String)] = []) -> Answer { send(.get, path, query) }

    /// An oracle.
    mutating func ask(_ name: String, _ query: [(String, String)] = []) -> Answer {
        send(.get, "/sandbox/\(name)", query)
    }

    /// A switch.
    @discardableResult
    mutating func turn(_ name: String, _ query: [(String, String)] = [], body: String = "") -> Answer {
        send(.post, "/sandbox/\(name)", query, body: Array(body.utf8))
    }

    mutating func wait(_ duration: Duration) { now = now + duration }
}

extension CivilDate {
    /// The day of the probe's beginning.
    static let probeDay = CivilDate(daysSince1970: 20_778)
}
