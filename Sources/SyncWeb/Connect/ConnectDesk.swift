import ConnectorKit
import FoundationEssentials
import Hummingbird
import SyncCore
import SyncEngine
import Wording

/// What the routes for connecting share: who asks, for which platform, what was typed.
struct ConnectDesk: Sendable {
    let site: Site
    var book: ConnectionBook { ConnectionBook(site.environment) }
    var drafts: DraftBook { DraftBook(site.store, site.environment) }

    // MARK: What an address names

    func type(_ context: WebContext) throws -> any Connector.Type {
        let name = context.parameters.get("platform") ?? ""
        guard let type = site.environment.connectors.first(where: { $0.platform.id.rawValue == name }) else {
            throw WebError.notFound
        }
        return type
    }

    func texts(_ type: any Connector.Type, _ context: WebContext) -> PlatformTexts {
        PlatformTexts(platform: type.platform, words: context.words)
    }

    /// A connection of the visitor's workspace.
    func connection(_ id: Int64?, _ visitor: Visitor) async throws -> Connection {
        guard let id, let found = try await site.store.connection(ConnectionID(id)),
            found.workspace == visitor.workspace.id
        else { throw WebError.notFound }
        return found
    }

    func connection(_ context: WebContext, _ visitor: Visitor) async throws -> Connection {
        try await connection(context.parameters.get("id").flatMap { Int64($0) }, visitor)
    }

    /// Where people reach this server.
    func origin(_ request: Request) -> String {
        site.options.publicURL ?? "http://\(request.head.authority ?? "localhost")"
    }

    func callback(_ platform: PlatformID, _ request: Request) -> String {
        "\(origin(request))/connect/\(platform)/callback"
    }

    // MARK: Addresses of platforms

    /// Whether people give the address: where each customer has another, or where the operator lets them.
    func asksAddress(_ platform: Platform) -> Bool {
        platform.addressVariable != nil || site.options.allowsAddresses
    }

    /// That of the platform itself, or of what the operator has put in its place; nil where each customer has another.
    func address(of platform: Platform) -> String? {
        site.options.addresses[platform.id] ?? (platform.addressVariable == nil ? platform.baseURL : nil)
    }

    // MARK: What was typed

    /// A form as far as it can be understood. `errors` are by the fields' names.
    struct Typed: Sendable {
        var credential: Credential
        var address: String
        var isGuarded = false
        /// Something is new against the draft.
        var isNew: Bool
        var errors: [String: String] = [:]
    }

    func typed(
        _ form: Form, _ type: any Connector.Type, over draft: DraftBook.Content?, _ words: Words
    ) -> Typed {
        let platform = type.platform
        let known = draft?.access.credential.given(by: platform)
        var typed = Typed(
            credential: known ?? Credential([:]), address: draft?.access.baseURL ?? "",
            isGuarded: draft?.access.isGuarded ?? false, isNew: draft == nil)
        for field in platform.credentialFields {
            do {
                guard let value = try Credential.cleaned(form.raw(field.name)) else { continue }
                if typed.credential[field.name] != value { typed.isNew = true }
                typed.credential[field.name] = value
            } catch .bearer {
                typed.errors[field.name] = words.pick(
                    "This begins with Bearer, which is no part of it. Give the rest alone.",
                    "Chuỗi này bắt đầu bằng Bearer, không thuộc mã. Chỉ dán phần còn lại.")
            } catch {
                typed.errors[field.name] = words.pick(
                    "This holds a space or a sign that none has. Copy it again, whole.",
                    "Chuỗi này có khoảng trắng hoặc ký tự lạ. Hãy chép lại trọn vẹn.")
            }
        }
        for field in platform.credentialFields where field.isRequired && typed.credential[field.name] == nil {
            if typed.errors[field.name] == nil { typed.errors[field.name] = words.said(field.summary) }
        }
        readAddress(form, platform, &typed, words)
        return typed
    }

    private func readAddress(_ form: Form, _ platform: Platform, _ typed: inout Typed, _ words: Words) {
        let own = address(of: platform)
        // Programs call it as answers do.
        let text = form["address"] ?? form["base_url"]
        if let text, text != own, !asksAddress(platform) {
            typed.errors["address"] = words.pick(
                "This server takes \(platform.name) from its own address only; "
                    + "who runs it can allow others (--allow-base-urls).",
                "Máy chủ này chỉ dùng địa chỉ riêng của \(platform.name); "
                    + "người vận hành có thể cho phép địa chỉ khác (--allow-base-urls)."
            )
            return
        }
        guard let text, text != own else {
            // Not said, or the platform's own.
            if text != nil || typed.address.isEmpty { typed.address = own ?? "" }
            if typed.address.isEmpty {
                typed.errors["address"] = words.pick(
                    "The address of your \(platform.name), with https:// before it.",
                    "Địa chỉ \(platform.name) của bạn, có https:// ở trước.")
            }
            return
        }
        do {
            let address = try BaseURL(text).text
            if address != typed.address { typed.isNew = true }
            typed.address = address
            typed.isGuarded = !site.options.allowsAddresses
        } catch {
            typed.errors["address"] = words.said(error.description)
        }
    }

    /// The access that was typed; nil with a message where a platform knows without a call that it is wrong.
    func access(
        _ typed: inout Typed, _ type: any Connector.Type, for account: String?, _ visitor: Visitor, _ words: Words
    ) async throws -> Access? {
        if let objection = type.objection(to: typed.credential, account: account) {
            // It names the variable of the command line.
            let field = type.platform.credentialFields.first { objection.contains($0.variable) }
            let label = field.map { PlatformTexts(platform: type.platform, words: words).label($0) } ?? ""
            typed.errors[field?.name ?? "account"] = words.said(objection).replacing(
                field?.variable ?? "\0", with: label)
            return nil
        }
        let known = try await book.connections(of: visitor.workspace.id)
        var access = Access.given(
            typed.credential, of: type, for: account,
            at: (try? known.address(typed.address, of: type.platform.id)) ?? typed.address,
            in: visitor.workspace.id, known: known)
        access.isGuarded = typed.isGuarded
        return access
    }

    /// Where a refusal is told: beside the address when that was it, else beside the first secret.
    func field(of error: EngineError, _ platform: Platform) -> String {
        if case .unanswered(let cause) = error, asksAddress(platform),
            ["forbidden", "refused", "unreachable", "timeout"].contains(cause.code)
        {
            return "address"
        }
        return PlatformTexts.typed(platform).first(where: PlatformTexts.isSecret)?.name ?? "token"
    }

    /// What a platform said against it; nil for trouble of ours.
    func told(_ error: any Error, _ platform: Platform, _ words: Words) -> (field: String, text: String)? {
        if let error = error as? Loses {
            return (field(of: .configuration(""), platform), error.text(words))
        }
        guard let error = error as? EngineError else { return nil }
        let cause: Failure.Cause
        switch error {
        case .rejected(let why), .unanswered(let why), .throttled(let why, _, _): cause = why
        case .unknownAccount(_, _, let failure): cause = failure.cause
        default: return nil
        }
        let code = cause.code.isEmpty || cause.code.contains(where: \.isLetter) ? "" : " (\(cause.code))"
        let advice = cause.pageAdvice.isEmpty ? "" : " " + words.said(cause.pageAdvice)
        return (field(of: error, platform), words.said(cause.message) + advice + code)
    }

    // MARK: Times

    /// The zone of most accounts of the workspace, else UTC.
    func zone(_ visitor: Visitor) async throws -> TimeZone {
        let accounts = try await site.store.accounts().filter { $0.workspace == visitor.workspace.id }
        return PageZone(accounts).zone
    }
}

extension Failure.Cause {
    /// What to do; nothing where that is told to whoever sits at a terminal.
    var pageAdvice: String {
        ["SLUICE_", "sluice connect", "sluice sync", "--"].contains { advice.contains($0) } ? "" : advice
    }
}
