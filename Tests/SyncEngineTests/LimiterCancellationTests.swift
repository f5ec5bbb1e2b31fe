import SyncCore
import SyncEngine
import SyncTestKit
import Testing

private let app = QuotaKey(PlatformID("meta"), "app", "1")

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
