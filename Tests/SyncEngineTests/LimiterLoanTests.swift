import SyncCore
import SyncEngine
import SyncTestKit
import Testing

private let app = QuotaKey(PlatformID("meta"), "app", "1")
private let account = QuotaKey(PlatformID("meta"), "account", "7")

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
        let told = QuotaLimit(points: 90, per: .seconds(1), burst: 90)
        let world = LimiterWorld(seed: 1)

        let (kept, given) = try world.run {
            try await world.permit(app)
            try await world.store.withQuota(app, limit: LimiterWorld.limit) { $0.choose(limit, at: $1) }
            try await world.limiter.absorb([.limit(app, told)])
            let kept = world.store.quota(app)?.limit
            // Given back, perhaps from another machine.
            try await world.store.withQuota(app, limit: LimiterWorld.limit) { $0.choose(nil, at: $1) }
            return (kept, world.store.quota(app)?.limit)
        }

        #expect(kept == limit)
        #expect(given == told)
    }

    @Test("Of quotas that nobody uses any more nothing is kept, and the latest are known")
    func forgotten() async throws {
        let world = LimiterWorld(seed: 1)
        let keys = (0..<3000).map { QuotaKey(PlatformID("meta"), "account", "\($0)") }

        let (all, latest) = try world.run {
            for key in keys[..<2047] { try await world.permit(key) }
            let all = world.limiter.latest(.max).count
            try await world.clock.sleep(for: .seconds(61))
            for key in keys[2047...] { try await world.permit(key) }
            return (all, world.limiter.latest(.max))
        }

        #expect(all == 2047)
        #expect(Set(latest) == Set(keys[2047...]))
        #expect(world.limiter.latest(2).count == 2)
    }
}
