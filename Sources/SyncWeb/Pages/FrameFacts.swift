import ConnectorKit
import SyncCore
import Wording

/// What the frame shows of a workspace: counts, history, whether work moves.
struct FrameFacts: Sendable {
    let store: any WebStore
    let connectors: [any Connector.Type]
    let options: Site.Options
    let clock: any WallClock

    func fill(
        _ shell: inout Shell, _ visitor: Visitor, _ section: Page.Section, _ words: Words
    ) async throws {
        shell.workspace = visitor.workspace.name
        shell.user = Shell.Person(
            initials: FrameFacts.initials(visitor.user.name), name: visitor.user.name,
            role: words.role(visitor.role))
        let receiving = Set(connectors.filter { $0.platform.receives != nil }.map { $0.platform.id })
        let accounts = try await store.accounts()
            .filter { $0.workspace == visitor.workspace.id && !receiving.contains($0.platform) }
        let schedules = try await store.schedules().filter {
            $0.definition.workspace == visitor.workspace.id && $0.definition.task.isAboutAccounts
        }
        shell.nav = nav(section, accounts: accounts.count, schedules: schedules.count, words)
        let depth = try await store.queueDepth()
        let running = depth.chunks[.inProgress] ?? 0
        let waiting = (depth.chunks[.pending] ?? 0) + (depth.chunks[.waiting] ?? 0)
        shell.status = Shell.Status(
            tone: "ok", word: running > 0 ? words.pick("Working", "Đang chạy") : words.pick("Ready", "Sẵn sàng"),
            ago: words.pick("now", "vừa xong"),
            line: running + waiting == 0
                ? words.pick("Nothing to do", "Không có việc")
                : words.pick(
                    "\(words.number(running)) running, \(words.number(waiting)) waiting",
                    "\(words.number(running)) đang chạy, \(words.number(waiting)) đang chờ"),
            version: "Sluice \(options.version) · \(options.engine)")
        if options.isSimulated {
            shell.banners.append(
                Shell.Banner(
                    tone: "info", icon: "info", lead: words.pick("Simulated data", "Dữ liệu mô phỏng"),
                    rest: words.pick("on every page.", "ở mọi trang."), action: nil))
        }
        if visitor.role == .viewer {
            shell.banners.append(
                Shell.Banner(
                    tone: "note", icon: "eye", lead: "",
                    rest: words.pick(
                        "You can look, not change. Ask an owner for the operator role.",
                        "Bạn chỉ được xem, không được sửa. Hãy xin chủ sở hữu quyền vận hành."), action: nil))
        }
    }

    /// `Linh Trần` is `LT`.
    static func initials(_ name: String) -> String {
        let parts = name.split(whereSeparator: \.isWhitespace)
        guard let first = parts.first?.first else { return "?" }
        let last = parts.count > 1 ? parts.last?.first.map(String.init) ?? "" : ""
        return (String(first) + last).uppercased()
    }

    private func nav(
        _ section: Page.Section, accounts: Int, schedules: Int, _ words: Words
    ) -> [Shell.NavItem] {
        func item(
            _ id: Page.Section, _ href: String, _ icon: String, _ label: String, short: String? = nil, count: Int = 0,
            inBar: Bool = true
        ) -> Shell.NavItem {
            Shell.NavItem(
                href: href, label: label, short: short ?? label, icon: icon, isCurrent: id == section,
                count: words.number(count), hasCount: count > 0, isAlert: false, inBar: inBar)
        }
        return [
            item(.dashboard, "/", "home", words.pick("Dashboard", "Tổng quan")),
            item(.accounts, "/accounts", "layers", words.pick("Accounts", "Tài khoản"), count: accounts),
            item(
                .quick, "/sync/quick", "bolt", words.pick("Quick sync", "Đồng bộ nhanh"),
                short: words.pick("Quick", "Nhanh")),
            item(
                .schedules, "/sync/schedules", "calendar", words.pick("Schedules", "Lịch chạy"), count: schedules),
            item(.logs, "/sync/logs", "list", words.pick("Logs", "Nhật ký")),
            item(.settings, "/sync/settings", "gear", words.pick("Settings", "Cài đặt"), inBar: false),
        ]
    }
}

extension Words {
    func role(_ role: Role) -> String {
        switch role {
        case .viewer: pick("Viewer", "Người xem")
        case .operator: pick("Operator", "Người vận hành")
        case .owner: pick("Owner", "Chủ sở hữu")
        }
    }
}
