import SyncCore
import SyncEngine
import Wording

/// `settings-notifications.mustache`.
struct TargetsPage: Sendable {
    var headline: String
    var summary: String
    var mayChange: Bool
    var tabs: [SettingsTabs.Tab]
    var addHrefs: AddHrefs
    var created: Created?
    var targets: [Target]
    var hasTargets: Bool
    var deliveries: [DeliveryRow]
    var hasDeliveries: Bool
    var form: TargetForm?

    struct AddHrefs: Sendable {
        var mail = NoticeRoutes.path + "?add=mail"
        var slack = NoticeRoutes.path + "?add=slack"
        var webhook = NoticeRoutes.path + "?add=webhook"
    }

    /// A secret that is shown this once.
    struct Created: Sendable {
        var name: String
        var secret: String
    }

    struct Target: Sendable {
        var icon: String
        var kind: String
        var name: String
        var address: String
        var events: String
        var state: RunWords.Mark
        var isOn: Bool
        var mayChange: Bool
        var editHref: String
        var testAction: String
        var toggleAction: String
        var deleteHref: String
    }

    struct DeliveryRow: Sendable {
        var time: String
        var event: String
        var target: String
        var state: RunWords.Mark
        var tries: String
        var took: String
        var canResend: Bool
        var mayChange: Bool
        var resendAction: String
    }
}

/// The form of one target.
struct TargetForm: Sendable {
    var title: String
    var action: String
    var cancelHref = NoticeRoutes.path
    var kind: String
    var isMail: Bool
    var isSlack: Bool
    var isWebhook: Bool
    var name: SettingField
    var address: Address
    var mailServer: String?
    var secret: Secret
    var events: [TokensPage.Choice]
    var eventsError: EntryPage.Text?
    var languages: [TokensPage.Choice]
    var test: Test?

    struct Address: Sendable {
        var value: String
        /// What is stored, as it may be shown.
        var shown: String
        var error: EntryPage.Text?
    }

    struct Secret: Sendable {
        var isStored: Bool
        var error: EntryPage.Text?
    }

    /// What became of a test message.
    struct Test: Sendable {
        var icon: String
        var tone: String
        var lead: String
        var rest: String
    }
}

/// Targets and messages in the words of a visitor.
struct TargetsView: Sendable {
    var told: RunWords
    var targets: [NoticeTarget]
    var last: [NoticeTargetID: NoticeDelivery]
    var deliveries: [NoticeDelivery]
    var notices: [NoticeID: Notice]
    var mayChange: Bool
    /// Names of platforms.
    var names: [PlatformID: String]

    private var words: Words { told.words }

    func page() -> TargetsPage {
        TargetsPage(
            headline: headline, summary: summary, mayChange: mayChange,
            tabs: SettingsTabs.all("/notifications", words), addHrefs: TargetsPage.AddHrefs(),
            targets: targets.map(row), hasTargets: !targets.isEmpty, deliveries: deliveries.map(row),
            hasDeliveries: !deliveries.isEmpty)
    }

    private var silent: [NoticeTarget] {
        targets.filter { target in
            target.offReason != nil || (target.isOn && last[target.id].map { $0.state != .completed } ?? false)
        }
    }

    private var headline: String {
        if targets.isEmpty { return words.pick("Nobody is told yet", "Chưa ai được báo") }
        let silent = silent.count
        if silent > 0 {
            return words.pick(
                "\(silent) of \(targets.count) targets \(silent == 1 ? "does" : "do") not answer",
                "\(silent) trên \(targets.count) nơi nhận không trả lời")
        }
        let on = targets.count(where: \.isOn)
        return words.pick(
            on == 1 ? "1 target is told" : "\(on) targets are told", "\(on) nơi nhận được báo")
    }

    private var summary: String {
        if targets.isEmpty {
            return words.pick(
                "Name a mailbox, a Slack channel or an address, and Sluice says when a person is needed.",
                "Thêm hộp thư, kênh Slack hoặc địa chỉ, Sluice sẽ báo khi cần người xử lý.")
        }
        if let first = silent.first {
            if first.offReason != nil {
                return words.pick(
                    "\(first.name) wants no more messages and was turned off.",
                    "\(first.name) không nhận tin nữa và đã được tắt.")
            }
            return words.pick(
                "\(first.name) did not take the last message; it is kept, and waiting ones are tried again.",
                "\(first.name) chưa nhận tin cuối; tin được giữ lại và gửi lại.")
        }
        return words.pick(
            "One message for each cause, when it begins.", "Mỗi nguyên nhân một tin, khi bắt đầu.")
    }

    // MARK: Rows

    private func row(_ target: NoticeTarget) -> TargetsPage.Target {
        let base = "\(NoticeRoutes.path)/\(target.id)"
        return TargetsPage.Target(
            icon: icon(target.kind), kind: words.targetKind(target.kind), name: target.name, address: target.address,
            events: events(target.topics), state: state(target), isOn: target.isOn, mayChange: mayChange,
            editHref: "\(NoticeRoutes.path)?edit=\(target.id)", testAction: base + "/test",
            toggleAction: base + "/toggle", deleteHref: base + "/delete")
    }

    private func icon(_ kind: NoticeTarget.Kind) -> String {
        switch kind {
        case .mail: "mail"
        case .slack: "out"
        case .webhook: "link"
        }
    }

    private func events(_ topics: [NoticeTopic]) -> String {
        if Set(topics) == Set(NoticeTopic.allCases) { return words.pick("everything", "mọi việc") }
        return NoticeTopic.allCases.filter(topics.contains).map { words.topic($0).short }.joined(separator: ", ")
    }

    private func state(_ target: NoticeTarget) -> RunWords.Mark {
        if let reason = target.offReason {
            return RunWords.Mark(icon: "warn", tone: "bad", text: words.pick("off: ", "đã tắt: ") + words.said(reason))
        }
        guard target.isOn else {
            return RunWords.Mark(icon: "pause", tone: "", text: words.pick("off", "đang tắt"))
        }
        guard let delivery = last[target.id] else {
            return RunWords.Mark(icon: "clock", tone: "", text: words.pick("none yet", "chưa có"))
        }
        let at = told.near(delivery.triedAt ?? delivery.createdAt)
        if delivery.state == .completed {
            return RunWords.Mark(icon: "done", tone: "ok", text: words.pick("delivered \(at)", "đã gửi \(at)"))
        }
        return RunWords.Mark(icon: "warn", tone: "bad", text: words.pick("not taken \(at)", "không nhận \(at)"))
    }

    private func row(_ delivery: NoticeDelivery) -> TargetsPage.DeliveryRow {
        TargetsPage.DeliveryRow(
            time: told.near(delivery.createdAt, seconds: true), event: title(delivery),
            target: targets.first { $0.id == delivery.target }?.name ?? "", state: words.state(delivery, told),
            tries: words.number(delivery.attempts), took: delivery.took.map(words.length) ?? "–",
            canResend: delivery.state != .pending, mayChange: mayChange,
            resendAction: "\(NoticeRoutes.path)/deliveries/\(delivery.id)/resend")
    }

    private func title(_ delivery: NoticeDelivery) -> String {
        guard let id = delivery.notice else { return words.pick("Test message", "Tin thử") }
        guard let notice = notices[id] else { return words.pick("An older notice", "Thông báo cũ") }
        let platform = notice.facts.platform.map { names[PlatformID($0)] ?? $0 } ?? ""
        return words.notice(notice, platform: platform, told: { told.near($0) }).title
    }
}

extension Words {
    func targetKind(_ kind: NoticeTarget.Kind) -> String {
        switch kind {
        case .mail: "E-mail"
        case .slack: "Slack"
        case .webhook: "Webhook"
        }
    }

    func topic(_ topic: NoticeTopic) -> (label: String, note: String, short: String) {
        switch topic {
        case .credential:
            (
                pick("A person has to connect again", "Cần người kết nối lại"),
                pick("access rejected, or ending within 7 days", "bị từ chối, hoặc hết hạn trong 7 ngày"),
                pick("connect again", "kết nối lại")
            )
        case .failed:
            (
                pick("Chunks failed", "Có phần bị lỗi"), pick("after their last try", "sau lần thử cuối"),
                pick("failed", "bị lỗi")
            )
        case .schedule:
            (
                pick("A schedule is late, or a run does not end", "Lịch bị trễ, hoặc lượt chạy mãi chưa xong"), "",
                pick("late", "bị trễ")
            )
        case .history:
            (pick("History is complete", "Lịch sử đã đủ"), "", pick("history", "lịch sử"))
        }
    }

    func state(_ delivery: NoticeDelivery, _ told: RunWords) -> RunWords.Mark {
        let answer = said(delivery.answer)
        switch delivery.state {
        case .completed: return RunWords.Mark(icon: "done", tone: "ok", text: answer)
        case .failed:
            return RunWords.Mark(
                icon: "bad", tone: "bad",
                text: answer.isEmpty ? pick("not sent", "không gửi") : pick("gave up: ", "đã bỏ: ") + answer)
        case .pending:
            guard delivery.attempts > 0, let next = delivery.nextAt else {
                return RunWords.Mark(icon: "clock", tone: "", text: pick("on its way", "đang gửi"))
            }
            let at = told.near(next)
            return RunWords.Mark(
                icon: "clock", tone: "warn",
                text: (answer.isEmpty ? "" : answer + " · ") + pick("next try \(at)", "thử lại \(at)"))
        }
    }
}
