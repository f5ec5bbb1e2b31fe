import ConnectorKit
import FoundationEssentials
import SyncCore
import Wording

/// `progress.mustache`: how far, how long, what is usable, what holds it up, is it alive, what is my part
/// (anchors.md 5.2).
struct ProgressPage: Sendable {
    var grid: Grid
    var weekGrid: Grid
    var account: Subject
    var started: String
    var headline: Headline
    var usable: String
    var closable: String
    var bar: Bar?
    var chunks: String
    var rows: String
    var pace: String
    var elapsed: String
    var actions: Actions?
    var stages: [Stage]
    var quotaNote: String
    var quotaCount: String
    var quotas: [QuotaCard]
    var hasDays: Bool
    var coverage: CoverageView
    var legend: [LegendItem]
    var hasProblems: Bool
    /// Since when nothing has failed.
    var calm: String?
    var problems: [Problem]
    var speed: String
    var pace22: Pace?
    var quiet: Quiet?
    var tape: [TapeLine]

    struct Subject: Sendable {
        var mark: String
        var name: String
    }

    struct Headline: Sendable {
        var done: String
        var left: String?
    }

    /// From the left what is done, what runs, what waits; at the far end what failed.
    struct Bar: Sendable {
        var done: String
        var running: String
        var waiting: Part?
        var failed: Part?

        struct Part: Sendable {
            var x: String
            var width: String
        }

        /// As far as it was told to be, where that is further than what is counted now.
        init?(_ stages: [StageProgress], plansMore: Bool = false, reached: Int = 0) {
            let total = stages.whole(plansMore: plansMore)
            guard total > 0 else { return nil }
            let completed = stages.reduce(0) { $0 + $1.completed }
            let running = stages.reduce(0) { $0 + $1.running }
            let waiting = stages.reduce(0) { $0 + $1.waiting }
            let failed = stages.reduce(0) { $0 + $1.failed }
            let least = reached - (failed * 100 + total - 1) / total
            done = completed * 100 >= least * total ? ProgressPage.share(completed, total) : "\(least)%"
            self.running = ProgressPage.share(running, total)
            if waiting > 0 {
                self.waiting = Part(
                    x: ProgressPage.share(completed + running, total), width: ProgressPage.share(waiting, total))
            }
            if failed > 0 {
                self.failed = Part(
                    x: ProgressPage.share(total - failed, total), width: ProgressPage.share(failed, total))
            }
        }
    }

    struct Actions: Sendable {
        var pause: Act?
        var stop: Stop?
    }

    struct Act: Sendable {
        var action: String
        var back: String
        var icon: String
        var label: String
    }

    struct Stop: Sendable {
        var action: String
        var label: String
        var confirm: String
        var detail: String
    }

    struct Stage: Sendable {
        /// `done`, `going`, `waits`, `failed`, or none for what is to come.
        var state: String
        var icon: String?
        var ring: String?
        var label: String
        var count: String
        var note: String
        var tone: String
        var hasLevels = false
        var levels: [Level] = []
    }

    struct Level: Sendable {
        var label: String
        var bar: Bar
        var count: String
    }

    struct Problem: Sendable {
        var tone: String
        var icon: String
        var cause: String
        var lead: String
        var rest: String
        var evidence: String
        var raw: Link?
        var link: Link?
        var post: Post?
    }

    struct Pace: Sendable {
        var area: String
        var line: String
        var x: String
        var y: String
    }

    struct Quiet: Sendable {
        var lead: String
        var rest: String
    }

    struct TapeLine: Sendable {
        var tone: String
        var icon: String
        var at: String
        var stream: String
        var text: String
        var count: String
        var took: String
        var isNew: Bool
    }

    /// What a page of progress is made from.
    struct Facts: Sendable {
        var standing: Standing
        var job: Job
        var actor: String?
        var stages: [StageProgress]
        /// The same by stream.
        var streams: [StageProgress]
        var left: Estimate.Left?
        var quotas: [(key: QuotaKey, quota: Quota)]
        var tape: [ChunkResult]
        var failed: [FailedChunks]
        var waits: [StageWait]
        var notes: [Note]
        var canAct: Bool
        /// Which stream a phone shows.
        var stream: String?
    }
}

extension ProgressPage {
    static func make(_ facts: Facts, _ words: Words, at now: Instant) -> ProgressPage {
        let (standing, job) = (facts.standing, facts.job)
        let mine = facts.stages.filter { $0.phase == job.phase || job.state.isTerminal }
        let total = mine.reduce(0) { $0 + $1.total }
        let done = mine.reduce(0) { $0 + $1.completed + $1.failed }
        let days = DayRange(standing.today.adding(days: -89), standing.today) ?? DayRange(standing.today)
        let problems = problems(facts, words, now)
        let counted = mine.percent(plansMore: job.plansMore)
        let percent = job.id == standing.shown?.id ? standing.percent : counted
        return ProgressPage(
            grid: Grid(.progress, days.count, offset: CoverageView.offset(days.first)), weekGrid: Grid(.week, 7),
            account: Subject(mark: String(standing.platform.name.prefix(1)), name: standing.account.name),
            started: started(facts, words, now),
            headline: headline(facts, percent, words),
            usable: usable(facts, words),
            closable: job.state.isTerminal
                ? ""
                : job.waitReason == .paused
                    ? words.pick("Nothing runs until you let it go on.", "Không gì chạy cho đến khi bạn bấm Chạy tiếp.")
                    : words.pick(
                        "You can close this page; nothing stops.",
                        "Bạn có thể đóng trang này, việc đồng bộ vẫn chạy tiếp."),
            bar: Bar(mine, plansMore: job.plansMore, reached: percent),
            chunks: words.pick(
                "\(words.number(done)) of \(words.count(total, "chunk", ""))",
                "\(words.number(done)) trên \(words.number(total)) phần"),
            rows: words.count(job.rowsReceived, "row", "dòng"), pace: pace(facts, words, now),
            elapsed: elapsed(job, words, now), actions: actions(facts, words),
            stages: stages(facts, words, now), quotaNote: quotaNote(facts, words, now),
            quotaCount: quotaCount(facts, words, now),
            quotas: inPlay(facts.quotas, now).map { QuotaCard.make($0.key, $0.quota, facts, words, now) },
            hasDays: standing.hasDays,
            coverage: CoverageView.make(standing, days, .progress, chosen: facts.stream, words),
            legend: LegendItem.all(words, with: [.settled, .fresh, .running, .queued, .failed]),
            hasProblems: !problems.isEmpty, calm: problems.isEmpty ? calm(job, facts, words, now) : nil,
            problems: problems, speed: speed(facts, words, now), pace22: drawnPace(facts.tape),
            quiet: quiet(facts, words, now),
            tape: shown(facts.tape).enumerated().map { index, result in
                tapeLine(result, isNew: index == 0, facts, words, now)
            })
    }

    /// `62.3%` of a whole.
    static func share(_ part: Int, _ whole: Int) -> String {
        whole == 0 ? "0%" : "\(Shapes.n(Double(part) / Double(whole) * 100))%"
    }

    private static func started(_ facts: Facts, _ words: Words, _ now: Instant) -> String {
        let kind = words.kind(facts.job.definition.kind)
        let when = words.near(facts.job.startedAt ?? facts.job.createdAt, in: facts.standing.zone, now: now)
        let who = facts.actor.map { words.pick(" by \($0)", " bởi \($0)") } ?? ""
        // The clock of all times on the page.
        let zone = facts.standing.account.zoneName
        return words.pick("\(kind), started \(when)\(who) · \(zone)", "\(kind), bắt đầu \(when)\(who) · \(zone)")
    }

    private static func headline(_ facts: Facts, _ percent: Int, _ words: Words) -> Headline {
        let job = facts.job
        let name =
            job.definition.requested.map { words.days($0, today: facts.standing.today) }
            ?? (job.phase == .recent
                ? words.pick("Last 90 days", "90 ngày gần nhất")
                : facts.standing.account.historyCompletedAt == nil
                    ? words.pick("History", "Lịch sử") : words.kind(job.definition.kind).capitalised)
        switch job.state {
        case .completed:
            let what = job.definition.requested == nil ? words.pick("All days", "Mọi ngày") : name
            return Headline(done: words.pick("\(what): complete", "\(what): đã đủ"))
        case .failed:
            return Headline(
                done: words.pick(
                    "\(name): \(words.count(job.failedChunks, "chunk", "")) failed",
                    "\(name): \(words.number(job.failedChunks)) phần bị lỗi"))
        case .cancelled: return Headline(done: words.pick("\(name): stopped", "\(name): đã dừng"))
        case .pending: return Headline(done: words.pick("\(name): queued", "\(name): đang xếp hàng"))
        case .inProgress, .waiting: break
        }
        if job.waitReason == .paused {
            return Headline(done: "\(name): \(percent) %", left: words.pick("paused", "đang tạm dừng"))
        }
        let left =
            facts.left.map { words.timeLeft($0) } ?? words.pick("Time left not known yet", "Chưa biết còn bao lâu")
        return Headline(done: "\(name): \(percent) %", left: left)
    }

    /// Which days can be worked with already: those to yesterday when they are all there.
    private static func usable(_ facts: Facts, _ words: Words) -> String {
        let standing = facts.standing
        let complete = standing.byStream.filter { _, cells in
            let states = CoverageView.states(
                cells,
                DayRange(standing.today.adding(days: -89), standing.today.adding(days: -1)) ?? DayRange(standing.today))
            return !cells.isEmpty && states.allSatisfy { $0.isRead || $0 == .notOffered }
        }.keys.sorted().map { words.stage($0.rawValue) }
        if facts.job.state.isTerminal {
            return words.pick("All that was read is stored.", "Mọi thứ đã đọc đều được lưu.")
        }
        let known = standing.order.filter { standing.byStream[$0]?.isEmpty == false }
        if !known.isEmpty, complete.count == known.count {
            return words.pick("Rows up to yesterday are already usable.", "Số liệu đến hôm qua đã dùng được.")
        }
        let begun = known.compactMap { stream -> String? in
            let name = words.stage(stream.rawValue)
            guard !complete.contains(name), let day = usableSince(stream, standing) else { return nil }
            let since = words.day(day, today: standing.today)
            return words.pick("\(name) since \(since)", "\(name) từ \(since)")
        }
        let list = (complete + begun).joined(separator: ", ")
        return list.isEmpty
            ? words.pick("What has arrived is stored.", "Phần đã về đều được lưu.")
            : words.pick("Already usable: \(list).", "Đã dùng được: \(list).")
    }

    /// The first of the days up to yesterday that are there without a gap; nil for fewer than two.
    private static func usableSince(_ stream: StreamID, _ standing: Standing) -> CivilDate? {
        let yesterday = standing.today.adding(days: -1)
        guard let days = DayRange(standing.today.adding(days: -89), yesterday) else { return nil }
        let states = CoverageView.states(standing.byStream[stream] ?? [], days)
        let count = states.reversed().prefix(while: \.isRead).count
        return count < 2 ? nil : standing.today.adding(days: -count)
    }

    private static func pace(_ facts: Facts, _ words: Words, _ now: Instant) -> String {
        guard facts.job.waitReason != .paused,
            let (key, quota) = facts.quotas.max(by: { $0.quota.used(at: now) < $1.quota.used(at: now) })
        else {
            return ""
        }
        let use = QuotaUse(key, quota, at: now)
        let rate = quota.limit.points / quota.limit.period.inSeconds
        let name = facts.standing.platform.name
        let (now, most) = (words.rate(use.perSecond), words.rate(rate))
        return words.pick(
            "Pace is set by \(name)’s limit: \(now) of \(most) points a second",
            "Nhịp do hạn mức của \(name) quyết định: \(now) trên \(most) điểm mỗi giây"
        )
    }

    private static func elapsed(_ job: Job, _ words: Words, _ now: Instant) -> String {
        let length = words.length((job.finishedAt ?? now) - (job.startedAt ?? job.createdAt))
        return job.finishedAt == nil ? words.pick("\(length) so far", "đã chạy \(length)") : length
    }

    private static func actions(_ facts: Facts, _ words: Words) -> Actions? {
        guard facts.canAct, !facts.job.state.isTerminal else { return nil }
        let name = facts.standing.account.name
        let isPaused = facts.job.waitReason == .paused
        return Actions(
            pause: Act(
                action: "/sync/jobs/\(facts.job.id)/\(isPaused ? "resume" : "pause")",
                back: "/accounts/\(facts.standing.account.id)/progress", icon: isPaused ? "play" : "pause",
                label: isPaused ? words.pick("Go on", "Chạy tiếp") : words.pick("Pause", "Tạm dừng")),
            stop: Stop(
                action: "/sync/jobs/\(facts.job.id)/cancel", label: words.pick("Stop", "Dừng"),
                confirm: words.pick("Stop this sync of \(name)?", "Dừng lượt đồng bộ này của \(name)?"),
                detail: words.pick(
                    "\(words.count(facts.job.rowsReceived, "row", "")) stay. You can go on later from the same place.",
                    "Giữ lại \(words.number(facts.job.rowsReceived)) dòng. Có thể chạy tiếp từ đúng chỗ này.")))
    }

    // MARK: Stages

    private static func stages(_ facts: Facts, _ words: Words, _ now: Instant) -> [Stage] {
        facts.standing.platform.stages.map { name in
            let mine = facts.stages.filter { $0.stage == name }
            let total = mine.reduce(0) { $0 + $1.total }
            let done = mine.reduce(0) { $0 + $1.completed + $1.failed }
            let failed = mine.reduce(0) { $0 + $1.failed }
            let rows = mine.reduce(0) { $0 + $1.rows }
            let waiting = mine.reduce(0) { $0 + $1.waiting }
            var stage = Stage(state: "", label: words.stage(name), count: words.number(rows), note: "", tone: "")
            if total == 0 {
                let streams = facts.standing.streams[name] ?? []
                let isMeant = streams.isEmpty || streams.contains { facts.job.definition.streams.contains($0) }
                let isOver = facts.job.state.isTerminal || !isMeant
                stage.note = isOver ? words.pick("not asked for", "không yêu cầu") : words.pick("queued", "chờ lượt")
                stage.count = isOver ? "—" : words.number(0)
            } else if done == total {
                (stage.state, stage.icon) = failed > 0 ? ("failed", "x") : ("done", "check")
                stage.note =
                    failed > 0
                    ? words.pick("\(words.number(failed)) failed", "\(words.number(failed)) lỗi")
                    : words.pick("done", "xong")
            } else if waiting == total - done, waiting > 0 {
                (stage.state, stage.icon) = ("waits", "clock")
                let until = facts.waits.first { $0.stage == name }?.until
                stage.note =
                    until.map {
                        words.pick("waits until ", "chờ đến ") + words.near($0, in: facts.standing.zone, now: now)
                    }
                    ?? words.pick("waits", "đang chờ")
            } else {
                stage.state = "going"
                stage.ring = "\(max(1, done * 100 / total))"
                stage.note = words.pick(
                    "\(words.number(done)) of \(words.count(total, "chunk", ""))",
                    "\(words.number(done)) trên \(words.number(total)) phần")
            }
            addLevels(&stage, of: name, facts, words)
            return stage
        }
    }

    /// Where a stage has several streams, how far each is.
    private static func addLevels(_ stage: inout Stage, of name: String, _ facts: Facts, _ words: Words) {
        let ids = facts.standing.streams[name] ?? []
        guard ids.count > 1 else { return }
        stage.levels = ids.compactMap { id in
            let mine = facts.streams.filter { $0.stage == id.rawValue }
            guard let bar = Bar(mine) else { return nil }
            let (total, done) = (mine.reduce(0) { $0 + $1.total }, mine.reduce(0) { $0 + $1.completed })
            return Level(
                label: words.stage(id.rawValue), bar: bar, count: "\(words.number(done))/\(words.number(total))")
        }
        stage.hasLevels = stage.levels.count > 1
    }
}
