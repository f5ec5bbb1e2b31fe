import SyncCore
import Synchronization

/// What the processes of a simulation were told about chunks, compared as it comes. A store that gives one
/// chunk to two of them, takes a write from the wrong one or counts a wait as a failure is found at once.
///
/// It knows of a transaction only after it is over, while the next may be on its way: it takes for certain
/// what was known before a call began, and no more.
package final class Ledger: Sendable {
    private struct Line {
        var fence: Int64 = 0
        /// Claims up to this one are over: written, or taken back.
        var endedFence: Int64 = 0
        /// Not before that moment does the lease run out.
        var leaseEnds: Duration = .zero
        var cursor: String?
        /// The last write that was taken: it may come again when its answer was lost.
        var taken: (fence: Int64, batches: Int) = (0, -1)
        /// Writes that count as a failed attempt, since a person last started the chunk over.
        var failures = 0
    }

    private struct State {
        var lines: [ChunkID: Line] = [:]
        var problems: [String] = []
        var staleWrites = 0
    }

    private let state = Mutex(State())
    private let clock: SimClock
    /// False when the store's own clock jumps, so that leases may end early.
    private let leasesAreLong: Bool

    package init(clock: SimClock, leasesAreLong: Bool) {
        self.clock = clock
        self.leasesAreLong = leasesAreLong
    }

    package var problems: [String] { state.withLock { $0.problems } }
    package var staleWrites: Int { state.withLock { $0.staleWrites } }

    package func report(_ problem: String) {
        state.withLock { state in
            if state.problems.count < 5 { state.problems.append(problem) }
        }
    }

    var now: Duration { clock.now.offset }

    // MARK: Claims

    func claimed(_ chunks: [ClaimedChunk], lease: Duration, asked: Duration) {
        for chunk in chunks {
            if chunk.retryCount > chunk.maxRetries { report("chunk \(chunk.id) had \(chunk.retryCount) attempts") }
            let failures = state.withLock { $0.lines[chunk.id]?.failures ?? 0 }
            if chunk.retryCount > failures {
                report("chunk \(chunk.id) used \(chunk.retryCount) attempts for \(failures) failures")
            }
            if let known = fence(of: chunk.id), known >= chunk.fence {
                report("chunk \(chunk.id) was claimed as \(chunk.fence) after \(known)")
            }
            change(chunk.id) { line in
                line.fence = chunk.fence
                line.leaseEnds = asked + lease
                line.cursor = chunk.cursor
            }
        }
    }

    func renewed(_ held: [ChunkID: Int64], kept: Set<ChunkID>, lease: Duration, asked: Duration) {
        for (id, fence) in held.sorted(by: { $0.key < $1.key }) where kept.contains(id) {
            change(id) { line in
                if line.fence == fence { line.leaseEnds = max(line.leaseEnds, asked + lease) }
            }
        }
    }

    /// `fences` are those known before the rescue: the chunk may have been claimed again since.
    func rescued(_ chunks: [ChunkID], fences: [ChunkID: Int64]) {
        for id in chunks {
            guard let fence = fences[id] else { continue }
            let line = state.withLock { $0.lines[id] ?? Line() }
            if leasesAreLong, line.fence == fence, now < line.leaseEnds {
                report("chunk \(id) was rescued \(line.leaseEnds - now) before its lease ended")
            }
            change(id) { $0.endedFence = max($0.endedFence, fence) }
        }
    }

    var fences: [ChunkID: Int64] { state.withLock { $0.lines.mapValues(\.fence) } }

    // MARK: Writes

    /// What is known before a write begins.
    struct Intent {
        var id: ChunkID
        var fence: Int64
        /// The claim is over for certain: the write must be refused.
        var isLate: Bool
    }

    func intent(_ update: ChunkUpdate) -> Intent {
        let line = state.withLock { $0.lines[update.chunk] ?? Line() }
        if case .retry = update.outcome { change(update.chunk) { $0.failures += 1 } }
        return Intent(
            id: update.chunk, fence: update.fence,
            isLate: line.fence > update.fence
                || line.endedFence >= update.fence && line.taken != (update.fence, update.batches))
    }

    func wrote(_ intent: Intent, _ update: ChunkUpdate, _ result: UpdateResult) {
        if result == .outdated { return }
        guard case .written = result else { return state.withLock { $0.staleWrites += 1 } }
        if intent.isLate { report("a stale write of chunk \(intent.id) was taken") }
        change(intent.id) { line in
            line.taken = (update.fence, update.batches)
            if case .proceed = update.outcome { return }
            line.endedFence = max(line.endedFence, intent.fence)
        }
    }

    /// A person started failed chunks over.
    package func startedOver() {
        state.withLock { state in
            for id in state.lines.keys { state.lines[id]?.failures = 0 }
        }
    }

    private func fence(of id: ChunkID) -> Int64? { state.withLock { $0.lines[id]?.fence } }

    private func change(_ id: ChunkID, _ body: (inout Line) -> Void) {
        state.withLock { body(&$0.lines[id, default: Line()]) }
    }
}
