import SyncCore
import Wording

/// The tabs above all pages of the settings.
enum SettingsTabs {
    struct Tab: Sendable {
        var href: String
        var label: String
        var isCurrent: Bool
    }

    static let path = "/sync/settings"

    /// Those that there are; another page of the settings stands here, too.
    static func all(_ current: String, _ words: Words) -> [Tab] {
        [
            ("", words.pick("System", "Hệ thống")), ("/quotas", words.pick("Quotas", "Hạn mức")),
            ("/people", words.pick("People", "Người dùng")), ("/tokens", words.pick("API tokens", "Mã API")),
            ("/notifications", words.pick("Notifications", "Thông báo")),
            ("/audit", words.pick("Audit", "Nhật ký thay đổi")), ("/backup", words.pick("Backup", "Sao lưu")),
            ("/you", words.pick("You", "Bạn")),
        ].map { Tab(href: path + $0.0, label: $0.1, isCurrent: $0.0 == current) }
    }

    /// A page of the settings with its frame.
    static func page(_ template: String, _ model: any Sendable, _ words: Words) -> Page {
        Page(template: template, section: .settings, title: words.pick("Settings", "Cài đặt"), model: model)
    }

    /// A question that a person answers with a button (`confirm.mustache`).
    static func confirmation(_ model: ConfirmPage, _ parent: String, _ words: Words) -> Page {
        Page(
            template: "confirm", section: .settings, title: model.button, model: model,
            parents: [Link(href: path + parent, label: words.pick("Settings", "Cài đặt"))])
    }
}

/// A field of a form as it is shown again.
struct SettingField: Sendable {
    var value = ""
    var error: EntryPage.Text?
}
