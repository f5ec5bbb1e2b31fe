import ConnectorKit
import FoundationEssentials
import HTTPTypes
import SyncCore

/// Makes calls (platforms.md 4.1, 4.3).
struct AdmitadRequests: Sendable {
    let quota: QuotaKey

    /// The most rows of an answer.
    static let page = 500
    private static let timeout: Duration = .seconds(120)

    func get(_ path: String, _ items: [(String, String)], _ credential: Credential) -> Call {
        var headers = HTTPFields()
        headers[.authorization] = "Bearer \(credential[AdmitadToken.access] ?? "")"
        headers[.accept] = "application/json"
        let request = WireRequest(
            .get, "\(path)?\(FormCoding.encode(items))", headers: headers, timeout: AdmitadRequests.timeout)
        return Call(request, costs: [QuotaCost(quota)])
    }

    /// A token for all scopes that the streams need.
    func token(_ credential: Credential) -> Call {
        let (id, secret) = (credential["client_id"] ?? "", credential["client_secret"] ?? "")
        var headers = HTTPFields()
        headers[.authorization] = "Basic \(Data("\(id):\(secret)".utf8).base64EncodedString())"
        headers[.contentType] = "application/x-www-form-urlencoded"
        headers[.accept] = "application/json"
        let body = FormCoding.encode([
            ("grant_type", "client_credentials"), ("client_id", id),
            ("scope", AdmitadPlatform.scopes.joined(separator: " ")),
        ])
        let request = WireRequest(
            .post, "/token/", headers: headers, body: Array(body.utf8), timeout: AdmitadRequests.timeout)
        return Call(request, costs: [QuotaCost(quota)])
    }

    /// `21.11.2026 08:30:00`, in UTC.
    static func moment(_ instant: Instant) -> String {
        "\(CivilDate(instant, in: .gmt).dayFirst(".")) \("\(instant)".dropFirst(11).prefix(8))"
    }
}
