import ConnectorKit
import SyncCore

/// What Boostiny said instead of data (platforms.md 5.3, 5.6).
struct BoostinyError: Sendable {
    let status: Int
    private let message: String
    private let retryAfter: String?

    init(_ response: WireResponse) {
        status = response.status
        let body = JSONTree.parse(response.body)
        let told = body?["payload"]?["errors"]?["message"] ?? body?["message"]
        message = told?.string ?? ""
        retryAfter = response["retry-after"]
    }

    /// `Retry after 10 minutes`.
    private static func wait(_ message: String) -> Duration? {
        guard let found = message.firstMatch(of: /([0-9]{1,4})\s*(second|minute|hour)/.ignoresCase()),
            let count = Int64(found.1)
        else { return nil }
        switch found.2.lowercased() {
        case "second": return .seconds(count)
        case "minute": return .seconds(count * 60)
        default: return .seconds(count * 3600)
        }
    }

    func failure(quota: QuotaKey, at now: Instant) -> Failure {
        switch status {
        case 401, 403:
            .ownerMustAct(
                cause(
                    "Boostiny rejects the key.",
                    "Copy the key again from Boostiny, without Bearer before it (SLUICE_BOOSTINY_KEY)."))
        case 429:
            .throttled(
                quota, until: WireTime.retryAfter(retryAfter, at: now) ?? BoostinyError.wait(message).map { now + $0 },
                cause("Boostiny has locked the key for a while, for too many calls."))
        case 404:
            .permanentRequest(cause("Boostiny does not know the address that was asked for.", BoostinyError.report))
        case 400..<500: .permanentRequest(cause("Boostiny does not accept the request.", BoostinyError.report))
        case 200..<300: .retryNow(cause("Boostiny answered with something that is not data."))
        default: .retryNow(cause("Boostiny had a passing error."))
        }
    }

    private static let report = "Look for a newer sluice; if there is none, report it."

    private func cause(_ message: String, _ advice: String = "") -> Failure.Cause {
        Failure.Cause(code: "\(status)", message, advice: advice)
    }
}
