/// What one process has done since it began, as plain numbers that only grow.
///
/// A struct of our own and no metrics library: a simulation runs many engines in one process, and a library's
/// registry is global; a test compares two values; and what is rendered of it is one function.
package struct Tally: Sendable, Hashable {
    /// How one call to a platform ended.
    package enum CallOutcome: String, Sendable, Hashable, CaseIterable {
        case ok
        case throttled
        case error
        /// Given up by us: a shutdown, or a lease that was lost.
        case cancelled
    }

    /// What became of a chunk in a worker's hands.
    package enum ChunkEnd: String, Sendable, Hashable, CaseIterable {
        case completed, failed, retried, split, rescued
        case handedBack = "handed_back"
        /// Gave way to others until a limit, a report or a credential lets it go on.
        case waited
        /// Its lease was lost: nothing was written.
        case lost
    }

    package struct Call: Sendable, Hashable {
        package var platform: PlatformID
        package var outcome: CallOutcome

        package init(_ platform: PlatformID, _ outcome: CallOutcome) {
            self.platform = platform
            self.outcome = outcome
        }
    }

    package private(set) var calls: [Call: Int] = [:]
    package private(set) var chunks: [ChunkEnd: Int] = [:]
    package private(set) var rowsReceived = 0
    package private(set) var rowsWritten = 0
    package private(set) var rowsDeleted = 0
    package private(set) var bytesReceived = 0
    /// Time that chunks stood in line for permits.
    package private(set) var permitWait: Duration = .zero
    package private(set) var claims = Histogram.ofDatabase
    package private(set) var writes = Histogram.ofDatabase

    package init() {}

    package mutating func called(_ platform: PlatformID, _ outcome: CallOutcome) {
        calls[Call(platform, outcome), default: 0] += 1
    }

    package mutating func stoodInLine(_ duration: Duration) { permitWait += duration }

    package mutating func claimed(in duration: Duration) { claims.observe(duration) }

    package mutating func rescued(_ report: RescueReport) {
        chunks[.rescued, default: 0] += report.rescued.count
        chunks[.failed, default: 0] += report.quarantined.count
    }

    /// A chunk's write, and what the store answered. Numbers are those that its job counts in the same transaction.
    package mutating func wrote(_ update: ChunkUpdate, _ result: UpdateResult, in duration: Duration) {
        writes.observe(duration)
        switch result {
        case .outdated: return
        case .stale: chunks[.lost, default: 0] += 1
        case .written(let written):
            rowsReceived += written.received
            rowsWritten += written.changed
            rowsDeleted += written.deleted
            bytesReceived += update.spent.bytes
            if let end = update.outcome.end { chunks[end, default: 0] += 1 }
        }
    }
}

extension ChunkUpdate.Outcome {
    /// Nil while the chunk stays in the same hands. A listing that the store starts over is counted as completed here;
    /// that is rare, and only the store knows.
    var end: Tally.ChunkEnd? {
        switch self {
        case .proceed: nil
        case .wait: .waited
        case .handBack: .handedBack
        case .retry: .retried
        case .finish: .completed
        case .split: .split
        case .fail: .failed
        }
    }

    /// Whether the chunk got on, or waits for what is not ours to change: then work moves.
    package var moves: Bool {
        switch self {
        case .proceed, .wait, .finish, .split: true
        case .handBack, .retry, .fail: false
        }
    }
}
