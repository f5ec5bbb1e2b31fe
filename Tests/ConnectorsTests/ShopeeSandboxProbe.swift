import ConnectorKit
import Foundation
import HTTPTypes
import SyncCore

@testable import Connectors

/// A caller of the sandbox: signs, asks, and reads answers as loose JSON, knowing nothing of how they are made.
struct ShopeeSandboxProbe {
    var sandbox: ShopeeSandbox
    /// 2026-11-21 11:00 in Ho Chi Minh City.
    var now = Instant(seconds: 1_795_233_600)
    var partnerID: String
    var key: String
    var access: String
    var refresh: String
    var shop: String
    /// Seconds that the caller's clock is ahead.
    var skew: Int64 = 0
    var lastReply = SandboxReply(WireResponse(status: 0, body: []))

    struct Answer {
        var status: Int
        var headers: HTTPFields
        var body: [UInt8]
        var json: [String: Any]

        var error: String? { json["error"] as? String }
        var message: String { json["message"] as? String ?? "" }
        var object: [String: Any] {
            let wrapped = (json["response"] as? [[String: Any]])?.first
            return json["response"] as? [String: Any] ?? wrapped ?? [:]
        }
        var rows: [[String: Any]] { json["response"] as? [[String: Any]] ?? [] }
        var campaigns: [[String: Any]] { object["campaign_list"] as? [[String: Any]] ?? [] }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    init(_ world: ShopeeWorld) {
        sandbox = ShopeeSandbox(world)
        let fields = Dictionary(uniqueKeysWithValues: world.credential.map { ($0.field, $0.value) })
        partnerID = fields["partner_id"] ?? ""
        key = fields["partner_key"] ?? ""
        access = fields["access_token"] ?? ""
        refresh = fields["refresh_token"] ?? ""
        shop = world.account
    }

    /// One Vietnamese shop of some campaigns; calm unless changed.
    static func world(
        seed: UInt64 = 3, region: String = "VN", campaigns: Int = 24, _ change: (inout ShopeeWorld) -> Void = { _ in }
    ) -> ShopeeWorld {
        var shop = ShopeeWorld.Shop(id: 220_011, name: "Tiem Mau", region: region, campaigns: campaigns, days: 200)
        shop.merchantID = 330_022
        var world = ShopeeWorld(seed: seed, anchor: ShopeeWorld.usualDay, shops: [shop])
        world.limits.appRate = 0
        change(&world)
        return world
    }

    static func calm(
        seed: UInt64 = 3, region: String = "VN", campaigns: Int = 24, _ change: (inout ShopeeWorld) -> Void = { _ in }
    ) -> ShopeeSandboxProbe {
        ShopeeSandboxProbe(world(seed: seed, region: region, campaigns: campaigns, change))
    }

    enum Signing { case open, shop, merchant(String) }

    mutating func send(
        _ method: HTTPRequest.Method, _ path: String, _ params: [String: String] = [:], body: Any? = nil,
        as signing: Signing = .shop, sign: String? = nil
    ) -> Answer {
        let full = "/api/v2/\(path)"
        let stamp = String(now.seconds + skew)
        var query = [("partner_id", partnerID), ("timestamp", stamp)]
        var parts = [partnerID, full, stamp]
        switch signing {
        case .open: break
        case .shop:
            query += [("access_token", access), ("shop_id", shop)]
            parts += [access, shop]
        case .merchant(let id):
            query += [("access_token", access), ("merchant_id", id)]
            parts += [access, id]
        }
        query.append(("sign", sign ?? ShopeeSandbox.Signer.sign(parts, key: key)))
        query += params.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        let data = body.flatMap { try? JSONSerialization.data(withJSONObject: $0) } ?? Data()
        return ask(WireRequest(method, full + "?" + FormCoding.encode(query), body: Array(data)))
    }

    private mutating func ask(_ wire: WireRequest) -> Answer {
        lastReply = sandbox.respond(to: wire, at: now)
        let response = lastReply.response
        let object = try? JSONSerialization.jsonObject(with: Data(response.body))
        return Answer(
            status: response.status, headers: response.headers, body: response.body,
            json: object as? [String: Any] ?? [:])
    }

    mutating func ads(_ name: String, _ params: [String: String] = [:]) -> Answer {
        send(.get, "ads/\(name)", params)
    }

    mutating func write(_ name: String, _ body: [String: Any]) -> Answer {
        send(.post, "ads/\(name)", body: body)
    }

    mutating func control(_ path: String, _ query: [String: String] = [:], post body: Any? = nil) -> Answer {
        let text = query.isEmpty ? "" : "?" + FormCoding.encode(query.sorted { $0.key < $1.key })
        let data = body.flatMap { try? JSONSerialization.data(withJSONObject: $0) } ?? Data()
        return ask(WireRequest(body == nil ? .get : .post, "/sandbox/\(path)\(text)", body: Array(data)))
    }

    mutating func renew() -> Answer {
        let answer = send(
            .post, "auth/access_token/get",
            body: ["refresh_token": refresh, "partner_id": Int64(partnerID) ?? 0, "shop_id": Int64(shop) ?? 0],
            as: .open)
        if let pair = answer.json["access_token"] as? String, let next = answer.json["refresh_token"] as? String {
            (access, refresh) = (pair, next)
        }
        return answer
    }

    /// All ids of the list, in pages of `limit`, each once.
    mutating func campaignIDs(limit: Int = 5000) -> [Int64] {
        var ids: [Int64] = []
        for _ in 0..<1000 {
            let page = ads("get_product_level_campaign_id_list", ["offset": "\(ids.count)", "limit": "\(limit)"])
            ids += page.campaigns.compactMap { ($0["campaign_id"] as? NSNumber)?.int64Value }
            guard page.object["has_next_page"] as? Bool == true else { break }
        }
        return ids
    }

    /// Days back from today in the shop's zone, as the platform writes them.
    func day(_ back: Int) -> String { ShopeeSandbox.text(today - Int32(back)) }
    var today: Int32 { sandbox.time(of: 0, at: now).today }

    mutating func daily(_ ids: [Int64], from: Int, to: Int) -> Answer {
        ads(
            "get_product_campaign_daily_performance",
            ["campaign_id_list": Self.joined(ids), "start_date": day(from), "end_date": day(to)])
    }

    mutating func hourly(_ ids: [Int64], on back: Int) -> Answer {
        ads(
            "get_product_campaign_hourly_performance",
            ["campaign_id_list": Self.joined(ids), "performance_date": day(back)])
    }

    mutating func shopDaily(from: Int, to: Int) -> Answer {
        ads("get_all_cpc_ads_daily_performance", ["start_date": day(from), "end_date": day(to)])
    }

    static func joined(_ ids: [Int64]) -> String { ids.map(String.init).joined(separator: ",") }

    mutating func wait(_ duration: Duration) { now = now + duration }
    mutating func wait(days: Int64) { now = now + .seconds(86_400 * days) }
}

/// Sums of rows, without floating point: amounts in hundredths of the currency.
struct ShopeeSums: Hashable {
    var impression: Int64 = 0
    var clicks: Int64 = 0
    var expense: Int64 = 0
    var broadOrder: Int64 = 0
    var broadGMV: Int64 = 0
    var directOrder: Int64 = 0
    var directGMV: Int64 = 0

    init() {}

    init(_ rows: [[String: Any]]) {
        for row in rows {
            impression += Self.int(row["impression"])
            clicks += Self.int(row["clicks"])
            expense += Self.cents(row["expense"])
            broadOrder += Self.int(row["broad_order"])
            broadGMV += Self.cents(row["broad_gmv"])
            directOrder += Self.int(row["direct_order"])
            directGMV += Self.cents(row["direct_gmv"])
        }
    }

    /// Of an answer of the control endpoint `sums`, all its days together.
    init(oracle: [String: Any]) {
        for case let day as [String: Any] in oracle.values {
            impression += Self.int(day["impression"])
            clicks += Self.int(day["clicks"])
            expense += Self.int(day["expense_micros"]) / 10_000
            broadOrder += Self.int(day["broad_order"])
            broadGMV += Self.int(day["broad_gmv_micros"]) / 10_000
            directOrder += Self.int(day["direct_order"])
            directGMV += Self.int(day["direct_gmv_micros"]) / 10_000
        }
    }

    static func int(_ value: Any?) -> Int64 { (value as? NSNumber)?.int64Value ?? 0 }
    static func cents(_ value: Any?) -> Int64 { Int64((((value as? NSNumber)?.doubleValue ?? 0) * 100).rounded()) }
}

extension ShopeeSandboxProbe.Answer {
    /// All rows of all campaigns of a report.
    var metrics: [[String: Any]] { campaigns.flatMap { $0["metrics_list"] as? [[String: Any]] ?? [] } }
}
