import ConnectorKit
import HTTPTypes
import SyncCore
import SyncTestKit
import Synchronization
import Testing

@testable import SyncEngine

/// What calls of one process have in common: answers that serve several, and limits that look back.
@Suite("Calls of one process")
struct SharedCallsTests {
    private final class Count: Sendable {
        private let made = Mutex(0)
        var value: Int { made.withLock { $0 } }
        func add() -> Int {
            made.withLock { count in
                count += 1
                return count
            }
        }
    }

    private final class Times: Sendable {
        private let left = Mutex<[Duration]>([])
        var sorted: [Duration] { left.withLock { $0.sorted() } }
        func add(_ time: Duration) { left.withLock { $0.append(time) } }
    }

    @Test(
        "Who asks the same together is served by one answer, for as long as it serves", arguments: 1...5 as ClosedRange)
    func together(seed: UInt64) throws {
        let clock = SimClock()
        let asked = Count()
        let bodies = try SimExecutor(seed: seed).run(clock: clock) {
            let answers = SharedAnswers(clock: clock)
            let ask: @Sendable () async throws -> WireResponse = {
                let number = asked.add()
                try await clock.sleep(for: .seconds(1))
                return WireResponse(status: 200, body: [UInt8(number)])
            }
            var bodies = try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for _ in 0..<8 {
                    group.addTask { try await answers.answer(to: [1], for: .seconds(60), ask: ask).body }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try await clock.sleep(for: .seconds(58))
            bodies.append(try await answers.answer(to: [1], for: .seconds(60), ask: ask).body)
            try await clock.sleep(for: .seconds(3))
            bodies.append(try await answers.answer(to: [1], for: .seconds(60), ask: ask).body)
            answers.forget([1])
            bodies.append(try await answers.answer(to: [1], for: .seconds(60), ask: ask).body)
            return bodies
        }

        #expect(bodies == Array(repeating: [1], count: 9) + [[2], [3]])
    }

    @Test("A question that fails serves nobody, and the next one asks")
    func failed() throws {
        let clock = SimClock()
        let asked = Count()
        try SimExecutor(seed: 1).run(clock: clock) {
            let answers = SharedAnswers(clock: clock)
            await #expect(throws: TransportError.self) {
                _ = try await answers.answer(to: [1], for: .seconds(60)) {
                    _ = asked.add()
                    throw TransportError.timedOut
                }
            }
            _ = try await answers.answer(to: [1], for: .seconds(60)) {
                _ = asked.add()
                return WireResponse(status: 200, body: [])
            }
        }
        #expect(asked.value == 2)
    }

    @Test("Requests that differ in a secret only are two")
    func keys() {
        var one = WireRequest(.get, "/pages")
        one.confidential = [("access_token", "A")]
        var other = one
        other.confidential = [("access_token", "B")]
        #expect(SharedAnswers.key(of: one, to: "http://a") == SharedAnswers.key(of: one, to: "http://a"))
        #expect(SharedAnswers.key(of: one, to: "http://a") != SharedAnswers.key(of: other, to: "http://a"))
        #expect(SharedAnswers.key(of: one, to: "http://a") != SharedAnswers.key(of: one, to: "http://b"))
    }

    @Test("No more calls leave within a sliding time than its limit has", arguments: 1...5 as ClosedRange)
    func departures(seed: UInt64) throws {
        let clock = SimClock()
        let left = Times()
        let key = QuotaKey(SlidingConnector.platform.id, "page", "1")
        let other = QuotaKey(SlidingConnector.platform.id, "user", "1")
        try SimExecutor(seed: seed).run(clock: clock) {
            let departures = Departures([SlidingConnector.self], clock: clock)
            let stopwatch = Stopwatch(clock)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<23 {
                    group.addTask {
                        try await departures.wait(for: [QuotaCost(key), QuotaCost(other)])
                        left.add(stopwatch.elapsed)
                    }
                }
                try await group.waitForAll()
            }
        }
        let times = left.sorted
        for (first, sixth) in zip(times, times.dropFirst(5)) { #expect(sixth - first >= .seconds(1)) }
        #expect(times.last ?? .zero < .seconds(5))
    }

    @Test("A limit that looks back over a second is as free as before some seconds after a throttle")
    func recovery() {
        let start = Instant(seconds: 1_795_000_000)
        var quick = Quota(limit: QuotaLimit(points: 5, per: .seconds(1), burst: 1), at: start)
        var usual = quick
        quick.throttled(until: nil, least: .seconds(1), jitter: 0, at: start, holdDown: .seconds(1))
        usual.throttled(until: nil, least: .seconds(1), jitter: 0, at: start)
        for second in 2...9 {
            _ = quick.take(1, atLeast: 1, at: start + .seconds(Int64(second)), holdDown: .seconds(1))
            _ = usual.take(1, atLeast: 1, at: start + .seconds(Int64(second)))
        }
        #expect(quick.pace == 1 && usual.pace == 0.5)
    }
}

/// A platform with a limit that looks back; nobody calls it.
private struct SlidingConnector: Connector {
    static let platform = Platform(
        id: PlatformID("sliding"), name: "Sliding", baseURL: "http://sliding", credentialFields: [], stages: [],
        steps: [], quotas: [:], sliding: ["page": SlidingLimit(5, per: .seconds(1))])

    init(configuration: [String: String]) throws {}
    var streams: [StreamSchema] { [] }
    func quotaKeys(of account: String) -> [QuotaKey] { [] }
    func plan(_ request: PlanRequest) -> [ChunkSpec] { [] }
    func call(for question: Question, cursor: String?, credential: Credential, at now: Instant) -> Call {
        Call(WireRequest(.get, "/"), costs: [])
    }
    func answer(
        _ response: WireResponse, to question: Question, cursor: String?, credential: Credential, at now: Instant
    ) -> Answer { .failed(.bug(Failure.Cause(code: "", "unexpected"))) }
    func call(for work: ChunkWork) -> Call { Call(WireRequest(.get, "/"), costs: []) }
    func read(_ response: WireResponse, to call: Call, of work: ChunkWork) -> Reading {
        Reading(.failed(.bug(Failure.Cause(code: "", "unexpected"))))
    }
    func recheck(_ ids: [String], of spec: ChunkSpec, _ learned: Learned) -> [ChunkSpec] { [] }
}
