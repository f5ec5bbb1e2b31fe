import SyncCore
import Synchronization
import Testing

@testable import StoreSQL
@testable import SyncTestKit

/// What comes while an order is being given, on a server where both are under way at once.
@Suite("Orders on PostgreSQL", .enabled(if: PostgresDatabase.server != nil))
struct PostgresOrderTests {
    private func orders(_ scene: StoreScene) throws -> any SQLStore { try #require(scene.store as? any SQLStore) }

    /// While an order is written and not committed yet, `act` has half a second to go past it.
    private func pausing(_ scene: StoreScene, during act: @escaping @Sendable () async throws -> Void) async throws {
        let store = try orders(scene)
        let mayEnd = Atomic(false)
        let (begun, begin) = AsyncStream<Void>.makeStream()
        async let ordered = store.write(.nothing, weight: 1000) { transaction in
            let isDone = try WorkOrderTable(transaction: transaction).pause(.all, of: .first, by: "An", locked: [])
            begin.finish()
            let end = ContinuousClock.now + .seconds(30)
            while !mayEnd.load(ordering: .acquiring), ContinuousClock.now < end {}
            return isDone
        }
        for await _ in begun {}
        async let acted: Void = act()
        try await ContinuousClock().sleep(for: .milliseconds(500))
        mayEnd.store(true, ordering: .releasing)
        try await acted
        #expect(try await ordered == true)
    }

    @Test("A job that comes meanwhile stands still, and goes on with all others")
    func enqueued() async throws {
        try await Backend.postgres.withScene { scene in
            let account = try await scene.account()

            try await pausing(scene) { _ = try await scene.job(of: account, chunks: [StoreScene.listing("a")]) }

            #expect(try await scene.claim().isEmpty)
            #expect(try await orders(scene).resume(.all, of: .first, by: "An"))
            #expect(try await scene.claim().count == 1)
        }
    }

    @Test("So does one that is tried again")
    func retried() async throws {
        try await Backend.postgres.withScene { scene in
            let job = try await scene.job(of: try await scene.account(), chunks: [StoreScene.listing("a")])
            #expect(try await scene.store.cancel(job, by: "An"))

            try await pausing(scene) { _ = try await scene.store.retry(job) }

            #expect(try await scene.claim().isEmpty)
            #expect(try await orders(scene).resume(.all, of: .first, by: "An"))
            #expect(try await scene.claim().count == 1)
        }
    }
}
