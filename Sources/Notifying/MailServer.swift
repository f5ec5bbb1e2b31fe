import CCurl
import Dispatch
package import SyncCore
package import SyncEngine

/// The operator's mail server: all mail goes through it.
package struct MailServer: Sendable {
    /// `smtp://host:587` begins in the clear and turns encryption on (STARTTLS), `smtps://host:465` begins encrypted.
    package let url: String
    package let host: String
    package let sender: String
    private let user: String?
    private let password: Secret<String>?
    private let needsTLS: Bool
    private let authorities: String?

    /// Throws a sentence for the operator.
    package init(
        url: String, sender: String, user: String? = nil, password: Secret<String>? = nil, needsTLS: Bool = true,
        authorities: String? = nil
    ) throws(MailServerError) {
        let scheme = ["smtp://", "smtps://"].first(where: url.hasPrefix)
        guard let scheme else { throw .address }
        let rest = url.dropFirst(scheme.count)
        let isPlain = rest.utf8.allSatisfy { (0x21...0x7E).contains($0) } && !rest.contains { "/@?#\\".contains($0) }
        guard isPlain, !rest.isEmpty else { throw .address }
        guard MailAddress.isOne(sender) else { throw .sender }
        guard (user == nil) == (password == nil) else { throw .login }
        self.url = url
        host = String(rest.prefix { $0 != ":" })
        self.sender = sender
        self.user = user
        self.password = password
        self.needsTLS = needsTLS
        self.authorities = authorities
    }

    private static let isReady = sluice_mail_begin() == 0
    /// Sending blocks; a thread of its own may.
    private static let queue = DispatchQueue(label: "sluice.mail", attributes: .concurrent)

    package func send(_ text: String, to receiver: String) async -> NoticeAnswer {
        await withCheckedContinuation { continuation in
            MailServer.queue.async { continuation.resume(returning: sendBlocking(text, to: receiver)) }
        }
    }

    private func sendBlocking(_ text: String, to receiver: String) -> NoticeAnswer {
        guard MailServer.isReady else { return NoticeAnswer(.later(nil), "The mail server was not reached.") }
        var reply = 0
        let code = withMail(text, to: receiver) { mail in
            withUnsafePointer(to: mail) { sluice_mail_send($0, &reply) }
        }
        if code == CURLE_OK.rawValue { return NoticeAnswer(.arrived, "Accepted by the mail server.") }
        // 5xx is for good, but only of this mail or mailbox: what is wrong with the way can be mended.
        let isRefused = code == CURLE_SEND_ERROR.rawValue || code == CURLE_WEIRD_SERVER_REPLY.rawValue
        if isRefused, (550...554).contains(reply) { return NoticeAnswer(.never, "The mailbox was refused (\(reply)).") }
        return NoticeAnswer(.later(nil), MailServer.sentence(UInt32(code), reply))
    }

    private func withMail<Value>(_ text: String, to receiver: String, _ body: (sluice_mail) -> Value) -> Value {
        func optional<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
            guard let text else { return body(nil) }
            return text.withCString { body($0) }
        }
        let milliseconds = Int(DeliveryPlan.timeout.inSeconds * 1000)
        return url.withCString { url in
            optional(user) { user in
                optional(password?.reveal()) { password in
                    optional(authorities) { authorities in
                        "<\(sender)>".withCString { sender in
                            "<\(receiver)>".withCString { receiver in
                                text.withCString { bytes in
                                    body(
                                        sluice_mail(
                                            url: url, user: user, password: password, authorities: authorities,
                                            sender: sender, receiver: receiver, text: bytes, length: text.utf8.count,
                                            needs_tls: needsTLS ? 1 : 0, timeout_ms: milliseconds))
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    private static func sentence(_ code: UInt32, _ reply: Int) -> String {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST.rawValue: "The name of the mail server is unknown."
        case CURLE_COULDNT_CONNECT.rawValue: "The mail server was not reached."
        case CURLE_OPERATION_TIMEDOUT.rawValue: "The mail server did not answer in time."
        case CURLE_LOGIN_DENIED.rawValue: "The mail server refused user or password."
        case CURLE_USE_SSL_FAILED.rawValue: "The mail server offers no encryption."
        case CURLE_SSL_CONNECT_ERROR.rawValue, CURLE_PEER_FAILED_VERIFICATION.rawValue,
            CURLE_SSL_CACERT_BADFILE.rawValue:
            "The certificate of the mail server was refused."
        default: reply > 0 ? "The mail server answered \(reply)." : "The mail server broke off."
        }
    }
}

package enum MailServerError: Error, Sendable, CustomStringConvertible {
    case address, sender, login

    package var description: String {
        switch self {
        case .address: "SLUICE_SMTP_URL takes smtp://HOST:PORT or smtps://HOST:PORT, without user or path."
        case .sender: "SLUICE_SMTP_FROM takes the mailbox that sends: sluice@example.com."
        case .login: "SLUICE_SMTP_USER and SLUICE_SMTP_PASSWORD are set together or not at all."
        }
    }
}
