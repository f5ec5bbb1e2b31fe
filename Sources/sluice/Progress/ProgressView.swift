import ConnectorKit
import Connectors
import SyncCore
import SyncEngine
import SyncHTTP
import Synchronization
import Wording

/// Draws progress: bars on a terminal, a line now and then anywhere else, nothing with `--json`.
final class ProgressView: Sendable {
    private let draws: Bool
    private let silent: Bool
    private let stages: [String]
    private let state = Mutex(State())
    private let words = Words.current

    private struct State {
        var estimates: [Phase: Estimate] = [:]
        var reached = Reached()
        var linesDrawn = 0
        var lastLine = ""
        var lastLineAt: Duration = .zero
        var lastJob: Job?
    }

    init(json: Bool, platform: PlatformID) {
        self.silent = json
        self.draws = !json && Console.drawsProgress
        let known = Catalog.connectors.first { $0.platform.id == platform }?.platform
        self.stages = (known?.stages ?? []) + (known?.proof == nil ? [] : [StreamID.totalsStage])
    }

    /// The job as it was seen last, also where nothing is drawn.
    var lastJob: Job? { state.withLock { $0.lastJob } }

    func show(_ snapshot: Snapshot, elapsed: Duration) {
        state.withLock { $0.lastJob = snapshot.job }
        guard !silent else { return }
        let (left, percent) = state.withLock { state -> (Estimate.Left?, Int) in
            let job = snapshot.job
            state.reached.note(
                snapshot.stages.filter { $0.phase == job.phase }.percent(plansMore: job.plansMore), in: job.phase)
            let percent = state.reached.percent
            state.estimates[snapshot.job.phase, default: Estimate()]
                .note(requests: snapshot.job.spent.requests, at: elapsed)
            if job.plansMore { return (nil, percent) }
            return (state.estimates[job.phase]?.left(snapshot.stages, phase: job.phase), percent)
        }
        let picture = ProgressPicture(
            snapshot: snapshot, stages: stages, left: left.map { snapshot.left($0, at: SystemWallClock().now) },
            percent: percent, elapsed: elapsed, words: words)
        if draws {
            redraw(picture.lines(width: Console.size.columns))
        } else {
            tell(picture.sentence, at: elapsed, every: snapshot.blocked.isEmpty ? .seconds(5) : .seconds(60))
        }
    }

    /// A sentence between the pictures, below which the next one is drawn: whether the database is there. The picture
    /// shows all else.
    func tell(_ news: EngineNews) {
        let sentence: String
        switch news {
        case .storeAway(let error): sentence = words.away(error)
        case .storeBack(let length): sentence = words.back(after: length)
        default: return
        }
        guard !silent else { return }
        state.withLock { $0.linesDrawn = 0 }
        Console.error(sentence)
    }

    /// Leaves the last picture standing.
    func end() {
        guard draws else { return }
        state.withLock { $0.linesDrawn = 0 }
        Console.draw("\u{1B}[?25h")
    }

    private func redraw(_ lines: [String]) {
        let up = state.withLock { state in
            defer { state.linesDrawn = lines.count }
            return state.linesDrawn
        }
        var text = "\u{1B}[?25l"
        if up > 0 { text += "\u{1B}[\(up)F" }
        for line in lines { text += "\u{1B}[2K\(line)\n" }
        Console.draw(text + "\u{1B}[0J")
    }

    private func tell(_ sentence: String, at elapsed: Duration, every pause: Duration) {
        let isNews = state.withLock { state in
            let changed = state.lastLine != sentence
            guard changed, state.lastLine.isEmpty || elapsed - state.lastLineAt >= pause else { return false }
            state.lastLine = sentence
            state.lastLineAt = elapsed
            return true
        }
        if isNews { Console.error(sentence) }
    }
}

extension Snapshot {
    /// What the calls of late say is left, and no less than a limit that is reached.
    func left(_ left: Estimate.Left, at now: Instant) -> Estimate.Left {
        guard let wait = blocked.first.map({ $0.until - now }), wait > .zero else { return left }
        var later = left
        later.low += wait
        later.likely += wait
        later.high += wait
        return later
    }
}

/// One picture of progress as text.
struct ProgressPicture {
    let snapshot: Snapshot
    let stages: [String]
    let left: Estimate.Left?
    /// How far the job was told to be in its phase.
    let percent: Int
    let elapsed: Duration
    let words: Words

    private var job: Job { snapshot.job }

    /// The headline: what phase, how far, how long.
    var headline: String {
        if let toSend = snapshot.toSend {
            return words.passing(on: job.state != .completed ? toSend : nil, percent: Double(percent))
        }
        let requested = job.definition.requested
        guard job.state != .completed else { return words.complete(requested) }
        return words.headline(job.phase, percent: Double(percent), left: left, requested: requested)
    }

    var sentence: String {
        ([headline, facts] + snapshot.blocked.prefix(1).map { words.blocked($0.key, until: $0.until) })
            .joined(separator: " · ")
    }

    private var facts: String {
        let rate = elapsed > .seconds(1) ? Double(job.spent.requests) / elapsed.inSeconds : 0
        return words.facts(
            rows: job.rowsReceived, calls: job.spent.requests, throttled: job.spent.throttled, rate: rate,
            elapsed: elapsed)
    }

    func lines(width: Int) -> [String] {
        var lines = ["", paint(headline, 1)]
        for stage in stages { lines.append(bar(stage, width: width)) }
        lines.append(facts)
        if job.phase == .history, job.state != .completed { lines.append(words.recentReady) }
        for block in snapshot.blocked {
            lines.append(paint(words.blocked(block.key, until: block.until), 33))
        }
        if !snapshot.blocked.isEmpty { lines.append(paint(words.nothingIsLost, 33)) }
        return lines.map { clip($0, to: width) }
    }

    private func paint(_ text: String, _ colour: Int) -> String {
        Console.isColoured ? "\u{1B}[\(colour)m\(text)\u{1B}[0m" : text
    }

    /// A stage over both phases: name, bar, chunks, rows.
    private func bar(_ stage: String, width: Int) -> String {
        let mine = snapshot.stages.filter { $0.stage == stage }
        let total = mine.reduce(0) { $0 + $1.total }
        let done = mine.reduce(0) { $0 + $1.completed }
        let failed = mine.reduce(0) { $0 + $1.failed }
        let running = mine.reduce(0) { $0 + $1.running }
        let rows = mine.reduce(0) { $0 + $1.rows }
        let size = max(10, min(40, width - 50))
        let filled = total > 0 ? size * done / total : 0
        let bad = total > 0 ? (size * failed + total - 1) / total : 0
        let full = String(repeating: "█", count: filled)
        let red = String(repeating: "█", count: min(bad, size - filled))
        let rest = String(repeating: "░", count: max(0, size - filled - red.count))
        let colour = done == total && total > 0 ? 32 : 36
        let name = words.said(stage).padding(to: 13)
        let count = total > 0 ? "\(done)/\(total)" : "–"
        let tail = failed > 0 ? " · \(words.failedCount(failed))" : running > 0 ? " · \(words.running(running))" : ""
        return "\(name)\(paint(full, colour))\(paint(red, 31))\(paint(rest, 90)) "
            + "\(count.padding(to: 9))\(words.number(rows).leading(to: 10))\(tail)"
    }

    /// Cuts to the terminal's width; escape sequences take no room.
    private func clip(_ line: String, to width: Int) -> String {
        var seen = 0
        var isEscape = false
        var out = ""
        for character in line {
            if character == "\u{1B}" { isEscape = true }
            if !isEscape {
                guard seen < width - 1 else { continue }
                seen += 1
            }
            out.append(character)
            if isEscape, character.isLetter { isEscape = false }
        }
        return out
    }
}

extension String {
    func padding(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
    func leading(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
