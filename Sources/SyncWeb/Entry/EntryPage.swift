import Wording

/// `entry.mustache`: a small form by itself, for signing in, setting up, invitations.
struct EntryPage: Sendable {
    var headline: String
    var summary: String
    var action: String
    var notice: Notice?
    /// Where to go on to.
    var next: String?
    var fields: [Field]
    var button: String
    var hasPasskey = false
    var foot: String?

    struct Notice: Sendable {
        var tone: String
        var icon: String
        var text: String

        static func bad(_ text: String) -> Notice { Notice(tone: "bad", icon: "warn", text: text) }
    }

    struct Field: Sendable {
        var name: String
        var label: String
        var type = "text"
        var value = ""
        var autocomplete = "off"
        var isFixed = false
        var hasHint = false
        var hint = ""
        var error: Text?
    }

    struct Text: Sendable { var text: String }

    static func email(_ value: String, _ words: Words, isFixed: Bool = false) -> Field {
        Field(
            name: "email", label: words.pick("E-mail", "E-mail"), type: "email", value: value,
            autocomplete: "username", isFixed: isFixed)
    }

    static func newPassword(_ words: Words) -> Field {
        Field(
            name: "password", label: words.pick("Password", "Mật khẩu"), type: "password",
            autocomplete: "new-password", hasHint: true,
            hint: words.pick(
                "10 characters or more; a sentence is fine.", "Từ 10 ký tự trở lên; một câu cũng được."))
    }

    /// With messages beside their fields.
    func telling(_ errors: [String: String], _ words: Words) -> EntryPage {
        var page = self
        for index in page.fields.indices {
            page.fields[index].error = errors[page.fields[index].name].map { Text(text: words.said($0)) }
        }
        return page
    }
}
