import ConnectorKit
package import SyncCore
import Synchronization

/// Hands out permits: the right to make one call, taken from every quota that the call touches.
///
/// The truth is in the store, shared with every machine. A process borrows points for about a second at a
/// time, so that a call does not cost a database round trip, and lets the classes of work share them by
/// weight (design.md, rule 5).
package final class Limiter: Sendable {
    package enum Permit: Sendable, Hashable {
        case go
        /// Not before that long; the caller gives its chunk back meanwhile.
        case later(Duration)
        /// What it was for has lapsed meanwhile; the points went to others.
        case unwanted
    }

    private let store: any LimiterStore
    private let clock: any Clock<Duration>
    private let wallClock: any WallClock
    private let random: RandomSource
    private let defaults: @Sendable (QuotaKey) -> (limit: QuotaLimit, leastBlock: Duration)
    /// Without a throttle for so long, a quota's pace goes up again.
    private let holdDown: @Sendable (QuotaKey) -> Duration
    /// A wait that a worker sits through itself; about that long it stands in line, too.
    private let patience: Duration
    /// Monotonic time since this limiter was made: what is borrowed ages by it, whatever the wall clock does.
    private let stopwatch: Stopwatch
    private let desks = Mutex(Desks())
    /// From such a use on what was borrowed before counts no more.
    private static let high = 0.85

    package init(
        store: any LimiterStore, clock: any Clock<Duration>, wallClock: any WallClock, random: RandomSource,
        patience: Duration = .seconds(2),
        holdDown: @escaping @Sendable (QuotaKey) -> Duration = { _ in Quota.holdDown },
        defaults: @escaping @Sendable (QuotaKey) -> (limit: QuotaLimit, leastBlock: Duration)
    ) {
        self.store = store
        self.clock = clock
        self.wallClock = wallClock
        self.random = random
        self.patience = patience
        self.holdDown = holdDown
        self.defaults = defaults
        self.stopwatch = Stopwatch(clock)
    }

    private func elapsed() -> Duration { stopwatch.elapsed }

    /// The quotas that were used last in this process, at most so many.
    package func latest(_ most: Int) -> [QuotaKey] {
        desks.withLock { desks in
            let latest = desks.byKey.sorted { ($1.value.usedAt, $0.key) < ($0.value.usedAt, $1.key) }
            return latest.prefix(most).map(\.key)
        }
    }

    /// Waits for points of every quota in `costs`, at most about `patience` each. Points taken for a call that
    /// then has to wait elsewhere, or that was cancelled meanwhile, go to others. Throws `CancellationError` or
    /// what the store throws.
    package func permit(
        for costs: [QuotaCost], workClass: WorkClass, isWanted: @Sendable () -> Bool = { true }
    ) async throws -> Permit {
        var held: [(QuotaKey, PermitDesk.Lot)] = []
        do {
            for cost in costs.sorted(by: { $0.key < $1.key }) {
                switch try await obtain(cost, workClass) {
                case .lot(let lot): held.append((cost.key, lot))
                case .later(let wait):
                    handBack(held)
                    return .later(wait)
                }
                guard isWanted() else {
                    handBack(held)
                    return .unwanted
                }
            }
            try Task.checkCancellation()
            return .go
        } catch {
            handBack(held)
            throw error
        }
    }

    private enum Obtained {
        case lot(PermitDesk.Lot)
        case later(Duration)
    }

    private func obtain(_ cost: QuotaCost, _ workClass: WorkClass) async throws -> Obtained {
        let now = elapsed()
        let taken = desks.withLock { desks in
            desks.forget(at: now)
            return desks[cost.key, default: PermitDesk()].takeAtOnce(cost.points, at: now)
        }
        if let taken { return .lot(taken) }
        switch await stand(cost, workClass) {
        case .granted(let lot): return .lot(lot)
        case .later(let wait): return .later(wait)
        case .borrow: return try await borrow(cost)
        case .cancelled: throw CancellationError()
        }
    }

    /// Stands in line until points come, a long wait is announced, or it is this caller's turn to borrow.
    private func stand(_ cost: QuotaCost, _ workClass: WorkClass) async -> PermitDesk.Turn {
        let ticket = Ticket()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let atOnce: PermitDesk.Turn? = desks.withLock { desks in
                    if Task.isCancelled { return .cancelled }
                    let (id, turn) = desks[cost.key, default: PermitDesk()].join(
                        cost.points, workClass: workClass, continuation)
                    if turn == nil { ticket.set(id) }
                    return turn
                }
                if let atOnce { continuation.resume(returning: atOnce) }
            }
        } onCancel: {
            let waiter: CheckedContinuation<PermitDesk.Turn, Never>? = desks.withLock { desks in
                guard let id = ticket.id else { return nil }
                return desks[cost.key]?.leave(id)
            }
            waiter?.resume(returning: .cancelled)
        }
    }

    /// Borrows for everybody in line. The caller is served first; then the role passes on.
    private func borrow(_ cost: QuotaCost) async throws -> Obtained {
        do {
            while true {
                let (wanted, epoch) = desks.withLock { desks in
                    let desk = desks[cost.key, default: PermitDesk()]
                    return (desk.wanted + cost.points, desk.epoch)
                }
                switch try await ask(cost, wanted: wanted) {
                case .go(let loan):
                    let now = elapsed()
                    let received = desks.withLock {
                        $0[cost.key, default: PermitDesk()].receive(
                            loan, for: cost.points, epoch: epoch, at: now, patience: patience)
                    }
                    guard let (lot, served) = received else { continue }
                    for (waiter, turn) in served { waiter.resume(returning: turn) }
                    return .lot(lot)
                case .wait(let wait) where wait <= patience:
                    try await clock.sleep(for: wait)
                case .wait(let wait):
                    let sent = desks.withLock { $0[cost.key, default: PermitDesk()].sendAway() }
                    for waiter in sent { waiter.resume(returning: .later(wait)) }
                    return .later(wait)
                }
            }
        } catch {
            let next = desks.withLock { $0[cost.key]?.passOn() }
            next?.resume(returning: .borrow)
            throw error
        }
    }

    private enum Answer: Sendable {
        case go(PermitDesk.Loan)
        case wait(Duration)
    }

    /// Reserves up to half a second's worth in the store, or what the line wants, and at least the cost.
    private func ask(_ cost: QuotaCost, wanted: Double) async throws -> Answer {
        let holdDown = holdDown(cost.key)
        return try await store.withQuota(cost.key, limit: defaults(cost.key).limit) { quota, now -> Answer in
            let aSecond = quota.limit.points / quota.limit.period.inSeconds * quota.pace
            // Whole calls: what is left of one would go to waste.
            let calls = (min(max(wanted, aSecond / 2), quota.limit.burst) / cost.points).rounded(.down)
            let batch = max(1, calls) * cost.points
            switch quota.take(batch, atLeast: cost.points, at: now, holdDown: holdDown) {
            case .go(let points): return .go(PermitDesk.Loan(points: points, perSecond: aSecond))
            case .wait(let until): return .wait(until - now)
            }
        }
    }

    private func handBack(_ held: [(QuotaKey, PermitDesk.Lot)]) {
        let now = elapsed()
        for (key, lot) in held {
            let served = desks.withLock { $0[key, default: PermitDesk()].handBack(lot, at: now) }
            for (waiter, turn) in served { waiter.resume(returning: turn) }
        }
    }

    // MARK: What answers tell

    /// Takes over what an answer said of limits. Plain use is written at most once a second and quota.
    package func absorb(_ signals: [QuotaSignal]) async throws {
        for signal in signals {
            let leastBlock = defaults(signal.key).leastBlock
            let now = wallClock.now
            switch signal {
            case .use(let key, let use):
                let moment = elapsed()
                guard desks.withLock({ $0[key, default: PermitDesk()].shouldReport(use, at: moment) }) else { continue }
                // Points that were borrowed while nothing was known of it would carry everybody over the limit.
                let isHigh = use >= Limiter.high
                if isHigh { desks.withLock { $0[key]?.forfeit() } }
                defer { if isHigh { desks.withLock { $0[key]?.forfeit() } } }
                try await note(key) { quota, now in quota.reported(use: use, at: now) }
            case .limit(let key, let newLimit):
                guard desks.withLock({ $0[key]?.adopted }) != newLimit else { continue }
                try await note(key) { quota, now in quota.adopt(newLimit, at: now) }
                desks.withLock { $0[key, default: PermitDesk()].adopted = newLimit }
            case .blocked(let key, let until):
                _ = try await block(key, for: until.map { $0 - now }, leastBlock: leastBlock)
            }
        }
    }

    /// A throttle answer: nobody calls this quota before the block ends. Returns how long that is.
    @discardableResult
    package func block(_ key: QuotaKey, until: Instant?) async throws -> Duration {
        try await block(key, for: until.map { $0 - wallClock.now }, leastBlock: defaults(key).leastBlock)
    }

    private func block(_ key: QuotaKey, for length: Duration?, leastBlock: Duration) async throws -> Duration {
        let jitter = random.unit()
        // Before, so that nobody starts on points that were borrowed; after, for points that came meanwhile.
        desks.withLock { $0[key]?.forfeit() }
        defer { desks.withLock { $0[key]?.forfeit() } }
        let holdDown = holdDown(key)
        return try await note(key) { quota, now in
            quota.throttled(
                until: length.map { now + $0 }, least: leastBlock, jitter: jitter, at: now, holdDown: holdDown)
            return quota.blockedUntil.map { $0 - now } ?? .zero
        }
    }

    /// What an answer told must not be lost with a busy store: the next answer may not say it again.
    private func note<Result: Sendable>(
        _ key: QuotaKey, _ change: @Sendable (inout Quota, Instant) -> Result
    ) async throws -> Result {
        try await Backoff.whileUnavailable(clock, random) {
            try await store.withQuota(key, limit: defaults(key).limit, change)
        }
    }
}

/// The desks of the quotas that are in use.
private struct Desks {
    private(set) var byKey: [QuotaKey: PermitDesk] = [:]
    private var room = 1024

    subscript(_ key: QuotaKey) -> PermitDesk? {
        get { byKey[key] }
        _modify { yield &byKey[key] }
    }

    subscript(_ key: QuotaKey, default desk: @autoclosure () -> PermitDesk) -> PermitDesk {
        get { byKey[key] ?? desk() }
        _modify { yield &byKey[key, default: desk()] }
    }

    /// A worker may come past hundreds of thousands of accounts.
    mutating func forget(at now: Duration) {
        guard byKey.count >= room else { return }
        byKey = byKey.filter { !$0.value.isForgotten(at: now) }
        room = max(1024, byKey.count * 2)
    }
}

/// The number of a place in line, known only after the line was joined.
private final class Ticket: Sendable {
    private let value = Mutex<Int?>(nil)
    var id: Int? { value.withLock { $0 } }
    func set(_ id: Int) { value.withLock { $0 = id } }
}
