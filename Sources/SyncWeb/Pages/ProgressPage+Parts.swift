import ConnectorKit
import FoundationEssentials
import SyncCore
import Wording

/// What went wrong, and what moves.
extension ProgressPage {
    // MARK: Problems

    static func problems(_ facts: Facts, _ words: Words, _ now: Instant) -> [Problem] {
        var problems: [Problem] = []
        if let why = facts.job.stuck {
            problems.append(
                Problem(
                    tone: "bad", icon: "user", cause: words.pick("You", "Bạn"), lead: words.whole(why), rest: "",
                    evidence: words.pick(
                        "The next step cannot be planned. It goes on by itself when that is mended.",
                        "Chưa lập được bước tiếp theo. Khắc phục xong thì tự chạy tiếp.")))
        }
        for note in facts.notes where note.kind == "not_permitted" {
            problems.append(
                Problem(
                    tone: "bad", icon: "user", cause: words.pick("You", "Bạn"), lead: words.said(note.text), rest: "",
                    evidence: words.pick("All else goes on.", "Việc khác vẫn chạy."),
                    link: facts.canAct ? facts.standing.grant(words) : nil))
        }
        for group in FailureGroup.all(facts.failed) {
            let names = Set(group.streams.map { words.stage($0.rawValue) }).sorted().joined(separator: ", ")
            problems.append(
                Problem(
                    tone: "bad", icon: group.cause.needsPermission ? "user" : "bad",
                    cause: group.cause.needsPermission ? words.pick("You", "Bạn") : facts.standing.platform.name,
                    lead: words.pick(
                        "\(words.count(group.count, "chunk", "")) gave up: \(names).",
                        "\(words.number(group.count)) phần đã bỏ cuộc: \(names)."),
                    rest: words.said(group.cause.message),
                    evidence: [group.cause.code, words.said(group.advice)].filter { !$0.isEmpty }
                        .joined(separator: " · "),
                    raw: Link(
                        href: "/sync/logs/\(facts.job.id)",
                        label: words.pick("Answer and request id", "Câu trả lời và mã yêu cầu")),
                    link: facts.canAct && group.cause.needsPermission ? facts.standing.grant(words) : nil,
                    post: facts.canAct && facts.job.state == .failed ? group.retry(of: facts.job.id, words) : nil))
        }
        if let next = facts.waits.compactMap(\.retryAt).min() {
            let again = facts.waits.reduce(0) { $0 + $1.retries }
            let at = facts.standing.zone.clock(next, seconds: true)
            let verb = again == 1 ? "tries" : "try"
            problems.append(
                Problem(
                    tone: "", icon: "repair", cause: words.pick("By itself", "Tự xử lý"),
                    lead: words.pick(
                        "\(words.count(again, "chunk", "")) \(verb) again at \(at).",
                        "\(words.number(again)) phần thử lại lúc \(at)."), rest: "",
                    evidence: words.pick("Nothing to do.", "Bạn không phải làm gì.")))
        }
        return problems
    }

    static func calm(_ job: Job, _ facts: Facts, _ words: Words, _ now: Instant) -> String? {
        guard let start = job.startedAt else { return nil }
        let since = words.near(start, in: facts.standing.zone, now: now)
        return words.pick("Nothing has failed since \(since).", "Từ \(since) đến nay không có phần nào lỗi.")
    }

    /// Those that hold work back, and those that are used most; three at least.
    static func inPlay(
        _ quotas: [(key: QuotaKey, quota: Quota)], _ now: Instant
    ) -> [(key: QuotaKey, quota: Quota)] {
        func rank(_ quota: Quota) -> Double {
            if (quota.blockedUntil ?? now) > now { return 3 }
            return (quota.pace < 1 ? 1 : 0) + QuotaUse(QuotaKey(rawValue: ""), quota, at: now).used
        }
        let sorted = quotas.sorted { (rank($1.quota), $0.key) < (rank($0.quota), $1.key) }
        return Array(sorted.prefix(max(3, sorted.count { rank($0.quota) >= 1 })))
    }

    // MARK: Tape

    /// A few of those in hand, and what came of the others.
    static func shown(_ tape: [ChunkResult]) -> [ChunkResult] {
        let ended = tape.filter { $0.state != .inProgress }
        return Array((tape.filter { $0.state == .inProgress }.prefix(3) + ended).prefix(20))
    }

    static func tapeLine(
        _ result: ChunkResult, isNew: Bool, _ facts: Facts, _ words: Words, _ now: Instant
    ) -> TapeLine {
        let today = facts.standing.today
        var text = result.spec.days.map { words.days($0, today: today) } ?? ""
        if let entities = result.spec.entities {
            let things = words.things(entities)
            text += text.isEmpty ? things : ", \(things)"
        }
        if result.retryCount > 0 {
            let tries = words.number(result.retryCount + 1)
            let told =
                result.state == .failed
                ? words.pick("gave up after \(tries) tries", "bỏ cuộc sau \(tries) lần thử")
                : words.pick("try \(tries)", "lần thử \(tries)")
            text += text.isEmpty ? told : ": \(told)"
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
            tone: tone, icon: icon, at: facts.standing.zone.clock(result.at, seconds: true),
            stream: words.stage(result.spec.stream.rawValue), text: text,
            count: result.state == .inProgress && result.rows == 0 ? "…" : words.number(result.rows),
            took: words.length(result.state == .inProgress ? now - result.at : result.duration),
            isNew: isNew)
    }

    static func speed(_ facts: Facts, _ words: Words, _ now: Instant) -> String {
        let job = facts.job
        let length = ((job.finishedAt ?? now) - (job.startedAt ?? now)).inSeconds
        guard length >= 1 else { return "" }
        return words.pick(
            "\(words.number(Int(Double(job.rowsReceived) / length))) rows/s",
            "\(words.number(Int(Double(job.rowsReceived) / length))) dòng/giây")
    }

    /// Rows of the last results, in equal parts of the time that they took; nil for too few of them.
    static func drawnPace(_ tape: [ChunkResult]) -> Pace? {
        let ended = tape.filter { $0.state == .completed }
        guard ended.count >= 8, let first = ended.map(\.at).min(), let last = ended.map(\.at).max(),
            last - first >= .seconds(4)
        else { return nil }
        let parts = 12
        var rows = [Int](repeating: 0, count: parts)
        for result in ended {
            let part = (result.at - first).inSeconds / (last - first).inSeconds * Double(parts)
            rows[min(parts - 1, Int(part))] += result.rows
        }
        let top = Double(max(1, rows.max() ?? 1))
        let points = rows.enumerated().map { index, rows in
            (x: Shapes.n(2 + Double(index) * 69 / Double(parts - 1)), y: Shapes.n(20 - 17 * Double(rows) / top))
        }
        let line = points.map { "\($0.x) \($0.y)" }.joined(separator: "L")
        guard let end = points.last else { return nil }
        return Pace(area: "M2 22L\(line)V22z", line: "M\(line)", x: end.x, y: end.y)
    }

    static func quiet(_ facts: Facts, _ words: Words, _ now: Instant) -> Quiet? {
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

    /// `1 of 6`.
    static func quotaCount(_ facts: Facts, _ words: Words, _ now: Instant) -> String {
        let held = facts.quotas.count { ($0.quota.blockedUntil ?? now) > now || $0.quota.pace < 1 }
        let all = words.number(facts.quotas.count)
        return held == 0
            ? words.pick("none of \(all)", "không, trên \(all)")
            : words.pick("\(words.number(held)) of \(all)", "\(words.number(held)) trên \(all)")
    }

    static func quotaNote(_ facts: Facts, _ words: Words, _ now: Instant) -> String {
        let blocked = facts.quotas.count { ($0.quota.blockedUntil ?? now) > now }
        return blocked == 0
            ? words.pick("none is blocked", "không có hạn mức nào bị chặn")
            : words.pick(
                "\(words.number(blocked)) blocked; its work waits, the rest goes on",
                "\(words.number(blocked)) bị chặn; phần đó chờ, việc khác vẫn chạy")
    }
}
