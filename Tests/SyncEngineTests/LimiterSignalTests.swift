import SyncCore
import SyncEngine
import SyncTestKit
import Testing

private let app = QuotaKey(PlatformID("meta"), "app", "1")
private let account = QuotaKey(PlatformID("meta"), "account", "7")

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

    @Test("What an answer told is stored when the store was not available at first")
    func busyStore() throws {
        let small = QuotaLimit(points: 60, per: .seconds(300), burst: 54)
        let world = LimiterWorld(seed: 1)

        try world.run {
            world.store.fail(5)
            try await world.limiter.absorb([.limit(account, small)])
            world.store.fail(5)
            try await world.limiter.block(app, until: world.wallClock.now + .seconds(90))
            world.store.fail(1000)
            await #expect(throws: StoreError.self) { try await world.limiter.absorb([.limit(app, small)]) }
            world.store.fail(0)
            try await world.limiter.absorb([.limit(app, small)])
        }

        #expect(world.store.quota(account)?.limit == small)
        #expect(world.store.quota(app)?.limit == small)
        #expect(world.store.quota(app)?.blockedUntil != nil)
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

    @Test("Points that were borrowed before the platform told of high use are worth nothing after it")
    func highUse() throws {
        let limit = QuotaLimit(points: 100, per: .seconds(1), burst: 100)
        let world = LimiterWorld(seed: 1, limits: [app: limit])

        let waits = try world.run {
            // Half a second's worth is borrowed with the first.
            try await world.permit(app)
            try await world.limiter.absorb([.use(app, 1)])
            let before = world.now
            try await world.permit(app)
            return world.now - before
        }

        #expect(waits >= .milliseconds(10))
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
