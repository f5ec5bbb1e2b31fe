import Logging
import StoreSQL
import SyncCore
import Testing

@testable import StorePostgres

@Suite("An upgrade under a running store", .enabled(if: PostgresDatabase.server != nil))
struct PostgresUpgradeTests {
    @Test(
        "from every earlier version adds what is missing, and schedules can be made",
        arguments: 1..<PostgresMigrations.released.newest)
    func fromEach(_ version: Int) async throws {
        try await PostgresDatabase.withDatabase { address in
            let steps = Array(PostgresMigrations.released.steps[..<version])
            try PostgresMigrations(steps: steps).apply(on: try PostgresConnection(address), at: address)

            let store = try await PostgresStore.open(
                address, connections: 2, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let definition = ScheduleDefinition(
                name: "s", task: .prune, recurrence: .every(.hour1), zoneName: "Etc/UTC")
            let id = try await store.add(definition, nextRunAt: nil, by: "a test")

            #expect(try await store.schedules().map(\.id) == [id])
            await store.close()
        }
    }

    @Test("is lived with when it only adds, and refused soon when it is for newer programs only, by every call then")
    func upgrades() async throws {
        try await PostgresDatabase.withDatabase { address in
            let store = try await PostgresStore.open(
                address, connections: 2, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let newer = try PostgresConnection(address)

            try newer.script("INSERT INTO schema_versions VALUES (98, 1, now())")
            try await ContinuousClock().sleep(for: .seconds(4.5))
            _ = try await store.idleJobs()
            try newer.script("INSERT INTO schema_versions VALUES (99, 99, now())")
            var refusal: StoreError?
            let begun = ContinuousClock.now
            while refusal == nil, .now - begun < .seconds(10) {
                do { _ = try await store.idleJobs() } catch let error as StoreError { refusal = error }
                try await ContinuousClock().sleep(for: .milliseconds(100))
            }

            guard let refusal, case .newerSchema(found: 99, _) = refusal else {
                Issue.record("found \(String(describing: refusal))")
                return await store.close()
            }
            await #expect(throws: refusal) { try await store.set("language", to: "vi") }
            await #expect(throws: refusal) { try await store.rescue() }
            await #expect(throws: refusal) { try await store.lastEvent() }
            await store.close()
        }
    }
}
