import SyncTestKit
import Synchronization
import Testing

@testable import SyncWeb

@Suite("Answers that many ask for", .timeLimit(.minutes(1)))
struct FreshAnswersTests {
    /// Answers 1, 2, 3 and so on, each when the gate lets it through.
    private final class Source: Sendable {
        private let made = Mutex(0)
        let gate = AsyncStream<Bool>.makeStream()
        var count: Int { made.withLock { $0 } }

        /// Throws when the gate says so.
        func next() async throws -> Int {
            let number = made.withLock { made in
                made += 1
                return made
            }
            var passes = gate.stream.makeAsyncIterator()
            guard await passes.next() ?? false else { throw Refusal() }
            return number
        }
    }

    private struct Refusal: Error {}

    private let clock = HandClock()
    private let source = Source()

    private func answers(waitedFor: Bool = false) -> FreshAnswers<Int> {
        FreshAnswers(for: .milliseconds(250), waitedFor: waitedFor, clock: clock)
    }

    /// Until the answer that is on its way has come in.
    private func settle(_ answers: FreshAnswers<Int>, _ expected: Int) async throws {
        while try await answers.value("a", source.next) != expected { await Task.yield() }
    }

    @Test("One that is fresh is given again, and is not computed twice")
    func fresh() async throws {
        let answers = answers()
        source.gate.continuation.yield(true)
        #expect(try await answers.value("a", source.next) == 1)
        clock.advance(by: .milliseconds(249))
        #expect(try await answers.value("a", source.next) == 1)
        #expect(source.count == 1)
    }

    @Test("One that has just grown old is given while the next is computed, and then the next")
    func justOld() async throws {
        let answers = answers()
        source.gate.continuation.yield(true)
        #expect(try await answers.value("a", source.next) == 1)
        clock.advance(by: .milliseconds(251))
        #expect(try await answers.value("a", source.next) == 1)
        #expect(try await answers.value("a", source.next) == 1)
        source.gate.continuation.yield(true)
        try await settle(answers, 2)
        #expect(source.count == 2)
    }

    @Test("One that is older than that is given to nobody")
    func old() async throws {
        let answers = answers()
        source.gate.continuation.yield(true)
        #expect(try await answers.value("a", source.next) == 1)
        clock.advance(by: .milliseconds(501))
        source.gate.continuation.yield(true)
        #expect(try await answers.value("a", source.next) == 2)
    }

    @Test("Where the next is waited for, one that has grown old is given to nobody")
    func waiting() async throws {
        let answers = answers(waitedFor: true)
        source.gate.continuation.yield(true)
        #expect(try await answers.value("a", source.next) == 1)
        clock.advance(by: .milliseconds(251))
        source.gate.continuation.yield(true)
        #expect(try await answers.value("a", source.next) == 2)
    }

    @Test("What is forgotten is given to nobody")
    func forgetting() async throws {
        let answers = answers()
        source.gate.continuation.yield(true)
        #expect(try await answers.value("a", source.next) == 1)
        answers.forget { $0 == "a" }
        source.gate.continuation.yield(true)
        #expect(try await answers.value("a", source.next) == 2)
    }

    @Test("What failed is told to those who waited, and computed again for the next")
    func failure() async throws {
        let answers = answers()
        source.gate.continuation.yield(false)
        await #expect(throws: Refusal.self) { try await answers.value("a", source.next) }
        source.gate.continuation.yield(true)
        #expect(try await answers.value("a", source.next) == 2)
    }
}

/// Stands still until somebody moves it.
private final class HandClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Swift.Duration
        func advanced(by duration: Swift.Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Swift.Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let time = Mutex(Swift.Duration.zero)
    var now: Instant { Instant(offset: time.withLock { $0 }) }
    var minimumResolution: Swift.Duration { .nanoseconds(1) }
    func advance(by duration: Swift.Duration) { time.withLock { $0 += duration } }
    func sleep(until deadline: Instant, tolerance: Swift.Duration?) async throws {}
}
