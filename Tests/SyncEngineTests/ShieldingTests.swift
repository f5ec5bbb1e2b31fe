import SyncCore
import SyncTestKit
import Synchronization
import Testing

@testable import SyncEngine

/// Runs a scenario under the seeded executor and tells the simulated time at its end.
@discardableResult
private func simulate<Result: Sendable>(
    seed: UInt64 = 1, _ scenario: @escaping @Sendable (SimClock) async throws -> Result
) throws -> (result: Result, took: Duration) {
    let clock = SimClock()
    let result = try SimExecutor(seed: seed).run(clock: clock) { try await scenario(clock) }
    return (result, clock.now.offset)
}

private final class Moments: Sendable {
    private let moments = Mutex<[Duration]>([])
    func note(_ moment: Duration) { moments.withLock { $0.append(moment) } }
    var all: [Duration] { moments.withLock { $0 } }
}

@Suite("Signal")
struct SignalTests {
    @Test("A signal that came before the wait is kept, as one")
    func kept() throws {
        let (_, took) = try simulate { clock in
            let signal = Signal()
            signal.signal()
            signal.signal()
            await signal.wait(atMost: .seconds(100), clock: clock)
            #expect(clock.now.offset == .zero)
            await signal.wait(atMost: .seconds(7), clock: clock)
        }

        #expect(took == .seconds(7))
    }

    @Test("A signal wakes who waits, at once", arguments: 0..<20 as Range<UInt64>)
    func wakes(seed: UInt64) throws {
        let (woken, _) = try simulate(seed: seed) { clock in
            let signal = Signal()
            return try await withThrowingTaskGroup(of: Duration?.self) { group in
                group.addTask {
                    await signal.wait(atMost: .seconds(100), clock: clock)
                    return clock.now.offset
                }
                group.addTask {
                    try await clock.sleep(for: .seconds(3))
                    signal.signal()
                    return nil
                }
                return try await group.reduce(into: [Duration]()) { if let moment = $1 { $0.append(moment) } }
            }
        }

        #expect(woken == [.seconds(3)])
    }

    @Test("A wait ends after its timeout, and the signal can be used again")
    func timeout() throws {
        let (_, took) = try simulate { clock in
            let signal = Signal()
            for _ in 0..<3 { await signal.wait(atMost: .seconds(2), clock: clock) }
            signal.signal()
            await signal.wait()
        }

        #expect(took == .seconds(6))
    }

    @Test("A cancelled wait returns, whether it had begun or not", arguments: 0..<20 as Range<UInt64>)
    func cancellation(seed: UInt64) throws {
        let (_, took) = try simulate(seed: seed) { clock in
            let signal = Signal()
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await signal.wait() }
                group.cancelAll()
            }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await signal.wait(atMost: .seconds(100), clock: clock) }
                try? await clock.sleep(for: .seconds(1))
                group.cancelAll()
            }
            signal.signal()
            await signal.wait()
        }

        #expect(took == .seconds(1))
    }

    @Test("No signal is lost between a maker and a loop that waits", arguments: 0..<50 as Range<UInt64>)
    func nothingLost(seed: UInt64) throws {
        let (longest, _) = try simulate(seed: seed) { clock in
            let signal = Signal()
            let dice = SimDice(seed: seed)
            let made = Moments()
            return try await withThrowingTaskGroup(of: Duration.self) { group in
                group.addTask {
                    for _ in 0..<40 {
                        try await clock.sleep(for: .milliseconds(dice.integer(0...3)))
                        made.note(clock.now.offset)
                        signal.signal()
                    }
                    return .zero
                }
                group.addTask {
                    var seen = 0
                    var longest: Duration = .zero
                    while seen < 40 {
                        await signal.wait(atMost: .milliseconds(dice.integer(1...2000)), clock: clock)
                        let all = made.all
                        for moment in all.dropFirst(seen) { longest = max(longest, clock.now.offset - moment) }
                        seen = all.count
                    }
                    return longest
                }
                return try await group.reduce(into: .zero) { $0 = max($0, $1) }
            }
        }

        #expect(longest == .zero)
    }
}

@Suite("Shielding from cancellation")
struct ShieldingTests {
    /// Waits, and tells whether a cancellation was seen meanwhile.
    private static func slowWrite(_ clock: SimClock) async -> Bool {
        do {
            try await clock.sleep(for: .seconds(5))
            return !Task.isCancelled
        } catch {
            return false
        }
    }

    @Test("The body runs to its end when the caller was cancelled before", arguments: 0..<10 as Range<UInt64>)
    func cancelledBefore(seed: UInt64) throws {
        let (whole, took) = try simulate(seed: seed) { clock in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    try? await clock.sleep(for: .seconds(100))
                    return try await withoutCancellation { await ShieldingTests.slowWrite(clock) }
                }
                group.cancelAll()
                return try await group.next() ?? false
            }
        }

        #expect(whole)
        #expect(took == .seconds(5))
    }

    @Test("The body runs to its end when the caller is cancelled meanwhile", arguments: 0..<10 as Range<UInt64>)
    func cancelledMeanwhile(seed: UInt64) throws {
        let (whole, took) = try simulate(seed: seed) { clock in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    try await withoutCancellation { await ShieldingTests.slowWrite(clock) }
                }
                try await clock.sleep(for: .seconds(2))
                group.cancelAll()
                return try await group.next() ?? false
            }
        }

        #expect(whole)
        #expect(took == .seconds(5))
    }

    @Test("The body's result and its error come through")
    func results() throws {
        try simulate { _ in
            let result = try await withoutCancellation { 42 }
            #expect(result == 42)
            await #expect(throws: StoreError.diskFull) {
                try await withoutCancellation { throw StoreError.diskFull }
            }
        }
    }

    @Test("Outside of a simulation it does the same")
    func outside() async throws {
        #expect(try await withoutCancellation { Task.isCancelled } == false)
    }
}
