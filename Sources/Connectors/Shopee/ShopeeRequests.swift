import ConnectorKit
import HTTPTypes
import SyncCore

/// Makes calls: the ids, the moment and the signature stand in the query, as Shopee wants them (platforms.md 1.3);
/// what is secret of it goes where nobody shows it.
struct ShopeeRequests: Sendable {
    var credential: Credential
    var shop: String
    /// The moment that calls are signed with.
    var now: Instant

    /// Slow answers take more than 50 seconds.
    private static let timeout: Duration = .seconds(120)

    var partner: String { credential["partner_id"] ?? "" }
    var quotas: ShopeeQuotas { ShopeeQuotas(app: partner, shop: shop) }

    /// A read, in the name of the shop or of the app alone. Values are put into the query as they are but for what a
    /// query cannot hold; lists are joined by commas.
    func get(_ endpoint: ShopeeEndpoint, _ items: [(String, String)] = []) -> Call {
        var request = WireRequest(.get, "", headers: [.accept: "application/json"], timeout: ShopeeRequests.timeout)
        sign(&request, endpoint, items)
        return Call(request, costs: quotas.costs(endpoint))
    }

    /// A call with a body, which is not signed.
    func post(_ endpoint: ShopeeEndpoint, body: String) -> Call {
        var request = WireRequest(
            .post, "", headers: [.accept: "application/json", .contentType: "application/json"],
            body: Array(body.utf8), timeout: ShopeeRequests.timeout)
        sign(&request, endpoint, [])
        return Call(request, costs: quotas.costs(endpoint))
    }

    private func sign(_ request: inout WireRequest, _ endpoint: ShopeeEndpoint, _ items: [(String, String)]) {
        var query = [("partner_id", partner), ("timestamp", String(now.seconds))]
        let token = credential["access_token"] ?? ""
        if !endpoint.isPublic {
            query.append(("shop_id", shop))
            request.confidential.append((name: "access_token", value: token))
        }
        let owner = endpoint.isPublic ? "" : token + shop
        request.confidential.append((name: "sign", value: signature(of: endpoint.path, owner: owner)))
        request.target = endpoint.path + "?" + ShopeeRequests.encode(query + items)
    }

    /// Lower-case hex HMAC-SHA256 over partner id, path, moment and, for calls of an owner, its token and id.
    func signature(of path: String, owner: String = "") -> String {
        HexCode.hmacSHA256(
            "\(partner)\(path)\(now.seconds)\(owner)", key: credential["partner_key"] ?? "")
    }

    /// A comma needs no escape in a query, and a hundred ids are a third shorter with plain ones.
    private static func encode(_ items: [(String, String)]) -> String {
        items.map { name, value in
            let parts = value.split(separator: ",", omittingEmptySubsequences: false)
            return "\(name)=\(parts.map { FormCoding.escape(String($0)) }.joined(separator: ","))"
        }.joined(separator: "&")
    }
}

extension JSONText {
    /// An id as a number where it is one: Shopee wants numbers in bodies.
    static func id(_ text: String) -> String {
        let isNumber = !text.isEmpty && text.count < 20 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return isNumber && (text == "0" || text.first != "0") ? text : quoted(text)
    }
}
