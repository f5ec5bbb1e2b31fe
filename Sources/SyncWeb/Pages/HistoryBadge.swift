import ConnectorKit
import SyncCore
import Wording

/// The badge of history that is being filled in: how far it is, when it is there, and what can be done with it.
struct HistoryBadge: Sendable {
    var told: RunWords
    var orders: WorkOrders
    var mayAct: Bool

    private static let most = 5
    private var words: Words { told.words }

    /// Nil when none is being filled in.
    func badge(_ standings: [Standing]) -> Shell.History? {
        var filling = standings.compactMap { standing in standing.history.map { (standing: standing, share: $0) } }
        if let index = filling.firstIndex(where: { $0.standing.account.id == orders.first }) {
            filling.insert(filling.remove(at: index), at: 0)
        }
        guard let first = filling.first else { return nil }
        let share = filling.reduce(0) { $0 + $1.share } / Double(filling.count)
        let months = filling.reduce(0) { $0 + HistoryBadge.months($1.standing) }
        let done = filling.reduce(0.0) { $0 + Double(HistoryBadge.months($1.standing)) * $1.share }
        let pause = orders.holdsHistory
        return Shell.History(
            tone: pause == nil ? "run" : "", ring: pause == nil ? "\(Int(share * 100))" : nil,
            icon: pause == nil ? nil : "pause", label: words.pick("History", "Lịch sử"),
            value: pause == nil ? words.percent(share) : words.pick("paused", "tạm dừng"),
            months: words.pick(
                "\(words.number(Int(done))) of \(words.number(months)) months",
                "\(words.number(Int(done))) trên \(words.number(months)) tháng"),
            accounts: Array(
                (filling.map { line($0.standing, $0.share, isOnly: filling.count == 1) }
                    + standings.compactMap(coming)).prefix(HistoryBadge.most)),
            details: Link(
                href: "/accounts/\(first.standing.account.id)/progress", label: words.pick("Details", "Chi tiết")),
            actions: actions)
    }

    /// Of an account whose history is planned, and comes behind what is being read now.
    private func coming(_ standing: Standing) -> Shell.History.Line? {
        guard standing.history == nil, let job = standing.shown, job.definition.history != nil,
            job.definition.steps.dropFirst(job.plannedSteps).contains(where: { $0.phase == .history }),
            let recent = job.definition.recent
        else { return nil }
        let text =
            pausedText(standing)
            ?? words.pick(
                "starts after the last \(words.number(recent.count)) days",
                "bắt đầu sau \(words.number(recent.count)) ngày gần nhất")
        return Shell.History.Line(name: standing.account.name, text: text)
    }

    private func pausedText(_ standing: Standing) -> String? {
        if let pause = orders.holdsHistory { return PauseWords(told).since(pause) }
        return standing.shown?.waitReason == .paused ? words.pick("paused", "tạm dừng") : nil
    }

    private func line(_ standing: Standing, _ share: Double, isOnly: Bool) -> Shell.History.Line {
        let account = standing.account
        let isFirst = orders.first == account.id
        let held = pausedText(standing)
        var text = held ?? words.timeLeft(standing.left)
        if held == nil, isFirst, !isOnly { text += words.pick(", runs first", ", được ưu tiên") }
        let mayRun = mayAct && !isOnly && !isFirst && orders.holdsHistory == nil
        return Shell.History.Line(
            name: account.name, text: text, bar: Shell.Bar(width: "\(Int(share * 100))%"),
            run: mayRun
                ? Post(action: "/accounts/\(account.id)/history/first", label: words.pick("Run first", "Ưu tiên")) : nil
        )
    }

    private var actions: [Post] {
        guard mayAct else { return [] }
        if orders.pauses[.all] != nil { return [PauseWords(told).goOn] }
        return orders.pauses[.history] == nil
            ? [Post(action: "/sync/history/pause", label: words.pick("Pause", "Tạm dừng"))]
            : [Post(action: "/sync/history/resume", label: words.pick("Go on", "Chạy tiếp"))]
    }

    /// How many months of history an account has, those that its platform still offers.
    private static func months(_ standing: Standing) -> Int {
        let offered = standing.platform.retentionMonths ?? 37
        guard let createdOn = standing.account.createdOn else { return offered }
        return max(1, min(offered, standing.today.days(since: createdOn) / 30))
    }
}

/// What pages say of work that stands still by order.
struct PauseWords: Sendable {
    private let told: RunWords
    private var words: Words { told.words }

    init(_ told: RunWords) { self.told = told }

    var headline: String { words.pick("All work is paused", "Mọi việc đang tạm dừng") }
    var goOn: Post { Post(action: "/sync/settings/resume", label: words.pick("Go on", "Chạy tiếp")) }

    /// `paused by Linh Trần 13:20`
    func since(_ pause: WorkOrders.Pause) -> String {
        let at = told.near(pause.since)
        return words.pick("paused by \(pause.by) \(at)", "\(pause.by) tạm dừng lúc \(at)")
    }

    func banner(_ pause: WorkOrders.Pause, mayAct: Bool) -> Shell.Banner {
        let at = told.near(pause.since)
        return Shell.Banner(
            tone: "warn", icon: "pause", lead: headline + ",",
            rest: words.pick(
                "since \(at), by \(pause.by). Nothing is lost; what is due waits.",
                "từ \(at), do \(pause.by). Không mất gì cả; việc đến hạn sẽ chờ."),
            action: nil, post: mayAct ? goOn : nil)
    }
}
