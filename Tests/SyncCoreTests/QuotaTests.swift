import Foundation
import SyncCore
import Testing

/// Any moment.
let quotaStart = Instant(seconds: 1_795_000_000)

/// So many seconds later.
func at(_ seconds: Double) -> Instant { quotaStart + .microseconds(Int64((seconds * 1_000_000).rounded())) }

@Suite("Quota")
struct QuotaTests {
    private func quota(_ points: Double = 10, per period: Duration = .seconds(1), burst: Double = 10) -> Quota {
        Quota(limit: QuotaLimit(points: points, per: period, burst: burst), at: quotaStart)
    }

    @Test("A burst goes at once, and then a point each interval")
    func burst() {
        var quota = quota(10, burst: 3)

        for _ in 0..<3 { #expect(quota.take(1, atLeast: 1, at: quotaStart) == .go(points: 1)) }
        #expect(quota.take(1, atLeast: 1, at: quotaStart) == .wait(until: at(0.1)))
        #expect(quota.take(1, atLeast: 1, at: at(0.1)) == .go(points: 1))
        #expect(quota.take(1, atLeast: 1, at: at(0.1)) == .wait(until: at(0.2)))
    }

    @Test("Points that were used without asking flow back like others, and who comes after them waits")
    func charged() {
        var quota = quota(10, burst: 1)

        quota.charge(3, at: quotaStart)

        #expect(quota.used(at: quotaStart) == 3)
        #expect(quota.used(at: at(0.1)) == 2)
        #expect(quota.used(at: at(5)) == 0)
        #expect(quota.take(1, atLeast: 1, at: quotaStart) == .wait(until: at(0.3)))
        #expect(quota.take(1, atLeast: 1, at: at(0.3)) == .go(points: 1))
    }

    @Test("After the clock was set back nobody owes more, or waits for longer, than when the quota was written")
    func clockSetBack() {
        var quota = quota(1, burst: 10)
        _ = quota.take(10, atLeast: 10, at: at(3600))
        quota.throttled(until: at(3600 + 90), least: .seconds(60), jitter: 0, at: at(3600))

        var read = quota.read(writtenAt: at(3600), at: at(5))

        #expect(read.take(1, atLeast: 1, at: at(5)) == .wait(until: at(95)))
        #expect(read.arrival - at(5) == quota.arrival - at(3600))
        #expect(read.pacedAt == at(5))
    }

    @Test("Who stood in line behind a later writer gives nothing away", arguments: [0.0, 1, 30])
    func writtenMeanwhile(seconds: Double) {
        var quota = quota(10, burst: 3)
        _ = quota.take(3, atLeast: 3, at: at(seconds))

        #expect(quota.read(writtenAt: at(seconds), at: quotaStart) == quota)
        #expect(quota.read(writtenAt: quotaStart, at: at(seconds)) == quota)
    }

    @Test("A refusal reserves nothing")
    func refusal() {
        var quota = quota(10, burst: 3)
        _ = quota.take(3, atLeast: 3, at: quotaStart)
        let before = quota

        _ = quota.take(1, atLeast: 1, at: quotaStart)

        #expect(quota == before)
    }

    @Test("As much as there is room for is granted, but not less than the least")
    func partial() {
        var quota = quota(10, burst: 10)

        #expect(quota.take(25, atLeast: 1, at: quotaStart) == .go(points: 10))
        #expect(quota.take(25, atLeast: 1, at: at(0.4)) == .go(points: 4))
        #expect(quota.take(25, atLeast: 3, at: at(0.5)) == .wait(until: at(0.7)))
        #expect(quota.take(2, atLeast: 1, at: at(10)) == .go(points: 2))
    }

    @Test("A call that costs more than the burst goes when nothing is used")
    func largerThanBurst() {
        var quota = quota(1, burst: 2)

        #expect(quota.take(5, atLeast: 5, at: quotaStart) == .go(points: 5))
        #expect(quota.take(5, atLeast: 5, at: quotaStart) == .wait(until: at(5)))
        #expect(quota.take(5, atLeast: 5, at: at(5)) == .go(points: 5))
    }

    @Test("Who waits until the named moment gets the points then", arguments: [0.3, 7, 30, 4_800_000_000])
    func namedMoment(points: Double) {
        var random = Seeded(UInt64(points * 10))
        var quota = quota(points, per: .seconds(3600), burst: 5)
        var now = quotaStart

        for _ in 0..<300 {
            let cost = Double(random.integer(1...5))
            if case .wait(let until) = quota.take(cost, atLeast: cost, at: now) {
                #expect(until > now)
                now = until
                #expect(quota.take(cost, atLeast: cost, at: now) == .go(points: cost))
            }
        }
    }

    /// Seed 1945 handed points back after the pace had gone down, and got too many.
    @Test("No window ever sees more than the burst and the rate allow", arguments: Array(0..<60) + [1945] as [UInt64])
    func neverMore(seed: UInt64) {
        var random = Seeded(seed)
        let limit = QuotaLimit(
            points: Double(random.integer(1...300)), per: .seconds(random.integer(1...60)),
            burst: Double(random.integer(1...40)))
        var run = QuotaRun(Quota(limit: limit, at: quotaStart), random: random)

        for _ in 0..<400 { run.step() }

        #expect(run.grants.count > 20)
        #expect(run.highestLevel <= limit.burst + 1e-3, "seed \(seed)")
    }

    @Test("Points handed back can be used again, once")
    func giveBack() {
        var quota = quota(10, burst: 5)
        _ = quota.take(5, atLeast: 5, at: quotaStart)

        quota.giveBack(3, takenAt: quotaStart, at: quotaStart)

        #expect(quota.take(5, atLeast: 1, at: quotaStart) == .go(points: 3))
        #expect(quota.take(1, atLeast: 1, at: quotaStart) == .wait(until: at(0.1)))
    }

    @Test("Points handed back late are worth only what has not flowed back by itself")
    func giveBackLate() {
        var quota = quota(1, burst: 10)
        _ = quota.take(10, atLeast: 10, at: quotaStart)
        _ = quota.take(5, atLeast: 5, at: at(5))

        // Without the first ten, five are used now: there is room for five, not for ten.
        quota.giveBack(10, takenAt: quotaStart, at: at(5))

        #expect(quota.take(10, atLeast: 1, at: at(5)) == .go(points: 5))
    }

    @Test("A new limit keeps what is used")
    func adopt() {
        var quota = quota(10, burst: 10)
        _ = quota.take(6, atLeast: 6, at: quotaStart)

        quota.adopt(QuotaLimit(points: 1, per: .seconds(1), burst: 8), at: quotaStart)

        #expect(quota.take(8, atLeast: 1, at: quotaStart) == .go(points: 2))
        #expect(quota.take(1, atLeast: 1, at: quotaStart) == .wait(until: at(1)))
    }

    @Test("A new limit with a smaller burst waits until the use fits")
    func adoptSmaller() {
        var quota = quota(10, burst: 10)
        _ = quota.take(10, atLeast: 10, at: quotaStart)

        quota.adopt(QuotaLimit(points: 1, per: .seconds(1), burst: 4), at: quotaStart)

        #expect(quota.take(1, atLeast: 1, at: quotaStart) == .wait(until: at(7)))
    }

    @Test("A limit that the user has set holds, with what is used, until it is given back")
    func set() {
        let told = QuotaLimit(points: 50, per: .seconds(1), burst: 50)
        var quota = quota(10, burst: 10)
        _ = quota.take(6, atLeast: 6, at: quotaStart)

        quota.choose(QuotaLimit(points: 1, per: .seconds(1), burst: 8), at: quotaStart)
        quota.adopt(told, at: quotaStart)
        #expect(quota.take(8, atLeast: 1, at: quotaStart) == .go(points: 2))

        quota.choose(nil, at: quotaStart)
        #expect(quota.limit == told)
        #expect(quota.take(100, atLeast: 1, at: quotaStart) == .go(points: 42))
    }

    @Test("A limit that allows next to nothing, or at once nearly everything, is kept without harm")
    func extremes() {
        for (points, burst) in [(1e-300, 1), (1e-300, 1e300), (1e300, 1e300)] as [(Double, Double)] {
            var quota = quota(points, per: .seconds(3600), burst: burst)
            _ = quota.take(burst, atLeast: 1, at: quotaStart)
            quota.reported(use: 1, at: quotaStart)
            quota.throttled(until: nil, least: .seconds(60), jitter: 0, at: quotaStart)
            quota.adopt(QuotaLimit(points: 1, per: .seconds(1), burst: 1), at: at(30))
            quota.giveBack(burst, takenAt: quotaStart, at: at(60))
            #expect(quota.limit.points == 1)
        }
    }

    @Test("The platform's reckoning counts when it is the higher one")
    func reportedUse() {
        var quota = quota(10, burst: 10)

        quota.reported(use: 0.6, at: quotaStart)
        #expect(quota.take(10, atLeast: 1, at: quotaStart) == .go(points: 4))
        quota.reported(use: 0.1, at: quotaStart)
        #expect(quota.take(1, atLeast: 1, at: quotaStart) == .wait(until: at(0.1)))
        #expect(quota.reportedUse == 0.1)
    }

    @Test("Use that is no number changes nothing", arguments: [Double.nan, .infinity, -.infinity])
    func reportedNonsense(use: Double) {
        var quota = quota()
        let before = quota

        quota.reported(use: use, at: quotaStart)

        #expect(quota == before)
    }

    @Test("JSON keeps all of a quota")
    func json() throws {
        var quota = quota()
        _ = quota.take(7, atLeast: 1, at: quotaStart)
        quota.throttled(until: nil, least: .seconds(60), jitter: 0.3, at: at(1))
        quota.reported(use: 0.4, at: at(2))

        #expect(try JSONDecoder().decode(Quota.self, from: JSONEncoder().encode(quota)) == quota)
    }
}

/// A quota under random use, with what was granted and not handed back.
private struct QuotaRun {
    private(set) var quota: Quota
    private var random: Seeded
    private var now = quotaStart
    private(set) var grants: [(at: Instant, points: Double)] = []

    init(_ quota: Quota, random: Seeded) {
        self.quota = quota
        self.random = random
    }

    mutating func step() {
        if random.chance(0.6) {
            let scale = random.chance(0.1) ? 30.0 : 0.2
            now = now + .microseconds(Int64(Double.random(in: 0..<scale * 1_000_000, using: &random)))
        }
        switch random.integer(0...99) {
        case 0..<86: take()
        case 86..<92:
            guard let index = grants.indices.randomElement(using: &random) else { return }
            quota.giveBack(grants[index].points, takenAt: grants[index].at, at: now)
            grants.remove(at: index)
        case 92..<96: quota.reported(use: Double.random(in: 0..<1.1, using: &random), at: now)
        default:
            let until = random.chance(0.5) ? now + .seconds(random.integer(-2...5)) : nil
            quota.throttled(until: until, least: .seconds(random.integer(1...70)), jitter: 0.5, at: now)
        }
    }

    private mutating func take() {
        let least = Double.random(in: 0.1...quota.limit.burst, using: &random)
        switch quota.take(least * Double(random.integer(1...5)), atLeast: least, at: now) {
        case .go(let points): grants.append((now, points))
        case .wait(let until):
            if random.chance(0.5) { now = until }
        }
    }

    /// The highest level of a bucket that leaks at the full rate. It stays within the burst if and only if every
    /// window of length W holds at most burst + rate × W points.
    var highestLevel: Double {
        var level = 0.0
        var highest = 0.0
        var last = quotaStart
        for grant in grants {
            let leaked = Double((grant.at - last).microseconds) / quota.limit.interval
            level = max(0, level - leaked) + grant.points
            highest = max(highest, level)
            last = grant.at
        }
        return highest
    }
}
