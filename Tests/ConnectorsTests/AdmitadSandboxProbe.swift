import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncCore

typealias AdmitadProbe = SandboxProbe<AdmitadSandbox>

extension SandboxProbe<AdmitadSandbox> {
    /// A small world without a limit that a test would meet by chance; with a token of all scopes.
    static func calm(seed: UInt64 = 3, _ change: (inout AdmitadWorld) -> Void = { _ in }) -> AdmitadProbe {
        var world = AdmitadWorld.small(seed: seed, today: .probeDay)
        world.actions.utcOffset = 0
        world.actions.oddStatuses = 0
        world.reading.insertsAfterPages = 0
        change(&world)
        var probe = AdmitadProbe(AdmitadSandbox(world))
        probe.signIn()
        return probe
    }

    mutating func signIn(_ scopes: String? = nil) {
        let auth = sandbox.world.auth
        let answer = token(scope: scopes ?? auth.scopes.joined(separator: " "))
        bear(answer.text("access_token") ?? "")
    }

    mutating func bear(_ token: String) { headers = [.authorization: "Bearer \(token)"] }

    /// Asks for a token by client credentials; `secret` is the world's own unless given.
    mutating func token(scope: String, secret: String? = nil, client: String? = nil) -> Answer {
        let auth = sandbox.world.auth
        let id = client ?? auth.clientID
        let pair = Data("\(id):\(secret ?? auth.clientSecret)".utf8).base64EncodedString()
        return form(
            [("grant_type", "client_credentials"), ("client_id", id), ("scope", scope)],
            headers: [.authorization: "Basic \(pair)"])
    }

    mutating func refresh(_ token: String, secret: String? = nil) -> Answer {
        let auth = sandbox.world.auth
        return form([
            ("grant_type", "refresh_token"), ("client_id", auth.clientID),
            ("client_secret", secret ?? auth.clientSecret), ("refresh_token", token),
        ])
    }

    private mutating func form(_ items: [(String, String)], headers: HTTPFields = [:]) -> Answer {
        var headers = headers
        headers[.contentType] = "application/x-www-form-urlencoded"
        return send(.post, "/token/", body: Array(FormCoding.encode(items).utf8), headers: headers)
    }

    mutating func actions(_ query: [(String, String)] = []) -> Answer { get("/statistics/actions/", query) }

    /// All rows of a list, by offsets.
    mutating func all(_ path: String, _ query: [(String, String)] = []) -> [[String: Any]] {
        var rows: [[String: Any]] = []
        while true {
            let page = get(path, query + [("limit", "500"), ("offset", String(rows.count))])
            rows += page.list("results")
            guard !page.list("results").isEmpty, rows.count < page.count else { return rows }
        }
    }
}

extension SandboxProbe.Answer {
    var meta: [String: Any] { json["_meta"] as? [String: Any] ?? [:] }
    var count: Int { meta["count"] as? Int ?? -1 }
    var code: Int? { int("error_code") }

    func ids(_ name: String = "action_id") -> [Int] { list("results").compactMap { $0[name] as? Int } }
}

/// Values of Admitad's rows, without floating point.
enum AdmitadLoose {
    /// Millionths of a number or a string; nil for null.
    static func micros(_ value: Any?) -> Int64? {
        let text: String
        switch value {
        case let string as String: text = string
        case let number as NSNumber: text = number.description
        default: return nil
        }
        let parts = text.split(separator: ".").map(String.init)
        let fraction = ((parts.count > 1 ? parts[1] : "") + "000000").prefix(6)
        return (Int64(parts[0]) ?? 0) * 1_000_000 + (Int64(fraction) ?? 0)
    }
}
