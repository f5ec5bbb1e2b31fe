import ConnectorKit
import SyncCore

/// What Pancake said instead of data (platforms.md 2.6): mostly with HTTP 200, so the body counts first.
struct PancakeError: Sendable {
    let status: Int
    /// `error_code`; nil where the body names none.
    let code: Int?
    private let words: String
    private let retryAfter: String?
    private let isJSON: Bool

    /// Nil for an answer that is no refusal.
    init?(_ answer: PancakeAnswer) {
        self.init(answer.response, answer.tree)
    }

    init?(_ response: WireResponse, _ tree: JSONTree?) {
        status = response.status
        code = tree?["error_code"]?.int.flatMap { $0 == 0 ? nil : $0 }
        words = tree?["message"]?.string?.lowercased() ?? ""
        retryAfter = response["retry-after"]
        if case .object? = tree { isJSON = true } else { isJSON = false }
        let isRefused = tree?["success"] == .bool(false) || code != nil
        if (200..<300).contains(status), isJSON, !isRefused { return nil }
    }

    var label: String { code.map { "\(status)/\($0)" } ?? "\(status)" }
    private var isThrottle: Bool { code == 429 || status == 429 }

    /// The conversation that was asked for is not there any more.
    var isGone: Bool { isUnknown && (code == 404 || status == 404 || words.contains("not found")) }

    /// A refusal that says nothing of the credential or of a limit: it may concern this one conversation only.
    var isUnknown: Bool { isJSON && status < 500 && !isThrottle && ![102, 103, 105, 106, 107].contains(code) }

    // MARK: Calls of a page

    private static let pageIsBusy = "Pancake's limit of 5 calls a second for a page is reached."

    func ofPage(_ work: ChunkWork, _ quota: QuotaKey) -> Failure {
        let now = work.answeredAt
        if isThrottle { return throttled(quota, PancakeError.pageIsBusy, at: now) }
        switch code {
        case 102, 105:
            return PancakeToken.refused(work.credential, label, at: now)
        case 103: return .ownerMustAct(expired)
        case 106, 107: return .ownerMustAct(noRight)
        default: return other
        }
    }

    // MARK: Calls of a user

    func ofUser(_ quota: QuotaKey, at now: Instant) -> Failure {
        if isThrottle { return throttled(quota, "Pancake's limit of calls for this user is reached.", at: now) }
        switch code {
        case 103: return .ownerMustAct(expired)
        case 102, 105, 106, 107: return .ownerMustAct(rejected)
        default:
            return status == 401 || status == 403 ? .ownerMustAct(rejected) : other
        }
    }

    /// Of the call for a page's token: whatever the refusal does not say of the user's own token, it says of the page.
    func ofToken(_ quota: QuotaKey, at now: Instant) -> Failure {
        if isThrottle { return throttled(quota, PancakeError.pageIsBusy, at: now) }
        if code == 102 || code == 103 || code == 105 { return ofUser(quota, at: now) }
        if isJSON, status < 500 { return .ownerMustAct(noRight) }
        return other
    }

    private var other: Failure {
        if isJSON, status < 500, status != 408 {
            return .retryNow(cause("Pancake refuses the call and does not say why.", report))
        }
        switch status {
        case 404: return .permanentRequest(cause("Pancake does not know the address that was asked for.", report))
        case 200..<300: return .retryNow(cause("Pancake's answer ended too early."))
        default: return .retryNow(cause("Pancake had a passing error."))
        }
    }

    private let report = "Look for a newer sluice; if there is none, report it."

    private var expired: Failure.Cause {
        cause(
            "The access token of Pancake has expired.",
            "Copy a new one from Pancake under Account, Personal Settings (SLUICE_PANCAKE_TOKEN).")
    }

    private var rejected: Failure.Cause {
        cause(
            "Pancake rejects the access token.",
            "Copy it again from Pancake under Account, Personal Settings (SLUICE_PANCAKE_TOKEN).")
    }

    private var noRight: Failure.Cause {
        cause(
            "The user of this token has no admin right on the page.",
            "Ask an admin of the page in Pancake to give that right, then sync the page again.")
    }

    private func throttled(_ quota: QuotaKey, _ sentence: String, at now: Instant) -> Failure {
        .throttled(quota, until: WireTime.retryAfter(retryAfter, at: now), cause(sentence))
    }

    private func cause(_ message: String, _ advice: String = "") -> Failure.Cause {
        Failure.Cause(code: label, message, advice: advice)
    }
}
