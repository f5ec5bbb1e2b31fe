package import ConnectorKit
import Crypto
import FoundationEssentials
package import SyncCore

/// The token of a page, made with the user's (platforms.md 2.1). Making one takes the page away from every other
/// holder, so it is never made by age, and not again and again where another program makes its own.
enum PancakeToken {
    static let page = "page_access_token"
    /// When tokens were made in place of refused ones in the last hour, in unix seconds, the oldest first.
    private static let times = "remade_at"

    /// A token that is refused so soon after it was made was replaced by somebody else.
    private static let young: Duration = .seconds(120)
    private static let truce: Duration = .seconds(300)
    private static let most = 3
    private static let window: Duration = .seconds(3600)

    /// Moments within the last hour.
    private static func remade(_ credential: Credential, at now: Instant) -> [Instant] {
        (credential[times] ?? "").split(separator: " ").compactMap { Int64($0) }.map { Instant(seconds: $0) }
            .filter { now - $0 < window }
    }

    /// What it means that a page refuses its token (102, 105).
    static func refused(_ credential: Credential, _ code: String, at now: Instant) -> Failure {
        let remade = remade(credential, at: now)
        guard remade.count < most else { return .ownerMustAct(fight(code)) }
        guard let last = remade.last, now - last < young else {
            return .refreshCredential(
                Failure.Cause(
                    code: code, "Pancake refuses the token of the page.", advice: "Sync the page again."))
        }
        return .retryAt(
            now + truce,
            Failure.Cause(
                code: code, "Another program has made a new token for this page; it is left in peace for a while.",
                advice: "Wait; sluice goes on by itself."))
    }

    private static func fight(_ code: String) -> Failure.Cause {
        Failure.Cause(
            code: code, "Another program makes new tokens for this page again and again, and each ends the one before.",
            advice: "Let one program only make tokens for the page, then sync it again in an hour.")
    }

    static func renewed(_ credential: Credential, with token: String, at now: Instant) -> Credential {
        var renewed = credential
        renewed[page] = token
        guard credential[page] != nil else { return renewed }
        renewed[times] = (remade(credential, at: now) + [now]).map { "\($0.seconds)" }.joined(separator: " ")
        return renewed
    }

    /// When a user's token ends: it is a JWT.
    static func expiry(_ token: String) -> Instant? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        let text = parts[1].replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - text.count % 4) % 4)
        return Data(base64Encoded: text + padding).flatMap { JSONTree.parse(Array($0)) }?["exp"]?.moment
    }
}

extension PancakeConnector {
    package static func name(of credential: Credential, account: String?) -> String { account ?? "default" }

    /// Of the token of a user; tells nothing of it.
    package static func identity(of credential: Credential) -> String? {
        credential["token"].map(HexCode.fingerprint)
    }

    package static var ownSecrets: [String] { [PancakePhones.secret] }

    /// What pages there are is asked with the user's token.
    package func account(for question: Question) -> String { "" }

    package func renewal(
        of credential: Credential, account: String, because reason: RenewalReason, at now: Instant
    ) -> Call? {
        guard !account.isEmpty, reason == .refused || credential[PancakeToken.page] == nil else { return nil }
        return requests.token(of: account, credential)
    }

    package func renewed(
        _ response: WireResponse, of credential: Credential, account: String, at now: Instant
    ) -> Renewed {
        let tree = JSONTree.parse(response.body)
        if let error = PancakeError(response, tree) {
            return .failed(error.ofToken(requests.pageQuota(account), at: now))
        }
        guard let token = tree?["page_access_token"]?.string, !token.isEmpty else {
            return .failed(.retryNow(Failure.Cause(code: "\(response.status)", "Pancake's answer holds no token.")))
        }
        return .credential(PancakeToken.renewed(credential, with: token, at: now))
    }
}
