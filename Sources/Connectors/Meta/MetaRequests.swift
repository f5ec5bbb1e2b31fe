import ConnectorKit
import HTTPTypes
import SyncCore

/// Makes calls: paths with the version, the token in a header and never in an address, the proof of the app
/// secret where there is one.
struct MetaRequests: Sendable {
    var credential: Credential
    var quotas: MetaQuotas

    /// Reads cost one point for each id or batch item (meta.md 6.1).
    func get(
        _ path: String, _ items: [(String, String)], _ families: [MetaFamily], points: Int = 1,
        token: String? = nil
    ) -> Call {
        let bearer = token ?? credential["token"] ?? ""
        let query = FormCoding.encode(items + proof(of: bearer))
        let target = "/\(MetaPlatform.version)/\(path)" + (query.isEmpty ? "" : "?\(query)")
        return Call(
            WireRequest(.get, target, headers: headers(bearer)), costs: quotas.costs(families, points: points),
            weight: points)
    }

    /// A batch of reads, or a write: that costs the ad account three points (meta.md 6.1).
    func post(
        _ path: String, _ items: [(String, String)], _ families: [MetaFamily], points: Int = 1, isWrite: Bool = false
    ) -> Call {
        let bearer = credential["token"] ?? ""
        var headers = headers(bearer)
        headers[.contentType] = "application/x-www-form-urlencoded"
        let body = FormCoding.encode(items + proof(of: bearer))
        let costs = families.flatMap { quotas.costs([$0], points: isWrite && $0 == .account ? 3 : points) }
        return Call(
            WireRequest(.post, "/\(MetaPlatform.version)/\(path)", headers: headers, body: Array(body.utf8)),
            costs: costs, weight: points)
    }

    private func headers(_ token: String) -> HTTPFields {
        [.authorization: "Bearer \(token)", .accept: "application/json"]
    }

    /// `appsecret_proof` for a token; nothing without an app secret.
    func proof(of token: String) -> [(String, String)] {
        guard let secret = credential["app_secret"], !secret.isEmpty else { return [] }
        return [("appsecret_proof", MetaRequests.proof(token: token, secret: secret))]
    }

    /// Lower-case hex HMAC-SHA256 of the token under the app secret (meta.md 1).
    static func proof(token: String, secret: String) -> String { HexCode.hmacSHA256(token, key: secret) }
}

// MARK: - Batches

/// Several reads in one request (meta.md 5). Each item counts fully for every limit.
enum MetaBatch {
    struct Item: Sendable {
        /// Path and query without version: `1/published_posts?limit=100`.
        var path: String
        var query: [(String, String)]

        init(_ path: String, _ query: [(String, String)]) {
            self.path = path
            self.query = query
        }
    }

    /// The form of a batch call. Tokens of items stand in the body, so in no address.
    static func form(_ items: [Item]) -> [(String, String)] {
        let list = items.map { item in
            let url = item.path + "?" + FormCoding.encode(item.query)
            return "{\"method\":\"GET\",\"relative_url\":\(JSONText.quoted(url))}"
        }
        return [("batch", "[" + list.joined(separator: ",") + "]"), ("include_headers", "true")]
    }

    struct Answer: Sendable {
        var response: WireResponse
        var usage: MetaUsage
    }

    /// The answers in the order of the items, nil for those that did not finish in time; nil when the body is
    /// no list.
    static func answers(_ body: [UInt8]) -> [Answer?]? {
        JSONTree.parse(body)?.items?.map { item in
            guard let code = item["code"]?.int else { return nil }
            var headers: [String: String] = [:]
            for header in item["headers"]?.items ?? [] {
                if let name = header["name"]?.string, let value = header["value"]?.string {
                    headers[name.lowercased()] = value
                }
            }
            let body = item["body"]?.string ?? ""
            return Answer(
                response: WireResponse(status: code, body: Array(body.utf8)),
                usage: MetaUsage { headers[$0.lowercased()] })
        }
    }
}

// MARK: - Paging

/// Where a listing stands: the parameters that name its next page.
struct MetaPosition: Sendable, Hashable, Codable {
    var items: [String: String]

    init(_ items: [String: String]) { self.items = items }

    /// Puts the position's parameters into a query, in place of its own of the same name.
    func applied(to query: [(String, String)]) -> [(String, String)] {
        query.filter { items[$0.0] == nil } + items.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

/// All of a page but its rows: paging and a possible error. Every part may be missing or of a wrong type.
struct MetaRest: Sendable {
    let next: String?
    let after: String?
    let error: JSONTree?

    /// Nil for anything that is not an object.
    init?(_ bytes: [UInt8]) {
        guard let tree = JSONTree.parse(bytes), case .object = tree else { return nil }
        let paging = tree["paging"]
        next = paging?["next"]?.string
        after = paging?["cursors"]?["after"]?.string
        error = tree["error"]
    }

    enum Following: Sendable, Equatable {
        case last
        case page(MetaPosition)
        /// There is a next page, but nothing that names it.
        case lost
    }

    /// A listing ends where `next` is absent, and nowhere else: not at a short page, not at an empty one
    /// (meta.md 0.3). The address of the next page holds the token, so only its position is taken.
    var following: Following {
        guard let next, !next.isEmpty else { return .last }
        if let after, !after.isEmpty { return .page(MetaPosition(["after": after])) }
        guard let mark = next.firstIndex(of: "?") else { return .lost }
        var items: [String: String] = [:]
        for (name, value) in FormCoding.decode(String(next[next.index(after: mark)...])) where !value.isEmpty {
            if MetaRest.positional.contains(name) { items[name] = value }
        }
        if let after = items["after"] { items = ["after": after] }
        return items.isEmpty ? .lost : .page(MetaPosition(items))
    }

    private static let positional: Set<String> = [
        "after", "offset", "since", "until", "__paging_token", "__after_id", "page", "page_token", "cursor",
    ]
}
