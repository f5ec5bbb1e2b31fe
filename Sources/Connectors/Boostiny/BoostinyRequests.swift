import ConnectorKit
import HTTPTypes
import SyncCore

/// Makes calls: the key as it is, one call at a time (platforms.md 5.1, 5.6).
struct BoostinyRequests: Sendable {
    let quota: QuotaKey

    /// Rows to ask for; what the platform gives at most is not known, and its answer says what it gave.
    static let page = 1000
    private static let timeout: Duration = .seconds(120)

    func get(_ path: String, _ items: [(String, String)], _ credential: Credential) -> Call {
        var headers = HTTPFields()
        headers[.authorization] = credential["key"] ?? ""
        headers[.accept] = "application/json"
        let request = WireRequest(
            .get, "/publisher/\(path)?\(FormCoding.encode(items))", headers: headers,
            timeout: BoostinyRequests.timeout)
        var call = Call(request, costs: [QuotaCost(quota)])
        call.alone = quota
        return call
    }
}
