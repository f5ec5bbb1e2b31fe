import ConnectorKit
import SyncCore

/// What FolkForm said instead of a success (platforms.md 3.1). Its code is a number for a success and a text for an
/// error.
struct FolkFormError: Sendable {
    let status: Int
    private let code: String
    private let retryAfter: String?
    /// Its own words, cut short: they may repeat some of what was sent.
    let words: String?

    init(_ response: WireResponse) {
        status = response.status
        let body = JSONTree.parse(response.body)
        code = body?["code"]?.string ?? ""
        retryAfter = response["retry-after"]
        let line = (body?["message"]?.string ?? "").split { $0.isWhitespace || $0.isNewline }.joined(separator: " ")
        words = line.isEmpty ? nil : String(line.prefix(FolkFormError.longest))
    }

    private static let longest = 200

    /// The thing that was sent is not what the server takes; others may be.
    var isAboutItem: Bool { (status == 400 && !code.hasPrefix("AUTH")) || status == 422 }

    var isTooBig: Bool { status == 413 }

    /// The server does not have the address: of one that names no document, whatever stands in the body.
    var isUnknownPath: Bool { status == 404 || status == 405 || status == 501 }

    func failure(quota: QuotaKey, at now: Instant) -> Failure {
        switch status {
        case 401:
            return .ownerMustAct(
                cause(
                    "FolkForm rejects the token.",
                    "Log in to FolkForm again and give the new token in SLUICE_FOLKFORM_TOKEN."))
        case 403:
            return .ownerMustAct(
                cause(
                    "The role may not write to FolkForm, or the user does not have it.",
                    "Choose a role that may update conversations and messages (SLUICE_FOLKFORM_ROLE)."))
        case 400 where code.hasPrefix("AUTH"), 400 where code.hasPrefix("VAL"):
            return .ownerMustAct(
                cause(
                    "FolkForm does not accept the role.",
                    "Copy the role's id from /auth/roles again, 24 hexadecimal digits (SLUICE_FOLKFORM_ROLE)."))
        case 429:
            return .throttled(
                quota, until: WireTime.retryAfter(retryAfter, at: now),
                cause("FolkForm's limit of calls a minute is reached."))
        case 404, 405:
            return .permanentConfiguration(
                cause("FolkForm does not know the address that was asked for.", "Check SLUICE_FOLKFORM_URL."))
        case 409: return .retryNow(cause("Somebody else wrote the same to FolkForm at the same moment."))
        case 400..<500: return .permanentRequest(cause("FolkForm does not accept the request."))
        case 200..<300: return .retryNow(cause("FolkForm answered with something that is not data."))
        default: return .retryNow(cause("FolkForm had a passing error."))
        }
    }

    func cause(_ message: String, _ advice: String = "") -> Failure.Cause {
        Failure.Cause(code: code.isEmpty ? "\(status)" : "\(status)/\(code)", message, advice: advice)
    }
}
