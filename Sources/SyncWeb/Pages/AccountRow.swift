import ConnectorKit
import FoundationEssentials
import SyncCore
import Wording

/// `part-account-row.mustache`: an account among others.
struct AccountRow: Sendable {
    var id: String
    var href: String
    var mark: String
    var name: String
    var about: String
    var tone: String
    var calm: String
    var icon: String
    var state: String
    var shortState: String?
    var detail: String
    var last: String
    var next: String
    var filled: [Filled]
    var strip: Shapes.Cells?
    var today: String
    var change: String
    var spark: Shapes.Spark?
    var problem: Problem?

    /// One of the two phases.
    struct Filled: Sendable {
        var isDone: Bool
        var label: String
        var bar: String?
        /// Places of what waits and of what failed.
        var waiting: ProgressPage.Bar.Part?
        var failed: ProgressPage.Bar.Part?
        /// Beside the bar.
        var value: String?
    }

    struct Problem: Sendable {
        var tone: String
        var lead: String
        var rest: String
        var brief: String
        var details: Link?
        var link: Link?
        var post: Post?
    }

    static func make(
        _ standing: Standing, _ words: Words, _ zone: TimeZone, _ now: Instant, stripDays: Int
    ) -> AccountRow {
        let account = standing.account
        let look = Look(standing, words, zone, now)
        let (today, change) = todays(standing, words, zone, now)
        return AccountRow(
            id: "\(account.id)", href: "/accounts/\(account.id)", mark: String(standing.platform.name.prefix(1)),
            name: account.name, about: about(standing), tone: look.tone, calm: look.isCalm ? "calm" : "",
            icon: look.icon, state: look.state, shortState: look.short, detail: look.detail,
            last: (account.lastSyncedAt ?? account.recentCompletedAt ?? standing.last?.finishedAt).map {
                words.near($0, in: zone, now: now)
            } ?? "—",
            next: "→ " + (standing.nextRun.map { words.near($0, in: zone, now: now) } ?? "—"),
            filled: filled(standing, words),
            strip: standing.days.isEmpty ? nil : Shapes.cells(Array(standing.days.suffix(stripDays)), .strip),
            today: today, change: change, spark: Shapes.spark(series(standing)),
            problem: problem(standing, words, zone, now))
    }

    /// `Meta · VND`; with the zone where it is another than most have.
    static func about(_ standing: Standing) -> String {
        let currency = standing.account.currency
        return [standing.platform.name, currency == AccountFacts.severalCurrencies ? "" : currency].filter {
            !$0.isEmpty
        }
        .joined(separator: " · ")
    }

    /// A word, an icon and what stands below.
    struct Look: Sendable {
        var tone: String
        var icon: String
        var state: String
        var short: String?
        var detail: String
        var isCalm: Bool

        init(_ standing: Standing, _ words: Words, _ zone: TimeZone, _ now: Instant) {
            let left = standing.left.map { words.timeLeft($0, withRange: false) } ?? ""
            detail = ""
            isCalm = true
            switch standing.state {
            case .signedOut:
                (tone, icon, state) = ("bad", "key", words.pick("Signed out", "Mất đăng nhập"))
                detail = Look.held(standing, words, zone, now)
                isCalm = false
            case .failed(let chunks):
                (tone, icon) = ("bad", "bad")
                state = words.pick(
                    "\(words.count(chunks, "chunk", "")) failed", "\(words.number(chunks)) phần bị lỗi")
                detail = Look.whatFailed(standing, words)
                isCalm = false
            case .stuck:
                (tone, icon, state) = ("bad", "bad", words.pick("Cannot go on", "Không chạy tiếp được"))
                isCalm = false
            case .paused: (tone, icon, state) = ("note", "pause", words.pick("Paused", "Đang tạm dừng"))
            case .waits(let until):
                (tone, icon) = ("warn", "clock")
                let time = until.map { words.near($0, in: zone, now: now) }
                state =
                    time.map { words.pick("Waits until \($0)", "Chờ đến \($0)") }
                    ?? words.pick("Waits for a quota", "Chờ hạn mức")
                detail = words.pick(
                    "for this account’s \(standing.platform.name) quota",
                    "hạn mức \(standing.platform.name) của tài khoản này")
                isCalm = false
            case .arriving:
                (tone, icon) = ("run", "run")
                let percent = "\(AccountRow.percent(standing)) %"
                state = words.pick("Last 90 days: \(percent)", "90 ngày gần nhất: \(percent)")
                detail = left.isEmpty ? words.timeLeft(nil) : left
            case .queued: (tone, icon, state) = ("run", "clock", words.pick("Queued", "Đang xếp hàng"))
            case .repairing(let days):
                (tone, icon) = ("run", "repair")
                state = words.pick(
                    "Current, \(words.count(days, "day", "")) in repair", "Mới, \(words.number(days)) ngày đang bù")
            case .catchingUp(let days):
                (tone, icon) = ("run", "run")
                state = words.pick(
                    "Catching up, \(words.count(days, "day", ""))", "Đang đuổi kịp, \(words.number(days)) ngày")
                detail = left
            case .behind(let day, let isPlanned):
                (tone, icon, isCalm) = (isPlanned ? "note" : "warn", "clock", isPlanned)
                let day = words.day(day, today: standing.today)
                state = words.pick("Behind since \(day)", "Chưa có từ \(day)")
                detail = Look.plan(isPlanned, words)
            case .differs: (tone, icon, state) = ("warn", "warn", AccountRow.differs(standing, words))
            case .complete:
                (tone, icon, state) = ("ok", "done", words.pick("Complete and current", "Đủ và mới"))
            case .partial:
                (tone, icon, state) = ("note", "info", words.pick("Synced in part", "Mới đồng bộ một phần"))
                let read = standing.days.count(where: \.isRead)
                if read > 0 {
                    detail = words.pick(
                        "\(words.number(read)) of 90 days", "\(words.number(read)) trên 90 ngày")
                }
            case .untouched:
                (tone, icon, state) = ("note", "clock", words.pick("Not synced yet", "Chưa đồng bộ"))
            }
            if standing.group == .complete || detail.isEmpty {
                detail = Look.work(standing, left, words) ?? detail
            }
        }

        private static func held(_ standing: Standing, _ words: Words, _ zone: TimeZone, _ now: Instant) -> String {
            let held = standing.open.count
            let since = standing.connection.parkedAt.map { words.near($0, in: zone, now: now) }
            let what = words.pick(
                held == 0 ? "nothing is running" : "\(words.count(held, "job", "")) parked",
                held == 0 ? "không có lượt nào đang chạy" : "\(words.number(held)) lượt tạm giữ")
            return what + (since.map { words.pick(" since \($0)", " từ \($0)") } ?? "")
        }

        /// `Campaigns, hourly, 17–18 Nov`.
        private static func whatFailed(_ standing: Standing, _ words: Words) -> String {
            let streams = Set(standing.failures.map { words.stage($0.stream.rawValue) }).sorted()
            let days = standing.last?.definition.requested.map { words.days($0, today: standing.today) }
            return (streams + [days].compactMap(\.self)).joined(separator: ", ")
        }

        /// How far history is, or what the last run brought.
        private static func work(_ standing: Standing, _ left: String, _ words: Words) -> String? {
            if let history = standing.history {
                let percent = words.percent(history)
                let told = left.isEmpty ? percent : left
                return words.pick("history: \(told)", "lịch sử: \(told)")
            }
            guard standing.open.isEmpty, let rows = standing.last?.rowsReceived, rows > 0 else { return nil }
            return words.pick(
                "\(words.count(rows, "row", "")) in the last run", "lượt gần nhất \(words.number(rows)) dòng")
        }

        private static func plan(_ isPlanned: Bool, _ words: Words) -> String {
            isPlanned
                ? words.pick("goes on with the next sync", "chạy tiếp ở lần đồng bộ kế tiếp")
                : words.pick("no schedule reads it", "chưa có lịch nào đọc")
        }
    }

    private static func plansMore(_ standing: Standing) -> Bool {
        standing.shown.map { $0.phase == .recent && $0.plansMore } ?? false
    }

    /// Of the recent phase.
    private static func percent(_ standing: Standing) -> Int {
        if standing.shown?.phase == .recent { return standing.percent }
        return standing.stages.filter { $0.phase == .recent }.percent(plansMore: plansMore(standing))
    }

    /// How much of the last 90 days is there, where no sync goes on; nil where nothing comes by days.
    private static func read(_ standing: Standing) -> Int? {
        let days = standing.days.filter { $0 != .notOffered }
        guard !days.isEmpty else { return standing.newest == nil ? 0 : nil }
        return days.count(where: \.isRead) * 100 / days.count
    }

    private static func filled(_ standing: Standing, _ words: Words) -> [Filled] {
        let account = standing.account
        let recent: Filled
        if account.recentCompletedAt != nil {
            recent = Filled(isDone: true, label: words.pick("last 90 days", "90 ngày qua"))
        } else {
            let percent = standing.open.isEmpty ? read(standing) : percent(standing)
            let stages = standing.stages.filter { $0.phase == .recent }
            let parts =
                standing.open.isEmpty
                ? nil
                : ProgressPage.Bar(
                    stages, plansMore: plansMore(standing), reached: percent ?? 0)
            recent = Filled(
                isDone: false, label: words.pick("90 d", "90 ngày"), bar: percent.map { "\($0)%" },
                waiting: parts?.waiting, failed: parts?.failed, value: percent.map { "\($0) %" } ?? "—")
        }
        let label = words.pick("Hist.", "Lịch sử")
        if account.historyCompletedAt != nil {
            let since = account.createdOn.map { words.pick("since ", "từ ") + words.month($0) }
            return [recent, Filled(isDone: true, label: since ?? words.pick("history", "lịch sử"))]
        }
        if let history = standing.history {
            return [
                recent,
                Filled(
                    isDone: false, label: label, bar: "\(Int(history * 100))%", value: words.percent(history)),
            ]
        }
        let text = standing.open.isEmpty ? "—" : words.pick("queued", "chờ lượt")
        return [recent, Filled(isDone: false, label: label, value: text)]
    }

    /// The 30 days that the small chart shows.
    private static func series(_ standing: Standing) -> [Int64] {
        guard let days = DayRange(standing.today.adding(days: -29), standing.today) else { return [] }
        guard !standing.figures.isEmpty else { return Array(standing.rows.suffix(30)) }
        let value = measure(standing)
        // Of several currencies the one with the most days.
        let currency = mainCurrency(standing.figures, standing)
        var byDay: [CivilDate: Int64] = [:]
        for figure in standing.figures where figure.currency == currency {
            byDay[figure.day, default: 0] += value(figure) ?? 0
        }
        return days.days.map { byDay[$0] ?? 0 }
    }

    static func mainCurrency(_ figures: [DayFigures], _ standing: Standing) -> String {
        currencies(figures, standing)[0]
    }

    /// Those with the most days first; never empty.
    static func currencies(_ figures: [DayFigures], _ standing: Standing) -> [String] {
        let counts = Dictionary(grouping: figures, by: \.currency).mapValues(\.count)
        let found = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
        return found.isEmpty ? [standing.account.currency] : found
    }

    /// What is spent, or what comes in where nothing is.
    private static func measure(_ standing: Standing) -> (DayFigures) -> Int64? {
        standing.figures.contains { $0.cost != nil } ? { $0.cost } : { $0.revenue }
    }

    static func todays(
        _ standing: Standing, _ words: Words, _ zone: TimeZone, _ now: Instant
    ) -> (String, String) {
        guard !standing.figures.isEmpty else {
            guard let rows = standing.rows.last, standing.rows.contains(where: { $0 > 0 }) else { return ("—", "") }
            return (words.number(Int(rows)), words.pick("rows", "dòng"))
        }
        let isSpend = standing.figures.contains { $0.cost != nil }
        let currency = mainCurrency(standing.figures, standing)
        let value = measure(standing)
        func figure(_ day: CivilDate) -> Int64? {
            standing.figures.first { $0.day == day && $0.currency == currency }.flatMap(value)
        }
        // Not read yet is not nothing.
        guard let amount = figure(standing.today) ?? (standing.days.last?.isRead == true ? 0 : nil) else {
            return ("—", "")
        }
        let money = words.money(amount, currency)
        let others = currencies(standing.figures, standing).count - 1
        let more =
            others > 0
            ? words.pick(", \(others) more currenc\(others == 1 ? "y" : "ies")", ", thêm \(others) loại tiền") : ""
        guard isSpend else { return (money, words.pick("revenue", "doanh thu") + more) }
        if case .signedOut = standing.state, let last = standing.account.lastSyncedAt {
            let time = words.near(last, in: zone, now: now)
            return (money, words.pick("until \(time)", "đến \(time)"))
        }
        let before = figure(standing.today.adding(days: -1)).map { words.shortMoney($0, currency) }
        return (money, before.map { words.pick("yesterday \($0)", "hôm qua \($0)") } ?? "")
    }

    private static func failed(_ chunks: Int, _ standing: Standing, _ words: Words) -> Problem? {
        guard let job = standing.last else { return nil }
        let label = words.pick(
            "Retry \(words.count(chunks, "chunk", ""))", "Chạy lại \(words.number(chunks)) phần")
        let rest = words.pick("All else is stored.", "Các phần khác đã lưu.")
        let message = standing.failures.first?.cause.message ?? job.errorMessage ?? ""
        let cause =
            message.isEmpty
            ? words.pick("Some chunks failed to the last try.", "Một số phần lỗi đến lần thử cuối.")
            : words.whole(message)
        return Problem(
            tone: "bad", lead: cause, rest: rest, brief: "\(cause) \(rest)",
            details: Link(href: "/sync/logs/\(job.id)", label: words.pick("Details", "Chi tiết")),
            link: standing.failures.contains { $0.cause.needsPermission } ? standing.grant(words) : nil,
            post: Post(action: "/sync/jobs/\(job.id)/retry", label: label))
    }

    static func problem(
        _ standing: Standing, _ words: Words, _ zone: TimeZone, _ now: Instant
    ) -> Problem? {
        switch standing.state {
        case .signedOut:
            guard let cause = standing.connection.parked else { return nil }
            let held = standing.open.count
            let jobs = held == 1 ? "job goes" : "\(held) jobs go"
            let safe = words.pick(
                held == 0
                    ? "Nothing is lost."
                    : "Nothing is lost: after sign-in the \(jobs) on from the same place.",
                held == 0
                    ? "Không mất gì cả."
                    : "Không mất gì cả: đăng nhập lại là \(words.number(held)) lượt chạy tiếp từ đúng chỗ cũ.")
            return Problem(
                tone: "bad", lead: words.said(cause.message), rest: safe,
                brief: "\(words.said(cause.message)) \(words.pick("Nothing is lost.", "Không mất gì cả."))",
                link: Link(
                    href: "/connections/\(standing.connection.id)/reconnect",
                    label: words.pick("Reconnect", "Kết nối lại")))
        case .failed(let chunks): return failed(chunks, standing, words)
        case .stuck(let why):
            let job = standing.open.first { $0.stuck != nil }
            return Problem(
                tone: "bad", lead: words.whole(why),
                rest: words.pick(
                    "What is stored stays, and the run goes on by itself when that is mended.",
                    "Dữ liệu đã lưu vẫn còn; khắc phục xong thì lượt chạy tự tiếp tục."),
                brief: words.whole(why),
                details: job.map {
                    Link(href: "/sync/logs/\($0.id)", label: words.pick("Details", "Chi tiết"))
                })
        case .behind(_, isPlanned: false):
            return Problem(
                tone: "warn",
                lead: words.pick("No schedule reads this account.", "Chưa có lịch nào đọc tài khoản này."),
                rest: words.pick(
                    "What is stored stays; newer days are missing.", "Dữ liệu đã lưu vẫn còn; thiếu các ngày mới."),
                brief: words.pick("No schedule reads this account.", "Chưa có lịch nào đọc tài khoản này."),
                details: Link(href: "/sync/schedules/create", label: words.pick("Make a schedule", "Đặt lịch")),
                post: Post(
                    action: "/accounts/\(standing.account.id)/sync", label: words.pick("Sync now", "Đồng bộ ngay")))
        case .differs:
            let lead = differs(standing, words) + "."
            return Problem(
                tone: "warn", lead: lead,
                rest: words.pick(
                    "What is stored stays. Certificates show both figures, day by day.",
                    "Dữ liệu đã lưu vẫn còn. Trang Đối soát cho thấy cả hai số, theo từng ngày."),
                brief: lead,
                details: Link(
                    href: "/accounts/\(standing.account.id)/certificates",
                    label: words.pick("Certificates", "Đối soát")))
        default: return nil
        }
    }

    /// `1 day differs from Meta’s totals`
    private static func differs(_ standing: Standing, _ words: Words) -> String {
        let days = standing.proof.gaps
        let platform = standing.platform.name
        return words.pick(
            "\(words.count(days, "day", "")) \(days == 1 ? "differs" : "differ") from \(platform)’s totals",
            "\(words.number(days)) ngày lệch số của \(platform)")
    }
}

extension Standing {
    /// Where a permission that is missing can be given.
    func grant(_ words: Words) -> Link {
        Link(href: "/connections/\(connection.id)/reconnect", label: words.pick("Grant permission", "Cấp quyền"))
    }
}
