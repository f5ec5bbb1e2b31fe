package import ConnectorKit
import FoundationEssentials
import HTTPTypes
package import SyncCore
package import SyncEngine
import Wording

/// Sends messages by mail, into a channel, to a program.
package struct ChannelSender: NoticeSender {
    /// One call to an address that a person gave. Refuses to connect where such addresses may not lead.
    package typealias Call = @Sendable (_ origin: String, WireRequest) async throws -> WireResponse

    private let mail: MailServer?
    /// Where people reach the page; nil when nobody knows.
    private let publicURL: @Sendable () async -> String?
    private let names: [PlatformID: String]
    private let call: Call

    package init(
        mail: MailServer?, names: [PlatformID: String], publicURL: @escaping @Sendable () async -> String?,
        call: @escaping Call
    ) {
        self.mail = mail
        self.names = names
        self.publicURL = publicURL
        self.call = call
    }

    package func send(
        _ claimed: ClaimedDelivery, _ secrets: TargetSecrets, at now: Instant
    ) async throws -> NoticeAnswer {
        let words = Words(language: claimed.target.language == "vi" ? .vietnamese : .english)
        let platform = claimed.notice?.facts.platform.map { names[PlatformID($0)] ?? $0 }
        let text = words.notice(claimed.notice, platform: platform ?? "")
        let link = await publicURL().map { $0 + NoticeText.path(of: claimed.notice) }
        switch claimed.target.kind {
        case .mail: return await mail(claimed, text, link: link, to: secrets.address.reveal(), words, now)
        case .slack:
            return try await post(
                SlackBody(claimed, text, link: link, words), to: secrets.address, headers: { _ in [:] })
        case .webhook:
            return try await post(
                WebhookBody(claimed, text, link: link), to: secrets.address,
                headers: { ChannelSender.signed($0, as: claimed.delivery.message, with: secrets, at: now) })
        }
    }

    // MARK: Mail

    private func mail(
        _ claimed: ClaimedDelivery, _ text: NoticeText, link: String?, to receiver: String, _ words: Words,
        _ now: Instant
    ) async -> NoticeAnswer {
        guard let mail else { return NoticeAnswer(.later(nil), "No mail server is set.") }
        var parts = [text.title, [text.message, text.advice].filter { !$0.isEmpty }.joined(separator: " ")]
        parts.append(link ?? "")
        parts.append("--\nSluice, \(claimed.workspaceName)")
        let message = MailMessage(
            sender: mail.sender, receiver: receiver, subject: text.title,
            text: parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n", id: claimed.delivery.message, at: now)
        return await mail.send(message.wire, to: receiver)
    }

    // MARK: Hooks

    /// The headers of Standard Webhooks. The moment is that of the try: a receiver refuses what is old.
    static func signed(_ body: [UInt8], as id: String, with secrets: TargetSecrets, at now: Instant) -> HTTPFields {
        let signatures = secrets.signing(at: now).map { $0.signature(of: id, at: now.seconds, body: body) }
        return [
            HTTPField.Name.webhookID: id, HTTPField.Name.webhookTimestamp: String(now.seconds),
            HTTPField.Name.webhookSignature: signatures.joined(separator: " "),
        ]
    }

    private func post(
        _ body: some Encodable & Sendable, to address: Secret<String>, headers: ([UInt8]) -> HTTPFields
    ) async throws -> NoticeAnswer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let hook = try? HookAddress(address.reveal()), let bytes = (try? encoder.encode(body)).map(Array.init)
        else { return NoticeAnswer(.never, "The address cannot be read.") }
        var request = WireRequest(.post, hook.target, body: bytes, timeout: DeliveryPlan.timeout)
        request.headers = headers(bytes)
        request.headers[.contentType] = "application/json"
        do {
            return ChannelSender.meaning(of: try await call(hook.origin, request))
        } catch let error as TransportError {
            return NoticeAnswer(.later(nil), ChannelSender.sentence(error))
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return NoticeAnswer(.never, "The address cannot be read.")
        }
    }

    static func meaning(of response: WireResponse) -> NoticeAnswer {
        let text = "HTTP \(response.status)"
        switch response.status {
        case 200..<300: return NoticeAnswer(.arrived, text)
        case 410: return NoticeAnswer(.gone, text)
        case 300..<400: return NoticeAnswer(.later(nil), "\(text), a redirect is not followed")
        default: return NoticeAnswer(.later(wish(response)), text)
        }
    }

    private static func wish(_ response: WireResponse) -> Duration? {
        response["Retry-After"].flatMap { Int64($0) }.map { .seconds(max(0, $0)) }
    }

    private static func sentence(_ error: TransportError) -> String {
        switch error {
        case .connectionRefused: "The connection was refused."
        case .connectionReset: "The connection broke."
        case .timedOut: "No answer in time."
        case .tooLarge: "The answer is too large."
        case .unreachable: "The address was not reached."
        case .forbidden: "The address leads into a private network."
        }
    }
}

extension HTTPField.Name {
    static let webhookID = named("webhook-id")
    static let webhookTimestamp = named("webhook-timestamp")
    static let webhookSignature = named("webhook-signature")

    private static func named(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("not a name: \(text)") }
        return name
    }
}
