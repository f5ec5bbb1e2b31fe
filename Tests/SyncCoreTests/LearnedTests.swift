import SyncCore
import Testing

@Suite("Learned")
struct LearnedTests {
    @Test("Chunks that learn side by side do not undo what the other has learned")
    func sideBySide() {
        var learned = Learned(pageSize: 100, goodPages: 3, dropped: ["owner": "10"])

        for change: Learned.Change in [
            .tooBig(units: 30), .dropped(["reach"], reason: "100"), .pageSize(50), .tooBig(units: 60),
            .healed(["owner"]), .dropped(["cpp"], reason: "100"),
        ] {
            learned.take(change, at: quotaStart)
        }

        #expect(learned.ceiling == 30)
        #expect(learned.size == 15)
        #expect(learned.dropped == ["reach": "100", "cpp": "100"])
        #expect(learned.pageSize == 50)
        #expect(learned.goodPages == 0)
    }

    @Test("Before anything is learned the connector's own size is used")
    func initial() {
        #expect(Learned().units(startingAt: 7) == 7)
        #expect(Learned().units(startingAt: 0) == 1)
    }

    @Test("Fast chunks grow by half, slow ones shrink to ten seconds, and those between keep their size")
    func target() {
        var fast = Learned()
        fast.finished(units: 10, rows: 100, seconds: 0.5, at: quotaStart)
        #expect(fast.units(startingAt: 1) == 15)

        var slow = Learned()
        slow.finished(units: 10, rows: 100, seconds: 20, at: quotaStart)
        #expect(slow.units(startingAt: 1) == 5)

        var right = Learned()
        right.finished(units: 10, rows: 100, seconds: 5, at: quotaStart)
        #expect(right.units(startingAt: 1) == 10)
    }

    @Test("Growth goes on from one unit")
    func growthFromOne() {
        var learned = Learned()
        var sizes: [Int] = []

        for _ in 0..<6 {
            learned.finished(units: learned.units(startingAt: 1), rows: 10, seconds: 0.1, at: quotaStart)
            sizes.append(learned.units(startingAt: 1))
        }

        #expect(sizes == [2, 3, 4, 6, 9, 13])
    }

    @Test("A thousand equal chunks of one plan teach what one teaches", arguments: [(0.1, 15), (30, 3), (5, 10)])
    func onePlan(seconds: Double, size: Int) {
        var learned = Learned()

        for _ in 0..<1000 { learned.finished(units: 10, rows: 100, seconds: seconds, at: quotaStart) }

        #expect(learned.units(startingAt: 10) == size)
    }

    @Test("The small rest of a plan says nothing of larger chunks")
    func rest() {
        var learned = Learned(size: 30)

        learned.finished(units: 2, rows: 10, seconds: 0.1, at: quotaStart)

        #expect(learned.units(startingAt: 1) == 30)
    }

    @Test("Sizes stay finite whatever happens")
    func finite() {
        var learned = Learned()
        for _ in 0..<5000 {
            learned.finished(units: learned.units(startingAt: 1), rows: 0, seconds: 0, at: quotaStart)
        }
        #expect(learned.units(startingAt: 1) == 1_000_000)

        learned.finished(units: 1_000_000, rows: 0, seconds: 1e12, at: quotaStart)
        #expect(learned.units(startingAt: 1) == 1)
        #expect(Learned(fixedSize: .infinity).units(startingAt: 1) == 1_000_000)
    }

    @Test("A clock that was set back teaches no negative time")
    func clockSetBack() {
        var learned = Learned()

        learned.finished(units: 10, rows: 5, seconds: -3600, at: quotaStart)

        #expect(learned.seconds == 0)
        #expect(learned.worstSeconds == 0)
    }

    @Test("Too big halves, and growth stops below the size that was too big")
    func ceiling() {
        var learned = Learned()
        learned.tooBig(units: 20, at: quotaStart)
        #expect(learned.units(startingAt: 1) == 10)

        for _ in 0..<3 {
            learned.finished(units: learned.units(startingAt: 1), rows: 10, seconds: 0.1, at: quotaStart)
            #expect(learned.units(startingAt: 1) < 20)
        }
    }

    @Test("The ceiling gives way slowly, so that a passing weakness is forgotten")
    func ceilingGivesWay() {
        var learned = Learned()
        learned.tooBig(units: 20, at: quotaStart)
        var rounds = 0

        while learned.units(startingAt: 1) < 20, rounds < 100 {
            learned.finished(units: learned.units(startingAt: 1), rows: 10, seconds: 0.1, at: at(8 * 86_400))
            rounds += 1
        }

        #expect((5...30).contains(rounds))
    }

    @Test("For a week nothing near a size that was refused is tried again", arguments: [0.1, 5])
    func refused(seconds: Double) {
        var learned = Learned()
        learned.tooBig(units: 16, at: quotaStart)
        learned.tooBig(units: 8, at: quotaStart)
        var largest = 0

        for hour in 0..<160 {
            for units in [learned.units(startingAt: 30), 7] {
                learned.finished(units: units, rows: 10, seconds: seconds, at: at(Double(hour) * 3600))
            }
            largest = max(largest, learned.units(startingAt: 30))
        }

        #expect(largest < 8)
    }

    @Test("A larger chunk that was too big does not enlarge what is known")
    func tooBigNeverGrows() {
        var learned = Learned(size: 3)

        learned.tooBig(units: 40, at: quotaStart)

        #expect(learned.units(startingAt: 1) == 3)
        learned.tooBig(units: 1, at: quotaStart)
        #expect(learned.units(startingAt: 1) == 1)
    }

    @Test("A fixed size is left alone")
    func fixed() {
        var learned = Learned(fixedSize: 4)

        learned.finished(units: 4, rows: 10, seconds: 0.1, at: quotaStart)
        learned.tooBig(units: 4, at: quotaStart)

        #expect(learned.units(startingAt: 1) == 4)
    }

    @Test("Density and time are moving averages, and the worst time fades")
    func averages() throws {
        var learned = Learned()
        learned.finished(units: 2, rows: 20, seconds: 4, at: quotaStart)
        learned.finished(units: 2, rows: 40, seconds: 8, at: quotaStart)

        #expect(abs(try #require(learned.density) - 13) < 1e-9)
        #expect(abs(try #require(learned.seconds) - 5.2) < 1e-9)
        #expect(learned.worstSeconds == 8)
        learned.finished(units: 2, rows: 40, seconds: 4, at: quotaStart)
        #expect(abs(try #require(learned.worstSeconds) - 7.2) < 1e-9)
    }
}
