/// Whether work moves in one worker, decided from a few numbers.
///
/// Beside "alive" and "can write" a third question: a process may be both and yet stand still, because a platform
/// refuses every call, or because of a mistake of ours. Who waits for a quota, a report or a credential does not
/// stand still: such chunks are not due.
package struct Flow: Sendable, Hashable {
    /// Chunks that somebody should have in hand.
    package var due: Int
    /// Chunks in the hands of this worker.
    package var running: Int
    /// Since a chunk last got on here or was told to wait, or nothing was due.
    package var quiet: Duration
    /// Since a chunk last got on here or was taken up.
    package var held: Duration

    package init(due: Int, running: Int, quiet: Duration, held: Duration) {
        self.due = due
        self.running = running
        self.quiet = quiet
        self.held = held
    }

    package enum Verdict: Sendable, Hashable {
        case nothingDue
        case moves
        /// Chunks are due and none got on for that long.
        case stalled(due: Int, for: Duration)
        /// None is due, but those in hand do not get on.
        case stuck(running: Int, for: Duration)
    }

    /// A platform may think for five minutes before its first byte and be asked again then: chunks in hand have more
    /// time than those that wait for hands.
    static let patience = 5

    /// `limit` is how long due chunks may lie there.
    package func verdict(within limit: Duration) -> Verdict {
        if due > 0 { return quiet > limit ? .stalled(due: due, for: quiet) : .moves }
        guard running > 0 else { return .nothingDue }
        return held > limit * Flow.patience ? .stuck(running: running, for: held) : .moves
    }
}
