import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncCore

/// A caller of the sandbox: asks, and reads answers as loose JSON, knowing nothing of how they are made.
struct MetaSandboxProbe {
    var sandbox: MetaSandbox
    /// 2026-11-21 11:00 in Ho Chi Minh City.
    var now = Instant(seconds: 1_795_233_600)
    var token: String?
    var lastReply = SandboxReply(WireResponse(status: 0, body: []))

    struct Answer {
        var status: Int
        var headers: [String: String]
        var json: [String: Any]
        var body: [UInt8]

        var data: [[String: Any]] { json["data"] as? [[String: Any]] ?? [] }
        var error: [String: Any] { json["error"] as? [String: Any] ?? [:] }
        var code: Int { error["code"] as? Int ?? 0 }
        var subcode: Int { error["error_subcode"] as? Int ?? 0 }
        var text: String { String(decoding: body, as: UTF8.self) }
        var after: String? { ((json["paging"] as? [String: Any])?["cursors"] as? [String: Any])?["after"] as? String }
        var next: String? { (json["paging"] as? [String: Any])?["next"] as? String }
    }

    init(_ world: MetaWorld) {
        sandbox = MetaSandbox(world)
        token = world.token
    }

    /// One account in dong with some of everything; calm unless changed.
    static func world(seed: UInt64 = 3, _ change: (inout MetaWorld) -> Void = { _ in }) -> MetaWorld {
        var world = MetaWorld.small(seed: seed)
        world.reading.shortPages = 0
        world.reading.emptyPages = 0
        world.insights.shortPages = 0
        world.insights.emptyPages = 0
        change(&world)
        return world
    }

    static func calm(seed: UInt64 = 3, _ change: (inout MetaWorld) -> Void = { _ in }) -> MetaSandboxProbe {
        MetaSandboxProbe(world(seed: seed, change))
    }

    mutating func send(
        _ method: HTTPRequest.Method, _ path: String, _ params: [String: String] = [:], body: [(String, String)] = [],
        headers: HTTPFields = [:]
    ) -> Answer {
        let query = params.isEmpty ? "" : "?" + FormCoding.encode(params.sorted { $0.key < $1.key })
        var headers = headers
        if let token { headers[.authorization] = "Bearer \(token)" }
        if !body.isEmpty { headers[.contentType] = "application/x-www-form-urlencoded" }
        let wire = WireRequest(method, path + query, headers: headers, body: Array(FormCoding.encode(body).utf8))
        lastReply = sandbox.respond(to: wire, at: now)
        let response = lastReply.response
        var named: [String: String] = [:]
        for field in response.headers { named[field.name.canonicalName] = field.value }
        let object = try? JSONSerialization.jsonObject(with: Data(response.body))
        return Answer(
            status: response.status, headers: named, json: object as? [String: Any] ?? [:], body: response.body)
    }

    mutating func get(_ path: String, _ params: [String: String] = [:]) -> Answer {
        send(.get, "/v26.0/\(path)", params)
    }

    mutating func post(_ path: String, _ body: [(String, String)]) -> Answer {
        send(.post, "/v26.0/\(path)", body: body)
    }

    /// All rows of a listing, following `after` until `next` is absent.
    mutating func all(_ path: String, _ params: [String: String] = [:]) -> [[String: Any]] {
        var rows: [[String: Any]] = []
        var params = params
        for _ in 0..<10_000 {
            let answer = get(path, params)
            guard answer.status == 200 else { return rows }
            rows += answer.data
            guard answer.next != nil, let after = answer.after else { return rows }
            params["after"] = after
        }
        return rows
    }

    mutating func insights(_ params: [String: String], of node: String = "act_1000001") -> [[String: Any]] {
        all("\(node)/insights", params)
    }

    func truth(_ days: DayRange? = nil) -> MetaTruth? { sandbox.truth(at: now, account: "1000001", days: days) }

    mutating func wait(_ duration: Duration) { now = now + duration }
}

/// Values of the answers above.
enum Loose {
    /// Millionths from a decimal string, without floating point.
    static func micros(_ value: Any?) -> Int64 {
        guard let text = value as? String else { return 0 }
        let parts = text.split(separator: ".").map(String.init)
        let fraction = ((parts.count > 1 ? parts[1] : "") + "000000").prefix(6)
        return (Int64(parts[0]) ?? 0) * 1_000_000 + (Int64(fraction) ?? 0)
    }

    static func int(_ value: Any?) -> Int64 { (value as? String).flatMap(Int64.init) ?? 0 }

    static func action(_ row: [String: Any], _ type: String, _ key: String = "value", in list: String = "actions")
        -> Int64
    {
        let items = row[list] as? [[String: Any]] ?? []
        return int(items.first { $0["action_type"] as? String == type }?[key])
    }
}
