import StoreTransfer
import SyncCore
import Synchronization
import Wording

/// Shows how far a copy is: a bar on a terminal, a line now and then anywhere else, nothing with `--json`.
final class TransferProgress: Sendable {
    enum Step: Sendable { case copying, checking }

    private struct State {
        var step = Step.copying
        /// Nil while nobody knows.
        var total: Int?
        /// Rows of tables that are behind us, and of the present one.
        var before = 0
        var table = ""
        var rows = 0
        /// Rows that an earlier run had copied.
        var skipped = 0
        var begunAt: ContinuousClock.Instant = .now
        var toldAt: ContinuousClock.Instant = .now
        var isDrawn = false
    }

    private let silent: Bool
    private let draws: Bool
    private let words = Words.current
    private let state = Mutex(State())

    init(json: Bool) {
        silent = json
        draws = !json && Console.drawsProgress
    }

    /// A new step over `total` rows, of which `skipped` are done already.
    func begin(_ step: Step, total: Int?, skipped: Int = 0) {
        state.withLock { $0 = State(step: step, total: total, before: 0, skipped: skipped, isDrawn: $0.isDrawn) }
    }

    /// So many rows of the table are done.
    func note(_ table: String, _ rows: Int) {
        guard !silent else { return }
        let line = state.withLock { state -> String? in
            if state.table != table {
                state.before += state.rows
                state.table = table
            }
            state.rows = rows
            let now = ContinuousClock.now
            guard now - state.toldAt >= (draws ? .milliseconds(200) : .seconds(5)) else { return nil }
            state.toldAt = now
            state.isDrawn = draws
            return sentence(state, now)
        }
        guard let line else { return }
        if draws { Console.draw("\r\u{1B}[2K\(line.prefix(Console.size.columns - 1))") } else { Console.error(line) }
    }

    /// Takes the bar away.
    func end() {
        let isDrawn = state.withLock { state in
            defer { state.isDrawn = false }
            return state.isDrawn
        }
        if isDrawn { Console.draw("\r\u{1B}[2K") }
    }

    private func sentence(_ state: State, _ now: ContinuousClock.Instant) -> String {
        let done = state.before + state.rows
        let seconds = (now - state.begunAt).inSeconds
        let rate = seconds > 1 ? Int(Double(max(0, done - state.skipped)) / seconds) : nil
        let width = 20
        let filled = state.total.map { $0 > 0 ? min(width, width * done / $0) : 0 } ?? 0
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let head = state.step == .copying ? words.copying : words.checking
        let parts = [words.ofRows(done, state.total), rate.map(words.rowsPerSecond), state.table].compactMap { $0 }
        return ([draws ? "\(head) \(bar)" : head] + [parts.joined(separator: " · ")]).joined(separator: " ")
    }
}
