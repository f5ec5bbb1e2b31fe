import ConnectorKit
import HTTPTypes
import SyncCore

/// Makes calls (platforms.md 3.1-3.3).
struct FolkFormRequests: Sendable {
    let quota: QuotaKey
    private static let timeout: Duration = .seconds(120)

    func get(_ path: String, _ items: [(String, String)], _ credential: Credential) -> Call {
        let query = items.isEmpty ? "" : "?\(FormCoding.encode(items))"
        return call(WireRequest(.get, "/api/v1\(path)\(query)", headers: headers(credential)))
    }

    func post(
        _ path: String, _ body: String, _ credential: Credential, query items: [(String, String)] = []
    ) -> Call {
        var headers = headers(credential)
        headers[.contentType] = "application/json"
        let query = items.isEmpty ? "" : "?\(FormCoding.encode(items))"
        return call(WireRequest(.post, "/api/v1\(path)\(query)", headers: headers, body: Array(body.utf8)))
    }

    private func headers(_ credential: Credential) -> HTTPFields {
        var headers = HTTPFields()
        headers[.authorization] = "Bearer \(credential["token"] ?? "")"
        headers[.accept] = "application/json"
        if let name = HTTPField.Name("X-Active-Role-ID") { headers[name] = credential["role"] ?? "" }
        return headers
    }

    private func call(_ request: WireRequest) -> Call {
        var request = request
        request.timeout = FolkFormRequests.timeout
        return Call(request, costs: [QuotaCost(quota)])
    }
}
