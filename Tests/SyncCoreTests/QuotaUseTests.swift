import SyncCore
import Testing

@Suite("Quota in full use")
struct QuotaUseTests {
    private let limit = QuotaLimit(points: 30, per: .seconds(1), burst: 1)

    @Test("One steady caller gets 98 % of a limit", arguments: [1.0, 3.0])
    func oneCaller(cost: Double) {
        var quota = Quota(limit: limit, at: quotaStart)
        var now = quotaStart
        var used = 0.0

        while now < at(100) {
            switch quota.take(cost, atLeast: cost, at: now) {
            case .go(let points): used += points
            case .wait(let until): now = until
            }
        }

        #expect(used >= 0.98 * 3000)
        #expect(used <= 3000 + cost)
    }

    @Test("Eight callers that compete get 98 % of it together, and none is left out")
    func eightCallers() {
        var random = Seeded(8)
        var quota = Quota(limit: limit, at: quotaStart)
        var next = Array(repeating: quotaStart, count: 8)
        var used = Array(repeating: 0.0, count: 8)

        while let now = next.min(), now < at(100) {
            // Who comes first among those who wake at the same moment is chance.
            let due = next.indices.filter { next[$0] == now }
            guard let caller = due.randomElement(using: &random) else { break }
            let cost = Double(1 + caller % 3)
            switch quota.take(cost, atLeast: cost, at: now) {
            case .go(let points):
                used[caller] += points
                next[caller] = now + .milliseconds(20)
            case .wait(let until):
                next[caller] = until
            }
        }

        #expect(used.reduce(0, +) >= 0.98 * 3000)
        #expect(used.reduce(0, +) <= 3003)
        #expect(used.allSatisfy { $0 > 0 })
    }
}
