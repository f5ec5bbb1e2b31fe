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
    var coverage: CoverageView
    var legend: [LegendItem]
    var hasProblems: Bool
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

    struct Bar: Sendable {
        var done: String
        var running: String
    }

    struct Actions: Sendable {
        var pause: Act?
        var stop: Stop?
    }

    struct Act: Sendable {
        var action: String
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
        var width: String
        var tip: String?
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
        var left: Estimate.Left?
        var quotas: [(key: QuotaKey, quota: Quota)]
        var tape: [ChunkResult]
        var failed: [ChunkSummary]
        var waiting: [ChunkSummary]
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
        let running = mine.reduce(0) { $0 + $1.running }
        let days = DayRange(standing.today.adding(days: -89), standing.today) ?? DayRange(standing.today)
        let problems = problems(facts, words, now)
        return ProgressPage(
            grid: Grid(.progress, days.count, offset: CoverageView.offset(days.first)), weekGrid: Grid(.week, 7),
            account: Subject(mark: String(standing.platform.name.prefix(1)), name: standing.account.name),
            started: started(facts, words, now), headline: headline(facts, total, done, words),
            usable: usable(facts, words),
            closable: job.state.isTerminal
                ? ""
                : words.pick(
                    "You can close this page; nothing stops.",
                    "Bạn có thể đóng trang này, việc đồng bộ vẫn chạy tiếp."),
            bar: total == 0
                ? nil
                : Bar(done: share(done, total), running: share(min(running, total - done), total)),
            chunks: words.pick(
                "\(words.number(done)) of \(words.count(total, "chunk", ""))",
                "\(words.number(done)) trên \(words.number(total)) phần"),
            rows: words.count(job.rowsReceived, "row", "dòng"), pace: pace(facts, words, now),
            elapsed: elapsed(job, words, now), actions: actions(facts, words),
            stages: stages(facts, words, now), quotaNote: quotaNote(facts, words, now),
            quotaCount: "\(facts.quotas.count)",
            quotas: facts.quotas.map { QuotaCard.make($0.key, $0.quota, facts, words, now) },
            coverage: CoverageView.make(standing, days, .progress, chosen: facts.stream, words),
            legend: LegendItem.all(words, with: [.settled, .fresh, .running, .queued, .failed]),
            hasProblems: !problems.isEmpty, problems: problems, speed: speed(facts, words, now),
            quiet: quiet(facts, words, now),
            tape: facts.tape.enumerated().map { tapeLine($0.element, isNew: $0.offset == 0, facts, words) })
    }

    /// `62.3%` of a whole.
    static func share(_ part: Int, _ whole: Int) -> String {
        whole == 0 ? "0%" : "\(Shapes.n(Double(part) / Double(whole) * 100))%"
    }

    private static func started(_ facts: Facts, _ words: Words, _ now: Instant) -> String {
        let kind = words.kind(facts.job.definition.kind)
        let when = words.near(facts.job.startedAt ?? facts.job.createdAt, in: facts.standing.zone, now: now)
        let who = facts.actor.map { words.pick(" by \($0)", " bởi \($0)") } ?? ""
        return words.pick("\(kind), started \(when)\(who)", "\(kind), bắt đầu \(when)\(who)")
    }

    private static func headline(_ facts: Facts, _ total: Int, _ done: Int, _ words: Words) -> Headline {
        let job = facts.job
        let name =
            job.definition.requested.map { words.days($0, today: facts.standing.today) }
            ?? (job.phase == .recent
                ? words.pick("Last 90 days", "90 ngày gần nhất") : words.pick("History", "Lịch sử"))
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
        let share = total == 0 ? 0 : min(0.99, Double(done) / Double(total))
        let left =
            facts.left.map { words.timeLeft($0) } ?? words.pick("Time left not known yet", "Chưa biết còn bao lâu")
        return Headline(done: "\(name): \(words.percent(share))", left: left)
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
        let known = standing.byStream.filter { !$0.value.isEmpty }.count
        if known > 0, complete.count == known {
            return words.pick("Rows up to yesterday are already usable.", "Số liệu đến hôm qua đã dùng được.")
        }
        guard !complete.isEmpty else {
            return words.pick("What has arrived is stored.", "Phần đã về đều được lưu.")
        }
        let list = complete.joined(separator: ", ")
        return words.pick("Already usable: \(list).", "Đã dùng được: \(list).")
    }

    private static func pace(_ facts: Facts, _ words: Words, _ now: Instant) -> String {
        guard let (key, quota) = facts.quotas.max(by: { $0.quota.used(at: now) < $1.quota.used(at: now) }) else {
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
        return Actions(
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
                let isOver = facts.job.state.isTerminal
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
                let until = facts.waiting.filter { name == facts.stageName($0) }.compactMap(\.runAfter).min()
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
            return stage
        }
    }

    // MARK: Problems

    private static func problems(_ facts: Facts, _ words: Words, _ now: Instant) -> [Problem] {
        var problems: [Problem] = []
        for note in facts.notes where note.kind == "not_permitted" {
            problems.append(
                Problem(
                    tone: "bad", icon: "user", cause: words.pick("You", "Bạn"), lead: words.said(note.text), rest: "",
                    evidence: words.pick("All else goes on.", "Việc khác vẫn chạy."),
                    link: facts.canAct
                        ? Link(
                            href: "/connections/\(facts.standing.connection.id)/reconnect",
                            label: words.pick("Grant permission", "Cấp quyền")) : nil))
        }
        let groups = Dictionary(grouping: facts.failed) { $0.errorMessage ?? "" }
        for (message, chunks) in groups.sorted(by: { $0.key < $1.key }) {
            let first = chunks[0]
            let names = Set(chunks.map { words.stage($0.spec.stream.rawValue) }).sorted().joined(separator: ", ")
            problems.append(
                Problem(
                    tone: "bad", icon: "bad", cause: facts.standing.platform.name,
                    lead: words.pick(
                        "\(words.count(chunks.count, "chunk", "")) gave up: \(names).",
                        "\(words.number(chunks.count)) phần đã bỏ cuộc: \(names)."),
                    rest: words.said(message),
                    evidence: [first.errorCode ?? "", first.advice.map { words.said($0) } ?? ""]
                        .filter { !$0.isEmpty }.joined(separator: " · "),
                    raw: Link(
                        href: "/sync/logs/\(facts.job.id)",
                        label: words.pick("Answer and request id", "Câu trả lời và mã yêu cầu")),
                    post: facts.canAct && facts.job.state.isTerminal
                        ? Post(
                            action: "/sync/jobs/\(facts.job.id)/retry",
                            label: words.pick(
                                "Retry \(words.count(chunks.count, "chunk", ""))",
                                "Chạy lại \(words.number(chunks.count)) phần")) : nil))
        }
        let again = facts.waiting.filter { $0.retryCount > 0 && $0.waitReason == nil }
        if let next = again.compactMap(\.runAfter).min() {
            let at = words.clock(next, in: facts.standing.zone, seconds: true)
            let verb = again.count == 1 ? "tries" : "try"
            problems.append(
                Problem(
                    tone: "", icon: "repair", cause: words.pick("By itself", "Tự xử lý"),
                    lead: words.pick(
                        "\(words.count(again.count, "chunk", "")) \(verb) again at \(at).",
                        "\(words.number(again.count)) phần thử lại lúc \(at)."), rest: "",
                    evidence: words.pick("Nothing to do.", "Bạn không phải làm gì.")))
        }
        return problems
    }

    // MARK: Tape

    private static func tapeLine(_ result: ChunkResult, isNew: Bool, _ facts: Facts, _ words: Words) -> TapeLine {
        let today = facts.standing.today
        var text = result.spec.days.map { words.days($0, today: today) } ?? ""
        if let entities = result.spec.entities {
            let count = words.pick("\(words.number(entities.ids.count)) ids", "\(words.number(entities.ids.count)) mã")
            text += text.isEmpty ? count : ", \(count)"
        }
        let (tone, icon): (String, String) =
            switch result.state {
            case .completed: ("ok", "check")
            case .failed: ("bad", "bad")
            case .cancelled: ("", "x")
            case .inProgress: ("run", "run")
            case .waiting, .pending: ("warn", "clock")
            }
        return TapeLine(
            tone: tone, icon: icon, at: words.clock(result.at, in: facts.standing.zone, seconds: true),
            stream: words.stage(result.spec.stream.rawValue), text: text,
            count: result.state == .inProgress && result.rows == 0 ? "…" : words.number(result.rows),
            took: "\(words.decimal(result.duration.inSeconds)) s", isNew: isNew)
    }

    private static func speed(_ facts: Facts, _ words: Words, _ now: Instant) -> String {
        let job = facts.job
        let length = ((job.finishedAt ?? now) - (job.startedAt ?? now)).inSeconds
        guard length >= 1 else { return "" }
        return words.pick(
            "\(words.number(Int(Double(job.rowsReceived) / length))) rows/s",
            "\(words.number(Int(Double(job.rowsReceived) / length))) dòng/giây")
    }

    private static func quiet(_ facts: Facts, _ words: Words, _ now: Instant) -> Quiet? {
        guard !facts.job.state.isTerminal, let last = facts.tape.first(where: { $0.state != .inProgress })?.at else {
            return nil
        }
        let silence = now - last
        guard silence >= .seconds(30) else { return nil }
        let lead = words.pick(
            "Quiet for \(words.length(silence)).", "Im \(words.length(silence)).")
        if let until = facts.standing.wakes, until > now {
            return Quiet(
                lead: lead,
                rest: words.pick(
                    "Waits for a quota until \(words.near(until, in: facts.standing.zone, now: now)).",
                    "Chờ hạn mức đến \(words.near(until, in: facts.standing.zone, now: now))."))
        }
        return Quiet(
            lead: lead,
            rest: facts.tape.contains { $0.state == .inProgress }
                ? words.pick(
                    "\(facts.standing.platform.name) is still answering.",
                    "\(facts.standing.platform.name) vẫn đang trả lời.")
                : words.pick("Nothing is in hand now.", "Hiện không có phần nào đang chạy."))
    }

    private static func quotaNote(_ facts: Facts, _ words: Words, _ now: Instant) -> String {
        let blocked = facts.quotas.count { ($0.quota.blockedUntil ?? now) > now }
        return blocked == 0
            ? words.pick("none is blocked", "không có hạn mức nào bị chặn")
            : words.pick(
                "\(words.number(blocked)) blocked; its work waits, the rest goes on",
                "\(words.number(blocked)) bị chặn; phần đó chờ, việc khác vẫn chạy")
    }
}

extension ProgressPage.Facts {
    /// The stage under which a chunk is counted: its stream's.
    func stageName(_ chunk: ChunkSummary) -> String { chunk.spec.stream.rawValue }
}

/// A limit that counts for an account: what is used, what is granted, what waits for it.
struct QuotaCard: Sendable {
    var name: String
    var tone: String
    var icon: String
    var state: String
    /// It holds work back: what a phone shows.
    var holds: Bool
    var lead: String
    var rest: String
    var rate: String
    var kind: String
    var used: String?
    var brief: String
    var reason: String
    var link: Link?

    static func make(
        _ key: QuotaKey, _ quota: Quota, _ facts: ProgressPage.Facts, _ words: Words, _ now: Instant
    ) -> QuotaCard {
        let use = QuotaUse(key, quota, at: now)
        let percent = words.percent(use.used)
        let rate = words.pick("\(words.rate(use.perSecond))/s", "\(words.rate(use.perSecond))/giây")
        let name = words.quotaName(key.family)
        if use.blockedFor > .zero, let until = quota.blockedUntil {
            let time = words.near(until, in: facts.standing.zone, now: now)
            let left = words.length(use.blockedFor)
            return QuotaCard(
                name: name, tone: "warn", icon: "clock", state: words.pick("Blocked until \(time)", "Chặn đến \(time)"),
                holds: true, lead: left, rest: words.pick("to go", "nữa"), rate: "", kind: "hw", used: nil, brief: left,
                reason: words.pick("Its work waits; all else goes on.", "Phần này chờ; việc khác vẫn chạy."))
        }
        let isSlowed = quota.pace < 1
        return QuotaCard(
            name: name, tone: isSlowed ? "warn" : "ok", icon: isSlowed ? "slow" : "check",
            state: isSlowed ? words.pick("Slowed", "Chạy chậm") : words.pick("Open", "Thông"), holds: isSlowed,
            lead: percent,
            rest: words.pick(
                "of \(words.decimal(quota.limit.points, places: 0)) points per \(words.length(quota.limit.period))",
                "của \(words.decimal(quota.limit.points, places: 0)) điểm mỗi \(words.length(quota.limit.period))"),
            rate: rate, kind: isSlowed ? "warn" : "", used: "\(Int(use.used * 100))%", brief: percent,
            reason: isSlowed
                ? words.pick(
                    "Runs at \(words.percent(quota.pace)) of its rate and speeds up by itself.",
                    "Chạy ở \(words.percent(quota.pace)) tốc độ và tự tăng lại.")
                : words.pick("Nothing waits.", "Không có gì phải chờ."))
    }
}

extension Words {
    func kind(_ kind: JobKind) -> String {
        switch kind {
        case .initial: pick("first sync", "đồng bộ lần đầu")
        case .incremental: pick("update", "cập nhật")
        case .manual: pick("by hand", "chạy tay")
        case .scheduled: pick("scheduled", "theo lịch")
        case .quick: pick("quick", "nhanh")
        case .backfill: pick("backfill", "đọc bù")
        }
    }

    func quotaName(_ family: String) -> String {
        let told = said(family)
        return told.prefix(1).uppercased() + told.dropFirst()
    }
}
