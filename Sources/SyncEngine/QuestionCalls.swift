package import ConnectorKit
package import SyncCore
import Synchronization

/// The calls of questions: how many were made, and what they took from limits that no database knows of yet. They count
/// like the calls of jobs (design.md, rule 5), also where they come before there is a database.
package final class QuestionCalls: Sendable {
    private struct State {
        var made = 0
        var throttled = 0
        var retries = 0
        var quotas: [QuotaKey: Quota] = [:]
    }

    private let state = Mutex(State())
    private let wallClock: any WallClock

    package init(_ wallClock: any WallClock) {
        self.wallClock = wallClock
    }

    package var count: Int { state.withLock { $0.made } }
    package var throttled: Int { state.withLock { $0.throttled } }
    package var retries: Int { state.withLock { $0.retries } }

    func add() { state.withLock { $0.made += 1 } }
    func wasThrottled() { state.withLock { $0.throttled += 1 } }
    func isRetried() { state.withLock { $0.retries += 1 } }

    /// Takes what a call costs. A call that is to wait for its turn takes nothing before it, and is told how long that
    /// is.
    func take(_ cost: QuotaCost, under limit: QuotaLimit, inTurn: Bool) -> Duration? {
        let now = wallClock.now
        return state.withLock { state in
            var quota = state.quotas[cost.key] ?? Quota(limit: limit, at: now)
            defer { state.quotas[cost.key] = quota }
            guard inTurn else {
                quota.charge(cost.points, at: now)
                return nil
            }
            guard case .wait(let until) = quota.take(cost.points, atLeast: cost.points, at: now) else { return nil }
            return until - now
        }
    }

    /// What was taken and has not flowed back; it is the caller's to count from now on.
    func handOver() -> [QuotaCost] {
        let now = wallClock.now
        return state.withLock { state in
            defer { state.quotas = [:] }
            return state.quotas.map { QuotaCost($0.key, points: $0.value.used(at: now)) }
                .filter { $0.points > 0 }.sorted { $0.key < $1.key }
        }
    }
}

extension Call {
    /// Whether calls of its kind go one by one, each in its turn.
    func goesInTurn(under limits: [String: QuotaLimit]) -> Bool {
        alone != nil || costs.contains { cost in limits[cost.key.family].map { $0.burst <= 1 } ?? false }
    }
}

extension Control {
    /// Counts what was taken outside of any job, for every worker that shares the database.
    package func charge(_ calls: QuestionCalls) async throws {
        for cost in calls.handOver() {
            guard let limit = try limit(of: cost.key) else { continue }
            try await environment.store.withQuota(cost.key, limit: limit) { quota, now in
                quota.charge(cost.points, at: now)
            }
        }
    }

    /// Makes a call outside of any job, in its turn among those of all workers. Throws `Failure.throttled` while a
    /// limit is reached.
    package func makeInTurn(
        _ call: Call, _ send: @Sendable () async throws -> WireResponse
    ) async throws -> WireResponse {
        var open = call.costs.sorted { $0.key < $1.key }
        while true {
            let wait: Duration
            switch try await alone(call, { try await answer(&open, send) }) {
            case .answer(let response): return response
            case .later(let pause): wait = pause
            }
            try await environment.clock.sleep(for: wait)
        }
    }

    private enum Turn: Sendable {
        case answer(WireResponse)
        case later(Duration)
    }

    private func alone(_ call: Call, _ body: () async throws -> Turn) async throws -> Turn {
        guard let key = call.alone else { return try await body() }
        return try await SharedLease(environment, "call/\(key)")
            .hold(for: call.request.timeout + .seconds(10), body)
    }

    /// Pays what is open of the call's costs, and sends it when that is all paid.
    private func answer(
        _ open: inout [QuotaCost], _ send: @Sendable () async throws -> WireResponse
    ) async throws -> Turn {
        while let cost = open.first {
            if let limit = try limit(of: cost.key) {
                let wait = try await environment.store.withQuota(cost.key, limit: limit) { quota, now -> Wait? in
                    let grant = quota.take(cost.points, atLeast: cost.points, at: now)
                    guard case .wait(let until) = grant else { return nil }
                    return Wait(length: until - now, isBlock: quota.blockedUntil.map { $0 > now } ?? false)
                }
                if let wait, wait.isBlock {
                    let cause = Failure.Cause(code: "", "The platform's limit of calls is reached.")
                    throw Failure.throttled(cost.key, until: environment.wallClock.now + wait.length, cause)
                }
                if let wait { return .later(wait.length) }
            }
            open.removeFirst()
        }
        return .answer(try await send())
    }

    private struct Wait: Sendable {
        var length: Duration
        var isBlock: Bool
    }

    private func limit(of key: QuotaKey) throws -> QuotaLimit? {
        try environment.connectors.type(of: PlatformID(key.platform)).platform.quotas[key.family]
    }
}
