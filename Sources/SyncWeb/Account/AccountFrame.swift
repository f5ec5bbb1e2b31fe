import SyncCore
import Wording

/// What stands above all pages of one account: its head, what can be done, the tabs.
struct AccountFrame: Sendable {
    enum Tab: Int, Sendable { case overview, data, runs, certificates, settings }

    let head: AccountPage.Head
    let canAct: Bool
    let pause: AccountPage.Act?
    let sync: Post?
    let menu: [AccountPage.MenuItem]
    let tabs: [AccountPage.Tab]

    init(_ standing: Standing, _ current: Tab?, _ site: Site, _ visitor: Visitor, _ words: Words) {
        self.init(
            standing, current, hasData: site.options.rows != nil, canAct: visitor.may(.act), words, site.clock.now)
    }

    init(
        _ standing: Standing, _ current: Tab?, hasData: Bool, canAct: Bool, _ words: Words, _ now: Instant
    ) {
        let path = "/accounts/\(standing.account.id)"
        head = AccountPage.head(standing, words, now)
        // Of an account that is signed out nothing goes on before somebody signs in.
        let isParked = standing.connection.parked != nil
        self.canAct = canAct
        pause = isParked ? nil : AccountFrame.pause(standing, path, words)
        sync = isParked ? nil : Post(action: "\(path)/sync", label: words.pick("Sync now", "Đồng bộ ngay"))
        menu = [
            AccountPage.MenuItem(
                href: "/connections/\(standing.connection.id)/reconnect", icon: "key",
                label: words.pick("Reconnect", "Kết nối lại")),
            AccountPage.MenuItem(
                href: "/connections/\(standing.connection.id)/delete", icon: "trash",
                label: words.pick("Remove connection", "Gỡ kết nối")),
        ]
        tabs = AccountFrame.tabs(path, current, hasData: hasData, words)
    }

    static func parent(_ words: Words) -> Link { Link(href: "/accounts", label: words.pick("Accounts", "Tài khoản")) }

    /// Whatever is open of the account stops, or goes on.
    private static func pause(_ standing: Standing, _ path: String, _ words: Words) -> AccountPage.Act? {
        let open = standing.open
        if open.contains(where: { $0.waitReason == .paused }) {
            return AccountPage.Act(
                action: "\(path)/resume", icon: "play", label: words.pick("Go on", "Chạy tiếp"))
        }
        guard !open.isEmpty else { return nil }
        return AccountPage.Act(action: "\(path)/pause", icon: "pause", label: words.pick("Pause", "Tạm dừng"))
    }

    static func tabs(_ path: String, _ current: Tab?, hasData: Bool, _ words: Words) -> [AccountPage.Tab] {
        func tab(_ tab: Tab, _ place: String, _ label: String) -> AccountPage.Tab {
            AccountPage.Tab(href: path + place, label: label, isCurrent: tab == current)
        }
        let data = hasData ? [tab(.data, "/data", words.pick("Data", "Dữ liệu"))] : []
        return [tab(.overview, "", words.pick("Overview", "Tổng quan"))] + data + [
            tab(.runs, "/runs", words.pick("Runs", "Lượt chạy")),
            tab(.certificates, "/certificates", words.pick("Certificates", "Đối soát")),
            tab(.settings, "/settings", words.pick("Settings", "Cài đặt")),
        ]
    }
}
