import SyncCore
import SyncEngine
import SyncTestKit
import Testing

private let app = QuotaKey(PlatformID("meta"), "app", "1")

@Suite("Limiter")
struct LimiterTests {
    @Test("Fifty callers together use a limit fully and never cross it", arguments: 0..<10 as Range<UInt64>)
    func neverOver(seed: UInt64) throws {
        let world = LimiterWorld(seed: seed)
        let dice = SimDice(seed: seed)

        try world.run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    let workClass = WorkClass.allCases[number % 4]
                    group.addTask {
                        try await world.callOften(app, as: workClass, until: .seconds(20), dice: dice)
                    }
                }
                try await group.waitForAll()
            }
        }

        // What is borrowed is reserved already and may be used a little later.
        #expect(world.log.highestLevel(of: LimiterWorld.limit) <= LimiterWorld.limit.burst + 0.01)
        #expect(world.log.points >= 0.98 * 600)
    }

    @Test("Callers who come and go never use more than was reserved within two seconds before")
    func uneven() throws {
        let limit = QuotaLimit(points: 20, per: .seconds(1), burst: 20)
        let world = LimiterWorld(seed: 5, limits: [app: limit])
        let dice = SimDice(seed: 5)

        try world.run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        while world.now < .seconds(120) {
                            try await world.permit(app)
                            try await world.clock.sleep(for: .milliseconds(dice.integer(0...3000)))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }

        #expect(world.log.highestLevel(of: limit) <= limit.burst + 2 * limit.points)
    }

    @Test("Below the limit a call does not cost a transaction")
    func fewTransactions() throws {
        let limit = QuotaLimit(points: 1000, per: .seconds(1), burst: 1000)
        let world = LimiterWorld(seed: 1, limits: [app: limit])

        try world.run {
            for _ in 0..<2000 {
                try await world.permit(app)
                try await world.clock.sleep(for: .milliseconds(2))
            }
        }

        #expect(world.log.entries.count == 2000)
        #expect(world.store.transactions(app) <= 10)
    }

    @Test("Classes share a contended quota by weight", arguments: 0..<3 as Range<UInt64>)
    func weights(seed: UInt64) throws {
        let world = LimiterWorld(seed: seed, limits: [app: QuotaLimit(points: 20, per: .seconds(1), burst: 1)])
        let dice = SimDice(seed: seed)

        try world.run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for workClass in WorkClass.allCases {
                    for _ in 0..<12 {
                        group.addTask {
                            try await world.callOften(app, as: workClass, until: .seconds(60), dice: dice)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }

        // Of the last fifty seconds, after everybody has joined the line and before the line runs dry.
        let settled = world.log.entries.filter { .seconds(5) < $0.at && $0.at < .seconds(55) }
        for workClass in WorkClass.allCases {
            let share = Double(settled.count { $0.workClass == workClass }) / Double(settled.count)
            #expect(abs(share - workClass.weight / 15) < 0.1 * workClass.weight / 15 + 0.005, "\(workClass)")
        }
    }

    @Test("An idle share is lent")
    func lending() throws {
        let world = LimiterWorld(seed: 3, limits: [app: QuotaLimit(points: 20, per: .seconds(1), burst: 1)])
        let dice = SimDice(seed: 3)

        try world.run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        try await world.callOften(app, as: .history, until: .seconds(30), dice: dice)
                    }
                }
                try await group.waitForAll()
            }
        }

        #expect(world.log.points >= 0.98 * 600)
    }

    @Test("A long wait is told to everybody in line, by turn, and nobody sits it out")
    func longWait() throws {
        let world = LimiterWorld(seed: 1, limits: [app: QuotaLimit(points: 1, per: .seconds(10), burst: 1)])

        let answers = try world.run {
            try await withThrowingTaskGroup(of: Limiter.Permit.self) { group in
                for _ in 0..<6 { group.addTask { try await world.permit(app) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }

        let waits = answers.compactMap { if case .later(let wait) = $0 { wait } else { nil } }
        #expect(answers.count { $0 == .go } == 1)
        #expect(waits.sorted() == [10, 19, 29, 39, 49].map { .seconds($0) })
        #expect(world.now == .zero)
    }

    @Test("A short wait is sat out")
    func shortWait() throws {
        let world = LimiterWorld(seed: 1, limits: [app: QuotaLimit(points: 1, per: .seconds(1), burst: 1)])

        try world.run {
            for _ in 0..<3 { try await world.permit(app) }
        }

        #expect(world.log.entries.map(\.at) == [.zero, .seconds(1), .seconds(2)])
    }

    @Test(
        "Nobody stands in line much longer than the patience, and the line never runs dry",
        arguments: 0..<5 as Range<UInt64>)
    func longLine(seed: UInt64) throws {
        let limit = QuotaLimit(points: 1, per: .seconds(1), burst: 2)
        let world = LimiterWorld(seed: seed, limits: [app: limit])

        let longest = try world.run {
            try await withThrowingTaskGroup(of: Duration.self) { group in
                for _ in 0..<32 {
                    group.addTask {
                        var longest: Duration = .zero
                        while world.now < .seconds(120) {
                            let asked = world.now
                            let answer = try await world.permit(app)
                            longest = max(longest, world.now - asked)
                            if case .later(let wait) = answer { try await world.clock.sleep(for: wait) }
                        }
                        return longest
                    }
                }
                return try await group.reduce(into: .zero) { $0 = max($0, $1) }
            }
        }

        #expect(longest <= .seconds(6))
        #expect(world.log.points >= 0.98 * 120)
    }

    @Test("A failing store costs a caller its answer, and the next in line borrows", arguments: 0..<20 as Range<UInt64>)
    func failingStore(seed: UInt64) throws {
        let world = LimiterWorld(seed: seed)
        world.store.fail(3)

        let granted = try world.run {
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<10 { group.addTask { (try? await world.permit(app)) == .go } }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
        }

        #expect(granted == 7)
        #expect(try world.run { try await world.permit(app) } == .go)
    }
}
