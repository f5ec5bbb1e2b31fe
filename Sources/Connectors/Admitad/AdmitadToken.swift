package import ConnectorKit
package import SyncCore

/// The token of the client credentials: one for a week, kept with the credential, because Admitad gives only so many
/// (platforms.md 4.1, error_code 6).
enum AdmitadToken {
    /// Names of what is kept beside the client's id and secret.
    static let access = "access_token"
    static let scope = "scope"
    static let user = "username"
    private static let renewedAt = "renewed_at"
    private static let expiresAt = "expires_at"

    /// What a token may do is fixed when it is made: another so soon after would do no more.
    private static let young: Duration = .seconds(60)

    static func isDue(_ credential: Credential, at now: Instant) -> Bool {
        guard credential[access] != nil else { return true }
        guard let made = moment(renewedAt, credential), let end = moment(expiresAt, credential) else { return false }
        // In the last quarter of its life.
        return end - now <= (end - made) / 4
    }

    static func isYoung(_ credential: Credential, at now: Instant) -> Bool {
        moment(renewedAt, credential).map { now - $0 < young } ?? false
    }

    private static func moment(_ name: String, _ credential: Credential) -> Instant? {
        credential[name].flatMap { Int64($0) }.map { Instant(seconds: $0) }
    }

    /// Nil when the answer holds no token.
    static func credential(_ body: JSONTree, after credential: Credential, at now: Instant) -> Credential? {
        guard let token = body["access_token"]?.string, !token.isEmpty else { return nil }
        var renewed = credential
        renewed[access] = token
        renewed[scope] = body["scope"]?.string
        renewed[user] = body["username"]?.string
        renewed[renewedAt] = "\(now.seconds)"
        renewed[expiresAt] = "\(now.seconds + Int64(clamping: min(body["expires_in"]?.int ?? 604_800, 1 << 40)))"
        return renewed
    }
}

extension AdmitadConnector {
    package static func identity(of credential: Credential) -> String? { credential["client_id"] }

    package func renewal(
        of credential: Credential, account: String, because reason: RenewalReason, at now: Instant
    ) -> Call? {
        switch reason {
        case .due: AdmitadToken.isDue(credential, at: now) ? requests.token(credential) : nil
        // However old it is (platforms.md 4.2): who asks stops when its successor is refused as well.
        case .refused: requests.token(credential)
        }
    }

    package func renewed(
        _ response: WireResponse, of credential: Credential, account: String, at now: Instant
    ) -> Renewed {
        if (200..<300).contains(response.status), let body = JSONTree.parse(response.body),
            let renewed = AdmitadToken.credential(body, after: credential, at: now)
        {
            return .credential(renewed)
        }
        return .failed(AdmitadError(response).ofToken(quota: requests.quota, at: now))
    }
}
