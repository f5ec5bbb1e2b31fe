import ConnectorKit
import FoundationEssentials
import Hummingbird
import SyncCore
import Wording

/// `done.mustache`: the recent days are there.
struct DonePage: Sendable {
    var grid: Grid
    var headline: String
    var detail: String
    var closeHref: String
    var figures: [Figure]
    var stages: [Stage]
    var coverage: CoverageView?
    var hasCertificate: Bool
    var certificate: String
    var source: String
    var sums: [Sum]
    var leftOut: LeftOut?
    var history: History?
    var runHref: String

    struct Figure: Sendable {
        var label: String
        var value: String
        var note: String
    }

    struct Stage: Sendable {
        var icon: String
        var label: String
        var count: String
    }

    struct Sum: Sendable {
        var measure: String
        var stored: String
        var said: String
        var difference: String
        var tone: String
        var icon: String
    }

    struct LeftOut: Sendable {
        var tone: String
        var icon: String
        var cause: String
        var before: String
        var strong: String
        var after: String
        var action: Link?
    }

    struct History: Sendable {
        var percent: String
        var lead: String
        var rest: String
    }

    /// The job of an account's first days, which are all there.
    static func isDue(_ standing: Standing, _ job: Job) -> Bool {
        job.definition.kind == .initial && standing.account.recentCompletedAt != nil
    }

    struct Facts: Sendable {
        var standing: Standing
        var job: Job
        var stages: [StageProgress]
        var certificates: [Certificate]
        var request: SyncRequest?
        var countsPoints: Bool
    }

    init(_ facts: Facts, _ words: Words, _ now: Instant) {
        let (standing, job) = (facts.standing, facts.job)
        let recent = facts.stages.filter { $0.phase == .recent }
        let days = job.definition.recent ?? DayRange(standing.today)
        let shown = DayRange(standing.today.adding(days: -89), standing.today) ?? days
        let name = standing.account.name
        let isFilling = !job.state.isTerminal && job.definition.history != nil
        grid = Grid(.progress, shown.count, offset: CoverageView.offset(shown.first))
        headline = words.pick("Your recent data is ready", "Dữ liệu gần đây đã sẵn sàng")
        let span = words.pick(
            "\(words.day(days.first, today: standing.today)) to \(words.day(days.last, today: standing.today))",
            "\(words.day(days.first, today: standing.today)) đến \(words.day(days.last, today: standing.today))")
        detail =
            "\(name), \(span)."
            + (isFilling
                ? words.pick(
                    " History is being filled in the background.", " Lịch sử đang được bổ sung trong nền.") : "")
        closeHref = "/accounts/\(standing.account.id)"
        figures = DonePage.figures(facts, recent, words, now)
        stages = standing.platform.stages.compactMap { stage in
            let mine = recent.filter { $0.stage == stage }
            guard !mine.isEmpty else { return nil }
            let failed = mine.contains { $0.failed > 0 }
            return Stage(
                icon: failed ? "x" : "check", label: words.stage(stage),
                count: words.number(mine.reduce(0) { $0 + $1.rows }))
        }
        coverage =
            standing.byStream.allSatisfy(\.value.isEmpty)
            ? nil : CoverageView.make(standing, shown, .progress, chosen: nil, words)
        sums = DonePage.sums(facts, days, words, now)
        hasCertificate = !sums.isEmpty
        certificate = words.pick("Certificate, \(words.count(days.count, "day", ""))", "Đối soát, \(days.count) ngày")
        source = words.pick("\(standing.platform.name) says", "Số của \(standing.platform.name)")
        leftOut = DonePage.leftOut(facts, words)
        if isFilling {
            let share = standing.history ?? 0
            history = History(
                percent: "\(Int(share * 100))", lead: words.pick("History has started:", "Lịch sử đã bắt đầu:"),
                rest: "\(words.percent(share)), \(words.timeLeft(standing.left))")
        }
        runHref = "\(RunQuery.path)/\(job.id)"
    }

    private static func figures(
        _ facts: Facts, _ recent: [StageProgress], _ words: Words, _ now: Instant
    ) -> [Figure] {
        let (standing, job) = (facts.standing, facts.job)
        let chunks = recent.reduce(0) { $0 + $1.completed + $1.failed }
        let failed = recent.reduce(0) { $0 + $1.failed }
        let done = words.count(chunks, "chunk", "phần")
        let calls = recent.reduce(0) { $0 + $1.requests }
        var figures = [
            Figure(
                label: words.pick("Rows", "Số dòng"), value: words.number(recent.reduce(0) { $0 + $1.rows }),
                note: failed == 0
                    ? words.pick("\(done), none failed", "\(done), không phần nào lỗi")
                    : words.pick("\(done), \(words.number(failed)) failed", "\(done), \(words.number(failed)) lỗi"))
        ]
        if let end = standing.account.recentCompletedAt {
            let promised = facts.request?.promised.map { words.roughly($0.until - job.createdAt) }
            figures.append(
                Figure(
                    label: words.pick("Took", "Thời gian"), value: words.length(end - job.createdAt),
                    note: promised.map { words.pick("promised about \($0)", "đã hẹn khoảng \($0)") } ?? ""))
        }
        figures.append(
            Figure(
                label: facts.countsPoints
                    ? words.pick("Quota spent", "Hạn mức đã dùng") : words.pick("Calls", "Lượt gọi"),
                value: facts.countsPoints
                    ? words.count(calls, "point", "điểm") : words.count(calls, "call", "lượt gọi"),
                note: words.pick(
                    "\(words.number(job.spent.throttled)) over a limit",
                    "\(words.number(job.spent.throttled)) vượt hạn mức")))
        if let next = standing.nextRun {
            figures.append(
                Figure(
                    label: words.pick("Next run", "Lượt kế tiếp"),
                    value: words.near(next, in: standing.zone, now: now), note: ""))
        }
        return figures
    }

    /// Each day once, by the stream that the platform shows first. Currencies are never added together.
    private static func sums(_ facts: Facts, _ days: DayRange, _ words: Words, _ now: Instant) -> [Sum] {
        let mine = CertificateDay.days(facts.certificates, order: facts.standing.order)
            .filter { days.first <= $0.day && $0.day <= days.last }
            .flatMap(\.byCurrency).compactMap { $0.certificates.first { $0.state != .notComparable } }
        guard !mine.isEmpty else { return [] }
        let told = ProofWords(standing: facts.standing, words: words, now: now)
        let all = Set(mine.map(\.currency))
        let currencies = all.count > 1 ? all.compactMap(\.self).sorted() : []
        func sum(_ measure: Measure, of currency: String?) -> Sum? {
            let both = mine.filter {
                $0.stored[measure] != nil && $0.source[measure] != nil
                    && (currency == nil || $0.currency == currency)
            }
            guard !both.isEmpty else { return nil }
            let stored = both.reduce(0) { $0 + ($1.kept(measure) ?? 0) }
            let said = both.reduce(0) { $0 + ($1.source[measure] ?? 0) }
            let difference = both.reduce(0) { $0 + ($1.difference[measure] ?? 0) }
            return Sum(
                measure: told.name(measure), stored: told.value(measure, stored, currency),
                said: told.value(measure, said, currency), difference: told.value(measure, difference, currency),
                tone: difference == 0 ? "ok" : "warn", icon: difference == 0 ? "shield" : "warn")
        }
        return [Measure.cost, .revenue, .impressions, .clicks, .orders, .rows].flatMap { measure in
            measure.isMoney && !currencies.isEmpty
                ? currencies.compactMap { sum(measure, of: $0) } : [sum(measure, of: nil)].compactMap(\.self)
        }.prefix(max(3, currencies.count)).map(\.self)
    }

    private static func leftOut(_ facts: Facts, _ words: Words) -> LeftOut? {
        let failed = facts.stages.filter { $0.phase == .recent }.reduce(0) { $0 + $1.failed }
        guard failed > 0 else { return nil }
        return LeftOut(
            tone: "bad", icon: "user", cause: words.pick("You", "Bạn"), before: "",
            strong: words.count(failed, "chunk", "phần"),
            after: words.pick(" failed; all else is there.", " bị lỗi; phần còn lại đã đủ."),
            action: Link(
                href: "/accounts/\(facts.standing.account.id)/progress", label: words.pick("See why", "Xem lý do")))
    }
}

extension AccountTabRoutes {
    func done(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let standing = try await site.standing(context.parameters.get("id"), visitor)
        let jobs = standing.open + (try await site.store.jobs(of: standing.account.id, limit: 50))
        // Programs read the progress.
        guard !context.wantsJSON, let job = jobs.first(where: { DonePage.isDue(standing, $0) }) else {
            return Answer.seeOther("/accounts/\(standing.account.id)/progress")
        }
        let stages = try await site.store.stages(of: job.id)
        let facts = DonePage.Facts(
            standing: standing, job: job, stages: stages,
            certificates: try await site.store.certificates(
                account: standing.account.id, days: job.definition.recent, limit: 1000),
            request: try await site.store.request(with: job.id), countsPoints: standing.platform.countsPoints)
        let words = context.words
        return try await site.renderer.response(
            Page(
                template: "done", section: .accounts, title: words.pick("First sync, done", "Lần đồng bộ đầu, xong"),
                model: DonePage(facts, words, site.clock.now),
                parents: [
                    AccountFrame.parent(words),
                    Link(href: "/accounts/\(standing.account.id)", label: standing.account.name),
                ], isLive: false, reloadSeconds: nil), request, context)
    }
}
