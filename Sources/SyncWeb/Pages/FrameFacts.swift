import ConnectorKit
import SyncCore
import Wording

/// What the frame shows of a workspace: counts, history, whether work moves.
struct FrameFacts: Sendable {
    let store: any WebStore
    let board: AccountBoard
    let options: Site.Options
    let clock: any WallClock
    let probe: any WorkerProbe

    func fill(
        _ shell: inout Shell, _ visitor: Visitor, _ section: Page.Section, _ words: Words
    ) async throws {
        shell.workspace = visitor.workspace.name
        shell.user = Shell.Person(
            initials: FrameFacts.initials(visitor.user.name), name: visitor.user.name,
            role: words.role(visitor.role))
        let standings = try await board.recentStandings(of: visitor.workspace.id)
        let schedules = try await store.schedules().filter {
            $0.definition.workspace == visitor.workspace.id && $0.definition.task.isAboutAccounts
        }
        let needs = standings.count { $0.group == .needs }
        shell.nav = nav(section, accounts: standings.count, schedules: schedules.count, needs: needs, words)
        shell.running = standings.first { $0.shown != nil }.map { "/accounts/\($0.account.id)/progress" }
        try await fill(&shell, standings, visitor, words)
        shell.notices = try await notices(visitor, words)
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

    func notices(_ visitor: Visitor, _ words: Words) async throws -> Shell.Notices {
        let unread = try await store.unread(by: visitor.user.id, in: visitor.workspace.id).count
        let label = words.pick("Notices", "Thông báo")
        return Shell.Notices(
            hasCount: unread > 0, count: unread > 99 ? "99+" : words.number(unread),
            label: unread > 0 ? label + words.pick(", \(unread) new", ", \(unread) mới") : label)
    }

    /// What is kept live on every page: whether work moves, and how far history is.
    func fill(
        _ shell: inout Shell, _ standings: [Standing], _ visitor: Visitor, _ words: Words
    ) async throws {
        let orders = try await store.workOrders(of: visitor.workspace.id)
        let told = RunWords(words, zone: PageZone(standings.map(\.account)).zone, now: clock.now)
        shell.history = HistoryBadge(told: told, orders: orders, mayAct: visitor.may(.act)).badge(standings)
        let pause = orders.pauses[.all]
        shell.paused = pause.map { PauseWords(told).banner($0, mayAct: visitor.may(.act)) }
        let running = try await store.inHand(of: visitor.workspace.id)
        let open = standings.flatMap(\.open)
        let flow = open.isEmpty || running > 0 ? Health.ok : await probe.flow()
        shell.status = status(standings, open, running: running, isPaused: pause != nil, flow, words)
    }

    /// Of this workspace alone. What waits for somebody or for a limit is no work that moves.
    private func status(
        _ standings: [Standing], _ open: [Job], running: Int, isPaused: Bool, _ flow: Health, _ words: Words
    ) -> Shell.Status {
        let waiting = Swift.max(0, open.reduce(0) { $0 + $1.openChunks } - running)
        let (tone, word): (String, String)
        if isPaused {
            (tone, word) = ("warn", words.pick("Paused", "Tạm dừng"))
        } else if running > 0 {
            (tone, word) = ("ok", words.pick("Working", "Đang chạy"))
        } else if open.isEmpty {
            (tone, word) = ("ok", words.pick("Ready", "Sẵn sàng"))
        } else if open.allSatisfy({ $0.waitReason == .paused }) {
            (tone, word) = ("note", words.pick("Paused", "Đang tạm dừng"))
        } else if open.allSatisfy({ $0.state == .waiting }) {
            (tone, word) = ("warn", words.pick("Waiting", "Đang chờ"))
        } else if !flow.isGood {
            (tone, word) = ("bad", words.pick("Not moving", "Không chạy"))
        } else {
            (tone, word) = ("ok", words.pick("In line", "Đang xếp hàng"))
        }
        let last = standings.compactMap { max($0.last?.finishedAt, $0.account.lastSyncedAt) }.max()
        let zone = PageZone(standings.map(\.account))
        return Shell.Status(
            tone: tone, word: word,
            ago: running > 0
                ? words.pick("now", "vừa xong") : last.map { words.near($0, in: zone.zone, now: clock.now) } ?? "",
            line: running + waiting == 0
                ? words.pick("Nothing to do", "Không có việc")
                : words.pick(
                    "\(words.number(running)) running, \(words.number(waiting)) waiting",
                    "\(words.number(running)) đang chạy, \(words.number(waiting)) chờ"),
            version: "Sluice \(options.version) · \(options.engine)")
    }

    private func max(_ first: Instant?, _ second: Instant?) -> Instant? { [first, second].compactMap { $0 }.max() }

    /// `Linh Trần` is `LT`.
    static func initials(_ name: String) -> String {
        let parts = name.split(whereSeparator: \.isWhitespace)
        guard let first = parts.first?.first else { return "?" }
        let last = parts.count > 1 ? parts.last?.first.map(String.init) ?? "" : ""
        return (String(first) + last).uppercased()
    }

    private func nav(
        _ section: Page.Section, accounts: Int, schedules: Int, needs: Int, _ words: Words
    ) -> [Shell.NavItem] {
        func item(
            _ id: Page.Section, _ href: String, _ icon: String, _ label: String, short: String? = nil, count: Int = 0,
            isAlert: Bool = false, inBar: Bool = true
        ) -> Shell.NavItem {
            Shell.NavItem(
                href: href, label: label, short: short ?? label, icon: icon, isCurrent: id == section,
                count: words.number(count), hasCount: count > 0, isAlert: isAlert, inBar: inBar)
        }
        return [
            item(.dashboard, "/", "home", words.pick("Dashboard", "Tổng quan")),
            item(.accounts, "/accounts", "layers", words.pick("Accounts", "Tài khoản"), count: accounts),
            item(
                .quick, "/sync/quick", "bolt", words.pick("Quick sync", "Đồng bộ nhanh"),
                short: words.pick("Quick", "Nhanh")),
            item(
                .schedules, "/sync/schedules", "calendar", words.pick("Schedules", "Lịch chạy"), count: schedules),
            item(.logs, "/sync/logs", "list", words.pick("Logs", "Nhật ký"), count: needs, isAlert: true),
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
