import SyncCore
import SyncEngine
import Wording

/// `connect.mustache`: the first step, a platform.
struct ConnectPage: Sendable {
    var headline: String
    var summary: String
    var platforms: [Choice]
    var hasConnections: Bool
    var connections: [Known]

    struct Choice: Sendable {
        var letter: String
        var name: String
        var text: String
        var href: String
    }

    struct Known: Sendable {
        var letter: String
        var name: String
        var note: String
        var href: String
        var label: String
    }
}

/// The four steps above the pages.
enum ConnectStep: Int {
    case platform, credential, accounts, sync

    func steps(_ words: Words) -> Shell.Steps {
        let labels = [
            words.pick("Platform", "Nền tảng"), words.pick("Sign in", "Đăng nhập"),
            words.pick("Accounts", "Tài khoản"), words.pick("First sync", "Lần đồng bộ đầu"),
        ]
        return Shell.Steps(
            items: labels.enumerated().map { index, label in
                let state = index < rawValue ? "done" : index == rawValue ? "now" : "next"
                return Shell.Steps.Item(
                    number: "\(index + 1)", label: label, state: state, isDone: index < rawValue,
                    isCurrent: index == rawValue)
            })
    }

    func page(_ template: String, _ title: String, _ model: any Sendable, _ words: Words) -> Page {
        Page(
            template: template, section: .accounts, title: title, model: model, isPlain: true, steps: steps(words),
            leave: Link(href: "/accounts", label: words.pick("Leave", "Thoát")))
    }
}
