import ConnectorKit
import FoundationEssentials
import SyncCore
import Wording

/// What goes to a program (Standard Webhooks: a type, a moment, and a small object).
struct WebhookBody: Encodable, Sendable {
    var type: String
    var timestamp: String
    var data: Body

    struct Body: Encodable, Sendable {
        var notice_id: Int64?
        var workspace: String
        var title: String
        var message: String
        var advice: String
        var link: String?
        var platform: String?
        var accounts: [String]
        var account_count: Int
        var chunks: Int?
        var code: String?
        /// When a credential ends, since when a schedule is late, when history was there.
        var at: String?
    }

    init(_ claimed: ClaimedDelivery, _ text: NoticeText, link: String?) {
        let facts = claimed.notice?.facts
        type = claimed.notice.map { "notice.\($0.kind.rawValue)" } ?? "notice.test"
        timestamp = (claimed.notice?.openedAt ?? claimed.delivery.createdAt).description
        data = Body(
            notice_id: claimed.notice?.id.value, workspace: claimed.workspaceName, title: text.title,
            message: text.message, advice: text.advice, link: link, platform: facts?.platform,
            accounts: facts?.accounts ?? [], account_count: facts?.accountCount ?? 0, chunks: facts?.chunks,
            code: facts.flatMap { $0.code.isEmpty ? nil : $0.code }, at: facts?.at?.description)
    }
}

/// What goes into a channel: Slack's form, which others take as well.
struct SlackBody: Encodable, Sendable {
    var text: String

    init(_ claimed: ClaimedDelivery, _ text: NoticeText, link: String?, _ words: Words) {
        var lines = ["*\(SlackBody.escaped(text.title))*"]
        let rest = [text.message, text.advice].filter { !$0.isEmpty }.joined(separator: " ")
        if !rest.isEmpty { lines.append(SlackBody.escaped(rest)) }
        let place = "Sluice, \(claimed.workspaceName)"
        lines.append(
            link.map { "<\($0)|\(words.pick("Open", "Mở"))> · \(SlackBody.escaped(place))" }
                ?? SlackBody.escaped(place))
        self.text = lines.joined(separator: "\n")
    }

    /// The three letters that mean something there.
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
