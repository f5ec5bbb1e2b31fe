import ConnectorKit
import SyncCore
import SyncEngine
import Wording

/// Reads and checks what was typed of a target.
struct TargetDesk: Sendable {
    let site: Site
    let words: Words
    /// The one that is changed; nil for a new one.
    var target: NoticeTarget?
    /// What it holds.
    var secrets: TargetSecrets?

    struct Read: Sendable {
        var draft: TargetBook.Draft
        /// By the names of fields; sentences in the language of the visitor.
        var errors: [String: String] = [:]
    }

    /// Nil for a kind that is unknown.
    func kind(_ form: Form) -> NoticeTarget.Kind? {
        target?.kind ?? form["kind"].flatMap { NoticeTarget.Kind(rawValue: $0) }
    }

    func read(_ form: Form, _ kind: NoticeTarget.Kind) async -> Read {
        let address = form["address"] ?? secrets?.address.reveal() ?? ""
        let chosen = Set(form.list("event") + form.list("events"))
        let topics = NoticeTopic.allCases.filter { chosen.contains($0.rawValue) }
        let hook = try? HookAddress(address)
        let name = form["name"] ?? target?.name ?? (kind == .mail ? address : hook?.host ?? "")
        let language = form["language"] ?? target?.language ?? (words.language == .vietnamese ? "vi" : "en")
        var read = Read(
            draft: TargetBook.Draft(
                kind: kind, name: name, address: address,
                topics: chosen.isEmpty ? target?.topics ?? [] : topics, language: language))
        if read.draft.topics.isEmpty || topics.count != chosen.count {
            read.errors["event"] = words.pick(
                "Choose one or more: credential, failed, schedule, history.",
                "Chọn một hoặc nhiều: credential, failed, schedule, history.")
        }
        if !["en", "vi"].contains(language) { read.errors["language"] = words.pick("en or vi.", "en hoặc vi.") }
        read.errors["address"] = await objection(to: address, kind)
        if read.errors["address"] == nil { read.errors["name"] = GivenName.objection(to: name).map(words.said) }
        if kind == .webhook, let text = form["secret"] {
            read.draft.secret = WebhookSecret(text)
            if read.draft.secret == nil {
                read.errors["secret"] = words.pick(
                    "A secret begins with whsec_ and holds 24 to 64 bytes in base64.",
                    "Khoá bắt đầu bằng whsec_ và chứa 24 đến 64 byte dạng base64.")
            }
        }
        return read
    }

    private func objection(to address: String, _ kind: NoticeTarget.Kind) async -> String? {
        guard kind != .mail else {
            guard MailAddress.isOne(address) else {
                return words.pick("A mailbox, like linh@example.com.", "Một hộp thư, như linh@example.com.")
            }
            guard site.options.mailServer != nil else {
                return words.pick(
                    "No mail server is set. Whoever runs Sluice names one: SLUICE_SMTP_URL and SLUICE_SMTP_FROM.",
                    "Chưa có máy chủ thư. Người vận hành Sluice đặt SLUICE_SMTP_URL và SLUICE_SMTP_FROM.")
            }
            return nil
        }
        do {
            try await site.options.checkHook(try HookAddress(address))
            return nil
        } catch let error as BaseURLError {
            return words.pick(
                "An address like https://hooks.example.com/sluice is needed.",
                "Cần một địa chỉ như https://hooks.example.com/sluice.")
                + (address.isEmpty ? "" : " " + words.said(error.description))
        } catch TransportError.forbidden(let host) {
            return words.pick(
                "\(host) is no public address with https. Use one, or let whoever runs Sluice allow private ones.",
                "\(host) không phải địa chỉ công khai dùng https. Hãy đổi, hoặc nhờ người vận hành cho phép."
            )
        } catch {
            return words.pick("The host of this address is unknown.", "Không tìm thấy máy chủ của địa chỉ này.")
        }
    }

    // MARK: The form

    func form(_ kind: NoticeTarget.Kind, _ given: Form, _ errors: [String: String]) -> TargetForm {
        let isTyped = !given.values.isEmpty
        let chosen = Set(given.list("event") + given.list("events"))
        let topics =
            isTyped
            ? NoticeTopic.allCases.filter { chosen.contains($0.rawValue) }
            : target?.topics ?? [.credential, .failed, .schedule]
        let language = given["language"] ?? target?.language ?? (words.language == .vietnamese ? "vi" : "en")
        func error(_ name: String) -> EntryPage.Text? { errors[name].map { EntryPage.Text(text: $0) } }
        let stored = kind == .mail ? secrets?.address.reveal() ?? "" : ""
        return TargetForm(
            title: target.map { "\(words.targetKind(kind)), \($0.name)" }
                ?? words.pick("New target: ", "Nơi nhận mới: ") + words.targetKind(kind),
            action: target.map { "\(NoticeRoutes.path)/\($0.id)" } ?? NoticeRoutes.path, kind: kind.rawValue,
            isMail: kind == .mail, isSlack: kind == .slack, isWebhook: kind == .webhook,
            name: SettingField(value: given["name"] ?? target?.name ?? "", error: error("name")),
            address: TargetForm.Address(
                value: given["address"] ?? stored, shown: target?.address ?? "", error: error("address")),
            mailServer: kind == .mail ? mailServer : nil,
            secret: TargetForm.Secret(isStored: secrets?.secret != nil, error: error("secret")),
            events: NoticeTopic.allCases.map { topic in
                let text = words.topic(topic)
                return TokensPage.Choice(
                    value: topic.rawValue, label: text.label, note: text.note, isChosen: topics.contains(topic))
            }, eventsError: error("event"),
            languages: [("vi", "Tiếng Việt"), ("en", "English")].map {
                TokensPage.Choice(value: $0.0, label: $0.1, isChosen: $0.0 == language)
            })
    }

    private var mailServer: String? {
        site.options.mailServer.map {
            words.pick("Sent through \($0.host) as \($0.sender).", "Gửi qua \($0.host) với tên \($0.sender).")
        }
    }
}
