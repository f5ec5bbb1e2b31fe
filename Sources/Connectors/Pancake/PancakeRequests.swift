import ConnectorKit
import HTTPTypes
import SyncCore

/// Makes calls (platforms.md 2.1). Tokens go into the query and nowhere else.
struct PancakeRequests: Sendable {
    let userQuota: QuotaKey
    private static let timeout: Duration = .seconds(60)

    init(identity: String) {
        userQuota = QuotaKey(PancakeConnector.id, PancakePlatform.user, identity)
    }

    func pageQuota(_ page: String) -> QuotaKey { QuotaKey(PancakeConnector.id, PancakePlatform.page, page) }

    /// All pages of a user. Several minutes old they still serve: every page of one sync asks for the same.
    func pages(_ credential: Credential) -> Call {
        var request = WireRequest(.get, "/api/v1/pages", timeout: PancakeRequests.timeout)
        request.confidential = [("access_token", credential["token"] ?? "")]
        var call = Call(request, costs: [QuotaCost(userQuota)])
        call.reusable = .seconds(300)
        return call
    }

    /// Makes a new token for a page; the one before it is worth nothing from then on.
    func token(of page: String, _ credential: Credential) -> Call {
        var request = WireRequest(
            .post, "/api/v1/pages/\(FormCoding.escape(page))/generate_page_access_token",
            timeout: PancakeRequests.timeout)
        request.confidential = [("access_token", credential["token"] ?? "")]
        return Call(request, costs: [QuotaCost(pageQuota(page))])
    }

    func conversations(of page: String, _ items: [(String, String)], _ credential: Credential) -> Call {
        get("/api/public_api/v2/pages/\(FormCoding.escape(page))/conversations", items, page, credential)
    }

    /// The first version's list, for its total.
    func count(of page: String, _ items: [(String, String)], _ credential: Credential) -> Call {
        get("/api/public_api/v1/pages/\(FormCoding.escape(page))/conversations", items, page, credential)
    }

    func messages(of page: String, in conversation: String, _ items: [(String, String)], _ credential: Credential)
        -> Call
    {
        let path = "conversations/\(FormCoding.escape(conversation))/messages"
        return get("/api/public_api/v1/pages/\(FormCoding.escape(page))/\(path)", items, page, credential)
    }

    private func get(_ path: String, _ items: [(String, String)], _ page: String, _ credential: Credential) -> Call {
        let query = items.isEmpty ? "" : "?\(FormCoding.encode(items))"
        var request = WireRequest(.get, path + query, timeout: PancakeRequests.timeout)
        request.confidential = [("page_access_token", credential[PancakeToken.page] ?? "")]
        return Call(request, costs: [QuotaCost(pageQuota(page))])
    }
}
