import SyncCore
import Testing

@Suite("Quota after throttles")
struct QuotaThrottleTests {
    private func quota(_ points: Double = 10, burst: Double = 10) -> Quota {
        Quota(limit: QuotaLimit(points: points, per: .seconds(1), burst: burst), at: quotaStart)
    }

    @Test("Unexplained blocks double from the least to an hour")
    func doubling() throws {
        var quota = quota()
        var now = quotaStart
        var lengths: [Int64] = []

        for _ in 0..<8 {
            quota.throttled(until: nil, least: .seconds(60), jitter: 0, at: now)
            let end = try #require(quota.blockedUntil)
            lengths.append((end - now).microseconds / 1_000_000)
            #expect(quota.take(1, atLeast: 1, at: end - .microseconds(1)) == .wait(until: end))
            now = end
        }

        #expect(lengths == [60, 120, 240, 480, 960, 1920, 3600, 3600])
    }

    @Test("Jitter makes an unexplained block up to a quarter longer, never longer than an hour")
    func jitter() {
        var quota = quota()
        quota.throttled(until: nil, least: .seconds(60), jitter: 0.5, at: quotaStart)
        #expect(quota.blockedUntil == at(67.5))

        var long = self.quota()
        long.throttled(until: nil, least: .seconds(3599), jitter: 0.99, at: quotaStart)
        #expect(long.blockedUntil == at(3600))
    }

    @Test("A stated end is taken as it is")
    func stated() {
        var quota = quota()

        quota.throttled(until: at(7), least: .seconds(60), jitter: 0.5, at: quotaStart)

        #expect(quota.take(1, atLeast: 1, at: at(6.9)) == .wait(until: at(7)))
        #expect(quota.take(1, atLeast: 1, at: at(7)) == .go(points: 1))
    }

    @Test("A stated end that has passed is no explanation", arguments: [0.0, -60])
    func statedInThePast(seconds: Double) {
        var quota = quota()

        quota.throttled(until: at(seconds), least: .seconds(60), jitter: 0, at: quotaStart)

        #expect(quota.blockedUntil == at(60))
    }

    @Test("Answers of calls that were under way neither extend a block nor count as strikes")
    func underWay() {
        var quota = quota()
        quota.throttled(until: nil, least: .seconds(60), jitter: 0, at: quotaStart)

        for second in 1...50 {
            quota.throttled(until: nil, least: .seconds(60), jitter: 0, at: at(Double(second)))
            quota.throttled(until: at(59), least: .seconds(60), jitter: 0, at: at(Double(second)))
        }

        #expect(quota.blockedUntil == at(60))
        #expect(quota.strikes == 1)
        #expect(quota.pace == 0.5)
    }

    @Test("A later stated end extends a block")
    func laterEnd() {
        var quota = quota()
        quota.throttled(until: at(10), least: .seconds(60), jitter: 0, at: quotaStart)

        quota.throttled(until: at(30), least: .seconds(60), jitter: 0, at: at(1))

        #expect(quota.blockedUntil == at(30))
    }

    /// Callers that all wait for the end of a block: so many go at that moment, and the next must wait for another.
    private func goAtOnce(behind end: Instant, _ quota: inout Quota) throws -> (calls: Int, next: Instant) {
        var calls = 0
        while calls < 100 {
            switch quota.take(1, atLeast: 1, at: end) {
            case .go: calls += 1
            case .wait(let until): return (calls, until)
            }
        }
        throw Endless()
    }

    private struct Endless: Error {}

    @Test("Behind a block calls come one by one, not as a burst", arguments: [nil, 30.0])
    func oneByOne(stated: Double?) throws {
        var quota = quota(10, burst: 10)

        quota.throttled(until: stated.map { at($0) }, least: .seconds(60), jitter: 0, at: quotaStart)

        let end = try #require(quota.blockedUntil)
        let first = try goAtOnce(behind: end, &quota)
        #expect(first.calls == 1)
        #expect(first.next == end + .milliseconds(200))
        #expect(try goAtOnce(behind: first.next, &quota).calls == 1)
    }

    @Test("Behind a block that was extended calls come one by one, too")
    func oneByOneLater() throws {
        var quota = quota(10, burst: 10)
        quota.throttled(until: at(10), least: .seconds(60), jitter: 0, at: quotaStart)

        quota.throttled(until: at(30), least: .seconds(60), jitter: 0, at: at(1))

        let first = try goAtOnce(behind: at(30), &quota)
        #expect(first.calls == 1)
        #expect(first.next == at(30.2))
    }

    @Test("A pace that goes down during a block does not put off its end")
    func slowerDuringBlock() throws {
        var quota = quota(10, burst: 10)
        quota.throttled(until: at(600), least: .seconds(60), jitter: 0, at: quotaStart)

        quota.reported(use: 0.9, at: at(100))

        #expect(quota.pace == 0.25)
        let first = try goAtOnce(behind: at(600), &quota)
        #expect(first.calls == 1)
        #expect(first.next == at(600.4))
    }

    /// Seconds after the begin of a block that ends at 60.
    @Test(
        "A smaller limit that is learned during a block or behind it does not keep calls away for hours",
        arguments: [1.0, 30, 60, 61, 100, 200])
    func smallerLimit(learnedAt: Double) throws {
        var quota = quota(30, burst: 8100)
        quota.throttled(until: at(60), least: .seconds(60), jitter: 0, at: quotaStart)

        if learnedAt > 120 { _ = quota.take(1, atLeast: 1, at: at(121)) }
        quota.adopt(QuotaLimit(points: 60, per: .seconds(300), burst: 54), at: at(learnedAt))

        let end = max(60, learnedAt) + 0.001
        let first = try goAtOnce(behind: at(end), &quota)
        #expect(first.calls == 1)
        #expect(first.next > at(end + 5) && first.next <= at(end + 10))
    }

    @Test("A larger limit that is learned during a block is used one by one, too")
    func largerLimit() throws {
        var quota = quota(1, burst: 5)
        quota.throttled(until: at(60), least: .seconds(60), jitter: 0, at: quotaStart)

        quota.adopt(QuotaLimit(points: 10, per: .seconds(1), burst: 50), at: at(1))

        let first = try goAtOnce(behind: at(60), &quota)
        #expect(first.calls == 1)
        #expect(first.next == at(60.2))
    }

    @Test("A throttle halves the rate that is granted from then on")
    func halving() {
        var quota = quota(10, burst: 1)

        quota.throttled(until: at(5), least: .seconds(60), jitter: 0, at: quotaStart)

        #expect(quota.take(1, atLeast: 1, at: at(5)) == .go(points: 1))
        #expect(quota.take(1, atLeast: 1, at: at(5)) == .wait(until: at(5.2)))
    }

    @Test("The pace is halved once per hold-down, whatever comes, and never goes below a tenth")
    func holdDown() {
        var quota = quota()

        for second in stride(from: 0.0, to: 59, by: 3) {
            quota.throttled(until: at(second + 1), least: .seconds(1), jitter: 0, at: at(second))
        }
        #expect(quota.pace == 0.5)

        var paces: [Double] = []
        for minute in 1...4 {
            quota.throttled(
                until: at(Double(minute) * 61 + 1), least: .seconds(1), jitter: 0, at: at(Double(minute) * 61))
            paces.append(quota.pace)
        }
        #expect(paces == [0.25, 0.125, 0.1, 0.1])
    }

    @Test("High use slows down before the platform does, once per hold-down")
    func highUse() {
        var quota = quota()

        quota.reported(use: 0.84, at: at(61))
        #expect(quota.pace == 1)
        quota.reported(use: 0.85, at: at(61))
        quota.reported(use: 0.99, at: at(62))
        #expect(quota.pace == 0.5)
        quota.reported(use: 0.99, at: at(121))
        #expect(quota.pace == 0.25)
    }

    @Test("What is used stays used when the pace changes")
    func paceKeepsUse() {
        var quota = quota(10, burst: 10)
        quota.reported(use: 0.9, at: at(100))
        #expect(quota.pace == 0.5)

        #expect(quota.take(10, atLeast: 0.5, at: at(100)) == .go(points: 1))
    }

    @Test("The pace recovers by a tenth after each quiet hold-down, and then the strikes are forgotten")
    func recovery() {
        var quota = quota()
        quota.throttled(until: at(1), least: .seconds(60), jitter: 0, at: quotaStart)
        var paces: [Double] = []

        for second in stride(from: 1.0, through: 301, by: 1) {
            _ = quota.take(1, atLeast: 1, at: at(second))
            if second.truncatingRemainder(dividingBy: 60) == 1 { paces.append((quota.pace * 100).rounded() / 100) }
        }

        #expect(paces == [0.5, 0.6, 0.7, 0.8, 0.9, 1])
        #expect(quota.pace == 1)
        #expect(quota.strikes == 0)
        quota.throttled(until: nil, least: .seconds(60), jitter: 0, at: at(400))
        #expect(quota.blockedUntil == at(460))
    }

    @Test("Blocked time is not quiet time: a quota that is throttled after every block never gets faster")
    func throttledAgainAndAgain() throws {
        var quota = quota()
        var now = quotaStart
        var paces: [Double] = []

        for _ in 0..<6 {
            quota.throttled(until: nil, least: .seconds(60), jitter: 0, at: now)
            paces.append(quota.pace)
            now = try #require(quota.blockedUntil)
            #expect(quota.take(1, atLeast: 1, at: now) == .go(points: 1))
        }

        #expect(paces == [0.5, 0.25, 0.125, 0.1, 0.1, 0.1])
        #expect(quota.strikes == 6)
    }
}
