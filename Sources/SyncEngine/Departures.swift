import ConnectorKit
import SyncCore
import Synchronization

/// When calls left under limits that count within a sliding time. A permit says when a call may go; a busy machine
/// sends it later than that, and the one behind it not. Platforms count what arrives, so this process sees to it that
/// no more leave within any such time than the limit has (`Platform.sliding`).
final class Departures: Sendable {
    private let limits: [PlatformID: [String: SlidingLimit]]
    private let clock: any Clock<Duration>
    private let stopwatch: Stopwatch
    /// The latest of each quota, the oldest first.
    private let left = Mutex<[QuotaKey: [Duration]]>([:])

    init(_ connectors: [any Connector.Type], clock: any Clock<Duration>) {
        limits = Dictionary(
            connectors.map { ($0.platform.id, $0.platform.sliding) }, uniquingKeysWith: { first, _ in first })
        self.clock = clock
        stopwatch = Stopwatch(clock)
    }

    /// Returns when the call may leave, and counts it from then on. Throws `CancellationError`.
    func wait(for costs: [QuotaCost]) async throws {
        let keys: [(QuotaKey, SlidingLimit)] = costs.compactMap { cost in
            limits[PlatformID(cost.key.platform)]?[cost.key.family].map { (cost.key, $0) }
        }
        guard !keys.isEmpty else { return }
        while let pause = depart(keys) { try await clock.sleep(for: pause) }
    }

    /// Nil when it leaves now.
    private func depart(_ keys: [(key: QuotaKey, limit: SlidingLimit)]) -> Duration? {
        left.withLock { left in
            let now = stopwatch.elapsed
            for (key, limit) in keys {
                guard let times = left[key], times.count >= limit.calls, let first = times.first else { continue }
                if now - first < limit.period { return limit.period - (now - first) }
            }
            for (key, limit) in keys {
                left[key] = (left[key] ?? []).suffix(limit.calls - 1) + [now]
            }
            return nil
        }
    }
}
