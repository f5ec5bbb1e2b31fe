import ConnectorKit
import SyncCore

@testable import Connectors

/// One chunk of Shopee in a test: gives calls, takes answers, and moves on as the engine would.
struct ShopeeRun {
    var connector: ShopeeConnector
    var spec: ChunkSpec
    var cursor: String?
    var learned = Learned()
    var now = Instant(seconds: 1_790_000_000)

    /// 2026-09-21 in Ho Chi Minh City.
    static let anchor = CivilDate(daysSince1970: 20_717)
    static let account = Account(
        id: AccountID(1), connection: ConnectionID(1), platform: ShopeeConnector.id, externalID: "220011",
        name: "Tiem Mau", currency: "VND", zoneName: "Asia/Ho_Chi_Minh")
    static let credential = Credential([
        "partner_id": Secret("1000001"), "partner_key": Secret("testkey-0123456789abcdef"),
        "access_token": Secret("acc-tok-A"), "refresh_token": Secret("ref-tok-A"),
    ])

    /// Days counted from the anchor.
    static func days(_ first: Int, _ last: Int) -> DayRange {
        DayRange(anchor.adding(days: first), anchor.adding(days: last)) ?? DayRange(anchor)
    }

    static func ids(_ count: Int) -> [String] { (0..<count).map { String(9001 + $0) } }

    init(_ stream: StreamID, mode: String = "", days: DayRange? = nil, ids: [String]? = nil) throws {
        connector = try ShopeeConnector(configuration: ["identity": "1000001"])
        let entities = ids.map { EntitySet(column: "campaign_id", ids: $0) }
        spec = ChunkSpec(stream: stream, phase: .recent, days: days, entities: entities, mode: mode)
    }

    var work: ChunkWork {
        ChunkWork(
            account: ShopeeRun.account, spec: spec, cursor: cursor, anchor: ShopeeRun.anchor,
            credential: ShopeeRun.credential, learned: learned, now: now)
    }

    var call: Call { connector.call(for: work) }

    func parameter(_ name: String) -> String? { call.request.query.first { $0.name == name }?.value }

    /// Ids that the next call asks for.
    var asked: [String] { (parameter("campaign_id_list") ?? "").split(separator: ",").map(String.init) }

    @discardableResult
    mutating func answer(_ body: String, status: Int = 200, headers: [String: String] = [:]) -> Reading {
        let reading = connector.read(
            WireResponse(status: status, headers: MetaRun.fields(headers), body: Array(body.utf8)), to: call, of: work)
        follow(reading)
        return reading
    }

    @discardableResult
    mutating func error(
        _ code: String, _ message: String = "", status: Int = 200, headers: [String: String] = [:]
    ) -> Reading {
        answer(
            "{\"error\":\"\(code)\",\"message\":\"\(message)\",\"request_id\":\"r9\"}", status: status, headers: headers
        )
    }

    mutating func follow(_ reading: Reading) {
        for change in reading.learned { learned.take(change, at: now) }
        if case .more(let cursor) = reading.next { self.cursor = cursor }
    }
}

/// A page of the list of campaigns.
func shopeeIDs(_ ids: [String], next: Bool) -> String {
    let rows = ids.map { "{\"ad_type\":\"manual\",\"campaign_id\":\($0)}" }
    return "{\"error\":\"\",\"message\":\"\",\"response\":{\"shop_id\":220011,\"region\":\"VN\","
        + "\"has_next_page\":\(next),\"campaign_list\":[\(rows.joined(separator: ","))]},\"request_id\":\"r\"}"
}

/// Numbers of campaigns, each with its days.
func shopeeNumbers(_ campaigns: [(id: String, days: [String])], error: String = "\"error\":\"\",") -> String {
    let list = campaigns.map { campaign in
        let rows = campaign.days.map {
            "{\"date\":\"\($0)\",\"impression\":1200,\"clicks\":36,\"ctr\":3.0,\"expense\":21600.0,"
                + "\"broad_gmv\":240000.5,\"broad_order\":3,\"broad_order_amount\":4,\"direct_order\":2,"
                + "\"direct_gmv\":160000}"
        }
        return "{\"campaign_id\":\(campaign.id),\"ad_type\":\"manual\",\"campaign_placement\":\"all\","
            + "\"ad_name\":\"Áo 01\",\"metrics_list\":[\(rows.joined(separator: ","))]}"
    }
    return "{\(error)\"request_id\":\"r5\",\"response\":{\"shop_id\":220011,\"region\":\"VN\","
        + "\"campaign_list\":[\(list.joined(separator: ","))]}}"
}
