import ConnectorKit
import HTTPTypes
import SyncCore
import SyncEngine
import Wording

/// Fills the page from what is stored.
struct QuickDesk: Sendable {
    let site: Site
    let visitor: Visitor
    let words: Words
    let offer: Offer
    let zone: PageZone
    let now: Instant

    init(_ site: Site, _ visitor: Visitor, _ words: Words) async throws {
        self.site = site
        self.visitor = visitor
        self.words = words
        offer = try await Offer(site, visitor)
        zone = PageZone(offer.accounts)
        now = site.clock.now
    }

    /// Rows before "more", and then.
    private static let few = 7
    private static let many = 500
    private static let recent = 5

    func page(_ form: Form, _ error: WebError?) async throws -> Page {
        let (results, isOpen, last) = try await ran(form)
        let picked = picked(form, last)
        let days = form["days"] ?? form["date_range"] ?? NamedRange.today.rawValue
        let (rows, more) = try await accounts(picked, showsAll: form["show"] == "all", form)
        let choice = choice(form, days)
        let (wrong, wrongChoice) = told(error)
        let chosen = words.pick(
            "{n} of \(words.number(offer.accounts.count)) chosen",
            "đã chọn {n} trên \(words.number(offer.accounts.count))")
        let offers = wholes(form, isShown: more == nil)
        let model = QuickPage(
            mayRun: visitor.may(.act), presets: presets(days), choice: choice,
            picked: chosen.replacing("{n}", with: words.number(picked.count)), pickedText: chosen,
            offers: offers, hasPlatforms: offers.count > 1, hasAccounts: !offer.accounts.isEmpty, accounts: rows,
            more: more, error: wrong, choiceError: wrongChoice, plan: try await plan(picked, form),
            running: results.running, hasRecent: results.hasRecent,
            recentHref: results.recentHref, recent: results.recent)
        return Page(
            template: "quick", section: .quick, title: words.pick("Quick sync", "Đồng bộ nhanh"), model: model,
            isLive: true, reloadSeconds: isOpen ? 3 : nil, status: error?.status ?? .ok)
    }

    /// Whether something of it runs, too.
    func results(_ form: Form) async throws -> (QuickPage.Results, isOpen: Bool) {
        let (results, isOpen, _) = try await ran(form)
        return (results, isOpen)
    }

    /// Also the runs of the newest.
    private func ran(_ form: Form) async throws -> (QuickPage.Results, isOpen: Bool, last: [LogEntry]) {
        let requests = try await site.store.requests(
            of: visitor.workspace.id, kind: .quick, limit: QuickDesk.recent + 1)
        var logs: [String: [LogEntry]] = [:]
        for each in requests { logs[each.id] = try await site.store.logs(of: each.jobs, in: visitor.workspace.id) }
        let shown = try await shown(form, requests, &logs)
        let isOpen = shown.map { QuickState(logs[$0.id] ?? []).isOpen } ?? false
        let rest = requests.filter { $0.id != shown?.id }.prefix(QuickDesk.recent)
        let results = QuickPage.Results(
            running: shown.map { running($0, logs[$0.id] ?? []) }, hasRecent: !rest.isEmpty,
            recentHref: "/sync/logs?kind=quick", recent: rest.map { recent($0, logs[$0.id] ?? []) })
        return (results, isOpen, requests.first.flatMap { logs[$0.id] } ?? [])
    }

    /// The one that the address names; else the newest, while it runs.
    private func shown(
        _ form: Form, _ requests: [SyncRequest], _ logs: inout [String: [LogEntry]]
    ) async throws -> SyncRequest? {
        if let id = form["sync"] {
            if let known = requests.first(where: { $0.id == id }) { return known }
            guard let found = try await site.store.request(id, of: visitor.workspace.id) else { return nil }
            logs[found.id] = try await site.store.logs(of: found.jobs, in: visitor.workspace.id)
            return found
        }
        return requests.first { QuickState(logs[$0.id] ?? []).isOpen }
    }

    // MARK: The form

    private func picked(_ form: Form, _ last: [LogEntry]) -> [Account] {
        let free = offer.accounts.filter { !offer.isParked($0) }
        let ids = form.list("account") + form.list("accounts")
        if ids == ["all"] { return free }
        if let network = form["network"] { return free.filter { $0.platform.rawValue == network } }
        if form.has("account") || form.has("accounts") {
            return free.filter { ids.contains("\($0.id)") || ids.contains($0.externalID) }
        }
        let before = Set(last.map(\.account))
        return free.filter { before.contains($0.id) }
    }

    private func presets(_ chosen: String) -> [QuickPage.Preset] {
        let today = zone.today(at: now)
        return [NamedRange.today, .yesterday, .currentMonth, .previousMonth].map { range in
            let days = range.days(today: today)
            let text =
                days.count == 1 && range != .currentMonth
                ? words.day(days.first, today: today)
                : words.pick(
                    "\(days.first.parts.day) to \(words.day(days.last, today: today))",
                    "\(words.day(days.first, today: today)) đến \(words.day(days.last, today: today))")
            return QuickPage.Preset(
                value: range.rawValue, label: words.days(.named(range)).capitalised, days: text,
                isChosen: NamedRange(word: chosen) == range)
        }
    }

    private func choice(_ form: Form, _ days: String) -> QuickPage.Choice {
        let isCustom = days == ScheduleDraft.custom
        let isAll = form["scope"] != ScheduleDraft.chosen
        let streams = form.list("stream")
        return QuickPage.Choice(
            isOpen: isCustom || !isAll, isCustom: isCustom, from: form["from"] ?? "", to: form["to"] ?? "",
            isAll: isAll,
            streams: offer.streams.map {
                ScheduleEditorPage.Choice(
                    value: $0.rawValue, label: words.stream($0.rawValue), isChosen: streams.contains($0.rawValue))
            })
    }

    /// Beside the accounts, and beside days and streams.
    private func told(_ error: WebError?) -> (EntryPage.Text?, EntryPage.Text?) {
        guard let error else { return (nil, nil) }
        func text(_ said: String) -> EntryPage.Text { EntryPage.Text(text: words.said(said)) }
        let fields = error.fields.sorted { $0.key < $1.key }
        let accounts = fields.first { Wish.accountFields.contains($0.key) }?.value
        let choice = fields.first { !Wish.accountFields.contains($0.key) }?.value
        return (accounts.map(text) ?? (choice == nil ? text(error.message) : nil), choice.map(text))
    }

    /// All accounts; where there are several platforms, all of each.
    private func wholes(_ form: Form, isShown: Bool) -> [QuickPage.Whole] {
        var platforms: [Platform] = []
        for platform in offer.accounts.compactMap({ offer.platform($0) })
        where !platforms.contains(where: { $0.id == platform.id }) { platforms.append(platform) }
        func whole(_ platform: String, _ label: String, _ which: String) -> QuickPage.Whole {
            QuickPage.Whole(
                platform: platform, label: label, href: "\(QuickRoutes.home)?\(which)&show=all\(QuickDesk.kept(form))",
                isShown: isShown)
        }
        let each = platforms.sorted { $0.name < $1.name }.map {
            whole($0.id.rawValue, $0.name, "network=\(Renderer.escaped($0.id.rawValue))")
        }
        guard each.count > 1 else { return [whole("", words.pick("Choose all", "Chọn tất cả"), "accounts=all")] }
        return each + [whole("", words.pick("all", "tất cả"), "accounts=all")]
    }

    /// What else was chosen, for an address.
    static func kept(_ form: Form) -> String {
        ["days", "date_range", "from", "to", "scope", "stream"].flatMap { name in
            form.list(name).map { "&\(name)=\(Renderer.escaped($0))" }
        }.joined()
    }

    private func plan(_ picked: [Account], _ form: Form) async throws -> QuickPage.Plan {
        if picked.isEmpty { return .empty(words) }
        let others = form.values.filter { !["account", "accounts", "network"].contains($0.key) }
        let picking = Form(others.merging(["accounts": picked.map { "\($0.id)" }]) { $1 })
        guard let wish = try? await Wish(picking, site, visitor, isQuick: true) else { return .empty(words) }
        let price = try await site.control.price(
            of: wish.accounts, streams: wish.streams, days: { wish.days(today: $0) }, kind: .quick, from: site.store)
        return QuickPage.Plan(price, wish, zone, now, words)
    }

    /// Those that are picked first.
    private func accounts(
        _ picked: [Account], showsAll: Bool, _ form: Form
    ) async throws -> ([QuickPage.Row], Link?) {
        let chosen = Set(picked.map(\.id))
        let sorted =
            offer.accounts.filter { chosen.contains($0.id) } + offer.accounts.filter { !chosen.contains($0.id) }
        let most = showsAll ? QuickDesk.many : max(QuickDesk.few, chosen.count)
        // One more would take the line that tells of it.
        let shown = sorted.count <= most + 1 ? sorted : Array(sorted.prefix(min(most, QuickDesk.many)))
        let blocked = Dictionary(
            try await site.store.quotas(.blocked).map { ($0.key, $0.quota) }, uniquingKeysWith: { first, _ in first })
        let first = Set(
            try await site.store.openLogs(in: visitor.workspace.id).filter { $0.kind == .initial }.map(\.account))
        let rows = shown.map { row($0, chosen, blocked, first) }
        let rest = sorted.dropFirst(shown.count)
        guard !rest.isEmpty else { return (rows, nil) }
        let names = rest.prefix(2).map(\.name).joined(separator: ", ") + (rest.count > 2 ? ", …" : "")
        let query = chosen.sorted().map { "&account=\($0)" }.joined()
        return (
            rows,
            Link(
                href: "\(QuickRoutes.home)?show=all\(query)\(QuickDesk.kept(form))",
                label: words.pick(
                    "\(words.count(rest.count, "more account", "")): \(names)",
                    "Thêm \(words.number(rest.count)) tài khoản: \(names)"))
        )
    }

    private func row(
        _ account: Account, _ chosen: Set<AccountID>, _ blocked: [QuotaKey: Quota], _ first: Set<AccountID>
    ) -> QuickPage.Row {
        let platform = offer.platform(account)?.name ?? account.platform.rawValue
        let isParked = offer.isParked(account)
        let until = offer.keys(account).compactMap { blocked[$0]?.blockedUntil }.filter { $0 > now }.max()
        var (note, tone) = ("", "")
        if isParked {
            (note, tone) = (words.pick("signed out", "mất đăng nhập"), "bad")
        } else if let until {
            let time = words.near(until, in: zone, now: now)
            (note, tone) = (words.pick("waits for its quota until \(time)", "chờ hạn mức đến \(time)"), "warn")
        } else if first.contains(account.id) {
            note = words.pick("first sync is running", "đang đồng bộ lần đầu")
        } else if let last = account.lastSyncedAt {
            let time = words.near(last, in: zone, now: now)
            let isToday = CivilDate(last, in: zone.zone) == zone.today(at: now)
            note = words.pick(isToday ? "current at \(time)" : "current as of \(time)", "dữ liệu mới lúc \(time)")
        } else {
            note = words.pick("not synced yet", "chưa đồng bộ")
        }
        return QuickPage.Row(
            id: "\(account.id)", letter: ScheduleEditorPage.letter(platform), platform: platform,
            platformID: account.platform.rawValue, name: account.name,
            note: note, tone: tone, isPicked: chosen.contains(account.id), isAllowed: !isParked)
    }

    // MARK: What runs and what ran

    /// `yesterday, 20 Nov`.
    private func days(_ range: String) -> String {
        let ends = range.split(separator: "/").map(String.init)
        if ends.count == 2, let first = CivilDate(ends[0]), let last = CivilDate(ends[1]),
            let days = DayRange(first, last)
        {
            return words.days(days, today: zone.today(at: now))
        }
        return NamedRange(rawValue: range).map { words.days(.named($0)) } ?? words.days(.due)
    }

    private func running(_ request: SyncRequest, _ logs: [LogEntry]) -> QuickPage.Running {
        let state = QuickState(logs)
        let created = CivilDate(request.createdAt, in: zone.zone)
        var text = days(request.range)
        if let range = NamedRange(rawValue: request.range)?.days(today: created), range.count == 1 {
            text += ", \(words.day(range.first, today: created))"
        }
        let rows = logs.reduce(0) { $0 + $1.rowsReceived }
        return QuickPage.Running(
            title: title(state.stage), days: text, isRunning: state.isOpen,
            stop: "\(QuickRoutes.home)/\(request.id)/cancel",
            bar: QuickPage.Bar(
                done: "\(state.percent)%", tip: state.stage == .running ? "\(min(6, 100 - state.percent))%" : "0%"),
            rows: words.count(rows, "row", "dòng"), since: since(request, state),
            results: logs.reversed().map { result($0, request) })
    }

    private func title(_ stage: QuickState.Stage) -> String {
        switch stage {
        case .queued: words.pick("Queued", "Đang xếp hàng")
        case .running: words.pick("Running", "Đang chạy")
        case .completed: words.pick("Done", "Đã xong")
        case .failed: words.pick("Done, with failures", "Đã xong, có phần bị lỗi")
        case .cancelled: words.pick("Stopped", "Đã dừng")
        }
    }

    /// Beside how long it took stands what was told beforehand.
    private func since(_ request: SyncRequest, _ state: QuickState) -> String {
        guard let end = state.finishedAt else {
            let time = zone.zone.clock(request.createdAt, seconds: true)
            return words.pick("started \(time)", "bắt đầu \(time)")
        }
        let taken = words.length(end - request.createdAt)
        guard let promised = request.promised, state.stage == .completed else {
            return words.pick("in \(taken)", "trong \(taken)")
        }
        let told = words.roughly(promised.until - request.createdAt)
        return words.pick("in \(taken), about \(told) were told", "trong \(taken), dự tính khoảng \(told)")
    }

    private func result(_ log: LogEntry, _ request: SyncRequest) -> QuickPage.Result {
        let rows = words.count(log.rowsReceived, "row", "dòng")
        let taken = log.finishedAt.map { words.length($0 - (log.startedAt ?? log.createdAt)) } ?? ""
        func made(_ icon: String, _ tone: String, _ end: String, _ endTone: String = "") -> QuickPage.Result {
            QuickPage.Result(
                icon: icon, tone: tone, state: words.said(log.state.rawValue), name: log.accountName, rows: rows,
                end: end, endTone: endTone)
        }
        switch log.state {
        case .completed: return made("done", "ok", words.pick("done, \(taken)", "xong, \(taken)"), "ok")
        case .failed:
            let chunks = words.count(log.failedChunks, "chunk", "phần")
            return made("bad", "bad", words.pick("\(chunks) failed", "\(chunks) bị lỗi"), "bad")
        case .cancelled: return made("x", "", words.pick("stopped", "đã dừng"))
        case .inProgress: return made("busy", "run", "\(log.percent) %")
        case .pending: return made("clock", "", words.said("pending"))
        case .waiting:
            let why = log.waitReason.map { words.said($0.rawValue) } ?? ""
            return made("clock", "warn", words.pick("waits: \(why)", "chờ: \(why)"), "warn")
        }
    }

    private func recent(_ request: SyncRequest, _ logs: [LogEntry]) -> QuickPage.Recent {
        let state = QuickState(logs)
        let rows = words.count(logs.reduce(0) { $0 + $1.rowsReceived }, "row", "dòng")
        let taken = state.finishedAt.map { words.length($0 - request.createdAt) } ?? ""
        let chunks = words.count(logs.reduce(0) { $0 + $1.failedChunks }, "chunk", "phần")
        let (icon, tone, note): (String, String, String) =
            switch state.stage {
            case .queued, .running: ("busy", "run", "\(state.percent) %")
            case .completed: ("done", "ok", words.pick("\(rows) in \(taken)", "\(rows) trong \(taken)"))
            case .failed: ("bad", "bad", words.pick("\(chunks) failed", "\(chunks) bị lỗi"))
            case .cancelled: ("x", "", words.pick("stopped; \(rows) kept", "đã dừng; giữ \(rows)"))
            }
        let whom = logs.count == 1 ? logs[0].accountName : words.count(logs.count, "account", "tài khoản")
        return QuickPage.Recent(
            icon: icon, tone: tone, state: title(state.stage), title: "\(whom) · \(days(request.range))", note: note,
            time: words.near(request.createdAt, in: zone, now: now),
            href: logs.count == 1 ? "/sync/logs/\(logs[0].job)" : "\(QuickRoutes.home)?sync=\(request.id)",
            action: "\(QuickRoutes.home)/\(request.id)/again")
    }
}
