import ConnectorKit
import SyncCore
import SyncEngine
import Wording

/// `reconnect.mustache`: `part-reconnect` as a page. The page of an account shows the same form over itself.
struct ReconnectPage: Sendable {
    var headline: String
    var reconnectForm: ReconnectForm
}

struct ReconnectForm: Sendable {
    var headline: String
    var summary: String
    var action: String
    var cancelHref: String
    var signIn: SignIn?
    var fields: [CredentialInput]
    var note: String

    struct SignIn: Sendable {
        var action: String
        var label: String
        var or: String
    }
}

extension ConnectDesk {
    /// A credential that works and does not reach what is connected with the one before.
    struct Loses: Error {
        var accounts: [Account]

        func text(_ words: Words) -> String {
            let names = accounts.prefix(3).map { "\($0.name) (\($0.externalID))" }.joined(separator: ", ")
            let more =
                accounts.count > 3
                ? words.pick(" and \(accounts.count - 3) more", " và \(accounts.count - 3) tài khoản nữa") : ""
            return words.pick(
                "This works, but does not reach \(names)\(more). Give it access to them, or take another.",
                "Mã này dùng được nhưng không thấy \(names)\(more). Hãy gán quyền cho nó, hoặc dùng mã khác.")
        }
    }

    /// Puts a checked credential in the place of a stored one; parked jobs go on. Throws `Loses`, and stores nothing
    /// then.
    func reconnect(
        _ connection: Connection, with checked: ConnectionBook.Checked, _ type: any Connector.Type, _ visitor: Visitor
    ) async throws {
        let all = try await book.siblings(of: connection)
        let lost = try await book.lost(checked, all)
        guard lost.isEmpty else { throw Loses(accounts: lost) }
        try await book.replace(all, with: checked)
        try await site.record(visitor, "Reconnected", connection.name, "\(connection.platform)")
    }

    /// Where the work of a connection is shown.
    func home(of connection: Connection) async throws -> String {
        try await book.accounts(of: connection.id).first.map { "/accounts/\($0.id)" } ?? "/accounts"
    }

    func account(_ id: Int64?, _ visitor: Visitor) async throws -> Account {
        guard let id, let found = try await site.store.account(AccountID(id)),
            found.workspace == visitor.workspace.id
        else { throw WebError.notFound }
        return found
    }

    /// Of a connection that is for one account alone, that.
    func onlyAccount(of connection: Connection, _ type: any Connector.Type) async throws -> String? {
        guard type.name(of: Credential([:]), account: "1") != type.name(of: Credential([:]), account: nil) else {
            return nil
        }
        return try await book.accounts(of: connection.id).first?.externalID
    }

    /// Whether another credential comes by a consent alone.
    func isOpenedByConsent(_ connection: Connection, _ type: any Connector.Type) throws -> Bool {
        guard type.missing(from: Credential([:])) != nil else { return false }
        return !connection.isRemoved
    }

    /// What of a stored credential is no secret: shown in the form, and kept where nothing else is typed.
    func readable(_ connection: Connection, _ type: any Connector.Type) -> Credential {
        guard let stored = try? book.access(of: connection).credential.given(by: type.platform) else {
            return Credential([:])
        }
        let open = type.platform.credentialFields.filter { !PlatformTexts.isSecret($0) }.map(\.name)
        return Credential(stored.values.filter { open.contains($0.key) })
    }

    /// The form of a connection; the page of a parked account shows it over itself.
    func reconnectForm(
        _ connection: Connection, _ type: any Connector.Type, _ context: WebContext, typed: Form = Form(),
        errors: [String: String] = [:]
    ) async throws -> ReconnectForm {
        let words = context.words
        let texts = PlatformTexts(platform: type.platform, words: words)
        let stored = try? book.access(of: connection).credential.given(by: type.platform)
        let ids = Set(try await book.siblings(of: connection).map(\.id))
        let accounts = try await site.store.accounts().filter { ids.contains($0.connection) }
        let names = accounts.prefix(3).map(\.name).joined(separator: ", ") + (accounts.count > 3 ? ", …" : "")
        let name = type.platform.name
        return ReconnectForm(
            headline: words.pick("Reconnect \(name)", "Kết nối lại \(name)"),
            summary: accounts.isEmpty
                ? connection.shownName(type.platform)
                : words.pick(
                    "For \(words.count(accounts.count, "account", "")): \(names).",
                    "Dùng cho \(words.number(accounts.count)) tài khoản: \(names)."),
            action: "/connections/\(connection.id)/reconnect",
            cancelHref: try await home(of: connection),
            signIn: login(of: type) == nil
                ? nil
                : ReconnectForm.SignIn(
                    action: "/connections/\(connection.id)/consent",
                    label: words.pick("Sign in with \(name)", "Đăng nhập bằng \(name)"),
                    or: words.pick("or paste a new token", "hoặc dán mã mới")),
            fields: PlatformTexts.typed(type.platform).map { field in
                let isSecret = PlatformTexts.isSecret(field)
                let known = stored?[field.name]
                return CredentialInput(
                    name: field.name, label: texts.label(field),
                    hint: isSecret
                        ? words.pick(
                            "Kept encrypted in your own database. Never shown again.",
                            "Được mã hoá trong cơ sở dữ liệu của bạn. Không bao giờ hiện lại.")
                        : words.said(field.summary),
                    isSecret: isSecret, isRequired: field.isRequired,
                    value: isSecret ? "" : typed[field.name] ?? known ?? "",
                    masked: isSecret ? (typed[field.name] ?? known).map(CredentialInput.mask) : nil,
                    error: errors[field.name].map { EntryPage.Text(text: $0) })
            },
            note: errors["address"] ?? words.pick("Checked before it is stored", "Kiểm tra xong mới lưu"))
    }

    /// What removing a connection takes away, and what not.
    func confirmation(of connection: Connection, _ context: WebContext) async throws -> ConfirmPage {
        let words = context.words
        let type = try site.environment.connectors.type(of: connection.platform)
        let accounts = try await book.accounts(of: connection.id)
        var open = 0
        for account in accounts {
            open += try await site.store.logCount(
                LogFilter(
                    workspace: connection.workspace, account: account.id, states: [.pending, .inProgress, .waiting]),
                upTo: 1_000)
        }
        let schedules = try await site.store.schedules().count { schedule in
            schedule.definition.isActive && accounts.contains(where: schedule.definition.covers)
        }
        let name = connection.shownName(type.platform)
        return ConfirmPage(
            headline: words.pick("Remove the connection “\(name)”?", "Gỡ kết nối “\(name)”?"),
            text: words.pick(
                (accounts.count == 1 ? "1 account loses it." : "\(words.number(accounts.count)) accounts lose it.")
                    + " All rows stay in your database.",
                "\(words.number(accounts.count)) tài khoản mất kết nối. Mọi dòng vẫn ở trong cơ sở dữ liệu của bạn."),
            button: words.pick("Remove connection", "Gỡ kết nối"),
            action: "/connections/\(connection.id)/delete", keepHref: try await home(of: connection),
            hasPoints: true,
            points: [
                ConfirmPage.Point(
                    icon: "check", tone: "ok",
                    text: words.pick(
                        "All rows, coverage and certificates stay and can be read.",
                        "Mọi dòng, độ phủ và đối soát vẫn còn và vẫn xem được.")),
                ConfirmPage.Point(
                    icon: "clock", tone: "warn",
                    text: words.pick(
                        (open == 1 ? "1 open job stops now;" : "\(words.number(open)) open jobs stop now;")
                            + (schedules == 1 ? " 1 schedule skips" : " \(words.number(schedules)) schedules skip")
                            + " these accounts.",
                        "\(words.number(open)) lượt chạy dừng ngay; \(words.number(schedules)) lịch bỏ qua các tài "
                            + "khoản này.")),
                ConfirmPage.Point(
                    icon: "key", tone: "bad",
                    text: words.pick(
                        "The stored credential is wiped. Connecting again takes a new one.",
                        "Mã đã lưu bị xoá. Kết nối lại cần mã mới.")),
            ])
    }
}
