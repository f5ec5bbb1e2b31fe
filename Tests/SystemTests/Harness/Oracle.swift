import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncCore
import Testing

/// What a world really holds at a moment: read from a second sandbox of it that fails never, limits nothing and
/// hides nothing, without any code of the connector.
struct Oracle {
    let world: MetaWorld
    let now: Instant
    private let sandbox: MetaSandbox

    init(_ world: MetaWorld, at now: Instant) {
        var open = world
        open.faults = MetaWorld.Faults()
        open.runs = MetaWorld.Runs()
        open.limits.isOn = false
        open.reading = MetaWorld.Reading()
        open.insights.hidesUnlisted = false
        open.insights.shortPages = 0
        open.insights.emptyPages = 0
        open.insights.mostLimit = 100_000
        open.size = MetaWorld.Size()
        open.size.syncRows = 1_000_000
        open.size.pageRows = 1_000_000
        open.pages.needPageToken = false
        open.auth.needsProof = false
        for index in open.auth.tokens.indices { open.auth.tokens[index].brokenFrom = nil }
        open.accounts[0].brokenCreatives = 0
        self.world = open
        self.now = now
        sandbox = MetaSandbox(open)
    }

    var account: String { world.mainAccountID }

    /// Days for which the account has reports.
    var days: DayRange { get throws { try #require(sandbox.reportDays(at: now, account: account)) } }

    var truth: MetaTruth { get throws { try #require(sandbox.truth(at: now, account: account)) } }

    var fewestCalls: Int { sandbox.fewestCalls(at: now, account: account) }

    // MARK: Rows

    /// `day|entity|spend in millionths|impressions|clicks` of each row of a level.
    func insights(_ level: String, _ days: DayRange) throws -> [String] {
        let range = "{\"since\":\"\(days.first)\",\"until\":\"\(days.last)\"}"
        let rows = try list(
            "act_\(account)/insights",
            [
                ("level", level), ("fields", "\(level)_id,spend,impressions,clicks"), ("time_increment", "1"),
                ("time_range", range), ("limit", "100000"),
            ])
        return try rows.map { row in
            let text = try row.text("spend")
            let spend = try #require(Decimal(string: text))
            let micros = NSDecimalNumber(decimal: spend * 1_000_000).int64Value
            return "\(try row.text("date_start"))|\(try row.text("\(level)_id"))|\(micros)|"
                + "\(try row.text("impressions"))|\(try row.text("clicks"))"
        }.sorted()
    }

    /// `id|name|effective_status` of `campaigns`, `ad_sets` or `ads`.
    func entities(_ stream: String) throws -> [String] {
        let ids = sandbox.ids(of: stream, at: now, account: account)
        return try ids.map { id in
            let node = try get(id, [("fields", "id,name,effective_status")])
            return "\(try node.text("id"))|\(try node.text("name"))|\(try node.text("effective_status"))"
        }.sorted()
    }

    /// `id|name` of the pages.
    func pages() throws -> [String] {
        try list("me/accounts", [("fields", "id,name"), ("limit", "100")])
            .map { "\(try $0.text("id"))|\(try $0.text("name"))" }.sorted()
    }

    /// `id` of all published posts of all pages.
    func posts() throws -> [String] {
        try list("me/accounts", [("fields", "id"), ("limit", "100")]).flatMap { page in
            try list("\(try page.text("id"))/published_posts", [("fields", "id"), ("limit", "100")])
                .map { try $0.text("id") }
        }.sorted()
    }

    // MARK: Asking

    private struct Node {
        let values: [String: Any]
        func text(_ name: String) throws -> String {
            try #require(values[name].map { "\($0)" }, "the sandbox left \(name) out of \(values)")
        }
    }

    private func get(_ path: String, _ query: [(String, String)]) throws -> Node {
        var sandbox = sandbox
        let items = query + [("access_token", world.token)]
        let reply = sandbox.respond(to: WireRequest(.get, "/v26.0/\(path)?\(FormCoding.encode(items))"), at: now)
        let answer = try JSONSerialization.jsonObject(with: Data(reply.response.body))
        let node = try #require(answer as? [String: Any])
        try #require(node["error"] == nil, "the sandbox refused: \(node)")
        return Node(values: node)
    }

    private func list(_ path: String, _ query: [(String, String)]) throws -> [Node] {
        var rows: [Node] = []
        var after: String?
        repeat {
            let page = try get(path, query + (after.map { [("after", $0)] } ?? []))
            rows += try #require(page.values["data"] as? [[String: Any]]).map(Node.init)
            let paging = page.values["paging"] as? [String: Any]
            after = paging?["next"] == nil ? nil : (paging?["cursors"] as? [String: Any])?["after"] as? String
        } while after != nil
        return rows
    }
}
