import SyncCore
import Wording

/// The chunks of a run over its time. A line reaches from a chunk's first claim to its end; the bar at its end is as
/// long as it was worked on. Of tries in between only their number is known.
struct RunTimeline: Sendable {
    var told: RunWords
    var entry: LogEntry
    var chunks: [ChunkSummary]

    private static let rowHeight = 30
    private var words: Words { told.words }

    private struct Span {
        var start: Instant
        var length: Double
        func x(_ instant: Instant) -> Double { min(1, max(0, (instant - start).inSeconds / length)) }
    }

    func timeline() -> RunPage.Timeline {
        let begun = chunks.filter { $0.startedAt != nil }
        let order = Dictionary(
            chunks.enumerated().map { ($0.element.spec.stream, $0.offset) }, uniquingKeysWith: { first, _ in first })
        let sorted = begun.sorted { left, right in
            let ranks = (order[left.spec.stream] ?? 0, order[right.spec.stream] ?? 0)
            return ranks.0 != ranks.1
                ? ranks.0 < ranks.1 : (left.startedAt ?? told.now, left.id) < (right.startedAt ?? told.now, right.id)
        }
        let span = span(of: begun)
        var rows: [RunPage.Timeline.Row] = []
        for (index, chunk) in sorted.enumerated() {
            let isNew = index == 0 || sorted[index - 1].spec.stream != chunk.spec.stream
            rows.append(row(chunk, index, isNewGroup: isNew, span))
        }
        return RunPage.Timeline(
            note: note(rows.count), height: "\(max(1, rows.count) * RunTimeline.rowHeight)", label: label(rows.count),
            ticks: rows.isEmpty ? [] : ticks(span), rows: rows)
    }

    private func span(of chunks: [ChunkSummary]) -> Span {
        let start = chunks.compactMap(\.startedAt).min() ?? entry.startedAt ?? entry.createdAt
        let isOpen = chunks.contains { !$0.state.isTerminal }
        let end = isOpen ? told.now : chunks.compactMap(\.finishedAt).max() ?? told.now
        return Span(start: start, length: max(1, (end - start).inSeconds))
    }

    private func note(_ shown: Int) -> String {
        if entry.totalChunks > shown, shown > 0 {
            return words.pick(
                "\(words.number(shown)) of \(words.number(entry.totalChunks)) chunks: failed, running, slowest",
                "\(words.number(shown)) trên \(words.number(entry.totalChunks)) phần: lỗi, đang chạy, chậm nhất")
        }
        return shown == 0 ? words.pick("nothing to draw yet", "chưa có gì để vẽ") : ""
    }

    private func label(_ shown: Int) -> String {
        let done = words.number(entry.completedChunks)
        let failed = words.number(entry.failedChunks)
        return words.pick(
            "\(words.number(shown)) chunks over time; \(done) done, \(failed) gave up. The table below has the same.",
            "\(words.number(shown)) phần theo thời gian; \(done) xong, \(failed) bỏ cuộc. Bảng ở dưới cũng vậy."
        )
    }

    // MARK: Rows

    private func row(
        _ chunk: ChunkSummary, _ index: Int, isNewGroup: Bool, _ span: Span
    ) -> RunPage.Timeline.Row {
        let y = index * RunTimeline.rowHeight
        let full = RunTimeline.name(chunk, told)
        let scope = RunTimeline.scope(chunk, told)
        var row = RunPage.Timeline.Row(
            label: isNewGroup || scope.isEmpty ? full : scope, y: "\(y)", middle: "\(y + 15)", barY: "\(y + 6)",
            isNewGroup: isNewGroup && index > 0, full: full, state: state(chunk), rows: words.number(chunk.rows),
            took: chunk.busy > .zero ? words.length(chunk.busy) : "—", marks: [])
        guard let start = chunk.startedAt else { return row }
        draw(chunk, from: span.x(start), span, &row)
        return row
    }

    private func draw(_ chunk: ChunkSummary, from: Double, _ span: Span, _ row: inout RunPage.Timeline.Row) {
        let end = chunk.finishedAt ?? told.now
        let to = span.x(end)
        let percent = LogsView.percent
        switch chunk.state {
        case .completed:
            let width = min(max(0.004, chunk.busy.inSeconds / span.length), max(0.004, to - from))
            let left = max(0, to - width)
            if left - from > 0.01 { row.thread = RunPage.Timeline.Thread(from: percent(from), to: percent(left)) }
            row.marks = [
                RunPage.Timeline.Mark(
                    isDone: chunk.splits == 0, isCut: chunk.splits > 0, x: percent(left), width: percent(width))
            ]
        case .failed:
            let left = min(to, 0.97)
            if left - from > 0.01 { row.thread = RunPage.Timeline.Thread(from: percent(from), to: percent(left)) }
            row.marks = [RunPage.Timeline.Mark(isGivenUp: true, x: percent(left), width: "0%")]
        case .pending, .inProgress, .waiting, .cancelled:
            row.thread = RunPage.Timeline.Thread(from: percent(from), to: percent(to))
        }
        guard let text = remark(chunk) else { return }
        // Where there is room beside the bar.
        if to < 0.8 { row.note = RunPage.Timeline.Note(x: percent(to + 0.01), text: text) }
    }

    private func remark(_ chunk: ChunkSummary) -> String? {
        if chunk.state == .failed, chunk.retryCount > 0 {
            return words.pick("tried \(chunk.retryCount + 1) times", "đã thử \(chunk.retryCount + 1) lần")
        }
        if chunk.splits > 0 { return words.pick("cut smaller", "đã chia nhỏ") }
        return chunk.state.isTerminal ? nil : state(chunk)
    }

    private func state(_ chunk: ChunkSummary) -> String {
        switch chunk.state {
        case .completed:
            return chunk.splits > 0
                ? words.pick("done, cut smaller \(chunk.splits) ×", "xong, chia nhỏ \(chunk.splits) lần")
                : words.pick("done", "xong")
        case .failed:
            return chunk.retryCount > 0
                ? words.pick("failed after \(chunk.retryCount + 1) tries", "lỗi sau \(chunk.retryCount + 1) lần thử")
                : words.pick("failed", "bị lỗi")
        case .inProgress: return words.pick("running", "đang chạy")
        case .pending:
            return chunk.retryCount > 0
                ? words.pick("tried \(chunk.retryCount) ×, comes back", "đã thử \(chunk.retryCount) lần, sẽ chạy lại")
                : words.pick("queued", "đang xếp hàng")
        case .waiting:
            switch chunk.waitReason {
            case .paused: return words.pick("paused", "tạm dừng")
            case .credential: return words.pick("waits for a sign-in", "chờ đăng nhập")
            case .report:
                // Of Meta a report; of a platform that receives what it has refused and is offered once more.
                return chunk.runAfter.map {
                    words.pick("looks again at \(told.near($0))", "xem lại lúc \(told.near($0))")
                } ?? words.pick("waits for the platform", "chờ nền tảng")
            case .quota, nil:
                let until = chunk.runAfter.map { words.pick(" until \(told.near($0))", " đến \(told.near($0))") } ?? ""
                return words.pick("waits for a limit", "chờ hạn mức") + until
            }
        case .cancelled: return words.pick("cancelled", "đã huỷ")
        }
    }

    /// `Ad insights 1 – 7 Nov`.
    static func name(_ chunk: ChunkSummary, _ told: RunWords) -> String {
        let scope = scope(chunk, told)
        let stream = told.stream(chunk.spec.stream)
        return scope.isEmpty ? stream : "\(stream) \(scope)"
    }

    static func scope(_ chunk: ChunkSummary, _ told: RunWords) -> String {
        var parts: [String] = []
        if let days = chunk.spec.days { parts.append(told.words.days(days, today: told.today)) }
        if let entities = chunk.spec.entities { parts.append(told.words.things(entities)) }
        return parts.joined(separator: ", ")
    }

    // MARK: Ticks

    private static let steps = [
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400, 172_800, 604_800,
    ]

    private func ticks(_ span: Span) -> [RunPage.Timeline.Tick] {
        let step = RunTimeline.steps.first { Double($0) * 7 >= span.length } ?? Int(span.length / 6)
        var ticks: [RunPage.Timeline.Tick] = []
        var second = 0
        while Double(second) <= span.length * 0.96 {
            let moment = span.start + .seconds(second)
            let label =
                step < 60 ? told.clock(moment, seconds: true) : step < 86_400 ? told.clock(moment) : told.near(moment)
            ticks.append(
                RunPage.Timeline.Tick(
                    x: LogsView.percent(Double(second) / span.length), label: label, isFirst: second == 0))
            second += step
        }
        return ticks
    }
}
