import ConnectorKit
import SyncCore

/// What Admitad said instead of data (platforms.md 4.2). A throttle comes as 503, as an outage does.
struct AdmitadError: Sendable {
    let status: Int
    /// `error_code`; nil where the body is no JSON.
    let code: Int?
    /// `error`: `invalid_token`, `insufficient_scope`.
    let word: String
    let retryAfter: String?

    init(_ response: WireResponse) {
        let body = JSONTree.parse(response.body)
        status = response.status
        code = body?["error_code"]?.int
        word = body?["error"]?.string ?? ""
        retryAfter = response["retry-after"]
    }

    private var label: String {
        code.map { "\(status)/\($0)" } ?? (word.isEmpty ? "\(status)" : "\(status)/\(word)")
    }

    private var isThrottle: Bool { code == 4 || status == 429 }
    private var isScope: Bool { code == 2 || word == "insufficient_scope" || status == 403 }
    private var isToken: Bool { code == 0 || code == 1 || code == 5 || status == 401 }

    /// Of a call with a token. What a token may do is fixed when it is made: an older one is replaced before its owner
    /// is asked.
    func failure(of what: String, scope: String, quota: QuotaKey, isYoung: Bool, at now: Instant) -> Failure {
        if isThrottle { return throttled(quota, at: now) }
        if code == 6 { return .ownerMustAct(tooManyTokens) }
        if isScope {
            let cause = cause(
                "The application may not read the \(what) of Admitad.",
                "Give it the scope \(scope) in Admitad under Settings, API, then connect again.")
            return isYoung ? .ownerMustAct(cause) : .refreshCredential(cause)
        }
        if isToken {
            return .refreshCredential(
                cause("Admitad refuses the token that it gave.", "Connect again; if it stays, ask Admitad's support."))
        }
        switch status {
        case 400: return .permanentRequest(cause("Admitad does not accept the request.", report))
        case 404: return .permanentRequest(cause("Admitad does not know the address that was asked for.", report))
        case 200..<300: return .retryNow(cause("Admitad's answer ended too early."))
        default: return .retryNow(cause("Admitad had a passing error."))
        }
    }

    /// Of the call for a token.
    func ofToken(quota: QuotaKey, at now: Instant) -> Failure {
        if isThrottle { return throttled(quota, at: now) }
        if code == 6 { return .ownerMustAct(tooManyTokens) }
        if word == "invalid_scope" || code == 2 || word == "insufficient_scope" {
            return .ownerMustAct(
                cause(
                    "The application may not have all that it was asked for: "
                        + "\(AdmitadPlatform.scopes.joined(separator: ", ")).",
                    "Give it these scopes in Admitad under Settings, API, then connect again."))
        }
        switch status {
        case 400, 401, 403:
            return .ownerMustAct(
                cause(
                    "Admitad rejects the client id or the client secret.",
                    "Copy both again from Admitad, Settings, API (SLUICE_ADMITAD_CLIENT_ID, "
                        + "SLUICE_ADMITAD_CLIENT_SECRET)."))
        case 404: return .permanentRequest(cause("Admitad does not know the address that was asked for.", report))
        case 200..<300: return .retryNow(cause("Admitad's answer holds no token."))
        default: return .retryNow(cause("Admitad had a passing error."))
        }
    }

    private let report = "Look for a newer sluice; if there is none, report it."

    private var tooManyTokens: Failure.Cause {
        cause(
            "Admitad gives this application no more tokens.",
            "Revoke tokens that nobody uses in Admitad under Settings, API, then connect again.")
    }

    private func throttled(_ quota: QuotaKey, at now: Instant) -> Failure {
        .throttled(
            quota, until: WireTime.retryAfter(retryAfter, at: now),
            cause("Admitad's limit of 600 calls a minute is reached."))
    }

    private func cause(_ message: String, _ advice: String = "") -> Failure.Cause {
        Failure.Cause(code: label, message, advice: advice)
    }
}
