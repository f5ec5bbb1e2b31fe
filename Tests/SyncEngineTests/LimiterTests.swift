import SyncCore
import SyncEngine
import SyncTestKit
import Synchronization
import Testing

private let app = QuotaKey(PlatformID("meta"), "app", "1")
private let account = QuotaKey(PlatformID("meta"), "account", "7")

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

@Suite("Limiter and cancellation")
struct LimiterCancellationTests {
    @Test("Who leaves the line takes nothing along and holds nobody up", arguments: 0..<50 as Range<UInt64>)
    func leavingTheLine(seed: UInt64) throws {
        let world = LimiterWorld(
            seed: seed, limits: [app: QuotaLimit(points: 1, per: .seconds(1), burst: 1)], patience: .seconds(60))

        let survivors = try world.run {
            try await withThrowingTaskGroup(of: Limiter.Permit.self) { group in
                group.addTask {
                    await withTaskGroup(of: Void.self) { doomed in
                        for _ in 0..<6 { doomed.addTask { _ = try? await world.permit(app) } }
                        try? await world.clock.sleep(for: .milliseconds(2500))
                        doomed.cancelAll()
                    }
                    return .later(.zero)
                }
                for _ in 0..<6 { group.addTask { try await world.permit(app) } }
                return try await group.reduce(into: 0) { $0 += $1 == .go ? 1 : 0 }
            }
        }

        // A point a second from the start: nobody waited for one that somebody took along.
        let moments = world.log.entries.map(\.at)
        #expect(survivors == 6)
        #expect(moments == (0..<moments.count).map { .seconds($0) })
        #expect(moments.count <= 9)
    }

    @Test("Cancelling everybody at any moment leaves a limiter that works", arguments: 0..<50 as Range<UInt64>)
    func everybody(seed: UInt64) throws {
        let world = LimiterWorld(seed: seed)
        let dice = SimDice(seed: seed)
        world.store.answer(after: .milliseconds(5))

        let answer = try world.run {
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    let workClass = WorkClass.allCases[number % 4]
                    group.addTask {
                        try? await world.callOften(app, as: workClass, until: .seconds(60), dice: dice)
                    }
                }
                try? await world.clock.sleep(for: .milliseconds(dice.integer(1...3000)))
                group.cancelAll()
            }
            return try await world.permit(app)
        }

        #expect(answer == .go)
    }

    @Test("A caller that was cancelled gets no permit, and its points go to others")
    func cancelledBefore() throws {
        let world = LimiterWorld(seed: 1)

        try world.run {
            try await world.permit(app)
            let before = world.store.transactions(app)
            await withTaskGroup(of: Void.self) { group in
                group.cancelAll()
                group.addTask {
                    await #expect(throws: CancellationError.self) { try await world.permit(app) }
                }
            }
            // Ten were borrowed: nine are left.
            for _ in 0..<9 { #expect(try await world.permit(app) == .go) }
            #expect(world.store.transactions(app) == before)
        }
    }
}

@Suite("Limiter and borrowed points")
struct LimiterLoanTests {
    @Test("Borrowed points are used within two seconds or lost", arguments: [Duration.zero, .seconds(-3600)])
    func shelfLife(step: Duration) throws {
        let world = LimiterWorld(seed: 1)

        try world.run {
            try await world.permit(app)
            // A clock on the wall that is set back does not make them good for longer.
            world.wallClock.step(by: step)
            try await world.clock.sleep(for: .milliseconds(1900))
            try await world.permit(app)
            #expect(world.store.transactions(app) == 1)
            try await world.clock.sleep(for: .milliseconds(101))
            try await world.permit(app)
            #expect(world.store.transactions(app) == 2)
        }
    }

    @Test("Points that are handed back are good no longer than before")
    func handedBackShelfLife() throws {
        let world = LimiterWorld(seed: 1)

        try world.run {
            try await world.permit(account)
            try await world.limiter.block(app, until: world.wallClock.now + .seconds(60))
            for _ in 0..<21 {
                try await world.clock.sleep(for: .milliseconds(90))
                #expect(try await world.permit(account, app) == .later(.seconds(60) - world.now))
            }
            #expect(world.store.transactions(account) == 1)
            try await world.clock.sleep(for: .milliseconds(200))
            try await world.permit(account)
            #expect(world.store.transactions(account) == 2)
        }
    }

    @Test("Points for a call that must wait elsewhere go back")
    func handedBack() throws {
        let world = LimiterWorld(seed: 1)

        try world.run {
            try await world.limiter.block(app, until: world.wallClock.now + .seconds(60))
            for _ in 0..<30 { #expect(try await world.permit(account, app) == .later(.seconds(60))) }
            for _ in 0..<10 { #expect(try await world.permit(account) == .go) }
        }

        #expect(world.store.transactions(account) == 1)
    }

    @Test("Points that come back serve the line while the borrower still waits", arguments: 0..<20 as Range<UInt64>)
    func handedBackToTheLine(seed: UInt64) throws {
        // One point of the account each 1.9 s; the app's next point comes after 1 s, then never.
        let world = LimiterWorld(
            seed: seed,
            limits: [account: QuotaLimit(points: 1, per: .milliseconds(1900), burst: 1)])

        let served = try world.run {
            try await world.limiter.block(app, until: world.wallClock.now + .seconds(1))
            return try await withThrowingTaskGroup(of: Duration?.self) { group in
                group.addTask {
                    await withTaskGroup(of: Void.self) { doomed in
                        // Holds the account's point and waits for the app.
                        doomed.addTask { _ = try? await world.permit(account, app) }
                        try? await world.clock.sleep(for: .milliseconds(500))
                        doomed.cancelAll()
                    }
                    return nil
                }
                for _ in 0..<2 {
                    group.addTask {
                        try await world.clock.sleep(for: .milliseconds(100))
                        try await world.permit(account)
                        return world.now
                    }
                }
                return try await group.reduce(into: [Duration]()) { if let moment = $1 { $0.append(moment) } }
            }
        }

        #expect(served == [.milliseconds(500), .milliseconds(1900)])
    }

    @Test("A limit that the user has set is taken over by a quota that exists, and not changed by the platform")
    func pinned() async throws {
        let limit = QuotaLimit(points: 5, per: .seconds(1), burst: 2)
        let world = LimiterWorld(seed: 1, limits: [app: limit], pinned: ["app"])

        try world.run {
            try await world.store.withQuota(app, limit: LimiterWorld.limit) { _, _ in }
            try await world.permit(app)
            try await world.limiter.absorb([.limit(app, LimiterWorld.limit)])
        }

        #expect(world.store.quota(app)?.limit == limit)
    }
}

@Suite("Limiter and what answers tell")
struct LimiterSignalTests {
    @Test("A stated block is waited for by nobody, whatever was borrowed before")
    func blocked() throws {
        let world = LimiterWorld(seed: 1)

        try world.run {
            try await world.permit(app)
            let length = try await world.limiter.block(app, until: world.wallClock.now + .seconds(90))
            #expect(length == .seconds(90))
            #expect(try await world.permit(app) == .later(.seconds(90)))
            try await world.clock.sleep(for: .seconds(90))
            #expect(try await world.permit(app) == .go)
        }
    }

    @Test("An unexplained block lasts as long as the platform's least, and answers under way do not extend it")
    func unexplained() throws {
        let world = LimiterWorld(seed: 1, leastBlock: .seconds(40))

        try world.run {
            let first = try await world.limiter.block(app, until: nil)
            #expect(.seconds(40) <= first && first < .seconds(50))
            try await world.clock.sleep(for: .seconds(1))
            #expect(try await world.limiter.block(app, until: nil) == first - .seconds(1))
            try await world.limiter.absorb([.blocked(app, until: nil)])
            #expect(try await world.permit(app) == .later(first - .seconds(1)))
        }
        #expect(world.store.quota(app)?.strikes == 1)
    }

    /// Borrower:  take ----------------(answer under way)---------------- receive
    /// Other:               throttled, blocks
    @Test("Points that are on their way when a block begins are not used", arguments: 0..<20 as Range<UInt64>)
    func blockedOnTheWay(seed: UInt64) throws {
        let world = LimiterWorld(seed: seed)
        world.store.answer(after: .milliseconds(100))

        let answer = try world.run {
            async let permit = world.permit(app)
            try await world.clock.sleep(for: .milliseconds(50))
            world.store.answer(after: .zero)
            try await world.limiter.block(app, until: world.wallClock.now + .seconds(30))
            return try await permit
        }

        #expect(answer == .later(.milliseconds(29_950)))
    }

    @Test("Points that come back after a block began are not used")
    func handedBackAfterBlock() throws {
        let world = LimiterWorld(seed: 1)

        try world.run {
            try await world.limiter.block(app, until: world.wallClock.now + .seconds(1))
            await withTaskGroup(of: Void.self) { group in
                group.addTask { _ = try? await world.permit(account, app) }
                try? await world.clock.sleep(for: .milliseconds(200))
                _ = try? await world.limiter.block(account, until: world.wallClock.now + .seconds(60))
                group.cancelAll()
            }
            #expect(try await world.permit(account) == .later(.seconds(60)))
        }
    }

    @Test("Use is written at most once a second, and only when it moved")
    func use() throws {
        let world = LimiterWorld(seed: 1)

        try world.run {
            for step in 0..<100 {
                try await world.limiter.absorb([.use(app, Double(step) * 0.005)])
                try await world.clock.sleep(for: .milliseconds(50))
            }
        }

        #expect((4...6).contains(world.store.transactions(app)))
        #expect(abs((world.store.quota(app)?.reportedUse ?? 0) - 0.4) < 0.05)
    }

    @Test("A limit that the platform tells is taken over once")
    func limit() throws {
        let world = LimiterWorld(seed: 1)
        let told = QuotaLimit(points: 5, per: .seconds(1), burst: 2)

        try world.run {
            for _ in 0..<10 { try await world.limiter.absorb([.limit(app, told)]) }
        }

        #expect(world.store.quota(app)?.limit == told)
        #expect(world.store.transactions(app) == 1)
    }
}
