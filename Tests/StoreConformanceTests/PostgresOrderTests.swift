import SyncCore
import Synchronization
import Testing

@testable import StoreSQL
@testable import SyncTestKit

/// What comes while an order is being given, on a server where both are under way at once.
@Suite("Orders on PostgreSQL", .enabled(if: PostgresDatabase.server != nil))
struct PostgresOrderTests {
    private func orders(_ scene: StoreScene) throws -> any SQLStore { try #require(scene.store as? any SQLStore) }

    private func pausing(_ scene: StoreScene, during act: @escaping @Sendable () async throws -> Void) async throws {
        try await ordering(
            scene, { try $0.pause(.all, of: .first, by: "An", locked: []) == true }, during: act)
    }

    /// While an order is written and not committed yet, `act` has half a second to go past it.
    private func ordering(
        _ scene: StoreScene, _ order: @escaping @Sendable (WorkOrderTable) throws -> Bool,
        during act: @escaping @Sendable () async throws -> Void
    ) async throws {
        let store = try orders(scene)
        let mayEnd = Atomic(false)
        let (begun, begin) = AsyncStream<Void>.makeStream()
        async let ordered = store.write(.nothing, weight: 1000) { transaction in
            let isDone = try order(WorkOrderTable(transaction: transaction))
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

    @Test("An order about more accounts than the server has locks for is given all the same")
    func many() async throws {
        try await Backend.postgres.withScene { scene in
            let store = try orders(scene)
            _ = try await scene.account()
            let ids = try await store.write(.nothing, weight: 1000) { transaction in
                try transaction.sql.all(
                    """
                    INSERT INTO accounts (
                        connection_id, platform, external_id, name, currency, time_zone, created_at, updated_at)
                    SELECT connection_id, platform, 'many-' || number, name, currency, time_zone, created_at, updated_at
                    FROM accounts, generate_series(1, 12000) AS numbers(number) RETURNING id
                    """
                ) { AccountID($0.int64(0)) }
            }
            func locks() async throws -> Int64 {
                try await store.write(.accounts(ids), weight: 1000) { transaction in
                    try transaction.sql.all(
                        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
                    ) { $0.int64(0) }[0]
                }
            }
            async let first = locks()
            async let second = locks()

            let taken = try await [first, second]

            #expect(ids.count == 12_000)
            #expect(taken.allSatisfy { (2048...2100).contains($0) }, "\(taken)")
        }
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

    @Test("Of two histories that are named first at once the later one is first, alone")
    func first() async throws {
        try await Backend.postgres.withScene { scene in
            var accounts: [AccountID] = []
            for name in ["1", "2"] {
                let account = try await scene.account(name)
                accounts.append(account.id)
                _ = try await scene.job(
                    of: account, chunks: [StoreScene.listing("a")], workClass: .history, steps: [.history])
            }
            let (early, late) = (accounts[0], accounts[1])

            try await ordering(
                scene, { try $0.runFirst(early) },
                during: {
                    _ = try await orders(scene).runFirst(late)
                })

            #expect(try await orders(scene).workOrders(of: .first).first == late)
            #expect(try await orders(scene).runFirst(early))
            #expect(try await orders(scene).workOrders(of: .first).first == early)
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
