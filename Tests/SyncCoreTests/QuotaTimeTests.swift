import SyncCore
import Testing

@Suite("Time that points take")
struct QuotaTimeTests {
    private static let now = Instant(seconds: 1_795_000_000)
    private static let limit = QuotaLimit(points: 2, per: .seconds(1), burst: 10)

    @Test("What goes at once takes none, the rest flows at the limit's rate", arguments: [(5.0, 0), (10, 0), (30, 10)])
    func fresh(_ points: Double, _ seconds: Int) {
        let quota = Quota(limit: QuotaTimeTests.limit, at: QuotaTimeTests.now)

        #expect(quota.time(for: points, at: QuotaTimeTests.now) == .seconds(seconds))
        #expect(Quota.time(for: points, of: QuotaTimeTests.limit) == .seconds(seconds))
    }

    @Test("What is used has to flow back first, and a slower pace takes longer")
    func used() {
        var quota = Quota(limit: QuotaTimeTests.limit, at: QuotaTimeTests.now)
        quota.charge(8, at: QuotaTimeTests.now)
        #expect(quota.time(for: 10, at: QuotaTimeTests.now) == .seconds(4))
        #expect(quota.time(for: 10, at: QuotaTimeTests.now + .seconds(4)) == .zero)

        var slow = Quota(limit: QuotaTimeTests.limit, at: QuotaTimeTests.now)
        slow.pace = 0.5
        #expect(slow.time(for: 30, at: QuotaTimeTests.now) == .seconds(20))
    }

    @Test("A block is waited for")
    func blocked() {
        var quota = Quota(limit: QuotaTimeTests.limit, at: QuotaTimeTests.now)
        quota.blockedUntil = QuotaTimeTests.now + .seconds(60)

        #expect(quota.time(for: 5, at: QuotaTimeTests.now) == .seconds(60))
        #expect(quota.time(for: 30, at: QuotaTimeTests.now) == .seconds(70))
    }
}
