import ConnectorKit
import Connectors
import StoreSQL
import SyncCore
import SyncEngine
import SyncTestKit
import Testing

/// What a connection keeps when it is stored once more.
@Suite("A connection that is stored again")
struct StoredAgainTests {
    private static func access(_ settings: [String: String] = [:], key: String = "k") -> Access {
        Access(
            platform: ShopeeConnector.id, baseURL: "http://s",
            credential: Credential(["partner_id": Secret("1"), "partner_key": Secret(key)]),
            configuration: settings)
    }

    private static func plan(_ budget: Int) throws -> BudgetPlan {
        try BudgetPlan(json: #"{"rules":[{"all":true,"budgets":[{"budget":\#(budget)}]}]}"#)
    }

    /// What the engine knows of a world in which Shopee is known, and a shop that is stored.
    private static func shop(
        in world: EngineWorld
    ) async throws -> (control: Control, book: BudgetBook, account: Account, connection: ConnectionID) {
        var environment = try world.environment()
        environment.connectors = [ShopeeConnector.self]
        let control = Control(environment)
        let connection = try await control.store(access())
        let facts = AccountFacts(externalID: "220011", name: "Shop", currency: "VND", zoneName: "Asia/Ho_Chi_Minh")
        _ = try await control.save(facts, connection: connection)
        let book = BudgetBook(environment)
        return (control, book, try await book.account(nil), connection)
    }

    @Test("with other settings keeps its plan of budgets", arguments: ["k", "another key"])
    func plan(key: String) throws {
        let world = try EngineWorld()
        try world.prepare { world in
            let (control, book, account, connection) = try await Self.shop(in: world)
            try await book.set(Self.plan(260_000), of: account, by: "a test")

            let again = try await control.store(Self.access(["identity": "7"], key: key))

            #expect(again == connection)
            #expect(try await world.store.connection(connection)?.configuration["identity"] == "7")
            #expect(try await book.plan(of: account)?.rules == Self.plan(260_000).rules)
        }
    }

    // store:  reads ........ writes settings ........ writes the credential
    // set:            reads ........ writes the plan                          in any order
    @Test(
        "while plans of budgets are set has the newest settings and the newest plan", arguments: [true, false],
        1...20 as ClosedRange<UInt64>)
    func planMeanwhile(isSameKey: Bool, seed: UInt64) throws {
        let world = try EngineWorld(seed: seed)
        try world.prepare { world in
            let (control, book, account, connection) = try await Self.shop(in: world)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for round in 1...8 {
                        let key = isSameKey ? "k" : "k\(round)"
                        _ = try await control.store(Self.access(["identity": "\(round)"], key: key))
                    }
                }
                group.addTask {
                    for budget in 1...8 {
                        try await book.set(Self.plan(budget * 1000), of: account, by: "a test")
                        #expect(try await book.plan(of: account)?.rules == Self.plan(budget * 1000).rules)
                    }
                }
                try await group.waitForAll()
            }

            let stored = try #require(try await world.store.connection(connection))
            #expect(stored.configuration["identity"] == "8")
            #expect(try await book.plan(of: account)?.rules == Self.plan(8000).rules)
            #expect(stored.version == (isSameKey ? 1 : 9))
        }
    }
}
