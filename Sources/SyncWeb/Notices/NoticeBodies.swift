import SyncCore
import Wording

struct TargetsBody: Encodable, Sendable {
    var success = true
    var targets: [TargetBody]
    var deliveries: [DeliveryBody]
}

struct TargetBody: Encodable, Sendable {
    /// Where it is the whole answer.
    var success: Bool?
    var id: Int64
    var kind: String
    var name: String
    /// As it may be shown.
    var address: String
    var events: [String]
    var language: String
    var is_on: Bool
    var off_reason: String?
    /// Shown once, when it is made.
    var secret: String?

    /// The whole answer.
    static func alone(_ target: NoticeTarget, secret: String? = nil) -> TargetBody {
        var body = TargetBody(target, secret: secret)
        body.success = true
        return body
    }

    init(_ target: NoticeTarget, secret: String? = nil) {
        id = target.id.value
        kind = target.kind.rawValue
        name = target.name
        address = target.address
        events = target.topics.map(\.rawValue)
        language = target.language
        is_on = target.isOn
        off_reason = target.offReason
        self.secret = secret
    }
}

struct DeliveryBody: Encodable, Sendable {
    /// Where it is the whole answer.
    var success: Bool?
    var id: Int64
    var target_id: Int64
    var notice_id: Int64?
    var message_id: String
    var status: String
    var attempts: Int
    var next_at: String?
    var answer: String?
    var took_seconds: Double?
    var created_at: String
    var tried_at: String?

    /// The whole answer.
    static func alone(_ delivery: NoticeDelivery) -> DeliveryBody {
        var body = DeliveryBody(delivery)
        body.success = true
        return body
    }

    init(_ delivery: NoticeDelivery) {
        id = delivery.id.value
        target_id = delivery.target.value
        notice_id = delivery.notice?.value
        message_id = delivery.message
        status = delivery.state.rawValue
        attempts = delivery.attempts
        next_at = delivery.nextAt?.description
        answer = delivery.answer.isEmpty ? nil : delivery.answer
        took_seconds = delivery.took?.inSeconds
        created_at = delivery.createdAt.description
        tried_at = delivery.triedAt?.description
    }
}

struct NoticesBody: Encodable, Sendable {
    var success = true
    var unread: Int
    var notices: [Body]

    struct Body: Encodable, Sendable {
        var id: Int64
        var kind: String
        var event: String
        var title: String
        var message: String
        var advice: String
        /// Where on the page one does it.
        var path: String
        var accounts: [String]
        var account_count: Int
        var chunks: Int?
        var code: String?
        var is_open: Bool
        var is_new: Bool
        var opened_at: String
        var closed_at: String?

        init(_ notice: Notice, _ text: NoticeText, isNew: Bool) {
            id = notice.id.value
            kind = notice.kind.rawValue
            event = notice.kind.topic.rawValue
            title = text.title
            message = text.message
            advice = text.advice
            path = NoticeText.path(of: notice)
            accounts = notice.facts.accounts
            account_count = notice.facts.accountCount
            chunks = notice.facts.chunks
            code = notice.facts.code.isEmpty ? nil : notice.facts.code
            is_open = notice.closedAt == nil
            is_new = isNew
            opened_at = notice.openedAt.description
            closed_at = notice.closedAt?.description
        }
    }
}
