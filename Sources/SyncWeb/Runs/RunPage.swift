import SyncCore
import Wording

/// `run.mustache`: where did the time go, which tries failed, what now?
struct RunPage: Sendable {
    var letter: String
    var platform: String
    var headline: String
    var account: String
    var accountHref: String
    var origin: Origin?
    var span: String
    var time: String
    var reference: String
    var hasExports = false
    var exports: [Link] = []
    var controls: [Control]
    var retry: Post?
    var facts: [Fact]
    var timeline: Timeline
    var problems: [Problem]
    var quiet: String?
    /// What people should know of it beside: days that were left out, gaps that stay.
    var notes: [Answer.Line]
    var answer: Answer?
    var slowest: [Slow]
    var hasSlowest: Bool

    struct Origin: Sendable {
        var text: String
        var name: String
        var href: String
    }

    struct Control: Sendable {
        var action: String
        var label: String
        var icon: String
    }

    struct Fact: Sendable {
        var label: String
        var value: String
    }

    struct Problem: Sendable {
        var cause: RunWords.Mark
        var time: String
        var lead: String
        var rest: String
        var safe: String
        var actions: [Post]
    }

    struct Answer: Sendable {
        var lines: [Line]
        var requestID: String

        struct Line: Sendable { var text: String }
    }

    struct Slow: Sendable {
        var chunk: String
        var rows: String
        var took: String
        var learned: String
    }

    struct Timeline: Sendable {
        var note: String
        var height: String
        var label: String
        var ticks: [Tick]
        var waits: [Wait] = []
        /// Marks of tries before the last; only their number is known.
        var hasTries = false
        var rows: [Row]

        struct Tick: Sendable {
            var x: String
            var label: String
            var isFirst: Bool
        }

        struct Wait: Sendable {
            var x: String
            var width: String
            var labelX: String
            var text: String
        }

        struct Row: Sendable {
            var label: String
            var y: String
            var middle: String
            var barY: String
            var isNewGroup: Bool
            var full: String
            var state: String
            var rows: String
            var took: String
            var thread: Thread?
            var marks: [Mark]
            var note: Note?
        }

        struct Thread: Sendable {
            var from: String
            var to: String
        }

        struct Mark: Sendable {
            var isDone = false
            var isCut = false
            var isFailed = false
            var isGivenUp = false
            var x: String
            var width: String
        }

        struct Note: Sendable {
            var x: String
            var text: String
        }
    }
}

/// Everything that the page of one run is made from.
struct RunView: Sendable {
    var told: RunWords
    var entry: LogEntry
    var platformName: String
    var schedule: Schedule?
    var request: SyncRequest?
    /// Why the connection is parked.
    var parked: Failure.Cause?
    /// Those that failed, those that were begun, and of many the slowest.
    var chunks: [ChunkSummary]
    var failed: [ChunkSummary]
    /// All that failed, by cause and stream.
    var failures: [FailedChunks]
    var slowest: [ChunkSummary]
    var learned: [StreamID: Learned]
    var mayAct: Bool
    var notes: [String] = []
    /// Files can be made here.
    var hasExports = false

    private static let mostNotes = 20

    private var words: Words { told.words }
    private var isOpen: Bool { !entry.state.isTerminal }

    func page() -> RunPage {
        let problems = problems
        return RunPage(
            letter: String(platformName.prefix(1)).uppercased(), platform: platformName, headline: headline,
            account: entry.accountName, accountHref: "/accounts/\(entry.account)", origin: origin,
            span: schedule == nil ? "\(told.kind(entry.kind)) · \(told.days(entry))" : told.days(entry), time: time,
            reference: "\(entry.job)", hasExports: hasExports, exports: Link.files("\(RunQuery.path)/\(entry.job)"),
            controls: controls, retry: retry,
            facts: facts, timeline: RunTimeline(told: told, entry: entry, chunks: chunks).timeline(),
            problems: problems, quiet: problems.isEmpty && !isOpen ? quiet : nil,
            notes: notes.prefix(RunView.mostNotes).map { RunPage.Answer.Line(text: words.said($0)) }, answer: answer,
            slowest: slowest.map { chunk in
                RunPage.Slow(
                    chunk: RunTimeline.name(chunk, told), rows: words.number(chunk.rows),
                    took: words.length(chunk.busy),
                    learned: learned[chunk.spec.stream]?.size.map { words.number(Int($0)) } ?? "—")
            }, hasSlowest: !slowest.isEmpty)
    }

    // MARK: The head

    var headline: String {
        let chunks = told.chunks(entry)
        switch entry.state {
        case .pending: return words.pick("Waits for its turn", "Đang chờ đến lượt")
        case .inProgress:
            return words.pick("\(chunks) arrived", "Đã về \(chunks)")
        case .waiting:
            switch entry.waitReason {
            case .paused:
                return entry.totalChunks == 0
                    ? words.pick("Paused before it began", "Tạm dừng trước khi bắt đầu")
                    : words.pick("Paused at \(chunks)", "Tạm dừng ở \(chunks)")
            case .credential:
                return words.pick(
                    "Waits until the account is connected again, \(chunks) are kept",
                    "Chờ kết nối lại tài khoản, đã giữ \(chunks)")
            case .quota, .report, nil:
                return words.pick("\(chunks) arrived, the others wait", "Đã về \(chunks), các phần khác đang chờ")
            }
        case .completed:
            if entry.totalChunks == 0 { return words.pick("There was nothing to read", "Không có gì để đọc") }
            let all = words.count(entry.totalChunks, "chunk", "phần")
            return entry.totalChunks == 1
                ? words.pick("Its one chunk arrived", "Phần duy nhất đã về đủ")
                : words.pick("All \(all) arrived", "Đã về đủ \(all)")
        case .failed:
            let streams = words.joined(Set(failures.map(\.stream)).sorted().map { told.stream($0).lowercased() })
            let missing = streams.isEmpty ? words.pick("some", "một số") : streams
            return words.pick("\(chunks) arrived; \(missing) did not", "Đã về \(chunks); còn thiếu: \(missing)")
        case .cancelled: return words.pick("Stopped at \(chunks)", "Đã dừng ở \(chunks)")
        }
    }

    private var origin: RunPage.Origin? {
        guard let schedule else { return nil }
        return RunPage.Origin(
            text: words.pick("scheduled by", "chạy theo lịch"), name: schedule.definition.name,
            href: "/sync/schedules/\(schedule.id)/edit")
    }

    private var time: String {
        let by = request.map { words.pick("asked for by \($0.actor), ", "theo yêu cầu của \($0.actor), ") } ?? ""
        guard let start = entry.startedAt else {
            return by + words.pick("since \(told.near(entry.createdAt))", "từ \(told.near(entry.createdAt))")
        }
        let begun = told.near(start, seconds: true)
        // The clock of all times on the page.
        let zone = " · \(entry.zoneName)"
        guard let end = entry.finishedAt else { return by + words.pick("since \(begun)", "từ \(begun)") + zone }
        let isOneDay = CivilDate(start, in: told.zone) == CivilDate(end, in: told.zone)
        let ended = isOneDay ? told.clock(end, seconds: true) : told.near(end, seconds: true)
        return by + words.pick("\(begun) to \(ended)", "\(begun) đến \(ended)") + zone
    }

    private var base: String { "/sync/jobs/\(entry.job)" }

    private var controls: [RunPage.Control] {
        guard mayAct, isOpen else { return [] }
        let isPaused = entry.waitReason == .paused
        return [
            isPaused
                ? RunPage.Control(action: "\(base)/resume", label: words.pick("Go on", "Chạy tiếp"), icon: "play")
                : RunPage.Control(action: "\(base)/pause", label: words.pick("Pause", "Tạm dừng"), icon: "pause"),
            RunPage.Control(action: "\(base)/cancel", label: words.pick("Stop", "Dừng"), icon: "stop"),
        ]
    }

    private var retry: Post? {
        guard mayAct else { return nil }
        if entry.state == .cancelled {
            return Post(action: "\(base)/retry", label: words.pick("Go on from here", "Chạy tiếp từ đây"))
        }
        guard entry.failedChunks > 0 else { return nil }
        return Post(action: "\(base)/retry", label: FailureGroup.retryLabel(entry.failedChunks, words))
    }

    private var facts: [RunPage.Fact] {
        func fact(_ english: String, _ vietnamese: String, _ value: String) -> RunPage.Fact {
            RunPage.Fact(label: words.pick(english, vietnamese), value: value)
        }
        let number = words.number
        return [
            fact("Took", "Thời gian", told.length(entry).map(words.length) ?? "—"),
            fact(
                "Chunks", "Phần",
                words.pick(
                    "\(number(entry.completedChunks)) of \(number(entry.totalChunks))",
                    "\(number(entry.completedChunks)) trên \(number(entry.totalChunks))")),
            fact(
                "Rows", "Dòng",
                words.pick(
                    "\(number(entry.rowsReceived)), \(number(entry.rowsWritten)) new or changed",
                    "\(number(entry.rowsReceived)), \(number(entry.rowsWritten)) mới hoặc đổi")),
            fact("Calls", "Lượt gọi", number(entry.requests)),
            fact("Cut smaller", "Chia nhỏ", number(entry.splits)),
            fact("Retries", "Thử lại", number(entry.retries)),
            fact(
                "Told to wait", "Phải chờ", words.pick("\(number(entry.throttled)) ×", "\(number(entry.throttled)) lần")
            ),
        ]
    }

    private var quiet: String {
        entry.state == .cancelled
            ? words.pick("Nothing failed before it was stopped.", "Trước khi dừng không có lỗi nào.")
            : words.pick("Nothing failed in this run.", "Lượt chạy này không có lỗi.")
    }

    // MARK: Problems

    /// Grouped by cause: what happened, what is safe, one action.
    private var problems: [RunPage.Problem] {
        var problems = FailureGroup.all(failures).map(problem)
        if let why = entry.stuck { problems.insert(stuck(why), at: 0) }
        if isOpen, entry.waitReason == .credential, let parked { problems.insert(signedOut(parked), at: 0) }
        return problems
    }

    private func problem(_ group: FailureGroup) -> RunPage.Problem {
        let streams = group.streams.map(told.stream).joined(separator: ", ")
        let code = group.cause.code.isEmpty ? "" : " (\(group.cause.code))"
        let count = words.count(group.count, "chunk", "phần")
        let advice = group.advice.isEmpty ? "" : " " + words.said(group.advice)
        let message = group.cause.message
        return RunPage.Problem(
            cause: cause(group.cause.errorClass), time: span(group.firstAt, group.lastAt),
            lead: words.whole(message.isEmpty ? words.pick("It failed.", "Đã lỗi.") : message),
            rest: "\(streams): \(count)\(code)\(examples(of: group)).\(advice)",
            safe: words.pick(
                "What the other chunks have read is stored.", "Số liệu mà các phần khác đã đọc vẫn được lưu."),
            // What was cancelled goes on as a whole.
            actions: mayAct && entry.state != .cancelled ? [group.retry(of: entry.job, words)] : [])
    }

    /// Two of those that were loaded, where they say something of themselves.
    private func examples(of group: FailureGroup) -> String {
        let scopes = failed.lazy.filter { $0.cause == group.cause }.map { RunTimeline.scope($0, told) }
        let some = scopes.filter { !$0.isEmpty }.prefix(2).joined(separator: "; ")
        guard !some.isEmpty else { return "" }
        return group.count > 2 ? words.pick(", such as \(some)", ", chẳng hạn \(some)") : ": \(some)"
    }

    private func span(_ first: Instant?, _ last: Instant?) -> String {
        guard let first, let last else { return "" }
        let from = told.near(first, seconds: true)
        return first == last
            ? from
            : words.pick(
                "\(from) to \(told.clock(last, seconds: true))", "\(from) đến \(told.clock(last, seconds: true))")
    }

    private func cause(_ errorClass: String?) -> RunWords.Mark {
        switch errorClass {
        case let one? where FailedCause.ofOwners.contains(one):
            RunWords.Mark(icon: "user", tone: "bad", text: words.pick("You", "Bạn"))
        case "bug", "quarantined": RunWords.Mark(icon: "bad", tone: "bad", text: "Sluice")
        default: RunWords.Mark(icon: "bad", tone: "bad", text: platformName)
        }
    }

    private func stuck(_ why: String) -> RunPage.Problem {
        RunPage.Problem(
            cause: RunWords.Mark(icon: "user", tone: "bad", text: words.pick("You", "Bạn")), time: "",
            lead: words.whole(why),
            rest: words.pick("The next step cannot be planned.", "Chưa lập được bước tiếp theo."),
            safe: words.pick(
                "What is stored stays, and the run goes on by itself when that is mended.",
                "Dữ liệu đã lưu vẫn còn; khắc phục xong thì lượt chạy tự tiếp tục."), actions: [])
    }

    private func signedOut(_ parked: Failure.Cause) -> RunPage.Problem {
        RunPage.Problem(
            cause: RunWords.Mark(icon: "key", tone: "bad", text: words.pick("You", "Bạn")), time: "",
            lead: words.whole(parked.message), rest: parked.advice.isEmpty ? "" : words.said(parked.advice),
            safe: words.pick(
                "Nothing is lost: connected again, the run goes on from the same place.",
                "Không mất gì cả: kết nối lại là lượt chạy tiếp từ đúng chỗ cũ."), actions: [])
    }

    /// Of the answer itself nothing is kept but what support people ask for.
    private var answer: RunPage.Answer? {
        guard let chunk = failed.last(where: { $0.errorTrace?.isEmpty == false }), let trace = chunk.errorTrace else {
            return nil
        }
        var lines = ["error: \(chunk.errorClass ?? "")"]
        if let code = chunk.errorCode, !code.isEmpty { lines.append("code: \(code)") }
        lines.append("request: \(RunView.masked(trace))")
        if let end = chunk.finishedAt { lines.append("at: \(end)") }
        return RunPage.Answer(lines: lines.map { RunPage.Answer.Line(text: $0) }, requestID: trace)
    }

    /// `5c1e…a07b`.
    static func masked(_ text: String) -> String {
        text.count > 12 ? "\(text.prefix(4))…\(text.suffix(4))" : text
    }
}
