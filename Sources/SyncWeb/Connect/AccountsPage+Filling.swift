import ConnectorKit
import FoundationEssentials
import SyncCore
import SyncEngine
import Wording

/// Fills the page of accounts.
struct AccountsFilling: Sendable {
    let desk: ConnectDesk
    let texts: PlatformTexts
    let found: [PickRoutes.Found]
    let visitor: Visitor
    /// What is picked and looked for: of the address, or of the form.
    let query: Form
    /// Where there is one account to pick it is picked, until somebody has chosen.
    var picksAlone = false
    private var words: Words { texts.words }
    private var platform: Platform { texts.platform }
    private var connections: String { query.list("connection").joined(separator: ",") }

    /// What a person has picked.
    var picked: [PickRoutes.Found] {
        if query["pick"] == "active" { return found.filter { $0.isOpen && $0.facts.isActive } }
        let wanted = query.list("account")
        if wanted.isEmpty {
            let open = found.filter(\.isOpen)
            return open.count == 1 && picksAlone ? open : []
        }
        return found.filter { each in wanted.contains { Account.fits($0, each.facts.externalID) } }
    }

    /// How often the accounts are to be read; nil for never. Throws for what is not offered.
    func interval() throws -> Recurrence.Interval? {
        guard !isKeptByPlatform else { return nil }
        let text = query["interval"] ?? "30m"
        if text == "none" { return nil }
        guard let interval = Recurrence.Interval(text: text) else {
            let known = Recurrence.Interval.allCases.map(\.text).joined(separator: ", ")
            throw WebError.invalid(["interval": "Known: \(known), none."])
        }
        return interval
    }

    /// The platform brings a schedule of its own for each connection.
    private var keeper: ScheduleTemplate? {
        platform.schedules.first { $0.task == .sync && $0.days == .due && $0.streams.isEmpty && $0.isActive }
    }
    private var isKeptByPlatform: Bool { keeper != nil }

    // MARK: The page

    func page() async throws -> AccountsPage {
        let picked = picked
        let ids = Set(picked.map(\.facts.externalID))
        let rows = shown.map { row($0, isPicked: ids.contains($0.facts.externalID)) }
        let open = found.filter(\.isOpen)
        let count = words.number(found.count)
        return AccountsPage(
            headline: words.pick("Which accounts?", "Những tài khoản nào?"),
            summary: words.pick(
                "This reaches \(count). The last 90 days of those you pick start to arrive at once.",
                "Đọc được \(count) tài khoản. 90 ngày gần nhất của những tài khoản bạn chọn bắt đầu về ngay."),
            action: "/connect/\(platform.id)/accounts", connection: connections, query: query["text"] ?? "",
            columns: AccountsPage.Columns(
                account: texts.account,
                state: words.pick("State at \(platform.name)", "Trạng thái ở \(platform.name)")),
            tabs: tabs(picked.count), pickHref: href([("pick", "active")]),
            pickLabel: words.pick("Pick all active", "Chọn tất cả đang hoạt động"),
            isSomePicked: !ids.isEmpty && ids.count < open.count, isAllPicked: !ids.isEmpty && ids.count == open.count,
            accounts: rows, hasAccounts: !rows.isEmpty, hidden: none, plan: try await plan(picked: picked))
    }

    /// When a credential reaches nothing at all.
    private var none: AccountsPage.Hidden? {
        guard found.isEmpty else { return nil }
        return AccountsPage.Hidden(
            text: words.pick(
                "It reaches no account. Ask the owner of one to give it access.",
                "Chưa đọc được tài khoản nào. Hãy nhờ chủ tài khoản cấp quyền."),
            href: "/connect/\(platform.id)", label: words.pick("Take another", "Dùng mã khác"))
    }

    private var shown: [PickRoutes.Found] {
        let text = (query["text"] ?? "").lowercased()
        let show = query["show"]
        let ids = Set(picked.map(\.facts.externalID))
        return found.filter { each in
            if show == "active", !each.facts.isActive { return false }
            if show == "picked", !ids.contains(each.facts.externalID) { return false }
            return text.isEmpty || each.facts.name.lowercased().contains(text) || each.facts.externalID.contains(text)
        }
    }

    private func href(_ items: [(String, String)]) -> String {
        let all = [("connection", connections)] + items
        return "/connect/\(platform.id)/accounts?" + FormCoding.encode(all)
    }

    private func tabs(_ count: Int) -> [AccountsPage.Tab] {
        let show = query["show"]
        let keep = query.list("account").map { ("account", $0) }
        func tab(_ label: String, _ count: Int, _ value: String?) -> AccountsPage.Tab {
            AccountsPage.Tab(
                label: label, count: words.number(count), href: href((value.map { [("show", $0)] } ?? []) + keep),
                isCurrent: show == value)
        }
        return [
            tab(words.pick("All", "Tất cả"), found.count, nil),
            tab(words.pick("Active", "Hoạt động"), found.count { $0.facts.isActive }, "active"),
            tab(words.pick("Picked", "Đã chọn"), count, "picked"),
        ]
    }

    private func row(_ each: PickRoutes.Found, isPicked: Bool) -> AccountsPage.Row {
        let facts = each.facts
        return AccountsPage.Row(
            id: facts.externalID, name: facts.name, number: facts.externalID == facts.name ? "" : facts.externalID,
            zone: facts.terms, state: state(each), isPicked: isPicked || each.isConnected,
            isAllowed: each.isOpen)
    }

    private func state(_ each: PickRoutes.Found) -> AccountsPage.State {
        if each.isConnected {
            return AccountsPage.State(
                tone: "run", icon: "link", text: words.pick("Already connected", "Đã kết nối"))
        }
        if each.isElsewhere {
            return AccountsPage.State(
                tone: "warn", icon: "warn",
                text: words.pick("In another workspace already", "Đã có ở không gian làm việc khác"))
        }
        if let warning = each.facts.warning {
            return AccountsPage.State(tone: "warn", icon: "warn", text: words.said(warning))
        }
        return AccountsPage.State(tone: "ok", icon: "done", text: words.pick("Active", "Hoạt động"))
    }

    // MARK: What will happen

    func plan(picked: [PickRoutes.Found]) async throws -> AccountsPage.Plan {
        let new = picked.filter(\.isOpen)
        let count = words.number(new.count)
        var plan = AccountsPage.Plan(
            button: new.isEmpty
                ? words.pick("Pick an account", "Chọn một tài khoản")
                : new.count == 1
                    ? words.pick("Start with 1 account", "Bắt đầu với 1 tài khoản")
                    : words.pick("Start with \(count) accounts", "Bắt đầu với \(count) tài khoản"),
            isReady: !new.isEmpty)
        let price = try await price(new)
        plan.steps = try await steps(new.map(\.facts), price)
        if let keeper, case .every(let interval) = keeper.recurrence {
            plan.note = words.pick(
                "Then kept current every \(interval.minutes) minutes by the schedule “\(keeper.name)”.",
                "Sau đó lịch “\(keeper.name)” cập nhật mỗi \(interval.minutes) phút.")
        } else {
            plan.hasIntervals = true
            plan.intervals = intervals
            plan.note =
                words.pick(
                    "Calls stay within what \(platform.name) allows. ",
                    "Lượt gọi luôn trong hạn mức của \(platform.name). ") + words.delays(price)
        }
        plan.destinations = try await destinations()
        plan.hasDestinations = plan.destinations.count > 1
        plan.close = words.pick(
            "You can close the page at any time. Nothing stops.", "Bạn có thể đóng trang bất cứ lúc nào, việc vẫn chạy."
        )
        return plan
    }

    private var intervals: [AccountsPage.Choice] {
        let chosen = query["interval"] ?? "30m"
        let offered: [Recurrence.Interval] = [.minutes15, .minutes30, .hour1, .hours24]
        return offered.map { interval in
            AccountsPage.Choice(
                value: interval.text, label: words.begun(words.recurrence(.every(interval))),
                isChosen: interval.text == chosen)
        } + [
            AccountsPage.Choice(
                value: "none", label: words.pick("Only when I say so", "Chỉ khi tôi yêu cầu"),
                isChosen: chosen == "none")
        ]
    }

    /// Accounts of platforms that receive, for those that pass on.
    private func destinations() async throws -> [AccountsPage.Choice] {
        guard platform.passesOn else { return [] }
        let receivers = try await desk.receivers(visitor)
        let chosen = query["destination"]
        return [
            AccountsPage.Choice(
                value: "none", label: words.pick("Nowhere", "Không chuyển"), isChosen: chosen == nil || chosen == "none"
            )
        ]
            + receivers.map { account in
                AccountsPage.Choice(value: "\(account.id)", label: account.name, isChosen: chosen == "\(account.id)")
            }
    }

    /// Of those that are picked, by the connection that reaches each.
    private func price(_ picked: [PickRoutes.Found]) async throws -> Price {
        var whole = Price()
        for (_, found) in Dictionary(grouping: picked, by: \.connection.id) {
            guard let connection = found.first?.connection else { continue }
            let price = try await desk.site.control.firstPrice(
                of: found.map(\.facts), at: connection, from: desk.site.store)
            whole.parts += price.parts
            whole.delays += price.delays
        }
        return whole
    }

    private func steps(_ accounts: [AccountFacts], _ price: Price) async throws -> [AccountsPage.Step] {
        let zone = accounts.first.flatMap { try? AccountZone.named($0.zoneName) } ?? .gmt
        let today = CivilDate(desk.site.clock.now, in: zone)
        let offeredFrom = platform.retentionMonths.map { today.adding(months: -$0).adding(days: 1) }
        // Of several the one that reaches back longest; unknown is longest.
        let begins = accounts.map(\.createdOn)
        let createdOn = begins.contains(nil) ? nil : begins.compactMap(\.self).min()
        let windows = SyncWindows.all(anchor: today, createdOn: createdOn, offeredFrom: offeredFrom)
        var steps: [AccountsPage.Step] = []
        if let recent = windows.recent {
            steps.append(
                AccountsPage.Step(
                    isSettled: true, lead: words.pick("Last 90 days", "90 ngày gần nhất"),
                    rest: words.days(recent, today: today), parts: try await duration(price)))
        }
        if createdOn == nil || windows.history != nil {
            let back = windows.history.map { words.day($0.first, today: today) }
            steps.append(
                AccountsPage.Step(
                    isQueued: true, lead: words.pick("History", "Lịch sử"),
                    rest: back.map { words.pick("back to \($0)", "từ \($0)") } ?? "",
                    parts: TextPart.parts(
                        words.pick(
                            "In the background after that. Never in the way of new data.",
                            "Chạy nền sau đó. Không bao giờ cản dữ liệu mới."))))
        }
        if let offeredFrom, let months = platform.retentionMonths, createdOn.map({ $0 < offeredFrom }) ?? true {
            let day = words.day(offeredFrom, today: today)
            steps.append(
                AccountsPage.Step(
                    isNone: true, lead: words.pick("Before \(day)", "Trước \(day)"), rest: "",
                    parts: TextPart.parts(
                        words.pick(
                            "\(platform.name) no longer offers it (\(months) months).",
                            "\(platform.name) không còn cung cấp (\(months) tháng)."))))
        }
        return steps
    }

    /// What it costs as far as anybody can know, and how long it took for the accounts that came before.
    private func duration(_ price: Price) async throws -> [TextPart] {
        let entries = try await desk.site.store.logs(
            LogFilter(workspace: visitor.workspace.id, platform: platform.id, states: [.completed], kind: .initial),
            before: nil, limit: 10)
        let accounts = try await desk.site.store.accounts()
        let minutes = entries.compactMap { entry -> Int? in
            guard let account = accounts.first(where: { $0.id == entry.account }),
                let end = account.recentCompletedAt, let begin = entry.startedAt, end > begin
            else { return nil }
            return max(1, Int(((end - begin).inSeconds / 60).rounded(.up)))
        }
        let cost = words.cost(price).map {
            words.pick("Costs about **\($0)** with history. ", "Tốn khoảng **\($0)** kể cả lịch sử. ")
        }
        guard let least = minutes.min(), let most = minutes.max() else {
            return TextPart.parts(
                (cost ?? "")
                    + words.pick(
                        "How long that takes is shown as soon as the first numbers are there.",
                        "Mất bao lâu sẽ hiện ngay khi có những số liệu đầu tiên."))
        }
        let range = least == most ? "\(most)" : "\(least)–\(most)"
        return TextPart.parts(
            (cost ?? "")
                + words.pick(
                    "Took **\(range) min** for the last \(words.count(minutes.count, "account", "")) of "
                        + "\(platform.name).",
                    "\(words.number(minutes.count)) tài khoản \(platform.name) gần nhất mất **\(range) phút**."))
    }
}

extension ConnectDesk {
    /// Accounts of the workspace that receive, of connections that work.
    func receivers(_ visitor: Visitor) async throws -> [Account] {
        let platforms = Set(
            site.environment.connectors.filter { $0.platform.receives != nil }.map { $0.platform.id })
        let working = Set(try await book.connections(of: visitor.workspace.id).filter { !$0.isRemoved }.map(\.id))
        return try await site.store.accounts().filter {
            platforms.contains($0.platform) && working.contains($0.connection)
        }
    }
}

extension Words {
    /// With a capital at its beginning.
    func begun(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}
