import SyncCore
import Testing

@Suite("Backoff")
struct BackoffTests {
    @Test("The bound doubles from two seconds to a minute and stays there")
    func bounds() {
        let backoff = Backoff()

        let bounds = (0..<8).map { backoff.delay(attempt: $0, jitter: 1).inSeconds.rounded() }

        #expect(bounds == [2, 4, 8, 16, 32, 60, 60, 60])
        #expect(backoff.delay(attempt: 1000, jitter: 0.5) <= .seconds(60))
    }

    @Test("The whole range from a tenth of the bound is drawn")
    func jitter() {
        let backoff = Backoff(base: .seconds(10), cap: .seconds(100))

        #expect(backoff.delay(attempt: 0, jitter: 0) == .seconds(1))
        #expect(backoff.delay(attempt: 0, jitter: 0.5) == .seconds(5.5))
        #expect(backoff.delay(attempt: 0, jitter: 0.999) < .seconds(10))
    }
}

@Suite("RetryBudget")
struct RetryBudgetTests {
    @Test("Retries are spent down to nothing, and ten calls pay for one more")
    func spending() {
        var budget = RetryBudget()

        #expect((0..<40).count { _ in budget.spend() } == 30)
        for _ in 0..<9 { budget.called() }
        #expect(budget.spend() == false)
        budget.called()
        #expect(budget.spend() == true)
        #expect(budget.spend() == false)
    }

    @Test("When every call fails, retries add a tenth to the load")
    func outage() {
        var budget = RetryBudget()
        var retries = 0

        for _ in 0..<10_000 {
            budget.called()
            if budget.spend() { retries += 1 }
        }

        #expect((1000...1031).contains(retries))
    }

    @Test("No more than the limit is saved up")
    func saving() {
        var budget = RetryBudget(share: 1, limit: 3)

        for _ in 0..<100 { budget.called() }

        #expect((0..<10).count { _ in budget.spend() } == 3)
    }
}

@Suite("Concurrency")
struct ConcurrencyTests {
    private let start = Instant(seconds: 1_000_000)

    @Test("It begins with five, or with the cap when that is less")
    func beginning() {
        #expect(Concurrency(cap: 50).slots == 5)
        #expect(Concurrency(cap: 3).slots == 3)
        #expect(Concurrency(startingAt: 1, cap: 50).slots == 1)
    }

    @Test("It grows by one per round of calls, up to the cap")
    func growth() {
        var concurrency = Concurrency(cap: 8)

        for _ in 0..<6 { concurrency.succeeded(inFlight: concurrency.slots) }
        #expect(concurrency.slots == 6)
        for _ in 0..<1000 { concurrency.succeeded(inFlight: concurrency.slots) }
        #expect(concurrency.slots == 8)
    }

    @Test("It does not grow while nobody uses what there is")
    func idle() {
        var concurrency = Concurrency(cap: 50)

        for _ in 0..<1000 { concurrency.succeeded(inFlight: 2) }

        #expect(concurrency.slots == 5)
    }

    @Test("It is halved once for all calls that see the same overload, and keeps one slot")
    func overload() {
        var concurrency = Concurrency(startingAt: 16, cap: 50)

        for _ in 0..<16 { concurrency.overloaded(at: start) }
        #expect(concurrency.slots == 8)
        concurrency.overloaded(at: start + .seconds(9))
        #expect(concurrency.slots == 8)
        for round in 1...10 { concurrency.overloaded(at: start + .seconds(round * 10)) }
        #expect(concurrency.slots == 1)
    }
}

@Suite("FairQueue")
struct FairQueueTests {
    private func popped(_ queue: inout FairQueue<WorkClass>, _ count: Int) -> [WorkClass: Int] {
        var counts: [WorkClass: Int] = [:]
        for _ in 0..<count {
            if let next = queue.pop() { counts[next, default: 0] += 1 }
        }
        return counts
    }

    @Test("Classes that all wait share by weight")
    func weights() {
        var queue = FairQueue<WorkClass>()
        for _ in 0..<100 {
            for workClass in WorkClass.allCases { _ = queue.push(workClass, workClass: workClass, cost: 1) }
        }

        #expect(popped(&queue, 150) == [.interactive: 80, .recent: 40, .incremental: 20, .history: 10])
    }

    @Test("A dear element counts as many cheap ones")
    func costs() {
        var queue = FairQueue<String>()
        for _ in 0..<20 { _ = queue.push("dear", workClass: .interactive, cost: 8) }
        for _ in 0..<20 { _ = queue.push("cheap", workClass: .history, cost: 1) }

        let order = (0..<20).compactMap { _ in queue.pop() }

        #expect(order.count { $0 == "dear" } == 10)
    }

    @Test("Elements of one class keep their order")
    func order() {
        var queue = FairQueue<Int>()
        for number in 0..<50 { _ = queue.push(number, workClass: .recent, cost: Double(1 + number % 3)) }

        #expect((0..<50).compactMap { _ in queue.pop() } == Array(0..<50))
    }

    @Test("An idle share is lent, and not claimed afterwards")
    func lending() {
        var queue = FairQueue<WorkClass>()
        for _ in 0..<200 { _ = queue.push(.history, workClass: .history, cost: 1) }
        #expect(popped(&queue, 100) == [.history: 100])

        for _ in 0..<100 { _ = queue.push(.recent, workClass: .recent, cost: 1) }

        #expect(popped(&queue, 50) == [.recent: 40, .history: 10])
    }

    @Test("A class that was idle is not put behind those who worked meanwhile")
    func comingBack() {
        var queue = FairQueue<WorkClass>()
        for _ in 0..<500 {
            _ = queue.push(.interactive, workClass: .interactive, cost: 1)
            _ = queue.pop()
        }
        _ = queue.push(.history, workClass: .history, cost: 1)
        for _ in 0..<20 { _ = queue.push(.interactive, workClass: .interactive, cost: 1) }

        #expect(popped(&queue, 9)[.history] == 1)
    }

    @Test("An element that is taken out is gone, and its class does not pay for it")
    func removal() {
        var queue = FairQueue<String>()
        let ids = (0..<100).map { queue.push("left \($0)", workClass: .history, cost: 1) }
        for id in ids { #expect(queue.remove(id: id) != nil) }
        #expect(queue.remove(id: ids[0]) == nil)
        #expect(queue.isEmpty)

        _ = queue.push("history", workClass: .history, cost: 1)
        for _ in 0..<20 { _ = queue.push("recent", workClass: .recent, cost: 1) }

        #expect((0..<5).compactMap { _ in queue.pop() }.contains("history"))
    }

    @Test("Taking one out of the middle leaves the others in order")
    func removalInTheMiddle() {
        var queue = FairQueue<Int>()
        let ids = (0..<5).map { queue.push($0, workClass: .recent, cost: 1) }

        #expect(queue.remove(id: ids[2]) == 2)

        #expect(queue.count == 4)
        #expect(queue.first == 0)
        #expect((0..<5).compactMap { _ in queue.pop() } == [0, 1, 3, 4])
        #expect(queue.pop() == nil)
    }

    @Test("Shortening sends away who would wait for too many points, by the order of service")
    func shortening() {
        var queue = FairQueue<String>()
        for number in 0..<3 { _ = queue.push("history \(number)", workClass: .history, cost: 2) }
        for number in 0..<3 { _ = queue.push("interactive \(number)", workClass: .interactive, cost: 2) }

        let away = queue.shorten(to: 8.5)

        #expect(away.map(\.element) == ["history 1", "history 2"])
        #expect(away.map(\.points) == [10, 12])
        #expect(queue.count == 4)
        #expect(queue.shorten(to: 8).isEmpty)
        #expect(queue.first == "interactive 0")
    }

    @Test("Emptying gives everybody in the order of service and forgets the past")
    func emptying() {
        var queue = FairQueue<String>()
        for number in 0..<3 { _ = queue.push("history \(number)", workClass: .history, cost: 1) }
        for number in 0..<3 { _ = queue.push("interactive \(number)", workClass: .interactive, cost: 1) }

        let all = queue.removeAll()

        #expect(
            all == ["interactive 0", "interactive 1", "interactive 2", "history 0", "history 1", "history 2"])
        #expect(queue.isEmpty)
        _ = queue.push("history", workClass: .history, cost: 1)
        for _ in 0..<9 { _ = queue.push("recent", workClass: .recent, cost: 1) }
        #expect((0..<5).compactMap { _ in queue.pop() }.contains("history"))
    }
}
