import SyncCore
import SyncEngine
import SyncTestKit
import Synchronization

/// Quotas in memory, with a log of what was reserved, failures and slow answers.
final class MemoryLimiterStore: LimiterStore {
    private struct State {
        var quotas: [QuotaKey: Quota] = [:]
        var transactions: [QuotaKey: Int] = [:]
        var failures = 0
        var delay: Duration = .zero
    }

    private let state = Mutex(State())
    private let clock: SimClock
    private let wallClock: SimWallClock

    init(clock: SimClock, wallClock: SimWallClock) {
        self.clock = clock
        self.wallClock = wallClock
    }

    func withQuota<Result: Sendable>(
        _ key: QuotaKey, limit: QuotaLimit, _ change: @Sendable (inout Quota, Instant) -> Result
    ) async throws -> Result {
        // Other callers may come in between, as with a real database.
        await Task.yield()
        let now = wallClock.now
        let (result, delay) = try state.withLock { state in
            state.transactions[key, default: 0] += 1
            if state.failures > 0 {
                state.failures -= 1
                throw StoreError.unavailable("no answer")
            }
            let result = change(&state.quotas[key, default: Quota(limit: limit, at: now)], now)
            return (result, state.delay)
        }
        if delay > .zero { try await clock.sleep(for: delay) }
        return result
    }

    func quotas(_ selection: QuotaSelection) async throws -> [(key: QuotaKey, quota: Quota)] {
        guard case .of(let keys) = selection else { return [] }
        let all = state.withLock { $0.quotas }
        return all.filter { keys.contains($0.key) }.sorted { $0.key < $1.key }.map { (key: $0.key, quota: $0.value) }
    }

    func quota(_ key: QuotaKey) -> Quota? { state.withLock { $0.quotas[key] } }
    func transactions(_ key: QuotaKey) -> Int { state.withLock { $0.transactions[key] ?? 0 } }
    /// The next so many transactions fail.
    func fail(_ times: Int) { state.withLock { $0.failures = times } }
    /// Answers come that long after the transaction.
    func answer(after delay: Duration) { state.withLock { $0.delay = delay } }
}

/// A limiter over a store in memory, under the seeded executor and the manual clock.
struct LimiterWorld: Sendable {
    let executor: SimExecutor
    let clock: SimClock
    let wallClock: SimWallClock
    let store: MemoryLimiterStore
    let limiter: Limiter
    /// Permits that were granted.
    let log = CallLog()

    static let limit = QuotaLimit(points: 30, per: .seconds(1), burst: 10)

    init(
        seed: UInt64, limits: [QuotaKey: QuotaLimit] = [:],
        leastBlock: Duration = .seconds(60), patience: Duration = .seconds(2)
    ) {
        executor = SimExecutor(seed: seed)
        clock = SimClock()
        wallClock = SimWallClock(clock, start: Instant(seconds: 1_795_000_000))
        store = MemoryLimiterStore(clock: clock, wallClock: wallClock)
        limiter = Limiter(
            store: store, clock: clock, wallClock: wallClock, random: RandomSource(SeededGenerator(seed: seed)),
            patience: patience
        ) { key in (limits[key] ?? LimiterWorld.limit, leastBlock) }
    }

    func run<Result: Sendable>(_ scenario: @escaping @Sendable () async throws -> Result) throws -> Result {
        try executor.run(clock: clock, scenario)
    }

    var now: Duration { clock.now.offset }

    /// Asks for one permit and logs it when it is granted.
    @discardableResult
    func permit(
        _ keys: QuotaKey..., points: Double = 1, as workClass: WorkClass = .recent
    ) async throws -> Limiter.Permit {
        let answer = try await limiter.permit(
            for: keys.map { QuotaCost($0, points: points) }, workClass: workClass)
        if answer == .go { log.note(points: points, workClass, at: now) }
        return answer
    }

    /// Calls again and again until `end`, each call taking 50-150 ms, and stays away when told to.
    func callOften(_ key: QuotaKey, as workClass: WorkClass, until end: Duration, dice: SimDice) async throws {
        while now < end {
            switch try await permit(key, as: workClass) {
            case .go: try await clock.sleep(for: .milliseconds(dice.integer(50...150)))
            case .later(let wait): try await clock.sleep(for: wait)
            case .unwanted: return
            }
        }
    }
}

/// Which calls went out when.
final class CallLog: Sendable {
    struct Entry: Sendable {
        var at: Duration
        var points: Double
        var workClass: WorkClass
    }

    private let log = Mutex<[Entry]>([])

    func note(points: Double, _ workClass: WorkClass, at moment: Duration) {
        log.withLock { $0.append(Entry(at: moment, points: points, workClass: workClass)) }
    }

    var entries: [Entry] { log.withLock { $0 } }
    var points: Double { entries.reduce(0) { $0 + $1.points } }

    /// The highest level of a bucket that leaks at the limit's rate: within x if and only if every window of
    /// length W holds at most x + rate × W points.
    func highestLevel(of limit: QuotaLimit) -> Double {
        var level = 0.0
        var highest = 0.0
        var last: Duration = .zero
        for entry in entries {
            level = max(0, level - (entry.at - last).inSeconds * limit.points / limit.period.inSeconds)
            level += entry.points
            highest = max(highest, level)
            last = entry.at
        }
        return highest
    }
}
