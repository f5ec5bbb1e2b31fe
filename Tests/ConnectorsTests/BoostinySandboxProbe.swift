import ConnectorKit
import Foundation
import HTTPTypes
import SyncCore

@testable import Connectors

/// A caller of the sandbox: asks, and reads answers as loose JSON, knowing nothing of how they are made.
struct BoostinySandboxProbe {
    var sandbox: BoostinySandbox
    /// 2026-11-21 04:00 UTC.
    var now = Instant(seconds: 1_795_233_600)
    var authorization: String?
    var lastReply = SandboxReply(WireResponse(status: 0, body: []))

    struct Answer {
        var status: Int
        var headers: HTTPFields
        var body: [UInt8]
        var json: [String: Any]

        var payload: [String: Any] { json["payload"] as? [String: Any] ?? [:] }
        var data: [[String: Any]] { payload["data"] as? [[String: Any]] ?? [] }
        var summary: [String: Any] { payload["summary"] as? [String: Any] ?? [:] }
        var pagination: [String: Any] { payload["pagination"] as? [String: Any] ?? [:] }
        var message: String? { (payload["errors"] as? [String: Any])?["message"] as? String }
    }

    init(_ world: BoostinyWorld) {
        sandbox = BoostinySandbox(world)
        authorization = world.credential.first?.value
    }

    /// Ten campaigns of 120 days, no burst detector; calm unless changed.
    static func calm(seed: UInt64 = 3, _ change: (inout BoostinyWorld) -> Void = { _ in }) -> BoostinySandboxProbe {
        var world = BoostinyWorld(seed: seed, anchor: BoostinyWorld.usualDay, campaigns: 10, days: 120)
        world.limits.mostInFlight = 0
        world.limits.perMinute = 0
        change(&world)
        return BoostinySandboxProbe(world)
    }

    private mutating func ask(_ wire: WireRequest) -> Answer {
        lastReply = sandbox.respond(to: wire, at: now)
        let response = lastReply.response
        let object = try? JSONSerialization.jsonObject(with: Data(response.body))
        return Answer(
            status: response.status, headers: response.headers, body: response.body,
            json: object as? [String: Any] ?? [:])
    }

    mutating func get(
        _ path: String, _ query: [String: String] = [:], method: HTTPRequest.Method = .get
    ) -> Answer {
        let text = query.isEmpty ? "" : "?" + FormCoding.encode(query.sorted { $0.key < $1.key })
        var headers = HTTPFields()
        headers[.authorization] = authorization
        return ask(WireRequest(method, "/\(path)\(text)", headers: headers))
    }

    mutating func control(_ path: String, _ query: [String: String] = [:], post body: String? = nil) -> Answer {
        let text = query.isEmpty ? "" : "?" + FormCoding.encode(query.sorted { $0.key < $1.key })
        return ask(WireRequest(body == nil ? .get : .post, "/sandbox/\(path)\(text)", body: Array((body ?? "").utf8)))
    }

    /// All rows of all pages.
    mutating func all(_ path: String, _ query: [String: String] = [:], limit: Int = 1000) -> [[String: Any]] {
        var rows: [[String: Any]] = []
        for page in 1...10_000 {
            let answer = get(path, query.merging(["page": "\(page)", "limit": "\(limit)"]) { $1 })
            rows += answer.data
            let (total, size) = (answer.pagination["total"] as? Int ?? 0, answer.pagination["perPage"] as? Int ?? 1)
            guard page * size < total else { break }
        }
        return rows
    }

    func day(_ back: Int) -> String { CivilDate(now, in: .gmt).adding(days: -back).description }

    mutating func performance(from: Int, to: Int, _ more: [String: String] = [:]) -> [[String: Any]] {
        all("publisher/performance", ["from": day(from), "to": day(to)].merging(more) { $1 })
    }

    mutating func wait(days: Int64) { now = now + .seconds(86_400 * days) }
}

/// Sums of rows, without floating point: amounts in cents.
struct BoostinySums: Hashable {
    var orders: Int64 = 0
    var net: Int64 = 0
    var revenue: Int64 = 0
    var netRevenue: Int64 = 0

    init(_ rows: [[String: Any]]) {
        for row in rows {
            orders += Loose.int(row["orders"])
            net += Loose.int(row["net_orders"])
            revenue += Loose.micros(row["revenue"]) / 10_000
            netRevenue += Loose.micros(row["net_revenue"]) / 10_000
        }
    }

    init(oracle: [String: Any]) {
        for case let day as [String: Any] in oracle.values {
            orders += Int64(day["orders"] as? Int ?? 0)
            net += Int64(day["net_orders"] as? Int ?? 0)
            revenue += Int64(day["revenue_micros"] as? Int ?? 0) / 10_000
            netRevenue += Int64(day["net_revenue_micros"] as? Int ?? 0) / 10_000
        }
    }
}
