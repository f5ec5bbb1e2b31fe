import ConnectorKit
import FoundationEssentials
import SyncCore
import SyncEngine
import Wording

/// Fills the page of a credential.
struct CredentialFilling: Sendable {
    let desk: ConnectDesk
    let texts: PlatformTexts
    let zone: TimeZone
    private var platform: Platform { texts.platform }
    private var words: Words { texts.words }

    var empty: CredentialPage {
        CredentialPage(
            headline: words.pick("Connect \(platform.name)", "Kết nối \(platform.name)"), summary: texts.promise,
            action: "/connect/\(platform.id)", backHref: "/connect",
            guide: texts.guide,
            finds: words.pick("Checked before it is stored", "Kiểm tra xong mới lưu"),
            next: words.pick("Check and save", "Kiểm tra và lưu"))
    }

    /// The form, with what is known of it. Secrets of `content` are shown by their last four signs.
    func form(
        _ content: DraftBook.Content?, id: String = "", typed: Form = Form(), errors: [String: String] = [:],
        canSignIn: Bool = false
    ) -> CredentialPage {
        var page = empty
        page.draft = id
        let inputs = PlatformTexts.typed(platform).map { input($0, content, typed, errors) }
        page.fields = inputs.filter(\.isRequired)
        page.more = inputs.filter { !$0.isRequired }
        if desk.asksAddress(platform) {
            let input = addressInput(content, typed, errors)
            if input.isRequired { page.fields.insert(input, at: 0) } else { page.more.append(input) }
        }
        page.hasMore = !page.more.isEmpty
        page.moreLabel = page.more.map(\.label).joined(separator: ", ") + words.pick(", optional", ", không bắt buộc")
        if canSignIn { show(methods: &page, isSignIn: false) }
        if let check = content?.check { show(check, &page, canAsk: canSignIn) }
        return page
    }

    private func input(
        _ field: CredentialField, _ content: DraftBook.Content?, _ typed: Form, _ errors: [String: String]
    ) -> CredentialInput {
        let isSecret = PlatformTexts.isSecret(field)
        let known = content?.access.credential[field.name]
        return CredentialInput(
            name: field.name, label: texts.label(field),
            hint: isSecret && field.isRequired
                ? words.pick(
                    "Kept encrypted in your own database. Never shown again, never written to a log.",
                    "Được mã hoá trong cơ sở dữ liệu của bạn. Không bao giờ hiện lại, không ghi vào nhật ký.")
                : words.said(field.summary),
            isSecret: isSecret, isRequired: field.isRequired,
            value: isSecret ? "" : typed[field.name] ?? known ?? "",
            masked: isSecret ? known.map(CredentialInput.mask) : nil,
            error: errors[field.name].map { EntryPage.Text(text: $0) })
    }

    private func addressInput(
        _ content: DraftBook.Content?, _ typed: Form, _ errors: [String: String]
    ) -> CredentialInput {
        let own = desk.address(of: platform)
        return CredentialInput(
            name: "address", label: words.pick("Address", "Địa chỉ"),
            hint: words.pick(
                "With https:// before it: https://\(platform.id).example.com.",
                "Có https:// ở trước: https://\(platform.id).example.com."),
            isSecret: false, isRequired: own == nil,
            value: typed["address"] ?? content?.access.baseURL ?? own ?? "",
            error: errors["address"].map { EntryPage.Text(text: $0) })
    }

    // MARK: Signing in

    /// Instead of the form: the button that leads to the platform.
    func signIn(_ login: any BrowserLogin.Type, error: String? = nil) -> CredentialPage {
        var page = empty
        page.isForm = false
        page.finds = ""
        page.guide = nil
        show(methods: &page, isSignIn: true)
        let list = login.scopes.dropLast().joined(separator: ", ")
        let last = login.scopes.last ?? ""
        page.consent = CredentialPage.Consent(
            lead: words.pick(
                "You go to \(platform.name) and come back here.", "Bạn sang \(platform.name) rồi quay lại đây."),
            rest: words.pick(
                "\(platform.name) asks for \(list) and \(last). Nothing is stored before you agree.",
                "\(platform.name) sẽ hỏi \(list) và \(last). Chưa lưu gì trước khi bạn đồng ý."),
            isLink: false, action: "/connect/\(platform.id)/login",
            label: words.pick("Sign in with \(platform.name)", "Đăng nhập bằng \(platform.name)"))
        if let error {
            page.consent?.lead = words.pick("Not signed in.", "Chưa đăng nhập.")
            page.consent?.rest = error + " " + words.pick("Nothing was stored.", "Chưa lưu gì cả.")
        }
        return page
    }

    private func show(methods page: inout CredentialPage, isSignIn: Bool) {
        page.hasMethods = true
        page.methods = [
            CredentialPage.Method(
                label: words.pick("Sign in with \(platform.name)", "Đăng nhập bằng \(platform.name)"),
                text: words.pick(
                    "Opens \(platform.name), you agree, you come back here. Lasts 60 days and is renewed for you.",
                    "Mở \(platform.name), bạn đồng ý rồi quay lại đây. Dùng được 60 ngày và tự gia hạn."),
                href: "/connect/\(platform.id)?by=sign-in", isChosen: isSignIn),
            CredentialPage.Method(
                label: words.pick("Paste a token", "Dán mã truy cập"),
                text: words.pick(
                    "From the Business settings of your company. A system user’s token does not expire.",
                    "Từ Cài đặt doanh nghiệp của công ty. Mã của người dùng hệ thống không hết hạn."),
                href: "/connect/\(platform.id)?by=token", isChosen: !isSignIn),
        ]
    }

    // MARK: A consent

    /// The link that opens accounts to the app.
    func show(consent address: String, for life: Duration, _ page: inout CredentialPage) {
        let minutes = Int(life.inSeconds / 60)
        page.check = nil
        page.hasPermissions = false
        page.consent = CredentialPage.Consent(
            lead: words.pick("\(platform.name) knows the app.", "\(platform.name) nhận ra ứng dụng."),
            rest: words.pick(
                "Now the shop has to agree: open the link, sign in as the shop’s owner, come back here. It works for "
                    + "\(minutes) minutes and can be sent to someone else.",
                "Giờ cửa hàng phải đồng ý: mở liên kết, đăng nhập bằng chủ cửa hàng, rồi quay lại đây. Liên kết dùng "
                    + "được \(minutes) phút và có thể gửi cho người khác."),
            isLink: true, link: address, label: words.pick("Open \(platform.name)", "Mở \(platform.name)"))
        page.finds = ""
    }

    // MARK: What was found

    /// The answer of the platform, and what comes next.
    func show(_ check: DraftBook.Check, _ page: inout CredentialPage, canAsk: Bool) {
        let count = words.number(check.accounts.count)
        page.check = card(check)
        if platform.id.rawValue == "meta", !check.scopes.isEmpty { show(scopes: check, &page, canAsk: canAsk) }
        page.finds =
            check.accounts.count == 1
            ? words.pick("Finds 1 account", "Thấy 1 tài khoản")
            : words.pick("Finds \(count) accounts", "Thấy \(count) tài khoản")
        page.next = words.pick("Choose accounts", "Chọn tài khoản")
    }

    func card(_ check: DraftBook.Check) -> CredentialPage.Check {
        var owner: [String] = []
        if check.isOfSystem { owner.append(words.pick("System user", "Người dùng hệ thống")) }
        if let app = check.app { owner.append(words.pick("app \(app)", "ứng dụng \(app)")) }
        var note = [
            words.pick(
                "Checked \(words.moment(check.at, in: zone)) with \(words.count(check.calls, "call", "lượt gọi")).",
                "Kiểm tra lúc \(words.moment(check.at, in: zone)), \(words.count(check.calls, "call", "lượt gọi")).")
        ]
        if let end = check.expiresAt {
            note.append(
                words.pick("Expires \(words.moment(end, in: zone)).", "Hết hạn \(words.moment(end, in: zone))."))
        } else if platform.id.rawValue == "meta" {
            note.append(words.pick("Does not expire.", "Không hết hạn."))
        }
        // What a permission is for stands in the list below.
        let told = platform.id.rawValue == "meta" && !check.scopes.isEmpty
        let sentences = check.sentences.filter { sentence in
            !told || !PlatformTexts.scopes.contains { sentence.contains($0) }
        }
        note += sentences.map { words.said($0) }
        let first = owner.first.map { $0.prefix(1).uppercased() + $0.dropFirst() }
        return CredentialPage.Check(
            tone: sentences.isEmpty ? "ok" : "warn", icon: sentences.isEmpty ? "done" : "warn",
            lead: words.pick("This works.", "Dùng được."),
            rest: ([first].compactMap(\.self) + owner.dropFirst()).joined(separator: ", ")
                + (owner.isEmpty ? "" : "."),
            note: note.joined(separator: " "), again: words.pick("Check again", "Kiểm tra lại"))
    }

    private func show(scopes check: DraftBook.Check, _ page: inout CredentialPage, canAsk: Bool) {
        let granted = Set(check.scopes)
        func has(_ scope: String) -> Bool {
            granted.contains(scope) || scope == "ads_read" && granted.contains("ads_management")
        }
        page.hasPermissions = true
        page.permissionTitle = words.pick("What it may read", "Được đọc những gì")
        let count = PlatformTexts.scopes.filter(has).count
        page.permissionNote = words.pick(
            "\(count) of \(PlatformTexts.scopes.count) permissions granted",
            "đã cấp \(count) trên \(PlatformTexts.scopes.count) quyền")
        page.permissions = PlatformTexts.scopes.map { scope in
            guard !has(scope) else {
                return CredentialPage.Permission(
                    tone: "ok", icon: "done", name: scope, lead: "", text: texts.purpose(of: scope),
                    answer: words.pick("granted", "đã cấp"))
            }
            let loss = texts.loss(without: scope)
            let ask =
                canAsk
                ? Link(href: "/connect/\(platform.id)/login?ask=again", label: words.pick("Ask again", "Hỏi lại")) : nil
            return CredentialPage.Permission(
                tone: "warn", icon: "warn", name: scope, lead: loss.lead, text: loss.rest,
                answer: ask == nil ? words.pick("not granted", "chưa cấp") : "", ask: ask)
        }
        if !granted.contains("ads_management") {
            page.permissions.append(
                CredentialPage.Permission(
                    tone: "", icon: "minus", name: "ads_management", lead: "",
                    text: words.pick("Not needed: Sluice only reads", "Không cần: Sluice chỉ đọc"),
                    answer: words.pick("not asked for", "không hỏi")))
        }
    }
}
